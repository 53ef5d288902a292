"""A lesson to take along: a notebook, or a script to edit, in one language.

The notebook is nbformat 4.5, written by hand: it is JSON, and its cells are ours. Its first cell
makes what the lesson says come in the notebook's language.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from olhar.errors import OlharError
from olhar.lessons.lesson import HIDDEN, Cell
from olhar.look.phrase import Phrase
from olhar.media.files import atomic, shown

if TYPE_CHECKING:
    from pathlib import Path

    from olhar.lessons.lesson import Lesson
    from olhar.look.phrase import Language


def write(lesson: Lesson, path: Path, language: Language) -> Path:
    """Write a lesson as a file of one's own.

    Args:
        lesson: which.
        path: `.ipynb` for a notebook, `.py` for a script in the same cells; one that was
            changed since is not replaced.
        language: of the prose, and of what the lesson says when it runs.

    Raises:
        OlharError: if the suffix is another, the file holds something else, or it cannot be
            written.
    """
    forms = {".ipynb": notebook, ".py": script}
    if path.suffix not in forms:
        raise OlharError(f"{path} is neither a notebook nor a script; name it .ipynb or .py")
    text = forms[path.suffix](lesson, language)
    if path.exists() and path.read_text("utf-8", errors="replace") != text:
        raise OlharError(
            f"{shown(path)} is there and may hold work of yours, so it is not replaced; move it "
            "away, or give another name with -o"
        )
    with atomic(path) as temporary:
        temporary.write_text(text, "utf-8")
    return path


def notebook(lesson: Lesson, language: Language) -> str:
    """The text of an `.ipynb` file."""
    setup = Cell("code", Phrase(_setup(language), _setup(language)), 0)
    return json.dumps(
        {
            "cells": [
                _cell(f"{lesson.stem}-{i}", cell, language)
                for i, cell in enumerate([setup, *lesson.cells])
            ],
            "metadata": {
                "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
                "language_info": {"name": "python"},
                "title": lesson.title.in_(language),
            },
            "nbformat": 4,
            "nbformat_minor": 5,
        },
        indent=1,
        ensure_ascii=False,
    )


def script(lesson: Lesson, language: Language) -> str:
    """The text of a `.py` file in percent format."""
    parts = [f"# %%\n{_setup(language)}\n"]
    for cell in lesson.cells:
        text = cell.in_(language)
        if cell.kind == "prose":
            lines = "\n".join(f"# {line}".rstrip() for line in text.splitlines())
            parts.append(f"# %% [markdown]\n{lines}\n")
        else:
            parts.append(f"# %%{f' {HIDDEN}' if cell.hidden else ''}\n{text}\n")
    return "\n".join(parts)


def _setup(language: Language) -> str:
    return f'from olhar.lessons import speak\n\nspeak("{language}")'


def _cell(name: str, cell: Cell, language: Language) -> dict[str, Any]:
    made: dict[str, Any] = {"id": name[:64], "metadata": {}, "source": cell.in_(language)}
    if cell.kind == "prose":
        return {"cell_type": "markdown", **made}
    if cell.hidden:
        made["metadata"] = {"jupyter": {"source_hidden": True}}
    return {"cell_type": "code", **made, "execution_count": None, "outputs": []}
