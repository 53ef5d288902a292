"""Which number format and device a network should compute in on this machine, and how exactly.

bfloat16 halves the time of convolutions where the processor multiplies it in hardware (avx512_bf16,
amx, recent GPUs) and multiplies it elsewhere, where it is emulated: so the hardware is asked.
Losses stay in float32 everywhere; a Gram matrix of a million positions overflows float16.
"""

from __future__ import annotations

import os
import warnings
from contextlib import contextmanager
from functools import cache
from typing import TYPE_CHECKING, Any, cast

import torch

from olhar.errors import OlharError

if TYPE_CHECKING:
    from collections.abc import Generator

DEVICE = "OLHAR_DEVICE"
"""The environment variable that names the device, where the fastest is not wanted."""
_WORKSPACE = "CUBLAS_WORKSPACE_CONFIG"  # cuBLAS reads it once, when it is first used


def default_device() -> str:
    """The fastest device of this machine, "cuda", "mps" or "cpu", or what `OLHAR_DEVICE` says.

    Raises:
        OlharError: if it says what this machine has not.
    """
    if os.environ.get(DEVICE):
        return named_device(os.environ[DEVICE], f" ({DEVICE} says so)")
    if torch.cuda.is_available():
        return "cuda"
    return "mps" if torch.backends.mps.is_available() else "cpu"


def named_device(name: str, why: str = "") -> str:
    """The device of that name.

    Args:
        name: "cpu", "cuda" or "mps".
        why: it is that one, for the sentence.

    Raises:
        OlharError: if this machine has no such device.
    """
    here = {
        "cpu": True,
        "cuda": torch.cuda.is_available(),
        "mps": torch.backends.mps.is_available(),
    }
    if not here.get(name, False):
        has = " and ".join(device for device, present in here.items() if present)
        raise OlharError(f"there is no device {name!r}{why}; this machine's torch has {has}")
    return name


@contextmanager
def exact(device: str | torch.device) -> Generator[None]:
    """Have a GPU add up in one order, so that the same sums give the same bits every time.

    A CPU does so anyway, with as many threads. Left to itself a GPU lets threads add to a sum as
    they come, in the gradients of resizing above all. While it lasts it holds for all threads of
    the process. Cost: none that could be measured (`FaceSwap`, 27 ms a step on an H200).

    Args:
        device: on which the sums are.
    """
    if torch.device(device).type != "cuda":
        yield
        return
    _prepare_once()
    before = torch.are_deterministic_algorithms_enabled()
    gently = torch.is_deterministic_algorithms_warn_only_enabled()
    memory = cast("Any", torch.utils.deterministic)
    filled, memory.fill_uninitialized_memory = memory.fill_uninitialized_memory, False
    torch.use_deterministic_algorithms(mode=True, warn_only=True)
    try:
        yield
    finally:
        torch.use_deterministic_algorithms(before, warn_only=gently)
        memory.fill_uninitialized_memory = filled


@cache
def _prepare_once() -> None:
    os.environ.setdefault(_WORKSPACE, ":4096:8")
    warnings.filterwarnings("ignore", message=".*does not have a deterministic implementation.*")


def fast_dtype(device: str) -> torch.dtype:
    """The dtype in which frozen convolutions are fastest on a device without hurting a picture.

    Args:
        device: "cpu", "cuda", "mps", with or without an index.

    Returns:
        torch.bfloat16 where the hardware multiplies it, otherwise torch.float32.
    """
    kind = torch.device(device).type
    if kind == "cuda":
        return (
            torch.bfloat16 if torch.cuda.get_device_capability(device) >= (8, 0) else torch.float32
        )
    if kind == "cpu" and _cpu_has_bfloat16():
        return torch.bfloat16
    return torch.float32


def _cpu_has_bfloat16() -> bool:
    # Underscored in torch, so a version without them counts as a processor without bfloat16.
    probes = ("_is_avx512_bf16_supported", "_is_amx_tile_supported")
    return any(bool(getattr(torch.cpu, probe, bool)()) for probe in probes)
