"""The folder of a run: what was asked, what happened, what came of it.

recipe.json          what was asked, what was decided, on which machine and data
events.jsonl         every evaluation and the losses on the way, one JSON object per line
pictures/            what the network showed at each evaluation
state.safetensors    from where the training goes on
model.safetensors    the best network so far, with its card
"""

from __future__ import annotations

import contextlib
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import filelock

from olhar.errors import OlharError
from olhar.media.files import atomic, parsed, reason, shown
from olhar.training import checkpoint

if TYPE_CHECKING:
    import os
    from typing import TextIO

    from olhar.training.recipe import Recipe


_ODD = "backslashreplace"
"""Names of files that are no text stand in JSON as what reads back as they were."""


class Run:
    """A run folder that one process writes to.

    Args:
        folder: made if it is missing.
        writing: False for the other processes of a distributed training, which only read.

    Raises:
        OlharError: if the folder holds something else, or another process is training in it.
    """

    def __init__(self, folder: str | os.PathLike[str], *, writing: bool = True) -> None:
        self.folder = Path(folder)
        self.recipe_file = self.folder / "recipe.json"
        self.state = self.folder / "state.safetensors"
        self.model = self.folder / "model.safetensors"
        self._log = self.folder / "events.jsonl"
        self._writing = writing
        self._stream: TextIO | None = None
        self._lock: filelock.BaseFileLock | None = None
        if not writing:
            return
        name = shown(self.folder)
        if self.folder.is_file():
            raise OlharError(f"{name} is a file, and a run is a folder; give another name")
        others = self.folder.is_dir() and any(path.name[0] != "." for path in self.folder.iterdir())
        if others and not self.recipe_file.is_file():
            raise OlharError(
                f"{name} is a folder with other things in it; give the name of a new one"
            )
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            self._lock = filelock.FileLock(self.folder / ".lock", timeout=0)
            self._lock.acquire()
        except filelock.Timeout:
            raise OlharError(
                f"another process is training in {name}; wait for it, or give another folder"
            ) from None
        except OSError as error:
            raise OlharError(f"{name} cannot be written: {error.strerror}") from error

    def close(self) -> None:
        """Let others write here."""
        if self._stream:
            self._stream.close()
        if self._lock:
            self._lock.release()
        if self._writing and not self.recipe_file.is_file():  # nothing began: leave no trace
            with contextlib.suppress(OSError):
                (self.folder / ".lock").unlink(missing_ok=True)
                self.folder.rmdir()

    @property
    def learned(self) -> bool:
        """Whether anything was: what failed in its first step binds nobody to its recipe."""
        return self.model.is_file() or (self.state.is_file() and checkpoint.began(self.state))

    def picture(self, step: int) -> Path:
        """Where the picture that is shown after a step goes."""
        return self.folder / "pictures" / f"{step:08d}.png"

    def begin(self, recipe: Recipe, asked: Recipe, facts: dict[str, Any]) -> None:
        """Write `recipe.json`."""
        if not self._writing:
            return
        values = {
            "kind": recipe.kind,
            "asked": asked.as_dict(),
            "recipe": recipe.as_dict(),
            "folder": str(Path.cwd()),  # from where the places in it lead
            **facts,
        }
        with atomic(self.recipe_file) as temporary:
            text = json.dumps(values, indent=2, ensure_ascii=False)
            temporary.write_text(text + "\n", encoding="utf-8", errors=_ODD)

    def read(self) -> dict[str, Any] | None:
        """What `recipe.json` says; None if there is none.

        Raises:
            OlharError: if it cannot be understood.
        """
        if not self.recipe_file.is_file():
            return None
        try:
            values: Any = parsed(self.recipe_file.read_text(encoding="utf-8"))
            if not isinstance(values["asked"], dict) or not isinstance(values["recipe"], dict):
                raise TypeError("not a recipe")
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise OlharError(
                f"{shown(self.recipe_file)} is damaged ({error}); give another folder"
            ) from error
        return values

    def log(self, **values: Any) -> None:
        """Add a line to `events.jsonl`."""
        if not self._writing:
            return
        try:
            if self._stream is None:
                self._stream = self._log.open("a", encoding="utf-8", errors=_ODD)
            self._stream.write(json.dumps(values, ensure_ascii=False) + "\n")
            self._stream.flush()
        except OSError as error:
            self._stream = None  # whatever it still holds cannot be written
            raise OlharError(
                f"{shown(self._log)} cannot be written: {reason(error)}; make room, and the same "
                "command goes on"
            ) from error

    def forget_after(self, step: int, evaluated: int, *, over: bool) -> None:
        """Drop the lines of what will be done again, and one that a crash cut short.

        Args:
            step: how many steps are done.
            evaluated: the step of the last evaluation.
            over: whether the training has ended.
        """
        if not self._writing or not self._log.is_file():
            return
        if self._stream:
            self._stream.close()
            self._stream = None
        last = {"evaluated": evaluated, "final": step if over else -1}
        lines = events(self._log)
        kept = [line for line in lines if line["step"] <= last.get(line["event"], step)]
        with atomic(self._log) as temporary:
            text = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in kept)
            temporary.write_text(text, encoding="utf-8", errors=_ODD)


def events(path: Path) -> list[dict[str, Any]]:
    """The lines of an `events.jsonl`, without what cannot be read."""
    lines: list[dict[str, Any]] = []
    if not path.is_file():
        return lines
    for text in path.read_text(encoding="utf-8", errors="replace").splitlines():
        try:
            line: Any = parsed(text)
        except ValueError:
            continue
        if isinstance(line, dict) and isinstance(line.get("step"), int) and "event" in line:  # pyright: ignore[reportUnknownMemberType]
            lines.append(line)  # pyright: ignore[reportUnknownArgumentType]
    return lines
