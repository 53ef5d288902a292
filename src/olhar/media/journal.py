"""What a folder of results remembers, so that the same command goes on where it stopped.

`.olhar.jsonl` in the folder has one line per event: `{"output": ..., "key": ...}` when a result is
complete, `"key": null` when it was begun. Lines are only ever appended, so a kill costs at most the
last one, which then does not parse and is skipped.
"""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    from pathlib import Path

NAME = ".olhar.jsonl"


class Journal:
    """The results in one folder and the keys they were made by."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / NAME
        self._keys: dict[str, str | None] = {}
        text = self._path.read_text("utf-8", errors="replace") if self._path.exists() else ""
        for line in text.splitlines():
            entry = _parse(line)
            if entry:
                self._keys[entry[0]] = entry[1]
        self._torn = bool(text) and not text.endswith("\n")

    def holds(self, output: str) -> bool:
        """Whether `output` was made, or begun, by this folder's commands."""
        return output in self._keys

    def has(self, output: str, key: str) -> bool:
        """Whether `output` was completed by `key`."""
        return self._keys.get(output) == key

    def add(self, output: str, key: str | None) -> None:
        """Remember that `output` was completed by `key`, or begun if that is None."""
        self._keys[output] = key
        line = json.dumps({"output": output, "key": key}) + "\n"
        with self._path.open("a", encoding="utf-8") as file:
            file.write("\n" + line if self._torn else line)
        self._torn = False


def key(settings: str, source: Path) -> str:
    """What a result depends on: how it is made, and its source as far as size and time tell."""
    status = source.stat()
    text = f"{settings}\n{status.st_size}\n{status.st_mtime_ns}"
    return hashlib.sha256(text.encode("utf-8", "surrogateescape")).hexdigest()[:32]


def _parse(line: str) -> tuple[str, str | None] | None:
    try:
        entry: Any = json.loads(line)
    except ValueError:
        return None
    if not isinstance(entry, dict):
        return None
    fields = cast("dict[str, Any]", entry)
    output, made_by = fields.get("output"), fields.get("key")
    if isinstance(output, str) and isinstance(made_by, str | None):
        return output, made_by
    return None
