"""Classifying pictures: a probability for each class, sorted, or numbers.

    prediction = olhar.classify(image, "runs/clothing")
    prediction.best, prediction.probabilities["hat"]

A model was trained on squares of one size; pictures are brought there as its training did it.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
import torch
from torch import Tensor

from olhar.classify.network import Predictor, from_tensors
from olhar.data.geometry import as_float
from olhar.data.squares import Fit, fit_of, squared
from olhar.errors import OlharError
from olhar.media.picture import resize
from olhar.nets.engine import run
from olhar.nets.model import loaded

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from olhar.classify.network import Task

KINDS = {"classifier": from_tensors, "regressor": from_tensors}
_CROP = 0.875
"""Side of the five crops of test-time augmentation, over the picture's."""


@dataclass(frozen=True, kw_only=True)
class Model:
    """A network that is ready to be used."""

    network: Predictor
    fit: Fit
    """What becomes of pictures that are no squares: crop, pad or stretch."""


Source: TypeAlias = str | os.PathLike[str] | Model
"""A run folder, a file, the name of a model, or a model from `load`."""


@dataclass(frozen=True, kw_only=True)
class Prediction:
    """What a model says of one picture."""

    task: Task
    values: dict[str, float]
    """Class or label to its probability, the most probable first; or name to number."""

    @property
    def best(self) -> str:
        """The most probable class or label.

        Raises:
            OlharError: if the model predicts numbers.
        """
        if self.task == "number":
            raise OlharError("this model predicts numbers, which have no best; use values")
        return next(iter(self.values))

    @property
    def probabilities(self) -> dict[str, float]:
        """Class or label to its probability, the most probable first; empty for numbers."""
        return {} if self.task == "number" else self.values

    @property
    def labels(self) -> tuple[str, ...]:
        """The class; or the labels from a probability of 0.5 on; none for numbers."""
        if self.task == "class":
            return (self.best,)
        return tuple(name for name, value in self.probabilities.items() if value >= 0.5)

    def __str__(self) -> str:
        if self.task == "number":
            return ", ".join(f"{name} {value:.4g}" for name, value in self.values.items())
        return ", ".join(f"{name} {value:.1%}" for name, value in self.values.items())


def load(name: Source, device: str | None = None) -> Model:
    """Load a classifier or a regressor.

    Args:
        name: a run folder, a `.safetensors` file or the name of a model; a model is passed through.
        device: where it computes; the fastest of this machine if left out.

    Raises:
        OlharError: if there is no such model, or it is of another kind.
    """
    if isinstance(name, Model):
        return name
    card, network = loaded(name, KINDS, device=device)
    return Model(network=network, fit=fit_of(card))


def classify(
    image: Tensor | Sequence[Tensor], model: Source, *, tta: bool = False
) -> Prediction | list[Prediction]:
    """Say what is in an image.

    Args:
        image: (3, H, W), or a batch (N, 3, H, W), or a list of images of any sizes; in [0, 1].
        model: a run folder, a file, the name of a model, or a model from `load`.
        tta: average over the image, five crops of it and the mirror images of all (test-time
            augmentation): twelve times as long, and often a little better.

    Returns:
        A `Prediction`; a list of them for a batch or a list.

    Raises:
        OlharError: if there is no such model, or it is of another kind.
        ValueError: if `image` has another shape.
    """
    if isinstance(image, Tensor) and image.ndim == 3:
        return classify_all([image], model, tta=tta)[0]
    return classify_all([*image], model, tta=tta)


def classify_all(images: list[Tensor], model: Source, *, tta: bool = False) -> list[Prediction]:
    """As `classify`, of a list."""
    found = load(model)
    for image in images:
        if image.ndim != 3 or image.shape[0] != 3:
            raise ValueError(f"an image is (3, H, W), and this is {tuple(image.shape)}")
    squares = [squared(image, found.network.size[0], found.fit) for image in images]
    return predict(stacked(squares), found, tta=tta) if squares else []


def stacked(squares: Sequence[NDArray[np.uint8]]) -> Tensor:
    """Squares (S, S, 3) as a batch (N, 3, S, S) in [0, 1]."""
    return as_float(torch.from_numpy(np.stack(squares)).permute(0, 3, 1, 2))


@torch.inference_mode()
def predict(batch: Tensor, model: Model, *, tta: bool = False) -> list[Prediction]:
    """What a model says of images of its own size.

    Args:
        batch: (N, 3, S, S) in [0, 1].
        model: from `load`.
        tta: see `classify`.
    """
    network = model.network
    device = next(network.parameters()).device
    batch = batch.to(device)
    views = _views(batch) if tta else [batch]
    said = [run(network, "predictor", network.predict, view) for view in views]
    values = torch.stack(said).mean(0).cpu()  # (N, outputs)
    task = network.task
    found: list[Prediction] = []
    for row in values:
        numbers = [float(value) for value in row]
        pairs = list(zip(network.names, numbers, strict=True))
        if task != "number":
            pairs.sort(key=lambda pair: -pair[1])
        found.append(Prediction(task=task, values=dict(pairs)))
    return found


def _views(batch: Tensor) -> list[Tensor]:
    """The images and five crops of them, and the mirror images of all: 12 views."""
    side = batch.shape[-1]
    small = max(1, round(_CROP * side))
    far, middle = side - small, (side - small) // 2
    corners = [(0, 0), (0, far), (far, 0), (far, far), (middle, middle)]
    views = [batch]
    for top, left in corners:
        views.append(resize(batch[..., top : top + small, left : left + small], (side, side)))
    return [*views, *(view.flip(-1) for view in views)]
