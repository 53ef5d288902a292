"""Hints from files to grids, and the sentences for what is no hint."""

import json
import re

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from olhar.colorize import Hints, Point, Stroke
from olhar.colorize.hints import from_json, read, to_ab
from olhar.errors import OlharError

RED, GREEN = to_ab("#ff0000"), to_ab("#00ff00")


def test_colours_have_the_ab_of_the_standard():
    assert to_ab("#ff0000") == pytest.approx((80.09, 67.20), abs=0.01)
    assert to_ab("#808080") == pytest.approx((0, 0), abs=1e-4)
    assert to_ab("grey") == to_ab("gray") == (0, 0)


def test_a_point_is_a_disc():
    grid = Hints(points=(Point(x=0.5, y=0.25, color="#ff0000", radius=0.1),)).rasterize(40, 80)
    ys, xs = torch.nonzero(grid[2], as_tuple=True)
    assert ((ys + 0.5 - 10).square() + (xs + 0.5 - 40).square()).max() <= 16
    assert len(ys) == pytest.approx(torch.pi * 16, rel=0.1)
    torch.testing.assert_close(grid[:2, ys, xs].T, torch.tensor(RED).expand(len(ys), 2))
    assert not grid[:, grid[2] == 0].any()


@given(st.floats(0, 1), st.floats(0, 1), st.floats(0, 0.02), st.integers(1, 50), st.integers(1, 50))
def test_a_hint_is_never_lost(x, y, radius, height, width):
    grid = Hints(points=(Point(x=x, y=y, color="grey", radius=radius),)).rasterize(height, width)
    assert grid[2].sum() >= 1
    assert grid[2, min(int(y * height), height - 1), min(int(x * width), width - 1)] == 1


def test_a_thin_stroke_is_a_line_without_gaps():
    stroke = Stroke(points=((0.1, 0.1), (0.9, 0.6), (0.9, 0.9)), color="#00ff00", width=0)
    mask = Hints(strokes=(stroke,)).rasterize(50, 60)[2]
    assert mask[5, 6] == mask[30, 54] == mask[44, 54] == 1
    columns = mask[:, 6:52].sum(0)
    assert columns.min() >= 1
    assert columns.max() <= 2
    wide = Stroke(points=((0.5, 0.2), (0.5, 0.8)), color="grey", width=0.2)
    assert Hints(strokes=(wide,)).rasterize(50, 60)[2, 25].sum() == 10


def test_hints_that_meet_are_averaged():
    points = tuple(Point(x=0.5, y=0.5, color=color) for color in ("#ff0000", "#00ff00"))
    grid = Hints(points=points).rasterize(9, 9)
    assert grid[:, 4, 4].tolist() == pytest.approx(
        [(RED[0] + GREEN[0]) / 2, (RED[1] + GREEN[1]) / 2, 1], abs=1e-3
    )


def test_json_and_back(tmp_path):
    path = tmp_path / "hints.json"
    path.write_text(
        '{"points": [{"x": 0.25, "y": 1, "color": "#FF0000", "radius": 0}],'
        ' "strokes": [{"points": [[0, 0], [1, 0]], "color": "grey"}]}'
    )
    hints = read(path)
    assert hints.points == (Point(x=0.25, y=1, color="#FF0000", radius=0),)
    assert hints.strokes == (Stroke(points=((0, 0), (1, 0)), color="grey"),)
    grid = hints.rasterize(10, 20)
    assert grid[:, 9, 5].tolist() == pytest.approx([*RED, 1])
    assert grid[2, 0].all()
    assert bool(hints)
    assert not from_json({})
    assert not Hints(layer=torch.zeros(3, 4, 4))


def layer(path, size=(80, 40), mode="RGBA"):
    pixels = np.zeros((size[1], size[0], 4), np.uint8)
    pixels[..., 0] = 200  # colours below nothing do not count
    pixels[10:12, 20:22] = (255, 0, 0, 255)
    pixels[30, 60] = (90, 90, 90, 255)
    pixels[0, 0] = (0, 255, 0, 100)  # too thin to count
    pixels[0, 79] = (0, 255, 0, 200)
    Image.fromarray(pixels).convert(mode).save(path)
    return path


def test_a_painted_layer(tmp_path):
    hints = read(layer(tmp_path / "layer.png"))
    grid = hints.rasterize(40, 80)
    assert grid[2].sum() == 6
    assert grid[:, 10, 20].tolist() == pytest.approx([*RED, 1], abs=0.01)
    assert grid[:, 30, 60].tolist() == pytest.approx([0, 0, 1], abs=1e-3)
    assert grid[:, 0, 79].tolist() == pytest.approx([*GREEN, 1], abs=1)
    small = hints.rasterize(5, 10)
    assert small[2].sum() == 3
    assert small[:, 1, 2].tolist() == pytest.approx([*RED, 1], abs=0.01)
    assert hints.rasterize(400, 800)[2].sum() == 600
    hints.check(4000, 8000)
    with pytest.raises(OlharError, match="painted on 80 x 40 pixels and the picture has 50 x 40"):
        hints.check(40, 50)


def test_a_layer_without_transparency_is_refused(tmp_path):
    with pytest.raises(OlharError, match=r"layer\.png: has no transparency"):
        read(layer(tmp_path / "layer.png", mode="RGB"))


POINT = {"x": 0.5, "y": 0.5, "color": "grey"}


@pytest.mark.parametrize(
    ("said", "says"),
    [
        ([], "the file is []; it must be an object with points, strokes"),
        ({"point": []}, "the file has 'point', which is not known; it can have points, strokes"),
        ({"points": {}}, "points is {}; it must be a list"),
        ({"points": [7]}, "point 1 is 7; it must be an object with x, y, color, radius"),
        ({"points": [POINT, {"x": 0}]}, "point 2 has no y; it needs x, y, color"),
        ({"points": [POINT | {"x": 312}]}, "a hint is at [312, 0.5]; a place is x and y from 0"),
        ({"points": [POINT | {"x": "0"}]}, "a hint is at ['0', 0.5]"),
        ({"points": [POINT | {"y": True}]}, "a hint is at [0.5, True]"),
        ({"points": [POINT | {"color": "red"}]}, "color is 'red'; it can be \"#rrggbb\""),
        ({"points": [POINT | {"color": 3}]}, "color is 3; it can be"),
        ({"points": [POINT | {"color": ["#ff0000"]}]}, "color is ['#ff0000']; it can be"),
        ({"points": [POINT | {"radius": -1}]}, "radius is -1; it must be from 0 to 1"),
        ({"points": [POINT | {"size": 1}]}, "point 1 has 'size', which is not known"),
        ({"strokes": [{"color": "grey"}]}, "stroke 1 has no points; it needs color, points"),
        ({"strokes": [{"points": [], "color": "grey"}]}, "a stroke has no points"),
        ({"strokes": [{"points": [1, 2], "color": "grey"}]}, "a point of stroke 1 is 1; it must"),
        ({"strokes": [{"points": [[1]], "color": "grey"}]}, "a hint is at [1]"),
        ({"strokes": [{"points": [[0, 0]], "color": "grey", "width": None}]}, "width is None"),
    ],
)
def test_what_is_no_hint_is_told_in_a_sentence(tmp_path, said, says):
    path = tmp_path / "hints.json"
    path.write_text(json.dumps(said))
    with pytest.raises(OlharError, match=re.escape(says)) as error:
        read(path)
    assert "hints.json" in str(error.value)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("text", ["{", "", "\xff\xfe", "[" * 100_000])
def test_a_file_that_is_no_json_is_told(tmp_path, text):
    path = tmp_path / "hints.json"
    path.write_bytes(text.encode("latin-1"))
    with pytest.raises(OlharError, match=r"hints\.json is (no JSON|empty)"):
        read(path)


def test_nan_is_no_place():
    with pytest.raises(OlharError, match="a hint is at"):
        Point(x=float("nan"), y=0, color="grey")
