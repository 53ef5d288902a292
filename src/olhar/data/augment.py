"""Augmentation: pictures as they might as well have been taken.

Every choice is a function of (seed, epoch, index): an example looks the same in any batch, on any
number of processes and after any resume. A view is made on the device of its pictures in three
steps: `geometry` (where each pixel comes from, sampled once), `photometry` (colour as one matrix
per picture, erasing) and, for pairs of examples, `mixing`.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Annotated, Literal

import torch

from olhar.data.geometry import as_float, place, placement, square
from olhar.data.photometry import Light, Rectangles, erase, hidden, light, recolor
from olhar.fields import Advanced, Within, check

if TYPE_CHECKING:
    from torch import Tensor

    from olhar.data.random import Draws

_IN_CACHE = 2**17
"""How many pixels of views a core of a CPU takes through all steps before it takes the next."""


@dataclass(frozen=True, kw_only=True)
class Augment:
    """How the pictures of a training are varied."""

    crop: Annotated[float, Within(0.01, 1)] = 1.0
    """crop at random, to this share at least"""
    stretch: Annotated[float, Within(1, 4), Advanced()] = 1.0
    """change the aspect ratio by up to this factor, as 1.33; 1 keeps it"""
    shift: Annotated[int, Within(0, 128), Advanced()] = 0
    """move by up to this many pixels, the edges reflected"""
    mirror: Literal["off", "random", "alternate"] = "off"
    """swap left and right, at random or every second epoch"""
    rotate: Annotated[float, Within(0, 180)] = 0.0
    """turn by up to so many degrees either way"""
    color: Annotated[float, Within(0, 1)] = 0.0
    """change colours by up to this; 0.4 is much"""
    hue: Annotated[float, Within(0, 180), Advanced()] = 0.0
    """turn colours by up to this many degrees of the colour wheel: 36 is much"""
    erase: Annotated[float, Within(0, 1), Advanced()] = 0.0
    """how often a rectangle of a picture is hidden, as a probability"""
    mixup: Annotated[float, Within(0, 10), Advanced()] = 0.0
    """lay two pictures over each other; 0.2 mixes little, 1 evenly (the alpha of mixup)"""
    cutmix: Annotated[float, Within(0, 10), Advanced()] = 0.0
    """set a piece of another picture in; 1 has pieces of all sizes (the alpha of cutmix)"""

    def __post_init__(self) -> None:
        check(self)

    def __bool__(self) -> bool:
        """Whether anything is varied."""
        return any(getattr(self, field.name) != field.default for field in fields(self))

    @property
    def mixes(self) -> bool:
        """Whether examples are mixed, so that targets become shares of classes."""
        return self.mixup > 0 or self.cutmix > 0


def augment(images: Tensor, settings: Augment, draws: Draws, size: int) -> Tensor:
    """Varied views of pictures; all of `Augment` but mixing, which takes pairs.

    Cost on one core at 128 x 128: about 0.1 ms for crops and mirroring, 0.5 ms with rotation and
    colour.

    Args:
        images: (N, 3, H, W), uint8 or float in [0, 1]; fastest as uint8 with channels last. Of a
            picture that is no square, the middle counts.
        settings: what is varied, and how much.
        draws: the random numbers of these N examples.
        size: side S of the views, in pixels.

    Returns:
        (N, 3, S, S) float32 in [0, 1], on the device of `images`, in any memory format.
    """
    if not len(images):
        return torch.empty((0, 3, size, size), device=images.device)
    images = square(images)
    where = placement(settings, draws, images.shape[3])
    colors = light(settings.color, settings.hue, draws) if settings.color or settings.hue else None
    erased = hidden(settings.erase, draws) if settings.erase else None
    step = len(images)
    if images.device.type == "cpu" and (settings.rotate or colors or erased):
        step = max(1, _IN_CACHE // size**2) * torch.get_num_threads()
    views: list[Tensor] = []
    for start in range(0, len(images), step):
        part = slice(start, start + step)
        view = place(images[part], where.part(part), settings, size)
        if colors or erased or settings.mixes:  # which are many times slower with channels last
            view = view.contiguous()
        view = as_float(view)
        if colors:
            view = recolor(view, Light(*(each[part] for each in colors)))
        if erased:
            view = erase(view, Rectangles(*(each[part] for each in erased)))
        views.append(view)
    return views[0] if len(views) == 1 else torch.cat(views)
