"""Restyled films: how much steadier than frame by frame, at what price in style and in time.

    python benchmarks/stylize_video.py FILM PAINTING                 # some 10 minutes on one core
    python benchmarks/stylize_video.py FILM PAINTING --frames 24 --size 256

Restyles the first frames of a film as `olhar stylize` does and frame by frame; then cameras that
move over a photograph, the film's first frame, where the motion is known exactly. Prints of each:

    warp     warping error: root of the mean squared difference between each picture and the one
             before fetched along the motion, where both show the same thing (of the film, where its
             flow can be trusted)
    source   the same of what was restyled: less cannot be asked for
    loss     what is minimised: 0.12 content + style, the mean over the frames
    style    style loss
    content  content loss
    cpu      processor seconds a frame; the first of the film not counted

Exits with 1 if a criterion is missed: warp at most 0.5 of frame by frame, loss and the film's style
at most 1.1, cpu at most 0.5.
"""

from __future__ import annotations

import argparse
import json
import math
import sys
import time
from itertools import islice, pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import cv2
import torch
from stamp import stamp
from torch.nn import functional as F

from olhar.media.flow import flow, occlusion, warp
from olhar.media.image import read, resize
from olhar.media.video import frames
from olhar.nets.vgg import bundled_vgg16
from olhar.stylize import Stylize
from olhar.stylize.apply import CONTENT_WEIGHT, make_objective
from olhar.stylize.film import stylize_frames
from olhar.stylize.settings import plan_levels

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from torch import Tensor

GOALS = {"warp": 0.5, "loss": 1.1, "cpu": 0.5}
FILM_STYLE = 1.1
MOTIONS = ("pan", "zoom", "turn")


def main() -> int:
    options = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    options.add_argument("film", type=Path)
    options.add_argument("painting", type=Path)
    options.add_argument("--frames", type=int, default=16, help="of the film, and of each motion")
    options.add_argument("--size", type=int, default=256)
    options.add_argument("--json", action="store_true")
    given = options.parse_args()
    torch.set_num_threads(1)
    cv2.setNumThreads(1)
    painting = read(given.painting).image
    film = [each.image for each in islice(frames(given.film), given.frames)]
    settings = Stylize(size=given.size)
    size = plan_levels(film[0], settings)[-1].size
    small = [resize(each, size) for each in film]
    ties = [_seen(b, a) for a, b in pairwise(small)]
    told: dict[str, Any] = {"film": compared(film, ties, painting, settings)}
    for motion in MOTIONS:
        moved, ties = camera(small[0], motion, given.frames)
        told[motion] = compared(moved, ties, painting, settings)
    ratios = {
        name: max(row["followed"][name] / row["alone"][name] for row in told.values())
        for name in GOALS
    }
    style = told["film"]["followed"]["style"] / told["film"]["alone"]["style"]
    met = style <= FILM_STYLE and all(ratios[name] <= goal for name, goal in GOALS.items())
    if given.json:
        print(
            json.dumps(
                {
                    **stamp(),
                    "size": size,
                    "rows": told,
                    "ratios": ratios,
                    "film_style": style,
                    "met": met,
                }
            )
        )
        return 0 if met else 1
    print(*stamp().values())
    print(f"{given.film.name} after {given.painting.name}, {size[1]} x {size[0]} pixels")
    names = ("warp", "loss", "style", "content", "cpu")
    print("".ljust(6), *(f"{name:>24}" for name in names), "  source")
    for kind, row in told.items():
        pairs = [(row["alone"][name], row["followed"][name]) for name in names]
        cells = [f"{a:.4f} -> {b:.4f} ({b / a:.2f})".rjust(24) for a, b in pairs]
        print(kind.ljust(6), *cells, f"{row['source']:8.4f}")
    for name, goal in GOALS.items():
        verdict = "met" if ratios[name] <= goal else "MISSED"
        print(f"{name}: at most {ratios[name]:.2f} of frame by frame ({goal} allowed): {verdict}")
    verdict = "met" if style <= FILM_STYLE else "MISSED"
    print(f"style of the film: {style:.2f} of frame by frame ({FILM_STYLE} allowed): {verdict}")
    return 0 if met else 1


Tie = tuple["Tensor", "Tensor"]
"""Flow back (2, H, W), and where it holds (1, H, W)."""


def compared(
    film: Sequence[Tensor], ties: Sequence[Tie], painting: Tensor, settings: Stylize
) -> dict[str, Any]:
    """Both ways of restyling a film, measured."""
    size = plan_levels(film[0], settings)[-1].size
    small = [resize(each, size) for each in film]
    objective = make_objective(bundled_vgg16("cpu"), small[0][None], [painting], settings)
    found: dict[str, Any] = {"source": unsteady(small, ties)}
    for name, steady in (("alone", 0.0), ("followed", settings.steady)):
        chosen = Stylize(size=settings.size, steady=steady)
        made: list[Tensor] = []
        begun = time.process_time()
        for picture in stylize_frames(film, painting, chosen):
            begun = begun if made else time.process_time()
            made.append(picture)
        cpu = (time.process_time() - begun) / (len(made) - 1)
        style, content = 0.0, 0.0
        with torch.no_grad():
            for frame, picture in zip(small, made, strict=True):
                objective.resemble(frame[None])
                losses = objective(picture[None])
                style += float(losses.style) / len(made)
                content += float(losses.content) / len(made)
        warped = unsteady(made, ties)
        found[name] = {
            "warp": warped,
            "loss": CONTENT_WEIGHT * content + style,
            "style": style,
            "content": content,
            "cpu": cpu,
        }
    return found


def unsteady(pictures: Iterable[Tensor], ties: Iterable[Tie]) -> float:
    """Root of the mean squared warping error."""
    errors: list[float] = []
    for (before, now), (back, holds) in zip(pairwise(pictures), ties, strict=True):
        apart = (now - warp(before, back)).square().mean(0, keepdim=True)
        errors.append(float((apart * holds).sum() / holds.sum()))
    return math.sqrt(sum(errors) / len(errors))


def _seen(now: Tensor, before: Tensor) -> Tie:
    back = flow(now, before)
    return back, (~occlusion(back, flow(before, now))).float()


def camera(photo: Tensor, motion: str, count: int) -> tuple[list[Tensor], list[Tie]]:
    """A camera that moves over a photograph: what it sees, and its exact motion."""
    height, width = photo.shape[1:]
    y, x = torch.meshgrid(torch.arange(height), torch.arange(width), indexing="ij")
    middle = torch.tensor([width - 1, height - 1])[:, None, None] / 2
    seen = torch.stack((x, y)) - middle  # (2, H, W) from the middle

    def turned(index: int) -> tuple[Tensor, Tensor]:
        along = index / max(count - 1, 1) - 0.5
        scale = 0.75 + (0.3 * along if motion == "zoom" else 0.0)
        angle = math.radians(16 * along) if motion == "turn" else 0.0
        across = 0.2 * width * along if motion == "pan" else 0.0
        cos, sin = scale * math.cos(angle), scale * math.sin(angle)
        return torch.tensor([[cos, -sin], [sin, cos]]), torch.tensor([across, 0.0])

    pictures: list[Tensor] = []
    ties: list[Tie] = []
    for index in range(count):
        matrix, shift = turned(index)
        there = torch.einsum("ij,jhw->ihw", matrix, seen) + shift[:, None, None]
        grid = (there / middle).permute(1, 2, 0)[None]
        image = F.grid_sample(photo[None], grid, "bicubic", "reflection", align_corners=True)
        pictures.append(image[0].clamp(0, 1))
        if index:
            before, moved = turned(index - 1)
            then = there - moved[:, None, None]
            then = torch.einsum("ij,jhw->ihw", before.inverse(), then)
            holds = (then.abs() <= middle).all(0, keepdim=True).float()
            ties.append((then - seen, holds))
    return pictures, ties


if __name__ == "__main__":
    sys.exit(main())
