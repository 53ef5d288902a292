"""EXIF: values stay the bytes they were, maker notes where they were; damage is passed over."""

import io
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st
from picture_files import saved
from PIL import ExifTags, Image

from olhar.media.exif import BYTE, LONG, PREFIX, SHORT, Exif, parse

COPYRIGHT, RATING, UNKNOWN = 33432, 18246, 60001
DETAILS, GPS, COMMENT, MAKER_NOTE = 34665, 34853, 37510, 37500
SIZES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 7: 1, 9: 4, 10: 8, 11: 4, 12: 8}


@st.composite
def entries(draw):
    kind = draw(st.sampled_from(sorted(SIZES)))
    count = draw(st.integers(1, 9))
    return kind, draw(st.binary(min_size=count * SIZES[kind], max_size=count * SIZES[kind]))


tags = st.integers(1, 65535).filter(lambda tag: tag not in {DETAILS, GPS, MAKER_NOTE})
directories = st.dictionaries(tags, entries(), max_size=6)


@given(st.sampled_from("<>"), directories, directories, directories, st.binary(max_size=90))
def test_what_is_written_is_what_was_said(order, main, details, gps, note):
    details = details | ({MAKER_NOTE: (7, note)} if len(note) > 4 else {})
    said = Exif(order, main, details, gps, note_at=77)
    read = parse(PREFIX + said.tobytes())
    assert (read.main, read.details, read.gps) == (main, details, gps)
    assert not said or read.order == order
    if len(note) > 4:
        assert read.note_at == 77
        assert said.tobytes()[77:].startswith(note)
    again = parse(read.tobytes())
    assert again.tobytes() == read.tobytes()


@given(st.binary(max_size=300))
def test_rubbish_says_nothing_and_hurts_nobody(data):
    assert not parse(data) or data[:2] in {b"II", b"MM"} or data.startswith(PREFIX)
    for head in (b"II*\0\x08\0\0\0", b"MM\0*\0\0\0\x08"):
        read = parse(head + data)
        read.clean()
        read.resize(3, 4)
        parse(read.tobytes())


def test_a_thousand_entries_that_share_one_value_are_no_bomb():
    size = 3 << 20
    table = b"".join(struct.pack("<HHII", tag, 7, size, 8) for tag in range(1000))
    read = parse((b"II*\0\x08\0\0\0" + struct.pack("<H", 65535) + table).ljust(size + 8))
    assert len(read.main) == 1


def test_cleaning_keeps_who_and_when_and_drops_direction_layout_and_colour_space():
    exif = Exif(">", note_at=400)
    exif.main = {COPYRIGHT: (2, "© Ana Conceição\0".encode()), UNKNOWN: (7, b"\0\1\2\3\4\5")}
    for tag in (256, 257, 258, 259, 273, 274, 279, 320, 513, 700, 34675, 50706):
        exif.put(exif.main, tag, SHORT, 6)
    exif.put(exif.main, RATING, SHORT, 5)
    exif.put(exif.details, 40961, SHORT, 65535)
    exif.put(exif.details, 40965, LONG, 1234)
    exif.put(exif.details, 40962, SHORT, 4000)
    exif.put(exif.gps, 0, BYTE, 2, 3, 0, 0)
    exif.clean()
    exif.resize(70_000, 3)
    read = parse(exif.tobytes())
    assert read.main == {
        COPYRIGHT: (2, "© Ana Conceição\0".encode()),
        UNKNOWN: (7, b"\0\1\2\3\4\5"),
        RATING: (3, b"\0\5"),
    }
    assert read.details == {40961: (3, b"\0\1"), 40962: (4, struct.pack(">I", 70_000))}
    assert read.gps == {0: (1, b"\2\3\0\0")}


def test_a_resolution_alone_is_nothing_to_say():
    exif = Exif()
    exif.put(exif.main, 282, 5, 72, 1)
    exif.put(exif.main, 296, SHORT, 2)
    exif.clean()
    assert not exif


@pytest.mark.parametrize("order", "<>")
def test_pillow_understands_it(order):
    exif = Exif(order, {COPYRIGHT: (2, b"Ana\0")}, {MAKER_NOTE: (7, b"x" * 40)}, note_at=200)
    exif.put(exif.details, 36864, BYTE, *b"0232")
    exif.put(exif.gps, 2, 5, 22, 1, 57, 1, 13, 2)
    seen = Image.open(
        io.BytesIO(saved(Image.new("L", (8, 8)), "JPEG", exif=PREFIX + exif.tobytes()))
    ).getexif()
    assert seen[COPYRIGHT] == "Ana"
    assert seen.get_ifd(ExifTags.IFD.Exif)[MAKER_NOTE] == b"x" * 40
    assert seen.get_ifd(ExifTags.IFD.GPSInfo)[2] == (22.0, 57.0, 6.5)


def test_imagemagick_put_it_into_png_as_text(tmp_path):
    from PIL.PngImagePlugin import PngInfo

    from olhar.media.image import read

    exif = PREFIX + Exif("<", {COPYRIGHT: (2, b"Ana\0")}).tobytes()
    text = PngInfo()
    text.add_text("Raw profile type exif", f"\nexif\n{len(exif):8}\n{exif.hex()}\n")
    Image.new("L", (2, 2)).save(tmp_path / "x.png", pnginfo=text)
    assert parse(read(tmp_path / "x.png").exif).main == {COPYRIGHT: (2, b"Ana\0")}
