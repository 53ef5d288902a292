"""How a classifier and a regressor are learned.

Both look at pictures of one size through one of the architectures of `network` (`predict`). They
differ in what is asked: a class (cross-entropy), any number of labels (binary cross-entropy), or
numbers (a loss between square and absolute error, on numbers of mean 0 and deviation 1).
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal, cast

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from olhar.classify.predict import Predict
from olhar.data.balance import class_weights
from olhar.data.examples import Examples, examples
from olhar.errors import OlharError
from olhar.fields import Advanced, Within
from olhar.training import metrics

if TYPE_CHECKING:
    from olhar.classify.network import Predictor
    from olhar.data.dataset import Batch, Datasets
    from olhar.data.images import Images
    from olhar.training.recipe import Losses, Metrics, Samples

_WATCHED = ("accuracy", "f1", "top5", "log_loss", "label_accuracy", "mae", "rmse", "r2")
"""What is worth a column in a training's table."""


@dataclass(frozen=True, kw_only=True)
class Classifier(Predict):
    """Says which class a picture is of."""

    kind: ClassVar[str] = "classifier"

    task: Annotated[Literal["auto", "class", "labels"], Advanced()] = "auto"
    """one class per picture, or several labels; auto goes by the data"""
    label_smoothing: Annotated[float, Within(0, 0.9, search=(0, 0.2)), Advanced()] = 0.1
    """how much probability the loss leaves to the other classes"""
    balance: Annotated[Literal["none", "sampling", "loss"], Advanced()] = "none"
    """rare classes come more often, or count more"""
    average: Annotated[Literal["macro", "micro", "weighted"], Advanced()] = "macro"
    """how precision, recall and F1 of the classes become one number"""

    @property
    def _balanced(self) -> bool:
        return self.balance == "sampling"

    def examples(self) -> Examples:
        """Pictures with a class, or with labels."""
        asked = None if self.task == "auto" else self.task
        found = examples(self.data, task=asked, target=self.target or None)
        if found.task == "number":
            raise OlharError(
                f"{self.data} says numbers of its pictures; run olhar train regressor, or "
                "--task class if they stand for classes"
            )
        if found.task == "none" or len(found.classes) < 2:
            has = f"one class, {found.classes[0]}" if found.classes else "pictures and no classes"
            raise OlharError(
                f"{self.data} has {has}; a classifier needs two or more, each in its own folder"
            )
        return found

    def network(self, datasets: Datasets) -> Predictor:
        """As `Predict.network`, with the weights of the classes if the loss has any."""
        network = super().network(datasets)
        if self.balance == "loss":
            train = cast("Images", datasets.train)
            there = Examples(
                root=Path(),
                files=(Path(),) * len(train),
                task=train.task,
                targets=train.targets,
                classes=datasets.classes,
            )
            network.class_weights.copy_(torch.from_numpy(class_weights(there)))
        return network

    def score(self, metrics: Metrics) -> float:
        """Accuracy; of labels F1, since all of them are seldom right at once."""
        return metrics["accuracy" if "top5" in metrics else "f1"]

    def loss(self, network: Predictor, batch: Batch) -> Losses:
        """Cross-entropy with label smoothing (Szegedy et al. 2015), per class or per label."""
        logits, target = network(batch["image"]).float(), batch["target"]
        weights, smooth = network.class_weights, self.label_smoothing
        if network.task == "class":
            return {"loss": F.cross_entropy(logits, target, weights, label_smoothing=smooth)}
        soft = target * (1 - smooth) + smooth / 2
        return {"loss": F.binary_cross_entropy_with_logits(logits, soft, pos_weight=weights)}

    def _measure(
        self, network: Predictor, said: Tensor, true: Tensor, *, thorough: bool
    ) -> Metrics:
        measure = metrics.classification if network.task == "class" else metrics.labels
        return measure(
            said, true, network.names, average=self.average, intervals=thorough, seed=self.seed
        )

    def _samples(self, network: Predictor, said: Tensor, true: Tensor) -> Samples:
        draw = metrics.classification_samples if network.task == "class" else metrics.label_samples
        return draw(said, true, self.average, 0)


@dataclass(frozen=True, kw_only=True)
class Regressor(Predict):
    """Reads a number from a picture."""

    kind: ClassVar[str] = "regressor"

    def examples(self) -> Examples:
        """Pictures with one or several numbers."""
        return examples(self.data, task="number", target=self.target or None)

    def _units(self, train: Images) -> dict[str, Any]:
        assert train.targets is not None
        mean, deviation = train.targets.mean(0), train.targets.std(0)
        deviation = np.where(deviation > 0, deviation, 1)  # a number that is always the same
        return {"center": mean.tolist(), "scale": deviation.tolist()}

    def score(self, metrics: Metrics) -> float:
        """A small absolute error."""
        return -metrics["mae"]

    def loss(self, network: Predictor, batch: Batch) -> Losses:
        """Half the squared error up to one deviation, then the absolute (Huber 1964)."""
        said, true = network(batch["image"]), batch["target"]
        return {"loss": F.smooth_l1_loss(said / network.scale, true / network.scale)}

    def _measure(
        self, network: Predictor, said: Tensor, true: Tensor, *, thorough: bool
    ) -> Metrics:
        return metrics.regression(said, true, network.names, intervals=thorough, seed=self.seed)

    def _samples(self, network: Predictor, said: Tensor, true: Tensor) -> Samples:  # noqa: ARG002
        return metrics.regression_samples(said, true, 0)
