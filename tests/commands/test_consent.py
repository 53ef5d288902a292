"""A consent is recorded, read again, and refuses what it does not cover."""

import datetime as dt
import io
import json
import sys

import pytest

from olhar import cli
from olhar.errors import OlharError
from olhar.media import consent
from olhar.media.label import needed
from olhar.media.mark import Mark

WHOLE = "consent -o c.json --person Ana --scope swap --until 2030-01-31 --evidence letter.pdf"
TODAY = dt.date(2029, 12, 31)


@pytest.fixture(autouse=True)
def place(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "letter.pdf").write_bytes(b"I agree. Ana")
    return tmp_path


def ran(capsys, line: str, code: int = 0):
    assert cli.main(line.split()) == code
    return capsys.readouterr()


def test_a_record_by_flags_alone_is_read_again(capsys):
    said = json.loads(ran(capsys, f"{WHOLE} --json").out)
    record = consent.read("c.json")
    assert said["sha256"] == record.sha256
    assert said["summary"] == record.summary == "1 person, for swap, until 2030-01-31"
    assert record.people == (consent.Person(name="Ana", given_by="Ana"),)
    record.check("swap", ["ana"], today=TODAY)


def test_who_speaks_for_whom(capsys):
    people = "--person Ana Bia --given-by Ana Mother"
    ran(capsys, WHOLE.replace("--person Ana", people).replace("--scope swap", "--scope swap train"))
    record = consent.read("c.json")
    assert [each.given_by for each in record.people] == ["Ana", "Mother"]
    assert record.scope == ("swap", "train")


def test_the_rest_is_asked_in_a_terminal_until_it_is_right(capsys, monkeypatch):
    typed = "Ana\n\nMother\nfly\ntrain, swap\nsoon\n2030-01-31\nnone.pdf\nletter.pdf\na parody\n"

    class Terminal(io.StringIO):
        def isatty(self):
            return True

    monkeypatch.setattr(sys, "stdin", Terminal(typed))
    asked = ran(capsys, "consent -o c.json --language pt-BR").err
    assert "Quem aparece?" in asked
    assert "'fly' is none of" in asked
    record = consent.read("c.json")
    assert record.scope == ("train", "swap")
    assert record.people[0].given_by == "Mother"
    assert record.artistic == "a parody"


@pytest.mark.parametrize(
    ("line", "says"),
    [
        (WHOLE.replace(" --person Ana", ""), "needs --person"),
        (WHOLE.replace(" --scope swap", ""), "needs --scope"),
        (WHOLE.replace("2030-01-31", "tomorrow"), "a day such as 2027-01-31"),
        (WHOLE.replace("2030-01-31", "1999-01-31"), "before it was given"),
        (WHOLE.replace("letter.pdf", "none.pdf"), "there is no file none.pdf"),
        (WHOLE + " --given-by A B", "2 names for 1 people"),
        (WHOLE.replace("c.json", "letter.pdf"), "is there already"),
    ],
)
def test_what_is_missing_or_wrong_is_a_sentence(capsys, monkeypatch, line, says):
    monkeypatch.setattr(sys, "stdin", io.StringIO())
    error = ran(capsys, line, 2).err
    assert says in error
    assert error.count("\n") == 1


@pytest.mark.parametrize(
    ("scope", "people", "today", "says"),
    [
        ("swap", ["Ana"], dt.date(2030, 2, 1), "ended on 2030-01-31"),
        ("train", ["Ana"], TODAY, "for swap, and not for train"),
        ("swap", ["Ana", "Bia"], TODAY, "does not name Bia; it names Ana"),
    ],
)
def test_what_a_record_does_not_cover_is_refused(capsys, scope, people, today, says):
    ran(capsys, WHOLE)
    with pytest.raises(OlharError, match=says):
        consent.read("c.json").check(scope, people, today=today)


def test_evidence_that_changed_or_is_gone_is_refused(capsys, place):
    ran(capsys, WHOLE)
    (place / "letter.pdf").write_bytes(b"I agree to everything. Ana")
    with pytest.raises(OlharError, match="is not the file that it was"):
        consent.read("c.json").check("swap", today=TODAY)
    (place / "letter.pdf").unlink()
    with pytest.raises(OlharError, match="there is no file"):
        consent.read("c.json").check("swap", today=TODAY)


def test_the_hash_is_of_what_it_says_and_not_of_where_it_lies(capsys, place, tmp_path_factory):
    ran(capsys, WHOLE)
    other = tmp_path_factory.mktemp("other") / "moved.json"
    other.write_bytes((place / "c.json").read_bytes())
    assert consent.read(other).sha256 == consent.read("c.json").sha256
    text = (place / "c.json").read_text("utf-8").replace("2030", "2040")
    other.write_text(text, "utf-8")
    assert consent.read(other).sha256 != consent.read("c.json").sha256


@pytest.mark.parametrize(
    "data", [b"no", b"{}", b"[1]", b'{"people": [{"name": 1}]}', b"[" * 99_999]
)
def test_what_is_no_record_is_a_sentence(place, data):
    (place / "x.json").write_bytes(data)
    with pytest.raises(OlharError, match=r"x\.json is no record of a consent; make one with"):
        consent.read("x.json")


def test_a_mark_names_the_record_and_no_person(capsys):
    ran(capsys, WHOLE)
    record = consent.read("c.json")
    mark = record.on(Mark(deed="swapped"))
    assert mark.consent == record.sha256
    assert "Ana" not in repr(mark)


def test_only_evident_art_needs_no_label(capsys):
    ran(capsys, WHOLE)
    assert needed("swapped", consent.read("c.json"))
    ran(capsys, f"{WHOLE} --artistic satire".replace("c.json", "d.json"))
    assert not needed("swapped", consent.read("d.json"))
    assert needed("swapped")
    assert not needed("denoised")
