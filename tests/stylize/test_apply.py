"""Restyling as a user calls it: that it restyles, seeds, breaks, settings, sentences."""

from dataclasses import replace
from itertools import pairwise

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from olhar.errors import OlharError
from olhar.media.color import srgb_to_lab
from olhar.samples import painting
from olhar.stylize import Stylize, steps, stylize
from olhar.stylize.colors import keep_colors, match_palette
from olhar.stylize.settings import SHORTEST, plan_levels

SMALL = Stylize(size=64, iterations=4)


@pytest.fixture(scope="module")
def photo() -> torch.Tensor:
    """A landscape in three flat colours with a tower: easy to recognise, nothing to license."""
    image = torch.empty(3, 72, 96)
    image[:, :40] = torch.tensor([0.55, 0.7, 0.9])[:, None, None]
    image[:, 40:] = torch.tensor([0.3, 0.5, 0.2])[:, None, None]
    image[:, 14:60, 40:54] = torch.tensor([0.75, 0.3, 0.2])[:, None, None]
    return image


@pytest.fixture(scope="module")
def style() -> torch.Tensor:
    return painting("night", size=96)


def test_restyles(photo, style):
    """Style gets much nearer to the painting, and lights and darks are still the photograph's."""
    first, last = None, None
    for last in steps(photo, style, Stylize(size=96, iterations=12)):
        first = first or last
    assert first is not None
    assert last is not None
    assert float(last.losses.style) < 0.25 * float(first.losses.style)
    picture = last.picture()
    assert picture.shape == (3, 72, 96)
    lightness = torch.stack([picture.mean(0).flatten(), photo.mean(0).flatten()])
    assert float(torch.corrcoef(lightness)[0, 1]) > 0.5


def test_same_seed_same_picture(photo, style):
    assert torch.equal(stylize(photo, style, SMALL), stylize(photo, style, SMALL))
    assert not torch.equal(stylize(photo, style, SMALL), stylize(photo, style, SMALL, seed=1))


@pytest.mark.parametrize("optimizer", ["lbfgs", "adam"])
@pytest.mark.parametrize("stop", [1, 4, 6])
def test_stop_and_go_on_exactly(photo, style, optimizer, stop):
    """At 128 pixels there are two sizes of four iterations: stop inside either and between them."""
    settings = Stylize(size=128, iterations=4, optimizer=optimizer)
    whole = [(step.iteration, step.picture()) for step in steps(photo, style, settings)]
    running = steps(photo, style, settings)
    for _ in range(stop):
        step = next(running)
    rest = [
        (step.iteration, step.picture())
        for step in steps(photo, style, settings, state=step.state())
    ]
    assert [i for i, _ in rest] == [i for i, _ in whole[stop:]]
    for (_, a), (_, b) in zip(whole[stop:], rest, strict=True):
        assert torch.equal(a, b)


def test_every_step_is_a_state_of_its_own(photo, style):
    """Steps may be kept: an earlier one neither changes nor goes on from a later one."""
    kept = list(steps(photo, style, SMALL))
    pictures = [step.picture() for step in kept]
    assert not any(torch.equal(a, b) for a, b in pairwise(pictures[1:]))
    *_, last = steps(photo, style, SMALL, state=kept[1].state())
    assert torch.equal(last.picture(), pictures[-1])


@pytest.mark.parametrize("changes", [{"size": 96}, {"optimizer": "adam"}, {"iterations": 1}])
def test_a_state_of_something_else_is_refused(photo, style, changes):
    *_, last = steps(photo, style, SMALL)
    with pytest.raises(OlharError, match="another size, optimizer or number of iterations"):
        steps(photo, style, replace(SMALL, **changes), state=last.state())


def test_a_result_beyond_the_memory_is_refused(photo, style, monkeypatch):
    monkeypatch.setattr("olhar.stylize.settings._memory", lambda: 2**30)
    with pytest.raises(OlharError, match=r"about \d+ GiB of memory.* at most \d+"):
        steps(photo, style, Stylize(size=2048))


def test_steps_tell_how_far_they_are(photo, style):
    seen = list(steps(photo, style, Stylize(size=128, iterations=2)))
    assert [step.iteration for step in seen] == [1, 2, 3, 4]
    assert {step.iterations for step in seen} == {4}
    work = [step.work for step in seen]
    assert work == sorted(work)
    assert work[1] == pytest.approx(0.2, abs=0.01)  # a quarter of the pixels: a fifth of the work
    assert work[-1] == pytest.approx(1)


@pytest.mark.parametrize(
    "changes",
    [
        {"loss": "wasserstein"},
        {"init": "noise"},
        {"colors": "content"},
        {"stroke": 0.4},
        {"stroke": 3.0},
        {"strength": 5.0},
        {"smooth": 0.0},
        {"optimizer": "adam"},
    ],
)
def test_every_setting_gives_another_valid_picture(photo, style, changes):
    plain, changed = stylize(photo, style, SMALL), stylize(photo, style, SMALL, **changes)
    assert changed.shape == plain.shape
    assert changed.isfinite().all()
    assert 0 <= float(changed.min()) <= float(changed.max()) <= 1
    assert not torch.equal(plain, changed)


def test_strength_moves_from_photograph_to_painting(photo, style):
    weak, strong = (
        list(steps(photo, style, Stylize(size=64, iterations=15, strength=strength)))[-1].losses
        for strength in (0.2, 5.0)
    )
    assert float(weak.content) < float(strong.content)
    assert float(weak.style) > float(strong.style)


def test_weights_decide_between_paintings(photo, style):
    other = 1 - style
    lean = [stylize(photo, [style, other], SMALL, weights=w) for w in ((1.0, 1e-6), (1e-6, 1.0))]
    alone = [stylize(photo, painting, SMALL) for painting in (style, other)]
    for a, b in zip(lean, alone, strict=True):
        assert float((a - b).abs().mean()) < 1e-3
    assert float((lean[0] - lean[1]).abs().mean()) > 0.02


def test_content_colors_are_the_photographs(photo, style):
    result = stylize(photo, style, size=96, iterations=6, colors="content")
    apart = (srgb_to_lab(result) - srgb_to_lab(photo))[1:].square().sum(0).sqrt()
    assert float(apart.median()) < 2


def test_match_palette_moves_mean_and_covariance():
    a, b = torch.rand(3, 40, 40) * 0.2 + 0.4, torch.rand(3, 30, 50) * 0.3 + 0.3
    moved = match_palette(a, b)
    assert torch.allclose(moved.flatten(1).mean(1), b.flatten(1).mean(1), atol=1e-3)
    assert torch.allclose(torch.cov(moved.flatten(1)), torch.cov(b.flatten(1)), atol=1e-3)
    grey = torch.full((3, 8, 8), 0.5)
    assert match_palette(grey, b).isfinite().all()


def test_keep_colors_keeps_lightness():
    image, colours = torch.rand(3, 20, 20) * 0.5 + 0.25, torch.rand(3, 10, 30) * 0.2 + 0.4
    kept = keep_colors(image, colours)
    assert torch.allclose(srgb_to_lab(kept)[0], srgb_to_lab(image)[0], atol=0.5)


@settings(max_examples=60)
@given(height=st.integers(1, 5000), width=st.integers(1, 5000), size=st.integers(64, 4096))
def test_plan_doubles_up_to_the_size(height, width, size):
    levels = plan_levels(torch.empty(3, height, width, device="meta"), Stylize(size=size))
    assert max(levels[-1].size) == size
    for coarse, fine in pairwise(levels):
        assert max(fine.size) == pytest.approx(2 * max(coarse.size), abs=2)
    assert all(min(level.size) >= SHORTEST for level in levels[:-1])


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"strength": 0.0}, "strength is 0.0; it must be a number from 0.001 to 1000"),
        ({"strength": float("nan")}, "strength is nan"),
        ({"size": 10}, "size is 10; it must be a whole number from 64 to"),
        ({"size": 70.5}, "size is 70.5; it must be a whole number"),
        ({"size": "64"}, "size is '64'"),
        ({"seed": 2**70}, "seed is"),
        ({"colors": "banana"}, "colors is 'banana'; it can be style or content"),
        ({"loss": "banana"}, "loss is 'banana'"),
        ({"init": "banana"}, "init is 'banana'"),
        ({"optimizer": "sgd"}, "optimizer is 'sgd'"),
        ({"iterations": 0}, "iterations is 0"),
        ({"weights": (1.0, -1.0)}, "positive"),
    ],
)
def test_settings_out_of_range(changes, sentence):
    with pytest.raises(OlharError, match=sentence):
        Stylize(**changes)


@pytest.mark.parametrize(
    ("image", "styles", "changes", "sentence"),
    [
        (torch.rand(1, 20, 20), None, {}, r"the image has shape \(1, 20, 20\)"),
        (torch.rand(3, 20, 20) + 1, None, {}, r"values in \[0, 1\]"),
        (torch.full((3, 20, 20), torch.nan), None, {}, r"values in \[0, 1\]"),
        (torch.zeros(3, 20, 20, dtype=torch.uint8), None, {}, "floating point"),
        (torch.rand(3, 4, 400), None, {}, "shorter side"),
        (torch.rand(3, 40, 40), [], {}, "no style"),
        (torch.rand(3, 40, 40), [torch.rand(3, 2, 4000)], {}, "style 1 is 4000 x 2 pixels"),
        (torch.rand(3, 40, 40), None, {"weights": (1.0, 2.0)}, "2 weights were given for 1 styles"),
        (
            torch.rand(3, 40, 40),
            [torch.rand(3, 40, 40), torch.rand(4, 9, 9)],
            {},
            "style 2 has shape",
        ),
    ],
)
def test_bad_input_gets_a_sentence(image, styles, changes, sentence):
    with pytest.raises(OlharError, match=sentence):
        steps(image, torch.rand(3, 40, 40) if styles is None else styles, Stylize(**changes))
