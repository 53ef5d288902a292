"""What the course costs: every lesson run from its first cell to its last, offline.

    python benchmarks/lessons.py                     # some minutes on two cores
    python benchmarks/lessons.py --fast              # as the tests run it (OLHAR_LESSONS=fast)
    python benchmarks/lessons.py --lessons 1 4
    python benchmarks/lessons.py --json

Each lesson runs in a process of its own, as `python NN_name.py` does. On a busy machine the wall
clock says more of the others than of us, so the CPU-seconds stand beside it, and goals are held
against them: 10 minutes for all on one core, 5 when they run fast.

Exits with 1 if that is missed.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time

from stamp import stamp

from olhar.lessons.lesson import lessons

GOALS = {False: 600.0, True: 300.0}


def main() -> int:
    """Run the lessons and print what each took."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--fast", action="store_true")
    parser.add_argument("--lessons", type=int, nargs="*", default=[])
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    environment["OLHAR_LESSONS"] = "fast" if asked.fast else ""
    found: dict[str, dict[str, float]] = {}
    with tempfile.TemporaryDirectory() as folder:
        for lesson in lessons():
            if asked.lessons and lesson.number not in asked.lessons:
                continue
            before, started = _cpu(), time.perf_counter()
            subprocess.run(
                [sys.executable, lesson.path],
                cwd=folder,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                check=True,
            )
            wall, cpu = time.perf_counter() - started, _cpu() - before
            found[lesson.stem] = {"cpu_seconds": round(cpu, 1), "seconds": round(wall, 1)}
            if not asked.json:
                print(f"{lesson.stem:<20} {cpu:6.1f} CPU-s {wall:7.1f} s", flush=True)
    total = sum(each["cpu_seconds"] for each in found.values())
    met = total <= GOALS[asked.fast]
    if asked.json:
        print(json.dumps({"lessons": found, "cpu_seconds": total, "met": met, **stamp()}))
    else:
        print(f"{total:.0f} CPU-s in all; the goal is {GOALS[asked.fast]:.0f}: {met}")
        print(stamp())
    return 0 if met else 1


def _cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


if __name__ == "__main__":
    sys.exit(main())
