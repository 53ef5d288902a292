"""Reading what a file declares: the signed manifests in it and the XMP field beside them.

`declared(path)` works on files of any maker (C2PA specification 2.2). It asks nobody: no manifest,
no certificate and no list is fetched. A signature proves that nothing was changed since, and what
the signer said; who the signer is, only a root that one trusts can tell. Trusted are the root of
this computer and those in `trusted.pem` (`olhar.media.identity`).

Cost: the file is read once, hashed as it goes.
"""

from __future__ import annotations

import json
import mimetypes
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from olhar.errors import OlharError
from olhar.media import identity, xmp
from olhar.media.files import opened, reason, shown
from olhar.media.interrupts import held
from olhar.media.mark import DEEDS
from olhar.media.provenance import OFFLINE

if TYPE_CHECKING:
    from pathlib import Path

State: TypeAlias = Literal["trusted", "intact", "altered", "nothing"]
"""`intact` is a signature that holds, of nobody that is known; `nothing` proves nothing."""

_ABOUT_THE_SIGNER = ("signingCredential.", "timeStamp.", "timestamp.")
_DEEPEST = 64  # manifests that are followed
_SCANNED = 4 << 20


@dataclass(frozen=True, kw_only=True)
class Action:
    """One thing that was done."""

    name: str
    """As C2PA calls it: "c2pa.created"."""
    kind: str = ""
    """The digital source type, its whole address."""
    deed: str = ""
    """As olhar calls it (`olhar.media.mark`), if olhar did it."""
    model: str = ""
    """The model that did it."""
    card: str = ""
    """SHA-256 of the model's card."""
    consent: str = ""
    """SHA-256 of the record by which the people shown agreed."""


@dataclass(frozen=True, kw_only=True)
class Ingredient:
    """A file that something was made from."""

    relation: str
    """As C2PA calls it: "parentOf", "inputTo" or "componentOf"."""
    format: str
    """Its media type; empty if it is not known."""
    altered: bool = False
    """Whether it had been changed already when it was taken in."""
    step: Step | None = None
    """What it declared itself; None if it declared nothing."""


@dataclass(frozen=True, kw_only=True)
class Step:
    """One manifest: what somebody says to have done, and with what."""

    signer: str
    """As the certificate names them."""
    own: bool
    """Whether that is the key of this computer."""
    tool: str
    """What they did it with: "olhar 0.1.0"."""
    time: str = ""
    """When, by a time stamp that is signed; empty if there is none."""
    actions: tuple[Action, ...] = ()
    """In the order in which they were done."""
    ingredients: tuple[Ingredient, ...] = ()
    """The one that was changed first."""

    def chain(self) -> list[Step]:
        """This step and all before it that can be followed, the latest first."""
        found: list[Step] = [self]
        for step in found:  # which grows meanwhile
            found += [each.step for each in step.ingredients if each.step]
        return found


@dataclass(frozen=True, kw_only=True)
class Declaration:
    """What a file declares of itself."""

    path: Path
    state: State
    step: Step | None = None
    """The last thing that was done to it."""
    why: tuple[str, ...] = ()
    """What does not hold, by the codes of C2PA."""
    xmp: str = ""
    """The digital source type in its XMP, which nobody has signed."""
    elsewhere: str = ""
    """An address where its manifest is said to be, which was not asked."""


def declared(path: Path) -> Declaration:
    """Read what a file declares.

    Args:
        path: any file.

    Returns:
        What it says, and whether that holds. A format that C2PA does not know declares nothing.

    Raises:
        OlharError: if the file cannot be read.
    """
    with opened(path):  # which says what is wrong with it
        pass
    try:
        note = _clean(xmp.declared(path))
        with held():
            return _read(path, note)
    except OSError as error:
        raise OlharError(f"{shown(path)} cannot be read: {reason(error)}") from error


def _read(path: Path, note: str) -> Declaration:
    import c2pa

    anchors = identity.anchors()
    trust = {"trust": {"user_anchors": anchors}} if anchors else {}
    settings = {**trust, "verify": {"verify_trust": True, **OFFLINE}}
    context: Any = c2pa.Context(settings=c2pa.Settings.from_dict(settings))
    try:
        with path.open("rb") as file:
            kind = mimetypes.guess_type(path.name)[0] or ""
            reader: Any = c2pa.Reader.try_create(kind, file, context=context)
            if reader is None:
                return Declaration(path=path, state="nothing", xmp=note)
            with reader:
                found: dict[str, Any] = json.loads(reader.json())
                state: str = reader.get_validation_state() or ""
    except c2pa.C2paError as error:
        if address := re.search(r"RemoteManifest\S*.*?(https?://\S+)", str(error), re.DOTALL):
            return Declaration(path=path, state="nothing", xmp=note, elsewhere=_clean(address[1]))
        # Either no format that C2PA knows, or a manifest that is no longer one.
        if _holds_manifest(path):
            return Declaration(path=path, state="altered", xmp=note, why=(_clean(str(error)),))
        return Declaration(path=path, state="nothing", xmp=note)
    results: Any = found.get("validation_results", {}).get("activeManifest", {})
    failures = [_clean(str(each.get("code", ""))) for each in results.get("failure", [])]
    broken = [code for code in failures if not code.startswith(_ABOUT_THE_SIGNER)]
    holds = state in {"Valid", "Trusted"} or (failures and not broken)
    return Declaration(
        path=path,
        state="trusted" if state == "Trusted" else "intact" if holds else "altered",
        step=_step(found, found.get("active_manifest", ""), _own_serial(), _DEEPEST),
        why=tuple(dict.fromkeys(failures if holds else broken or failures)),
        xmp=note,
    )


def _step(found: dict[str, Any], label: str, own: str, deepest: int) -> Step | None:
    manifest: dict[str, Any] | None = found.get("manifests", {}).get(label)
    if manifest is None or not deepest:
        return None
    signature: dict[str, Any] = manifest.get("signature_info", {})
    names = [_clean(signature.get("common_name")), _clean(signature.get("issuer"))]
    tools = manifest.get("claim_generator_info") or [{"name": manifest.get("claim_generator")}]
    tool = f"{tools[0].get('name') or ''} {tools[0].get('version') or ''}"
    ingredients = sorted(
        manifest.get("ingredients", []), key=lambda each: each.get("relationship") != "parentOf"
    )
    return Step(
        signer=", ".join(dict.fromkeys(filter(None, names))),
        own=bool(own) and signature.get("cert_serial_number") == own,
        tool=_clean(tool),
        time=_clean(signature.get("time")),
        actions=tuple(
            _action(each)
            for assertion in manifest.get("assertions", [])
            if str(assertion.get("label", "")).startswith("c2pa.actions")
            for each in assertion.get("data", {}).get("actions", [])
        ),
        ingredients=tuple(
            Ingredient(
                relation=_clean(each.get("relationship")),
                format=_clean(each.get("format")).replace("application/octet-stream", ""),
                altered=_was_altered(each),
                step=_step(found, each.get("active_manifest", ""), own, deepest - 1),
            )
            for each in ingredients
        ),
    )


def _action(said: dict[str, Any]) -> Action:
    parameters: dict[str, Any] = said.get("parameters") or {}
    deed = _clean(parameters.get("olhar.deed"))
    return Action(
        name=_clean(said.get("action")),
        kind=_clean(said.get("digitalSourceType")),
        deed=deed if deed in DEEDS else "",
        **{name: _clean(parameters.get(f"olhar.{name}")) for name in ("model", "card", "consent")},
    )


def _was_altered(ingredient: dict[str, Any]) -> bool:
    results = ingredient.get("validation_results", {}).get("activeManifest", {})
    codes = [str(each.get("code", "")) for each in results.get("failure", [])]
    return any(not code.startswith(_ABOUT_THE_SIGNER) for code in codes)


def _own_serial() -> str:
    """The number of this computer's certificate, as c2pa writes it; empty if there is none."""
    from cryptography import x509

    try:
        chain = (identity.folder() / identity.CHAIN).read_bytes()
        return str(x509.load_pem_x509_certificates(chain)[0].serial_number)
    except (OSError, ValueError):
        return ""


def _holds_manifest(path: Path) -> bool:
    """Whether there is something in a file that once was a manifest."""
    with path.open("rb") as file:
        return b"jumdc2pa" in file.read(_SCANNED)


def _clean(said: Any) -> str:
    """What a stranger wrote, as it may stand in a line of ours."""
    text = " ".join(str(said or "").split())
    return "".join(each if each.isprintable() else "?" for each in text)[:200]
