"""Somebody with a browser, for tests of the studio's pages."""

import shutil
from collections.abc import Iterator
from typing import Any

import pytest

from studio_served import Address

BROWSER = next(
    filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), ""
)
"""Where it is on this machine; empty if there is none."""
PATIENCE = 300_000
"""Milliseconds that a page is waited for."""


def chosen(page: Any, label: str, name: str) -> None:
    """Choose from a list by the keyboard: what comes above it meanwhile may push it away.

    What the list holds may come, and come again, while one chooses; so one looks, and chooses anew.
    """
    field = page.get_by_label(label)
    for _ in range(20):
        field.click()
        page.get_by_role("option", name=name).last.wait_for(state="attached")
        field.fill(name)
        field.press("Enter")
        page.wait_for_timeout(250)
        if field.input_value() == name:
            return
    raise AssertionError(f"{name} could not be chosen; the list says {field.input_value()!r}")


class Visitor:
    """Somebody with a browser."""

    def __init__(
        self, browser: Any, address: Address, locale: str = "en-GB", width: int = 1280, **more: Any
    ) -> None:
        size = {"width": width, "height": 900}
        self.context = browser.new_context(
            locale=locale, viewport=size, reduced_motion="reduce", **more
        )
        self.address = address
        self.elsewhere: list[str] = []
        self.wrong: list[str] = []
        self.page = self.context.new_page()
        self.page.set_default_timeout(PATIENCE)
        self.page.on("request", self._asked)
        self.page.on("pageerror", lambda error: self.wrong.append(str(error)))
        self.page.goto(address.entry)

    def _asked(self, request: Any) -> None:
        if not request.url.startswith((self.address, "data:", "blob:")):
            self.elsewhere.append(request.url)

    def open(self, name: str) -> Any:
        self.page.goto(f"{self.address}/{name}")
        self.page.wait_for_selector(".studio-title h1")
        return self.page

    def close(self) -> None:
        self.context.close()
        assert self.elsewhere == [], "nothing is asked of another machine"
        assert self.wrong == []


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """A real one."""
    playwright = pytest.importorskip(
        "playwright.sync_api", reason="the pages are tested with Playwright"
    )
    with playwright.sync_playwright() as driver:
        chromium = driver.chromium.launch(executable_path=BROWSER, args=["--no-sandbox"])
        yield chromium
        chromium.close()


@pytest.fixture
def visitor(browser: Any, address: Address) -> Iterator[Visitor]:
    """Somebody at the `address` that a module has."""
    someone = Visitor(browser, address)
    yield someone
    someone.close()
