"""Lines drawn as SVG: losses over steps, losses over rates. In the colours of olhar's pages."""

from __future__ import annotations

from collections.abc import Sequence  # noqa: TC003  a NamedTuple reads its hints
from html import escape
from math import ceil, floor, isfinite, log10
from typing import NamedTuple

WIDTH, HEIGHT = 640, 360
_LEFT, _RIGHT, _TOP, _BOTTOM = 64, 16, 16, 48
_COLORS = ("#3B4CCA", "#B3261E", "#E0A100", "#2E7D32", "#6F675E")


class Line(NamedTuple):
    """A line, and what it is called."""

    name: str
    x: Sequence[float]
    y: Sequence[float]


def chart(
    lines: Sequence[Line],
    *,
    x: str,
    y: str,
    log_x: bool = False,
    mark: float | None = None,
) -> str:
    """Draw lines over a common axis.

    Args:
        lines: points that are not finite are left out.
        x: the name of the horizontal axis.
        y: the name of the vertical axis.
        log_x: the horizontal axis counts factors of ten.
        mark: a value of x to draw a vertical line at.

    Returns:
        An SVG document.

    >>> drawn = chart([Line("loss", [1, 2, 3], [3.0, 2.0, 1.5])], x="step", y="loss")
    >>> drawn.startswith("<svg"), drawn.count("<polyline")
    (True, 1)
    """
    put = log10 if log_x else float
    shown = [
        (line.name, [(put(a), b) for a, b in zip(line.x, line.y, strict=True) if isfinite(b)])
        for line in lines
    ]
    points = [point for _, part in shown for point in part] or [(0.0, 0.0)]
    across = _ticks(min(a for a, _ in points), max(a for a, _ in points), whole=log_x)
    up = _ticks(min(b for _, b in points), max(b for _, b in points))

    def at(a: float, b: float) -> tuple[float, float]:
        width, height = WIDTH - _LEFT - _RIGHT, HEIGHT - _TOP - _BOTTOM
        right = (a - across[0]) / (across[-1] - across[0]) * width
        return _LEFT + right, _TOP + height - (b - up[0]) / (up[-1] - up[0]) * height

    box = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" '
        'font-family="system-ui, sans-serif" font-size="13" fill="#6F675E">'
    )
    parts = [
        box,
        f"<title>{escape(y)} over {escape(x)}</title>",
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#FAF8F4"/>',
    ]
    for value in up:
        _, level = at(across[0], value)
        parts.append(f'<path d="M{_LEFT} {level:.1f}H{WIDTH - _RIGHT}" stroke="#E4DED5"/>')
        parts.append(
            f'<text x="{_LEFT - 8}" y="{level + 4:.1f}" text-anchor="end">{value:g}</text>'
        )
    for value in across:
        place, _ = at(value, up[0])
        label = f"{10**value:g}" if log_x else f"{value:g}"
        parts.append(
            f'<text x="{place:.1f}" y="{HEIGHT - _BOTTOM + 20}" text-anchor="middle">{label}</text>'
        )
    parts.append(
        f'<text x="{(_LEFT + WIDTH - _RIGHT) / 2}" y="{HEIGHT - 8}" text-anchor="middle">'
        f"{escape(x)}</text>"
    )
    if mark is not None:
        place, _ = at(put(mark), up[0])
        parts.append(
            f'<path d="M{place:.1f} {_TOP}V{HEIGHT - _BOTTOM}" stroke="#1E1B18" '
            'stroke-dasharray="4 4"/>'
            f'<text x="{place + 6:.1f}" y="{_TOP + 12}" fill="#1E1B18">{mark:.2g}</text>'
        )
    for number, (name, part) in enumerate(shown):
        color = _COLORS[number % len(_COLORS)]
        places = " ".join(f"{a:.1f},{b:.1f}" for a, b in (at(*point) for point in part))
        parts.append(f'<polyline points="{places}" fill="none" stroke="{color}" stroke-width="2"/>')
        parts.append(
            f'<text x="{WIDTH - _RIGHT - 4}" y="{_TOP + 14 + 18 * number}" text-anchor="end" '
            f'fill="{color}">{escape(name)}</text>'
        )
    return "\n".join([*parts, "</svg>\n"])


def _ticks(low: float, high: float, *, whole: bool = False) -> list[float]:
    """About five round numbers from below `low` to above `high`."""
    span = high - low if high > low else max(abs(high), 1.0)
    step = 10 ** floor(log10(span / 4))
    step *= next(factor for factor in (1, 2, 5, 10) if span / (step * factor) <= 5)
    step = max(1.0, ceil(step)) if whole else step
    first, last = floor(low / step), ceil(high / step)
    last = max(last, first + 1)
    return [round(number * step, 12) for number in range(first, last + 1)]
