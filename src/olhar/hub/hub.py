"""Find, read and write models.

A name is looked for among the bundled models, then among the downloaded ones, whose SHA-256 is
checked each time before a byte is used: those are downloaded by `olhar models get NAME` alone. A
name as OWNER/NAME, where there is no folder OWNER, is a repository on the Hugging Face hub, whose
model is downloaded the first time that it is asked for; runs/NAME is a run of one's own wherever.
"""

from __future__ import annotations

import errno
import hashlib
import os
import re
from pathlib import Path
from typing import TYPE_CHECKING

from olhar.errors import OlharError
from olhar.hub.card import KEY, Card, metadata, read_card
from olhar.hub.registry import REMOTE, verified
from olhar.hub.repository import fetch, is_repository, kept
from olhar.media.files import atomic
from olhar.media.mark import Deed, Mark

if TYPE_CHECKING:
    from collections.abc import Mapping

    from torch import Tensor

_BUNDLED = Path(__file__).parent / "weights"
_RUNS = "runs"  # a folder that another folder has: no stranger's model takes its place
_PICKLES = {".pt", ".pth", ".ckpt", ".bin", ".pkl", ".pickle", ".tar"}


def bundled() -> list[Card]:
    """The cards of the models that came with olhar, by name."""
    return [read_card(path) for path in sorted(_BUNDLED.glob("*.safetensors"))]


def load(name: str | os.PathLike[str]) -> tuple[Card, dict[str, Tensor]]:
    """Read a model.

    Args:
        name: a bundled or downloaded model ("vgg16"), a `.safetensors` file, a run folder (the
            `model.safetensors` in it), or OWNER/NAME on the Hugging Face hub.

    Returns:
        Its card, and its tensors as they are in the file, on the CPU.

    Raises:
        OlharError: if there is no such model or its file is damaged; the sentence says what to do.
    """
    import safetensors
    import safetensors.torch

    path = find(name)
    if path.suffix.lower() == ".onnx":
        raise OlharError(
            f"{path} was exported for other engines, and olhar does not load it; give the model "
            "that it was made of"
        )
    card = read_card(path)
    try:
        return card, safetensors.torch.load_file(path)
    except (safetensors.SafetensorError, OSError, KeyError, ValueError) as error:
        raise OlharError(f"{path} is damaged ({error}); get it again") from error


def mark(deed: Deed, name: str | os.PathLike[str], *beside: str | os.PathLike[str]) -> Mark:
    """What a model does to a picture, to be written into every file that it makes.

    Args:
        deed: what it does.
        name: as for `load`; the mark holds the name in the card, never a path.
        beside: files that go in as well.

    Raises:
        OlharError: if there is no such model.
    """
    path = find(name)
    card = hashlib.sha256((metadata(path, KEY) or "").encode()).hexdigest()
    files = tuple(map(Path, beside))
    return Mark(deed=deed, model=read_card(path).name, card=card, beside=files)


def save(path: str | os.PathLike[str], tensors: Mapping[str, Tensor], card: Card) -> Path:
    """Write a model, whole or not at all.

    Args:
        path: ends in `.safetensors`.
        tensors: the weights by name, of any shape and type; tensors that share memory are refused.
        card: what the model is.

    Returns:
        The path.

    Raises:
        OlharError: if the path has another suffix or cannot be written, or tensors share memory.
    """
    path = Path(path)
    if path.suffix != ".safetensors":
        raise OlharError(f"{path}: a model is one .safetensors file; give it that suffix")
    contents = {key: tensor.detach().cpu().contiguous() for key, tensor in tensors.items()}
    write(path, contents, {KEY: card.to_json()})
    return path


def write(path: Path, tensors: dict[str, Tensor], texts: dict[str, str]) -> None:
    """Write a safetensors file, whole or not at all.

    Args:
        path: of the file.
        tensors: on the CPU, contiguous.
        texts: for its header.

    Raises:
        OlharError: if it cannot be written, or tensors share memory.
    """
    import safetensors
    import safetensors.torch

    with atomic(path) as temporary:
        mode = temporary.stat().st_mode
        try:
            safetensors.torch.save_file(tensors, temporary, texts)
            temporary.chmod(mode)  # safetensors replaces the file by one that only its owner reads
        except safetensors.SafetensorError as error:
            told = re.search(r"os error (\d+)", str(error))
            number = int(told[1]) if told else errno.EIO
            raise OSError(number, os.strerror(number), str(path)) from error
        except RuntimeError as error:
            raise OlharError(
                f"{path}: tensors that share memory cannot be saved; clone one"
            ) from error


def find(name: str | os.PathLike[str]) -> Path:
    """The file of a model.

    Args:
        name: as for `load`.

    Raises:
        OlharError: if there is none; the sentence says what to do.
    """
    text, path = os.fspath(name), Path(name)
    if text in REMOTE:
        return verified(REMOTE[text])
    for bundle in _BUNDLED.glob("*.safetensors"):
        if text == bundle.stem:
            return bundle
    if path.suffix.lower() in _PICKLES:
        raise OlharError(
            f"{path} may run code when it is opened, so olhar does not open it as it is; for "
            f"weights of networks that olhar knows, run: olhar models convert {path}"
        )
    if path.is_file():
        return path
    if path.is_dir():
        if (path / "model.safetensors").is_file():
            return path / "model.safetensors"
        raise OlharError(
            f"{path} is a folder without a model.safetensors, so it is no finished run"
        )
    if is_repository(text):
        here = path.parent.is_dir() or path.parent.name == _RUNS
        if here and not kept(text).is_file():
            raise OlharError(
                f"there is no {path.name} in the folder {path.parent.absolute()}; if {text} is a "
                f"repository on the Hugging Face hub, run: olhar models get {text}"
            )
        return fetch(text)
    known = ", ".join([card.name for card in bundled()] + list(REMOTE))
    raise OlharError(f"there is no model or file {text!r}; the models are {known or 'none yet'}")
