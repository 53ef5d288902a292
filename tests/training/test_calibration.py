"""Calibration: torchmetrics' error, the best temperature, and what a training keeps of it."""

import json

import numpy as np
import pytest
import torch
from PIL import Image
from torchmetrics.functional.classification import (
    binary_calibration_error,
    multiclass_calibration_error,
)

import olhar
from olhar.classify.network import Predictor
from olhar.classify.recipe import Classifier, Regressor
from olhar.data.augment import Augment
from olhar.training.calibration import reliability, temperature
from olhar.training.fit import fit
from olhar.training.metrics import classification


@pytest.mark.parametrize("classes", [2, 3, 10])
@pytest.mark.parametrize("seed", range(3))
def test_the_error_is_that_of_torchmetrics(classes: int, seed: int) -> None:
    generator = np.random.default_rng(seed)
    p = generator.dirichlet(np.ones(classes) / 2, 200)
    t = generator.integers(0, classes, 200) if seed else np.zeros(200, np.int64)  # or one class
    p[50:60], t[50:60] = p[50], t[50]  # ties
    ours = classification(p, t, [str(c) for c in range(classes)])["calibration_error"]
    theirs = multiclass_calibration_error(torch.tensor(p), torch.tensor(t), classes, n_bins=15)
    assert ours == pytest.approx(float(theirs), abs=1e-6)


def test_the_error_of_one_probability_is_that_of_torchmetrics() -> None:
    p, t = np.random.default_rng(0).random(100), np.arange(100) % 3 == 0
    theirs = binary_calibration_error(torch.tensor(p), torch.tensor(t).long(), n_bins=15)
    assert reliability(p, t).error == pytest.approx(float(theirs), abs=1e-6)


def test_by_hand() -> None:
    sure, right = np.array([1.0, 1.0, 0.55, 0.0]), np.array([True, False, True, False])
    found = reliability(sure, right, bins=10)
    assert found.counts.tolist() == [1, 1, 2]
    assert found.confidence.tolist() == [0, 0.55, 1]
    assert found.accuracy.tolist() == [0, 1, 0.5]
    assert found.error == pytest.approx((0 + 0.45 + 2 * 0.5) / 4)


def test_ranges_have_their_upper_end() -> None:
    assert reliability(np.array([0.5]), np.array([True]), bins=2).confidence.tolist() == [0.5]
    both = reliability(np.array([0.5, 0.51]), np.array([True, True]), bins=2)
    assert both.counts.tolist() == [1, 1]


@pytest.mark.parametrize("true", [0.25, 1.0, 3.0])
def test_the_temperature_that_logits_were_sharpened_by_is_found(true: float) -> None:
    generator = np.random.default_rng(0)
    logits = generator.normal(size=(20_000, 5)) * 2
    t = (logits + generator.gumbel(size=logits.shape)).argmax(1)  # drawn from their softmax
    assert temperature(logits * true, t) == pytest.approx(true, rel=0.03)


@pytest.mark.parametrize("true", [0.5, 2.0])
def test_the_temperature_of_labels_too(true: float) -> None:
    generator = np.random.default_rng(0)
    logits = generator.normal(size=(20_000, 3)) * 2
    t = (generator.random(logits.shape) < 1 / (1 + np.exp(-logits))).astype(np.float32)
    assert temperature(logits * true, t) == pytest.approx(true, rel=0.03)


def test_no_other_temperature_is_as_likely() -> None:
    generator = np.random.default_rng(1)
    logits, t = generator.normal(size=(5000, 4)), generator.integers(0, 4, 5000)
    logits[np.arange(5000), t] += 1.5

    def loss(value: float) -> float:
        return float(
            torch.nn.functional.cross_entropy(torch.tensor(logits / value), torch.tensor(t))
        )

    best = temperature(logits, t)
    assert loss(best) <= min(loss(best * 1.05), loss(best / 1.05), loss(1.0))


@pytest.mark.parametrize("n", [1, 10, 1000])
def test_without_a_mistake_a_network_is_not_made_certain(n: int) -> None:
    logits, t = np.tile([1.0, 0.0], (n, 1)), np.zeros(n, np.int64)
    p = 1 / (1 + np.exp(-1 / temperature(logits, t)))
    assert p == pytest.approx(1 - 1 / (2 * (n + 2)))
    labels = temperature(np.ones((n, 1)), np.ones((n, 1)))
    assert 1 / (1 + np.exp(-1 / labels)) == pytest.approx(1 - 1 / (2 * (n + 2)))


def test_logits_that_say_nothing_have_any_temperature() -> None:
    assert temperature(np.array([[np.nan, 0.0]]), np.array([0])) == 1.0
    assert 0 < temperature(np.zeros((4, 3)), np.array([0, 1, 2, 0])) < 1e4


def test_a_temperature_changes_how_sure_and_not_what() -> None:
    network = Predictor("mlp", task="class", outputs=3, size=(8, 8), widths=[4]).eval()
    batch = torch.rand(9, 3, 8, 8)
    before = network.predict(batch)
    network.temperature = 5.0
    after = network.predict(batch)
    assert network.arguments["temperature"] == 5.0
    assert torch.equal(before.argmax(1), after.argmax(1))
    assert (after.max(1).values < before.max(1).values).all()


def test_a_training_fits_it_and_classify_uses_it(tmp_path, monkeypatch) -> None:
    monkeypatch.setenv("OLHAR_CACHE", str(tmp_path / "cache"))
    for c in range(2):
        (tmp_path / "data" / str(c)).mkdir(parents=True)
        for i in range(20):
            noise = np.random.default_rng(100 * c + i).integers(0, 120 + 40 * c, (12, 12, 3))
            Image.fromarray(noise.astype("uint8")).save(tmp_path / "data" / str(c) / f"{i}.png")
    common = {"architecture": "mlp", "widths": (8,), "epochs": 2, "augment": Augment()}
    recipe = Classifier(data=tmp_path / "data", **common)
    *_, stopped = fit(recipe, tmp_path / "run", device="cpu")
    network = olhar.load(tmp_path / "run")
    assert network.temperature != 1.0
    image = torch.randint(0, 256, (3, 12, 12)) / 255
    with torch.inference_mode():
        logits = network(image[None])[0].float()
    said = olhar.classify(image, tmp_path / "run")
    scaled = (logits / network.temperature).softmax(0)
    assert said.probabilities["1"] == pytest.approx(float(scaled[1]), abs=1e-5)
    assert "calibration_error" in stopped.metrics["test"]
    assert json.dumps(stopped.metrics)
    network.arguments.pop("temperature")  # as of a model of before
    old = Predictor(**network.arguments)
    assert old.temperature == 1.0


def test_numbers_have_none(tmp_path, monkeypatch) -> None:
    network = Predictor("mlp", task="number", outputs=1, size=(8, 8), widths=[4])
    Regressor(data=tmp_path).settle(network, [])
    assert network.temperature == 1.0
