"""The cache: right pixels, whole or not at all, one maker at a time, nothing fatal in one file."""

import json
import os
import shutil
import signal
import time
import unicodedata
import warnings

import numpy as np
import pytest
from PIL import Image

from olhar.data import store
from olhar.data.cache import Cache, cache, prune
from olhar.data.contents import digests
from olhar.data.squares import square, squared
from olhar.errors import OlharError
from olhar.media import image
from olhar.media.image import read

posix = pytest.mark.skipif(os.name != "posix", reason="POSIX only")


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("OLHAR_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


def gradient(width=60, height=40, shift=0):
    y, x = np.mgrid[:height, :width]
    pixels = np.stack((x * 255 / width, y * 255 / height, (x + y + shift) % 200), 2)
    return Image.fromarray(pixels.astype(np.uint8))


def draw(folder, count, suffix=".jpg"):
    folder.mkdir(parents=True, exist_ok=True)
    files = [folder / f"{i}{suffix}" for i in range(count)]
    for i, file in enumerate(files):
        gradient(shift=i).save(file)
    return files


def stores(home):
    return sorted(path for path in (home / "pictures").iterdir() if path.is_dir())


def test_rows_are_the_files_in_order(tmp_path):
    files = draw(tmp_path / "in", 5, ".png")
    cached = cache(files, 40)
    assert (len(cached), cached.size) == (5, 40)
    assert cached.pixels.dtype == np.uint8
    assert cached.kept.tolist() == [0, 1, 2, 3, 4]
    for i, row in zip([3, 1, 3], cached.rows(np.array([3, 1, 3])), strict=True):
        np.testing.assert_array_equal(row, np.asarray(gradient(shift=i))[:, 10:50])


def test_crop_pad_and_stretch(tmp_path):
    path = tmp_path / "wide.png"
    picture = np.zeros((20, 60, 3), np.uint8)
    picture[:, :20], picture[:, 20:40], picture[:, 40:] = (255, 0, 0), (0, 255, 0), (0, 0, 255)
    Image.fromarray(picture).save(path)
    crop, pad, stretch = (
        cache([path], 12, fit=fit).rows(np.array([0]))[0] for fit in ("crop", "pad", "stretch")
    )
    assert crop[:, 2:10].tolist() == [[[0, 255, 0]] * 8] * 12
    assert (pad[:4] == 128).all()
    assert (pad[8:] == 128).all()
    assert pad[6, [0, 6, 11]].tolist() == [[255, 0, 0], [0, 255, 0], [0, 0, 255]]
    assert stretch[6, [0, 6, 11]].tolist() == [[255, 0, 0], [0, 255, 0], [0, 0, 255]]


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_jpeg_is_turned_upright_like_any_picture(tmp_path, orientation):
    exif = Image.Exif()
    exif[0x0112] = orientation
    path = tmp_path / "turned.jpg"
    gradient(400, 300).save(path, quality=95, exif=exif)
    whole = image.read(path).image.permute(1, 2, 0).mul(255).round().byte().numpy()
    Image.fromarray(whole).save(tmp_path / "upright.png")
    fast, full = (cache([tmp_path / name], 32).pixels[0] for name in ("turned.jpg", "upright.png"))
    assert np.abs(fast.astype(int) - full).max() <= 6
    assert np.abs(fast.astype(int) - full).mean() < 1


def test_every_kind_of_picture_is_read_right(tmp_path):
    red = Image.new("RGB", (30, 20), (200, 30, 40))
    red.save(tmp_path / "a.png")
    red.convert("P", palette=Image.Palette.ADAPTIVE).save(tmp_path / "b.gif")
    red.convert("CMYK").save(tmp_path / "c.jpg", quality=100)
    red.save(tmp_path / "d.webp", lossless=True)
    Image.fromarray(np.full((20, 30), 128 * 257, np.uint16)).save(tmp_path / "e.png")
    Image.new("RGBA", (30, 20), (200, 30, 40, 0)).save(tmp_path / "f.png")
    red.convert("L").save(tmp_path / "g.jpg", quality=100)
    red.save(tmp_path / "h.png", save_all=True, append_images=[gradient(30, 20)])
    rows = cache(sorted(tmp_path.glob("?.*")), 8).pixels[:, 4, 4].astype(int)
    grey = round(0.299 * 200 + 0.587 * 30 + 0.114 * 40)
    wanted = [(200, 30, 40)] * 4 + [(128,) * 3, (255,) * 3, (grey,) * 3, (200, 30, 40)]
    assert np.abs(rows - np.array(wanted)).max() <= 3


def test_a_second_time_nothing_is_decoded(tmp_path, monkeypatch):
    files = draw(tmp_path / "in", 4)
    first = cache(files, 16)
    monkeypatch.setattr(store, "square", None)
    moved = tmp_path / "moved and renamed"
    shutil.move(tmp_path / "in", moved)
    again = cache([moved / file.name for file in files], 16)
    np.testing.assert_array_equal(first.pixels, again.pixels)
    assert first.fingerprint == again.fingerprint


def test_another_size_fit_order_or_content_is_another_cache(tmp_path, home):
    files = draw(tmp_path / "in", 3)
    keys = {cache(files, 16).fingerprint, cache(files, 17).fingerprint}
    keys |= {cache(files, 16, fit="pad").fingerprint, cache(files[::-1], 16).fingerprint}
    gradient(shift=77).save(files[1])
    keys.add(cache(files, 16).fingerprint)
    assert len(keys) == len(stores(home)) == 5


def test_what_cannot_be_read_is_left_out_and_told(tmp_path):
    good = draw(tmp_path / "in", 6)
    files = [*good, tmp_path / "gone.jpg", tmp_path / "empty.png", tmp_path / "text.jpg"]
    good[2].write_bytes(good[2].read_bytes()[: good[2].stat().st_size // 2])
    files[7].touch()
    files[8].write_text("no picture")
    for _ in range(2):
        cached = cache(files, 16)
        assert cached.kept.tolist() == [0, 1, 3, 4, 5]
        assert list(cached.unreadable) == [2, 6, 7, 8]
        assert "damaged or cut short" in cached.unreadable[2]
        assert "no file" in cached.unreadable[6]
        assert "empty" in cached.unreadable[7]
        assert "is a text" in cached.unreadable[8]
        assert cached.unreadable[2].startswith(str(files[2]))
        (note,) = cached.notes
        assert note.startswith("4 of 9 pictures cannot be read and were left out (2.jpg, gone.jpg")
    reference = cache([files[3]], 16)
    np.testing.assert_array_equal(cached.pixels[2], reference.pixels[0])


def test_if_nothing_is_left_it_says_so(tmp_path):
    (tmp_path / "a.jpg").write_text("no picture")
    with pytest.raises(OlharError, match=r"none of 2 .* read: .*a\.jpg is a text"):
        cache([tmp_path / "a.jpg", tmp_path / "b.jpg"], 16)
    with pytest.raises(OlharError, match="no files were given"):
        cache([], 16)
    with pytest.raises(OlharError, match="size 0 with fit"):
        cache([], 0)


@posix
def test_names_with_accents_as_macos_writes_them(tmp_path):
    name = unicodedata.normalize("NFD", "calças/São João.png")
    (tmp_path / name).parent.mkdir()
    gradient().save(tmp_path / name)
    assert len(cache([tmp_path / name], 16)) == 1


def test_a_picture_that_went_away_is_not_remembered_as_broken(tmp_path, monkeypatch, home):
    files = draw(tmp_path / "in", 3)
    true = store.square

    def vanishing(path, size, fit):
        files[1].unlink(missing_ok=True)
        return true(path, size, fit)

    monkeypatch.setattr(store, "square", vanishing)
    with pytest.raises(OlharError, match="changed or went away"):
        cache(files, 16)
    monkeypatch.setattr(store, "square", true)
    gradient(shift=1).save(files[1])
    assert len(cache(files, 16)) == 3


def slowly(log, wait, most=1000):
    """`square`, but it takes its time, says which files it is given, and hangs after so many."""
    true = store.square

    def told():
        return log.read_text().splitlines() if log.exists() else []

    def slow(path, size, fit):
        time.sleep(wait if len(told()) < most else 3600)
        with log.open("a") as file:
            file.write(f"{path.name}\n")
        return true(path, size, fit)

    return slow


def forked(work):
    """The process in which `work` is done; forked, since torch takes seconds to import."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of threads, of which there are none
        child = os.fork()
    if child == 0:
        try:
            work()
            os._exit(0)
        finally:
            os._exit(1)
    return child


@posix
def test_killed_in_the_middle_it_goes_on_where_it_was(tmp_path, home, monkeypatch):
    files = draw(tmp_path / "in", 40)
    files[1].write_text("no picture")
    log = tmp_path / "log"
    monkeypatch.setattr(store, "_CHUNK", 4)
    halting = slowly(log, 0.03, most=24)
    monkeypatch.setattr(store, "square", slowly(log, 0))

    def work():
        monkeypatch.setattr(store, "square", halting)
        cache(files, 16)

    child = forked(work)
    while not (log.exists() and len(log.read_text().splitlines()) > 14):
        assert os.waitpid(child, os.WNOHANG) == (0, 0)
        time.sleep(0.01)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    (folder,) = stores(home)
    assert not (folder / store.INDEX).exists()
    done = json.loads((folder / store.PROGRESS).read_text().splitlines()[-1])["files"]
    assert 8 <= done < 40
    with (folder / store.PROGRESS).open("a") as journal:
        journal.write('{"files": 4')  # a line that was cut short
    with (folder / store.PIXELS).open("ab") as pixels:
        pixels.write(b"half a row")
    log.unlink()
    cached = cache(files, 16)
    assert list(cached.unreadable) == [1]
    assert len(log.read_text().splitlines()) == 40 - done
    assert not (folder / store.PROGRESS).exists()
    shutil.rmtree(home)
    np.testing.assert_array_equal(cache(files, 16).pixels, cached.pixels)


@posix
def test_of_two_processes_one_decodes_and_both_have_it(tmp_path, home, monkeypatch):
    files = draw(tmp_path / "in", 24)
    log = tmp_path / "log"
    monkeypatch.setattr(store, "square", slowly(log, 0.01))
    children = [forked(lambda: cache(files, 16)) for _ in range(2)]
    assert [os.waitpid(child, 0)[1] for child in children] == [0, 0]
    assert sorted(log.read_text().split()) == sorted(file.name for file in files)
    assert len(stores(home)) == 1


def test_pixels_that_were_cut_short_are_made_again(tmp_path, home):
    files = draw(tmp_path / "in", 3)
    wanted = np.array(cache(files, 16).pixels)
    (folder,) = stores(home)
    with (folder / store.PIXELS).open("r+b") as pixels:
        pixels.truncate(1000)
    np.testing.assert_array_equal(cache(files, 16).pixels, wanted)


def test_a_full_disk_is_told(tmp_path, monkeypatch):
    files = draw(tmp_path / "in", 3)
    usage = shutil.disk_usage(tmp_path)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage._replace(free=1000))
    with pytest.raises(OlharError, match=r"0\.0 GB more are needed; make room, or set OLHAR_CACHE"):
        cache(files, 16)
    monkeypatch.undo()


@posix
def test_a_folder_that_cannot_be_written_is_told(tmp_path, monkeypatch):
    files = draw(tmp_path / "in", 3)
    (tmp_path / "file").touch()
    monkeypatch.setenv("OLHAR_CACHE", str(tmp_path / "file"))
    with pytest.raises(OlharError, match=r"cannot be kept in .*set OLHAR_CACHE"):
        cache(files, 16)


def test_a_cache_in_memory():
    pixels = np.arange(2 * 4 * 4 * 3, dtype=np.uint8).reshape(2, 4, 4, 3)
    cached = Cache.of(pixels)
    assert (len(cached), cached.size, cached.kept.tolist()) == (2, 4, [0, 1])
    np.testing.assert_array_equal(cached.rows(np.array([1])), pixels[1:])
    assert Cache.of(pixels).fingerprint == cached.fingerprint
    assert Cache.of(pixels + 1).fingerprint != cached.fingerprint
    with pytest.raises(ValueError, match="uint8"):
        Cache.of(pixels.astype(np.float32))


def age(*files, days=10):
    then = time.time() - days * 86_400
    for file in files:
        os.utime(file, (then, then))


def test_hashes_are_remembered_and_a_file_that_was_dated_back_is_found_out(tmp_path, monkeypatch):
    files = draw(tmp_path / "in", 3)
    before = digests(files)
    monkeypatch.setattr("olhar.data.contents._SETTLED", -60_000_000_000)
    assert digests(files) == before  # and from now on remembered
    monkeypatch.setattr("olhar.data.contents.digest", None)
    assert digests(files) == before
    monkeypatch.undo()
    monkeypatch.setenv("OLHAR_CACHE", str(tmp_path / "cache"))
    status = files[0].stat()
    data = bytearray(files[0].read_bytes())
    data[-1] ^= 1
    files[0].write_bytes(data)
    os.utime(files[0], ns=(status.st_atime_ns, status.st_mtime_ns))
    assert digests(files)[0] != before[0]


def test_prune_removes_what_was_not_used(tmp_path, home):
    files = draw(tmp_path / "in", 2)
    cache(files, 16)
    old = stores(home)
    cache(files, 17)
    age(*old[0].iterdir())
    assert prune(older_than_days=5) >= 2 * 16 * 16 * 3
    assert len(stores(home)) == 1
    assert len(cache(files, 16)) == 2
    assert prune(older_than_days=5) == 0


@pytest.mark.parametrize("fit", ["crop", "pad", "stretch"])
def test_an_image_in_memory_becomes_the_square_that_its_file_does(tmp_path, fit):
    rng = np.random.default_rng(0)
    Image.fromarray(rng.integers(0, 256, (30, 50, 3), np.uint8)).save(tmp_path / "a.png")
    from_file = square(tmp_path / "a.png", 16, fit)
    in_memory = squared(read(tmp_path / "a.png").image, 16, fit)
    assert from_file.shape == (16, 16, 3)
    assert np.array_equal(from_file, in_memory)
