"""Packing and unpacking folders."""

import copy
import json
import os
import shutil
import sys
import zlib
from functools import partial
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from codec_toys import drawn
from olhar import hub
from olhar.codec import open_packed, pack, unpack
from olhar.codec.archive import HEAD, LAYOUT, MAGIC, VERSION, Item, chunk, frame, safe
from olhar.codec.coding import Coding
from olhar.codec.model import Model, digest
from olhar.codec.network import Codec, weights
from olhar.codec.packed import _picture
from olhar.data.examples import examples
from olhar.errors import OlharError
from olhar.media.image import Picture, read, write


def _files(folder: Path) -> list[str]:
    return sorted(p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file())


def test_a_folder_comes_back(folder: Path, model: Path, tmp_path: Path):
    target = tmp_path / "flores.olhar"
    report = pack(folder, target, model=model, quality=60)
    assert (report.pictures, report.files, report.failed) == (7, 1, {})
    assert report.after == target.stat().st_size
    assert report.before == sum(p.stat().st_size for p in folder.rglob("*") if p.is_file())
    again = unpack(target, tmp_path / "again", model=model)
    assert (again.pictures, again.files, again.exit_code) == (7, 1, 0)
    assert _files(tmp_path / "again") == _files(folder)
    assert (tmp_path / "again/labels.csv").read_bytes() == (folder / "labels.csv").read_bytes()
    for name in _files(folder)[:2]:
        assert read(tmp_path / "again" / name).image.shape == read(folder / name).image.shape


def test_unpacking_replaces_no_picture_that_was_there(folder: Path, model: Path, tmp_path: Path):
    target = tmp_path / "a.olhar"
    pack(folder, target, model=model)
    before = {name: (folder / name).read_bytes() for name in _files(folder)}
    report = unpack(target, folder, model=model)
    assert {name: (folder / name).read_bytes() for name in _files(folder)} == before
    assert (report.pictures, report.files, report.exit_code) == (0, 1, 1)  # the table is the same
    assert len(report.failed) == 7
    assert all("was there before" in why for why in report.failed.values())
    (folder / "ipê 3.png").unlink()
    assert unpack(target, folder, model=model).pictures == 1
    for _ in range(2):  # the same command goes on after a stop
        assert unpack(target, tmp_path / "again", model=model).exit_code == 0


@pytest.mark.skipif(sys.platform != "linux", reason="names are text there")
def test_a_name_that_is_no_text_is_told_and_the_rest_is_packed(
    folder: Path, model: Path, tmp_path: Path
):
    odd = folder / os.fsdecode(b"caf\xe9.png")
    shutil.copy(folder / "ipê 3.png", odd)
    report = pack(folder, tmp_path / "a.olhar", model=model)
    assert (report.pictures, report.exit_code) == (7, 1)
    assert report.failed == {odd: "its name is no text in UTF-8; rename it"}
    assert "caf\\udce9.png" in str(report)


def test_what_an_animation_loses_is_told(folder: Path, model: Path, tmp_path: Path):
    frames = [Image.new("RGB", (40, 32), (60 * i, 0, 0)) for i in range(3)]
    frames[0].save(folder / "turn.gif", save_all=True, append_images=frames[1:])
    report = pack(folder, tmp_path / "a.olhar", model=model)
    assert report.exit_code == 0
    assert "turn.gif: animated: the first of 3 frames was used" in str(report)
    assert report.as_dict()["notes"] == {str(folder / "turn.gif"): [*report.notes.popitem()[1]]}


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes with names")
def test_a_pipe_is_not_waited_for(folder: Path, model: Path, tmp_path: Path):
    for name in ("pipe", "pipe.jpg"):
        os.mkfifo(folder / name)
    report = pack(folder, tmp_path / "a.olhar", model=model)
    assert (report.pictures, report.files) == (7, 1)
    assert all("pipe" in report.failed[folder / name] for name in ("pipe", "pipe.jpg"))


def test_pictures_are_what_the_codec_makes_of_them(
    folder: Path, model: Path, network: Codec, tmp_path: Path
):
    target = tmp_path / "a.olhar"
    pack(folder, target, model=model, quality=50)
    archive = open_packed(target, model)
    assert len(archive) == 7
    assert archive.names[0] == "açaí/a.jpg"
    number = archive.names.index("ipê 3.png")
    coding = Coding(network)
    data = coding.encode(read(folder / "ipê 3.png").image[None], 16)
    torch.testing.assert_close(
        archive[number], coding.decode(data, 40, 56, 16)[0], atol=1e-5, rtol=0
    )
    everything = list(archive)
    assert len(everything) == 7
    torch.testing.assert_close(everything[number], archive[number], atol=1e-5, rtol=0)
    png = unpack(target, tmp_path / "png", form="png", model=model)
    assert png.pictures == 7
    exact = (archive[number].clamp(0, 1) * 255).round() / 255
    torch.testing.assert_close(read(tmp_path / "png/ipê 3.png").image, exact, atol=1 / 254, rtol=0)
    assert (tmp_path / "png/açaí/a.png").exists()
    with pytest.raises(IndexError):
        archive[7]
    assert torch.equal(archive[-1], archive[6])


def test_what_files_knew_comes_along(model: Path, tmp_path: Path):
    root = tmp_path / "in"
    root.mkdir()
    exif = Image.Exif()
    exif[0x010E] = "a tree"
    exif[0x0112] = 6  # lies on its side
    pixels = (drawn(30, 50).permute(1, 2, 0) * 255).byte().numpy()
    Image.fromarray(pixels).save(root / "a.jpg", exif=exif, dpi=(300, 300))
    Image.fromarray(pixels[..., 0]).save(root / "grey.png")
    pack(root, tmp_path / "a.olhar", model=model)
    archive = open_packed(tmp_path / "a.olhar", model)
    first, second = (archive.picture(archive.names.index(n)) for n in ("a.jpg", "grey.png"))
    assert first.image.shape == (3, 50, 30)
    assert b"a tree" in (first.exif or b"")
    assert first.dpi == (300, 300)
    assert second.grey
    assert torch.equal(second.image[0], second.image[2])
    unpack(tmp_path / "a.olhar", tmp_path / "out", model=model)
    with Image.open(tmp_path / "out/a.jpg") as back:
        assert back.getexif()[0x010E] == "a tree"
        assert back.size == (30, 50)


def test_what_would_be_spoiled_is_refused_kept_or_flattened(model: Path, tmp_path: Path):
    root = tmp_path / "in"
    write(root / "a.png", drawn(16, 16))
    clear = Picture(image=drawn(16, 16), alpha=torch.linspace(0, 1, 256).view(1, 16, 16))
    write(root / "clear.png", clear)
    write(root / "deep.png", drawn(16, 16), bits=16)
    with pytest.raises(OlharError, match=r"clear.png has transparency.*--special keep"):
        pack(root, tmp_path / "a.olhar", model=model)
    assert not (tmp_path / "a.olhar").exists()
    pack(root, tmp_path / "kept.olhar", model=model, special="keep")
    unpack(tmp_path / "kept.olhar", tmp_path / "kept", model=model)
    for name in ("clear.png", "deep.png"):
        assert (tmp_path / "kept" / name).read_bytes() == (root / name).read_bytes()
    archive = open_packed(tmp_path / "kept.olhar", model)
    deep = archive.picture(archive.names.index("deep.png"))
    assert deep.bits == 16
    assert len(list(archive)) == 3
    pack(root, tmp_path / "flat.olhar", model=model, special="flatten")
    assert open_packed(tmp_path / "flat.olhar", model).picture(1).alpha is None


def test_every_byte_counts(folder: Path, model: Path, tmp_path: Path):
    """Any changed byte is noticed, and any missing one."""
    shutil.rmtree(folder / "açaí")
    for number in range(2, 5):
        (folder / f"ipê {number}.png").unlink()
    target = tmp_path / "a.olhar"
    pack(folder, target, model=model, quality=0)
    whole = target.read_bytes()
    generator = np.random.default_rng(0)
    places = {0, 9, 20, len(whole) - 1, *generator.integers(0, len(whole), 60).tolist()}
    for place in places:
        changed = bytearray(whole)
        changed[place] ^= 1 << int(generator.integers(8))
        target.write_bytes(changed)
        with pytest.raises(OlharError):
            open_packed(target, model).check()
    for end in (4, 11, len(whole) // 2, len(whole) - 1):
        target.write_bytes(whole[:end])
        with pytest.raises(OlharError):
            open_packed(target, model).check()
    target.write_bytes(whole + b"x")
    with pytest.raises(OlharError, match="1 bytes after its end"):
        open_packed(target, model)


def test_what_is_whole_can_be_recovered(
    folder: Path, model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("olhar.codec.packing.TOGETHER", 2)  # four chunks
    target = tmp_path / "a.olhar"
    pack(folder, target, model=model)
    archive = open_packed(target, model)
    whole = target.read_bytes()
    item, start = archive.items[2]
    changed = bytearray(whole)
    changed[start + item.length // 2] ^= 8  # a picture
    head = archive.items[4][1] - 20  # the head of a chunk
    changed[head] ^= 1
    target.write_bytes(changed)
    with pytest.raises(OlharError, match="get it again, or save what is whole"):
        unpack(target, tmp_path / "no", model=model)
    assert not (tmp_path / "no").exists()
    report = unpack(target, tmp_path / "some", model=model, recover=True)
    assert report.exit_code == 1
    assert report.pictures == 4  # 7 less one picture less a chunk of two
    assert [*report.failed] == [archive.names[2]]
    assert (tmp_path / "some/labels.csv").exists()
    target.write_bytes(whole[: archive.items[5][1]])
    report = unpack(target, tmp_path / "torso", model=model, recover=True)
    assert report.pictures == 4
    assert "ends before its end" in report.notes[0]


def test_the_wrong_codec_is_refused(folder: Path, model: Path, network: Codec, tmp_path: Path):
    target = tmp_path / "a.olhar"
    pack(folder, target, model=model)
    with pytest.raises(OlharError, match="was packed with the codec small"):
        open_packed(target)[0]
    other = {key: value.clone() for key, value in network.state_dict().items()}
    other["give.bias"] += 1
    path = hub.save(tmp_path / "small.safetensors", other, hub.load(model)[0])
    with pytest.raises(OlharError, match="the right one with --model"):
        open_packed(target, path)[0]


def test_a_stopped_run_goes_on(
    folder: Path, model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("olhar.codec.packing.TOGETHER", 2)
    whole = tmp_path / "whole.olhar"
    pack(folder, whole, model=model)
    coded = list[int]()
    plain = Coding.encode

    def stopping(self: Coding, images: torch.Tensor, level: int, refine: int) -> list[bytes]:
        if len(coded) == 2:
            raise KeyboardInterrupt
        coded.append(len(images))
        return plain(self, images, level, refine)

    target = tmp_path / "a.olhar"
    with monkeypatch.context() as patch:
        patch.setattr(Coding, "encode", stopping)
        with pytest.raises(KeyboardInterrupt, match="the same command goes on"):
            pack(folder, target, model=model)
    assert not target.exists()
    report = pack(folder, target, model=model)
    assert report.went_on >= 2
    assert report.pictures == 7
    assert target.read_bytes() == whole.read_bytes()
    assert [p.name for p in tmp_path.glob(".*")] == []


def test_another_quality_or_a_changed_picture_starts_anew(
    folder: Path, model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    target = tmp_path / "a.olhar"
    monkeypatch.setattr("olhar.codec.packing.TOGETHER", 2)

    def stop_in_the_middle() -> None:
        calls = iter(range(10))
        plain = Coding.encode

        def stopping(self: Coding, images: torch.Tensor, level: int, refine: int) -> list[bytes]:
            if next(calls) == 2:
                raise KeyboardInterrupt
            return plain(self, images, level, refine)

        with monkeypatch.context() as patch:
            patch.setattr(Coding, "encode", stopping)
            with pytest.raises(KeyboardInterrupt):
                pack(folder, target, model=model)

    stop_in_the_middle()
    assert pack(folder, target, model=model, quality=51 + 10).went_on == 0
    stop_in_the_middle()
    for path in folder.rglob("*.*"):
        os.utime(path, (2e9, 2e9))
    assert pack(folder, target, model=model).went_on == 0


def test_trainings_read_an_archive_like_a_folder(
    model: Path, network: Codec, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("OLHAR_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr("olhar.codec.packed.load", partial(_with, network))
    for name in ("gato", "cão"):
        for number in range(3):
            write(tmp_path / "in" / name / f"{number}.png", drawn(24, 24, number))
    pack(tmp_path / "in", tmp_path / "a.olhar", model=model)
    found = examples(tmp_path / "a.olhar")
    assert found.task == "class"
    assert found.classes == ("cão", "gato")
    assert len(found) == 6
    archive = open_packed(tmp_path / "a.olhar", model)
    first = read(found.files[0]).image
    name = found.files[0].relative_to(found.root).as_posix()
    torch.testing.assert_close(first, archive[archive.names.index(name)], atol=1 / 254, rtol=0)
    before = [path.stat().st_mtime_ns for path in found.files]
    assert [path.stat().st_mtime_ns for path in examples(tmp_path / "a.olhar").files] == before


def _with(network: Codec, *_: object) -> Model:
    return Model(Coding(network), "small", digest(network.state_dict()))


def test_bad_input_gets_a_sentence(folder: Path, model: Path, tmp_path: Path):
    with pytest.raises(OlharError, match="is no folder"):
        pack(tmp_path / "nothing", tmp_path / "a.olhar", model=model)
    with pytest.raises(OlharError, match=r"must end in .olhar"):
        pack(folder, tmp_path / "a.zip", model=model)
    with pytest.raises(OlharError, match="quality is 101"):
        pack(folder, tmp_path / "a.olhar", model=model, quality=101)
    (tmp_path / "empty").mkdir()
    with pytest.raises(OlharError, match="holds no pictures"):
        pack(tmp_path / "empty", tmp_path / "a.olhar", model=model)
    (folder / "broken.jpg").write_bytes(b"\xff\xd8\xff nothing")
    report = pack(folder, tmp_path / "a.olhar", model=model)
    assert [p.name for p in report.failed] == ["broken.jpg"]
    assert report.exit_code == 1
    (tmp_path / "b.olhar").write_text("hello hello")
    with pytest.raises(OlharError, match="is no archive of olhar"):
        open_packed(tmp_path / "b.olhar")
    with pytest.raises(OlharError, match="there is no file"):
        open_packed(tmp_path / "c.olhar")


@pytest.mark.parametrize("name", ["../a.png", "/etc/a.png", "a/../../b", "", "c:a", "a\\b"])
def test_no_name_leaves_the_folder(name: str, model: Path, tmp_path: Path):
    with pytest.raises(OlharError, match="leave the folder"):
        safe(name)
    head = {"version": VERSION, "model": "small", "digest": "", "level": 3}
    items = chunk([Item(name, 8, 8, 1, 0)], [b"x"])
    (tmp_path / "a.olhar").write_bytes(MAGIC + frame(HEAD, head) + items + frame(b"E", {}))
    with pytest.raises(OlharError, match="leave the folder"):
        open_packed(tmp_path / "a.olhar", model)


def test_a_head_that_grows_without_end_is_refused(tmp_path: Path):
    said = zlib.compress(json.dumps({"version": 1, "x": " " * (1 << 27)}).encode(), 9)
    layout = LAYOUT.pack(HEAD, len(said), 0, 0)
    data = MAGIC + LAYOUT.pack(HEAD, len(said), 0, zlib.crc32(layout + said)) + said
    (tmp_path / "a.olhar").write_bytes(data)
    with pytest.raises(OlharError, match="too large"):
        open_packed(tmp_path / "a.olhar")


def test_looking_for_better_numbers_pays(network: Codec):
    """Bits and error, weighed as in training, get less; whoever reads does not notice."""
    coding = Coding(network)
    images = torch.stack([drawn(40, 56, seed) for seed in range(2)])
    costs: list[float] = []
    for steps in (0, 12):
        data = coding.encode(images, 24, steps)
        error = (coding.decode(data, 40, 56, 24) - images).square().mean((1, 2, 3))
        bits = 8 * torch.tensor([len(each) for each in data])
        weight = float(weights(torch.tensor(0.75))) * 40 * 56
        costs.append(float((bits + weight * error).sum()))
    assert costs[1] < 0.97 * costs[0]


def test_an_adapted_codec_travels_in_the_archive(
    model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("OLHAR_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr("olhar.codec.adapt._STEPS", 4)
    root = tmp_path / "in"
    for number in range(24):
        write(root / f"{number}.png", drawn(32, 40, number))
    plain, tuned = tmp_path / "plain.olhar", tmp_path / "tuned.olhar"
    pack(root, plain, model=model)
    report = pack(root, tuned, model=model, finetune=True)
    assert report.pictures == 24
    assert "without --finetune the file would be smaller" in str(report)
    assert plain.stat().st_size < tuned.stat().st_size
    assert sorted(p.name for p in tmp_path.iterdir() if "olhar" in p.name) == [
        "plain.olhar",
        "tuned.olhar",
    ]
    archive = open_packed(tuned, model)
    assert archive[3].shape == (3, 32, 40)
    base = open_packed(plain, model)
    assert sum(item.length for item, _ in archive.items) < sum(i.length for i, _ in base.items)
    changed = bytearray(tuned.read_bytes())
    changed[3000] ^= 1  # in the change of the codec
    tuned.write_bytes(changed)
    with pytest.raises(OlharError, match="changed"):
        open_packed(tuned, model)


def test_too_little_to_adapt_to_is_said(folder: Path, model: Path, tmp_path: Path):
    with pytest.raises(OlharError, match=r"7 pictures .* leave out --finetune"):
        pack(folder, tmp_path / "a.olhar", model=model, finetune=True)


_ONE = {"names": ["a.png"], "heights": [8], "widths": [8], "lengths": [1], "checks": [0]}


@pytest.mark.parametrize(
    ("kind", "head", "says"),
    [
        (b"C", {}, "a part that cannot be read"),
        (b"C", _ONE | {"heights": ["8"]}, "a part that cannot be read"),
        (b"C", _ONE | {"lengths": [-1], "beside": [2]}, "a part that cannot be read"),
        (b"C", _ONE | {"extra": [1]}, "a part that cannot be read"),
        (b"C", _ONE | {"heights": [0]}, "a.png, whose size cannot be trusted"),
        (b"C", _ONE | {"heights": [10**5], "widths": [10**5]}, "whose size cannot be trusted"),
        (b"C", _ONE | {"names": [1]}, "a file named 1, which is no name"),
        (b"C", _ONE | {"names": ["\ud800.png"]}, "which is no name"),
        (b"C", [_ONE], "a part that cannot be read"),
        (b"F", {"check": 0}, "a file named None, which is no name"),
    ],
)
def test_an_archive_may_say_anything(kind, head, says, model: Path, tmp_path: Path):
    said = zlib.compress(json.dumps(head).encode())
    layout = LAYOUT.pack(kind, len(said), 1, 0)
    part = LAYOUT.pack(kind, len(said), 1, zlib.crc32(layout + said)) + said + b"x"
    first = frame(HEAD, {"version": VERSION, "model": "small", "digest": "", "level": 3})
    (tmp_path / "a.olhar").write_bytes(MAGIC + first + part + frame(b"E", {}))
    with pytest.raises(OlharError, match=says):
        open_packed(tmp_path / "a.olhar", model)


def test_an_archive_holds_no_more_pictures_than_bytes(model: Path, tmp_path: Path):
    many = chunk([Item("a", 8, 8, 0, 0)] * 9000, [])
    first = frame(HEAD, {"version": VERSION, "model": "small", "digest": "", "level": 3})
    (tmp_path / "a.olhar").write_bytes(MAGIC + first + many + frame(b"E", {}))
    with pytest.raises(OlharError, match="whose size cannot be trusted"):
        open_packed(tmp_path / "a.olhar", model)


@pytest.mark.parametrize("name", ["somebody/weights", "/tmp/weights", None])
def test_an_archive_sends_nobody_elsewhere_for_its_codec(name, tmp_path: Path):
    first = frame(HEAD, {"version": VERSION, "model": name, "digest": "", "level": 3})
    (tmp_path / "a.olhar").write_bytes(MAGIC + first + frame(b"E", {}))
    with pytest.raises(OlharError, match="to be given with --model: it is no name of a codec"):
        _ = open_packed(tmp_path / "a.olhar").model


def test_what_an_archive_says_beside_a_picture_may_be_nonsense():
    image = torch.zeros(3, 8, 8)
    for extra in ({"dpi": "x"}, {"dpi": [float("nan"), 1]}, {"dpi": [1e308, 1]}, {"dpi": 3}):
        assert _picture(image, Item("a", 8, 8, 1, 0, 3, extra), b"xxx").dpi is None


def test_weights_that_are_no_numbers_code_nothing(network: Codec):
    broken = copy.deepcopy(network)
    with torch.no_grad():
        broken.prior.widen.weight[0, 0, 0, 0] = float("nan")
    with pytest.raises(OlharError, match="its weights are no numbers"):
        Coding(broken)
