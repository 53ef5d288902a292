"""The processes that jobs run in: how they are made, ended, and what is known of how they ended."""

from __future__ import annotations

import json
import multiprocessing
import signal
import sys
import threading
from multiprocessing.connection import wait
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from olhar.studio.job import Job, State

PATIENCE = 30.0
"""Seconds that a job which was asked to stop has to save what it has."""


def context() -> Any:
    """How processes are made: by forking one that has imported torch, where there is fork."""
    if sys.platform == "win32":
        return multiprocessing.get_context("spawn")
    made = multiprocessing.get_context("forkserver")
    made.set_forkserver_preload(["olhar.studio.bodies"])
    return made


def warm() -> None:
    """Start the process that jobs are forked from, so that the first one finds torch imported."""
    if sys.platform != "win32":
        from multiprocessing import forkserver

        forkserver.ensure_running()


def end(process: Any) -> None:
    """Ask a process to stop, and end it once its time is up."""
    process.terminate()
    threading.Thread(target=_kill_late, args=(process,), daemon=True).start()


def _kill_late(process: Any) -> None:
    # Not `join`: whoever joins second finds that the exit code was read, and takes 255 for it.
    if not wait([process.sentinel], PATIENCE):
        process.kill()


def outcome(job: Job, code: int | None) -> tuple[State, str]:
    """How a process ended, as it wrote itself or as its exit code tells."""
    try:
        told = json.loads((job.folder / "result.json").read_text("utf-8"))
        return told["state"], told["error"]
    except (OSError, ValueError, LookupError):
        if code == -signal.SIGTERM or (job.stopping and code == -signal.SIGKILL):
            return "stopped", ""  # before it could hear that, or save what it had
        why = ", perhaps for lack of memory" if code == -9 else ""
        return "failed", f"its process ended with code {code}{why}; the studio goes on"
