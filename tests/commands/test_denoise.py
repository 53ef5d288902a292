"""`olhar denoise`, as it is typed, with a network that halves the contrast and no more."""

import json

import numpy as np
import pytest
import torch
from PIL import Image

from olhar import cli, hub
from olhar.autoencode.denoiser import Denoiser
from olhar.autoencode.network import Autoencoder
from olhar.media.image import read
from olhar.media.video import frames, write_video


def save(path, network):
    card = hub.Card(
        name=path.stem,
        kind="autoencoder",
        summary="Made for a test.",
        licence="CC0-1.0",
        origin="made for a test",
        arguments=network.arguments,
    )
    hub.save(path, network.state_dict(), card)


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    folder = tmp_path_factory.mktemp("place")
    network = Denoiser(widths=(12,), blocks=0)
    with torch.no_grad():
        for conv, weight in ((network.first, 1.0), (network.last, 0.5)):
            conv.weight.zero_()
            conv.weight[range(12), range(12), 1, 1] = weight  # the noise is half of what there is
    save(folder / "half.safetensors", network)
    save(folder / "code.safetensors", Autoencoder("dense", size=8, latent=2))
    rng = np.random.default_rng(0)
    picture = Image.fromarray(rng.integers(0, 256, (30, 41, 3), dtype=np.uint8))
    exif = Image.Exif()
    exif[0x010E] = "a dark room"
    (folder / "album" / "2021").mkdir(parents=True)
    picture.save(folder / "night.png", exif=exif, dpi=(300, 300))
    picture.save(folder / "album" / "one.png")
    picture.convert("L").save(folder / "album" / "2021" / "grey.png")
    (folder / "album" / "broken.png").write_bytes(b"no picture")
    images = [torch.full((3, 48, 64), 0.2 + 0.1 * n) for n in range(5)]
    write_video(folder / "film.mp4", images, 25)
    return folder


@pytest.fixture(autouse=True)
def _there(place, monkeypatch):
    monkeypatch.chdir(place)


def ran(capsys, line, code=0):
    assert cli.main(f"denoise {line}".split()) == code
    return capsys.readouterr()


def test_a_photograph_keeps_what_its_file_knew(capsys):
    said = ran(capsys, "night.png -o clean.png --model half.safetensors").out
    assert "clean.png: made" in said
    before, after = read("night.png"), read("clean.png")
    assert b"a dark room" in after.exif
    assert after.dpi == pytest.approx((300, 300), abs=0.01)
    assert torch.allclose(after.image, before.image / 2, atol=1 / 255)


def test_strength_is_a_share(capsys):
    ran(capsys, "night.png -o weak.png --model half.safetensors --strength 0.2")
    ran(capsys, "night.png -o same.png --model half.safetensors --strength 0")
    before = read("night.png").image
    assert torch.allclose(read("weak.png").image, before * 0.9, atol=1 / 255)
    assert torch.equal(read("same.png").image, before)


def test_a_folder_is_mirrored_and_goes_on(capsys):
    line = "album -o out --model half.safetensors --json"
    first = json.loads(ran(capsys, line, code=1).out)
    assert len(first["done"]) == 2
    assert "broken.png" in str(first["failed"])
    assert read("out/2021/grey.png").grey
    again = json.loads(ran(capsys, line, code=1).out)
    assert len(again["skipped"]) == 2
    other = json.loads(ran(capsys, f"{line} --strength 0.5", code=1).out)
    assert len(other["done"]) == 2


def test_a_film_is_done_frame_by_frame(capsys):
    ran(capsys, "film.mp4 -o clean.mp4 --model half.safetensors")
    levels = [float(frame.image.mean()) for frame in frames("clean.mp4")]
    assert levels == pytest.approx([0.1, 0.15, 0.2, 0.25, 0.3], abs=0.02)


@pytest.mark.parametrize(
    ("flags", "sentence"),
    [
        ("--strength 2", "--strength must be a number from 0 to 1"),
        ("--strength nan", "--strength must be a number from 0 to 1"),
        ("--max-pixels 0", "--max-pixels must be 1 or more"),
        ("--model code.safetensors", "--architecture denoiser"),
        ("--model vgg16", "vgg16 is a vgg16"),
        ("--model nothing", "nothing"),
    ],
)
def test_mistakes_get_a_sentence(capsys, flags, sentence):
    assert sentence in ran(capsys, f"night.png -o x.png {flags}", code=2).err
