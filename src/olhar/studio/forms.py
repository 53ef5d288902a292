"""Forms made from dataclasses: each field is declared once, and is a flag, a setting and a control.

The classes live beside networks, so reading them imports torch, which the pages do not need. A
process of its own reads them and writes down what a form must know; that is kept until olhar
changes, so the next start does not wait for it.

    python -m olhar.studio.forms OUT.json
"""

from __future__ import annotations

import dataclasses
import hashlib
import importlib
import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from olhar import __version__
from olhar.fields import from_dict
from olhar.media.files import atomic

if TYPE_CHECKING:
    from olhar.studio.workspace import Workspace

CLASSES = {
    "colorize": "olhar.colorize.settings:Colorize",
    "stylize": "olhar.stylize.settings:Stylize",
    "stylizer": "olhar.stylize.recipe:Stylization",
    "classifier": "olhar.classify.recipe:Classifier",
    "vae": "olhar.vae.recipe:Vae",
    "faceswap": "olhar.faceswap.recipe:FaceSwap",
    "swap": "olhar.faceswap.settings:Swap",
}
"""Name of a form to the dataclass that it fills."""
Kind: TypeAlias = Literal["whole", "number", "switch", "choice", "text", "other"]


@dataclass(frozen=True)
class Field:
    """One control of a form."""

    name: str
    kind: Kind
    help: str
    default: Any
    choices: tuple[str, ...] = ()
    low: float | None = None
    high: float | None = None
    advanced: bool = False

    def value(self, said: Any) -> Any:
        """What a control says, as the dataclass takes it."""
        if self.kind == "whole":
            return int(said)
        return float(said) if self.kind == "number" else said


def describe(cls: type) -> list[Field]:
    """The fields of a dataclass whose values are chosen in a form; others keep their defaults."""
    from olhar.commands.options import options
    from olhar.fields import Place, Within, hints, unwrap

    found: list[Field] = []
    told = hints(cls)
    for option in options(cls):
        kind, extras = unwrap(told[option.name]) if option.name in told else (None, ())
        if option.required or option.many or Place() in extras or option.name not in told:
            continue
        limits = [extra for extra in extras if isinstance(extra, Within)]
        low, high = (
            (limits[0].search or (limits[0].low, limits[0].high)) if limits else (None, None)
        )
        names: dict[type, Kind] = {bool: "switch", int: "whole", float: "number"}
        sort: Kind = "choice" if option.choices else names.get(option.kind, "other")
        if sort in ("whole", "number") and not isinstance(option.default, (int, float)):
            sort = "other"  # such as "auto", which is decided by the machine
        if sort != "other" and kind is not None:
            found.append(
                Field(
                    name=option.name,
                    kind=sort,
                    help=option.help,
                    default=option.default,
                    choices=option.choices,
                    low=low,
                    high=high,
                    advanced=option.advanced,
                )
            )
    return found


class Forms:
    """The fields of all forms, read meanwhile if they are not known.

    Args:
        space: keeps them.
    """

    def __init__(self, space: Workspace) -> None:
        self._file = space.root / f"forms-{_fingerprint()}.json"
        self._reading: subprocess.Popen[bytes] | None = None
        if not self._file.is_file():
            for old in space.root.glob("forms-*.json"):
                old.unlink(missing_ok=True)
            command = [sys.executable, "-m", "olhar.studio.forms", str(self._file)]
            self._reading = subprocess.Popen(command)  # noqa: S603  ourselves

    def fields(self, name: str) -> list[Field]:
        """The fields of a form, by its name in `CLASSES`."""
        if self._reading is not None:
            self._reading.wait()
            self._reading = None
        said: list[dict[str, Any]] = json.loads(self._file.read_text("utf-8"))[name]
        return [from_dict(Field, each) for each in said]


def _fingerprint() -> str:
    """What the forms depend on: the sources of olhar."""
    root = Path(__file__).parent.parent
    times = [(str(path), path.stat().st_mtime_ns) for path in sorted(root.rglob("*.py"))]
    return hashlib.sha256(repr((__version__, times)).encode()).hexdigest()[:16]


def main(target: str) -> None:
    """Write down all forms.

    Args:
        target: the JSON file.
    """
    said: dict[str, Any] = {}
    for name, where in CLASSES.items():
        module, _, attribute = where.partition(":")
        cls = getattr(importlib.import_module(module), attribute)
        said[name] = [dataclasses.asdict(field) for field in describe(cls)]
    with atomic(target) as temporary:
        temporary.write_text(json.dumps(said), "utf-8")


if __name__ == "__main__":
    main(sys.argv[1])
