"""What is freed goes back to the system."""

import ctypes
import subprocess
import sys

import pytest

PROGRAM = """
from pathlib import Path
from olhar.media.memory import give_back

def resident():
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096 / 1e6

before = resident()
held = [bytes([1]) * 100_000 for _ in range(3000)]  # too small to be mapped one by one
full = resident()
kept = held[::30]
del held
freed = resident()
give_back()
print(full - before, freed - before, resident() - before, sum(map(sum, kept)))
"""


@pytest.mark.skipif(
    sys.platform != "linux" or not hasattr(ctypes.CDLL(None), "malloc_trim"),
    reason="only GNU's C library keeps what was freed in this way",
)
def test_gaps_are_given_back() -> None:
    """In a process of its own: one that has freed much already grows by less."""
    told = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True)
    full, freed, left, count = map(float, told.stdout.split())
    assert full > 290
    assert freed > 150, "it is the gaps that are kept"
    assert left < 40
    assert count == 100 * 100_000
