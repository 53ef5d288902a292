"""The studio's folder: what is inside, and that nothing leads out of it."""

import os
import stat
import sys
import time
from pathlib import Path

import pytest

from olhar.errors import OlharError
from olhar.studio.job_files import plain
from olhar.studio.workspace import DAY, Workspace


@pytest.fixture
def space(tmp_path: Path) -> Workspace:
    return Workspace.at(tmp_path / "studio")


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such permissions")
def test_nobody_else_can_look_into_it(space: Workspace) -> None:
    assert stat.S_IMODE(space.root.stat().st_mode) == 0o700


def test_a_file_in_its_place_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(OlharError, match="give another folder with --folder"):
        Workspace.at(tmp_path / "file")


@pytest.mark.parametrize(
    "name", ["..", ".", "", "a/b", "../runs", "a\\b", ".hidden", "a\0", "x" * 200, "missing"]
)
def test_names_lead_nowhere_else(space: Workspace, name: str) -> None:
    (space.runs / "mine").mkdir()
    assert space.named(space.runs, "mine") == space.runs / "mine"
    with pytest.raises(OlharError, match="there is no"):
        space.named(space.runs, name)


def test_a_link_out_of_it_is_not_followed(space: Workspace, tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    (space.runs / "link").symlink_to(tmp_path / "other")
    with pytest.raises(OlharError, match="there is no"):
        space.named(space.runs, "link")


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("Cat.PNG", "Cat.png"),
        ("../../etc/passwd", "passwd"),
        ("..\\..\\win.ini", "win.ini"),
        ("..", "file"),
        ("ação é.jpeg", "ação é.jpeg"),
        ("a;rm -rf $x.png", "a_rm -rf _x.png"),
        ("x" * 300 + ".png", "x" * 60 + ".png"),
    ],
)
def test_what_is_sent_gets_a_plain_name(name: str, kept: str) -> None:
    assert plain(name) == kept


def test_what_is_older_than_a_day_goes(space: Workspace) -> None:
    names = ("old", "busy", "new")
    for name in names:
        (space.jobs / name).mkdir()
        (space.uploads / name).mkdir()
    (space.runs / "old").mkdir()
    past = time.time() - DAY - 60
    for path in (
        space.jobs / "old",
        space.jobs / "busy",
        space.uploads / "old",
        space.runs / "old",
    ):
        os.utime(path, (past, past))
    space.sweep(keep=frozenset({"busy"}))
    assert {path.name for path in space.jobs.iterdir()} == {"busy", "new"}
    assert {path.name for path in space.uploads.iterdir()} == {"busy", "new"}
    assert (space.runs / "old").is_dir()
