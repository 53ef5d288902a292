"""Networks as ONNX files, which other engines run; compared with torch before they are kept.

A `Graph` says what of a network leaves torch: its inputs, which of their sides may be of any
length, and what its outputs are called. The exporter is torch's own, by `torch.export`. What comes
out is run by ONNX Runtime on two batches of different sizes; a file that disagrees is never seen.

Cost: from ten seconds to some minutes, most of it in the exporter.
"""

from __future__ import annotations

import contextlib
import logging
import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

import torch
from torch import Tensor, nn

from olhar.errors import OlharError
from olhar.hub.card import KEY
from olhar.hub.onnx import PART
from olhar.media.files import atomic, shown

if TYPE_CHECKING:
    from collections.abc import Callable, Generator
    from pathlib import Path

    from olhar.hub import Card

TOLERANCE = 1e-4
"""Of the largest value of an output, or of 1 if that is larger: what two engines may differ by."""
_BATCHES = (2, 1, 3)  # of the example that the exporter sees, then of those that are compared
_USUAL = 40  # pixels, for sides that may have any length


@dataclass(frozen=True)
class Free:
    """A side that may have any length."""

    name: str
    multiple: int = 1
    """Of which it must be a multiple."""
    least: int = 1

    def length(self, position: int, trial: int) -> int:
        """A length to try it with: another for each position and each trial."""
        return self.multiple * (-(-max(self.least, _USUAL) // self.multiple) + trial + 2 * position)

    def dim(self) -> Any:
        """As `torch.export` wants it."""
        dim = torch.export.Dim(self.name, min=-(-self.least // self.multiple))
        return self.multiple * dim if self.multiple > 1 else dim

    def __str__(self) -> str:
        return f"{self.multiple}*{self.name}" if self.multiple > 1 else self.name


Side: TypeAlias = int | Free
PICTURE: tuple[Side, ...] = (3, Free("height"), Free("width"))
"""An image of any size."""


@dataclass(frozen=True)
class Input:
    """A tensor that goes in; the first axis, of the batch, is not told."""

    sides: tuple[Side, ...]
    low: float = 0.0
    """The least value to try it with."""
    high: float = 1.0

    def example(self, trial: int, generator: torch.Generator) -> Tensor:
        """(N, *sides) of random values between `low` and `high`."""
        shape = [
            side if isinstance(side, int) else side.length(position, trial)
            for position, side in enumerate(self.sides)
        ]
        values = torch.rand(_BATCHES[trial], *shape, generator=generator)
        return values * (self.high - self.low) + self.low


@dataclass(frozen=True)
class Graph:
    """What of a network leaves torch."""

    network: nn.Module
    """In evaluation mode, on the CPU."""
    function: Callable[..., Tensor | tuple[Tensor, ...]]
    """Computes the outputs from the inputs with this network alone."""
    inputs: dict[str, Input]
    outputs: tuple[str, ...]

    def shapes(self) -> dict[str, str]:
        """Of the inputs, as a person reads them.

        >>> Graph(nn.Identity(), torch.abs, {"images": Input(PICTURE)}, ("x",)).shapes()
        {'images': '(batch, 3, height, width)'}
        """
        return {
            name: f"({', '.join(['batch', *map(str, given.sides)])})"
            for name, given in self.inputs.items()
        }


class Agreement(NamedTuple):
    """How near ONNX Runtime and torch are."""

    difference: float
    """The largest of any value of any output."""
    largest: float
    """Value of that output."""

    def __str__(self) -> str:
        return f"differ by {self.difference:.2g} at most, in values up to {self.largest:.3g}"


class _Module(nn.Module):
    """A graph as a module, which the exporter wants."""

    def __init__(self, graph: Graph) -> None:
        super().__init__()
        self.network, self.function = graph.network, graph.function

    def forward(self, *inputs: Tensor) -> Tensor | tuple[Tensor, ...]:
        return self.function(*inputs)


def padded(batch: Tensor, multiple: int) -> Tensor:
    """Images that go on to the right and below, as in a mirror, up to a multiple of some pixels.

    Args:
        batch: (N, C, H, W), of any size; fit for the exporter with sides of any length.
        multiple: of which both sides of the result are multiples.

    >>> padded(torch.arange(3.0).view(1, 1, 1, 3), 4)[0, 0].tolist()[0]
    [0.0, 1.0, 2.0, 1.0]
    """
    for axis in (2, 3):
        length = batch.shape[axis]
        last = torch.arange(length, device=batch.device).max()
        period = (2 * last).clamp_min(1)
        whole = multiple * ((length + multiple - 1) // multiple)
        place = torch.arange(whole, device=batch.device) % period
        batch = batch.index_select(axis, torch.where(place <= last, place, period - place))
    return batch


def write(path: str | Path, graph: Graph, card: Card, part: str) -> Agreement:
    """Write an ONNX file, whole and right or not at all.

    Args:
        path: of the file.
        graph: what it computes.
        card: of the model, kept in the metadata under `olhar`.
        part: which part of the model it is, kept under `olhar.part`.

    Returns:
        How near ONNX Runtime and torch are, on two batches of different sizes.

    Raises:
        OlharError: if a package is missing, torch cannot export the network, the engines differ by
            more than `TOLERANCE`, or the file cannot be written.
    """
    check_installed()
    with atomic(path) as temporary:
        program = _exported(graph, card.name)
        program.model.metadata_props.update({KEY: card.to_json(), PART: part})
        with _hushed():
            program.save(temporary)
        return agreement(temporary, graph, shown(path))


def agreement(path: Path, graph: Graph, name: str) -> Agreement:
    """How near ONNX Runtime and torch are, on two batches of different sizes.

    Args:
        path: an ONNX file.
        graph: what it should compute.
        name: what the sentence calls it.

    Raises:
        OlharError: if an output differs by more than `TOLERANCE`, or does not come out at all.
    """
    import onnxruntime

    generator = torch.Generator().manual_seed(1)
    worst = Agreement(0.0, 0.0)
    try:
        session: Any = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
        for trial in (1, 2):
            given = {key: each.example(trial, generator) for key, each in graph.inputs.items()}
            found = session.run(None, {key: value.numpy() for key, value in given.items()})
            with torch.inference_mode():
                wanted = graph.function(*given.values())
            for key, value, right in zip(graph.outputs, found, _listed(wanted), strict=True):
                off, size = _off(torch.from_numpy(value), right), float(right.abs().max())
                if not off <= TOLERANCE * max(1.0, size):  # also if it is NaN
                    raise OlharError(
                        f"{name} was not kept: {key} differs by {off:.3g} from what torch says; "
                        "tell the authors of olhar which model it was"
                    )
                worst = max(worst, Agreement(off, size))
    except OlharError:
        raise
    except Exception as error:  # the runtime's own have no common kind
        raise OlharError(f"{name} was not kept: ONNX Runtime says {_line(error)}") from error
    return worst


def _off(found: Tensor, right: Tensor) -> float:
    if found.shape != right.shape:
        raise ValueError(f"an output of shape {tuple(found.shape)}, not {tuple(right.shape)}")
    return float((found - right).abs().max())


def _exported(graph: Graph, name: str) -> Any:
    generator = torch.Generator().manual_seed(0)
    batch = torch.export.Dim("batch")
    dims = [
        {0: batch}
        | {i: side.dim() for i, side in enumerate(given.sides, 1) if isinstance(side, Free)}
        for given in graph.inputs.values()
    ]
    try:
        with _hushed(), torch.no_grad():
            return torch.onnx.export(
                _Module(graph).eval(),
                tuple(each.example(0, generator) for each in graph.inputs.values()),
                input_names=[*graph.inputs],
                output_names=[*graph.outputs],
                dynamic_shapes=(tuple(dims),),
                dynamo=True,
                external_data=False,
                verbose=False,
            )
    except Exception as error:  # of many libraries, none of which says what it raises
        raise OlharError(f"torch cannot export {name}: {_line(error)}") from error


@contextlib.contextmanager
def _hushed() -> Generator[None]:
    """Without what the exporter's libraries say of themselves."""
    logger = logging.getLogger("onnxscript")
    level = logger.level
    logger.setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logger.setLevel(level)


def _listed(outputs: Tensor | tuple[Tensor, ...]) -> tuple[Tensor, ...]:
    return (outputs,) if isinstance(outputs, Tensor) else outputs


def _line(error: BaseException) -> str:
    """The line that says what went wrong: the exporter puts advice before it."""
    text = str(error).partition("## Exception summary")[2] or str(error)
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return (lines or [type(error).__name__])[0][:300]


def check_installed() -> None:
    """Raise an `OlharError` unless all is there that an export needs."""
    try:
        import onnx  # noqa: F401  # pyright: ignore[reportUnusedImport]
        import onnxruntime  # noqa: F401  # pyright: ignore[reportUnusedImport]
        import onnxscript  # noqa: F401  # pyright: ignore[reportUnusedImport]
    except ImportError as error:
        raise OlharError(
            f'an export needs {error.name}, which is not installed: pip install "olhar[fast]"'
        ) from error
