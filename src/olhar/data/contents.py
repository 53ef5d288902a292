"""What files contain, as SHA-256, and where olhar keeps what it worked out from it.

Reading 40 GB of photographs again only to learn that nothing changed takes a minute, so hashes are
remembered for a whole list of files: by path, size, time of modification and time of change. The
last cannot be set by programs, so a file that was altered and dated back is found out; files
touched within the last seconds are not remembered at all, since clocks are coarse.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

from olhar.errors import OlharError
from olhar.hub.registry import home
from olhar.media.files import atomic, opened
from olhar.media.progress import bar

if TYPE_CHECKING:
    from collections.abc import Sequence

_SETTLED = 2_000_000_000  # nanoseconds after which a file counts as no longer being written
_DIGEST = 32  # bytes


def home_of(kind: str) -> Path:
    """The folder for one kind of things worked out: below $OLHAR_CACHE, or olhar's own cache."""
    folder = os.environ.get("OLHAR_CACHE")
    return (Path(folder).expanduser() if folder else home()) / kind


def digests(files: Sequence[Path]) -> list[bytes | OlharError]:
    """The SHA-256 of each file, 32 bytes, or why it cannot be read."""
    began = time.time_ns()
    listing, newest = _listing(files)
    memory = home_of("hashes") / hashlib.sha256(listing).hexdigest()[:_DIGEST]
    with contextlib.suppress(OSError):
        known = memory.read_bytes()
        if len(known) == _DIGEST * len(files):
            os.utime(memory)  # it was of use: `prune` goes by that
            parts = [known[i : i + _DIGEST] for i in range(0, len(known), _DIGEST)]
            return [part if any(part) else digest(files[i]) for i, part in enumerate(parts)]
    found: list[bytes | OlharError] = []
    with ThreadPoolExecutor(threads()) as pool, bar("reading pictures", len(files)) as update:
        for each in pool.map(digest, files):
            found.append(each)
            update(len(found))
    if newest < began - _SETTLED:
        with contextlib.suppress(OlharError, OSError), atomic(memory) as temporary:
            blank = bytes(_DIGEST)  # asked again each time
            temporary.write_bytes(
                b"".join(each if isinstance(each, bytes) else blank for each in found)
            )
    return found


def threads() -> int:
    """How many threads read and decode: all processors, to a limit that memory sets."""
    return min(os.cpu_count() or 1, 16)


def _listing(files: Sequence[Path]) -> tuple[bytes, int]:
    """All that is known of files without reading them, and the latest time among it."""
    known: list[tuple[str, int, int, int]] = []
    newest = 0
    for file in files:
        path = os.path.abspath(file)  # noqa: PTH100, resolve() would follow links
        try:
            status = file.stat()
        except (OSError, ValueError):
            known.append((path, -1, 0, 0))
            continue
        known.append((path, status.st_size, status.st_mtime_ns, status.st_ctime_ns))
        newest = max(newest, status.st_mtime_ns, status.st_ctime_ns)
    return json.dumps(known).encode(), newest


def digest(file: Path) -> bytes | OlharError:
    """The SHA-256 of a file, 32 bytes, or why it cannot be read."""
    try:
        with opened(file) as stream:
            found = hashlib.sha256()
            while block := stream.read(1 << 20):
                found.update(block)
            return found.digest()
    except OlharError as error:
        return error
    except OSError as error:  # a disk that fails while it reads
        return OlharError(f"{file} cannot be read: {error}")
