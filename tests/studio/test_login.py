"""The password of a studio that others reach."""

import io
import stat
import sys
from pathlib import Path

import pytest

from olhar.errors import OlharError
from olhar.studio import login
from olhar.studio.login import SESSION, Gate, gate, save

WORDS = "correct horse battery"


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def file(tmp_path: Path) -> Path:
    save(WORDS, tmp_path / "password.json")
    return tmp_path / "password.json"


def test_the_password_opens_and_is_not_kept(file: Path) -> None:
    door = Gate(file)
    assert not door.open_for({}, "/")
    assert door.open_for({}, "/login")
    session = door.enter(WORDS)
    assert door.open_for({SESSION: session}, "/")
    assert not door.open_for({SESSION: session[:-1]}, "/")
    assert not Gate(file).open_for({SESSION: session}, "/")  # another start, another key
    assert WORDS not in file.read_text()


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such permissions")
def test_only_its_owner_reads_the_hash(file: Path) -> None:
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_guessing_takes_longer_each_time(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    looked = []
    real = login._hashed
    monkeypatch.setattr(login, "_hashed", lambda *given: looked.append(1) or real(*given))
    clock = Clock()
    door = Gate(file, clock)
    for _ in range(5):
        with pytest.raises(OlharError, match="wrong"):
            door.enter("not this one")
    with pytest.raises(OlharError, match="wait"):
        door.enter(WORDS)  # not even the right one is looked at
    assert len(looked) == 5
    clock.now += 1.1
    with pytest.raises(OlharError, match="the password is wrong"):
        door.enter("nor this one")
    clock.now += 1.1
    with pytest.raises(OlharError, match="wait"):
        door.enter(WORDS)
    clock.now += 1.0
    assert door.open_for({SESSION: door.enter(WORDS)}, "/")


def test_a_short_password_is_refused(tmp_path: Path) -> None:
    with pytest.raises(OlharError, match="needs 10 or more"):
        save("short", tmp_path / "password.json")
    assert not (tmp_path / "password.json").exists()


def test_without_a_terminal_the_password_comes_from_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(login.VARIABLE, raising=False)
    monkeypatch.setattr("sys.stdin", io.StringIO())
    with pytest.raises(OlharError, match="needs a password; set OLHAR_STUDIO_PASSWORD"):
        gate(tmp_path / "password.json")
    monkeypatch.setenv(login.VARIABLE, WORDS)
    assert gate(tmp_path / "password.json").enter(WORDS)
