"""Folders: what they mean by where pictures lie, and what is said of the rest."""

import os
import unicodedata

import numpy as np
import pytest
from PIL import Image

from olhar.data.examples import examples
from olhar.errors import OlharError

posix = pytest.mark.skipif(os.name != "posix", reason="POSIX only")


def draw(root, *names):
    for name in names:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.new("RGB", (4, 4)).save(path)
    return root


def test_a_folder_for_each_class(tmp_path):
    draw(tmp_path, "10/a.png", "9/b.png", "9/deep/er/c.jpg", "Ação/d.png", "ação2/e.png")
    found = examples(tmp_path)
    assert found.task == "class"
    assert found.classes == ("9", "10", "Ação", "ação2")
    assert dict(zip(found.names, found.targets.tolist(), strict=True)) == {
        "9/b.png": 0,
        "9/deep/er/c.jpg": 0,
        "10/a.png": 1,
        "Ação/d.png": 2,
        "ação2/e.png": 3,
    }
    assert found.targets.dtype == np.int64
    assert found.split is None
    assert found.described == "5 pictures in 4 classes"
    assert "with a single picture each: 10, Ação, ação2" in found.notes


@posix
def test_a_name_with_accents_is_the_same_class_as_macos_writes_it(tmp_path):
    apart = unicodedata.normalize("NFD", "São João")
    draw(tmp_path, f"train/{apart}/1.png", "train/b/1.png", "test/São João/2.png", "test/b/2.png")
    found = examples(tmp_path)
    assert found.classes == ("b", "São João")
    assert all(unicodedata.is_normalized("NFC", name) for name in found.names)
    assert all(file.is_file() for file in found.files)


@pytest.mark.parametrize("word", ["validation", "val", "Valid", "validação"])
def test_a_split_that_was_given(tmp_path, word):
    draw(tmp_path, "train/a/1.png", "train/b/1.png", f"{word}/a/2.png", "test/b/3.png")
    found = examples(tmp_path)
    assert found.classes == ("a", "b")
    parts = dict(zip(found.names, found.split, strict=True))
    assert parts == {
        "train/a/1.png": "train",
        "train/b/1.png": "train",
        f"{word}/a/2.png": "validation",
        "test/b/3.png": "test",
    }
    assert {"not in validation: b", "not in test: a"} <= set(found.notes)


def test_a_part_alone_and_parts_without_classes(tmp_path):
    draw(tmp_path / "one", "test/a/1.png", "test/b/1.png")
    assert examples(tmp_path / "one").split == ("test", "test")
    draw(tmp_path / "flat", "train/1.png", "test/2.png")
    found = examples(tmp_path / "flat")
    assert (found.task, found.targets, set(found.split)) == ("none", None, {"train", "test"})


def test_a_class_may_be_called_train(tmp_path):
    draw(tmp_path, "train/1.png", "plane/1.png")
    assert examples(tmp_path).classes == ("plane", "train")
    draw(tmp_path, "train/old/2.png", "plane/old/2.png")
    found = examples(tmp_path)
    assert found.classes == ("plane", "train")
    assert found.split is None


def test_what_lies_outside_a_split_is_left_out_and_said(tmp_path):
    draw(tmp_path, "train/a/1.png", "test/a/1.png", "extra/a/1.png", "cover.png")
    found = examples(tmp_path)
    assert len(found) == 2
    assert any("2 pictures outside test, train" in note for note in found.notes)


def test_a_flat_folder_and_one_taken_flat(tmp_path):
    draw(tmp_path, "2.png", "10.png", "1.png", "rejected/3.png")
    found = examples(tmp_path)
    assert (found.task, found.classes) == ("none", ())
    assert found.names == ("1.png", "2.png", "10.png", "rejected/3.png")
    draw(tmp_path, "other/4.png")
    assert examples(tmp_path).classes == ("other", "rejected")
    assert len(examples(tmp_path, task="none")) == 5


def test_a_folder_around_the_folders_of_an_archive(tmp_path):
    draw(tmp_path, "data/data/train/a/1.png", "data/data/train/b/1.png", "data/data/test/a/2.png")
    found = examples(tmp_path)
    assert found.classes == ("a", "b")
    assert found.split.count("test") == 1


def test_clutter_is_passed_over_and_the_rest_is_said(tmp_path):
    draw(tmp_path, "a/1.png", "b/1.png", "beside.png", ".hidden/1.png", "a/._1.png")
    draw(tmp_path, "__MACOSX/a/1.png")
    (tmp_path / "a" / "Thumbs.db").write_bytes(b"x")
    (tmp_path / "a" / "desktop.ini").write_bytes(b"x")
    (tmp_path / "a" / "notes.txt").write_text("x")
    (tmp_path / "empty").mkdir()
    found = examples(tmp_path)
    assert found.names == ("a/1.png", "b/1.png")
    assert found.classes == ("a", "b")
    assert "1 file other than pictures (a/notes.txt)" in found.notes
    assert "1 picture beside the folders of the classes left out (beside.png)" in found.notes
    assert "folders without pictures were left out (empty)" in found.notes
    assert not any("MACOSX" in note or "Thumbs" in note for note in found.notes)


@posix
def test_links_that_go_round_end(tmp_path):
    draw(tmp_path, "a/1.png", "b/1.png")
    (tmp_path / "a" / "round").symlink_to(tmp_path)
    found = examples(tmp_path)
    assert found.names == ("a/1.png", "b/1.png")


def test_the_order_depends_on_names_alone(tmp_path):
    names = [f"{label}/{i}.png" for label in "ab" for i in range(12)]
    draw(tmp_path / "one", *names)
    draw(tmp_path / "two", *reversed(names))
    assert examples(tmp_path / "one").names == examples(tmp_path / "two").names


def test_take_keeps_the_classes(tmp_path):
    draw(tmp_path, "train/a/1.png", "train/b/1.png", "test/c/1.png")
    found = examples(tmp_path)
    some = found.take(np.array([2, 0]))
    assert some.names == (found.names[2], found.names[0])
    assert some.targets.tolist() == [found.targets[2], found.targets[0]]
    assert some.split == (found.split[2], found.split[0])
    assert some.classes == found.classes


@pytest.mark.parametrize(
    ("make", "options", "words"),
    [
        (lambda root: root / "nowhere", {}, "there is no .*nowhere"),
        (lambda root: root, {}, "no pictures in .*give a folder"),
        (lambda root: draw(root, "a.png"), {"task": "class"}, "no folder for each class"),
        (lambda root: draw(root, "a.png") / "a.png", {}, "is one picture"),
        (lambda root: draw(root, "a/1.png"), {"task": "number"}, "give a table"),
        (lambda root: draw(root, "a/1.png"), {"target": "x"}, "has no columns"),
        (lambda root: draw(root, "a/1.png"), {"task": "clas"}, "task is 'clas'"),
    ],
)
def test_what_cannot_be_learned_from_is_told(tmp_path, make, options, words):
    with pytest.raises(OlharError, match=words):
        examples(make(tmp_path), **options)
