"""How many faces are found, how many of those are faces, and how fast, beside MTCNN.

    python benchmarks/faces.py FACES              # the clips and the picture named in faces.csv
    python benchmarks/faces.py FACES --json
    PYTHONPATH=... python benchmarks/faces.py FACES   # where facenet-pytorch is: compares with it

faces.csv says of every fifth frame how many faces of 24 pixels or more a person sees in it. Recall
is the share of these that are found, precision the share of what is found that is among them. The
clips are searched as `olhar faces` does it, a quarter of the frames in earnest. A clip of 640 x 360
is also extracted by the command itself, crops written, and its CPU-seconds are counted, of which a
machine with two free cores gets through two a second. MTCNN (Zhang et al. 2016, in facenet-pytorch)
finds boxes and five points in the same frames in the same process.

Exits with 1 if a goal is missed.
"""

from __future__ import annotations

import argparse
import csv
import json
import sys
import tempfile
import time
from collections import defaultdict
from itertools import islice
from pathlib import Path
from typing import Any

import torch
from command import cost
from PIL import Image
from stamp import stamp

from olhar.faceswap.detect import Find
from olhar.faceswap.faces import Faces, load
from olhar.faceswap.finder import see, see_frames
from olhar.media.image import read
from olhar.media.shots import shots
from olhar.media.video import VIDEO_SUFFIXES, Reader

GOALS = {"recall": 0.98, "precision": 0.99, "frames/s": 15.0, "times MTCNN": 3.0}
TIMED = "single_face.mp4"


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("faces", type=Path, help="folder of clips")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--only", default="", help="the clips whose names hold this")
    parser.add_argument("--json", action="store_true")
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    networks = load(device="cpu")
    found = counted(args.faces, networks, args.only)
    found |= timed(args.faces / TIMED, networks, args.threads)
    met = {goal: found[goal] >= least for goal, least in GOALS.items() if goal in found}
    met["nothing where nothing is"] = not found["files"].get("no_face.mp4", {}).get("found")
    if "multi_face.jpg" in found["files"]:
        met["all five of the group"] = found["files"]["multi_face.jpg"]["hit"] == 5
    print(json.dumps({**found, "goals": met, **stamp()}) if args.json else told(found, met))
    return 0 if all(met.values()) else 1


def counted(folder: Path, networks: Faces, only: str) -> dict[str, Any]:
    """Recall and precision over the labelled frames."""
    labels: dict[str, dict[int, int]] = defaultdict(dict)
    with Path(__file__).with_suffix(".csv").open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            labels[row["file"]][int(row["frame"])] = int(row["faces"])
    files: dict[str, dict[str, int]] = {}
    for name, there in labels.items():
        if only not in name:
            continue
        counts = searched(folder / name, networks)
        pairs = [(counts[frame], count) for frame, count in there.items()]
        files[name] = {
            "labelled": sum(count for _, count in pairs),
            "found": sum(found for found, _ in pairs),
            "hit": sum(min(pair) for pair in pairs),
            "frames": len(pairs),
        }
        print(name, files[name], file=sys.stderr, flush=True)
    total = {key: sum(each[key] for each in files.values()) for key in ("labelled", "found", "hit")}
    return {
        "recall": total["hit"] / total["labelled"],
        "precision": total["hit"] / max(total["found"], 1),
        "files": files,
    }


def searched(path: Path, networks: Faces) -> list[int]:
    """How many faces are found in each frame."""
    if path.suffix.lower() not in VIDEO_SUFFIXES:
        return [len(see(read(path).image, networks).presence)]
    with Reader(path) as reader:
        images = (frame.image for frame in reader)
        return [len(seen.presence) for _, _, seen in see_frames(shots(images), networks)]


def timed(path: Path, networks: Faces, threads: int) -> dict[str, Any]:
    """Frames a second of the whole command, and of finding alone beside MTCNN."""
    with tempfile.TemporaryDirectory() as folder:
        start = cost(
            "faces", str(path), "-o", f"{folder}/none", "--every", "100000", threads=threads
        )
        whole = cost("faces", str(path), "-o", f"{folder}/set", threads=threads)
    with Reader(path) as reader:
        images = [frame.image for frame in reader]
    spent = whole["CPU-seconds"] - start["CPU-seconds"]  # without starting Python and torch
    found: dict[str, Any] = {
        "frames": len(images),
        "CPU-ms a frame": 1000 * spent / len(images),
        "frames/s": 2 * len(images) / spent,
        "with starting": 2 * len(images) / whole["CPU-seconds"],
    }
    some = images[:48]
    shot = [(image, n == 0) for n, image in enumerate(some)]
    list(see_frames(shot[:16], networks, Find()))
    ours, _ = spending(lambda: list(see_frames(shot, networks, Find())))
    found["CPU-ms of finding"] = 1000 * ours / len(some)
    theirs = mtcnn(some)
    if theirs is not None:
        found["CPU-ms of MTCNN"] = 1000 * theirs / len(some)
        found["times MTCNN"] = theirs / ours
    return found


def mtcnn(images: list[torch.Tensor]) -> float | None:
    """CPU-seconds of MTCNN for the frames, in batches of 16; None where it is not installed."""
    try:
        from facenet_pytorch import MTCNN
    except ImportError:
        return None
    network = MTCNN(keep_all=True, min_face_size=24, device="cpu")
    pictures = [
        Image.fromarray(image.mul(255).round().byte().permute(1, 2, 0).numpy()) for image in images
    ]
    network.detect(pictures[:4])

    def run() -> list[Any]:
        rest = iter(pictures)
        boxes: list[Any] = []
        while some := list(islice(rest, 16)):
            boxes += list(network.detect(some, landmarks=True)[0])
        return boxes

    spent, boxes = spending(run)
    print(f"MTCNN found a face in {sum(b is not None for b in boxes)} frames", file=sys.stderr)
    return spent


def spending(work: Any) -> tuple[float, Any]:
    """CPU-seconds of this process, and what the work gave."""
    start = time.process_time()
    result = work()
    return time.process_time() - start, result


def told(found: dict[str, Any], met: dict[str, bool]) -> str:
    lines = [
        f"{name:<28} {each['hit']:>3} of {each['labelled']:>3} faces, {each['found']:>3} found"
        for name, each in found["files"].items()
    ]
    lines += [f"{key:<20} {value:.4g}" for key, value in found.items() if key != "files"]
    lines += [f"{'met' if good else 'MISSED':<7} {goal}" for goal, good in met.items()]
    return "\n".join([*lines, json.dumps(stamp())])


if __name__ == "__main__":
    sys.exit(main())
