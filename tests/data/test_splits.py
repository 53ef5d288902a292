"""Splits: fair to every class, the same for the same names, twins on one side."""

from pathlib import Path

import numpy as np
import pytest

from olhar.data.balance import class_weights, counts, example_weights, imbalance
from olhar.data.examples import Examples
from olhar.data.splits import fingerprint, split
from olhar.errors import OlharError


def made(targets=None, task="class", names=None, given=None, count=None):
    targets = None if targets is None else np.asarray(targets)
    count = count or len(targets)
    names = names or [f"{i}.png" for i in range(count)]
    width = 0 if targets is None else targets.max() + 1 if targets.ndim == 1 else targets.shape[1]
    return Examples(
        root=Path("root"),
        files=tuple(Path("root") / name for name in names),
        task=task,
        targets=targets,
        classes=tuple(f"c{i}" for i in range(width)),
        split=given,
    )


def named(examples, found):
    names = examples.names
    return {
        names[i]: part for part in ("train", "validation", "test") for i in getattr(found, part)
    }


def test_every_class_has_its_share():
    data = made(np.repeat([0, 1, 2], [200, 60, 20]))
    found = split(data)
    together = np.concatenate([found.train, found.validation, found.test])
    assert sorted(together) == list(range(280))
    for part, share in (("train", 0.7), ("validation", 0.15), ("test", 0.15)):
        here = counts(data.take(getattr(found, part)))
        assert np.abs(here - share * np.array([200, 60, 20])).max() <= 1


def test_the_order_of_files_does_not_matter_and_the_seed_does():
    data = made(np.arange(300) % 7)
    turned = np.random.default_rng(0).permutation(300)
    assert named(data.take(turned), split(data.take(turned))) == named(data, split(data))
    assert named(data, split(data, seed=1)) != named(data, split(data))


def test_this_split_stays_what_it_is():
    found = split(made(np.arange(40) % 2), seed=3)
    assert found.validation.tolist() == [4, 7, 8, 15, 17, 36]
    assert found.test.tolist() == [5, 14, 16, 19, 31, 38]


def test_pictures_that_are_added_move_few_of_the_others():
    targets = np.arange(600) % 5
    before = made(targets[:570])
    old, new = named(before, split(before)), named(made(targets), split(made(targets)))
    assert sum(old[name] != new[name] for name in old) < 0.05 * len(old)


def test_groups_are_never_parted():
    random = np.random.default_rng(0)
    groups = np.sort(random.integers(0, 80, 300))
    data = made(groups % 4)
    found = split(data, groups=groups)
    sides = [set(groups[part].tolist()) for part in (found.train, found.validation, found.test)]
    assert not sides[0] & sides[1]
    assert not sides[0] & sides[2]
    assert not sides[1] & sides[2]
    assert np.abs(counts(data.take(found.train)) / counts(data) - 0.7).max() < 0.06
    assert any("nearly the same as others" in note and "one part" in note for note in found.notes)


def test_a_class_too_small_for_every_part_is_in_train_and_said():
    data = made(np.repeat([0, 1, 2, 3], [100, 1, 2, 3]))
    found = split(data)
    assert counts(data.take(found.train))[1:].tolist() == [1, 1, 2]
    assert found.notes == (
        "too few pictures to be in validation as well: c1, c2",
        "too few pictures to be in test as well: c1, c3",
    )


def test_many_small_classes_still_make_a_validation():
    data = made(np.arange(200) // 2)  # a hundred classes of two
    found = split(data)
    assert (len(found.validation), len(found.test)) == (30, 30)
    assert (counts(data.take(found.train)) >= 1).all()
    assert len(split(made([0, 1])).validation) == 1


def test_labels_each_have_their_share():
    random = np.random.default_rng(0)
    labels = (random.random((500, 6)) < [0.5, 0.3, 0.2, 0.1, 0.05, 0.02]).astype(np.float32)
    found = split(made(labels, "labels"))
    for part, share in ((found.train, 0.7), (found.validation, 0.15), (found.test, 0.15)):
        assert np.abs(labels[part].sum(0) - share * labels.sum(0)).max() < 4
        assert abs(len(part) - share * 500) < 4


def test_numbers_are_spread_evenly():
    values = np.random.default_rng(0).lognormal(size=(400, 1)).astype(np.float32)
    found = split(made(values, "number"))
    for part in (found.validation, found.test):
        places = np.searchsorted(np.sort(values[:, 0]), values[part, 0]) / 400
        assert np.histogram(places, 5, (0, 1))[0].min() >= 10


def test_pictures_without_targets_are_split_by_chance():
    found = split(made(count=200, task="none"), test=0)
    assert (len(found.train), len(found.validation), len(found.test)) == (170, 30, 0)


def test_a_given_split_is_kept_and_its_twins_are_said():
    given = ("train",) * 6 + ("validation",) * 2 + ("test",) * 2
    groups = np.array([0, 1, 2, 3, 4, 5, 6, 0, 8, 1])
    found = split(made(np.arange(10) % 2, given=given), groups=groups)
    assert found.train.tolist() == [0, 1, 2, 3, 4, 5]
    assert found.validation.tolist() == [6, 7]
    assert found.test.tolist() == [8, 9]
    notes = " ".join(found.notes)
    assert "in validation, 1 picture nearly the same as in train" in notes
    assert "in test, 1 picture nearly the same as in train" in notes
    assert "different classes: 0.png, 7.png" in notes


@pytest.mark.parametrize(("others", "test"), [((), 0), (("test",) * 20, 20)])
def test_validation_is_taken_off_train_where_it_is_missing(others, test):
    given = ("train",) * 100 + others
    found = split(made(np.arange(len(given)) % 2, given=given))
    assert (len(found.train), len(found.validation), len(found.test)) == (85, 15, test)
    assert set(found.test.tolist()) == set(range(100, 100 + test))


def test_train_and_validation_alone_have_no_test():
    given = ("train",) * 4 + ("validation",) * 2
    assert len(split(made([0, 1] * 3, given=given)).test) == 0


def test_a_file_listed_twice_is_on_one_side():
    names = [f"{i // 2}.png" for i in range(100)]
    data = made(np.zeros(100, int), names=names)
    found = split(data)
    assert not {names[i] for i in found.train} & {names[i] for i in found.validation}


def test_the_fingerprint_is_of_pictures_targets_and_parts():
    data = made(np.arange(40) % 2)
    found = split(data)
    assert fingerprint("a", data, found) == fingerprint("a", made(np.arange(40) % 2), split(data))
    others = {
        fingerprint("b", data, found),
        fingerprint("a", made(1 - np.arange(40) % 2), found),
        fingerprint("a", data, split(data, seed=1)),
        fingerprint("a", made(np.arange(40) % 4), found),
    }
    assert len(others | {fingerprint("a", data, found)}) == 5


@pytest.mark.parametrize(
    ("options", "data", "words"),
    [
        ({"validation": 0}, made([0] * 9), "validation is 0"),
        ({"validation": 0.5, "test": 0.5}, made([0] * 9), "both together below 1"),
        ({}, made([0]), "cannot be split"),
        ({"groups": np.zeros(9, int)}, made([0] * 9), "near-duplicates taken as one"),
        ({}, made([0] * 2, given=("test",) * 2), "only pictures for test"),
    ],
)
def test_what_cannot_be_split_is_told(options, data, words):
    with pytest.raises(OlharError, match=words):
        split(data, **options)


def test_uneven_classes_are_said_and_weighed():
    data = made(np.repeat([0, 1], [30, 10]))
    assert imbalance(data) == "classes are uneven: c0 has 30 pictures, c1 has 10"
    assert imbalance(made(np.repeat([0, 1], [29, 10]))) is None
    weights = example_weights(data)
    assert weights.mean() == pytest.approx(1)
    assert weights[:30].sum() == pytest.approx(weights[30:].sum())
    of_classes = class_weights(data)
    np.testing.assert_allclose(of_classes, [40 / 60, 40 / 20])
    np.testing.assert_allclose(of_classes[data.targets], weights)


def test_weights_of_labels_and_of_nothing():
    data = made(np.array([[1, 0], [1, 1], [1, 0], [0, 0]], np.float32), "labels")
    np.testing.assert_allclose(class_weights(data), [1 / 3, 3])
    weights = example_weights(data)
    np.testing.assert_allclose(weights / weights[0], [1, 3, 1, 3])
    plain = made(count=3, task="none")
    assert example_weights(plain).tolist() == [1, 1, 1]
    assert class_weights(plain).size == 0
    assert imbalance(plain) is None


def test_a_class_without_pictures_weighs_nothing():
    data = made([0, 0, 2, 2])
    assert class_weights(data).tolist() == [1, 0, 1]
    assert imbalance(data) is None
