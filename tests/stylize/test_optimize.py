"""Both optimisers: they find a known minimum in the box, and go on exactly after a break."""

import pytest
import torch

from olhar.stylize.network import Losses
from olhar.stylize.optimize import LBFGS, Adam

TARGET = torch.linspace(-0.3, 1.3, 3 * 6 * 7).view(1, 3, 6, 7)
SCALE = torch.logspace(0, 2, 3 * 6 * 7).view(1, 3, 6, 7)  # badly conditioned on purpose


def bowl(image):
    """A quadratic whose minimum partly lies outside [0, 1]."""
    total = (SCALE * (image - TARGET).square()).sum() / 2
    return Losses(total, total, total), SCALE * (image - TARGET)


@pytest.mark.parametrize(
    ("make", "iterations", "tolerance"), [(LBFGS, 80, 2e-3), (Adam, 400, 1e-2)]
)
def test_finds_the_minimum_inside_the_box(make, iterations, tolerance):
    optimizer = make(torch.full_like(TARGET, 0.5))
    for _ in range(iterations):
        optimizer.iterate(bowl)
        assert 0 <= float(optimizer.image.min()) <= float(optimizer.image.max()) <= 1
    assert float((optimizer.image - TARGET.clamp(0, 1)).abs().max()) < tolerance


def test_lbfgs_never_gets_worse():
    optimizer = LBFGS(torch.full_like(TARGET, 0.9))
    totals = [float(optimizer.iterate(bowl).total) for _ in range(40)]
    assert totals == sorted(totals, reverse=True)


def test_lbfgs_survives_a_point_without_a_way_down():
    flat = LBFGS(torch.full((1, 3, 4, 4), 0.5))
    for _ in range(30):
        flat.iterate(lambda x: (Losses(*[x.sum() * 0 + 1] * 3), torch.zeros_like(x)))
    assert torch.equal(flat.image, torch.full((1, 3, 4, 4), 0.5))


@pytest.mark.parametrize("make", [LBFGS, Adam])
@pytest.mark.parametrize("stop", [1, 2, 3, 7])
def test_goes_on_exactly(make, stop):
    start = torch.full_like(TARGET, 0.5)
    whole, first, second = make(start), make(start), make(torch.zeros_like(start))
    for _ in range(12):
        whole.iterate(bowl)
    for _ in range(stop):
        first.iterate(bowl)
    second.restore(first.state())
    for _ in range(12 - stop):
        second.iterate(bowl)
    assert torch.equal(whole.image, second.image)


def test_adam_carries_its_moments_to_the_next_size():
    optimizer = Adam(torch.full_like(TARGET, 0.5))
    for _ in range(5):
        optimizer.iterate(bowl)
    optimizer.rescale(torch.full((1, 3, 12, 14), 0.5))
    state = optimizer.state()
    assert state["first"].shape == state["second"].shape == (1, 3, 12, 14)
    assert float(state["first"].abs().max()) > 0
    assert float(state["second"].min()) >= 0
    assert torch.equal(optimizer.image, torch.full((1, 3, 12, 14), 0.5))
