"""Noise is as strong as it says, and the same seed gives the same."""

import numpy as np
import pytest
import torch

from olhar.autoencode.noise import MIXED, compressed, gaussian, noisy, shares
from olhar.errors import OlharError


def flat(level, count=8, side=48):
    return torch.full((count, 3, side, side), level)


def test_gaussian_noise_has_its_deviation_and_is_not_clipped():
    made = gaussian(flat(0.02), 25, torch.Generator().manual_seed(1))
    assert (made - 0.02).std() * 255 == pytest.approx(25, rel=0.02)
    assert made.min() < 0
    levels = torch.tensor([5.0, 50.0]).view(2, 1, 1, 1)
    spread = (gaussian(flat(0.5, 2), levels, None) - 0.5).std((1, 2, 3)) * 255
    assert spread.tolist() == pytest.approx([5, 50], rel=0.05)


def test_each_image_draws_a_level_of_its_own_up_to_the_top():
    torch.manual_seed(0)
    made = noisy(flat(0.5, 64, 16), {"gaussian": 1.0}, top=30)
    spread = (made - 0.5).std((1, 2, 3)) * 255
    assert spread.min() < 4
    assert 24 < spread.max() < 34
    assert spread.mean() == pytest.approx(15, abs=3)


def test_photons_make_bright_places_noisier():
    image = torch.full((4, 3, 64, 64), 0.1)
    image[..., 32:] = 0.9
    torch.manual_seed(0)
    made = noisy(image, {"poisson": 1.0})
    dark, bright = (made[..., part].var((1, 2, 3)) for part in (slice(32), slice(32, 64)))
    assert torch.allclose(bright / dark, torch.full((4,), 9.0), rtol=0.15)
    assert torch.allclose(made.mean((1, 2, 3)), torch.full((4,), 0.5), atol=0.03)


def test_salt_and_pepper_change_some_pixels_to_the_ends():
    torch.manual_seed(3)
    made = noisy(flat(0.5), {"salt-and-pepper": 1.0})
    changed = made != 0.5
    assert {*made[changed].unique().tolist()} <= {0.0, 1.0}
    assert torch.equal(changed[:, 0], changed[:, 1])
    assert (changed.float().mean((1, 2, 3)) < 0.22).all()
    assert changed.any()


def test_a_worse_quality_leaves_a_larger_error():
    image = torch.rand(1, 3, 64, 64, generator=torch.Generator().manual_seed(0))
    errors = [float((compressed(image, [q]) - image).square().mean()) for q in (95, 60, 20)]
    assert errors == sorted(errors)


def test_the_noise_of_a_camera_is_shared_by_neighbours():
    torch.manual_seed(1)
    made = noisy(flat(0.5, 16, 64), {"camera": 1.0}) - 0.5
    beside = (made[..., 1:] * made[..., :-1]).mean() / made.square().mean()
    assert beside > 0.2
    assert made.min() + 0.5 >= 0
    assert made.max() + 0.5 <= 1


def test_shares_are_kept():
    torch.manual_seed(0)
    image = flat(0.5, 600, 4)
    made = noisy(image, shares(("jpeg:1", "salt-and-pepper:2")), 50)
    ends = (made == 0) | (made == 1)
    quiet = ~ends.flatten(1).any(1)
    assert 0.3 < quiet.float().mean() < 0.6  # some salt and pepper is too little to be seen


def test_a_seed_decides_everything():
    image = torch.rand(6, 3, 16, 16)

    def made(seed):
        torch.manual_seed(seed)
        return noisy(image, shares(MIXED))

    assert torch.equal(made(1), made(1))
    assert not torch.equal(made(1), made(2))
    own = [noisy(image, shares(MIXED), 55, torch.Generator().manual_seed(4)) for _ in range(2)]
    assert torch.equal(*own)


def test_an_image_that_is_given_stays_as_it_is():
    image = torch.rand(4, 3, 8, 8)
    before = image.clone()
    noisy(image, shares(MIXED))
    assert torch.equal(image, before)


@pytest.mark.parametrize("bad", ["fog", "gaussian:0", "gaussian:much", "gaussian:nan", ""])
def test_what_is_no_noise_is_refused(bad):
    with pytest.raises(OlharError, match="it can be gaussian, poisson"):
        shares((bad,))


def test_shares_sum_to_one():
    assert sum(shares(MIXED).values()) == pytest.approx(1)
    assert shares(("jpeg", "jpeg:3")) == {"jpeg": 1.0}
    assert shares(()) == {}
    assert np.isclose(shares(("gaussian:1", "jpeg:3"))["jpeg"], 0.75)
