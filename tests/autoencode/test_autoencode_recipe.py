"""The recipe: what is read, what is minimised, what is measured."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from PIL import Image

from olhar import hub
from olhar.autoencode.denoiser import Denoiser
from olhar.autoencode.recipe import Autoencoder, columns
from olhar.data.augment import Augment
from olhar.data.crops import Crops
from olhar.errors import OlharError
from olhar.training.fit import fit


@pytest.fixture
def photos(tmp_path, monkeypatch):
    """Soft pictures, larger than they are high."""
    monkeypatch.setenv("OLHAR_CACHE", str(tmp_path / "cache"))
    rng = np.random.default_rng(0)
    (tmp_path / "photos").mkdir()
    for number in range(12):
        small = Image.fromarray(rng.integers(0, 256, (5, 8, 3), dtype=np.uint8))
        small.resize((64, 40), Image.Resampling.BICUBIC).save(tmp_path / "photos" / f"{number}.png")
    return tmp_path / "photos"


def denoiser(photos, **changes):
    values = {"size": 32, "widths": (8, 8), "depth": 1, "validation": 0.25, "batch_size": 4}
    return Autoencoder(data=photos, architecture="denoiser", **values | changes)


class Nothing(Denoiser):
    """Takes nothing for noise."""

    def forward(self, batch):
        return batch


def test_a_denoiser_learns_from_pieces_at_full_resolution(photos):
    data = denoiser(photos).datasets()
    assert isinstance(data.train, Crops)
    assert data.train.side == 40
    assert data.train.batch(np.arange(3), epoch=1)["image"].shape == (3, 3, 32, 32)
    assert len(data.train) + len(data.validation) == 12
    assert "photographs, measured on" in data.described


def test_a_denoiser_goes_on_from_another(photos, tmp_path):
    torch.manual_seed(1)
    other = Denoiser(widths=(8, 16), blocks=1)
    card = replace(hub.load("denoiser")[0], name="other", arguments=other.arguments)
    file = tmp_path / "other.safetensors"
    hub.save(file, other.state_dict(), card)
    recipe = denoiser(photos, start=str(file), widths=())
    network = recipe.network(recipe.datasets())
    assert network.arguments == other.arguments
    assert network.training
    for name, value in other.state_dict().items():
        assert torch.equal(network.state_dict()[name], value)


def test_what_a_denoiser_cannot_go_on_from_is_said(photos):
    with pytest.raises(OlharError, match="start is codec, which takes no noise off"):
        denoiser(photos, start="codec", widths=()).network(denoiser(photos).datasets())
    with pytest.raises(OlharError, match="widths are given, but those of start"):
        denoiser(photos, start="denoiser")
    with pytest.raises(OlharError, match="start is denoiser, and only a denoiser goes on"):
        Autoencoder(data=photos, start="denoiser")


def test_noise_is_a_function_of_the_seed(photos):
    recipe = denoiser(photos)
    data = recipe.datasets()
    batch = data.train.batch(np.arange(4), epoch=0)
    network = recipe.network(data)

    def loss(seed):
        torch.manual_seed(seed)
        return float(recipe.loss(network, batch)["loss"].detach())

    assert loss(1) == loss(1)
    assert loss(1) != loss(2)


def test_a_decibel_counts_alike_at_every_level(photos):
    """Ten times the error costs about log 10 more, whether there was much of it or little."""
    batch = {"image": torch.full((16, 3, 32, 32), 0.5)}
    losses = []
    for sigma in (1e-3, 20.0, 200.0):
        torch.manual_seed(0)
        recipe = denoiser(photos, noise=("gaussian",), sigma=sigma)
        losses.append(float(recipe.loss(Nothing(), batch)["loss"]))
    assert losses[0] == pytest.approx(0, abs=1e-3)
    assert losses[2] - losses[1] == pytest.approx(np.log(100), rel=0.1)


def test_the_measure_of_doing_nothing_is_that_of_the_noise(photos):
    recipe = denoiser(photos)
    batches = [{"image": torch.full((4, 3, 64, 64), 0.5)}]
    found = recipe.evaluate(Nothing(), batches)
    for level in (15, 25, 50):
        expected = 20 * np.log10(255 / level)
        assert found[f"psnr_{level}"] == pytest.approx(expected, abs=0.15)
    assert found == recipe.evaluate(Nothing(), batches), "the noise is always the same"


def test_a_short_training_takes_noise_away(photos, tmp_path):
    recipe = denoiser(
        photos, noise=("gaussian",), epochs=60, learning_rate=5e-3, ema=0.5, precision="float32"
    )
    *_, stopped = fit(recipe, tmp_path / "run", device="cpu")
    assert stopped.metrics["validation"]["psnr_50"] > 20 * np.log10(255 / 50) + 3
    card = hub.read_card(hub.find(tmp_path / "run"))
    measured, part, _ = recipe.measured_on(card, "auto")
    assert part == "validation"
    assert len(measured) == 3


def test_through_noise_the_clean_picture_is_learned(photos):
    recipe = Autoencoder(data=photos, architecture="dense", size=16, noise=("gaussian",), latent=4)
    data = recipe.datasets()
    network = recipe.network(data)
    seen = []
    network.encoder.register_forward_pre_hook(lambda _, given: seen.append(given[0]))
    images = data.train.batch(np.arange(4), epoch=0)
    torch.manual_seed(0)
    recipe.loss(network, images)
    replace(recipe, noise=()).loss(network, images)
    assert (seen[0] - seen[1]).abs().max() > 0.1
    assert torch.allclose(seen[1], network.normalize(images["image"]))


def test_a_model_is_measured_at_its_own_size(photos, tmp_path):
    recipe = Autoencoder(data=photos, size=16, latent=4, widths=(4,), epochs=1, batch_size=4)
    *_, stopped = fit(recipe, tmp_path / "run", device="cpu")
    assert 0 < stopped.metrics["validation"]["error_p99"] < 1
    card = hub.read_card(hub.find(tmp_path / "run"))
    other = Autoencoder(data=photos)
    measured, _, _ = other.measured_on(card, "all")
    assert measured.batch(np.arange(2))["image"].shape == (2, 3, 16, 16)


def test_columns_stand_below_each_other():
    first, second = torch.zeros(10, 3, 16, 16), torch.ones(10, 3, 16, 16)
    picture = columns([first, second], side=16)
    assert picture.shape == (3, 4 * 16, 8 * 16)
    assert picture[:, :16].max() == 0
    assert picture[:, 16:32].min() == 1


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"size": 30}, "multiple of 8"),
        ({"noise": ("fog",)}, "it can be gaussian"),
        ({"augment": Augment(mixup=0.2)}, "mixup and cutmix"),
        ({"size": 48}, "--size 40"),
    ],
)
def test_mistakes_get_a_sentence(photos, changes, sentence):
    with pytest.raises(OlharError, match=sentence):
        denoiser(photos, **changes).datasets()
