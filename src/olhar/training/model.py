"""The card of what was trained."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from olhar import __version__
from olhar.fields import as_dict
from olhar.hub import Card

if TYPE_CHECKING:
    from torch import nn

    from olhar.training.loop import Training


def card(training: Training, network: nn.Module, name: str, metrics: dict[str, Any]) -> Card:
    """What a trained model says of itself.

    The recipe is in it, with names of folders and not where they are: a model is shown to others.

    Args:
        training: what made it.
        network: has its constructor's arguments as `arguments`.
        name: of the run.
        metrics: split to metrics.
    """
    recipe, data = training.recipe, training.datasets
    names = {key: value.name for key, value in vars(recipe).items() if isinstance(value, Path)}
    values: dict[str, Any] = {
        "name": name,
        "kind": recipe.kind,
        "summary": (type(recipe).__doc__ or "").split("\n")[0],
        "licence": "its maker's to choose",
        "origin": f"trained with olhar {__version__}",
        "arguments": getattr(network, "arguments", {}),
        "recipe": as_dict(recipe) | names,
        "classes": data.classes,
        "metrics": metrics,
        "trained_on": data.described,
        "fingerprint": data.fingerprint,
    }
    return Card(**values | recipe.card(data))
