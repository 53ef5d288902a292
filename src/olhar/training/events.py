"""What a training tells while it runs: one stream of events that everything subscribes to.

The terminal's bars, the log in the run folder, TensorBoard, a notebook and the studio read the same
stream; the loop knows none of them.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    from pathlib import Path

    from torch import Tensor

    from olhar.training.recipe import Recipe
    from olhar.training.summary import Summary


@dataclass(frozen=True, kw_only=True)
class Event:
    """Something happened after a number of steps."""

    step: int
    """How many steps are done."""


@dataclass(frozen=True, kw_only=True)
class Started(Event):
    """Everything is built; the next event is the first of this process."""

    recipe: Recipe
    """With everything decided that was left to the machine."""
    run: Path
    steps: int
    """In the whole training."""
    epochs: int
    examples: int
    described: str
    """What the data is."""
    machine: dict[str, Any]
    summary: Summary


@dataclass(frozen=True, kw_only=True)
class Noted(Event):
    """A sentence for a person: what was found in the data, a roll-back, a changed machine."""

    sentence: str


@dataclass(frozen=True, kw_only=True)
class Stepped(Event):
    """A step of training was taken."""

    epoch: int
    """From 1."""
    phase: str
    losses: dict[str, float]
    """Mean over the processes; after a report every few steps, those of the last of them."""
    rate: float
    """The learning rate of this step."""


@dataclass(frozen=True, kw_only=True)
class Evaluated(Event):
    """The network was measured on examples that it was not trained on."""

    epoch: int
    split: str
    """ "validation", or at the end "test"."""
    metrics: dict[str, Any]
    best: bool
    """No evaluation before was better."""


@dataclass(frozen=True, kw_only=True)
class Shown(Event):
    """A picture by which a person can judge."""

    epoch: int
    picture: Tensor
    """(3, H, W) in [0, 1]."""
    path: Path


@dataclass(frozen=True, kw_only=True)
class Saved(Event):
    """From here the training goes on if it is killed."""

    path: Path


@dataclass(frozen=True, kw_only=True)
class Stopped(Event):
    """The last event."""

    why: str
    """ "finished", "early" (patience), "asked" or "diverged"."""
    model: Path | None
    """The best network so far, with its card."""
    metrics: dict[str, Any] = field(default_factory=dict[str, Any])
    """Split to metrics of that network."""
    seconds: float = 0.0
    """Of this process, from the first step."""

    @property
    def finished(self) -> bool:
        """Whether it came to its end: by itself, or for lack of progress."""
        return self.why in ("finished", "early")


AnyEvent: TypeAlias = Started | Noted | Stepped | Evaluated | Shown | Saved | Stopped
