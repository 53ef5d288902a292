"""The paintings are rich, reproducible, the same at every size; photographs come unplugged."""

import functools
import importlib
import importlib.util
import socket
import subprocess
import sys

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import Tensor

from olhar.errors import OlharError
from olhar.media.image import read
from olhar.samples import PAINTINGS, PHOTOS, painting, photo, samples

# Mean colours at 64 pixels and seed 0: a change of the drawing has to be meant.
MEANS = {
    "night": (0.262, 0.343, 0.415),
    "lilies": (0.457, 0.495, 0.587),
    "wave": (0.546, 0.559, 0.582),
    "glass": (0.450, 0.415, 0.309),
    "points": (0.559, 0.591, 0.557),
    "mosaic": (0.460, 0.445, 0.410),
    "azulejo": (0.495, 0.519, 0.584),
    "ink": (0.475, 0.471, 0.432),
}


@functools.cache
def drawn(name: str, size: int = 64, seed: int = 0) -> Tensor:
    return painting(name, size, seed)


def shrunk(image: Tensor, size: int) -> Tensor:
    return F.interpolate(image[None], (size, size), mode="area")[0]


@pytest.mark.parametrize("name", PAINTINGS)
def test_a_painting_is_an_image_and_another_seed_another_painting(name):
    image = drawn(name)
    assert image.shape == (3, 64, 64)
    assert image.dtype == torch.float32
    assert image.is_contiguous()
    assert 0 <= image.min() < 0.2
    assert 0.8 < image.max() <= 1
    other = shrunk(drawn(name, 256, seed=1), 64)
    assert (other - image).square().mean().sqrt() > 0.04


@pytest.mark.parametrize("name", ["lilies", "glass", "mosaic", "azulejo"])  # every way of drawing
def test_a_seed_gives_the_same_picture_twice(name):
    assert torch.equal(painting(name, 64, 0), drawn(name))


@pytest.mark.parametrize("name", PAINTINGS)
def test_a_painting_is_what_it_was(name):
    assert drawn(name).mean((1, 2)).tolist() == pytest.approx(MEANS[name], abs=0.01)


@pytest.mark.parametrize(
    "name", ["wave", "glass", "azulejo", "ink"]
)  # the others are planned at one
def test_the_composition_is_the_same_at_every_resolution(name):
    draw = getattr(importlib.import_module(f"olhar.samples.{name}"), name)
    coarse = torch.from_numpy(draw(np.random.default_rng(0), 384)).permute(2, 0, 1)
    difference = (shrunk(coarse, 64) - drawn(name)).square().mean().sqrt()
    assert difference < 0.05  # seeds differ by 0.09 and more


@pytest.mark.parametrize("name", PAINTINGS)
def test_a_painting_is_rich_everywhere_and_at_every_scale(name):
    image = drawn(name, 256, seed=1)
    grey = image.mean(0, keepdim=True)[None]  # (1, 1, 256, 256)

    low, high = grey.flatten().quantile(torch.tensor([0.02, 0.98])).tolist()
    assert high - low > 0.6, "lights and darks"

    tiles = F.unfold(grey, 32, stride=32)[0]  # (1024, 64): 8 x 8 tiles
    assert tiles.std(0).min() > 0.04, "no empty field"
    assert tiles.std(0).median() > 0.09

    for _ in range(5):  # octaves, the finest first
        coarse = F.avg_pool2d(grey, 2)
        detail = grey - F.interpolate(coarse, scale_factor=2)
        assert detail.std() > 0.02, f"texture at {grey.shape[-1]} pixels"
        grey = coarse

    chroma = torch.stack([image[0] - image[1], (image[0] + image[1]) / 2 - image[2]])
    assert chroma.flatten(1).std(1).max() > 0.08, "more than one hue"


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: painting("nacht"), "there is no painting 'nacht'; there are night, lilies"),
        (lambda: painting("night", 63), "size is 63; a painting is 64 to 2048 pixels wide"),
        (lambda: painting("night", 2049), "size is 2049; a painting is 64 to 2048 pixels wide"),
        (lambda: painting("night", seed=-1), "seed is -1; it must be 0 or more"),
        (lambda: photo("../chelsea"), "there is no photograph '../chelsea'; there are chelsea"),
        (lambda: samples("unused", names=["mona lisa"]), "there is no sample 'mona lisa'"),
    ],
)
def test_a_wrong_wish_is_answered_with_a_sentence(call, said):
    with pytest.raises(OlharError) as caught:
        call()
    assert str(caught.value).startswith(said)
    assert "\n" not in str(caught.value)


def test_names_are_known_without_torch_or_opencv():
    code = (
        "import sys, olhar.samples as s; assert s.PAINTINGS and s.PHOTOS;"
        "print(sorted({'torch', 'cv2', 'numpy', 'PIL'} & set(sys.modules)))"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "[]"


@pytest.mark.parametrize("name", PHOTOS)
def test_photographs_are_in_the_wheel_and_need_no_network(name, monkeypatch):
    pytest.importorskip("skimage")

    def refuse(*_, **__):
        raise AssertionError("the network was asked")

    monkeypatch.setattr(socket, "socket", refuse)
    image = photo(name)
    assert image.shape[0] == 3
    assert 300 <= min(image.shape[1:]) <= max(image.shape[1:]) <= 1000
    assert image.std() > 0.05
    assert image.min() >= 0
    assert image.max() <= 1


def test_without_scikit_image_the_fix_is_named(monkeypatch, tmp_path):
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(OlharError, match=r"scikit-image.*: pip install scikit-image$"):
        photo("coffee")
    with pytest.raises(OlharError, match="scikit-image"):
        samples(tmp_path, names=["coffee"])
    assert not list(tmp_path.iterdir())

    monkeypatch.setattr("olhar.samples.PAINTINGS", {"glass": "one is enough here"})
    result = samples(tmp_path, size=64)
    assert [path.name for path in result.written] == ["glass.png"]
    assert set(result.left_out) == set(PHOTOS)
    assert result.exit_code == 0
    assert str(result).splitlines()[0] == f"{tmp_path}: 1 written"
    assert "note: coffee: the photograph coffee comes with scikit-image" in str(result)


def test_samples_are_files_that_can_be_read_again(tmp_path):
    result = samples(tmp_path / "new", size=64, seed=1, names=["wave", "glass"])
    assert result.as_dict() == {
        "written": [str(tmp_path / "new" / name) for name in ("wave.png", "glass.png")],
        "left_out": {},
    }
    again = read(tmp_path / "new" / "wave.png").image
    assert (again - drawn("wave", seed=1)).abs().max() <= 0.5 / 255 + 1e-6
