"""The learning rate finder (Smith 2017, "Cyclical learning rates for training neural networks").

The rate rises by a constant factor at each step, from far too small to far too large. The loss
stays, falls, then explodes; where it falls the steepest is a good highest rate for a schedule.
Cost: a few hundred steps, whose weights are thrown away.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from olhar.errors import OlharError
from olhar.training.loop import Training, make_fabric
from olhar.training.machine import choose_device

if TYPE_CHECKING:
    from collections.abc import Generator

    from olhar.training.recipe import Recipe


@dataclass(frozen=True)
class Found:
    """What was tried, and what it suggests."""

    rates: tuple[float, ...]
    losses: tuple[float, ...]
    """Smoothed, one for each rate."""
    suggestion: float
    """Where the loss falls the steepest."""


def find_rate(
    recipe: Recipe,
    *,
    low: float = 1e-6,
    high: float = 10.0,
    steps: int = 120,
    device: str = "auto",
) -> Generator[int, None, Found]:
    """Try rising learning rates on a recipe.

    Args:
        recipe: what would be trained; its own rate and schedule are not used.
        low: first rate.
        high: last rate; it ends earlier once the loss is four times its least.
        steps: how many rates.
        device: "auto", "cpu", "cuda" or "mps".

    Yields:
        How many steps are done.

    Returns:
        The rates, the losses and a suggestion.

    Raises:
        OlharError: if the range is empty, or the loss falls nowhere in it.
    """
    if not 0 < low < high or steps < 10:
        raise OlharError(
            f"rates from {low:g} to {high:g} in {steps} steps are no range; "
            "the first must be above 0 and below the last, and there must be 10 steps at least"
        )
    device = choose_device(device)
    rising = recipe.resolve(device).replace(
        learning_rate=low, schedule="constant", warmup=0.0, decay=0.0, ema=0.0, epochs=steps
    )
    training = Training(rising, make_fabric(device, rising.precision))
    rates = [low * (high / low) ** (step / (steps - 1)) for step in range(steps)]
    losses: list[float] = []
    mean = 0.0
    for step, rate in enumerate(rates):
        values, _ = training.learn(step, rate / low)
        loss = values["loss"].item()
        mean = 0.9 * mean + 0.1 * loss
        smoothed = mean / (1 - 0.9 ** (step + 1))  # the average of few is corrected for its start
        if not math.isfinite(smoothed) or (step > 10 and smoothed > 4 * min(losses)):
            break
        losses.append(smoothed)
        yield step + 1
    return Found(tuple(rates[: len(losses)]), tuple(losses), _steepest(rates, losses))


def _steepest(rates: list[float], losses: list[float]) -> float:
    """The rate at which the loss falls most per factor, before its least value.

    Slopes are taken over an eighth of the steps, since one batch is luckier than the next.
    """
    least = losses.index(min(losses))
    reach = max(1, len(losses) // 16)
    slopes = [
        losses[min(step + reach, least)] - losses[step - reach] for step in range(reach, least)
    ]
    if not slopes or min(slopes) >= 0:
        raise OlharError(
            f"the loss falls at no rate from {rates[0]:g} to {rates[len(losses) - 1]:g}; "
            "give a wider range with --low and --high"
        )
    return rates[reach + slopes.index(min(slopes))]
