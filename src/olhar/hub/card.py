"""The card of a model: what it is, what builds it, where it comes from. JSON in the file's header.

A safetensors file is 8 bytes of length, a JSON header of that length, then the tensors end to end.
The header may carry strings under `__metadata__`; the card is the one named `olhar`. Reading it
costs the header and no tensor, and the header's claims are checked against the file before use.
"""

from __future__ import annotations

import dataclasses
import json
from typing import TYPE_CHECKING, Any, cast, get_args, get_origin, get_type_hints

from olhar import __version__
from olhar.errors import OlharError
from olhar.hub.onnx import texts
from olhar.media.files import reason

if TYPE_CHECKING:
    from pathlib import Path

KEY = "olhar"
MAX_HEADER = 16 << 20
"""Bytes. A header has about 100 per tensor; a longer one is an attack or damage."""


_DEEPEST = 64


@dataclasses.dataclass(frozen=True, kw_only=True)
class Card:
    """What a model says of itself."""

    name: str
    """What people call it."""
    kind: str
    """What builds a network from it: a key of `olhar.catalogue.KINDS`."""
    summary: str
    """One line: what it does."""
    licence: str
    """SPDX identifier, or a line that says what is allowed."""
    origin: str
    """Where the weights come from: an address, or how they were made."""
    authors: tuple[str, ...] = ()
    """Who made them."""
    arguments: dict[str, Any] = dataclasses.field(default_factory=dict[str, Any])
    """What the network is built with."""
    recipe: dict[str, Any] = dataclasses.field(default_factory=dict[str, Any])
    """How it was trained."""
    classes: tuple[str, ...] = ()
    """What its outputs stand for, in order."""
    preprocessing: dict[str, Any] = dataclasses.field(default_factory=dict[str, Any])
    """What its images must be; normalisation is inside the network."""
    metrics: dict[str, Any] = dataclasses.field(default_factory=dict[str, Any])
    """How good it is: split to metric to value."""
    trained_on: str = ""
    """The data it learned from."""
    fingerprint: str = ""
    """A hash of that data, by which it is known again."""
    consent: dict[str, Any] = dataclasses.field(default_factory=dict[str, Any])
    """What the people it has learned agreed to (`Consent.as_card`); empty if it shows nobody."""
    olhar_version: str = __version__
    """The olhar that wrote it."""

    def to_json(self) -> str:
        """The card as it stands in the header."""
        text = json.dumps(dataclasses.asdict(self), ensure_ascii=False, sort_keys=True)
        return text.encode(errors="backslashreplace").decode()  # names of files may be no text

    @classmethod
    def from_json(cls, text: str, source: str = "the card") -> Card:
        """Read a card; fields that a newer olhar added are passed over.

        Args:
            text: JSON.
            source: what the sentence calls it.

        Raises:
            OlharError: if it is not JSON, lacks a field or has one of the wrong type.
        """
        values = _object(text, source)
        hints = get_type_hints(cls)
        fields: dict[str, Any] = {}
        for field in dataclasses.fields(cls):
            if field.name in values:
                fields[field.name] = _value(
                    values[field.name], hints[field.name], field.name, source
                )
            elif field.default is dataclasses.MISSING is field.default_factory:
                raise OlharError(
                    f"{source} lacks {field.name!r}; get the file again from its origin"
                )
        return cls(**fields)


def read_card(path: Path) -> Card:
    """Read the card of a model file without its tensors.

    Args:
        path: a `.safetensors` file, or an `.onnx` file that olhar exported.

    Raises:
        OlharError: if it is no such file, is cut short or too long, or has no card.
    """
    text = metadata(path, KEY)
    if text is None:
        raise OlharError(f"{path} holds tensors and no olhar card, so nothing says how to build it")
    return Card.from_json(text, f"the card of {path}")


def metadata(path: Path, key: str) -> str | None:
    """One of the texts in a safetensors or an ONNX file; None if it is not there.

    Raises:
        OlharError: if it is no such file, or is cut short or too long.
    """
    if path.suffix.lower() == ".onnx":
        return texts(path).get(key)
    found = _header(path).get("__metadata__")
    text = cast("dict[str, Any]", found).get(key) if isinstance(found, dict) else None
    return text if isinstance(text, str) else None


def _header(path: Path) -> dict[str, Any]:
    """The header of a safetensors file, once it is known to describe the whole file."""
    try:
        size = path.stat().st_size
        with path.open("rb") as file:
            length = int.from_bytes(file.read(8), "little")
            if size < 10 or not 2 <= length <= min(size - 8, MAX_HEADER):
                raise OlharError(f"{path} is no safetensors file, or is cut short; get it again")
            header = _object(file.read(length).decode("utf-8", "replace"), f"the header of {path}")
    except OSError as error:
        raise OlharError(f"{path} cannot be read: {reason(error)}") from error
    end = 8 + length + max([0, *(_end(value) for key, value in header.items() if key[:2] != "__")])
    if size != end:
        what = f"{size:,} bytes where its header promises {end:,}"
        raise OlharError(f"{path} is damaged ({what}); get it again")
    return header


def _end(entry: Any) -> int:
    """Where the bytes of a tensor end, as its header entry says; 0 if that makes no sense."""
    match entry:
        case {"data_offsets": [int(), int(end)]}:
            return end
        case _:
            return 0


def _object(text: str, source: str) -> dict[str, Any]:
    try:
        values: Any = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise OlharError(f"{source} is not JSON; get the file again from its origin") from error
    if not isinstance(values, dict):
        raise OlharError(f"{source} is not a JSON object; get the file again from its origin")
    return cast("dict[str, Any]", values)


def _is_deep(value: Any, left: int) -> bool:
    """Whether there are more than so many objects and lists within each other."""
    if not isinstance(value, dict | list):
        return False
    parts = cast("list[Any]", [*value.values()] if isinstance(value, dict) else value)
    return left < 1 or any(_is_deep(each, left - 1) for each in parts)


def _value(value: Any, hint: Any, name: str, source: str) -> Any:
    kind: Any = get_origin(hint) or hint
    if kind is tuple and isinstance(value, list):
        parts = cast("list[Any]", value)
        if all(isinstance(part, get_args(hint)[0]) for part in parts):
            return tuple(parts)
    elif kind is str and isinstance(value, str):
        kept = (each for each in value if each.isprintable() or each == "\n" or each > "\x9f")
        return "".join(kept)  # what moves the cursor of a screen is not
    elif isinstance(value, kind):
        if _is_deep(value, _DEEPEST):
            raise OlharError(f"{source}: {name!r} is nested too deeply; nobody wrote that")
        return value
    got = type(value).__name__  # pyright: ignore[reportUnknownArgumentType]
    wanted = {str: "text", tuple: "a list of texts", dict: "an object"}[kind]
    raise OlharError(f"{source}: {name!r} must be {wanted}, and is {got}")
