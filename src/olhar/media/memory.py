"""Memory of long films: as much in the last minute as in the first.

The C library keeps what is freed for later. Among the millions of tensors of all sizes that a long
film goes through it leaves gaps that the next do not fit into, so a process grows though it holds
no more than at first: by 270 MB in half an hour of 720p. Against that, frames lie apart (`apart`),
where each takes what it needs and gives all of it back, and what lies between smaller tensors is
given back from time to time (`give_back`), in milliseconds.
"""

from __future__ import annotations

import ctypes
import math
import mmap
import sys
from typing import Any

import numpy as np

_LEAST = 1 << 20  # bytes from which an array is worth pages of its own


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


def give_back() -> None:
    """Give back what was freed; where the C library is not GNU's, this does nothing."""
    if sys.platform == "linux":
        trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
        if trim is not None:
            trim(0)
