"""A recipe: everything that makes a training, in the order of its seven steps.

1 objective (`loss`), 2 dataset and 3 preprocessing (`datasets`), 4 architecture (`network`),
5 training (the fields below, and `olhar.training.fit`), 6 evaluation (`evaluate`, `show`),
7 adjustment (the ranges that the fields are annotated with).

A capability writes one frozen dataclass. Its fields are its Python arguments, its flags, its
`recipe.json` and its form; no choice is written down twice. Two recipes that are equal, on one
machine, make the same weights bit by bit.
"""

from __future__ import annotations

import dataclasses
from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence  # noqa: TC003  tyro reads the hints
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal, Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray
from torch import Tensor, nn

from olhar.errors import OlharError
from olhar.fields import Advanced, Within, as_dict, check, from_dict

if TYPE_CHECKING:
    from typing import Self

    from olhar.data.dataset import Batch, Dataset, Datasets
    from olhar.hub import Card
    from olhar.training.report import Finding, Subject

Losses: TypeAlias = dict[str, Tensor]
"""Scalars: "loss", which is minimised, and what else is worth a line in the log."""
Metrics: TypeAlias = dict[str, Any]
"""JSON values; the numbers at the top level are what is logged and compared."""
Samples: TypeAlias = dict[str, NDArray[np.float64]]
"""Name of a measure to its value on each resample of the examples, (RESAMPLES,)."""


@dataclass(frozen=True)
class Group:
    """Parameters that are trained alike."""

    parameters: Iterable[nn.Parameter]
    rate: float = 1.0
    """Times the recipe's learning rate."""
    weight_decay: float | None = None
    """The recipe's, if not given."""
    momentum: float | None = None
    """The recipe's, if not given."""
    optimizer: str = "network"
    """Groups of one name share an optimiser; an adversarial pair has two."""
    orthogonal: bool = True
    """Whether Muon steps its matrices; the last layer of a classifier is better without."""


@dataclass(frozen=True)
class Phase:
    """A stretch of epochs in which the same things are trained."""

    name: str
    epochs: int
    rate: float = 1.0
    """Times the recipe's learning rate; the schedule starts anew in each phase."""
    frozen: tuple[str, ...] = ()
    """Submodules that stay as they are, running statistics included: `("encoder",)`."""


class Minimizer(Protocol):
    """An optimiser as `Recipe.step` sees it."""

    def minimize(self, loss: Tensor) -> None:
        """Backward, average over processes, clip, step: on the parameters of this one alone."""
        ...


@dataclass(frozen=True, kw_only=True)
class Recipe(ABC):
    """Training."""

    kind: ClassVar[str]
    """What `olhar train` calls it, and what builds its network from a card."""
    objective: ClassVar[tuple[str, ...]] = ()
    """Fields that say what the loss is: of two that differ in one, the lower loss is no better."""

    epochs: Annotated[int, Within(1, 1_000_000)] = 20
    """how many times every example is seen"""
    batch_size: Annotated[int, Within(1, 1 << 20, search=(16, 256), log=True)] = 64
    """examples per step and process, at most"""
    learning_rate: Annotated[float, Within(1e-8, 1000, search=(1e-4, 1e-2), log=True)] = 1e-3
    """the highest rate of the schedule"""
    seed: Annotated[int, Within(0, 2**31 - 1)] = 0
    """the same seed gives the same weights"""
    optimizer: Annotated[Literal["adamw", "sgd", "muon"], Advanced()] = "adamw"
    """AdamW, SGD with Nesterov momentum, or Muon: few, large steps"""
    momentum: Annotated[float, Within(0, 0.9999), Advanced()] = 0.9
    """how much of the last steps carries on (beta1 of AdamW)"""
    weight_decay: Annotated[float, Within(0, 10, search=(1e-4, 0.3), log=True), Advanced()] = 0.01
    """pulls weights towards zero; biases and normalisation are left alone"""
    schedule: Annotated[Literal["cosine", "onecycle", "linear", "constant"], Advanced()] = "cosine"
    """how the rate moves; constant can go on with more --epochs another day"""
    warmup: Annotated[float, Within(0, 1), Advanced()] = 0.05
    """share of the steps in which the rate rises"""
    decay: Annotated[float, Within(0, 1), Advanced()] = 0.2
    """share of the steps in which a constant rate falls to zero at the end"""
    clip: Annotated[float, Within(0, 1e6), Advanced()] = 1.0
    """longest gradient (its norm); 0 does not clip"""
    accumulate: Annotated[int, Within(1, 4096), Advanced()] = 1
    """batches whose gradients make one step, for lack of memory"""
    ema: Annotated[float, Within(0, 0.999999), Advanced()] = 0.0
    """average the weights with this decay and use the average; 0 does not"""
    patience: Annotated[int, Within(0, 1_000_000)] = 0
    """evaluations to wait for a better one; 0 is all"""
    evaluate_every: Annotated[int, Within(1, 1_000_000), Advanced()] = 1
    """epochs between evaluations"""
    precision: Annotated[Literal["auto", "float32", "bf16", "fp16"], Advanced()] = "auto"
    """number format of the forward pass; auto is what the machine is fastest in"""
    layout: Annotated[Literal["auto", "contiguous", "channels_last"], Advanced()] = "auto"
    """order of images in memory; auto is what the machine is fastest in"""

    def __post_init__(self) -> None:
        check(self)

    # The seven steps.

    @abstractmethod
    def datasets(self) -> Datasets:
        """Steps 2 and 3: what is learned from, split, normalised, augmented."""

    @abstractmethod
    def network(self, datasets: Datasets) -> nn.Module:
        """Step 4: the architecture, initialised.

        What is saved can be built again: its attribute `arguments` holds, as JSON values, what
        `olhar.catalogue.KINDS[kind]` needs beside the tensors.
        """

    @abstractmethod
    def loss(self, network: Any, batch: Batch) -> Losses:
        """Step 1: what is minimised ("loss"), and what else is logged."""

    @abstractmethod
    def evaluate(
        self, network: Any, batches: Iterable[Batch], *, thorough: bool = False
    ) -> Metrics:
        """Step 6: how good it is, on examples that it was not trained on.

        Args:
            network: in evaluation mode; gradients are off.
            batches: every example once.
            thorough: also what costs time, such as intervals: asked for at the end.
        """

    def score(self, metrics: Metrics) -> float:
        """What chooses the best epoch, larger is better. By default a small loss."""
        return -metrics["loss"]

    @abstractmethod
    def show(self, network: Any, batch: Batch) -> Tensor:
        """Step 6: an image (3, H, W) by which a person can judge."""

    # What most recipes leave as it is.

    def parameter_groups(self, network: Any) -> Sequence[Group]:
        """What is trained, at which rate. By default all, without decay on what has one axis."""
        parameters: list[nn.Parameter] = list(network.parameters())
        return [
            Group([p for p in parameters if p.ndim > 1]),
            Group([p for p in parameters if p.ndim < 2], weight_decay=0.0),
        ]

    def phases(self) -> Sequence[Phase]:
        """What is trained when. By default everything, all the time."""
        return [Phase("training", self.epochs)]

    def step(self, network: Any, batch: Batch, optimizers: Mapping[str, Minimizer]) -> Losses:
        """One step of training: only what one loss and one optimiser cannot say overrides this."""
        losses = self.loss(network, batch)
        for optimizer in optimizers.values():
            optimizer.minimize(losses["loss"])
        return losses

    def settle(self, network: Any, batches: Iterable[Batch]) -> None:  # noqa: B027
        """Fit to the validation part what is fitted once the best network is chosen.

        What changes must be in `network.arguments` or its tensors. By default nothing does.
        """

    def resampled(self, network: Any, batches: Iterable[Batch]) -> Samples:
        """What `evaluate` measures, on resamples of the examples (`training.bootstrap`).

        Two models that are measured on the same examples get the same resamples, so that their
        difference can be taken resample by resample. By default each example is measured by itself,
        which is right for measures that are means over examples.
        """
        from olhar.training.compare import by_example

        return by_example(self, network, batches)

    def findings(self, subject: Subject, metrics: Metrics) -> Iterable[Finding]:  # noqa: ARG002
        """What a report says of models of this kind; by default what `show` shows.

        Args:
            subject: what the report is of.
            metrics: of `evaluate`, thorough.
        """
        from olhar.training.report import shown

        return [shown(subject)]

    def receptive_field(self, network: Any) -> tuple[int, int] | None:  # noqa: ARG002
        """Of how many pixels each way the last maps of a network can depend, and of how many."""
        return None

    def measured_on(self, card: Card, part: str) -> tuple[Dataset, str, tuple[str, ...]]:  # noqa: ARG002
        """What `olhar evaluate` measures a model of this kind on.

        Args:
            card: of the model, which may have been trained on other data.
            part: "train", "validation", "test", "all", or "auto": the test part if there is one.

        Returns:
            The examples, which part they are, and what was found in reading them.

        Raises:
            OlharError: if there is no such part.
        """
        data = self.datasets()
        name = part if part != "auto" else "test" if data.test else "validation"
        examples: Dataset | None = getattr(data, name, None)
        if examples is None:
            raise OlharError(f"{data.described} has no {name} part to measure on")
        return examples, name, data.notes

    def resolve(self, device: str) -> Self:
        """Decide what was left to the machine; called before `recipe.json` is written."""
        from olhar.training.machine import resolve

        return resolve(self, device)

    def card(self, datasets: Datasets) -> dict[str, Any]:  # noqa: ARG002
        """What the model's card says beside, or instead of, what every card says."""
        return {}

    # To and from JSON.

    def as_dict(self) -> dict[str, Any]:
        """The fields as JSON values."""
        return as_dict(self)

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> Self:
        """The recipe that `as_dict` gave these values."""
        return from_dict(cls, values)

    def replace(self, **changes: Any) -> Self:
        """The same recipe with some fields changed."""
        return dataclasses.replace(self, **changes)
