"""Published weights too large to bundle: a table, and a download that cannot go wrong quietly.

A download goes to a `.part` file, is compared with the full SHA-256 in the table and only then gets
its name; and every load compares again, since disks and people change files. Where there is no
network, the sentence says what to put where.

What others published in a format of their own is compared in the same way before it is opened, then
converted once. Nobody published the SHA-256 of what comes out, so it is written down beside it,
under that of what went in: a `.sha256` file, as `sha256sum` writes them.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from olhar.errors import OlharError
from olhar.media.files import atomic, reason
from olhar.media.progress import bar

TIMEOUT = 20.0
"""Seconds without an answer after which a server counts as out of reach."""

Convert: TypeAlias = Callable[[Path, Path], None]
"""Reads a file in a foreign format, which is what it should be; writes the model."""


@dataclass(frozen=True, kw_only=True)
class Remote:
    """One file that can be downloaded, and what is known of it without it."""

    name: str
    kind: str
    summary: str
    licence: str
    origin: str
    url: str
    sha256: str
    """Of the whole file, 64 hexadecimal digits."""
    size: int
    """Bytes, within 1 %."""

    @property
    def path(self) -> Path:
        """Where the model is, or would be, on this machine."""
        return home() / "models" / f"{self.name}.safetensors"

    @property
    def filename(self) -> str:
        """What its publisher calls the file."""
        return self.url.rpartition("/")[2]

    @property
    def foreign(self) -> bool:
        """Whether the file is to be converted before it is a model."""
        return not self.filename.endswith(".safetensors")

    @property
    def source(self) -> Path:
        """Where a person without a network puts the file."""
        return self.path.with_name(self.filename) if self.foreign else self.path

    @property
    def seal(self) -> Path:
        """Where the SHA-256 of a converted model stands."""
        return self.path.with_name(f"{self.path.name}.sha256")


_ZHANG = "https://github.com/richzhang/colorization"

REMOTE: dict[str, Remote] = {
    "eccv16": Remote(
        name="eccv16",
        kind="eccv16",
        summary="Colours of photographs, as distributions (Zhang, Isola and Efros 2016).",
        licence="BSD-2-Clause",
        origin=_ZHANG,
        url="https://colorizers.s3.us-east-2.amazonaws.com/colorization_release_v2-9b330a0b.pth",
        sha256="9b330a0bae53f4ded77b1e23defbf78beaa09c10ebc4c4999e8e4f4a160b93f9",
        size=129_000_000,
    ),
    "siggraph17": Remote(
        name="siggraph17",
        kind="siggraph17",
        summary="Colours of photographs, with hints (Zhang et al. 2017).",
        licence="BSD-2-Clause",
        origin=_ZHANG,
        url="https://colorizers.s3.us-east-2.amazonaws.com/siggraph17-df00044c.pth",
        sha256="df00044c0a4d7c3edcecf6f75437ce346a66e7a42612d9b968e1a7e17dbc6f66",
        size=136_800_000,
    ),
}
"""Every model that can be downloaded, by name."""


def home() -> Path:
    """Where olhar keeps what it downloads: $OLHAR_HOME, or the platform's folder for caches."""
    if os.environ.get("OLHAR_HOME"):
        return Path(os.environ["OLHAR_HOME"]).expanduser()
    import platformdirs

    return platformdirs.user_cache_path("olhar", appauthor=False)


def verified(remote: Remote) -> Path:
    """The file of a model that is on this machine, compared with its SHA-256 just now.

    Raises:
        OlharError: if it is not here or is not what it should be.
    """
    if not remote.path.is_file():
        raise OlharError(
            f"{remote.name} ({remote.size / 1e6:,.0f} MB) is not on this machine; {_how(remote)}"
        )
    if problem := _problem(remote):
        raise OlharError(
            f"{remote.path} is not what it should be ({problem}); "
            f"delete it, then run: olhar models get {remote.name}"
        )
    return remote.path


def download(remote: Remote, convert: Convert | None = None) -> Path:
    """Download a model, unless it is here and whole.

    Args:
        remote: an entry of `REMOTE`.
        convert: makes a model of the file, where it is `foreign`; it is given no file of another
            SHA-256 than the one in the table.

    Returns:
        Where it is.

    Raises:
        OlharError: if the server cannot be reached, has no such file or sends another one.
        ValueError: if it is foreign and there is no `convert`.
    """
    if remote.path.is_file() and not _problem(remote):
        return remote.path
    if remote.foreign and convert is None:
        raise ValueError(f"{remote.filename} is no model before it is converted")
    if convert and remote.foreign and remote.source.is_file():
        if problem := _difference(remote.source, remote):
            raise OlharError(
                f"{remote.source} is not what was published ({problem}); get it again from "
                f"{remote.url}, or delete it to have it downloaded"
            )
        _convert(remote, remote.source, convert)
        return remote.path
    part = remote.path.with_name(remote.path.name + ".part")
    try:
        _fetch(remote, part)
        if problem := _difference(part, remote):
            raise OlharError(
                f"{remote.url} did not send what was published ({problem}), so it was thrown "
                "away; try again later"
            )
        if convert and remote.foreign:
            _convert(remote, part, convert)
        else:
            part.replace(remote.path)
    except OSError as error:
        raise OlharError(f"{part} cannot be written: {reason(error)}") from error
    finally:
        part.unlink(missing_ok=True)
    return remote.path


def _fetch(remote: Remote, part: Path) -> None:
    import requests

    try:
        part.parent.mkdir(parents=True, exist_ok=True)
        with (
            requests.get(remote.url, stream=True, timeout=TIMEOUT) as response,
            part.open("wb") as file,
            bar(f"downloading {remote.name}", total=remote.size) as update,
        ):
            response.raise_for_status()
            for chunk in response.iter_content(1 << 16):
                file.write(chunk)
                update(min(file.tell(), remote.size))
                if file.tell() > 1.01 * remote.size:  # or a server could fill the disk
                    break
    except requests.HTTPError as error:
        raise OlharError(
            f"{remote.url} is not to be had ({error}); a newer olhar may know another address"
        ) from error
    except requests.RequestException as error:
        raise OlharError(
            f"{remote.name} could not be downloaded ({type(error).__name__}); {_how(remote)}"
        ) from error


def _convert(remote: Remote, source: Path, convert: Convert) -> None:
    remote.seal.unlink(missing_ok=True)  # whatever happens now, it is not that model's
    convert(source, remote.path)
    with atomic(remote.seal) as temporary:
        temporary.write_text(_sealed(remote), "utf-8")


def _problem(remote: Remote) -> str:
    """Why the file at its place is not the model; empty if it is."""
    if not remote.foreign:
        return _difference(remote.path, remote)
    told = remote.seal.read_bytes() if remote.seal.is_file() else b""
    right = told == _sealed(remote).encode()
    return "" if right else f"it is not what {remote.filename} was converted to"


def _sealed(remote: Remote) -> str:
    return f"{remote.sha256}  {remote.filename}\n{sha256(remote.path)}  {remote.path.name}\n"


def _difference(path: Path, remote: Remote) -> str:
    found = sha256(path)
    return "" if found == remote.sha256 else f"sha256 {found}, not {remote.sha256}"


def sha256(path: Path) -> str:
    """The SHA-256 of a file, as 64 hexadecimal digits."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _how(remote: Remote) -> str:
    run = f"olhar models get {remote.name}"
    return (
        f"with a network, run: {run}; without one, put {remote.filename} "
        f"(sha256 {remote.sha256}) from elsewhere at {remote.source}"
        + (f" and run the same: {run}" if remote.foreign else "")
    )
