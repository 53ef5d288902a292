"""The loop: from a recipe to a model, as a generator of events.

    for event in fit(recipe, "runs/first"):
        print(event)

The same recipe and folder again goes on where the last process was killed, stopped or interrupted,
and ends with the same weights bit by bit: on the same machine, with the same threads, precision and
number of processes. Closing the generator saves the state and stops; under `torchrun` every process
stops with it. The first process evaluates and writes, and all must be able to read the run folder.

Batch normalisation counts each process's own batch, and the running statistics that are saved are
those of the first process; nothing else depends on how a batch is spread over processes.
"""

from __future__ import annotations

import contextlib
import copy
import math
import os
import time
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

import torch

from olhar import hub
from olhar.media.image import write
from olhar.training import checkpoint
from olhar.training.events import (
    AnyEvent,
    Evaluated,
    Noted,
    Saved,
    Shown,
    Started,
    Stepped,
    Stopped,
)
from olhar.training.loop import Training, make_fabric
from olhar.training.machine import choose_device, describe
from olhar.training.model import card
from olhar.training.optimizer import reduced
from olhar.training.resume import announce, going_on
from olhar.training.run import Run

if TYPE_CHECKING:
    from collections.abc import Generator

    from torch import nn

    from olhar.data.dataset import Datasets
    from olhar.training.recipe import Losses, Recipe

ROLLBACKS = 5
"""How often a training that diverges goes back and tries with half the rate."""
LOGGED = 5000
"""About how many lines of losses a log has."""


@dataclass
class Progress:
    """The numbers that a state holds beside its tensors."""

    step: int = 0
    evaluated: int = 0
    """The step of the last evaluation."""
    best: float | None = None
    """The score of the best evaluation."""
    waited: int = 0
    """Evaluations since one was better than all before."""
    scale: float = 1.0
    """Of the learning rate, halved by each roll-back."""
    rollbacks: int = 0
    stopped: str = ""
    """Why it ended, if it has."""
    metrics: dict[str, Any] = field(default_factory=dict[str, Any])
    """Split to metrics of the best network."""
    scaler: dict[str, Any] = field(default_factory=dict[str, Any])
    """What scales the losses of fp16."""


def fit(
    recipe: Recipe,
    run: str | os.PathLike[str],
    *,
    device: str = "auto",
    save_every: float = 60.0,
    report_every: int | None = None,
    test: bool = True,
    data: Datasets | None = None,
) -> Generator[AnyEvent]:
    """Train a recipe.

    Args:
        recipe: what to train, and how.
        run: a new folder, or one in which this recipe was being trained.
        device: "auto", "cpu", "cuda" or "mps".
        save_every: seconds between states while an epoch lasts; each evaluation saves one too.
        report_every: steps between `Stepped` events, in which the losses are also checked; by
            default 1 on a CPU and 10 where reading a loss makes the device wait.
        test: measure the best network on the test part; without, on the validation part, as a
            search must that is still choosing.
        data: to learn from, if it is not what the recipe would read: the same split for several
            seeds.

    Yields:
        `Started` first, `Stopped` last.

    Raises:
        OlharError: if the run holds another recipe or other data, or the recipe cannot work here.
    """
    device = choose_device(device)
    resolved = recipe.resolve(device)
    first = int(os.environ.get("RANK", "0")) == 0
    with contextlib.closing(Run(run, writing=first)) as folder:
        before = folder.read() if folder.learned else None
        resolved = going_on(recipe, before) if before else resolved
        training = Training(resolved, make_fabric(device, resolved.precision), data)
        data = training.datasets
        facts = {
            "machine": describe(device, training.fabric.world_size),
            "data": {"described": data.described, "hash": data.fingerprint},
        }
        changes = announce(before, **facts)
        training.fabric.barrier()  # every process has read what the first writes now
        folder.begin(resolved, recipe, facts)
        report_every = report_every or (1 if device == "cpu" else 10)
        loop = _Loop(training, folder, save_every, report_every, test=test)
        if before and folder.state.is_file():
            loop.restore()
        yield from loop.events(facts["machine"], [*data.notes, *changes])


class _Loop:
    """One training in one folder."""

    def __init__(
        self, training: Training, run: Run, save_every: float, report_every: int, *, test: bool
    ) -> None:
        self.training = training
        self.recipe = training.recipe
        self.fabric = training.fabric
        self.run = run
        self.at = Progress()
        self.save_every = save_every
        self.report_every = report_every
        self.test = test
        self.began = self.saved = time.monotonic()

    def events(self, machine: dict[str, Any], notes: list[str]) -> Generator[AnyEvent]:
        training = self.training
        try:
            yield self._started(machine)
            for note in notes:
                yield Noted(step=self.at.step, sentence=note)
            longer = self.at.stopped == "finished" and self.at.step < training.steps
            if not self.at.stopped or self.at.stopped == "asked" or longer:
                self.at.stopped = ""
                if not self.at.step:
                    yield self._save()
                yield from self._train()
                yield from self._finish()
        except GeneratorExit:
            if not self.at.stopped:
                self._agree(asked=True)
                self._save()
            raise
        yield Stopped(
            step=self.at.step,
            why=self.at.stopped,
            model=self.run.model if self.run.model.is_file() else None,
            metrics=self.at.metrics,
            seconds=time.monotonic() - self.began,
        )

    def _train(self) -> Generator[AnyEvent]:
        """From the step where it is to the last."""
        training, at = self.training, self.at
        while True:
            if self._evaluation_is_due():
                yield from self._evaluate()
                yield self._save()
            if at.step >= training.steps:
                at.stopped = "finished"
                return
            if why := self._agree(early=0 < self.recipe.patience <= at.waited):
                at.stopped = why
                return
            losses, rate = training.learn(at.step, at.scale)
            at.step += 1
            if at.step % self.report_every and at.step % training.steps_per_epoch:
                continue
            values = self._read(losses)
            if not all(map(math.isfinite, values.values())):
                yield from self._roll_back(values)
                if at.stopped:
                    return
                continue
            yield self._stepped(values, rate)
            if time.monotonic() - self.saved >= self.save_every:
                yield self._save()

    def _finish(self) -> Generator[AnyEvent]:
        """Measure the best network on what has chosen nothing."""
        training, at = self.training, self.at
        if self.fabric.is_global_zero and at.stopped in ("finished", "early"):
            network = copy.deepcopy(training.best)
            network.load_state_dict(hub.load(self.run.model)[1])
            training.settle(network)
            split = "test" if training.datasets.test and self.test else "validation"
            at.metrics[split] = training.evaluate(network, split, thorough=True)
            self._write_model(network)
            yield self._evaluated(split, at.metrics[split], event="final")
        yield self._save()

    def _evaluation_is_due(self) -> bool:
        at = self.at
        epoch, within = divmod(at.step, self.training.steps_per_epoch)
        due = epoch % self.recipe.evaluate_every == 0 or at.step >= self.training.steps
        return at.step > at.evaluated and within == 0 and due

    def _evaluate(self) -> Generator[AnyEvent]:
        """Measure the network, keep it if it is the best so far, and show what it does."""
        training, at = self.training, self.at
        at.evaluated = at.step
        if not self.fabric.is_global_zero:
            return
        metrics = training.evaluate(training.best, "validation")
        score = float(self.recipe.score(metrics))
        score = score if math.isfinite(score) else -math.inf
        best = at.best is None or score >= at.best  # of equals the later: it has learned more
        at.waited = 0 if at.best is None or score > at.best else at.waited + 1
        if best:
            at.best = score
            at.metrics = {"validation": metrics}
            self._write_model(training.best)
        yield self._evaluated("validation", metrics, best=best)
        picture = training.show(training.best)
        path = self.run.picture(at.step)
        write(path, picture.clamp(0, 1))
        yield Shown(step=at.step, epoch=self._epoch(), picture=picture, path=path)

    def _read(self, losses: Losses) -> dict[str, float]:
        """The losses as numbers, averaged over processes; "gradient" is the length of it."""
        norms = {name: optimizer.norm for name, optimizer in self.training.optimizers.items()}
        if self.recipe.precision == "fp16":  # its scaler finds what is not finite, and skips it
            norms = {}
        names = [*losses, *(f"gradient of {name}" for name in norms)]
        values = (*losses.values(), *norms.values())
        stacked = torch.stack([value.float().to(self.fabric.device) for value in values])
        if self.fabric.world_size > 1:
            stacked = reduced(self.fabric, stacked)
        return {name: float(value) for name, value in zip(names, stacked.cpu(), strict=True)}

    def _roll_back(self, values: dict[str, float]) -> Generator[AnyEvent]:
        """Go back to the last state, from where half the rate may do better."""
        at = self.at
        failed, rollbacks, scale = at.step, at.rollbacks + 1, at.scale / 2
        bad = next(name for name, value in values.items() if not math.isfinite(value))
        self.restore()
        at.rollbacks, at.scale = rollbacks, scale
        if rollbacks > ROLLBACKS:
            at.stopped = "diverged"
            told = (
                f"the {bad} was not a finite number at step {failed:,}, for the {rollbacks}th "
                "time: the training stops; try a lower learning rate"
            )
        else:
            told = (
                f"the {bad} was not a finite number at step {failed:,}: back to step {at.step:,}, "
                f"with the learning rate times {scale:g}"
            )
        self.run.log(event="noted", step=at.step, sentence=told)
        yield Noted(step=at.step, sentence=told)
        yield self._save()

    def _agree(self, *, asked: bool = False, early: bool = False) -> str:
        """Whether any process wants to stop, and why; each calls this before every step."""
        if self.fabric.world_size > 1:
            wishes = torch.tensor([float(asked), float(early)], device=self.fabric.device)
            asked, early = (bool(count > 0) for count in reduced(self.fabric, wishes, "sum"))
        return "asked" if asked else "early" if early else ""

    # Files.

    def restore(self) -> None:
        """Be where the state on the disk is."""
        tensors, values = checkpoint.read(self.run.state)
        self.training.restore(tensors)
        vars(self.at).update(values)  # in place: the loop holds it
        self.fabric.strategy.precision.load_state_dict(self.at.scaler)
        self.run.forget_after(self.at.step, self.at.evaluated, over=bool(self.at.stopped))

    def _save(self) -> Saved:
        """Write the state."""
        self.at.scaler = self.fabric.strategy.precision.state_dict()
        if self.fabric.is_global_zero:
            checkpoint.write(self.run.state, self.training.tensors(), asdict(self.at))
        self.saved = time.monotonic()
        return Saved(step=self.at.step, path=self.run.state)

    def _write_model(self, network: nn.Module) -> None:
        described = card(self.training, network, self.run.folder.name, self.at.metrics)
        hub.save(self.run.model, network.state_dict(), described)

    # Events.

    def _epoch(self) -> int:
        return -(-self.at.step // self.training.steps_per_epoch)

    def _started(self, machine: dict[str, Any]) -> Started:
        training = self.training
        return Started(
            step=self.at.step,
            recipe=self.recipe,
            run=self.run.folder,
            steps=training.steps,
            epochs=training.steps // training.steps_per_epoch,
            examples=len(training.datasets.train),
            described=training.datasets.described,
            machine=machine,
            summary=training.summary(),
        )

    def _stepped(self, values: dict[str, float], rate: float) -> Stepped:
        at = self.at
        phase, _, _ = self.training.phase(at.step - 1)
        thinned = max(1, self.training.steps // LOGGED)
        if at.step % thinned == 0 or at.step <= 100:
            self.run.log(event="stepped", step=at.step, losses=values, rate=rate)
        return Stepped(
            step=at.step, epoch=self._epoch(), phase=phase.name, losses=values, rate=rate
        )

    def _evaluated(
        self, split: str, metrics: dict[str, Any], *, best: bool = False, event: str = "evaluated"
    ) -> Evaluated:
        told = Evaluated(
            step=self.at.step, epoch=self._epoch(), split=split, metrics=metrics, best=best
        )
        self.run.log(event=event, **asdict(told))
        return told
