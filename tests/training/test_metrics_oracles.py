"""Every measure against torchmetrics, on random inputs and on awkward ones, to a millionth."""

import numpy as np
import pytest
import torch
from torchmetrics.functional import classification as oracle
from torchmetrics.functional import regression as numbers

from olhar.training import bootstrap
from olhar.training.metrics import (
    class_intervals,
    classification,
    classification_samples,
    confusion,
    label_samples,
    labels,
    regression,
    regression_samples,
)

CLASSES = 4
NAMES = [f"class {c}" for c in range(CLASSES)]


def case(name: str) -> tuple[np.ndarray, np.ndarray]:
    """Probabilities (N, 4) and classes (N,)."""
    generator = np.random.default_rng(0)
    p, t = generator.dirichlet(np.ones(CLASSES), 150), generator.integers(0, CLASSES, 150)
    match name:
        case "a class without examples":
            t[t == 2] = 0
        case "a class that is neither there nor said":
            t[t == 2] = 0
            p[:, 2] = 0
            p /= p.sum(1, keepdims=True)
        case "one class":
            t[:] = 1
        case "one class, said always":
            t[:] = 1
            p[:] = [0.1, 0.7, 0.1, 0.1]
        case "never right":
            p = np.eye(CLASSES)[(t + 1) % CLASSES]
        case "always right":
            p = np.eye(CLASSES)[t]
        case "ties":
            p = np.round(p * 4) / 4
            p[p.sum(1) == 0] = 0.25
        case "one example":
            p, t = p[:1], t[:1]
    return p, t


CASES = [
    "random",
    "a class without examples",
    "a class that is neither there nor said",
    "one class",
    "one class, said always",
    "never right",
    "always right",
    "ties",
    "one example",
]


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("average", ["macro", "micro", "weighted"])
def test_classes(name: str, average: str) -> None:
    p, t = case(name)
    ours = classification(p, t, NAMES, average=average)
    said, true = torch.tensor(p).argmax(1), torch.tensor(t)
    assert said.tolist() == p.argmax(1).tolist(), "of equals the first"
    for measure, function in {
        "precision": oracle.multiclass_precision,
        "recall": oracle.multiclass_recall,
        "f1": oracle.multiclass_f1_score,
    }.items():
        theirs = function(said, true, CLASSES, average=average, zero_division=0)
        assert ours[measure] == pytest.approx(float(theirs), abs=1e-6), measure
    theirs = oracle.multiclass_accuracy(said, true, CLASSES, average="micro")
    assert ours["accuracy"] == pytest.approx(float(theirs), abs=1e-6)
    table = oracle.multiclass_confusion_matrix(said, true, CLASSES)
    assert ours["confusion"] == table.tolist()
    assert confusion(p.argmax(1), t, CLASSES).tolist() == table.tolist()


@pytest.mark.parametrize("name", CASES)
def test_each_class(name: str) -> None:
    p, t = case(name)
    ours = classification(p, t, NAMES)["per_class"]
    said, true = torch.tensor(p).argmax(1), torch.tensor(t)
    theirs = {
        "precision": oracle.multiclass_precision(said, true, CLASSES, None, zero_division=0),
        "recall": oracle.multiclass_recall(said, true, CLASSES, None, zero_division=0),
        "f1": oracle.multiclass_f1_score(said, true, CLASSES, None, zero_division=0),
    }
    for c, row in enumerate(ours.values()):
        absent = not ((said == c) | (true == c)).any()
        for measure, values in theirs.items():
            expected = None if absent else pytest.approx(float(values[c]), abs=1e-6)
            assert row[measure] == expected


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("rare", [0.5, 0.05])
def test_labels(seed: int, rare: float) -> None:
    generator = np.random.default_rng(seed)
    t = (generator.random((80, CLASSES)) < rare).astype(np.int64)
    p = generator.integers(0, 20, (80, CLASSES)) / 20  # with ties
    t[0], p[0] = 1, 1
    ours = labels(p, t, NAMES)
    a, b = torch.tensor(p), torch.tensor(t)
    said = (a >= 0.5).long()
    for measure, function in {
        "precision": oracle.multilabel_precision,
        "recall": oracle.multilabel_recall,
        "f1": oracle.multilabel_f1_score,
    }.items():
        theirs = function(said, b, CLASSES, average="macro", zero_division=0)
        assert ours[measure] == pytest.approx(float(theirs), abs=1e-6)
    exact = oracle.multilabel_exact_match(said, b, CLASSES)
    assert ours["accuracy"] == pytest.approx(float(exact), abs=1e-6)
    single = oracle.multilabel_accuracy(said, b, CLASSES, average="micro")
    assert ours["label_accuracy"] == pytest.approx(float(single), abs=1e-6)
    area = oracle.multilabel_average_precision(a, b, CLASSES, average="macro")
    assert ours["average_precision"] == pytest.approx(float(area), abs=1e-6)


@pytest.mark.parametrize("seed", range(4))
def test_numbers(seed: int) -> None:
    generator = np.random.default_rng(seed)
    t = np.round(generator.normal(3, 2, 60), seed)  # with more and fewer ties
    y = t + generator.normal(0, 1, 60)
    ours = regression(y, t)
    a, b = torch.tensor(y), torch.tensor(t)
    assert ours["mae"] == pytest.approx(float(numbers.mean_absolute_error(a, b)), abs=1e-6)
    root = numbers.mean_squared_error(a, b, squared=False)
    assert ours["rmse"] == pytest.approx(float(root), abs=1e-6)
    assert ours["r2"] == pytest.approx(float(numbers.r2_score(a, b)), abs=1e-6)


# Resamples and intervals ---------------------------------------------------------------------


def test_resamples_of_one_seed_are_the_same_examples() -> None:
    p, t = case("random")
    mine = classification_samples(p, t, "macro", 0)
    shuffled = classification_samples(np.eye(CLASSES)[p.argmax(1)], t, "macro", 0)
    assert np.array_equal(mine["f1"], shuffled["f1"]), "what was said decides, nothing else"
    assert (mine["accuracy"] == bootstrap.means((p.argmax(1) == t)[:, None] * 1.0, 0)[:, 0]).all()
    perfect = classification_samples(np.eye(CLASSES)[t], t, "macro", 0)
    assert (perfect["accuracy"] == 1).all()
    assert (mine["accuracy"] - perfect["accuracy"]).std() == mine["accuracy"].std()


def test_intervals_of_classes() -> None:
    p, t = case("a class that is neither there nor said")
    found = class_intervals(p.argmax(1), t, NAMES)
    assert list(found) == ["class 0", "class 1", "class 3"]
    low, high = found["class 0"]["recall"]
    assert low < classification(p, t, NAMES)["per_class"]["class 0"]["recall"] < high


SIMULATIONS, EXAMPLES = 1000, 200


def covered(samples, truth: dict[str, float], monkeypatch) -> dict[str, float]:
    """How often the interval of fresh data holds the truth."""
    drawn = [*bootstrap._times(EXAMPLES, 0)]  # always the same, so drawn once
    monkeypatch.setattr(bootstrap, "_times", lambda n, seed: drawn)
    generator = np.random.default_rng(2)
    hits = dict.fromkeys(truth, 0)
    for _ in range(SIMULATIONS):
        found = bootstrap.intervals(samples(generator, EXAMPLES), EXAMPLES)
        for name, value in truth.items():
            hits[name] += found[name][0] <= value <= found[name][1]
    return {name: count / SIMULATIONS for name, count in hits.items()}


def said_and_true(generator: np.random.Generator, n: int) -> tuple[np.ndarray, np.ndarray]:
    """Three of four right, classes from 10 % to 40 %."""
    t = generator.choice(CLASSES, n, p=[0.4, 0.3, 0.2, 0.1])
    said = np.where(generator.random(n) < 0.7, t, generator.integers(0, CLASSES, n))
    return said, t


def test_intervals_of_classes_cover_the_truth(monkeypatch) -> None:
    said, t = said_and_true(np.random.default_rng(3), 1_000_000)
    whole = classification(np.eye(CLASSES, dtype=np.float32)[said], t, NAMES)

    def draw(generator, n):
        said, t = said_and_true(generator, n)
        return classification_samples(np.eye(CLASSES)[said], t, "macro", 0)

    names = ("accuracy", "precision", "recall", "f1", "log_loss")
    rates = covered(draw, {name: whole[name] for name in names}, monkeypatch)
    assert all(0.93 <= rate <= 0.97 for rate in rates.values()), rates


def test_intervals_of_numbers_cover_the_truth(monkeypatch) -> None:
    def draw(generator, n):
        t = generator.normal(size=n)
        return regression_samples(t + 0.5 * generator.normal(size=n), t, 0)

    truth = {"mae": 0.5 * (2 / np.pi) ** 0.5, "rmse": 0.5, "r2": 0.75}
    rates = covered(draw, truth, monkeypatch)
    assert all(0.93 <= rate <= 0.97 for rate in rates.values()), rates


def test_intervals_of_labels_cover_the_truth(monkeypatch) -> None:
    def drawn(generator, n):
        t = generator.random((n, 2)) < [0.5, 0.3]
        return np.where(generator.random((n, 2)) < 0.8, t, ~t) * 1.0, t

    p, t = drawn(np.random.default_rng(3), 1_000_000)
    whole = {k: v.mean() for k, v in label_samples_once(p, t).items()}
    rates = covered(lambda g, n: label_samples(*drawn(g, n), "macro", 0), whole, monkeypatch)
    assert all(0.93 <= rate <= 0.97 for rate in rates.values()), rates


def label_samples_once(p, t):
    found = labels(p, t, ["a", "b"])
    return {k: np.float64(found[k]) for k in ("accuracy", "label_accuracy", "f1", "recall")}
