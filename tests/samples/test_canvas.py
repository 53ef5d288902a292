"""The tools that paintings are drawn with."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from olhar.samples import canvas
from olhar.samples.strokes import Brush, lay, scatter, trace


def rng():
    return np.random.default_rng(5)


@pytest.mark.parametrize("cells", [3, (2, 9)])
def test_noise_is_one_pattern_at_every_size(cells):
    small, large = (canvas.noise(rng(), n, cells, 3) for n in (90, 270))
    assert np.abs(large[1::3, 1::3] - small).max() < 1e-4  # every third pixel centre coincides
    assert abs(large.std() - 1) < 0.35
    first, second = rng(), rng()
    canvas.noise(first, 16, 12, 5)
    canvas.noise(second, 400, 12, 5)
    assert first.random() == second.random()


@given(
    st.lists(
        st.tuples(st.floats(-1, 1), st.floats(-1, 1)),
        min_size=2,
        max_size=9,
        unique_by=lambda p: (round(p[0], 2), round(p[1], 2)),
    )
)
def test_a_curve_goes_from_end_to_end_in_even_steps(points):
    path = canvas.curve(np.asarray(points, np.float32), 200)
    assert path.shape == (200, 2)
    assert path[0] == pytest.approx(points[0], abs=1e-5)
    assert path[-1] == pytest.approx(points[-1], abs=1e-5)
    steps = canvas.lengths(np.diff(path, axis=0))
    whole = canvas.lengths(
        np.diff(canvas.curve(np.asarray(points, np.float32), 9000), axis=0)
    ).sum()
    assert steps.max() <= 1.01 * whole / 199 + 1e-6  # a sharp bend may cut a step short


def test_a_closed_curve_passes_all_its_points():
    corners = canvas.knots("0 0, 1 0, 1 1, 0 1")
    path = canvas.curve(corners, 400, closed=True)
    for corner in corners:
        assert canvas.lengths(path - corner).min() < 0.02


@given(st.floats(0.02, 0.2), st.floats(0, np.pi))
def test_a_ribbon_is_as_wide_and_long_as_it_should(width, angle):
    heading = np.asarray((np.cos(angle), np.sin(angle)))
    path = 0.5 + np.linspace(-0.3, 0.3, 20)[:, None] * heading
    x, y = canvas.ribbon(path, width).T
    area = abs(np.dot(x, np.roll(y, 1)) - np.dot(y, np.roll(x, 1))) / 2
    assert area == pytest.approx(0.6 * width, rel=1e-3)


def test_shapes_cover_the_pixels_they_should_whatever_the_resolution():
    for n in (100, 800):
        ink = canvas.surface(n, 0.0)
        canvas.fill(ink, canvas.box(0.25, 0.25, 0.75, 0.5), (1.0,))
        assert ink.mean() / 255 == pytest.approx(0.125, abs=1.5 / n)
        ink[:] = 0
        canvas.disc(ink, (0.5, 0.5), 0.25, (1.0,))
        assert ink.mean() / 255 == pytest.approx(np.pi / 16, abs=1.5 / n)
    bars = canvas.frame(0.1, 0.2)
    assert sum(np.ptp(bar[:, 0]) * np.ptp(bar[:, 1]) for bar in bars) == pytest.approx(0.64 - 0.36)


def test_light_comes_from_the_upper_left():
    x, y = canvas.grid(64)
    bump = np.exp(-((x - 0.5) ** 2 + (y - 0.5) ** 2) * 40).astype(np.float32)
    shade, shine = canvas.relief(bump, 20.0, gloss=0.5)
    assert shade[20, 20] > 1.1
    assert shade[44, 44] < 0.9
    assert shade[0, 0] == pytest.approx(1, abs=0.01)
    assert 0 <= shine.min() <= shine.max() <= 0.5


def test_ramps_and_steps_hold_at_their_ends():
    colours = canvas.rgb("#000000", "#ff8000", "#ffffff")
    got = canvas.ramp(colours, np.asarray([-1, 0, 0.5, 1, 2]))
    assert got == pytest.approx(colours[[0, 0, 1, 2, 2]], abs=0.002)
    assert canvas.ramp(colours, 0.25).tolist() == pytest.approx([0.5, 0.25, 0], abs=0.002)
    assert canvas.smooth(1, 0, np.asarray([-1.0, 0.5, 2.0])).tolist() == [1.0, 0.5, 0.0]


def test_strokes_follow_the_field_and_stay_where_they_belong():
    starts = scatter(rng(), 0.1)
    assert len(starts) == 121
    assert canvas.lengths(starts[:, None] - starts[None]).shape == (121, 121)
    x, y = canvas.grid(128)
    circles = np.arctan2(x - 0.5, -(y - 0.5))  # around the middle
    middle = np.asarray([(0.5, 0.75), (0.7, 0.5)], np.float32)
    paths = trace(middle, circles, np.asarray([0.3, 0.3]))
    assert paths.shape == (2, 15, 2)
    radii = canvas.lengths(paths - 0.5)
    assert np.ptp(radii, axis=1).max() < 0.02
    assert canvas.lengths(np.diff(paths, axis=1)).sum(1) == pytest.approx([0.3, 0.3], rel=0.02)

    ink = canvas.surface(200, 0, 0, 0, 0)
    lay(
        ink,
        rng(),
        Brush(width=0.05, jitter=0, hue=0, streak=0),
        paths[:1],
        canvas.rgb("#ff0000")[0],
    )
    painted = ink[..., 0] > 127
    assert painted.mean() == pytest.approx(0.3 * 0.05, rel=0.5)
    assert not ink[..., 1:3].any()  # no colour but the one that was asked for
    assert ink[..., 3][painted].min() > 50  # and paint has a height
