"""What the jobs of the swap page do, in this process: cut out, choose, preview, swap, go on."""

import datetime as dt
import json
import os
import sys
import time
from pathlib import Path
from typing import Any

import pytest
import torch

pytest.importorskip("gradio", reason="the studio comes with the extra: pip install 'olhar[studio]'")

from olhar import hub
from olhar.errors import OlharError
from olhar.faceswap.network import Swapper
from olhar.hub import Card
from olhar.media import segments
from olhar.media.consent import Person
from olhar.media.credentials import declared
from olhar.media.image import read, write
from olhar.media.label import label
from olhar.media.progress import heard
from olhar.samples.face import face
from olhar.studio import consents, face_sets, parts, swap_bodies
from olhar.studio.bodies import train
from olhar.studio.job import CUT_OFF, Job
from olhar.studio.jobs import Jobs
from olhar.studio.work import Asked, Tell
from olhar.studio.workspace import Workspace
from swap_toys import face_set

sys.path.append(str(Path(__file__).parents[1] / "media"))
import clips

TODAY = dt.datetime.now(dt.UTC).astimezone().date()
BOTH = [Person(name="Ana", given_by="Ana"), Person(name="Rui", given_by="Rui")]
COUNT = 24
TINY: dict[str, Any] = {"size": 32, "down": (8, 8), "code": 8, "up": (8, 8)}


@pytest.fixture(scope="module")
def media(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A film of somebody drawn, photographs, and a letter."""
    place = tmp_path_factory.mktemp("media")
    poses = [face(1, 128, yaw=-8.0 + 2 * n) for n in range(COUNT // 3)]
    arrays = [each.mul(255).byte().permute(1, 2, 0).contiguous().numpy() for each in poses]
    clips.make(
        place / "ana.mp4",
        [40 * n for n in range(COUNT)],
        size=(128, 128),
        picture=lambda n: arrays[n // 3],
    )
    write(place / "ana.png", face(1, 160, yaw=10), mark=None)
    write(place / "nobody.png", torch.full((3, 96, 96), 0.5), mark=None)
    (place / "text.png").write_text("no picture")
    (place / "letter.txt").write_text("We agree.")
    return place


@pytest.fixture
def space(tmp_path: Path) -> Workspace:
    return Workspace.at(tmp_path / "studio")


@pytest.fixture
def agreed(space: Workspace, media: Path) -> consents.Kept:
    until = str(TODAY + dt.timedelta(days=30))
    return consents.write(space, BOTH, ["train", "swap"], until, media / "letter.txt", "")


def model(space: Workspace, name: str, agreed: consents.Kept) -> str:
    """A network that has learned nothing: it makes grey faces, which is enough to be seen."""
    torch.manual_seed(0)
    network = Swapper(**TINY)
    card = Card(
        name=name,
        kind="faceswap",
        summary="Two drawn people.",
        licence="CC0-1.0",
        origin="random numbers",
        arguments=network.arguments,
        consent=agreed.record.as_card(),
    )
    (space.runs / name).mkdir()
    hub.save(space.runs / name / "model.safetensors", network.state_dict(), card)
    return name


def asked(space: Workspace, settings: dict[str, Any], **files: list[Path]) -> tuple[Asked, Tell]:
    """A job of these files, which are called as the studio calls them."""
    folder = space.jobs / f"{len([*space.jobs.iterdir()])}"
    (folder / "in").mkdir(parents=True)
    (folder / "out").mkdir()
    own: dict[str, list[Path]] = {}
    for role, paths in files.items():
        own[role] = [folder / "in" / f"{role}-{n}-{path.name}" for n, path in enumerate(paths)]
        for path, target in zip(paths, own[role], strict=True):
            os.link(path, target)
    return Asked(settings, own, folder / "out", space.root), Tell(folder)


def frames_of(space: Workspace, name: str) -> dict[str, int]:
    found: dict[str, int] = {}
    for shot in face_sets.shots(space, name):
        found[shot.source] = found.get(shot.source, 0) + 1
    return found


# Faces.


def test_clips_become_a_set_and_are_known_when_they_come_again(
    space: Workspace, media: Path, tmp_path: Path
) -> None:
    said = {"set": "ana", "most": 8}
    first = swap_bodies.faces(*asked(space, said, clips=[media / "ana.mp4", media / "ana.png"]))
    assert (first["set"], first["faces"], first["made"]) == ("ana", 9, 9)
    assert first["notes"] == []
    assert sorted(frames_of(space, "ana").values()) == [1, 8], "every third frame of the film"
    assert all(name.startswith("ana-") for name in frames_of(space, "ana"))
    assert (space.faces / "ana" / "sheet.png").is_file()

    renamed = tmp_path / "ana.mp4"
    renamed.write_bytes((media / "ana.mp4").read_bytes())
    again = swap_bodies.faces(*asked(space, said, clips=[renamed]))
    assert (again["faces"], again["made"]) == (9, 0), "a film is known by what is in it"

    other = tmp_path / "other" / "ana.png"
    write(other, face(1, 128, yaw=-12), mark=None)
    more = swap_bodies.faces(*asked(space, said, clips=[other]))
    assert (more["faces"], more["made"]) == (10, 1), "of the same name, and another picture"
    assert [*space.jobs.glob("*/clips")] == [], "copies do not stay"


def test_a_clip_without_a_face_is_told(space: Workspace, media: Path) -> None:
    said = {"set": "ana", "most": 100}
    with pytest.raises(OlharError, match="no face was found; take a film"):
        swap_bodies.faces(*asked(space, said, clips=[media / "nobody.png"]))
    assert face_sets.names(space) == [], "an empty set is none"
    told = swap_bodies.faces(*asked(space, said, clips=[media / "nobody.png", media / "ana.png"]))
    assert told["faces"] == 1
    assert told["notes"] == ["no face was found in nobody.png"]


def test_what_is_no_clip_is_refused_by_its_contents(space: Workspace, media: Path) -> None:
    said = {"set": "ana", "most": 100}
    with pytest.raises(OlharError, match=r"^text\.png is a text, not a picture"):
        swap_bodies.faces(*asked(space, said, clips=[media / "text.png"]))
    told = swap_bodies.faces(*asked(space, said, clips=[media / "text.png", media / "ana.png"]))
    assert told["notes"][0].startswith("text.png is a text, not a picture")
    with pytest.raises(OlharError, match="there is no clip"):
        swap_bodies.faces(*asked(space, said))
    with pytest.raises(OlharError, match="is no name of a face set"):
        swap_bodies.faces(*asked(space, {"set": "../x"}, clips=[media / "ana.png"]))


def test_faces_are_taken_out_and_brought_back(space: Workspace) -> None:
    face_set(space.faces / "ana", 0, 6)
    names = [shot.file for shot in face_sets.shots(space, "ana")]
    told = swap_bodies.choose(*asked(space, {"set": "ana", "out": names[:2]}))
    assert (told["faces"], told["left_out"]) == (4, 2)
    told = swap_bodies.choose(*asked(space, {"set": "ana", "back": names[:1]}))
    assert (told["faces"], told["left_out"]) == (5, 1)
    kept = [shot.file for shot in face_sets.shots(space, "ana") if shot.keep]
    assert kept == [names[0], *names[2:]]
    with pytest.raises(OlharError, match="there is no face set nobody"):
        swap_bodies.choose(*asked(space, {"set": "nobody", "out": names}))


def test_one_person_stays_also_when_clips_come_later(space: Workspace, media: Path) -> None:
    said = {"set": "ana", "most": 4}
    swap_bodies.faces(*asked(space, said, clips=[media / "ana.mp4"]))
    path = space.faces / "ana" / "faces.jsonl"
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    lines[0]["person"] = 2  # a passer-by
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    count = len(lines)

    told = swap_bodies.choose(*asked(space, {"set": "ana", "person": 1}))
    assert (told["faces"], told["people"]) == (count - 1, {"1": count - 1})
    told = swap_bodies.faces(*asked(space, said, clips=[media / "ana.mp4"]))
    assert told["faces"] == count - 1, "the passer-by stays out"
    told = swap_bodies.choose(*asked(space, {"set": "ana", "back": [lines[0]["file"]]}))
    assert told["people"] == {"1": count}, "whoever is brought back is the person of the set"
    told = swap_bodies.choose(*asked(space, {"set": "ana", "person": 0}))
    assert told["faces"] == count


# Learning.


def test_nothing_is_learned_without_what_it_needs(
    space: Workspace, media: Path, agreed: consents.Kept
) -> None:
    said = {"kind": "faceswap", "run": "r", "form": {}, "a": "ana", "b": "rui", "consent": None}
    with pytest.raises(OlharError, match="no face set ana"):
        train(*asked(space, said))
    face_set(space.faces / "ana", 0, 4)
    face_set(space.faces / "rui", 3, 4)
    with pytest.raises(OlharError, match="same face set"):
        train(*asked(space, said | {"b": "ana"}))
    with pytest.raises(OlharError, match="without consent"):
        train(*asked(space, said))
    with pytest.raises(OlharError, match="there is no"):
        train(*asked(space, said | {"consent": "../../x"}))
    values = json.loads(agreed.path.read_text()) | {"given_on": "2020-01-01", "until": "2020-01-02"}
    agreed.path.write_text(json.dumps(values))
    with pytest.raises(OlharError, match="consent ended on 2020-01-02"):
        train(*asked(space, said | {"consent": agreed.name}))
    assert [*space.runs.iterdir()] == []


def test_a_training_stops_and_goes_on_under_its_name(
    space: Workspace, agreed: consents.Kept
) -> None:
    face_set(space.faces / "ana", 0, 8)
    face_set(space.faces / "rui", 3, 8)
    form = {"preset": "light", "size": 32, "epochs": 3, "batch_size": 4, "evaluate_every": 1}
    said = {"kind": "faceswap", "run": "r", "a": "ana", "b": "rui", "consent": agreed.name}
    job, tell = asked(space, said | {"form": form})
    tell.stop()
    assert "metrics" not in train(job, tell)
    told = train(*asked(space, said | {"form": form}))
    assert told["why"] == "finished"
    assert {"ssim_a", "ssim_b"} <= told["metrics"]["validation"].keys()
    card = hub.read_card(space.runs / "r" / "model.safetensors")
    assert card.consent["sha256"] == agreed.record.sha256
    assert len([*(space.runs / "r" / "pictures").iterdir()]) == 3
    with pytest.raises(OlharError, match="was begun with epochs 3"):
        train(*asked(space, said | {"form": form | {"epochs": 9}}))


# Swapping.


def swapping(run: str, **changes: Any) -> dict[str, Any]:
    return {"run": run, "consent": None, "to": "b", "label": True, "form": {}, **changes}


def test_one_frame_is_tried_and_the_film_swapped(
    space: Workspace, media: Path, agreed: consents.Kept
) -> None:
    run = model(space, "swap", agreed)
    job, tell = asked(space, swapping(run, position=1.0), photo=[media / "ana.mp4"])
    told = swap_bodies.preview(job, tell)
    assert told["files"] == [f"ana-{COUNT - 1}-preview.png"]
    last = (face(1, 128, yaw=-8.0 + 2 * (COUNT // 3 - 1)) * 255).byte()
    before = read(job.out / told["before"][0]).image
    assert float((before - last / 255).abs().mean()) < 0.03, "it is the last frame"
    after = read(job.out / told["files"][0]).image
    assert float((after - before).abs().mean((0,))[50:70, 50:78].mean()) > 0.04

    job, tell = asked(space, swapping(run), photo=[media / "ana.mp4"])
    told = swap_bodies.swap(job, tell)
    assert told["film"] == "ana-swapped.mp4"
    assert (told["touched"], told["frames"]) == (COUNT, COUNT)
    assert told["consent"] == agreed.record.sha256
    said = declared(job.out / told["film"])
    assert agreed.record.sha256 in repr(said)
    assert "Ana" not in repr(said)


def test_the_label_stays_unless_the_consent_calls_it_art(
    space: Workspace, media: Path, agreed: consents.Kept
) -> None:
    run = model(space, "swap", agreed)
    with pytest.raises(OlharError, match="leave the label on"):
        swap_bodies.swap(*asked(space, swapping(run, label=False), photo=[media / "ana.png"]))
    until = str(TODAY + dt.timedelta(days=30))
    play = consents.write(space, BOTH, ["train", "swap"], until, media / "letter.txt", "A play.")
    run = model(space, "play", play)
    made = {}
    for on in (True, False):
        job, tell = asked(space, swapping(run, label=on), photo=[media / "ana.png"])
        made[on] = read(job.out / swap_bodies.swap(job, tell)["files"][0]).image
    pill = (label(made[False]) - made[False]).abs().amax(0) > 0.1
    changed = (made[True] - made[False]).abs().amax(0) > 0.1
    assert float((pill == changed).float().mean()) > 0.99
    assert pill.any()


def test_whom_the_consent_does_not_cover_is_not_swapped(
    space: Workspace, media: Path, agreed: consents.Kept
) -> None:
    run = model(space, "swap", agreed)
    until = str(TODAY + dt.timedelta(days=30))
    other = consents.write(space, BOTH[:1], ["swap"], until, media / "letter.txt", "")
    consents.remove(space, agreed.name)
    for chosen, why in ((None, "without consent"), (other.name, "was trained by the consent")):
        job = asked(space, swapping(run, consent=chosen), photo=[media / "ana.png"])
        with pytest.raises(OlharError, match=why):
            swap_bodies.swap(*job)


def test_a_film_that_was_stopped_goes_on_in_another_job(
    space: Workspace,
    media: Path,
    agreed: consents.Kept,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(segments, "_LIMITS", (5, 8))
    run = model(space, "swap", agreed)
    first, tell = asked(space, swapping(run), photo=[media / "ana.mp4"])

    def stop(share: float) -> None:
        if share > 0.8:
            raise KeyboardInterrupt

    with heard(stop), pytest.raises(KeyboardInterrupt):
        swap_bodies.swap(first, tell)
    home = tmp_path / "again"
    home.mkdir()
    sent, other = home / "ana.mp4", tmp_path / "ana.mp4"
    for path, more in ((sent, b""), (other, b"\0")):
        path.write_bytes((media / "ana.mp4").read_bytes() + more)
    after = swapping(run, after=first.out.parent.name)
    told = swap_bodies.swap(*asked(space, after, photo=[other]))
    assert told["notes"] == [], "another film begins anew"
    job, tell = asked(space, after, photo=[sent])
    told = swap_bodies.swap(job, tell)
    assert "16 frames were there from a run that stopped" in told["notes"]
    assert clips.times_of(job.out / told["film"]) == clips.times_of(media / "ana.mp4")
    assert [*first.out.iterdir()] == []


def test_what_was_cut_off_when_the_studio_was_closed_can_go_on() -> None:
    cut = Job("x", "swap", "ana", {}, state="failed", error=CUT_OFF)
    assert 'data-do="go-on"' in parts.outcome(cut, str)
    broken = Job("x", "swap", "ana", {}, state="failed", error="is no film")
    assert 'data-do="go-on"' not in parts.outcome(broken, str)
    other = Job("x", "suggest", "ana", {}, state="failed", error=CUT_OFF)
    assert 'data-do="go-on"' not in parts.outcome(other, str), "its page does not hear it"


# In line.


def test_faces_of_both_people_are_cut_out_beside_each_other(space: Workspace, media: Path) -> None:
    jobs = Jobs(space)
    try:
        a, b = (
            jobs.submit("faces", "ana", {"set": side, "side": side}, {"clips": [media / "ana.png"]})
            for side in "ab"
        )
        assert not jobs.superseded(a)
        again = jobs.submit("faces", "ana", {"set": "b", "side": "b"}, {"clips": []})
        assert jobs.superseded(b)
        assert not jobs.superseded(a)
        film = jobs.submit("faces", "ana", {"set": "c"}, {"clips": [media / "ana.mp4"]})
        place = {"position": 0.5}
        preview = jobs.submit("preview", "rui", place, {"photo": [media / "ana.mp4"]})
        assert (a.lane, film.lane, preview.lane) == ("short", "long", "short")
        assert (space.jobs / film.id / "in" / film.files["clips"][0]).samefile(media / "ana.mp4")
        until = time.monotonic() + 240
        while not (a.over and again.over and film.over and preview.over):
            assert time.monotonic() < until
            time.sleep(0.05)
    finally:
        jobs.close()
    assert (a.state, again.state, film.state, preview.state) == ("done", "failed", "done", "failed")
    assert a.result["faces"] == 1
