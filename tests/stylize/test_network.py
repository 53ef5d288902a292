"""The losses: values by hand, invariances, gradients."""

import pytest
import torch

from olhar.nets.linalg import power
from olhar.nets.vgg import bundled_vgg16
from olhar.stylize.network import (
    Moments,
    Objective,
    _covariance,
    _FidelityTrace,
    blend,
    gram_distance,
    moments,
    roughness,
    wasserstein_distance,
)


def test_moments_by_hand():
    features = torch.tensor([[1.0, 2.0], [3.0, 4.0]]).view(1, 2, 1, 2)
    m = moments(features)
    assert m.mean.tolist() == [[1.5, 3.5]]
    assert m.gram.tolist() == [[[2.5, 5.5], [5.5, 12.5]]]


def test_moments_forget_where_and_how_many():
    features = torch.rand(1, 5, 6, 8)
    shuffled = features.flatten(2)[:, :, torch.randperm(48)].view(1, 5, 8, 6)
    doubled = torch.cat([features, features], 3)
    for other in (shuffled, doubled):
        assert torch.allclose(moments(features).gram, moments(other).gram, atol=1e-6)
        assert torch.allclose(moments(features).mean, moments(other).mean, atol=1e-6)


def test_moments_of_nothing():
    with pytest.raises(ValueError, match="no positions"):
        moments(torch.rand(1, 2, 0, 3))


def test_half_precision_features_do_not_overflow():
    assert moments(torch.full((1, 2, 8, 8), 3000.0, dtype=torch.float16)).gram.isfinite().all()


def test_blending_moments_is_mixing_pixels():
    a, b = torch.rand(1, 3, 4, 4), torch.rand(1, 3, 4, 4)
    mixed = moments(torch.cat([a, b, b, b], 3))
    blended = blend([moments(a), moments(b)], [2.0, 6.0])
    assert torch.allclose(mixed.gram, blended.gram, atol=1e-6)
    assert torch.allclose(mixed.mean, blended.mean, atol=1e-6)


def test_distances_are_zero_at_home_and_relative():
    a, b = moments(torch.rand(1, 4, 16, 16)), moments(torch.rand(1, 4, 16, 16) ** 2)
    root = power(_covariance(b), 0.5)
    assert float(gram_distance(b, b)) == 0
    assert float(wasserstein_distance(b, b, root)) == pytest.approx(0, abs=1e-5)
    scaled = [Moments(3 * m.mean, 9 * m.gram) for m in (a, b)]
    assert float(gram_distance(*scaled)) == pytest.approx(float(gram_distance(a, b)), rel=1e-4)
    near, far = wasserstein_distance(a, b, root), wasserstein_distance(*scaled, 3 * root)
    assert float(far) == pytest.approx(float(near), rel=1e-3)


def test_wasserstein_by_hand_for_commuting_covariances():
    """For diagonal covariances the distance is that of the standard deviations."""

    def gaussian(mean, deviation):
        mean, deviation = torch.tensor([mean]), torch.tensor([deviation])
        return Moments(
            mean, torch.diag_embed(deviation**2) + mean[..., :, None] * mean[..., None, :]
        )

    a, b = gaussian([1.0, 2.0], [1.0, 3.0]), gaussian([0.0, 4.0], [2.0, 1.0])
    expected = (1 + 4 + 1 + 4) / (16 + 5)
    root = power(_covariance(b), 0.5)
    assert float(wasserstein_distance(a, b, root)) == pytest.approx(expected, rel=1e-5)


def test_gradient_of_the_fidelity_trace():
    torch.manual_seed(0)
    half, other = (
        torch.randn(1, 4, 9, dtype=torch.float64),
        torch.randn(1, 4, 9, dtype=torch.float64),
    )
    root = power(other @ other.mT, 0.5)

    def trace(half):
        return _FidelityTrace.apply(half @ half.mT, root)

    assert torch.autograd.gradcheck(trace, half.requires_grad_())


def test_roughness():
    assert float(roughness(torch.full((1, 3, 4, 4), 0.3))) == 0
    checkered = ((torch.arange(4)[:, None] + torch.arange(4)) % 2).float().expand(1, 3, 4, 4)
    assert float(roughness(checkered)) == pytest.approx(2 * 12 / 16)


@pytest.mark.parametrize("loss", ["gram", "wasserstein"])
def test_objective_is_smallest_where_it_should_be(loss):
    torch.manual_seed(0)
    photo, painting = torch.rand(1, 3, 32, 40), torch.rand(1, 3, 48, 32) ** 3
    objective = Objective(bundled_vgg16(), photo, [painting], [1.0], loss, 0.12, 0.0)
    here = objective(photo)
    assert float(here.content) == pytest.approx(0, abs=1e-6)
    assert float(here.style) > 0.02
    assert float(here.total) == pytest.approx(float(here.style), rel=1e-5)
    assert float(objective(torch.rand(1, 3, 32, 40)).content) > 0.1
    home = Objective(bundled_vgg16(), painting, [painting], [1.0], loss, 0.12, 0.0)
    assert float(home(painting).style) == pytest.approx(0, abs=2e-4)
