"""The latent plane: what a model has learned, as one picture.

Of two latents, every place is a picture, so all of them are drawn: a grid whose steps hold equal
shares of the prior (Kingma and Welling 2014, figure 4). Of more, pictures are projected onto the
two directions in which they differ most (principal components), as dots in the colour of their
class: what the model finds alike lies together.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image, ImageDraw, ImageFont
from torch import Tensor

from olhar.errors import OlharError
from olhar.vae.apply import Sheet, Source, decoded, latents, load

if TYPE_CHECKING:
    from collections.abc import Sequence

_SIDE, _MARGIN, _DOT = 640, 24, 4
_PAPER = "#FAF8F4"
_COLORS = (
    "#3B4CCA",
    "#B3261E",
    "#2E7D32",
    "#E0A100",
    "#6F675E",
    "#00838F",
    "#8E24AA",
    "#D2691E",
    "#1E1B18",
    "#C2185B",
)


def manifold(model: Source, side: int = 15) -> Sheet:
    """Draw all pictures of a model of two latents.

    Args:
        model: a model whose latent is a vector of two numbers.
        side: pictures to a row and to a column.

    Raises:
        OlharError: if there is no such model, or it has another latent.
    """
    use = load(model)
    if use.network.shape != (2, 1, 1):
        raise OlharError(
            f"this model's latents are {' x '.join(map(str, use.network.shape))} numbers; only of "
            "two can all pictures be drawn, as olhar train vae --shape vector --latent 2 makes them"
        )
    shares = (torch.arange(side) + 0.5) / side
    line = cast(
        "Tensor", torch.special.ndtri(shares)
    )  # from low to high in equal shares of N(0, 1)
    y, x = torch.meshgrid(-line, line, indexing="ij")
    grid = torch.stack([x, y], -1).view(-1, 2, 1, 1)
    return Sheet(pictures=decoded(use, grid), columns=side, mark=use.mark)


def plane(
    images: Tensor | Sequence[Tensor],
    model: Source,
    targets: Sequence[int] = (),
    names: Sequence[str] = (),
) -> Tensor:
    """Draw where pictures lie among the latents.

    Args:
        images: three or more, as for `olhar.vae.reconstruct`.
        model: what looks at them.
        targets: the class of each, if there are classes.
        names: of the classes, for the legend.

    Returns:
        (3, 640, 640) in [0, 1], the first component to the right, the second upwards.

    Raises:
        OlharError: if there are fewer than three pictures, or no such model.
    """
    if len(images) < 3:
        raise OlharError(f"a plane needs 3 pictures or more, and there are {len(images)}")
    places = components(latents(images, model).flatten(1))  # (N, 2)
    low, high = places.amin(0), places.amax(0)
    share = (places - low) / (high - low).clamp_min(1e-12)
    canvas = Image.new("RGB", (_SIDE, _SIDE), _PAPER)
    pen, font = ImageDraw.Draw(canvas), ImageFont.load_default(13)
    inner = _SIDE - 2 * _MARGIN
    for number, (across, up) in enumerate(cast("list[list[float]]", share.tolist())):
        x, y = _MARGIN + across * inner, _SIDE - _MARGIN - up * inner
        color = _COLORS[targets[number] % len(_COLORS) if len(targets) else 0]
        pen.ellipse((x - _DOT, y - _DOT, x + _DOT, y + _DOT), fill=color, outline=_PAPER)
    for number, name in enumerate(names):
        pen.text((8, 8 + 16 * number), name, _COLORS[number % len(_COLORS)], font)
    return torch.from_numpy(np.array(canvas)).permute(2, 0, 1).float() / 255


def components(rows: Tensor) -> Tensor:
    """The first two principal components.

    Args:
        rows: (N, D).

    Returns:
        (N, 2) of mean 0, the larger variance first; each component's largest value is positive.
    """
    centered = F.pad((rows - rows.mean(0)).double(), (0, 1))  # of one column make two
    u, s = cast("tuple[Tensor, Tensor]", torch.linalg.svd(centered, full_matrices=False)[:2])
    found = u[:, :2] * s[:2]
    largest = found.gather(0, found.abs().argmax(0, keepdim=True))
    return (found * largest.sign()).float()
