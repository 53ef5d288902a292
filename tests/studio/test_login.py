"""The password of a studio that others reach."""

import io
import os
import stat
import sys
from pathlib import Path

import pytest

from olhar.errors import OlharError
from olhar.studio import key, login
from olhar.studio.key import leading
from olhar.studio.login import Gate, Visit, gate, save, session_cookie

WORDS = "correct horse battery"


def seen(path: str, session: str = "") -> Visit:
    return Visit(path, path == "/", cookies={"olhar_session": session})


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
    assert door.refusal(seen("/")) == (303, "", [(b"location", b"/login")])
    assert door.refusal(seen("/config")) == (401, "log in first", ())
    assert door.refusal(seen("/login")) is None
    session = door.enter(WORDS)
    assert door.refusal(seen("/", session)) is None
    assert door.refusal(seen("/", session[:-1]))
    assert Gate(file).refusal(seen("/", session)), "another start, another key"
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
    assert door.refusal(seen("/", door.enter(WORDS))) is None


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


def test_every_start_has_a_token_of_its_own_or_the_one_that_is_given(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv(key.VARIABLE, raising=False)
    first, second = key.key().token, key.key().token
    assert first != second
    assert min(len(first), len(second)) >= 40
    monkeypatch.setenv(key.VARIABLE, "given-and-long-enough")
    assert key.key().token == "given-and-long-enough"
    assert key.VARIABLE not in os.environ, "jobs do not see it"


@pytest.mark.parametrize("given", ["", "short", "twenty letters and more, with blanks", "é" * 30])
def test_a_token_that_can_be_guessed_or_does_not_fit_an_address_is_refused(
    given: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(key.VARIABLE, given)
    with pytest.raises(OlharError, match="needs 20 to 200"):
        key.key()


def test_the_browser_is_led_by_a_file_that_only_its_owner_reads(tmp_path: Path) -> None:
    where = leading("http://127.0.0.1:7860/?token=abc&x=1", tmp_path / "open.html")
    assert "abc" not in where
    text = (tmp_path / "open.html").read_text()
    assert 'content="0;url=http://127.0.0.1:7860/?token=abc&amp;x=1"' in text
    if sys.platform != "win32":
        assert stat.S_IMODE((tmp_path / "open.html").stat().st_mode) == 0o600


def test_two_studios_on_one_machine_do_not_share_a_cookie() -> None:
    names = {session_cookie({"server": ("127.0.0.1", port)}) for port in (7860, 7861)}
    assert len(names) == 2
