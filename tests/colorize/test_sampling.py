"""Variants: as varied as the distribution is, of one piece, and the same for the same seed."""

from itertools import combinations

import pytest
import torch

from olhar.colorize.bins import grid, mean
from olhar.colorize.sampling import sample

HEIGHT, WIDTH = 24, 36
BINS = grid()
LIGHT = torch.full((1, HEIGHT, WIDTH), 50.0)
LIGHT[:, :, WIDTH // 2 :] = 90


def field(colors: dict[tuple[float, float], float], spread: float = 8.0) -> torch.Tensor:
    """The same distribution everywhere: (1, Q, h, w) log probabilities with these modes."""
    share = sum(
        p * (-(BINS - torch.tensor(c)).square().sum(1) / (2 * spread**2)).softmax(0)
        for c, p in colors.items()
    )
    return (share + 1e-9).log()[None, :, None, None].expand(1, -1, HEIGHT, WIDTH)


MODES = {(50.0, 40.0): 0.5, (-40.0, 30.0): 0.3, (10.0, -50.0): 0.2}


def test_where_the_network_is_open_variants_differ():
    drawn = [sample(field(MODES), BINS, LIGHT, 0, n)[0] for n in range(5)]
    apart = [(a - b).norm(dim=0).mean() for a, b in combinations(drawn, 2)]
    assert sum(apart) / len(apart) > 20


def test_where_the_network_is_sure_variants_agree():
    drawn = [sample(field({(30.0, 20.0): 1.0}, 4.0), BINS, LIGHT, 0, n)[0] for n in range(5)]
    apart = [(a - b).norm(dim=0).mean() for a, b in combinations(drawn, 2)]
    assert max(apart) < 5
    assert (drawn[0].mean((1, 2)) - torch.tensor([30.0, 20.0])).norm() < 6


def test_modes_come_as_often_as_they_are_likely():
    """Of many draws at one place; noise that is alike for neighbouring bins costs some accuracy."""
    places = torch.stack(list(map(torch.tensor, MODES)))
    counts = torch.zeros(3)
    for n in range(300):
        color = sample(field(MODES)[..., :4, :4], BINS, LIGHT[:, :4, :4], 7, n)[0, :, 2, 2]
        counts[torch.cdist(color[None], places)[0].argmin()] += 1
    assert (counts / 300).tolist() == pytest.approx([*MODES.values()], abs=0.12)


def test_neighbours_agree_and_yet_one_picture_may_hold_several_colours():
    ranges = []
    for number in range(6):
        drawn = sample(field(MODES), BINS, LIGHT, 1, number)[0]
        steps = [drawn.diff(dim=axis).norm(dim=0).flatten() for axis in (1, 2)]
        assert torch.cat(steps).median() < 1.5
        assert (torch.cat(steps) > 15).float().mean() < 0.05
        ranges.append(torch.cdist(drawn.flatten(1).T[::37], drawn.flatten(1).T[::37]).max())
    assert max(ranges) > 30


def test_best_of_five_is_nearer_to_a_truth_that_is_one_of_the_modes():
    scores = field(MODES)
    alone = mean(scores, BINS)[0]
    single, best = [], []
    for seed, color in enumerate([*MODES] * 4):
        truth = torch.tensor(color)[:, None, None]
        errors = [
            (sample(scores, BINS, LIGHT, seed, n)[0] - truth).norm(dim=0).mean() for n in range(5)
        ]
        single.append((alone - truth).norm(dim=0).mean())
        best.append(min(errors))
    assert sum(best) <= 0.9 * sum(single)


def test_seeds_and_numbers():
    scores = field(MODES)
    one = sample(scores, BINS, LIGHT, 3, 2)
    assert torch.equal(one, sample(scores, BINS, LIGHT, 3, 2))
    assert not torch.equal(one, sample(scores, BINS, LIGHT, 3, 3))
    assert not torch.equal(one, sample(scores, BINS, LIGHT, 4, 2))
    assert sample(scores, BINS, LIGHT, 2**63 - 1, 100).isfinite().all()
