"""What stands before a face: a hand, a cup, a microphone, that the new face must not cover.

No network of its own: whoever has learned a face can say how it looks, and does not know what else
comes before it. So a face is made twice from its code, once as the other person and once as the one
it is of; where that rebuilt face is far from what the camera saw, something else is there.

Both are blurred first, since a rebuilt face is softer than a camera's, and what differs all over,
as light does, is taken off. What counts as far is measured by how far the rest of the face is. What
has the colour of the skin under it is missed, and so is what was there in half of the training.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np
import torch

if TYPE_CHECKING:
    from torch import Tensor

_SOFT = 1 / 32  # deviation of the blur, as a share of the side
_LEAST = 0.09  # difference of colours that may mean something
_USUALLY = 2.5  # times that of the middle of the face
_RIM = 1 / 24  # by which what is found is widened: blurred, it ends too early


def occluded(seen: Tensor, rebuilt: Tensor, face: Tensor, amount: float) -> Tensor:
    """How surely something stands before a face, at each place of its square.

    Args:
        seen: (3, S, S) in [0, 1], as the camera saw it.
        rebuilt: (3, S, S) in [0, 1], as the person looks by what was learned.
        face: (1, S, S) in [0, 1]: where the face is looked for.
        amount: above 0; twice as much finds what differs half as much.

    Returns:
        (1, S, S) in [0, 1]; 0 all over if there is no face.

    Example:
        >>> cheek = torch.full((3, 96, 96), 0.6)
        >>> held = cheek.clone()
        >>> held[:, 60:84, 30:60] = 0.2
        >>> found = occluded(held, cheek, torch.ones(1, 96, 96), 0.5)[0]
        >>> float(found[72, 45]), float(found[20, 45])
        (1.0, 0.0)
    """
    inside = face[0] > 0.5
    if not inside.any():
        return torch.zeros_like(face)
    side = seen.shape[1]
    off = _blurred(seen - rebuilt, _SOFT * side)
    off = off - off[:, inside].median(1).values[:, None, None]
    distance = off.square().sum(0).sqrt()
    limit = max(_LEAST, _USUALLY * float(distance[inside].median())) * 0.5 / amount
    sure = ((distance - limit) / (0.5 * limit)).clamp(0, 1)
    round_ = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * round(_RIM * side) + 1,) * 2)
    wide = torch.from_numpy(cv2.dilate(sure.numpy(), round_))[None]
    return _blurred(wide, _SOFT * side / 2).clamp(0, 1)


def _blurred(image: Tensor, deviation: float) -> Tensor:
    rows = np.ascontiguousarray(image.permute(1, 2, 0).numpy())
    soft = cv2.GaussianBlur(rows, (0, 0), deviation, borderType=cv2.BORDER_REPLICATE)
    return torch.from_numpy(soft.reshape(rows.shape)).permute(2, 0, 1)
