"""What stands in front of every request: who may ask, for what, and how much they may send.

A page of another site that a person has open can send requests to their own machine, and a name
that its owner suddenly points at 127.0.0.1 makes that site count as the same (DNS rebinding). So a
request must name this server in `Host`, must not come from another site (`Origin`,
`Sec-Fetch-Site`), and may ask only for what the pages need: of Gradio's many routes a few are let
through. Then it must have the token (`key`) or the password (`login`). Answers tell the browser to
load nothing from elsewhere (`Content-Security-Policy`).
"""

from __future__ import annotations

import ipaddress
import re
import secrets
import shutil
import socket
from http.cookies import CookieError, SimpleCookie
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from olhar.studio.login import Visit, session_cookie
from olhar.studio.offline import is_local
from olhar.studio.told import lines

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, MutableMapping, Sequence

    from olhar.studio.login import Door
    from olhar.studio.workspace import Workspace

    Message = MutableMapping[str, Any]
    Receive = Callable[[], Awaitable[Message]]
    Send = Callable[[Message], Awaitable[None]]
    App = Callable[[MutableMapping[str, Any], Receive, Send], Awaitable[None]]

LARGEST_UPLOAD = 1 << 30
"""Bytes of one request that sends files."""
LARGEST_QUESTION = 1 << 20
"""Bytes of any other."""
SPARE = 1 << 30
"""Bytes that uploads leave free on the disk."""
VISITOR = "olhar_visitor"

_UPLOADS = re.compile(r"/gradio_api/upload|/studio/folder/[\w-]+")
_FILES = "/gradio_api/file="
_ROUTES = re.compile(
    r"/|/(?:login|logout|config|theme\.css|favicon\.ico|robots\.txt)"
    r"|/(?:assets|static|studio)/[^\\]+"
    r"|/gradio_api/(?:upload|upload_progress|info|info/|startup-events|cancel|reset|reset/"
    r"|queue/(?:join|data)|heartbeat/\w+|call/\w+(?:/\w+)?|call/v2/\w+|theme\.css|file=.+)"
)
_FOREIGN = re.compile(rb'\s*<meta\s[^>]*(?:"og:|"twitter:)[^>]*>|\s*<link rel="manifest"[^>]*>')
_POLICY = (
    "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval'; "
    "style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; media-src 'self' blob:; "
    "font-src 'self' data:; connect-src 'self'; worker-src 'self' blob:; object-src 'none'; "
    "base-uri 'self'; form-action 'self'; frame-ancestors 'none'"
)
_HEADERS = [
    (b"content-security-policy", _POLICY.encode()),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"cross-origin-opener-policy", b"same-origin"),
]
_HEAD = b'<link rel="stylesheet" href="/studio/look.css"><script src="/studio/look.js"></script>'


class Guard:
    """ASGI middleware.

    Args:
        app: what is guarded.
        space: whose uploads may be read again.
        pages: paths of the pages, "/restyle".
        host: the name or address that is listened on.
        door: says who may come in.
    """

    def __init__(
        self, app: App, space: Workspace, pages: frozenset[str], host: str, door: Door
    ) -> None:
        self.app = app
        self.space = space
        self.pages = pages
        self.host = host
        self.door = door

    async def __call__(self, scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
        """Answer a request, or let the application do so."""
        if scope["type"] == "lifespan":
            await self.app(scope, receive, send)
            return
        if scope["type"] != "http":
            await send({"type": "websocket.close", "code": 1008})
            return
        headers = {
            key.decode("latin-1"): value.decode("latin-1") for key, value in scope["headers"]
        }
        cookies = _cookies(headers.get("cookie", ""))
        is_page = scope["path"] in self.pages
        status, why = self._refused(scope, headers)
        if status:
            await _answer(send, status, lines(why))
            return
        query = scope.get("query_string", b"").decode("latin-1")
        visit = Visit(scope["path"], is_page, query, headers, cookies, session_cookie(scope))
        if refusal := self.door.refusal(visit):
            await _answer(send, *refusal)
            return
        limit = LARGEST_UPLOAD if _UPLOADS.fullmatch(scope["path"]) else LARGEST_QUESTION
        fresh = "" if VISITOR in cookies else secrets.token_urlsafe(16)
        if is_page:  # it is changed on its way, and so must not be compressed
            scope["headers"] = [each for each in scope["headers"] if each[0] != b"accept-encoding"]
        cookie = f"{VISITOR}={fresh}; Path=/; HttpOnly; SameSite=Strict; Max-Age=31536000"
        extra = [(b"set-cookie", cookie.encode())] if fresh and is_page else []
        answer = _Page(send, extra) if is_page else _Marked(send, extra)
        body = _Counted(receive, limit)
        try:
            await self.app(scope, body, answer)
        except _TooMuchError:
            if not answer.begun:
                await _answer(send, 413, lines(_too_large(limit)))

    def _refused(self, scope: MutableMapping[str, Any], headers: dict[str, str]) -> tuple[int, str]:
        """The status and the sentence that refuse a request; 0 if it is fine."""
        path: str = scope["path"]
        host = headers.get("host", "")
        if not self._is_own(host):
            return 400, "this is not the name of this server"
        origin = headers.get("origin")
        if origin is not None and urlsplit(origin).netloc != host:
            return 403, "a page of another site may not ask"
        moving = headers.get("sec-fetch-mode") == "navigate" and scope["method"] == "GET"
        if headers.get("sec-fetch-site") in ("cross-site", "same-site") and not moving:
            return 403, "a page of another site may not ask"
        if path not in self.pages and not _ROUTES.fullmatch(path):
            return 404, "there is no such page"
        if path.startswith(_FILES) and not self._is_upload(path.removeprefix(_FILES)):
            return 403, "this file was not sent to the studio"
        size = headers.get("content-length", "0")
        limit = LARGEST_UPLOAD if _UPLOADS.fullmatch(path) else LARGEST_QUESTION
        if not size.isdecimal() or int(size) > limit:
            return 413, _too_large(limit)
        if limit == LARGEST_UPLOAD:
            free = shutil.disk_usage(self.space.root).free
            if free - int(size) < SPARE:
                return 507, "there is no room left on the disk of this machine"
        return 0, ""

    def _is_own(self, host: str) -> bool:
        """Whether `Host` names this server: an address cannot be rebound, a name can."""
        try:
            name = urlsplit(f"//{host}").hostname or ""
            if is_local(name) and name:
                return True
            if is_local(self.host):
                return False
            own = socket.gethostname().lower()
            if name in (self.host.lower(), own, f"{own}.local"):
                return True
            return bool(ipaddress.ip_address(name))
        except ValueError:
            return False

    def _is_upload(self, path: str) -> bool:
        try:
            self.space.sent(path)
        except (ValueError, OSError):
            return False
        return True


class _TooMuchError(Exception):
    pass


class _Counted:
    """Receives no more than a limit."""

    def __init__(self, receive: Receive, limit: int) -> None:
        self.receive, self.left = receive, limit

    async def __call__(self) -> Message:
        message = await self.receive()
        self.left -= len(message.get("body", b""))
        if self.left < 0:
            raise _TooMuchError
        return message


class _Marked:
    """Sends an answer with the headers that every answer has."""

    def __init__(self, send: Send, extra: list[tuple[bytes, bytes]]) -> None:
        self.send, self.extra, self.begun = send, extra, False

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.begun = True
            message = {**message, "headers": [*message["headers"], *_HEADERS, *self.extra]}
        await self.send(message)


class _Page(_Marked):
    """The same, of one of Gradio's pages: what names another host is left out, our look put in."""

    _start: Message
    _body = b""

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self._start = message
            return
        self._body += message.get("body", b"")
        if message.get("more_body"):
            return
        page = _FOREIGN.sub(b"", self._body).replace(b"</head>", _HEAD + b"</head>", 1)
        kept = [each for each in self._start["headers"] if each[0].lower() != b"content-length"]
        kept += [(b"content-length", str(len(page)).encode()), (b"cache-control", b"no-store")]
        await super().__call__({**self._start, "headers": kept})
        await super().__call__({"type": "http.response.body", "body": page})


async def _answer(
    send: Send, status: int, why: str, extra: Sequence[tuple[bytes, bytes]] = ()
) -> None:
    kind = b"html" if why.startswith("<!doctype html>") else b"plain"
    headers = [
        (b"content-type", b"text/" + kind + b"; charset=utf-8"),
        (b"cache-control", b"no-store"),
        (b"connection", b"close"),
    ]
    start = {"type": "http.response.start", "status": status}
    await send({**start, "headers": [*headers, *_HEADERS, *extra]})
    await send({"type": "http.response.body", "body": f"{why}\n".encode() if why else b""})


def _too_large(limit: int) -> str:
    return f"this is more than the {limit >> 20:,} MB that one may send at once"


def _cookies(header: str) -> dict[str, str]:
    try:
        return {name: each.value for name, each in SimpleCookie(header).items()}
    except CookieError:
        return {}
