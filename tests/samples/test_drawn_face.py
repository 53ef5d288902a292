"""Drawn people: the same each time, different from one another, in the pose that is asked for."""

import pytest
import torch

from olhar.errors import OlharError
from olhar.samples.face import face


def test_drawn_faces_are_pictures_and_repeat():
    one = face(0, 64)
    assert one.shape == (3, 64, 64)
    assert one.dtype == torch.float32
    assert 0 <= float(one.min()) < float(one.max()) <= 1
    assert torch.equal(one, face(0, 64))


@pytest.mark.parametrize(
    "change", [{"person": 1}, {"yaw": 20}, {"pitch": 10}, {"mouth": 1}, {"blink": 1}, {"smile": 1}]
)
def test_every_parameter_shows(change):
    gap = (face(**({"person": 0, "size": 64} | change)) - face(0, 64)).abs()
    assert float(gap.max()) > 0.1


def test_size_does_not_change_the_drawing():
    small, large = face(1, 64), face(1, 128)
    means = large.reshape(3, 64, 2, 64, 2).mean((2, 4))
    assert float((means - small).abs().mean()) < 0.01


def test_what_cannot_be_drawn_is_refused():
    for wrong in ({"person": -1}, {"size": 8}, {"yaw": 90}, {"pitch": -60}):
        with pytest.raises(OlharError, match=r"at least 0|degrees"):
            face(**wrong)
