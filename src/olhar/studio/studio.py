"""What every page needs of the studio."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from olhar.errors import OlharError
from olhar.studio import parts
from olhar.studio.jobs import KEPT

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from olhar.studio.forms import Forms
    from olhar.studio.job import Job
    from olhar.studio.jobs import Jobs
    from olhar.studio.workspace import Workspace


@dataclass(frozen=True)
class Studio:
    """The folder, the jobs in it, and the forms."""

    space: Workspace
    jobs: Jobs
    forms: Forms
    pages: dict[str, Any]
    """Name of a page to what hears that it is opened."""
    alone: bool = False
    """Whether only this computer reaches it, so that code which somebody types may run."""

    def submit(
        self,
        kind: str,
        request: Any,
        settings: Mapping[str, Any],
        files: Mapping[str, Sequence[str | Path | None]] | None = None,
    ) -> Job:
        """Put a job in line for whoever asks; a page's earlier short one of the kind is stopped.

        Args:
            kind: see `Jobs.submit`.
            request: of Gradio.
            settings: see `Jobs.submit`.
            files: role to files, each one that was uploaded or of one of the visitor's jobs.

        Raises:
            Error: of Gradio, with a sentence, if that is not possible.
        """
        visitor = parts.visitor(request)
        try:
            chosen = {
                role: [self._given(path) for path in paths if path]
                for role, paths in (files or {}).items()
            }
            if kind not in KEPT:
                self.drop(kind, request)
            return self.jobs.submit(kind, visitor, settings, chosen, parts.page(request))
        except OlharError as error:
            raise parts.refuse(error) from None

    def drop(self, kind: str, request: Any) -> None:
        """Stop the short jobs of a kind that a browser's page shows, which shows them no more."""
        self.jobs.leave(parts.page(request), kind)
        asked = parts.visitor(request), parts.page(request), kind, "short"
        for job in self.jobs.all():
            same = (job.visitor, job.page, job.kind, job.lane) == asked
            if same and not job.over and not parts.is_program(request):
                self.jobs.stop(job)

    def act(self, said: Mapping[str, Any], request: Any) -> None:
        """What buttons do that stand at any job: stop it.

        Raises:
            Error: of Gradio, if it is somebody else's.
        """
        if said.get("do") == "stop":
            try:
                self.jobs.stop(self.own(str(said["job"]), request))
            except OlharError as error:
                raise parts.refuse(error) from None

    def own(self, name: str, request: Any) -> Job:
        """A job of whoever asks.

        Raises:
            OlharError: if there is none, or it is somebody else's.
        """
        job = self.jobs.find(name)
        if job.visitor != parts.visitor(request):
            raise OlharError("this is somebody else's job")
        return job

    def models(self, *kinds: str) -> list[str]:
        """Names of the runs with a model of some kinds, the newest first."""
        from olhar.hub.card import read_card

        found: list[tuple[float, str]] = []
        for path in self.space.runs.glob("*/model.safetensors"):
            try:
                if read_card(path).kind in kinds:
                    found.append((path.stat().st_mtime, path.parent.name))
            except (OlharError, OSError):
                continue
        return [name for _, name in sorted(found, reverse=True)]

    def folders(self) -> list[str]:
        """Names of the folders that one can learn from."""
        return sorted(path.name for path in self.space.data.iterdir() if path.is_dir())

    def _given(self, path: str | Path) -> Path:
        from pathlib import Path

        file = Path(path)
        if file.is_relative_to(self.space.jobs) and file.is_file():
            return file  # never from outside: pages name jobs, not files
        return self.space.sent(file)
