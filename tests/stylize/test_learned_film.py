"""A film restyled by a style that was learned: one pass a frame, held to the frame before."""

import json
from itertools import pairwise

import pytest
import torch

from olhar.errors import OlharError
from olhar.stylize import Stylize, stylize
from olhar.stylize.film import stylize_frames
from olhar.stylize.learned_film import LearnedRestyling
from olhar.stylize.stylizer import Stylizer

HEIGHT, WIDTH, STEP = 72, 96, 3
SETTINGS = Stylize(size=WIDTH)


@pytest.fixture(scope="module")
def network() -> Stylizer:
    """One that makes much of little, as those do that have learned strokes."""
    torch.manual_seed(0)
    network = Stylizer((8, 8), 1).eval()
    with torch.no_grad():
        network.decoder[-1].weight.mul_(30)
    return network


def grainy(count: int, step: int = STEP) -> list[torch.Tensor]:
    """Soft hills, over which a camera turns, through grain that is new in each frame."""
    numbers = torch.Generator().manual_seed(0)
    small = torch.rand((1, 3, 9, 15), generator=numbers)
    wide = torch.nn.functional.interpolate(small, (HEIGHT, WIDTH + STEP * count), mode="bicubic")[0]
    seen = (wide[:, :, step * n : step * n + WIDTH] for n in range(count))
    return [(v + 0.005 * torch.randn(v.shape, generator=numbers)).clamp(0, 1) for v in seen]


def flicker(made: list[torch.Tensor], step: int = STEP) -> float:
    """Mean squared change of what is seen twice."""
    changes = [
        (b[:, :, : WIDTH - step] - a[:, :, step:]).square().mean() for a, b in pairwise(made)
    ]
    return float(torch.stack(changes).mean())


@pytest.mark.parametrize("step", [0, STEP])
def test_it_is_steadier_than_frame_by_frame(network: Stylizer, step: int) -> None:
    film = grainy(6, step)
    alone = [stylize(frame, network, SETTINGS) for frame in film]
    made = list(stylize_frames(film, network, SETTINGS))
    assert [frame.shape for frame in made] == [(3, HEIGHT, WIDTH)] * 6
    assert flicker(made, step) < (0.02 if step == 0 else 0.4) * flicker(alone, step)
    drift = (made[-1] - alone[-1])[:, 16:-16, 16:-16].square().mean().sqrt()
    assert drift < 0.1, "it is still the picture of its frame"


def test_without_steadiness_each_frame_is_a_photograph(network: Stylizer) -> None:
    film = grainy(3)
    made = list(stylize_frames(film, network, Stylize(size=WIDTH, steady=0)))
    for frame, picture in zip(film, made, strict=True):
        expected = (stylize(frame, network, SETTINGS) * 255).round() / 255
        assert torch.equal(picture, expected)


def test_a_film_goes_on_exactly(network: Stylizer) -> None:
    film = grainy(22)
    whole = list(LearnedRestyling(network, SETTINGS)(film))
    first = LearnedRestyling(network, SETTINGS)
    source = first(film)
    for _ in range(19):
        next(source)
    state = json.loads(json.dumps(first.state()))
    rest = list(LearnedRestyling(network, SETTINGS)(film[2:], state))
    assert len(rest) == 20
    for one, other in zip(rest[16:], whole[18:], strict=True):
        assert torch.equal(one, other)


def test_what_was_chosen_in_the_training_is_refused(network: Stylizer) -> None:
    with pytest.raises(OlharError, match=r"stroke is 2.0, and a style that was learned"):
        LearnedRestyling(network, Stylize(stroke=2.0))
