"""Pictures that are nearly the same: re-encoded, rescaled, a little brighter, the next of a burst.

If one is learned from and the other tested on, the test measures memory. Found in three steps:

1. A perceptual hash of 64 bits: the signs of low cosine frequencies of the grey picture against
   their median (pHash; Zauner 2010, section 3.2.1).
2. Pairs whose hashes differ in at most `NEAR` bits, by an index: of four quarters of 16 bits one
   then differs in at most one bit (Norouzi, Punjani and Fleet 2012, with search radius 1).
3. Of these, pairs whose colour thumbnails differ by little of what varies in them, as they are or
   with brightness and contrast made equal, since a clear sky and a white background hash alike
   whatever stands in front.

The thresholds were set by looking at the pairs found in 60,000 small pictures of ten things, 8,000
photographs and 3,800 of clothes: at these nearly all are one scene, at 0.4 different shirts on one
background begin to pass. Mirrored and strongly cropped copies are not found.

Cost: 50,000 pictures of 32 pixels take some seconds of one core and about 150 MB.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from olhar.data.cache import Cache

NEAR = 7
"""Bits in which the hashes of near-duplicates may differ; the index finds all pairs up to 7."""
_SIDE = 32  # of the grey picture that is hashed
_LOW = 8  # cosine frequencies across and down that are kept
_THUMB = 8  # side of the thumbnails that are compared
_SHARE = 0.3  # of its contrast by which two thumbnails of one picture may differ
_SHARE_LIT = 0.25  # the same, when brightness and contrast have been made equal
_LIVELY = 20  # levels of contrast from which that can be done without making up a picture
_NOISE = 1.5  # levels by which they may differ besides
_PIXELS = 1 << 21  # at a time
_PAIRS = 1 << 20  # pairs at a time whose hashes are compared
_COMPARED = 1 << 14  # pairs at a time whose thumbnails are


def near_duplicates(cached: Cache) -> NDArray[np.int64]:
    """Which pictures are nearly the same.

    Args:
        cached: N pictures.

    Returns:
        (N,): for each picture the number of the first in its group; its own if it is alone.
    """
    hashes, thumbs = describe(cached)
    first, same = _equal(thumbs)
    hashes, alike = hashes[first], _Alike(thumbs[first])
    group = np.arange(len(first))
    for pairs in candidates(hashes):
        for start in range(0, len(pairs), _COMPARED):
            a, b = group[pairs[start : start + _COMPARED]].T  # as far as it is known
            news = pairs[start : start + _COMPARED][a != b]
            for one, other in news[alike(*news.T)].tolist():
                low, high = sorted((_root(group, one), _root(group, other)))
                group[high] = low
            group = _settled(group)
    return first[group][same]


def describe(cached: Cache) -> tuple[NDArray[np.uint64], NDArray[np.float32]]:
    """The perceptual hash of each picture, (N,), and its thumbnail, (N, 192), levels 0 to 255."""
    hashes = np.empty(len(cached), np.uint64)
    thumbs = np.empty((len(cached), _THUMB * _THUMB * 3), np.float32)
    across, small = _averaging(cached.size, _SIDE), _averaging(_SIDE, _THUMB)
    cosines = _cosines()
    step = max(1, _PIXELS // cached.size**2)
    for start in range(0, len(cached), step):
        indices = np.arange(start, min(start + step, len(cached)))
        rows = cached.rows(indices).astype(np.float32)  # (n, S, S, 3)
        even = np.einsum("yh,nhwc,xw->nyxc", across, rows, across, optimize=True)  # (n, 32, 32, 3)
        grey = even @ np.array([0.299, 0.587, 0.114], np.float32)  # (n, 32, 32)
        waves = cosines @ grey @ cosines.T  # (n, 8, 8)
        flat = waves.reshape(len(indices), -1)  # (n, 64)
        bits = flat > np.median(flat[:, 1:], axis=1, keepdims=True)  # the mean level says nothing
        hashes[indices] = np.packbits(bits, axis=1).view(">u8")[:, 0]
        thumb = np.einsum("yh,nhwc,xw->nyxc", small, even, small, optimize=True)  # (n, 8, 8, 3)
        thumbs[indices] = thumb.reshape(len(indices), -1)
    return hashes, thumbs


def candidates(hashes: NDArray[np.uint64]) -> Iterator[NDArray[np.int64]]:
    """Pairs of numbers a < b whose hashes differ in at most `NEAR` bits, some of them repeatedly.

    Yields:
        (P, 2), at most about a million at a time.
    """
    flips = [0, *(1 << bit for bit in range(16))]
    for quarter in range(4):
        keys = (hashes >> np.uint64(16 * quarter)).astype(np.uint16)
        order = np.argsort(keys, kind="stable")
        ordered = keys[order]
        for flip in flips:
            wanted = keys ^ np.uint16(flip)
            first = np.searchsorted(ordered, wanted, "left")
            count = np.searchsorted(ordered, wanted, "right") - first
            for chosen in _shares(count):
                a = np.repeat(chosen, count[chosen])
                place = np.arange(len(a)) - np.repeat(
                    np.cumsum(count[chosen]) - count[chosen], count[chosen]
                )
                b = order[first[a] + place]
                pairs = np.stack((a, b), 1)[a < b]
                apart = np.bitwise_count(hashes[pairs[:, 0]] ^ hashes[pairs[:, 1]])
                yield pairs[apart <= NEAR]


def _shares(count: NDArray[np.int64]) -> Iterator[NDArray[np.int64]]:
    """The numbers of pictures, in shares that make about `_PAIRS` pairs each."""
    rank = np.cumsum(count) // _PAIRS
    for each in np.unique(rank):
        yield np.flatnonzero((rank == each) & (count > 0))


def _equal(thumbs: NDArray[np.float32]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Thumbnails equal to the level, such as a thousand black frames: too many pairs to go through.

    Returns:
        The first picture of each kind, ascending; and for each picture the number of its kind.
    """
    levels = np.rint(thumbs).astype(np.uint8)  # (N, 192)
    keys = levels.view(np.dtype((np.void, levels.shape[1])))[:, 0]
    _, first, kind = np.unique(keys, return_index=True, return_inverse=True)
    order = np.argsort(first)
    return first[order], np.argsort(order)[kind]


class _Alike:
    """Whether thumbnails show the same, as they are or with the light made equal."""

    def __init__(self, thumbs: NDArray[np.float32]) -> None:
        self._thumbs = thumbs
        self._contrast = thumbs.reshape(len(thumbs), -1, 3).std(1).mean(1)  # (N,), levels
        self._even = thumbs - thumbs.mean(1, keepdims=True)
        self._even /= self._contrast.clip(1)[:, None]

    def __call__(self, a: NDArray[np.int64], b: NDArray[np.int64]) -> NDArray[np.bool_]:
        least = np.minimum(self._contrast[a], self._contrast[b])  # (P,)
        same = _apart(self._thumbs[a], self._thumbs[b]) <= _NOISE + _SHARE * least
        return same | ((_apart(self._even[a], self._even[b]) <= _SHARE_LIT) & (least >= _LIVELY))


def _apart(a: NDArray[np.float32], b: NDArray[np.float32]) -> NDArray[np.float32]:
    """The root of the mean squared difference of each pair: (P, 192) twice to (P,)."""
    return np.sqrt(((a - b) ** 2).mean(1))


def _root(group: NDArray[np.int64], i: int) -> int:
    while group[i] != i:
        i = int(group[i])
    return i


def _settled(group: NDArray[np.int64]) -> NDArray[np.int64]:
    """Every picture points to the first of its group, not to another that points there."""
    while (group != group[group]).any():
        group = group[group]
    return group


def _averaging(size: int, to: int) -> NDArray[np.float32]:
    """(to, size): a matrix whose rows average the pixels that each of `to` pixels covers."""
    edges = np.linspace(0, size, to + 1)
    pixels = np.arange(size)
    covered = np.minimum(edges[1:, None], pixels + 1) - np.maximum(edges[:-1, None], pixels)
    share = covered.clip(0)
    return (share / share.sum(1, keepdims=True)).astype(np.float32)


def _cosines() -> NDArray[np.float32]:
    """(8, 32): the lowest waves of the discrete cosine transform."""
    angles = np.pi / _SIDE * (np.arange(_SIDE) + 0.5) * np.arange(_LOW)[:, None]
    return np.cos(angles).astype(np.float32)
