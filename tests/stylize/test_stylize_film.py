"""A restyled film: steady along the motion, new where something comes into view, cut by cut."""

import json
from itertools import pairwise

import pytest
import torch

from olhar.errors import OlharError
from olhar.nets.vgg import bundled_vgg16
from olhar.samples import painting
from olhar.stylize import Stylize, stylize
from olhar.stylize.film import Restyling, stylize_frames
from olhar.stylize.network import moments

HEIGHT, WIDTH, STEP = 72, 96, 3
SETTINGS = Stylize(size=WIDTH, iterations=10)


def scene(width: int, seed: int = 0) -> torch.Tensor:
    """Soft hills of many colours, with edges to see their motion by."""
    numbers = torch.Generator().manual_seed(seed)
    small = torch.rand((1, 3, 9, 9 * width // HEIGHT), generator=numbers)
    return torch.nn.functional.interpolate(small, (HEIGHT, width), mode="bicubic")[0].clamp(0, 1)


def pan(count: int, seed: int = 0) -> list[torch.Tensor]:
    """A camera that turns to the right, `STEP` pixels a frame."""
    wide = scene(WIDTH + STEP * count, seed)
    return [wide[:, :, STEP * n : STEP * n + WIDTH].clone() for n in range(count)]


@pytest.fixture(scope="module")
def style() -> torch.Tensor:
    return painting("night", size=96)


@pytest.fixture(scope="module")
def followed(style) -> list[torch.Tensor]:
    return list(stylize_frames(pan(6), style, SETTINGS))


def flicker(made: list[torch.Tensor]) -> float:
    """Mean squared change of what is seen twice, of frames of `pan`."""
    changes = [(b[:, :, :-STEP] - a[:, :, STEP:]).square().mean() for a, b in pairwise(made)]
    return float(torch.stack(changes).mean())


def test_strokes_move_with_what_they_paint(followed, style):
    alone = [stylize(frame, style, SETTINGS) for frame in pan(6)]
    assert flicker(followed) < 0.2 * flicker(alone)
    assert [frame.shape for frame in followed] == [(3, HEIGHT, WIDTH)] * 6

    def apart(image: torch.Tensor) -> float:
        vgg = bundled_vgg16()
        with torch.no_grad():
            seen, wanted = (
                moments(vgg(each[None], ["relu2_1"])["relu2_1"]).gram for each in (image, style)
            )
        return float((seen - wanted).square().sum() / wanted.square().sum())

    assert apart(followed[-1]) < 1.5 * apart(alone[-1]), "the last is as much in the style"
    assert apart(followed[-1]) < 0.5 * apart(pan(6)[-1])


def test_without_steadiness_each_frame_is_a_photograph(style):
    film = pan(2)
    made = stylize_frames(film, style, Stylize(size=96, iterations=3, steady=0))
    for frame, picture in zip(film, made, strict=True):
        alone = stylize(frame, style, Stylize(size=96, iterations=3))
        assert float((picture - alone).abs().max()) <= 0.5 / 255 + 1e-6


def test_what_is_uncovered_is_painted_too(style):
    """A grey wall behind a board that moves away: it takes the colours of the painting."""
    wall = 0.5 + 0.3 * (scene(WIDTH).mean(0, keepdim=True).expand(3, -1, -1) - 0.5)
    film = [wall.clone() for _ in range(3)]
    board = scene(WIDTH, seed=1)
    for number, frame in enumerate(film):
        frame[:, :, 40 * number :] = board[:, :, : WIDTH - 40 * number]
    made = list(stylize_frames(film, style, SETTINGS))
    bare = made[-1][:, 4:-4, 44:76]
    chroma = (bare.amax(0) - bare.amin(0)).mean()
    assert float(chroma) > 0.15


def test_what_stands_still_is_not_painted_again(style):
    grain = torch.Generator().manual_seed(0)
    film = [pan(1)[0] + 0.01 * torch.randn((3, HEIGHT, WIDTH), generator=grain) for _ in range(5)]
    made = list(stylize_frames([each.clamp(0, 1) for each in film], style, SETTINGS))
    same = torch.stack([(each == made[0]).all(0).float().mean() for each in made[1:]])
    assert float(same.mean()) > 0.5
    assert flicker_of(made) < 0.02


def flicker_of(made: list[torch.Tensor]) -> float:
    """Root of the mean squared change from frame to frame."""
    return float(torch.stack([(b - a).square().mean() for a, b in pairwise(made)]).mean().sqrt())


def test_light_that_fades_slowly_is_followed(style):
    """From frame to frame nothing seems to change, and yet it is painted again."""
    film = [pan(1)[0] * (1 - 0.02 * n) for n in range(25)]
    work = Restyling(style, Stylize(size=WIDTH, iterations=2))
    assert len(list(work(film))) == 25
    assert float((work._painted - film[-1]).abs().mean()) < 0.03
    assert float((work._painted - film[0]).abs().mean()) > 0.15


def test_nothing_crosses_a_cut(followed, style):
    joined = list(stylize_frames([*pan(6), *pan(4, seed=2)], style, SETTINGS))
    other = list(stylize_frames(pan(4, seed=2), style, SETTINGS))
    assert all(map(torch.equal, joined, [*followed, *other]))


@pytest.mark.parametrize("colors", ["style", "content"])
@pytest.mark.parametrize("end", [4, 19])
def test_a_film_goes_on_exactly(style, colors, end):
    """One more frame than a segment holds is made before the segment ends."""
    settings = Stylize(size=64, iterations=2, colors=colors)
    film = pan(22)
    whole = list(stylize_frames(film, style, settings))
    first = Restyling(style, settings)
    source = first(film)
    for _ in range(end + 1):
        next(source)
    state = json.loads(json.dumps(first.state()))
    warm = min(end, Restyling.warm_up)
    rest = list(Restyling(style, settings)(film[end - warm :], state))
    assert len(rest) == warm + len(film) - end
    for one, other in zip(rest[warm:], whole[end:], strict=True):
        assert torch.equal(one, other)


@pytest.mark.parametrize(
    "state",
    [
        {"frames": 2, "size": [10**6, 10**6], "pictures": ["", ""]},
        {"frames": 2, "size": [64, 65], "pictures": ["", ""]},
        {"frames": 2, "size": [8, 8], "pictures": ["eJw=", "eJw="]},
        {"frames": 2, "size": [8, 8], "pictures": ["x", "x"]},
        {"frames": 2, "size": "x", "pictures": []},
    ],
)
def test_a_state_that_is_not_of_the_film_is_a_sentence(style, state):
    with pytest.raises(OlharError, match="what an earlier run left of this film is damaged"):
        next(Restyling(style, Stylize(size=64))(pan(2), state))


def test_the_frames_keep_their_own_colours(style):
    film = pan(3)
    made = stylize_frames(film, style, Stylize(size=96, iterations=6, colors="content"))
    for frame, picture in zip(film, made, strict=True):
        hues = [(each - each.mean(0)).flatten() for each in (frame, picture)]
        assert float(torch.corrcoef(torch.stack(hues))[0, 1]) > 0.6
