"""The network of "Real-Time User-Guided Image Colorization" (Zhang et al. 2017), a `Painter`.

The stack of Zhang et al. 2016 with hints beside the lightness, made a U-Net: three steps back up,
each with what the way down saw at that size. Its end is one colour for each place; a branch in the
middle says how likely each bin of a grid is, for palettes. It is published under BSD-2-Clause and
was trained on ImageNet with simulated hints.

Cost: 34.2 million weights; 75.2e9 multiply-adds at 256 x 256.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn

from olhar.colorize.painter import Said
from olhar.colorize.published import AB, block, build, check_size, double, fitted
from olhar.hub import REMOTE, Card

if TYPE_CHECKING:
    from collections.abc import Mapping

_SOFT = 0.2  # what its authors multiply the logits by before they suggest colours


class SIGGRAPH17(nn.Module):
    """A `Painter` with hints; its modules have the published names.

    It learned to say one colour for each place, so `vivid` changes nothing in `decode`.

    Args:
        mask_center: what is subtracted from the mask of hints: 0 for the weights that are published
            as siggraph17, 0.5 for those that its authors' later training program makes. With the
            wrong one hints hardly spread.

    Example:
        >>> network = SIGGRAPH17().eval()
        >>> said = network(torch.rand(1, 1, 32, 40) * 100, torch.zeros(1, 3, 32, 40))
        >>> said.ab.shape, said.logits.shape
        (torch.Size([1, 2, 32, 40]), torch.Size([1, 529, 8, 10]))
    """

    side = 256
    multiple = 8
    takes_hints = True

    def __init__(self, mask_center: float = 0.0) -> None:
        super().__init__()
        self.arguments: dict[str, object] = {"mask_center": mask_center}
        self.mask_center = mask_center
        self.model1 = block(4, 64, 64)
        self.model2 = block(64, 128, 128)
        self.model3 = block(128, 256, 256, 256)
        self.model4 = block(256, 512, 512, 512)
        self.model5 = block(512, 512, 512, 512, dilation=2)
        self.model6 = block(512, 512, 512, 512, dilation=2)
        self.model7 = block(512, 512, 512, 512)
        self.model8up, self.model3short8 = _meet(512, 256, 256)
        self.model8 = nn.Sequential(nn.ReLU(inplace=True), *block(256, 256, 256))
        self.model9up, self.model2short9 = _meet(256, 128, 128)
        self.model9 = nn.Sequential(nn.ReLU(inplace=True), *block(128, 128))
        self.model10up, self.model1short10 = _meet(128, 64, 128)
        self.model10 = nn.Sequential(
            nn.ReLU(inplace=True), nn.Conv2d(128, 128, 3, padding=1), nn.LeakyReLU(0.2)
        )
        self.model_class = nn.Sequential(nn.Conv2d(256, len(_grid()), 1))
        self.model_out = nn.Sequential(nn.Conv2d(128, 2, 1), nn.Tanh())

    @property
    def bins(self) -> Tensor:
        """(529, 2) float32: a* and b* from -110 to 110 in steps of 10, by a* and then b*."""
        return _grid().to(next(self.parameters()).device)

    def forward(self, light: Tensor, hints: Tensor) -> Said:
        """See `Painter`; the logits are (N, 529, H/4, W/4), the colours (N, 2, H, W).

        Raises:
            OlharError: if a side is no multiple of 8.
        """
        check_size(light, self.multiple, "siggraph17")
        known = hints[:, 2:]
        x = torch.cat([(light - 50) / 100, hints[:, :2] * known / AB, known - self.mask_center], 1)
        at1 = self.model1(x)  # (N, 64, H, W)
        at2 = self.model2(_halve(at1))  # (N, 128, H/2, W/2)
        at4 = self.model3(_halve(at2))  # (N, 256, H/4, W/4)
        at8 = self.model4(_halve(at4))  # (N, 512, H/8, W/8)
        at8 = self.model7(self.model6(self.model5(at8)))
        at4 = self.model8(self.model8up(at8) + self.model3short8(at4))  # (N, 256, H/4, W/4)
        at2 = self.model9(self.model9up(at4) + self.model2short9(at2))  # (N, 128, H/2, W/2)
        at1 = self.model10(self.model10up(at2) + self.model1short10(at1))  # (N, 128, H, W)
        return Said(self.model_class(at4).float(), self.model_out(at1).float() * AB)

    def log_probabilities(self, said: Said, vivid: float) -> Tensor:  # noqa: ARG002
        """(N, 529, h, w): softened as its authors do to suggest colours, whatever `vivid` is."""
        assert said.logits is not None
        return (said.logits * _SOFT).log_softmax(1)

    def decode(self, said: Said, vivid: float) -> Tensor:  # noqa: ARG002
        """(N, 2, h, w): the one colour that it says for each place, whatever `vivid` is."""
        assert said.ab is not None
        return said.ab


def _halve(x: Tensor) -> Tensor:
    return x[:, :, ::2, ::2]


def _meet(below: int, beside: int, after: int) -> tuple[nn.Sequential, nn.Sequential]:
    """What comes up and what comes across, before they are added."""
    across = nn.Conv2d(beside, after, 3, padding=1)
    return nn.Sequential(double(below, after)), nn.Sequential(across)


def _grid() -> Tensor:
    axis = torch.arange(-110.0, 111.0, 10.0, device="cpu")
    return torch.cartesian_prod(axis, axis)


def from_tensors(tensors: Mapping[str, Tensor], mask_center: float = 0.0) -> SIGGRAPH17:
    """Build the network from its weights, by their published names.

    Args:
        tensors: all of them.
        mask_center: see `SIGGRAPH17`.

    Raises:
        RuntimeError: if the tensors are not those of this network.
    """
    return build(partial(SIGGRAPH17, mask_center), tensors)


def from_published(state: Mapping[str, Tensor]) -> tuple[Card, dict[str, Tensor]] | None:
    """The published weights as a model, or None if `state` is of another network.

    Raises:
        OlharError: if it is nearly this network.
    """
    if "model1short10.0.weight" not in state:
        return None
    known = REMOTE["siggraph17"]
    card = Card(
        name=known.name,
        kind=known.kind,
        summary=known.summary,
        licence=known.licence,
        origin=known.origin,
        authors=(
            *("Richard Zhang", "Jun-Yan Zhu", "Phillip Isola", "Xinyang Geng", "Angela S. Lin"),
            *("Tianhe Yu", "Alexei A. Efros"),
        ),
        arguments={"mask_center": 0.0},
        trained_on="ImageNet",
    )
    return card, fitted(state, SIGGRAPH17, "siggraph17")
