"""Nothing leaves this machine: connections to others are refused, what would ask is switched off.

Python tells an audit hook (PEP 578) of every connection and every look-up of a name before it is
made, and a hook cannot be taken away again. So this holds for whatever any library does, wanted or
not: a page that is told to fetch an address, a model that is not here, statistics of use.
"""

from __future__ import annotations

import ipaddress
import os
import sys
from typing import Any

QUIET = {
    "GRADIO_ANALYTICS_ENABLED": "False",
    "GRADIO_MCP_SERVER": "False",
    "GRADIO_RUN_HISTORY": "False",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "HF_HUB_OFFLINE": "1",
}
"""What libraries read to know that nothing shall be told and nobody asked."""


def unplug() -> None:
    """Refuse every connection of this process to another machine, for as long as it lives.

    What others open to it is not touched.
    """
    os.environ.update(QUIET)
    sys.addaudithook(_audit)


def _audit(event: str, values: tuple[Any, ...]) -> None:
    match event, values:
        case (("socket.connect" | "socket.sendto"), (_, (str() as host, *_))):
            allowed = is_local(host)
        case "socket.getaddrinfo", (host, *_):
            allowed = host is None or is_local(host) or _address(host) is not None
        case (("socket.gethostbyname" | "socket.gethostbyaddr"), (host, *_)):
            allowed = is_local(host)
        case _:
            return
    if not allowed:
        raise PermissionError("the studio talks to no other machine")


def is_local(host: str | bytes) -> bool:
    """Whether a name or an address is that of this machine, seen from itself.

    >>> is_local("localhost"), is_local("127.0.0.7"), is_local("::1"), is_local("localhost.example")
    (True, True, True, False)
    """
    text = host.decode("ascii", "replace") if isinstance(host, bytes) else host
    address = _address(text)
    return text in ("", "localhost") or (address is not None and address.is_loopback)


def _address(text: str | bytes) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(text.decode() if isinstance(text, bytes) else text)
    except ValueError:
        return None
