"""Signatures: on every format, of every deed, after a round trip through disk; none forgotten."""

import json
import random
import shutil
from fractions import Fraction
from typing import get_args

import av
import c2pa
import clips
import pytest
import signing
import torch
from PIL import Image
from signing import FILMS, PICTURES, made, manifest, state

from olhar.errors import OlharError
from olhar.media import xmp
from olhar.media.credentials import declared
from olhar.media.image import Picture, read, write
from olhar.media.mark import DEEDS, IPTC, Deed, Mark
from olhar.media.process import process
from olhar.media.provenance import sign
from olhar.media.video import probe, transform, write_video

CARD = "c5" * 32


def halved(image):
    return image / 2


@pytest.mark.parametrize("deed", get_args(Deed))
def test_every_deed_says_what_it_is(tmp_path, deed):
    source = made(tmp_path / "source.png")
    mark = Mark(deed=deed, model="tiny", card=CARD).of(source)
    path = made(tmp_path / "out.png", mark)
    assert state(path) == "Trusted"
    *before, last = signing.actions(path)
    new = DEEDS[deed].action == "c2pa.created"  # of what is new, nothing was opened
    assert [each["action"] for each in before] == ([] if new else ["c2pa.opened"])
    assert (last["action"], last["digitalSourceType"]) == DEEDS[deed]
    told = {name: value for name, value in last["parameters"].items() if name != "ingredients"}
    assert told == {"olhar.deed": deed, "olhar.model": "tiny", "olhar.card": CARD}
    assert xmp.declared(path) == DEEDS[deed].kind
    (parent,) = manifest(path)["ingredients"]
    assert parent["relationship"] == ("inputTo" if new else "parentOf")
    assert "thumbnail" not in json.dumps(manifest(path))


@pytest.mark.parametrize("suffix", [*PICTURES, *FILMS])
def test_every_format_holds_a_signature_and_the_field(tmp_path, suffix):
    mark = Mark(deed="generated", model="tiny", card=CARD)
    bare = made(tmp_path / f"bare{suffix}")
    path = made(tmp_path / f"out{suffix}", mark)
    assert state(bare) is None
    assert state(path) == "Trusted"
    assert state(path, trusting="") == "Valid"
    assert xmp.declared(path) == DEEDS["generated"].kind
    assert path.stat().st_size - bare.stat().st_size <= 8192
    assert not list(tmp_path.glob(".olhar-*"))


@pytest.mark.parametrize("suffix", [*PICTURES, *FILMS])
def test_a_signature_leaves_the_picture_alone(tmp_path, suffix):
    bare = made(tmp_path / f"bare{suffix}")
    path = shutil.copy(bare, tmp_path / f"out{suffix}")
    sign(path, Mark(deed="generated", model="tiny", card=CARD))
    assert state(path) == "Trusted"
    if suffix in FILMS:
        assert encoded(path) == encoded(bare)
    else:
        assert torch.equal(read(bare).image, read(path).image)


def encoded(path):
    """What a film holds for each frame, found by way of its tables of offsets."""
    with av.open(path) as film:
        packets = [bytes(packet) for packet in film.demux(video=0) if packet.size]
    assert len(packets) == 5
    return packets


@pytest.mark.parametrize("depth", [8, 16])
def test_sixteen_bits_and_transparency_stay(tmp_path, depth):
    picture = Picture(image=signing.image(), alpha=torch.rand(1, 48, 64), bits=depth)
    for suffix in (".png", ".tiff"):
        mark = Mark(deed="denoised")
        path = write(tmp_path / f"x{suffix}", picture, mark=mark)
        assert state(path) == "Trusted"
        bare = read(write(tmp_path / f"y{suffix}", picture))
        back = read(path)
        assert back.bits == depth
        assert torch.equal(back.image, bare.image)
        assert torch.equal(back.alpha, bare.alpha)


def test_a_gif_of_others_can_be_signed(tmp_path):
    path = tmp_path / "x.gif"
    Image.new("RGB", (20, 10)).save(path)
    sign(path, Mark(deed="generated"))
    assert state(path) == "Trusted"


def test_vp9_goes_into_mp4(tmp_path):
    path = tmp_path / "x.mp4"
    write_video(path, map(signing.image, range(3)), 5, codec="vp9", mark=Mark(deed="generated"))
    assert probe(path).codec == "vp9"
    assert state(path) == "Trusted"


def picture_bytes(path):
    """Where the picture and the sound lie in a file."""
    data = path.read_bytes()
    if path.suffix == ".tiff":
        with Image.open(path) as file:
            return [
                at
                for start, size in zip(file.tag_v2[273], file.tag_v2[279], strict=True)
                for at in range(start, start + size)
            ]
    after = {".jpg": b"\xff\xda", ".png": b"IDAT", ".webp": b"VP8 "}.get(path.suffix, b"mdat")
    start = data.rindex(after) + len(after)
    size = len(data) - start - 2
    if path.suffix != ".jpg":  # a box or a chunk, which tells its size
        at, order = (4, "little") if path.suffix == ".webp" else (-8, "big")
        where = start if path.suffix == ".webp" else start + at
        size = int.from_bytes(data[where : where + 4], order) - (8 if after == b"mdat" else 0)
    return range(start + 16, start + size - 16)


def with_sound(path):
    clip = clips.make(path.with_name(f"clip{path.suffix}"), audio="aac")
    transform(clip, path, lambda images: map(halved, images), mark=Mark(deed="colorized").of(clip))
    return path


@pytest.mark.parametrize("suffix", [*PICTURES, *FILMS])
def test_any_change_of_picture_or_sound_is_reported(tmp_path, suffix):
    path = tmp_path / f"x{suffix}"
    path = with_sound(path) if suffix in FILMS else made(path, Mark(deed="generated"))
    data, places, chance = path.read_bytes(), picture_bytes(path), random.Random(suffix)
    assert declared(path).state == "trusted"
    for _ in range(signing.CHANGES):
        changed = bytearray(data)
        at = chance.choice(places)
        changed[at] ^= chance.randrange(1, 256)
        path.write_bytes(changed)
        assert declared(path).state == "altered", f"byte {at}"


def test_a_change_of_what_it_declares_is_reported(tmp_path):
    path = made(tmp_path / "x.png", Mark(deed="colorized", model="honest"))
    path.write_bytes(path.read_bytes().replace(b"honest", b"lovely"))
    assert declared(path).state == "altered"


def test_three_steps_are_read_back_in_order(tmp_path):
    names = [tmp_path / name for name in ("a.png", "b.jpg", "c.webp", "d.png")]
    made(names[0])
    for before, after, deed in zip(names, names[1:], ("denoised", "colorized", "restyled")):  # noqa: B905
        process(before, after, halved, mark=Mark(deed=deed, model=deed[:3]))
    said = declared(names[-1])
    assert said.state == "trusted"
    chain = said.step.chain()
    assert [step.actions[-1].deed for step in chain] == ["restyled", "colorized", "denoised"]
    assert [step.actions[-1].model for step in chain] == ["res", "col", "den"]
    assert all(step.own for step in chain)
    assert [each.ingredients[0].format for each in chain] == [
        "image/webp",
        "image/jpeg",
        "image/png",
    ]
    assert chain[-1].ingredients[0].step is None


def test_the_credentials_of_others_go_along_whole(tmp_path):
    source = signing.by_a_stranger(tmp_path / "in.jpg")
    label = json.loads(c2pa.Reader(source).json())["active_manifest"]
    process(source, tmp_path / "out.png", halved, mark=Mark(deed="denoised"))
    found = json.loads(c2pa.Reader(tmp_path / "out.png").json())
    assert found["manifests"][label]["claim_generator_info"][0]["name"] == "Camera 7"
    said = declared(tmp_path / "out.png")
    assert said.state == "trusted"
    before = said.step.ingredients[0].step
    assert before.tool == "Camera 7 7"
    assert not before.own
    assert before.actions[0].kind == IPTC + "digitalCapture"


def test_a_source_that_was_altered_stays_so(tmp_path):
    source = signing.by_a_stranger(tmp_path / "in.jpg")
    data = bytearray(source.read_bytes())
    data[-40] ^= 1
    source.write_bytes(data)
    process(source, tmp_path / "out.png", halved, mark=Mark(deed="denoised"))
    said = declared(tmp_path / "out.png")
    assert said.state == "trusted"
    assert said.step.ingredients[0].altered


def test_what_went_in_beside_is_named_whatever_it_is(tmp_path):
    painting = made(tmp_path / "painting.png", Mark(deed="generated"))
    liar, other = tmp_path / "png.jpg", tmp_path / "x.webm"
    liar.write_bytes(painting.read_bytes())
    other.write_bytes(b"\x1aE\xdf\xa3 no film")
    gone = tmp_path / "gone.png"
    mark = Mark(deed="restyled").of(liar).using(painting, other, gone)
    path = made(tmp_path / "out.jpg", mark)
    assert state(path) == "Trusted"
    step = declared(path).step
    assert [each.relation for each in step.ingredients] == ["parentOf", *["inputTo"] * 3]
    assert step.ingredients[1].step.actions[0].deed == "generated"


def test_a_folder_is_signed_file_by_file_and_films_become_mp4(tmp_path):
    source = tmp_path / "in"
    source.mkdir()
    made(source / "a.jpg")
    clips.make(source / "b.webm", codec="libvpx-vp9", audio="libopus")
    report = process(source, tmp_path / "out", halved, mark=Mark(deed="colorized"), progress=False)
    assert report.exit_code == 0
    assert sorted(path.name for path in report.done) == ["a.jpg", "b.mp4"]
    for path in report.done:
        assert state(path) == "Trusted"
        assert declared(path).step.ingredients[0].relation == "parentOf"


@pytest.mark.parametrize("name", ["x.webm", "x.mkv"])
def test_what_cannot_be_signed_is_refused_before_the_work(tmp_path, name):
    clip = clips.make(tmp_path / "in.mp4")

    def never(images):
        raise AssertionError("no work should be done")

    mark = Mark(deed="colorized")
    for call in (
        lambda: process(clip, tmp_path / name, never, frames=never, mark=mark),
        lambda: transform(clip, tmp_path / name, never, mark=mark),
        lambda: write_video(tmp_path / name, [signing.image()], Fraction(5), mark=mark),
    ):
        with pytest.raises(
            OlharError, match=r"no place for a signature; let its name end in \.mp4"
        ):
            call()
    assert not (tmp_path / name).exists()


def test_tensors_and_previews_cost_no_signature(tmp_path, monkeypatch):
    def never(*_):
        raise AssertionError("nothing is to be signed")

    monkeypatch.setattr("olhar.media.provenance.sign", never)
    process(made(tmp_path / "a.png"), tmp_path / "b.png", halved, mark=None)
    assert state(tmp_path / "b.png") is None
