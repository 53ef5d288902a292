"""For all tests: one thread per worker, no deadline for hypothesis, and a signing key of their own.

Two workers with a thread each are faster on two cores than two with two, and how long one example
takes says more of the machine than of us.
"""

import atexit
import os
import shutil
import signal
import tempfile

from hypothesis import settings

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ["OLHAR_SIGNING"] = tempfile.mkdtemp(prefix="olhar-signing-")  # never the user's
os.environ.pop("OLHAR_TIMESTAMP", None)
os.environ["OLHAR_ENGINE"] = "torch"  # whatever is prepared on this machine
os.environ.setdefault("OLHAR_DEVICE", "cpu")  # OLHAR_DEVICE=cuda tests with a GPU
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:  # as of what a shell runs in the background
    signal.signal(signal.SIGINT, signal.default_int_handler)  # and what is tested would inherit
atexit.register(shutil.rmtree, os.environ["OLHAR_SIGNING"], ignore_errors=True)
settings.register_profile("patient", deadline=None)
settings.load_profile("patient")

from codec_toys import folder, model, network  # noqa: E402
from studio_visitor import browser, visitor  # noqa: E402

__all__ = ["browser", "folder", "model", "network", "visitor"]
