"""The password that another address than loopback needs, and who has given it.

Kept is scrypt's hash of it (RFC 7914; N = 2^15, r = 8, p = 1: 32 MB and some 60 ms a guess) with a
salt, in a file that only its owner reads. Guesses are counted over all who try: after five wrong
ones each waits twice as long as the one before, up to five minutes, during which none is looked at.
"""

from __future__ import annotations

import getpass
import hashlib
import hmac
import json
import os
import secrets
import sys
import threading
import time
from html import escape
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from olhar.errors import OlharError
from olhar.media.files import atomic, shown

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

VARIABLE = "OLHAR_STUDIO_PASSWORD"
SHORTEST = 10
_FREE = 5  # wrong guesses before one has to wait
_LONGEST = 300.0  # seconds
_LASTS = 30 * 24 * 3600.0
_OPEN = frozenset({"/login", "/studio/look.css", "/studio/look.js", "/favicon.ico"})


class Visit(NamedTuple):
    """What a gate sees of a request."""

    path: str
    is_page: bool
    query: str = ""
    headers: Mapping[str, str] = {}
    cookies: Mapping[str, str] = {}
    cookie: str = "olhar_session"
    """The name of the cookie that says who has been let in."""

    @property
    def session(self) -> str:
        """What that cookie holds."""
        return self.cookies.get(self.cookie, "")

    @property
    def is_led(self) -> bool:
        """Whether another site or a file led here; the browser then keeps strict cookies back."""
        return self.headers.get("sec-fetch-site") == "cross-site"


class Answer(NamedTuple):
    """What somebody gets instead of what they asked for."""

    status: int
    text: str
    headers: Sequence[tuple[bytes, bytes]] = ()


class Door(Protocol):
    """Decides who may come in: a `Gate` asks for a password, a `Key` for a token."""

    def refusal(self, visit: Visit) -> Answer | None:
        """What somebody is answered instead of what they asked for; None if they may have it."""
        ...


def session_cookie(scope: Mapping[str, Any]) -> str:
    """The name of the cookie: browsers share cookies among the ports of a machine."""
    _, port = scope.get("server") or ("", 0)
    return f"olhar_session_{port}"


def again(visit: Visit) -> Answer:
    """A page that asks for itself, and so with the cookies that were kept back."""
    here = escape(f"{visit.path}?{visit.query}" if visit.query else visit.path)
    return Answer(
        401,
        f'<!doctype html><title>olhar</title><meta http-equiv="refresh" content="0;url={here}">'
        f'<a href="{here}">olhar</a>',
    )


class Gate:
    """Asks for a password once, and knows who has given it.

    Args:
        file: where the hash of the password is.
        clock: tells seconds.
    """

    def __init__(self, file: Path, clock: Callable[[], float] = time.monotonic) -> None:
        self._salt, self._hash = (bytes.fromhex(each) for each in json.loads(file.read_text()))
        self._clock = clock
        self._sessions: dict[str, float] = {}
        self._wrong = 0
        self._until = 0.0
        self._lock = threading.Lock()

    def refusal(self, visit: Visit) -> Answer | None:
        """What somebody is answered instead of what they asked for; None if they may have it."""
        until = self._sessions.get(visit.session)
        if visit.path in _OPEN or (until is not None and self._clock() < until):
            return None
        if not visit.is_page:
            return Answer(401, "log in first")
        return again(visit) if visit.is_led else Answer(303, "", [(b"location", b"/login")])

    def enter(self, password: str) -> str:
        """Check a password.

        Returns:
            What the cookie `Visit.cookie` must hold from now on.

        Raises:
            OlharError: if it is wrong, or too many were.
        """
        with self._lock:  # one guess at a time, or many at once would be free
            wait = self._until - self._clock()
            if wait > 0:
                raise OlharError(f"too many wrong passwords; wait {wait:.0f} seconds")
            if not hmac.compare_digest(_hashed(password, self._salt), self._hash):
                self._wrong += 1
                late = self._wrong - _FREE
                self._until = self._clock() + (min(_LONGEST, 2.0**late) if late >= 0 else 0)
                raise OlharError("the password is wrong")
            self._wrong = 0
            session = secrets.token_urlsafe(32)
            now = self._clock()
            self._sessions = {key: end for key, end in self._sessions.items() if end > now}
            self._sessions[session] = now + _LASTS
            return session


def gate(file: Path) -> Gate:
    """The gate of a studio that others reach; a password is asked for once, or read from $VARIABLE.

    Raises:
        OlharError: if there is none yet and nobody to ask, or it is too short.
    """
    given = os.environ.pop(VARIABLE, None)
    if given is None and not file.is_file():
        if not sys.stdin.isatty():
            raise OlharError(
                f"another address than this machine's own needs a password; set {VARIABLE}, or "
                "start the studio in a terminal, which asks for one"
            )
        given = getpass.getpass(f"A password for the studio, {SHORTEST} letters or more: ")
    if given is not None:
        save(given, file)
    return Gate(file)


def save(password: str, file: Path) -> None:
    """Keep the hash of a password.

    Raises:
        OlharError: if it is too short, or the file cannot be written.
    """
    if len(password) < SHORTEST:
        raise OlharError(
            f"the password has {len(password)} letters and needs {SHORTEST} or more; "
            "some words that do not belong together are easy to remember"
        )
    salt = secrets.token_bytes(16)
    with atomic(file) as temporary:
        temporary.chmod(0o600)
        temporary.write_text(json.dumps([salt.hex(), _hashed(password, salt).hex()]), "utf-8")
    try:
        file.chmod(0o600)
    except OSError as error:
        raise OlharError(f"{shown(file)} cannot be kept from others: {error.strerror}") from error


def _hashed(password: str, salt: bytes) -> bytes:
    return hashlib.scrypt(
        password.encode(), salt=salt, n=1 << 15, r=8, p=1, maxmem=64 << 20, dklen=32
    )
