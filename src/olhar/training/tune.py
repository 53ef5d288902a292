"""The search for a better recipe: Optuna's sampler and pruning, in a folder that many may share.

Each trial is a training like any other, in `trials/NNNN`, and reports its score on the validation
part after each evaluation. A trial that is far behind the others at the same epoch is stopped
(successive halving, Jamieson and Talwalkar 2016; asynchronous, Li et al. 2018); what to try next is
drawn by a tree of Parzen estimators (Bergstra et al. 2011). The test part is not looked at.

`journal.log` is appended to by every process, on one machine or on several that share the folder.
A lock says which trials are at work; whoever finds one that a kill has left behind goes on with it
from its last state. What a trial draws is a function of the seed, its number and the trials before.
"""

from __future__ import annotations

import contextlib
import json
import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import filelock

from olhar.errors import OlharError
from olhar.media.files import atomic, shown
from olhar.training.events import AnyEvent, Evaluated, Started, Stopped
from olhar.training.fit import fit
from olhar.training.space import Range, changed, current

if TYPE_CHECKING:
    from collections.abc import Generator, Sequence
    from pathlib import Path

    from optuna import Study as Journal
    from optuna.trial import FrozenTrial, Trial

    from olhar.training.recipe import Recipe

_ROUNDS = 9  # of its epochs that a trial has at least before it may be stopped, one of these
_KEPT = 3  # one of so many goes on at each round
_RANDOM = 8  # trials that are drawn at random before anything is learned from them


@dataclass(frozen=True)
class Tried:
    """A trial is over, or goes on in another process."""

    number: int
    values: dict[str, Any]
    score: float | None
    state: str
    """ "complete", "pruned", "fail" or "running"."""
    epochs: int


class Study:
    """A folder in which a recipe is being improved.

    Args:
        folder: new, or one in which the same search was begun.
        recipe: the default, from which every trial differs in the fields that are searched.
        space: those fields.

    Raises:
        OlharError: if Optuna is missing, or the folder holds another search.
    """

    def __init__(self, folder: Path, recipe: Recipe, space: Sequence[Range]) -> None:
        self.folder, self.recipe, self.space = folder, recipe, tuple(space)
        if not space:
            raise OlharError(f"{recipe.kind} says of no field what is worth searching; name some")
        optuna = _optuna()
        self._settings()
        from optuna.storages import JournalStorage
        from optuna.storages.journal import JournalFileBackend

        lock: Any = _JournalLock(folder / ".journal.lock")
        backend = JournalFileBackend(str(folder / "journal.log"), lock_obj=lock)
        least = max(1, recipe.epochs // _ROUNDS)
        with self._lock():
            self.journal: Journal = optuna.create_study(
                study_name="olhar",
                storage=JournalStorage(backend),
                direction="maximize",
                pruner=optuna.pruners.SuccessiveHalvingPruner(least, _KEPT),
                load_if_exists=True,
            )
            if not self.journal.get_trials(deepcopy=False):
                self.journal.enqueue_trial(self._default(), user_attrs={"default": True})

    def run(self, trials: int, device: str = "auto") -> Generator[tuple[int, AnyEvent]]:
        """Try until the study has so many trials; others may be at work on the same.

        Yields:
            The number of a trial, and an event of its training.
        """
        while True:
            with self._lock():
                taken = self._orphan() or self._next(trials)
            if taken is None:
                return
            trial, lock = taken
            try:
                yield from self._try(trial, device)
            finally:
                lock.release()

    def tried(self) -> list[Tried]:
        """Every trial so far, by number."""
        return [
            Tried(
                each.number,
                dict(each.params),
                _score(each),
                each.state.name.lower(),
                max([0, *each.intermediate_values]),
            )
            for each in self.journal.get_trials(deepcopy=False)
            if each.state.name != "WAITING"
        ]

    def failed(self) -> list[FrozenTrial]:
        """The trials that could not be."""
        trials = self.journal.get_trials(deepcopy=False)
        return [each for each in trials if each.state.name == "FAIL"]

    def best(self) -> Tried | None:
        """The complete trial with the best score."""
        over = [
            each for each in self.tried() if each.state == "complete" and each.score is not None
        ]
        return max(over, key=lambda each: each.score or 0.0, default=None)

    def winner(self, best: Tried) -> Recipe:
        """The recipe of a trial."""
        return changed(self.recipe, best.values)

    def importance(self) -> dict[str, float]:
        """How much each field matters, the most first; empty while too few trials say."""
        optuna = _optuna()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            try:
                importances = optuna.importance.get_param_importances(
                    self.journal,
                    evaluator=optuna.importance.PedAnovaImportanceEvaluator(),
                    params=[each.name for each in self.space],
                )
                return dict(importances)
            except (RuntimeError, ValueError):
                return {}

    def place(self, number: int) -> Path:
        """The run folder of a trial."""
        return self.folder / "trials" / f"{number:04d}"

    def _next(self, trials: int) -> tuple[Trial, filelock.BaseFileLock] | None:
        begun = [t for t in self.journal.get_trials(deepcopy=False) if t.state.name != "WAITING"]
        if len(begun) >= trials:
            return None
        optuna = _optuna()
        seed = self.recipe.seed * 100_003 + len(begun)
        self.journal.sampler = optuna.samplers.TPESampler(seed=seed, n_startup_trials=_RANDOM)
        trial = self.journal.ask()
        lock = self._claim(trial.number)
        assert lock is not None
        self._draw(trial)
        return trial, lock

    def _orphan(self) -> tuple[Trial, filelock.BaseFileLock] | None:
        """A trial that is said to run and does not."""
        optuna = _optuna()
        for each in self.journal.get_trials(deepcopy=False):
            if each.state.name == "RUNNING" and (lock := self._claim(each.number)):
                trial = optuna.trial.Trial(self.journal, each._trial_id)  # pyright: ignore[reportPrivateUsage]
                self._draw(trial)
                return trial, lock
        return None

    def _draw(self, trial: Trial) -> None:
        """Draw what has not been drawn yet; what the default has beside the ranges it keeps."""
        for each in self.space:
            own = trial.user_attrs.get("default") and each.name not in self._default()
            if not own:
                each.draw(trial)

    def _try(self, trial: Trial, device: str) -> Generator[tuple[int, AnyEvent]]:
        state = _optuna().trial.TrialState
        number, told = trial.number, set(self._frozen(trial.number).intermediate_values)
        pruned, best = False, None
        try:
            recipe = changed(self.recipe, trial.params)
            with contextlib.closing(
                fit(recipe, self.place(number), device=device, test=False)
            ) as events:
                for event in events:
                    yield number, event
                    if isinstance(event, Started):
                        best = max(self._frozen(number).intermediate_values.values(), default=None)
                    if isinstance(event, Evaluated) and event.epoch not in told:
                        score = recipe.score(event.metrics)
                        best = score if best is None else max(best, score)
                        trial.report(score, event.epoch)
                        told.add(event.epoch)
                        if event.epoch < recipe.epochs and trial.should_prune():
                            pruned = True
                            break
                    if isinstance(event, Stopped) and event.why == "diverged":
                        best = None
        except OlharError as error:
            trial.set_user_attr("error", str(error))
            self.journal.tell(trial, state=state.FAIL)
            return
        if pruned:
            self.journal.tell(trial, state=state.PRUNED)
        elif best is None:
            self.journal.tell(trial, state=state.FAIL)
        else:
            self.journal.tell(trial, best)

    def _frozen(self, number: int) -> FrozenTrial:
        return next(t for t in self.journal.get_trials(deepcopy=False) if t.number == number)

    def _claim(self, number: int) -> filelock.BaseFileLock | None:
        lock = filelock.FileLock(self.folder / "trials" / f".{number:04d}.lock", timeout=0)
        try:
            lock.acquire()
        except filelock.Timeout:
            return None
        return lock

    def _lock(self) -> filelock.BaseFileLock:
        return filelock.FileLock(self.folder / ".lock")

    def _default(self) -> dict[str, Any]:
        """What the first trial, the default itself, has in range; nothing is drawn for the rest."""
        values = {each.name: (each, current(self.recipe, each.name)) for each in self.space}
        return {name: value for name, (each, value) in values.items() if each.holds(value)}

    def _settings(self) -> None:
        """Write what is searched, or compare with what is there."""
        file = self.folder / "study.json"
        asked = {
            "kind": self.recipe.kind,
            "recipe": self.recipe.as_dict(),
            "space": [vars(each) | {"choices": list(each.choices)} for each in self.space],
        }
        if not file.is_file() and self.folder.is_dir() and any(self.folder.glob("[!.]*")):
            raise OlharError(
                f"{shown(self.folder)} is a folder with other things in it; give a new one"
            )
        (self.folder / "trials").mkdir(parents=True, exist_ok=True)
        with self._lock():
            if not file.is_file():
                with atomic(file) as temporary:
                    temporary.write_text(json.dumps(asked, indent=2) + "\n", "utf-8")
            before = json.loads(file.read_text("utf-8"))
        if before != json.loads(json.dumps(asked)):
            raise OlharError(
                f"{shown(self.folder)} holds another search; ask for the same to go on, or give "
                "another folder"
            )


class _JournalLock:
    """What Optuna asks of a lock, by the system's own: a kill lets it go at once."""

    def __init__(self, path: Path) -> None:
        self._lock = filelock.FileLock(path)

    def acquire(self) -> bool:
        """Wait for it."""
        self._lock.acquire()
        return True

    def release(self) -> None:
        """Let it go."""
        self._lock.release()


def _score(trial: FrozenTrial) -> float | None:
    if trial.value is not None:
        return trial.value
    return max(trial.intermediate_values.values(), default=None)


def _optuna() -> Any:
    try:
        import optuna
    except ImportError as error:
        raise OlharError(
            'a search needs Optuna, which is not installed: pip install "olhar[tune]"'
        ) from error
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    return optuna
