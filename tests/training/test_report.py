"""Reports: one page for every kind, in both languages, safe whatever a class is called."""

import json
import re
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

import olhar
from olhar import cli
from olhar.classify.attention import attention, last_maps, lit
from olhar.classify.network import ARCHITECTURES, Predictor
from olhar.classify.recipe import Classifier
from olhar.data.augment import Augment
from olhar.nets.receptive import receptive_field
from olhar.training.fit import fit

NASTY = "<script>alert('x')<"
VOID = {"meta", "link", "img", "input", "br"}


class Reader(HTMLParser):
    """A page, which must be well formed, and its text by language."""

    def __init__(self, source: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict]] = []
        self.text = {"": "", "en": "", "pt-BR": ""}
        self._open: list[tuple[str, str]] = []
        self.feed(source)
        assert self._open == []

    def handle_starttag(self, tag, attrs):
        values = dict(attrs)
        self.tags.append((tag, values))
        outer = self._open[-1][1] if self._open else ""
        if tag not in VOID:
            self._open.append((tag, values.get("lang", outer) if tag != "html" else ""))

    def handle_startendtag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        assert self._open.pop()[0] == tag

    def handle_data(self, data):
        if self._open and self._open[-1][0] not in ("style", "script"):
            self.text[self._open[-1][1]] += data


def read(folder: Path) -> tuple[Reader, dict]:
    source = (folder / "report.html").read_text("utf-8")
    assert not re.search(r"""(?:src|href)=["']?(?:https?:|//)|@import|url\(""", source)
    page = Reader(source)
    for tag, values in page.tags:
        assert not any(name.startswith("on") for name in values)
        if tag == "img":
            assert values["src"].startswith("data:image/")
            assert values["alt"] == values["data-en"]
            assert values["data-pt"]
    assert sum(tag == "script" for tag, _ in page.tags) == 1
    return page, json.loads((folder / "report.json").read_text("utf-8"))


def picture(path: Path, level: int, seed: int) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    noise = np.random.default_rng(seed).integers(0, 120, (16, 16, 3)) + level
    Image.fromarray(noise.clip(0, 255).astype("uint8")).save(path)


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    folder = tmp_path_factory.mktemp("place")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("OLHAR_CACHE", str(folder / "cache"))
        names = ["plain", NASTY.replace("/", ""), "ação"]
        for part, count, seed in (("train", 12, 0), ("validation", 4, 100), ("test", 6, 200)):
            for c, name in enumerate(names):
                for i in range(count):
                    picture(folder / "data" / part / name / f"{i}.png", 40 * c, 1000 * c + seed + i)
        twin = folder / "data" / "test" / "plain" / "twin.png"
        twin.write_bytes((folder / "data" / "train" / "plain" / "0.png").read_bytes())
        lines = ["file,a,b"]
        for i in range(30):
            picture(folder / "table" / f"{i}.png", 4 * i, i)
            lines.append(f"{i}.png,{i},{-i}")
        (folder / "table" / "t.csv").write_text("\n".join(lines))
        lines = ["file,labels"]
        for i in range(40):
            picture(folder / "labels" / f"{i}.png", 4 * i, i)
            lines.append(f"{i}.png,{['sun;sea', 'sea', 'sun'][i % 3]}")
        (folder / "labels" / "t.csv").write_text("\n".join(lines))
        yield folder


@pytest.fixture(autouse=True)
def _cache(place, monkeypatch):
    monkeypatch.setenv("OLHAR_CACHE", str(place / "cache"))


def test_a_classifier(place, capsys) -> None:
    recipe = Classifier(
        data=place / "data", architecture="cnn", widths=(8, 8), epochs=2, augment=Augment()
    )
    list(fit(recipe, place / "run", device="cpu"))
    assert cli.main(["evaluate", str(place / "run"), "-o", str(place / "report")]) == 0
    assert "report.html" in capsys.readouterr().out
    page, values = read(place / "report")
    name = NASTY.replace("/", "")
    assert name in page.text[""] + page.text["en"]
    for english, portuguese in (("What was taken", "O que foi tomado"), ("Seen before", "Já vis")):
        assert english in page.text["en"]
        assert portuguese in page.text["pt-BR"]
    assert values["split"] == "test"
    assert np.sum(values["confusion"]["matrix"]) == values["examples"] == 19
    assert values["calibration"]["temperature"] == olhar.load(place / "run").temperature
    assert sum(values["calibration"]["bins"]["counts"]) == 19
    assert len(values["classes"]["plain"]["intervals"]["f1"]) == 2
    pairs = values["near_duplicates"]["pairs"]
    assert pairs == [{"measured": "test/plain/twin.png", "learned_from": "train/plain/0.png"}]
    assert values["attention"]["method"] == "grad-cam"
    assert values["network"]["receptive_field"] == 14  # of 16, cut off by the border
    assert values["curves"]["epochs"] == [1, 2]
    assert values["network"]["parameters"] == sum(
        p.numel() for p in olhar.load(place / "run").parameters()
    )


@pytest.mark.parametrize("table", ["table", "labels"])
def test_numbers_and_labels(place, table) -> None:
    kind = "regressor" if table == "table" else "classifier"
    words = ["train", kind, str(place / table / "t.csv"), "-o", str(place / f"run {table}")]
    words += ["--architecture", "mlp", "--widths", "8", "--epochs", "2", "--quiet"]
    assert cli.main(words) == 0
    out = place / f"report {table}"
    assert cli.main(["evaluate", str(place / f"run {table}"), "-o", str(out), "--quiet"]) == 0
    page, values = read(out)
    assert values["attention"]["method"] == "input gradients"
    assert ("scatter" in values) == (kind == "regressor")
    assert ("calibration" in values) == (kind == "classifier")
    assert "Relatório" in page.text["pt-BR"]


# What a network looked at --------------------------------------------------------------------


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_every_architecture_looks_somewhere(architecture) -> None:
    network = Predictor(architecture, task="class", outputs=3, size=(16, 16)).eval()
    batch = torch.rand(2, 3, 16, 16)
    with torch.inference_mode():
        heat, maps = attention(network, batch, torch.tensor([0, 2]))
    assert heat.shape == (2, 16, 16)
    assert 0 <= heat.min() <= heat.max() <= 1
    assert maps == (architecture in ("cnn", "resnet", "fast", "lite0"))
    assert all(p.grad is None for p in network.parameters())
    bright = lit(batch, heat)
    assert bright.shape == batch.shape
    assert 0 <= bright.min() <= bright.max() <= 1


class Corner(torch.nn.Module):
    """Its score is the first map's brightness in the upper left quarter."""

    def __init__(self) -> None:
        super().__init__()
        self.body = torch.nn.Sequential(torch.nn.Conv2d(3, 2, 1, bias=False), torch.nn.Identity())
        torch.nn.init.ones_(self.body[0].weight)

    def forward(self, batch):
        maps = self.body(batch)
        return maps[:, :, :4, :4].mean((2, 3))


def test_grad_cam_by_hand() -> None:
    batch = torch.zeros(1, 3, 8, 8)
    batch[..., 2:4, 1:3] = 1.0
    heat, maps = attention(Corner(), batch, torch.tensor([0]))
    assert maps
    assert torch.equal(heat[0] > 0.5, batch[0, 0] > 0.5)


@pytest.mark.parametrize(
    ("layers", "expected"),
    [
        ([torch.nn.Conv2d(3, 2, 3, padding=1)], 3),
        ([torch.nn.Conv2d(3, 2, 3, padding=1), torch.nn.Conv2d(2, 2, 3, padding=1)], 5),
        ([torch.nn.Conv2d(3, 2, 3, padding=1), torch.nn.MaxPool2d(2)], 4),
        (
            [
                torch.nn.Conv2d(3, 2, 3, 2, padding=1),
                torch.nn.ReLU(),
                torch.nn.Conv2d(2, 2, 3, 1, 1),
            ],
            7,
        ),
        ([torch.nn.Conv2d(3, 2, 3, padding=4, dilation=4)], 9),
        ([torch.nn.Conv2d(3, 2, 1), torch.nn.GroupNorm(1, 2)], 32),
    ],
)
def test_receptive_fields_by_hand(layers, expected) -> None:
    network = torch.nn.Sequential(*layers).eval()
    assert receptive_field(network, lambda like, picture: like(picture), 32) == expected


def test_a_residual_network_sees_what_its_longest_path_sees() -> None:
    network = Predictor("cnn", task="class", outputs=2, size=(64, 64), widths=(4, 4)).eval()
    side = receptive_field(network, lambda like, picture: last_maps(like, picture)[1], 64)
    assert side == 16  # 1+2+2 = 5, pooled 6, then 4 + 4 = 14, pooled 16
