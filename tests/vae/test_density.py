"""Where latents lie, and what is drawn from there."""

import math

import pytest
import torch
from PIL import Image

from olhar.vae.density import CLUSTERS, fitted
from olhar.vae.network import VAE
from olhar.vae.recipe import Vae


def two_places(count, seed=0):
    """Around (-3, 0) with deviations 0.5 and 0.1, around (3, 2) the other way round, 1 to 3."""
    noise = torch.randn(count, 2, generator=torch.Generator().manual_seed(seed))
    left = torch.tensor([-3.0, 0.0]) + noise * torch.tensor([0.5, 0.1])
    right = torch.tensor([3.0, 2.0]) + noise * torch.tensor([0.1, 0.5])
    return torch.where((torch.arange(count) % 4 == 0)[:, None], left, right)


def test_two_places_are_found():
    shares, middles, factors = fitted(two_places(4000), 2)
    order = middles[:, 0].argsort()
    assert shares[order].tolist() == pytest.approx([0.25, 0.75], abs=1e-3)
    assert middles[order].flatten().tolist() == pytest.approx([-3, 0, 3, 2], abs=0.05)
    deviations = (factors @ factors.mT).diagonal(dim1=1, dim2=2).sqrt()[order]
    assert deviations.flatten().tolist() == pytest.approx([0.5, 0.1, 0.1, 0.5], rel=0.15)


def test_a_correlation_is_kept():
    x = torch.randn(5000, 1, generator=torch.Generator().manual_seed(0))
    shares, _, factors = fitted(torch.cat([x, 2 * x + 1], 1), 1)
    assert shares.tolist() == [1.0]
    covariance = (factors @ factors.mT)[0]
    expected = torch.tensor([[1.0, 2.0], [2.0, 4.0]]).double() * x.double().var()
    assert torch.allclose(covariance, expected, rtol=0.01)


def test_the_log_probability_is_that_of_normal_distributions():
    density = fitted(two_places(400), 2)
    x = two_places(5, seed=1).double()
    for k in range(2):
        normal = torch.distributions.MultivariateNormal(
            density.middles[k], scale_tril=density.factors[k]
        )
        expected = normal.log_prob(x) + math.log(density.shares[k])
        assert torch.allclose(density.log_probability(x)[:, k], expected)


def test_what_it_has_not_seen_is_likelier_than_under_the_prior():
    unseen = two_places(500, seed=1).double()
    found = fitted(two_places(500)).log_probability(unseen).logsumexp(1).mean()
    prior = torch.distributions.Normal(0, 1).log_prob(unseen).sum(1).mean()
    assert found > prior + 2


@pytest.mark.parametrize("count", [1, 2, 5, 90])
def test_few_latents_make_few_distributions_and_no_flat_ones(count):
    latents = torch.randn(count, 8, generator=torch.Generator().manual_seed(0))
    shares, middles, factors = fitted(latents)
    assert int((shares > 0).sum()) == max(1, count // 32)
    assert shares.sum() == pytest.approx(1)
    assert shares.shape == (CLUSTERS,)
    assert middles.shape == (CLUSTERS, 8)
    assert (factors.diagonal(dim1=1, dim2=2) > 0).all()


def small(**arguments):
    torch.manual_seed(0)
    return VAE(size=16, channels=1, latent=2, vector=True, widths=(8, 16), **arguments)


def test_a_network_draws_from_the_prior_until_it_has_settled():
    network = small()
    before = network.draw(2000, torch.Generator().manual_seed(0)).flatten(1)
    assert before.mean(0).tolist() == pytest.approx([0, 0], abs=0.06)
    assert before.std(0).tolist() == pytest.approx([1, 1], abs=0.05)
    with torch.no_grad():
        network.settle(two_places(2000).view(-1, 2, 1, 1))
    after = network.draw(2000, torch.Generator().manual_seed(0)).flatten(1)
    assert after.mean(0).tolist() == pytest.approx([1.5, 1.5], abs=0.15)
    assert (after[:, 0].abs() > 1).all()  # nothing between the two places
    first = network.draw(3, torch.Generator().manual_seed(0)).flatten(1)
    assert torch.equal(first, after[:3])


def test_without_temperature_only_the_middles_are_drawn():
    network = small()
    with torch.no_grad():
        network.settle(two_places(2000).view(-1, 2, 1, 1))
    drawn = network.draw(50, torch.Generator().manual_seed(0), temperature=0.0).flatten(1)
    assert {*map(tuple, drawn.tolist())} <= {*map(tuple, network.middles.tolist())}


def test_a_training_ends_with_where_its_pictures_lie(tmp_path):
    for number in range(40):
        Image.new("L", (16, 16), 6 * number).save(tmp_path / f"{number}.png")
    recipe = Vae(data=tmp_path, latent=2, shape="vector", size=16)
    network = recipe.network(recipe.datasets()).eval()
    with torch.no_grad():
        recipe.settle(network, [])
        images = torch.cat([b["image"] for b in recipe.datasets().train.batches(64)])
        where = network.encode(network.values(images)).mean.flatten(1)
    middle = network.shares @ network.middles
    assert torch.allclose(middle, where.mean(0), atol=0.5)
    assert not torch.equal(middle, torch.zeros(2))


def test_maps_are_drawn_from_the_prior():
    network = VAE(size=16, latent=4, widths=(8, 16))
    assert not network.clustered
    generator = torch.Generator().manual_seed(3)
    expected = torch.randn(4, 4, 4, generator=torch.Generator().manual_seed(3))
    assert torch.equal(network.draw(1, generator)[0], expected)
