"""Which number format and layout a training step is fastest in, and whether olhar chose it.

    python benchmarks/training.py [--json]

CPU-seconds (or, on a GPU, seconds) of one thread for whole steps of the loop on 32 x 32 pictures,
in batches of the default size: the plain float32 loop is the baseline, the others are ratios to it,
larger is faster. Each architecture is measured in turns, so that a busy machine slows all alike.
bf16 with channels_last is what `precision="auto"` chooses where the hardware multiplies bfloat16;
elsewhere it must not.

On an AMD EPYC with avx512_bf16 it is chosen, and 2.2 times (resnet) and 2.1 times (cnn) as fast as
the baseline (25 November 2026, a busy machine). In batches of 32 it is 2.0 and 1.9 times: what
costs the same however few the pictures, the optimiser and the last layers' many filters, weighs
more there, and gains less.
"""

import argparse
import json
import time
from collections.abc import Iterable
from dataclasses import dataclass
from statistics import median
from typing import Any, ClassVar

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from olhar.classify.network import Predictor
from olhar.data.dataset import Batch, Datasets, Tensors
from olhar.training.loop import Training, make_fabric
from olhar.training.machine import choose_device, describe
from olhar.training.recipe import Losses, Metrics, Recipe

SETTINGS = (
    ("float32", "contiguous"),
    ("float32", "channels_last"),
    ("bf16", "contiguous"),
    ("bf16", "channels_last"),
)


@dataclass(frozen=True, kw_only=True)
class Steps(Recipe):
    """Noise to ten classes: the work of a training without its data."""

    kind: ClassVar[str] = "steps"
    architecture: str = "resnet"

    def datasets(self) -> Datasets:
        pictures = Tensors(
            image=torch.rand(4 * self.batch_size, 3, 32, 32),
            target=torch.arange(4 * self.batch_size) % 10,
        )
        return Datasets(train=pictures, validation=pictures)

    def network(self, datasets: Datasets) -> nn.Module:  # noqa: ARG002
        return Predictor(self.architecture, task="class", outputs=10, size=(32, 32))

    def loss(self, network: Any, batch: Batch) -> Losses:
        return {"loss": F.cross_entropy(network(batch["image"]).float(), batch["target"])}

    def evaluate(
        self, network: Any, batches: Iterable[Batch], *, thorough: bool = False
    ) -> Metrics:
        raise NotImplementedError

    def show(self, network: Any, batch: Batch) -> Tensor:
        raise NotImplementedError


def measure(architecture: str, device: str, rounds: int) -> dict[str, float]:
    """Seconds of a step in each setting."""
    clock = time.process_time if device == "cpu" else time.perf_counter
    trainings = {
        f"{precision} {layout}": Training(
            Steps(architecture=architecture, precision=precision, layout=layout),
            make_fabric(device, precision),
        )
        for precision, layout in SETTINGS
    }
    seconds: dict[str, list[float]] = {name: [] for name in trainings}
    for turn in range(rounds + 1):
        for name, training in trainings.items():
            start = clock()
            losses, _ = training.learn(turn)
            losses["loss"].item()
            if turn:  # the first warms up
                seconds[name].append(clock() - start)
    return {name: median(values) for name, values in seconds.items()}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--rounds", type=int, default=5, help="steps of each setting [5]")
    parser.add_argument("--device", default="auto", help="auto, cpu, cuda or mps [auto]")
    options = parser.parse_args()
    torch.set_num_threads(1)
    device = choose_device(options.device)
    chosen = Steps().resolve(device)
    automatic = f"{chosen.precision} {chosen.layout}"
    result: dict[str, Any] = {"machine": describe(device, 1), "chosen": automatic, "ratios": {}}
    for architecture in ("resnet", "cnn"):
        seconds = measure(architecture, device, options.rounds)
        plain = seconds["float32 contiguous"]
        result["ratios"][architecture] = {name: plain / value for name, value in seconds.items()}
    if options.json:
        print(json.dumps(result, indent=2))
        return
    print(f"{device}, {result['machine']['capability'] or result['machine']['name']}")
    for architecture, ratios in result["ratios"].items():
        for name, ratio in ratios.items():
            print(f"{architecture:8} {name:24} {ratio:5.2f}{'  chosen' * (name == automatic)}")


if __name__ == "__main__":
    main()
