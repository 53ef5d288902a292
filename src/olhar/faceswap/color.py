"""Colours of one face for another: the new face in the light of the shot.

What is known of the colours of a face is a few numbers, the weighted statistics of its pixels; one
face takes on those of another by a map that carries the one set of numbers into the other:

- reinhard: mean and spread of each channel (Reinhard et al. 2001, "Color transfer between
  images").
- transport: mean and covariance, by the linear map that moves colours least on the whole, which is
  the optimal transport between two Gaussians (Pitie and Kokaram 2007, "The linear
  Monge-Kantorovitch linear colour mapping"): for covariances A to B
  T = A^(-1/2) (A^(1/2) B A^(1/2))^(1/2) A^(-1/2).
- histogram: the quantiles of each channel, by a curve whose slope is limited.

All is done in CIE L*a*b*, in which lightness and colour are nearly decorrelated, as Reinhard's own
space intends; unlike that one it has no logarithm to blow up what is dark. Numbers rather than maps
are what a film averages over time: see `Steady`.

Cost: 3 ms for a face of 128 pixels.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
import torch.nn.functional as F

from olhar.media.color import lab_to_srgb, srgb_to_lab
from olhar.nets.linalg import eigh, power

if TYPE_CHECKING:
    from torch import Tensor

    from olhar.faceswap.settings import Palette

_NOISE = 2.0  # in units of L*a*b*, squared: below this a spread says nothing
_SHRUNK, _GROWN = 0.35, 2.0  # by which contrast may shrink and grow; what grows shows its flaws
_STEPS = 33  # quantiles
_SUDDEN = 4.0  # in units of L*a*b*: light that has changed so much is followed at once


def statistics(image: Tensor, weights: Tensor, way: Palette) -> Tensor:
    """What is known of the colours of a face.

    Args:
        image: (3, H, W) sRGB in [0, 1].
        weights: (1, H, W) of its pixels, at least 0 and not all 0.
        way: for which map.

    Returns:
        (3, 1 + 1), (3, 1 + 3) or (3, 33): mean and spread, mean and covariance, or quantiles; (3,
        0) for none. Means of them are such numbers again.
    """
    if way == "none":
        return image.new_zeros(3, 0)
    colors = srgb_to_lab(image.float()).flatten(1)  # (3, P)
    share = weights.flatten() / weights.sum()
    if way == "histogram":
        return _quantiles(colors, share)
    mean = (colors * share).sum(1, keepdim=True)
    off = colors - mean
    if way == "reinhard":
        return torch.cat([mean, (off * off * share).sum(1, keepdim=True).sqrt()], 1)
    return torch.cat([mean, (off * share) @ off.T], 1)


def recolored(image: Tensor, own: Tensor, wanted: Tensor, way: Palette) -> Tensor:
    """A face in the colours of another.

    Args:
        image: (3, H, W) sRGB in [0, 1].
        own: its statistics.
        wanted: those that it shall have.
        way: of which map they are.

    Returns:
        (3, H, W) in [0, 1].
    """
    if way == "none":
        return image
    colors = srgb_to_lab(image.float())
    flat = colors.flatten(1)
    if way == "histogram":
        moved = torch.stack([_mapped(*each) for each in zip(flat, own, wanted, strict=True)])
    elif way == "reinhard":
        floor = _NOISE**0.5
        ratio = (wanted[:, 1:] + floor) / (own[:, 1:] + floor)
        moved = (flat - own[:, :1]) * ratio.clamp(_SHRUNK, _GROWN) + wanted[:, :1]
    else:
        moved = transport(own[:, 1:], wanted[:, 1:]).to(flat) @ (flat - own[:, :1]) + wanted[:, :1]
    return lab_to_srgb(moved.view_as(colors)).clamp_(0, 1)


def transport(own: Tensor, wanted: Tensor) -> Tensor:
    """The linear map between Gaussians of two covariances (3, 3) that moves least: (3, 3).

    Example:
        >>> transport(torch.eye(3) * 98, torch.eye(3) * 223).diagonal()
        tensor([1.5000, 1.5000, 1.5000], dtype=torch.float64)
    """
    noise = _NOISE * torch.eye(3, dtype=torch.float64, device="cpu")
    a, b = own.cpu().double() + noise, wanted.cpu().double() + noise
    root, back = power(a, 0.5), power(a, -0.5, _NOISE)
    map_ = back @ power(root @ b @ root, 0.5) @ back
    values, vectors = eigh((map_ + map_.T) / 2)
    return vectors @ torch.diag(values.clamp(_SHRUNK, _GROWN)) @ vectors.T


class Steady:
    """Numbers of a face that change slowly from frame to frame, by their names.

    What trembles is evened out; light that changes, as when a lamp is lit, is followed.

    Example:
        >>> steady = Steady()
        >>> [round(float(steady("gain", torch.tensor(x))), 2) for x in (1.0, 2.0, 2.0)]
        [1.0, 1.25, 1.44]
    """

    def __init__(self, share: float = 0.25) -> None:
        """Begin: of each new value a share is taken."""
        self._share = share
        self._values: dict[str, Tensor] = {}

    def __call__(self, name: str, value: Tensor, least: float = 0.0) -> Tensor:
        """Take the value of the next frame; the mean of it and those before, recent ones first.

        Args:
            name: of what is measured.
            value: of any shape, always the same.
            least: share of it that is taken at least, up to 1.
        """
        before = self._values.get(name)
        share = max(self._share, least)
        self._values[name] = value if before is None else torch.lerp(before, value, share)
        return self._values[name]

    def colors(self, name: str, value: Tensor, way: Palette) -> Tensor:
        """The same for `statistics`: the more the light has changed, the more of them is taken."""
        before = self._values.get(name)
        if before is None or way == "none":
            return self(name, value)
        middle = _STEPS // 2 if way == "histogram" else 0  # the median, or the mean
        step = float((value - before)[:, middle].abs().max())
        return self(name, value, min(step / _SUDDEN, 1.0))


def _quantiles(colors: Tensor, share: Tensor) -> Tensor:
    """(3, 33) of (3, P) values with weights (P,) that add up to 1."""
    steps = torch.linspace(0.005, 0.995, _STEPS, device=colors.device)
    ordered, order = colors.sort(1)
    below = share[order].cumsum(1)  # (3, P)
    at = torch.searchsorted(below, steps.expand(3, -1).contiguous())
    return ordered.gather(1, at.clamp_max(colors.shape[1] - 1))


def _mapped(values: Tensor, own: Tensor, wanted: Tensor) -> Tensor:
    """Values (P,) by the curve through pairs of quantiles; beyond the ends they are moved alike.

    Where many pixels have one value, as where a channel is clipped, the curve would be a cliff; so
    its slope is limited, and of such curves it is the one that is right in the middle.
    """
    step = own.diff()
    rise = wanted.diff().clamp(step * _SHRUNK, step * _GROWN + 1e-3)
    curve = F.pad(rise.cumsum(0), (1, 0))
    curve += (wanted - curve).median()
    place = torch.searchsorted(own.contiguous(), values.contiguous()).clamp(1, len(own) - 1)
    low, high = own[place - 1], own[place]
    share = ((values - low) / (high - low).clamp_min(1e-3)).clamp(0, 1)
    inside = torch.lerp(curve[place - 1], curve[place], share)
    return inside + (values - values.clamp(float(own[0]), float(own[-1])))
