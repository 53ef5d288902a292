"""What a command returns: something that can say what happened, to a person and to a program."""

from __future__ import annotations

import textwrap
from dataclasses import dataclass, field
from typing import Any, Protocol


class Outcome(Protocol):
    """`str(outcome)` is what a person reads, `as_dict()` what `--json` prints."""

    @property
    def exit_code(self) -> int:
        """0, or 1 if part of the work failed."""
        ...

    def as_dict(self) -> dict[str, Any]:
        """The same as plain JSON values."""
        ...


@dataclass(frozen=True)
class Said:
    """An outcome that is known as text and as values, and is never a failure."""

    text: str
    values: dict[str, Any] = field(default_factory=dict[str, Any])
    exit_code: int = 0

    def __str__(self) -> str:
        return self.text

    def as_dict(self) -> dict[str, Any]:
        """The values."""
        return self.values


def labelled(label: str, text: str) -> list[str]:
    """Lines of at most 79 columns: a label, and beside it a text."""
    indent = " " * 12
    return textwrap.wrap(text, 79, initial_indent=f"{label:<12}", subsequent_indent=indent) or [
        label
    ]
