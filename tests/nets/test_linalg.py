"""Principal components."""

import pytest
import torch

from olhar.nets.linalg import components


@pytest.mark.parametrize("size", [6, 80])
def test_components_are_the_directions_of_largest_variance(size):
    generator = torch.Generator().manual_seed(0)
    known = torch.randn(50, 2, generator=generator) * torch.tensor([3.0, 1.0])
    turn, _ = torch.linalg.qr(torch.randn(size, size, generator=generator))
    points = components(known @ turn[:2] + 5)
    assert points.var(0)[0] > points.var(0)[1]
    assert torch.allclose(points.mean(0), torch.zeros(2), atol=1e-5)
    assert torch.allclose(torch.cdist(points, points), torch.cdist(known, known), atol=1e-3)


def test_more_of_the_same_rows_turn_nothing_over():
    rows = torch.randn(30, 5, generator=torch.Generator().manual_seed(0))
    assert torch.allclose(components(rows), components(torch.cat([rows, rows]))[:30], atol=1e-4)


def test_one_column_and_equal_rows_have_components_too():
    assert components(torch.randn(5, 1)).shape == (5, 2)
    assert torch.equal(components(torch.ones(4, 3)), torch.zeros(4, 2))
    assert torch.equal(components(torch.ones(2, 9)), torch.zeros(2, 2))
