"""Pictures decoded once: a file of 8-bit squares that every epoch reads by slicing.

    cached = cache(found.files, size=128)       # decodes, or finds it done
    found = found.take(cached.kept)             # those that could be read
    cached.rows(np.array([4, 2]))               # (2, 128, 128, 3) uint8

A cache is keyed by what the files contain, in order, so moving or renaming a set costs nothing, and
one changed picture makes a new cache. It lies in `pictures/` below $OLHAR_CACHE or olhar's own
folder for caches, safe from kills and from other processes (`store`).

Cost: size * size * 3 bytes a picture on disk; in memory what is sliced.
"""

from __future__ import annotations

import contextlib
import hashlib
import importlib.util
import json
import os
import shutil
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, get_args

import numpy as np
from filelock import Timeout

from olhar.data.contents import digests, home_of
from olhar.data.examples import some
from olhar.data.squares import Fit
from olhar.data.store import INDEX, PIXELS, lock, obtain
from olhar.errors import OlharError
from olhar.media.files import shown

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

_DAYS = 90
"""After so many days without use a cache makes room, when another is made."""
_VERSION = 1  # to be raised when the same file would give other pixels
_LARGEST = 2048


@dataclass(frozen=True, kw_only=True, eq=False)
class Cache:
    """N square pictures."""

    pixels: NDArray[np.uint8]
    """(N, S, S, 3), sRGB; on disk unless made by `of`."""
    kept: NDArray[np.int64]
    """(N,): which of the files each row shows; the others could not be read."""
    fingerprint: str
    """A hash of what the rows show."""
    notes: tuple[str, ...] = ()
    """What a person should know: sentences."""
    unreadable: dict[int, str] = field(default_factory=dict[int, str])
    """Numbers of the files that were left out, and for each the sentence that says why."""

    @classmethod
    def of(cls, pixels: NDArray[np.uint8]) -> Cache:
        """A cache in memory, for a set that is an array already.

        Args:
            pixels: (N, S, S, 3) uint8, sRGB; not copied.
        """
        if pixels.dtype != np.uint8 or pixels.ndim != 4 or pixels.shape[2:] != (pixels.shape[1], 3):
            raise ValueError(f"pixels are {pixels.shape} {pixels.dtype}, not (N, S, S, 3) uint8")
        found = hashlib.sha256(str(pixels.shape).encode())
        for row in pixels:
            found.update(row.tobytes())
        return cls(pixels=pixels, kept=np.arange(len(pixels)), fingerprint=found.hexdigest()[:32])

    def __len__(self) -> int:
        return len(self.pixels)

    @property
    def size(self) -> int:
        """The side of the squares, in pixels."""
        return self.pixels.shape[1]

    def rows(self, indices: NDArray[np.int64]) -> NDArray[np.uint8]:
        """Some pictures, copied into memory: (len(indices), S, S, 3)."""
        return self.pixels[indices]


def cache(files: Sequence[str | os.PathLike[str]], size: int, *, fit: Fit = "crop") -> Cache:
    """Decode pictures to squares, or find them decoded.

    Pictures are upright, in sRGB and resized with antialiasing. Files that cannot be read are left
    out and told.

    Args:
        files: the pictures.
        size: side of the squares, in pixels.
        fit: "crop" takes the middle of a picture that is no square, "pad" puts all of it between
            grey bars, "stretch" distorts it.

    Returns:
        The pictures that could be read, in the order of `files`; `kept` says which those are.

    Raises:
        OlharError: none of the files can be read, or there is no room on the disk.
    """
    if not 1 <= size <= _LARGEST or fit not in get_args(Fit):
        raise OlharError(
            f"pictures of size {size} with fit {fit!r} cannot be made; the size is from 1 to "
            f"{_LARGEST}, fit is {' or '.join(get_args(Fit))}"
        )
    paths = [Path(file) for file in files]
    hashes = dict(enumerate(digests(paths)))
    whole = {i: found for i, found in hashes.items() if isinstance(found, bytes)}
    failed = {i: str(why) for i, why in hashes.items() if isinstance(why, OlharError)}
    folder = home_of("pictures") / _key(list(whole.values()), size, fit)
    if not folder.exists():
        prune(_DAYS)
    if whole:
        numbers = list(whole)
        found = obtain(folder, [paths[i] for i in numbers], list(whole.values()), size, fit)
        failed |= {numbers[i]: f"{shown(paths[numbers[i]])} {why}" for i, why in found.items()}
    kept = np.array([i for i in range(len(paths)) if i not in failed], np.int64)
    reasons = dict(sorted(failed.items()))
    if not len(kept):
        why = next(iter(reasons.values()), "no files were given")
        raise OlharError(f"none of {len(paths):,} pictures can be read: {why}")
    with contextlib.suppress(OSError):
        os.utime(folder / INDEX)  # `prune` goes by that
    note = (
        f"{len(reasons):,} of {len(paths):,} pictures cannot be read and were left out "
        f"({some(paths[i].name for i in reasons)}; the first: {next(iter(reasons.values()), '')})"
    )
    pixels = np.memmap(folder / PIXELS, np.uint8, "r", shape=(len(kept), size, size, 3))
    return Cache(
        pixels=np.asarray(pixels),
        kept=kept,
        fingerprint=_fingerprint([whole[i] for i in kept], size, fit),
        notes=(note,) if reasons else (),
        unreadable=reasons,
    )


def prune(older_than_days: float) -> int:
    """Remove caches that nothing has used for some days; those in the making stay.

    Returns:
        How many bytes that freed.
    """
    before, freed = time.time() - older_than_days * 86_400, 0
    for folder in home_of("pictures").glob("*/"):
        with contextlib.suppress(Timeout, OSError), lock(folder).acquire(timeout=0):
            if max((path.stat().st_mtime for path in folder.iterdir()), default=0.0) < before:
                freed += sum(path.stat().st_size for path in folder.iterdir())
                shutil.rmtree(folder)
    for memory in home_of("hashes").glob("*"):
        with contextlib.suppress(OSError):
            if memory.stat().st_mtime < before:
                freed += memory.stat().st_size
                memory.unlink()
    return freed


def _fingerprint(hashes: Sequence[bytes], size: int, fit: Fit) -> str:
    """Of the pictures that there are, however many others could not be read."""
    return hashlib.sha256(json.dumps([size, fit]).encode() + b"".join(hashes)).hexdigest()[:32]


def _key(hashes: Sequence[bytes], size: int, fit: Fit) -> str:
    heic = importlib.util.find_spec("pillow_heif") is not None  # which makes more files readable
    key = hashlib.sha256(json.dumps([_VERSION, size, fit, heic]).encode())
    for each in hashes:
        key.update(each)
    return key.hexdigest()[:32]
