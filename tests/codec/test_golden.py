"""An archive that was made once opens as it did, on every machine, with every torch.

    python tests/codec/test_golden.py        # makes it anew, after the bundled codec has changed

Numbers are the same bit by bit; pixels are within 1/255.
"""

import hashlib
import json
import shutil
import tempfile
from pathlib import Path

import pytest
import torch

from olhar.codec import open_packed, pack, unpack
from olhar.codec.coding import Coding
from olhar.codec.packed import Archive
from olhar.media.image import read, write

HOME = Path(__file__).parent / "golden"
PATH = HOME / "golden.olhar"


def numbers(archive: Archive, coding: Coding) -> dict[str, str]:
    """Name to the SHA-256 of the numbers, in units of 2^-8."""
    found: dict[str, str] = {}
    data = archive.path.read_bytes()
    for item, start in archive.items:
        coded = data[start : start + item.length]
        values = coding.decode_numbers([coded], item.height, item.width, archive.level)
        whole = (values * 256).to(torch.int64).numpy().astype("<i8")
        found[item.name] = hashlib.sha256(whole.tobytes()).hexdigest()
    return found


@pytest.fixture(scope="module")
def archive() -> Archive:
    return open_packed(PATH)


@pytest.mark.parametrize("threads", [1, 2, 3])
def test_numbers_are_the_same(archive: Archive, threads: int):
    before = torch.get_num_threads()
    try:
        torch.set_num_threads(threads)
        found = numbers(archive, archive.model.coding)
    finally:
        torch.set_num_threads(before)
    assert found == json.loads((HOME / "numbers.json").read_text("utf-8"))


def test_numbers_are_the_same_whatever_the_defaults(archive: Archive):
    """A process that computes in bfloat16, or makes float64 by default, reads them too."""
    try:
        torch.set_default_dtype(torch.float64)
        with torch.autocast("cpu", dtype=torch.bfloat16):
            found = numbers(archive, archive.model.coding)
    finally:
        torch.set_default_dtype(torch.float32)
    assert found == json.loads((HOME / "numbers.json").read_text("utf-8"))


def test_pixels_are_within_one_step(archive: Archive):
    for number, name in enumerate(archive.names):
        painted = read(HOME / name).image
        assert (archive[number] - painted).abs().max() <= 1.51 / 255  # and they were rounded


def test_packing_the_same_pictures_makes_about_the_same_bytes(tmp_path: Path):
    """What is kept may differ by a rounding between machines; what it takes, hardly."""
    unpack(PATH, tmp_path / "in", form="png")
    report = pack(tmp_path / "in", tmp_path / "again.olhar", quality=50)
    assert 0.8 < report.after / PATH.stat().st_size < 1.2


def make() -> None:
    """Draw, pack, hash, paint."""
    from olhar.samples import painting

    shutil.rmtree(HOME, ignore_errors=True)
    with tempfile.TemporaryDirectory() as folder:
        for number, name in enumerate(("azulejo", "wave", "night")):
            image = painting(name, 128)[:, : 96 - 9 * number, : 64 + 7 * number]
            write(Path(folder, f"{name}.png"), image)
        pack(folder, PATH, quality=50)
    archive = open_packed(PATH)
    for number, name in enumerate(archive.names):
        write(HOME / name, archive[number])
    said = json.dumps(numbers(archive, archive.model.coding), indent=1)
    (HOME / "numbers.json").write_text(said + "\n", "utf-8")


if __name__ == "__main__":
    make()
