"""Winograd's convolution is the convolution, both ways, and used only where it may be."""

import pytest
import torch
import torch.nn.functional as F
from hypothesis import given, settings
from hypothesis import strategies as st

from olhar.nets.winograd import WinogradConv, transform_filters, winograd_conv


@settings(max_examples=25)
@given(
    n=st.integers(1, 3),
    c_in=st.integers(1, 9),
    c_out=st.integers(1, 9),
    height=st.integers(1, 14),
    width=st.integers(1, 14),
    seed=st.integers(0, 1000),
)
def test_equals_the_definition(n, c_in, c_out, height, width, seed):
    generator = torch.Generator().manual_seed(seed)
    x = torch.randn(n, c_in, height, width, generator=generator)
    weight = torch.randn(c_out, c_in, 3, 3, generator=generator)
    exact = F.conv2d(x.double(), weight.double(), padding=1)
    found = winograd_conv(x, transform_filters(weight))
    assert found.shape == exact.shape
    assert torch.allclose(found.double(), exact, atol=2e-5 * float(exact.abs().max()) + 1e-6)


@pytest.mark.parametrize("strip", [1, 36 * 4 * 5 * 4 * 2])
def test_strips_join_without_a_seam(strip, monkeypatch):
    """Large pictures are done some rows of tiles at a time: here one, and two, of five."""
    monkeypatch.setattr("olhar.nets.winograd._STRIP", strip)
    x, weight = torch.randn(1, 5, 18, 15), torch.randn(7, 5, 3, 3)
    exact = F.conv2d(x, weight, padding=1)
    assert torch.allclose(winograd_conv(x, transform_filters(weight)), exact, atol=1e-4)


@pytest.fixture
def wide() -> WinogradConv:
    torch.manual_seed(0)
    return WinogradConv(128, 256).requires_grad_(requires_grad=False)


def test_layer_and_its_gradient_agree_with_conv2d(wide):
    x = torch.randn(2, 128, 9, 11)
    a, b = x.clone().requires_grad_(), x.clone().requires_grad_()
    assert wide.pays(a)
    fast, exact = wide(a), F.conv2d(b, wide.weight, wide.bias, padding=1)
    assert torch.allclose(fast, exact, atol=1e-4)
    cotangent = torch.randn_like(exact)
    fast.backward(cotangent)
    exact.backward(cotangent)
    assert torch.allclose(a.grad, b.grad, atol=1e-4)


def test_new_weights_are_noticed(wide):
    x = torch.randn(1, 128, 8, 8)
    before = wide(x)
    wide.load_state_dict({"weight": 2 * wide.weight, "bias": 2 * wide.bias})
    assert torch.allclose(wide(x), 2 * before, atol=1e-4)


def test_taken_only_where_it_can_be(wide):
    x = torch.randn(1, 128, 8, 8)
    assert not wide.pays(x.bfloat16())
    assert (
        not WinogradConv(64, 64).requires_grad_(requires_grad=False).pays(torch.randn(1, 64, 8, 8))
    )
    trained = WinogradConv(128, 256)
    assert not trained.pays(x)
    trained(x).sum().backward()
    assert trained.weight.grad is not None
    assert float(trained.weight.grad.abs().sum()) > 0
