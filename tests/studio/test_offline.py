"""No request leaves the machine, whatever a library tries."""

import subprocess
import sys

import pytest

from olhar.commands.studio import studio
from olhar.errors import OlharError

PROGRAM = """
import socket, sys
from olhar.studio.offline import unplug
unplug()
server = socket.create_server(("127.0.0.1", 0))
socket.create_connection(server.getsockname(), timeout=5)
assert socket.getaddrinfo("0.0.0.0", 80)
try:
    {attempt}
except PermissionError as error:
    print(error)
"""


@pytest.mark.parametrize(
    "attempt",
    [
        'socket.create_connection(("192.0.2.1", 80), timeout=1)',
        'socket.getaddrinfo("example.org", 443)',
        'socket.gethostbyname("example.org")',
        'socket.socket(type=socket.SOCK_DGRAM).sendto(b"x", ("192.0.2.1", 53))',
        'socket.socket(socket.AF_INET6).connect(("2001:db8::1", 80))',
    ],
)
def test_connections_to_others_are_refused_and_to_oneself_made(attempt: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM.format(attempt=attempt)], capture_output=True, text=True
    )
    assert done.stdout == "the studio talks to no other machine\n", done.stderr


def test_an_empty_host_is_no_address():
    with pytest.raises(OlharError, match="--host is empty; give an address"):
        studio(host="")
