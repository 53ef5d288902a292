"""How far hints carry, on drawn regions: inside one they do, across its edge they do not."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import dijkstra

from olhar.colorize.spread import _distances, _steps, spread

HEIGHT, WIDTH = 96, 128
Y, X = torch.meshgrid(torch.arange(HEIGHT), torch.arange(WIDTH), indexing="ij")
DISC = ((Y - 40) ** 2 + (X - 50) ** 2).sqrt() < 25
SEAM = (((Y - 40) ** 2 + (X - 50) ** 2).sqrt() - 25).abs() < 3
RED, BLUE = torch.tensor([60.0, 40.0]), torch.tensor([5.0, -45.0])


def scene(step: float, grain: float = 0.0) -> torch.Tensor:
    """L* of a disc on a ground, with grain."""
    noise = grain * torch.randn(HEIGHT, WIDTH, generator=torch.Generator().manual_seed(0))
    return (50 + step * DISC + noise)[None]


def hint(*spots: tuple[int, int, torch.Tensor]) -> torch.Tensor:
    hints = torch.zeros(3, HEIGHT, WIDTH)
    for y, x, color in spots:
        hints[:2, y - 1 : y + 2, x - 1 : x + 2] = color[:, None, None]
        hints[2, y - 1 : y + 2, x - 1 : x + 2] = 1
    return hints


def flat(a: float, b: float) -> torch.Tensor:
    return torch.tensor([float(a), float(b)])[:, None, None].expand(2, HEIGHT, WIDTH).clone()


@pytest.mark.parametrize(("grain", "leak"), [(0.0, 0.004), (0.7, 0.1)])
@pytest.mark.parametrize("step", [25, -25])
def test_a_hint_in_a_disc_colours_the_disc_and_nothing_else(step, grain, leak):
    auto = flat(5, 10)
    result = spread(auto, auto, hint((40, 50, RED)), scene(step, grain))
    inside, outside = DISC & ~SEAM, ~DISC & ~SEAM
    before = (auto - RED[:, None, None]).norm(dim=0)
    after = (result - RED[:, None, None]).norm(dim=0)
    assert after[inside].mean() < 0.3 * before[inside].mean()
    assert (result - auto).norm(dim=0)[outside].mean() < leak * before[inside].mean()
    torch.testing.assert_close(result[:, 40, 50], RED, atol=0.01, rtol=0)


def test_the_networks_own_edges_stop_a_hint_where_lightness_has_none():
    auto = flat(5, 10)
    auto[:, DISC] = torch.tensor([[-25.0], [30.0]])
    result = spread(auto, auto, hint((40, 50, RED)), scene(0))
    changed = (result - auto).norm(dim=0)
    assert changed[DISC & ~SEAM].mean() > 50
    assert changed[~DISC & ~SEAM].mean() < 0.1 * changed[DISC & ~SEAM].mean()


def test_two_hints_do_not_mix_across_an_edge():
    auto = flat(0, 0)
    hints = hint((40, 50, RED), (85, 110, BLUE))
    result = spread(auto, auto, hints, scene(30), reach=2.0)
    off_red = (result - RED[:, None, None]).norm(dim=0)[DISC & ~SEAM]
    assert off_red.mean() < 0.15 * RED.norm()
    ground = result[:, ~DISC & ~SEAM]
    alike = torch.cosine_similarity(ground, BLUE[:, None], 0)
    assert alike.mean() > 0.97
    assert alike.min() > 0.85


def test_two_hints_in_one_region_share_it():
    auto = flat(0, 0)
    result = spread(auto, auto, hint((48, 20, RED), (48, 108, BLUE)), scene(0))
    torch.testing.assert_close(result[:, 48, 20], RED, atol=0.01, rtol=0)
    torch.testing.assert_close(result[:, 48, 108], BLUE, atol=0.01, rtol=0)
    towards_red = [float(result[:, 48, x] @ (RED - BLUE)) for x in range(20, 109, 8)]
    assert towards_red == sorted(towards_red, reverse=True)


def test_a_grey_hint_makes_its_region_grey():
    auto = flat(25, 20) + 8 * torch.sin(X / 9.0)
    result = spread(auto, auto * 0.8, hint((40, 50, torch.zeros(2))), scene(25))
    assert result.norm(dim=0)[DISC & ~SEAM].mean() < 4
    assert (result - auto).norm(dim=0)[~DISC & ~SEAM].mean() < 0.5


def test_the_networks_shades_are_kept_around_the_colour_asked_for():
    shades = flat(50, 30) + 6 * torch.sin(X / 9.0)
    result = spread(shades, shades, hint((40, 50, RED)), scene(25))
    inside = DISC & ~SEAM & ((X - 50).abs() > 8)
    ours, theirs = (field[0][inside] - field[0][inside].mean() for field in (result, shades))
    assert torch.corrcoef(torch.stack([ours, theirs]))[0, 1] > 0.8


def test_reach_carries_further():
    auto = flat(0, 0)
    near, far = (
        spread(auto, auto, hint((10, 10, RED)), scene(10), reach=r).norm(dim=0).mean()
        for r in (0.5, 2.0)
    )
    assert near < far


def test_many_colours_are_told_apart_as_far_as_it_pays():
    layer = torch.zeros(3, HEIGHT, WIDTH)
    layer[:2, 10:40, 10:60] = torch.stack([X, Y])[:, 10:40, 10:60] - 40.0
    layer[2, 10:40, 10:60] = 1
    result = spread(flat(0, 0), flat(0, 0), layer, scene(0))
    assert (result - layer[:2]).norm(dim=0)[10:40, 10:60].max() < 20
    assert result.isfinite().all()


@given(st.integers(0, 10_000), st.integers(2, 14), st.integers(2, 14))
def test_distances_are_the_shortest_ways(seed, height, width):
    """Against Dijkstra on the same graph; raster scans may miss only what winds like a maze."""
    generator = torch.Generator().manual_seed(seed)
    light = 20 * torch.rand(1, height, width, generator=generator)
    steps = _steps(light, torch.zeros(2, height, width))
    seeds = np.zeros((1, height, width), bool)
    seeds[0, seed % height, seed % width] = True
    ours = _distances(seeds, steps)[0]
    index = np.arange(height * width).reshape(height, width)
    ends = [
        (index[:, :-1], index[:, 1:]),
        (index[:-1], index[1:]),
        (index[:-1, :-1], index[1:, 1:]),
        (index[:-1, 1:], index[1:, :-1]),
    ]
    start, end = (np.concatenate([e[n].ravel() for e in ends]) for n in (0, 1))
    costs = np.concatenate([step.ravel() for step in steps])
    graph = coo_matrix((costs, (start, end)), shape=(index.size, index.size))
    exact = dijkstra(graph, directed=False, indices=index[seeds[0]][0]).reshape(height, width)
    assert (ours >= exact - 1e-3).all()
    assert ours.mean() <= 1.05 * exact.mean() + 1e-3
