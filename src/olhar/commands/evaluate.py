"""`olhar evaluate`."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

import torch
import tyro

from olhar import hub
from olhar.commands.subject import subject
from olhar.media.files import shown
from olhar.media.image import write
from olhar.training import report

_MOST = 60  # classes that are printed; --json has all
_ONLY_SAYS = {"classifier", "regressor"}  # beside real pictures, they make none
_SHOWN = 40  # examples on a sheet
_HEADINGS = {
    "average_precision": "av. prec.",
    "psnr": "PSNR, dB",
    "ab_error": "ab error",
    "colorfulness": "colourful",
    "feature_distance": "VGG dist.",
}


@dataclass(frozen=True)
class Measured:
    """How good a model is on a part of some data."""

    model: str
    metrics: dict[str, Any]
    """With `split` and `examples`."""
    notes: tuple[str, ...] = ()
    sheet: Path | None = None
    """A picture of some examples and what the model made of them."""
    report: Path | None = None
    """The page that explains it."""
    exit_code: int = 0

    def as_dict(self) -> dict[str, Any]:
        """The metrics, and what was measured."""
        sheet = str(self.sheet) if self.sheet else None
        page = str(self.report) if self.report else None
        told = {"sheet": sheet, "report": page, "notes": list(self.notes)}
        return {"model": self.model, **self.metrics, **told}

    def __str__(self) -> str:
        values = self.metrics
        part = {"all": "all of it"}.get(values["split"], f"its {values['split']} part")
        lines = [*self.notes, f"{values['examples']:,} examples, {part}", ""]
        lines += [_line(name, value, values) for name, value in values.items() if _real(value)]
        for name in ("rows", "per_class", "per_value"):
            if name in values:
                lines += ["", *_table(values[name])]
        if "protocol" in values:
            lines += ["", f"measured as {values['protocol']}: compare with no other protocol"]
        if self.sheet:
            lines.append(f"{shown(self.sheet)} shows some of them")
        if self.report:
            lines += ["", f"Look at it: {shown(self.report)}"]
        return "\n".join(lines)


def evaluate(
    model: Annotated[str, tyro.conf.arg(metavar="MODEL")],
    data: Annotated[Path | None, tyro.conf.arg(metavar="DATA")] = None,
    /,
    *,
    output: Annotated[Path | None, tyro.conf.arg(aliases=("-o",), metavar="REPORT")] = None,
    split: Literal["auto", "test", "validation", "train", "all"] = "auto",
    sheet: Path | None = None,
) -> Measured:
    """Measure a model on pictures it has not seen.

    With the measures of a classifier comes the range in which each would lie,
    95 times of 100, had other pictures of the same sort been drawn. Those of a
    colorizer stand beside grey and one tint for all.

    -o makes a report of it: a page that explains the model in English and in
    Portuguese, with what it confuses, what it looked at and how it learned.

    Args:
        model: a run folder, a .safetensors file or the name of a model
        data: what it was trained on, or anything of the same form; of a run
            folder the former, where it was then
        output: a folder for report.html and report.json
        split: which part; auto is the test part if there is one, or all
        sheet: also draw some examples and what the model made of them, here
    """
    of = subject(model, data, split)
    card, recipe, network = of.card, of.recipe, of.network
    with torch.inference_mode():
        found = recipe.evaluate(network, of.batches(), thorough=True)
        if sheet:
            mark = None if card.kind in _ONLY_SAYS else hub.mark("shown", model)
            picture = recipe.show(network, of.some(_SHOWN))
            write(sheet, picture.float().cpu().clamp(0, 1), mark=mark)
    measured = {**found, "split": of.part, "examples": len(of.data)}
    page = report.write(of, found, output)[0] if output else None
    return Measured(card.name, measured, (*of.notes,), sheet, page)


def _line(name: str, value: float, metrics: dict[str, Any]) -> str:
    label = name.replace("_", " ")
    if name in ("precision", "recall", "f1"):
        label += f" ({metrics['average']})"
    low, high = metrics.get("intervals", {}).get(name, (None, None))
    interval = "" if low is None else f"   {low:.4g} to {high:.4g}"
    return f"{label:<22}{value:>9.4g}{interval}"


def _table(rows: dict[str, dict[str, Any]]) -> list[str]:
    """One line per class, under headings."""
    columns = [name for row in [*rows.values()][:1] for name in row]
    width = min(32, max(len(name) for name in rows))
    lines = [" " * width + "".join(f"{_HEADINGS.get(name, name):>11}" for name in columns)]
    for name, row in list(rows.items())[:_MOST]:
        cells = "".join(f"{_cell(row[column]):>11}" for column in columns)
        lines.append(f"{name[:width]:<{width}}{cells}")
    if len(rows) > _MOST:
        lines.append(f"... and {len(rows) - _MOST} more; --json lists them all")
    return lines


def _cell(value: float | None) -> str:
    return "-" if value is None else f"{value:,}" if isinstance(value, int) else f"{value:.3f}"


def _real(value: Any) -> bool:
    return isinstance(value, float)
