"""What the recipe makes of data, and what it minimises."""

import math

import numpy as np
import pytest
import torch
from PIL import Image

from olhar import OlharError
from olhar.data.dataset import Datasets
from olhar.data.images import Images
from olhar.training.loop import Training, make_fabric
from olhar.vae.bound import Terms
from olhar.vae.recipe import Vae


class Pixels:
    """Pictures in memory."""

    def __init__(self, pixels):
        self.pixels = pixels

    def __len__(self):
        return len(self.pixels)

    def rows(self, indices):
        return self.pixels[indices]


def drawn(grey, side=16, count=24):
    rng = np.random.default_rng(0)
    levels = rng.integers(0, 256, (count, side, side, 1 if grey else 3)).astype(np.uint8)
    images = Images(Pixels(np.repeat(levels, 3 if grey else 1, 3)), np.arange(count), size=side)
    return Datasets(train=images, validation=images)


class Fixed(torch.nn.Module):
    """Terms that are known."""

    dimensions = 100

    def __init__(self):
        super().__init__()
        self.register_buffer("steps", torch.zeros((), dtype=torch.int64))

    def forward(self, images):
        return Terms(torch.tensor([300.0, 100.0]), torch.tensor([[10.0, 0.2], [30.0, 0.4]]))


def test_colour_and_grey_get_what_suits_them():
    recipe = Vae(data="anywhere")
    grey, colored = recipe.network(drawn(True)), recipe.network(drawn(False))
    assert grey.arguments | {"channels": 1, "vector": True, "likelihood": "logistic"} == (
        grey.arguments
    )
    assert (grey.shape, grey.dimensions) == ((32, 1, 1), 256)
    assert colored.arguments | {"channels": 3, "vector": False, "likelihood": "mixture"} == (
        colored.arguments
    )
    assert (colored.shape, colored.dimensions) == ((48, 4, 4), 768)
    chosen = recipe.replace(shape="maps", grey="no", likelihood="gaussian", latent=5)
    assert chosen.network(drawn(True)).shape == (5, 4, 4)
    small = recipe.network(drawn(True, side=8))
    assert small.arguments["widths"] == [32]
    assert recipe.network(drawn(True, side=32)).arguments["widths"] == [32, 64, 128]


def test_a_size_that_cannot_be_halved_is_refused():
    with pytest.raises(OlharError, match="multiple of 4"):
        Vae(data="anywhere", shape="maps").network(drawn(False, side=18))


def test_the_loss_is_the_bound_with_beta_and_free_bits():
    recipe = Vae(data="anywhere", beta=2.0, free_bits=1.0)
    network = Fixed().eval()
    losses = recipe.loss(network, {"image": torch.zeros(2, 3, 1, 1)})
    assert losses["reconstruction"].item() == 200
    assert losses["divergence"].item() == pytest.approx(20.3)
    bit = 100 * math.log(2)
    assert losses["bits"].item() == pytest.approx(220.3 / bit)
    assert losses["loss"].item() == pytest.approx((200 + 2 * (20 + 1)) / bit)


def test_beta_rises_while_it_is_trained_and_not_otherwise():
    recipe = Vae(data="anywhere", warm_beta=4)
    network, batch = Fixed().train(), {"image": torch.zeros(2, 3, 1, 1)}
    bit = 100 * math.log(2)
    losses = [recipe.loss(network, batch)["loss"].item() * bit for _ in range(6)]
    expected = [200 + 20.3 * share for share in (0.25, 0.5, 0.75, 1, 1, 1)]
    assert losses == pytest.approx(expected, rel=1e-5)
    assert network.steps == 6
    recipe.loss(network.eval(), batch)
    assert network.steps == 6


def test_what_is_measured_is_the_bound_whatever_is_minimised():
    batches = [{"image": torch.zeros(2, 3, 1, 1)}] * 3
    plain, bent = (Vae(data="x", beta=b, free_bits=f) for b, f in ((1.0, 0.0), (5.0, 50.0)))
    measured = plain.evaluate(Fixed().eval(), batches)
    assert measured == bent.evaluate(Fixed().eval(), batches)
    assert measured["bits"] == pytest.approx(220.3 / 100 / math.log(2))
    assert plain.score(measured) == -measured["bits"]


def test_the_tighter_bound_says_how_many_samples_and_is_lower():
    recipe = Vae(data="x", importance=16)
    torch.manual_seed(0)
    data = drawn(True)
    network = recipe.network(data).eval()
    with torch.no_grad():
        measured = recipe.evaluate(network, data.train.batches(8), thorough=True)
    assert {*measured} == {"bits", "reconstruction", "divergence", "bits_iwae_16"}
    assert measured["bits_iwae_16"] < measured["bits"]
    by_hand = (measured["reconstruction"] + measured["divergence"]) / 256 / math.log(2)
    assert measured["bits"] == pytest.approx(by_hand)


def test_it_learns_from_a_folder_and_shows_three_kinds_of_rows(tmp_path, monkeypatch):
    monkeypatch.setenv("OLHAR_CACHE", str(tmp_path / "cache"))
    (tmp_path / "data").mkdir()
    rng = np.random.default_rng(0)
    for number in range(20):
        level = rng.integers(0, 256, (4, 4)).astype(np.uint8).repeat(4, 0).repeat(4, 1)
        Image.fromarray(level).save(tmp_path / "data" / f"{number}.png")
    recipe = Vae(data=tmp_path / "data", batch_size=8, validation=0.2, test=0.2)
    training = Training(recipe.resolve("cpu"), make_fabric("cpu", "float32"))
    assert training.datasets.test is not None
    assert training.network.channels == 1
    picture = training.show(training.network)
    assert picture.shape == (
        3,
        2 + 4 * 66,
        2 + 8 * 66,
    )  # four pictures are one row, white at the end
