"""Making pictures with a small network that has learned nothing."""

import pytest
import torch
from PIL import Image

from olhar import OlharError, hub, vae
from olhar.media.mark import Mark
from olhar.media.video import probe
from olhar.vae.apply import Model, Sheet, latents, spherical
from olhar.vae.network import VAE, from_tensors
from olhar.vae.sheet import grid


@pytest.fixture(scope="module")
def model():
    torch.manual_seed(0)
    return Model(network=VAE(size=16, latent=4, widths=(8, 16), likelihood="mixture").eval())


def test_the_same_seed_makes_the_same_pictures_and_more_begin_as_few(model):
    first = vae.generate(model, 5, seed=3).pictures
    assert torch.equal(first, vae.generate(model, 5, seed=3).pictures)
    assert torch.allclose(first[:2], vae.generate(model, 2, seed=3).pictures, atol=1e-6)
    assert (first - vae.generate(model, 5, seed=4).pictures).abs().max() > 0.01
    assert 0 <= first.min() <= first.max() <= 1


def test_temperature_is_how_far_they_are_from_the_middle(model):
    middle = model.network.mean(torch.zeros(1, *model.network.shape)).detach()
    cold = vae.generate(model, 3, temperature=0).pictures
    assert torch.allclose(cold, middle.expand(3, -1, -1, -1), atol=1e-6)
    near, far = (vae.generate(model, 9, temperature=t).pictures for t in (0.1, 1.0))
    assert (near - middle).norm() < (far - middle).norm()


def test_the_ends_of_an_interpolation_are_reconstructions(model):
    a, b = torch.rand(3, 40, 30), torch.rand(3, 16, 16)
    between = vae.interpolate(a, b, model, 5).pictures
    ends = vae.reconstruct([a, b], model)
    assert torch.allclose(between[[0, -1]], ends, atol=1e-4)
    assert between.shape == (5, 3, 16, 16)
    back = vae.interpolate(b, a, model, 5).pictures
    assert torch.allclose(between, back.flip(0), atol=1e-4)


def test_the_path_keeps_its_distance_from_the_middle():
    torch.manual_seed(0)
    a, b = torch.randn(2, 100)
    b *= a.norm() / b.norm()
    for share in (0.0, 0.25, 0.5, 1.0):
        assert spherical(a, b, share).norm().item() == pytest.approx(a.norm().item(), rel=1e-4)
    assert torch.allclose(spherical(a, b, 0.0), a)
    assert torch.allclose(spherical(a, b, 1.0), b)
    assert torch.allclose(spherical(a, 3 * a, 0.5), 2 * a, atol=1e-5)  # no arc: a straight line
    assert torch.isfinite(spherical(torch.zeros(4), torch.zeros(4), 0.5)).all()


def test_a_network_is_built_again_from_its_card(model, tmp_path):
    network = model.network
    built = from_tensors(network.state_dict(), **network.arguments)
    images = torch.rand(2, 3, 16, 16)
    same, expected = (vae.reconstruct(images, m) for m in (Model(network=built), model))
    assert torch.allclose(same, expected, atol=1e-5)
    with pytest.raises(RuntimeError, match="not those"):
        from_tensors(network.state_dict(), **network.arguments | {"latent": 5})


def test_latents_are_the_means(model):
    images = torch.rand(3, 3, 16, 16).mul(255).round() / 255
    expected = model.network.encode(images).mean
    assert torch.allclose(latents(images, model), expected, atol=1e-5)
    with pytest.raises(ValueError, match="an image is"):
        latents([torch.rand(1, 16, 16)], model)


def test_a_sheet_saves_itself_as_picture_or_film(tmp_path):
    sheet = Sheet(pictures=torch.rand(6, 3, 32, 32), columns=3, mark=Mark(deed="generated"))
    with Image.open(sheet.save(tmp_path / "grid.png")) as picture:
        assert picture.size == (2 + 3 * 66, 2 + 2 * 66)
    film = probe(sheet.save(tmp_path / "strip.mp4"))
    assert (film.width, film.height) == (256, 256)
    with pytest.raises(OlharError, match=r"strip\.txt cannot be written: give a name that ends in"):
        sheet.save(tmp_path / "strip.txt")


def test_tiles_stand_in_rows_from_left_to_right():
    tiles = torch.arange(3)[:, None, None, None].expand(-1, 3, 64, 64) / 4
    sheet = grid(tiles, 2)
    places = [(40, 40), (40, 100), (100, 40)]
    assert [sheet[0, y, x].item() for y, x in places] == [0.0, 0.25, 0.5]
    assert sheet[0, 100, 100].item() == pytest.approx(0xFA / 255)


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda m: vae.generate(m, 0), "count is 0; it must be from 1 to 10,000"),
        (lambda m: vae.generate(m, 10**9), "count is 1000000000; it must be from 1"),
        (lambda m: vae.generate(m, seed=-1), "seed is -1; it must be from 0 to"),
        (lambda m: vae.generate(m, seed=2**64), "seed is 18446744073709551616; it must"),
        (lambda m: vae.generate(m, 1, temperature=-1), "temperature is -1; it must be from 0 to"),
        (lambda m: vae.generate(m, 1, temperature=float("nan")), "temperature is nan"),
        (lambda m: vae.interpolate(*torch.rand(2, 3, 8, 8), m, 1), "steps is 1; it must be from 2"),
        (lambda m: vae.generate("nowhere"), "nowhere"),
        (lambda m: vae.generate("vgg16"), "vgg16 is a vgg16; this needs a vae"),
    ],
)
def test_a_mistake_is_a_sentence(model, call, says):
    with pytest.raises(OlharError, match=says):
        call(model)


def test_a_file_with_another_network_in_it_is_refused(model, tmp_path):
    card = hub.Card(
        name="wrong",
        kind="vae",
        summary="A test.",
        licence="CC0-1.0",
        origin="made for a test",
        arguments=model.network.arguments | {"latent": 7},
    )
    hub.save(tmp_path / "wrong.safetensors", model.network.state_dict(), card)
    with pytest.raises(OlharError, match="wrong does not hold a vae"):
        vae.load(tmp_path / "wrong.safetensors")
