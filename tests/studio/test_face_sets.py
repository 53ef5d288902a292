"""Face sets and records of consent as the studio keeps them, and that nothing leads out of it."""

import datetime as dt
import io
import json
import shutil
from pathlib import Path

import pytest
from PIL import Image

pytest.importorskip("gradio", reason="the studio comes with the extra: pip install 'olhar[studio]'")

from olhar.errors import OlharError
from olhar.media import consent
from olhar.media.consent import Person
from olhar.studio import consents, face_sets
from olhar.studio.face_sheet import PAGE, sheet
from olhar.studio.workspace import Workspace
from swap_toys import face_set

TODAY = dt.datetime.now(dt.UTC).astimezone().date()
LATER = str(TODAY + dt.timedelta(days=30))
BOTH = [Person(name="Ana", given_by="Ana"), Person(name="Rui", given_by="Rui's mother")]


@pytest.fixture
def space(tmp_path: Path) -> Workspace:
    return Workspace.at(tmp_path / "studio")


@pytest.fixture
def letter(tmp_path: Path) -> Path:
    path = tmp_path / "letter.pdf"
    path.write_text("We agree.")
    return path


# Face sets.


@pytest.mark.parametrize("name", ["", " ", "..", "../runs", "a/b", ".hidden", "x" * 101, "ends."])
def test_a_set_has_a_plain_name(space: Workspace, name: str) -> None:
    with pytest.raises(OlharError, match="name"):
        face_sets.called(name)
    with pytest.raises(OlharError, match="name"):
        face_sets.shots(space, name)


def test_sets_are_found_and_counted(space: Workspace) -> None:
    face_set(space.faces / "ana", 0, 5)
    face_set(space.faces / "A", 0, 2)
    (space.faces / "empty").mkdir()
    assert face_sets.names(space) == ["A", "ana"]
    assert face_sets.free(space, "A") == "A 2"
    assert face_sets.free(space, "B") == "B"
    assert [face.frame for face in face_sets.shots(space, "ana")] == [0, 1, 2, 3, 4]
    assert face_sets.shots(space, "nobody") == ()
    newest = face_sets.newest(space, "ana", 2)
    assert [face.frame for face in newest] == [4, 3]


def test_what_changes_is_read_again(space: Workspace) -> None:
    face_set(space.faces / "ana", 0, 2)
    assert len(face_sets.shots(space, "ana")) == 2
    face_set(space.faces / "ana", 0, 1, film="other.mp4")
    assert len(face_sets.shots(space, "ana")) == 3


def test_crops_are_made_small(space: Workspace) -> None:
    face_set(space.faces / "ana", 0, 1)
    data = face_sets.small(space, "ana", "film.mp4/000000.png")
    assert data is not None
    with Image.open(io.BytesIO(data)) as picture:
        assert (picture.format, picture.size) == ("JPEG", (face_sets.SMALL, face_sets.SMALL))


@pytest.mark.parametrize(
    ("name", "file"),
    [
        ("ana", "../rui/film.mp4/000000.png"),
        ("ana", "film.mp4/../../rui/film.mp4/000000.png"),
        ("..", "faces/ana/film.mp4/000000.png"),
        ("ana", "faces.jsonl"),
        ("ana", "film.mp4/.hidden.png"),
        ("ana", "link.png"),
        ("ana", "text.png"),
        ("ana", "missing.png"),
    ],
)
def test_only_crops_of_the_set_are_shown(space: Workspace, name: str, file: str) -> None:
    face_set(space.faces / "ana", 0, 1)
    face_set(space.faces / "rui", 3, 1)
    shutil.copy(space.faces / "ana/film.mp4/000000.png", space.faces / "ana/film.mp4/.hidden.png")
    shutil.copy(space.faces / "ana/film.mp4/000000.png", space.root / "outside.png")
    (space.faces / "ana/link.png").symlink_to(space.root / "outside.png")
    (space.faces / "ana/text.png").write_text("no picture")
    assert face_sets.small(space, name, file) is None


def test_one_at_a_time(space: Workspace) -> None:
    folder = face_set(space.faces / "ana", 0, 1)
    with (
        face_sets.alone(folder),
        pytest.raises(OlharError, match="face set ana is being worked on"),
        face_sets.alone(folder),
    ):
        pass
    with face_sets.alone(folder):
        pass
    assert face_sets.names(space) == ["ana"], "the lock is no set"


def test_a_sheet_shows_a_page_of_faces_and_what_is_lacking(space: Workspace) -> None:
    face_set(space.faces / "ana", 0, PAGE + 3)
    page = sheet(space, "ana", {})
    assert page.count('class="crop"') == PAGE
    assert "Too few left profiles (0)" in page
    assert "Poucos perfis à esquerda (0)" in page
    assert sheet(space, "ana", {"page": 1}).count('class="crop"') == 3
    assert sheet(space, "ana", {"page": 99}).count('class="crop"') == 3
    assert 'class="crop"' not in sheet(space, "ana", {"out": True})
    assert page.count("<button") == page.count('data-set="ana"') > 5, "each says of which set it is"
    ordered = sheet(space, "ana", {"order": "yaw", "page": 0})
    assert ordered.index("000000.png") < ordered.index("000001.png")


def test_a_name_is_no_markup(space: Workspace) -> None:
    face_set(space.faces / "ana", 0, 1, film="<img src=x>.mp4")
    assert "<img src=x>" not in sheet(space, "ana", {})


# Consent.


def test_a_record_is_written_with_its_evidence(space: Workspace, letter: Path) -> None:
    one = consents.write(space, BOTH, ["train", "swap"], LATER, letter, " A play. ")
    assert one.people == "Ana, Rui"
    assert one.record == consent.read(one.path)
    assert one.record.artistic == "A play."
    assert one.wrong("train", "swap") == ""
    assert "not for publish" in one.wrong("publish")
    assert one.name == one.record.sha256[:16] == one.path.parent.name
    letter.unlink()
    assert [each.name for each in consents.kept(space)] == [one.name]
    consents.remove(space, one.name)
    assert consents.kept(space) == []
    assert [*space.consents.iterdir()] == []


@pytest.mark.parametrize(
    ("until", "why"),
    [
        ("", "say until when"),
        ("soon", "a day such as"),
        ("2020-01-01", "would have ended"),
        ("2031-02-30", "a day such as"),
    ],
)
def test_a_last_day_is_a_day_to_come(space: Workspace, letter: Path, until: str, why: str) -> None:
    with pytest.raises(OlharError, match=why):
        consents.write(space, BOTH, ["train"], until, letter, "")
    assert [*space.consents.iterdir()] == []


def test_nobody_is_nameless(space: Workspace, letter: Path) -> None:
    with pytest.raises(OlharError, match="at least one person"):
        consents.write(space, [*BOTH, Person(name="", given_by="")], ["train"], LATER, letter, "")
    assert [*space.consents.iterdir()] == [], "nothing half-made stays"


@pytest.mark.parametrize("name", ["", None, "..", "../runs", "0123456789abcdef"])
def test_there_is_no_such_record(space: Workspace, name: str | None) -> None:
    with pytest.raises(OlharError, match=r"without consent|there is no"):
        consents.find(space, name)


def made(folder: Path, evidence: Path, *, days: int = 30) -> Path:
    """A record that was made elsewhere."""
    path = folder / "consent.json"
    folder.mkdir(parents=True, exist_ok=True)
    consent.make(path, BOTH, ["train", "swap"], TODAY + dt.timedelta(days=days), evidence)
    return path


@pytest.mark.parametrize("place", ["letter.pdf", "proof/letter.pdf", "../letters/letter.pdf"])
def test_a_record_from_elsewhere_is_taken_in(space: Workspace, tmp_path: Path, place: str) -> None:
    evidence = tmp_path / "home" / place
    evidence.parent.mkdir(parents=True, exist_ok=True)
    evidence.write_text("We agree.")
    path = made(tmp_path / "home", evidence)
    sent = [Path(shutil.copy(each, tmp_path / each.name)) for each in (evidence, path)]
    one = consents.take(space, sent)
    assert one.wrong("train") == ""
    assert one.record.sha256 == consent.read(path).sha256
    assert one.path.resolve().is_relative_to(space.consents / one.name)
    assert consents.take(space, sent).name == one.name, "the same again is the same"
    assert len(consents.kept(space)) == 1


def test_the_evidence_has_to_be_the_evidence(space: Workspace, tmp_path: Path) -> None:
    letter, other = tmp_path / "letter.pdf", tmp_path / "other.pdf"
    letter.write_text("We agree.")
    path = made(tmp_path, letter)
    other.write_text("We do not.")
    with pytest.raises(OlharError, match=r"names its evidence, letter\.pdf"):
        consents.take(space, [path])
    with pytest.raises(OlharError, match=r"other\.pdf is not the evidence"):
        consents.take(space, [path, other])
    with pytest.raises(OlharError, match="none of these files is a record"):
        consents.take(space, [letter, other])
    assert [*space.consents.iterdir()] == []


@pytest.mark.parametrize(
    "evidence", ["/etc/passwd", "../" * 20 + "x", "a/../../x", "a\\..\\x", "C:/x", "consent.json"]
)
def test_evidence_leads_nowhere_else(space: Workspace, tmp_path: Path, evidence: str) -> None:
    letter = tmp_path / "x"
    letter.write_text("We agree.")
    path = made(tmp_path, letter)
    said = json.loads(path.read_text())
    path.write_text(json.dumps(said | {"evidence": evidence}))
    with pytest.raises(OlharError, match="lies too far away"):
        consents.take(space, [path, letter])
    assert [*space.consents.iterdir()] == []


def test_the_record_of_the_training_permits_the_swap(space: Workspace, letter: Path) -> None:
    first = consents.write(space, BOTH, ["train", "swap"], LATER, letter, "")
    other = consents.write(space, BOTH[:1], ["train", "swap"], LATER, letter, "")
    trained = first.record.sha256
    assert consents.permitting(space, trained, None) == [first.path], "it is known by its number"
    assert consents.permitting(space, trained, other.name) == [first.path]
    with pytest.raises(OlharError, match="without consent"):
        consents.permitting(space, "0" * 64, None)
    said = json.loads(first.path.read_text()) | {"given_on": "2020-01-01", "until": "2020-01-02"}
    first.path.write_text(json.dumps(said))
    ended = consent.read(first.path).sha256
    newer = consents.permitting(space, ended, other.name)
    assert newer == [other.path, first.path], "one that has ended stands behind a newer one"
