"""`olhar faces`, as a person types it."""

import json

import pytest

from olhar.cli import main
from olhar.media.image import write
from olhar.samples.face import face


@pytest.fixture
def photos(tmp_path):
    for number in range(2):
        write(tmp_path / "photos" / f"{number}.png", face(number, 96), mark=None)
    return tmp_path / "photos"


def test_faces_of_a_folder(photos, tmp_path, capsys):
    out = tmp_path / "set"
    assert main(["faces", str(photos), "-o", str(out), "--size", "64"]) == 0
    said = capsys.readouterr().out
    assert "2 faces; 2 of 2 frames have one (100.0%); 2 made" in said
    assert "too few left profiles" in said
    words = ["faces", str(photos), "-o", str(out), "--size", "64", "--sharp", "1e9", "--json"]
    assert main(words) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["faces"] == 0
    assert told["left_out"] == {"blurred": 2}


def test_what_cannot_be_is_a_sentence(photos, tmp_path, capsys):
    assert main(["faces", str(photos), "-o", str(tmp_path / "s"), "--size", "9"]) == 2
    assert "32 to 1024" in capsys.readouterr().err
    assert main(["faces", str(tmp_path / "none.mp4"), "-o", str(tmp_path / "s")]) == 2
    assert "no such file or folder" in capsys.readouterr().err
