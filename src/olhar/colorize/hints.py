"""What somebody knows of the colours: points, strokes and painted layers.

Two kinds of files are read. JSON, where places are shares of the upright picture's width and height
and lengths are shares of its shorter side, so that the same file fits any copy of the picture:

    {"points": [{"x": 0.41, "y": 0.63, "color": "#8c2f39", "radius": 0.01}],
     "strokes": [{"points": [[0.1, 0.2], [0.3, 0.2]], "color": "grey", "width": 0.02}]}

Or a picture with transparency (PNG) in the proportions of the photograph, painted where the colours
are known; what is painted grey stays grey. Only the hue and chroma of a hint count: lightness is
the photograph's. Hints are drawn on the grid that a network sees, not on the photograph, so that a
small one is never lost (Zhang et al. 2017, section 3.1).
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import torch
import torch.nn.functional as F
from torch import Tensor

from olhar.errors import OlharError
from olhar.media.color import srgb_to_lab
from olhar.media.files import opened, parsed, shown
from olhar.media.image import read as read_picture

if TYPE_CHECKING:
    import os

    from olhar.media.picture import Picture

_COLOR = re.compile(r"#[0-9a-fA-F]{6}")
_ALIKE = 0.03  # by how much a layer's proportions may differ from the photograph's


@dataclass(frozen=True, kw_only=True)
class Point:
    """A colour that is known around one place."""

    x: float
    """From the left, a share of the width."""
    y: float
    """From the top, a share of the height."""
    color: str
    """"#rrggbb" or "grey"."""
    radius: float = 0.01
    """A share of the shorter side."""

    def __post_init__(self) -> None:
        _check_place((self.x, self.y))
        _check_length("radius", self.radius)
        to_ab(self.color)


@dataclass(frozen=True, kw_only=True)
class Stroke:
    """A colour that is known along a line."""

    points: tuple[tuple[float, float], ...]
    """Corners of the line, x and y as in a `Point`."""
    color: str
    """"#rrggbb" or "grey"."""
    width: float = 0.02
    """A share of the shorter side."""

    def __post_init__(self) -> None:
        if not self.points:
            raise OlharError("a stroke has no points; it needs at least one, as [[x, y], ...]")
        for place in self.points:
            _check_place(place)
        _check_length("width", self.width)
        to_ab(self.color)


@dataclass(frozen=True, kw_only=True, eq=False)
class Hints:
    """All that is known of the colours of one picture; false if that is nothing."""

    points: tuple[Point, ...] = ()
    strokes: tuple[Stroke, ...] = ()
    layer: Tensor | None = None
    """(3, H, W) float32: a*, b* and a mask of 1 where it is painted; see `from_layer`."""

    def __bool__(self) -> bool:
        painted = self.layer is not None and bool(self.layer[2].any())
        return bool(self.points or self.strokes) or painted

    def check(self, height: int, width: int) -> None:
        """Refuse a layer that belongs to a picture of other proportions."""
        if self.layer is None:
            return
        rows, columns = self.layer.shape[1:]
        if abs(columns * height / (rows * width) - 1) > _ALIKE:
            raise OlharError(
                f"the hints are painted on {columns} x {rows} pixels and the picture has {width} x "
                f"{height}; paint them on the whole picture, or a copy of it in its proportions"
            )

    def rasterize(self, height: int, width: int) -> Tensor:
        """Draw the hints on a grid.

        Returns:
            (3, height, width) float32: a*, b* and a mask, as a `Painter` takes them. Each hint has
            at least one sample; where several meet, a* and b* are averaged.
        """
        total = torch.zeros(3, height, width)  # sums of a* and b*, and of how many
        for point in self.points:
            _draw(total, [(point.x, point.y)], point.radius, to_ab(point.color))
        for stroke in self.strokes:
            _draw(total, stroke.points, stroke.width / 2, to_ab(stroke.color))
        if self.layer is not None:
            mask = self.layer[2:]
            pooled = F.adaptive_avg_pool2d(
                torch.cat([self.layer[:2] * mask, mask]), (height, width)
            )
            total += pooled / pooled[2:].clamp_min(1e-9)
        known = total[2:] > 0
        return torch.cat([total[:2] / total[2:].clamp_min(1), known.float()])


def read(path: str | os.PathLike[str]) -> Hints:
    """Read hints from a JSON file or from a picture with transparency.

    Raises:
        OlharError: the file is missing or damaged, or says what no hint can be.
    """
    if Path(path).suffix.lower() != ".json":
        try:
            return from_layer(read_picture(path))
        except OlharError as error:
            raise _about(path, error) from error
    with opened(path) as file:
        text = file.read()
    try:
        return from_json(parsed(text))
    except OlharError as error:
        raise _about(path, error) from error
    except (ValueError, RecursionError) as error:  # a UnicodeDecodeError is one
        raise OlharError(
            f"{shown(path)} is no JSON ({error}); see olhar colorize --help"
        ) from error


def from_json(said: Any) -> Hints:
    """Hints of what a JSON file holds: an object with `points` and `strokes`, both optional.

    Raises:
        OlharError: if it holds anything else; the sentence says where.
    """
    whole = _object(said, "the file", {"points", "strokes"})
    points = [
        Point(**_object(each, f"point {n}", {"x", "y", "color", "radius"}, "x", "y", "color"))
        for n, each in enumerate(_list(whole.get("points", []), "points"), 1)
    ]
    strokes: list[Stroke] = []
    for n, each in enumerate(_list(whole.get("strokes", []), "strokes"), 1):
        known = _object(each, f"stroke {n}", {"points", "color", "width"}, "points", "color")
        corners = [
            tuple(_list(c, f"a point of stroke {n}")) for c in _list(known["points"], "points")
        ]
        known["points"] = tuple(corners)
        strokes.append(Stroke(**known))
    return Hints(points=tuple(points), strokes=tuple(strokes))


def from_layer(picture: Picture) -> Hints:
    """Hints painted on a transparent layer; what is at least half opaque counts.

    Raises:
        OlharError: if nothing of the picture is transparent.
    """
    if picture.alpha is None:
        raise OlharError(
            "has no transparency, so everything in it would be a hint; paint on a transparent "
            "layer and save that as PNG"
        )
    alpha = picture.alpha
    color = 1 - (1 - picture.image) / alpha.clamp_min(0.5)  # without the white below it
    mask = (alpha >= 0.5).float()
    return Hints(layer=torch.cat([srgb_to_lab(color.clamp(0, 1))[1:] * mask, mask]))


def to_ab(color: str) -> tuple[float, float]:
    """A* and b* of "#rrggbb"; of "grey" 0 and 0.

    Raises:
        OlharError: if it is neither.

    Example:
        >>> to_ab("grey"), [round(value) for value in to_ab("#ff0000")]
        ((0.0, 0.0), [80, 67])
    """
    text = color if isinstance(color, str) else ""  # pyright: ignore[reportUnnecessaryIsInstance]
    if text in {"grey", "gray"}:
        return 0.0, 0.0
    if not _COLOR.fullmatch(text):
        raise OlharError(f'color is {color!r}; it can be "#rrggbb", such as "#8c2f39", or "grey"')
    levels = [int(color[n : n + 2], 16) / 255 for n in (1, 3, 5)]
    lab = srgb_to_lab(torch.tensor(levels).reshape(3, 1, 1)).flatten()
    return float(lab[1]), float(lab[2])


def _draw(
    total: Tensor,
    line: list[tuple[float, float]] | tuple[tuple[float, float], ...],
    radius: float,
    ab: tuple[float, float],
) -> None:
    """Add a hint to the sums: what is within a radius of a line, and what the line runs through."""
    height, width = total.shape[1:]
    reach = max(radius * min(height, width), 0.5)
    rows, columns = torch.arange(height) + 0.5, torch.arange(width) + 0.5
    inside = torch.zeros(height, width, dtype=torch.bool)
    corners = [(x * width, y * height) for x, y in line]
    for (x, y), (to_x, to_y) in zip(corners, [*corners[1:], corners[-1]], strict=True):
        top, bottom = int(max(0, min(y, to_y) - reach)), int(max(y, to_y) + reach) + 1
        left, right = int(max(0, min(x, to_x) - reach)), int(max(x, to_x) + reach) + 1
        dy, dx = rows[top:bottom, None] - y, columns[None, left:right] - x
        along_x, along_y = to_x - x, to_y - y
        share = (dx * along_x + dy * along_y) / max(along_x**2 + along_y**2, 1e-9)
        share = share.clamp(0, 1)
        near = (dx - share * along_x).square() + (dy - share * along_y).square() <= reach**2
        inside[top:bottom, left:right] |= near
        inside[min(int(y), height - 1), min(int(x), width - 1)] = True
    total += inside * torch.tensor([*ab, 1.0])[:, None, None]


def _about(path: str | os.PathLike[str], error: OlharError) -> OlharError:
    name, text = shown(path), str(error)
    return error if name in text else OlharError(f"{name}: {text}")


def _object(said: Any, what: str, allowed: set[str], *needed: str) -> dict[str, Any]:
    if not isinstance(said, dict):
        raise OlharError(f"{what} is {_short(said)}; it must be an object with {_listed(allowed)}")
    known = cast("dict[str, Any]", said)
    for name in known:
        if name not in allowed:
            raise OlharError(
                f"{what} has {name!r}, which is not known; it can have {_listed(allowed)}"
            )
    for name in needed:
        if name not in known:
            raise OlharError(f"{what} has no {name}; it needs {_listed(set(needed))}")
    return known


def _list(said: Any, what: str) -> list[Any]:
    if not isinstance(said, list):
        raise OlharError(f"{what} is {_short(said)}; it must be a list")
    return cast("list[Any]", said)


def _listed(names: set[str]) -> str:
    order = [*(field.name for field in fields(Point)), "points", "width", "strokes"]
    return ", ".join(sorted(names, key=order.index))


def _short(said: Any) -> str:
    text = json.dumps(said)
    return text if len(text) < 40 else text[:37] + "..."


def _check_place(place: tuple[float, ...]) -> None:
    if len(place) != 2 or not all(_is_number(value) and 0 <= value <= 1 for value in place):
        raise OlharError(
            f"a hint is at {list(place)}; a place is x and y from 0 to 1, shares of the picture's "
            "width and height: divide pixels by them"
        )


def _check_length(name: str, value: float) -> None:
    if not _is_number(value) or not 0 <= value <= 1:
        raise OlharError(
            f"{name} is {value!r}; it must be from 0 to 1, a share of the shorter side"
        )


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)
