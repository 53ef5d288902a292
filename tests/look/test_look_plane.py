"""Dots in a plane."""

import pytest
import torch

from olhar import OlharError
from olhar.look.plane import Plane
from olhar.media.image import read


def test_dots_are_coloured_by_class():
    points = torch.tensor([[-1.0, 0.0], [1.0, 0.0]])
    picture = Plane(points=points, classes=("hat", "shoe")).picture()
    assert picture.shape[0] == 3
    middle = 360
    left, right = picture[:, middle, 24], picture[:, middle, 696]
    assert (left - right).abs().max() > 0.2
    alone = Plane(points=points).picture()
    assert alone.shape == (3, 720, 720)
    assert torch.allclose(alone[:, middle, 24], alone[:, middle, 696], atol=0.01)


def test_the_second_axis_goes_upwards():
    picture = Plane(points=torch.tensor([[0.0, 1.0]])).picture()
    assert (picture[:, 24, 360] - picture[:, 696, 360]).abs().max() > 0.2
    assert (picture[:, 24, 360] - picture[:, 24, 100]).abs().max() > 0.2


def test_it_saves_itself_as_a_picture(tmp_path):
    drawing = Plane(points=torch.zeros(4, 2), classes=("a", "b") * 2)
    assert read(drawing.save(tmp_path / "a.png")).image.shape == (3, 720, 896)
    with pytest.raises(OlharError, match="cannot be written"):
        drawing.save(tmp_path / "a.txt")
