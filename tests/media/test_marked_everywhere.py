"""No capability writes a picture without saying whether a machine made it."""

import ast
from functools import cache
from pathlib import Path

import pytest

import olhar

SOURCE = Path(olhar.__file__).parent
WRITERS = {"process", "transform", "write", "write_video"}
PREVIEWS = {"training/fit.py"}  # what a run shows of itself while it learns
CODECS = {"codec/unpacking.py"}  # which give back the picture that was put in, as JPEG does
FILES = [
    path
    for path in sorted(SOURCE.rglob("*.py"))
    if path.relative_to(SOURCE).parts[0] not in {"media", "__init__.py"}
    and path.relative_to(SOURCE).as_posix() not in PREVIEWS | CODECS
]


@cache
def parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text("utf-8"))


def written(tree: ast.Module) -> list[ast.Call]:
    """Calls of what writes pictures and films, under whatever name they were imported."""
    names: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("olhar.media"):
            names |= {each.asname or each.name for each in node.names if each.name in WRITERS}
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
    return [call for call in calls if isinstance(call.func, ast.Name) and call.func.id in names]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.relative_to(SOURCE).as_posix())
def test_every_call_that_writes_says_what_a_machine_did(path):
    for call in written(parsed(path)):
        told = {keyword.arg for keyword in call.keywords}
        assert "mark" in told, (
            f"{path.name}:{call.lineno} writes a picture; give mark=hub.mark(...), or mark=None if "
            "nothing learned had a part in it"
        )


def test_this_finds_calls_under_other_names():
    tree = ast.parse("from olhar.media.image import write as put\nput('a.png', image)\nf()")
    assert [call.lineno for call in written(tree)] == [2]
    assert sum(len(written(parsed(path))) for path in FILES) >= 10


@pytest.mark.parametrize("library", ["c2pa", "cryptography"])
def test_what_signs_is_loaded_when_something_is_signed(library):
    for path in SOURCE.rglob("*.py"):
        for node in parsed(path).body:  # not inside functions
            names = [each.name for each in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            assert not any(name.split(".")[0] == library for name in names), path
