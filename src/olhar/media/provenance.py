"""Signing what a machine made: a C2PA manifest inside the file (C2PA specification 2.2).

    with signed("picture.png", mark) as temporary:
        ...  # write it; it is signed, synced and only then renamed

The manifest says what was done (`olhar.media.mark`), by which model, with which version of olhar,
and from which files, whose own credentials go along whole. It says nothing else: no name, no path,
no time, no thumbnail. Whoever changes a byte of the picture or the sound can no longer show it as
this one; whoever re-encodes it takes the manifest away, which is why XMP says the same in a word.

A file is never lost for want of a signature: if the key is damaged or the disk is full, it is put
in place with the XMP field alone, and `NotSigned` says so.

Cost (`benchmarks/provenance.py`): some 3.3 KB and 5 to 15 ms for a megapixel, 1 to 5 % of what
writing it takes, beside what the credentials of its sources weigh (some 6 KB for each earlier step)
and what a time stamp adds. Files are streamed, never held. The first file of a process pays 0.2
seconds for libraries. PNG, JPEG, WebP, TIFF, AVIF, GIF, MP4 and MOV can be signed; WebM and
Matroska have no place for a manifest, so generated films are not written as such: MP4 takes VP9.
"""

import contextlib
import io
import os
from collections.abc import Callable, Generator
from functools import cache
from pathlib import Path
from typing import Any

from olhar import __version__
from olhar.errors import OlharError
from olhar.media import identity, xmp
from olhar.media.files import atomic, reason, shown
from olhar.media.interrupts import held
from olhar.media.mark import Mark

FORMATS = {
    ".avif": "image/avif",
    ".gif": "image/gif",
    ".jpeg": "image/jpeg",
    ".jpg": "image/jpeg",
    ".mov": "video/quicktime",
    ".mp4": "video/mp4",
    ".png": "image/png",
    ".tif": "image/tiff",
    ".tiff": "image/tiff",
    ".webp": "image/webp",
}
"""Suffix to media type of what can be signed."""
_READ = {**FORMATS, ".heic": "image/heic", ".heif": "image/heif", ".dng": "image/dng"}
_UNKNOWN = "application/octet-stream"
_BOXES = {".mp4", ".mov"}

OFFLINE = {"remote_manifest_fetch": False, "ocsp_fetch": False}
"""Settings by which c2pa asks nobody about a file."""


class NotSigned(OlharError):  # noqa: N818  the file is there
    """The file was written, with its XMP field, and has no signature; the sentence says why."""


def refuse_unsignable(path: str | os.PathLike[str], mark: Mark | None) -> None:
    """Refuse now what could not be signed later.

    Raises:
        OlharError: if there is a mark and the format has no place for it.
    """
    suffix = Path(path).suffix.lower()
    if mark is not None and suffix not in FORMATS:
        raise OlharError(
            f"{shown(path)}: what a machine made is signed, and a {suffix or 'nameless'} file has "
            "no place for a signature; let its name end in .mp4"
        )


@contextlib.contextmanager
def signed(
    path: str | os.PathLike[str],
    mark: Mark | None,
    *,
    on_failure: Callable[[NotSigned], None] | None = None,
) -> Generator[Path]:
    """Write a file whole or not at all, as `atomic` does, and sign it before it appears.

    Args:
        path: the file to make or to replace.
        mark: what was done; None is for what no machine has made, which is not signed.
        on_failure: is told, instead of raising, once the file is in place and could not be signed.

    Yields:
        The name of an empty temporary file in the same folder, with the same suffix, to be filled.

    Raises:
        NotSigned: once the file is in place, if it could not be signed.
        OlharError: as `atomic`; also if the format cannot be signed.
    """
    refuse_unsignable(path, mark)
    failure: NotSigned | None = None
    with atomic(path) as temporary:
        yield temporary
        if mark is not None:
            try:
                sign(temporary, mark)
            except NotSigned as error:
                failure = error
    if failure is not None:
        told = NotSigned(f"{shown(path)} was written, but is not signed: {failure}")
        if on_failure is None:
            raise told from failure
        on_failure(told)


def sign(path: Path, mark: Mark) -> None:
    """Put a signed manifest into a file; it is replaced once that is complete.

    Args:
        path: a file that can be signed, whose bytes are final.
        mark: what was done.

    Raises:
        NotSigned: if it could not be signed; the file is as it was, but for a film's XMP field.
    """
    beside = path.with_name(f".olhar-{path.stem.removeprefix('.olhar-')}-signed{path.suffix}")
    try:
        if path.suffix.lower() in _BOXES:
            xmp.append_box(path, xmp.marked(None, mark.way.kind))
        with held():
            _write(path, beside, mark)
        beside.chmod(path.stat().st_mode & 0o7777)
        beside.replace(path)
    except NotSigned:
        raise
    except OlharError as error:
        raise NotSigned(str(error)) from error
    except OSError as error:
        raise NotSigned(f"{reason(error)}; make room and run it again") from error
    finally:
        with contextlib.suppress(OSError):
            beside.unlink(missing_ok=True)


class _Remembering(io.FileIO):
    """A file whose failure is known afterwards, since c2pa says only that there was one."""

    failure: OSError | None = None

    def write(self, data: Any, /) -> int:
        try:
            return super().write(data)
        except OSError as error:
            self.failure = error
            raise


def _write(path: Path, target: Path, mark: Mark) -> None:
    import c2pa

    who = identity.identity()
    authority = os.environ.get(identity.TIMESTAMP) or None
    raw = _Remembering(target, "w+")
    try:
        with path.open("rb") as source, io.BufferedRandom(raw) as file:
            signer: Any = c2pa.Signer.from_info(
                c2pa.C2paSignerInfo(who.algorithm, who.chain.encode(), who.key.encode(), authority)
            )
            with signer, _builder(mark) as builder:
                builder.sign(signer, FORMATS[path.suffix.lower()], source, file)
    except (c2pa.C2paError, OSError) as error:
        if raw.failure is not None:
            raise raw.failure from error
        if isinstance(error, OSError):
            raise
        asked = f" (the time-stamp authority is {authority})" if authority else ""
        raise NotSigned(f"{' '.join(str(error).split())[:300]}{asked}") from error


def _builder(mark: Mark) -> Any:
    """A manifest that is complete but for the file it is for."""
    import c2pa

    parameters: dict[str, Any] = {"olhar.deed": mark.deed}
    said = {"model": mark.model, "card": mark.card, "consent": mark.consent, **mark.notes}
    parameters |= {f"olhar.{name}": value for name, value in said.items() if value}
    action, kind = mark.way
    parent, files = mark.source, mark.beside
    if parent is not None and action == "c2pa.created":  # then nothing was opened: it is an input
        parent, files = None, (parent, *files)
    inputs = [f"input{n}" for n, _ in enumerate(files)]
    if inputs:
        parameters["ingredientIds"] = inputs
    actions: list[dict[str, Any]] = []
    if parent is not None:
        actions.append({"action": "c2pa.opened", "parameters": {"ingredientIds": ["parent"]}})
    elif action != "c2pa.created":  # nobody said of what: a manifest begins with either of the two
        actions.append({"action": "c2pa.created", "digitalSourceType": kind})
    actions.append({"action": action, "digitalSourceType": kind, "parameters": parameters})
    builder: Any = c2pa.Builder(
        {
            "claim_generator_info": [{"name": "olhar", "version": __version__}],
            "assertions": [{"label": "c2pa.actions.v2", "data": {"actions": actions}}],
        },
        context=_context(),
    )
    if parent is not None:
        _add(builder, parent, "parent", "parentOf")
    for label, path in zip(inputs, files, strict=True):
        _add(builder, path, label, "inputTo")
    return builder


def _add(builder: Any, path: Path, label: str, relationship: str) -> None:
    """Add a file as an ingredient, with its credentials if it has any that can be read."""
    import c2pa

    about = {"relationship": relationship, "instance_id": label, "label": label}
    try:
        with path.open("rb") as file:
            builder.add_ingredient(about, _READ.get(path.suffix.lower(), _UNKNOWN), file)
    except (c2pa.C2paError, OSError):  # another format than its name says, damaged, or gone
        builder.add_ingredient(about, _UNKNOWN, io.BytesIO(b"\0"))


@cache
def _context() -> Any:
    import c2pa

    settings = {
        "builder": {"thumbnail": {"enabled": False}},
        "verify": {"verify_after_sign": False, **OFFLINE},
    }
    return c2pa.Context(settings=c2pa.Settings.from_dict(settings))
