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
    from pathlib import Path

    from torch import nn

    from olhar.hub import Card, Remote
    from olhar.nets.portable import Graph
    from olhar.nets.prepare import Part


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
        "olhar.commands.stylize:stylize",
        "Restyle photographs and films after paintings.",
        "Pictures",
    ),
    "colorize": Entry(
        "olhar.commands.colorize:colorize",
        "Colour black-and-white photographs and films.",
        "Pictures",
    ),
    "denoise": Entry(
        "olhar.commands.denoise:denoise", "Take the noise off photographs and films.", "Pictures"
    ),
    "inspect": Entry(
        "olhar.commands.inspect:inspect",
        "Say what a picture or a film declares of itself.",
        "Pictures",
    ),
    "pack": Entry(
        "olhar.commands.pack:pack", "Store a folder of pictures in one small file.", "Pictures"
    ),
    "unpack": Entry(
        "olhar.commands.unpack:unpack", "Make a folder of a packed file again.", "Pictures"
    ),
    "faces": Entry(
        "olhar.commands.faces:faces", "Cut faces out of films, to train a face swap.", "Pictures"
    ),
    "swap": Entry(
        "olhar.commands.swap:swap", "Swap the faces of two people who agreed to it.", "Pictures"
    ),
    "consent": Entry(
        "olhar.commands.consent:consent",
        "Record that someone agreed to be shown, for what and until when.",
        "Pictures",
    ),
    "samples": Entry(
        "olhar.commands.samples:samples", "Draw sample paintings to try things with.", "Pictures"
    ),
    "demo": Entry(
        "olhar.commands.demo:demo", "Show what olhar does, as a gallery of pictures.", "Pictures"
    ),
    "learn": Entry(
        "olhar.commands.learn:learn", "Learn how all this works, by lessons that run.", "Learning"
    ),
    "train": Entry("olhar.commands.train:train", "Train a network.", "Learning", of="RECIPES"),
    "find-rate": Entry(
        "olhar.commands.find_rate:find_rate",
        "Try learning rates, and suggest one.",
        "Learning",
        of="RECIPES",
    ),
    "tune": Entry(
        "olhar.commands.tune:tune",
        "Search for better settings of a training.",
        "Learning",
        of="RECIPES",
    ),
    "classify": Entry(
        "olhar.commands.classify:classify", "Say what is in pictures, and how surely.", "Learning"
    ),
    "anomalies": Entry(
        "olhar.commands.anomalies:anomalies",
        "Find the pictures that are unlike the rest.",
        "Learning",
    ),
    "plane": Entry("olhar.commands.plane:plane", "Draw where a model places pictures.", "Learning"),
    "generate": Entry(
        "olhar.commands.generate:generate", "Make new pictures with a model.", "Learning"
    ),
    "interpolate": Entry(
        "olhar.commands.interpolate:interpolate",
        "Go from one picture to another, as a strip or a film.",
        "Learning",
    ),
    "reconstruct": Entry(
        "olhar.commands.reconstruct:reconstruct",
        "Show what a model keeps of pictures.",
        "Learning",
    ),
    "evaluate": Entry(
        "olhar.commands.evaluate:evaluate",
        "Measure a model on pictures it has not seen.",
        "Learning",
    ),
    "compare": Entry(
        "olhar.commands.compare:compare",
        "Say which of several models is better, and whether by chance.",
        "Learning",
    ),
    "export": Entry(
        "olhar.commands.export:export", "Write a model as ONNX, for other programs.", "Learning"
    ),
    "studio": Entry("olhar.commands.studio:studio", "Open all of it in the browser.", "Upkeep"),
    "models": Entry(
        "olhar.commands.models:models",
        "List models; show, download, speed up, convert or upload one.",
        "Upkeep",
    ),
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
    "colorizer": Entry("olhar.colorize.recipe:Colorizer", "Give photographs plausible colours."),
    "stylizer": Entry("olhar.stylize.recipe:Stylization", "Restyle after a painting in one pass."),
    "autoencoder": Entry(
        "olhar.autoencode.recipe:Autoencoder", "Say pictures in a few numbers, or denoise photos."
    ),
    "codec": Entry("olhar.codec.recipe:Codec", "Store photographs in few bytes."),
    "vae": Entry("olhar.vae.recipe:Vae", "Make pictures like those it has learned from."),
    "faceswap": Entry(
        "olhar.faceswap.recipe:FaceSwap", "Learn two people who agreed to swap faces."
    ),
}
"""What `olhar train` trains: a name, which is also the kind of the model, to its recipe."""

KINDS = {
    "classifier": Entry("olhar.classify.network:from_tensors", "Pictures to classes."),
    "regressor": Entry("olhar.classify.network:from_tensors", "Pictures to numbers."),
    "colorizer": Entry("olhar.colorize.network:from_tensors", "Black and white to colours."),
    "stylizer": Entry("olhar.stylize.stylizer:from_tensors", "Photographs to one style."),
    "autoencoder": Entry(
        "olhar.autoencode.network:from_tensors", "Pictures to codes and back, or without noise."
    ),
    "codec": Entry("olhar.codec.network:from_tensors", "Pictures to few bytes and back."),
    "vae": Entry("olhar.vae.network:from_tensors", "Random numbers to pictures."),
    "eccv16": Entry(
        "olhar.colorize.eccv16:from_tensors", "Black and white to colours (Zhang et al. 2016)."
    ),
    "siggraph17": Entry(
        "olhar.colorize.siggraph17:from_tensors", "The same with hints (Zhang et al. 2017)."
    ),
    "ddcolor": Entry(
        "olhar.colorize.ddcolor:from_tensors", "Black and white to colours (Kang et al. 2023)."
    ),
    "faceswap": Entry(
        "olhar.faceswap.network:from_tensors", "A face to the face of one of two people."
    ),
    "faces": Entry("olhar.faceswap.faces:from_tensors", "Pictures to faces, 468 points on each."),
    "efficientnet-lite0": Entry("olhar.nets.efficientnet:from_tensors", "Pictures to features."),
    "vgg16": Entry(
        "olhar.nets.vgg:from_tensors", "VGG-16 to conv4_2, the eye of the style losses."
    ),
}
"""Kind of model to a function `(tensors, **arguments) -> nn.Module`."""

EXPORTS = {
    "classifier": Entry("olhar.classify.export:graphs", "Pictures to probabilities."),
    "regressor": Entry("olhar.classify.export:graphs", "Pictures to numbers."),
    "colorizer": Entry("olhar.colorize.export:graphs", "Lightness and hints to colours."),
    "stylizer": Entry("olhar.stylize.export:graphs", "Photographs to one style."),
    "autoencoder": Entry("olhar.autoencode.export:graphs", "Pictures to codes and back."),
    "vae": Entry("olhar.vae.export:graphs", "Latents to pictures and back."),
    "eccv16": Entry("olhar.colorize.export:graphs", "Lightness to colours."),
    "siggraph17": Entry("olhar.colorize.export:graphs", "Lightness and hints to colours."),
    "ddcolor": Entry("olhar.colorize.export:graphs", "Lightness to colours."),
    "efficientnet-lite0": Entry("olhar.nets.export:lite0", "Pictures to features."),
    "vgg16": Entry("olhar.nets.export:vgg16", "Pictures to features."),
}
"""Kind of model to a function `(network) -> {part: Graph}`, the most wanted part first."""

PARTS = {
    "classifier": Entry("olhar.classify.export:parts", "Pictures to probabilities."),
    "regressor": Entry("olhar.classify.export:parts", "Pictures to numbers."),
    "colorizer": Entry("olhar.colorize.export:parts", "Lightness and hints to logits."),
    "stylizer": Entry("olhar.stylize.export:parts", "Photographs to one style."),
    "autoencoder": Entry("olhar.autoencode.export:parts", "Pictures to codes and back."),
    "vae": Entry("olhar.vae.export:parts", "Latents to pictures and back."),
    "eccv16": Entry("olhar.colorize.export:parts", "Lightness to logits."),
    "siggraph17": Entry("olhar.colorize.export:parts", "Lightness and hints to colours."),
    "ddcolor": Entry("olhar.colorize.export:parts", "Lightness to colours."),
    "faces": Entry("olhar.faceswap.export:parts", "Pictures to faces, faces to points."),
}
"""Kind of model to a function `(network) -> {name: Part}`: what `olhar models prepare` measures."""

ALONE = {
    "codec": "what it writes is read with exact arithmetic, which no other engine promises",
    "faceswap": "a file that swaps faces without consent, label and mark is not left lying about",
    "vgg16": "a style is found by its gradients, which no other engine computes",
    "efficientnet-lite0": "it is a part of other networks, and computes nothing by itself",
}
"""Kind of model that runs by PyTorch alone, and why."""

KEPT = {
    "faceswap": "what it makes has to be agreed to, labelled and marked, which olhar swap sees to "
    "and no other engine would",
    "faces": "its three networks work on crops and turned squares that olhar makes between them",
    "codec": "what it writes is read with exact arithmetic, which no other engine promises; "
    "olhar pack and olhar unpack use it",
}
"""Kind of model that is not exported, and why."""

FOREIGN = {
    "eccv16": Entry("olhar.colorize.eccv16:from_published", "Zhang et al. 2016."),
    "siggraph17": Entry("olhar.colorize.siggraph17:from_published", "Zhang et al. 2017."),
    "ddcolor": Entry("olhar.colorize.ddcolor:from_published", "Kang et al. 2023, tiny or large."),
}
"""Kind of model that others publish in a format of their own to a function `(tensors) -> (card,
tensors)`, or None if the tensors are of another kind."""


def load(name: str | PathLike[str]) -> nn.Module:
    """Build a network from a model: its card says what to build, its tensors are the weights.

    Args:
        name: a bundled or downloaded model ("vgg16"), a `.safetensors` file, a run folder, or
            OWNER/NAME on the Hugging Face hub, from where it is downloaded once.

    Returns:
        The network, on the CPU, in evaluation mode.

    Raises:
        OlharError: if there is no such model, or its file is damaged or of an unknown kind.
    """
    from olhar import hub
    from olhar.nets.model import built

    card, tensors = hub.load(name)
    if card.kind not in KINDS:
        raise OlharError(
            f"{name} is a model of kind {card.kind!r} and this olhar builds {', '.join(KINDS)}; "
            "a newer olhar may know it"
        )
    return built(card, tensors, KINDS[card.kind].resolve())


def graphs(name: str | PathLike[str]) -> tuple[Card, dict[str, Graph]]:
    """What of a model can be exported (`olhar.nets.portable.write`).

    Args:
        name: as for `load`.

    Returns:
        Its card, and part to graph, the most wanted first.

    Raises:
        OlharError: as `load`, or if models of this kind are not exported.
    """
    from olhar import hub

    card = hub.read_card(hub.find(name))
    if card.kind not in EXPORTS and card.kind in KINDS:
        why = KEPT.get(card.kind, f"of other kinds there are exports: {', '.join(EXPORTS)}")
        raise OlharError(f"{card.name}, of kind {card.kind}, is not exported: {why}")
    network = load(name)
    return card, EXPORTS[card.kind].resolve()(network)


def parts(name: str | PathLike[str]) -> tuple[Card, dict[str, Part]]:
    """What of a model other engines can compute for olhar (`olhar.nets.prepare`).

    Args:
        name: as for `load`.

    Returns:
        Its card, and name to part.

    Raises:
        OlharError: as `load`, or if models of this kind run by PyTorch alone.
    """
    from olhar import hub

    card = hub.read_card(hub.find(name))
    if card.kind not in PARTS and card.kind in KINDS:
        why = ALONE.get(card.kind, f"of other kinds there are engines: {', '.join(PARTS)}")
        raise OlharError(f"{card.name}, of kind {card.kind}, runs by PyTorch alone: {why}")
    network = load(name)
    return card, PARTS[card.kind].resolve()(network)


def get(name: str) -> Path:
    """Have a model that can be downloaded on this machine: fetch, compare and convert what is not.

    Without a network it converts the file that a person has put where the sentence of `load` says.

    Args:
        name: of the model ("siggraph17"), or OWNER/NAME on the Hugging Face hub.

    Returns:
        The model, a `.safetensors` file.

    Raises:
        OlharError: if there is no such model, or it cannot be had; the sentence says what to do.
    """
    from olhar import hub

    if name in hub.REMOTE:
        remote = hub.REMOTE[name]
        return hub.download(remote, lambda source, target: _convert(source, target, remote))
    if hub.is_repository(name):
        return hub.fetch(name)
    if name in [card.name for card in hub.bundled()]:
        raise OlharError(f"{name} came with olhar; there is nothing to download")
    raise OlharError(f"there is no model {name!r} to download; there are: {', '.join(hub.REMOTE)}")


def convert(path: str | PathLike[str]) -> Path:
    """Make a model of weights that others published as a checkpoint of PyTorch.

    What it is of is told by the names in it. Nothing in it is run, but nobody has compared it with
    anything either: its SHA-256 goes into the card.

    Args:
        path: a `.pth` file of one of the kinds in `FOREIGN`.

    Returns:
        The model: a `.safetensors` file beside it.

    Raises:
        OlharError: if there is no such file, it holds something else, or the model is there.
    """
    from pathlib import Path

    target = Path(path).with_suffix(".safetensors")
    if target.exists():
        raise OlharError(f"{target} is there already; move it away to convert {path} anew")
    _convert(Path(path), target)
    return target


def _convert(source: Path, target: Path, remote: Remote | None = None) -> None:
    import dataclasses

    from olhar import hub

    state = hub.read_foreign(source)
    try:
        found = [
            made
            for kind, entry in FOREIGN.items()
            if (remote is None or remote.kind == kind) and (made := entry.resolve()(state))
        ]
    except OlharError as error:
        raise OlharError(f"{source}: {error}") from error
    if not found:
        raise OlharError(
            f"{source} holds weights of a network that olhar does not know; "
            f"it knows {', '.join(FOREIGN)}"
        )
    card, tensors = found[0]
    if remote:
        card = dataclasses.replace(card, name=remote.name, origin=remote.url)
    else:
        origin = f"{card.origin}, from {source.name} (sha256 {hub.sha256(source)})"
        card = dataclasses.replace(card, name=source.stem, origin=origin)
    hub.save(target, tensors, card)
