"""What was measured of the engines that can compute a network, on disk.

    $OLHAR_HOME/engines/MODEL/PART.onnx       what engines other than PyTorch run
    $OLHAR_HOME/engines/MODEL/PART-KEY.json   how fast each is, and which was chosen

MODEL is the SHA-256 of the model's file, KEY that of what the measurement depends on: processor,
threads, versions. Whatever has changed is therefore not found, and counts as not measured; so does
what is damaged. The ONNX file is compared with its SHA-256 in the record before it is used.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import math
import platform
from dataclasses import asdict, dataclass
from functools import lru_cache
from importlib import metadata
from typing import TYPE_CHECKING, Any, TypeAlias

from olhar import __version__
from olhar.hub.registry import home, sha256
from olhar.look.machine import processor
from olhar.media.files import atomic

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from torch import Tensor

Shapes: TypeAlias = tuple[tuple[int, ...], ...]
"""Of all inputs."""

ENGINES = {
    "torch": "PyTorch",
    "onnxruntime": "ONNX Runtime",
    "openvino": "OpenVINO",
    "openvino-bf16": "OpenVINO in bfloat16",
}
"""Name to what a person reads, the simplest first; "torch" is what runs if nothing is prepared."""

_PACKAGES = ("torch", "onnxruntime", "openvino")


@dataclass(frozen=True)
class Size:
    """What was measured of one size of the input."""

    shapes: Shapes
    seconds: dict[str, float]
    """Engine to how long one call takes; only of those that agree with PyTorch."""
    chosen: str
    allowed: tuple[float, ...]
    """By how much each output may differ from PyTorch's, over its largest value or 1."""

    def gain(self, engine: str) -> float:
        """How many times as fast as PyTorch an engine is."""
        return self.seconds["torch"] / self.seconds[engine]


@dataclass(frozen=True)
class Record:
    """What was measured of a part of a model."""

    name: str
    """Of the model."""
    model: str
    """SHA-256 of its file."""
    part: str
    machine: dict[str, str]
    """What it was measured on (`machine`)."""
    file: str
    """SHA-256 of the ONNX file beside it; empty if the network could not be exported."""
    ready: dict[str, float]
    """Engine to the seconds until it can begin."""
    sizes: tuple[Size, ...]

    @property
    def path(self) -> Path:
        """Where it is kept."""
        return place(self.model) / f"{self.part}-{_key(self.machine)}.json"

    def save(self) -> None:
        """Write it down, whole or not at all."""
        with atomic(self.path) as temporary:
            temporary.write_text(json.dumps(asdict(self), indent=1), "utf-8")

    def size(self, inputs: Sequence[Tensor]) -> Size:
        """The nearest one."""
        count = math.log(max(1, inputs[0].numel()))
        return min(self.sizes, key=lambda each: abs(math.log(math.prod(each.shapes[0])) - count))


def differences(found: Sequence[Tensor], right: Sequence[Tensor]) -> list[float]:
    """How far outputs are off, over the largest value or 1; infinite if the shape is another.

    >>> import torch
    >>> differences([torch.tensor([1.0, 4.5])], [torch.tensor([1.0, 5.0])])
    [0.1]
    """
    return [
        float((a.float() - b.float()).abs().max()) / max(1.0, float(b.abs().max()))
        if a.shape == b.shape
        else math.inf
        for a, b in zip(found, right, strict=True)
    ]


def listed(outputs: Tensor | tuple[Tensor, ...]) -> tuple[Tensor, ...]:
    """Outputs as a tuple, also if there is one."""
    return outputs if isinstance(outputs, tuple) else (outputs,)


def place(model: str) -> Path:
    """The folder for the engines of a model, by the SHA-256 of its file."""
    return home() / "engines" / model[:32]


def file(model: str, part: str) -> Path:
    """The ONNX file of a part of a model."""
    return place(model) / f"{part}.onnx"


def exported(model: str, part: str) -> bool:
    """Whether that file is there, whole, and made by these versions of olhar and torch."""
    here = machine(0)
    for path in place(model).glob(f"{part}-*.json"):
        record = _read(path)
        if record and all(record.machine[key] == here[key] for key in ("olhar", "torch")):
            with contextlib.suppress(OSError):
                if record.file and sha256(file(model, part)) == record.file:
                    return True
    return False


@lru_cache(maxsize=8)
def machine(threads: int) -> dict[str, str]:
    """What a time that was measured depends on."""
    return {
        "processor": processor(),
        "system": platform.system(),
        "threads": str(threads),
        "olhar": __version__,
        **{package: _version(package) for package in _PACKAGES},
    }


def recorded(model: str, part: str, threads: int) -> Record | None:
    """What was measured on this machine, as it is now; None if that is nothing, or is damaged."""
    here = machine(threads)
    record = _read(place(model) / f"{part}-{_key(here)}.json")
    mine = record and (record.model, record.part, record.machine) == (model, part, here)
    return record if mine else None


def _read(path: Path) -> Record | None:
    """A record, unless it is not there or does not hold together."""
    try:
        told: dict[str, Any] = json.loads(path.read_text("utf-8"))
        rows: list[dict[str, Any]] = told.pop("sizes")
        sizes = tuple(
            Size(
                shapes=tuple(tuple(map(int, shape)) for shape in row["shapes"]),
                seconds={engine: float(value) for engine, value in row["seconds"].items()},
                chosen=str(row["chosen"]),
                allowed=tuple(map(float, row["allowed"])),
            )
            for row in rows
        )
        record = Record(**told, sizes=sizes)
        whole = bool(record.sizes) and all(
            {"torch", size.chosen} <= size.seconds.keys() <= ENGINES.keys()
            and min(size.seconds.values()) > 0
            and math.prod(size.shapes[0]) > 0
            for size in record.sizes
        )
        whole &= all(float(value) >= 0 for value in record.ready.values())
        whole &= machine(0).keys() == record.machine.keys()
    except (OSError, ValueError, TypeError, LookupError, AttributeError):
        return None
    return record if whole else None


def _version(package: str) -> str:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return ""


def _key(here: dict[str, str]) -> str:
    return hashlib.sha256(json.dumps(here, sort_keys=True).encode()).hexdigest()[:16]
