"""Tables as programs write them: which encoding, which separator, which decimal sign.

Excel in Brazil writes semicolons, decimal commas and the encoding of Windows; Google Sheets there
writes commas and quotes the numbers; pandas writes commas and UTF-8. None of them says so, hence
everything is found from the cells.
"""

from __future__ import annotations

import csv
import io
import re
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from olhar.data.examples import nfc
from olhar.errors import OlharError
from olhar.media.files import opened, reason, shown
from olhar.media.image import READABLE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

_EMPTY = {"", "-", "?", "na", "n/a", "nan", "n/d", "null", "none", "#n/a", "#n/d"}
_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)(e[+-]?\d+)?", re.IGNORECASE)
_DOTS = re.compile(r"[+-]?\d{1,3}(\.\d{3})+")  # 1.234.567
_COMMAS = re.compile(r"[+-]?\d{1,3}(,\d{3})+(\.\d*)?")  # 1,234,567.8
_CELLS = 1_000_000  # that any table may have
_ROWS = 100  # looked at to find the separator


class Table(NamedTuple):
    """Columns of text."""

    columns: dict[str, list[str]]
    """Name to cells, all of one length, stripped, NFC."""
    separator: str


def read(path: Path) -> Table:
    """Read a table. Without a row of headings the columns are called 1, 2, ...

    Raises:
        OlharError: no such file, no rows, or quotes that never close.
    """
    with opened(path) as file:
        text = _decoded(file.read()).replace("\0", "")
    said = re.match(r"sep=(.)\r?\n", text, re.IGNORECASE)  # how Excel is told
    text = text[said.end() :] if said else text
    try:
        separator = said[1] if said else _separator(text)
        rows = _rows(text, separator)
    except (csv.Error, TypeError, ValueError) as error:  # the others of an odd separator
        raise OlharError(f"{shown(path)} is no table: {reason(error)}; save it as CSV") from error
    if rows and not _pictures(rows[0]):
        header, rows = rows[0], rows[1:]
    else:
        header = [str(i + 1) for i in range(max(map(len, rows), default=0))]
    if not rows:
        raise OlharError(f"{shown(path)} has no rows; give a table with a column of files")
    if len(header) * len(rows) > max(_CELLS, 4 * len(text)):  # it would be filled with empty ones
        raise OlharError(
            f"{shown(path)} has {len(header):,} columns, and most of its {len(rows):,} rows are "
            "shorter; give a table whose rows are of one length"
        )
    columns: dict[str, list[str]] = {}
    for i, heading in enumerate(header):
        name = heading or f"column {i + 1}"
        name = f"{name} ({i + 1})" if name in columns else name
        columns[name] = [row[i] if i < len(row) else "" for row in rows]
    return Table(columns, separator)


def empty(cell: str) -> bool:
    """Whether a cell stands for no number, in one of the many ways to say so."""
    return cell.casefold() in _EMPTY


def numbers(cells: Sequence[str], separator: str) -> NDArray[np.float64]:
    """Cells as numbers; NaN for what is none.

    A comma is a decimal comma unless it groups thousands everywhere in a table separated by commas.

    Args:
        cells: a whole column, since one cell alone may not tell what its comma means.
        separator: of the table.

    Returns:
        (N,), each finite in float32 or NaN.

    Example:
        >>> numbers(["1.234,5", "7", "-"], ";").tolist()
        [1234.5, 7.0, nan]
        >>> numbers(["1,234", "7.5"], ",").tolist()
        [1234.0, 7.5]
    """
    with_comma = [cell for cell in cells if "," in cell]
    grouping = separator == "," and all(_COMMAS.fullmatch(cell) for cell in with_comma)
    values = np.array([_number(cell, bool(with_comma) and not grouping) for cell in cells])
    values[np.abs(values) > np.finfo(np.float32).max] = np.nan
    return values


def _number(cell: str, comma: bool) -> float:
    cell = "".join(cell.split())  # also the narrow spaces that group thousands
    if not comma:
        cell = cell.replace(",", "")
    elif "," in cell or _DOTS.fullmatch(cell):
        cell = cell.replace(".", "").replace(",", ".")
    return float(cell) if _NUMBER.fullmatch(cell) else np.nan


def _decoded(data: bytes) -> str:
    if data[:2] in {b"\xff\xfe", b"\xfe\xff"}:
        return data.decode("utf-16", "replace")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1252", "replace")


def _rows(text: str, separator: str) -> list[list[str]]:
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=separator, skipinitialspace=True)
    cells = ([nfc(cell).strip() for cell in row] for row in rows)
    return [row for row in cells if any(row)]


def _separator(text: str) -> str:
    """The one that sets files free, makes rows of one width, and makes them wide."""
    head = "".join(text.splitlines(keepends=True)[:_ROWS])

    def merit(separator: str) -> tuple[float, float, int]:
        rows = _rows(head, separator)
        width = len(rows[0]) if rows else 0
        if width < 2:
            return 0, 0, 0
        same = sum(len(row) == width for row in rows) / len(rows)
        return sum(map(_pictures, rows)) / len(rows), same, width

    return max("\t;,|", key=merit)


def _pictures(row: Sequence[str]) -> bool:
    return any(Path(cell).suffix.lower() in READABLE for cell in row)
