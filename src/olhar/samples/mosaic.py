"""Two fish in a Roman floor, as around the villas of the Algarve: the drawing for `tesserae`."""

import numpy as np

from olhar.samples.canvas import Array, Rng, curve, frame, knots, put, rgb, ribbon, ring
from olhar.samples.tesserae import Cartoon, pave

_SEA = (
    rgb("#0e3358", "#12406e", "#1a5585", "#24679a"),
    rgb("#237c96", "#2f8fa3", "#46a9b3", "#5fbcc0"),
    rgb("#86c3c4", "#a9d6cf", "#c9e4d6", "#e2ecd8"),
    rgb("#17587f", "#1f6f94", "#2c82a8", "#3a97b0"),
)
_DARK = rgb("#15202f", "#1b1a2c", "#2a2233", "#332c3c")
_PALE = rgb("#e2cfaa", "#eeddbd", "#f5ead2", "#fcf6e6")
_GOLD = rgb("#b86f14", "#d9962a", "#efbb3f", "#f9da78")
_ROSE = rgb("#c8603f", "#de8563", "#eba584", "#f6cbb0")
_TERRA = rgb("#84291c", "#a63e26", "#c25733", "#d98a52")
_MOSS = rgb("#2c4d2e", "#4a7538", "#6d9645", "#a3bf68")
_VIOLET = rgb("#40295c", "#5c3f7d", "#7d5a9c", "#a988b8")
_GROUT = rgb("#837a6e")[0]

_PLANTS = (  # stem, width at the root, stones
    (knots(".06 .95, .12 .82, .09 .70, .15 .58"), 0.050, _TERRA),
    (knots(".10 .85, .18 .76, .19 .67"), 0.036, _TERRA),
    (knots(".20 .95, .245 .88, .22 .81, .27 .75"), 0.040, _MOSS),
    (knots(".94 .05, .88 .18, .91 .30, .85 .42"), 0.050, _MOSS),
    (knots(".90 .16, .82 .23, .81 .33"), 0.036, _MOSS),
    (knots(".80 .05, .755 .12, .78 .18, .73 .24"), 0.040, _TERRA),
)

# A fish that swims to the right, from -1.3 to 1.
_BODY = knots(
    "-.78 -.06, -.45 -.26, 0 -.42, .45 -.36, .78 -.16, .96 .05,"
    " .80 .19, .45 .35, 0 .38, -.45 .22, -.78 .06"
)
_TAIL = knots("-.72 0, -.92 -.16, -1.26 -.40, -1.13 -.02, -1.28 .38, -.92 .16")
_DORSAL = knots(".42 -.34, .20 -.58, -.12 -.60, -.52 -.46, -.42 -.24, 0 -.34")
_VENTRAL = knots(".25 .34, .02 .62, -.20 .58, -.14 .30")
_FLANK = knots("-.76 0, -.3 -.16, .2 -.22, .62 -.12, .62 .22, .3 .35, -.3 .25")
_BELLY = knots("-.6 .07, -.2 .08, .25 .10, .55 .16, .3 .33, -.3 .23")
_HEAD = knots(".50 -.33, .80 -.14, .95 .05, .80 .18, .50 .33, .42 0")
_GILL = knots(".53 -.31, .47 0, .53 .31, .43 .30, .37 0, .43 -.32")
_FIN = knots(".22 .02, .05 -.08, -.16 .02, -.04 .16, .16 .14")


def mosaic(rng: Rng, n: int) -> Array:
    """Lay it: (n, n, 3)."""
    cartoon = Cartoon()
    _sea(cartoon)
    _garden(cartoon)
    _fish(cartoon, (0.475, 0.305), (0.285, 0.285), (_VIOLET, _GOLD, _TERRA))
    _fish(cartoon, (0.525, 0.705), (-0.285, 0.285), (_MOSS, _ROSE, _GOLD))
    _border(cartoon)
    return pave(cartoon, rng, n, _GROUT)


def _sea(cartoon: Cartoon) -> None:
    """Bands of waves, dark and light."""
    x = np.linspace(-0.02, 1.02, 120)
    for k in range(17):
        y = 0.0625 * k - 0.01 + 0.016 * np.sin(x * 15 + 1.7 * k) + 0.010 * np.sin(x * 31 + k)
        band = np.concatenate([np.stack([x, y], 1), knots("1.02 1.1, -.02 1.1")])
        cartoon.draw(band, _SEA[(k * 3 + k // 4) % 4])


def _garden(cartoon: Cartoon) -> None:
    """Coral and weed that grow from two corners, a starfish in the others."""
    for stem, width, stones in _PLANTS:
        cartoon.draw(ribbon(curve(stem, 60), width * np.linspace(1, 0.45, 60)), stones)
    for centre, r, stones in (((0.165, 0.475), 0.075, _GOLD), ((0.845, 0.85), 0.080, _ROSE)):
        arms = r * (0.62 + 0.38 * np.cos(5 * np.linspace(0, 2 * np.pi, 80) + 0.6))
        cartoon.draw(ring(centre, 1.28 * arms, 80), _PALE)
        cartoon.draw(ring(centre, arms, 80), stones)


def _fish(
    cartoon: Cartoon,
    at: tuple[float, float],
    size: tuple[float, float],
    coat: tuple[Array, Array, Array],
) -> None:
    """A fish at a place; a negative width turns it round. `coat` colours back, flank and fins."""
    back, flank, fins = coat
    cos, sin = np.cos(0.22), np.sin(0.22)

    def shape(outline: Array, stones: Array, rim: float = 0.0) -> None:
        smooth = curve(outline, 120, closed=True)
        if rim:
            smooth = ribbon(smooth, rim)
        turned = smooth @ np.asarray([(cos, sin), (-sin, cos)])
        cartoon.draw(put(turned, at, size), stones)

    silhouette = (_TAIL, _DORSAL, _VENTRAL, _BODY)
    for rim, stones in ((0.230, _PALE), (0.116, _DARK)):  # a row of light around a row of dark
        for part in silhouette:
            shape(part, stones, rim)
    for part in silhouette[:3]:
        shape(part, fins)
    shape(_BODY, back)
    shape(_FLANK, flank)
    shape(_BELLY, _PALE)
    shape(_HEAD, fins)
    shape(_GILL, _DARK)
    shape(_FIN, _DARK, 0.10)
    shape(_FIN, fins)
    shape(ring((0.68, -0.06), 0.115, 20)[:-1], _PALE)
    shape(ring((0.68, -0.06), 0.055, 20)[:-1], _DARK)


def _border(cartoon: Cartoon) -> None:
    """Frames one inside the other, and teeth of blue and terracotta in the widest."""
    widths = ((-0.01, 0.0128, _DARK), (0.0128, 0.064, _PALE), (0.064, 0.077, _TERRA))
    for outer, inner, stones in widths:
        for bar in frame(outer, inner):
            cartoon.draw(bar, stones)
    for k in range(16):
        tooth = put(knots("0 0, 1 0, .5 1"), (0.0128 + 0.0609 * k, 0.0128), (0.0609, 0.050))
        for side in (tooth, tooth[:, ::-1], 1 - tooth, 1 - tooth[:, ::-1]):
            cartoon.draw(side, _SEA[0] if k % 2 else _TERRA)
