"""Files: whole or not at all, and a sentence for whatever is no file."""

import errno
import os
import signal
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest

from olhar.errors import OlharError
from olhar.media.files import atomic, opened, parsed, reason, shown

posix = pytest.mark.skipif(os.name != "posix", reason="POSIX only")


def names(folder: Path) -> list[str]:
    return sorted(file.name for file in folder.iterdir())


def test_atomic_makes_the_folder_and_keeps_the_suffix(tmp_path):
    target = tmp_path / "a" / "b" / "picture.tar.png"
    with atomic(target) as temporary:
        assert temporary.parent == target.parent
        assert temporary.suffix == ".png"
        assert temporary.name.startswith(".olhar-")
        assert not target.exists()
        temporary.write_bytes(b"new")
    assert target.read_bytes() == b"new"
    assert names(target.parent) == ["picture.tar.png"]


@pytest.mark.parametrize("error", [KeyboardInterrupt, SystemExit, ValueError, GeneratorExit])
def test_atomic_leaves_the_old_file_alone_when_anything_goes_wrong(tmp_path, error):
    target = tmp_path / "picture.png"
    target.write_bytes(b"old")

    def write():
        with atomic(target) as temporary:
            temporary.write_bytes(b"half")
            raise error

    with pytest.raises(error):
        write()
    assert target.read_bytes() == b"old"
    assert names(tmp_path) == ["picture.png"]


@posix
def test_atomic_gives_the_permissions_that_open_would_and_keeps_those_of_the_old_file(tmp_path):
    ordinary = tmp_path / "ordinary"
    ordinary.touch()
    with atomic(tmp_path / "new") as temporary:
        temporary.touch()
    assert (tmp_path / "new").stat().st_mode == ordinary.stat().st_mode
    ordinary.chmod(0o640)
    with atomic(ordinary) as temporary:
        temporary.write_bytes(b"x")
    assert stat.S_IMODE(ordinary.stat().st_mode) == 0o640


@posix
def test_atomic_writes_through_a_link(tmp_path):
    (tmp_path / "elsewhere").mkdir()
    link, real = tmp_path / "link.png", tmp_path / "elsewhere" / "real.png"
    link.symlink_to(real)
    with atomic(link) as temporary:
        assert temporary.parent == real.parent  # a rename must not cross file systems
        temporary.write_bytes(b"x")
    assert link.is_symlink()
    assert real.read_bytes() == b"x"


def test_atomic_takes_names_as_long_as_the_file_system_does(tmp_path):
    target = tmp_path / ("x" * 250 + ".png")
    with atomic(target) as temporary:
        temporary.write_bytes(b"x")
    assert target.read_bytes() == b"x"


def test_atomic_tells_why_it_cannot_write(tmp_path):
    (tmp_path / "file").touch()
    for target, words in (
        (tmp_path, "is a folder"),
        (tmp_path / "file" / "picture.png", "cannot be written"),
        (tmp_path / ("x" * 300 + ".png"), "cannot be written: file name too long"),
        (tmp_path / "nul\0.png", "cannot be written"),
    ):
        with pytest.raises(OlharError, match=words) as told, atomic(target):
            pass
        assert "\n" not in str(told.value)
    assert names(tmp_path) == ["file"]


def test_atomic_tells_that_the_disk_is_full(tmp_path):
    def write():
        with atomic(tmp_path / "picture.png"):
            raise OSError(errno.ENOSPC, "No space left on device")

    with pytest.raises(OlharError, match=r"picture\.png was not written: no space left on device"):
        write()
    assert names(tmp_path) == []


def test_atomic_passes_on_what_is_not_its_business(tmp_path):
    def write():
        with atomic(tmp_path / "picture.png"):
            (tmp_path / "missing").read_bytes()

    with pytest.raises(FileNotFoundError):
        write()
    assert names(tmp_path) == []


WRITER = """
import sys
from pathlib import Path
from olhar.media.files import atomic
for n in range(10**9):
    with atomic(sys.argv[1]) as temporary, temporary.open("wb") as file:
        for part in range(64):
            file.write(bytes([n % 256]) * 4096)
            file.flush()
    if n == 2:
        print("running", flush=True)
"""


@posix
@pytest.mark.parametrize("name", ["SIGKILL", "SIGINT"])
def test_a_writer_that_is_killed_leaves_a_whole_file(tmp_path, name):
    target = tmp_path / "picture.png"
    with subprocess.Popen(
        [sys.executable, "-c", WRITER, target], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    ) as writer:
        writer.stdout.readline()
        time.sleep(0.02)
        writer.send_signal(getattr(signal, name))
    data = target.read_bytes()
    assert len(data) == 64 * 4096
    assert len(set(data)) == 1
    left = [file for file in names(tmp_path) if file != "picture.png"]
    assert all(file.startswith(".olhar-") for file in left)
    assert name == "SIGKILL" or not left


def test_opened_yields_the_file_at_its_start(tmp_path):
    (tmp_path / "x").write_bytes(b"abc")
    with opened(tmp_path / "x") as file:
        assert file.read() == b"abc"
    assert file.closed


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (PermissionError(errno.EACCES, "Permission denied"), "cannot be opened: permission denied"),
        (OSError(errno.EIO, "Input/output error"), "cannot be opened: input/output error"),
    ],
)
def test_opened_tells_why_it_cannot_open(tmp_path, monkeypatch, error, words):
    (tmp_path / "x").write_bytes(b"abc")

    def refuse(*_):
        raise error

    monkeypatch.setattr(Path, "open", refuse)  # root may open anything
    with pytest.raises(OlharError, match=words), opened(tmp_path / "x"):
        pass


def test_json_that_is_nested_without_end_is_no_json():
    assert parsed(b'{"a": [1]}') == {"a": [1]}
    with pytest.raises(ValueError, match="nested too deeply"):
        parsed("[" * 99_999)


def test_shown_is_one_printable_line():
    assert shown(Path("holiday") / "praia ensolarada é.jpg").endswith("praia ensolarada é.jpg")
    assert shown("a\nb\x1b[31m.jpg") == r"a\nb\x1b[31m.jpg"
    shown(os.fsdecode(b"\xff.jpg")).encode()


def test_reason_is_one_line_without_the_path():
    assert reason(OSError(errno.ENOENT, "No such file or directory", "x")) == (
        "no such file or directory"
    )
    assert reason(ValueError("Two\nlines.")) == "two lines"
    assert reason(ValueError("EXIF data is too long")) == "EXIF data is too long"
    assert reason(KeyError()) == "KeyError"
