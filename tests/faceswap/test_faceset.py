"""Face sets: made of a film and photographs, gone on with, edited, filtered; misses are told."""

import dataclasses
import json

import pytest
import torch

from olhar.errors import OlharError
from olhar.faceswap import extract as extraction
from olhar.faceswap import records
from olhar.faceswap.advice import Tally
from olhar.faceswap.extract import Extract
from olhar.faceswap.faceset import SHEET, Keep, face_set
from olhar.media.image import read, write
from olhar.media.video import write_video
from olhar.samples.face import face

SMALL = Extract(size=64)
FRAMES, EMPTY = 40, range(12, 18)


@pytest.fixture(scope="module")
def film(tmp_path_factory):
    """Somebody who turns the head, and a stranger behind; six frames show nobody."""
    poses = [face(0, 112, yaw=yaw) for yaw in (-24, -8, 8, 24)]
    stranger = face(3, 80)
    nobody = torch.full((3, 128, 224), 0.5)

    def frame(number):
        picture = nobody.clone()
        if number not in EMPTY:
            picture[:, 8:120, 4:116] = poses[number // 3 % 4]
            picture[:, 30:110, 136:216] = stranger
        return picture

    path = tmp_path_factory.mktemp("film") / "talk.mp4"
    return write_video(path, map(frame, range(FRAMES)), 25)


@pytest.fixture(scope="module")
def made(film, tmp_path_factory):
    folder = tmp_path_factory.mktemp("set") / "ana"
    return face_set(film, folder, SMALL, progress=False)


def lines(folder):
    return [json.loads(line) for line in (folder / records.NAME).read_text("utf-8").splitlines()]


def test_a_film_becomes_crops_and_records(made, film):
    faces = list(records.read(made.folder))
    assert len(faces) == made.made == 2 * (FRAMES - len(EMPTY))
    assert made.tally.people == {1: 34, 2: 34}
    assert len({each.track for each in faces if each.person == 1}) <= 2  # lost once
    first = faces[0]
    crop = read(made.folder / first.file).image
    assert crop.shape == (3, 64, 64)
    assert (first.source, first.frame, first.seconds) == ("talk.mp4", 0, 0.0)
    assert first.presence > 0.9
    assert 40 < first.width < 70
    large = [each.yaw for each in faces if each.width > 40 and each.person == first.person]
    assert min(large) < -15
    assert max(large) > 15
    assert read(made.folder / SHEET).image.shape[0] == 3


def test_the_record_says_how_the_crop_was_cut(made, film):
    from olhar.faceswap.align import RIGID, apply, template

    each = next(records.read(made.folder))
    placed = apply(each.transform, each.landmarks)[list(RIGID)]
    assert float((placed - template(64)).abs().mean()) < 4


def test_misses_are_reported(made):
    (source,) = made.sources
    assert source["frames"] == FRAMES
    assert source["with_faces"] == FRAMES - len(EMPTY)
    assert source["missed"] == [[EMPTY[0], EMPTY[-1]]]
    assert made.rate == pytest.approx(34 / 40)
    text = str(made)
    assert "34 of 40 frames have one (85.0%)" in text
    assert "no face in talk.mp4: frames 12-17" in text
    assert "advice: 2 people are in it; --person" in text
    assert json.loads(json.dumps(made.as_dict()))["rate"] == 0.85


def test_edits_stay_and_filters_come_and_go(made, film, tmp_path):
    import shutil

    folder = tmp_path / "copy"
    shutil.copytree(made.folder, folder)
    faces = lines(folder)
    faces[0]["keep"] = False
    faces[1]["person"] = 9
    (folder / records.NAME).write_text("".join(json.dumps(each) + "\n" for each in faces), "utf-8")
    (folder / faces[2]["file"]).unlink()
    again = face_set(film, folder, SMALL, Keep(turn=12), progress=False)
    assert again.made == 0
    assert again.tally.left_out["by hand"] == 1
    turned = again.tally.left_out["turned away"]
    assert turned > 10
    now = lines(folder)
    assert len(now) == len(faces) - 1
    assert (now[0]["keep"], now[0]["why"]) == (False, "")
    assert now[1]["person"] == 9
    assert all(abs(each["yaw"]) <= 12 for each in now if each["keep"])
    loose = face_set(None, folder, SMALL, Keep(person=1), progress=False)
    assert loose.tally.left_out["by hand"] == 1
    assert {each.person for each in records.read(folder)} == {1}
    assert loose.tally.faces > again.tally.faces - 34


def test_a_stopped_run_goes_on(film, made, tmp_path, monkeypatch):
    monkeypatch.setattr(extraction, "_STRETCH", 16)
    folder = tmp_path / "ana"
    real = extraction.Extraction._write
    left = [25]

    def stops(self, *values):
        left[0] -= 1
        if not left[0]:
            raise KeyboardInterrupt
        real(self, *values)

    monkeypatch.setattr(extraction.Extraction, "_write", stops)
    with pytest.raises(KeyboardInterrupt, match="goes on from there"):
        face_set(film, folder, SMALL, progress=False)
    with (folder / records.NAME).open("a", encoding="utf-8") as file:
        file.write('{"file": "torn')  # as a kill leaves it
    monkeypatch.setattr(extraction.Extraction, "_write", real)
    done = face_set(film, folder, SMALL, progress=False)
    assert 0 < done.made < made.made
    whole = {each["file"] for each in lines(made.folder)}
    assert [each["file"] for each in lines(folder)] == sorted(whole)
    assert done.sources == made.sources
    assert face_set(film, folder, SMALL, progress=False).made == 0


def test_some_frames_only(film, tmp_path):
    made = face_set(film, tmp_path / "few", dataclasses.replace(SMALL, every=6), progress=False)
    assert [each.frame for each in records.read(made.folder)][::2] == [0, 6, 18, 24, 30, 36]
    assert made.sources[0]["missed"] == [[12, 12]]
    assert made.sources[0]["frames"] == 7


def test_a_torn_line_is_cut_off(tmp_path):
    path = tmp_path / records.NAME
    for text, left in (("a\nb\nc", "a\nb\n"), ("torn", ""), ("a\n", "a\n"), ("", "")):
        path.write_text(text)
        records.mend(tmp_path)
        assert path.read_text() == left


def test_photographs_and_what_cannot_be_read(tmp_path):
    photos = tmp_path / "photos"
    for number in range(2):
        write(photos / f"{number}.png", face(number, 96), mark=None)
    (photos / "broken.jpg").write_bytes(b"\xff\xd8\xff no picture")
    made = face_set(photos, tmp_path / "set", SMALL, order="yaw", progress=False)
    assert made.exit_code == 1
    assert list(made.failed) == ["broken.jpg"]
    assert made.tally.faces == 2
    assert (tmp_path / "set" / "0.png" / "000000-1.png").is_file()
    write(photos / "0.png", face(2, 96), mark=None)  # another picture under the same name
    again = face_set(photos, tmp_path / "set", SMALL, progress=False)
    assert again.made == 1
    assert len(lines(tmp_path / "set")) == 2


def test_other_folders_and_damaged_records_are_refused(made, film, tmp_path):
    (tmp_path / "else.txt").write_text("x")
    with pytest.raises(OlharError, match="holds other files"):
        face_set(film, tmp_path, SMALL, progress=False)
    with pytest.raises(OlharError, match="no such file"):
        face_set(tmp_path / "none.mp4", tmp_path / "set", SMALL, progress=False)
    with pytest.raises(OlharError, match="is no face set"):
        next(records.read(tmp_path))
    line = next(records.read(made.folder)).to_json()
    assert records.Face.from_json(line, "x").to_json() == line
    for damaged, says in (
        ("{", "is no JSON"),
        ("[]", "no JSON object"),
        ("{}", "lacks 'file'"),
        (line.replace('"frame":0', '"frame":"0"'), "'frame' must be int"),
    ):
        with pytest.raises(OlharError, match=says):
            records.Face.from_json(damaged, "line 3")
    with pytest.raises(OlharError, match="32 to 1024"):
        Extract(size=8)
    with pytest.raises(OlharError, match="0 to 90"):
        Keep(turn=0)


def test_advice_names_what_is_lacking(made):
    one = next(records.read(made.folder))
    tally = Tally()
    for yaw in (-50.0, *[0.0] * 99):
        tally.add(dataclasses.replace(one, yaw=yaw, sharpness=5.0, width=60.0, person=1), 64)
    said = " | ".join(tally.advice())
    assert "few faces (100)" in said
    assert "too few left profiles (1)" in said
    assert "too few right profiles (0)" in said
    assert "100 are blurred" in said
    assert "people" not in said
    assert Tally().advice()[0].startswith("no face is left")
