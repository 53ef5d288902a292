"""Errors in Portuguese: each is one that olhar raises, in the very words in which it does."""

import ast
import errno
import json
import os
import re
import shutil
import wave
import zipfile
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

pytest.importorskip("gradio", reason="the studio comes with the extra: pip install 'olhar[studio]'")

import olhar
from olhar import hub
from olhar.classify.recipe import Classifier
from olhar.colorize import Colorize
from olhar.commands.inspect import inspect
from olhar.data.augment import Augment
from olhar.data.crops import Crops
from olhar.data.examples import examples
from olhar.data.reading import Reading
from olhar.data.reading import read as read_data
from olhar.data.splits import split
from olhar.errors import OlharError
from olhar.faceswap import bank
from olhar.faceswap.permission import permitted
from olhar.faceswap.swapping import Tally
from olhar.look.messages_errors import ERRORS
from olhar.media import consent
from olhar.media.files import atomic
from olhar.media.image import read
from olhar.media.process import process
from olhar.media.video import transform
from olhar.studio.jobs import Jobs
from olhar.studio.told import lines, told, translated
from olhar.studio.work import Asked
from olhar.studio.workspace import Workspace
from olhar.stylize import Stylize, steps
from olhar.training import resume
from olhar.training.run import Run
from olhar.vae.network import VAE
from olhar.vae.recipe import Vae

SOURCES = sorted(Path(olhar.__file__).parent.rglob("*.py"))
PLACE = re.compile(r"\{\w+\}")


def written(path: Path, content: bytes) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


def picture(path: Path, size: tuple[int, int] = (24, 16), light: int = 90) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(light)
    pixels = (light + rng.normal(0, 20, (size[1], size[0], 3))).clip(0, 255)
    Image.fromarray(pixels.astype(np.uint8)).save(path)
    return path


def sound(folder: Path) -> Path:
    with wave.open(str(folder / "sound.wav"), "wb") as file:
        file.setparams((1, 2, 8000, 0, "NONE", ""))
        file.writeframes(bytes(4000))
    return (folder / "sound.wav").rename(folder / "sound.mkv")


def archive(folder: Path) -> Path:
    with zipfile.ZipFile(folder / "pictures.zip", "w") as file:
        file.writestr("a.txt", "a")
    return (folder / "pictures.zip").rename(folder / "pictures.jpg")


def cut(folder: Path) -> Path:
    whole = picture(folder / "whole.png", (200, 200)).read_bytes()
    return written(folder / "cut.png", whole[: len(whole) // 2])


def restyled(photo: tuple[int, int], painting: tuple[int, int], size: int = 256) -> None:
    steps(torch.rand(3, *photo), [torch.rand(3, *painting)], Stylize(size=size))


def no_memory(_: torch.Tensor) -> torch.Tensor:
    raise MemoryError


def went_on(before: Vae, now: Vae) -> None:
    """A run of this name is gone on with, with other settings."""
    resume.going_on(
        now, {"kind": before.kind, "asked": before.as_dict(), "recipe": before.as_dict()}
    )


def crowded(folder: Path) -> None:
    jobs = Jobs(Workspace.at(folder / "studio"), per_visitor=0)
    try:
        jobs.submit("inspect", "ana", {})
    finally:
        jobs.close()


def one_class(folder: Path) -> Path:
    for number in range(4):
        picture(folder / "cats" / "cat" / f"{number}.png", light=40 * number)
    return folder / "cats"


def full(folder: Path) -> None:
    with atomic(folder / "result.png"):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def recorded(folder: Path) -> consent.Consent:
    """Of one person, for training alone, until yesterday."""
    proof = written(folder / "signed.txt", b"yes")
    said = {
        "people": [{"name": "Ana", "given_by": "Ana"}],
        "scope": ["train"],
        "given_on": "2020-01-01",
        "until": "2020-12-31",
        "evidence": proof.name,
        "evidence_sha256": "0" * 64,
    }
    return consent.read(written(folder / "consent.json", json.dumps(said).encode()))


RAISED: dict[str, Callable[[Path], object]] = {
    "text": lambda to: read(written(to / "a.png", b"hello")),
    "page": lambda to: read(written(to / "a.jpg", b"<!doctype html><html></html>")),
    "archive": lambda to: read(archive(to)),
    "unknown": lambda to: read(written(to / "a.jpg", b"\x07\x01\x02\x00" * 40)),
    "header": lambda to: read(written(to / "a.jpg", b"\xff\xd8" + bytes(40))),
    "empty": lambda to: read(written(to / "a.png", b"")),
    "cut": lambda to: read(cut(to)),
    "large": lambda to: read(picture(to / "a.png"), max_pixels=100),
    "memory": lambda to: process(picture(to / "a.png"), to / "b.png", no_memory, mark=None),
    "film of sound": lambda to: transform(sound(to), to / "b.mp4", lambda each: each, mark=None),
    "no film": lambda to: transform(
        written(to / "a.mkv", b"hello" * 99), to / "b.mp4", lambda each: each, mark=None
    ),
    "cut film": lambda to: transform(
        written(to / "a.mp4", b"\0\0\0\x18ftypisom" + bytes(99)),
        to / "b.mp4",
        lambda each: each,
        mark=None,
    ),
    "no style": lambda _: steps(torch.rand(3, 64, 64), [], Stylize()),
    "narrow style": lambda _: restyled((64, 64), (64, 4)),
    "narrow result": lambda _: restyled((4, 640), (64, 64), 64),
    "huge result": lambda _: restyled((64, 64), (64, 64), 1 << 16),
    "large pieces": lambda _: Crops(np.zeros((1, 8, 8, 3)), np.arange(1), size=64, side=8),
    "setting": lambda _: Colorize(vivid=2),
    "whole setting": lambda _: Vae(data=Path("x"), epochs=-1),
    "choice": lambda _: Stylize(loss="none"),  # type: ignore[arg-type]
    "colour size": lambda _: Colorize(size=3),
    "vae": lambda _: VAE(size=30, latent=2, widths=(8, 8)),
    "no pictures": lambda to: Classifier(data=to).examples(),
    "one class": lambda to: Classifier(data=one_class(to)).examples(),
    "no classes": lambda to: Classifier(data=one_class(to) / "cat").examples(),
    "few": lambda to: split(examples(one_class(to) / "cat"), groups=np.zeros(4, np.int64)),
    "run": lambda to: Run(written(to / "run" / "other.txt", b"x").parent),
    "other settings": lambda _: went_on(
        Vae(data=Path("x"), latent=4), Vae(data=Path("x"), latent=8)
    ),
    "other data": lambda _: resume.announce({"data": {"hash": "a"}}, {}, {"hash": "b"}),
    "asked": lambda to: Asked({}, {}, to, to).file("photo"),
    "crowded": crowded,
    "disk": full,
    "consent ended": lambda to: recorded(to).check("train"),
    "consent for less": lambda to: recorded(to).check("swap", today=recorded(to).given_on),
    "consent of others": lambda to: recorded(to).check(
        "train", ["Bia"], today=recorded(to).given_on
    ),
    "consent changed": lambda to: recorded(to).check("train", ["Ana"], today=recorded(to).given_on),
    "no record": lambda to: consent.read(written(to / "a.json", b"{}")),
    "swap without": lambda to: permitted(to / "model.safetensors", []),
    "no face set": lambda to: bank.person(to, "a", 64, 0.1, 0),
    "no model": lambda to: hub.read_card(written(to / "a.safetensors", b"not a model")),
    "nothing to inspect": inspect,
}
"""What a person in the studio can meet, raised by the functions that raise it there."""


@pytest.mark.parametrize("name", sorted(RAISED))
def test_what_goes_wrong_is_told_in_portuguese(name: str, tmp_path: Path) -> None:
    with pytest.raises(OlharError) as caught:
        RAISED[name](tmp_path)
    sentence = str(caught.value)
    portuguese = translated(sentence)
    assert portuguese is not None, sentence
    assert portuguese != sentence
    assert "{" not in portuguese


def templates() -> set[str]:
    """Every sentence in the sources, with {} where something is filled in."""
    found: set[str] = set()
    for path in SOURCES:
        if path.name.startswith("messages_errors"):
            continue
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.JoinedStr):
                parts = [n.value if isinstance(n, ast.Constant) else "{}" for n in node.values]
                found.add("".join(map(str, parts)))
            elif isinstance(node, ast.Constant) and isinstance(node.value, str):
                found.add(node.value)
    return found


def test_every_english_side_is_a_sentence_of_the_code() -> None:
    known = templates()
    unknown = []
    for template in ERRORS:
        plain = PLACE.sub("{}", template)
        behind = plain.removeprefix("{} ")  # as what follows the name of a file
        if plain not in known and behind not in known:
            unknown.append(template)
    assert unknown == [], "reworded, or nowhere raised"


@pytest.mark.parametrize("english", sorted(ERRORS))
def test_both_sides_have_the_same_places(english: str) -> None:
    places, filled = set(PLACE.findall(english)), set(PLACE.findall(ERRORS[english]))
    assert filled <= places
    sentence = PLACE.sub("7", english)
    assert translated(sentence) == PLACE.sub("7", ERRORS[english])


def test_whose_faces_were_not_swapped_is_told_in_portuguese() -> None:
    tally = Tally(
        Counter({(1, "left as they are"): 1200, (1, "too small"): 2, (2, "turned away"): 1}),
        {1: (0, 40, 50), 2: (3, 6, 7)},
    )
    people = "; ".join(tally.people(everywhere=True))
    sentence = f"a.mp4 shows no face that is swapped ({people}), so it is left as it is"
    assert str(translated(sentence)).endswith(
        "(pessoa 1: 1.200 ficam como estão, 2 pequenos demais, primeiro no quadro 0 em 40, 50; "
        "pessoa 2: 1 virados, primeiro no quadro 3 em 6, 7), e fica como está"
    )


def test_what_a_training_notes_about_its_pictures_is_told_in_portuguese(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    for name, count in (("cat", 24), ("dog", 2), ("owl", 1)):
        (tmp_path / name).mkdir()
        for number in range(count):
            pixels = rng.integers(0, 255, (24, 24, 3), np.uint8)
            Image.fromarray(pixels).resize((96, 96)).save(tmp_path / name / f"{number}.png")
    (tmp_path / "empty").mkdir()
    (tmp_path / "notes.txt").write_text("")
    (tmp_path / "cat" / "damaged.png").write_bytes(b"\x89PNG\r\n")
    shutil.copy(tmp_path / "cat" / "0.png", tmp_path / "beside.png")
    shutil.copy(tmp_path / "cat" / "1.png", tmp_path / "cat" / "again.png")
    shutil.copy(tmp_path / "cat" / "2.png", tmp_path / "dog" / "cat.png")
    reading = Reading(size=16, fit="crop", validation=0.2, test=0.2, seed=0)
    notes = read_data(examples(tmp_path), reading).datasets(Augment()).notes
    portuguese = [translated(note) for note in notes]
    assert len(notes) >= 8
    assert None not in portuguese, [n for n, p in zip(notes, portuguese, strict=True) if not p]
    for note in portuguese:
        assert not re.search("picture|group|the first|left out|same|class |file", note or ""), note


def test_what_nobody_foresaw_stays_in_english_behind_a_word_about_that() -> None:
    phrase = told("the cat is on fire")
    assert phrase.english == "the cat is on fire"
    assert phrase.portuguese == "Explicação, em inglês: the cat is on fire"
    assert lines("there is no such file") == "there is no such file\nesse arquivo não existe"


def test_what_stands_in_a_place_is_told_in_portuguese_too() -> None:
    inner = "a.png is empty (0 bytes); get it again from where it came from"
    outer = translated(f"none of 3 pictures can be read: {inner}") or ""
    assert outer.startswith("nenhuma das 3 imagens")
    assert outer.endswith("a.png está vazio (0 bytes); pegue-o de novo de onde veio")
    assert translated("scan.png is a web page, not a picture that olhar reads; save the picture "
                      "itself, not the page it is on") == (
        "scan.png é uma página da web, não uma imagem que o olhar lê; salve a própria imagem, não "
        "a página dela"
    )  # fmt: skip
