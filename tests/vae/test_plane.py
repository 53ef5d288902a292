"""The latent plane."""

import pytest
import torch

from olhar import OlharError
from olhar.vae.apply import Model
from olhar.vae.network import VAE
from olhar.vae.plane import components, manifold, plane


def model(latent):
    torch.manual_seed(0)
    arguments = {"size": 16, "channels": 1, "latent": latent, "vector": True, "widths": (8,)}
    return Model(network=VAE(**arguments).eval())


def test_components_are_the_directions_of_largest_variance():
    torch.manual_seed(0)
    rows = torch.randn(200, 2) * torch.tensor([5.0, 1.0])
    turned = torch.linalg.qr(torch.randn(6, 2))[0]  # two directions that stand upright in six
    found = components(rows @ turned.T + 3)
    centered = rows - rows.mean(0)
    assert found.std(0).tolist() == pytest.approx(centered.std(0).tolist(), rel=0.05)
    apart, before = (torch.cdist(each.double(), each.double()) for each in (found, rows))
    assert torch.allclose(apart, before, atol=1e-3)
    assert components(rows[:, :1]).shape == (200, 2)


def test_two_latents_are_drawn_whole_from_low_to_high():
    use = model(2)
    sheet = manifold(use, 3)
    assert sheet.pictures.shape == (9, 3, 16, 16)
    middle = use.network.mean(torch.zeros(1, 2, 1, 1)).detach()
    assert torch.allclose(sheet.pictures[4], middle[0], atol=1e-5)
    corner = use.network.mean(torch.tensor([-0.9674, 0.9674]).view(1, 2, 1, 1)).detach()
    assert torch.allclose(sheet.pictures[0], corner[0], atol=1e-3)  # a sixth of N(0, 1) is below
    with pytest.raises(OlharError, match="latents are 3 x 1 x 1 numbers"):
        manifold(model(3))


def test_pictures_are_dots_in_the_colour_of_their_class():
    images = torch.rand(20, 3, 16, 16)
    bare = plane(images, model(4))
    assert bare.shape == (3, 640, 640)
    drawn = plane(images, model(4), [n % 2 for n in range(20)], ["cats", "dogs"])
    red = torch.tensor([0xB3, 0x26, 0x1E]).view(3, 1, 1) / 255
    assert not ((bare - red).abs().amax(0) < 1e-3).any()
    assert ((drawn - red).abs().amax(0) < 1e-3).sum() > 100
    with pytest.raises(OlharError, match="3 pictures or more, and there are 2"):
        plane(images[:2], model(4))
