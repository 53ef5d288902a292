"""A style that was learned, against the optimisation that it stands for: loss, time, steadiness.

    olhar train stylizer PHOTOS --style PAINTING -o RUN
    python benchmarks/stylizer.py RUN PAINTING CONTENTS FILM         # some 10 minutes on one core

RUN is of that painting. The first pictures of the folder CONTENTS are restyled at 512 pixels in one
pass and by `olhar stylize` with its defaults; the first frames of FILM as a film in one pass each,
and optimised one by one. Prints of each, as means:

    loss     what both minimise: 0.12 content + style
    style    style loss
    content  content loss
    cpu      processor seconds a picture
    warp     of the film: root of the mean squared difference between each picture and the one
             before fetched along the motion, in [0, 1]; beside that of the film itself

Exits with 1 if a criterion is missed: loss at most 1.5 of the optimisation, cpu at most 1/50, warp
at most 0.5 of frames that are optimised one by one.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from itertools import islice, pairwise
from pathlib import Path
from statistics import mean
from typing import TYPE_CHECKING, Any

import cv2
import torch
from stamp import stamp
from stylize_video import _seen, unsteady

from olhar.media.image import READABLE, read, resize
from olhar.media.video import frames
from olhar.nets.vgg import bundled_vgg16
from olhar.stylize import Stylize, stylize
from olhar.stylize.apply import make_objective
from olhar.stylize.film import stylize_frames
from olhar.stylize.learned import load
from olhar.stylize.settings import plan_levels

if TYPE_CHECKING:
    from collections.abc import Callable

    from torch import Tensor

    Way = Callable[[Tensor], Tensor]

GOALS = {"loss": 1.5, "cpu": 0.02, "warp": 0.5}


def main() -> int:
    options = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    options.add_argument("run", help="or the name of one that comes with olhar")
    options.add_argument("painting", type=Path)
    options.add_argument("contents", type=Path)
    options.add_argument("film", type=Path)
    options.add_argument("--pictures", type=int, default=6)
    options.add_argument("--frames", type=int, default=6)
    options.add_argument("--size", type=int, default=512)
    options.add_argument("--json", action="store_true")
    given = options.parse_args()
    torch.set_num_threads(1)
    cv2.setNumThreads(1)
    painting, network = read(given.painting).image, load(given.run)
    ways: dict[str, Way] = {
        "optimised": lambda image: stylize(image, painting, size=given.size),
        "learned": lambda image: stylize(image, network, size=given.size),
    }
    paths = sorted(p for p in given.contents.iterdir() if p.suffix.lower() in READABLE)
    photos = [read(path).image for path in paths[: given.pictures]]
    film = [each.image for each in islice(frames(given.film), given.frames)]
    size = plan_levels(film[0], Stylize(size=given.size))[-1].size
    small = [resize(each, size) for each in film]
    ties = [_seen(b, a) for a, b in pairwise(small)]
    rows: dict[str, dict[str, Any]] = {}
    for name, way in ways.items():
        way(photos[0])  # what is built once
        rows[name] = pictures(photos, way, painting, given.size)
        rows[name]["warp"] = unsteady([way(each) for each in film], ties)
    held = Stylize(size=given.size)
    begun = time.process_time()
    rows["learned"]["warp"] = unsteady(stylize_frames(film, network, held), ties)
    a_frame = (time.process_time() - begun) / len(film)
    ratios = {name: rows["learned"][name] / rows["optimised"][name] for name in GOALS}
    source = unsteady(small, ties)
    met = all(ratios[name] <= goal for name, goal in GOALS.items())
    if given.json:
        told = {"rows": rows, "ratios": ratios, "source": source, "frame": a_frame, "met": met}
        print(json.dumps({**stamp(), "size": given.size, **told}))
        return 0 if met else 1
    print(*stamp().values())
    print(f"{len(photos)} photographs after {given.painting.name}, {given.size} pixels")
    print("".ljust(10), *(f"{name:>10}" for name in rows["learned"]))
    for name, row in rows.items():
        print(name.ljust(10), *(f"{value:10.4f}" for value in row.values()))
    print(f"the film itself: warp {source:.4f}; learned: {a_frame:.2f} CPU-seconds a frame")
    for name, goal in GOALS.items():
        verdict = "met" if ratios[name] <= goal else "MISSED"
        print(f"{name}: {ratios[name]:.3f} of the optimisation ({goal} allowed): {verdict}")
    return 0 if met else 1


def pictures(photos: list[Tensor], way: Way, painting: Tensor, size: int) -> dict[str, Any]:
    """What a way makes of photographs, measured."""
    rows: list[dict[str, float]] = []
    for photo in photos:
        begun = time.process_time()
        made = way(photo)
        cpu = time.process_time() - begun
        content = resize(photo, (made.shape[1], made.shape[2]))[None]
        judge = make_objective(
            bundled_vgg16("cpu"), content, [painting], Stylize(size=size, smooth=0)
        )
        with torch.no_grad():
            loss = judge((made[None] * 255).round() / 255)
        row = {"loss": loss.total, "style": loss.style, "content": loss.content, "cpu": cpu}
        rows.append({name: float(value) for name, value in row.items()})
    return {name: mean(row[name] for row in rows) for name in rows[0]}


if __name__ == "__main__":
    sys.exit(main())
