"""`olhar models`."""

from typing import Any, Literal

from olhar import hub
from olhar.commands.outcome import Said, labelled
from olhar.errors import OlharError


def models(action: Literal["list", "get"] = "list", name: str = "", /) -> Said:
    """List models, or download one.

    olhar models            what there is, with licence and origin
    olhar models get NAME   download NAME, compared with its SHA-256

    Args:
        action: what to do
        name: which model, for get
    """
    if action == "get":
        return _get(name)
    if name:
        raise OlharError(f"olhar models list takes no name, {name!r} was given; did you mean get?")
    rows = [_bundled(card) for card in hub.bundled()] + [
        _remote(entry) for entry in hub.REMOTE.values()
    ]
    return Said("\n\n".join(map(_text, rows)) or "none", {"models": rows})


def _get(name: str) -> Said:
    known = ", ".join(hub.REMOTE) or "none yet"
    if not name:
        raise OlharError(
            f"olhar models get needs the NAME of a model; to download there are: {known}"
        )
    if name in hub.REMOTE:
        path = hub.download(hub.REMOTE[name])
        return Said(f"{name} is at {path}", {"name": name, "path": str(path)})
    if name in [card.name for card in hub.bundled()]:
        raise OlharError(f"{name} came with olhar; there is nothing to download")
    raise OlharError(f"there is no model {name!r} to download; there are: {known}")


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
