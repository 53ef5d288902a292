"""A style that is learned in the studio: the job that learns it, and the page that uses it."""

import sys
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

pytest.importorskip("gradio", reason="the studio comes with the extra: pip install 'olhar[studio]'")

from olhar.media.credentials import declared
from olhar.media.image import write
from olhar.media.video import frames, write_video
from olhar.samples import painting, photo
from olhar.studio.job import Job
from olhar.studio.jobs import Jobs
from olhar.studio.workspace import Workspace
from olhar.stylize.recipe import Stylization
from olhar.training.fit import fit
from olhar.training.run import events
from studio_served import Address, served
from studio_visitor import BROWSER, Visitor, chosen

PATIENCE = 240.0
SMALL = {"start": "", "epochs": 1, "size": 32, "widths": [8, 8], "blocks": 1, "least": 8}


def photographs(folder: Path) -> Path:
    """Eight pieces of a photograph."""
    folder.mkdir(parents=True)
    image = photo("coffee")
    for number in range(8):
        write(folder / f"{number}.png", image[:, :64, 70 * number : 70 * number + 64])
    return folder


def over(job: Job) -> Job:
    until = time.monotonic() + PATIENCE
    while not job.over:
        assert time.monotonic() < until, f"{job.kind} is still {job.state}"
        time.sleep(0.05)
    return job


def test_a_style_is_learned_and_used_by_jobs(tmp_path: Path) -> None:
    """The paintings stay with the run, without which nobody could measure it."""
    space = Workspace.at(tmp_path / "studio")
    data = photographs(space.data / "mine")
    own = tmp_path / "own.png"
    write(own, painting("ink", size=80))
    jobs = Jobs(space)
    try:
        asked = {"kind": "stylizer", "run": "mixed", "data": "mine", "form": SMALL}
        job = over(jobs.submit("train", "ana", {**asked, "drawn": ["glass"]}, {"style": [own]}))
        assert (job.state, job.error) == ("done", "")
        assert {"style", "content", "unsteady"} <= job.result["metrics"]["validation"].keys()
        run = space.runs / "mixed"
        kept = {path.name: path.read_bytes() for path in (run / ".paintings").iterdir()}
        assert len(kept) == 2
        assert "glass.png" in kept
        assert own.read_bytes() in kept.values()
        again = over(jobs.submit("train", "ana", {**asked, "drawn": ["glass"]}, {"style": [own]}))
        assert (again.state, again.result["why"]) == ("done", "finished")
        write(own, painting("wave", size=80))
        other = over(jobs.submit("train", "ana", {**asked, "drawn": ["glass"]}, {"style": [own]}))
        assert "the data is not the data that the run began with" in other.error
        assert all((run / ".paintings" / name).read_bytes() == kept[name] for name in kept)
        none = over(jobs.submit("train", "ana", {**asked, "run": "none", "drawn": []}))
        assert "there is no style" in none.error
        lost = {**asked, "run": "none", "data": "elsewhere", "drawn": ["glass"]}
        assert over(jobs.submit("train", "ana", lost)).state == "failed"
        assert not (space.runs / "none").exists(), "where nothing began, nothing is left"

        settings = {"form": {"size": 64, "strength": 2.0}, "run": "mixed"}
        made = over(jobs.submit("restyle", "ana", settings, {"photo": [data / "0.png"]}))
        assert (made.state, made.error) == ("done", "")
        with Image.open(made.folder / "out" / made.result["files"][0]) as picture:
            assert picture.size == (64, 64)
        for name in ("other", f"olhar:{run}", str(run), "../runs/mixed", "olhar:vgg16"):
            nothing = {**settings, "run": name}
            refused = over(jobs.submit("restyle", "ana", nothing, {"photo": [data / "0.png"]}))
            assert "there is no such model here" in refused.error
    finally:
        jobs.close()


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no signals")
def test_a_film_by_a_learned_style_is_stopped_at_once_and_made_whole(tmp_path: Path) -> None:
    space = Workspace.at(tmp_path / "studio")
    wide = torch.rand(3, 48, 400)
    write_video(tmp_path / "film.mp4", [wide[:, :, n : n + 64] for n in range(300)], 25)
    jobs = Jobs(space)
    try:
        settings = {"form": {"size": 96}, "run": "olhar:night"}
        first = jobs.submit("restyle", "ana", settings, {"photo": [tmp_path / "film.mp4"]})
        until = time.monotonic() + PATIENCE
        while not first.progress().get("picture"):
            assert time.monotonic() < until
            assert not first.over
            time.sleep(0.01)
        jobs.stop(first)
        assert (over(first).state, first.error) == ("stopped", "")
        after = settings | {"after": first.id}
        second = over(jobs.submit("restyle", "ana", after, {"photo": [first.file("photo")]}))
        assert (second.state, second.error) == ("done", "")
        made = second.folder / "out" / second.result["film"]
        assert sum(1 for _ in frames(made)) == 300
    finally:
        jobs.close()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a studio with a style that was learned."""
    root = tmp_path_factory.mktemp("styles") / "studio"
    photographs(root / "data" / "mine")
    write(root.parent / "glass.png", painting("glass", size=80))
    chosen = SMALL | {"widths": (8, 8)}
    recipe = Stylization(data=root / "data" / "mine", style=(root.parent / "glass.png",), **chosen)
    for _ in fit(recipe, root / "runs" / "vitral", device="cpu"):
        pass
    return root


@pytest.fixture(scope="module")
def address(folder: Path) -> Iterator[Address]:
    with served(folder) as address:
        yield address


@pytest.mark.skipif(not BROWSER, reason="there is no Chromium on this machine")
def test_a_photograph_is_restyled_by_a_style_that_was_learned(
    visitor: Visitor, folder: Path, tmp_path: Path
) -> None:
    page = visitor.open("restyle")
    write(tmp_path / "cup.png", photo("coffee")[:, :128, :192])
    page.set_input_files("input[type=file] >> nth=0", tmp_path / "cup.png")
    page.wait_for_selector(".file-preview")
    for number, name in enumerate(("vitral", "Night"), 1):
        chosen(page, "How", name)
        page.get_by_role("button", name="Restyle", exact=True).click()
        page.wait_for_selector(f".compare:has(img[src*='{_made(folder, number).parents[1].name}'])")
    with Image.open(_made(folder, 2)) as picture:
        assert picture.size == (512, 341)
        assert np.ptp(np.asarray(picture)) > 0
    said = declared(_made(folder, 2))
    assert said is not None


def _made(folder: Path, number: int) -> Path:
    """The latest of so many results, once it is there."""
    until = time.monotonic() + PATIENCE
    while len(made := [*folder.glob("jobs/*/out/*-restyled.png")]) < number:
        assert time.monotonic() < until
        time.sleep(0.05)
    return max(made, key=lambda path: path.stat().st_mtime_ns)


@pytest.mark.skipif(not BROWSER, reason="there is no Chromium on this machine")
def test_a_style_is_learned_on_the_page_stopped_and_gone_on_with(
    visitor: Visitor, folder: Path
) -> None:
    page = visitor.open("restyle")
    page.get_by_role("tab", name="Learn a style").click()
    page.get_by_label("Name of the run").fill("ours")
    page.get_by_role("button", name="Train", exact=True).click()
    page.wait_for_selector(".job:has-text('Epoch 1 of 1')")
    page.get_by_role("button", name="Stop").click()
    page.wait_for_selector("[data-do=go-on]").click()
    page.wait_for_selector(".job:has-text('Epoch 1 of 1')")
    page.get_by_role("button", name="Stop").click()
    page.wait_for_selector("[data-do=go-on]")
    run = folder / "runs" / "ours"
    assert [path.name for path in (run / ".paintings").iterdir()] == ["glass.png"]
    steps = [line["step"] for line in events(run / "events.jsonl") if line["event"] == "stepped"]
    assert steps == [*range(1, len(steps) + 1)], "it went on where it was"
