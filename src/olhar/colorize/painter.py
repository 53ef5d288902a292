"""What every network that colours has in common: ours, and published ones.

A painter sees lightness and hints and says what it thinks of the colours of each place: as a
distribution over bins of the a*b* plane, as one colour, or as both. `decode` makes colours of that.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Protocol

if TYPE_CHECKING:
    from torch import Tensor


class Said(NamedTuple):
    """What a painter said of a batch; one of the two may be missing."""

    logits: Tensor | None = None
    """(N, Q, h, w) float32, over the painter's bins; h and w may be a part of H and W."""
    ab: Tensor | None = None
    """(N, 2, h, w) float32, a* and b*."""


class Painter(Protocol):
    """A network that colours; an `nn.Module` in evaluation mode."""

    side: int
    """Shorter side of the images that it sees best, in pixels."""
    multiple: int
    """Height and width must be multiples of this."""
    takes_hints: bool
    """Whether hints change what it says."""

    @property
    def bins(self) -> Tensor | None:
        """(Q, 2) float32: a* and b* of what its logits stand for, if it has any."""
        ...

    def __call__(self, light: Tensor, hints: Tensor) -> Said:
        """Look at images.

        Args:
            light: (N, 1, H, W) float32, L* in [0, 100].
            hints: (N, 3, H, W) float32: a* and b* of what is known (0 elsewhere), and a mask of 1
                where it is known and 0 elsewhere. All zero: no hints.
        """
        ...

    def log_probabilities(self, said: Said, vivid: float) -> Tensor:
        """How likely each bin is, in logarithms, when rare colours count as `vivid` asks.

        Only for painters with bins; `said` and `vivid` as for `decode`.

        Returns:
            (N, Q, h, w) float32.
        """
        ...

    def decode(self, said: Said, vivid: float) -> Tensor:
        """(N, 2, h, w) float32: a* and b*.

        Args:
            said: of this painter; logits and colours may have been averaged over several views.
            vivid: from 0, the colours with the smallest expected error, to 1, the most colourful
                that are still plausible.
        """
        ...
