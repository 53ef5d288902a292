"""Restyle a film by a style that was learned: one pass a frame, held to the frame before.

A network that makes strokes of nearly nothing makes others of another grain: over a grey wall they
would boil. So of each picture but the first of a shot a share is the one before, moved to where
things are now, wherever the flow can be trusted; and what stands still is not painted again
(`olhar.stylize.film`).

Cost: beside the pass, two optical flows: together 0.2 to 0.3 CPU-seconds a frame at 512 pixels.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch

from olhar.stylize.film import Restyling
from olhar.stylize.learned import check, load, restyle
from olhar.stylize.settings import Stylize

if TYPE_CHECKING:
    from torch import Tensor

    from olhar.stylize.film import Fetched
    from olhar.stylize.learned import Learned
    from olhar.stylize.settings import Level

_HELD = 3.0  # what the picture before counts at steadiness 1, where the new one counts 1


class LearnedRestyling(Restyling):
    """Restyles one film in one pass a frame (`olhar.media.segments.Film`).

    Args:
        model: see `olhar.stylize.learned.load`.
        settings: of which `size`, `colors` and `steady` are heeded.
        device: see `olhar.stylize.learned.load`.

    Raises:
        OlharError: if there is no such model, or a setting was chosen in the training.
    """

    slow = False

    def __init__(
        self, model: Learned, settings: Stylize | None = None, *, device: str | None = None
    ) -> None:
        super().__init__([], settings, device=device)
        check(self._settings)
        self._network = load(model, device)

    def _alone(self, image: Tensor) -> Tensor:
        """A frame as a photograph, (3, h, w)."""
        return restyle(image, self._network, Stylize(size=self._settings.size))

    def _over(self, image: Tensor, content: Tensor, fetched: Fetched, plan: list[Level]) -> Tensor:  # noqa: ARG002
        """A picture of the present frame, with what was fetched, (3, h, w)."""
        held = self._settings.steady * _HELD
        share = torch.maximum(held / (1 + held) * fetched.trust, 1 - fetched.free)
        return torch.lerp(self._alone(image), fetched.image, share)
