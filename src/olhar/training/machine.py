"""What a machine decides of a training: device, number format, order of images in memory.

Whatever is decided is written into `recipe.json` before the first step, and a training that goes on
uses what is written there.
"""

from __future__ import annotations

import platform
from typing import TYPE_CHECKING, Any, TypeVar

import torch

from olhar.errors import OlharError
from olhar.nets.precision import default_device, fast_dtype, named_device

if TYPE_CHECKING:
    from olhar.training.recipe import Recipe

R = TypeVar("R", bound="Recipe")


def choose_device(name: str = "auto") -> str:
    """A device by name.

    Args:
        name: "auto", "cpu", "cuda" or "mps".

    Raises:
        OlharError: if this machine has no such device.
    """
    return default_device() if name == "auto" else named_device(name)


def resolve(recipe: R, device: str) -> R:
    """Decide precision and layout where the recipe leaves them to the machine.

    bfloat16 with channels_last is 2 to 3 times float32 on convolutions where the hardware
    multiplies it, and ten times slower where it is emulated; in float32, channels_last is a fifth
    faster (`benchmarks/training.py`). MPS has neither.

    Raises:
        OlharError: if the recipe asks for what the device cannot do.
    """
    if recipe.precision == "fp16" and device == "cpu":
        raise OlharError("precision is 'fp16', which needs a GPU; on a CPU use bf16 or float32")
    fast = "bf16" if fast_dtype(device) == torch.bfloat16 else "float32"
    precision = fast if recipe.precision == "auto" else recipe.precision
    fast_layout = "contiguous" if device == "mps" else "channels_last"
    layout = fast_layout if recipe.layout == "auto" else recipe.layout
    return recipe.replace(precision=precision, layout=layout)


def describe(device: str, processes: int) -> dict[str, Any]:
    """What a bit-identical continuation needs to be the same."""
    name = torch.cuda.get_device_name() if device == "cuda" else platform.machine()
    return {
        "device": device,
        "name": name,
        "processes": processes,
        "threads": torch.get_num_threads() if device == "cpu" else None,
        "torch": torch.__version__,
        "capability": torch.backends.cpu.get_cpu_capability() if device == "cpu" else None,
    }
