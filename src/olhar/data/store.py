"""Decoded pictures in a folder: made by one process at a time, and whole or known to be unfinished.

`pixels` holds one square after the other; `index.json` is written last and makes them whole. Until
then `progress.jsonl` has a line for each chunk whose pixels have reached the disk, so whoever comes
after a kill goes on there. The lock beside the folder lets others wait instead of competing.
"""

from __future__ import annotations

import contextlib
import errno
import json
import os
import shutil
import warnings
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import IO, TYPE_CHECKING, Any

from filelock import FileLock, Timeout

from olhar.data.contents import digest, threads
from olhar.data.squares import Fit, square
from olhar.errors import OlharError
from olhar.media.files import atomic, reason, shown
from olhar.media.progress import bar

if TYPE_CHECKING:
    from collections.abc import Generator, Sequence
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

INDEX, PIXELS, PROGRESS = "index.json", "pixels", "progress.jsonl"
_CHUNK = 256  # pictures; what a kill costs at most
_CHANNELS = 3


def obtain(
    folder: Path, files: Sequence[Path], hashes: Sequence[bytes], size: int, fit: Fit
) -> dict[int, str]:
    """See to it that a folder holds the pixels of files.

    Args:
        folder: its own for these files, size and fit.
        files: the pictures.
        hashes: the SHA-256 of each, as it was just now.
        size: side of the squares.
        fit: as for `square`.

    Returns:
        The numbers of files that are no whole pictures, and why; all others are rows of `pixels`.

    Raises:
        OlharError: no room, no permission, or a file that vanished meanwhile.
    """
    failed = _finished(folder, size)
    if failed is not None:
        return failed
    with _told(folder), _alone(folder):
        failed = _finished(folder, size)  # by another process, while this one waited
        if failed is None:
            failed = _build(folder, files, hashes, size, fit)
    return failed


def lock(folder: Path) -> FileLock:
    """The lock of whoever makes or removes a folder; it lies beside it."""
    return FileLock(folder.with_name(folder.name + ".lock"))


def _finished(folder: Path, size: int) -> dict[int, str] | None:
    """The failures of a store that is whole, else None."""
    try:
        index = json.loads((folder / INDEX).read_bytes())
        whole = (folder / PIXELS).stat().st_size == index["rows"] * size * size * _CHANNELS
        return {int(i): why for i, why in index["failed"].items()} if whole else None
    except (OSError, ValueError, KeyError):
        return None


@contextlib.contextmanager
def _alone(folder: Path) -> Generator[None]:
    folder.mkdir(parents=True, exist_ok=True)
    ours = lock(folder)
    try:
        ours.acquire(timeout=0)
    except Timeout:
        with bar("waiting for another process that decodes the same pictures"):
            ours.acquire()
    try:
        yield
    finally:
        ours.release()


def _build(
    folder: Path, files: Sequence[Path], hashes: Sequence[bytes], size: int, fit: Fit
) -> dict[int, str]:
    row = size * size * _CHANNELS
    (folder / INDEX).unlink(missing_ok=True)  # of pixels that somebody cut short
    with (
        (folder / PIXELS).open("ab") as pixels,
        (folder / PROGRESS).open("a+b") as journal,
        warnings.catch_warnings(),
        contextlib.closing(_Pool()) as pool,
        bar("decoding pictures", len(files)) as update,
    ):
        warnings.simplefilter("ignore")  # what decoders think of files is told by `failed`
        done, failed = _resumed(pixels, journal, row)
        missing = (len(files) - done) * row - shutil.disk_usage(folder).free
        if missing > 0:
            raise OSError(errno.ENOSPC, f"{missing / 1e9:,.1f} GB more are needed")
        for start in range(done, len(files), _CHUNK):
            end = min(start + _CHUNK, len(files))
            broken: dict[int, str] = {}
            squares = pool.map(
                partial(_tried, size=size, fit=fit), files[start:end], hashes[start:end]
            )
            for i, found in enumerate(squares, start):
                if isinstance(found, str):
                    broken[i] = found
                else:
                    pixels.write(found.data)
                update(i + 1)
            _sync(pixels)  # before the journal says so
            journal.write(json.dumps({"files": end, "failed": broken}).encode() + b"\n")
            _sync(journal)
            failed |= broken
    with atomic(folder / INDEX) as temporary:
        temporary.write_text(json.dumps({"rows": len(files) - len(failed), "failed": failed}))
    (folder / PROGRESS).unlink()
    return failed


class _Pool(ThreadPoolExecutor):
    """Threads that leave work undone when they are told to stop, as Ctrl-C does."""

    def __init__(self) -> None:
        super().__init__(threads())

    def close(self) -> None:
        self.shutdown(cancel_futures=True)


def _tried(path: Path, expected: bytes, *, size: int, fit: Fit) -> NDArray[np.uint8] | str:
    """The square, or what is wrong with the picture, in words that go on from its name."""
    try:
        return square(path, size, fit)
    except OlharError as error:
        if digest(path) != expected:  # a disk that went away says nothing about the picture
            raise OlharError(
                f"{shown(path)} changed or went away while it was read; run it again"
            ) from error
        return str(error).removeprefix(shown(path)).strip()


def _resumed(pixels: IO[bytes], journal: IO[bytes], row: int) -> tuple[int, dict[int, str]]:
    """How many files are dealt with and which failed; cuts off what was half written after that."""
    done, failed, valid = 0, dict[int, str](), 0
    journal.seek(0)
    with contextlib.suppress(ValueError, KeyError):
        for line in journal:
            if line.endswith(b"\n"):
                said: dict[str, Any] = json.loads(line)
                done = said["files"]
                failed |= {int(i): why for i, why in said["failed"].items()}
                valid += len(line)
    if os.fstat(pixels.fileno()).st_size < (done - len(failed)) * row:
        done, failed, valid = 0, {}, 0
    journal.truncate(valid)
    pixels.truncate((done - len(failed)) * row)
    return done, failed


def _sync(file: IO[bytes]) -> None:
    file.flush()
    os.fsync(file.fileno())


@contextlib.contextmanager
def _told(folder: Path) -> Generator[None]:
    try:
        yield
    except (OSError, NotImplementedError) as error:  # the latter: a disk that has no locks
        raise OlharError(
            f"decoded pictures cannot be kept in {shown(folder.parent)}: {reason(error)}; "
            "make room, or set OLHAR_CACHE to a folder on another disk"
        ) from error
