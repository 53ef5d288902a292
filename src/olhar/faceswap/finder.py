"""The faces of a film, frame by frame, without looking for them in every frame.

Frames of one shot are taken sixteen at a time, fewer if they are large. Faces are looked for in two
of them; between these a face is expected on the straight line from the one place to the other, and
the network that sets the points says whether it is there. Where faces come or go, or are not where
they were expected, the frames between are searched one by one. So detection costs an eighth, and
what it finds is the same but for faces that come and go within a quarter of a second.

Cost: about 30 ms of one slow core for a frame of 640 x 360 with one face, against 100 ms otherwise;
as much memory as sixteen frames of 1280 x 720.
"""

from __future__ import annotations

from collections import deque
from dataclasses import replace
from itertools import accumulate, pairwise
from typing import TYPE_CHECKING, NamedTuple

import torch
from torch import Tensor

from olhar.faceswap.detect import Find, Found, area, clear, detect, shared
from olhar.faceswap.landmarks import Looks, Squares, boxes_of, look, of_boxes, of_points
from olhar.faceswap.track import matched

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from olhar.faceswap.faces import Faces

TOGETHER = 16
"""Frames that are looked at together, unless they are large."""
_PIXELS = 20_000_000  # of frames that are looked at together, unless there are few
_BETWEEN = 8  # frames from one that is searched to the next
_OFF = 0.05  # of the square in which a face is looked for: further off, its points are worse
_DOUBLE = 0.5  # share of the smaller of two faces within the larger, from which they are one


class Seen(NamedTuple):
    """The faces of a frame, the largest first."""

    points: Tensor
    """(F, 468, 3) x, y and z in pixels; z grows away from the viewer."""
    presence: Tensor
    """(F,) in [0, 1]."""


def see(image: Tensor, faces: Faces, find: Find = Find()) -> Seen:  # noqa: B008  frozen
    """The faces of one picture.

    Args:
        image: (3, H, W) sRGB in [0, 1].
        faces: the networks.
        find: what counts as a face.

    Raises:
        OlharError: if it has another shape.
    """
    (found,) = detect(image[None], faces, find)
    (looks,) = _twice([image], [found], faces)
    return _kept(looks, find)


def see_frames(
    frames: Iterable[tuple[Tensor, bool]],
    faces: Faces,
    find: Find = Find(),  # noqa: B008  frozen
) -> Iterator[tuple[Tensor, bool, Seen]]:
    """The faces of a film.

    Args:
        frames: images (3, H, W) in [0, 1] of one size, in order, and whether a shot begins with
            each (`olhar.media.shots`): nobody is expected to go from one shot into the next.
        faces: the networks.
        find: what counts as a face.

    Yields:
        Each frame, whether a shot begins with it, and what is in it.
    """
    before: Seen | None = None
    source = iter(frames)
    following = next(source, None)
    while following is not None:
        image, first = following
        images, most = deque([image]), together(image, TOGETHER, _BETWEEN)
        del image  # no frame is held for longer than it is needed
        while (following := next(source, None)) and len(images) < most and not following[1]:
            images.append(following[0])
        for seen in _chunk(images, None if first else before, faces, find):
            yield images.popleft(), first, seen
            before, first = seen, False


def together(image: Tensor, most: int, least: int) -> int:
    """How many frames like this one are worked on at once.

    >>> sizes = (720, 1280), (2160, 3840)
    >>> [together(torch.empty(3, *size, device="meta"), 16, 8) for size in sizes]
    [16, 8]
    """
    while most > least and most * image.shape[1] * image.shape[2] > _PIXELS:
        most //= 2
    return most


def _chunk(images: Sequence[Tensor], before: Seen | None, faces: Faces, find: Find) -> list[Seen]:
    """What is in some frames, given what was in the one before them, if there was one."""
    upright = replace(find, turned=False)
    last = len(images) - 1
    keys = [*range(0 if before is None else _BETWEEN - 1, last, _BETWEEN), last]
    found = detect(torch.stack([images[key] for key in keys]), faces, upright)
    if find.turned and not any(map(clear, found)):
        middle = len(keys) // 2  # one for all: looking from all sides takes four times as long
        (best,) = detect(images[keys[middle]][None], faces, find)
        if _surer(best, found[middle]):
            upright = find
            found = detect(torch.stack([images[key] for key in keys]), faces, find)
    looks = dict(zip(keys, _twice([images[k] for k in keys], found, faces), strict=True))
    known = {key: _kept(each, find) for key, each in looks.items()}
    expected = dict[int, Squares]()
    if before is not None:
        keys = [-1, *keys]
        known[-1] = before
    for a, b in pairwise(keys):
        expected |= _between(a, known[a], b, known[b])
    between = [(frame, squares) for frame, squares in expected.items() if len(squares.sides)]
    guessed, lost = _expected(images, between, faces)
    search = [n for n in range(last) if n not in known and n not in expected]
    for n, ((frame, squares), each) in enumerate(zip(between, guessed, strict=True)):
        known[frame] = _kept(each, find)
        if n in lost or len(known[frame].presence) < len(squares.sides):
            search.append(frame)
    for frame, squares in expected.items():
        if not len(squares.sides):
            known[frame] = Seen(torch.zeros(0, 468, 3), torch.zeros(0))
    if search:
        found = detect(torch.stack([images[n] for n in search]), faces, upright)
        for n, each in zip(search, _twice([images[n] for n in search], found, faces), strict=True):
            known[n] = _kept(each, find)
    return [known[n] for n in range(len(images))]


def _expected(
    images: Sequence[Tensor], where: Sequence[tuple[int, Squares]], faces: Faces
) -> tuple[list[Looks], set[int]]:
    """The points where faces are expected, and at which places no look is to be trusted.

    A face that is not quite there, as it moves fast, is looked at again where it seemed to be.
    """
    looks = _looks(images, where, faces)
    off = [n for n, each in enumerate(looks) if _elsewhere(where[n][1], each)]
    nearer = [(where[n][0], of_points(looks[n].points)) for n in off]
    lost = set[int]()
    for n, (_, squares), each in zip(off, nearer, _looks(images, nearer, faces), strict=True):
        looks[n] = each
        if _elsewhere(squares, each):
            lost.add(n)
    return looks, lost


def _elsewhere(squares: Squares, looks: Looks) -> bool:
    """Whether a face is not quite where it was looked for, so that its points are askew."""
    found = of_points(looks.points)
    moved = (found.centers - squares.centers).square().sum(1).sqrt() / squares.sides
    grown = (found.sides / squares.sides).log().abs()
    return bool((torch.maximum(moved, grown / 2) > _OFF).any())


def _surer(one: Found, other: Found) -> bool:
    """Whether one look found more than another."""
    return float(one.scores.sum()) > float(other.scores.sum()) + 1e-3


def _between(a: int, before: Seen, b: int, after: Seen) -> dict[int, Squares]:
    """Where faces are expected in the frames between two; nothing where they come or go."""
    if not len(before.presence) and not len(after.presence):
        nothing = Squares(torch.zeros(0, 2), torch.zeros(0), torch.zeros(0))
        return dict.fromkeys(range(a + 1, b), nothing)
    if not len(before.presence) or not len(after.presence):
        return {}
    pairs = matched(boxes_of(before.points), boxes_of(after.points))
    if len(pairs) < max(len(before.presence), len(after.presence)):
        return {}
    first = before.points[[i for i, _ in pairs]]
    second = after.points[[j for _, j in pairs]]
    return {n: of_points(torch.lerp(first, second, (n - a) / (b - a))) for n in range(a + 1, b)}


def _twice(images: Sequence[Tensor], found: Sequence[Found], faces: Faces) -> list[Looks]:
    """The points of what was detected: one look by the boxes, one by the points of the first."""
    numbered = list(enumerate(found))
    first = _looks(images, [(n, of_boxes(f.boxes, f.points)) for n, f in numbered], faces)
    return _looks(images, [(n, of_points(f.points)) for n, f in enumerate(first)], faces)


def _looks(
    images: Sequence[Tensor], where: Sequence[tuple[int, Squares]], faces: Faces
) -> list[Looks]:
    """The points at squares in some frames, all at once."""
    if not where:
        return []
    counts = [len(squares.sides) for _, squares in where]
    shown = [images[n] for (n, _), count in zip(where, counts, strict=True) for _ in range(count)]
    squares = Squares(
        torch.cat([each.centers for _, each in where]),
        torch.cat([each.sides for _, each in where]),
        torch.cat([each.leans for _, each in where]),
    )
    looks = look(shown, squares, faces)
    ends = list(accumulate(counts))
    places = [slice(end - count, end) for end, count in zip(ends, counts, strict=True)]
    return [Looks(looks.points[place], looks.presence[place]) for place in places]


def _kept(looks: Looks, find: Find) -> Seen:
    """Those that are faces, each once."""
    sure = looks.presence >= find.presence
    points, presence = looks.points[sure], looks.presence[sure]
    if not len(points):
        return Seen(points, presence)
    boxes = boxes_of(points)
    order = [int(each) for each in area(boxes).argsort(descending=True)]
    left: list[int] = []
    for each in order:
        same = shared(boxes[each][None], boxes[left])[0] > _DOUBLE * area(boxes[each])
        if not bool(same.any()):
            left.append(each)
    return Seen(points[left], presence[left])
