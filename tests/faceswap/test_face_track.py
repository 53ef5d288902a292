"""Tracks keep their faces, and steady points neither tremble nor lag."""

import math

import pytest
import torch

from olhar.errors import OlharError
from olhar.faceswap.people import Track, group
from olhar.faceswap.track import OneEuro, Smooth, Tracker, matched


def at(x, y, width=40.0):
    """The points of a face somewhere."""
    generator = torch.Generator().manual_seed(0)
    points = torch.rand(468, 3, generator=generator) * width
    points[0, :2], points[1, :2] = 0, width
    return points + torch.tensor([x, y, 0.0])


def test_the_filter_is_that_of_the_paper():
    """By hand, from algorithm 1 of Casiez et al. (2012)."""
    settings = Smooth(cutoff=1.0, speed=0.5, derivative=1.0)
    steady, value, speed = OneEuro(settings), 0.0, 0.0
    for step, given in enumerate([0.0, 1.0, 1.5, 1.0]):
        found = float(steady(torch.tensor([given]), step * 0.04, 1.0))
        if step:
            alpha = 1 / (1 + 1 / (2 * math.pi * 1.0) / 0.04)
            speed += alpha * ((given - value) / 0.04 - speed)
            cutoff = 1.0 + 0.5 * abs(speed)
            alpha = 1 / (1 + 1 / (2 * math.pi * cutoff) / 0.04)
            value += alpha * (given - value)
        assert found == pytest.approx(value, abs=1e-5)


def test_trembling_is_less_and_motion_does_not_lag():
    generator = torch.Generator().manual_seed(3)
    noise = torch.randn(200, 1, 2, generator=generator) * 0.5
    steady = OneEuro(Smooth())
    still = torch.stack([steady(n, t / 25, 100.0) for t, n in enumerate(noise)])
    assert float(still[50:].std()) < 0.5 * float(noise[50:].std())
    steady = OneEuro(Smooth())
    for t in range(50):  # two widths of the face a second
        place = torch.full((1, 2), 8.0 * t)
        behind = float((place - steady(place, t / 25, 100.0)).max())
    assert behind < 4.0  # half of what it moves in a frame
    assert torch.equal(OneEuro(Smooth())(place, 1.0, 1.0), place)


def test_a_face_keeps_its_number_while_others_come_and_go():
    tracker = Tracker()
    seen = [
        tracker(torch.stack(points) if points else torch.zeros(0, 468, 3), t / 25)[0]
        for t, points in enumerate(
            [
                [at(0, 0)],
                [at(4, 0), at(100, 0)],
                [at(102, 0), at(8, 0)],
                [],
                [at(104, 0)],
                [at(12, 0), at(104, 0)],
            ]
        )
    ]
    assert seen == [[0], [0, 1], [1, 0], [], [1], [0, 1]]
    tracker.cut()
    assert tracker(at(12, 0)[None], 0.24)[0] == [2]
    assert tracker(at(12, 0)[None], 2.0)[0] == [3]  # lost for too long
    assert Tracker(first=7)(at(0, 0)[None], 0.0)[0] == [7]


def test_each_box_is_matched_once():
    a = torch.tensor([[0.0, 0, 10, 10], [4, 0, 14, 10]])
    b = torch.tensor([[3.0, 0, 13, 10], [90, 90, 99, 99]])
    assert matched(a, b) == [(1, 0)]
    assert matched(a, torch.zeros(0, 4)) == []


def test_settings_that_make_no_filter_are_refused():
    with pytest.raises(OlharError, match="above 0"):
        Smooth(cutoff=0)


def test_tracks_that_look_alike_are_one_person_unless_seen_together():
    looks = {"a": [1.0, 0.1], "b": [1.0, 0.0], "c": [0.0, 1.0], "d": [1.0, 0.05]}

    def look(file):
        return torch.nn.functional.normalize(torch.tensor(looks[file]), dim=0)

    tracks = {
        n: Track(count=c, shown=[(0.0, f)])
        for n, (c, f) in enumerate(zip((9, 5, 7, 2), "abcd", strict=True))
    }
    assert group(tracks, look) == {0: 1, 2: 2, 1: 1, 3: 1}
    tracks[3].beside.add(0)
    assert group(tracks, look)[3] == 3
    tracks[2].count = 1  # alone in a photograph: somebody who is known
    assert group(tracks, look)[2] == 1
    tracks[1].person = 5  # a person said so
    found = group(tracks, look)
    assert found[1] == found[0] == 5
