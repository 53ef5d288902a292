"""For all tests: one thread per worker, and no deadline for hypothesis.

Two workers with a thread each are faster on two cores than two with two, and how long one example
takes says more of the machine than of us.
"""

import os

from hypothesis import settings

os.environ.setdefault("OMP_NUM_THREADS", "1")
settings.register_profile("patient", deadline=None)
settings.load_profile("patient")
