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
from typing import TYPE_CHECKING

from olhar.errors import OlharError
from olhar.media.files import atomic, shown

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

SESSION = "olhar_session"
VARIABLE = "OLHAR_STUDIO_PASSWORD"
SHORTEST = 10
_FREE = 5  # wrong guesses before one has to wait
_LONGEST = 300.0  # seconds
_LASTS = 30 * 24 * 3600.0
_OPEN = frozenset({"/login", "/studio/look.css", "/studio/look.js", "/favicon.ico"})


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

    def open_for(self, cookies: dict[str, str], path: str) -> bool:
        """Whether somebody may see a path."""
        if path in _OPEN:
            return True
        until = self._sessions.get(cookies.get(SESSION, ""))
        return until is not None and self._clock() < until

    def enter(self, password: str) -> str:
        """Check a password.

        Returns:
            What the cookie `SESSION` must hold from now on.

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
