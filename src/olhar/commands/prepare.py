"""`olhar models prepare`: which engine computes a model fastest on this machine."""

from pathlib import Path
from typing import Any

import torch

from olhar import catalogue, hub
from olhar.commands.outcome import Said
from olhar.errors import OlharError
from olhar.look.machine import processor
from olhar.media.progress import bar
from olhar.nets.engine_record import ENGINES, Record, Size
from olhar.nets.precision import default_device
from olhar.nets.prepare import prepare as measure


def prepare(name: str) -> Said:
    """Measure the engines for a model, or for all that are here, and keep what is fast.

    Args:
        name: of a model; all that came with olhar or were downloaded, if empty.

    Raises:
        OlharError: if there is no such model, it runs by PyTorch alone, a package is missing, or
            this machine computes on something faster than its processor.
    """
    if (device := default_device()) != "cpu":
        raise OlharError(
            f"olhar computes on {device} here, and other engines are for processors; there is "
            "nothing to prepare"
        )
    here = [card for card in hub.bundled() if card.kind in catalogue.PARTS]
    names = (
        [name]
        if name
        else [card.name for card in here]
        + [entry.name for entry in hub.REMOTE.values() if entry.path.is_file()]
    )
    found: list[tuple[Record, list[str]]] = []
    with bar("preparing", total=len(names)) as update:
        for done, each in enumerate(names):
            update(done, label=f"preparing {Path(each).name}")
            card, parts = catalogue.parts(each)
            found += [measure(part, what, card, hub.find(each)) for part, what in parts.items()]
    return Said(
        "\n\n".join(_text(record, notes) for record, notes in found),
        {"parts": [_values(record, notes) for record, notes in found]},
    )


def _text(record: Record, notes: list[str]) -> str:
    threads = torch.get_num_threads()
    on = f"{threads} thread{'s' * (threads > 1)} of {processor()}"
    wide = {engine: max(7, len(engine)) for engine in ENGINES}
    head = "".join(f"  {engine:>{wide[engine]}}" for engine in ENGINES)
    lines = [f"{record.name}, its {record.part}: {on}", f"  {'size':<18}{head}  chosen"]
    for size in record.sizes:
        cells = "".join(f"  {_cell(size, engine):>{wide[engine]}}" for engine in ENGINES)
        lines.append(f"  {' x '.join(map(str, size.shapes[0])):<18}{cells}  {size.chosen}")
    return "\n".join([*lines, *(f"  note: {note}" for note in notes)])


def _cell(size: Size, engine: str) -> str:
    """Milliseconds of PyTorch, and how many times as fast others are."""
    if engine not in size.seconds:
        return "-"
    if engine == "torch":
        return f"{1000 * size.seconds[engine]:.3g} ms"
    return f"{size.seconds['torch'] / size.seconds[engine]:.2f}"


def _values(record: Record, notes: list[str]) -> dict[str, Any]:
    return {
        "model": record.name,
        "part": record.part,
        "machine": record.machine,
        "sizes": [
            {"shapes": size.shapes, "seconds": size.seconds, "chosen": size.chosen}
            for size in record.sizes
        ],
        "notes": notes,
    }
