"""Gradio, imported in half the time.

While its classes are made, Gradio reads the source of each, writes `.pyi` files beside it and
compares them again, which takes longer than all the rest of the import. It leaves that out for
classes that have no source file; here none seems to have one.
"""

from __future__ import annotations

import contextlib
import inspect
from typing import TYPE_CHECKING, Any, TypeAlias
from unittest import mock

from olhar.errors import OlharError

if TYPE_CHECKING:
    from collections.abc import Generator


@contextlib.contextmanager
def without_stubs() -> Generator[None]:
    """Make components without writing `.pyi` files about them."""

    def none(of: Any) -> str:
        if isinstance(of, type) and hasattr(of, "EVENTS"):
            raise OSError("not to be described")
        return find(of)

    find = inspect.getfile
    with mock.patch.object(inspect, "getfile", none):
        yield


def _gradio() -> Any:
    try:
        with without_stubs():
            import gradio
    except ModuleNotFoundError as error:
        raise OlharError(
            f"the studio needs {error.name}, which is not installed; "
            "run: pip install 'olhar[studio]'"
        ) from error
    return gradio


gr: Any = _gradio()
"""The module `gradio`."""
LocalContext: Any = gr.context.LocalContext
"""Who asks, while an answer is made: `LocalContext.request`."""

if TYPE_CHECKING:
    Request: TypeAlias = Any
    EventData: TypeAlias = Any
else:
    Request, EventData = gr.Request, gr.EventData  # by these hints Gradio hands them over
