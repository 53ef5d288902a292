"""A great wave under a red sun: a woodblock print in few inks (after Hokusai).

The blocks are flat shapes. What makes them a print are the lines carved through every one of them,
the grain of the plank that shows in the sky and circles the sun like a knot, and the paper.
"""

import numpy as np

from olhar.samples.canvas import (
    Array,
    Ink,
    Rng,
    curve,
    disc,
    fill,
    grid,
    knots,
    lengths,
    mix,
    noise,
    ramp,
    rgb,
    ribbon,
    smooth,
)

_PAPER, _INDIGO, _BLUE, _PALE = rgb("#f2e6c8", "#14224d", "#2f6796", "#9cc6c9")
_RED, _OCHRE, _ROSE = rgb("#cf3b28", "#dca63f", "#eaa98c")
_SUN = (0.735, 0.285, 0.125)  # x, y, radius

# The great wave: its back rises from the left and curls over; the face is hollow below the crest.
_BACK = knots("-.08 .66, .03 .45, .13 .27, .26 .155, .40 .125, .52 .175, .60 .30")
_FACE = knots(".12 1.06, .24 .90, .315 .74, .345 .58, .385 .45, .475 .345, .60 .30")
_RIM = knots(".60 1.06, .53 .88, .455 .73, .425 .59, .435 .47, .50 .375, .60 .30")


def wave(rng: Rng, n: int) -> Array:
    """Print it: (n, n, 3)."""
    ink = (255 * _sky(rng, n)).round().astype(np.uint8)
    _mountain(ink, rng)
    _swell(ink, rng, base=0.675, height=0.022, count=3.3, phase=0.6)
    _swell(ink, rng, base=0.735, height=0.036, count=2.4, phase=2.9)
    _great(ink, rng)
    _swell(ink, rng, base=0.835, height=0.062, count=1.55, phase=4.55)
    _swell(ink, rng, base=0.945, height=0.050, count=2.1, phase=1.2)
    _seal(ink, rng)
    return _press(ink, rng)


def _sky(rng: Rng, n: int) -> Array:
    """Colour wiped across the block (bokashi), cut by the grain; the sun."""
    x, y = grid(n)
    d = np.hypot(x - _SUN[0], y - _SUN[1])
    warp = noise(rng, n, 2, 2)
    phase = 2 * np.pi * (d * 24 + 0.9 * warp + 0.10 * noise(rng, n, (5, 9), 2))
    fall = y + 0.05 * warp
    wiped = ramp(np.stack([_BLUE, _PALE, _PAPER, _PAPER, _ROSE, _OCHRE]), fall / 0.72)
    cut = ramp(np.stack([_INDIGO, _BLUE, _PALE, _ROSE, _RED, _RED]), fall / 0.72)
    thick = -0.35 + 0.35 * noise(rng, n, 4, 3)
    sky = mix(wiped, cut, smooth(-0.2, 0.2, np.sin(phase) + thick) * 0.85)
    hair = smooth(0.55, 0.95, np.sin(phase * 4) + 0.3 * thick) * smooth(
        0.2, -0.2, np.sin(phase) + thick
    )
    sky = mix(sky, cut, hair * 0.45)
    disk = smooth(0.0015, -0.0015, d - _SUN[2])
    carved = smooth(
        0.25, 0.55, np.sin(y * 330 + 1.5 * warp) - smooth(-0.1, 0.13, _SUN[1] - y) * 1.3
    )
    return mix(sky, mix(np.broadcast_to(_RED, sky.shape), _OCHRE, carved), disk)


def _mountain(ink: Ink, rng: Rng) -> None:
    """A volcano under snow, its slopes cut by gullies."""
    top, foot, cx = 0.535, 0.70, 0.80
    summit = np.asarray((cx, top))
    left = curve(summit + knots("-.20 .165, -.10 .105, -.018 0"), 40)
    right = curve(summit + knots(".022 .004, .11 .10, .24 .165"), 40)
    fill(ink, np.concatenate([left, right]), _INDIGO)
    teeth = [(0.075 - 0.016 * k, 0.09 if k % 2 else 0.064) for k in range(1, 9)]
    snow = np.concatenate([knots("-.018 0, .022 .004, .075 .068"), teeth, knots("-.062 .071")])
    fill(ink, summit + snow, _PAPER)
    for k in range(34):
        lean = (k - 16.5) / 16.5
        a, b = np.sort(rng.uniform(0.12, 1.0, 2))
        t = a + (b - a) * np.linspace(0, 1, 8)
        fall = np.stack([cx + 0.002 + lean * (0.018 + 0.165 * t**1.5), top + (foot - top) * t], 1)
        fill(ink, ribbon(fall, 0.0030), _BLUE if b > 0.45 else _PALE)


def _stripes(ink: Ink, rng: Rng, edges: tuple[Array, Array], count: int, first: int = 0) -> None:
    """Bands and gouges along a wave between two of its edges, as wide as there is room for them."""
    upper, lower = edges
    t = np.linspace(0, 1, len(upper))
    gap = lengths(lower - upper) / count
    inks = (_BLUE, _PALE, _BLUE, _PAPER, _BLUE, _PALE)

    def between(s: float) -> Array:
        bend = 0.15 / count * np.sin(9 * t + 7 * s)
        return upper + (lower - upper) * (s + bend)[:, None]

    for k in range(count):
        a, b = rng.uniform(-0.05, 0.10), rng.uniform(0.90, 1.05)
        swell = np.clip(np.sin(np.pi * np.clip((t - a) / (b - a), 0, 1)), 0, 1) ** 0.6
        path = between((k + 0.5) / count)
        fill(
            ink, ribbon(path, gap * swell * rng.uniform(0.45, 0.75)), inks[(k + first) % len(inks)]
        )
        fill(ink, ribbon(path, gap * swell * 0.13), _INDIGO)
    for _ in range(count * 26):
        s, a = rng.uniform(0.02, 0.98), rng.integers(0, len(t) - 12)
        part = slice(a, a + int(rng.integers(6, 14)))
        path = between(s)[part]
        cut = (
            gap[part] * np.sin(np.linspace(0.05, np.pi - 0.05, len(path))) * rng.uniform(0.08, 0.20)
        )
        fill(ink, ribbon(path, cut), (_PAPER, _PALE, _INDIGO)[rng.integers(3)])


def _great(ink: Ink, rng: Rng) -> None:
    """The wave itself: its back, the hollow under the lip, and the foam that is about to fall."""
    back, face, rim = (curve(knots, 160) for knots in (_BACK, _FACE, _RIM))
    fill(ink, np.concatenate([back, rim[::-1], knots("-.1 1.06")]), _INDIGO)
    _stripes(ink, rng, (back, face), 13)
    _stripes(ink, rng, (face, rim), 8, first=2)
    fill(ink, ribbon(face, 0.006), _INDIGO)
    _foam(ink, rng, np.concatenate([back[46:], face[:100:-1]]), 0.031, claws=30)


def _swell(ink: Ink, rng: Rng, *, base: float, height: float, count: float, phase: float) -> None:
    """A row of waves from edge to edge: sharp crests, round troughs, foam on the crests."""
    x = np.linspace(-0.03, 1.03, 320).astype(np.float32)
    turn = np.pi * (count * x + phase + 0.10 * np.sin(7 * x + phase))
    crest = base + height * (1.8 * np.abs(np.sin(turn)) ** 0.75 - 1.2)
    upper = np.stack([x, crest], 1).astype(np.float32)
    lower = np.stack([x, base + 0.085 + height * (2.2 + 0.5 * np.sin(turn * 2))], 1).astype(
        np.float32
    )
    fill(ink, np.concatenate([upper, lower[::-1]]), _INDIGO)
    _stripes(ink, rng, (upper, lower), 9, first=int(phase))
    tops = np.flatnonzero((crest[1:-1] < crest[:-2]) & (crest[1:-1] <= crest[2:])) + 1
    for top in tops:
        reach = int(30 / count**0.5 * rng.uniform(0.8, 1.2))
        _foam(
            ink,
            rng,
            upper[max(top - reach, 0) : top + reach // 2],
            height * 0.30,
            claws=int(reach * 0.4),
        )


def _foam(ink: Ink, rng: Rng, path: Array, size: float, claws: int) -> None:
    """Scalloped foam along a crest, claws that reach out of it and curl, and spray beyond them."""
    along = np.gradient(path, axis=0)
    along = along / lengths(along)[:, None]
    outward = np.stack([along[:, 1], -along[:, 0]], 1)
    hooks: list[tuple[Array, Array]] = []
    for k in np.linspace(1, len(path) - 2, claws).astype(int):
        lean = rng.uniform(0.1, 0.7)
        for reach in (rng.uniform(1.7, 2.8), rng.uniform(1.0, 1.8)):
            heading = outward[k] * (1 - lean) + along[k] * lean
            hooks.append(_claw(rng, path[k], heading, reach * size, 0.55 * size))
            lean += rng.uniform(0.25, 0.5)
    spots = rng.integers(0, len(path), claws * 8)
    centres = path[spots] + outward[spots] * rng.normal(-0.40, 0.42, (len(spots), 1)) * size
    radii = size * rng.uniform(0.22, 0.50, len(spots))
    spots = rng.integers(0, len(path), claws * 3)
    flight = size * rng.uniform(1.4, 5.0, (len(spots), 1))
    spray = path[spots] + (outward[spots] + 0.4 * along[spots]) * flight
    drops = np.maximum(size * (0.06 + 0.05 * (np.arange(len(spots)) % 3)), 0.0018)
    key = 0.07 * size + 0.0009  # width of the dark outline, which is printed first
    for margin, colour in ((key, _INDIGO), (0.0, _PAPER)):
        for hook, width in hooks:
            fill(ink, ribbon(hook, width + 2 * margin), colour)
        for centre, r in zip(centres, radii, strict=True):
            disc(ink, centre, r + margin, colour)
        for centre, r in zip(spray, drops, strict=True):
            disc(ink, centre, r + margin / 2, colour)
    for centre, r in zip(centres[::2], radii[::2], strict=True):
        arc = rng.uniform(-0.5, 1.2) + np.linspace(0, 1.5, 10)
        fold = centre + 0.72 * r * np.stack([np.cos(arc), np.sin(arc)], 1)
        fill(ink, ribbon(fold, 0.16 * r), _BLUE if r > 0.4 * size else _PALE)


def _claw(
    rng: Rng, root: Array, heading: Array, length: float, width: float
) -> tuple[Array, Array]:
    """A hook that turns clockwise on its way: its path (14, 2) and its widths (14,)."""
    s = np.linspace(0, 1, 14)
    turn = np.arctan2(heading[1], heading[0]) + rng.uniform(1.2, 2.6) * s**1.5
    steps = np.stack([np.cos(turn), np.sin(turn)], 1) * length / 13
    return root + np.cumsum(steps, 0), width * (1.02 - s) ** 0.8


def _seal(ink: Ink, rng: Rng) -> None:
    """The printer's seal, cut at random: two columns of short strokes in a red square."""
    corner, size = np.asarray((0.055, 0.055)), np.asarray((0.062, 0.098))
    fill(ink, corner + size * knots("0 0, 1 .01, 1 1, .02 1"), _RED)
    for column in range(2):
        for row in range(5):
            at = corner + size * (0.27 + 0.46 * column, 0.14 + 0.18 * row)
            for _ in range(2):
                a, reach = rng.choice([0.0, np.pi / 2, 0.7]), rng.uniform(0.006, 0.012)
                half = reach * np.asarray([np.cos(a), np.sin(a)])
                centre = at + rng.normal(0, 0.002, 2)
                fill(ink, ribbon(np.stack([centre - half, centre + half]), 0.0048), _PAPER)


def _press(ink: Ink, rng: Rng) -> Array:
    """Print on paper: ink lies thinner along the grain of the plank, fibres show everywhere."""
    n = len(ink)
    picture = ink.astype(np.float32) / 255
    plank = noise(rng, n, (3, 70), 3, 0.7)
    mottle = noise(rng, n, 60, 4, 0.8)
    worn = np.clip(0.07 + 0.055 * plank + 0.055 * mottle, 0, 0.5)
    fibres = 1 + 0.022 * noise(rng, n, 150, 3, 0.9)
    return np.clip(mix(picture, _PAPER, worn) * fibres[..., None], 0, 1)
