"""`olhar tune KIND`: the search for a better recipe, and whether it found one."""

from __future__ import annotations

import json
from collections.abc import Callable  # noqa: TC003  the hints are read
from dataclasses import dataclass, field
from pathlib import Path  # noqa: TC003
from typing import TYPE_CHECKING, Annotated, Any

import torch
import tyro

from olhar.catalogue import RECIPES, load
from olhar.commands.train import interruptible, watch
from olhar.errors import OlharError
from olhar.media.files import atomic, shown
from olhar.media.progress import bar, say
from olhar.training import tune_report
from olhar.training.compare import differences
from olhar.training.events import Evaluated
from olhar.training.fit import fit
from olhar.training.space import ranges
from olhar.training.tune import Study

if TYPE_CHECKING:
    from olhar.training.recipe import Recipe

SEEDS = 3
"""Trainings of the winner and of the default that are compared."""


@dataclass(frozen=True)
class Tuned:
    """What a search found."""

    study: Path
    trials: int
    pruned: int
    epochs: int
    """That all trials took."""
    best: dict[str, Any]
    score: float | None
    verdict: dict[str, Any] = field(default_factory=dict[str, Any])
    page: Path | None = None
    default: bool = False
    """Whether the best are the settings that were there before."""
    exit_code: int = 0

    def as_dict(self) -> dict[str, Any]:
        """The same as JSON values."""
        return {**vars(self), "study": str(self.study), "page": str(self.page)}

    def __str__(self) -> str:
        lines = [
            f"{self.trials} trials, {self.pruned} stopped early, {self.epochs:,} epochs in all"
        ]
        lines += [f"  --{_flag(name)} {_digits(value)}" for name, value in self.best.items()]
        if self.default:
            lines.append("no trial was better than these, the settings without a search")
        if self.verdict:
            count, part = len(self.verdict["seeds"]), self.verdict["part"]
            lines += ["", f"{count} trainings of each, measured on the {part} part:"]
            lines += table(self.verdict["measures"], "default", "winner")
            if part != "test":
                lines.append("it chose the winner too, which flatters it: there is no test part")
        lines += ["", f"Look at it: {shown(self.page)}"] if self.page else []
        return "\n".join(lines)


def tune(kind: str) -> Callable[..., Tuned]:
    """Search for better settings of a training.

    The command that searches those of one kind.

    Args:
        kind: a key of `olhar.catalogue.RECIPES`.
    """

    def command(
        recipe: Any,
        *,
        output: Annotated[Path, tyro.conf.arg(aliases=("-o",), metavar="STUDY")],
        trials: int = 20,
        search: tuple[str, ...] = (),
        no_refit: bool = False,
        device: str = "auto",
    ) -> Tuned:
        if trials < 1:
            raise OlharError(f"--trials must be 1 or more, and is {trials}")
        study = Study(output, recipe, ranges(recipe, search))
        with bar("trials", total=trials) as update, interruptible() as asked:
            update(sum(each.state != "running" for each in study.tried()))
            events = study.run(trials, device)
            for number, event in events:
                if isinstance(event, Evaluated):
                    label = f"trial {number}, epoch {event.epoch} of {recipe.epochs}"
                    update(sum(each.state != "running" for each in study.tried()), label=label)
                if asked():
                    events.close()
                    where = f"the same command goes on from there, in {shown(output)}"
                    raise KeyboardInterrupt(where)
        tried, best = study.tried(), study.best()
        if best is None:
            why = "; ".join({t.user_attrs.get("error", "diverged") for t in study.failed()})
            raise OlharError(f"no trial came to its end ({why}); try other ranges")
        busy = any(each.state == "running" for each in tried)
        default = study.winner(best) == recipe  # no need to compare that with itself
        verdict = {} if no_refit or busy or default else judge(study, device)
        page, _ = tune_report.write(study, verdict)
        return Tuned(
            output,
            len(tried),
            sum(each.state == "pruned" for each in tried),
            sum(each.epochs for each in tried),
            best.values,
            best.score,
            verdict,
            page,
            default,
        )

    command.__doc__ = """Search for better settings of a training.

    Several may share STUDY; the same command goes on where one was stopped.

    Args:
        recipe: what would be trained, and how
        output: a new folder, or one to go on in
        trials: trainings, each of --epochs or fewer
        search: flags, as learning-rate batch-size=8:64
        no_refit: compare no winner with the default
        device: auto, cpu, cuda or mps
    """
    command.__annotations__["recipe"] = RECIPES[kind].resolve()
    return command


def judge(study: Study, device: str) -> dict[str, Any]:
    """Train the winner and the default anew, on one split, and compare them.

    Args:
        study: whose trials are done.
        device: to train on.

    Returns:
        `part`, `seeds`, and `measures` as of `training.compare.differences`.
    """
    best = study.best()
    assert best is not None
    seeds = [study.recipe.seed + k for k in range(SEEDS)]
    sides: dict[str, list[Any]] = {"default": [], "winner": []}
    part, examples = "test", 0
    for side, recipe in (("default", study.recipe), ("winner", study.winner(best))):
        data = recipe.datasets()  # of the first seed, whose validation part chose
        held = data.test or data.validation
        part, examples = "test" if data.test else "validation", len(held)
        for seed in seeds:
            name = side if side == "default" else f"{side}-{best.number:04d}"
            run = study.folder / "finals" / f"{name}-{seed}"
            events = fit(recipe.replace(seed=seed), run, device=device, data=data)
            watch(events, f"{side}, seed {seed}", "the same command goes on from there")
            sides[side].append(_measured(recipe, run, held))
    found = differences(sides["default"], sides["winner"], examples)
    verdict = {"part": part, "seeds": seeds, "measures": found}
    with atomic(study.folder / "verdict.json") as temporary:
        temporary.write_text(json.dumps(verdict, indent=2) + "\n", "utf-8")
    say("")
    return verdict


@torch.inference_mode()
def _measured(recipe: Recipe, run: Path, data: Any) -> tuple[Any, Any]:
    network = load(run)
    torch.manual_seed(0)
    metrics = recipe.evaluate(network, data.batches(recipe.batch_size), thorough=True)
    torch.manual_seed(0)
    return metrics, recipe.resampled(network, data.batches(recipe.batch_size))


def table(measures: dict[str, dict[str, Any]], before: str, after: str) -> list[str]:
    """Measures side by side, with the interval of their difference, within 80 columns."""
    width = 20
    heads = [f"{name[:10]:>11}" for name in (before, after, "difference")]
    lines = [" " * width + "".join(heads)]
    for name, each in measures.items():
        low, high = each["interval"]
        cells = "".join(f"{each[key]:>11.4g}" for key in ("before", "after", "difference"))
        star = " *" if each["beyond_noise"] else ""
        lines.append(f"{name.replace('_', ' '):<{width}}{cells}  {low:.3g} to {high:.3g}{star}")
    return [*lines, "* 0 is outside of the range of the difference: more than chance (95 %)"]


def _flag(name: str) -> str:
    return name.rpartition(".")[2].replace("_", "-")


def _digits(value: Any) -> str:
    return f"{value:.3g}" if isinstance(value, float) else f"{value}"
