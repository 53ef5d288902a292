"""`olhar train KIND`: a command for every recipe, made from its fields."""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Callable, Generator  # noqa: TC003  the hints are read
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import tyro

from olhar.catalogue import RECIPES
from olhar.media.files import shown
from olhar.media.progress import Update, bar, hidden, say
from olhar.training.events import Evaluated, Noted, Started, Stepped, Stopped
from olhar.training.fit import fit

if TYPE_CHECKING:
    from olhar.training.events import AnyEvent

_USE = {
    "classifier": "classify PICTURES --model {run}",
    "regressor": "classify PICTURES --model {run}",
    "colorizer": "colorize PHOTO --model {run} -o OUT",
    "stylizer": "stylize PHOTO --style {run} -o OUT",
    "codec": "pack FOLDER --model {run} -o OUT",
    "vae": "generate --model {run} -o OUT",
    "faceswap": "swap FILM --model {run} --consent RECORD -o OUT",
}

RunFolder = Annotated[Path, tyro.conf.arg(aliases=("-o",), metavar="RUN")]


@dataclass(frozen=True)
class Trained:
    """What came of a training."""

    run: Path
    last: Stopped
    notes: tuple[str, ...] = ()
    kind: str = ""

    @property
    def exit_code(self) -> int:
        """1 if the training diverged."""
        return int(self.last.why == "diverged")

    def __str__(self) -> str:
        last, name = self.last, shown(self.run)
        name = f'"{name}"' if " " in name else name  # to be copied
        lines = [*self.notes]
        for split, metrics in last.metrics.items():
            lines.append(f"{split:<12}{_numbers(metrics)}")
        if last.why == "diverged":
            lines.append(f"stopped at step {last.step:,}: the losses were no finite numbers")
        if last.model:
            lines.append(f"model       {shown(last.model)}")
            lines.append(f"report      olhar evaluate {name} -o REPORT")
            if self.kind in _USE:
                lines.append(f"use it      olhar {_USE[self.kind].format(run=name)}")
        return "\n".join(lines)

    def as_dict(self) -> dict[str, Any]:
        """The same as JSON values."""
        return {
            "run": str(self.run),
            "why": self.last.why,
            "steps": self.last.step,
            "model": str(self.last.model) if self.last.model else None,
            "metrics": self.last.metrics,
            "seconds": self.last.seconds,
            "notes": list(self.notes),
        }


def train(kind: str) -> Callable[..., Trained]:
    """Train a network.

    The command that trains one kind.

    Args:
        kind: a key of `olhar.catalogue.RECIPES`.
    """

    def command(
        recipe: Any,
        *,
        output: RunFolder,
        device: str = "auto",
        tensorboard: bool = False,
    ) -> Trained:
        name = shown(output)
        other = bool(int(os.environ.get("RANK", "0")))
        if other:  # under torchrun only the first process speaks, unless it is of a mistake
            sys.stdout = Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115
        events = fit(recipe, output, device=device)
        if tensorboard:
            from olhar.training.tensorboard import recorded

            events = recorded(events, output)
        with hidden(other):
            last, notes = watch(events, kind, f"the same command goes on from there, in {name}")
        return Trained(output, last, notes, kind)

    command.__doc__ = f"""{RECIPES[kind].help}

    The same command again goes on where a training was stopped or killed.

    Args:
        recipe: what to train, and how
        output: a new folder for the run, or one to go on in
        device: auto, cpu, cuda or mps
        tensorboard: also write what TensorBoard reads, into the run
    """
    command.__annotations__["recipe"] = RECIPES[kind].resolve()
    return command


def watch(
    events: Generator[AnyEvent], label: str, going_on: str
) -> tuple[Stopped, tuple[str, ...]]:
    """Follow a training: a bar, a line per evaluation, and Ctrl-C between two steps.

    Args:
        events: of `fit`.
        label: what the bar is called.
        going_on: what to do after Ctrl-C.

    Returns:
        The last event, and what was noted on the way.

    Raises:
        KeyboardInterrupt: after Ctrl-C, when the state is saved.
    """
    notes: list[str] = []
    table = _Table()
    with bar(label) as update:
        first = next(events)
        assert isinstance(first, Started)
        update(first.step, first.steps)
        say(f"{first.described}; {first.summary.line}; on {first.machine['device']}")
        with interruptible() as asked:
            for event in events:
                if isinstance(event, Stopped):
                    return event, tuple(notes)
                if isinstance(event, Noted):
                    notes.append(event.sentence)
                    say(event.sentence)
                table.tell(event, update, first.epochs)
                if asked():
                    update(event.step, label="stopping")
                    events.close()
                    what = f"saved at step {event.step:,} of {first.steps:,}; {going_on}"
                    raise KeyboardInterrupt(what)
    raise AssertionError("a training ends with Stopped")


class _Table:
    """A line for each evaluation, under headings, above the bar."""

    def __init__(self) -> None:
        self._names: list[str] = []
        self._losses: list[float] = []

    def tell(self, event: AnyEvent, update: Update, epochs: int) -> None:
        if isinstance(event, Stepped):
            loss = event.losses["loss"]
            self._losses.append(loss)
            phase = "" if event.phase == "training" else f" {event.phase}"
            update(event.step, label=f"epoch {event.epoch} of {epochs}{phase}  loss {loss:.3f}")
        if isinstance(event, Evaluated) and (self._losses or event.split == "test"):
            numbers = _scalars(event.metrics)
            if not self._names:
                self._names = [*numbers]
                say("".join(f"{name:>12}" for name in ["epoch", "train loss", *self._names]))
            mean = f"{sum(self._losses) / len(self._losses):.4f}" if self._losses else ""
            self._losses.clear()
            cells = [mean, *(f"{numbers.get(name, 0):.4f}" for name in self._names)]
            where = f"{event.epoch}" if event.split == "validation" else event.split
            best = "  best so far" if event.best else ""
            say("".join(f"{cell:>12}" for cell in [where, *cells]) + best)


@contextmanager
def interruptible() -> Generator[Callable[[], bool]]:
    """Turn the first Ctrl-C into a question that a loop asks between two steps."""
    asked = threading.Event()

    def ask(*_: Any) -> None:
        if asked.is_set():
            raise KeyboardInterrupt
        asked.set()

    if threading.current_thread() is not threading.main_thread():
        yield asked.is_set
        return
    before = {number: signal.signal(number, ask) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield asked.is_set
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _scalars(metrics: dict[str, Any]) -> dict[str, float]:
    return {name: value for name, value in metrics.items() if isinstance(value, (int, float))}


def _numbers(metrics: dict[str, Any]) -> str:
    return ", ".join(f"{name} {value:.4g}" for name, value in _scalars(metrics).items())
