"""How the learning rate moves: functions of the step alone, so nothing has to be remembered.

cosine: rises over the warm-up, then falls along half a cosine to zero (Loshchilov and Hutter 2017).
linear: rises likewise and falls in a straight line. onecycle: linear with a quarter of warm-up at
least (Smith and Topin 2018). constant: rises, stays, and falls along 1 - sqrt over the last part
(Hägele et al. 2024), so that a training can be made longer after it has begun.
"""

from __future__ import annotations

from math import cos, pi, sqrt
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from olhar.training.recipe import Recipe


def factor(recipe: Recipe, step: int, steps: int) -> float:
    """What the learning rate is multiplied by.

    Args:
        recipe: for `schedule`, `warmup` and `decay`.
        step: from 0.
        steps: of the phase.

    Returns:
        From 0 to 1. The first step is never 0, and only what lies beyond the last would be.
    """
    if recipe.schedule == "constant":
        rise = recipe.warmup * steps
        left = (steps - step) / max(1.0, recipe.decay * steps)  # 1 where the fall begins
        return min(1.0, (step + 1) / max(1.0, rise), 1 - sqrt(max(0.0, 1 - left)))
    warmup = max(0.25, recipe.warmup) if recipe.schedule == "onecycle" else recipe.warmup
    rise = round(warmup * steps)
    if step < rise:
        return (step + 1) / (rise + 1)
    done = (step - rise) / max(1, steps - rise)
    return (1 + cos(pi * done)) / 2 if recipe.schedule == "cosine" else 1 - done
