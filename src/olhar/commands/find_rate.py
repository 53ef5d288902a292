"""`olhar find-rate KIND`: the learning rate finder, with its plot."""

from __future__ import annotations

from collections.abc import Callable  # noqa: TC003  the hints are read
from dataclasses import dataclass
from pathlib import Path  # noqa: TC003
from typing import Annotated, Any

import tyro

from olhar.catalogue import RECIPES
from olhar.errors import OlharError
from olhar.look.chart import Line, chart
from olhar.media.files import atomic, shown
from olhar.media.progress import bar
from olhar.training.finder import Found
from olhar.training.finder import find_rate as rising


@dataclass(frozen=True)
class Rates:
    """What a search found, and where it is drawn."""

    found: Found
    plot: Path | None
    exit_code: int = 0

    def __str__(self) -> str:
        lines = [f"suggestion  --learning-rate {self.found.suggestion:.2g}"]
        lines += [f"plot        {shown(self.plot)}"] if self.plot else []
        return "\n".join(lines)

    def as_dict(self) -> dict[str, Any]:
        """The same as JSON values."""
        return {
            "suggestion": self.found.suggestion,
            "rates": self.found.rates,
            "losses": self.found.losses,
            "plot": str(self.plot) if self.plot else None,
        }


def find_rate(kind: str) -> Callable[..., Rates]:
    """Try learning rates, and suggest one.

    The command that tries them on one kind.

    Args:
        kind: a key of `olhar.catalogue.RECIPES`.
    """

    def command(
        recipe: Any,
        *,
        output: Annotated[Path | None, tyro.conf.arg(aliases=("-o",), metavar="PLOT.svg")] = None,
        low: float = 1e-6,
        high: float = 10.0,
        steps: int = 120,
        device: str = "auto",
    ) -> Rates:
        if output is not None and output.suffix.lower() != ".svg":
            raise OlharError(f"{shown(output)}: the plot is an .svg file; give it that suffix")
        search = rising(recipe, low=low, high=high, steps=steps, device=device)
        with bar("trying rates", total=steps) as update:
            while True:
                try:
                    update(next(search))
                except StopIteration as stop:
                    found: Found = stop.value
                    break
        if output is not None:
            lines = [Line("loss", found.rates, found.losses)]
            drawn = chart(lines, x="learning rate", y="loss", log_x=True, mark=found.suggestion)
            with atomic(output) as temporary:
                temporary.write_text(drawn, encoding="utf-8")
        return Rates(found, output)

    command.__doc__ = """Try learning rates for a training, and suggest one.

    A schedule does best to start where the loss falls the steepest.

    Args:
        recipe: what would be trained, and how
        output: where to draw the losses
        low: first rate
        high: last rate
        steps: how many rates to try
        device: auto, cpu, cuda or mps
    """
    command.__annotations__["recipe"] = RECIPES[kind].resolve()
    return command
