"""Doing some things while the one before is still in use."""

from __future__ import annotations

from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import islice
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

A = TypeVar("A")
B = TypeVar("B")


def ahead(
    function: Callable[[A], B], items: Iterable[A], *, count: int, threads: int = 1
) -> Iterator[B]:
    """`map`, in threads, some items ahead of whoever takes the results; in the same order.

    Args:
        function: what is done.
        items: to what; taken one by one, at most `count` before they are needed.
        count: how many are done or in the making at once.
        threads: that do it.

    Raises:
        Exception: what `function` raises, when its result is due.

    Example:
        >>> list(ahead(abs, [-1, -2, 3], count=2))
        [1, 2, 3]
    """
    rest = iter(items)
    with ThreadPoolExecutor(threads) as pool:
        waiting = deque[Future[B]](pool.submit(function, item) for item in islice(rest, count))
        try:
            while waiting:
                result = waiting.popleft().result()
                waiting.extend(pool.submit(function, item) for item in islice(rest, 1))
                yield result
        finally:
            pool.shutdown(wait=False, cancel_futures=True)
