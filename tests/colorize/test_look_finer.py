"""A painter may say colours on a finer grid than its distribution, as siggraph17 does."""

import pytest
import torch
from torch import Tensor, nn

from olhar.colorize import colorize, palette, variants
from olhar.colorize.painter import Said
from olhar.media.color import srgb_to_lab


class Ramp(nn.Module):
    """Says a* by the column that it sees, and bins that are as blue as the column is far right."""

    side, multiple, takes_hints = 64, 8, False

    def __init__(self, coarser: int) -> None:
        super().__init__()
        self.coarser = coarser
        self.bins = torch.tensor([[0.0, 0.0], [0.0, -40.0]]) if coarser else None

    def forward(self, light: Tensor, hints: Tensor) -> Said:
        x = (light - 50) / 4  # the picture is a ramp, so lightness tells the column
        ab = torch.cat([x, torch.zeros_like(x)], 1)
        if not self.coarser:
            return Said(ab=ab)
        step = self.coarser
        blue = nn.functional.avg_pool2d(x, step)
        return Said(torch.cat([-blue, blue], 1) * 5, ab)

    def log_probabilities(self, said: Said, vivid: float) -> Tensor:
        return said.logits.log_softmax(1)

    def decode(self, said: Said, vivid: float) -> Tensor:
        return said.ab


@pytest.fixture
def image():
    return torch.linspace(0.2, 0.8, 101).expand(3, 77, 101)  # no multiple of 8 either way


@pytest.mark.parametrize("views", ["one", "flip", "many"])
def test_colours_land_where_they_belong(image, views):
    finer, alone = (colorize(image, Ramp(coarser), views=views) for coarser in (4, 0))
    torch.testing.assert_close(finer, alone, rtol=0, atol=1e-4)
    light, a, _ = srgb_to_lab(finer)
    torch.testing.assert_close(a, (light - 50) / 4, rtol=0, atol=0.5)


def test_bins_land_where_they_belong(image):
    left, right = (palette(image, (x, 0.5), Ramp(4), count=1)[0] for x in (0.1, 0.9))
    assert left.color[1:3] == left.color[5:7]  # grey
    assert right.color[1:3] < right.color[5:7]  # blue
    blue = srgb_to_lab(next(iter(variants(image, 1, Ramp(4)))))[2]
    assert blue[:, 90:].mean() < blue[:, :10].mean() - 10
