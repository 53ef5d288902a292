"""How faces are varied: what is asked for is never bent, and all is a function of the index."""

import numpy as np
import pytest
import torch

from olhar.data.random import Draws
from olhar.faceswap import warp
from olhar.faceswap.warp import Palette


def draws(count=200, epoch=3):
    return Draws(7, epoch, np.arange(count))


def smooth(count, side=40):
    generator = torch.Generator().manual_seed(0)
    coarse = torch.rand(count, 3, 5, 5, generator=generator)
    return torch.nn.functional.interpolate(coarse, (side, side), mode="bicubic").clamp(0, 1)


def test_places_are_turns_sizes_and_moves_within_their_limits():
    place = warp.placed(draws(), mirror=False)
    size = place[:, 0, 0].hypot(place[:, 1, 0])
    angle = torch.atan2(place[:, 1, 0], place[:, 0, 0]).rad2deg()
    assert torch.allclose(place[:, 0, 0], place[:, 1, 1])
    assert torch.allclose(place[:, 0, 1], -place[:, 1, 0])
    assert 0.95 <= size.min() < 0.96
    assert 1.04 < size.max() <= 1.05
    assert -10 <= angle.min() < -9
    assert 9 < angle.max() <= 10
    assert place[:, :, 2].abs().max() <= 0.1


def test_half_are_mirrored_if_asked():
    place = warp.placed(draws(), mirror=True)
    share = (place[:, :, :2].det() < 0).float().mean()
    assert 0.4 < share < 0.6


def test_nodes_move_as_far_as_is_said():
    moved = warp.bent(draws(400), 0.03, 64)
    assert moved.shape == (400, 64, 64, 2)
    at_a_node = moved[:, 31:33, 31:33].mean((1, 2)) / 2  # in sides, in the middle of the grid
    assert at_a_node.std() == pytest.approx(0.03, rel=0.15)
    assert abs(float(at_a_node.mean())) < 0.004


def test_only_what_is_shown_is_bent():
    faces = smooth(6)
    place = warp.placed(draws(6), mirror=False)
    bent, straight = warp.views(faces, place, warp.bent(draws(6), 0.05, 32), 32)
    plain, same = warp.views(faces, place, None, 32)
    assert torch.allclose(straight, same, atol=1e-6)
    assert torch.equal(plain, same)
    assert (bent - straight).abs().mean() > 0.005


def test_a_still_view_is_the_face_itself():
    faces = smooth(2, 32)
    still = torch.eye(2, 3).repeat(2, 1, 1)
    assert torch.allclose(warp.views(faces, still, None, 32)[0], faces, atol=1e-5)


def test_a_face_takes_the_colours_of_another():
    faces, others = smooth(4) * 0.3 + 0.2, smooth(4).flip(0) * 0.2 + 0.5
    whole = torch.ones(4, 1, 40, 40)
    own, theirs = warp.palette(faces, whole), warp.palette(others, whole)
    made = warp.palette(warp.repainted(faces, own, theirs, torch.tensor([0.0, 1, 1, 0.5])), whole)
    assert torch.allclose(made.mean[0], own.mean[0], atol=1e-5)
    assert torch.allclose(made.mean[1:3], theirs.mean[1:3], atol=1e-2)
    assert torch.allclose(made.deviation[1:3], theirs.deviation[1:3], atol=1e-2)
    assert torch.allclose(made.mean[3], (own.mean[3] + theirs.mean[3]) / 2, atol=1e-2)


def test_a_palette_is_of_the_face_alone():
    faces = torch.zeros(1, 3, 8, 8)
    faces[:, :, 2:6, 2:6] = 0.5
    where = torch.zeros(1, 1, 8, 8)
    where[:, :, 2:6, 2:6] = 1
    found = warp.palette(faces, where)
    assert isinstance(found, Palette)
    assert torch.allclose(found.mean, torch.full((1, 3), 0.5))
    assert torch.allclose(found.deviation, torch.full((1, 3), 1e-3))


def test_so_many_are_repainted():
    share = warp.shares(draws(2000), 0.25)
    assert 0.2 < (share > 0).mean() < 0.3
    assert share.max() < 1


def test_each_choice_is_a_function_of_the_index():
    few, many = Draws(7, 3, np.array([5, 2])), draws(9)
    assert torch.equal(
        warp.placed(few, mirror=True), warp.placed(many, mirror=True)[torch.tensor([5, 2])]
    )
    assert torch.equal(warp.bent(few, 0.03, 16), warp.bent(many, 0.03, 16)[torch.tensor([5, 2])])
    assert not torch.equal(warp.bent(draws(9, 4), 0.03, 16), warp.bent(many, 0.03, 16))
