"""What goes on at once: somebody paints while colours spread, and has two tabs open."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

pytest.importorskip("gradio", reason="the studio comes with the extra: pip install 'olhar[studio]'")

from studio_served import Address, served
from studio_visitor import BROWSER, PATIENCE, Visitor

pytestmark = pytest.mark.skipif(not BROWSER, reason="there is no Chromium on this machine")

SPREAD = "document.querySelector('#slot-spreading')?.innerText === ''"
"""Whether no colours are on their way in the picture that is painted on."""


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Address]:
    with served(tmp_path_factory.mktemp("at-once") / "studio") as address:
        yield address


@pytest.fixture(scope="module")
def photo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """From dark to light, in waves."""
    y, x = np.mgrid[0:90, 0:120]
    path = tmp_path_factory.mktemp("photos") / "waves.png"
    Image.fromarray((120 + y + 20 * np.sin(x / 9)).astype(np.uint8)).save(path)
    return path


def test_painting_goes_on_while_colours_spread(visitor: Visitor, photo: Path) -> None:
    page = visitor.open("")
    page.set_input_files("input[type=file]", photo)
    page.wait_for_selector(".compare")
    page.get_by_role("button", name="Choose colours").click()

    def draw(height: float) -> None:
        """A line from left to right, but for its end."""
        page.locator(".pick").scroll_into_view_if_needed()
        box = page.locator(".pick").bounding_box()
        page.mouse.move(box["x"] + 10, box["y"] + box["height"] * height)
        page.mouse.down()
        for share in (0.3, 0.5, 0.7):
            page.mouse.move(box["x"] + box["width"] * share, box["y"] + box["height"] * height)

    def src() -> str:
        return page.get_attribute("#slot-picture img", "src")

    draw(0.2)
    page.mouse.up()
    page.wait_for_selector(".swatches")  # at once; what is suggested comes later
    page.get_by_role("button", name="grey").click()
    page.get_by_role("button", name="Paint on with this colour").click()
    page.wait_for_selector("[data-do=brush][aria-pressed=true]")
    for number, height in enumerate((0.4, 0.6), start=2):
        draw(height)
        page.mouse.up()
        before = page.wait_for_function(  # at once with the line, before its colours come
            "line => document.querySelector('.marks')?.textContent.includes(line)"
            " && document.querySelector('#slot-picture img').getAttribute('src')",
            arg=f"Line {number}",
        ).json_value()
    draw(0.8)
    page.wait_for_function(
        "src => document.querySelector('#slot-picture img').getAttribute('src') !== src",
        arg=before,
    )  # the colours of earlier lines come, and this one goes on
    page.mouse.up()
    page.wait_for_selector(".marks li:has-text('Line 4')")
    lines = page.locator(".strokes polyline.edge").count()
    assert lines == 4
    page.wait_for_function(SPREAD)
    assert page.get_attribute("a.deed[download]", "href").split("/")[-2] in src()

    page.get_by_role("button", name="Undo").click()
    page.wait_for_selector(".marks li:has-text('Line 4')", state="detached")
    saturation = page.get_by_role("slider", name=re.compile("range slider.*Saturation"))
    saturation.focus()
    page.keyboard.press("ArrowLeft")  # heard although colours are on their way
    page.wait_for_function("document.querySelector('#slot-spreading').innerText !== ''")
    page.wait_for_function(SPREAD)
    assert page.locator(".marks li").count() == 3


def test_each_tab_has_what_it_asked_for(visitor: Visitor, photo: Path) -> None:
    first = visitor.open("denoise")
    second = visitor.context.new_page()
    second.set_default_timeout(PATIENCE)
    second.goto(f"{visitor.address}/denoise")
    second.wait_for_selector("input[type=file]", state="attached")
    for page in (first, second):
        page.set_input_files("input[type=file]", photo)
    seen = {}
    for page in (first, second):
        page.wait_for_selector(".compare .after")
        seen[page] = page.get_attribute(".compare .after", "src")
    assert seen[first] != seen[second]
    slider = first.get_by_role("slider", name=re.compile("range slider"))
    slider.focus()
    first.keyboard.press("Home")
    first.wait_for_function(
        "shown => (document.querySelector('.compare .after')?.getAttribute('src') ?? shown)"
        " !== shown",
        arg=seen[first],
    )
    assert second.get_attribute(".compare .after", "src") == seen[second]


def test_a_photograph_that_is_taken_away_is_not_worked_on(visitor: Visitor, tmp_path: Path) -> None:
    Image.new("L", (5000, 4000), 90).save(tmp_path / "large.png")
    page = visitor.open("denoise")
    page.set_input_files("input[type=file]", tmp_path / "large.png")
    page.wait_for_selector(".job")
    page.get_by_role("button", name="Clear").click()
    page.wait_for_selector("text=Drop a photograph above")
    other = visitor.context.new_page()
    other.set_default_timeout(PATIENCE)
    other.goto(f"{visitor.address}/runs")
    other.wait_for_selector(".card:has-text('Taking noise off'):has-text('stopped')")
    assert "Drop a photograph above" in page.inner_text("#stage")
    slider = page.get_by_role("slider", name=re.compile("range slider"))
    slider.focus()
    page.keyboard.press("Home")
    page.wait_for_timeout(500)
    assert "Drop a photograph above" in page.inner_text("#stage")


def test_what_a_button_begins_comes_into_sight_on_a_phone(browser: Any, address: Address) -> None:
    someone = Visitor(browser, address, width=390)
    page = someone.open("restyle")
    page.get_by_role("button", name="Restyle", exact=True).click()
    page.wait_for_selector("[role=alert]")
    page.wait_for_function(
        "(({ top, bottom }) => top >= 0 && bottom <= innerHeight)"
        "(document.querySelector('[role=alert]').getBoundingClientRect())"
    )
    someone.close()
