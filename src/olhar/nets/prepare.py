"""Measuring which engine computes a network fastest on this machine, for `olhar.nets.engine`.

A part of a network is exported, run beside PyTorch by every engine that is installed, at a few
sizes, and timed in turns, so that a busy machine slows all alike. With one thread it is the time of
the processor that counts, which does not mind what else runs; with several it is the clock. A turn
is long enough for an engine's threads to wake up and for those of the one before to fall asleep;
its median call counts.

An engine is as exact as what it replaces: where olhar computes in float32, it must agree with it
within `TOLERANCE`; where olhar itself computes in bfloat16, it may differ from float32 by twice
what that does. Of engines that are within 3 % of the fastest, the simplest is chosen.

Cost: some ten seconds to export, twice as long to measure; large batches of large pictures minutes.
"""

from __future__ import annotations

import importlib
import time
from dataclasses import dataclass
from functools import partial
from statistics import median
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor

from olhar.errors import OlharError
from olhar.hub.registry import sha256
from olhar.media.progress import bar
from olhar.nets import engine
from olhar.nets.engine_record import (
    ENGINES,
    Record,
    Shapes,
    Size,
    differences,
    exported,
    file,
    listed,
    machine,
)
from olhar.nets.portable import TOLERANCE, Graph, check_installed, write
from olhar.nets.precision import fast_dtype

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from olhar.hub import Card

_NEAR = 0.97  # of the speed of the fastest: as fast
_HOPELESS = 2.0  # times as slow as the fastest so far: not measured any further
_TURNS = (5, 15)  # at least, if it takes long; and at most
_SECONDS = 12.0  # for the turns of all engines together
_LONG = 0.05  # seconds that one turn of an engine takes at least
_imports: dict[str, float] = {}


@dataclass(frozen=True)
class Part:
    """A part of a network as it is used."""

    graph: Graph
    sizes: tuple[Shapes, ...]
    """Shapes of the inputs that are usual, from small to large."""
    function: Callable[..., Any] | None = None
    """How olhar computes it without another engine; as the graph says if left out."""

    def __call__(self, *inputs: Tensor) -> tuple[Tensor, ...]:
        """What olhar computes if nothing is prepared."""
        return listed((self.function or self.graph.function)(*inputs))

    def examples(self, shapes: Shapes) -> list[Tensor]:
        """Inputs of certain shapes, of random values."""
        generator = torch.Generator().manual_seed(len(shapes[0]))
        return [
            torch.rand(shape, generator=generator) * (each.high - each.low) + each.low
            for shape, each in zip(shapes, self.graph.inputs.values(), strict=True)
        ]


def prepare(name: str, part: Part, card: Card, model: Path) -> tuple[Record, list[str]]:
    """Measure the engines for a part of a model, and write down which are fast.

    Args:
        name: of the part.
        part: what is computed.
        card: of the model.
        model: its file.

    Returns:
        What was written down, and sentences on engines that do not take part.

    Raises:
        OlharError: if a package is missing, or the folder cannot be written to.
    """
    threads = torch.get_num_threads()
    digest = sha256(model)
    target = file(digest, name)
    notes: list[str] = []
    for package in ("onnxruntime", "openvino"):
        _import(package, notes)
    check_installed()
    try:
        if not exported(digest, name):
            write(target, part.graph, card, name)
        content = target.read_bytes()
    except OlharError as error:
        notes.append(str(error))
        content = b""
    running, ready = started(content, threads, notes)
    sizes: list[Size] = []
    with bar(f"measuring {card.name}", total=len(part.sizes)) as update, torch.inference_mode():
        for shapes in part.sizes:
            sizes.append(_size(part, shapes, running, threads, notes))
            update(len(sizes))
    record = Record(
        name=card.name,
        model=digest,
        part=name,
        machine=machine(threads),
        file=sha256(target) if content else "",
        ready=ready,
        sizes=tuple(sizes),
    )
    record.save()
    engine.forget()
    return record, list(dict.fromkeys(notes))


def started(
    content: bytes, threads: int, notes: list[str]
) -> tuple[dict[str, Callable[..., Any]], dict[str, float]]:
    """Every engine that can run an ONNX file, and the seconds until it could begin.

    Args:
        content: of the file; of none if empty.
        threads: how many they may use.
        notes: takes sentences on those that cannot.
    """
    running: dict[str, Callable[..., Any]] = {}
    ready: dict[str, float] = {}
    for name in ENGINES:
        package = name.partition("-")[0]
        if not content or package not in _imports:
            continue
        if name.endswith("bf16") and fast_dtype("cpu") != torch.bfloat16:
            continue  # it would compute in float32 a second time
        start = time.process_time()
        try:
            running[name] = engine.opened(name, content, threads)
        except Exception as error:  # noqa: BLE001  the engines' own have no common kind
            notes.append(f"{ENGINES[name]} cannot run it: {' '.join(str(error).split())[:200]}")
            continue
        ready[name] = _imports[package] + time.process_time() - start
    return running, ready


def measured(
    ways: Mapping[str, Callable[[], Any]], threads: int, *, hopeless: float = _HOPELESS
) -> dict[str, float]:
    """Seconds of one call of each function, the median of turns that they take.

    Args:
        ways: name to function.
        threads: that they use.
        hopeless: how many times as long as the fastest one may take before it is dropped; what it
            took until then is told.
    """
    fine = time.get_clock_info("process_time").resolution < 1e-4  # some systems count in 16 ms
    clock = time.process_time if threads == 1 and fine else time.perf_counter
    once: dict[str, float] = {}
    for _ in range(2):  # what is built at the first call is there at the second
        for name, way in ways.items():
            start = clock()
            way()
            once[name] = max(clock() - start, 1e-7)
    left = [name for name in ways if once[name] <= hopeless * min(once.values())]
    turn = sum(max(once[name], _LONG) for name in left)
    turns = int(min(max(_SECONDS / turn, _TURNS[0]), _TURNS[1]))
    taken: dict[str, list[float]] = {name: [] for name in left}
    for _ in range(turns):
        for name in left:
            calls: list[float] = []
            end = clock() + _LONG
            while not calls or clock() < end:
                start = clock()
                ways[name]()
                calls.append(clock() - start)
            taken[name].append(median(calls))
    return once | {name: max(median(each), 1e-7) for name, each in taken.items()}


def agreeing(
    part: Part, inputs: Sequence[Tensor], running: Mapping[str, Callable[..., Any]]
) -> tuple[dict[str, Callable[[], Any]], tuple[float, ...], list[str]]:
    """What computes a part near enough to PyTorch in float32.

    Returns:
        Engine to a function without arguments; what `Size.allowed` is; and sentences on engines
        that are not near enough.
    """
    exact = listed(part.graph.function(*inputs))
    usual = differences(part(*inputs), exact)
    rough = max(usual) > TOLERANCE
    ways: dict[str, Callable[[], Any]] = {"torch": partial(part, *inputs)}
    notes: list[str] = []
    for name, run in running.items():
        if name.endswith("bf16") and not rough:
            continue
        try:
            off = differences(run(inputs), exact)
        except Exception as error:  # noqa: BLE001  the engines' own have no common kind
            notes.append(f"{ENGINES[name]} fails: {' '.join(str(error).split())[:200]}")
            continue
        if all(each <= max(TOLERANCE, 2 * like) for each, like in zip(off, usual, strict=True)):
            ways[name] = partial(run, inputs)
        else:
            notes.append(f"{ENGINES[name]} differs by {max(off):.2g}, so it is not used")
    return ways, tuple(max(TOLERANCE, 3 * like) for like in usual), notes


def chosen(seconds: Mapping[str, float]) -> str:
    """The simplest of the fastest.

    >>> chosen({"torch": 1.0, "onnxruntime": 0.5, "openvino": 0.49})
    'onnxruntime'
    """
    best = min(seconds.values())
    return next(name for name in ENGINES if _NEAR * seconds.get(name, float("inf")) <= best)


def _size(
    part: Part,
    shapes: Shapes,
    running: Mapping[str, Callable[..., Any]],
    threads: int,
    notes: list[str],
) -> Size:
    ways, allowed, said = agreeing(part, part.examples(shapes), running)
    notes += said
    seconds = measured(ways, threads)
    return Size(shapes=shapes, seconds=seconds, chosen=chosen(seconds), allowed=allowed)


def _import(package: str, notes: list[str]) -> None:
    """Import a package, and remember how long that takes in a process that has not got it."""
    if package in _imports:
        return
    start = time.process_time()
    try:
        importlib.import_module(package)
    except ImportError:
        notes.append(f'{ENGINES[package]} is not installed: pip install "olhar[fast]"')
    else:
        _imports[package] = time.process_time() - start
