"""The pages in a real browser, as people use them; left out where there is no Chromium."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

pytest.importorskip("gradio", reason="the studio comes with the extra: pip install 'olhar[studio]'")

from olhar.studio.key import leading
from studio_served import Address, served
from studio_visitor import BROWSER, PATIENCE, Visitor

pytestmark = pytest.mark.skipif(not BROWSER, reason="there is no Chromium on this machine")

PAGES = (
    "",
    "classify",
    "denoise",
    "generate",
    "inspect",
    "lessons",
    "pack",
    "restyle",
    "runs",
    "swap",
)


SPREAD = "document.querySelector('#slot-spreading')?.innerText === ''"
"""Whether no colours are on their way in the picture that is painted on."""


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Address]:
    with served(tmp_path_factory.mktemp("pages") / "studio") as address:
        yield address


@pytest.fixture(scope="module")
def photo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A grey scene: sky, a hill, a sun."""
    y, x = np.mgrid[0:90, 0:120]
    grey = 200 - y + 20 * np.sin(x / 9)
    grey[(x - 90) ** 2 + (y - 25) ** 2 < 150] = 250
    grey[y > 55 + 12 * np.sin(x / 20)] *= 0.4
    path = tmp_path_factory.mktemp("photos") / "scene.png"
    Image.fromarray(grey.clip(0, 255).astype(np.uint8)).save(path)
    return path


def renewed(page: Any, shown: str) -> None:
    """Wait until another result is shown than this one."""
    page.wait_for_function(
        "shown => (document.querySelector('.compare .after')?.getAttribute('src') ?? shown)"
        " !== shown",
        arg=shown,
    )


def saved(page: Any, path: Path) -> np.ndarray:
    """Click the link that downloads, and look at what came."""
    with page.expect_download() as waiting:
        page.click("a.deed[download]")
    waiting.value.save_as(path)
    with Image.open(path) as picture:
        return np.asarray(picture.convert("RGB"), dtype=int)


def test_a_photograph_is_coloured_adjusted_told_a_colour_and_downloaded(
    visitor: Visitor, photo: Path, tmp_path: Path
) -> None:
    page = visitor.open("")
    page.set_input_files("input[type=file]", photo)
    page.wait_for_selector(".compare")
    slider = page.get_by_role("slider", name="Before and after: The photograph in colour")
    slider.focus()
    before = page.eval_on_selector(".compare", "box => box.style.getPropertyValue('--split')")
    page.keyboard.press("ArrowRight")
    after = page.eval_on_selector(".compare", "box => box.style.getPropertyValue('--split')")
    assert before != after, "the slider moves by keyboard"
    first = saved(page, tmp_path / "first.png")
    assert first.shape == (90, 120, 3)
    assert np.ptp(first, axis=2).max() > 8, "it is in colour"

    shown = page.get_attribute(".compare .after", "src")
    saturation = page.get_by_role("slider", name=re.compile("range slider.*Saturation"))
    saturation.fill("0")
    saturation.dispatch_event("pointerup")
    renewed(page, shown)
    assert np.ptp(saved(page, tmp_path / "grey.png"), axis=2).max() <= 2, "no saturation: grey"
    shown = page.get_attribute(".compare .after", "src")
    saturation.fill("1")
    saturation.dispatch_event("pointerup")
    renewed(page, shown)

    page.reload()
    page.wait_for_selector(".compare")  # the visitor's last result is there again
    page.get_by_role("button", name="Choose colours").click()
    page.wait_for_selector(".pick")
    page.locator(".pick").focus()
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Enter")
    page.wait_for_selector(".swatch[data-color]")
    page.eval_on_selector(
        "input[type=color]",
        "input => { input.value = '#c02020';"
        " input.dispatchEvent(new Event('change', { bubbles: true })); }",
    )
    page.wait_for_selector(".pick .dot")
    page.wait_for_function(SPREAD)
    told = saved(page, tmp_path / "told.png")
    middle = told[40:46, 56:64].mean((0, 1))
    assert middle[0] > middle[2] + 10, "what was told is red"


def test_points_and_lines_are_painted_changed_removed_and_undone(
    browser: Any, address: Address, photo: Path, tmp_path: Path
) -> None:
    someone = Visitor(browser, address, "pt-BR", 390, has_touch=True)
    page = someone.open("")
    page.set_input_files("input[type=file]", photo)
    page.wait_for_selector(".compare")
    page.get_by_role("button", name="Escolher cores").click()
    box = page.locator(".pick").bounding_box()
    at = [[box["x"] + box["width"] * x, box["y"] + box["height"] * 0.8] for x in (0.1, 0.4, 0.9)]
    finger = someone.context.new_cdp_session(page)
    for kind, place in (("Start", at[0]), ("Move", at[1]), ("Move", at[2]), ("End", None)):
        points = [{"x": place[0], "y": place[1]}] if place else []
        finger.send("Input.dispatchTouchEvent", {"type": f"touch{kind}", "touchPoints": points})
    page.wait_for_selector(".swatches")
    page.eval_on_selector(
        "input[type=color]",
        "input => { input.value = '#c02020';"
        " input.dispatchEvent(new Event('change', { bubbles: true })); }",
    )
    page.wait_for_selector(".pick polyline[stroke='#c02020']", state="attached")
    page.wait_for_function(SPREAD)
    red = saved(page, tmp_path / "red.png")[70:76, 30:90].mean((0, 1))
    assert red[0] > red[2] + 20, "the line is red along its length"

    page.get_by_role("button", name="Continuar com esta cor").click()
    page.wait_for_selector("[data-do=brush][aria-pressed=true]")
    box = page.locator(".pick").bounding_box()  # the buttons below may have been scrolled to
    page.touchscreen.tap(box["x"] + box["width"] * 0.4, box["y"] + 20)
    page.wait_for_selector(".marks li:has-text('Ponto 2')")
    page.wait_for_selector(".pick .dot >> nth=1")

    page.get_by_role("button", name="Trocar a cor: Linha 1").nth(1).press("Enter")
    page.wait_for_selector(".swatches")
    page.wait_for_function("document.activeElement.className === 'swatch'")
    page.get_by_role("button", name="cinza").press("Enter")
    page.wait_for_selector(".pick polyline[stroke='grey']", state="attached")
    page.wait_for_function("document.activeElement.className === 'pick'")
    page.wait_for_function(SPREAD)
    grey = np.ptp(saved(page, tmp_path / "grey.png")[70:76, 30:90], axis=2).mean()
    assert grey < 12, "the line is grey now"

    page.get_by_role("button", name="Remover: Ponto 2").press("Enter")
    page.wait_for_selector(".marks li:has-text('Ponto 2')", state="detached")
    page.get_by_role("button", name="Desfazer").click()
    page.wait_for_selector(".pick .dot >> nth=1")
    page.get_by_role("button", name="Limpar tudo").click()
    page.wait_for_selector(".marks", state="detached")
    page.get_by_role("button", name="Desfazer").click()
    page.wait_for_selector(".pick .dot >> nth=1")
    page.reload()
    page.wait_for_selector(".compare")
    page.get_by_role("button", name="Escolher cores").click()
    page.wait_for_selector(".marks li >> nth=1")  # they are kept with the picture
    someone.close()


def test_a_restyling_is_watched_left_found_again_and_kept_as_it_is(
    visitor: Visitor, photo: Path, tmp_path: Path
) -> None:
    page = visitor.open("restyle")
    page.set_input_files("input[type=file] >> nth=0", photo)
    page.wait_for_selector(".file-preview")
    clear, row = page.get_by_role("button", name="Clear").first, page.locator(".drop").first
    assert clear.bounding_box()["height"] <= row.bounding_box()["height"], "it can be seen"
    page.get_by_role("button", name="Restyle", exact=True).click()
    page.wait_for_selector(".job [role=progressbar]")
    visitor.open("inspect")
    page = visitor.open("restyle")
    page.wait_for_selector(".forming img")
    page.get_by_role("button", name="Stop, and keep it as it is").click()
    page.wait_for_selector(".compare")
    assert max(saved(page, tmp_path / "styled.png").shape) == 512
    page.reload()
    went = page.wait_for_selector(".note:has-text('Stopped after step')").inner_text()
    reached = int(re.search(r"step (\d+)", went)[1])
    page.get_by_role("button", name="Go on").click()
    page.wait_for_function(
        "reached => +(document.querySelector('.how')?.innerText.match(/Step (\\d+)/)?.[1] ?? 0)"
        " > reached",
        arg=reached,
    )
    page.get_by_role("button", name="Stop, and keep it as it is").click()
    page.wait_for_selector("[data-do=go-on]")

    page = visitor.open("inspect")
    page.set_input_files("input[type=file]", tmp_path / "styled.png")
    page.wait_for_selector(".inspected")
    assert "Trusted" in page.inner_text(".inspected")
    assert "vgg16" in page.inner_text(".inspected")


def test_a_folder_is_sent_learned_and_used(visitor: Visitor, tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    for name, light in (("dark", 40), ("light", 210)):
        (tmp_path / "tones" / name).mkdir(parents=True)
        for number in range(16):
            pixels = (light + rng.normal(0, 12, (16, 16, 3))).clip(0, 255).astype(np.uint8)
            Image.fromarray(pixels).save(tmp_path / "tones" / name / f"{number}.png")
    page = visitor.open("classify")
    (tmp_path / "words").mkdir()
    (tmp_path / "words" / "letter.txt").write_text("no picture", "utf-8")
    page.set_input_files(".folder input", tmp_path / "words")
    page.wait_for_selector("text=there is no picture in that folder")
    page.set_input_files(".folder input", tmp_path / "tones")
    page.wait_for_function("[...document.querySelectorAll('input')].some(i => i.value === 'tones')")
    epochs = page.get_by_label("Epochs")
    epochs.fill("8")
    epochs.blur()
    page.get_by_role("button", name="Train", exact=True).click()
    page.wait_for_selector("text=Trained: classes")
    page.reload()
    page.wait_for_function("[...document.querySelectorAll('input')].some(i => i.value === 'tones')")
    page.wait_for_selector("text=Trained: classes")
    assert page.locator(".charts svg").count() >= 2
    report = page.get_attribute("a[href^='/studio/report']", "href")
    assert "accuracy" in page.request.get(f"{visitor.address}{report}").text().lower()
    page.get_by_role("tab", name="Try a picture").click()
    page.wait_for_function(  # else the picture is shown to no model
        "document.querySelector('input[aria-label=Model]')?.value === 'classes'"
    )
    page.locator("input[type=file]:not([webkitdirectory])").last.set_input_files(
        tmp_path / "tones" / "dark" / "3.png"
    )
    page.wait_for_selector(".answers")
    assert page.inner_text(".answers").split()[0] in ("dark", "light")
    page = visitor.open("runs")
    page.wait_for_selector(".shelf .card h3:has-text('classes')")
    page.once("dialog", lambda dialog: dialog.accept())
    page.click(".card:has(h3:has-text('classes')) [data-do=delete]")
    page.wait_for_function("!document.body.innerText.includes('Says which class')")


@pytest.mark.parametrize(
    ("locale", "width", "words"),
    [
        ("pt-BR", 360, "Colorir"),
        ("pt-PT", 1280, "Colorir"),
        ("pt-BR", 800, "Colorir"),
        ("en-GB", 360, "Colorize"),
    ],
)
def test_every_page_speaks_the_browsers_language_and_fits_a_phone(
    browser: Any, address: Address, locale: str, width: int, words: str
) -> None:
    someone = Visitor(browser, address, locale, width)
    for name in PAGES:
        page = someone.open(name)
        assert page.inner_text(".studio-top nav a >> nth=0") == words
        assert page.locator(".studio-top a[aria-current=page]").count() == 1
        # All pages are in sight; on a phone this one is, and the others are a push away.
        seen = ".studio-top nav a" if width > 767 else ".studio-top a[aria-current=page]"
        end = page.locator(seen).last.bounding_box()
        assert end["x"] >= 0
        assert end["x"] + end["width"] <= width
        wide = page.evaluate("document.documentElement.scrollWidth")
        assert wide <= width, f"/{name} is {wide} pixels wide"
        nameless = page.evaluate(
            "[...document.querySelectorAll('button, a[href], input:not([type=hidden]), select')]"
            ".filter(each => each.offsetParent && !(each.innerText || '').trim()"
            " && !each.getAttribute('aria-label') && !each.getAttribute('aria-labelledby')"
            " && !each.labels?.length && !each.title).map(each => each.outerHTML.slice(0, 160))"
        )
        assert nameless == [], f"/{name} has what a screen reader cannot name"
        spoken = page.evaluate(
            "[...document.querySelectorAll('[aria-label]')].map(each => each.ariaLabel)"
        )
        english = [each for each in spoken if re.match("range|number input|Click|File", each)]
        assert not english or locale.startswith("en"), f"/{name} says {english[:2]}"
    someone.close()


def test_the_language_can_be_changed(visitor: Visitor) -> None:
    page = visitor.open("denoise")
    assert page.inner_text("h1") == "Denoise"
    page.click("[data-language='pt-BR']")
    page.wait_for_selector("text=Quanto é retirado")
    assert page.inner_text("h1") == "Tirar ruído"
    assert page.get_attribute("html", "lang") == "pt-BR"


def test_the_file_that_opens_the_studio_leads_in_and_who_is_not_known_is_told(
    browser: Any, address: Address, tmp_path: Path
) -> None:
    context = browser.new_context(locale="pt-BR", viewport={"width": 390, "height": 800})
    page = context.new_page()
    page.set_default_timeout(PATIENCE)
    page.goto(f"{address}/restyle")
    assert page.inner_text("h1") == "Abra o endereço do estúdio"
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    file = tmp_path / "open.html"
    leading(address.entry, file)
    page.goto(file.as_uri())
    page.wait_for_selector(".studio-title h1")
    assert page.url == f"{address}/", "the token is not in the address any more"

    link = tmp_path / "elsewhere.html"
    link.write_text(f'<a href="{address}/denoise">there</a>', "utf-8")
    page.goto(link.as_uri())
    page.click("a")
    page.wait_for_selector(".studio-title h1:has-text('Tirar ruído')")

    context.clear_cookies()  # as if it had been started anew
    page.evaluate("void fetch('/config')")  # any question will do
    page.wait_for_selector("h1:has-text('Abra o endereço do estúdio')")
    context.close()
