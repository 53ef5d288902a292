"""The trained Winograd convolution is the convolution, pooled or not, and so are its gradients."""

import pytest
import torch
import torch.nn.functional as F
from hypothesis import given, settings
from hypothesis import strategies as st

from olhar.nets import winograd_train
from olhar.nets.winograd_train import Conv3x3, conv3x3

SIZES = {"n": st.integers(1, 3), "c_in": st.integers(1, 9), "c_out": st.integers(1, 9)}
SIZES |= {"height": st.integers(2, 14), "width": st.integers(2, 14), "seed": st.integers(0, 1000)}


def drawn(n, c_in, c_out, height, width, seed):
    generator = torch.Generator().manual_seed(seed)
    x = torch.randn(n, c_in, height, width, generator=generator, requires_grad=True)
    return x, torch.randn(c_out, c_in, 3, 3, generator=generator, requires_grad=True)


def run(convolution, x, weight):
    """The output, and the gradients of a weighted sum of it."""
    y = convolution(x, weight)
    weights = torch.arange(y.numel(), dtype=y.dtype).sin().view_as(y)
    return (y.detach(), *torch.autograd.grad(y, (x, weight), weights))


def equal(found, exact):
    return all(
        a.shape == b.shape and torch.allclose(a.double(), b, atol=3e-5 * float(b.abs().max()))
        for a, b in zip(found, exact, strict=True)
    )


@settings(max_examples=30)
@given(strip=st.sampled_from([1, 1 << 14, 1 << 22]), channels_last=st.booleans(), **SIZES)
def test_equals_the_definition_both_ways(strip, channels_last, **sizes):
    x, weight = drawn(**sizes)
    exact = run(lambda x, w: F.conv2d(x, w, padding=1), x.double(), weight.double())
    layout = torch.channels_last if channels_last else torch.contiguous_format
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(winograd_train, "_pays", lambda *_: True)
        patch.setattr(winograd_train, "_STRIP", strip)
        found = run(lambda x, w: conv3x3(x.contiguous(memory_format=layout), w), x, weight)
    assert equal(found, exact)


@settings(max_examples=20)
@given(**SIZES)
def test_pools_as_it_goes(**sizes):
    x, weight = drawn(**sizes)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(winograd_train, "_pays", lambda *_: True)
        after = run(lambda x, w: F.max_pool2d(conv3x3(x, w), 2), x, weight)
        found = run(lambda x, w: conv3x3(x, w, pool=True), x, weight)
    assert equal(found, [value.double() for value in after])


def test_no_gradient_for_an_input_that_wants_none():
    layer = Conv3x3(64, 64)
    layer(torch.randn(1, 64, 8, 8)).sum().backward()
    assert layer.weight.grad is not None


@pytest.mark.parametrize(
    ("channels", "dtype"), [((3, 64), torch.float32), ((64, 64), torch.float64)]
)
def test_takes_the_direct_way_where_it_must(channels, dtype):
    x = torch.randn(1, channels[0], 8, 8, dtype=dtype)
    layer = Conv3x3(*channels, pool=True).to(dtype)
    direct = F.max_pool2d(F.conv2d(x, layer.weight, padding=1), 2)
    assert torch.equal(layer(x), direct)


def test_can_be_exported():
    layer, x = Conv3x3(64, 64, pool=True).eval(), torch.randn(1, 64, 8, 8)
    exported = torch.export.export(layer, (x,)).module()
    assert torch.allclose(exported(x), layer(x), atol=1e-4)
