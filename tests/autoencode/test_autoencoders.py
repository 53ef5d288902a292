"""The networks: shapes, reach, homogeneity, and what a card may describe."""

import pytest
import torch

from olhar.autoencode.denoiser import Denoiser
from olhar.autoencode.network import Autoencoder, from_tensors


@pytest.fixture
def small():
    torch.manual_seed(0)
    return Denoiser(widths=(8, 8, 8), blocks=1).eval()


@pytest.mark.parametrize("architecture", ["dense", "conv"])
@pytest.mark.parametrize("size", [8, 28, 31])
def test_a_code_has_as_many_numbers_as_were_asked_for(architecture, size):
    network = Autoencoder(architecture, size=size, latent=5, widths=(8, 8)).eval()
    images = torch.rand(3, 3, size, size)
    codes = network.encode(images)
    assert codes.shape == (3, 5)
    assert network.decode(codes).shape == images.shape
    assert torch.equal(network(images), network.decode(codes))


def test_normalisation_is_inside():
    network = Autoencoder("dense", size=4, latent=2, mean=(0.2, 0.4, 0.6), deviation=(0.1,) * 3)
    with torch.no_grad():
        for parameter in network.parameters():
            parameter.zero_()
    made = network(torch.rand(1, 3, 4, 4))  # knows nothing: says the mean
    assert torch.allclose(made[0, :, 0, 0], torch.tensor([0.2, 0.4, 0.6]))


@pytest.mark.parametrize(("height", "width"), [(16, 24), (17, 23), (1, 1), (3, 50)])
def test_a_denoiser_takes_any_size(small, height, width):
    assert small(torch.rand(2, 3, height, width)).shape == (2, 3, height, width)


def test_a_denoiser_is_homogeneous(small):
    image = torch.rand(1, 3, 16, 16)
    assert torch.allclose(small(3 * image), 3 * small(image), atol=1e-5)
    assert not small(torch.zeros(1, 3, 16, 16)).any()


def test_a_denoiser_sees_as_far_as_it_says(small):
    with torch.no_grad():
        for module in small.modules():
            if isinstance(module, torch.nn.Conv2d | torch.nn.ConvTranspose2d):
                module.weight.abs_()  # nothing cancels, no rectifier closes
    side = 2 * small.reach + 48
    image = torch.rand(1, 3, side, side, requires_grad=True)
    middle = side // 2
    small(image)[0, :, middle, middle].sum().backward()
    seen = image.grad[0].abs().sum((0, 1)).nonzero()[:, 0] - middle
    assert -small.reach <= seen.min() < -small.reach // 2
    assert small.reach // 2 < seen.max() <= small.reach


def test_the_one_that_is_bundled_fits_in_three_megabytes():
    weights = sum(parameter.numel() for parameter in Denoiser().parameters())
    assert 1e6 < weights < 1.5e6
    assert all("bias" not in name for name, _ in Denoiser().named_parameters())


@pytest.mark.parametrize("made", ["denoiser", "dense", "conv"])
def test_a_network_comes_back_from_its_tensors(made, small):
    network = small if made == "denoiser" else Autoencoder(made, size=16, latent=3, widths=(4, 8))
    network.eval()
    half = {name: value.half().float() for name, value in network.state_dict().items()}
    again = from_tensors(half, **network.arguments)
    image = torch.rand(1, 3, 16, 16)
    assert torch.allclose(again(image), network(image), atol=1e-2)
    assert not again.training
    with pytest.raises(RuntimeError, match="are not those of the network"):
        from_tensors(dict([*half.items()][1:]), **network.arguments)


def test_an_unknown_architecture_is_refused():
    with pytest.raises(LookupError, match="'spline'"):
        from_tensors({}, architecture="spline", size=8)
