"""`olhar models`."""

import dataclasses
from typing import Annotated, Any, Literal, cast

import tyro

from olhar import catalogue, hub
from olhar.commands.outcome import Said, labelled
from olhar.errors import OlharError
from olhar.hub.repository import SITE


def models(
    action: Literal["list", "show", "get", "prepare", "convert", "push"] = "list",
    name: str = "",
    to: Annotated[str, tyro.conf.arg(metavar="OWNER/NAME")] = "",
    /,
) -> Said:
    """List models; show, download, speed up, convert or upload one.

    olhar models                 what there is, with licence and origin
    olhar models show NAME       what a model says of itself: its card; also
                                 of a run folder, a .safetensors or .onnx file
    olhar models get NAME        download NAME, compared with its SHA-256; or
                                 OWNER/NAME from the Hugging Face hub
    olhar models prepare [NAME]  measure once which engine runs NAME, or all
                                 that are here, fastest on this machine, and
                                 use it from then on; needs olhar[fast]
    olhar models convert FILE    make a .safetensors beside FILE, a .pth of
                                 eccv16, siggraph17 or ddcolor; runs nothing
                                 that is in it
    olhar models push NAME OWNER/NAME
                                 upload a model to the Hugging Face hub, with
                                 a page made of its card; what is new there is
                                 private at first

    Args:
        action: what to do
        name: which model, for show, get, prepare and push; which file, for
            convert
        to: the repository, for push
    """
    if to and action != "push":
        raise OlharError(f"olhar models {action} takes one name; {to!r} is one too many")
    if action == "push":
        return _push(name, to)
    if action == "show":
        return _show(name)
    if action == "get":
        return _get(name)
    if action == "convert":
        return _convert(name)
    if action == "prepare":
        from olhar.commands.prepare import prepare  # which brings torch

        return prepare(name)
    if name:
        raise OlharError(f"olhar models list takes no name, {name!r} was given; did you mean get?")
    rows = [_bundled(card) for card in hub.bundled()] + [
        _remote(entry) for entry in hub.REMOTE.values()
    ]
    return Said("\n\n".join(map(_text, rows)) or "none", {"models": rows})


def _get(name: str) -> Said:
    if not name:
        raise OlharError(
            "olhar models get needs the NAME of a model; to download there are: "
            f"{', '.join(hub.REMOTE)}"
        )
    path = catalogue.get(name)
    return Said(f"{name} is at {path}", {"name": name, "path": str(path)})


def _show(name: str) -> Said:
    if not name:
        raise OlharError("olhar models show needs the NAME of a model, a run folder or a file")
    path = hub.find(name)
    card = hub.read_card(path)
    values = {"path": str(path), **dataclasses.asdict(card)}
    lines = [f"{card.name} ({path.stat().st_size / 1e6:.1f} MB, {path})"]
    for label in ("summary", "kind", "licence", "origin"):
        lines += labelled(f"  {label}", values[label])
    lines += labelled("  authors", ", ".join(card.authors)) if card.authors else []
    lines += labelled("  data", card.trained_on) if card.trained_on else []
    lines += labelled("  classes", ", ".join(card.classes)) if card.classes else []
    for split, found in card.metrics.items():
        known = cast("dict[str, Any]", found if isinstance(found, dict) else {})
        told = [f"{name} {value:.4g}" for name, value in known.items() if _number(value)]
        lines += labelled(f"  {split} ", ", ".join(told))
    return Said("\n".join(lines), values)


def _push(name: str, to: str) -> Said:
    if not name or not to:
        raise OlharError(
            "olhar models push needs a MODEL and OWNER/NAME, the repository that it goes to"
        )
    card = hub.push(hub.find(name), to)
    address = f"{SITE}/{to}"
    return Said(f"{card.name} is at {address}", {"name": card.name, "address": address})


def _number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _convert(name: str) -> Said:
    if not name:
        raise OlharError("olhar models convert needs a FILE, the .pth that is to be converted")
    path = catalogue.convert(name)
    kind = hub.read_card(path).kind
    return Said(
        f"{path} is a model of kind {kind}", {"name": path.stem, "path": str(path), "kind": kind}
    )


def _bundled(card: hub.Card) -> dict[str, Any]:
    return _row(card, where="bundled", size=hub.find(card.name).stat().st_size)


def _remote(entry: hub.Remote) -> dict[str, Any]:
    return _row(entry, where="here" if entry.path.is_file() else "to download", size=entry.size)


def _row(model: hub.Card | hub.Remote, where: str, size: int) -> dict[str, Any]:
    return {
        "name": model.name,
        "kind": model.kind,
        "summary": model.summary,
        "where": where,
        "bytes": size,
        "licence": model.licence,
        "origin": model.origin,
    }


def _text(row: dict[str, Any]) -> str:
    lines = [f"{row['name']} ({row['bytes'] / 1e6:.1f} MB, {row['where']})"]
    for label in ("summary", "kind", "licence", "origin"):
        lines += labelled(f"  {label}", row[label])
    return "\n".join(lines)
