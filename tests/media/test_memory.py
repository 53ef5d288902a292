"""What is freed goes back to the system."""

import ctypes
import sys
from pathlib import Path

import numpy as np
import pytest

from olhar.media.memory import give_back


def resident() -> float:
    """Megabytes of this process."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096 / 1e6


@pytest.mark.skipif(
    sys.platform != "linux" or not hasattr(ctypes.CDLL(None), "malloc_trim"),
    reason="only GNU's C library keeps what was freed in this way",
)
def test_gaps_are_given_back() -> None:
    before = resident()
    held = [np.ones(100_000, np.uint8) for _ in range(3000)]  # too small to be mapped one by one
    full = resident()
    kept = held[::30]
    del held
    give_back()
    assert full - before > 250
    assert resident() - before < 60
    assert all(each.all() for each in kept)
