"""Films in colour: how much steadier than frame by frame, at what price, on motion known exactly.

    python benchmarks/colorize_video.py PHOTOS MODEL            # some 5 minutes on one core
    python benchmarks/colorize_video.py PHOTOS MODEL --photos 4 --frames 12

Makes grey films of photographs (pan, zoom, turn, a thing that crosses a scene) with the grain and
the flicker of exposure of an old print, and colours them as `olhar colorize` does and frame by
frame. Prints for each motion, as ratios to frame by frame unless said otherwise:

    warp    ab warping error: mean distance in the a*b* plane between each frame and the one before
            fetched along the exact flow, where both show the same thing; first in units of a*b*
    near    the same between frames 5 apart
    start   the same within the first 4 frames
    ghosts  where a thing has just uncovered the scene: distance to the colours of the scene alone,
            over what frame by frame has there
    color   colourfulness (Hasler and Süsstrunk 2003)
    sharp   mean gradient of a* and b*
    cpu     processor seconds a frame

and how many frames change where films are joined by a cut, against each film alone. Exits with 1 if
a criterion is missed: warp at most 0.5, colourfulness at least 0.95, no frame changed by a cut.
"""

from __future__ import annotations

import argparse
import math
import sys
import time
from dataclasses import dataclass
from itertools import starmap
from pathlib import Path
from typing import TYPE_CHECKING

import cv2
import torch
from stamp import stamp
from torch import Tensor

from olhar.colorize import Colorize, colorize, load
from olhar.colorize.measures import colorfulness
from olhar.colorize.video import colorize_frames
from olhar.media.color import srgb_to_lab
from olhar.media.flow import warp
from olhar.media.image import READABLE, read, resize

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from olhar.colorize.painter import Painter

HEIGHT, WIDTH = 240, 320
GRAIN, FLICKER = 0.03, 0.05  # deviations: of a pixel, and of the exposure of a frame
RADIUS = 42.0  # of the thing that crosses
MOTIONS = ("pan", "zoom", "turn", "thing", "still")


@dataclass(frozen=True)
class Film:
    """A grey film and the truth about its motion."""

    frames: list[Tensor]  # (3, H, W) in [0, 1]
    places: list[Tensor]  # (2, 3) of each frame: pixel to a point of the scene
    things: list[tuple[float, float]]  # centre of what crosses, in pixels; empty if nothing does

    def flow(self, now: int, then: int) -> tuple[Tensor, Tensor]:
        """Exact flow from one frame to another, (2, H, W), and where it holds, (1, H, W) bool."""
        x, y = _pixels()
        one = torch.ones_like(x)
        points = torch.stack((x, y, one), -1)  # (H, W, 3)
        last = torch.tensor([[0.0, 0, 1]])
        there = torch.linalg.inv(torch.cat((self.places[then], last)).double())
        back = (there @ torch.cat((self.places[now], last)).double()).float()
        target = (points @ back.T)[..., :2].permute(2, 0, 1)  # (2, H, W)
        valid = torch.ones_like(x, dtype=torch.bool)
        if self.things:
            on = self.covered(now)
            (x0, y0), (x1, y1) = self.things[now], self.things[then]
            moved = torch.stack((x + x1 - x0, y + y1 - y0))
            off = _apart(target, self.things[then]) > RADIUS + 1
            valid = torch.where(on, _apart(torch.stack((x, y)), (x0, y0)) < RADIUS - 1, off)
            valid &= on | (_apart(torch.stack((x, y)), (x0, y0)) > RADIUS + 1)
            target = torch.where(on, moved, target)
        inside = (target >= 0).all(0) & (target[0] <= WIDTH - 1) & (target[1] <= HEIGHT - 1)
        return target - torch.stack((x, y)), (valid & inside)[None]

    def covered(self, index: int) -> Tensor:
        """(H, W) bool: where the thing is."""
        return _apart(torch.stack(_pixels()), self.things[index]) <= RADIUS


def film(motion: str, scene: Tensor, thing: Tensor, count: int, seed: int) -> Film:
    """A film of `count` frames."""
    numbers = torch.Generator().manual_seed(seed)
    grey = _grey(scene)
    height, width = scene.shape[1:]
    places: list[Tensor] = []
    things: list[tuple[float, float]] = []
    frames: list[Tensor] = []
    for index in range(count):
        along = index / max(count - 1, 1)
        scale, turn, across = 1.0, 0.0, 0.0
        if motion == "pan":
            across = (along - 0.5) * min(3.0 * count, width - WIDTH - 8)
        elif motion == "zoom":
            scale = 1.15 - 0.3 * along
        elif motion == "turn":
            turn = math.radians(16 * (along - 0.5))
        cos, sin = scale * math.cos(turn), scale * math.sin(turn)
        x0 = width / 2 + across - cos * WIDTH / 2 + sin * HEIGHT / 2
        y0 = height / 2 - sin * WIDTH / 2 - cos * HEIGHT / 2
        places.append(torch.tensor([[cos, -sin, x0], [sin, cos, y0]]))
        x, y = _pixels()
        points = torch.einsum("ij,jhw->ihw", places[-1], torch.stack((x, y, torch.ones_like(x))))
        image = _fetch(grey, points)
        if motion == "thing":
            things.append((30 + along * min(260, 4.0 * count), 120 + 30 * math.sin(3 * along)))
            own = torch.stack((x, y)) - torch.tensor(things[-1])[:, None, None]
            own += torch.tensor([thing.shape[2] / 2, thing.shape[1] / 2])[:, None, None]
            on = (RADIUS + 0.5 - _apart(torch.stack((x, y)), things[-1])).clamp(0, 1)
            image = on * _fetch(_grey(thing), own) + (1 - on) * image
        exposure = 1 + FLICKER * torch.randn(1, generator=numbers)
        grain = GRAIN * torch.randn(image.shape, generator=numbers)
        frames.append((exposure * image + grain).clamp(0, 1).expand(3, -1, -1))
    return Film(frames, places, things)


def _apart(points: Tensor, centre: tuple[float, float]) -> Tensor:
    return (points - torch.tensor(centre)[:, None, None]).norm(dim=0)


def _pixels() -> tuple[Tensor, Tensor]:
    y, x = torch.meshgrid(torch.arange(float(HEIGHT)), torch.arange(float(WIDTH)), indexing="ij")
    return x, y


def _grey(image: Tensor) -> Tensor:
    return (image * torch.tensor([0.299, 0.587, 0.114])[:, None, None]).sum(0, keepdim=True)


def _fetch(image: Tensor, points: Tensor) -> Tensor:
    """(C, h, w) at (2, H, W) points in pixels."""
    size = torch.tensor([image.shape[2], image.shape[1]])
    grid = (2 * points / (size - 1)[:, None, None] - 1).permute(1, 2, 0)[None]
    return torch.nn.functional.grid_sample(
        image[None], grid, "bicubic", "border", align_corners=True
    )[0].clamp(0, 1)


def error(colors: Sequence[Tensor], movie: Film, pairs: Sequence[tuple[int, int]]) -> float:
    """Warping error over pairs of frames (later, earlier), in units of a* and b*."""
    total: list[float] = []
    for now, then in pairs:
        flow, valid = movie.flow(now, then)
        apart = (colors[now] - warp(colors[then], flow)).norm(dim=0)[valid[0]]
        total.append(float(apart.mean()))
    return sum(total) / len(total)


def ghosts(colors: Sequence[Tensor], alone: Tensor, movie: Film, reach: int = 8) -> float:
    """Distance to the colours of the scene alone where it was covered up to `reach` frames ago."""
    total: list[float] = []
    for now in range(reach, len(colors)):
        before = torch.stack([movie.covered(now - n) for n in range(1, reach + 1)]).any(0)
        bare = before & (_apart(torch.stack(_pixels()), movie.things[now]) > RADIUS + 1)
        total.append(float((colors[now] - alone).norm(dim=0)[bare].mean()))
    return sum(total) / len(total)


def measure(
    motion: str, scenes: Sequence[Tensor], painter: Painter, settings: Colorize, count: int
) -> dict[str, tuple[float, float]]:
    """Each measure, frame by frame and carried, averaged over scenes."""
    ways: list[Callable[[list[Tensor]], list[Tensor]]] = [
        lambda frames: [colorize(frame, painter, settings) for frame in frames],
        lambda frames: list(colorize_frames(iter(frames), painter, settings)),
    ]
    found: dict[str, list[list[float]]] = {}
    for number, scene in enumerate(scenes):
        thing = scenes[(number + 1) % len(scenes)]
        movie = film(motion, scene, thing, count, number)
        alone = torch.zeros(2, HEIGHT, WIDTH)
        if motion == "thing":
            bare = film("still", scene, thing, 6, number).frames
            alone = torch.stack([srgb_to_lab(colorize(each, painter, settings))[1:]
                                 for each in bare]).mean(0)  # fmt: skip
        for way, make in enumerate(ways):
            start = time.process_time()
            images = make(movie.frames)
            cpu = (time.process_time() - start) / count
            colors = [srgb_to_lab(image)[1:] for image in images]
            values = {
                "warp": error(colors, movie, [(n, n - 1) for n in range(1, count)]),
                "near": error(colors, movie, [(n, n - 5) for n in range(5, count)]),
                "start": error(colors, movie, [(n, n - 1) for n in range(1, 4)]),
                "ghosts": ghosts(colors, alone, movie) if movie.things else math.nan,
                "color": float(colorfulness(torch.stack(images)).mean()),
                "sharp": sum(float(ab.diff(dim=2).norm(dim=0).mean()) for ab in colors) / count,
                "cpu": cpu,
            }
            for name, value in values.items():
                found.setdefault(name, [[], []])[way].append(value)
    return {
        name: (sum(each) / len(each), sum(other) / len(other))
        for name, (each, other) in found.items()
    }


def leaked(films: Sequence[Film], painter: Painter, settings: Colorize) -> int:
    """How many frames of films joined by cuts differ from those of each film alone."""
    joined = [frame for each in films for frame in each.frames]
    alone = [image for each in films
             for image in colorize_frames(iter(each.frames), painter, settings)]  # fmt: skip
    pairs = zip(colorize_frames(iter(joined), painter, settings), alone, strict=True)
    return sum(not same for same in starmap(torch.equal, pairs))


def scenes_of(folder: Path, count: int) -> list[Tensor]:
    """Colour photographs, evenly from a folder, a little larger than the films."""
    files = sorted(path for path in folder.rglob("*") if path.suffix.lower() in READABLE)
    scenes: list[Tensor] = []
    for path in files[:: max(1, len(files) // count)][:count]:
        image = read(path).image
        height, width = image.shape[1:]
        scale = max(1.2 * HEIGHT / height, 1.45 * WIDTH / width)
        scenes.append(resize(image, (round(height * scale), round(width * scale))))
    return scenes


def main() -> int:
    options = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    options.add_argument("photos", type=Path)
    options.add_argument("model", nargs="?", default="colorizer")
    options.add_argument("--count", type=int, default=8, help="how many photographs")
    options.add_argument("--frames", type=int, default=24, help="of each film")
    options.add_argument("--vivid", type=float, default=Colorize().vivid)
    chosen = options.parse_args()
    torch.set_num_threads(1)
    cv2.setNumThreads(1)
    print(*stamp().values())
    painter, settings = load(chosen.model, "cpu"), Colorize(vivid=chosen.vivid)
    scenes = scenes_of(chosen.photos, chosen.count)
    print(f"{len(scenes)} photographs, films of {chosen.frames} frames, {WIDTH} x {HEIGHT}")
    names = ("warp", "near", "start", "ghosts", "color", "sharp", "cpu")
    print("motion".ljust(8), *(f"{name:>18}" for name in names))
    rows: list[dict[str, tuple[float, float]]] = []
    for motion in MOTIONS:
        rows.append(measure(motion, scenes, painter, settings, chosen.frames))
        cells = [f"{a:.3f}->{b:.3f} {b / a:.2f}".rjust(18)
                 for a, b in (rows[-1][name] for name in names)]  # fmt: skip
        print(motion.ljust(8), *cells, flush=True)
    moving = rows[:4]
    steady = max(row["warp"][1] / row["warp"][0] for row in moving)
    color = min(row["color"][1] / row["color"][0] for row in moving)
    cuts = [film(MOTIONS[n % 5], scene, scenes[n - 1], 5 + n, n) for n, scene in enumerate(scenes)]
    changed = leaked(cuts, painter, settings)
    print(f"warping error at most {steady:.2f} of frame by frame (criterion: 0.50)")
    print(f"colourfulness at least {color:.2f} of frame by frame (criterion: 0.95)")
    print(
        f"frames changed over {len(cuts) - 1} cuts: {changed} of {sum(len(c.frames) for c in cuts)}"
    )
    return 0 if steady <= 0.5 and color >= 0.95 and not changed else 1


if __name__ == "__main__":
    sys.exit(main())
