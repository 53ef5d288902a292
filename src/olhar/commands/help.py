"""The help: of olhar from the catalogue, of a command from its signature. Plain text, no torch."""

from __future__ import annotations

import inspect
import shutil
import textwrap
from dataclasses import replace
from itertools import groupby
from typing import TYPE_CHECKING, Any

from olhar import __version__
from olhar.catalogue import COMMANDS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from olhar.catalogue import Entry
    from olhar.commands.options import Option  # imports more than `olhar --help` needs

EXAMPLES = """\
  olhar stylize photo.jpg --style painting.jpg -o picture.jpg
  olhar train classifier flowers/ -o runs/flowers"""

_WIDEST = 30  # of the left column; what is wider gets a line of its own


def overview() -> str:
    """What olhar can do, from the catalogue alone; fits 80 x 42, as every help does."""
    lines = [f"olhar {__version__}: practical computer vision with PyTorch", ""]
    lines += ["usage: olhar COMMAND [--help], olhar --version", ""]
    for group, entries in groupby(COMMANDS.items(), key=lambda item: item[1].group):
        lines += [group, *(f"  {name:<12}{entry.help}" for name, entry in entries), ""]
    lines += ["Examples", EXAMPLES]
    return "\n".join(lines)


def family(name: str, members: Mapping[str, Entry]) -> str:
    """The words that may stand first after a command."""
    lines = [f"usage: olhar {name} KIND [--help]", "", COMMANDS[name].help, ""]
    lines += [f"  {member:<14}{entry.help}" for member, entry in members.items()]
    first = next(iter(members))
    return "\n".join([*lines, "", f"olhar {name} {first} --help says what each of them takes."])


def explain(name: str, command: Callable[..., Any], *, everything: bool = False) -> str:
    """What a command does and takes: its docstring up to `Args:`, then its flags in groups.

    Args:
        name: as it is typed.
        command: a function as `olhar.commands.options` describes it.
        everything: also flags that are seldom changed.
    """
    from olhar.commands.options import EVERYWHERE, options

    whole = options(command)
    seldom = [option for option in whole if option.advanced and not everything]
    table = [option for option in whole if option not in seldom]
    width = min(shutil.get_terminal_size().columns, 100)
    about = (inspect.getdoc(command) or "").partition("\nArgs:")[0].strip()
    usage = ["usage: olhar", name]
    usage += [" ".join([*o.flags[:1], o.value]) for o in table if o.required]
    usage += [f"[{o.title}]" for o in table if not o.required and not o.flags]
    usage += ["[flags]"] if any(o.flags and not o.required for o in table) else []
    lines = [" ".join(usage), "", about]
    everywhere = [
        replace(option, group="Every command")
        for option in EVERYWHERE
        if seldom or not option.advanced
    ]
    indent = 4 + min(_WIDEST, max(len(_left(option)) for option in [*table, *everywhere]))
    for group, members in groupby([*table, *everywhere], key=lambda option: option.group):
        lines += ["", *([group] if group else [])]
        for option in members:
            lines += _row(_left(option), _right(option), indent, width)
    if seldom:
        lines[-1] = lines[-1].replace("show every flag", f"show {len(seldom)} more flags")
    return "\n".join(lines)


def _left(option: Option) -> str:
    """`-o, --output OUT`."""
    return ", ".join([*option.flags[:-1], option.title])


def _right(option: Option) -> str:
    """The help and the default, unless that is nothing."""
    value = option.default
    if option.required or value is None or isinstance(value, bool) or value in ("", (), []):
        return option.help
    shown = " ".join(map(str, value)) if option.many else str(value)
    return f"{option.help} [{shown}]"


def _row(left: str, right: str, indent: int, width: int) -> list[str]:
    wrapped = textwrap.wrap(right, max(20, width - indent)) or [""]
    first = "" if len(left) > _WIDEST else wrapped.pop(0)
    return [f"  {left}".ljust(indent) + first, *(" " * indent + line for line in wrapped)]
