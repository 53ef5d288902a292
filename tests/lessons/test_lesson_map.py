"""The map in docs/lessons.md: every section that it names is there, and every lesson is named."""

import re
from pathlib import Path

import pytest

from olhar.lessons.lesson import FOLDER, read

PAGE = Path(__file__).parents[2] / "docs" / "lessons.md"
NAMED = re.findall(r"\[(\d+)\]\(\.\./(\S+?)\) \*(.+?)\*(?:;| \|)", PAGE.read_text("utf-8"))
THERE = sorted(path.name for path in FOLDER.glob("[0-9][0-9]_*.py"))


@pytest.mark.parametrize("name", THERE)
def test_every_lesson_is_on_the_map_and_has_the_sections_it_names(name):
    found = read(FOLDER / name)
    named = [place for place in NAMED if place[1].endswith("/" + name)]
    assert named
    prose = "\n".join(cell.in_("en") for cell in found.cells if cell.kind == "prose")
    for number, path, section in named:
        assert int(number) == found.number
        assert (PAGE.parents[1] / path).is_file()
        assert section == "the opening" or f"## {section}\n" in prose, section


def test_every_row_of_the_map_says_where():
    table = PAGE.read_text("utf-8").partition("## How closely")[0]
    rows = [line for line in table.splitlines() if line.startswith("| ")]
    facts = [row for row in rows if not row.startswith("| fact ")]
    assert len(facts) > 40
    assert all("](../src/olhar/lessons/" in row for row in facts)
