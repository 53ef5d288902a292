"""The process of one job: it reads what was asked, does it, writes what came of it.

It tells how far it is by a small file that is renamed into place, and is asked to stop by SIGTERM,
or by the studio being gone: then the pipe that it holds the other end of breaks.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import sys
import threading
import time
import traceback
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from olhar.errors import OlharError
from olhar.media.files import atomic, reason
from olhar.media.memory import LACKING, is_lacking

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

    from torch import Tensor

_PLACES = ("data", "runs", "faces", "consents")  # what people have in the studio's folder
_OFTEN = 0.2  # seconds between two words about how far it is
_GRACE = 20.0  # seconds to save what there is, once the studio is gone


@dataclass(frozen=True)
class Asked:
    """What a job reads."""

    settings: dict[str, Any]
    files: dict[str, list[Path]]
    """Role to files."""
    out: Path
    """Where it writes."""
    space: Path
    """The studio's folder, with `runs` and `data`."""

    def file(self, role: str) -> Path:
        """The one file of a role.

        Raises:
            OlharError: if there is none.
        """
        if not self.files.get(role):
            raise OlharError(f"there is no {role}; choose one")
        return self.files[role][0]


class Tell:
    """Says how far a job is, and hears whether it shall stop.

    Args:
        folder: of the job.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._last = 0.0
        self._values: dict[str, Any] = {}
        self._pictures = 0
        self._stop = threading.Event()
        self.heeded = True
        """Whether the job looks at `asked`; if not, it is interrupted where it is."""

    def __call__(self, share: float | None, said: str = "", **values: Any) -> None:
        """Say how far it is.

        Args:
            share: from 0 to 1; None if it is not known.
            said: the key of a message, and what goes into it.
            values: of the message.
        """
        self._values |= {"share": share}
        if said:
            self.says(said, **values)
        if time.monotonic() - self._last >= _OFTEN:
            self.flush()

    def says(self, said: str, **values: Any) -> None:
        """Say what it does, whatever its share of the work is."""
        self._values["said"] = [said, values]

    def begin(self, share: float) -> None:
        """Say how much was done before, so that the time left is told by what is done now."""
        self._values["begun"] = share

    def picture(self, image: Tensor) -> None:
        """Show how it looks so far: (3, H, W) in [0, 1]. It is a look, not a result: unmarked."""
        from olhar.media.image import write

        self._pictures += 1
        name = f"forming-{self._pictures}.jpg"
        write(self._folder / "out" / name, image, mark=None)
        (self._folder / "out" / f"forming-{self._pictures - 2}.jpg").unlink(missing_ok=True)
        self._values["picture"] = name
        self.flush()

    def flush(self) -> None:
        """Say it now."""
        self._last = time.monotonic()
        with atomic(self._folder / "progress.json") as temporary:
            temporary.write_text(json.dumps(self._values), "utf-8")

    def stop(self, *_: Any) -> None:
        """Ask the job to stop; whoever does not listen is stopped at once, or the second time."""
        if self._stop.is_set() or not self.heeded:
            raise KeyboardInterrupt
        self._stop.set()

    @property
    def asked(self) -> bool:
        """Whether it shall stop, and keep what it has."""
        return self._stop.is_set()


def main(folder: str, space: str, alive: Connection) -> None:
    """Do one job.

    Args:
        folder: of the job.
        space: of the studio.
        alive: breaks when the studio is gone.
    """
    from olhar.studio.offline import unplug

    home = Path(folder)
    _to_log(home / "log.txt")
    unplug()
    job = json.loads((home / "job.json").read_text("utf-8"))
    tell = Tell(home)
    listens = job["kind"] in ("restyle", "train")
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the studio, which then asks
    threading.Thread(target=_watch, args=(alive,), daemon=True).start()
    if job["lane"] == "long" and hasattr(os, "nice"):
        os.nice(5)  # what takes seconds, and the pages, go first
    files = {role: [home / "in" / name for name in names] for role, names in job["files"].items()}
    asked = Asked(job["settings"], files, home / "out", Path(space))
    told: dict[str, Any] = {"state": "done", "error": "", "result": {}}
    try:
        signal.signal(signal.SIGTERM, tell.stop if listens else signal.default_int_handler)
        from olhar.media.progress import heard
        from olhar.studio.bodies import BODIES

        with heard(tell):
            told["result"] = BODIES[job["kind"]](asked, tell)
        if tell.asked:
            told["state"] = "stopped"
    except OlharError as error:
        told |= {"state": "failed", "error": _as_sent(str(error), home, space, job["files"])}
    except KeyboardInterrupt:
        told["state"] = "stopped"
    except Exception as error:  # noqa: BLE001  whatever it is, the page says it
        traceback.print_exc()
        what = f"{type(error).__name__}: {reason(error)[:200]}"
        why = LACKING if is_lacking(error) else f"{what} (a defect of olhar; log.txt says where)"
        told |= {"state": "failed", "error": why}
    signal.signal(signal.SIGTERM, signal.SIG_IGN)  # it is over, and only to be written down
    with atomic(home / "result.json") as temporary:
        temporary.write_text(json.dumps(told, ensure_ascii=False, default=str), "utf-8")


def _as_sent(sentence: str, home: Path, space: str, files: dict[str, list[str]]) -> str:
    """A sentence with the names that files had when they were sent, and no path of this machine."""
    for name in [name for names in files.values() for name in names]:
        sentence = sentence.replace(name, name.split("-", 2)[-1])
    own = [home / each for each in ("in", "out", "clips")]
    for place in [*own, *(Path(space) / each for each in _PLACES)]:
        sentence = sentence.replace(f"{place}{os.sep}", "")
    return sentence


def _to_log(path: Path) -> None:
    """What libraries print goes into a file of the job."""
    log = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    for number in (1, 2):
        with contextlib.suppress(OSError):
            os.dup2(log, number)
    sys.stdout = sys.stderr = Path(path).open("a", encoding="utf-8", buffering=1)  # noqa: SIM115


def _watch(alive: Connection) -> None:
    """Wait until the studio is gone, then stop as if it had asked."""
    with contextlib.suppress(EOFError, OSError):
        alive.recv()
        return
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(_GRACE)
    os._exit(1)
