"""Colouring photographs: plausible colours for what is black and white.

    picture = olhar.colorize(photo.image)
    several = olhar.colorize.variants(photo.image, 4, seed=1)

A network sees a small copy and says what it thinks of the colours; the picture keeps its own L* at
full resolution, whatever tint it had is dropped. Colours are guesses, not facts.

Cost beside the network: 24 megapixels take some 3 seconds on one core and 12 bytes a pixel for the
result.
"""

from __future__ import annotations

import importlib
import os
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

import torch
from torch import Tensor, nn

from olhar.colorize.grid import resample
from olhar.colorize.look import Look, copy_size, look
from olhar.colorize.painter import Painter, Said
from olhar.colorize.recombine import join
from olhar.colorize.reference import Reference, recolored, transported
from olhar.colorize.sampling import check_count, sample
from olhar.colorize.settings import Colorize
from olhar.colorize.spread import spread
from olhar.errors import OlharError
from olhar.media.color import fit_gamut, lab_to_srgb, lightness, srgb_to_lab
from olhar.media.picture import resize
from olhar.nets.model import loaded

if TYPE_CHECKING:
    from collections.abc import Mapping

    from olhar.colorize.hints import Hints

Model: TypeAlias = str | os.PathLike[str] | Painter
"""The name of a model, a file, a run folder, or a painter."""
Decode: TypeAlias = Callable[[Look], tuple[Tensor, tuple[float, float]]]


def _build(module: str, tensors: Mapping[str, Tensor], **arguments: Any) -> nn.Module:
    """By `from_tensors` of a module that is not imported before it is needed."""
    return importlib.import_module(module).from_tensors(tensors, **arguments)


KINDS: dict[str, Callable[..., nn.Module]] = {
    "colorizer": partial(_build, "olhar.colorize.network"),
    "ddcolor": partial(_build, "olhar.colorize.ddcolor"),
    "eccv16": partial(_build, "olhar.colorize.eccv16"),
    "siggraph17": partial(_build, "olhar.colorize.siggraph17"),
}
"""Kind of model that is a painter to what builds it."""

_FINE = 256  # shorter side of the grid on which hints are spread
_APART = 18.0  # in units of a* and b*: colours nearer than this are one suggestion


class Suggestion(NamedTuple):
    """A colour that a place may have."""

    color: str
    """"#rrggbb", as light as the place is; fit for a `Point`."""
    probability: float
    """Of this colour and what is near it."""


def load(model: Model = "colorizer", device: str | None = None) -> Painter:
    """Load a network that colours.

    Args:
        model: its name, a `.safetensors` file or a run folder; a painter is passed through.
        device: where it computes; the fastest of this machine if left out. A painter stays where
            it is.

    Raises:
        OlharError: if there is no such model, or it is of another kind.
    """
    if not isinstance(model, (str, os.PathLike)):
        return model
    _, network = loaded(model, KINDS, f"colouring needs a {', '.join(KINDS)}", device)
    return network


def colorize(
    image: Tensor,
    model: Model = "colorizer",
    settings: Colorize | None = None,
    *,
    hints: Hints | None = None,
    reference: Tensor | None = None,
    device: str | None = None,
    **changes: Any,
) -> Tensor:
    """Colour an image.

    Args:
        image: (3, H, W) in [0, 1]; only its lightness counts.
        model: what colours it (see `load`).
        settings: vivid, saturation, ...; the defaults if not given.
        hints: what is known of the colours (`olhar.colorize.Hints`).
        reference: (3, h, w) in [0, 1], an image whose colours are taken.
        device: see `load`.
        changes: single fields of the settings, as in `colorize(photo, vivid=0.3)`.

    Returns:
        (3, H, W) in [0, 1] on the CPU, with the L* of the image.

    Raises:
        OlharError: if an image has another shape or range, a setting is out of range, there is no
            such model, or it cannot do what is asked.
    """
    settings = replace(settings or Colorize(), **changes)
    painter = load(model, device)
    return painted(image, painter, settings, decoder(painter, settings, reference), hints)


def variants(
    image: Tensor,
    count: int,
    model: Model = "colorizer",
    settings: Colorize | None = None,
    *,
    hints: Hints | None = None,
    device: str | None = None,
    **changes: Any,
) -> Iterator[Tensor]:
    """Colour an image in several ways that are about as plausible.

    Args:
        image: as for `colorize`.
        count: how many, up to 100.
        model: as for `colorize`; it must say a distribution.
        settings: as for `colorize`; `seed` chooses which variants.
        hints: as for `colorize`.
        device: as for `colorize`.
        changes: as for `colorize`.

    Returns:
        An iterator of images as `colorize` returns them. The third is the same whether there are
        three of them or ten.

    Raises:
        OlharError: as `colorize`; also if `count` is out of range or the model says one colour and
            no distribution.
    """
    check_count(count)
    settings = replace(settings or Colorize(), **changes)
    painter = load(model, device)
    decodes = [sampler(painter, settings, number) for number in range(1, count + 1)]
    return (painted(image, painter, settings, decode, hints) for decode in decodes)


def palette(
    image: Tensor,
    point: tuple[float, float],
    model: Model = "colorizer",
    settings: Colorize | None = None,
    *,
    count: int = 6,
    device: str | None = None,
    **changes: Any,
) -> list[Suggestion]:
    """Colours that one place of an image may have, the likeliest first.

    Args:
        image: as for `colorize`.
        point: x and y from 0 to 1, shares of the width and height, as in a hint.
        model: as for `colorize`; it must say a distribution.
        settings: as for `colorize`; with `vivid` rare colours count for more.
        count: at most how many.
        device: as for `colorize`.
        changes: as for `colorize`.

    Raises:
        OlharError: as `colorize`; also if the point is outside or the model has no distribution.
    """
    settings = replace(settings or Colorize(), **changes)
    painter = load(model, device)
    bins = _bins(painter, "no palette").cpu()
    x, y = point
    if not (0 <= x <= 1 and 0 <= y <= 1):
        raise OlharError(
            f"the point is {point}; x and y are shares of the width and height, 0 to 1"
        )
    _check("the image", image)
    with torch.inference_mode():
        said, light = _cropped(look(painter, lightness(image), settings))
        share = painter.log_probabilities(said, settings.vivid)[0].softmax(0).cpu()  # (Q, h, w)
    height, width = light.shape[1:]
    row, column = min(int(y * height), height - 1), min(int(x * width), width - 1)
    left, level = share[:, row, column].clone(), light[:, row, column]
    found: list[Suggestion] = []
    while len(found) < count and left.max() > 0.005:
        near = torch.cdist(bins[left.argmax()][None], bins)[0] < _APART
        mass = left * near
        ab = mass @ bins / mass.sum()
        color = lab_to_srgb(fit_gamut(torch.cat([level, ab])[:, None, None])).flatten()
        code = "".join(f"{round(255 * float(level)):02x}" for level in color.clamp(0, 1))
        found.append(Suggestion(f"#{code}", mass.sum().item()))
        left[near] = 0
    return sorted(found, key=lambda each: -each.probability)


@torch.inference_mode()
def painted(
    image: Tensor,
    painter: Painter,
    settings: Colorize,
    decode: Decode,
    hints: Hints | None = None,
) -> Tensor:
    """Colour an image by a way to decode: what `colorize` and `variants` do once all is loaded."""
    _check("the image", image)
    light = lightness(image.detach().float().cpu())
    seen = look(painter, light, settings)
    ab, extent = decode(seen)
    ab = ab * settings.saturation
    if hints:
        _check_takes_hints(painter)
        height, width = image.shape[1:]
        hints.check(height, width)
        size = copy_size(height, width, _FINE)
        answer, other = decode(look(painter, light, settings, hints))
        ab = spread(
            resample(ab, size, extent),
            resample(answer * settings.saturation, size, other),
            hints.rasterize(*size),
            resize(light / 100, size) * 100,
            settings.reach,
        )
        extent = (float(size[0]), float(size[1]))
    return join(light, ab, extent)


def decoder(painter: Painter, settings: Colorize, exemplar: Tensor | None = None) -> Decode:
    """The way from what a painter said to colours, its own or those of an exemplar.

    Returns:
        A function to (2, h, w) on the CPU, and how many of its rows and columns are the picture's.
    """
    vivid = settings.vivid

    def plain(seen: Look) -> tuple[Tensor, tuple[float, float]]:
        ab = painter.decode(seen.said, vivid)[0].float().cpu()
        return ab, seen.spans(ab)

    if exemplar is None:
        return plain
    _check("the reference", exemplar)
    with torch.inference_mode():
        reference = _reference(painter, settings, exemplar)

    def decode(seen: Look) -> tuple[Tensor, tuple[float, float]]:
        said, light = _cropped(seen)
        if painter.bins is None:
            return _whole(transported(painter.decode(said, vivid)[0].cpu(), light, reference))
        scores = painter.log_probabilities(said, vivid)
        return _whole(recolored(scores, painter.bins, light, reference)[0])

    return decode


def sampler(painter: Painter, settings: Colorize, number: int) -> Decode:
    """The way from what a painter said to one of its variants, counted from 1."""
    bins = _bins(painter, "no variants")

    def decode(seen: Look) -> tuple[Tensor, tuple[float, float]]:
        said, light = _cropped(seen)
        scores = painter.log_probabilities(said, settings.vivid)
        return _whole(sample(scores, bins, light, settings.seed, number)[0])

    return decode


def _reference(painter: Painter, settings: Colorize, exemplar: Tensor) -> Reference:
    said, light = _cropped(look(painter, lightness(exemplar), settings))
    size = light.shape[-2], light.shape[-1]
    ab = srgb_to_lab(resize(exemplar, size))[1:]
    return Reference(ab, light, painter.decode(said, 0.0)[0].float().cpu()).check()


def _cropped(seen: Look) -> tuple[Said, Tensor]:
    """What was said of the picture alone, and its L* (1, h, w) on the same grid."""
    rows, columns = seen.extent
    size = max(1, round(rows)), max(1, round(columns))
    parts = (None if part is None else resample(part, size, seen.spans(part)) for part in seen.said)
    light = resample(seen.light, size, (float(seen.light.shape[-2]), float(seen.light.shape[-1])))
    return Said(*parts), light


def _whole(ab: Tensor) -> tuple[Tensor, tuple[float, float]]:
    return ab, (float(ab.shape[-2]), float(ab.shape[-1]))


def _check_takes_hints(painter: Painter) -> None:
    if not painter.takes_hints:
        raise OlharError(
            "this model takes no hints; use one that does, such as colorizer or siggraph17"
        )


def _bins(painter: Painter, so: str) -> Tensor:
    if painter.bins is None:
        raise OlharError(
            f"this model says one colour for each place, so it has {so}; use one that says a "
            "distribution, such as colorizer or eccv16"
        )
    return painter.bins


def _check(name: str, image: Tensor) -> None:
    shape = tuple(image.shape)
    if image.ndim != 3 or shape[0] != 3 or not image.is_floating_point():
        raise OlharError(
            f"{name} has shape {shape} and {image.dtype}; it must be (3, H, W), floating point"
        )
    if 0 in shape or not bool((image.amin() >= 0) & (image.amax() <= 1)):
        raise OlharError(f"{name} of shape {shape} must have pixels, with values in [0, 1]")
