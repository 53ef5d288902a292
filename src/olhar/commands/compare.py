"""`olhar compare`."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, cast

import numpy as np
import torch

from olhar.commands.subject import subject
from olhar.commands.tune import table
from olhar.errors import OlharError
from olhar.training.compare import differences
from olhar.training.report import Subject


@dataclass(frozen=True)
class Compared:
    """How models differ from the first of them."""

    names: tuple[str, ...]
    part: str
    examples: int
    recipes: dict[str, list[Any]]
    """Setting to its value in each, of those that differ."""
    measures: dict[str, dict[str, dict[str, Any]]]
    """Name of another model to measure to how much it differs."""
    exit_code: int = 0

    def as_dict(self) -> dict[str, Any]:
        """The same as JSON values."""
        return vars(self)

    def __str__(self) -> str:
        part = {"all": "all of it"}.get(self.part, f"the {self.part} part")
        lines = [f"{self.examples:,} examples, {part}", ""]
        if self.recipes:
            width = max(len(name) for name in self.recipes)
            lines.append("".join([" " * width, *(f"  {name[:16]:>16}" for name in self.names)]))
            for name, values in self.recipes.items():
                cells = "".join(f"  {_short(value):>16}" for value in values)
                lines.append(f"{name:<{width}}{cells}")
        else:
            lines.append("their recipes are the same")
        for name, measures in self.measures.items():
            lines += ["", *table(measures, self.names[0], name)]
        return "\n".join(lines)


def compare(
    runs: tuple[str, ...],
    /,
    *,
    data: Path | None = None,
    split: Literal["auto", "test", "validation", "train", "all"] = "auto",
) -> Compared:
    """Say which of several models is better, and whether by chance.

    All are measured on the same pictures, those that the first is measured on,
    so that a hard picture is hard for all. The others are compared with the
    first: what differs in their recipes, and by how much they are better.

    Args:
        runs: run folders, .safetensors files or names of models, two or more
        data: what they are measured on; what the first was trained on if not
            given
        split: which part; auto is the test part if there is one, or all
    """
    if len(runs) < 2:
        raise OlharError("olhar compare needs two RUNS or more, the one to compare with first")
    first = subject(runs[0], data, split)
    part = first.part
    subjects = [first, *(subject(run, data, split) for run in runs[1:])]
    for each in subjects[1:]:
        if each.card.kind != first.card.kind:
            raise OlharError(
                f"{first.card.name} is a {first.card.kind} and {each.card.name} a "
                f"{each.card.kind}; only models of one kind can be compared"
            )
        for field in type(first.recipe).objective:
            here, there = (getattr(of.recipe, field) for of in (first, each))
            if here != there:
                raise OlharError(
                    f"{first.card.name} was trained with {field} {_said(here)} and "
                    f"{each.card.name} with {_said(there)}, so each has a loss of its own; "
                    "compare models of one"
                )
        if not _same(first, each):
            raise OlharError(
                f"{first.card.name} and {each.card.name} would be measured on different pictures; "
                "give --data that neither was trained on; --split all counts what they learned "
                "from too"
            )
    measured = [_measured(each) for each in subjects]
    names = tuple(_distinct([each.card.name for each in subjects]))
    found = {
        name: differences([measured[0]], [other], len(first.data))
        for name, other in zip(names[1:], measured[1:], strict=True)
    }
    return Compared(names, part, len(first.data), _differing(subjects), found)


def _said(value: Any) -> str:
    """A setting in a sentence."""
    return (
        " and ".join(map(str, cast("tuple[Any, ...]", value)))
        if isinstance(value, tuple)
        else str(value)
    )


@torch.inference_mode()
def _measured(of: Subject) -> tuple[Any, Any]:
    torch.manual_seed(0)
    metrics = of.recipe.evaluate(of.network, of.batches(), thorough=True)
    torch.manual_seed(0)
    return metrics, of.recipe.resampled(of.network, of.batches())


def _same(one: Subject, other: Subject) -> bool:
    """Whether they are measured on the same examples: by their rows and files, if they have any."""
    if (one.part, len(one.data)) != (other.part, len(other.data)):
        return False
    a, b = (
        (getattr(each.data, "rows", ()), getattr(each.data, "files", ())) for each in (one, other)
    )
    return np.array_equal(a[0], b[0]) and a[1] == b[1]


def _differing(subjects: list[Subject]) -> dict[str, list[Any]]:
    flat = [_flat(each.card.recipe) for each in subjects]
    names = dict.fromkeys(name for each in flat for name in each)
    table_ = {name: [each.get(name) for each in flat] for name in names}
    return {
        name: values for name, values in table_.items() if any(v != values[0] for v in values[1:])
    }


def _flat(values: dict[str, Any], prefix: str = "") -> dict[str, Any]:
    flat: dict[str, Any] = {}
    for name, value in values.items():
        inner = cast("dict[str, Any]", value if isinstance(value, dict) else {})
        flat |= _flat(inner, f"{prefix}{name}.") if inner else {prefix + name: value}
    return flat


def _distinct(names: list[str]) -> list[str]:
    """Names with a number where one occurs again."""
    return [
        name if name not in names[:i] else f"{name} ({names[:i].count(name) + 1})"
        for i, name in enumerate(names)
    ]


def _short(value: Any) -> str:
    text = f"{value:.4g}" if isinstance(value, float) else f"{value}"
    return text if len(text) <= 16 else text[:15] + "…"
