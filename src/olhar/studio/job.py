"""A job: a folder that says what was asked, how far it is, and what came of it.

`job.json` holds the fields below, `in/` what it is made from, `out/` what it made; `progress.json`
says how far it is, `log.txt` what its libraries said.
"""

from __future__ import annotations

import contextlib
import dataclasses
import json
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, TypeAlias

from olhar.look.messages import Phrase, say
from olhar.media.files import atomic

State: TypeAlias = Literal["waiting", "running", "done", "stopped", "failed"]
STATE = "state.safetensors"
"""What a restyling that was stopped needs to go on, in the folder of its job."""
CUT_OFF = "the studio was closed meanwhile; start it again"
"""Why a job failed that ran when the studio was closed."""
Lane: TypeAlias = Literal["short", "long", "lesson"]


@dataclass
class Job:
    """Something that was asked for."""

    id: str
    kind: str
    """Which function of `olhar.studio.bodies` does it."""
    visitor: str
    settings: dict[str, Any]
    files: dict[str, list[str]] = field(default_factory=dict[str, list[str]])
    """Role to names in `in/`."""
    lane: Lane = "short"
    created: float = 0.0
    state: State = "waiting"
    started: float = 0.0
    ended: float = 0.0
    error: str = ""
    """The sentence that says why it failed."""
    result: dict[str, Any] = field(default_factory=dict[str, Any])
    stopping: bool = False
    """Whether it was asked to stop, and saves what it has."""
    page: str = ""
    """The page of a browser that shows it, opened once; the last one, if it was opened again."""
    folder: Path = field(default=Path(), compare=False)

    @property
    def over(self) -> bool:
        """Whether nothing more will happen."""
        return self.state in ("done", "stopped", "failed")

    @property
    def title(self) -> Phrase:
        """What it is called in a list."""
        return say(f"studio.job.{self.kind}")

    def file(self, role: str) -> Path | None:
        """The first file in a role."""
        names = self.files.get(role)
        return self.folder / "in" / names[0] if names else None

    def address(self, name: str) -> str:
        """Where the browser finds one of its results."""
        return f"/studio/result/{self.id}/{name}"

    def progress(self) -> dict[str, Any]:
        """What the process told last: `share`, `said`, `picture`."""
        with contextlib.suppress(OSError, ValueError):
            return json.loads((self.folder / "progress.json").read_text("utf-8"))
        return {}

    def left(self) -> float | None:
        """Seconds that it will take, by how long it took so far; None if nothing tells."""
        told = self.progress()
        share, begun = told.get("share") or 0.0, told.get("begun", 0.0)
        spent, done = time.time() - self.started, share - begun
        return spent * (1 - share) / done if self.state == "running" and done > 0.02 else None

    def kept(self) -> Path | None:
        """What it needs to go on if it was stopped: its own, or what it was given to go on from."""
        if self.state not in ("stopped", "failed"):
            return None
        own, given = self.folder / STATE, self.file("state")
        return own if own.is_file() else given if given and given.is_file() else None

    def save(self) -> None:
        """Write `job.json`."""
        values = dataclasses.asdict(self)
        del values["folder"]
        with atomic(self.folder / "job.json") as temporary:
            temporary.write_text(json.dumps(values, ensure_ascii=False), "utf-8")
