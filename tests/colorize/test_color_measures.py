"""Measures of colour against values by hand, and what training practises on."""

from math import log10

import numpy as np
import pytest
import torch

from olhar.colorize.measures import Table, ab_error, colorfulness, feature_distance, painted, psnr
from olhar.colorize.practice import aged, simulated
from olhar.media.color import srgb_to_lab


def flat(*color: float) -> torch.Tensor:
    return torch.tensor(color).view(1, 3, 1, 1).expand(1, 3, 16, 16).contiguous()


def test_psnr_of_a_known_difference() -> None:
    assert psnr(flat(0.5, 0.5, 0.5), flat(0.6, 0.5, 0.5)).item() == pytest.approx(
        -10 * log10(0.01 / 3), abs=1e-4
    )


def test_ab_error_is_a_distance() -> None:
    ab = torch.zeros(1, 2, 4, 4)
    assert ab_error(ab, ab + torch.tensor([3.0, 4.0]).view(2, 1, 1)).item() == pytest.approx(5)


def test_colorfulness_of_two_halves() -> None:
    """Red and cyan: RG is +-255, YB is -+127.5, both means 0."""
    image = torch.zeros(1, 3, 2, 4)
    image[:, 0, :, :2] = 1
    image[:, 1:, :, 2:] = 1
    assert colorfulness(image).item() == pytest.approx(np.hypot(255, 127.5), rel=1e-5)
    assert colorfulness(flat(0.4, 0.4, 0.4)).item() == pytest.approx(0, abs=1e-4)


def test_painting_keeps_lightness_even_where_srgb_has_no_such_color() -> None:
    light = torch.linspace(5, 95, 64).view(1, 1, 8, 8)
    ab = torch.tensor([120.0, -40.0]).view(1, 2, 1, 1).expand(1, 2, 2, 2)
    images = painted(light, ab)
    assert 0 <= images.min() <= images.max() <= 1
    assert (srgb_to_lab(images)[:, :1] - light).abs().max() < 0.02


def test_feature_distance_is_zero_only_for_the_same() -> None:
    image = torch.rand(1, 3, 32, 32, generator=torch.Generator().manual_seed(0))
    assert feature_distance(image, image).item() == 0
    assert feature_distance(1 - image, image).item() > 0.2


def test_the_table_puts_grey_and_the_truth_where_they_belong() -> None:
    image = torch.rand(2, 3, 16, 16, generator=torch.Generator().manual_seed(0))
    lab = srgb_to_lab(image)
    table = Table(thorough=False)
    table.add(lab, {"grey": torch.zeros(2, 1, 1), "true": lab[:, 1:]})
    rows = table.rows()
    assert rows["true"]["psnr"] > 60
    assert rows["true"]["colorfulness"] == pytest.approx(1, abs=1e-3)
    assert rows["grey"]["colorfulness"] == pytest.approx(0, abs=1e-3)
    assert rows["grey"]["ab_error"] == pytest.approx(lab[:, 1:].norm(dim=1).mean().item(), rel=1e-4)


def test_hints_tell_the_truth() -> None:
    torch.manual_seed(0)
    ab = 100 * torch.randn(64, 2, 32, 48).cumsum(2).div(32)
    hints = simulated(ab, 0.5)
    known = hints[:, 2:].bool()
    counts = known.flatten(1).any(1)
    assert 0.3 < counts.float().mean() < 0.7
    assert ((hints[:, 2] == 0) | (hints[:, 2] == 1)).all()
    assert (hints[:, :2] * ~known == 0).all()
    single = hints[:, 2].flatten(1).sum(1) == 1  # a single pixel has its own colour
    assert single.any()
    mask = known[single].expand(-1, 2, -1, -1)
    assert torch.allclose(hints[single][:, :2][mask], ab[single][mask])
    assert not simulated(ab, 0.0).any()


def test_aging_stays_lightness_and_leaves_the_others() -> None:
    torch.manual_seed(0)
    light = 100 * torch.rand(40, 1, 16, 16)
    old = aged(light, 0.5)
    assert 0 <= old.min() <= old.max() <= 100
    same = (old == light).flatten(1).all(1).float().mean()
    assert 0.3 < same < 0.7
    assert torch.equal(aged(light, 0.0), light)
