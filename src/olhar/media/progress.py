"""How far it is: bars with a rate and the time left, on stderr, and only if a person is looking.

Bars opened inside a bar stand below it, so a folder of images and the iterations on each share one
display without knowing of each other. Bars may be opened and closed by several threads.
"""

from __future__ import annotations

import contextlib
import sys
import threading
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    from rich.progress import Progress, Task

_lock = threading.Lock()  # for what follows
_display: Progress | None = None  # shared by the bars that are open now
_open = 0  # how many those are
_hidden = 0  # how many blocks want no bars now
_listener: Callable[[float], None] | None = None  # is told instead of a terminal
_remarks: list[str] | None = None  # what was remarked, while somebody keeps it


class Update(Protocol):
    """Move a bar."""

    def __call__(self, done: float, total: float | None = None, label: str | None = None) -> None:
        """Say how much is done, and of how much and of what if that has changed."""
        ...


@contextlib.contextmanager
def hidden(hide: bool = True) -> Generator[None]:
    """Show no bars in here."""
    global _hidden  # noqa: PLW0603
    with _lock:
        _hidden += hide
    try:
        yield
    finally:
        with _lock:
            _hidden -= hide


def wanted() -> bool:
    """Whether anything may be told while the work goes on: not inside `hidden`."""
    return not _hidden


@contextlib.contextmanager
def heard(listener: Callable[[float], None]) -> Generator[None]:
    """Tell a function how far it is, from 0 to 1, instead of a terminal.

    Of bars inside bars the outermost counts that knows of how much it is; of films that is none
    before all frames are read, and so nothing is told.
    """
    global _listener  # noqa: PLW0603
    before, _listener = _listener, listener
    try:
        yield
    finally:
        _listener = before


@contextlib.contextmanager
def bar(label: str, total: float | None = None) -> Generator[Update]:
    """Show a bar for as long as the block runs.

    Args:
        label: what is being done.
        total: of how much; 1 for a share, which is shown in percent; None if it is not known.

    Yields:
        A function to call with how much is done so far.

    >>> with bar("drawing", total=3) as update:
    ...     for stroke in range(3):
    ...         update(stroke + 1)
    """
    global _display, _open, _listener  # noqa: PLW0603
    if (listener := _listener) is not None:
        inner = total is None or total <= 1  # one file among one: what is inside says more
        _listener = listener if inner else None
        try:
            yield lambda done, total=total, label=None: (  # noqa: ARG005
                listener(done / total) if total else None
            )
        finally:
            _listener = listener
        return
    if _hidden or sys.stderr is None or not sys.stderr.isatty():
        yield lambda done, total=None, label=None: None  # noqa: ARG005
        return
    with _lock:
        if _display is None:
            _display = _progress()
            _display.start()
        shown = _display
        task = shown.add_task(label, total=total)
        _open += 1
    try:
        yield lambda done, total=None, label=None: shown.update(
            task, completed=done, total=total, description=label
        )
    finally:
        with _lock:
            shown.remove_task(task)
            _open -= 1
            if not _open:
                _display = None
                shown.stop()


def say(line: str) -> None:
    """Print a line above the bars that are open; without any, nobody is looking."""
    with _lock:
        if _display is not None:
            _display.console.print(line, markup=False, highlight=False)


@contextlib.contextmanager
def remarked() -> Generator[list[str]]:
    """Keep what is remarked in here.

    >>> with remarked() as lines:
    ...     remark("the lights are on")
    >>> lines
    ['the lights are on']
    """
    global _remarks  # noqa: PLW0603
    before, _remarks = _remarks, []
    try:
        yield _remarks
    finally:
        _remarks = before


def remark(line: str) -> None:
    """Tell what is true of the whole of the work, if a person is looking; `--json` tells it too."""
    if _remarks is not None:
        _remarks.append(line)
    if _display is not None:
        say(line)
    elif wanted() and sys.stderr is not None and sys.stderr.isatty():
        print(line, file=sys.stderr)


def _progress() -> Progress:
    from rich.console import Console
    from rich.progress import BarColumn, Progress, ProgressColumn, TextColumn, TimeRemainingColumn
    from rich.text import Text

    class Count(ProgressColumn):
        """`3 of 40  2.4 s each`, or `37 %` of one whole."""

        def render(self, task: Task) -> Text:
            if task.total == 1:
                return Text(f"{task.completed:.0%}")
            total = "?" if task.total is None else f"{task.total:,.0f}"
            speed = task.speed or 0
            rate = (
                f"{speed:,.1f} per s" if speed >= 1 else f"{1 / speed:.1f} s each" if speed else ""
            )
            return Text(f"{task.completed:,.0f} of {total}  {rate}")

    return Progress(
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        Count(),
        TimeRemainingColumn(compact=True),
        console=Console(stderr=True),
        transient=True,
    )
