"""Jobs: what people asked for, in line, each in a process of its own.

All that is known of a job is in its folder (`job`), so a studio that starts again shows what was
there, and a browser that comes back sees the same.

Three lines are served side by side. In `long` stand trainings, restylings and films, one at a time
per device; in `short` what takes seconds, so that nobody waits an hour to colour a photograph; in
`lesson` the lesson that is worked through, whose process waits for its reader.
"""

from __future__ import annotations

import contextlib
import json
import secrets
import shutil
import threading
import time
from collections import deque
from typing import TYPE_CHECKING, Any

from olhar.errors import OlharError
from olhar.media.video_info import VIDEO_SUFFIXES
from olhar.studio import work
from olhar.studio.job import CUT_OFF, Job, Lane, State
from olhar.studio.job_files import furnish
from olhar.studio.processes import PATIENCE, context, end, outcome

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from olhar.studio.workspace import Workspace

PER_VISITOR = 4
"""How many jobs one visitor may have that are not over."""
AT_MOST = 200
"""How many all visitors may have together."""
KEPT = frozenset({"faces", "choose"})
"""Kinds whose short jobs go on when the same browser asks for another one."""
_LONG = {"pack", "restyle", "train"}
_SHORT = {"preview"}  # of a film that it looks at in one place only


class Jobs:
    """All jobs of a studio.

    Args:
        space: where they are kept.
        per_visitor: how many jobs one visitor may have that are not over.
    """

    def __init__(self, space: Workspace, per_visitor: int = PER_VISITOR) -> None:
        self.space, self.per_visitor = space, per_visitor
        self._jobs: dict[str, Job] = {}
        self._lines: dict[Lane, deque[Job]] = {
            "short": deque(),
            "long": deque(),
            "lesson": deque(),
        }
        self._running: dict[str, Any] = {}
        self._early: set[str] = set()  # asked to stop while their processes were being started
        self._left: dict[tuple[str, str], float] = {}  # page and kind to when it let go of its jobs
        self._changed = threading.Condition()
        self._closing = False
        self._context = context()
        self._load()
        self._threads = [
            threading.Thread(target=self._serve, args=(lane,), name=f"olhar-{lane}", daemon=True)
            for lane in self._lines
        ]
        for thread in self._threads:
            thread.start()

    def submit(
        self,
        kind: str,
        visitor: str,
        settings: Mapping[str, Any],
        files: Mapping[str, Sequence[Path]] | None = None,
        page: str = "",
    ) -> Job:
        """Put a job in line.

        Args:
            kind: which function of `olhar.studio.bodies`.
            visitor: who asks.
            settings: JSON values that it reads.
            files: role to files, which stay its own.
            page: see `Job`.

        Raises:
            OlharError: if this visitor, or all together, have too many in line.
        """
        files = {role: paths for role, paths in (files or {}).items() if paths}
        film = any(path.suffix.lower() in VIDEO_SUFFIXES for f in files.values() for path in f)
        long = kind in _LONG or (film and kind not in _SHORT)
        job = Job(
            id=secrets.token_urlsafe(16).replace("-", "x"),
            kind=kind,
            visitor=visitor,
            settings={**settings},
            lane="long" if long else "lesson" if kind == "learn" else "short",
            created=time.time(),
            page=page,
        )
        with self._changed:
            open_jobs = [each for each in self._jobs.values() if not each.over]
            own = sum(each.visitor == visitor for each in open_jobs)
            if own >= self.per_visitor or len(open_jobs) >= AT_MOST:
                raise OlharError(
                    f"{own} of your jobs are not done yet, and one may have {self.per_visitor}; "
                    "wait for one, or stop one"
                    if own >= self.per_visitor
                    else "too many jobs are in line; try again later"
                )
            self._jobs[job.id] = job  # counted from now on
        try:
            furnish(job, self.space.jobs, files)
        except BaseException:
            with self._changed:
                del self._jobs[job.id]
            raise
        with self._changed:
            self._lines[job.lane].append(job)
            self._changed.notify_all()
        return job

    def find(self, name: str) -> Job:
        """A job by its id.

        Raises:
            OlharError: if there is none, or it was removed.
        """
        job = self._jobs.get(name)
        if job is None:
            raise OlharError("there is no such job any more; results are kept for a day")
        return job

    def latest(self, visitor: str, *kinds: str, page: str = "") -> Job | None:
        """The newest of a visitor's jobs of some kinds, or of those of one page."""
        own = [each for each in self.all() if each.visitor == visitor and each.kind in kinds]
        return next((each for each in own if page in ("", each.page)), None)

    def leave(self, page: str, kind: str) -> None:
        """A page shows its jobs of a kind no more: what they were made from was taken away."""
        self._left[page, kind] = time.time()

    def superseded(self, job: Job, page: str = "") -> bool:
        """Whether the same page has asked for a newer one of the kind, for the same side.

        So has one that has let go of it.
        """
        if job.visitor.startswith("program ") or job.kind == "train":
            return False
        if job.created < self._left.get((page, job.kind), 0.0):
            return True
        side = job.settings.get("side")
        own = (
            each
            for each in self.all()
            if (each.visitor, each.kind) == (job.visitor, job.kind)
            and each.settings.get("side") == side
            and (each is job or each.page == page)
        )
        return next(own, job) is not job

    def all(self) -> list[Job]:
        """Every job, the newest first."""
        with self._changed:
            return sorted(self._jobs.values(), key=lambda job: -job.created)

    def before(self, job: Job) -> list[Job]:
        """What a waiting job waits for, in order."""
        with self._changed:
            line = self._lines[job.lane]
            ahead = list(line)[: line.index(job)] if job in line else []
            now = [self._jobs[key] for key in self._running if key in self._jobs]
            return [each for each in now if each.lane == job.lane] + ahead

    def stop(self, job: Job) -> None:
        """Stop a job: at once if it waits; if it runs, as soon as it has saved what it has."""
        with self._changed:
            if job in self._lines[job.lane]:
                self._lines[job.lane].remove(job)
                self._end(job, "stopped")
                return
            process = self._running.get(job.id)
            job.stopping = process is not None
            if process is not None and process.pid is None:
                self._early.add(job.id)
                return
        if process is not None:
            end(process)

    def remove(self, job: Job) -> None:
        """Forget a job that is over, with all its files."""
        with self._changed:
            if not job.over:
                raise OlharError("this job is not over; stop it first")
            self._jobs.pop(job.id, None)
        shutil.rmtree(job.folder, ignore_errors=True)

    def sweep(self) -> None:
        """Remove what is older than a day."""
        busy = frozenset(job.id for job in self.all() if not job.over)
        self.space.sweep(keep=busy)
        with self._changed:
            gone = [key for key, job in self._jobs.items() if job.over and not job.folder.is_dir()]
            for key in gone:
                del self._jobs[key]

    def close(self) -> None:
        """Stop what runs, and leave what waits for the next start."""
        with self._changed:
            self._closing = True
            self._changed.notify_all()
            running = [each for each in self._running.values() if each.pid is not None]
        for process in running:
            end(process)
        for thread in self._threads:
            thread.join(2 * PATIENCE)

    def _load(self) -> None:
        """What an earlier studio left: what ran was cut off, what waited waits on."""
        for file in self.space.jobs.glob("*/job.json"):
            try:
                values = json.loads(file.read_text("utf-8"))
                job = Job(**values, folder=file.parent)
            except (OSError, ValueError, TypeError):
                continue
            self._jobs[job.id] = job
            if job.state == "running" or (job.lane == "lesson" and not job.over):
                self._end(job, "failed", CUT_OFF)
        waiting = [job for job in self._jobs.values() if job.state == "waiting"]
        for job in sorted(waiting, key=lambda each: each.created):
            self._lines[job.lane].append(job)

    def _serve(self, lane: Lane) -> None:
        """Take one job after the other, until the studio closes."""
        while True:
            with self._changed:
                while not self._lines[lane] and not self._closing:
                    self._changed.wait()
                if self._closing:
                    return
                job = self._lines[lane].popleft()
                job.state, job.started = "running", time.time()
                here, there = self._context.Pipe()
                process = self._context.Process(
                    target=work.main, args=(str(job.folder), str(self.space.root), there)
                )
                self._running[job.id] = process
            try:
                job.save()
                process.start()
                there.close()
                with self._changed:
                    unwanted = self._closing or job.id in self._early
                if unwanted:
                    end(process)
                process.join()
                self._end(job, *outcome(job, process.exitcode))
            except OSError as error:
                self._end(job, "failed", f"it could not be started: {error.strerror}")
            finally:
                here.close()
                with self._changed:
                    self._running.pop(job.id, None)
                    self._early.discard(job.id)

    def _end(self, job: Job, state: State, error: str = "") -> None:
        job.error, job.ended = error, time.time()
        with contextlib.suppress(OSError, ValueError):
            job.result = json.loads((job.folder / "result.json").read_text("utf-8"))["result"]
        job.state = state  # last: whoever sees it over sees all of it
        with contextlib.suppress(OSError, OlharError):
            job.save()
