"""The state of a training as one file: safetensors, with the numbers as JSON in its header.

Written under a temporary name, synced and renamed, so whoever is killed at any moment leaves the
state before or the state after. Nothing in it can run.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import safetensors
import safetensors.torch

from olhar import hub
from olhar.errors import OlharError
from olhar.hub.card import metadata
from olhar.media.files import parsed

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from torch import Tensor

KEY = "olhar_state"


def write(path: Path, tensors: Mapping[str, Tensor], values: dict[str, Any]) -> None:
    """Write a state, whole or not at all.

    Args:
        path: ends in `.safetensors`.
        tensors: by name; parameters that share memory are written apart.
        values: JSON values.
    """
    apart = {
        key: tensor.detach().to("cpu", copy=True).contiguous() for key, tensor in tensors.items()
    }
    hub.write(path, apart, {KEY: json.dumps(values)})


def read(path: Path) -> tuple[dict[str, Tensor], dict[str, Any]]:
    """Read a state.

    Raises:
        OlharError: if the file is no state.
    """
    try:
        return safetensors.torch.load_file(path), parsed(metadata(path, KEY) or "")
    except (safetensors.SafetensorError, OSError, ValueError) as error:  # and what is no state
        raise OlharError(
            f"{path} does not hold the state of a training ({error}); remove it to begin anew"
        ) from error


def began(path: Path) -> bool:
    """Whether a state has a step behind it; True if it cannot be read, which `read` will tell."""
    try:
        return parsed(metadata(path, KEY) or "")["step"] > 0
    except (OlharError, ValueError, KeyError, TypeError):
        return True


def part(tensors: Mapping[str, Tensor], prefix: str) -> dict[str, Tensor]:
    """The tensors under a prefix, without it."""
    return {
        key.removeprefix(prefix): value for key, value in tensors.items() if key.startswith(prefix)
    }
