"""The exponential moving average of the weights, which is used in their place.

The last hundreds of steps wander around a good point; their average is nearer to it. The decay
rises as (1 + t) / (10 + t) to its value, so that the first random weights are soon forgotten; t is
the step, which a checkpoint knows, so a training that goes on averages on.
"""

from __future__ import annotations

import copy

import torch
from torch import Tensor, nn


class Average:
    """A copy of a network that follows it."""

    def __init__(self, network: nn.Module, decay: float) -> None:
        self.network = copy.deepcopy(network).eval().requires_grad_(False)
        self._decay = decay

    @torch.no_grad()
    def update(self, network: nn.Module, step: int) -> None:
        """Move towards the network; running statistics are averaged like weights.

        Args:
            network: what is followed.
            step: how many steps it has taken.
        """
        decay = min(self._decay, (1 + step) / (10 + step))
        ours, theirs = self.network.state_dict(), network.state_dict()
        pairs = [(ours[key], theirs[key]) for key in ours]
        floats = [(own, new) for own, new in pairs if own.is_floating_point()]
        torch._foreach_lerp_(  # pyright: ignore[reportPrivateUsage,reportPrivateImportUsage]
            [own for own, _ in floats], [new for _, new in floats], 1 - decay
        )
        counts: list[tuple[Tensor, Tensor]] = [
            (own, new) for own, new in pairs if not own.is_floating_point()
        ]
        for own, new in counts:
            own.copy_(new)
