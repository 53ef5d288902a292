"""Published weights too large to bundle: a table, and a download that cannot go wrong quietly.

A download goes to a `.part` file, is compared with the full SHA-256 in the table and only then gets
its name; and every load compares again, since disks and people change files. Where there is no
network, the sentence says what to put where.
"""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path

from olhar.errors import OlharError
from olhar.media.files import reason
from olhar.media.progress import bar

TIMEOUT = 20.0
"""Seconds without an answer after which a server counts as out of reach."""


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
    """Bytes."""

    @property
    def path(self) -> Path:
        """Where it is, or would be, on this machine."""
        return home() / "models" / f"{self.name}.safetensors"


REMOTE: dict[str, Remote] = {}
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
    found = sha256(remote.path)
    if found != remote.sha256:
        raise OlharError(
            f"{remote.path} is not what it should be (sha256 {found}, not {remote.sha256}); "
            f"delete it, then run: olhar models get {remote.name}"
        )
    return remote.path


def download(remote: Remote) -> Path:
    """Download a model, unless it is here and whole.

    Args:
        remote: an entry of `REMOTE`.

    Returns:
        Where it is.

    Raises:
        OlharError: if the server cannot be reached, has no such file or sends another one.
    """
    import requests

    if remote.path.is_file() and sha256(remote.path) == remote.sha256:
        return remote.path
    part = remote.path.with_name(remote.path.name + ".part")
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
                update(file.tell())
                if file.tell() > remote.size:  # or a server could fill the disk
                    break
        found = sha256(part)
        if found != remote.sha256:
            raise OlharError(
                f"{remote.url} did not send what was published (sha256 {found}, not "
                f"{remote.sha256}), so it was thrown away; try again later"
            )
        part.replace(remote.path)
    except requests.HTTPError as error:
        raise OlharError(
            f"{remote.url} is not to be had ({error}); a newer olhar may know another address"
        ) from error
    except requests.RequestException as error:
        raise OlharError(
            f"{remote.name} could not be downloaded ({type(error).__name__}); {_how(remote)}"
        ) from error
    except OSError as error:
        raise OlharError(f"{part} cannot be written: {reason(error)}") from error
    finally:
        part.unlink(missing_ok=True)
    return remote.path


def sha256(path: Path) -> str:
    """The SHA-256 of a file, as 64 hexadecimal digits."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _how(remote: Remote) -> str:
    return (
        f"with a network, run: olhar models get {remote.name}; without one, put "
        f"{remote.url.rpartition('/')[2]} (sha256 {remote.sha256}) from elsewhere at {remote.path}"
    )
