"""The fast network: its fixed first layer, its start, and that it learns."""

import pytest
import torch
import torch.nn.functional as F

from olhar.classify.network_fast import Fast
from olhar.errors import OlharError
from olhar.training.muon import Muon


@pytest.fixture
def network() -> Fast:
    torch.manual_seed(0)
    return Fast(3, (16, 16), widths=(8, 64))


def test_the_first_layer_makes_patches_of_equal_variance_and_no_correlation(network):
    noise = torch.randn(200, 3, 17, 17)
    images = F.avg_pool2d(noise, 2, 1) * torch.tensor([1.0, 2.0, 0.5])[:, None, None]
    network.whiten(images)
    responses = F.conv2d(images, network.patches)  # (N, 24, 15, 15)
    flat = responses.transpose(0, 1).flatten(1)
    covariance = flat[:12] @ flat[:12].T / flat.shape[1]
    assert torch.allclose(covariance, torch.eye(12), atol=0.05)
    assert torch.equal(flat[12:], -flat[:12])


def test_convolutions_start_by_passing_their_input_on(network):
    weight = network.blocks[1].conv1.weight  # (64, 8, 3, 3)
    x = torch.randn(1, 8, 5, 5)
    assert torch.equal(F.conv2d(x, weight[:8], padding=1), x)
    assert weight[8:].abs().sum() > 0


def test_only_convolutions_offsets_and_the_last_layer_are_learned(network):
    names = {name for name, _ in network.named_parameters()}
    assert "patches" not in names
    assert not any(name.endswith("norm1.weight") for name in names)
    assert {"blocks.0.conv1.weight", "blocks.0.norm1.bias", "head.weight"} <= names
    assert "patches" in network.state_dict()


def test_the_length_of_filters_changes_nothing_but_how_far_a_step_turns_them(network):
    network.train()
    images = torch.rand(8, 3, 16, 16)
    before = network(images)
    network.normalize_weights()
    assert network.blocks[1].conv2.weight.norm().item() == pytest.approx(8, abs=1e-4)
    assert torch.allclose(network(images), before, atol=1e-3)


@pytest.mark.parametrize("size", [(16, 16), (19, 22)])
def test_takes_any_size(network, size):
    assert network.eval()(torch.rand(2, 3, *size)).shape == (2, 3)


def test_padding_is_a_row_and_a_column_of_zeros_and_can_be_left_out(network):
    bare = Fast(3, (16, 16), widths=(8, 64), pad=False)
    bare.load_state_dict(network.state_dict())
    images = torch.rand(2, 3, 16, 16)
    padded = F.pad(images, (0, 1, 0, 1))
    assert torch.equal(bare.eval()(padded), network.eval()(images))
    assert not torch.equal(bare(images), network(images))


def test_refuses_pictures_that_are_too_small():
    with pytest.raises(OlharError, match="give fewer widths"):
        Fast(3, (7, 32))
    Fast(3, (8, 32))
    with pytest.raises(OlharError, match="9 x 9 pixels"):
        Fast(3, (8, 32), pad=False)


def test_learns(network):
    """Two colours of noise, in a few steps."""
    target = torch.arange(32) % 2
    color = torch.tensor([[0.6, 0.5, 0.4], [0.4, 0.5, 0.6]])[target]
    images = color[:, :, None, None] + 0.2 * torch.randn(32, 3, 8, 8) - 0.5
    network.whiten(images)
    vectors = [p for p in network.parameters() if p.ndim == 1]
    groups = [
        {"params": [p for p in network.parameters() if p.ndim == 4]},
        {"params": [*vectors, network.head.weight], "orthogonal": False, "lr": 1.0},
    ]
    optimizer = Muon(groups, lr=0.1, momentum=0.6)
    for _ in range(8):
        loss = F.cross_entropy(network(images), target)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        network.normalize_weights()
    assert (network.eval()(images).argmax(1) == target).float().mean() > 0.9
