"""Finding faces in pictures: from large to small, upright or turned, one box for each.

A face is looked for at several sizes of the picture: `ShortRange` sees the whole of it on 128
pixels, `FullRange` sees it as large as the smallest face that is wanted needs it, in tiles where
that would take too much memory. Of the guesses that overlap one is left, the mean of them weighted
by their scores, which is steadier from frame to frame than the best alone (Bazarevsky et al. 2019,
section 3.4).

Cost: for 640 x 360 and faces of 24 pixels about 70 ms of one slow core a frame.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor

from olhar.errors import OlharError
from olhar.nets.engine import run

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from olhar.faceswap.blazeface import FullRange, ShortRange
    from olhar.faceswap.faces import Faces

_NEEDED = 15.0  # pixels across a face that `FullRange` finds
_SPAN = 6.0  # faces so many times as large it finds as well
_TILE, _OVERLAP = 640, 96  # in its pixels
_SAME = 0.3  # of two boxes: intersection over union from which they are one face
_INSIDE = 0.7  # or: share of the smaller that lies in the larger
_CLEAR = 0.78  # upright faces score about 0.9; on its side or its head one has up to 0.8
_LOOKED_AT = 1000  # of the guesses the surest
_PIXELS = 1 << 20  # of pictures that are looked at together, unless there is one


@dataclass(frozen=True, kw_only=True)
class Find:
    """What counts as a face."""

    smallest: int = 24
    """The smallest face to look for, in pixels across; in pictures over 960 pixels wide, as if
    they were 960 wide."""
    score: float = 0.5
    """How sure the detector must be, 0 to 1."""
    presence: float = 0.5
    """How sure the network that sets the points must be that there is a face, 0 to 1."""
    turned: bool = True
    """Whether pictures without a clear face are also looked at from the side and upside down."""

    def __post_init__(self) -> None:
        if self.smallest < 8:
            raise OlharError(f"smallest is {self.smallest}; faces under 8 pixels cannot be found")
        for name in ("score", "presence"):
            if not 0 <= getattr(self, name) <= 1:
                raise OlharError(f"{name} is {getattr(self, name)}; it must be 0 to 1")


class Found(NamedTuple):
    """The faces in a picture, the surest first."""

    boxes: Tensor
    """(F, 4) left, top, right, bottom in pixels; a face may reach out of the picture."""
    points: Tensor
    """(F, 6, 2) x and y of `olhar.faceswap.blazeface.POINTS`, in pixels."""
    scores: Tensor
    """(F,) in [0, 1]."""


def detect(batch: Tensor, faces: Faces, find: Find = Find()) -> list[Found]:
    """Find the faces in pictures.

    Args:
        batch: (N, 3, H, W) sRGB in [0, 1].
        faces: the networks.
        find: what counts as one.

    Returns:
        What is in each picture.

    Raises:
        OlharError: if the batch has another shape.
    """
    if batch.ndim != 4 or batch.shape[1] != 3 or 0 in batch.shape:
        raise OlharError(f"pictures have shape {tuple(batch.shape)}; they must be (N, 3, H, W)")
    with torch.inference_mode():
        found = list[Found]()
        most = max(1, _PIXELS // (batch.shape[2] * batch.shape[3]))
        for start in range(0, len(batch), most):
            found += _upright(batch[start : start + most], faces, find)
        if find.turned:
            for number, one in enumerate(found):
                if not clear(one):
                    sides = _turned(batch[number : number + 1], faces, find)
                    found[number] = strongest(joined([one, *sides]))
    return found


def merge(found: Found) -> Found:
    """One face for each heap of boxes: their mean, weighted by the scores, with the highest score.

    Args:
        found: any boxes.

    Example:
        >>> boxes = torch.tensor([[0.0, 0, 10, 10], [2, 0, 12, 10], [50, 50, 60, 60]])
        >>> merge(Found(boxes, torch.zeros(3, 6, 2), torch.tensor([0.9, 0.3, 0.8]))).boxes
        tensor([[ 0.5000,  0.0000, 10.5000, 10.0000],
                [50.0000, 50.0000, 60.0000, 60.0000]])
    """
    order = found.scores.argsort(descending=True)[:_LOOKED_AT]
    boxes, points, scores = (each[order] for each in found)
    left = torch.ones(len(order), dtype=torch.bool, device=scores.device)
    kept: list[tuple[Tensor, Tensor, Tensor]] = []
    while left.any():
        first = int(left.nonzero()[0])
        heap = left & overlaps(boxes[first], boxes)
        heap[first] = True
        left &= ~heap
        weights = scores[heap] / scores[heap].sum()
        box = (boxes[heap] * weights[:, None]).sum(0)
        kept.append((box, (points[heap] * weights[:, None, None]).sum(0), scores[first]))
    if not kept:
        return Found(boxes, points, scores)
    return Found(
        torch.stack([box for box, _, _ in kept]),
        torch.stack([point for _, point, _ in kept]),
        torch.stack([score for _, _, score in kept]),
    )


def strongest(found: Found) -> Found:
    """Of the boxes that overlap the one with the highest score, as it is."""
    order = found.scores.argsort(descending=True)
    left: list[int] = []
    for each in map(int, order):
        if not bool(overlaps(found.boxes[each], found.boxes[left]).any()):
            left.append(each)
    return Found(found.boxes[left], found.points[left], found.scores[left])


def clear(found: Found) -> bool:
    """Whether the surest face of a picture is surely upright: others may be taken for one."""
    return len(found.scores) > 0 and float(found.scores.max()) >= _CLEAR


def joined(parts: Sequence[Found]) -> Found:
    """All of them, in one."""
    return Found(
        torch.cat([part.boxes for part in parts]),
        torch.cat([part.points for part in parts]),
        torch.cat([part.scores for part in parts]),
    )


def overlaps(box: Tensor, boxes: Tensor) -> Tensor:
    """Which of the boxes (F, 4) are of the same face as a box (4,): (F,) bool."""
    both = shared(box[None], boxes)[0]
    one, many = area(box), area(boxes)
    return (both > _SAME * (one + many - both)) | (both > _INSIDE * torch.minimum(one, many))


def shared(a: Tensor, b: Tensor) -> Tensor:
    """Areas that boxes (A, 4) and (B, 4) have in common: (A, B)."""
    low = torch.maximum(a[:, None, :2], b[None, :, :2])
    high = torch.minimum(a[:, None, 2:], b[None, :, 2:])
    return (high - low).clamp_min(0).prod(-1)


def area(boxes: Tensor) -> Tensor:
    """Of boxes (..., 4)."""
    return (boxes[..., 2:] - boxes[..., :2]).clamp_min(0).prod(-1)


def _upright(batch: Tensor, faces: Faces, find: Find) -> list[Found]:
    """What is found without turning the pictures."""
    height, width = batch.shape[2:]
    parts = [_seen(batch, faces, "short", faces.short.size / max(height, width), find)]
    smallest = find.smallest * max(1.0, max(height, width) / 960)
    scale = min(1.0, _NEEDED / smallest)
    while scale * max(height, width) > faces.short.size:
        parts.append(_seen(batch, faces, "full", scale, find))
        scale /= _SPAN
    return [merge(joined(each)) for each in zip(*parts, strict=True)]


def _turned(image: Tensor, faces: Faces, find: Find) -> list[Found]:
    """What is found in a picture (1, 3, H, W) that lies on its side or stands on its head."""
    height, width = image.shape[2:]
    parts: list[Found] = []
    for quarters in (1, 3, 2):
        (found,) = _upright(torch.rot90(image, quarters, (2, 3)), faces, find)
        points = _unturned(found.points, quarters, height, width)
        corners = _unturned(found.boxes.reshape(-1, 2, 2), quarters, height, width)
        boxes = torch.cat([corners.amin(1), corners.amax(1)], 1)
        parts.append(Found(boxes, points, found.scores))
    return parts


def _unturned(points: Tensor, quarters: int, height: int, width: int) -> Tensor:
    """Points (..., 2) of a picture turned counterclockwise, in the picture as it was."""
    x, y = points.unbind(-1)
    turned = {1: (width - y, x), 2: (width - x, height - y), 3: (y, height - x)}[quarters]
    return torch.stack(turned, -1)


def _seen(
    batch: Tensor, faces: Faces, name: Literal["short", "full"], scale: float, find: Find
) -> list[Found]:
    """What a network finds in pictures at a scale, in the pixels that they have."""
    network: ShortRange | FullRange = getattr(faces, name)
    small, across, down = shrunk(batch, scale)
    parts: list[list[Found]] = []
    for top, left, tile in _tiles(small):
        where = network.stem.weight.device
        seen = letterboxed(tile, network.multiple).to(where)
        guesses = run(faces, name, network, seen)
        boxes, points, logits = (each.to(batch.device) for each in guesses)
        ratio = boxes.new_tensor([across, down])
        offset = boxes.new_tensor([left, top])
        points = (points + offset) * ratio
        boxes = (boxes + offset.repeat(2)) * ratio.repeat(2)
        scores = logits.sigmoid()
        sure = scores >= find.score
        parts.append(
            [
                Found(b[s], p[s], v[s])
                for b, p, v, s in zip(boxes, points, scores, sure, strict=True)
            ]
        )
    return [joined(each) for each in zip(*parts, strict=True)]


def shrunk(batch: Tensor, scale: float) -> tuple[Tensor, float, float]:
    """Pictures at another size, and how many of the old pixels a new one is, across and down."""
    height, width = batch.shape[2:]
    size = [max(1, round(height * scale)), max(1, round(width * scale))]
    if size != [height, width]:
        batch = F.interpolate(batch, size, mode="bilinear", antialias=scale < 1)
    return batch, width / size[1], height / size[0]


def letterboxed(batch: Tensor, multiple: int) -> Tensor:
    """Pictures with black to the right and below, so that a network can take them."""
    height, width = batch.shape[2:]
    padded = F.pad(batch, (0, -width % multiple, 0, -height % multiple))
    return padded.contiguous(memory_format=torch.channels_last)


def _tiles(batch: Tensor) -> Iterator[tuple[int, int, Tensor]]:
    """Tops, lefts and pictures of tiles that overlap and cover all."""
    height, width = batch.shape[2:]
    for top in _starts(height):
        for left in _starts(width):
            yield top, left, batch[:, :, top : top + _TILE, left : left + _TILE]


def _starts(length: int) -> list[int]:
    """Where tiles begin, evenly.

    >>> _starts(500), _starts(641), _starts(1500)
    ([0], [0, 1], [0, 430, 860])
    """
    if length <= _TILE:
        return [0]
    count = math.ceil((length - _OVERLAP) / (_TILE - _OVERLAP))
    return [(length - _TILE) * number // (count - 1) for number in range(count)]
