"""What a folder of results remembers, so that the same command goes on where it stopped.

`.olhar.jsonl` in the folder has one line per event: `{"output": ..., "begun": [size, mtime]}` just
before a finished file gets the name of its result, `{"output": ..., "key": ...}` once it has it. So
after a kill between the two the file is known to be a result, and a file that somebody else put
there is known not to be one. Lines are only ever appended, so a kill costs at most the last one,
which then does not parse and is skipped.
"""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any, cast

from olhar.media.files import parsed

if TYPE_CHECKING:
    from pathlib import Path

NAME = ".olhar.jsonl"


class Journal:
    """The results in one folder and the keys they were made by."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / NAME
        self._keys: dict[str, str] = {}  # "" if another one may have taken its place
        self._begun: dict[str, list[int]] = {}
        text = self._path.read_text("utf-8", errors="replace") if self._path.exists() else ""
        for line in text.splitlines():
            self._take(_parse(line))
        self._torn = bool(text) and not text.endswith("\n")

    def holds(self, output: str, file: Path) -> bool:
        """Whether `file`, which has the name of `output`, was made by this folder's commands."""
        return output in self._keys or self._begun.get(output) == _stamp(file)

    def has(self, output: str, key: str) -> bool:
        """Whether `output` was completed by `key`."""
        return self._keys.get(output) == key

    def begin(self, output: str, file: Path) -> None:
        """Remember that `file`, which is complete, is about to be renamed to `output`."""
        self._append({"output": output, "begun": _stamp(file)})

    def add(self, output: str, key: str) -> None:
        """Remember that `output` was completed by `key`."""
        self._append({"output": output, "key": key})

    def _append(self, entry: dict[str, Any]) -> None:
        self._take(entry)
        line = json.dumps(entry) + "\n"
        with self._path.open("a", encoding="utf-8") as file:
            file.write("\n" + line if self._torn else line)
        self._torn = False

    def _take(self, entry: dict[str, Any]) -> None:
        output, key, begun = entry.get("output"), entry.get("key"), entry.get("begun")
        if isinstance(output, str) and isinstance(key, str):
            self._keys[output] = key
        elif isinstance(output, str) and isinstance(begun, list):
            self._begun[output] = begun
            if output in self._keys:
                self._keys[output] = ""


def key(settings: str, source: Path) -> str:
    """What a result depends on: how it is made, and its source as far as size and time tell."""
    status = source.stat()
    text = f"{settings}\n{status.st_size}\n{status.st_mtime_ns}"
    return hashlib.sha256(text.encode("utf-8", "surrogateescape")).hexdigest()[:32]


def _stamp(file: Path) -> list[int]:
    """What tells a file from another one and stays the same when it is renamed."""
    status = file.stat()
    return [status.st_size, status.st_mtime_ns]


def _parse(line: str) -> dict[str, Any]:
    try:
        entry: Any = parsed(line)
    except ValueError:
        return {}
    return cast("dict[str, Any]", entry) if isinstance(entry, dict) else {}
