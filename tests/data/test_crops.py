"""Pieces of photographs are the photographs' own pixels."""

import numpy as np
import pytest
import torch

from olhar.data.cache import Cache
from olhar.data.crops import Crops
from olhar.errors import OlharError

SIDE = 20


@pytest.fixture
def cached():
    pixels = np.random.default_rng(0).integers(0, 256, (5, SIDE, SIDE, 3), dtype=np.uint8)
    return Cache.of(pixels)


def symmetries(square):
    for turned in (square, square.transpose(1, 0, 2)):
        for a in (1, -1):
            for b in (1, -1):
                yield turned[::a, ::b]


def test_a_piece_is_a_window_turned_or_mirrored(cached):
    crops = Crops(cached, np.arange(5), size=16, side=SIDE)  # nothing larger fits
    seen = set()
    for epoch in range(6):
        batch = crops.batch(np.arange(5), epoch=epoch)
        assert batch["image"].shape == (5, 3, 16, 16)
        levels = (batch["image"] * 255).round().byte().permute(0, 2, 3, 1).numpy()
        for number, piece in enumerate(levels):
            windows = [
                (top, left, way)
                for top in range(SIDE - 15)
                for left in range(SIDE - 15)
                for way, view in enumerate(
                    symmetries(cached.pixels[number, top : top + 16, left : left + 16])
                )
                if np.array_equal(view, piece)
            ]
            assert len(windows) == 1
            seen.add(windows[0])
    assert len({way for _, _, way in seen}) > 4
    assert len({top for top, _, _ in seen}) > 2


def test_a_piece_is_a_function_of_seed_epoch_and_number(cached):
    crops = Crops(cached, np.arange(5), size=8, side=SIDE, seed=3)
    whole = crops.batch(np.arange(5), epoch=2)["image"]
    assert torch.equal(crops.batch(np.array([4, 1]), epoch=2)["image"], whole[[4, 1]])
    assert not torch.equal(crops.batch(np.arange(5), epoch=3)["image"], whole)
    other = Crops(cached, np.arange(5), size=8, side=SIDE, seed=4)
    assert not torch.equal(other.batch(np.arange(5), epoch=2)["image"], whole)


def test_larger_windows_are_made_smaller(cached):
    crops = Crops(cached, np.arange(5), size=8, side=SIDE)
    own = {bytes(row) for row in cached.pixels.reshape(-1, 3)}
    shares = []
    for epoch in range(20):
        levels = (crops.batch(np.arange(5), epoch=epoch)["image"] * 255).round().byte()
        pixels = levels.permute(0, 2, 3, 1).reshape(5, -1, 3).numpy()
        shares += [all(bytes(row) in own for row in piece) for piece in pixels]
    assert 0.2 < np.mean(shares) < 0.5, "one of three scales copies pixels"


def test_without_an_epoch_the_middle_comes_as_it_is(cached):
    crops = Crops(cached, np.arange(5), size=8, side=SIDE)
    levels = (crops.batch(np.array([2]))["image"][0] * 255).round().byte().permute(1, 2, 0).numpy()
    assert np.array_equal(levels, cached.pixels[2, 6:14, 6:14])


def test_pieces_larger_than_the_photographs_are_refused(cached):
    with pytest.raises(OlharError, match="--size 16"):
        Crops(cached, np.arange(5), size=24, side=SIDE)
