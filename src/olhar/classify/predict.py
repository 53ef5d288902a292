"""What a classifier and a regressor have in common: pictures of one size, and an architecture.

They differ in what is asked of the network, which is in `recipe`.
"""

from __future__ import annotations

import difflib
from abc import abstractmethod
from collections.abc import Iterable, Mapping, Sequence  # noqa: TC003  the hints are read
from dataclasses import dataclass
from pathlib import Path  # noqa: TC003
from typing import TYPE_CHECKING, Annotated, Any, Literal, cast

import numpy as np
import torch
from torch import Tensor, nn

from olhar import __version__
from olhar.classify.attention import last_maps
from olhar.classify.network import ARCHITECTURES, Predictor
from olhar.classify.network_fast import Fast
from olhar.classify.network_timm import PREFIX, statistics
from olhar.classify.sheet import sheet
from olhar.data import reading
from olhar.data.augment import Augment
from olhar.data.examples import Examples, examples
from olhar.errors import OlharError
from olhar.fields import Advanced, Source, Within
from olhar.nets.blocks import CONVENTIONS
from olhar.nets.receptive import receptive_field
from olhar.training.calibration import temperature
from olhar.training.recipe import Group, Losses, Metrics, Minimizer, Phase, Recipe, Samples

if TYPE_CHECKING:
    from olhar.data.dataset import Batch, Dataset, Datasets
    from olhar.data.images import Images
    from olhar.hub import Card
    from olhar.training.report import Finding, Subject

_WATCHED = ("accuracy", "f1", "top5", "log_loss", "label_accuracy", "mae", "rmse", "r2")
"""What is worth a column in a training's table."""
LITE0 = "lite0"
_LARGEST = 128  # up to which pictures are as large as they come for what knows photographs
_WHITENED = 4000  # pictures that a whitened first layer is made of


@dataclass(frozen=True, kw_only=True)
class Predict(Recipe):
    """Pictures and network."""

    data: Source[Path]
    """folders of classes, a table, or a known set"""
    target: Annotated[str, Advanced()] = ""
    """the column of a table to learn; if not given, all that are no file names"""
    size: Annotated[int, Within(0, 1024)] = 0
    """side of the pictures; 0 is theirs, up to 64 (lite0, timm: 128)"""
    fit: Annotated[Literal["crop", "pad", "stretch"], Advanced()] = "crop"
    """what of a picture that is no square: its middle, all between grey bars, all distorted"""
    validation: Annotated[float, Within(0.01, 0.9), Advanced()] = 0.15
    """share of the pictures that chooses the best epoch, unless the data is split already"""
    test: Annotated[float, Within(0, 0.9), Advanced()] = 0.15
    """share that measures at the end, unless the data is split already"""
    architecture: str = "resnet"
    """mlp, cnn, resnet, lstm, gru, fast, lite0 (knows photographs already) or timm:NAME"""
    widths: Annotated[tuple[int, ...], Within(1, 8192)] = ()
    """one per layer, block or stage; has its own"""
    depth: Annotated[int, Within(0, 64), Advanced()] = 0
    """convolutions per block (cnn) or blocks per stage (resnet); 0 is its own choice, 2"""
    dropout: Annotated[float, Within(-1, 0.95, search=(0, 0.5)), Advanced()] = -1.0
    """share of the units that are silenced in training; -1 is the architecture's own choice"""
    patch: Annotated[int, Within(0, 256), Advanced()] = 0
    """lstm, gru: side of the patches that are read; 0 reads rows of pixels"""
    bidirectional: Annotated[bool, Advanced()] = False
    """lstm, gru: read from both ends"""
    pretrained: Annotated[bool, Advanced()] = True
    """lite0, timm: start from what it has learned before"""
    normalize: Annotated[Literal["dataset", "signed", "unit"], Advanced()] = "dataset"
    """pictures to mean 0 and deviation 1, to [-1, 1] or left in [0, 1]; lite0 and timm have
    their own"""
    augment: Augment = Augment(crop=0.5, stretch=1.2, mirror="random", color=0.2)  # noqa: RUF009  frozen

    epochs: int = 30
    learning_rate: float = 2e-3
    weight_decay: float = 0.05

    def __post_init__(self) -> None:
        super().__post_init__()
        name = self.architecture
        if name not in ARCHITECTURES and not name.startswith(PREFIX):
            near = difflib.get_close_matches(name, ARCHITECTURES, 1)
            hint = f"; did you mean {near[0]}?" if near else ""
            raise OlharError(
                f"architecture is {name!r}; it can be {', '.join(ARCHITECTURES)} or "
                f"{PREFIX}NAME{hint}"
            )

    @abstractmethod
    def examples(self) -> Examples:
        """What is learned from, as it was found."""

    # Steps 2 and 3: data.

    def datasets(self) -> Datasets:
        """Read, decode once, keep near-duplicates together, split, augment."""
        return self._read(self.examples()).datasets(self.augment, balanced=self._balanced)

    def measured_on(self, card: Card, part: str) -> tuple[Dataset, str, tuple[str, ...]]:
        """What a model of this kind is measured on, when `data` is to measure it.

        Args:
            card: of the model.
            part: "train", "validation", "test", "all", or "auto", which `reading.part` decides.

        Returns:
            The pictures, with the model's classes; which part they are; notes.

        Raises:
            OlharError: if there is no such part, or the model does not know the classes.
        """
        source = self._source(card)
        images, name = reading.part(source, part, card.fingerprint)
        images.files = source.examples.names
        notes = [*source.cached.notes]
        if (part, name) == ("auto", "all"):
            notes.append(
                "this is not the data that the model learned from as it was then, so all of it is "
                "measured; whatever the model did learn from flatters it"
            )
        return images, name, tuple(notes)

    def _source(self, card: Card) -> reading.Read:
        found = examples(self.data, task=card.arguments["task"], target=self.target or None)
        found = reading.aligned(found, card.classes)
        return self.replace(size=card.arguments["size"][0])._read(found)

    def _read(self, found: Examples) -> reading.Read:
        how = reading.Reading(
            size=self.size,
            most=_LARGEST if self.architecture.startswith((LITE0, PREFIX)) else reading.LARGEST,
            fit=self.fit,
            validation=self.validation,
            test=self.test,
            seed=self.seed,
        )
        return reading.read(found, how)

    @property
    def _balanced(self) -> bool:
        return False

    # Step 4: the architecture.

    def network(self, datasets: Datasets) -> Predictor:
        """One of the architectures, between normalisation and units."""
        train = cast("Images", datasets.train)
        mean, deviation = self._statistics(train)
        network = Predictor(
            self.architecture,
            task=cast("Any", train.task),
            outputs=len(datasets.classes),
            size=(train.size, train.size),
            mean=mean,
            deviation=deviation,
            names=datasets.classes,
            pretrained=self.pretrained,
            **self._units(train),
            **self._hyperparameters(),
        )
        if isinstance(network.body, Fast):
            some = np.arange(min(_WHITENED, len(train)))
            network.body.whiten(network.normalize(train.batch(some)["image"]))
        return network

    def _statistics(self, train: Images) -> tuple[list[float], list[float]]:
        if self.architecture == LITE0:
            return CONVENTIONS["unit"]
        if self.architecture.startswith(PREFIX):
            return statistics(self.architecture.removeprefix(PREFIX))
        if self.normalize in CONVENTIONS:
            return CONVENTIONS[self.normalize]
        mean, deviation = train.statistics()
        return _list(mean), _list(deviation.clamp(min=1 / 255))  # a flat channel stays flat

    def _units(self, train: Images) -> dict[str, Any]:  # noqa: ARG002
        return {}

    def _hyperparameters(self) -> dict[str, Any]:
        """Those that were chosen."""
        chosen = {
            "widths": self.widths,
            "depth": self.depth,
            "patch": self.patch,
            "bidirectional": self.bidirectional,
        }
        found: dict[str, Any] = {name: value for name, value in chosen.items() if value}
        return found | ({"dropout": self.dropout} if self.dropout >= 0 else {})

    # Step 5: training.

    @property
    def _transfers(self) -> bool:
        return self.pretrained and self.architecture.startswith((LITE0, PREFIX))

    def phases(self) -> Sequence[Phase]:
        """Of a pretrained network the new layer first; then everything."""
        head = self.epochs // 5 if self._transfers else 0
        rest = Phase("training", self.epochs - head)
        return [Phase("head", head, frozen=("body.model",)), rest] if head else [rest]

    def parameter_groups(self, network: Predictor) -> Sequence[Group]:
        """A pretrained network's own weights move ten times slower than its new layer's."""
        if not self._transfers:
            return super().parameter_groups(network)
        old = {id(parameter) for parameter in cast("Any", network.body).model.parameters()}
        return [
            Group(
                [
                    p
                    for p in network.parameters()
                    if (id(p) in old) == known and (p.ndim > 1) == big
                ],
                rate=0.1 if known else 1.0,
                weight_decay=None if big else 0.0,
            )
            for known in (False, True)
            for big in (True, False)
        ]

    def step(self, network: Predictor, batch: Batch, optimizers: Mapping[str, Minimizer]) -> Losses:
        """As every step; the fast network then gives its filters their length back."""
        losses = super().step(network, batch, optimizers)
        if isinstance(network.body, Fast):
            network.body.normalize_weights()
        return losses

    # Step 6: evaluation.

    def settle(self, network: Predictor, batches: Iterable[Batch]) -> None:
        """Fit the temperature; numbers have none."""
        if network.task != "number":
            logits, true = answers(network, batches)
            network.temperature = temperature(logits.double().numpy(), true.numpy())

    def evaluate(
        self, network: Predictor, batches: Iterable[Batch], *, thorough: bool = False
    ) -> Metrics:
        """Accuracy and its kin, or errors of numbers (`olhar.training.metrics`)."""
        said, true = answers(network, batches)
        found = self._measure(network, network.probabilities(said), true, thorough=thorough)
        return found if thorough else {name: found[name] for name in _WATCHED if name in found}

    def resampled(self, network: Predictor, batches: Iterable[Batch]) -> Samples:
        """The same on resamples; see `Recipe.resampled`."""
        said, true = answers(network, batches)
        return self._samples(network, network.probabilities(said), true)

    @abstractmethod
    def _measure(
        self, network: Predictor, said: Tensor, true: Tensor, *, thorough: bool
    ) -> Metrics: ...

    def findings(self, subject: Subject, metrics: Metrics) -> Iterable[Finding]:
        """Class by class or number by number, how sure, what went wrong, what was looked at."""
        from olhar.classify import report

        said, true = answers(subject.network, subject.batches())
        rows = cast("Images", subject.data).rows
        source = self._source(subject.card)
        learned = reading.learned(source, subject.card.fingerprint, rows)
        return report.findings(subject, metrics, said, true, learned)

    def receptive_field(self, network: Predictor) -> tuple[int, int] | None:
        """Of the last feature maps, if there are any."""
        side = network.size[0]
        batch = torch.zeros(1, 3, side, side, device=next(network.parameters()).device)
        if last_maps(network, batch)[1] is None:
            return None

        def maps(like: nn.Module, picture: Tensor) -> Tensor:
            found = last_maps(like, picture)[1]
            assert found is not None
            return found

        return receptive_field(network, maps, side), side

    @abstractmethod
    def _samples(self, network: Predictor, said: Tensor, true: Tensor) -> Samples: ...

    def show(self, network: Predictor, batch: Batch) -> Tensor:
        """Pictures over what was said of them, and under a red line what they are instead."""
        return sheet(
            batch["image"].cpu(),
            network.predict(batch["image"]).cpu(),
            batch["target"].cpu(),
            network.names,
            network.task,
        )

    def card(self, datasets: Datasets) -> dict[str, Any]:
        """What its images must be, and what it began with."""
        size = cast("Images", datasets.train).size
        card: dict[str, Any] = {"preprocessing": {"size": size, "fit": self.fit}}
        if self.architecture == LITE0 and self.pretrained:
            card["origin"] = (
                f"trained with olhar {__version__}, beginning with the encoder of its colorizer "
                "(EfficientNet-Lite0, Google, Apache-2.0, ImageNet)"
            )
        return card


def answers(network: Predictor, batches: Iterable[Batch]) -> tuple[Tensor, Tensor]:
    """Logits, or numbers, (N, outputs) float32, and targets of all examples, on the CPU."""
    said: list[Tensor] = []
    true: list[Tensor] = []
    for batch in batches:
        said.append(network(batch["image"]).float().cpu())
        true.append(batch["target"].cpu())
    return torch.cat(said), torch.cat(true)


def _list(values: Tensor) -> list[float]:
    return [float(value) for value in values]
