"""Lines and points drawn as SVG, in the colours of olhar's pages: losses over steps, and the like.

A drawing with names in both languages is part of a page, whose style colours it, light or dark,
and whose switch chooses the language; one with plain names is a file of its own.
"""

from __future__ import annotations

from collections.abc import Sequence  # noqa: TC003  a NamedTuple reads its hints
from html import escape
from math import ceil, floor, isfinite, log10
from typing import Literal, NamedTuple

from olhar.look.phrase import Phrase, localized

WIDTH, HEIGHT = 640, 360
SMALL = (360, 240)
"""Of drawings on a page: letters stay readable on a phone."""
_RIGHT, _TOP, _BOTTOM, _LEGEND = 16, 28, 48, 18
_COLORS = ("#3B4CCA", "#6F675E", "#2E7D32", "#7B3FA0", "#1E1B18")
_QUIET = 1  # the colour of dashed lines, which are there to compare with
_DOT = 3.0


class Line(NamedTuple):
    """A line or some points, and what they are called."""

    name: str | Phrase
    x: Sequence[float]
    y: Sequence[float]
    style: Literal["line", "points", "both", "dashed"] = "line"


def chart(
    lines: Sequence[Line],
    *,
    x: str | Phrase,
    y: str | Phrase,
    log_x: bool = False,
    mark: float | None = None,
    size: tuple[int, int] = (WIDTH, HEIGHT),
) -> str:
    """Draw lines and points over common axes.

    Args:
        lines: points that are not finite are left out; a line without a name has no entry in the
            legend.
        x: the name of the horizontal axis.
        y: the name of the vertical axis.
        log_x: the horizontal axis counts factors of ten.
        mark: a value of x to draw a vertical line at.
        size: width and height of the drawing; letters are 13 units high.

    Returns:
        An SVG document.

    >>> drawn = chart([Line("loss", [1, 2, 3], [3.0, 2.0, 1.5])], x="step", y="loss")
    >>> drawn.startswith("<svg"), drawn.count("<polyline")
    (True, 1)
    """
    width, height = size
    put = log10 if log_x else float
    shown = [
        (line, [(put(a), b) for a, b in zip(line.x, line.y, strict=True) if isfinite(b)])
        for line in lines
    ]
    points = [point for _, part in shown for point in part] or [(0.0, 0.0)]
    across = _ticks(min(a for a, _ in points), max(a for a, _ in points), whole=log_x)
    up = _ticks(min(b for _, b in points), max(b for _, b in points))
    both = isinstance(x, Phrase)
    top = _TOP + _LEGEND * sum(bool(line.name) for line in lines)
    labels = [_number(value, both=both) for value in up]
    left = 16 + 8 * max(len(_english(label)) for label in labels)

    def at(a: float, b: float) -> tuple[float, float]:
        right = (a - across[0]) / (across[-1] - across[0]) * (width - left - _RIGHT)
        low = height - _BOTTOM
        return left + right, low - (b - up[0]) / (up[-1] - up[0]) * (low - top)

    title = f"{_english(y)} over {_english(x)}"
    box = (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="chart" viewBox="0 0 {width} {height}" '
        'font-family="system-ui, sans-serif" font-size="13" fill="#6F675E" role="img" '
        f'aria-label="{escape(title)}">'
    )
    parts = [
        box,
        f'<rect width="{width}" height="{height}" fill="#FAF8F4"/>',
    ]
    for value, label in zip(up, labels, strict=True):
        _, level = at(across[0], value)
        parts.append(f'<path d="M{left} {level:.1f}H{width - _RIGHT}" stroke="#E4DED5"/>')
        parts.append(_text(label, f'x="{left - 8}" y="{level + 4:.1f}" text-anchor="end"'))
    for value in across:
        place, _ = at(value, up[0])
        label = _number(10**value if log_x else value, both=both)
        where = f'x="{place:.1f}" y="{height - _BOTTOM + 20}" text-anchor="middle"'
        parts.append(_text(label, where))
    middle = (left + width - _RIGHT) / 2
    parts.append(_text(x, f'x="{middle}" y="{height - 8}" text-anchor="middle"'))
    parts.append(_text(y, 'x="8" y="16"'))
    if mark is not None:
        place, _ = at(put(mark), up[0])
        parts.append(
            f'<path class="ink" d="M{place:.1f} {top}V{height - _BOTTOM}" stroke="#1E1B18" '
            'stroke-dasharray="4 4"/>'
            f'<text class="ink" x="{place + 6:.1f}" y="{top + 12}" fill="#1E1B18">'
            f"{mark:.2g}</text>"
        )
    entry = drawn = 0
    for line, part in shown:
        color = _QUIET if line.style == "dashed" else drawn % len(_COLORS)
        drawn += line.style != "dashed"
        places = [at(*point) for point in part]
        parts += _drawn(places, line.style, color)
        if line.name:
            where = f'x="{width - _RIGHT - 4}" y="{_TOP + _LEGEND * entry + 6}" text-anchor="end"'
            parts.append(_text(line.name, f'{where} class="f{color}" fill="{_COLORS[color]}"'))
            entry += 1
    return "\n".join([*parts, "</svg>\n"])


def _drawn(places: Sequence[tuple[float, float]], style: str, color: int) -> list[str]:
    parts: list[str] = []
    if style != "points":
        line = " ".join(f"{a:.1f},{b:.1f}" for a, b in places)
        dashes = ' stroke-dasharray="4 4"' if style == "dashed" else ""
        stroke = f'stroke="{_COLORS[color]}" stroke-width="2"{dashes}'
        parts.append(f'<polyline points="{line}" class="s{color}" fill="none" {stroke}/>')
    if style in ("points", "both"):
        parts += [
            f'<circle class="f{color}" cx="{a:.1f}" cy="{b:.1f}" r="{_DOT:g}" '
            f'fill="{_COLORS[color]}" fill-opacity=".7"/>'
            for a, b in places
        ]
    return parts


def _text(content: str | Phrase, attributes: str) -> str:
    if isinstance(content, Phrase) and content.english != content.portuguese:
        return (
            f'<text lang="en" {attributes}>{escape(content.english)}</text>'
            f'<text lang="pt-BR" {attributes}>{escape(content.portuguese)}</text>'
        )
    return f"<text {attributes}>{escape(_english(content))}</text>"


def _english(content: str | Phrase) -> str:
    return content.english if isinstance(content, Phrase) else content


def _number(value: float, *, both: bool) -> str | Phrase:
    return localized(f"{value:g}") if both else f"{value:g}"


def _ticks(low: float, high: float, *, whole: bool = False) -> list[float]:
    """About five round numbers from below `low` to above `high`."""
    span = high - low if high > low else max(abs(high), 1.0)
    step = 10 ** floor(log10(span / 4))
    step *= next(factor for factor in (1, 2, 5, 10) if span / (step * factor) <= 5)
    step = max(1.0, ceil(step)) if whole else step
    first, last = floor(low / step), ceil(high / step)
    last = max(last, first + 1)
    return [round(number * step, 12) for number in range(first, last + 1)]
