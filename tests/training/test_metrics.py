"""Metrics: values by hand, scikit-learn's values, and what is decided where it is silent."""

import json

import numpy as np
import pytest
import sklearn.metrics as oracle
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from olhar.errors import OlharError
from olhar.training import bootstrap
from olhar.training.metrics import (
    average_precision,
    classification,
    confusion,
    labels,
    regression,
    top_k,
)

AVERAGES = ["macro", "micro", "weighted"]


def one_hot(predicted, classes):
    return np.eye(classes)[np.asarray(predicted)]


def names(count):
    return [f"class {c}" for c in range(count)]


def test_by_hand():
    """Two cats and three dogs; one of each is taken for the other, one dog for a fish."""
    result = classification(
        one_hot([0, 1, 1, 0, 2], 3), np.array([0, 0, 1, 1, 1]), ["cat", "dog", "fish"]
    )
    assert result["confusion"] == [[1, 1, 0], [1, 1, 1], [0, 0, 0]]
    assert result["accuracy"] == pytest.approx(2 / 5)
    assert result["per_class"]["cat"] == {"precision": 0.5, "recall": 0.5, "f1": 0.5, "support": 2}
    assert result["per_class"]["fish"] == {"precision": 0, "recall": 0, "f1": 0, "support": 0}
    assert result["precision"] == pytest.approx((1 / 2 + 1 / 2 + 0) / 3)
    assert result["recall"] == pytest.approx((1 / 2 + 1 / 3 + 0) / 3)
    assert result["average"] == "macro"
    assert result["examples"] == 5


@given(
    arrays(np.int64, st.integers(1, 30), elements=st.integers(0, 4)),
    st.data(),
    st.sampled_from(AVERAGES),
)
def test_as_scikit_learn(targets, data, average):
    predicted = data.draw(arrays(np.int64, len(targets), elements=st.integers(0, 4)))
    ours = classification(one_hot(predicted, 5), targets, names(5), average=average)
    theirs = oracle.precision_recall_fscore_support(
        targets, predicted, average=average, zero_division=0
    )
    found = [ours["precision"], ours["recall"], ours["f1"]]
    assert found == pytest.approx(theirs[:3])
    assert ours["accuracy"] == pytest.approx(oracle.accuracy_score(targets, predicted))
    assert np.array_equal(
        confusion(predicted, targets, 5),
        oracle.confusion_matrix(targets, predicted, labels=range(5)),
    )


def test_micro_is_accuracy_and_macro_is_not():
    targets, predicted = np.array([0] * 90 + [1] * 10), one_hot([0] * 100, 2)
    micro = classification(predicted, targets, names(2), average="micro")
    macro = classification(predicted, targets, names(2), average="macro")
    weighted = classification(predicted, targets, names(2), average="weighted")
    assert micro["precision"] == micro["recall"] == micro["f1"] == micro["accuracy"] == 0.9
    assert macro["recall"] == 0.5
    assert macro["precision"] == pytest.approx(0.45)
    assert weighted["recall"] == pytest.approx(0.9)
    assert weighted["precision"] == pytest.approx(0.81)


def test_an_absent_class_has_none_and_counts_for_nothing():
    result = classification(one_hot([0, 1], 3), np.array([0, 1]), names(3))
    assert result["per_class"]["class 2"] == {
        "precision": None,
        "recall": None,
        "f1": None,
        "support": 0,
    }
    assert result["f1"] == 1.0


def test_log_loss_and_top5_as_scikit_learn():
    generator = np.random.default_rng(0)
    p = generator.dirichlet(np.ones(8), 200)
    t = generator.integers(0, 8, 200)
    result = classification(p, t, names(8))
    assert result["log_loss"] == pytest.approx(oracle.log_loss(t, p, labels=range(8)))
    assert result["top5"] == pytest.approx(oracle.top_k_accuracy_score(t, p, k=5, labels=range(8)))
    assert top_k(p, t, 1) == pytest.approx(result["accuracy"])
    assert top_k(p, t, 8) == 1.0
    assert "top5" not in classification(p[:, :5], t % 5, names(5))


def test_a_certain_mistake_costs_much_and_not_infinitely_much():
    assert classification(one_hot([0], 2), np.array([1]), names(2))["log_loss"] == pytest.approx(
        23 * np.log(2)
    )


def test_a_constant_prediction_is_not_right_by_being_undecided():
    p, t = np.full((100, 10), 0.1), np.arange(100) % 10
    result = classification(p, t, names(10))
    assert result["accuracy"] == 0.1
    assert result["top5"] == 0.5


def test_soft_targets_count_as_their_largest_share():
    p = np.array([[0.6, 0.4], [0.2, 0.8]])
    soft = torch.tensor([[0.9, 0.1], [0.7, 0.3]])
    assert classification(p, soft, names(2))["accuracy"] == 0.5


def test_tensors_of_any_type_and_plain_json_values():
    p = torch.softmax(torch.randn(40, 3, dtype=torch.bfloat16, requires_grad=True), 1)
    p[0] = torch.nan
    result = classification(p, torch.randint(0, 3, (40,)), names(3), intervals=True)
    assert result["log_loss"] is None
    assert json.loads(json.dumps(result, allow_nan=False)) == result


def test_nothing_to_measure_on_is_told():
    with pytest.raises(OlharError, match="no examples"):
        classification(np.zeros((0, 2)), np.zeros(0, np.int64), names(2))
    with pytest.raises(OlharError, match="no examples"):
        regression(np.zeros(0), np.zeros(0))
    with pytest.raises(OlharError, match="no examples"):
        labels(np.zeros((0, 2)), np.zeros((0, 2)), names(2))


# Intervals -----------------------------------------------------------------------------------


def test_the_interval_of_accuracy_is_that_of_a_share():
    """For a share p of n the deviation is the root of p (1 - p) / n."""
    t = np.arange(1000) % 2
    p = one_hot(np.where(np.arange(1000) < 800, t, 1 - t), 2)
    low, high = classification(p, t, names(2), intervals=True)["intervals"]["accuracy"]
    deviation = (0.8 * 0.2 / 1000) ** 0.5
    assert low == pytest.approx(0.8 - 1.96 * deviation, abs=0.004)
    assert high == pytest.approx(0.8 + 1.96 * deviation, abs=0.004)


def test_intervals_by_cells_are_those_by_examples():
    """Resampling the confusion matrix is resampling the examples."""
    generator = np.random.default_rng(1)
    t = generator.integers(0, 3, 120)
    said = np.where(generator.random(120) < 0.7, t, generator.integers(0, 3, 120))
    ours = classification(one_hot(said, 3), t, names(3), intervals=True)["intervals"]["f1"]
    drawn = generator.integers(0, 120, (1000, 120))
    theirs = [
        oracle.f1_score(t[d], said[d], average="macro", labels=range(3), zero_division=0)
        for d in drawn
    ]
    assert ours == pytest.approx(np.percentile(theirs, [2.5, 97.5]), abs=0.02)


def test_intervals_are_a_function_of_the_seed():
    p, t = np.random.default_rng(0).dirichlet(np.ones(3), 50), np.arange(50) % 3
    first = classification(p, t, names(3), intervals=True, seed=1)["intervals"]
    assert first == classification(p, t, names(3), intervals=True, seed=1)["intervals"]
    assert first != classification(p, t, names(3), intervals=True, seed=2)["intervals"]
    assert set(first) == {"accuracy", "precision", "recall", "f1", "log_loss"}


def test_resampled_means_scatter_as_they_should(monkeypatch):
    columns = np.random.default_rng(0).normal(size=(400, 2))
    samples = bootstrap.means(columns, 0)
    assert samples.shape == (1000, 2)
    assert samples.mean(0) == pytest.approx(columns.mean(0), abs=0.01)
    assert samples.std(0) == pytest.approx(columns.std(0) / 20, rel=0.1)
    monkeypatch.setattr(bootstrap, "_AT_ONCE", 4000)  # in a hundred portions
    assert bootstrap.means(columns, 0).std(0) == pytest.approx(columns.std(0) / 20, rel=0.1)


# Labels --------------------------------------------------------------------------------------


@given(st.integers(1, 20), st.integers(0, 1000), st.sampled_from(AVERAGES))
def test_labels_as_scikit_learn(n, seed, average):
    generator = np.random.default_rng(seed)
    t = generator.integers(0, 2, (n, 4))
    p = generator.integers(0, 11, (n, 4)) / 10  # with equals
    t[0], p[0] = 1, 1  # so that no label is absent, which scikit-learn would count as 0
    ours = labels(p, t, names(4), average=average)
    said = p >= 0.5
    theirs = oracle.precision_recall_fscore_support(t, said, average=average, zero_division=0)
    assert [ours["precision"], ours["recall"], ours["f1"]] == pytest.approx(theirs[:3])
    assert ours["accuracy"] == pytest.approx(oracle.accuracy_score(t, said))
    assert ours["label_accuracy"] == pytest.approx((said == t).mean())
    assert ours["average_precision"] == pytest.approx(oracle.average_precision_score(t, p))


def test_a_label_that_nobody_has():
    p, t = np.array([[0.9, 0.1], [0.8, 0.2]]), np.array([[1, 0], [1, 0]])
    result = labels(p, t, ["sun", "rain"], intervals=True)
    assert result["per_class"]["rain"] == {
        "precision": None,
        "recall": None,
        "f1": None,
        "support": 0,
        "average_precision": None,
    }
    assert result["f1"] == result["average_precision"] == 1.0
    assert result["intervals"]["accuracy"] == [1.0, 1.0]
    nobody = labels(p * 0, t * 0, ["sun", "rain"], intervals=True)
    assert nobody["f1"] is None
    assert "f1" not in nobody["intervals"]
    assert json.dumps(nobody, allow_nan=False)


def test_average_precision_does_not_depend_on_the_order_of_equals():
    for t in ([1, 0, 0, 1], [0, 1, 1, 0], [1, 1, 0, 0]):
        assert average_precision(np.full(4, 0.5), np.array(t)) == pytest.approx(0.5)


# Numbers -------------------------------------------------------------------------------------


@given(
    arrays(np.float64, (7, 2), elements=st.floats(-100, 100)),
    arrays(np.float64, (7, 2), elements=st.floats(-100, 100)),
)
def test_numbers_as_scikit_learn(y, t):
    t[0], t[1] = [-50, 70], [50, 20]
    ours = regression(y, t, ["width", "height"])
    assert ours["mae"] == pytest.approx(oracle.mean_absolute_error(t, y))
    assert ours["rmse"] == pytest.approx(oracle.root_mean_squared_error(t, y))
    assert ours["r2"] == pytest.approx(oracle.r2_score(t, y), rel=1e-6, abs=1e-9)
    width = ours["per_value"]["width"]
    assert width["r2"] == pytest.approx(oracle.r2_score(t[:, 0], y[:, 0]), rel=1e-6, abs=1e-9)


def test_far_from_zero_keeps_its_digits():
    t = 1e9 + np.arange(100.0)
    assert regression(t + 1, t)["r2"] == pytest.approx(oracle.r2_score(t, t + 1))


@pytest.mark.parametrize("t", [[0.1] * 7, [5.0], [0.0, 0.0]])
def test_equal_targets_have_no_r2(t):
    result = regression(np.zeros(len(t)), np.array(t), intervals=True)
    assert result["r2"] is None
    assert result["mae"] == pytest.approx(t[0])
    assert set(result["intervals"]) == {"mae", "rmse"}


def test_the_interval_of_mae():
    error = np.random.default_rng(0).exponential(size=2000)
    low, high = regression(torch.tensor(error), torch.zeros(2000), intervals=True)["intervals"][
        "mae"
    ]
    deviation = error.std() / 2000**0.5
    assert low == pytest.approx(error.mean() - 1.96 * deviation, abs=0.3 * deviation)
    assert high == pytest.approx(error.mean() + 1.96 * deviation, abs=0.3 * deviation)
