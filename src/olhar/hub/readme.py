"""The card of a model as the page that people read on the Hugging Face hub.

The header between two `---` is YAML, of which JSON is a part: licence, library and tags, by which
the model is found. What follows is for people; the whole card stays in the model's own header.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    from olhar.hub.card import Card

_LICENCES = {
    *("apache-2.0", "mit", "bsd", "bsd-2-clause", "bsd-3-clause", "isc", "unlicense", "cc0-1.0"),
    *("cc-by-4.0", "cc-by-sa-4.0", "cc-by-nc-4.0", "cc-by-nc-sa-4.0", "gpl-3.0", "lgpl-3.0"),
    *("agpl-3.0", "mpl-2.0"),
}
"""Those that the hub knows by name, in small letters; others are "other", with a name."""
_TASKS = {
    "classifier": "image-classification",
    "colorizer": "image-to-image",
    "stylizer": "image-to-image",
    "ddcolor": "image-to-image",
    "eccv16": "image-to-image",
    "siggraph17": "image-to-image",
    "autoencoder": "image-to-image",
    "vae": "unconditional-image-generation",
}
_COLORIZE = "olhar colorize photo.jpg -o coloured.png --model"
_COMMANDS = {
    "classifier": "olhar classify photo.jpg --model",
    "regressor": "olhar classify photo.jpg --model",
    "colorizer": _COLORIZE,
    "stylizer": "olhar stylize photo.jpg -o restyled.png --style",
    "ddcolor": _COLORIZE,
    "eccv16": _COLORIZE,
    "siggraph17": _COLORIZE,
    "autoencoder": "olhar reconstruct pictures/ -o kept.png --model",
    "denoiser": "olhar denoise photo.jpg -o clean.png --model",
    "codec": "olhar pack pictures/ -o pictures.olhar --model",
    "vae": "olhar generate -o grid.png --model",
}
_CLASSES = 100  # that are listed


def readme(card: Card, repository: str) -> str:
    """The page of a model.

    Args:
        card: what the model says of itself.
        repository: where it will be, OWNER/NAME.

    Returns:
        Markdown with a header in YAML.
    """
    parts = [_header(card), f"# {_plain(card.name)}", _plain(card.summary), _use(card, repository)]
    if card.metrics:
        parts += ["## How good it is", *_measures(card.metrics)]
    if card.trained_on or card.classes:
        parts += ["## What it learned from", _plain(card.trained_on)]
        named = ", ".join(map(_plain, card.classes[:_CLASSES]))
        more = len(card.classes) - _CLASSES
        parts += [f"Classes: {named}" + (f" and {more} more" if more > 0 else "")] * bool(named)
    parts += ["## Where it is from", _origin(card)]
    parts += [f"The whole card is in the file: `olhar models show {repository}`"]
    return "\n\n".join(filter(None, parts)) + "\n"


def _header(card: Card) -> str:
    short = card.licence.lower()
    known = short in _LICENCES
    values: dict[str, Any] = {"license": short if known else "other"}
    if not known:
        values["license_name"] = re.sub(r"[^a-z0-9.]+", "-", short).strip("-") or "unknown"
    values["library_name"] = "olhar"
    if card.kind in _TASKS:
        values["pipeline_tag"] = _TASKS[card.kind]
    architecture = card.arguments.get("architecture")
    tags = ["olhar", card.kind, *([architecture] if isinstance(architecture, str) else [])]
    values["tags"] = [*dict.fromkeys(tags)]
    lines = [f"{key}: {json.dumps(value, ensure_ascii=False)}" for key, value in values.items()]
    return "\n".join(["---", *lines, "---"])


def _use(card: Card, repository: str) -> str:
    kind = "denoiser" if card.arguments.get("architecture") == "denoiser" else card.kind
    lines = ["## Use it", "", "```sh", 'pip install "olhar[hub]"']
    if kind in _COMMANDS:
        lines.append(f"{_COMMANDS[kind]} {repository}")
    lines += ["```", "", "```python", "import olhar", "", f'network = olhar.load("{repository}")']
    return "\n".join([*lines, "```"])


def _measures(metrics: dict[str, Any]) -> list[str]:
    """A table of each part of the data; what is not one number is in the card alone."""
    tables: list[str] = []
    for split, found in metrics.items():
        values = cast("dict[str, Any]", found if isinstance(found, dict) else {split: found})
        rows = [
            f"| {_plain(name.replace('_', ' '))} | {value:.4g} |"
            for name, value in values.items()
            if isinstance(value, int | float) and not isinstance(value, bool)
        ]
        if rows:
            tables.append("\n".join([f"| {_plain(split)} | |", "| :-- | --: |", *rows]))
    return tables


def _origin(card: Card) -> str:
    told = {
        "Origin": card.origin,
        "Authors": ", ".join(card.authors),
        "Licence": card.licence,
        "Kind": card.kind,
        "Written by": f"olhar {card.olhar_version}",
    }
    return "\n".join(f"- {label}: {_plain(text)}" for label, text in told.items() if text)


def _plain(text: str) -> str:
    """One line, of which nothing is a tag or the edge of a cell."""
    return " ".join(text.split()).replace("<", "&lt;").replace("|", "\\|")
