"""What olhar can do and where it lives: one static table, readable without importing any of it.

The command line is made from `COMMANDS`, `load` builds networks from `KINDS`. To add a capability,
write it and add its line here.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any, NamedTuple

from olhar.errors import OlharError

if TYPE_CHECKING:
    from os import PathLike

    from torch import nn


class Entry(NamedTuple):
    """One line of the table."""

    where: str
    """`module:attribute`."""
    help: str
    """One line, as a person reads it in `olhar --help`."""
    group: str = ""
    """The heading it stands under."""
    of: str = ""
    """Which table its first word names an entry of: "RECIPES" for `olhar train classifier`."""

    def resolve(self) -> Any:
        """Import the module and return the attribute."""
        module, _, attribute = self.where.partition(":")
        return getattr(importlib.import_module(module), attribute)

    def command(self, word: str = "") -> Any:
        """The function that is the command; of a family, the one that `word` names."""
        return self.resolve()(word) if self.of else self.resolve()


COMMANDS = {
    "stylize": Entry(
        "olhar.commands.stylize:stylize", "Restyle photographs after paintings.", "Pictures"
    ),
    "samples": Entry(
        "olhar.commands.samples:samples", "Draw sample paintings to try things with.", "Pictures"
    ),
    "demo": Entry(
        "olhar.commands.demo:demo", "Show what olhar does, as a gallery of pictures.", "Pictures"
    ),
    "train": Entry("olhar.commands.train:train", "Train a network.", "Learning", of="RECIPES"),
    "find-rate": Entry(
        "olhar.commands.find_rate:find_rate",
        "Try learning rates, and suggest one.",
        "Learning",
        of="RECIPES",
    ),
    "classify": Entry(
        "olhar.commands.classify:classify", "Say what is in pictures, and how surely.", "Learning"
    ),
    "evaluate": Entry(
        "olhar.commands.evaluate:evaluate",
        "Measure a model on pictures it has not seen.",
        "Learning",
    ),
    "models": Entry("olhar.commands.models:models", "List models, or download one.", "Upkeep"),
    "doctor": Entry(
        "olhar.commands.doctor:doctor", "Say what this machine has and what is missing.", "Upkeep"
    ),
    "completion": Entry(
        "olhar.commands.completion:completion",
        "Print the tab completion for bash, zsh or fish.",
        "Upkeep",
    ),
}
"""Command name to the function that is the command (see `olhar.commands.options`)."""

RECIPES = {
    "classifier": Entry("olhar.classify.recipe:Classifier", "Say which class a picture is of."),
    "regressor": Entry("olhar.classify.recipe:Regressor", "Read a number from a picture."),
}
"""What `olhar train` trains: a name, which is also the kind of the model, to its recipe."""

KINDS = {
    "classifier": Entry("olhar.classify.network:from_tensors", "Pictures to classes."),
    "regressor": Entry("olhar.classify.network:from_tensors", "Pictures to numbers."),
    "vgg16": Entry(
        "olhar.nets.vgg:from_tensors", "VGG-16 to conv4_2, the eye of the style losses."
    ),
}
"""Kind of model to a function `(tensors, **arguments) -> nn.Module`."""


def load(name: str | PathLike[str]) -> nn.Module:
    """Build a network from a model: its card says what to build, its tensors are the weights.

    Args:
        name: a bundled or downloaded model ("vgg16"), a `.safetensors` file, or a run folder.

    Returns:
        The network, on the CPU, in evaluation mode.

    Raises:
        OlharError: if there is no such model, or its file is damaged or of an unknown kind.
    """
    from olhar import hub

    card, tensors = hub.load(name)
    if card.kind not in KINDS:
        raise OlharError(
            f"{name} is a model of kind {card.kind!r} and this olhar builds {', '.join(KINDS)}; "
            "a newer olhar may know it"
        )
    try:
        return KINDS[card.kind].resolve()(tensors, **card.arguments)
    except OlharError:
        raise
    except (LookupError, RuntimeError, TypeError, ValueError) as error:
        what = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise OlharError(f"{name} does not hold a {card.kind}: {what}") from error
