"""From numbers to bytes and back, exactly: a range coder with tables.

Each scale of `prior` has a table of how often a number is so far from its mean. The tables belong
to the network and travel with its weights. Numbers of a stage that share a table are coded
together, which is a hundred times faster than one by one; the range coder is `constriction`'s.
"""

from __future__ import annotations

import importlib
import math
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from olhar.codec.prior import SCALES, deviation
from olhar.errors import OlharError

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from torch import Tensor

FARTHEST = 255
"""Steps from the mean up to which numbers are in the tables; beyond, they escape."""
ESCAPE = 2 * FARTHEST + 1
"""The symbol that says so."""
TOTAL = 1 << 24
"""Sum of each table."""
_WIDE = 1 << 24  # an escaped number is below that, on either side of 0


def logistic_tables() -> Tensor:
    """Tables of logistic distributions: (SCALES, ESCAPE + 1) int32, each with the sum TOTAL.

    Example:
        >>> logistic_tables().sum(1).unique()
        tensor([16777216])
    """
    spread = deviation(torch.arange(SCALES, dtype=torch.float64)) * (math.sqrt(3) / math.pi)
    edges = torch.arange(-FARTHEST - 1, FARTHEST + 1, dtype=torch.float64) + 0.5
    below = torch.sigmoid(edges / spread[:, None])
    mass = torch.cat([below.diff(dim=1), torch.zeros(SCALES, 1, dtype=torch.float64)], 1)
    return as_table(mass)


def as_table(weights: Tensor) -> Tensor:
    """Counts to whole numbers with the sum TOTAL, none of them 0.

    Args:
        weights: (SCALES, ESCAPE + 1) float64, not negative.
    """
    count = weights.shape[1]
    shares = weights / weights.sum(1, keepdim=True)
    table = 1 + (shares * (TOTAL - count)).floor()
    peak = table.argmax(1, keepdim=True)
    return table.scatter_add(1, peak, TOTAL - table.sum(1, keepdim=True)).int()


class Tables:
    """What a range coder needs, made of a network's tables.

    Args:
        tables: (SCALES, ESCAPE + 1) integers, each row with the sum TOTAL.

    Raises:
        OlharError: if they are no such tables.
    """

    def __init__(self, tables: Tensor) -> None:
        whole = tables.cpu().to(torch.int64)
        if whole.shape != (SCALES, ESCAPE + 1) or whole.min() < 1 or (whole.sum(1) != TOTAL).any():
            raise OlharError("its tables of probabilities are damaged; get the model again")
        shares = (whole.numpy() / TOTAL).astype(np.float32)  # exact: 24 bits
        self.models = [_stream().model.Categorical(row, perfect=False) for row in shares]
        self.bits = -np.log2(shares)  # for counting only


class Writer:
    """Numbers of one picture to bytes."""

    def __init__(self, tables: Tables) -> None:
        self._tables, self._encoder = tables, _stream().queue.RangeEncoder()

    def write(self, numbers: NDArray[np.int32], scales: NDArray[np.int64]) -> None:
        """Add some numbers.

        Args:
            numbers: (K,) how many steps from the mean.
            scales: (K,) which table each is in.
        """
        symbols = np.where(np.abs(numbers) > FARTHEST, ESCAPE, numbers + FARTHEST).astype(np.int32)
        for table, where in _groups(scales):
            self._encoder.encode(symbols[where], self._tables.models[table])
        far = numbers[symbols == ESCAPE]
        if len(far):
            self._encoder.encode(_halves(far), _half_model())

    def bytes(self) -> bytes:
        """All that was added; zeros at the end go without saying."""
        words: NDArray[np.uint32] = self._encoder.get_compressed()
        return words.astype("<u4").tobytes().rstrip(b"\0")


class Reader:
    """The same numbers, of the bytes."""

    def __init__(self, tables: Tables, data: bytes) -> None:
        words = np.frombuffer(data + bytes(-len(data) % 4), "<u4").astype(np.uint32)
        self._tables, self._decoder = tables, _stream().queue.RangeDecoder(words)

    def read(self, scales: NDArray[np.int64]) -> NDArray[np.int32]:
        """As many numbers as there are scales, (K,); see `Writer.write`.

        Raises:
            OlharError: if the bytes are not what a `Writer` wrote.
        """
        symbols = np.empty(len(scales), np.int32)
        try:
            for table, where in _groups(scales):
                symbols[where] = self._decoder.decode(self._tables.models[table], len(where))
            far = symbols == ESCAPE
            numbers = symbols - FARTHEST
            if far.any():
                halves: NDArray[np.int32] = self._decoder.decode(_half_model(), 2 * int(far.sum()))
                numbers[far] = halves[0::2] * (1 << 12) + halves[1::2] - _WIDE // 2
        except AssertionError as error:
            raise OlharError("the coded numbers are damaged") from error
        return numbers.astype(np.int32)


def _groups(scales: NDArray[np.int64]) -> list[tuple[int, NDArray[np.int64]]]:
    """Table to the places of the numbers in it, in rising order of both."""
    order = np.argsort(scales, kind="stable")
    counts = np.bincount(scales, minlength=SCALES)
    ends = np.cumsum(counts)
    return [(t, order[ends[t] - counts[t] : ends[t]]) for t in np.flatnonzero(counts).tolist()]


def _halves(numbers: NDArray[np.int32]) -> NDArray[np.int32]:
    positive = np.clip(numbers.astype(np.int64) + _WIDE // 2, 0, _WIDE - 1)
    return np.stack([positive >> 12, positive & 4095], 1).astype(np.int32).ravel()


def _half_model() -> Any:
    return _stream().model.Uniform(4096)


@cache
def _stream() -> Any:
    """The library, which has no types; loaded when it is needed."""
    return importlib.import_module("constriction").stream
