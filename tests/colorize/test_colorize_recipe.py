"""What a colorizer learns from, starts from and is measured by."""

import contextlib
import json
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

import olhar
from olhar import OlharError, hub
from olhar.cli import main
from olhar.colorize.network import ColorNet
from olhar.colorize.recipe import Colorizer
from olhar.nets.efficientnet import Lite0
from olhar.training.events import Noted
from olhar.training.fit import fit


@pytest.fixture(autouse=True)
def cache(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("OLHAR_CACHE", str(tmp_path / "cache"))
    torch.set_num_threads(1)


@pytest.fixture
def photographs(tmp_path: Path) -> Path:
    """A light blue sky above, a dark green meadow below; and one grey picture."""
    rng = np.random.default_rng(0)
    for part, count in (("train", 12), ("validation", 5)):
        folder = tmp_path / "photos" / part
        folder.mkdir(parents=True)
        for number in range(count):
            noise = rng.random((48, 64, 1)) * 0.2 + 0.8
            horizon = int(rng.integers(15, 33))
            image = noise * np.array([[[30, 90, 20]]])
            image[:horizon] = (noise * np.array([[[110, 150, 250]]]))[:horizon]
            Image.fromarray(image.astype(np.uint8)).save(folder / f"{number}.png")
    grey = rng.integers(0, 255, (48, 64), np.uint8)
    Image.fromarray(grey).save(tmp_path / "photos" / "train" / "grey.png")
    return tmp_path / "photos"


def recipe(photographs: Path, **changes: object) -> Colorizer:
    base = {"data": photographs, "start": "", "size": 32, "batch_size": 6, "epochs": 1}
    return Colorizer(**base | changes)


def test_grey_pictures_are_left_out_and_told(photographs: Path) -> None:
    data = recipe(photographs).datasets()
    assert len(data.train) == 12
    assert any("1 pictures are grey" in note for note in data.notes)
    assert data.validation.batch(np.arange(2))["image"].shape == (2, 3, 160, 160)


def test_only_grey_pictures_are_refused(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    for number in range(6):
        picture = Image.fromarray(rng.integers(0, 255, (40, 40), np.uint8))
        picture.save(tmp_path / f"{number}.png")
    with pytest.raises(OlharError, match="give a folder of colour photographs"):
        recipe(tmp_path).datasets()


def test_a_new_network_knows_what_is_rare(photographs: Path) -> None:
    made = recipe(photographs)
    network = made.network(made.datasets())
    weight = dict(zip(map(tuple, network.bins.tolist()), network.rarity.tolist(), strict=True))
    assert weight[0.0, -30.0] < weight[60.0, 60.0], "there is sky and no red"
    assert network.tint.abs().max() > 1


def test_it_starts_from_an_encoder_or_a_colorizer(photographs: Path, tmp_path: Path) -> None:
    facts = {"summary": "", "licence": "", "origin": ""}
    encoder = Lite0()
    torch.nn.init.ones_(encoder.stem.norm.bias)
    card = hub.Card(name="e", kind="efficientnet-lite0", **facts)
    hub.save(tmp_path / "e.safetensors", encoder.state_dict(), card)
    made = recipe(photographs, start=str(tmp_path / "e.safetensors"))
    network = made.network(made.datasets())
    assert torch.equal(network.encoder.stem.norm.bias, torch.ones(32))

    whole = ColorNet(widths=(16, 16, 12, 8))
    card = hub.Card(name="c", kind="colorizer", arguments=whole.arguments, **facts)
    hub.save(tmp_path / "c.safetensors", whole.state_dict(), card)
    made = recipe(photographs, start=str(tmp_path / "c.safetensors"))
    again = made.network(made.datasets())
    pairs = zip(again.parameters(), whole.parameters(), strict=True)
    assert all(torch.equal(a, b) for a, b in pairs)

    wrong, data = recipe(photographs, start="vgg16"), made.datasets()
    with pytest.raises(OlharError, match="a vgg16; it can be a colorizer"):
        wrong.network(data)


def test_the_encoder_stays_and_then_learns_but_for_its_first_layers(
    photographs: Path, tmp_path: Path
) -> None:
    from olhar.training.loop import Training, make_fabric

    facts = {"summary": "", "licence": "", "origin": ""}
    card = hub.Card(name="e", kind="efficientnet-lite0", **facts)
    hub.save(tmp_path / "e.safetensors", Lite0().state_dict(), card)
    start = str(tmp_path / "e.safetensors")
    made = recipe(photographs, start=start, epochs=2, learning_rate=0.01, warmup=0.0)
    training = Training(made.resolve("cpu"), make_fabric("cpu", "float32"))
    encoder = training.network.encoder
    before = {name: value.clone() for name, value in encoder.state_dict().items()}
    for step in range(training.steps_per_epoch):
        training.learn(step)
    assert all(torch.equal(value, before[name]) for name, value in encoder.state_dict().items())
    training.learn(training.steps_per_epoch)
    changed = {n for n, v in encoder.state_dict().items() if not torch.equal(v, before[n])}
    assert any(name.startswith("stages.6") for name in changed)
    assert not any(name.startswith(("stem", "stages.0", "stages.1")) for name in changed)


def test_sizes_must_fit_the_encoder(photographs: Path) -> None:
    with pytest.raises(OlharError, match="size is 50; it must be a multiple of 32"):
        recipe(photographs, size=50)


def test_it_learns_a_blue_sky(photographs: Path, tmp_path: Path) -> None:
    """From nothing, in a minute: light places are blue and dark ones green."""
    made = recipe(photographs, epochs=30, learning_rate=3e-3, ema=0.0, evaluate_every=30)
    events = [*fit(made, tmp_path / "run")]
    assert any(isinstance(event, Noted) for event in events)
    network = olhar.load(tmp_path / "run")
    batch = made.datasets().train.batch(np.arange(5))
    with torch.inference_mode():
        lab = olhar.media.color.srgb_to_lab(batch["image"])
        said = network(lab[:, :1], torch.zeros_like(lab))
        ab = network.decode(said, 0.0)
    sky, meadow = ab[..., :2, :].mean((2, 3)), ab[..., -2:, :].mean((2, 3))
    assert (sky[:, 1] < -5).all(), "b* below 0 is blue"
    assert (meadow[:, 0] < -5).all(), "a* below 0 is green"

    sheet, out = tmp_path / "sheet.png", tmp_path / "out.json"
    words = ["evaluate", str(tmp_path / "run"), str(photographs), "--sheet", str(sheet), "--json"]
    with out.open("w") as file, contextlib.redirect_stdout(file):
        assert main(words) == 0
    found = json.loads(out.read_text())
    assert found["protocol"] == "olhar-color-160"
    assert found["ab_ratio"] == pytest.approx(
        found["rows"]["safe"]["ab_error"] / found["rows"]["tint"]["ab_error"]
    )
    assert found["rows"]["grey"]["colorfulness"] == pytest.approx(0, abs=0.01)
    assert olhar.read(sheet).image.shape[2] == 8 * 128
