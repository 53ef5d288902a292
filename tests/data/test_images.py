"""Pictures from a cache as batches: what they hold, and on what they depend."""

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from hypothesis import given
from hypothesis import strategies as st

from olhar.data.augment import Augment
from olhar.data.images import Images
from olhar.errors import OlharError

CLASSES = 4


class Memory:
    """A cache of random pictures that counts what was asked for."""

    def __init__(self, n=60, side=12, seed=0):
        random = np.random.default_rng(seed)
        base = random.integers(0, 256, (n, 1, 1, 3))
        noise = random.integers(-40, 40, (n, side, side, 3))
        self.pixels = (base + noise).clip(0, 255).astype(np.uint8)
        self.asked = []

    def __len__(self):
        return len(self.pixels)

    def rows(self, indices):
        self.asked.append(len(indices))
        return self.pixels[indices]


def images(rows=None, targets="classes", **settings):
    rows = np.arange(60) if rows is None else rows
    if isinstance(targets, str):
        targets = np.arange(len(rows)) % CLASSES
    return Images(
        settings.pop("cache", Memory()),
        rows,
        targets,
        **{"classes": CLASSES, "size": 12, **settings},
    )


def test_as_they_are_the_pictures_are_those_of_the_cache():
    rows = np.array([40, 3, 17, 3])
    data = images(rows, augment=Augment(crop=0.5, mirror="random", mixup=1))
    assert len(data) == 4
    batch = data.batch(np.array([2, 0]))
    assert set(batch) == {"image", "target", "index"}
    assert batch["index"].tolist() == [2, 0]
    assert batch["target"].tolist() == [2, 0]
    assert batch["target"].dtype == torch.int64
    wanted = torch.from_numpy(data.cache.pixels[[17, 40]]).permute(0, 3, 1, 2) / 255
    assert torch.equal(batch["image"], wanted)


def test_another_size_is_resized_with_antialiasing():
    data = images(size=5)
    found = data.batch(np.arange(3))["image"]
    pixels = torch.from_numpy(data.cache.pixels[:3]).permute(0, 3, 1, 2) / 255
    wanted = F.interpolate(pixels, (5, 5), mode="bilinear", antialias=True)
    assert found.dtype == torch.float32
    assert (found - wanted).abs().max() <= 1.01 / 255


def test_nothing_varies_unless_asked_for():
    data = images()
    numbers = np.arange(7)
    assert torch.equal(data.batch(numbers, epoch=3)["image"], data.batch(numbers)["image"])


@pytest.mark.parametrize(
    "augment",
    [
        Augment(crop=0.3, mirror="random", color=0.3),
        Augment(rotate=20, erase=0.5),
        Augment(mirror="random", mixup=0.4, cutmix=1),
    ],
)
def test_an_example_is_a_function_of_seed_epoch_and_number(augment):
    data = images(augment=augment, seed=5)
    all_ = data.batch(np.arange(60), epoch=2)
    order = np.array([31, 8, 59])
    some = data.batch(order, epoch=2)
    for name, values in some.items():
        assert torch.equal(values, all_[name][order])
    assert not torch.equal(data.batch(order, epoch=3)["image"], some["image"])
    other = images(augment=augment, seed=6).batch(order, epoch=2)
    assert not torch.equal(other["image"], some["image"])


def test_all_tasks_have_their_targets():
    labels = np.eye(3)[np.arange(60) % 3]
    found = images(targets=labels, task="labels", classes=3).batch(np.array([4]))
    assert torch.equal(found["target"], torch.tensor([[0.0, 1, 0]]))
    found = images(targets=np.arange(60) / 2, task="number").batch(np.array([4, 5]))
    assert torch.equal(found["target"], torch.tensor([[2.0], [2.5]]))
    data = images(targets=None)
    assert data.task == "none"
    assert set(data.batch(np.array([4]), epoch=0)) == {"image", "index"}


def test_mixed_targets_say_what_is_in_the_picture():
    """Flat pictures, one grey to a class: the mean grey of a mix tells its shares."""
    cache = Memory()
    cache.pixels[:] = (np.arange(60) % 2 * 255)[:, None, None, None]
    for what in (Augment(mixup=1), Augment(cutmix=1), Augment(mixup=1, cutmix=1)):
        data = images(targets=np.arange(60) % 2, classes=2, cache=cache, augment=what, size=10)
        batch = data.batch(np.arange(60), epoch=1)
        assert batch["target"].shape == (60, 2)
        assert batch["target"].dtype == torch.float32
        assert torch.allclose(batch["target"].sum(1), torch.ones(60))
        assert torch.allclose(batch["image"].mean((1, 2, 3)), batch["target"][:, 1], atol=1e-5)
        shares = batch["target"].max(1).values
        assert 10 < (shares < 0.999).sum() < 50  # half of the partners are of the same class


def test_partners_come_from_all_the_data():
    data = images(targets=np.arange(60), classes=60, augment=Augment(mixup=5))
    seen = sum(data.batch(np.array([0]), epoch=e)["target"][0] for e in range(200))
    assert (seen[1:] > 0).sum() > 45


def test_numbers_and_labels_can_be_mixed():
    for targets, task in ((np.eye(4)[np.arange(60) % 4], "labels"), (np.arange(60), "number")):
        batch = images(targets=targets, task=task, augment=Augment(mixup=1)).batch(
            np.arange(60), epoch=0
        )
        assert batch["target"].dtype == torch.float32
        assert batch["target"].max() <= targets.max()
        assert not torch.equal(batch["target"], batch["target"].round())


def test_what_has_no_targets_cannot_be_mixed():
    with pytest.raises(OlharError, match="mixup and cutmix mix targets, and these examples have"):
        images(targets=None, augment=Augment(cutmix=1))


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"targets": np.arange(5)}, "5 targets for 60 examples"),
        ({"classes": 3}, "classes from 0 to 3; there are 3"),
        ({"targets": np.full(60, -1)}, "classes from -1"),
        ({"weights": np.ones(4)}, "weights of shape"),
        ({"weights": np.zeros(60)}, "all weights are 0"),
        ({"weights": np.full(60, -1.0)}, "numbers from 0 are needed"),
    ],
)
def test_targets_and_weights_must_fit(settings, sentence):
    with pytest.raises(ValueError, match=sentence):
        images(**settings)


# Statistics.


def test_statistics_are_those_of_the_pixels():
    rows = np.arange(5, 50)
    data = images(rows)
    mean, deviation = data.statistics()
    pixels = data.cache.pixels[rows].reshape(-1, 3) / 255
    assert mean.dtype == deviation.dtype == torch.float32
    assert np.allclose(mean, pixels.mean(0), atol=1e-7)
    assert np.allclose(deviation, pixels.std(0), atol=1e-7)
    assert max(data.cache.asked) <= 64


def test_statistics_of_many_pictures_take_some(monkeypatch):
    monkeypatch.setattr("olhar.data.images._MEASURED", 20)
    data = images()
    mean, _ = data.statistics()
    assert sum(data.cache.asked) == 20
    pixels = data.cache.pixels[::3].reshape(-1, 3) / 255
    assert np.allclose(mean, pixels.mean(0), atol=1e-7)


# Order.


def test_without_weights_each_example_comes_once():
    data = images()
    assert np.sort(data.order(1, 0)).tolist() == list(range(60))
    assert data.order(1, 0).tolist() != data.order(1, 1).tolist()
    assert data.order(1, 0).tolist() == data.order(1, 0).tolist()


@given(
    st.lists(st.sampled_from([0.0, 0.1, 1.0, 2.5, 30.0]), min_size=1, max_size=30).filter(any),
    st.integers(0, 50),
)
def test_with_weights_each_comes_as_often_as_it_should(weights, epoch):
    n = len(weights)
    weighted = np.array(weights)
    data = images(np.arange(n), weights=weighted, cache=Memory(n))
    order = data.order(0, epoch)
    assert len(order) == n
    counts = np.bincount(order % n, minlength=n)
    expected = n * weighted / weighted.sum()
    assert (counts >= np.floor(expected - 1e-9)).all()
    assert (counts <= np.ceil(expected + 1e-9)).all()
    assert len(set(order.tolist())) == n  # the same example again has another number
    assert np.array_equal(
        np.sort(order[order % n == order[0] % n]) // n, np.arange(counts[order[0] % n])
    )


def test_weights_are_met_over_epochs():
    weights = np.linspace(0.5, 1.5, 60)
    data = images(weights=weights)
    counts = np.bincount(
        np.concatenate([data.order(3, epoch) % 60 for epoch in range(400)]), minlength=60
    )
    assert np.abs(counts / 400 - 60 * weights / weights.sum()).max() < 0.12


def test_an_example_that_comes_again_looks_different():
    data = images(augment=Augment(crop=0.3, color=0.4), weights=np.ones(60))
    batch = data.batch(np.array([7, 67, 127]), epoch=0)
    assert batch["index"].tolist() == [7, 7, 7]
    assert batch["target"].tolist() == [3, 3, 3]
    first, second, third = batch["image"]
    assert not torch.equal(first, second)
    assert not torch.equal(second, third)
    plain = data.batch(np.array([7, 67]))["image"]
    assert torch.equal(plain[0], plain[1])


def test_partners_are_drawn_by_weight():
    weights = np.where(np.arange(60) == 9, 1000.0, 1.0)
    data = images(targets=np.arange(60), classes=60, weights=weights, augment=Augment(mixup=5))
    target = data.batch(np.arange(9), epoch=0)["target"]
    assert (target[:, 9] > 0).sum() >= 8


def test_batches_go_over_all_examples_once():
    data = images()
    indices = [batch["index"].tolist() for batch in data.batches(25)]
    assert [len(part) for part in indices] == [25, 25, 10]
    assert [index for part in indices for index in part] == list(range(60))


def test_no_examples_are_an_empty_batch():
    data = images(augment=Augment(crop=0.5, rotate=3))
    for epoch in (None, 0):
        assert data.batch(np.zeros(0, np.int64), epoch=epoch)["image"].shape == (0, 3, 12, 12)
    assert len(images(np.zeros(0, np.int64))) == 0


def test_a_memory_map_is_read_and_left_as_it_is(tmp_path):
    pixels = Memory(4).pixels
    (tmp_path / "pixels").write_bytes(pixels.tobytes())
    cache = Memory()
    cache.pixels = np.memmap(tmp_path / "pixels", np.uint8, "r", shape=pixels.shape)
    for rows in (lambda i: cache.pixels[i], lambda _: cache.pixels[:2]):
        cache.rows = rows  # a copy, and a view that cannot be written to
        data = images(np.arange(4), cache=cache, augment=Augment(mirror="random", color=0.5))
        data.batch(np.arange(2), epoch=0)
    assert (tmp_path / "pixels").read_bytes() == pixels.tobytes()
