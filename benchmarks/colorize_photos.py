"""What colouring does to photographs whose colours are known: L*, hints, variants.

    python benchmarks/colorize_photos.py FOLDER            # some seconds a photograph
    python benchmarks/colorize_photos.py FOLDER --count 10 --model RUN --json

- L*: between the photograph and the result in 8 bit, at full size.
- Hints: one point of the true colour where a person would put it: in a connected part of nearly
  uniform true colour that holds the point, at least 1 % of the picture, in which the automatic
  colours are wrong by 8 or more. Of those the one with the largest error in sum is taken; the point
  is the one deepest inside. Told is by how much the mean distance to the true a* and b* changes
  inside and outside, and how far colours outside move, as a share of that distance.
- Variants: the smallest error of five, over that of the automatic colours; and how far apart they
  are.

Photographs are brought to a shorter side of 256 for hints and variants. Exits with 1 if a median
misses its goal.
"""

from __future__ import annotations

import argparse
import itertools
import json
import sys
from pathlib import Path
from statistics import mean, median
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np
import torch
import torch.nn.functional as F
from stamp import stamp
from torch import Tensor

from olhar.colorize.apply import colorize, load, variants
from olhar.colorize.hints import Hints, Point
from olhar.media.color import lab_to_srgb, srgb_to_lab
from olhar.media.image import READABLE, read, resize

if TYPE_CHECKING:
    from olhar.colorize.painter import Painter

SIDE = 256
UNIFORM = 8.0  # distance in the a*b* plane from the colour of a part
LEAST = 8.0  # mean error of the automatic colours where a hint is worth giving
SMALLEST, LARGEST = 0.01, 0.4  # share of the picture that a part may be
FAINTEST = 12.0  # chroma below which a part is grey to the eye
COUNT = 5
GOALS = {
    "L* mean": ("<=", 0.1),
    "L* 99.9 %": ("<=", 1.0),
    "hint: error inside": ("<=", -0.40),
    "hint: error outside": ("<=", 0.02),
    "best of 5 / automatic": ("<=", 0.9),
}


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("folder", type=Path)
    parser.add_argument("--model", default="colorizer")
    parser.add_argument("--count", type=int, default=24, help="photographs, evenly over the folder")
    parser.add_argument("--json", action="store_true")
    args = parser.parse_args()
    torch.set_num_threads(1)
    painter = load(args.model, "cpu")
    files = sorted(f for f in args.folder.rglob("*") if f.suffix.lower() in READABLE)
    step = max(1, len(files) // args.count)
    rows = [row(path, painter, args.json) for path in files[::step][: args.count]]
    if not rows:
        raise SystemExit(f"there are no photographs in {args.folder}")
    result: dict[str, Any] = stamp() | {"model": args.model, "photographs": len(rows)}
    names = list(dict.fromkeys(itertools.chain(*rows)))
    columns = {name: [each[name] for each in rows if name in each] for name in names}
    result["median"] = {name: median(values) for name, values in columns.items()}
    result["mean"] = {name: mean(values) for name, values in columns.items()}
    result["of"] = {name: len(values) for name, values in columns.items()}
    result["met"] = {
        name: mean(value <= limit for value in columns[name])
        for name, (_, limit) in GOALS.items()
        if name in columns
    }
    missed = [
        name
        for name, (_, limit) in GOALS.items()
        if name in columns and result["median"][name] > limit
    ]
    if args.json:
        print(json.dumps(result | {"rows": rows, "missed": missed}, indent=1))
    else:
        show(result, missed)
    return 1 if missed else 0


def row(path: Path, painter: Painter, quiet: bool) -> dict[str, float]:
    """Every measure of one photograph; of hints only if there is a part that needs one."""
    image = read(path).image
    found = drift(image, painter)
    scale = SIDE / min(image.shape[1:])
    small = resize(image, (round(image.shape[1] * scale), round(image.shape[2] * scale)))
    small = small.clamp(0, 1)
    true, automatic = srgb_to_lab(small)[1:], colors(colorize(small, painter))
    if not torch.equal(colors(colorize(small, painter, hints=Hints())), automatic):
        raise SystemExit(f"{path}: no hint and automatic are not the same picture")
    found["error"] = float(distance(automatic, true).mean())
    if painter.takes_hints:
        found |= hinted(small, true, automatic, painter)
    if painter.bins is not None:
        found |= varied(small, true, automatic, painter)
    if not quiet:
        print(path.name, {key: round(value, 3) for key, value in found.items()}, flush=True)
    return found


def colors(image: Tensor) -> Tensor:
    return srgb_to_lab(image)[1:]  # (2, H, W)


def distance(one: Tensor, other: Tensor) -> Tensor:
    return (one - other).norm(dim=0)  # (H, W)


def drift(image: Tensor, painter: Painter) -> dict[str, float]:
    result = (colorize(image, painter) * 255).round() / 255
    change = (srgb_to_lab(result)[0] - srgb_to_lab(image)[0]).abs().flatten()
    last = change.kthvalue(max(1, round(0.999 * len(change)))).values
    return {"L* mean": float(change.mean()), "L* 99.9 %": float(last)}


def hinted(small: Tensor, true: Tensor, automatic: Tensor, painter: Painter) -> dict[str, float]:
    part = region(true, distance(automatic, true))
    if part is None:
        return {}
    inside, (y, x) = part
    height, width = inside.shape
    light = srgb_to_lab(small)[:1, y, x]
    ab = true[:, max(0, y - 2) : y + 3, max(0, x - 2) : x + 3].mean((1, 2))
    exact = lab_to_srgb(torch.cat([light, ab])[:, None, None]).clamp(0, 1).flatten()
    code = "#" + "".join(f"{round(255 * float(value)):02x}" for value in exact)
    point = Point(x=(x + 0.5) / width, y=(y + 0.5) / height, color=code)
    answer = colors(colorize(small, painter, hints=Hints(points=(point,))))
    before, after = distance(automatic, true), distance(answer, true)
    moved = distance(answer, automatic)

    def change(where: Tensor) -> float:
        return float(after[where].mean() / before[where].mean() - 1)

    return {
        "hint: part of the picture": float(inside.float().mean()),
        "hint: error inside": change(inside),
        "hint: error outside": change(~inside),
        "hint: moved outside": float(moved[~inside].mean() / before[~inside].mean()),
    }


def region(true: Tensor, error: Tensor) -> tuple[Tensor, tuple[int, int]] | None:
    """The connected part of nearly uniform true colour in which the most is wrong.

    Args:
        true: (2, H, W), a* and b*.
        error: (H, W), of the automatic colours.

    Returns:
        (H, W) bool, and the row and column deepest inside; None if no part is wrong enough.
    """
    smooth = F.avg_pool2d(F.pad(true[None], (2,) * 4, mode="replicate"), 5, 1)[0]
    height, width = error.shape
    best, chosen = 0.0, None
    taken = torch.zeros(height, width, dtype=torch.bool)
    for y, x in itertools.product(range(8, height - 8, 16), range(8, width - 8, 16)):
        seed = smooth[:, y, x]
        if taken[y, x] or seed.norm() < FAINTEST:
            continue
        alike = distance(smooth, seed[:, None, None]) <= UNIFORM
        _, labels = cv2.connectedComponents(alike.numpy().astype(np.uint8), connectivity=4)
        inside = torch.from_numpy(labels == labels[y, x])
        taken |= inside
        share, wrong = float(inside.float().mean()), float(error[inside].sum())
        if SMALLEST <= share <= LARGEST and error[inside].mean() >= LEAST and wrong > best:
            best, chosen = wrong, inside
    if chosen is None:
        return None
    framed = np.pad(chosen.numpy().astype(np.uint8), 1)
    depth = cv2.distanceTransform(framed, cv2.DIST_L2, 5)[1:-1, 1:-1]
    y, x = np.unravel_index(int(depth.argmax()), depth.shape)
    return chosen, (int(y), int(x))


def varied(small: Tensor, true: Tensor, automatic: Tensor, painter: Painter) -> dict[str, float]:
    several = [colors(image) for image in variants(small, COUNT, painter, seed=1)]
    again = colors(next(iter(variants(small, COUNT, painter, seed=1))))
    if not torch.equal(again, several[0]):
        raise SystemExit("the same seed did not give the same picture")
    errors = [float(distance(each, true).mean()) for each in several]
    pairs = itertools.combinations(several, 2)
    return {
        "best of 5 / automatic": min(errors) / float(distance(automatic, true).mean()),
        "apart": mean(float(distance(one, other).mean()) for one, other in pairs),
    }


def show(result: dict[str, Any], missed: list[str]) -> None:
    print("  ".join(str(result[key]) for key in ("date", "processor", "versions", "commit")))
    print(f"{result['photographs']} photographs, model {result['model']}")
    print(f"{'':<28}{'median':>10}{'mean':>10}{'of':>6}{'goal':>10}{'met by':>9}")
    for name, value in result["median"].items():
        sign, limit = GOALS.get(name, ("", None))
        goal = "" if limit is None else f"{sign} {limit:g}"
        met = f"{result['met'][name]:.0%}" if name in result["met"] else ""
        print(
            f"{name:<28}{value:>10.3f}{result['mean'][name]:>10.3f}{result['of'][name]:>6}"
            f"{goal:>10}{met:>9}"
        )
    print("missed: " + ", ".join(missed) if missed else "every goal is met")


if __name__ == "__main__":
    sys.exit(main())
