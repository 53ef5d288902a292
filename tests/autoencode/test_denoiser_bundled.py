"""The bundled denoiser: small, described, and better than what OpenCV has."""

import cv2
import numpy as np
import pytest
import torch

import olhar
from olhar import hub
from olhar.autoencode import apply, denoise
from olhar.autoencode.noise import compressed, gaussian
from olhar.media.picture import resize
from olhar.samples import photo


def clean(name, height=256):
    image = photo(name)
    return resize(image, (height, round(height * image.shape[2] / image.shape[1])))


def noised(image, level):
    return gaussian(image[None], level, torch.Generator().manual_seed(level))[0]


def psnr(made, image):
    return float(-10 * (made - image).square().mean().log10())


def means(noisy, level):
    """Non-local means at a strength that suits the level."""
    levels = (noisy.clamp(0, 1) * 255).round().byte().permute(1, 2, 0).numpy()[..., ::-1]
    made = cv2.fastNlMeansDenoisingColored(
        np.ascontiguousarray(levels), None, 0.65 * level, 1.2 * level, 7, 21
    )
    return torch.from_numpy(made[..., ::-1].copy()).permute(2, 0, 1).float() / 255


def test_its_card_says_what_it_is_and_saw():
    path = hub.find("denoiser")
    card = hub.read_card(path)
    assert card.kind == "autoencoder"
    assert card.arguments["architecture"] == "denoiser"
    assert path.stat().st_size <= 3e6
    assert card.licence == "Apache-2.0"
    assert "licence class" in card.trained_on
    assert {"psnr_15", "psnr_25", "psnr_50"} <= {*card.metrics["validation"]}


@pytest.mark.parametrize("level", [15, 25, 50])
@pytest.mark.parametrize("name", ["coffee", "chelsea"])
def test_it_beats_non_local_means(name, level):
    image = clean(name)
    noisy = noised(image, level)
    made = psnr(denoise(noisy, device="cpu"), image)
    assert made > psnr(means(noisy, level), image) + 1
    assert made > psnr(noisy, image) + 5


def test_a_clean_photograph_stays_nearly_as_it_is():
    image = clean("coffee")
    assert psnr(denoise(image), image) > 33


def test_it_repairs_some_of_what_jpeg_did():
    image = clean("chelsea")
    spoiled = compressed(image[None], [20])[0]
    assert psnr(denoise(spoiled), image) > psnr(spoiled, image) + 0.1


def test_tiles_leave_no_seams(monkeypatch):
    noisy = noised(clean("rocket"), 25).clamp(0, 1)
    whole = denoise(noisy)
    monkeypatch.setattr(apply, "CORE", 128)
    assert (denoise(noisy) - whole).abs().max() < 4 / 255


def test_any_size_works():
    for height, width in ((33, 500), (47, 31), (1, 1)):
        assert denoise(torch.rand(3, height, width)).shape == (3, height, width)


def test_load_gives_the_network():
    network = olhar.load("denoiser")
    assert not network.training
    assert sum(p.numel() for p in network.parameters()) < 1.5e6
