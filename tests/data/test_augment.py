"""Augmentation: each transformation by hand, and that an example never depends on its batch."""

from dataclasses import replace
from math import pi

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from torchvision.transforms.v2 import functional as vision

from olhar.data.augment import Augment, augment
from olhar.data.geometry import Placement, boxes, mirrored, place, placement
from olhar.data.mixing import beta, mix
from olhar.data.photometry import Rectangles, erase, hidden, light, masks, recolor
from olhar.data.random import Draws
from olhar.errors import OlharError

EVERYTHING = Augment(
    crop=0.3, stretch=1.3, shift=3, mirror="random", rotate=40, color=0.4, hue=30, erase=0.5
)


def pictures(n=6, height=24, width=24, seed=0):
    """Smooth colours with a mark that has no symmetry, (N, 3, H, W) uint8 as a cache gives them."""
    random = torch.Generator().manual_seed(seed)
    coarse = torch.rand((n, 3, 5, 5), generator=random)
    images = F.interpolate(coarse, (height, width), mode="bicubic").clamp(0, 1)
    images[:, :, : height // 3, : width // 4] = 0.9
    return (images * 255).round().byte().contiguous(memory_format=torch.channels_last)


def draws(n=6, epoch=1, seed=0):
    return Draws(seed, epoch, np.arange(n))


def still(n, side):
    """A placement that shows the whole pictures as they are."""
    return Placement(
        np.tile(np.array([0, 0, side, side]), (n, 1)),
        np.zeros(n),
        np.zeros((n, 2), np.int64),
        np.zeros(n, np.bool_),
    )


# Settings.


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("crop", 0, "crop is 0; it must be a number from 0.01 to 1"),
        ("crop", 1.5, "crop is 1.5"),
        ("stretch", 0.8, "stretch is 0.8; it must be a number from 1 to 4"),
        ("shift", 1.5, "shift is 1.5; it must be a whole number from 0 to 128"),
        ("shift", True, "shift is True"),
        ("rotate", float("nan"), "rotate is nan; it must be a number from 0 to 180"),
        ("color", "much", "color is 'much'"),
        ("erase", 2, "erase is 2; it must be a number from 0 to 1"),
        ("mixup", -1, "mixup is -1; it must be a number from 0 to 10"),
        ("mirror", "up", "mirror is 'up'; it can be off or random or alternate"),
    ],
)
def test_what_cannot_be_is_refused_in_a_sentence(field, value, sentence):
    with pytest.raises(OlharError, match=sentence.replace("(", r"\(")):
        Augment(**{field: value})


def test_nothing_is_varied_unless_asked_for():
    assert not Augment()
    assert Augment(rotate=1)
    assert Augment(cutmix=1).mixes
    assert not EVERYTHING.mixes
    images = pictures()
    view = augment(images, Augment(), draws(), 24)
    assert view.dtype == torch.float32
    assert torch.equal(view, images.float() / 255)


# No view depends on its batch.


@pytest.mark.parametrize(
    "what",
    [
        Augment(mirror="random"),
        Augment(mirror="alternate", shift=4),
        Augment(crop=0.2, stretch=1.5, mirror="random"),
        Augment(rotate=90),
        Augment(crop=0.3, shift=3),
        Augment(color=0.5, hue=40),
        Augment(erase=0.5),
        EVERYTHING,
    ],
)
@pytest.mark.parametrize("size", [24, 11])
def test_an_example_looks_the_same_in_any_batch(what, size):
    images = pictures(40)
    together = augment(images, what, draws(40), size)
    assert together.shape == (40, 3, size, size)
    assert together.min() >= 0
    assert together.max() <= 1
    for chosen in ([17], [3, 39, 21], list(range(39, -1, -1))):
        some = Draws(0, 1, np.array(chosen))
        assert torch.equal(augment(images[chosen], what, some, size), together[chosen])
    others = augment(images, what, draws(40, epoch=2), size)
    assert not torch.equal(others, together)
    assert not torch.equal(augment(images, what, draws(40, seed=1), size), together)


def test_no_pictures_give_no_views():
    none = torch.empty((0, 3, 8, 8), dtype=torch.uint8)
    assert augment(none, EVERYTHING, draws(0), 5).shape == (0, 3, 5, 5)


def test_one_switch_leaves_the_others_choices_alone():
    before = placement(Augment(crop=0.5, rotate=10), draws(), 20)
    after = placement(Augment(crop=0.5, rotate=10, shift=3, mirror="random"), draws(), 20)
    assert (before.box == after.box).all()
    assert (before.angle == after.angle).all()


# Mirroring.


def test_mirroring_gives_the_picture_or_its_mirror():
    images = pictures(20)
    views = augment(images, Augment(mirror="random"), draws(20), 24)
    flipped = mirrored("random", draws(20))
    assert 0 < flipped.sum() < 20
    for view, image, flip in zip(views, images.float() / 255, flipped, strict=True):
        assert torch.equal(view, image.flip(2) if flip else image)


def test_mirroring_twice_is_nothing():
    images = pictures()
    where = still(6, 24)._replace(mirror=np.ones(6, np.bool_))
    for what in (Augment(mirror="random"), Augment(crop=0.5), Augment(rotate=9)):
        once = place(images, where, what, 24)
        twice = place(once, where, what, 24)
        start = images if once.dtype == torch.uint8 else images.float() / 255
        assert torch.allclose(twice.float(), start.float(), atol=1e-5)


def test_alternating_shows_both_ways_in_any_two_epochs():
    first, second, third = (mirrored("alternate", draws(200, epoch=e)) for e in range(3))
    assert (first != second).all()
    assert (first == third).all()
    assert 60 < first.sum() < 140


# Moving.


@pytest.mark.parametrize("mirror", ["off", "alternate"])
@pytest.mark.parametrize("side", [9, 24])
def test_shifting_is_what_padding_and_cropping_give(side, mirror):
    images = pictures(30, side, side)
    what = Augment(shift=4, mirror=mirror)
    views = augment(images, what, draws(30), side)
    where = placement(what, draws(30), side)
    assert np.abs(where.shift).max() == 4
    wide = F.pad(images.float() / 255, (4, 4, 4, 4), mode="reflect")
    for view, image, (right, down), flip in zip(
        views, wide, where.shift.tolist(), where.mirror.tolist(), strict=True
    ):
        window = image[:, 4 - down : 4 - down + side, 4 - right : 4 - right + side]
        assert torch.equal(view, window.flip(2) if flip else window)


def test_shifting_farther_than_the_picture_reflects_more_than_once():
    images = torch.arange(3).view(1, 1, 1, 3).expand(1, 3, 3, 3).byte()
    seen = set()
    for epoch in range(40):
        view = augment(images, Augment(shift=8), draws(1, epoch), 3) * 255
        seen.add(tuple(view[0, 0, 0].round().int().tolist()))
    assert seen == {(0, 1, 2), (1, 2, 1), (2, 1, 0), (1, 0, 1)}


def test_both_ways_of_moving_agree():
    images = pictures(20)
    what = Augment(shift=5, mirror="random")
    exact = augment(images, what, draws(20), 24)
    where = placement(what, draws(20), 24)
    sampled = place(images, where, replace(what, rotate=1), 24)
    assert torch.allclose(exact, sampled, atol=1e-5)


# Cropping.


@given(st.floats(0.01, 1), st.floats(1, 4), st.integers(1, 60), st.integers(0, 99))
def test_boxes_lie_in_their_pictures(crop, stretch, side, epoch):
    found = boxes(crop, stretch, draws(50, epoch), side)
    assert (found >= 0).all()
    assert (found <= side).all()
    assert (found[:, :2] < found[:, 2:]).all()


def test_crops_have_the_areas_and_the_ratios_asked_for():
    left, top, right, bottom = boxes(0.1, 1.0, draws(4000), 1000).T
    area = (right - left) * (bottom - top) / 1e6
    assert abs(area.min() - 0.1) < 0.005
    assert area.max() > 0.995
    assert abs(area.mean() - 0.55) < 0.02  # even over [0.1, 1]
    assert (right - left == bottom - top).all()
    left, top, right, bottom = boxes(0.1, 2.0, draws(4000), 1000).T
    ratio = (right - left) / (bottom - top)
    assert abs(ratio.min() - 0.5) < 0.01
    assert abs(ratio.max() - 2) < 0.02
    assert abs(np.log(ratio).mean()) < 0.03
    assert (boxes(1, 1, draws(5), 9) == [0, 0, 9, 9]).all()


@pytest.mark.parametrize("size", [6, 20, 24, 40])
@pytest.mark.parametrize("side", [24, 64])
def test_a_crop_is_its_box_resized(side, size):
    images = pictures(10, side, side)
    what = Augment(crop=0.2, stretch=1.5)
    views = augment(images, what, draws(10), size)
    places = boxes(0.2, 1.5, draws(10), side)
    for view, image, (left, top, right, bottom) in zip(views, images, places, strict=True):
        coarse = max(right - left, bottom - top) > 2**0.5 * size
        box = image[None, :, top:bottom, left:right].float() / 255
        wanted = F.interpolate(box, (size, size), mode="bilinear", antialias=bool(coarse))[0]
        assert (view - wanted).abs().max() <= 1.01 / 255


@pytest.mark.parametrize("size", [6, 20, 24, 40])
@pytest.mark.parametrize(("height", "width"), [(24, 24), (40, 30)])
def test_bytes_and_floats_are_cropped_alike(height, width, size):
    images = pictures(10, height, width)
    what = Augment(crop=0.2, stretch=1.5, mirror="random")
    bytes_ = augment(images, what, draws(10), size)
    floats = augment(images.float() / 255, what, draws(10), size)
    assert (bytes_ - floats).abs().max() <= 1.01 / 255
    assert torch.equal(augment(images.contiguous(), what, draws(10), size), bytes_)


def test_a_crop_of_everything_is_the_picture_resized():
    images = pictures(4)
    where = still(4, 24)
    same = place(images, where, Augment(crop=0.5), 24)
    assert torch.equal(same, images)
    small = place(images, where, Augment(crop=0.5), 10).float() / 255
    wanted = F.interpolate(images.float() / 255, (10, 10), mode="bilinear", antialias=True)
    assert (small - wanted).abs().max() <= 1.01 / 255


# Rotation.


@pytest.mark.parametrize("quarters", [1, 2, 3])
@pytest.mark.parametrize("mirror", [False, True])
def test_quarter_turns_are_exact(quarters, mirror):
    images = pictures(3)
    where = still(3, 24)._replace(angle=np.full(3, quarters * pi / 2), mirror=np.full(3, mirror))
    views = place(images, where, Augment(rotate=180), 24)
    # The box turns from right to down, so what is seen in it turns the other way.
    wanted = torch.rot90(images.float() / 255, quarters, (2, 3))
    assert torch.allclose(views, wanted.flip(3) if mirror else wanted, atol=1e-4)


def test_an_angle_turns_as_torchvision_does():
    images = pictures(1, 65, 65)
    what = still(1, 65)._replace(angle=np.array([20 * pi / 180]))
    view = place(images, what, Augment(rotate=20), 65)
    wanted = vision.rotate(images.float() / 255, 20, vision.InterpolationMode.BILINEAR)
    assert torch.allclose(view[:, :, 20:45, 20:45], wanted[:, :, 20:45, 20:45], atol=0.01)


def test_angles_are_even_up_to_the_largest():
    angle = placement(Augment(rotate=30), draws(4000), 8).angle * 180 / pi
    assert -30 <= angle.min() < -29.8
    assert 29.8 < angle.max() <= 30
    assert abs(angle.mean()) < 1


def test_no_corner_is_empty():
    white = torch.full((20, 3, 16, 16), 255, dtype=torch.uint8)
    geometry = replace(EVERYTHING, color=0, hue=0, erase=0, rotate=180)
    assert augment(white, geometry, draws(20), 16).min() > 0.999


def test_rotation_without_turning_is_the_box_resized():
    images = pictures(10, 32, 32)
    what = Augment(crop=0.5, mirror="random", rotate=1e-9)
    turned = augment(images, what, draws(10), 32)  # enlarged, so nothing is smoothed
    straight = augment(images, replace(what, rotate=0), draws(10), 32)
    inner = slice(2, -2)  # at its edge a turned box sees what lies beyond, another only itself
    difference = (turned - straight)[:, :, inner, inner].abs().max()
    assert difference <= 1.01 / 255


def test_what_becomes_much_smaller_is_smoothed_first():
    board = (torch.arange(64)[:, None] + torch.arange(64)) % 2 * 255
    images = board.byte().expand(2, 3, 64, 64)
    for what in (Augment(rotate=1e-9), Augment(crop=0.99), Augment()):
        views = augment(images, what, draws(2), 16)
        assert (views - 0.5).abs().max() < 0.02


def test_of_what_is_no_square_the_middle_counts():
    images = pictures(5, 30, 20)
    for what in (Augment(), Augment(crop=0.5), Augment(rotate=20), Augment(shift=2)):
        views = augment(images, what, draws(5), 12)
        assert torch.equal(views, augment(images[:, :, 5:25], what, draws(5), 12))


# Colour.


@pytest.mark.parametrize("epoch", range(4))
def test_brightness_contrast_and_saturation_are_torchvisions(epoch):
    images = (pictures(8).float() / 255) * 0.4 + 0.3  # so that nothing is clipped
    around = 0.3 * (2 * draws(8, epoch).uniform(4, "color") - 1)
    views = recolor(images, light(0.3, 0, draws(8, epoch)))
    for k in range(8):
        wanted = vision.adjust_saturation(images[k], 1 + around[2, k])
        wanted = vision.adjust_contrast(wanted, 1 + around[1, k])
        wanted = vision.adjust_brightness(wanted, 1 + around[0, k])
        assert torch.allclose(views[k], wanted, atol=2e-3)  # its luma has four digits


def test_a_turn_of_hue_keeps_greys_and_lightness():
    luma = torch.tensor([0.299, 0.587, 0.114])
    images = (pictures(8).float() / 255) * 0.2 + 0.4
    views = recolor(images, light(0, 180, draws(8)))
    assert not torch.allclose(views, images, atol=0.05)
    assert torch.allclose(
        torch.einsum("nchw,c", views, luma), torch.einsum("nchw,c", images, luma), atol=1e-3
    )
    grey = torch.rand(8, 1, 5, 5).expand(8, 3, 5, 5)
    assert torch.allclose(recolor(grey, light(0, 180, draws(8))), grey, atol=1e-3)


def test_hue_turns_from_red_towards_green():
    """As the colour wheel does, by way of yellow: after a third of it red is green."""
    red = torch.tensor([0.6, 0.4, 0.4]).view(1, 3, 1, 1).expand(300, 3, 1, 1)
    found = draws(300)
    turn = 180 * (2 * found.uniform(4, "color")[3] - 1)
    views = recolor(red, light(0, 180, found))[:, :, 0, 0]
    third = torch.from_numpy(np.abs(turn - 120) < 15)
    assert third.any()
    assert (views[third].argmax(1) == 1).all()


def test_colours_stay_in_range():
    images = pictures(20).float() / 255
    views = recolor(images, light(1, 180, draws(20)))
    assert views.min() >= 0
    assert views.max() <= 1


# Erasing.


def test_a_rectangle_is_hidden_and_nothing_else():
    images = pictures(200).float() / 255
    where = hidden(0.5, draws(200))
    views = erase(images, where)
    inside = masks(where, images).bool().expand(-1, 3, -1, -1)
    assert torch.equal(views[~inside], images[~inside])
    means = images.mean((2, 3), keepdim=True).expand_as(images)
    assert torch.allclose(views[inside], means[inside])
    share = masks(where, images).mean((1, 2, 3))
    assert 70 < (share > 0).sum() < 130
    assert share.max() < 0.4
    assert share[share > 0].min() > 0.01


@given(st.floats(-1, 2), st.floats(-1, 2), st.floats(0, 2), st.floats(0, 2))
def test_masks_are_rectangles(left, top, width, height):
    where = Rectangles(*(np.array([each]) for each in (left, top, width, height)))
    mask = masks(where, torch.empty(1, 3, 10, 20))[0, 0].numpy()
    wanted = np.zeros((10, 20))
    rows = slice(*(int(np.clip(np.rint(e * 10), 0, 10)) for e in (top, top + height)))
    columns = slice(*(int(np.clip(np.rint(e * 20), 0, 20)) for e in (left, left + width)))
    wanted[rows, columns] = 1
    assert (mask == wanted).all()


# Mixing.


@pytest.mark.parametrize("alpha", [0.01, 0.2, 0.5, 1, 2, 10])
def test_quantiles_of_beta(alpha):
    levels = (np.arange(200_000) + 0.5) / 200_000
    values = beta(levels, alpha)
    assert (np.diff(values) >= 0).all()
    assert np.allclose(values, 1 - values[::-1])
    assert abs(values.var() - 1 / (4 * (2 * alpha + 1))) < 1e-4  # of Beta(alpha, alpha)
    fourth = ((values - 0.5) ** 4).mean()
    assert abs(fourth - 3 / (16 * (2 * alpha + 1) * (2 * alpha + 3))) < 1e-4


@pytest.mark.parametrize(
    "what", [Augment(mixup=0.4), Augment(cutmix=1), Augment(mixup=0.4, cutmix=1)]
)
def test_weights_are_what_is_left_of_the_first(what):
    black, white = torch.zeros(300, 3, 20, 20), torch.ones(300, 3, 20, 20)
    views, weight = mix(white, black, what, draws(300))
    assert torch.allclose(views.mean((1, 2, 3)), weight, atol=1e-6)
    assert weight.min() >= 0
    assert weight.max() <= 1
    cut = torch.tensor([set(v.unique().tolist()) <= {0, 1} for v in views])
    if what.mixup and what.cutmix:
        assert 110 < cut.sum() < 190
    else:
        assert (cut == bool(what.cutmix)).float().mean() > 0.9


def test_a_mix_does_not_depend_on_its_batch():
    one, two = pictures(30).float() / 255, pictures(30, seed=1).float() / 255
    what = Augment(mixup=0.4, cutmix=1)
    views, weight = mix(one, two, what, draws(30))
    for k in (0, 13, 29):
        view, share = mix(one[k : k + 1], two[k : k + 1], what, draws(30)[k : k + 1])
        assert torch.equal(view[0], views[k])
        assert torch.equal(share[0], weight[k])


# As a whole.


@settings(max_examples=60)
@given(
    st.integers(1, 20),
    st.integers(1, 20),
    st.integers(1, 20),
    st.booleans(),
    st.sampled_from([EVERYTHING, Augment(crop=0.1), Augment(shift=30, mirror="random")]),
)
def test_any_size_gives_views_in_range(height, width, size, as_bytes, what):
    images = pictures(3, max(height, 4), max(width, 4))[:, :, :height, :width]
    views = augment(images if as_bytes else images.float() / 255, what, draws(3), size)
    assert views.shape == (3, 3, size, size)
    assert views.min() >= 0
    assert views.max() <= 1


def test_rows_are_rows():
    image = Image.new("RGB", (16, 16))
    image.paste((255, 0, 0), (0, 0, 8, 4))  # wide, at the top left
    pixels = torch.from_numpy(np.asarray(image).copy()).permute(2, 0, 1)[None]
    view = augment(pixels, Augment(crop=0.999), draws(1), 16)
    assert view[0, 0, :4, :8].mean() > 0.8
    assert view[0, 0, 5:].max() < 0.1
