"""Using autoencoders: photographs without noise, pictures as codes, what is unlike the rest.

    clean = olhar.denoise(photo.image)
    codes = olhar.autoencode.encode(images, "runs/digits")
    scores = olhar.autoencode.anomaly_scores(images, "runs/digits")

A denoiser takes a photograph in tiles that overlap by as much as matters, so memory does not grow
with the photograph. Cost: 12 megapixels take some 20 seconds on one core with bfloat16.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, TypeAlias, cast

import numpy as np
import torch
from torch import Tensor

from olhar.autoencode.denoiser import Denoiser
from olhar.autoencode.network import Autoencoder, from_tensors
from olhar.data.squares import Fit, fit_of, squared
from olhar.errors import OlharError
from olhar.look.plane import Plane
from olhar.nets.engine import run
from olhar.nets.linalg import components
from olhar.nets.model import loaded
from olhar.nets.precision import fast_dtype

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

KINDS = {"autoencoder": from_tensors}
CORE = 640
"""Side of the tiles, in pixels."""
MARGIN = 64
"""Pixels around a tile that the network sees and that are thrown away: more would not be seen."""
_AT_ONCE = 64


@dataclass(frozen=True, kw_only=True)
class Model:
    """A network that is ready to be used."""

    network: Autoencoder | Denoiser
    fit: Fit = "crop"
    """What becomes of pictures that are no squares."""
    usual: float | None = None
    """The error that 99 of 100 of the pictures that measured it stay below."""

    @property
    def device(self) -> torch.device:
        """Where it computes."""
        return next(self.network.parameters()).device


Source: TypeAlias = str | os.PathLike[str] | Model
"""A run folder, a file, the name of a model, or a model from `load`."""


def load(name: Source, device: str | None = None) -> Model:
    """Load an autoencoder or a denoiser.

    Args:
        name: a run folder, a `.safetensors` file or the name of a model; a model is passed through.
        device: where it computes; the fastest of this machine if left out.

    Raises:
        OlharError: if there is no such model, or it is of another kind.
    """
    if isinstance(name, Model):
        return name
    card, network = loaded(name, KINDS, device=device)
    measured: Any = next(iter(card.metrics.values()), None)
    known = cast("dict[str, Any]", measured if isinstance(measured, dict) else {})
    found = known.get("error_p99")
    usual = found if isinstance(found, float) else None
    return Model(network=network, fit=fit_of(card), usual=usual)


def denoise(
    image: Tensor,
    model: Source = "denoiser",
    strength: float = 1.0,
    *,
    device: str | None = None,
) -> Tensor:
    """Take the noise off a photograph; nobody has to say how much there is.

    Args:
        image: (3, H, W), of any size, in [0, 1] or beyond: clip nothing that is not clipped.
        model: a denoiser (see `load`).
        strength: 0 leaves the image as it is, 1 takes away all that the network takes for noise.
        device: see `load`.

    Returns:
        (3, H, W) in [0, 1] on the CPU; of a grey image grey.

    Raises:
        OlharError: if the image has another shape, the strength is out of range, there is no such
            model, or it is no denoiser.

    Example:
        >>> denoise(torch.rand(3, 40, 50)).shape
        torch.Size([3, 40, 50])
    """
    shape = tuple(image.shape)
    if image.ndim != 3 or shape[0] != 3 or 0 in shape or not image.is_floating_point():
        raise OlharError(
            f"the image has shape {shape} and {image.dtype}; it must be (3, H, W), floating point"
        )
    if not 0 <= strength <= 1:
        raise OlharError(f"strength is {strength}; it must be a number from 0 to 1")
    used = load(model, device)
    if not isinstance(used.network, Denoiser):
        raise OlharError(
            f"this autoencoder has a code of {used.network.latent} numbers, which is not enough "
            "for a photograph; train one with --architecture denoiser"
        )
    image = image.detach().float().cpu()
    result = torch.empty_like(image)
    for inner, outer in tiles(shape[1], shape[2]):
        top, left = inner[0].start - outer[0].start, inner[1].start - outer[1].start
        height, width = (part.stop - part.start for part in inner)
        made = _denoised(used.network, image[:, outer[0], outer[1]], used.device)
        result[:, inner[0], inner[1]] = made[:, top : top + height, left : left + width]
    if torch.equal(image[0], image[1]) and torch.equal(image[0], image[2]):
        result[:] = result.mean(0)
    return result.clamp_(0, 1).lerp_(image, 1 - strength).clamp_(0, 1)


@torch.inference_mode()
def _denoised(network: Denoiser, tile: Tensor, device: torch.device) -> Tensor:
    return run(network, "denoiser", partial(cleaned, network), tile[None].to(device))[0].cpu()


def cleaned(network: Denoiser, batch: Tensor) -> Tensor:
    """(N, 3, H, W) without noise, computed in what is fast on its device; not clipped."""
    batch = batch.contiguous(memory_format=torch.channels_last)
    fast = fast_dtype(str(batch.device))
    with torch.autocast(batch.device.type, fast, enabled=fast != torch.float32):
        return network(batch).float()


def tiles(height: int, width: int) -> Iterator[tuple[tuple[slice, slice], tuple[slice, slice]]]:
    """Parts that cover an image once, and what the network sees for each.

    All begin at multiples of 8, so every tile has the grid that the whole image would have; with a
    margin as wide as the network's `reach` a pixel comes out as if there were no tiles.

    >>> [(inner[1], outer[1]) for inner, outer in tiles(8, 900)]
    [(slice(0, 640, None), slice(0, 704, None)), (slice(640, 900, None), slice(576, 900, None))]
    """

    def cut(side: int) -> list[tuple[slice, slice]]:
        return [
            (
                slice(start, min(side, start + CORE)),
                slice(max(0, start - MARGIN), min(side, start + CORE + MARGIN)),
            )
            for start in range(0, side, CORE)
        ]

    for down, seen_down in cut(height):
        for across, seen_across in cut(width):
            yield (down, across), (seen_down, seen_across)


def prepared(images: Tensor | Sequence[Tensor], model: Source) -> Tensor:
    """Images as an autoencoder sees them.

    Args:
        images: (N, 3, H, W), or N images (3, H, W) of any sizes, in [0, 1].
        model: see `load`.

    Returns:
        (N, 3, S, S).
    """
    used, network = coder(model)
    if isinstance(images, Tensor) and images.shape[2:] == (network.size, network.size):
        return images
    return stacked([squared(image, network.size, used.fit) for image in images])


def stacked(pixels: Sequence[NDArray[np.uint8]]) -> Tensor:
    """N pictures (S, S, 3) in 8 bits to (N, 3, S, S) in [0, 1]."""
    return torch.from_numpy(np.stack(pixels)).permute(0, 3, 1, 2).float() / 255


def encode(images: Tensor | Sequence[Tensor], model: Source) -> Tensor:
    """Say pictures in a few numbers.

    Args:
        images: (N, 3, H, W), or N images (3, H, W) of any sizes, in [0, 1].
        model: a dense or convolutional autoencoder (see `load`).

    Returns:
        (N, latent), on the CPU.

    Raises:
        OlharError: if there is no such model, or it has no code.
    """
    used, network = coder(model)
    parts = _parts(prepared(images, used))
    with torch.inference_mode():
        codes = [run(network, "encoder", network.encode, part.to(used.device)) for part in parts]
        return torch.cat([each.float().cpu() for each in codes])


def decode(codes: Tensor, model: Source) -> Tensor:
    """Draw the pictures that codes stand for.

    Args:
        codes: (N, latent).
        model: see `encode`.

    Returns:
        (N, 3, S, S) in [0, 1], on the CPU.

    Raises:
        OlharError: if the codes have another length, or as `encode`.
    """
    used, network = coder(model)
    if codes.ndim != 2 or codes.shape[1] != network.latent:
        raise OlharError(
            f"codes have shape {tuple(codes.shape)}; this model's are (N, {network.latent})"
        )
    with torch.inference_mode():
        parts = [part.to(used.device) for part in _parts(codes)]
        made = [run(network, "decoder", network.decode, part).cpu() for part in parts]
    return torch.cat(made).clamp(0, 1)


def reconstruct(images: Tensor | Sequence[Tensor], model: Source) -> Tensor:
    """What is left of pictures after their code: (N, 3, S, S) in [0, 1]; see `encode`."""
    used, _ = coder(model)
    return decode(encode(images, used), used)


def anomaly_scores(images: Tensor | Sequence[Tensor], model: Source) -> Tensor:
    """How badly an autoencoder says pictures: those that are unlike what it learned, badly.

    Args:
        images: as for `encode`.
        model: as for `encode`.

    Returns:
        (N,) root of the mean squared error of the pixels, which are in [0, 1].

    Raises:
        OlharError: as `encode`.
    """
    used, _ = coder(model)
    seen = prepared(images, used)
    return (reconstruct(seen, used) - seen).square().mean((1, 2, 3)).sqrt()


def plane(images: Tensor | Sequence[Tensor], model: Source, classes: Sequence[str] = ()) -> Plane:
    """Project the codes of pictures to the plane in which they differ most.

    Args:
        images: as for `encode`.
        model: as for `encode`.
        classes: the name of the class of each, if there are classes.

    Raises:
        OlharError: as `encode`.
    """
    return Plane(points=components(encode(images, model)), classes=tuple(classes))


def _parts(values: Tensor) -> list[Tensor]:
    return [values[start : start + _AT_ONCE] for start in range(0, len(values), _AT_ONCE)]


def coder(model: Source) -> tuple[Model, Autoencoder]:
    """As `load`, of a model that has a code.

    Raises:
        OlharError: if there is no such model, or it is a denoiser.
    """
    used = load(model)
    if isinstance(used.network, Denoiser):
        raise OlharError(
            "a denoiser has no code; use a model trained with --architecture conv or dense"
        )
    return used, used.network
