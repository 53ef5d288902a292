"""Shot boundaries on scenes drawn by code: cuts are found, and what only looks like one is not."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import cv2
import pytest
import torch
from torch.nn import functional as F

from olhar.media.shots import AHEAD, shots

if TYPE_CHECKING:
    from collections.abc import Iterator

    from torch import Tensor

H, W = 72, 96


@pytest.fixture(autouse=True, scope="module")
def _one_thread() -> Iterator[None]:
    """So many small steps wait longer for each other than they take."""
    threads = torch.get_num_threads(), cv2.getNumThreads()
    torch.set_num_threads(1)
    cv2.setNumThreads(1)
    yield
    torch.set_num_threads(threads[0])
    cv2.setNumThreads(threads[1])


def canvas(seed: int, height: int = 220, width: int = 420) -> Tensor:
    """(3, height, width): soft shapes of many sizes in the colours of one place."""
    numbers = torch.Generator().manual_seed(seed)
    image = torch.rand(3, 1, 1, generator=numbers).expand(3, height, width).clone()
    for size in (4, 9, 20, 45, 90):
        grain = torch.rand(1, 1, height // size + 2, width // size + 2, generator=numbers)
        layer = F.interpolate(grain, (height, width), mode="bicubic", align_corners=False)[0]
        image += (layer - 0.5) * torch.rand(3, 1, 1, generator=numbers) * 0.6
    return image.clamp(0, 1)


def scene(seed: int, count: int, *, pan: float = 1.0, zoom: float = 0.0) -> list[Tensor]:
    """A camera that moves over a canvas, `pan` pixels a frame and closer by `zoom`."""
    image = canvas(seed)
    frames: list[Tensor] = []
    for index in range(count):
        side = 1 + zoom * index
        height, width = round(H / side) + 60, round(W / side) + 80
        left = int(20 + index * pan) % (image.shape[2] - width)
        crop = image[:, 20 : 20 + height, left : left + width]
        frames.append(F.interpolate(crop[None], (H, W), mode="area")[0])
    return frames


def firsts(frames: list[Tensor]) -> list[int]:
    given = list(shots(iter(frames)))
    assert len(given) == len(frames)
    assert all(image is frame for (image, _), frame in zip(given, frames, strict=True))
    return [index for index, (_, first) in enumerate(given) if first]


def test_cuts_between_scenes_are_found_and_nothing_else() -> None:
    lengths = [14, 9, 20, 11, 16, 8, 12]
    moves = [
        {"pan": 0.0},
        {"pan": 2.0},
        {"zoom": 0.02},
        {"pan": 5.0},
        {"pan": 0.5},
        {},
        {"pan": 3.0},
    ]
    frames: list[Tensor] = []
    starts: list[int] = []
    for seed, (length, move) in enumerate(zip(lengths, moves, strict=True)):
        starts.append(len(frames))
        frames += scene(seed, length, **move)
    assert firsts(frames) == starts


def test_a_cut_to_another_part_of_the_same_place_is_found() -> None:
    """Same colours, so no histogram would tell."""
    image = canvas(3)
    one = [image[:, 10 : 10 + H, x : x + W] for x in range(10)]
    other = [image[:, 100 : 100 + H, 250 + x : 250 + x + W] for x in range(10)]
    assert firsts(one + other) == [0, 10]


@pytest.mark.parametrize("length", [1, 2, 3])
@pytest.mark.parametrize("kind", ["white", "bright", "hand"])
def test_a_flash_or_a_hand_before_the_lens_is_no_cut(kind: str, length: int) -> None:
    frames = scene(1, 24)
    for index in range(10, 10 + length):
        if kind == "white":
            frames[index] = torch.ones(3, H, W)
        elif kind == "bright":
            frames[index] = (frames[index] * 0.3 + 0.75).clamp(0, 1)
        else:
            frames[index] = frames[index].clone()
            frames[index][:, :, 8:] = canvas(9, H, W)[:, :, 8:] * 0.4
    assert firsts(frames) == [0]


def test_exposure_and_noise_are_no_cuts() -> None:
    numbers = torch.Generator().manual_seed(0)
    frames = scene(2, 30)
    ramp = [(frame * (0.4 + 0.05 * index)).clamp(0, 1) for index, frame in enumerate(frames)]
    assert firsts(ramp) == [0]
    jump = [frame * (0.5 if index < 15 else 1.0) for index, frame in enumerate(frames)]
    assert firsts(jump) == [0]
    grain = [
        (frame + 0.1 * torch.randn(3, H, W, generator=numbers)).clamp(0, 1) for frame in frames
    ]
    assert firsts(grain) == [0]


def test_a_fast_pan_is_no_cut_and_a_cut_after_it_is() -> None:
    pan = scene(4, 13, pan=18.0)
    assert firsts(pan) == [0]
    assert firsts(pan + scene(5, 10)) == [0, 13]


def test_a_fade_through_black_begins_a_shot_with_the_first_picture() -> None:
    out = [frame * (1 - index / 12) for index, frame in enumerate(scene(6, 12))]
    black = [torch.zeros(3, H, W)] * 12
    back = [frame * min(1.0, index / 12) for index, frame in enumerate(scene(7, 24))]
    found = firsts(out + black + back)
    assert found[0] == 0
    assert len(found) == 2
    assert 24 <= found[1] <= 24 + 4  # the first of the new frames that shows anything
    short = scene(6, 10) + [torch.zeros(3, H, W)] * 2 + scene(7, 10)
    assert firsts(short) == [0, 12]


def test_a_single_picture_shown_long_has_no_cut() -> None:
    frame = scene(8, 1)[0]
    assert firsts([frame] * 20) == [0]
    assert firsts([torch.zeros(3, H, W)] * 12) == [0]
    assert firsts([frame]) == [0]
    assert firsts([]) == []


def test_frames_are_taken_only_as_far_ahead_as_promised() -> None:
    taken = 0

    def source() -> Iterator[Tensor]:
        nonlocal taken
        for frame in scene(0, 12):
            taken += 1
            yield frame

    for given, _ in enumerate(shots(source()), 1):
        assert taken <= given + AHEAD


def test_large_tall_and_tiny_frames_are_taken() -> None:
    for size in ((720, 404), (9, 300), (5, 7)):
        numbers = torch.Generator().manual_seed(0)
        a, b = (torch.rand(3, *size, generator=numbers) for _ in range(2))
        flags = [first for _, first in shots([a, a, a, b, b, b])]
        assert flags[0]
        assert not any(flags[1:3])
    wave = torch.sin(torch.arange(400.0) / 20 * math.pi)
    large = (0.5 + wave[:, None] * wave / 2).expand(3, 400, 400)
    assert [first for _, first in shots([large] * 4)] == [True, False, False, False]
