"""Memory of long films: as much in the last minute as in the first.

The C library keeps what is freed for later. Among the millions of tensors of all sizes that a long
film goes through it leaves gaps that the next do not fit into, so a process grows though it holds
no more than at first: by 270 MB in half an hour of 720p, and by 24 with what is done here. Frames
lie apart (`apart`), where each takes what it needs and gives all of it back; other large tensors
likewise, where they come in huge pages (`map_large`); and what lies between smaller ones is given
back from time to time (`give_back`), in milliseconds.
"""

from __future__ import annotations

import ctypes
import math
import mmap
import os
import sys
from functools import cache
from typing import Any

import numpy as np

HUGE = "THP_MEM_ALLOC_ENABLE"
"""The environment variable by which torch asks for huge pages if it is 1: 2 MiB instead of 4 KiB,
so large tensors cost 500 times fewer page faults. Torch reads it once, before its first tensor."""

LACKING = "there is not enough memory for this; give smaller pictures or a smaller model"
"""What a person is told, where nothing more is known."""

_LEAST = 1 << 20  # bytes from which an array is worth pages of its own
_LARGE = 4 << 20  # bytes from which a tensor is
_MAP, _TRIM = -3, -1  # mallopt's numbers of the two


def apart(shape: tuple[int, ...]) -> np.ndarray[Any, np.dtype[np.float32]]:
    """An array for a frame, which goes back to the system as soon as nobody holds it.

    Args:
        shape: its sides.

    Returns:
        That shape, float32; what is in it is not said.
    """
    size = 4 * math.prod(shape)
    if size < _LEAST:
        return np.empty(shape, np.float32)
    if sys.platform == "win32":
        pages = mmap.mmap(-1, size)
    else:
        pages = mmap.mmap(-1, size, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
        if hasattr(mmap, "MADV_HUGEPAGE"):  # filled in half the time
            pages.madvise(mmap.MADV_HUGEPAGE)
    return np.frombuffer(pages, np.float32).reshape(shape)


def is_lacking(error: BaseException) -> bool:
    """Whether an error says that there is not enough memory, as Python or as torch says it."""
    words = ("out of memory", "allocate memory")
    return isinstance(error, MemoryError) or (
        isinstance(error, RuntimeError) and any(each in str(error) for each in words)
    )


@cache
def map_large() -> None:
    """From now on, have the C library give large tensors pages of their own, as `apart` does.

    Left to itself it puts whatever is below 32 MB between smaller things. Costs nothing in huge
    pages and a tenth of the time without, so without (`HUGE`) this does nothing; nor does it where
    the C library is not GNU's.
    """
    if sys.platform == "linux" and os.environ.get(HUGE) == "1":
        mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
        if mallopt is not None:
            mallopt(_MAP, _LARGE)
            mallopt(_TRIM, 32 * _LARGE)  # else every MB at its end comes and goes


def give_back() -> None:
    """Give back what was freed; where the C library is not GNU's, this does nothing."""
    if sys.platform == "linux":
        trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
        if trim is not None:
            trim(0)
