"""Likelihoods are probabilities: they sum to one, and tell what arithmetic by hand tells."""

import math

import pytest
import torch

from olhar.vae.likelihood import (
    LIKELIHOODS,
    Bernoulli,
    Gaussian,
    Logistic,
    Mixture,
    bits,
    gaussian,
    logistic,
    make,
)

LEVELS = torch.arange(256) / 255


@pytest.mark.parametrize("distribution", [logistic, gaussian])
@pytest.mark.parametrize("center", [-1.2, -1.0, -0.3, 0.002, 0.999, 3.0])
@pytest.mark.parametrize("log_scale", [-7.0, -4.0, -1.0, 2.0])
def test_the_256_levels_sum_to_one(distribution, center, log_scale):
    said = distribution(2 * LEVELS - 1, torch.tensor(center), torch.tensor(log_scale))
    assert torch.isfinite(said).all()
    assert said.double().exp().sum().item() == pytest.approx(1, abs=2e-4)


def test_a_level_has_the_share_between_its_edges():
    x, center, scale = 2 * 100 / 255 - 1, -0.1, 0.05
    upper, lower = ((x + edge / 255 - center) / scale for edge in (1, -1))
    by_hand = 1 / (1 + math.exp(-upper)) - 1 / (1 + math.exp(-lower))
    said = logistic(torch.tensor(x), torch.tensor(center), torch.tensor(math.log(scale)))
    assert said.exp().item() == pytest.approx(by_hand, rel=1e-4)
    by_hand = (math.erf(upper / math.sqrt(2)) - math.erf(lower / math.sqrt(2))) / 2
    said = gaussian(torch.tensor(x), torch.tensor(center), torch.tensor(math.log(scale)))
    assert said.exp().item() == pytest.approx(by_hand, rel=1e-4)


@pytest.mark.parametrize("distribution", [logistic, gaussian])
def test_gradients_are_finite_far_away_and_at_the_edges(distribution):
    center = torch.tensor([-5.0, -1.0, 0.0, 1.0, 5.0]).repeat_interleave(4).requires_grad_()
    log_scale = torch.tensor([-7.0, -4.0, 0.0, 3.0]).repeat(5).requires_grad_()
    x = torch.tensor([-1.0, 1 / 255, 1.0])[:, None]
    distribution(x, center, log_scale).sum().backward()
    for each in (center, log_scale):
        assert each.grad is not None
        assert torch.isfinite(each.grad).all()


def test_the_levels_of_two_coupled_channels_sum_to_one():
    torch.manual_seed(0)
    mixture = Mixture(2, components=2)
    pairs = torch.cartesian_prod(LEVELS, LEVELS).view(-1, 2, 1, 1)
    said = torch.randn(1, mixture.outputs, 1, 1)
    log_mass = mixture.log_probability(said.expand(len(pairs), -1, -1, -1), pairs)
    assert log_mass.double().exp().sum().item() == pytest.approx(1, abs=1e-3)
    said.view(2, -1)[:, -1] = 0
    other = mixture.log_probability(said.expand(len(pairs), -1, -1, -1), pairs)
    assert (other - log_mass).abs().max() > 0.1, "green must see red"


def test_a_mixture_of_one_without_coupling_is_a_logistic():
    said = torch.randn(3, 7, 4, 4)
    said[:, 0] = 5.0  # the only weight is all of the weight
    values = torch.randint(0, 256, (3, 3, 4, 4)) / 255
    mixture, single = Mixture(3, components=1), Logistic(3)
    flat = torch.cat([said[:, 1:4], said[:, 4:7]], 1)
    padded = torch.cat([said, torch.zeros(3, 3, 4, 4)], 1)
    assert mixture.outputs == 10
    expected = single.log_probability(flat, values)
    assert torch.allclose(mixture.log_probability(padded, values), expected, rtol=1e-5)
    assert torch.allclose(mixture.mean(padded), single.mean(flat), atol=1e-6)


def test_the_learned_sigma_is_best_at_the_root_of_the_mean_squared_error():
    torch.manual_seed(0)
    values = torch.randint(0, 256, (4, 1, 16, 16)) / 255
    said = torch.zeros(4, 1, 16, 16)
    likelihood = Gaussian(1, scale="channel")
    inside = values.clamp(1 / 255, 254 / 255)  # the outer levels take what lies beyond them
    error = (2 * inside - 1).square().mean().sqrt()
    assert likelihood.log_scale is not None
    likelihood.log_scale.data.fill_(math.log(error))
    likelihood.log_probability(said, inside).sum().backward()
    assert likelihood.log_scale.grad is not None
    assert abs(likelihood.log_scale.grad.item()) / values.numel() < 1e-3


def test_bernoulli_draws_what_it_measures():
    torch.manual_seed(0)
    likelihood = Bernoulli(1)
    values = torch.full((1, 1, 100, 100), 0.3)
    drawn = likelihood.observed(values)
    assert set(drawn.unique().tolist()) == {0.0, 1.0}
    assert drawn.mean().item() == pytest.approx(0.3, abs=0.02)
    said = torch.full_like(values, math.log(0.25 / 0.75))
    white = drawn.sum().item()
    by_hand = white * math.log(0.25) + (1e4 - white) * math.log(0.75)
    assert likelihood.log_probability(said, drawn).item() == pytest.approx(by_hand, rel=1e-5)
    assert likelihood.mean(said).mean().item() == pytest.approx(0.25)


def test_other_likelihoods_see_the_nearest_level():
    assert Logistic(1).observed(torch.tensor([0.0, 0.5011, 1.0])).mul(255).tolist() == [0, 128, 255]


def test_nats_are_bits_per_dimension():
    assert bits(math.log(256) * 192, 192) == pytest.approx(8)
    assert bits(torch.tensor([1000.0]), 784).item() == pytest.approx(
        1000 / 784 / 0.693147, rel=1e-5
    )


@pytest.mark.parametrize("name", LIKELIHOODS)
@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("scale", ["pixel", "channel"])
def test_each_says_one_number_per_picture_and_a_picture(name, channels, scale):
    likelihood = make(name, channels, scale=scale, components=2)
    values = likelihood.observed(torch.rand(2, channels, 5, 4))
    said = 4 * torch.randn(2, likelihood.outputs, 5, 4)
    log_probability = likelihood.log_probability(said, values)
    assert log_probability.shape == (2,)
    assert (log_probability < 0).all()
    mean = likelihood.mean(said)
    assert mean.shape == values.shape
    assert 0 <= mean.min() <= mean.max() <= 1
