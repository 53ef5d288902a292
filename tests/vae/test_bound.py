"""Both terms of the ELBO and both bounds, against integrals over a latent of two numbers."""

import math

import pytest
import torch

from olhar.vae.bound import Posterior, free, importance
from olhar.vae.network import VAE

REACH, STEPS = 9.0, 601


@pytest.fixture(scope="module")
def toy():
    """A network of 2 x 2 grey pixels and a latent of two numbers, and one picture."""
    torch.manual_seed(1)
    network = VAE(size=2, channels=1, latent=2, vector=True, widths=(8,)).eval()
    with torch.no_grad():
        network.paint.weight.mul_(8)
        network.paint.bias[4:] = -1.0  # a likelihood of log scale -2: sure of what it says
        network.believe[1].bias[:] = torch.tensor([0.8, -0.5, -0.7, -0.2])
    return network, torch.tensor([40, 100, 160, 220]).view(1, 1, 2, 2).expand(1, 3, 2, 2) / 255


@pytest.fixture(scope="module")
def plane(toy):
    """log q(z|x), log p(z), log p(x|z) on a grid of latents, and the area of a cell of it."""
    network, image = toy
    line = torch.linspace(-REACH, REACH, STEPS)
    z = torch.cartesian_prod(line, line)
    with torch.no_grad():
        values = network.values(image)
        posterior = network.encode(values)
        q = torch.distributions.Normal(
            posterior.mean.flatten(), posterior.log_scale.exp().flatten()
        )
        p = torch.distributions.Normal(0.0, 1.0)
        said = network.decode(z.view(-1, 2, 1, 1))
        likely = network.likelihood.log_probability(said, values)
    parts = (q.log_prob(z).sum(1), p.log_prob(z).sum(1), likely)
    return [each.double() for each in parts], (line[1] - line[0]).item() ** 2


def standard_error(values):
    return (values.std() / math.sqrt(len(values))).item()


def test_both_terms_are_the_integrals_that_they_stand_for(toy, plane):
    network, image = toy
    (log_q, log_p, likely), area = plane
    q = log_q.exp() * area
    assert q.sum().item() == pytest.approx(1, abs=1e-4)
    torch.manual_seed(0)
    with torch.no_grad():
        terms = network(image.expand(20_000, 3, 2, 2))
    divergence = (q * (log_q - log_p)).sum().item()
    assert divergence > 0.1
    assert terms.divergence[0].item() == pytest.approx(divergence, rel=1e-3)
    reconstruction = -(q * likely).sum().item()
    off = 4 * standard_error(terms.reconstruction)
    assert off < 0.05 * reconstruction
    assert terms.reconstruction.mean().item() == pytest.approx(reconstruction, abs=off)


def test_the_elbo_is_below_log_p_and_more_samples_come_nearer(toy, plane):
    network, image = toy
    (_, log_p, likely), area = plane
    truth = ((log_p + likely).exp().sum() * area).log().item()
    torch.manual_seed(0)
    with torch.no_grad():
        elbo = -network(image.expand(20_000, 3, 2, 2)).bound
        weights = network.log_weights(image.expand(2000, 3, 2, 2), 200)
    assert elbo.mean().item() < truth - 4 * standard_error(elbo)
    found = [importance(weights[:count]) for count in (1, 5, 30, 200)]
    means = [each.mean().item() for each in found]
    assert means == sorted(means)
    assert means[0] == pytest.approx(elbo.mean().item(), abs=5 * standard_error(found[0]))
    assert means[-1] < truth + 4 * standard_error(found[-1])
    assert truth - means[-1] < 0.3 * (truth - means[0])


def test_importance_of_equal_weights_is_that_weight():
    assert torch.allclose(importance(torch.full((64, 3), -7000.0)), torch.tensor(-7000.0))
    by_hand = math.log((math.exp(-1) + math.exp(-3)) / 2)
    assert importance(torch.tensor([[-1.0], [-3.0]])).item() == pytest.approx(by_hand)


def test_divergence_of_the_prior_is_none():
    zeros = torch.zeros(2, 3, 1, 1)
    assert Posterior(zeros, zeros).divergence().abs().max() == 0
    moved = Posterior(zeros + 1, zeros).divergence()  # half the square of the distance
    assert torch.allclose(moved, torch.tensor(0.5))


def test_free_bits_cost_what_they_cost_and_pull_at_nothing_that_is_below():
    groups = torch.tensor([[0.1, 2.0], [0.3, 4.0]], requires_grad=True)
    assert free(groups, 0.0).item() == pytest.approx(0.2 + 3.0)
    cost = free(groups, 0.5)
    assert cost.item() == pytest.approx(0.5 + 3.0)
    cost.backward()
    assert groups.grad is not None
    assert groups.grad.tolist() == [[0.0, 0.5], [0.0, 0.5]]
