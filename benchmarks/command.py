"""What a whole command costs: its seconds, its CPU-seconds and the peak memory of its process.

A process that begins as a copy of another inherits the highest memory that one ever had (Linux
counts it when the new program is put in its place). A benchmark may have been large, so the command
is started by a small process between the two, which tells what it used.
"""

import json
import os
import subprocess
import sys

_BETWEEN = """
import json, os, subprocess, sys, time
start = time.perf_counter()
child = subprocess.Popen(sys.argv[1:], stdout=sys.stderr)
_, status, usage = os.wait4(child.pid, 0)
print(json.dumps({
    "seconds": time.perf_counter() - start,
    "CPU-seconds": usage.ru_utime + usage.ru_stime,
    "MB": usage.ru_maxrss / (1 << 20 if sys.platform == "darwin" else 1 << 10),
}))
sys.exit(os.waitstatus_to_exitcode(status))
"""


def cost(*arguments: str, threads: int) -> dict[str, float]:
    """Run `olhar` with arguments, on so many threads; ends the benchmark if it fails."""
    done = subprocess.run(
        [sys.executable, "-c", _BETWEEN, sys.executable, "-m", "olhar", *arguments],
        env=os.environ | {"OMP_NUM_THREADS": str(threads)},
        stdout=subprocess.PIPE,
        check=False,
    )
    if done.returncode:
        raise SystemExit(f"olhar {arguments[0]} failed with {done.returncode}")
    return json.loads(done.stdout)
