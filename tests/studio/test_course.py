"""Lessons in the studio: sessions run cells, judge answers, stop, and keep what was reached."""

import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("gradio", reason="the studio comes with the extra: pip install 'olhar[studio]'")

from olhar.lessons.lesson import lesson, lessons
from olhar.studio import course, reached
from olhar.studio.job import Job
from olhar.studio.jobs import Jobs
from olhar.studio.session import MOST
from olhar.studio.workspace import Workspace

PATIENCE = 240.0
TENSORS = lesson(1)
EXERCISE = reached.exercise(TENSORS)
WITH_SIGNALS = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no signals")


@pytest.fixture(scope="module")
def space(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    return Workspace.at(tmp_path_factory.mktemp("course") / "studio")


@pytest.fixture(scope="module")
def jobs(space: Workspace) -> Iterator[Jobs]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("OLHAR_LESSONS", "fast")
        made = Jobs(space)
        yield made
        made.close()


@pytest.fixture
def session(jobs: Jobs) -> Iterator[Job]:
    job = jobs.submit("learn", "somebody", {"lesson": 1})
    yield job
    jobs.stop(job)
    until(lambda: job.over)


def until(true: Callable[[], Any]) -> None:
    patience = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < patience
        time.sleep(0.02)


def told(job: Job, **wanted: Any) -> dict[str, Any]:
    """Ask for something, and wait until it is done or a question waits."""
    number = course.ask(job, **wanted)
    until(lambda: job.over or ((s := course.state(job))["heard"] >= number and not s["busy"]))
    return course.state(job)


def test_every_lesson_ends_with_exercises_to_fill_in() -> None:
    for each in lessons():
        found = reached.exercise(each)
        assert len(found.names) == found.blank.count("= ...") >= 3, each.stem
        assert all(name.startswith(f"{each.name}.") for name in found.names)
        assert "check(" not in found.blank


def test_cells_give_what_they_print_and_show_and_a_question_waits_for_a_guess(
    session: Job, space: Workspace
) -> None:
    last = EXERCISE.place - 1
    now = told(session, to=last)
    assert now["asking"] is not None
    assert "shape (3, 4)" in now["outputs"]["2"][0]["text"]
    shown = [each for given in now["outputs"].values() for each in given if "png" in each]
    picture = session.folder / "out" / shown[0]["png"]
    assert picture.read_bytes()[:4] == b"\x89PNG"
    assert now["next"] == now["asking"] < last, "what comes after the question has not run"
    now = told(session, cell=now["asking"], guess="forty-four")
    answers = [each for given in now["outputs"].values() for each in given if "tone" in each]
    assert any("you said forty-four" in each["told"][0] for each in answers)
    assert reached.kept(space.root, TENSORS).cells == now["next"]


def test_an_answer_is_judged_before_anything_has_run_and_what_was_right_stays(
    session: Job, space: Workspace
) -> None:
    now = told(session, answer="size_in_bytes = 32\nhouses = ...\nbrightness = torch.mean")
    first, second, third = now["outputs"][str(EXERCISE.place)]
    assert (first["tone"], second["tone"], third["tone"]) == ("wrong", "open", "wrong")
    assert first["told"][0] != first["told"][1], "the hint is in both languages"
    good = EXERCISE.blank.replace("size_in_bytes = ...", "size_in_bytes = 32 * 3 * 224 * 224 * 4")
    now = told(session, answer=good)
    assert now["outputs"][str(EXERCISE.place)][0]["tone"] == "right"
    told(session, answer=EXERCISE.blank)
    assert reached.kept(space.root, TENSORS).right == {"tensors.bytes"}


@pytest.mark.parametrize(
    ("code", "line", "words"),
    [
        ("size_in_bytes = 1\nhouses = nothing", 2, "NameError"),
        ("size_in_bytes = = 1", 1, "SyntaxError"),
        ("raise SystemExit(3)", 1, "SystemExit"),
    ],
)
def test_a_mistake_is_shown_with_its_line_and_the_session_goes_on(
    session: Job, code: str, line: int, words: str
) -> None:
    given = told(session, answer=code)["outputs"][str(EXERCISE.place)][-1]
    assert given["line"] == line
    assert words in given["error"]
    assert str(Path(course.__file__).parent) not in given["error"]
    assert told(session, to=2)["next"] == 3


@WITH_SIGNALS
def test_a_loop_without_end_is_stopped_when_its_time_is_up_and_prints_no_more_than_fits(
    jobs: Jobs,
) -> None:
    job = jobs.submit("learn", "somebody", {"lesson": 1, "limit": 5})
    given = told(job, answer="while True: print('again')")["outputs"][str(EXERCISE.place)]
    assert given[-1] == {"stopped": 5.0}
    assert len(given[0]["text"]) < MOST + 10
    after = told(job, answer="houses = 507")["outputs"][str(EXERCISE.place)]
    assert [each["tone"] for each in after] == ["open", "right", "open"], "the session goes on"
    jobs.stop(job)
    until(lambda: job.over)


@WITH_SIGNALS
def test_a_loop_without_end_is_stopped_by_hand(jobs: Jobs) -> None:
    job = jobs.submit("learn", "somebody", {"lesson": 1})
    course.ask(job, answer="while True: pass")
    until(lambda: course.state(job)["at"] is not None)
    jobs.stop(job)
    until(lambda: job.over)
    assert job.state == "stopped"
    assert course.state(job)["outputs"][str(EXERCISE.place)] == [{"stopped": 0}]


def test_a_session_is_not_taken_up_by_the_next_studio(tmp_path: Path) -> None:
    space = Workspace.at(tmp_path / "studio")
    left = Job("left", "learn", "somebody", {"lesson": 1}, lane="lesson", created=1.0)
    left.folder = space.jobs / "left"
    left.folder.mkdir()
    left.save()
    jobs = Jobs(space)
    assert jobs.find("left").state == "failed", "it may be open to others by now"
    jobs.close()
