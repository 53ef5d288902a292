"""A lesson that somebody works through, as the page sees it: what it asks for, and how it stands.

As in a notebook, all cells share one module, which lives as long as their process does (`session`).
The page writes what it wants as small files into `in/` (`ask`), and the process tells what the
cells gave in `out/state.json` (`state`).
"""

from __future__ import annotations

import contextlib
import json
import time
from typing import TYPE_CHECKING, Any

from olhar.media.files import atomic

if TYPE_CHECKING:
    from olhar.studio.job import Job

NOTHING: dict[str, Any] = {
    "next": 0,
    "at": None,
    "asking": None,
    "busy": True,
    "heard": 0,
    "outputs": {},
}
"""The state of a session that has not begun."""


def ask(job: Job, **wanted: Any) -> int:
    """Tell a session what is wanted.

    Args:
        job: whose session.
        wanted: `to`, the last cell to run; with it `guess` for the question in `cell`; or `answer`.

    Returns:
        The number of the request; once it is taken up, `state` has heard it.
    """
    number = time.time_ns()
    with atomic(job.folder / "in" / f"ask-{number}.json") as temporary:
        temporary.write_text(json.dumps({"number": number, **wanted}), "utf-8")
    return number


def state(job: Job) -> dict[str, Any]:
    """What a session told last.

    `next` is the cell that comes next, `at` the one that runs, `asking` the one whose question
    waits, `busy` whether anything is to be done, `heard` the number of the last request, `outputs`
    what each cell gave.
    """
    with contextlib.suppress(OSError, ValueError):
        return json.loads((job.folder / "out" / "state.json").read_text("utf-8"))
    return NOTHING
