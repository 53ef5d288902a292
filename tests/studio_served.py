"""A studio in a process of its own, as people start it, for tests that talk to it."""

import contextlib
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path


class Address(str):
    """Where a studio is, "http://127.0.0.1:40123", and what lets one in."""

    __slots__ = ("entry", "headers")

    entry: str
    """What a browser opens first."""
    headers: dict[str, str]
    """What a program sends."""

    @classmethod
    def told(cls, line: str) -> "Address":
        """The address in what the studio printed."""
        found = re.search(r"(http://[\d.:]+)/(?:\?token=([\w-]+))?", line)
        assert found, line
        address = cls(found[1])
        address.entry = found[0]
        address.headers = {"Authorization": f"Bearer {found[2]}"} if found[2] else {}
        return address


@contextlib.contextmanager
def served(folder: Path, *options: str) -> Iterator[Address]:
    """Start the studio on any free port.

    Yields:
        Its address.
    """
    command = [sys.executable, "-m", "olhar", "studio", "--no-browser", "--port", "0"]
    log = folder.parent / "studio.log"
    with log.open("w") as out:
        process = subprocess.Popen(
            [*command, "--folder", str(folder), *options],
            stdout=subprocess.PIPE,
            stderr=out,
            text=True,
            env={**os.environ, "PYTHONUNBUFFERED": "1"},
        )
    assert process.stdout is not None
    try:
        line = process.stdout.readline()
        assert "http://" in line, f"{line}\n{log.read_text()}"
        yield Address.told(line)
        assert process.poll() is None, f"the studio died:\n{log.read_text()}"
    finally:
        process.terminate()
        process.wait(60)
        process.stdout.close()
