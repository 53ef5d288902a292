"""Using them: tiles without seams, codes, scores and the plane, by hand."""

import pytest
import torch

import olhar
from olhar.autoencode import anomaly_scores, apply, decode, denoise, encode, plane, reconstruct
from olhar.autoencode.apply import Model, tiles
from olhar.autoencode.denoiser import Denoiser
from olhar.autoencode.network import Autoencoder
from olhar.autoencode.views import worst_picture
from olhar.errors import OlharError


@pytest.fixture
def denoiser():
    torch.manual_seed(0)
    network = Denoiser(widths=(8, 8, 8), blocks=1)
    with torch.no_grad():
        for parameter in network.parameters():
            parameter.mul_(2)
    return Model(network=network.eval())


@pytest.fixture
def coder():
    torch.manual_seed(0)
    return Model(network=Autoencoder("conv", size=16, latent=4, widths=(4, 8)).eval())


@pytest.mark.parametrize(("height", "width"), [(7, 9), (640, 641), (1300, 40), (1, 2000)])
def test_tiles_cover_every_pixel_once(height, width):
    count = torch.zeros(height, width, dtype=torch.int32)
    for inner, outer in tiles(height, width):
        count[inner] += 1
        for part, seen, side in zip(inner, outer, (height, width), strict=True):
            assert 0 <= seen.start <= part.start < part.stop <= seen.stop <= side
            assert seen.start % 8 == 0
            assert part.start - seen.start in (0, apply.MARGIN)
            assert seen.stop - part.stop == apply.MARGIN or seen.stop == side
    assert (count == 1).all()


@pytest.mark.parametrize(("height", "width"), [(3000, 4000), (6120, 8160), (500, 90_000)])
def test_no_photograph_makes_larger_tiles(height, width):
    seen = [
        (down.stop - down.start, across.stop - across.start)
        for _, (down, across) in tiles(height, width)
    ]
    assert max(map(max, seen)) == 768  # a tile takes some 400 bytes a pixel while it is computed


def test_the_network_sees_one_tile_at_a_time(denoiser, monkeypatch):
    monkeypatch.setattr(apply, "CORE", 64)
    given = []
    denoiser.network.register_forward_pre_hook(lambda _, inputs: given.append(inputs[0].shape))
    denoise(torch.rand(3, 300, 500), denoiser)
    assert len(given) == 5 * 8
    assert max(given) == (1, 3, 192, 192)


def test_tiles_leave_no_seams(denoiser, monkeypatch):
    monkeypatch.setattr(apply, "fast_dtype", lambda _: torch.float32)
    image = torch.rand(3, 150, 170, generator=torch.Generator().manual_seed(0))
    whole = denoise(image, denoiser)
    assert (whole - image).abs().max() > 0.05
    monkeypatch.setattr(apply, "CORE", 64)
    monkeypatch.setattr(apply, "MARGIN", denoiser.network.reach)
    assert len([*apply.tiles(150, 170)]) == 9
    assert torch.allclose(denoise(image, denoiser), whole, atol=1e-5)


def test_strength_goes_from_nothing_to_all(denoiser):
    image = torch.rand(3, 30, 41)
    whole, none, half = (denoise(image, denoiser, s) for s in (1.0, 0.0, 0.5))
    assert torch.equal(none, image)
    assert torch.allclose(half, (whole + image) / 2, atol=1e-6)
    assert (whole - image).abs().mean() > 0.01


def test_grey_stays_grey_and_the_image_stays_itself(denoiser):
    grey = torch.rand(1, 33, 20).expand(3, -1, -1).contiguous()
    before = grey.clone()
    made = denoise(grey, denoiser)
    assert torch.equal(made[0], made[1])
    assert torch.equal(made[0], made[2])
    assert torch.equal(grey, before)
    assert 0 <= made.min() <= made.max() <= 1


def test_what_is_no_photograph_is_refused(denoiser, coder):
    for bad in (torch.rand(1, 8, 8), torch.rand(3, 0, 8), torch.zeros(3, 8, 8, dtype=torch.uint8)):
        with pytest.raises(OlharError, match=r"must be \(3, H, W\)"):
            denoise(bad, denoiser)
    with pytest.raises(OlharError, match="from 0 to 1"):
        denoise(torch.rand(3, 8, 8), denoiser, 1.5)
    with pytest.raises(OlharError, match="--architecture denoiser"):
        denoise(torch.rand(3, 8, 8), coder)
    with pytest.raises(OlharError, match="a denoiser has no code"):
        encode(torch.rand(1, 3, 8, 8), denoiser)
    with pytest.raises(OlharError, match="vgg16 is a vgg16"):
        denoise(torch.rand(3, 8, 8), "vgg16")


def test_codes_go_there_and_back(coder):
    images = torch.rand(70, 3, 16, 16)  # more than go at once
    codes = encode(images, coder)
    assert codes.shape == (70, 4)
    assert torch.equal(decode(codes, coder), reconstruct(images, coder))
    with torch.no_grad():
        made = coder.network(images[:3]).clamp(0, 1)
    assert torch.allclose(reconstruct(images[:3], coder), made, atol=1e-5)
    with pytest.raises(OlharError, match=r"are \(N, 4\)"):
        decode(torch.zeros(2, 3), coder)


def test_images_of_any_size_become_squares(coder):
    images = [torch.rand(3, 40, 16), torch.rand(3, 16, 16)]
    codes = encode(images, coder)
    assert codes.shape == (2, 4)
    eight = (images[1] * 255).round() / 255
    assert torch.allclose(codes[1], encode(eight[None], coder)[0], atol=1e-4)
    middle = images[0][:, 12:28]
    assert torch.allclose(codes[0], encode([middle], coder)[0], atol=1e-4)


def test_the_score_is_the_error_of_the_reconstruction():
    network = Autoencoder("dense", size=8, latent=2, mean=(0.5,) * 3).eval()
    with torch.no_grad():
        for parameter in network.parameters():
            parameter.zero_()  # everything becomes the mean
    images = torch.stack([torch.full((3, 8, 8), level) for level in (0.5, 0.7, 0.0)])
    scores = anomaly_scores(images, Model(network=network))
    assert scores.tolist() == pytest.approx([0, 0.2, 0.5], abs=1e-6)


def test_the_plane_is_that_of_the_codes(coder):
    images = torch.rand(9, 3, 16, 16, generator=torch.Generator().manual_seed(0))
    drawing = plane(images, coder, ["a", "b", "c"] * 3)
    codes = encode(images, coder)
    apart = torch.cdist(drawing.points, drawing.points)
    assert (apart <= torch.cdist(codes, codes) + 1e-4).all()
    assert drawing.classes == ("a", "b", "c") * 3


def test_the_worst_are_drawn_with_where_they_are_off():
    images = torch.zeros(2, 3, 16, 16)
    made = images.clone()
    made[1, :, :, 8:] = 0.5
    picture = worst_picture(images, made, ["a", "b"])
    off = picture[:, 8 + 2 * 112 : 8 + 3 * 112]
    assert off[:, 20:90, 20:90].max() == 0
    second = off[:, 20:90, 128:240]
    assert second[:, :, :40].max() < 0.05
    assert second[:, :, 70:].min() > 0.95


def test_olhar_denoise_is_the_public_name():
    assert olhar.denoise is denoise
