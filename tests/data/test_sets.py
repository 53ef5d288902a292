"""Published sets: written out once, whole or not at all, then read without network or library."""

import io
import sys

import numpy as np
import pytest
from PIL import Image

from olhar.data.examples import examples
from olhar.errors import OlharError


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("OLHAR_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


def picture(level, kind="PNG"):
    file = io.BytesIO()
    Image.new("RGB", (8, 8), (level, 0, 0)).save(file, kind)
    return file.getvalue()


def levels(found):
    return [np.asarray(Image.open(file).convert("RGB"))[0, 0, 0] for file in found.files]


@pytest.fixture
def on_disk(tmp_path):
    datasets = pytest.importorskip("datasets")

    def save(columns, features=None, **parts):
        def part(rows):
            return datasets.Dataset.from_dict(
                {key: [row[i] for row in rows] for i, key in enumerate(columns)},
                features=datasets.Features(features(datasets)),
            )

        folder = tmp_path / "saved"
        datasets.disable_progress_bars()
        datasets.DatasetDict({key: part(rows) for key, rows in parts.items()}).save_to_disk(folder)
        return f"hf:{folder}"

    return save


def test_a_hugging_face_set_keeps_its_bytes_classes_and_split(on_disk, home):
    jpeg = picture(200, "JPEG")
    source = on_disk(
        ("image", "label", "id"),
        lambda d: {
            "image": d.Image(),
            "label": d.ClassLabel(names=["hat", "São, ou não"]),
            "id": d.Value("int32"),
        },
        train=[({"bytes": jpeg}, 1, 7), ({"bytes": picture(10)}, 0, 8)],
        test=[({"bytes": picture(20)}, 1, 9), ({"bytes": picture(30)}, -1, 10)],
        unsupervised=[({"bytes": picture(40)}, 0, 11)],
    )
    found = examples(source)
    assert (found.task, found.classes) == ("class", ("hat", "São, ou não"))
    by_part = sorted(zip(found.split, found.targets.tolist(), levels(found), strict=True))
    assert [(part, target) for part, target, _ in by_part] == [
        ("test", 1),
        ("train", 0),
        ("train", 1),
    ]
    assert [level for *_, level in by_part][:2] == [20, 10]
    assert jpeg in {file.read_bytes() for file in found.files}
    assert {file.suffix for file in found.files} == {".jpg", ".png"}
    again = examples(source, target="id", task="number")
    assert sorted(again.targets[:, 0].tolist()) == [7, 8, 9, 10]
    assert len(list((home / "sets").glob("*/"))) == 1


def test_a_hugging_face_set_of_several_labels_with_one_part(on_disk):
    source = on_disk(
        ("photo", "tags"),
        lambda d: {"photo": d.Image(), "tags": d.List(d.ClassLabel(names=["a", "b", "c"]))},
        train=[
            ({"bytes": picture(1)}, [0, 2]),
            ({"bytes": picture(2)}, []),
            ({"bytes": picture(3)}, [1]),
        ],
    )
    found = examples(source)
    assert (found.task, found.classes, found.split) == ("labels", ("a", "b", "c"), None)
    assert dict(zip(levels(found), map(tuple, found.targets.tolist()), strict=True)) == {
        1: (1, 0, 1),
        2: (0, 0, 0),
        3: (0, 1, 0),
    }


def test_a_hugging_face_set_without_pictures_is_told(on_disk):
    source = on_disk(("text",), lambda d: {"text": d.Value("string")}, train=[("a",)])
    with pytest.raises(OlharError, match="no column of pictures, only text"):
        examples(source)


@pytest.fixture
def digits(monkeypatch):
    torchvision = pytest.importorskip("torchvision")
    made = []

    class Digits(torchvision.datasets.VisionDataset):
        classes = ("nine", ("ten", "dez"))

        def __init__(self, root, train=True, download=False):
            super().__init__(root)
            assert download
            made.append(train)
            self.base = 0 if train else 100

        def __len__(self):
            return 4 if self.base == 0 else 2

        def __getitem__(self, i):
            return Image.new("L", (8, 8), self.base + i), i % 2

    monkeypatch.setattr(torchvision.datasets, "Digits", Digits, raising=False)
    return Digits, made


def test_a_torchvision_set_is_fetched_once(digits, monkeypatch):
    found = examples("torchvision:Digits")
    assert (found.task, found.classes) == ("class", ("nine", "ten"))
    assert found.split.count("train") == 4
    assert levels(found) == [100, 101, 0, 1, 2, 3]
    assert found.targets.tolist() == [0, 1, 0, 1, 0, 1]
    monkeypatch.setitem(sys.modules, "torchvision.datasets", None)  # not even there any more
    assert examples("torchvision:Digits").names == found.names
    assert digits[1] == [True, False]


def test_a_set_that_stops_in_the_middle_leaves_nothing_that_looks_whole(digits, home, monkeypatch):
    kind, _ = digits
    true = kind.__getitem__

    def breaks(self, i):
        if i == 3:
            raise KeyboardInterrupt
        return true(self, i)

    monkeypatch.setattr(kind, "__getitem__", breaks)
    with pytest.raises(KeyboardInterrupt):
        examples("torchvision:Digits")
    assert not (home / "sets" / "torchvision-Digits").exists()
    monkeypatch.setattr(kind, "__getitem__", true)
    assert len(examples("torchvision:Digits")) == 6


def test_parts_of_a_torchvision_set_by_their_names(monkeypatch):
    torchvision = pytest.importorskip("torchvision")

    class Parts(torchvision.datasets.VisionDataset):
        def __init__(self, root, split="train"):
            if split not in {"trainval", "test"}:
                raise ValueError(f"unknown {split}")
            super().__init__(root)
            self.part = split

        def __len__(self):
            return 2

        def __getitem__(self, i):
            return Image.new("RGB", (8, 8)), i

    monkeypatch.setattr(torchvision.datasets, "Parts", Parts, raising=False)
    found = examples("torchvision:Parts")
    assert sorted(found.split) == ["test", "test", "train", "train"]
    assert found.classes == ("0", "1")


@pytest.mark.parametrize("source", ["torchvision:CIFAR10", "hf:owner/name"])
def test_a_missing_package_is_named(source, monkeypatch):
    for module in ("torchvision.datasets", "datasets"):
        monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(OlharError, match=r'needs more packages: pip install "olhar\[sets\]"'):
        examples(source)


def test_without_network_it_says_what_to_do(digits, monkeypatch):
    kind, _ = digits

    def offline(self, *args, **options):
        raise OSError("Name or service not known")

    monkeypatch.setattr(kind, "__init__", offline)
    monkeypatch.setattr("inspect.signature", lambda kind: type("S", (), {"parameters": {}}))
    with pytest.raises(OlharError, match=r"Digits cannot be fetched: .*not known; check"):
        examples("torchvision:Digits")


def test_a_name_that_is_no_set(digits):
    with pytest.raises(OlharError, match="torchvision has no set Nothing"):
        examples("torchvision:Nothing")
    with pytest.raises(OlharError, match="torchvision has no set VisionDatasets"):
        examples("torchvision:VisionDatasets")
