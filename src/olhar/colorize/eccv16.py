"""The network of "Colorful Image Colorization" (Zhang, Isola and Efros 2016), a `Painter`.

A VGG-like stack says for each place how likely each of 313 bins of the a*b* plane is. The bins are
those of its authors and stand in the weights: those of the last convolution, which takes the mean.
It is published under BSD-2-Clause and was trained on ImageNet.

Cost: 32.2 million weights; 41.8e9 multiply-adds at 256 x 256.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from torch import Tensor, nn

from olhar.colorize.bins import COLDEST, mean
from olhar.colorize.painter import Said
from olhar.colorize.published import AB, block, build, check_size, double, fitted
from olhar.hub import REMOTE, Card

if TYPE_CHECKING:
    from collections.abc import Mapping

BINS = 313


class ECCV16(nn.Module):
    """A `Painter` with bins and without hints; its modules have the published names.

    Its training made rare colours count, and its answer is annealed: the published weights give
    logits that are divided by the temperature 0.38 already. At `vivid` = 1 it says what it was
    published to say. What it would say without the weights by rarity is not known, since those were
    not published with it; towards `vivid` = 0 the temperature rises to 1, and colours fade.

    Example:
        >>> import torch
        >>> network = ECCV16().eval()
        >>> network(torch.rand(1, 1, 32, 40) * 100, torch.zeros(1, 3, 32, 40)).logits.shape
        torch.Size([1, 313, 8, 10])
    """

    side = 256
    multiple = 8
    takes_hints = False

    def __init__(self) -> None:
        super().__init__()
        self.arguments: dict[str, object] = {}
        self.model1 = block(1, 64, 64, stride=2)
        self.model2 = block(64, 128, 128, stride=2)
        self.model3 = block(128, 256, 256, 256, stride=2)
        self.model4 = block(256, 512, 512, 512)
        self.model5 = block(512, 512, 512, 512, dilation=2)
        self.model6 = block(512, 512, 512, 512, dilation=2)
        self.model7 = block(512, 512, 512, 512)
        self.model8 = nn.Sequential(
            double(512, 256),
            nn.ReLU(inplace=True),
            nn.Conv2d(256, 256, 3, padding=1),
            nn.ReLU(inplace=True),
            nn.Conv2d(256, 256, 3, padding=1),
            nn.ReLU(inplace=True),
            nn.Conv2d(256, BINS, 1),
        )
        self.model_out = nn.Conv2d(BINS, 2, 1, bias=False)

    @property
    def bins(self) -> Tensor:
        """(313, 2) float32: a* and b* of each bin, in the published order."""
        return self.model_out.weight.detach()[:, :, 0, 0].T.float() * AB

    def forward(self, light: Tensor, hints: Tensor) -> Said:  # noqa: ARG002  a Painter is given them
        """See `Painter`; the logits are (N, 313, H/4, W/4).

        Raises:
            OlharError: if a side is no multiple of 8.
        """
        check_size(light, self.multiple, "eccv16")
        x = (light - 50) / 100
        x = self.model3(self.model2(self.model1(x)))  # (N, 256, H/8, W/8)
        x = self.model7(self.model6(self.model5(self.model4(x))))  # (N, 512, H/8, W/8)
        return Said(logits=self.model8(x).float())

    def log_probabilities(self, said: Said, vivid: float) -> Tensor:  # noqa: ARG002
        """(N, 313, h, w): at temperature 1, whatever `vivid` is."""
        assert said.logits is not None
        return (said.logits * COLDEST).log_softmax(1)

    def decode(self, said: Said, vivid: float) -> Tensor:
        """(N, 2, h, w): the mean at `vivid` = 0, the published annealed mean at 1."""
        temperature = 1 - (1 - COLDEST) * vivid
        return mean(self.log_probabilities(said, vivid), self.bins, temperature)


def from_tensors(tensors: Mapping[str, Tensor]) -> ECCV16:
    """Build the network from its weights, by their published names.

    Raises:
        RuntimeError: if the tensors are not those of this network.
    """
    return build(ECCV16, tensors)


def from_published(state: Mapping[str, Tensor]) -> tuple[Card, dict[str, Tensor]] | None:
    """The published weights as a model, or None if `state` is of another network.

    Raises:
        OlharError: if it is nearly this network.
    """
    if "model_out.weight" not in state:
        return None
    known = REMOTE["eccv16"]
    card = Card(
        name=known.name,
        kind=known.kind,
        summary=known.summary,
        licence=known.licence,
        origin=known.origin,
        authors=("Richard Zhang", "Phillip Isola", "Alexei A. Efros"),
        trained_on="ImageNet",
    )
    return card, fitted(state, ECCV16, "eccv16")
