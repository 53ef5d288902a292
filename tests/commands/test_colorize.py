"""`olhar colorize`, as it is typed, with a small untrained network."""

import json

import numpy as np
import pytest
import torch
from PIL import Image

from olhar import cli, hub
from olhar.colorize.network import ColorNet
from olhar.media import segments
from olhar.media.color import lightness, srgb_to_lab
from olhar.media.image import read, write
from olhar.media.video import frames, write_video


def landscape(height=60, width=80, shift=0):
    y, x = np.mgrid[:height, :width]
    return (110 + 70 * np.sin((x + shift) / 9) + 50 * np.cos(y / 7)).clip(0, 255).astype("uint8")


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    folder = tmp_path_factory.mktemp("place")
    torch.manual_seed(0)
    network = ColorNet(widths=(16, 16, 16, 16), side=32)
    with torch.no_grad():
        network.head.weight.mul_(20)  # or it would say grey
    card = hub.Card(
        name="small",
        kind="colorizer",
        summary="An untrained colorizer.",
        licence="CC0-1.0",
        origin="made for a test",
        arguments=network.arguments,
    )
    hub.save(folder / "small.safetensors", network.state_dict(), card)
    exif = Image.Exif()
    exif[0x010E] = "grandmother"
    (folder / "album" / "1912").mkdir(parents=True)
    Image.fromarray(landscape()).save(folder / "old.jpg", exif=exif, quality=95, dpi=(300, 300))
    deep = Image.fromarray(landscape().astype("uint16") * 257)
    deep.save(folder / "album" / "deep.png")
    sepia = landscape()[..., None] / 255.0 ** np.array([1, 1, 1])
    sepia = (255 * sepia ** np.array([0.8, 1.0, 1.4])).astype("uint8")
    Image.fromarray(sepia).save(folder / "album" / "1912" / "sepia.png")
    noise = np.random.default_rng(0).integers(0, 255, (6, 8, 3)).astype("uint8")
    colored = Image.fromarray(noise).resize((80, 60))
    colored.save(folder / "album" / "colored.png")
    colored.save(folder / "colored.png")
    grey = torch.from_numpy(landscape())[None].expand(3, -1, -1) / 255
    write_video(folder / "film.mp4", [grey.roll(n, 2) for n in range(6)], 25)
    hints = {"points": [{"x": 0.2, "y": 0.5, "color": "#d03020", "radius": 0.1}]}
    (folder / "hints.json").write_text(json.dumps(hints))
    return folder


@pytest.fixture(autouse=True)
def _there(place, monkeypatch):
    monkeypatch.chdir(place)


def ran(capsys, line, code=0):
    assert cli.main(f"colorize {line} --model small.safetensors".split()) == code
    return capsys.readouterr()


def ab(path):
    return srgb_to_lab(read(path).image)[1:]


def test_a_photograph_gets_colours_and_keeps_what_its_file_knew(capsys):
    said = ran(capsys, "old.jpg -o new/old.png").out
    assert "new/old.png: made" in said
    old, new = read("old.jpg"), read("new/old.png")
    assert new.dpi == pytest.approx((300, 300), abs=0.01)
    assert b"grandmother" in new.exif
    assert not new.grey
    assert ab("new/old.png").norm(dim=0).mean() > 4
    drift = (lightness(new.image) - lightness(old.image)).abs()
    assert drift.mean() <= 0.1
    assert drift.flatten().quantile(0.999) <= 1.0
    again = ran(capsys, "old.jpg -o new/again.png --vivid 0.6")
    assert torch.equal(read("new/again.png").image, new.image)
    assert not again.err


def test_a_folder_is_mirrored_and_what_is_in_colour_left_out(capsys):
    said = ran(capsys, "album -o made/").out
    assert "2 made" in said
    assert "album/colored.png is in colour already, so it is left as it is; --again" in said
    assert (read("made/deep.png").bits, read("made/deep.png").grey) == (16, False)
    exact = (lightness(read("made/deep.png").image) - lightness(read("album/deep.png").image)).abs()
    assert exact.max() < 0.01
    assert "2 there already" in ran(capsys, "album -o made/").out
    said = json.loads(ran(capsys, "album -o made/ --vivid 1 --json").out)
    assert len(said["done"]) == 2
    assert "3 made" in ran(capsys, "album -o all/ --again").out


def test_a_coloured_picture_alone_is_refused_with_the_way_out(capsys):
    said = ran(capsys, "colored.png -o x.png", 2).err
    assert "colored.png is in colour already, so it is left as it is; --again" in said
    assert "made" in ran(capsys, "colored.png -o x.png --again").out


def test_variants_are_numbered_files_that_differ_and_come_back(capsys):
    ran(capsys, "old.jpg -o several/old.png --variants 3 --seed 5")
    files = [f"several/old-{n}.png" for n in (1, 2, 3)]
    images = [ab(file) for file in files]
    assert not torch.equal(images[0], images[1])
    assert not torch.equal(images[1], images[2])
    ran(capsys, "old.jpg -o back.png --variants 2 --seed 5")
    assert torch.equal(ab("back-2.png"), images[1])
    said = ran(capsys, "album -o many/ --variants 2 --again").out
    assert "6 made" in said
    assert "6 there already" in ran(capsys, "album -o many/ --variants 2 --again").out
    said = ran(capsys, "album -o many/ --variants 3 --again").out
    assert "3 made, 6 there already" in said


def test_a_reference_gives_its_colours(capsys, place):
    pink = np.full((40, 40, 3), (230, 120, 150), "uint8")
    pink[::2] = (200, 90, 140)
    Image.fromarray(pink).save("pink.png")
    ran(capsys, "old.jpg -o like.png --reference pink.png")
    assert (ab("like.png").mean((1, 2)) - ab("pink.png").mean((1, 2))).norm() < 15
    assert (
        "exclude each other"
        in ran(capsys, "old.jpg -o a.png --reference pink.png --variants 2", 2).err
    )
    said = ran(capsys, "old.jpg -o pink.png --reference pink.png", 2).err
    assert "one of the files it would be made from" in said


def test_hints_change_what_they_are_about(capsys):
    ran(capsys, "old.jpg -o plain.png")
    ran(capsys, "old.jpg -o hinted.png --hints hints.json")
    there = ab("hinted.png")[:, 30, 16]
    assert there[0] > 20
    assert torch.equal(ab("plain.png"), ab("plain.png"))
    assert (ab("hinted.png") - ab("plain.png")).norm(dim=0)[30, 16] > 5
    assert "belong to one photograph" in ran(capsys, "album -o x/ --hints hints.json", 2).err


def test_a_film_stays_a_film(capsys):
    ran(capsys, "film.mp4 -o film-new.mp4")
    grey, new = (list(frames(path)) for path in ("film.mp4", "film-new.mp4"))
    assert len(new) == len(grey)
    assert [frame.pts for frame in new] == [frame.pts for frame in grey]
    assert all(srgb_to_lab(frame.image)[1:].norm(dim=0).mean() > 3 for frame in new)
    said = ran(capsys, "film.mp4 -o y.mp4 --variants 2", 2).err
    assert "films are coloured without --hints and --variants" in said


def test_a_film_that_was_stopped_goes_on(capsys, tmp_path, monkeypatch):
    ran(capsys, f"film.mp4 -o {tmp_path}/whole.mp4")
    monkeypatch.setattr(segments, "_LIMITS", (2, 2))
    out = tmp_path / "out.mp4"
    with monkeypatch.context() as patch:
        patch.setattr(
            segments.Segments, "packets", lambda _: (_ for _ in ()).throw(KeyboardInterrupt)
        )
        said = ran(capsys, f"film.mp4 -o {out}", 130).err
    assert "6 of 6 frames of film.mp4 are done" in said
    for path in tmp_path.rglob("00002.*"):
        path.unlink()
    assert "4 frames were there" in ran(capsys, f"film.mp4 -o {out}").out
    for one, other in zip(frames(tmp_path / "whole.mp4"), frames(out), strict=True):
        assert one.pts == other.pts
        assert float((one.image - other.image).abs().mean()) < 0.02
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out.mp4", "whole.mp4"]


def test_a_film_in_color_is_left_out_unless_it_is_asked_for(capsys, tmp_path):
    vivid = read("colored.png").image
    write_video(tmp_path / "vivid.mp4", [vivid] * 3, 25)
    said = ran(capsys, f"{tmp_path}/vivid.mp4 -o {tmp_path}/left.mp4", 2).err
    assert "is in colour already" in said
    assert not (tmp_path / "left.mp4").exists()
    ran(capsys, f"{tmp_path}/vivid.mp4 -o {tmp_path}/anew.mp4 --again")
    (before, *_), (after, *_) = (
        list(frames(tmp_path / f"{name}.mp4")) for name in ("vivid", "anew")
    )
    assert (after.image - before.image).abs().mean() > 0.05


def test_a_film_takes_the_colors_of_a_reference(capsys, tmp_path):
    red = torch.stack([torch.full((40, 40), level) for level in (0.9, 0.2, 0.2)])
    red = red * torch.linspace(0.2, 1, 40)
    write(tmp_path / "red.png", red)
    ran(capsys, "film.mp4 -o film-plain.mp4")
    ran(capsys, f"film.mp4 -o film-red.mp4 --reference {tmp_path}/red.png")
    plain, reddened = (next(iter(frames(f"film-{name}.mp4"))) for name in ("plain", "red"))
    a, b = (srgb_to_lab(frame.image)[1].mean() for frame in (plain, reddened))
    assert b > a + 5


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("old.jpg -o a.png --variants 0", "variants is 0; it must be a whole number from 1 to 100"),
        ("old.jpg -o a.png --vivid 3", "vivid is 3.0; it must be a number from 0 to 1"),
        ("old.jpg -o a.png --max-pixels 0", "--max-pixels must be 1 or more"),
        ("old.jpg -o a.png --hints old.jpg", "old.jpg: has no transparency"),
        ("old.jpg -o a.png --reference old.jpg", "the reference has hardly any colour"),
        ("none.jpg -o a.png", "none.jpg: there is no such file or folder"),
        ("old.jpg -o a.png --views all", "--views takes one of one, flip, many"),
        ("old.jpg -o a.txt", "a.txt does not say what to write"),
    ],
)
def test_a_mistake_is_a_sentence(capsys, line, says):
    assert says in ran(capsys, line, 2).err


def test_a_model_of_another_kind_is_refused(capsys):
    assert cli.main(["colorize", "old.jpg", "-o", "a.png", "--model", "vgg16"]) == 2
    assert "vgg16 is a vgg16; colouring needs a colorizer" in capsys.readouterr().err
