"""Models on the Hugging Face hub: one `model.safetensors` in a repository, its card as the README.

What is fetched is read as data, never run, and gets its name once it is known to be a model with a
card. It then stays on this machine, beside the other downloads, until somebody deletes it. Its
layout is compared with its card's before a network is made of it (`olhar.nets.model`).
"""

from __future__ import annotations

import re
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from olhar.errors import OlharError
from olhar.hub.card import read_card
from olhar.hub.readme import readme
from olhar.hub.registry import home
from olhar.media.files import reason

if TYPE_CHECKING:
    from olhar.hub.card import Card

FILE = "model.safetensors"
SITE = "https://huggingface.co"
_NAME = re.compile(r"\w[\w.-]*/\w[\w.-]*")
_FILES = {".safetensors", ".onnx"}


def is_repository(text: str) -> bool:
    """Whether it can be the name of a repository, and not of a model file.

    >>> is_repository("ana/flowers"), is_repository("ana/flowers.onnx"), is_repository("a/b/c")
    (True, False, False)
    """
    return bool(_NAME.fullmatch(text)) and Path(text).suffix.lower() not in _FILES


def kept(repository: str) -> Path:
    """Where the model of a repository is on this machine, or would be."""
    return home() / "models" / "huggingface" / repository / FILE


def fetch(repository: str) -> Path:
    """Download the model of a repository, unless it is here.

    Args:
        repository: OWNER/NAME.

    Returns:
        Where it is.

    Raises:
        OlharError: if it cannot be had, or is no model of olhar's; the sentence says what to do.
    """
    path = kept(repository)
    if path.is_file():
        return path
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".olhar-", dir=path.parent) as folder:
            found = _fetched(repository, folder)
            try:
                read_card(found)
            except OlharError as error:
                raise OlharError(
                    f"the {FILE} of {repository} is no model of olhar's, so it was thrown away; "
                    "give another repository"
                ) from error
            found.replace(path)
    except OSError as error:
        raise OlharError(f"{path} cannot be written: {reason(error)}") from error
    return path


def _fetched(repository: str, folder: str) -> Path:
    how = (
        f"with a network, run: olhar models get {repository}; without one, put the {FILE} of "
        f"{SITE}/{repository} from elsewhere at {kept(repository)}"
    )
    try:
        api = _api(how)
        if not api.file_exists(repository, FILE):  # asks once: a download would try six times
            raise FileNotFoundError(f"{SITE} has no {repository}/{FILE} that may be read from here")
        return Path(api.hf_hub_download(repository, FILE, local_dir=folder))
    except OlharError:
        raise
    except Exception as error:  # of several libraries for the network
        raise OlharError(
            f"there is no run folder or file {repository} here, and the Hugging Face repository of "
            f"that name could not be had ({type(error).__name__}); {how}"
        ) from error


def push(path: Path, repository: str) -> Card:
    """Upload a model, with a README made of its card, as one commit.

    A repository that is not there is made, seen by nobody but its owner.

    Args:
        path: a `.safetensors` file.
        repository: OWNER/NAME.

    Returns:
        The card.

    Raises:
        OlharError: if the name is none of a repository, the file is no model, or it cannot be
            uploaded.
    """
    if not is_repository(repository):
        raise OlharError(f"{repository!r} is no name of a repository; give OWNER/NAME")
    if path.suffix != ".safetensors":
        raise OlharError(f"{path} is no .safetensors file; push the model that it was made of")
    card = read_card(path)
    api = _api("it is needed to upload a model")
    from huggingface_hub import CommitOperationAdd

    files: dict[str, Any] = {FILE: path, "README.md": readme(card, repository).encode()}
    operations = [CommitOperationAdd(name, content) for name, content in files.items()]
    try:
        api.create_repo(repository, private=True, exist_ok=True)
        api.create_commit(repository, operations, commit_message=f"Add {card.name}")
    except Exception as error:  # of several libraries for the network
        raise OlharError(
            f"{card.name} was not uploaded to {repository} ({type(error).__name__}: "
            f"{reason(error)[:200]}); see that this machine is online, "
            "that hf auth login was run, and that you may write there"
        ) from error
    return card


def _api(how: str) -> Any:
    try:
        from huggingface_hub import HfApi
    except ImportError as error:
        raise OlharError(
            f'huggingface_hub is not installed: pip install "olhar[hub]"; {how}'
        ) from error
    return HfApi(library_name="olhar")
