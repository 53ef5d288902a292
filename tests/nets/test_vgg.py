"""The perceptual network: golden features, the border, and what the bundled file may weigh."""

import hashlib
import zlib
from importlib import resources

import pytest
import torch

from olhar.nets.precision import default_device, fast_dtype
from olhar.nets.vgg import LAYERS, VGG16, bundled_vgg16, from_tensors

GOLDEN_HASH = "d66a67995c90933836392e0c2d9be1b93c681f90f5c33cfad88713217516c5ff"
GOLDEN_MEANS = {
    "relu1_1": 40.2310,
    "relu1_2": 198.5319,
    "relu2_1": 355.9833,
    "relu2_2": 630.3415,
    "relu3_1": 890.0975,
    "relu3_2": 703.7920,
    "relu3_3": 503.5689,
    "relu4_1": 383.4850,
    "relu4_2": 161.2281,
}
TAPS = [name.replace("conv", "relu") for name in LAYERS]


def _waves(side: int = 64) -> torch.Tensor:
    """A picture that is the same on every machine: three plane waves."""
    y, x = torch.meshgrid(torch.arange(side) / side, torch.arange(side) / side, indexing="ij")
    return torch.stack([torch.sin(20 * x), torch.cos(31 * y), torch.sin(17 * (x + y))]) * 0.4 + 0.5


def test_features_are_the_published_networks():
    """Means of the float16 original's features for the same picture."""
    with torch.no_grad():
        features = bundled_vgg16()(_waves()[None], TAPS)
    for tap, mean in GOLDEN_MEANS.items():
        assert float(features[tap].mean()) == pytest.approx(mean, rel=0.02), tap


def test_shapes_and_laziness():
    network = bundled_vgg16()
    features = network(torch.rand(2, 3, 33, 50), ["relu2_1", "relu4_2"])
    assert features["relu2_1"].shape == (2, 128, 16, 25)
    assert features["relu4_2"].shape == (2, 512, 4, 6)
    assert not any(parameter.requires_grad for parameter in network.parameters())


def test_the_border_leaves_no_rim():
    """A plain picture gives plain features at the first layer: its border is continued outwards."""
    features = bundled_vgg16()(torch.full((1, 3, 16, 16), 0.7), ["relu1_1"])["relu1_1"]
    assert torch.allclose(features, features[:, :, :1, :1].expand_as(features), atol=1e-4)


def test_refuses_unknown_layers_and_tiny_images():
    with pytest.raises(ValueError, match="conv9_9"):
        VGG16()(torch.rand(1, 3, 16, 16), ["relu9_9"])
    with pytest.raises(ValueError, match="smaller than 8"):
        VGG16()(torch.rand(1, 3, 4, 16), ["relu1_1"])


def test_missing_layer_is_told():
    with pytest.raises(KeyError, match="conv1_1"):
        from_tensors({})


def test_bundled_file_is_small_and_unchanged():
    data = resources.files("olhar.hub").joinpath("weights/vgg16.safetensors").read_bytes()
    assert len(zlib.compress(data, 6)) <= 4.5e6
    assert hashlib.sha256(data).hexdigest() == GOLDEN_HASH


def test_gradient_reaches_the_image():
    image = _waves()[None].requires_grad_()
    features = bundled_vgg16()(image, ["relu4_2"])["relu4_2"]
    (gradient,) = torch.autograd.grad(features.square().mean(), image)
    # Finite difference along the gradient itself; float32 and ReLUs leave a few per cent.
    step = 1e-3 * gradient / gradient.abs().max()
    with torch.no_grad():
        up, down = (
            bundled_vgg16()(image + s, ["relu4_2"])["relu4_2"].square().mean()
            for s in (step, -step)
        )
    assert float(up - down) == pytest.approx(2 * float((gradient * step).sum()), rel=0.05)


def test_bfloat16_features_are_close():
    image = _waves(32)[None]
    exact = bundled_vgg16()(image, ["relu3_1"])["relu3_1"]
    rough = bundled_vgg16("cpu", torch.bfloat16)(image, ["relu3_1"])["relu3_1"]
    assert rough.dtype == torch.bfloat16
    assert float((rough.float() - exact).norm() / exact.norm()) < 0.02


def test_precision_follows_the_hardware(monkeypatch):
    assert default_device() in {"cpu", "cuda", "mps"}
    monkeypatch.setattr(torch.cpu, "_is_amx_tile_supported", lambda: False, raising=False)
    monkeypatch.setattr(torch.cpu, "_is_avx512_bf16_supported", lambda: True, raising=False)
    assert fast_dtype("cpu") is torch.bfloat16
    monkeypatch.setattr(torch.cpu, "_is_avx512_bf16_supported", lambda: False, raising=False)
    assert fast_dtype("cpu") is torch.float32
    assert fast_dtype("mps") is torch.float32
