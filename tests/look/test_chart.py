"""Lines drawn as SVG."""

import re
from xml.etree import ElementTree as ET

import pytest

from olhar.look.chart import HEIGHT, WIDTH, Line, chart


def points(drawn: str) -> list[list[tuple[float, float]]]:
    lines = re.findall(r'<polyline points="([^"]*)"', drawn)
    return [[tuple(map(float, pair.split(","))) for pair in line.split()] for line in lines]


def test_points_lie_where_the_axis_says() -> None:
    drawn = chart([Line("a", [0, 5, 10], [0.0, 1.0, 2.0])], x="step", y="loss")
    ((x0, y0), (x1, y1), (x2, y2)) = points(drawn)[0]
    assert x1 - x0 == pytest.approx(x2 - x1, abs=0.2)
    assert y0 - y1 == pytest.approx(y1 - y2, abs=0.2), "up is more"
    ET.fromstring(drawn)


def test_a_logarithmic_axis_counts_factors() -> None:
    drawn = chart([Line("a", [1e-3, 1e-2, 1e-1], [1, 1, 1])], x="rate", y="loss", log_x=True)
    (x0, _), (x1, _), (x2, _) = points(drawn)[0]
    assert x1 - x0 == pytest.approx(x2 - x1, abs=0.2)
    assert ">0.001</text>" in drawn
    assert ">0.1</text>" in drawn


@pytest.mark.parametrize(
    "line",
    [
        Line("one", [3], [7.0]),
        Line("flat", [1, 2], [0.0, 0.0]),
        Line("gaps", [1, 2, 3], [1.0, float("nan"), float("inf")]),
        Line("huge", [1, 2], [1e12, 2e12]),
        Line("tiny", [1, 2], [1e-9, 2e-9]),
        Line("<&>", [1, 2], [-5.0, 5.0]),
        Line("none", [], []),
    ],
    ids=lambda line: line.name,
)
def test_any_line_stays_inside(line: Line) -> None:
    drawn = chart([line], x="x", y="y")
    ET.fromstring(drawn)
    for x, y in points(drawn)[0]:
        assert 0 <= x <= WIDTH
        assert 0 <= y <= HEIGHT
