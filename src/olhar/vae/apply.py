"""Making pictures: new ones, ones between two, and old ones through the latents.

    sheet = olhar.vae.generate("runs/digits", count=64, seed=0)
    sheet.save("grid.png")

What is drawn is the mean of p(x|z), the expected picture, without the noise that the likelihood
allows each pixel. Pictures have the size that the model was trained on.
"""

from __future__ import annotations

import math
import os
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

import torch
from torch import Tensor

from olhar import hub
from olhar.data.geometry import as_float
from olhar.data.squares import Fit, fit_of, squared
from olhar.errors import OlharError
from olhar.media.files import shown
from olhar.media.image import WRITABLE, write
from olhar.media.mark import Mark
from olhar.media.video import WRITABLE_VIDEO_SUFFIXES, write_video
from olhar.nets.engine import run
from olhar.nets.model import loaded
from olhar.vae.network import VAE, from_tensors
from olhar.vae.sheet import enlarged, grid

if TYPE_CHECKING:
    from collections.abc import Sequence

KINDS = {"vae": from_tensors}
_AT_ONCE = 64
_MOST = 10_000  # pictures in a sheet or a film
_SEEDS = 2**63 - 1
_FILM = 256  # least side of a film, in pixels
_SECONDS = 4  # that a film takes from one picture to the other


@dataclass(frozen=True, kw_only=True)
class Model:
    """A network that is ready to be used."""

    network: VAE
    fit: Fit = "crop"
    """What becomes of pictures that are no squares: crop, pad or stretch."""
    mark: Mark = Mark(deed="generated")  # noqa: RUF009  frozen
    """What its pictures say of themselves when they are written."""

    @property
    def device(self) -> torch.device:
        """Where it computes."""
        return next(self.network.parameters()).device


Source: TypeAlias = str | os.PathLike[str] | Model
"""A run folder, a file, the name of a model, or a model from `load`."""


@dataclass(frozen=True, kw_only=True)
class Sheet:
    """Pictures that belong together."""

    pictures: Tensor
    """(N, 3, S, S) in [0, 1]."""
    columns: int
    """How many to a row."""
    mark: Mark
    """What the file will say: that a machine made them, and how."""

    def save(self, path: str | os.PathLike[str]) -> Path:
        """Write all of them as one picture, or as a film if that is what the suffix says.

        The file is signed and says that a machine made it; films are MP4 or MOV.

        Raises:
            NotSigned: the file is there, but could not be signed.
            OlharError: if the suffix is of neither, or the file cannot be written.
        """
        suffix = Path(path).suffix.lower()
        if suffix in WRITABLE_VIDEO_SUFFIXES:
            frames = enlarged(self.pictures, _FILM)
            return write_video(path, frames, max(1, len(frames) / _SECONDS), mark=self.mark)
        if suffix not in WRITABLE:
            raise OlharError(
                f"{shown(path)} cannot be written: give a name that ends in .png or another kind "
                "of picture, or in .mp4"
            )
        return write(path, grid(self.pictures, self.columns), mark=self.mark)


def load(name: Source, device: str | None = None) -> Model:
    """Load a variational autoencoder.

    Args:
        name: a run folder, a `.safetensors` file or the name of a model; a model is passed through.
        device: where it computes; the fastest of this machine if left out.

    Raises:
        OlharError: if there is no such model, or it is of another kind.
    """
    if isinstance(name, Model):
        return name
    card, network = loaded(name, KINDS, "this needs a vae, which olhar train vae makes", device)
    return Model(network=network, fit=fit_of(card), mark=hub.mark("generated", name))


def generate(model: Source, count: int = 64, seed: int = 0, temperature: float = 1.0) -> Sheet:
    """Make pictures from random numbers.

    Args:
        model: what makes them.
        count: how many, up to 10,000.
        seed: the same seed gives the same pictures; the first of many are those of few.
        temperature: times the deviation of what is drawn from. 1 is where the pictures lie that
            the model learned from; less is tamer and less varied. At 0 all are the picture in the
            middle, or one of ten such, where latents are a vector.

    Raises:
        OlharError: if count, seed or temperature is out of range, or there is no such model.
    """
    if not 1 <= count <= _MOST:
        raise OlharError(
            f"count is {count}; it must be from 1 to {_MOST:,}, which is a large sheet"
        )
    if not 0 <= seed <= _SEEDS:
        raise OlharError(f"seed is {seed}; it must be from 0 to {_SEEDS}")
    if not 0 <= temperature <= 10:
        raise OlharError(f"temperature is {temperature:g}; it must be from 0 to 10, and 1 is usual")
    use = load(model)
    generator = torch.Generator().manual_seed(seed)
    pictures = decoded(use, use.network.draw(count, generator, temperature))
    return Sheet(pictures=pictures, columns=math.ceil(math.sqrt(count)), mark=use.mark)


def interpolate(a: Tensor, b: Tensor, model: Source, steps: int = 9) -> Sheet:
    """Go from one picture to another through the latents.

    Args:
        a: (3, H, W) in [0, 1], of any size.
        b: the same.
        model: what makes the pictures between.
        steps: how many, with the reconstructions of `a` and `b` at the ends.

    Raises:
        OlharError: if there are fewer than 2 steps or more than 10,000, or no such model.
    """
    if not 2 <= steps <= 10_000:
        raise OlharError(
            f"steps is {steps}; it must be from 2 to 10,000: two ends and what is between"
        )
    use = load(model)
    first, last = latents([a, b], use)
    path = torch.stack([spherical(first, last, k / (steps - 1)) for k in range(steps)])
    mark = replace(use.mark, deed="interpolated")
    return Sheet(pictures=decoded(use, path), columns=steps, mark=mark)


def reconstruct(images: Tensor | Sequence[Tensor], model: Source) -> Tensor:
    """Send pictures through the latents: what the model makes of what it sees in them.

    Args:
        images: a batch (N, 3, H, W) or a list of images of any sizes, in [0, 1].
        model: what they are sent through.

    Returns:
        (N, 3, S, S) in [0, 1], at the size of the model.

    Raises:
        OlharError: if there is no such model.
    """
    use = load(model)
    return decoded(use, latents(images, use))


@torch.inference_mode()
def latents(images: Tensor | Sequence[Tensor], model: Source) -> Tensor:
    """Where pictures lie: the means of q(z|x).

    Args:
        images: as for `reconstruct`.
        model: what looks at them.

    Returns:
        (N, *shape), on the CPU.

    Raises:
        OlharError: if there is no such model.
        ValueError: if an image has another shape.
    """
    use = load(model)
    found: list[Tensor] = []
    squares = [square(image, use) for image in images]
    for start in range(0, len(squares), _AT_ONCE):
        batch = torch.stack(squares[start : start + _AT_ONCE]).to(use.device)
        means, _ = run(use.network, "encoder", partial(posterior, use.network), batch)
        found.append(means.cpu())
    return torch.cat(found)


def posterior(network: VAE, images: Tensor) -> tuple[Tensor, Tensor]:
    """Mean and deviation of each latent of images (N, 3, S, S)."""
    found = network.encode(network.values(images))
    return found.mean, found.log_scale.exp()


def square(image: Tensor, model: Model) -> Tensor:
    """(3, H, W) -> (3, S, S), brought to the model's size as its training did it."""
    if image.ndim != 3 or image.shape[0] != 3:
        raise ValueError(f"an image is (3, H, W), and this is {tuple(image.shape)}")
    pixels = torch.from_numpy(squared(image, model.network.size, model.fit).copy())
    return as_float(pixels.permute(2, 0, 1))


def spherical(a: Tensor, b: Tensor, share: float) -> Tensor:
    """Between two latents, along an arc (White 2016, "Sampling generative networks", section 2).

    In many dimensions the prior's draws all lie near a sphere; a straight line between two of them
    would pass its inside, where the model has learned nothing.

    Args:
        a: of any shape.
        b: of the same.
        share: 0 is `a`, 1 is `b`.
    """
    cosine: Tensor = (a * b).sum() / (a.square().sum() * b.square().sum()).sqrt().clamp_min(1e-12)
    angle = torch.arccos(cosine.clamp(-1, 1))
    if torch.sin(angle) < 1e-4:  # on one line: there is no arc, or there are many
        return torch.lerp(a, b, share)
    return (torch.sin((1 - share) * angle) * a + torch.sin(share * angle) * b) / torch.sin(angle)


@torch.inference_mode()
def decoded(model: Model, z: Tensor) -> Tensor:
    """(N, *shape) -> (N, 3, S, S) on the CPU."""
    parts = [z[start : start + _AT_ONCE].to(model.device) for start in range(0, len(z), _AT_ONCE)]
    network = model.network
    made = [run(network, "decoder", network.mean, part).cpu() for part in parts]
    return torch.cat(made).contiguous()
