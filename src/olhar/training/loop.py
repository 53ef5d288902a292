"""What a training holds while it runs, and the one step that everything in olhar learns by."""

from __future__ import annotations

import atexit
import logging
import os
from datetime import timedelta
from typing import TYPE_CHECKING, Any, cast

import numpy as np
import torch
from torch import Tensor, nn

from olhar.data.random import uniform
from olhar.errors import OlharError
from olhar.nets.precision import exact
from olhar.training import checkpoint
from olhar.training.average import Average
from olhar.training.optimizer import Optimizer
from olhar.training.recipe import Recipe
from olhar.training.schedule import factor
from olhar.training.summary import Summary, summarize

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lightning_fabric import Fabric

    from olhar.data.dataset import Batch, Datasets
    from olhar.training.recipe import Group, Losses, Phase

_PATIENCE = timedelta(days=1)
"""How long processes wait for the first, which evaluates alone; if one dies, torchrun ends all."""
_PRECISION: dict[str, Any] = {"float32": "32-true", "bf16": "bf16-mixed", "fp16": "16-mixed"}


def make_fabric(device: str, precision: str) -> Fabric:
    """Device, number format and, under `torchrun`, the other processes."""
    from lightning_fabric import Fabric
    from lightning_fabric.strategies.ddp import DDPStrategy

    logging.getLogger("lightning_fabric").setLevel(logging.WARNING)
    processes = int(os.environ.get("LOCAL_WORLD_SIZE", "1"))
    nodes = int(os.environ.get("GROUP_WORLD_SIZE", "1"))
    together = "WORLD_SIZE" in os.environ and int(os.environ["WORLD_SIZE"]) > 1
    if device == "cuda" and processes > torch.cuda.device_count():
        raise OlharError(
            f"torchrun began {processes} processes here, each of which wants a GPU, and there are "
            f"{torch.cuda.device_count()}; give it --nproc-per-node={torch.cuda.device_count()}"
        )
    fabric = Fabric(
        accelerator=device,
        devices=processes,
        num_nodes=nodes,
        strategy=DDPStrategy(timeout=_PATIENCE) if together else "auto",
        precision=_PRECISION[precision],
    )
    fabric.launch()
    if together:
        atexit.register(_leave)
    return fabric


def _leave() -> None:
    """End the group of processes while its threads still live, or one of them may abort."""
    if torch.distributed.is_initialized():
        torch.distributed.destroy_process_group()


class Training:
    """Data, network, optimisers and average of one recipe on one device.

    Args:
        recipe: resolved.
        fabric: where it runs.
        data: instead of the recipe's own.

    Raises:
        OlharError: if there is less data than processes, or the recipe contradicts itself.
    """

    def __init__(self, recipe: Recipe, fabric: Fabric, data: Datasets | None = None) -> None:
        self.recipe = recipe
        self.fabric = fabric
        self.datasets: Datasets = data or recipe.datasets()
        self.phases: Sequence[Phase] = recipe.phases()
        torch.manual_seed(recipe.seed)  # initial weights are a function of the seed
        network: Any = recipe.network(self.datasets).to(fabric.device)
        channels_last = recipe.layout == "channels_last"
        self._format = torch.channels_last if channels_last else torch.contiguous_format
        self.network = cast("nn.Module", network.to(memory_format=self._format))
        groups: dict[str, list[Group]] = {}
        for group in recipe.parameter_groups(self.network):
            groups.setdefault(group.optimizer, []).append(group)
        self.optimizers = {name: Optimizer(recipe, parts, fabric) for name, parts in groups.items()}
        if len(self.optimizers) > 1 and type(recipe).step is Recipe.step:
            raise OlharError(
                f"the groups of {recipe.kind} name optimisers {' and '.join(self.optimizers)}; "
                "with more than one, override step to say what each minimises"
            )
        self.average = Average(self.network, recipe.ema) if recipe.ema else None
        self._order: tuple[int, Any] = (-1, None)
        examples, per_step = len(self.datasets.train), recipe.batch_size * fabric.world_size
        per_step *= recipe.accumulate
        self.steps_per_epoch = -(-examples // per_step)
        self.steps = self.steps_per_epoch * sum(phase.epochs for phase in self.phases)
        if examples < recipe.accumulate * fabric.world_size:
            raise OlharError(
                f"there are {examples} examples to train on, for {fabric.world_size} processes "
                f"and {recipe.accumulate} batches per step; each needs one at least"
            )

    @property
    def best(self) -> nn.Module:
        """The network that is evaluated and saved: the average if there is one."""
        return self.average.network if self.average else self.network

    def phase(self, step: int) -> tuple[Phase, int, int]:
        """The phase of a step, the step inside of it, and how many it has."""
        for phase in self.phases:
            steps = phase.epochs * self.steps_per_epoch
            if step < steps:
                return phase, step, steps
            step -= steps
        raise AssertionError("a step after the last")

    def learn(self, step: int, scale: float = 1.0) -> tuple[Losses, float]:
        """One step: forward, loss, backward, clip, step, average.

        Args:
            step: from 0; with the seed it decides everything that is random.
            scale: of the learning rate, below 1 after a roll-back.

        Returns:
            The losses of this process, of all its batches and by its share of the step, so that
            their mean over processes is that over examples; and the learning rate.
        """
        phase, inside, steps = self.phase(step)
        rate = self.recipe.learning_rate * phase.rate * factor(self.recipe, inside, steps) * scale
        self._prepare(phase, rate)
        torch.manual_seed(self._seed("step", step, self.fabric.global_rank))
        totals: Losses = {}
        for part in range(self.recipe.accumulate):
            batch, share = self._batch(step, part)
            for optimizer in self.optimizers.values():
                optimizer.share = share
                optimizer.step_now = part == self.recipe.accumulate - 1
            with self.fabric.autocast(), exact(self.fabric.device):
                losses = self.recipe.step(self.network, batch, self.optimizers)
            for name, loss in losses.items():
                totals[name] = totals.get(name, 0) + loss.detach() * share
        if self.average:
            self.average.update(self.network, step)
        return totals, rate

    def _prepare(self, phase: Phase, rate: float) -> None:
        """Freeze what the phase freezes, and set the rates; what no group names stays as it is."""
        self.network.train()
        trained = {id(p) for optimizer in self.optimizers.values() for p in optimizer.parameters}
        modules: list[tuple[str, nn.Module]] = [*self.network.named_modules()]
        for name, module in modules:
            frozen = any(name == f or name.startswith(f"{f}.") for f in phase.frozen)
            if frozen:
                module.training = False
            for parameter in module.parameters(recurse=False):
                if id(parameter) in trained:
                    parameter.requires_grad_(not frozen)
        for optimizer in self.optimizers.values():
            optimizer.set_rate(rate)

    def _batch(self, step: int, part: int) -> tuple[Batch, float]:
        """This process's share of a step, and how much of the step it is.

        Both are functions of the seed and the step. The examples of an epoch are spread evenly over
        its steps, so batches may be smaller than was asked for, and differ by one.
        """
        epoch, within = divmod(step, self.steps_per_epoch)
        if self._order[0] != epoch:
            self._order = epoch, self.datasets.train.order(self.recipe.seed, epoch)
        order = self._order[1]
        processes, parts = self.fabric.world_size, self.recipe.accumulate
        whole = np.array_split(order, self.steps_per_epoch)[within]
        mine = np.array_split(whole, processes * parts)[part * processes + self.fabric.global_rank]
        batch = self.datasets.train.batch(mine, epoch=epoch, device=self.fabric.device)
        return self.ready(batch), len(mine) * processes / len(whole)

    def ready(self, batch: Batch) -> Batch:
        """A batch with its images in the network's layout."""
        return {
            name: value.contiguous(memory_format=self._format) if value.ndim == 4 else value
            for name, value in batch.items()
        }

    def _seed(self, what: str, step: int, rank: int = 0) -> int:
        return int(uniform(self.recipe.seed, step, np.array([rank]), 1, what)[0, 0] * 2**53)

    @torch.no_grad()
    def evaluate(self, network: nn.Module, split: str, *, thorough: bool = False) -> dict[str, Any]:
        """Measure a network on a split, in this process."""
        data = self.datasets.validation if split == "validation" else self.datasets.test
        assert data is not None
        torch.manual_seed(self._seed("evaluate", 0))
        network.eval()
        batches = data.batches(self.recipe.batch_size, self.fabric.device)
        with self.fabric.autocast():
            return self.recipe.evaluate(network, map(self.ready, batches), thorough=thorough)

    @torch.no_grad()
    def settle(self, network: nn.Module) -> None:
        """Fit what the recipe fits to the validation split at the end."""
        network.eval()
        batches = self.datasets.validation.batches(self.recipe.batch_size, self.fabric.device)
        with self.fabric.autocast():
            self.recipe.settle(network, map(self.ready, batches))

    @torch.no_grad()
    def show(self, network: nn.Module) -> Tensor:
        """The picture of the first examples of the validation split."""
        data = self.datasets.validation
        torch.manual_seed(self._seed("show", 0))
        network.eval()
        batch = data.batch(np.arange(min(32, len(data))), device=self.fabric.device)
        with self.fabric.autocast():
            return self.recipe.show(network, self.ready(batch)).float().cpu()

    def summary(self) -> Summary:
        """The layers of the network, as one example passes through its loss."""
        batch = self.ready(self.datasets.train.batch(np.arange(1), device=self.fabric.device))
        with self.fabric.autocast():
            return summarize(self.network, lambda: self.recipe.loss(self.network, batch))

    # To and from a checkpoint.

    def tensors(self) -> dict[str, Tensor]:
        """Everything that the next step depends on, beside numbers."""
        state = {f"network.{key}": value for key, value in self.network.state_dict().items()}
        for name, optimizer in self.optimizers.items():
            tensors = optimizer.tensors().items()
            state |= {f"optimizer.{name}.{key}": value for key, value in tensors}
        if self.average:
            average = self.average.network.state_dict().items()
            state |= {f"average.{key}": value for key, value in average}
        return state

    def restore(self, state: dict[str, Tensor]) -> None:
        """Be as `tensors` found it."""
        self.network.load_state_dict(checkpoint.part(state, "network."))
        for name, optimizer in self.optimizers.items():
            optimizer.restore(checkpoint.part(state, f"optimizer.{name}."))
        if self.average:
            self.average.network.load_state_dict(checkpoint.part(state, "average."))
