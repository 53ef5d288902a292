"""Pictures a second from the cache, against PIL with torchvision's transforms, on one thread.

    python benchmarks/loader.py                 # on pictures drawn here, about a minute
    python benchmarks/loader.py FOLDER          # on the photographs of a folder
    python benchmarks/loader.py --json

Sources are JPEG files of 375 x 500; both sides give float tensors of 128 x 128. The baseline
decodes with PIL and transforms picture by picture, as torchvision's training scripts do; its full
set warps what is cropped already, which is cheaper than the other way round. Ours is every epoch
after the first; what the first costs more, the building of the cache, is told beside it. All
figures are CPU-seconds of this process, the best of some rounds in which both sides take turns, so
that a busy machine slows both.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np
import torch
from PIL import Image
from stamp import stamp
from torchvision import transforms

from olhar.data.augment import Augment
from olhar.data.cache import cache
from olhar.data.images import Images
from olhar.media.image import READABLE

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from olhar.data.cache import Cache

WIDTH, HEIGHT, SIZE, BATCH = 500, 375, 128, 64
CROP, STRETCH, TURN, COLOR, HUE = 0.35, 4 / 3, 15, 0.4, 36
GOALS = {"crop and mirror": 20, "full set": 3}

CROPPED = Augment(crop=CROP, stretch=STRETCH, mirror="random")
FULL = Augment(crop=CROP, stretch=STRETCH, mirror="random", rotate=TURN, color=COLOR, hue=HUE)
PARTS = {
    "the whole pictures": Augment(),
    "mirror": Augment(mirror="random"),
    "shift and mirror": Augment(mirror="alternate", shift=8),
    "crop": Augment(crop=CROP, stretch=STRETCH),
    "crop and mirror": CROPPED,
    "crop, mirror, rotate": Augment(crop=CROP, stretch=STRETCH, mirror="random", rotate=TURN),
    "color and hue": Augment(color=COLOR, hue=HUE),
    "full set": FULL,
    "full set, erase": Augment(
        crop=CROP, stretch=STRETCH, mirror="random", rotate=TURN, color=COLOR, hue=HUE, erase=0.5
    ),
    "crop, mirror, mixup and cutmix": Augment(
        crop=CROP, stretch=STRETCH, mirror="random", mixup=0.2, cutmix=1
    ),
}


def main() -> int:
    options = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    options.add_argument("folder", type=Path, nargs="?", help="photographs; drawn if not given")
    options.add_argument("--count", type=int, default=256, help="pictures (default: 256)")
    options.add_argument("--cache", type=int, default=160, help="side in the cache (default: 160)")
    options.add_argument("--rounds", type=int, default=5, help="of which the best counts")
    options.add_argument("--json", action="store_true", help="print one JSON object")
    given = options.parse_args()
    torch.set_num_threads(1)
    cv2.setNumThreads(1)
    with tempfile.TemporaryDirectory() as temporary:
        os.environ["OLHAR_CACHE"] = str(Path(temporary) / "cache")
        files = sources(Path(temporary), given.folder, given.count)
        outcome = measure(files, given.cache, given.rounds)
    if given.json:
        print(json.dumps(outcome))
    else:
        report(outcome)
    return 0


def sources(temporary: Path, folder: Path | None, count: int) -> list[Path]:
    """JPEG files of 375 x 500, quality 90."""
    found: list[Path] = []
    if folder:
        every = sorted(f for f in folder.rglob("*") if f.suffix.lower() in READABLE)
        found = every[:: max(1, len(every) // count)][:count]
        if not found:
            sys.exit(f"{folder} has no pictures; give a folder that has")
    files: list[Path] = []
    for k in range(count):
        if found:
            with Image.open(found[k % len(found)]) as image:
                picture = image.convert("RGB").resize((WIDTH, HEIGHT), Image.Resampling.LANCZOS)
        else:
            picture = draw(np.random.default_rng(k))
        files.append(temporary / f"{k:05d}.jpg")
        picture.save(files[-1], quality=90)
    return files


def draw(random: np.random.Generator) -> Image.Image:
    """Coloured noise with the spectrum of photographs: each octave weaker than the last."""
    total = np.zeros((HEIGHT, WIDTH, 3), np.float32)
    for octave in range(8):
        cells = 3 * 2**octave
        noise = random.random((cells, cells, 3), np.float32)
        noise = 0.7 * noise.mean(2, keepdims=True) + 0.3 * noise  # photographs are mostly grey
        for channel in range(3):
            layer = Image.fromarray(noise[..., channel])
            layer = layer.resize((WIDTH, HEIGHT), Image.Resampling.BICUBIC)
            total[..., channel] += 0.75**octave * (np.asarray(layer) - 0.5)
    return Image.fromarray((128 + 160 * total).clip(0, 255).astype(np.uint8))


def measure(files: list[Path], side: int, rounds: int) -> dict[str, Any]:
    """Milliseconds of CPU a picture of everything, and the ratios."""
    cropped = [
        transforms.RandomResizedCrop(SIZE, scale=(CROP, 1), ratio=(1 / STRETCH, STRETCH)),
        transforms.RandomHorizontalFlip(),
    ]
    full = [
        *cropped,
        transforms.RandomAffine(TURN, interpolation=transforms.InterpolationMode.BILINEAR),
        transforms.ColorJitter(COLOR, COLOR, COLOR, HUE / 360),
    ]
    few = files[: min(len(files), BATCH)]
    theirs: dict[str, Callable[[], object]] = {
        "decode": lambda: [decoded(file) for file in few],
        "crop and mirror": baseline(few, cropped),
        "full set": baseline(few, full),
    }
    start = time.process_time()
    cached = cache(files, side)
    built = (time.process_time() - start) / len(files)
    ours: dict[str, Callable[[], object]] = {"gather": epoch(files, None, cached)}
    ours |= {name: epoch(files, augment, cached) for name, augment in PARTS.items()}
    jobs = [(name, run, len(few)) for name, run in theirs.items()]
    jobs += [(f"ours: {name}", run, len(files)) for name, run in ours.items()]
    best = {name: float("inf") for name, _, _ in jobs}
    for _ in range(rounds + 1):  # the first warms up
        for name, run, count in jobs:
            start = time.process_time()
            run()
            best[name] = min(best[name], (time.process_time() - start) / count)
    return {
        **stamp(),
        "pictures": len(files),
        "kilobytes": round(sum(f.stat().st_size for f in files) / len(files) / 1e3, 1),
        "cache": side,
        "size": SIZE,
        "baseline_ms": {name: 1e3 * best[name] for name in theirs},
        "ours_ms": {name: 1e3 * best[f"ours: {name}"] for name in ours},
        "cache_ms": 1e3 * built,
        "ratio": {name: best[name] / best[f"ours: {name}"] for name in GOALS},
        "goal": GOALS,
    }


def decoded(file: Path) -> Image.Image:
    with Image.open(file) as image:
        return image.convert("RGB")


def baseline(files: list[Path], steps: Sequence[torch.nn.Module]) -> Callable[[], object]:
    transform: Any = transforms.Compose([*steps, transforms.ToTensor()])
    return lambda: torch.stack([transform(decoded(file)) for file in files])


def epoch(files: list[Path], augment: Augment | None, cached: Cache) -> Callable[[], object]:
    """All batches of an epoch, of the cached bytes only if nothing is asked for."""
    data = Images(
        cached, np.arange(len(files)), np.zeros(len(files)), classes=1, size=SIZE, augment=augment
    )

    def run() -> None:
        order = data.order(0, 1)
        for start in range(0, len(order), BATCH):
            indices = order[start : start + BATCH]
            if augment is None:
                cached.rows(indices)
            else:
                data.batch(indices, epoch=1)

    return run


def report(outcome: dict[str, Any]) -> None:
    versions = ", ".join(f"{name} {version}" for name, version in outcome["versions"].items())
    print(f"{outcome['date']}  {outcome['processor']}  {versions} {outcome['commit']}")
    print(
        f"{outcome['pictures']} JPEG files of {WIDTH} x {HEIGHT}, {outcome['kilobytes']} kB each; "
        f"cache {outcome['cache']}, views {SIZE}; CPU milliseconds a picture, one thread"
    )
    for side, rows in (
        ("PIL and torchvision", "baseline_ms"),
        ("olhar, from the cache", "ours_ms"),
    ):
        print(f"\n{side}")
        for name, milliseconds in outcome[rows].items():
            print(f"  {name:32} {milliseconds:8.3f}")
    print(f"\nto build the cache, once: {outcome['cache_ms']:.3f}")
    for name, ratio in outcome["ratio"].items():
        saved = outcome["baseline_ms"][name] - outcome["ours_ms"][name]
        print(
            f"{name}: {ratio:.1f} times as fast (goal {outcome['goal'][name]}); "
            f"the cache has paid for itself after {outcome['cache_ms'] / saved:.1f} epochs"
        )


if __name__ == "__main__":
    sys.exit(main())
