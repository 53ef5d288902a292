"""From the network's grid to the picture's: exact where it can be, better than bilinear."""

import pytest
import torch
import torch.nn.functional as F
from hypothesis import given
from hypothesis import strategies as st
from painters import photo

from olhar.colorize.grid import cubic, resample
from olhar.colorize.recombine import join
from olhar.media import color
from olhar.media.color import lightness, srgb_to_lab


@given(st.integers(1, 60), st.integers(1, 30), st.floats(0.3, 1))
def test_a_constant_stays_one(count, known, share):
    torch.testing.assert_close(cubic(count, known, share * known).sum(1), torch.ones(count))


def test_a_line_stays_a_line_and_the_same_grid_the_same():
    line = torch.arange(20.0)
    fine = cubic(60, 20, 20) @ line
    torch.testing.assert_close(fine[9:-9], ((torch.arange(60) + 0.5) / 3 - 0.5)[9:-9])
    torch.testing.assert_close(cubic(20, 20, 20), torch.eye(20))


@pytest.mark.parametrize("size", [(61, 70), (16, 24), (7, 9)])
def test_it_agrees_with_torch_away_from_the_borders(size):
    samples = torch.randn(2, 16, 24)
    ours = resample(samples, size, (16, 24))
    theirs = F.interpolate(samples[None], size, mode="bicubic", antialias=True)[0]
    edge = 2 * max(1, size[0] // 16) + 1
    inner = (..., slice(edge, -edge), slice(edge, -edge))
    torch.testing.assert_close(ours[inner], theirs[inner], atol=1e-5, rtol=0)


def test_a_margin_is_left_out():
    samples = torch.randn(1, 12, 12)
    part = resample(samples, (30, 30), (10, 9))
    whole = resample(samples, (36, 40), (12, 12))
    torch.testing.assert_close(part, whole[:, :30, :30], atol=1e-5, rtol=0)


@pytest.mark.parametrize("name", ["chelsea", "coffee", "astronaut"])
def test_cubic_colours_are_nearer_to_the_truth_than_bilinear_and_nearest(name):
    lab = srgb_to_lab(photo(name))
    height, width = lab.shape[1] // 8, lab.shape[2] // 8
    lab = lab[:, : 8 * height, : 8 * width]
    coarse = F.avg_pool2d(lab[None, 1:], 8)
    ours = resample(coarse[0], (8 * height, 8 * width), (height, width))
    bilinear, nearest = (
        F.interpolate(coarse, scale_factor=8.0, mode=mode)[0] for mode in ("bilinear", "nearest")
    )
    errors = [(guess - lab[1:]).norm() for guess in (ours, bilinear, nearest)]
    assert errors[0] < errors[1] < errors[2]


def test_join_keeps_lightness_and_takes_the_colours():
    lab = srgb_to_lab(photo("coffee"))[:, :96, :128]
    image = join(lab[:1], lab[1:])
    torch.testing.assert_close(srgb_to_lab(image), lab, atol=0.02, rtol=0)


@pytest.mark.parametrize("name", ["astronaut", "coffee", "chelsea", "rocket"])
def test_lightness_does_not_drift_even_with_colours_that_srgb_lacks(name):
    light = lightness(photo(name))
    ab = 60 * torch.randn(2, 12, 12, generator=torch.Generator().manual_seed(0))
    levels = (join(light, ab) * 255).round() / 255
    drift = (lightness(levels) - light).abs().flatten()
    assert drift.mean() <= 0.1
    assert drift.quantile(0.999) <= 1.0
    exact = (lightness(join(light, ab)) - light).abs()
    assert exact.max() <= 0.02


def test_bands_change_nothing(monkeypatch):
    light, ab = 100 * torch.rand(1, 37, 11), 40 * torch.randn(2, 5, 4)
    whole = join(light, ab, (4.5, 3.25))
    monkeypatch.setattr("olhar.colorize.recombine._BAND", 22)
    monkeypatch.setattr(color, "_BAND", 22)
    torch.testing.assert_close(join(light, ab, (4.5, 3.25)), whole, atol=1e-5, rtol=0)
