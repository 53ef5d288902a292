"""The page for the lessons in a real browser; left out where there is no Chromium."""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

pytest.importorskip("gradio", reason="the studio comes with the extra: pip install 'olhar[studio]'")

from olhar.samples import PAINTINGS
from studio_served import Address, served
from studio_visitor import BROWSER, PATIENCE

pytestmark = pytest.mark.skipif(not BROWSER, reason="there is no Chromium on this machine")
ANSWERS = "size_in_bytes = 32 * 3 * 224 * 224\nhouses = 507\nbrightness = ...\n"


def space(folder: Path) -> Path:
    """The folder of a studio that need not draw its paintings."""
    (folder / "studio" / "drawn").mkdir(parents=True)
    for name in PAINTINGS:
        (folder / "studio" / "drawn" / f"{name}.png").touch()
    return folder / "studio"


@pytest.fixture(scope="module")
def fast() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("OLHAR_LESSONS", "fast")
        patch.setenv("OLHAR_STUDIO_PASSWORD", "correct horse battery")
        yield


@pytest.fixture(scope="module")
def context(browser: Any) -> Any:
    made = browser.new_context(locale="pt-BR", viewport={"width": 360, "height": 800})
    made.set_default_timeout(PATIENCE)
    return made


def opened(context: Any, address: Address) -> tuple[Any, list[str]]:
    page, wrong = context.new_page(), []
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.goto(address.entry)
    page.goto(f"{address}/lessons")
    page.wait_for_selector(".lessons .card")
    return page, wrong


def kept(page: Any, folder: Path, answers: str) -> None:
    """Wait until what is written into the first lesson is kept."""
    until = time.monotonic() + PATIENCE / 1000
    while (folder / "lessons" / "01_tensors.py").read_text("utf-8") != answers:
        assert time.monotonic() < until
        page.wait_for_timeout(50)


def test_a_lesson_is_run_guessed_answered_stopped_and_found_again_after_a_restart(
    context: Any, fast: None, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = space(tmp_path_factory.mktemp("lessons"))
    with served(folder) as address:
        page, wrong = opened(context, address)
        assert page.locator(".lessons .card").count() == 13
        page.get_by_role("link", name="1. Tensores").press("Enter")
        page.get_by_role("button", name="Rodar", exact=True).press("Enter")
        page.wait_for_selector("#slot-2 pre:has-text('shape (3, 4)')")
        page.get_by_role("button", name="Rodar tudo").click()
        page.get_by_label("Seu palpite").fill("300")
        page.keyboard.press("Enter")
        page.wait_for_selector(".told.answer:has-text('você disse 300; 44:')")
        picture = page.locator("figure img[src^='/studio/result/']").first
        assert picture.evaluate("image => image.decode().then(() => image.naturalWidth)") > 100

        box = page.get_by_label("Suas respostas")
        box.fill(ANSWERS)
        box.press("Shift+Enter")
        page.wait_for_selector(".told.wrong:has-text('cada um ocupa mais de um byte')")
        page.wait_for_selector(".told.right:has-text('tensors.houses: certo')")
        box.fill("while True: pass")
        page.get_by_role("button", name="Conferir").click()
        page.locator("#slot-27 .running").wait_for()
        page.locator("#slot-27").get_by_role("button", name="Parar").click()
        page.wait_for_selector("#slot-27 .told.wrong:has-text('Parada.')")
        box.fill(ANSWERS)
        box.blur()
        assert page.evaluate("document.documentElement.scrollWidth") <= 360
        kept(page, folder, ANSWERS)
        assert wrong == []
        page.close()
    with served(folder) as address:
        page, wrong = opened(context, address)
        page.wait_for_selector(".card:has-text('Tensores'):has-text('1 de 3 exercícios certos')")
        page.goto(f"{address}/lessons?lesson=1")
        page.wait_for_function(
            "() => document.querySelector('.answer textarea')?.value.includes('houses = 507')"
        )
        page.wait_for_selector("#slot-2 pre:has-text('shape (3, 4)')")
        assert wrong == []
        page.close()


def test_where_others_reach_the_studio_lessons_are_read_and_nothing_runs(
    context: Any, fast: None, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = space(tmp_path_factory.mktemp("open"))
    with served(folder, "--host", "0.0.0.0") as there:
        address = Address.told(there.entry.replace("0.0.0.0", "127.0.0.1"))
        entered = context.request.post(
            f"{address}/login", form={"password": "correct horse battery"}
        )
        assert entered.ok
        page, _ = opened(context, address)
        page.goto(f"{address}/lessons?lesson=1")
        page.wait_for_selector(".reading:has-text('Só para leitura')")
        assert page.locator(".lesson .prose").count() > 10
        assert page.locator(".lesson button, textarea:visible").count() == 0
        cookies = {each["name"]: each["value"] for each in context.cookies()}
        config = requests.get(f"{address}/config", cookies=cookies, timeout=60).json()
        called = {each["api_name"] for each in config["dependencies"]}
        assert "inspect" in called, "this is where the names of what can be called are"
        assert "lesson" not in called
        began = requests.post(
            f"{address}/gradio_api/call/lesson",
            json={"data": [1, "print(1)"]},
            cookies=cookies,
            timeout=60,
        )
        assert not began.ok
        assert not [*(folder / "jobs").iterdir()]
        page.close()
