"""What a figure was measured with: every benchmark prints it beside the figure."""

import subprocess
import time
from pathlib import Path
from typing import Any

import torch

import olhar
from olhar.look.machine import processor


def stamp() -> dict[str, Any]:
    """Date, processor, versions and commit."""
    return {
        "date": time.strftime("%Y-%m-%d"),
        "processor": processor(),
        "versions": {"olhar": olhar.__version__, "torch": torch.__version__},
        "commit": commit(),
    }


def commit() -> str:
    """The commit of this checkout, shortened."""
    command = ["git", "-C", str(Path(__file__).parent), "rev-parse", "--short", "HEAD"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return done.stdout.strip() or "(no commit)"
