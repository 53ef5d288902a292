"""Colours of an exemplar: its histogram, where they belong, and the linear map of its moments."""

import pytest
import torch
from painters import Fake, Knowing, Regressor, photo
from scipy.optimize import linear_sum_assignment

from olhar.colorize import colorize
from olhar.colorize.bins import grid
from olhar.colorize.reference import Reference, recolored, transported
from olhar.errors import OlharError
from olhar.media.color import srgb_to_lab


def earth_mover(image: torch.Tensor, other: torch.Tensor) -> float:
    """Mean distance in a* and b* that colours must travel, on 400 of them."""
    generator = torch.Generator().manual_seed(0)
    first, second = (
        colors.T[torch.randperm(colors.shape[1], generator=generator)[:400]]
        for colors in (srgb_to_lab(each)[1:].flatten(1) for each in (image, other))
    )
    cost = torch.cdist(first, second).numpy()
    return float(cost[linear_sum_assignment(cost)].mean())


@pytest.mark.parametrize(
    ("name", "other"), [("astronaut", "coffee"), ("coffee", "rocket"), ("rocket", "chelsea")]
)
def test_the_histogram_comes_to_half_the_distance_or_less(name, other):
    image, exemplar, painter = photo(name), photo(other), Fake()
    alone = earth_mover(colorize(image, painter), exemplar)
    assert earth_mover(colorize(image, painter, reference=exemplar), exemplar) <= 0.5 * alone


@pytest.mark.parametrize("name", ["astronaut", "coffee", "chelsea"])
@pytest.mark.parametrize("doubtful", [True, False])
def test_ones_own_colours_come_back(name, doubtful):
    image = photo(name)
    painter = Knowing(image, doubt=25, share=0.4) if doubtful else Regressor()
    truth = srgb_to_lab(image)[1:]
    alone, own = (
        (srgb_to_lab(result)[1:] - truth).square().mean()
        for result in (colorize(image, painter), colorize(image, painter, reference=image))
    )
    assert own < 0.5 * alone


def test_lightness_decides_where_colours_go():
    """Light is blue and dark is red in the reference, so it is in the picture."""
    light = torch.linspace(0, 100, 40).expand(1, 30, 40)
    blue = (light[0] > 50).float()
    ab = torch.stack([50 * (1 - blue), -50 * blue])
    exemplar = Reference(ab, light, torch.zeros(2, 30, 40))
    bins = grid()
    picture = light.flip(-1)[:, :20, ::2]
    nothing = torch.zeros(1, len(bins), 20, 20)
    colors = recolored(nothing, bins, picture, exemplar)[0]
    assert colors[0][picture[0] < 40].min() > 25
    assert colors[1][picture[0] > 60].max() < -25


def test_moments_are_those_of_the_reference():
    generator = torch.Generator().manual_seed(0)
    mix = torch.tensor([[9.0, 4.0], [0.0, 5.0]])
    ab = torch.randn(2, 50, 60, generator=generator) * 12 + 3
    wanted = (mix @ torch.randn(2, 1500, generator=generator)).view(2, 30, 50) + 20
    light = torch.rand(1, 50, 60, generator=generator) * 100
    exemplar = Reference(wanted, torch.full((1, 30, 50), 50.0), wanted)
    moved = transported(ab, light, exemplar, tones=1).flatten(1)
    torch.testing.assert_close(moved.mean(1), wanted.flatten(1).mean(1), atol=0.01, rtol=0)
    torch.testing.assert_close(torch.cov(moved), torch.cov(wanted.flatten(1)), rtol=0.02, atol=0.1)


def test_grey_moves_without_exploding():
    exemplar = Reference(20 * torch.randn(2, 9, 9), 100 * torch.rand(1, 9, 9), torch.zeros(2, 9, 9))
    moved = transported(torch.zeros(2, 8, 8), 100 * torch.rand(1, 8, 8), exemplar)
    assert moved.isfinite().all()
    assert moved.abs().max() < 80


def test_a_grey_reference_is_refused():
    grey = Reference(torch.zeros(2, 4, 4), torch.zeros(1, 4, 4), torch.zeros(2, 4, 4))
    with pytest.raises(OlharError, match="hardly any colour"):
        grey.check()
