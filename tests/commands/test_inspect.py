"""`olhar inspect` says in words what files declare, in both languages, and what it cannot know."""

import json
import sys
from pathlib import Path

import pytest
import torch

from olhar import cli
from olhar.media import identity
from olhar.media.image import write
from olhar.media.mark import DEEDS, Mark
from olhar.media.process import process

sys.path.append(str(Path(__file__).parents[1] / "media"))
import signing
from signing import made


@pytest.fixture(autouse=True)
def place(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in ("LC_ALL", "LC_MESSAGES"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("LANG", "en_GB.UTF-8")
    return tmp_path


def ran(capsys, line: str, code: int = 0) -> str:
    assert cli.main(line.split()) == code
    return capsys.readouterr().out


def test_what_olhar_made_is_told_with_all_that_came_before(capsys):
    made(Path("a.png"))
    process("a.png", "b.jpg", lambda x: x, mark=Mark(deed="denoised", model="denoiser"))
    mark = Mark(deed="colorized", model="colorizer", card="ab" * 32)
    process("b.jpg", "c.webp", lambda x: x, mark=mark)
    assert ran(capsys, "inspect c.webp").splitlines() == [
        "c.webp",
        "  trusted: signed on this computer, and nothing was changed since",
        "  - coloured by a machine (model colorizer)",
        f"    its card: {'ab' * 8}…",
        "    with olhar 0.1.0, signed by olhar on one computer, olhar",
        "    from a picture (JPEG) that declared:",
        "      - noise taken off by a machine (model denoiser)",
        "        with olhar 0.1.0, signed by olhar on one computer, olhar",
        "        from a picture (PNG) that declared nothing",
    ]


def test_the_same_in_portuguese_by_flag_or_by_the_computers_language(capsys, monkeypatch):
    made(Path("a.png"), Mark(deed="generated", model="tiny"))
    asked = ran(capsys, "inspect a.png --language pt-BR")
    assert "confiável: assinado neste computador, e nada mudou desde então" in asked
    assert "feito inteiramente por máquina (modelo tiny)" in asked
    monkeypatch.setenv("LANG", "pt_BR.UTF-8")
    assert ran(capsys, "inspect a.png") == asked
    assert "made wholly by a machine" in ran(capsys, "inspect a.png --language en")


def test_a_stranger_may_be_anybody(capsys):
    signing.by_a_stranger(Path("a.jpg"))
    told = ran(capsys, "inspect a.jpg")
    assert "intact, but the signer is not known" in told
    assert "- created: taken by a camera" in told
    assert "with Camera 7 7, signed by" in told


def test_what_was_altered_is_said_first_and_ends_with_1(capsys):
    path = made(Path("a.png"), Mark(deed="generated"))
    path.write_bytes(path.read_bytes()[:-20] + b"x" + path.read_bytes()[-19:])
    told = ran(capsys, "inspect a.png", 1)
    assert "ALTERED: this is not what was signed" in told
    assert "its picture or sound was changed" in " ".join(told.split())
    assert "ALTERADO" in ran(capsys, "inspect a.png --language pt-BR", 1)


def test_nothing_declared_proves_nothing(capsys):
    made(Path("a.png"))
    Path("b.webm").write_bytes(b"\x1aE\xdf\xa3 no film at all")
    for name in ("a.png", "b.webm"):
        assert "nothing declared, which proves nothing" in ran(capsys, f"inspect {name}")


def test_a_note_without_signature_is_told_as_that(capsys, monkeypatch):
    monkeypatch.setenv(identity.FOLDER, str(Path("file", "signing")))
    Path("file").write_text("no folder")
    with pytest.raises(ValueError, match="is not signed"):
        made(Path("a.jpg"), Mark(deed="colorized"))
    told = ran(capsys, "inspect a.jpg")
    assert "no signature; an unsigned note (XMP) says: in part made by a trained machine" in told


def test_a_folder_is_counted_also_where_results_lie(capsys):
    for name in ("in/1.png", "in/deep/2.png"):
        made(Path(name))
    process("in", "in/out", lambda x: x, mark=Mark(deed="denoised"), progress=False)
    Path("in/notes.txt").write_text("no picture")
    told = ran(capsys, "inspect in")
    assert "4 files: 2 trusted, 0 intact by unknown signers, 0 altered, 2 declare" in told
    Path("in/empty.png").touch()
    assert "empty.png is empty (0 bytes)" in " ".join(ran(capsys, "inspect in", 1).split())


def test_json_has_the_words_of_the_standards(capsys):
    made(Path("a.png"), Mark(deed="generated", model="tiny", consent="cd" * 32))
    (said,) = json.loads(ran(capsys, "inspect a.png --json"))["files"]
    assert (said["path"], said["state"]) == ("a.png", "trusted")
    (action,) = said["step"]["actions"]
    assert (action["name"], action["kind"]) == DEEDS["generated"]
    assert (action["model"], action["consent"]) == ("tiny", "cd" * 32)
    assert said["xmp"] == DEEDS["generated"].kind


def test_what_strangers_write_cannot_move_the_cursor(capsys):
    signing.by_a_stranger(Path("a.jpg"), name="Camera\x1b[2J\nolhar: trusted")
    told = ran(capsys, "inspect a.jpg")
    assert "\x1b" not in told
    assert "Camera?[2J olhar: trusted" in told


def test_every_deed_and_action_has_its_words(capsys):
    for deed in DEEDS:
        path = write(f"{deed}.png", torch.rand(3, 8, 8), mark=Mark(deed=deed))
        told = ran(capsys, f"inspect {path}")
        assert "machine" in told
        assert "c2pa." not in told


@pytest.mark.parametrize(
    ("line", "says"),
    [("inspect none.png", "there is no file none.png"), ("inspect .", "holds no picture")],
)
def test_nothing_to_inspect_is_a_sentence(capsys, line, says):
    assert cli.main(line.split()) == 2
    assert says in capsys.readouterr().err
