"""The token that this computer's own address needs, and who has shown it.

Whoever has another account on the same computer reaches the loopback address too, and the cells of
a lesson run what is typed. So the address that `olhar studio` prints and opens holds a token, new
at every start: the first visit trades it for a cookie, and is led to the address without it.
Programs send it with each request, as `Authorization: Bearer TOKEN`.

The browser is not given the address as an argument, which every account may read in the list of
processes, but a file that only its owner reads and that leads there.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import re
import secrets
from html import escape
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlencode

from olhar.errors import OlharError
from olhar.look import page as look
from olhar.look.messages import say
from olhar.media.files import atomic
from olhar.studio.login import Answer, again

if TYPE_CHECKING:
    from pathlib import Path

    from olhar.studio.login import Visit

VARIABLE = "OLHAR_STUDIO_TOKEN"
_SHAPE = re.compile(r"[\w-]{20,200}", re.ASCII)


class Key:
    """Lets in who shows the token, and who has shown it.

    Args:
        token: letters, digits, - and _; whoever holds it may do everything.
    """

    def __init__(self, token: str) -> None:
        self.token = token
        self._session = hmac.digest(token.encode(), b"session", hashlib.sha256).hex()

    def refusal(self, visit: Visit) -> Answer | None:
        """What somebody is answered instead of what they asked for; None if they may have it."""
        query = parse_qsl(visit.query, keep_blank_values=True)
        shown = [value for name, value in query if name == "token"]
        if shown and visit.is_page:
            return self._traded(visit, shown[0], [each for each in query if each[0] != "token"])
        kind, _, bearer = visit.headers.get("authorization", "").partition(" ")
        if kind.lower() == "bearer" and _same(bearer.strip(), self.token):
            return None
        if _same(visit.session, self._session):
            return None
        if visit.is_page:
            return again(visit) if visit.is_led else Answer(401, _page("studio.key.missing", visit))
        return Answer(401, _plain("studio.key.plain"))

    def _traded(self, visit: Visit, token: str, query: list[tuple[str, str]]) -> Answer:
        if not _same(token, self.token):
            return Answer(403, _page("studio.key.wrong", visit))
        rest = f"?{urlencode(query)}" if query else ""
        cookie = f"{visit.cookie}={self._session}; Path=/; HttpOnly; SameSite=Strict"
        where = (visit.path + rest).encode()
        return Answer(303, "", [(b"location", where), (b"set-cookie", cookie.encode())])


def key() -> Key:
    """A new key, or the one of $OLHAR_STUDIO_TOKEN, which jobs do not get to see.

    Raises:
        OlharError: if that is too short or has other letters.
    """
    given = os.environ.pop(VARIABLE, None)
    if given is not None and not _SHAPE.fullmatch(given):
        raise OlharError(
            f"{VARIABLE} has {len(given)} letters; it needs 20 to 200, of A-Z, a-z, 0-9, - and _, "
            "that nobody can guess"
        )
    return Key(given or secrets.token_urlsafe(32))


def leading(address: str, file: Path) -> str:
    """Write the page that leads a browser to an address with a token.

    Returns:
        The address of that page, which tells nothing to whoever sees it.
    """
    with atomic(file) as temporary:
        temporary.chmod(0o600)
        target = escape(address)
        temporary.write_text(
            f'<!doctype html><meta charset="utf-8"><title>olhar</title>'
            f'<meta http-equiv="refresh" content="0;url={target}">'
            f'<a href="{target}">olhar studio</a>\n',
            "utf-8",
        )
    return file.as_uri()


def _same(given: str, right: str) -> bool:
    return hmac.compare_digest(given.encode("utf-8", "replace"), right.encode())


def _page(why: str, visit: Visit) -> str:
    """What a browser is shown that has no token, or an old one."""
    anew = look.html(say("studio.key.anew"))
    words = [
        look.paragraph(say(why), "intro"),
        look.code(f"http://{visit.headers.get('host', '')}/?token=…"),
        look.paragraph(say("studio.key.where")),
        look.Html(f'<p style="margin-top: 16px">{anew}</p>'),
        look.code("olhar studio"),
    ]
    return look.page(say("studio.key.title"), words)


def _plain(key: str) -> str:
    return "\n".join(say(key))
