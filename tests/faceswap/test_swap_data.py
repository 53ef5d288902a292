"""Face sets as a training reads them: who is learned, what is held out, what a batch is."""

import dataclasses

import numpy as np
import pytest
import torch

from olhar.errors import OlharError
from olhar.faceswap import records
from olhar.faceswap.advice import Tally, compared
from olhar.faceswap.bank import Bank, held_out, person
from olhar.faceswap.pairs import Pairs, Variety
from olhar.faceswap.warp import Palette
from swap_toys import face_set

PLAIN = Variety(bend=0.0, mirror=False, color=0.0, palette=0.0, evenly=0.0)
FULL = Variety(bend=0.03, mirror=True, color=0.2, palette=0.5, evenly=0.5)


@pytest.fixture(scope="module")
def sets(tmp_path_factory):
    folder = tmp_path_factory.mktemp("sets")
    return face_set(folder / "a", 0, 20), face_set(folder / "b", 1, 8)


@pytest.fixture(scope="module")
def banks(sets):
    return [person(folder, side, 40, 0.2, 0) for folder, side in zip(sets, "ab", strict=True)]


def edited(folder, change):
    records.rewrite(folder, change)
    return folder


def test_a_stretch_of_each_film_is_held_out(tmp_path):
    folder = face_set(face_set(tmp_path / "set", 0, 30), 0, 10, film="other.mp4")
    faces = [*records.read(folder)]
    places = set()
    for seed in range(5):
        out = held_out(faces, 0.2, seed)
        for film, count in (("film.mp4", 6), ("other.mp4", 2)):
            frames = [
                f.frame for f, which in zip(faces, out, strict=True) if which and f.source == film
            ]
            assert frames == [*range(frames[0], frames[0] + count)]
            places.add((film, frames[0]))
    assert len(places) > 4, "the seed says where"


def test_photographs_are_held_out_together_and_never_all(tmp_path):
    faces = [*records.read(face_set(tmp_path / "set", 0, 5))]
    alone = [dataclasses.replace(f, source=f"{f.frame}.jpg", frame=0) for f in faces]
    out = held_out(alone, 0.5, 0)
    assert out.sum() == 2
    assert held_out(alone[:2], 0.01, 0).sum() == 1
    mixed = [*alone[:1], *(dataclasses.replace(f, source="film.mp4") for f in faces)]
    assert not held_out(mixed, 0.5, 0)[0], "the only photograph is not lost"


def test_faces_come_with_their_masks(banks):
    a = banks[0]
    assert (len(a.train), len(a.held_out)) == (16, 4)
    assert a.train.pixels.shape == (16, 5, 40, 40)
    hull, parts = a.train.pixels[0, 3].float() / 255, a.train.pixels[0, 4].float() / 255
    assert 0.2 < hull.mean() < 0.35
    assert 0.01 < parts.mean() < 0.05
    assert (parts <= hull + 0.01).all()
    skin = a.train.pixels[:, :3, 16:24, 16:24].float().mean((2, 3)) / 255
    assert (a.train.colors.mean - skin).abs().max() < 0.25


def test_the_person_who_is_seen_most_is_learned(tmp_path):
    folder = face_set(tmp_path / "set", 0, 9)
    edited(folder, lambda f: dataclasses.replace(f, person=1 + (f.frame % 3 == 0)))
    found = person(folder, "b", 16, 0.1, 0)
    assert len(found.train) + len(found.held_out) == 6
    assert "b holds 2 people, of whom person 1" in found.notes[0]


def test_what_is_left_out_is_not_learned(tmp_path):
    folder = face_set(tmp_path / "set", 0, 9)
    edited(folder, lambda f: dataclasses.replace(f, keep=f.frame > 2))
    (folder / "film.mp4" / "000008.png").unlink()
    found = person(folder, "b", 16, 0.1, 0)
    assert len(found.train) + len(found.held_out) == 5
    assert not found.notes


def test_one_face_is_too_few(tmp_path):
    with pytest.raises(OlharError, match="has 1 faces, and a side of a face swap needs 2"):
        person(face_set(tmp_path / "set", 0, 1), "a", 16, 0.1, 0)


def test_poses_are_drawn_as_evenly_as_is_asked():
    yaws = np.array([0.0] * 90 + [25.0] * 10)
    bank = Bank(torch.zeros(100, 5, 1, 1), yaws, Palette(torch.zeros(100, 3), torch.zeros(100, 3)))
    for evenly, share in ((0.0, 0.1), (0.5, 0.25), (1.0, 0.5)):
        chances = bank.chances(evenly)
        assert chances[-1] == 1
        assert 1 - chances[89] == pytest.approx(share)


@pytest.mark.parametrize("how", [PLAIN, FULL])
def test_a_batch_is_a_function_of_epoch_and_index(banks, how):
    pairs = Pairs(banks[0].train, banks[1].train, 32, how, 0)
    assert len(pairs) == 16
    together = pairs.batch(np.arange(8), epoch=2)
    some = pairs.batch(np.array([6, 1]), epoch=2)
    for name, values in together.items():
        assert torch.allclose(values[[6, 1]], some[name], atol=1e-6), name
    later = pairs.batch(np.arange(8), epoch=3)
    assert not torch.equal(later["a_face"], together["a_face"])
    assert not torch.equal(together["a_mask"], together["b_mask"])


def test_what_is_asked_for_is_neither_bent_nor_repainted(banks):
    a, b = banks[0].train, banks[1].train
    rows = np.arange(16)
    plain = Pairs(a, b, 32, PLAIN, 0).batch(rows, epoch=1)
    assert torch.equal(plain["a"], plain["a_face"])
    bent = dataclasses.replace(PLAIN, bend=0.05, palette=1.0)
    varied = Pairs(a, b, 32, bent, 0).batch(rows, epoch=1)
    assert torch.allclose(varied["a_face"], plain["a_face"], atol=1e-6)
    assert torch.allclose(varied["a_mask"], plain["a_mask"], atol=1e-6)
    assert (varied["a"] - plain["a"]).abs().mean() > 0.01


def test_light_changes_what_is_shown_and_what_is_asked_for_alike(banks):
    how = dataclasses.replace(PLAIN, color=0.3)
    found = Pairs(banks[0].train, banks[1].train, 32, how, 0).batch(np.arange(8), epoch=1)
    plain = Pairs(banks[0].train, banks[1].train, 32, PLAIN, 0).batch(np.arange(8), epoch=1)
    assert torch.allclose(found["a"], found["a_face"], atol=1e-5)
    assert (found["a"] - plain["a"]).abs().mean() > 0.01


def test_each_face_that_is_held_out_is_measured(banks):
    a, b = banks[0].train, banks[1].train  # as if
    pairs = Pairs(a, b, 40, FULL, 3)
    seen = torch.cat([batch["b_face"] for batch in pairs.batches(5)])
    assert len(seen) == 16
    for face in b.pixels[:, :3].float() / 255:
        assert (seen - face).abs().mean((1, 2, 3)).min() < 1e-4
    again = torch.cat([batch["b"] for batch in pairs.batches(16)])
    assert torch.equal(again, seen), "nothing is varied"


def test_what_one_side_lacks_is_told():
    def tally(faces, **sides):
        found = Tally(faces=faces)
        found.sides.update({"ahead": faces} | {k.replace("_", " "): n for k, n in sides.items()})
        return found

    rich, poor = tally(900, left_profiles=120), tally(800)
    (sentence,) = compared(rich, poor)
    assert sentence.startswith("a has 120 left profiles and b 0")
    (sentence,) = compared(poor, rich)
    assert sentence.startswith("b has 120 left profiles and a 0")
    assert compared(rich, rich) == []
    assert compared(tally(900), tally(60))[0].startswith("b has 60 faces where a has 900")
    assert compared(tally(60), tally(60)) == []
