"""Published sets, by name: `torchvision:CIFAR10`, `hf:owner/name`, `hf:owner/name/variant`.

Each is written out once, as a folder of picture files with a table beside them, below $OLHAR_CACHE
or olhar's own folder for caches, and from then on read like any table, without network and without
the libraries that it came with. Pictures keep their bytes where they are files already (Hugging
Face) and become PNG where they are not. No code that comes with a set is run.
"""

from __future__ import annotations

import csv
import json
import re
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from olhar.data.contents import home_of
from olhar.data.store import lock
from olhar.data.tables import read_table
from olhar.errors import OlharError
from olhar.media.files import reason, shown
from olhar.media.progress import bar

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from olhar.data.examples import Examples, Part, Task

_TABLE, _DEFAULTS, _FILE, _SPLIT = "index.csv", "target.json", "picture file", "part of the set"
_SUFFIXES = {b"\xff\xd8": ".jpg", b"\x89P": ".png", b"GI": ".gif", b"RI": ".webp", b"BM": ".bmp"}


class Row(NamedTuple):
    """One picture of a set."""

    part: Part | None
    picture: bytes
    """A picture file."""
    cells: dict[str, str]
    """What the table says of it."""


class Fetched(NamedTuple):
    """A set that is on this machine."""

    rows: Iterator[Row]
    total: int
    defaults: dict[str, Any]
    """`target` and `task` for `read_table`, where the set says what is to be learned."""


def read_set(
    text: str, *, task: Task | None = None, target: str | Sequence[str] | None = None
) -> Examples:
    """Read a published set, which is fetched and written out when it is asked for first.

    Args:
        text: as above; after `hf:` also a folder that `save_to_disk` has made.
        task: as for `examples`.
        target: the column to learn; if not given, the one that the set declares to be classes.

    Returns:
        The examples; their `split` is the one of the set, if it has more than one part.

    Raises:
        OlharError: no such set, no network, a package is missing, no pictures, no room.
    """
    kind, name = text.split(":", 1)
    folder = home_of("sets") / re.sub(r"[^\w.-]+", "-", text)
    if kind == "hf" and Path(name).is_dir():  # may change under the same name
        folder = folder.with_name(f"{folder.name}-{int(Path(name).stat().st_mtime_ns)}")
    try:
        if not folder.is_dir():
            folder.parent.mkdir(parents=True, exist_ok=True)
            with lock(folder):
                if not folder.is_dir():  # another process may just have made it
                    _write(text, folder)
        defaults: dict[str, Any] = (
            json.loads((folder / _DEFAULTS).read_bytes()) if target is None else {}
        )
    except OSError as error:
        raise OlharError(
            f"{text} cannot be kept in {shown(folder.parent)}: {reason(error)}; "
            "make room, or set OLHAR_CACHE to a folder on another disk"
        ) from error
    return read_table(
        folder / _TABLE,
        file=_FILE,
        task=task or defaults.get("task"),
        target=target or defaults.get("target"),
    )


def _write(text: str, folder: Path) -> None:
    kind, name = text.split(":", 1)
    try:
        if kind == "torchvision":
            from olhar.data.sets_torchvision import fetch
        else:
            from olhar.data.sets_huggingface import fetch
        found = fetch(name)
    except ImportError as error:
        raise OlharError(f'{text} needs more packages: pip install "olhar[sets]"') from error
    except OlharError:
        raise
    except Exception as error:  # what goes wrong in a download has the types of many libraries
        raise OlharError(
            f"{text} cannot be fetched: {reason(error)[:300]}; check the name and the network, or "
            "fetch it on a machine that is online and give the folder of its pictures"
        ) from error
    making = folder.with_name(folder.name + ".part")
    shutil.rmtree(making, ignore_errors=True)  # of a process that was killed
    making.mkdir(parents=True)
    rows: list[dict[str, str]] = []
    with bar(f"writing out {text}", found.total) as update:
        for i, row in enumerate(found.rows):
            suffix = _SUFFIXES.get(row.picture[:2], ".png")
            file = Path(row.part or "all", f"{i // 1000:04}", f"{i:07}{suffix}")
            (making / file).parent.mkdir(parents=True, exist_ok=True)
            (making / file).write_bytes(row.picture)
            part = {_SPLIT: row.part} if row.part else {}
            rows.append({_FILE: file.as_posix(), **part, **row.cells})
            update(i + 1)
    if not rows:
        raise OlharError(f"{text} has no pictures; choose another set")
    with (making / _TABLE).open("w", encoding="utf-8", newline="") as table:
        writer = csv.DictWriter(table, list(rows[0]), restval="")
        writer.writeheader()
        writer.writerows(rows)
    (making / _DEFAULTS).write_text(json.dumps(found.defaults), encoding="utf-8")
    making.rename(folder)
