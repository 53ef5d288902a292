"""What computes a network on this machine: PyTorch, or what was measured here to be faster.

    values = run(network, "predictor", network.predict, batch)

`olhar models prepare` (`olhar.nets.prepare`) writes down, for each part of a model and a few sizes
of its input, how long each of `ENGINES` takes; what differs from PyTorch is not even listed. `run`
looks that up by the contents of the model's file, by processor, threads and versions, and for the
nearest size. Where nothing was prepared, on a GPU and while gradients are wanted the function that
it is given computes, as if there were nothing else.

An engine takes from a tenth of a second to some seconds to start. So PyTorch goes on until it has
lost as much time as that: a single picture does not wait, and a folder loses at most twice the
start. What that comes to is read from the record and not from a clock, so it is always the same.
The first thing that an engine computes PyTorch computes as well: if they differ by more than they
did when they were measured, if it fails or its file is not the one that was measured, PyTorch goes
on and a remark says so.

`OLHAR_ENGINE=torch` (or the name of another engine) overrides what was chosen.
"""

from __future__ import annotations

import hashlib
import os
import threading
from collections import defaultdict
from typing import TYPE_CHECKING, Any, TypeAlias, cast
from weakref import WeakKeyDictionary

import torch
from torch import Tensor, nn

from olhar.errors import OlharError
from olhar.hub.registry import home, sha256
from olhar.media.progress import remark
from olhar.nets.engine_record import (
    ENGINES,
    Record,
    Size,
    differences,
    file,
    listed,
    recorded,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

Outputs: TypeAlias = "Tensor | tuple[Tensor, ...]"


def attach(network: nn.Module, path: Path) -> None:
    """Say which file a network was made of, so that `run` finds what was prepared for it."""
    if path.is_file():
        _models[network] = _Model(path)


def run(network: object, part: str, function: Callable[..., Outputs], *inputs: Tensor) -> Any:
    """Compute what a function computes, by what is fastest.

    Args:
        network: as `olhar.nets.model.loaded` returned it.
        part: which of its parts the function is.
        function: from the inputs to a tensor, or to several.
        inputs: on the device of the network.

    Returns:
        What the function returns; within a tolerance, if another engine computed it.
    """
    if not _models or torch.is_grad_enabled() or any(x.device.type != "cpu" for x in inputs):
        return function(*inputs)
    model = _models.get(network) if isinstance(network, nn.Module) else None
    prepared = model.prepared(part, torch.get_num_threads()) if model else None
    return prepared.run(function, inputs) if prepared else function(*inputs)


def forget() -> None:
    """Look again for what is prepared: something new is."""
    for model in _models.values():
        model.forget()


def opened(
    engine: str, content: bytes, threads: int
) -> Callable[[Sequence[Tensor]], tuple[Tensor, ...]]:
    """A function that runs an ONNX file by another engine than PyTorch.

    Args:
        engine: one of `ENGINES`.
        content: of the file.
        threads: how many it may use.
    """
    if engine == "onnxruntime":
        return _onnxruntime(content, threads)
    return _openvino(content, threads, "bf16" if engine == "openvino-bf16" else "f32")


class _Model:
    """The file of a network, and what was prepared for it."""

    def __init__(self, path: Path) -> None:
        self._path, self._seen = path, _state(path)
        self._prepared: dict[tuple[str, int], _Prepared | None] = {}
        self._lock = threading.Lock()

    def forget(self) -> None:
        with self._lock:
            self._prepared.clear()

    def prepared(self, part: str, threads: int) -> _Prepared | None:
        key = part, threads
        with self._lock:
            if key not in self._prepared:
                self._prepared[key] = self._find(part, threads)
            return self._prepared[key]

    def _find(self, part: str, threads: int) -> _Prepared | None:
        if not (home() / "engines").is_dir():
            return None
        try:
            digest = sha256(self._path)
            if _state(self._path) != self._seen:  # it is of another network by now
                return None
        except OSError:
            return None
        record = recorded(digest, part, threads)
        return record and _Prepared(record, threads)


class _Prepared:
    """A part of a model whose engines were measured, and those of them that are running."""

    def __init__(self, record: Record, threads: int) -> None:
        self._record, self._threads = record, threads
        self._lost: dict[str, float] = defaultdict(float)  # seconds, for want of this engine
        self._running: dict[str, Callable[[Sequence[Tensor]], tuple[Tensor, ...]]] = {}
        self._failed: set[str] = set()
        self._lock = threading.Lock()

    def run(self, function: Callable[..., Outputs], inputs: Sequence[Tensor]) -> Outputs:
        size = self._record.size(inputs)
        engine = _asked() or size.chosen
        if engine == "torch" or engine in self._failed or engine not in size.seconds:
            return function(*inputs)
        with self._lock:  # an engine takes one call at a time
            if engine in self._running:
                try:
                    first, *others = self._running[engine](inputs)
                except Exception as error:  # noqa: BLE001  the engines' own have no common kind
                    self._fail(engine, error)
                else:
                    return (first, *others) if others else first
        outputs = function(*inputs)
        with self._lock:
            if engine not in self._failed and self._pays(engine, size):
                try:
                    self._start(engine, size, inputs, outputs)
                except Exception as error:  # noqa: BLE001
                    self._fail(engine, error)
        return outputs

    def _fail(self, engine: str, error: Exception) -> None:
        self._failed.add(engine)
        self._running.pop(engine, None)
        why = " ".join(str(error).split())[:200]
        remark(f"{ENGINES[engine]} failed ({why}), so PyTorch goes on")

    def _pays(self, engine: str, size: Size) -> bool:
        """Whether PyTorch has lost by now what it costs to start an engine."""
        if engine in self._running:  # another thread was faster
            return False
        self._lost[engine] += size.seconds["torch"] - size.seconds[engine]
        return bool(_asked()) or self._lost[engine] >= self._record.ready.get(engine, 0.0)

    def _start(self, engine: str, size: Size, inputs: Sequence[Tensor], outputs: Outputs) -> None:
        """Start an engine that says the same of these inputs as PyTorch did."""
        record = self._record
        content = file(record.model, record.part).read_bytes()
        if hashlib.sha256(content).hexdigest() != record.file:
            raise OlharError("its file is not what was measured; run olhar models prepare again")
        running = opened(engine, content, self._threads)
        off = differences(running(inputs), listed(outputs))
        if not all(each <= most for each, most in zip(off, size.allowed, strict=True)):
            raise OlharError(f"it says something else, by {max(off):.2g}")
        self._running[engine] = running
        gain = f"{size.gain(engine):.1f} times as fast as PyTorch"
        remark(f"{record.name} ({record.part}) runs by {ENGINES[engine]}: {gain} here")


_models: WeakKeyDictionary[nn.Module, _Model] = WeakKeyDictionary()


def _onnxruntime(content: bytes, threads: int) -> Callable[[Sequence[Tensor]], tuple[Tensor, ...]]:
    import onnxruntime

    options = cast("Any", onnxruntime).SessionOptions()
    options.intra_op_num_threads, options.inter_op_num_threads = threads, 1
    options.log_severity_level = 3  # errors
    session: Any = onnxruntime.InferenceSession(
        content, options, providers=["CPUExecutionProvider"]
    )
    names = [each.name for each in session.get_inputs()]

    def call(inputs: Sequence[Tensor]) -> tuple[Tensor, ...]:
        given = dict(zip(names, map(_array, inputs), strict=True))
        return tuple(torch.from_numpy(each) for each in session.run(None, given))

    return call


def _openvino(
    content: bytes, threads: int, precision: str
) -> Callable[[Sequence[Tensor]], tuple[Tensor, ...]]:
    import openvino

    core: Any = openvino.Core()
    settings = {
        "INFERENCE_PRECISION_HINT": precision,
        "INFERENCE_NUM_THREADS": threads,
        "NUM_STREAMS": 1,
        "ENABLE_CPU_PINNING": False,  # the core may be busy
    }
    compiled: Any = core.compile_model(core.read_model(content), "CPU", settings)

    def call(inputs: Sequence[Tensor]) -> tuple[Tensor, ...]:
        found = compiled([*map(_array, inputs)], share_inputs=True)
        return tuple(torch.from_numpy(each) for each in found.to_tuple())

    return call


def _array(tensor: Tensor) -> Any:
    return tensor.detach().float().contiguous().numpy()


def _asked() -> str:
    """The engine that the user wants.

    Raises:
        OlharError: if there is no such engine.
    """
    name = os.environ.get("OLHAR_ENGINE", "")
    if name and name not in ENGINES:
        raise OlharError(f"OLHAR_ENGINE is {name!r}; it can be {', '.join(ENGINES)}")
    return name


def _state(path: Path) -> tuple[int, int]:
    status = path.stat()
    return status.st_mtime_ns, status.st_size
