"""How fast face swaps are learned: beside the straight way, and the presets beside each other.

    python benchmarks/faceswap.py                # goals: 1.5, 5 %, 6
    python benchmarks/faceswap.py --steps 9 --threads 2 --json

The straight way is the network of 2017 in plain PyTorch: float32, one pass and one step of Adam for
each side, mean absolute error, no mask; its batches lie ready and cost it nothing. olhar's own step
is the whole of it: batches bent, coloured and sampled, both sides at once, masks, SSIM, and the
average of the weights. Both see 16 faces of either side a step. What is timed takes turns, so that
busy neighbours hurt all alike; the medians of CPU-seconds are compared.

Exits with 1 if a goal is missed.
"""

from __future__ import annotations

import argparse
import json
import statistics
import time
from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import torch
import torch.nn.functional as F
from stamp import stamp
from torch import Tensor, nn

from olhar.data.dataset import Datasets
from olhar.faceswap.bank import Bank
from olhar.faceswap.network import PRESETS
from olhar.faceswap.pairs import Pairs
from olhar.faceswap.recipe import FaceSwap
from olhar.faceswap.warp import palette
from olhar.training.loop import Training, make_fabric

if TYPE_CHECKING:
    from collections.abc import Callable

GOALS = {"classic over straight": 1.5, "light over classic": 6.0}
MOST = {"loader's share of classic": 0.05}
BATCH, FACES = 16, 64


class Upscale(nn.Sequential):
    """Twice as large."""

    def __init__(self, channels: int, outputs: int) -> None:
        conv = nn.Conv2d(channels, 4 * outputs, 3, padding=1)
        super().__init__(conv, nn.LeakyReLU(0.1), nn.PixelShuffle(2))


class Straight(nn.Module):
    """The published network, as one writes it down."""

    def __init__(self) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        for channels, outputs in ((3, 128), (128, 256), (256, 512), (512, 1024)):
            layers += [nn.Conv2d(channels, outputs, 5, 2, 2), nn.LeakyReLU(0.1)]
        dense = [nn.Flatten(), nn.Linear(16_384, 1024), nn.Linear(1024, 16_384)]
        last = [nn.Unflatten(1, (1024, 4, 4)), Upscale(1024, 512)]
        self.encoder = nn.Sequential(*layers, *dense, *last)
        self.decoders = nn.ModuleDict({side: self._decoder() for side in "ab"})
        self.optimizers = {
            side: torch.optim.Adam(
                [*self.encoder.parameters(), *self.decoders[side].parameters()],
                lr=5e-5,
                betas=(0.5, 0.999),
            )
            for side in "ab"
        }

    def _decoder(self) -> nn.Sequential:
        ups = [Upscale(512, 256), Upscale(256, 128), Upscale(128, 64)]
        return nn.Sequential(*ups, nn.Conv2d(64, 3, 5, padding=2), nn.Sigmoid())

    def learn(self, batch: dict[str, Tensor]) -> None:
        """One step of each side."""
        for side, optimizer in self.optimizers.items():
            optimizer.zero_grad()
            made = self.decoders[side](self.encoder(batch[side]))
            F.l1_loss(made, batch[f"{side}_face"]).backward()
            optimizer.step()


def ours(preset: str) -> Training:
    """The whole of a training by olhar, on noise."""
    nowhere = Path()
    recipe = FaceSwap(a=nowhere, b=nowhere, preset=preset, batch_size=BATCH).resolve("cpu")
    size = PRESETS[preset]["size"]
    data = Pairs(bank(size, 0), bank(size, 1), size, recipe.variety(), 0)
    both = Datasets(train=data, validation=data)
    return Training(recipe, make_fabric("cpu", recipe.precision), both)


def bank(size: int, seed: int) -> Bank:
    """Faces that are noise: 5 planes of 8 bits."""
    side = 2 * round(size * 2 / 3)
    generator = torch.Generator().manual_seed(seed)
    pixels = torch.randint(0, 256, (FACES, 5, side, side), dtype=torch.uint8, generator=generator)
    colors = palette(pixels[:, :3] / 255, pixels[:, 3:4] / 255)
    return Bank(pixels, np.linspace(-30, 30, FACES), colors)


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--steps", type=int, default=7)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--json", action="store_true")
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    torch.manual_seed(0)
    straight, classic, light = Straight(), ours("classic"), ours("light")
    batch = classic.datasets.train.batch(np.arange(BATCH), epoch=0)
    timed: dict[str, Callable[[int], object]] = {
        "straight": lambda _: straight.learn(batch),
        "classic": classic.learn,
        "light": light.learn,
        "classic's batch": lambda step: classic.datasets.train.batch(np.arange(16), epoch=step),
        "light's batch": lambda step: light.datasets.train.batch(np.arange(16), epoch=step),
    }
    spent: dict[str, list[float]] = defaultdict(list)
    for step in range(args.steps + 1):
        for name, work in timed.items():
            began = time.process_time()
            work(step)
            spent[name].append(time.process_time() - began)
    cost = {name: statistics.median(each[1:]) for name, each in spent.items()}  # the first warms up
    found = {
        "classic over straight": cost["straight"] / cost["classic"],
        "light over classic": cost["classic"] / cost["light"],
        "loader's share of classic": cost["classic's batch"] / cost["classic"],
        "loader's share of light": cost["light's batch"] / cost["light"],
    }
    met = {goal: found[goal] >= least for goal, least in GOALS.items()}
    met |= {goal: found[goal] <= most for goal, most in MOST.items()}
    report = {**stamp(), "threads": args.threads, "precision": classic.recipe.precision}
    report |= {"CPU-seconds": cost, **found, "met": met}
    if args.json:
        print(json.dumps(report, indent=2))
    else:
        for name, value in cost.items():
            print(f"{name:<28}{value:8.3f} CPU-s")
        for name, value in found.items():
            print(f"{name:<28}{value:8.3f}")
        print(f"{report['processor']}, {report['date']}, {report['commit']}, {report['precision']}")
        print(
            "missed: " + ", ".join(k for k, v in met.items() if not v)
            if not all(met.values())
            else "all met"
        )
    return 0 if all(met.values()) else 1


if __name__ == "__main__":
    raise SystemExit(main())
