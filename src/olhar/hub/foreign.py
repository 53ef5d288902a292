"""Checkpoints of other programs: pickles, read without running what may be in them.

A pickle is a program. torch's restricted reader (`weights_only=True`) runs the part of it that
makes tensors, numbers, texts and plain containers, and refuses the rest; what it gives is data.
"""

from __future__ import annotations

import pickle
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from olhar.errors import OlharError
from olhar.media.files import opened, reason, shown

if TYPE_CHECKING:
    import os

    from torch import Tensor

_WRAPPERS = ("params", "state_dict", "model")  # the weights stand under one of them, or bare
_PARALLEL = "module."  # what torch's DataParallel puts before every name


def read_foreign(path: str | os.PathLike[str]) -> dict[str, Tensor]:
    """Read the weights in a checkpoint of PyTorch.

    Args:
        path: a file written by `torch.save`: names to tensors, or a dictionary with those under
            "params", "state_dict" or "model".

    Returns:
        The tensors by name, on the CPU, without `module.` before each name.

    Raises:
        OlharError: if there is no such file, if it holds anything that would have to be run, or if
            it holds no weights.
    """
    import torch

    name = shown(path)
    with opened(path):
        pass
    try:
        # Only the newer of torch's two formats, which is a zip archive, can be mapped into memory.
        mapped = zipfile.is_zipfile(path)
        found: Any = torch.load(Path(path), map_location="cpu", weights_only=True, mmap=mapped)
    except pickle.UnpicklingError as error:
        raise OlharError(
            f"{name} is no checkpoint of weights alone, and what else it holds could run code, so "
            "olhar does not open it; convert it to .safetensors with the program it comes from"
        ) from error
    except Exception as error:  # whatever the bytes of a stranger make torch's reader raise
        what = reason(error)[:80]
        raise OlharError(
            f"{name} is no checkpoint of PyTorch, or is damaged ({what}); get it again"
        ) from error
    for wrapper in _WRAPPERS:
        if isinstance(found, dict) and isinstance(cast("dict[Any, Any]", found).get(wrapper), dict):
            found = cast("dict[Any, Any]", found)[wrapper]
            break
    entries = cast("dict[Any, Any]", found) if isinstance(found, dict) else {}
    if not entries or not all(
        isinstance(key, str) and isinstance(value, torch.Tensor) for key, value in entries.items()
    ):
        raise OlharError(
            f"{name} holds no weights by name; a checkpoint of names and tensors is needed"
        )
    cut = len(_PARALLEL) if all(key.startswith(_PARALLEL) for key in entries) else 0
    return {key[cut:]: value for key, value in entries.items()}
