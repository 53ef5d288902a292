"""Noise as photographs have it, drawn anew for each image from torch's random numbers.

- gaussian: of one deviation, even over [0, top]; not clipped, as in the literature;
- poisson: photons counted, from 15 to 1000 at white, evenly by their logarithm;
- salt-and-pepper: up to a fifth of the pixels black or white;
- jpeg: compressed at a quality from 10 to 95;
- camera: four times the photons and up to half of `top` of a sensor's own noise, smeared over
  neighbours as by demosaicing, clipped and compressed at a quality from 60 to 98: what a picture of
  a dark room looks like.

Cost: some 0.1 ms for an image of 64 x 64 pixels, 0.5 ms where it is compressed.
"""

from __future__ import annotations

import io
from math import log
from typing import TYPE_CHECKING

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image
from torch import Tensor

from olhar.errors import OlharError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

MIXED = ("gaussian:6", "poisson:1", "salt-and-pepper:0.5", "jpeg:1", "camera:1.5")
"""For a denoiser that shall know all of them."""
_PHOTONS = (log(15.0), log(1000.0))  # at white


def gaussian(images: Tensor, sigma: Tensor | float, generator: torch.Generator | None) -> Tensor:
    """White noise of a deviation on the scale of 0 to 255; not clipped.

    Args:
        images: (N, 3, H, W) in [0, 1].
        sigma: one for all or (N, 1, 1, 1).
        generator: on the CPU; None: torch's own.
    """
    noise = torch.randn(images.shape, generator=generator).to(images.device)
    return images + noise * (sigma / 255)


def shares(noise: Sequence[str]) -> dict[str, float]:
    """Kinds of noise and how often each comes.

    Args:
        noise: names, each perhaps with a colon and a number: how often, relative to the others.

    Raises:
        OlharError: if there is no such kind, or a number is none.

    >>> shares(["gaussian:3", "jpeg"])
    {'gaussian': 0.75, 'jpeg': 0.25}
    """
    found: dict[str, float] = {}
    for each in noise:
        name, _, number = each.partition(":")
        try:
            share = float(number or 1)
        except ValueError:
            share = -1.0
        if name not in _KINDS or not 0 < share < float("inf"):
            raise OlharError(
                f"noise is {each!r}; it can be {', '.join(_KINDS)}, each perhaps with a colon and "
                "how often it comes, relative to the others: gaussian:3 jpeg:1"
            )
        found[name] = found.get(name, 0.0) + share
    total = sum(found.values())
    return {name: share / total for name, share in found.items()}


def noisy(
    images: Tensor,
    kinds: dict[str, float],
    top: float = 55.0,
    generator: torch.Generator | None = None,
) -> Tensor:
    """Each image with a noise of its own.

    Args:
        images: (N, 3, H, W) in [0, 1].
        kinds: what `shares` gives.
        top: the highest deviation of gaussian noise, on the scale of 0 to 255.
        generator: on the CPU; None: torch's own.

    Returns:
        (N, 3, H, W), of gaussian and poisson noise also outside of [0, 1].
    """
    count = len(images)
    names = [*kinds]
    bounds = torch.tensor([*kinds.values()], dtype=torch.float64).cumsum(0)
    drawn = torch.rand(count, generator=generator, dtype=torch.float64)
    chosen = torch.bucketize(drawn, bounds[:-1], right=True)
    result = images.clone()
    for number, name in enumerate(names):
        rows = (chosen == number).nonzero()[:, 0].to(images.device)
        if len(rows):
            result[rows] = _KINDS[name](images[rows], top, generator).to(images.dtype)
    return result


def compressed(images: Tensor, qualities: Sequence[int]) -> Tensor:
    """What is left of images in [0, 1] after JPEG at a quality of 1 to 100 each."""
    levels = images.detach().float().clamp(0, 1).mul(255).round().byte().permute(0, 2, 3, 1)
    found: list[Tensor] = []
    for pixels, quality in zip(levels.cpu().numpy(), qualities, strict=True):
        file = io.BytesIO()
        Image.fromarray(np.ascontiguousarray(pixels)).save(file, "JPEG", quality=quality)
        found.append(torch.from_numpy(np.array(Image.open(file))))
    return torch.stack(found).permute(0, 3, 1, 2).to(images.device).float() / 255


def _uniform(images: Tensor, low: float, high: float, generator: torch.Generator | None) -> Tensor:
    """(N, 1, 1, 1) even over [low, high]."""
    drawn = torch.rand(len(images), 1, 1, 1, generator=generator)
    return (low + (high - low) * drawn).to(images.device)


def _gaussian(images: Tensor, top: float, generator: torch.Generator | None) -> Tensor:
    return gaussian(images, _uniform(images, 0, top, generator), generator)


def _poisson(images: Tensor, top: float, generator: torch.Generator | None) -> Tensor:  # noqa: ARG001
    white = _uniform(images, *_PHOTONS, generator).exp()
    counts = torch.poisson((images * white).clamp(min=0).cpu(), generator=generator)
    return counts.to(images.device) / white


def _salt_and_pepper(images: Tensor, top: float, generator: torch.Generator | None) -> Tensor:  # noqa: ARG001
    share = _uniform(images, 0, 0.2, generator)
    drawn = torch.rand(len(images), 1, *images.shape[2:], generator=generator).to(images.device)
    pepper, salt = drawn < share / 2, drawn > 1 - share / 2
    return images.masked_fill(pepper, 0).masked_fill(salt, 1)


def _jpeg(images: Tensor, top: float, generator: torch.Generator | None) -> Tensor:  # noqa: ARG001
    return compressed(images, _qualities(len(images), 10, 95, generator))


def _camera(images: Tensor, top: float, generator: torch.Generator | None) -> Tensor:
    own = _uniform(images, 0, top / 2 / 255, generator)
    white = _uniform(images, *_PHOTONS, generator).exp() * 4
    deviation = (own.square() + images.clamp(0, 1) / white).sqrt()  # the photons as Gaussians
    noise = torch.randn(images.shape, generator=generator).to(images.device)
    reach = _uniform(images, 0, 0.5, generator)  # of each neighbour, as of a triangle over 3 pixels
    kernel = torch.cat([reach, torch.ones_like(reach), reach], 3).view(-1, 1, 3)  # (N, 1, 3)
    kernel = kernel / kernel.square().sum(2, keepdim=True).sqrt()  # keeps the deviation
    n, c, h, w = noise.shape
    flat = noise.reshape(1, n * c, h, w)
    rows = kernel.repeat_interleave(c, 0)[:, :, None]  # (N * 3, 1, 1, 3)
    flat = F.conv2d(F.pad(flat, (1, 1, 1, 1), mode="circular"), rows, groups=n * c)
    flat = F.conv2d(flat, rows.mT, groups=n * c)
    smeared = images + flat.view(n, c, h, w) * deviation
    return compressed(smeared, _qualities(len(images), 60, 98, generator))


def _qualities(count: int, low: int, high: int, generator: torch.Generator | None) -> list[int]:
    drawn = torch.randint(low, high + 1, (count,), generator=generator)
    return [int(each) for each in drawn]


_KINDS: dict[str, Callable[[Tensor, float, torch.Generator | None], Tensor]] = {
    "gaussian": _gaussian,
    "poisson": _poisson,
    "salt-and-pepper": _salt_and_pepper,
    "jpeg": _jpeg,
    "camera": _camera,
}
