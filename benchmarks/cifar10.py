"""CIFAR-10 learned in minutes of a CPU, through olhar's own loop.

    python benchmarks/cifar10.py DATA                        # goal: 90 % within 1,800 CPU-seconds
    python benchmarks/cifar10.py DATA --goal 93              # within 4,800, with what lite0 knows
    python benchmarks/cifar10.py DATA --goal 93 --from-nothing
    python benchmarks/cifar10.py DATA --members 4            # four networks vote
    python benchmarks/cifar10.py DATA --device cuda

DATA is `cifar10_jpeg.npz` (its pictures as JPEG files), a folder with it, or the official binary
version (`data_batch_1.bin` to `test_batch.bin`). All 50,000 training pictures are learned from, in
one go and with nothing chosen on the way; the 10,000 test pictures are looked at once, after the
last step, in six views each, as the paper does: as it is, moved by a pixel up left and down right,
and all three mirrored. Their logits are added, those of the first with twice the weight of the
moved ones. What the first view alone gives is told beside.

What counts is the CPU-seconds of this process on all its threads, from the import of torch to the
test accuracy: whitening, training, states and the log on disk, all six views. The decoding of the
pictures does not. CPU-seconds are worth the same only on cores that nobody else keeps busy: a
neighbour in their caches, or on the other half of a core, doubles them.

Measured on 26 and 27 November 2026 (AMD EPYC with avx512_bf16, one thread, beside neighbours):

    8 epochs, from nothing                       90.67 %, by one view 89.51 %    1,045 CPU-seconds
    20 epochs, wider, moved further, erased      91.54 %, by one view 90.55 %    3,882 CPU-seconds
    9 epochs of lite0                            93.13 %, by one view 92.33 %    3,660 CPU-seconds

The last begins with the encoder of the bundled colorizer, which has seen ImageNet and photographs;
so 93 % is reached by transfer, and not from nothing: there a network 1.7 times as large, two and a
half times the epochs and more varied pictures bring less than a point. The small recipe, written
down straight in plain PyTorch, has 91.04 % (89.78 % by one view; 96 % of its last training
batches), so the loop is not what is missing. That is in the pictures, which were saved as JPEG of
quality 75 with half the resolution of colours. On an NVIDIA H200 the straight loop learned them by
20 other recipes. Those that cost as much as 36 epochs of the small network, or 4,800 CPU-seconds,
had 90.4 to 92.0 %: wider, with three convolutions in a block and a way around them, with hidden
rectangles, pictures mixed, targets less smooth, slower rates, lower resolutions first. A network of
the kind known for 96 % on the pictures as published had 92.4 %, at 4.2 times that cost; a ResNet-18
91.8 % at 5.3 times. So JPEG takes 3.4 points from the small one (94 % as published) and 3.6 from
that. None of them was taken over: they were measured on the test pictures. On that GPU this
script has 90.89 % in 14 s, and 92.22 % in 21 by what took 3,882 above.

One seed each. The published settings of the first recipe were taken over after a straight run had
been seen to do better on the test pictures than ours before; nothing else was chosen by them.
"""

from __future__ import annotations

import os

os.environ.setdefault("THP_MEM_ALLOC_ENABLE", "1")  # torch asks for huge pages: fewer page faults

import argparse
import hashlib
import io
import json
import sys
import tempfile
import time
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Literal, NamedTuple, cast

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image
from stamp import stamp
from torch import Tensor, nn

from olhar.classify.network_fast import Fast
from olhar.classify.network_lite0 import Lite
from olhar.data.augment import Augment
from olhar.data.dataset import Datasets
from olhar.data.images import Images
from olhar.media.files import atomic
from olhar.nets.blocks import Normalize
from olhar.training.events import Started, Stepped
from olhar.training.fit import fit
from olhar.training.recipe import Group, Losses, Metrics, Recipe

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    from olhar.data.dataset import Batch

CLASSES = ("airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck")
LIMITS = {90: 1800, 93: 4800}
"""Percent to CPU-seconds."""
KNOWING = 93
"""The goal for which a network may know photographs already."""
WIDER: dict[str, Any] = {"epochs": 20, "widths": (96, 320, 320), "shift": 4, "erase": 0.5}


class Split(NamedTuple):
    """Pictures in memory, as `Images` asks for them."""

    pictures: NDArray[np.uint8]
    """(N, 32, 32, 3)."""
    targets: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.targets)

    def rows(self, indices: NDArray[np.int64]) -> NDArray[np.uint8]:
        return self.pictures[indices]


@dataclass(frozen=True, kw_only=True)
class Cifar(Recipe):
    """A small fast network, few and large steps (Jordan 2024, arXiv 2404.00498; Muon)."""

    kind: ClassVar[str] = "benchmark-cifar10"
    heard: ClassVar[list[Tensor]] = []
    """(N, 2, 10) logits of test pictures: over all views, and of the first alone"""

    data: Path
    epochs: int = 8
    batch_size: int = 2000
    optimizer: Literal["adamw", "sgd", "muon"] = "muon"
    learning_rate: float = 0.24
    momentum: float = 0.6
    weight_decay: float = 0.0
    schedule: Literal["cosine", "onecycle", "linear", "constant"] = "linear"
    warmup: float = 0.0
    clip: float = 0.0
    evaluate_every: int = 1_000_000
    layout: Literal["auto", "contiguous", "channels_last"] = "channels_last"
    widths: tuple[int, ...] = (64, 256, 256)
    pad: bool = False
    """give Winograd's convolution whole tiles: pays in float32 alone"""
    offsets_rate: float = 440.0
    """of batch normalisation's offsets, times the learning rate"""
    head_rate: float = 7.0
    """of the last layer, times the learning rate"""
    inertia: float = 0.85
    """momentum of offsets and the last layer"""
    smoothing: float = 0.2
    """how much of the target is spread evenly over all classes"""
    shift: int = 2
    """pixels that a picture moves by, at most"""
    erase: float = 0.0
    """how often a rectangle of a picture is hidden"""

    def datasets(self) -> Datasets:
        train, test = read(self.data)
        augment = Augment(mirror="alternate", shift=self.shift, erase=self.erase)
        content = hashlib.sha256(train.pictures.tobytes() + test.pictures.tobytes())
        return Datasets(
            train=_images(train, augment, self.seed),
            validation=_images(Split(train.pictures[:500], train.targets[:500])),  # the loop's due
            test=_images(test),
            classes=CLASSES,
            described=f"CIFAR-10, {len(train):,} pictures",
            fingerprint=content.hexdigest(),
        )

    def network(self, datasets: Datasets) -> nn.Module:
        assert isinstance(datasets.train, Images)
        mean, deviation = (cast("list[float]", v.tolist()) for v in datasets.train.statistics())
        network = Network(mean, deviation, self.widths, self.pad)
        some = datasets.train.batch(np.arange(min(5000, len(datasets.train))))["image"]
        network.body.whiten(network.normalize(some))
        return network

    def parameter_groups(self, network: Network) -> Sequence[Group]:
        body: list[nn.Parameter] = list(network.body.parameters())
        return [
            Group([p for p in body if p.ndim == 4]),
            Group([p for p in body if p.ndim == 1], rate=self.offsets_rate, momentum=self.inertia),
            Group(
                [p for p in body if p.ndim == 2],
                rate=self.head_rate,
                momentum=self.inertia,
                orthogonal=False,
            ),
        ]

    def loss(self, network: Network, batch: Batch) -> Losses:
        logits = network(batch["image"]).float()
        return {"loss": F.cross_entropy(logits, batch["target"], label_smoothing=self.smoothing)}

    def step(self, network: Network, batch: Batch, optimizers: Any) -> Losses:
        losses = super().step(network, batch, optimizers)
        network.body.normalize_weights()
        return losses

    def evaluate(
        self, network: Network, batches: Iterable[Batch], *, thorough: bool = False
    ) -> Metrics:
        right: list[Tensor] = []
        for batch in batches:
            images, target = batch["image"], batch["target"]
            logits = network(images).float()
            right.append(logits.argmax(1) == target)
            if thorough:
                views = 2 * (logits + network(images.flip(3)))
                around = F.pad(images, (1, 1, 1, 1), "reflect")
                for moved in (around[..., 2:, 2:], around[..., :-2, :-2]):
                    views = views + network(moved) + network(moved.flip(3))
                self.heard.append(torch.stack([views, logits], 1).cpu())
        return {"accuracy": torch.cat(right).float().mean().item()}

    def score(self, metrics: Metrics) -> float:
        return metrics["accuracy"]

    def show(self, network: Network, batch: Batch) -> Tensor:  # noqa: ARG002
        return torch.cat([*batch["image"][:8]], 2)


class Network(nn.Module):
    """`Fast` after normalisation."""

    def __init__(
        self, mean: Sequence[float], deviation: Sequence[float], widths: Sequence[int], pad: bool
    ) -> None:
        super().__init__()
        sizes = {"widths": [*widths], "pad": pad}
        self.arguments = {"mean": [*mean], "deviation": [*deviation], **sizes}
        self.normalize = Normalize(mean, deviation)
        self.body = Fast(len(CLASSES), (32, 32), widths=widths, pad=pad)

    def forward(self, images: Tensor) -> Tensor:
        """(N, 3, 32, 32) in [0, 1] -> (N, 10) logits."""
        return self.body(self.normalize(images))


@dataclass(frozen=True, kw_only=True)
class Knowing(Cifar):
    """EfficientNet-Lite0 that has seen photographs before; nothing of it is frozen."""

    kind: ClassVar[str] = "benchmark-cifar10-lite0"

    epochs: int = 9
    batch_size: int = 125
    optimizer: Literal["adamw", "sgd", "muon"] = "adamw"
    learning_rate: float = 7e-4
    weight_decay: float = 0.05
    schedule: Literal["cosine", "onecycle", "linear", "constant"] = "cosine"
    warmup: float = 0.05
    clip: float = 1.0
    smoothing: float = 0.1
    shift: int = 3
    erase: float = 0.3

    def network(self, datasets: Datasets) -> nn.Module:  # noqa: ARG002
        return Known()

    def parameter_groups(self, network: Known) -> Sequence[Group]:  # type: ignore[override]
        known = {id(parameter) for parameter in network.body.model.parameters()}
        parameters = [*network.parameters()]
        return [
            Group([p for p in parameters if id(p) in known], rate=0.7),
            Group([p for p in parameters if id(p) not in known], rate=2.0),
        ]

    def step(self, network: Any, batch: Batch, optimizers: Any) -> Losses:
        return Recipe.step(self, network, batch, optimizers)


class Known(nn.Module):
    """`Lite`, which enlarges pictures to 96 x 96."""

    def __init__(self) -> None:
        super().__init__()
        self.arguments: dict[str, Any] = {}
        self.body = Lite(len(CLASSES), (32, 32), pretrained=True)

    def forward(self, images: Tensor) -> Tensor:
        """(N, 3, 32, 32) in [0, 1] -> (N, 10) logits."""
        return self.body(images)


def _images(split: Split, augment: Augment | None = None, seed: int = 0) -> Images:
    return Images(
        split,
        np.arange(len(split)),
        split.targets,
        classes=len(CLASSES),
        size=32,
        augment=augment,
        seed=seed,
    )


@cache
def read(data: Path) -> tuple[Split, Split]:
    """The training and the test pictures."""
    packed = data / "cifar10_jpeg.npz" if data.is_dir() else data
    if not packed.is_file():
        batches = [data / f"data_batch_{number}.bin" for number in range(1, 6)]
        return _records(batches), _records([data / "test_batch.bin"])
    with np.load(packed) as arrays:
        return _jpegs(arrays, "train"), _jpegs(arrays, "test")


def _records(files: Sequence[Path]) -> Split:
    """The official binary version: a byte of class, then red, green and blue planes."""
    records = np.concatenate([np.fromfile(f, np.uint8).reshape(-1, 1 + 3 * 32 * 32) for f in files])
    pictures = records[:, 1:].reshape(-1, 3, 32, 32).transpose(0, 2, 3, 1)
    return Split(np.ascontiguousarray(pictures), records[:, 0].astype(np.int64))


def _jpegs(arrays: Any, split: str) -> Split:
    """JPEG files one after the other, and where each begins."""
    stream, starts = arrays[f"{split}_jpeg"].tobytes(), arrays[f"{split}_offsets"]
    pictures = [
        np.asarray(Image.open(io.BytesIO(stream[start:end])).convert("RGB"))
        for start, end in pairwise(starts)
    ]
    return Split(np.stack(pictures), arrays[f"{split}_labels"].astype(np.int64))


def main() -> int:
    options = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    options.add_argument("data", type=Path, help="the .npz file or the folder of .bin files")
    options.add_argument("--goal", type=int, choices=LIMITS, default=90, help="percent")
    options.add_argument("--epochs", type=int, help="other than the goal's")
    options.add_argument("--members", type=int, default=1, help="how many networks vote")
    options.add_argument("--from-nothing", action="store_true", help="for 93 too")
    options.add_argument("--seed", type=int, default=0)
    options.add_argument("--threads", type=int, default=1, help="fewest CPU-seconds with 1")
    options.add_argument("--device", default="auto", help="cpu, cuda or mps")
    options.add_argument("--run", type=Path, help="a folder to keep, and to go on in if killed")
    options.add_argument("--json", action="store_true", help="print one JSON object")
    given = options.parse_args()
    torch.set_num_threads(given.threads)
    made: type[Cifar] = Knowing if given.goal == KNOWING and not given.from_nothing else Cifar
    choices = WIDER if given.goal == KNOWING and made is Cifar else {}
    if given.epochs:
        choices = choices | {"epochs": given.epochs}
    before = time.process_time()
    read(given.data)
    decoding = time.process_time() - before
    recipes = [made(data=given.data, seed=given.seed + n, **choices) for n in range(given.members)]
    with tempfile.TemporaryDirectory() as temporary:
        outcome = measure(recipes, given.run or Path(temporary), given.device)
    outcome["cpu_seconds"] = time.process_time() - decoding
    outcome |= {"goal": given.goal / 100, "limit": LIMITS[given.goal], "threads": given.threads}
    print(json.dumps(outcome) if given.json else report(outcome))
    quick = outcome["device"] != "cpu" or outcome["cpu_seconds"] <= outcome["limit"]
    return 0 if quick and outcome["accuracy"] >= outcome["goal"] else 1


def measure(recipes: Sequence[Cifar], folder: Path, device: str) -> dict[str, Any]:
    """Train each, and test once: by the sum of the logits of all."""
    clock = time.perf_counter()
    target = torch.from_numpy(read(recipes[0].data)[1].targets)
    votes = torch.zeros(len(target), 2, len(CLASSES))
    found: dict[str, Any] = {"alone": []}
    for number, recipe in enumerate(recipes, 1):
        logits = voted(recipe, folder, f"{number} of {len(recipes)}", device, found)
        votes += logits
        found["alone"].append((logits[:, 0].argmax(1) == target).float().mean().item())
    right = (votes.argmax(2) == target[:, None]).float().mean(0)
    seconds = time.perf_counter() - clock
    return {
        **stamp(),
        **found,
        "accuracy": right[0].item(),
        "one_view": right[1].item(),
        "seconds": seconds,
    }


def voted(recipe: Cifar, folder: Path, which: str, device: str, found: dict[str, Any]) -> Tensor:
    """Train one, and return its logits of the test pictures; what was told stands in `found`."""
    run = folder / f"seed-{recipe.seed}"
    kept = run / "logits.npy"
    recipe.heard.clear()
    for event in fit(recipe, run, device=device, save_every=300, test=not kept.exists()):
        if isinstance(event, Started):
            if event.machine["device"] != "cpu":
                found["processor"] = event.machine["name"]
            found["resumed"] = found.get("resumed", False) or event.step > 0
            found |= {"device": event.machine["device"], "precision": event.recipe.precision}
            found |= {"epochs": recipe.epochs, "steps": event.steps}
        if isinstance(event, Stepped) and event.step % 10 == 0:
            told = f"{which}: step {event.step} of {found['steps']}"
            told += f", loss {event.losses['loss']:.3f}, {time.process_time():.0f} CPU-s"
            print(told, file=sys.stderr, flush=True)
    if not kept.exists():
        if not recipe.heard:
            raise SystemExit(f"{run} ended just before it was tested; delete it and run this again")
        with atomic(kept) as temporary, temporary.open("wb") as file:
            np.save(file, torch.cat(recipe.heard).numpy())
    return torch.from_numpy(np.load(kept))


def report(outcome: dict[str, Any]) -> str:
    versions = ", ".join(f"{name} {version}" for name, version in outcome["versions"].items())
    accuracy, goal = f"{outcome['accuracy']:.2%}", f"{outcome['goal']:.0%}"
    view = f"by one view {outcome['one_view']:.2%}, {outcome['precision']}"
    took, limit = f"{outcome['cpu_seconds']:,.0f}", f"{outcome['limit']:,}"
    clock, threads = f"{outcome['seconds']:,.0f} s", outcome["threads"]
    count = len(outcome["alone"])
    lines = [
        f"{outcome['date']}  {outcome['processor']}  {versions} {outcome['commit']}",
        f"test accuracy {accuracy} after {outcome['epochs']} epochs (goal: {goal}), {view}",
        f"{took} CPU-seconds (goal: {limit}), {clock} by the clock, threads: {threads}",
    ]
    if count > 1:
        each = ", ".join(f"{accuracy:.2%}" for accuracy in outcome["alone"])
        lines.insert(2, f"that is {count} networks together; each alone {each}")
    if outcome["resumed"]:
        lines.append("(of this process alone, which went on with what an earlier one had begun)")
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
