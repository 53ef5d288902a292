"""Ctrl-C while a library in C calls back into Python: it waits until the library returns.

What is raised in such a callback is printed and lost: the work would go on as if nobody had asked
to stop, and the library takes what it was reading for broken.
"""

from __future__ import annotations

import contextlib
import signal
import threading
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Generator


@contextlib.contextmanager
def held() -> Generator[None]:
    """Let Ctrl-C, and the signal that ends a process, wait until the block is over."""
    if threading.current_thread() is not threading.main_thread():  # signals come to that one
        yield
        return
    asked: list[int] = []

    def wait(number: int, _frame: Any) -> None:
        asked.append(number)

    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        for number in before:
            signal.signal(number, wait)
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, signal.SIG_DFL if handler is None else handler)
        if asked:
            signal.raise_signal(asked[0])
