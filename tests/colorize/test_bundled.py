"""The bundled colorizer: small, described, and right about what anybody would be right about."""

import numpy as np
import pytest
import torch

import olhar
from olhar import hub
from olhar.colorize import Hints, Point, colorize, palette
from olhar.media.color import lightness, linear_to_srgb, luminance, srgb_to_lab
from olhar.media.picture import resize
from olhar.samples import photo


def grey(name: str, height: int = 256) -> torch.Tensor:
    image = photo(name)
    image = resize(image, (height, round(height * image.shape[2] / image.shape[1])))
    return linear_to_srgb(luminance(image).expand(3, -1, -1)).clamp(0, 1)


def test_its_card_says_what_it_is_and_saw() -> None:
    path = hub.find("colorizer")
    card = hub.read_card(path)
    assert card.kind == "colorizer"
    assert path.stat().st_size <= 15e6
    assert card.licence == "Apache-2.0"
    assert "EfficientNet-Lite0" in card.origin


@pytest.mark.parametrize("name", ["coffee", "rocket", "chelsea"])
def test_lightness_is_the_photographs_own(name: str) -> None:
    image = grey(name)
    before, after = lightness(image), lightness((colorize(image) * 255).round() / 255)
    drift = (after - before).abs()
    assert drift.mean() <= 0.15
    assert drift.flatten().quantile(0.999) <= 1.0


def test_a_night_sky_is_blue_and_wood_is_not() -> None:
    sky = srgb_to_lab(colorize(grey("rocket"), vivid=0.5))[1:, 20:120, 120:300].mean((1, 2))
    assert sky[1] < -8
    wood = srgb_to_lab(colorize(grey("coffee"), vivid=0.5))[1:, 10:60, 250:].mean((1, 2))
    assert wood[1] > 4


def test_vivid_is_more_colorful_than_safe() -> None:
    image = grey("coffee")
    chroma = [srgb_to_lab(colorize(image, vivid=v))[1:].norm(dim=0).mean() for v in (0, 0.5, 1)]
    assert chroma[0] < chroma[1] < chroma[2]


def test_a_hint_colors_the_saucer_and_leaves_the_sky_of_another_corner() -> None:
    image = grey("coffee")
    automatic = colorize(image)
    green = Hints(points=(Point(x=0.2, y=0.62, color="#2f8c39"),))
    hinted = colorize(image, hints=green)
    spot = slice(153, 165), slice(70, 85)
    a = srgb_to_lab(hinted)[1][spot].mean() - srgb_to_lab(automatic)[1][spot].mean()
    assert a < -10, "towards green"
    far = (hinted - automatic).abs()[:, :40, -60:]
    assert far.mean() < 0.02
    assert torch.equal(colorize(image, hints=Hints()), automatic)


def test_the_palette_of_a_place_is_likely_first() -> None:
    suggested = palette(grey("coffee"), (0.2, 0.62))
    shares = [each.probability for each in suggested]
    assert 2 <= len(shares) <= 20
    assert shares == sorted(shares, reverse=True)
    assert 0 < sum(shares) <= 1 + 1e-6


def test_any_size_works() -> None:
    rng = np.random.default_rng(0)
    for height, width in ((33, 500), (47, 31), (1, 1)):
        image = torch.from_numpy(rng.random((1, height, width), np.float32)).expand(3, -1, -1)
        assert colorize(image.contiguous()).shape == (3, height, width)


def test_load_gives_the_network() -> None:
    network = olhar.load("colorizer")
    assert not network.training
    assert sum(p.numel() for p in network.parameters()) < 5e6
