"""Classifiers and regressors, from a folder or a table to a model that is measured and used."""

import json

import numpy as np
import pytest
import torch
from PIL import Image

from olhar.classify import classify, load
from olhar.classify.recipe import Classifier, Regressor
from olhar.data.augment import Augment
from olhar.errors import OlharError
from olhar.training.events import Evaluated, Stopped
from olhar.training.fit import fit

PLAIN = Augment()
COLORS = {"ação": (220, 40, 40), "blue": (40, 40, 220), "green": (40, 200, 40)}


@pytest.fixture(autouse=True)
def _cache(tmp_path, monkeypatch):
    monkeypatch.setenv("OLHAR_CACHE", str(tmp_path / "cache"))


def picture(color, seed, size=(20, 16)):
    noise = np.random.default_rng(seed).integers(-40, 40, (size[1], size[0], 3))
    return Image.fromarray((np.array(color) + noise).clip(0, 255).astype("uint8"))


@pytest.fixture
def folder(tmp_path):
    for c, (name, color) in enumerate(COLORS.items()):
        (tmp_path / "data" / name).mkdir(parents=True)
        for i in range(12):
            picture(color, 100 * c + i).save(tmp_path / "data" / name / f"{i}.png")
    return tmp_path / "data"


@pytest.fixture
def table(tmp_path):
    lines = ["file,kilos,height"]
    for i in range(40):
        picture((6 * i, 100, 100), i).save(tmp_path / f"{i}.png")
        lines.append(f"{i}.png,{1000 + 10 * i},{i % 2}")
    (tmp_path / "weights.csv").write_text("\n".join(lines))
    return tmp_path / "weights.csv"


def small(recipe, data, **changes):
    settings = {
        "data": data,
        "architecture": "mlp",
        "widths": (16,),
        "epochs": 6,
        "batch_size": 8,
        "augment": PLAIN,
        "precision": "float32",
    }
    return recipe(**settings | changes)


def trained(recipe, run):
    events = list(fit(recipe, run, device="cpu"))
    assert isinstance(events[-1], Stopped)
    return events


def test_a_folder_is_learned_saved_and_used(folder, tmp_path):
    events = trained(small(Classifier, folder), tmp_path / "run")
    test = events[-1].metrics["test"]
    assert test["accuracy"] == 1.0
    assert test["intervals"]["accuracy"] == [1.0, 1.0]
    assert list(test["per_class"]) == list(COLORS)
    assert json.dumps(test, allow_nan=False)
    watched = next(event for event in events if isinstance(event, Evaluated)).metrics
    assert set(watched) == {"accuracy", "f1", "log_loss"}

    image = torch.tensor([0.15, 0.15, 0.85]).view(3, 1, 1).expand(3, 30, 50)
    said = classify(image, tmp_path / "run")
    assert said.best == "blue"
    assert said.labels == ("blue",)
    assert sum(said.probabilities.values()) == pytest.approx(1, abs=1e-5)
    assert list(said.probabilities.values()) == sorted(said.probabilities.values(), reverse=True)
    both = classify([image, image.flip(0)], tmp_path / "run", tta=True)
    assert [each.best for each in both] == ["blue", "ação"]
    assert classify(image[None], load(tmp_path / "run"))[0].best == "blue"


@pytest.mark.parametrize("architecture", ["cnn", "resnet", "gru", "fast"])
def test_other_architectures_are_one_word(folder, architecture):
    recipe = small(Classifier, folder, architecture=architecture, widths=(8, 8), size=8)
    data = recipe.datasets()
    network = recipe.network(data)
    batch = data.train.batch(np.arange(8), epoch=0)
    optimizer = torch.optim.SGD(network.parameters(), 0.01)
    losses = []
    for _ in range(5):
        optimizer.zero_grad()
        loss = recipe.loss(network, batch)["loss"]
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    assert losses[-1] < losses[0]
    assert network.arguments["size"] == [8, 8]


def test_normalisation_is_a_choice(folder):
    data = small(Classifier, folder).datasets()
    image = torch.cat([batch["image"] for batch in data.train.batches(8)])
    means = {}
    for name in ("dataset", "signed", "unit"):
        network = small(Classifier, folder, normalize=name).network(data)
        means[name] = network.normalize(image)
    assert means["dataset"].mean((0, 2, 3)).abs().max() < 0.02
    assert (means["dataset"].std((0, 2, 3)) - 1).abs().max() < 0.05
    assert means["signed"].equal((image - 0.5) / 0.5)
    assert means["unit"].equal(image)


def test_the_size_is_that_of_the_pictures(folder):
    data = small(Classifier, folder).datasets()
    assert data.train.size == 16
    assert small(Classifier, folder, size=10).datasets().train.size == 10


@pytest.mark.parametrize(("architecture", "side"), [("resnet", 64), ("lite0", 128)])
def test_of_large_pictures_a_network_sees_as_much_as_it_is_made_for(tmp_path, architecture, side):
    for number in range(12):
        (tmp_path / "ab"[number % 2]).mkdir(exist_ok=True)
        drawn = picture((200, 60, 60), number, (180, 150))
        drawn.save(tmp_path / "ab"[number % 2] / f"{number}.png")
    recipe = small(Classifier, tmp_path, architecture=architecture, widths=())
    assert recipe.datasets().train.size == side


def test_rare_classes_can_count_more(folder):
    for i in range(2, 12):
        (folder / "blue" / f"{i}.png").unlink()
    recipe = small(Classifier, folder, balance="loss", label_smoothing=0.0)
    data = recipe.datasets()
    assert any("uneven" in note for note in data.notes)
    weights = recipe.network(data).class_weights
    assert float(weights[1]) == pytest.approx(float(weights.max()))
    assert float(weights[1]) > 3 * float(weights[0])
    sampled = small(Classifier, folder, balance="sampling").datasets().train
    drawn = sampled.targets[sampled.order(0, 0) % len(sampled)]
    assert np.bincount(drawn, minlength=3)[1] > 4


def test_mixed_targets_and_smoothing(folder):
    mixed = small(Classifier, folder, augment=Augment(mixup=1.0))
    data = mixed.datasets()
    network = mixed.network(data).eval()
    batch = data.train.batch(np.arange(8), epoch=0)
    assert batch["target"].shape == (8, 3)
    soft = mixed.replace(label_smoothing=0.0).loss(network, batch)["loss"]
    by_hand = -(network(batch["image"]).log_softmax(1) * batch["target"]).sum(1).mean()
    assert soft.item() == pytest.approx(by_hand.item(), rel=1e-5)
    assert mixed.loss(network, batch)["loss"].item() != pytest.approx(soft.item(), rel=1e-4)


def test_labels(tmp_path):
    lines = ["file,labels"]
    for i in range(40):
        names = [name for name, on in (("red", i % 2), ("bright", i % 3 == 0)) if on]
        color = [200 * (i % 2), 60 + 150 * (i % 3 == 0), 60]
        picture(color, i).save(tmp_path / f"{i}.png")
        lines.append(f"{i}.png,{'|'.join(names) or '-'}")
    (tmp_path / "t.csv").write_text("\n".join(lines))
    events = trained(small(Classifier, tmp_path / "t.csv", epochs=10), tmp_path / "run")
    found = events[-1].metrics["test"]
    assert found["label_accuracy"] > 0.8
    assert "average_precision" in found
    said = classify(torch.zeros(3, 16, 16), tmp_path / "run")
    assert said.task == "labels"
    assert set(said.probabilities) == {"red", "bright", "-"}


def test_numbers_come_in_their_own_units(table, tmp_path):
    recipe = small(Regressor, table, target="kilos", epochs=40, dropout=0.0)
    events = trained(recipe, tmp_path / "run")
    found = events[-1].metrics["test"]
    assert found["r2"] > 0.7
    assert found["mae"] < 50
    said = classify(torch.tensor([0.5, 0.4, 0.4]).view(3, 1, 1).expand(3, 16, 16), tmp_path / "run")
    assert 1050 < said.values["kilos"] < 1400
    assert said.probabilities == {}
    with pytest.raises(OlharError, match="predicts numbers"):
        _ = said.best


def test_several_numbers_and_one_that_never_changes(table):
    recipe = small(Regressor, table)
    data = recipe.datasets()
    network = recipe.network(data)
    assert data.classes == ("kilos", "height")
    assert network.predict(data.train.batch(np.arange(2))["image"]).shape == (2, 2)
    found = recipe.evaluate(network, data.validation.batches(4), thorough=True)
    assert set(found["per_value"]) == {"kilos", "height"}


def test_a_sheet_shows_what_was_said(folder):
    recipe = small(Classifier, folder)
    data = recipe.datasets()
    network = recipe.network(data).eval()
    batch = data.validation.batch(np.arange(len(data.validation)))
    with torch.no_grad():
        network.body.head[1].weight.zero_()
        network.body.head[1].bias.copy_(torch.tensor([0.0, 5.0, 0.0]))  # all is blue
        shown = recipe.show(network, batch)
    assert shown.shape[0] == 3
    assert 0 <= float(shown.min()) <= float(shown.max()) <= 1
    bars = shown[:, 8 + 112 + 2, 8 + 4 :: 120][:, : len(batch["target"])].T * 255
    for bar, target in zip(bars.round().int().tolist(), batch["target"].tolist(), strict=False):
        assert bar == ([59, 76, 202] if target == 1 else [179, 38, 30])


@pytest.mark.parametrize("architecture", ["timm:test_resnet", "lite0"])
def test_the_network_of_a_pretrained_backbone_is_frozen_first(architecture):
    recipe = Classifier(data="x", architecture=architecture, epochs=10)
    assert [(p.name, p.epochs, p.frozen) for p in recipe.phases()] == [
        ("head", 2, ("body.model",)),
        ("training", 8, ()),
    ]
    assert len(recipe.replace(pretrained=False).phases()) == 1


@pytest.mark.parametrize(("architecture", "new"), [("timm:test_resnet", 2), ("lite0", 4)])
def test_a_pretrained_backbone_moves_slowly(architecture, new):
    if architecture != "lite0":
        pytest.importorskip("timm")
    from olhar.classify.network import Predictor

    network = Predictor(architecture, task="class", outputs=2, size=(32, 32))
    recipe = Classifier(data="x", architecture=architecture)
    groups = recipe.parameter_groups(network)
    count = dict.fromkeys((0.1, 1.0), 0)
    for group in groups:
        count[group.rate] += len(list(group.parameters))
    assert count == {0.1: len(list(network.body.model.parameters())), 1.0: new}


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"architecture": "resnett"}, "did you mean resnet?"),
        ({"widths": (0,)}, "widths is 0; it must be a"),
        ({"size": -1}, "size is -1"),
        ({"dropout": 1.0}, "dropout is 1.0"),
        ({"balance": "yes"}, "none or sampling or loss"),
    ],
)
def test_a_mistake_is_a_sentence(changes, says):
    with pytest.raises(OlharError) as error:
        Classifier(data="x", **changes)
    assert says in str(error.value)


def test_data_that_cannot_be_learned_is_told(table, tmp_path):
    with pytest.raises(OlharError, match="olhar train regressor"):
        small(Classifier, table).datasets()
    with pytest.raises(OlharError, match="a folder"):
        small(Regressor, table.parent).datasets()
    one = tmp_path / "one" / "cat"
    one.mkdir(parents=True)
    picture((9, 9, 9), 0).save(one / "a.png")
    with pytest.raises(OlharError, match="two or more"):
        small(Classifier, one.parent, task="class").datasets()


def test_what_is_no_image_is_told(folder, tmp_path):
    trained(small(Classifier, folder, epochs=1), tmp_path / "run")
    with pytest.raises(ValueError, match=r"\(3, H, W\)"):
        classify(torch.rand(1, 8, 8), tmp_path / "run")
    with pytest.raises(OlharError, match="vgg16 is a vgg16"):
        classify(torch.rand(3, 8, 8), "vgg16")
