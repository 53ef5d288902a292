"""The visible label: there, readable, in its corner, and nowhere else."""

import pytest
import torch

from olhar.errors import OlharError
from olhar.media.label import PLACES, WORDS, label

AMBER = torch.tensor([0xE0, 0xA1, 0x00]).div(255)[:, None, None]
INK = torch.tensor([0x1E, 0x1B, 0x18]).div(255)[:, None, None]


def near(image, color):
    return (image - color).abs().amax(0) < 0.03


def luminance(color):
    linear = torch.where(color <= 0.04045, color / 12.92, ((color + 0.055) / 1.055) ** 2.4)
    return (linear.flatten() * torch.tensor([0.2126, 0.7152, 0.0722])).sum()


@pytest.mark.parametrize("size", [(16, 16), (16, 90), (90, 16), (40, 48), (128, 96), (600, 900)])
@pytest.mark.parametrize("ground", [0.0, 1.0, "amber"])
def test_amber_and_ink_stand_in_the_picture_at_any_size(size, ground):
    color = AMBER if ground == "amber" else torch.full((3, 1, 1), ground)
    image = color.expand(3, *size).clone()
    out = label(image)
    changed = (out != image).any(0)
    assert 0.01 < changed.float().mean() < 0.65
    assert near(out, INK).sum() >= 16  # a rim and letters
    assert near(out, AMBER).sum() >= 16
    assert out.min() >= 0
    assert out.max() <= 1


@pytest.mark.parametrize("place", PLACES)
def test_it_stands_in_its_corner_and_nothing_else_changes(place):
    image = torch.rand(3, 300, 400)
    rows, columns = (label(image, place=place) != image).any(0).nonzero().T
    assert (rows.min() < 20) == place.startswith("top")
    assert (rows.max() > 280) == place.startswith("bottom")
    assert (columns.min() < 20) == place.endswith("left")
    assert (columns.max() > 380) == place.endswith("right")


def test_it_grows_with_the_picture():
    heights = []
    for scale in (1, 4):
        image = torch.zeros(3, 400 * scale, 600 * scale)
        heights.append(int((label(image) != image).any(0).any(1).sum()))
    assert heights[1] == pytest.approx(4 * heights[0], rel=0.1)


def test_ink_on_amber_has_the_contrast_that_is_claimed():
    light, dark = luminance(AMBER), luminance(INK)
    assert (light + 0.05) / (dark + 0.05) > 7


def test_the_languages_differ_and_need_no_letter_that_the_font_lacks():
    image = torch.zeros(3, 300, 400)
    assert not torch.equal(label(image), label(image, language="pt-BR"))
    assert all(words.isascii() for pair in WORDS.values() for words in pair)


def test_no_room_is_a_sentence():
    with pytest.raises(OlharError, match="at least 16 pixels a side"):
        label(torch.zeros(3, 15, 100))
    with pytest.raises(OlharError, match="there is no place 'middle'"):
        label(torch.zeros(3, 50, 100), place="middle")
