"""The pages that people read first: their links lead somewhere, and nothing is left blank."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PAGES = sorted(ROOT.glob("*.md"))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page):
    for target in re.findall(r"\]\(([^)#]+)[^)]*\)", page.read_text("utf-8")):
        if not target.startswith("https://"):
            assert (ROOT / target).exists(), target


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
