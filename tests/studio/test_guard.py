"""What the guard lets through, and what it refuses before anything else sees it."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from olhar.studio import guard
from olhar.studio.guard import LARGEST_QUESTION, LARGEST_UPLOAD, Guard
from olhar.studio.key import Key
from olhar.studio.login import Answer, Door, Visit
from olhar.studio.workspace import Workspace

PAGE = (
    b'<html><head><meta property="og:image"\n content="https://elsewhere.example/a.jpg" />'
    b'<link rel="manifest" href="/manifest.json" /></head><body>hello</body></html>'
)
HOME = {"host": "127.0.0.1:7860"}


class Open:
    """A door that lets everybody in."""

    def refusal(self, _: Visit) -> Answer | None:
        return None


async def behind(scope: dict[str, Any], receive: Any, send: Any) -> None:
    """An application that reads what it is sent and answers with a page."""
    while (await receive()).get("more_body"):
        pass
    kind = (b"content-type", b"text/html")
    start = {"type": "http.response.start", "status": 200, "headers": [kind]}
    await send(start)
    await send({"type": "http.response.body", "body": PAGE})


@pytest.fixture
def space(tmp_path: Path) -> Workspace:
    return Workspace.at(tmp_path / "studio")


def ask(
    space: Workspace,
    path: str = "/",
    headers: dict[str, str] = HOME,
    *,
    method: str = "GET",
    parts: tuple[bytes, ...] = (b"",),
    host: str = "127.0.0.1",
    query: str = "",
    door: Door | None = None,
) -> tuple[int, dict[str, str], bytes]:
    """Send a request past the guard."""
    sent: list[dict[str, Any]] = []
    queue = [
        {"type": "http.request", "body": part, "more_body": n < len(parts)}
        for n, part in enumerate(parts, 1)
    ]

    async def receive() -> dict[str, Any]:
        return queue.pop(0)

    async def send(message: Any) -> None:
        sent.append(message)

    pairs = [(key.encode(), value.encode()) for key, value in headers.items()]
    scope = {"type": "http", "method": method, "path": path, "headers": pairs}
    scope |= {"query_string": query.encode(), "server": ("127.0.0.1", 7860)}
    guarded = Guard(behind, space, frozenset({"/", "/restyle"}), host, door or Open())
    asyncio.run(guarded(scope, receive, send))
    start, *rest = sent
    got = {key.decode(): value.decode() for key, value in start["headers"]}
    return start["status"], got, b"".join(part["body"] for part in rest)


def test_a_page_is_passed_on_and_names_no_other_host(space: Workspace) -> None:
    status, headers, body = ask(space)
    assert status == 200
    assert b"hello" in body
    assert b"elsewhere" not in body
    assert b"manifest" not in body
    assert b"/studio/look.css" in body
    assert headers["content-length"] == str(len(body))
    assert "default-src 'self'" in headers["content-security-policy"]
    assert "frame-ancestors 'none'" in headers["content-security-policy"]
    assert headers["set-cookie"].startswith("olhar_visitor=")
    assert "HttpOnly; SameSite=Strict" in headers["set-cookie"]


def test_who_comes_back_keeps_their_name(space: Workspace) -> None:
    _, headers, _ = ask(space, headers={**HOME, "cookie": "olhar_visitor=abc"})
    assert "set-cookie" not in headers


@pytest.mark.parametrize(
    ("host", "fine"),
    [
        ("localhost:7860", True),
        ("[::1]:7860", True),
        ("127.8.8.8", True),
        ("", False),
        ("evil.example", False),
        ("127.0.0.1.evil.example:7860", False),
        ("192.0.2.7:7860", False),
        ("127.0.0.1@evil.example", False),
        ("[::1", False),
    ],
)
def test_only_the_name_of_this_server_is_answered(space: Workspace, host: str, fine: bool) -> None:
    assert ask(space, headers={"host": host})[0] == (200 if fine else 400)


@pytest.mark.parametrize(
    ("name", "fine"),
    [("192.0.2.7:7860", True), ("studio.local", True), ("evil.example", False)],
)
def test_where_others_reach_it_a_name_can_still_not_be_rebound(
    space: Workspace, name: str, fine: bool
) -> None:
    assert ask(space, headers={"host": name}, host="studio.local")[0] == (200 if fine else 400)


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "https://evil.example"},
        {"origin": "null"},
        {"origin": "http://127.0.0.1:9999"},
        {"sec-fetch-site": "cross-site", "sec-fetch-mode": "no-cors"},
        {"sec-fetch-site": "same-site", "sec-fetch-mode": "cors"},
    ],
)
def test_pages_of_other_sites_are_refused(space: Workspace, headers: dict[str, str]) -> None:
    assert ask(space, "/gradio_api/upload", HOME | headers, method="POST")[0] == 403


def test_a_link_from_elsewhere_and_the_own_page_are_fine(space: Workspace) -> None:
    link = {"sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate"}
    assert ask(space, headers=HOME | link)[0] == 200
    own = {"origin": "http://127.0.0.1:7860", "sec-fetch-site": "same-origin"}
    assert ask(space, "/gradio_api/queue/join", HOME | own, method="POST")[0] == 200


@pytest.mark.parametrize(
    "path",
    [
        "/docs",
        "/monitoring",
        "/gradio_api/mcp/sse",
        "/gradio_api/dev/reload",
        "/gradio_api/proxy=https://evil.example/x",
        "/gradio_api/process_recording",
        "/gradio_api/vibe-edit/",
        "/gradio_api/component_server",
        "/svelte/../../secret",
        "/manifest.json",
    ],
)
def test_routes_that_no_page_needs_are_not_there(space: Workspace, path: str) -> None:
    assert ask(space, path)[0] == 404


def test_files_are_read_again_only_if_they_were_sent(space: Workspace, tmp_path: Path) -> None:
    mine, other = space.uploads / "a" / "cat.png", tmp_path / "secret.txt"
    mine.parent.mkdir()
    mine.write_bytes(b"png")
    other.write_text("secret")
    (space.uploads / "link.png").symlink_to(other)
    assert ask(space, f"/gradio_api/file={mine}")[0] == 200
    for path in (
        "/etc/passwd",
        str(other),
        f"{space.uploads}/../../secret.txt",
        str(space.uploads / "link.png"),
        str(space.root / "password.json"),
        "https://evil.example/a.png",
        "a\0b",
    ):
        assert ask(space, f"/gradio_api/file={path}")[0] == 403, path


def test_what_is_too_large_is_refused_before_it_is_read(space: Workspace) -> None:
    size = {"content-length": str(LARGEST_UPLOAD + 1)}
    assert ask(space, "/gradio_api/upload", HOME | size, method="POST")[0] == 413
    size = {"content-length": str(LARGEST_QUESTION + 1)}
    assert ask(space, "/gradio_api/queue/join", HOME | size, method="POST")[0] == 413
    assert ask(space, "/", HOME | {"content-length": "-1"})[0] == 413


def test_what_hides_its_size_is_cut_off(space: Workspace) -> None:
    part = bytes(LARGEST_QUESTION // 2)
    fine = ask(space, "/gradio_api/queue/join", method="POST", parts=(part, part))
    assert fine[0] == 200
    assert ask(space, "/gradio_api/queue/join", method="POST", parts=(part, part, b"x"))[0] == 413


def test_a_full_disk_takes_no_more(space: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guard, "SPARE", 1 << 62)
    assert ask(space, "/gradio_api/upload", method="POST")[0] == 507
    assert ask(space, "/gradio_api/queue/join", method="POST")[0] == 200


# ---- the token

TOKEN = "a-token-that-nobody-guesses"
COOKIE = "olhar_session_7860"


def door(token: str = TOKEN) -> Key:
    return Key(token)


def let_in(space: Workspace) -> dict[str, str]:
    """The headers of a browser that has opened the address with the token."""
    status, headers, _ = ask(space, query=f"token={TOKEN}", door=door())
    assert status == 303
    return {**HOME, "cookie": headers["set-cookie"].partition(";")[0]}


def test_the_first_visit_trades_the_token_for_a_cookie(space: Workspace) -> None:
    status, headers, _ = ask(space, "/restyle", query=f"lesson=3&token={TOKEN}", door=door())
    assert (status, headers["location"]) == (303, "/restyle?lesson=3")
    name, _, rest = headers["set-cookie"].partition("=")
    assert name == COOKIE
    assert rest.endswith("; Path=/; HttpOnly; SameSite=Strict")
    assert TOKEN not in rest, "who sees the cookie does not see the token"
    status, _, body = ask(space, "/restyle", let_in(space), door=door())
    assert (status, b"hello" in body) == (200, True)


@pytest.mark.parametrize(
    ("path", "method"),
    [
        ("/gradio_api/upload", "POST"),
        ("/gradio_api/queue/join", "POST"),
        ("/gradio_api/info", "GET"),
        ("/config", "GET"),
        ("/studio/result/x/a.png", "GET"),
        ("/studio/look.js", "GET"),
        ("/studio/folder/file", "POST"),
    ],
)
def test_whoever_has_not_shown_it_gets_nothing(space: Workspace, path: str, method: str) -> None:
    for headers in (
        HOME,
        {**HOME, "cookie": f"{COOKIE}={TOKEN}"},
        {**HOME, "authorization": f"Bearer {TOKEN}x"},
        {**HOME, "authorization": "Bearer"},
        {**HOME, "authorization": f"Basic {TOKEN}"},
    ):
        status, got, body = ask(
            space, path, headers, method=method, query=f"token={TOKEN}", door=door()
        )
        assert status == 401, headers
        assert b"hello" not in body
        assert b"Open the address" in body
        assert "Abra o endereço".encode() in body
        assert "set-cookie" not in got
    ours = {**HOME, "authorization": f"Bearer {TOKEN}"}
    assert ask(space, path, ours, method=method, door=door())[0] == 200
    assert ask(space, path, let_in(space), method=method, door=door())[0] == 200


def test_a_page_without_it_says_where_it_is(space: Workspace) -> None:
    for query, status, words in (
        ("", 401, "does not know this browser"),
        ("token=wrong", 403, "not, or no longer, the right one"),
        ("token=", 403, "not, or no longer, the right one"),
    ):
        got, headers, body = ask(space, "/restyle", query=query, door=door())
        assert (got, headers["content-type"]) == (status, "text/html; charset=utf-8")
        assert words in body.decode()
        assert "Abra o endereço do estúdio" in body.decode()
        assert TOKEN not in body.decode()
        assert headers["cache-control"] == "no-store"


def test_a_new_start_forgets_who_was_let_in_unless_it_has_the_same_token(space: Workspace) -> None:
    known = let_in(space)
    assert ask(space, "/", known, door=door())[0] == 200
    assert ask(space, "/", known, door=door("another-token-nobody-guesses"))[0] == 401


def test_who_is_led_from_a_file_or_another_site_asks_again_with_the_cookie(
    space: Workspace,
) -> None:
    led = {**HOME, "sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate"}
    assert ask(space, query=f"token={TOKEN}", headers=led, door=door())[0] == 303
    status, _, body = ask(space, "/restyle", led, query='lesson=3&a="', door=door())
    assert (status, b"hello" in body) == (401, False)
    assert b'content="0;url=/restyle?lesson=3&amp;a=&quot;"' in body


def test_there_are_no_sockets(space: Workspace) -> None:
    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    guarded = Guard(behind, space, frozenset({"/"}), "127.0.0.1", Open())
    asyncio.run(guarded({"type": "websocket", "path": "/"}, None, send))  # type: ignore[arg-type]
    assert sent == [{"type": "websocket.close", "code": 1008}]
