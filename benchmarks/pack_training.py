"""What a classifier loses that was trained on packed pictures.

    python benchmarks/pack_training.py CLOTHING      # a folder with train/, validation/, test/
    python benchmarks/pack_training.py CLOTHING --epochs 8 --seeds 3

The folder is packed at the lowest quality at which it takes at least --share of its bytes, and
unpacked. The same recipe learns from the originals and from what was unpacked, once per seed; both
are measured on the test pictures as they were. The goal is a mean loss of at most one point.
"""

from __future__ import annotations

import argparse
import json
import shutil
import statistics
import sys
import tempfile
from pathlib import Path

import torch
from stamp import stamp

from olhar.classify.recipe import Classifier
from olhar.codec import pack, unpack
from olhar.training.events import Evaluated
from olhar.training.fit import fit

GOAL = 0.01


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("data", type=Path)
    parser.add_argument("--model", default="codec")
    parser.add_argument("--share", type=float, default=0.5)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--epochs", type=int, default=0, help="0 is the recipe's own")
    parser.add_argument("--size", type=int, default=0)
    parser.add_argument("--architecture", default="resnet")
    parser.add_argument("--threads", type=int, default=1)
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        quality, share = packed(args.data, folder, args)
        unpack(folder / "all.olhar", folder / "unpacked", form="png", model=args.model)
        shutil.rmtree(folder / "unpacked/test")
        shutil.copytree(args.data / "test", folder / "unpacked/test")
        rows = [
            {
                "original": accuracy(args.data, folder / f"original {seed}", seed, args),
                "packed": accuracy(folder / "unpacked", folder / f"packed {seed}", seed, args),
            }
            for seed in range(args.seeds)
        ]
    lost = statistics.mean(row["original"] - row["packed"] for row in rows)
    found = {"quality": quality, "share": share, "rows": rows, "lost": lost}
    print(json.dumps({**found, **stamp()}, indent=1))
    return 0 if lost <= GOAL else 1


def packed(data: Path, folder: Path, args: argparse.Namespace) -> tuple[int, float]:
    """Pack at the share: the quality is found on every tenth picture."""
    for number, path in enumerate(sorted(data.rglob("*.jpg"))[::10]):
        (folder / "some").mkdir(exist_ok=True)
        shutil.copy(path, folder / "some" / f"{number}.jpg")
    low, high = 0, 100
    while high - low > 3:  # there are 33 levels
        middle = (low + high) // 2
        target = folder / f"{middle}.olhar"
        report = pack(folder / "some", target, quality=middle, model=args.model)
        low, high = (middle, high) if report.after < args.share * report.before else (low, middle)
    report = pack(data, folder / "all.olhar", quality=high, model=args.model)
    return high, report.after / report.before


def accuracy(data: Path, run: Path, seed: int, args: argparse.Namespace) -> float:
    recipe = Classifier(data=data, seed=seed, size=args.size, architecture=args.architecture)
    recipe = recipe.replace(epochs=args.epochs) if args.epochs else recipe
    found = 0.0
    for event in fit(recipe, run):
        if isinstance(event, Evaluated) and event.split == "test":
            found = float(event.metrics["accuracy"])
    return found


if __name__ == "__main__":
    sys.exit(main())
