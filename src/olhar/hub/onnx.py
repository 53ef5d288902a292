"""The texts in the metadata of an ONNX file, read without any package and without its weights.

An ONNX file is one message of Protocol Buffers, `ModelProto`: a row of fields, each a tag (number
and type, a varint) and a value. Field 7 is the graph with all weights, which is passed over; each
field 14 is a pair of texts, its fields 1 and 2 (onnx.proto of the ONNX project).
"""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING, BinaryIO

from olhar.errors import OlharError
from olhar.media.files import reason

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PART = "olhar.part"
"""The key of the metadata that says which part of a model it is: "encoder"."""
_PAIR = 14
_LONGEST = 16 << 20  # bytes of a pair; a card has some thousands
_FIXED = {1: 8, 5: 4}  # type of a field to its bytes
_VARINT, _BYTES = 0, 2


def texts(path: Path) -> dict[str, str]:
    """The metadata of an ONNX file.

    Args:
        path: of the file.

    Raises:
        OlharError: if it cannot be read, is no ONNX file or is cut short.
    """
    found: dict[str, str] = {}
    try:
        with path.open("rb") as file:
            for number, value in _fields(file, path.stat().st_size, _PAIR):
                if number == _PAIR:
                    pair = dict(_fields(BytesIO(value), len(value), 1, 2))
                    found[pair[1].decode()] = pair.get(2, b"").decode()
    except OSError as error:
        raise OlharError(f"{path} cannot be read: {reason(error)}") from error
    except (ValueError, KeyError) as error:
        raise OlharError(f"{path} is no ONNX file, or is cut short; export it again") from error
    return found


def _fields(file: BinaryIO, size: int, *wanted: int) -> Iterator[tuple[int, bytes]]:
    """The fields of a message that have one of the wanted numbers and hold bytes."""
    while file.tell() < size:
        tag = _varint(file)
        number, kind = tag >> 3, tag & 7
        if kind == _VARINT:
            _varint(file)
            continue
        length = _varint(file) if kind == _BYTES else _FIXED.get(kind, -1)
        if not number or not 0 <= length <= size - file.tell():
            raise ValueError("not a message")
        if kind == _BYTES and number in wanted:
            if length > _LONGEST:
                raise ValueError("too long")
            yield number, file.read(length)
        else:
            file.seek(length, 1)


def _varint(file: BinaryIO) -> int:
    """Seven bits a byte, the least first; the eighth says whether there are more."""
    value = 0
    for shift in range(0, 70, 7):
        byte = file.read(1)
        if not byte:
            break
        value |= (byte[0] & 127) << shift
        if byte[0] < 128:
            return value
    raise ValueError("not a number")
