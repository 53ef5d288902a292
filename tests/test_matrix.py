"""Every recipe that is registered, and the toys, through the same checks.

A new recipe joins by its line in `olhar.catalogue.RECIPES` and a small example here.
"""

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image
from torch import nn

import olhar
from olhar import OlharError, catalogue
from olhar.catalogue import KINDS, RECIPES, Entry
from olhar.data.augment import Augment
from olhar.fields import Place, Within, hints, unwrap
from olhar.training.events import Evaluated, Started, Stepped, Stopped
from olhar.training.fit import fit
from olhar.training.loop import Training, make_fabric
from olhar.training.machine import choose_device
from olhar.training.recipe import Recipe
from toys import TOYS


def pictures(folder: Path, classes: int = 3, each: int = 12) -> Path:
    """A folder of drawn pictures: class k has k bright squares on noise."""
    rng = np.random.default_rng(0)
    for name in range(classes):
        (folder / f"kind {name}").mkdir(parents=True)
        for number in range(each):
            image = rng.integers(0, 90, (36, 36, 3), dtype=np.uint8)
            for row in range(name + 1):
                column = rng.integers(2, 24)
                image[2 + 11 * row : 11 + 11 * row, column : column + 10] += 160
            Image.fromarray(image).save(folder / f"kind {name}" / f"{number}.png")
    return folder


def table(folder: Path) -> Path:
    """A CSV of pictures and how bright they are."""
    rng = np.random.default_rng(0)
    folder.mkdir()
    lines = ["file,brightness"]
    for number in range(36):
        level = int(rng.integers(20, 220))
        image = np.clip(rng.normal(level, 15, (36, 36, 3)), 0, 255).astype(np.uint8)
        Image.fromarray(image).save(folder / f"{number}.png")
        lines.append(f"{number}.png,{level}")
    (folder / "table.csv").write_text("\n".join(lines))
    return folder / "table.csv"


def classifier(folder: Path) -> Recipe:
    from olhar.classify.recipe import Classifier

    return Classifier(data=pictures(folder / "data"), architecture="cnn", size=32, epochs=2)


def regressor(folder: Path) -> Recipe:
    from olhar.classify.recipe import Regressor

    return Regressor(data=table(folder / "data"), architecture="cnn", size=32, epochs=2)


def colorizer(folder: Path) -> Recipe:
    from olhar.colorize.recipe import Colorizer

    photographs = pictures(folder / "data", classes=2, each=8)
    for number, path in enumerate(sorted(photographs.rglob("*.png"))):  # every other one is red
        tint = np.array([[[255, 120, 90]], [[90, 130, 255]]][number % 2])
        grey = np.asarray(Image.open(path).convert("L"))[..., None] / 255
        Image.fromarray((grey * tint).astype(np.uint8)).save(path)
    return Colorizer(data=photographs, start="", size=32, validation=0.25, epochs=2, batch_size=8)


def stylizer(folder: Path) -> Recipe:
    from olhar.stylize.recipe import Stylization

    painting = folder / "painting.png"
    pixels = np.random.default_rng(1).integers(0, 255, (40, 40, 3), dtype=np.uint8)
    Image.fromarray(pixels).resize((80, 80)).save(painting)
    data = pictures(folder / "data", classes=2, each=8)
    small = {"start": "", "widths": (8, 8), "blocks": 1, "least": 12, "size": 32}
    return Stylization(data=data, style=(painting,), **small, epochs=2, validation=0.25)


def vae(folder: Path) -> Recipe:
    from olhar.vae.recipe import Vae

    chosen = {"widths": (16, 16), "latent": 4, "importance": 4}
    return Vae(data=pictures(folder / "data"), size=16, epochs=2, batch_size=8, **chosen)


def autoencoder(folder: Path) -> Recipe:
    from olhar.autoencode.recipe import Autoencoder

    data = pictures(folder / "data", classes=2, each=12)
    return Autoencoder(data=data, size=28, latent=8, widths=(8, 16), epochs=2, batch_size=8)


def codec(folder: Path) -> Recipe:
    from olhar.codec.recipe import Codec

    data = pictures(folder / "data", classes=2, each=8)
    return Codec(data=data, size=32, validation=0.25, epochs=2, batch_size=4)


def faceswap(folder: Path) -> Recipe:
    from olhar.faceswap.recipe import FaceSwap
    from swap_toys import agreed, face_set

    sets = {side: face_set(folder / "data" / side, who, 12) for who, side in enumerate("ab")}
    small = {"size": 32, "down": (8, 16), "up": (16, 8), "code": 16}
    record = agreed(folder / "data" / "consent.json")
    return FaceSwap(**sets, consent=record, **small, epochs=2, batch_size=6, evaluate_every=1)


EXAMPLES: dict[str, Callable[[Path], Recipe]] = {
    "classifier": classifier,
    "regressor": regressor,
    "colorizer": colorizer,
    "autoencoder": autoencoder,
    "codec": codec,
    "vae": vae,
    "stylizer": stylizer,
    "faceswap": faceswap,
}
VARIANTS: dict[str, Callable[[Path], Recipe]] = {
    "classifier with lstm": lambda folder: classifier(folder).replace(
        architecture="lstm", augment=Augment(mixup=0.3, rotate=20)
    ),
    "classifier with fast": lambda folder: classifier(folder).replace(
        architecture="fast", optimizer="muon", widths=(16, 24, 24), ema=0.9
    ),
    "autoencoder of dense layers, through noise": lambda folder: autoencoder(folder).replace(
        architecture="dense",
        widths=(64, 32),
        noise=("gaussian:2", "jpeg", "poisson", "salt-and-pepper", "camera"),
    ),
    "autoencoder as denoiser": lambda folder: autoencoder(folder).replace(
        architecture="denoiser", size=24, widths=(16, 24), depth=1, learning_rate=3e-3
    ),
    "codec that only adapts": lambda folder: codec(folder).replace(
        adapt=True, quality=50, learning_rate=0.01
    ),
    "vae with a vector": lambda folder: vae(folder).replace(
        shape="vector", grey="yes", likelihood="bernoulli", free_bits=0.1, beta=2.0
    ),
}
TOY = {kind: lambda _, toy=toy: toy() for kind, toy in TOYS.items()}
BUILDERS = {
    "toy-stripes": ("Linear", {}),
    "toy-thaw": ("Linear", {}),
    "toy-blobs": ("Blur", {}),
    "toy-twins": ("Pair", {}),
    "toy-duel": ("Rivals", {}),
}


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("OLHAR_CACHE", str(tmp_path / "cache"))
    torch.set_num_threads(1)
    for kind in TOYS:
        monkeypatch.setitem(KINDS, kind, Entry(f"test_matrix:build_{kind[4:]}", "A toy."))


def _builder(name: str) -> Callable[..., nn.Module]:
    def build(tensors: dict[str, torch.Tensor], **arguments: object) -> nn.Module:
        import toys

        network = getattr(toys, name)(**arguments)
        network.load_state_dict(tensors)
        return network.eval()

    return build


for _kind, (_name, _) in BUILDERS.items():
    globals()[f"build_{_kind[4:]}"] = _builder(_name)


@pytest.fixture(params=[*RECIPES, *VARIANTS, *TOYS])
def recipe(request: pytest.FixtureRequest, tmp_path: Path) -> Recipe:
    assert {*EXAMPLES} == {*RECIPES}, "every registered recipe has an example here"
    return (EXAMPLES | VARIANTS | TOY)[request.param](tmp_path)


def prepared(recipe: Recipe) -> Training:
    resolved = recipe.resolve("cpu").replace(precision="float32")
    return Training(resolved, make_fabric("cpu", "float32"))


def test_it_builds_and_says_what_it_is_made_of(recipe: Recipe) -> None:
    training = prepared(recipe)
    summary = training.summary()
    assert summary.parameters > 0
    assert summary.layers
    assert str(summary).count("\n") == len(summary.layers) + 1
    assert all(name in training.recipe.as_dict() for name in hints(type(recipe)))


def test_one_batch_overfits(recipe: Recipe) -> None:
    steady = recipe.replace(schedule="constant", warmup=0.0, decay=0.0, epochs=1000)
    training = prepared(steady.replace(weight_decay=0.0))
    first = training.learn(0)[0]["loss"].item()
    last = min(training.learn(0)[0]["loss"].item() for _ in range(30))
    assert last < 0.9 * first, "the loss of a batch that is seen again and again must fall"


def alike(one: Any, other: Any) -> bool:
    """The same but for the last digits: weights in another order in memory have other kernels."""
    if isinstance(one, dict):
        return one.keys() == other.keys() and all(alike(one[key], other[key]) for key in one)
    if isinstance(one, (list, tuple)):
        return len(one) == len(other) and all(map(alike, one, other))
    if isinstance(one, float):
        return math.isclose(one, other, rel_tol=1e-5, abs_tol=1e-6)
    return bool(one == other)


def test_it_saves_loads_and_gives_the_same(recipe: Recipe, tmp_path: Path) -> None:
    seen = [*fit(recipe, tmp_path / "run")]
    stopped = seen[-1]
    assert isinstance(stopped, Stopped)
    assert stopped.why == "finished"
    loaded = olhar.load(tmp_path / "run")
    device = choose_device()
    resolved = recipe.resolve(device)  # in the precision that it was measured in
    training = Training(resolved, make_fabric(device, resolved.precision))
    split = "test" if training.datasets.test else "validation"
    expected = [event for event in seen if isinstance(event, Evaluated)][-1]
    assert expected.split == split
    got = training.evaluate(loaded.to(device), split, thorough=True)
    assert alike(got, expected.metrics)
    picture = training.show(loaded)
    assert picture.shape[0] == 3
    assert 0 <= picture.min() <= picture.max() <= 1


def test_it_resumes_exactly(recipe: Recipe, tmp_path: Path) -> None:
    for _ in fit(recipe, tmp_path / "whole"):
        pass
    started = fit(recipe, tmp_path / "parts", save_every=0)
    steps = next(started)
    assert isinstance(steps, Started)
    for event in started:
        if isinstance(event, Stepped) and event.step == max(1, steps.steps // 2):
            started.close()
            break
    for _ in fit(recipe, tmp_path / "parts"):
        pass
    from safetensors.torch import load_file

    for name in ("state.safetensors", "model.safetensors"):
        whole, parts = (load_file(tmp_path / run / name) for run in ("whole", "parts"))
        assert whole.keys() == parts.keys()
        assert all(torch.equal(whole[key], parts[key]) for key in whole)


def test_it_goes_to_json_and_back(recipe: Recipe) -> None:
    import json

    values = json.loads(json.dumps(recipe.as_dict()))
    assert type(recipe).from_dict(values) == recipe


def test_it_refuses_what_is_out_of_range(recipe: Recipe) -> None:
    for name, hint in hints(type(recipe)).items():
        for limit in unwrap(hint)[1]:
            if isinstance(limit, Within):
                for bad in (limit.low - 1, limit.high + 1, float("nan")):
                    with pytest.raises(OlharError, match=name):
                        recipe.replace(**{name: bad})
        if "Literal" in str(hint):
            with pytest.raises(OlharError, match=f"{name} is 'nothing'"):
                recipe.replace(**{name: "nothing"})


@pytest.mark.parametrize("kind", EXAMPLES)
def test_it_is_reported_on(kind: str, tmp_path: Path) -> None:
    import json
    import re

    from olhar import cli

    for _ in fit(EXAMPLES[kind](tmp_path).replace(epochs=1), tmp_path / "run", device="cpu"):
        pass
    words = ["evaluate", str(tmp_path / "run"), "-o", str(tmp_path / "report"), "--quiet"]
    assert cli.main(words) == 0, "the run knows where its data is"
    page = (tmp_path / "report" / "report.html").read_text("utf-8")
    assert "<img" in page
    assert not re.search(r"""(?:src|href)=["']?(?:https?:|//)|@import|url\(""", page)
    assert page.count('<span lang="en">') == page.count('<span lang="pt-BR">') > 20
    values = json.loads((tmp_path / "report" / "report.json").read_text("utf-8"))
    assert values["network"]["parameters"] > 0
    assert values["network"]["images_per_second"] > 0
    assert values["metrics"]["intervals"]
    assert values["curves"]["epochs"] == [1]


@pytest.mark.parametrize("kind", EXAMPLES)
def test_it_refuses_data_that_is_none(kind: str, tmp_path: Path) -> None:
    good = EXAMPLES[kind](tmp_path)
    place = next(n for n, hint in hints(type(good)).items() if Place() in unwrap(hint)[1])
    empty = tmp_path / "empty"
    empty.mkdir()
    for bad in (tmp_path / "nowhere", empty):
        with pytest.raises(OlharError, match=bad.name):
            next(fit(good.replace(**{place: bad}), tmp_path / "run"))
    assert not (tmp_path / "run").exists()


def test_every_kind_that_is_trained_can_be_loaded() -> None:
    assert {*RECIPES} <= {*catalogue.KINDS}
