"""The latent plane."""

import pytest
import torch

from olhar import OlharError
from olhar.vae.apply import Model, latents
from olhar.vae.network import VAE
from olhar.vae.plane import manifold, plane


def model(latent):
    torch.manual_seed(0)
    arguments = {"size": 16, "channels": 1, "latent": latent, "vector": True, "widths": (8,)}
    return Model(network=VAE(**arguments).eval())


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


def test_the_plane_is_that_of_the_latents():
    images, use = torch.rand(20, 3, 16, 16), model(2)
    drawing = plane(images, use, ["cats", "dogs"] * 10)
    found = latents(images, use).flatten(1)
    apart = torch.cdist(drawing.points, drawing.points)
    assert torch.allclose(apart, torch.cdist(found, found), atol=1e-4)
    assert drawing.classes[:3] == ("cats", "dogs", "cats")
