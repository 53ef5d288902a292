"""Colouring as a user calls it: what the network sees, what the picture keeps, sentences."""

from itertools import combinations

import pytest
import torch
from painters import Constant, Fake, Knowing, Regressor, photo

from olhar.colorize import Colorize, Hints, Point, colorize, is_colored, load, palette, variants
from olhar.colorize.look import copy_size, look
from olhar.errors import OlharError
from olhar.media.color import lightness, srgb_to_lab

RED = Hints(points=(Point(x=0.3, y=0.4, color="#c02020", radius=0.05),))


@pytest.fixture(scope="module")
def grey() -> torch.Tensor:
    return photo("chelsea").mean(0, keepdim=True).expand(3, -1, -1)


def ab(image: torch.Tensor) -> torch.Tensor:
    return srgb_to_lab(image)[1:]


@pytest.mark.parametrize("painter", [Fake(), Regressor()])
@pytest.mark.parametrize("size", [(300, 451), (31, 90), (7, 5), (1, 1), (40, 900)])
def test_any_size_comes_back_in_colour_with_its_own_lightness(painter, size):
    generator = torch.Generator().manual_seed(1)
    image = torch.rand(1, *size, generator=generator).expand(3, -1, -1) * 0.6 + 0.2
    result = colorize(image, painter)
    assert result.shape == image.shape
    assert 0 <= result.min() <= result.max() <= 1
    assert (lightness(result) - lightness(image)).abs().max() < 0.02
    assert ab(result).norm(dim=0).mean() > 3


def test_the_network_sees_a_small_copy_filled_up_by_reflection(grey):
    painter = Fake()
    image = grey[:, :300, :437]
    colorize(image, painter)
    ((light, hints),) = painter.seen
    assert copy_size(300, 437, 64) == (64, 93)
    assert light.shape == (1, 1, 64, 96)
    assert hints.shape == (1, 3, 64, 96)
    assert not hints.any()
    assert torch.equal(light[..., 93], light[..., 91])
    assert torch.equal(light[..., 95], light[..., 89])
    assert abs(light.mean() - lightness(image).mean()) < 1


def test_the_longer_side_of_a_panorama_has_a_limit():
    assert copy_size(100, 100_000, 64) == (1, 512)
    assert copy_size(200, 400, 64) == (64, 128)


def test_colours_do_not_count_so_tints_are_dropped(grey):
    sepia = torch.stack([grey[0] ** 0.8, grey[0] * 0.9, grey[0] ** 1.3])
    plain = lightness(sepia)
    neutral = torch.stack([(srgb_to_lab(sepia) * torch.tensor([1.0, 0, 0])[:, None, None])[0]] * 3)
    assert torch.equal(neutral[:1], plain)
    painter = Constant({(0.0, 0.0): 1.0})
    assert ab(colorize(sepia, painter)).abs().max() < 6  # what the painter says, and no sepia
    assert ab(sepia).norm(dim=0).mean() > 12


def test_views_are_averaged_before_anything_is_decoded(grey):
    painter = Fake()
    one, flip, many = (colorize(grey, painter, views=views) for views in ("one", "flip", "many"))
    assert [hints.shape[-2] for _, hints in painter.seen] == [64, 64, 64, 64, 64, 48, 48, 96, 96]
    mirrored = colorize(grey.flip(-1), painter, views="flip").flip(-1)
    # The copy is filled up on one side only, so mirror images agree where the filling is not seen.
    assert (mirrored - flip)[:, :, 40:-40].abs().mean() < (one - flip)[:, :, 40:-40].abs().mean()
    assert not torch.equal(one, flip)
    assert not torch.equal(flip, many)
    light = lightness(grey[:, :64, :96])
    seen = look(painter, light, Colorize(views="flip"))
    a, b = (
        painter(light[None], torch.zeros(1, 3, 64, 96)),
        painter(light[None].flip(-1), torch.zeros(1, 3, 64, 96)),
    )
    torch.testing.assert_close(seen.said.logits, (a.logits + b.logits.flip(-1)) / 2)


def test_a_symmetric_picture_has_symmetric_colours_when_both_sides_are_seen():
    half = photo("coffee").mean(0)[:128, :64].expand(3, -1, -1)
    image = torch.cat([half, half.flip(-1)], 2)
    result = colorize(image, Fake(), views="flip")
    torch.testing.assert_close(result, result.flip(-1), atol=1e-4, rtol=0)


def test_settings_do_what_they_say(grey):
    painter = Fake()
    plain = colorize(grey, painter)
    assert torch.equal(plain, colorize(grey, painter))
    chroma = [ab(colorize(grey, painter, vivid=v)).norm(dim=0).mean() for v in (0.0, 0.5, 1.0)]
    assert chroma == sorted(chroma)
    assert chroma[0] < 0.9 * chroma[-1]
    assert ab(colorize(grey, painter, saturation=0.0)).abs().max() < 0.1
    weak, strong = (ab(colorize(grey, painter, saturation=s)) for s in (0.25, 0.5))
    assert (2 * weak - strong).norm(dim=0).quantile(0.95) < 0.2  # but for what sRGB lacks
    painter.seen.clear()
    colorize(grey, painter, size=128)
    assert painter.seen[0][0].shape[-2] == 128


def test_no_hints_are_automatic_bit_for_bit(grey):
    painter = Fake()
    assert torch.equal(colorize(grey, painter, hints=Hints()), colorize(grey, painter))
    assert len(painter.seen) == 2


def test_a_hint_is_there_and_nowhere_else(grey):
    painter = Fake()
    hinted, plain = colorize(grey, painter, hints=RED), colorize(grey, painter)
    height, width = grey.shape[1:]
    there = ab(hinted)[:, int(0.4 * height), int(0.3 * width)]
    asked = srgb_to_lab(torch.tensor([0xC0, 0x20, 0x20])[:, None, None] / 255)[1:, 0, 0]
    assert torch.cosine_similarity(there, asked, 0) > 0.99  # its hue; L* may not allow its chroma
    assert there.norm() > 25
    assert painter.seen[1][1][0, 2].sum() >= 1
    changed = (ab(hinted) - ab(plain)).norm(dim=0)
    assert changed[-20:, -20:].max() < 2


def test_variants_differ_and_come_back(grey):
    painter = Constant({(50.0, 40.0): 0.4, (-40.0, 30.0): 0.35, (10.0, -50.0): 0.25})
    five = [ab(image) for image in variants(grey, 5, painter, seed=3)]
    apart = [(a - b).norm(dim=0).mean() for a, b in combinations(five, 2)]
    assert sum(apart) / len(apart) >= 5
    again = [ab(image) for image in variants(grey, 3, painter, seed=3)]
    assert all(torch.equal(a, b) for a, b in zip(five, again, strict=False))
    other = [ab(image) for image in variants(grey, 3, painter, seed=4)]
    assert not any(torch.equal(a, b) for a, b in zip(five, other, strict=False))


def test_the_palette_lists_what_is_likely_and_fits_a_hint(grey):
    painter = Constant({(40.0, 30.0): 0.6, (-30.0, 30.0): 0.3, (0.0, -40.0): 0.1})
    suggested = palette(grey, (0.5, 0.5), painter)
    assert [each.probability for each in suggested] == pytest.approx([0.6, 0.3, 0.1], abs=0.03)
    assert sum(each.probability for each in suggested) <= 1 + 1e-6
    colors = [Hints(points=(Point(x=0.5, y=0.5, color=each.color),)) for each in suggested]
    first = colors[0].rasterize(8, 8)[:2].amax((1, 2))
    assert first[0] > 15
    assert first[1] > 10
    assert len(palette(grey, (0, 1), painter, count=1)) == 1


def test_a_reference_gives_its_colours_where_they_belong():
    """Of a picture's own colours far more comes back than a doubtful network knows."""
    image = photo("coffee")
    painter = Knowing(image, doubt=25, share=0.4)
    truth = ab(image)
    alone = (ab(colorize(image, painter)) - truth).norm(dim=0).mean()
    own = (ab(colorize(image, painter, reference=image)) - truth).norm(dim=0).mean()
    assert own < 0.5 * alone
    sepia = photo("rocket")
    bluer = colorize(image, painter, reference=sepia)
    assert (ab(bluer).mean((1, 2)) - ab(sepia).mean((1, 2))).norm() < 5


def test_a_reference_works_without_a_distribution_too():
    image = photo("coffee")
    truth = ab(image)
    alone = (ab(colorize(image, Regressor())) - truth).norm(dim=0).mean()
    own = (ab(colorize(image, Regressor(), reference=image)) - truth).norm(dim=0).mean()
    assert own < 0.5 * alone


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda: colorize(torch.rand(1, 9, 9), Fake()), r"the image has shape \(1, 9, 9\)"),
        (lambda: colorize(torch.rand(3, 9, 9) + 1, Fake()), r"values in \[0, 1\]"),
        (lambda: colorize(torch.rand(3, 0, 9), Fake()), "must have pixels"),
        (lambda: colorize(torch.rand(3, 9, 9), Fake(), vivid=2.0), "vivid is 2.0; it must be"),
        (lambda: colorize(torch.rand(3, 9, 9), Fake(), size=8), "size is 8; it must be 0 or at"),
        (lambda: colorize(torch.rand(3, 9, 9), Fake(), views="all"), "views is 'all'"),
        (lambda: colorize(torch.rand(3, 9, 9), "no-such"), "there is no model or file 'no-such'"),
        (lambda: load("vgg16"), "vgg16 is a vgg16; colouring needs a colorizer"),
        (lambda: colorize(torch.rand(3, 9, 9), Regressor(), hints=RED), "takes no hints"),
        (lambda: variants(torch.rand(3, 9, 9), 2, Regressor()), "so it has no variants"),
        (lambda: variants(torch.rand(3, 9, 9), 0, Fake()), "variants is 0; it must be"),
        (lambda: palette(torch.rand(3, 9, 9), (0, 0), Regressor()), "so it has no palette"),
        (lambda: palette(torch.rand(3, 9, 9), (5, 0), Fake()), "shares of the width and height"),
        (
            lambda: colorize(torch.rand(3, 9, 9), Fake(), reference=torch.full((3, 9, 9), 0.5)),
            "the reference has hardly any colour",
        ),
        (
            lambda: colorize(torch.rand(3, 9, 9), Fake(), reference=torch.rand(9, 9)),
            "the reference has shape",
        ),
    ],
)
def test_what_cannot_be_done_is_a_sentence(call, says):
    with pytest.raises(OlharError, match=says):
        call()


def test_a_result_is_in_colour(grey):
    assert not is_colored(grey)
    assert is_colored(colorize(grey, Fake(), vivid=1.0))
