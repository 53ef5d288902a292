"""What networks share."""

import pytest
import torch
from torch import nn

from olhar.nets.blocks import CONVENTIONS, Normalize, conv_norm, head, initialize


def test_normalisation_by_hand():
    image = torch.tensor([0.0, 0.5, 1.0]).view(1, 3, 1, 1).expand(2, 3, 4, 5)
    found = Normalize([0.0, 0.5, 0.5], [1.0, 0.25, 0.5])(image)
    assert found.shape == (2, 3, 4, 5)
    assert found[0, :, 0, 0].tolist() == [0, 0, 1]
    assert Normalize(*CONVENTIONS["unit"])(image).equal(image)
    assert Normalize(*CONVENTIONS["signed"])(image)[0, :, 0, 0].tolist() == [-1, 0, 1]


def test_normalisation_is_no_weight_and_moves_with_the_network():
    layer = Normalize([0.5] * 3, [0.5] * 3)
    assert not layer.state_dict()
    assert layer.double().mean.dtype == torch.float64


def test_a_deviation_of_zero_is_refused():
    with pytest.raises(ValueError, match="positive"):
        Normalize([0.0] * 3, [1.0, 0.0, 1.0])


@pytest.mark.parametrize(("kernel", "stride", "side"), [(3, 1, 9), (3, 2, 5), (1, 1, 9), (1, 2, 5)])
def test_a_convolution_keeps_the_size_over_the_stride(kernel, stride, side):
    conv, norm = conv_norm(3, 8, kernel, stride)
    assert norm(conv(torch.rand(2, 3, 9, 9))).shape == (2, 8, side, side)
    assert conv.bias is None


def test_the_start_keeps_the_size_of_what_passes_through():
    torch.manual_seed(0)
    layers = [part for _ in range(10) for part in (nn.Linear(256, 256), nn.ReLU())]
    network = nn.Sequential(*layers)
    initialize(network)
    with torch.no_grad():
        assert 0.3 < float(network(torch.randn(512, 256)).square().mean()) < 3
        assert 0.7 < float(head(256, 5)(torch.randn(512, 256)).std()) < 1.4
