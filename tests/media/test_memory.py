"""What is freed goes back to the system."""

import ctypes
import os
import subprocess
import sys

import numpy as np
import pytest

from olhar.media.memory import HUGE, apart

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


FRAMES = """
from pathlib import Path
from olhar.media.memory import apart

def resident():
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096 / 1e6

before = resident()
held, small = [], []
for number in range(20):
    held.append(apart((3, 720, 1280)))
    held[-1][:] = number
    small.append(bytes(5000))  # would keep a heap from shrinking
full = resident()
values = [float(each[:, 5:9].transpose(1, 2, 0).mean()) for each in held]
view = held[7][1]
del held
print(full - before, resident() - before, values == [*range(20)], view.mean())
"""


@pytest.mark.skipif(sys.platform != "linux", reason="/proc says how much a process holds")
def test_a_frame_that_nobody_holds_is_gone():
    """A view holds it."""
    told = subprocess.run([sys.executable, "-c", FRAMES], capture_output=True, text=True)
    full, left, right, kept = told.stdout.split()
    assert float(full) > 215
    assert float(left) < 20
    assert (right, kept) == ("True", "7.0")


LARGE = """
import ctypes
from pathlib import Path
import torch
from olhar.media.memory import map_large

class Held(ctypes.Structure):
    _fields_ = [(f"field{number}", ctypes.c_size_t) for number in range(10)]

def mapped():
    mallinfo = ctypes.CDLL(None).mallinfo2
    mallinfo.restype = Held
    return mallinfo().field4 / 1e6

def resident():
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096 / 1e6

map_large()
torch.ones(7_500_000)  # from now on the C library would take 30 MB for small
empty, before = mapped(), resident()
held, small = [], []
for number in range(20):
    held.append(torch.full((2_000_000,), float(number)))
    small.append(bytes(5000))
full, pages = resident(), mapped()
del held
print(full - before, pages - empty, resident() - before, len(small))
"""


@pytest.mark.skipif(
    sys.platform != "linux" or not hasattr(ctypes.CDLL(None), "mallinfo2"),
    reason="only GNU's C library puts what is large between what is small, and says how much",
)
@pytest.mark.parametrize("huge", [True, False])
def test_large_tensors_have_pages_of_their_own_where_pages_are_huge(huge):
    """Without huge pages the C library does as it likes."""
    told = subprocess.run(
        [sys.executable, "-c", LARGE],
        env=os.environ | {HUGE: "1" if huge else "0"},
        capture_output=True,
        text=True,
    )
    full, pages, left, _ = map(float, told.stdout.split())
    assert full > 155
    if huge:
        assert pages > 155
        assert left < 10
    else:
        assert pages < 20


@pytest.mark.parametrize("shape", [(3, 0, 5), (3, 2, 5), (3, 300, 400)])
def test_frames_can_be_written(shape):
    array = apart(shape)
    array[...] = 2
    assert (array.shape, array.dtype, array.sum()) == (shape, np.float32, 2 * np.prod(shape))
