"""What the denoiser gains, beside OpenCV's non-local means at its best; and its peak memory.

    python benchmarks/denoise.py KODAK               # a folder of clean pictures; some 10 minutes
    python benchmarks/denoise.py KODAK --model RUN   # a model of one's own
    python benchmarks/denoise.py KODAK --json

- Quality: white Gaussian noise of deviation 15, 25 and 50 on the scale of 0 to 255 is added to each
  picture, with a seed of its own, and not clipped. PSNR of the result, clipped to [0, 1], is
  averaged over the pictures, as publications do.
- Beside it `cv2.fastNlMeansDenoisingColored`, which takes 8 bits, so of the same noise rounded and
  clipped. Its strengths for lightness and for colour are searched per level on every third picture;
  the best is then measured on all, with the same windows (7 and 21) that OpenCV suggests. So the
  baseline, and not the denoiser, has seen the pictures that measure it.
- Memory: the whole process `olhar denoise`, from start to written file, on 12 megapixels.

Exits with 1 if a figure misses its goal.
"""

from __future__ import annotations

import argparse
import itertools
import json
import os
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import torch
from command import cost
from stamp import stamp
from torch import Tensor

from olhar.autoencode.apply import Model, denoise, load
from olhar.autoencode.noise import gaussian
from olhar.media.image import READABLE, read, write
from olhar.media.picture import resize

LEVELS = (15, 25, 50)
WIDTH, HEIGHT = 4000, 3000
GOALS = {"PSNR at 25": 31.0, "over non-local means": 1.0, "MB": 1500.0}
LIGHT = (0.5, 0.65, 0.8, 1.0)  # strengths to search, times the deviation of the noise
COLOR = (0.8, 1.2, 1.8)


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("pictures", type=Path)
    parser.add_argument("--model", default="denoiser")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--only", choices=["quality", "memory"])
    parser.add_argument("--json", action="store_true")
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    cv2.setNumThreads(args.threads)
    result: dict[str, Any] = stamp() | {"model": args.model}
    missed: list[str] = []
    if args.only != "memory":
        images = [read(file).image for file in pictures(args.pictures)]
        result["pictures"] = len(images)
        result["quality"] = quality(images, load(args.model))
        missed += [
            f"at {level}: {row['gain']:.2f} dB over non-local means, under 1"
            for level, row in result["quality"].items()
            if row["gain"] < GOALS["over non-local means"]
        ]
        if result["quality"]["25"]["olhar"] < GOALS["PSNR at 25"]:
            missed.append(f"PSNR at 25 is {result['quality']['25']['olhar']:.2f} dB, under 31")
    if args.only != "quality":
        result["memory"] = memory(args.model, args.threads)
        if result["memory"]["MB"] > GOALS["MB"]:
            missed.append(f"{result['memory']['MB']:.0f} MB, over {GOALS['MB']:.0f}")
    if args.json:
        print(json.dumps(result | {"missed": missed}, indent=1))
    else:
        show(result)
        print("\n".join(missed) or "every goal is met")
    return 1 if missed else 0


def pictures(folder: Path) -> list[Path]:
    found = sorted(path for path in folder.iterdir() if path.suffix.lower() in READABLE)
    if not found:
        raise SystemExit(f"there are no pictures in {folder}")
    return found


def quality(images: list[Tensor], model: Model) -> dict[str, dict[str, Any]]:
    """Per level: mean PSNR of the noise, of non-local means at its best, and of the denoiser."""
    found: dict[str, dict[str, Any]] = {}
    for level in LEVELS:
        given = [noised(image, number, level) for number, image in enumerate(images)]
        pairs = [*zip(given, images, strict=True)]
        scores = {
            strengths: mean([psnr(means(noisy, *strengths), image) for noisy, image in pairs[::3]])
            for strengths in itertools.product(
                (each * level for each in LIGHT), (each * level for each in COLOR)
            )
        }
        best = max(scores, key=lambda each: scores[each])
        start = time.process_time()
        made = [denoise(noisy, model) for noisy in given]
        spent = time.process_time() - start
        row: dict[str, Any] = {
            "noise": mean([psnr(noisy, image) for noisy, image in pairs]),
            "non-local means": mean([psnr(means(noisy, *best), image) for noisy, image in pairs]),
            "olhar": mean([psnr(*each) for each in zip(made, images, strict=True)]),
        }
        row["gain"] = row["olhar"] - row["non-local means"]
        row["its strengths"] = best
        row["CPU-seconds per megapixel"] = spent / sum(i[0].numel() for i in images) * 1e6
        found[str(level)] = row
    return found


def noised(image: Tensor, number: int, level: int) -> Tensor:
    generator = torch.Generator().manual_seed(1000 * level + number)
    return gaussian(image[None], level, generator)[0]


def means(noisy: Tensor, light: float, color: float) -> Tensor:
    """OpenCV's non-local means in CIELAB, of the picture in 8 bits."""
    levels = (noisy.clamp(0, 1) * 255).round().byte().permute(1, 2, 0).numpy()[..., ::-1]
    made = cv2.fastNlMeansDenoisingColored(np.ascontiguousarray(levels), None, light, color, 7, 21)
    return torch.from_numpy(made[..., ::-1].copy()).permute(2, 0, 1).float() / 255


def psnr(made: Tensor, image: Tensor) -> float:
    return float(-10 * (made - image).square().mean().log10())


def mean(values: list[float]) -> float:
    return sum(values) / len(values)


def memory(model: str, threads: int) -> dict[str, float]:
    """Peak memory and seconds of `olhar denoise` on a drawn photograph of 12 megapixels."""
    generator = torch.Generator().manual_seed(0)
    image = resize(torch.rand(3, 30, 40, generator=generator), (HEIGHT, WIDTH))
    image += 0.08 * torch.randn(image.shape, generator=generator)
    with tempfile.TemporaryDirectory() as folder:
        source, target = Path(folder) / "photo.jpg", Path(folder) / "clean.jpg"
        write(source, image.clamp_(0, 1), quality=92)
        found = cost(
            *("denoise", str(source), "-o", str(target), "--model", model, "--quiet"),
            threads=threads,
        )
    return {"megapixels": WIDTH * HEIGHT / 1e6, **found, "load": os.getloadavg()[0]}


def show(result: dict[str, Any]) -> None:
    print("  ".join(str(result[key]) for key in ("date", "processor", "versions", "commit")))
    for level, row in result.get("quality", {}).items():
        light, color = row["its strengths"]
        print(
            f"noise {level}: {row['noise']:.2f} dB; non-local means {row['non-local means']:.2f} "
            f"(h {light:g}, colour {color:g}); olhar {row['olhar']:.2f}, {row['gain']:+.2f} dB; "
            f"{row['CPU-seconds per megapixel']:.2f} CPU-s per megapixel"
        )
    for name, value in result.get("memory", {}).items():
        print(f"memory  {name:<14} {value:10.4g}")


if __name__ == "__main__":
    sys.exit(main())
