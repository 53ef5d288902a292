"""The latent plane: what a model has learned, as one picture.

Of two latents, every place is a picture, so all of them are drawn: a grid whose steps hold equal
shares of the prior (Kingma and Welling 2014, figure 4). Of more, pictures are projected onto the
two directions in which they differ most, as dots in the colour of their class.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import torch

from olhar.errors import OlharError
from olhar.look.plane import Plane
from olhar.nets.linalg import components
from olhar.vae.apply import Sheet, Source, decoded, latents, load

if TYPE_CHECKING:
    from collections.abc import Sequence

    from torch import Tensor


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


def plane(images: Tensor | Sequence[Tensor], model: Source, classes: Sequence[str] = ()) -> Plane:
    """Project the latents of pictures to the plane in which they differ most.

    Args:
        images: as for `olhar.vae.reconstruct`.
        model: what looks at them.
        classes: the name of the class of each, if there are classes.

    Raises:
        OlharError: if there is no such model.
    """
    return Plane(points=components(latents(images, model).flatten(1)), classes=tuple(classes))
