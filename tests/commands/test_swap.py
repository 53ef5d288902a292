"""`olhar swap`, as a person types it: the whole road from drawn films to a swapped one."""

import datetime as dt
import json
import sys
from fractions import Fraction
from pathlib import Path

import pytest
import torch

from olhar import hub
from olhar.cli import main
from olhar.faceswap.extract import Extract
from olhar.faceswap.faceset import face_set
from olhar.faceswap.network import Swapper
from olhar.hub import Card
from olhar.media import consent, segments
from olhar.media.image import read, write
from olhar.media.label import label, label_
from olhar.media.video import frames, probe
from olhar.samples.face import face

sys.path.append(str(Path(__file__).parents[1] / "media"))
import clips
import signing

SIZE = (128, 176)
COUNT = 24
TIMES = [40 * n + 9 * (n % 5 == 0) for n in range(COUNT)]  # milliseconds, not quite even
TINY = {"size": 32, "down": (8, 8), "code": 8, "up": (8, 8)}


def record(path, *names, scope=("train", "swap"), days=30, artistic=""):
    letter = path.with_suffix(".txt")
    letter.write_text("We agree.")
    people = [consent.Person(name=each, given_by=each) for each in names]
    today = dt.datetime.now(dt.UTC).astimezone().date()
    return consent.make(
        path, people, scope, today + dt.timedelta(days=days), letter, artistic=artistic
    )


def model(folder, agreed):
    """A network that has learned nothing: it makes grey faces, which is enough to be seen."""
    torch.manual_seed(0)
    network = Swapper(**TINY)
    card = Card(
        name="ana-rui",
        kind="faceswap",
        summary="Two drawn people.",
        licence="CC0-1.0",
        origin="random numbers",
        arguments=network.arguments,
        consent=agreed.as_card() if agreed else {},
    )
    folder.mkdir(exist_ok=True)
    hub.save(folder / "model.safetensors", network.state_dict(), card)
    return folder


def drawn(number):
    picture = torch.full((3, *SIZE), 0.5)
    picture[:, :, 24:152] = face(1, 128, yaw=2.0 * (number // 3))
    return picture


@pytest.fixture(scope="module")
def road(tmp_path_factory):
    """A film with sound, a face set of it, a consent, and a model by that consent."""
    place = tmp_path_factory.mktemp("road")
    film = clips.make(
        place / "ana.mp4",
        TIMES,
        size=SIZE,
        picture=lambda n: drawn(n).mul(255).byte().permute(1, 2, 0).contiguous().numpy(),
        audio="aac",
        seconds=1.0,
    )
    made = face_set(film, place / "ana", Extract(size=64), progress=False)
    assert made.tally.faces == COUNT
    agreed = record(place / "consent.json", "Ana", "Rui")
    return place, film, model(place / "run", agreed), agreed


def words(road, out, *more, source=None, agreed=None):
    place, film, run, _ = road
    said = ["swap", str(source or film), "--model", str(run), "-o", str(out)]
    return [*said, "--consent", str(agreed or place / "consent.json"), *more]


def test_a_film_is_swapped_marked_and_labelled(road, tmp_path, capsys):
    _, film, _, agreed = road
    out = tmp_path / "out.mp4"
    assert main(words(road, out)) == 0
    said = capsys.readouterr().out
    assert f"{COUNT} of {COUNT} frames have a swapped face" in said
    assert f"person 1: {COUNT} swapped" in said
    assert clips.times_of(out) == clips.times_of(film) == [Fraction(t, 1000) for t in TIMES]
    assert clips.packets_of(out, "audio") == clips.packets_of(film, "audio") != []
    assert probe(out).has_audio
    before, after = ([each.image for each in frames(path)] for path in (film, out))
    off = torch.stack([(a - b).abs().mean(0) for a, b in zip(before, after, strict=True)]).mean(0)
    assert float(off[50:80, 70:106].mean()) > 0.05  # another face
    labelled = (label(drawn(0)) - drawn(0)).abs().amax(0) > 0.05
    assert float(off[labelled].mean()) > 0.1
    left = off[:, :20]
    assert float(left[~labelled[:, :20]].mean()) < 0.01  # but for the coding nothing changes
    assert signing.state(out) in {"Valid", "Trusted"}
    stated = json.dumps(signing.manifest(out))
    assert agreed.sha256 in stated
    assert "compositeWithTrainedAlgorithmicMedia" in stated
    assert "Ana" not in stated.replace("ana-rui", "")
    assert main(["inspect", str(out)]) == 0
    told = capsys.readouterr().out
    assert agreed.sha256[:12] in told


def test_a_film_that_was_stopped_goes_on(road, tmp_path, capsys, monkeypatch):
    _, film, *_ = road
    out = tmp_path / "out.mp4"
    monkeypatch.setattr(segments, "_LIMITS", (5, 8))
    with monkeypatch.context() as patch:
        calls = []

        def stop(*arguments, **more):
            calls.append(1)
            if len(calls) > 18:
                raise KeyboardInterrupt
            return label_(*arguments, **more)

        patch.setattr("olhar.commands.swap.label_", stop)
        assert main(words(road, out)) == 130
    assert f"16 of {COUNT} frames of {film} are done" in capsys.readouterr().err
    assert main(words(road, out)) == 0
    assert "16 frames were there from a run that stopped" in capsys.readouterr().out
    assert clips.times_of(out) == clips.times_of(film)
    assert clips.packets_of(out, "audio") == clips.packets_of(film, "audio") != []
    assert signing.state(out) in {"Valid", "Trusted"}
    assert [path.name for path in tmp_path.iterdir()] == ["out.mp4"]


def test_photographs_of_a_folder_and_again(road, tmp_path, capsys):
    photos = tmp_path / "photos"
    write(photos / "one.png", face(1, 160), mark=None)
    write(photos / "nobody.png", torch.full((3, 96, 96), 0.5), mark=None)
    assert main(words(road, tmp_path / "out", source=photos)) == 0
    said = capsys.readouterr().out
    assert "1 made" in said
    assert "shows no face that is swapped, so it is left as it is" in said
    assert not (tmp_path / "out" / "nobody.png").exists()
    result = tmp_path / "out" / "one.png"
    assert signing.state(result) in {"Valid", "Trusted"}
    when = result.stat().st_mtime_ns
    assert main([*words(road, tmp_path / "out", source=photos), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["skipped"] == [str(result)]
    assert result.stat().st_mtime_ns == when
    assert main([*words(road, tmp_path / "out", source=photos), "--blend", "alpha", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["done"] == [str(result)]
    assert told["people"] == {"1": {"swapped": 1}}
    assert told["first_seen"] == {}  # each picture has people of its own


def refused(line, capsys):
    assert main(line) == 2
    said = capsys.readouterr().err.strip()
    assert len(said.splitlines()) == 1
    return said


def test_without_consent_nothing_is_swapped(road, tmp_path, capsys):
    place, film, run, _ = road
    out = tmp_path / "out.mp4"
    bare = ["swap", str(film), "--model", str(run), "-o", str(out)]
    assert "only with the consent" in refused(bare, capsys)
    record(tmp_path / "narrow.json", "Ana", "Rui", scope=("train",))
    narrow = consent.read(tmp_path / "narrow.json")
    other = model(tmp_path / "narrow", narrow)
    line = ["swap", str(film), "--model", str(other), "-o", str(out), "--consent"]
    assert "for train, and not for swap" in refused([*line, str(tmp_path / "narrow.json")], capsys)
    record(tmp_path / "others.json", "Eva", "Ivo")
    foreign = words(road, out, agreed=tmp_path / "others.json")
    assert "was trained by the consent" in refused(foreign, capsys)
    line = ["swap", str(film), "--model", str(model(tmp_path / "free", None)), "-o", str(out)]
    said = refused([*line, "--consent", str(place / "consent.json")], capsys)
    assert "does not say by whose consent" in said
    said = refused(words(road, out, agreed=tmp_path / "none.json"), capsys)
    assert "none.json" in said
    assert not out.exists()


def test_a_newer_consent_stands_for_the_old_one(road, tmp_path, capsys):
    place, *_ = road
    photo = write(tmp_path / "one.png", face(1, 160), mark=None)
    record(tmp_path / "newer.json", "Ana", "Rui", scope=("swap",))
    record(tmp_path / "fewer.json", "Ana", scope=("swap",))
    old = str(place / "consent.json")
    line = words(road, tmp_path / "out.png", old, source=photo, agreed=tmp_path / "newer.json")
    assert main(line) == 0
    newer = consent.read(tmp_path / "newer.json").sha256
    assert newer in json.dumps(signing.manifest(tmp_path / "out.png"))
    capsys.readouterr()
    line = words(road, tmp_path / "b.png", old, source=photo, agreed=tmp_path / "fewer.json")
    assert "does not name Rui" in refused(line, capsys)


def test_the_label_is_absent_only_in_what_is_evidently_art(road, tmp_path, capsys):
    photo = write(tmp_path / "one.png", face(1, 160), mark=None)
    out = tmp_path / "out.png"
    line = words(road, out, "--no-label", source=photo)
    assert "evidently artistic" in refused(line, capsys)
    art = record(tmp_path / "art.json", "Ana", "Rui", artistic="a satire of opera")
    run = model(tmp_path / "run", art)
    line = ["swap", str(photo), "--model", str(run), "-o", str(out)]
    line += ["--consent", str(tmp_path / "art.json")]
    assert main(line) == 0
    with_label = read(out).image
    assert main([*line, "--no-label"]) == 0
    without = read(out).image
    labelled = (label(without) - without).abs().amax(0) > 0
    assert torch.allclose(with_label, label(without), atol=1 / 255)
    outside = (without - read(photo).image).abs().amax(0)
    assert not outside[labelled].any()


def test_what_cannot_be_is_a_sentence(road, tmp_path, capsys):
    out = tmp_path / "out.mp4"
    assert "no person 'x'" in refused(words(road, out, "--person", "x"), capsys)
    assert "a number from 0 to 0.3" in refused(words(road, out, "--erode", "2"), capsys)
    said = refused(words(road, tmp_path / "out.webm"), capsys)
    assert ".mp4" in said
    place, film, *_ = road
    line = ["swap", str(film), "--model", "faces", "-o", str(out)]
    said = refused([*line, "--consent", str(place / "consent.json")], capsys)
    assert "olhar train faceswap" in said or "consent" in said
    photo = write(tmp_path / "nobody.png", torch.full((3, 96, 96), 0.5), mark=None)
    assert "shows no face" in refused(words(road, tmp_path / "o.png", source=photo), capsys)


def test_the_public_functions_ask_for_consent_too(road, tmp_path):
    import olhar

    place, _, run, _ = road
    picture = face(1, 160)
    made = olhar.swap(picture, run, place / "consent.json")
    assert made.shape == picture.shape
    changed = (made - picture).abs().amax(0) > 0
    labelled = (label(picture) - picture).abs().amax(0) > 0
    assert changed[labelled].float().mean() > 0.9
    assert not changed[:20].any()
    film = olhar.swap_frames(iter([picture] * 3), run, [place / "consent.json"], blend="alpha")
    assert [each.shape for each in film] == [picture.shape] * 3
    with pytest.raises(olhar.OlharError, match="only with the consent"):
        olhar.swap(picture, run, [])
    with pytest.raises(olhar.OlharError, match="the image shows no face"):
        olhar.swap(torch.full((3, 96, 96), 0.5), run, place / "consent.json")
