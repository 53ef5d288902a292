"""Muon: what it does to matrices, to the rest, and that it can be stopped and go on."""

import copy

import pytest
import torch

from olhar.training.muon import Muon, orthogonalize


@pytest.mark.parametrize("shape", [(8, 8), (5, 40), (40, 5)])
def test_singular_values_come_near_one(shape):
    matrix = torch.randn(shape, generator=torch.Generator().manual_seed(0))
    values = torch.linalg.svdvals(orthogonalize(matrix))
    assert ((values > 0.3) & (values < 1.3)).all()


def test_singular_directions_stay():
    """U S V^T becomes about U V^T, whatever the scale."""
    generator = torch.Generator().manual_seed(0)
    u = torch.linalg.qr(torch.randn(6, 6, generator=generator)).Q
    v = torch.linalg.qr(torch.randn(9, 9, generator=generator)).Q[:, :6]
    matrix = u @ torch.diag(torch.tensor([1e3, 900.0, 500, 300, 200, 100])) @ v.T
    inner = u.T @ orthogonalize(matrix) @ v
    assert torch.allclose(inner, torch.diag(inner.diagonal()), atol=1e-3)
    assert (inner.diagonal() > 0.6).all()


def test_nothing_to_orthogonalize_is_no_step():
    assert torch.equal(orthogonalize(torch.zeros(3, 4)), torch.zeros(3, 4))


def test_a_filter_bank_is_stepped_as_a_matrix():
    weight = torch.nn.Parameter(torch.zeros(4, 2, 3, 3).to(memory_format=torch.channels_last))
    weight.grad = torch.randn(4, 2, 3, 3)
    Muon([weight], lr=0.5).step()
    values = torch.linalg.svdvals(weight.detach().reshape(4, -1))
    assert ((values > 0.3 * 0.5) & (values < 1.3 * 0.5)).all()


@pytest.mark.parametrize("orthogonal", [True, False])
def test_the_rest_is_torchs_sgd(orthogonal):
    """Vectors always, matrices where the group says so."""
    shape = (6,) if orthogonal else (6, 3)
    ours = torch.nn.Parameter(torch.ones(shape))
    theirs = torch.nn.Parameter(torch.ones(shape))
    settings = {"lr": 0.1, "momentum": 0.8, "weight_decay": 0.01}
    muon = Muon([{"params": [ours], "orthogonal": orthogonal}], **settings)
    sgd = torch.optim.SGD([theirs], nesterov=True, **settings)
    for step in range(4):
        gradient = torch.randn(shape, generator=torch.Generator().manual_seed(step))
        ours.grad, theirs.grad = gradient.clone(), gradient.clone()
        muon.step()
        sgd.step()
    assert torch.allclose(ours, theirs, atol=1e-6)


def test_decay_shrinks_matrices_by_their_rate():
    weight = torch.nn.Parameter(torch.ones(2, 2))
    weight.grad = torch.zeros(2, 2)
    Muon([weight], lr=0.5, weight_decay=0.1).step()
    assert torch.allclose(weight, torch.full((2, 2), 0.95))


def test_goes_on_from_a_checkpoint():
    def step(weight, optimizer, seed):
        weight.grad = torch.randn(3, 5, generator=torch.Generator().manual_seed(seed))
        optimizer.step()

    weight = torch.nn.Parameter(torch.ones(3, 5))
    optimizer = Muon([weight], lr=0.1)
    step(weight, optimizer, 0)
    later = torch.nn.Parameter(weight.detach().clone())
    resumed = Muon([later], lr=0.1)
    resumed.load_state_dict(copy.deepcopy(optimizer.state_dict()))
    step(weight, optimizer, 1)
    step(later, resumed, 1)
    assert torch.equal(weight, later)
