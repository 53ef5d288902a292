"""The pages that people read first: their links lead somewhere, and nothing is left blank."""

import re
import shlex
from pathlib import Path

import pytest

from olhar.catalogue import COMMANDS
from olhar.commands.arguments import parse

ROOT = Path(__file__).parents[1]
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/*.md")])


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page):
    for target in re.findall(r"\]\(([^)#]+)[^)]*\)", page.read_text("utf-8")):
        if not target.startswith("https://"):
            assert (page.parent / target).exists(), target


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_nothing_is_left_to_fill_in(page):
    assert not re.search(r"\b(MEASURED|TODO|TBD|XXX|FIXME)\b", page.read_text("utf-8"))


def test_both_readmes_have_the_same_shape():
    english, portuguese = (
        (ROOT / name).read_text("utf-8") for name in ("README.md", "README.pt-BR.md")
    )
    for pattern in (r"^#+ ", r"^```", r"^\|", r"^!\["):
        counts = [len(re.findall(pattern, page, re.MULTILINE)) for page in (english, portuguese)]
        assert counts[0] == counts[1], pattern


def parsed(line):
    """Raise if the command line of olhar could not be run as it stands."""
    _, name, *words = shlex.split(line, comments=True)
    entry = COMMANDS[name]
    if not entry.of:
        parse(entry.command(), words, f"olhar {name}")
    elif words:
        parse(entry.command(words[0]), words[1:], f"olhar {name} {words[0]}")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_commands_can_be_typed_as_they_stand(page):
    for block in re.findall(
        r"^```sh\n(.*?)^```", page.read_text("utf-8"), re.MULTILINE | re.DOTALL
    ):
        for line in re.findall(r"^olhar .*", block, re.MULTILINE):
            parsed(line)
