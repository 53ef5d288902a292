"""Colours as bins: targets, rarity, the annealed mean."""

import pytest
import torch

from olhar.colorize.bins import encode, grid, mean, rarity


def test_the_bins_are_the_grid_points_that_srgb_reaches() -> None:
    bins = grid()
    assert bins.shape == (261, 2)
    assert (bins % 10 == 0).all()
    listed = {(int(a), int(b)) for a, b in bins.tolist()}
    assert {(0, 0), (80, 70), (-90, 80), (80, -110)} <= listed  # grey, red, green, blue
    assert (100, 0) not in listed
    assert (-100, -100) not in listed


def test_a_color_on_a_bin_is_mostly_that_bin() -> None:
    bins, shares = encode(torch.tensor([20.0, -30.0]).view(2, 1, 1))
    assert grid()[bins[0, 0, 0]].tolist() == [20, -30]
    # Its four neighbours are 10 away: exp(-100 / 50) each, before they are made to sum to 1.
    neighbour = torch.tensor(-2.0).exp()
    assert shares[0].item() == pytest.approx(1 / (1 + 4 * neighbour.item()), rel=1e-5)
    assert shares.sum(0).item() == pytest.approx(1)


def test_the_mean_of_a_target_is_its_color() -> None:
    generator = torch.Generator().manual_seed(0)
    inside = torch.rand(2, 8, 9, generator=generator) * 60 - 30
    bins, shares = encode(inside)
    full = torch.zeros(1, len(grid()), 8, 9).scatter(1, bins[None], shares[None])
    back = mean(full.clamp_min(1e-12).log(), grid())
    assert (back[0] - inside).abs().max() < 4.0  # five bins are not all of a Gaussian
    assert (back[0] - inside).abs().mean() < 1.5


def test_far_outside_counts_as_the_edge() -> None:
    bins, shares = encode(torch.tensor([1000.0, -1000.0]).view(2, 1, 1))
    assert torch.isfinite(shares).all()
    assert 0 <= bins.min() <= bins.max() < len(grid())


def test_rare_bins_weigh_more_and_the_mean_weight_is_one() -> None:
    counts = torch.ones(len(grid()))
    grey = int((grid() == 0).all(1).nonzero())
    counts[grey] = 100_000
    weight = rarity(counts).exp()
    assert weight.argmin() == grey
    assert weight.max() / weight[grey] > 20
    shared = torch.tensor(-2.0).exp() / (1 + 4 * torch.tensor(-2.0).exp())
    assert shared > 0  # neighbours of grey share in its blur, so they weigh less than far bins
    assert weight[int((grid() == torch.tensor([10.0, 0.0])).all(1).nonzero())] < weight.max()


def test_even_counts_have_nearly_even_weights() -> None:
    weight = rarity(torch.ones(len(grid()))).exp()
    assert weight.max() / weight.min() < 2  # only the edge of the plane differs


def test_a_low_temperature_takes_the_likelier() -> None:
    logits = torch.full((1, len(grid()), 1, 1), -50.0)
    first, second = 3, 200
    logits[0, first], logits[0, second] = 1.0, 0.0
    warm, cold = (mean(logits, grid(), t)[0, :, 0, 0] for t in (1.0, 0.05))
    share = torch.tensor(1.0).sigmoid()
    expected = share * grid()[first] + (1 - share) * grid()[second]
    assert torch.allclose(warm, expected, atol=1e-4)
    assert torch.allclose(cold, grid()[first], atol=1e-4)
