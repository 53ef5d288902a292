"""`olhar pack` and `olhar unpack`."""

import json
from pathlib import Path

import pytest

from olhar import cli


def test_there_and_back(
    folder: Path, model: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    archive, out = tmp_path / "a.olhar", tmp_path / "out"
    named = ["--model", str(model)]
    assert cli.main(["pack", str(folder), "-o", str(archive), *named]) == 0
    said = capsys.readouterr().out
    assert "7 pictures in" in said
    assert "bits per pixel" in said
    assert "came along as they are: 1" in said
    assert cli.main(["unpack", str(archive), "-o", str(out), *named, "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["pictures"], found["files"], found["failed"]) == (7, 1, {})
    assert (out / "labels.csv").exists()


def test_what_cannot_be_packed_ends_with_a_sentence(
    folder: Path, model: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    named = ["--model", str(model)]
    for words in (
        ["pack", str(tmp_path / "none"), "-o", str(tmp_path / "a.olhar"), *named],
        ["pack", str(folder), "-o", str(tmp_path / "a.tar"), *named],
        ["pack", str(folder), "-o", str(tmp_path / "a.olhar"), "--model", "vgg16"],
        ["pack", str(folder), "-o", str(tmp_path / "a.olhar"), "--refine", "-1", *named],
        ["unpack", str(folder / "labels.csv"), "-o", str(tmp_path / "out")],
    ):
        assert cli.main(words) == 2
        said = capsys.readouterr().err
        assert "Traceback" not in said
        assert len(said.splitlines()) == 1


def test_a_picture_that_cannot_be_read_is_told(
    folder: Path, model: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    (folder / "broken.png").write_bytes(b"\x89PNG nothing")
    words = ["pack", str(folder), "-o", str(tmp_path / "a.olhar"), "--model", str(model)]
    assert cli.main(words) == 1
    assert "failed: " in capsys.readouterr().out
