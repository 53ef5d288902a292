"""A studio in a process of its own, as people start it, for tests that talk to it."""

import contextlib
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path


@contextlib.contextmanager
def served(folder: Path, *options: str) -> Iterator[str]:
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
        found = re.search(r"http://[\d.:]+", line)
        assert found, f"{line}\n{log.read_text()}"
        yield found[0]
        assert process.poll() is None, f"the studio died:\n{log.read_text()}"
    finally:
        process.terminate()
        process.wait(60)
        process.stdout.close()
