"""Picture files made byte by byte, where Pillow would not make them."""

import io
import struct
import zlib

import numpy as np
from PIL import Image

ADOBE_RGB = ((0.60974, 0.20528, 0.14919), (0.31111, 0.62567, 0.06322), (0.01947, 0.06087, 0.74457))
DISPLAY_P3 = (
    (0.51512, 0.29198, 0.15710),
    (0.24120, 0.69225, 0.06657),
    (-0.00105, 0.04189, 0.78407),
)
SRGB = ((0.43607, 0.38515, 0.14307), (0.22249, 0.71687, 0.06061), (0.01392, 0.09708, 0.71410))
SRGB_CURVE = (2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045)


def saved(image: Image.Image, kind: str, **options: object) -> bytes:
    """What Pillow makes of an image."""
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def chunk(kind: bytes, data: bytes) -> bytes:
    """One chunk of a PNG."""
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(
    values: np.ndarray, *chunks: bytes, size: tuple[int, int] | None = None, interlaced=False
) -> bytes:
    """A PNG of (H, W, C) uint8 or uint16 values, with chunks before the pixels."""
    values = values.astype(values.dtype.newbyteorder(">"))
    height, width, channels = values.shape
    kind = {1: 0, 2: 4, 3: 2, 4: 6}[channels]
    header = (*(size or (width, height)), values.itemsize * 8, kind, 0, 0, int(interlaced))
    passes = [values]
    if interlaced:  # Adam7
        starts = ((0, 0, 8, 8), (0, 4, 8, 8), (4, 0, 8, 4), (0, 2, 4, 4))
        starts += ((2, 0, 4, 2), (0, 1, 2, 2), (1, 0, 2, 1))
        passes = [values[y::dy, x::dx] for y, x, dy, dx in starts]
    raw = b"".join(b"\0" + row.tobytes() for part in passes if part.size for row in part)
    return b"".join(
        [
            b"\x89PNG\r\n\x1a\n",
            chunk(b"IHDR", struct.pack(">IIBBBBB", *header)),
            *chunks,
            chunk(b"IDAT", zlib.compress(raw)),
            chunk(b"IEND", b""),
        ]
    )


def tiff(
    values: np.ndarray,
    *,
    order: str = "<",
    ink: int | None = None,
    planar: bool = False,
    deflate: bool = False,
    tags: dict[int, tuple[int, tuple[int, ...]]] | None = None,
) -> bytes:
    """A TIFF of (H, W, C) values of any dtype in one strip per plane.

    Args:
        values: as they are to be stored.
        order: "<" or ">".
        ink: what values mean; grey (1) or RGB (2) if left out.
        planar: one channel after the other instead of interleaved.
        deflate: compressed.
        tags: more of them, number to (type, values): 1 and 2 are bytes, 3 shorts, 4 longs.
    """
    height, width, channels = values.shape
    planes = [values[..., c] for c in range(channels)] if planar else [values]
    data = [plane.astype(plane.dtype.newbyteorder(order)).tobytes() for plane in planes]
    data = [zlib.compress(plane) for plane in data] if deflate else data
    starts = [8 + sum(map(len, data[:n])) for n in range(len(data))]
    entries: dict[int, tuple[int, tuple[int, ...]]] = {
        256: (4, (width,)),
        257: (4, (height,)),
        258: (3, (values.itemsize * 8,) * channels),
        259: (3, (8 if deflate else 1,)),
        262: (3, (ink if ink is not None else 1 if channels < 3 else 2,)),
        273: (4, tuple(starts)),
        277: (3, (channels,)),
        278: (4, (height,)),
        279: (4, tuple(map(len, data))),
        284: (3, (2 if planar else 1,)),
        339: (3, ({"u": 1, "i": 2, "f": 3}[values.dtype.kind],) * channels),
        **(tags or {}),
    }
    end = 8 + sum(map(len, data))
    end += end % 2
    directory, extra = b"", b""
    after = end + 2 + 12 * len(entries) + 4
    for tag, (kind, numbers) in sorted(entries.items()):
        packed = struct.pack(f"{order}{len(numbers)}{' BBHI'[kind]}", *numbers)
        if len(packed) > 4:
            offset = after + len(extra)
            extra += packed + bytes(len(packed) % 2)
            packed = struct.pack(f"{order}I", offset)
        directory += struct.pack(f"{order}HHI", tag, kind, len(numbers)) + packed.ljust(4, b"\0")
    head = (b"II*\0" if order == "<" else b"MM\0*") + struct.pack(f"{order}I", end)
    body = (head + b"".join(data)).ljust(end, b"\0")
    return body + struct.pack(f"{order}H", len(entries)) + directory + bytes(4) + extra


def profile(
    colorants: tuple[tuple[float, ...], ...] | None, *curve: float, space: bytes = b"RGB "
) -> bytes:
    """An ICC profile (version 4) of a matrix and one curve for all channels.

    Args:
        colorants: XYZ under D50 in the rows, R, G and B in the columns; None for grey.
        curve: a gamma, the five numbers of a parametric curve of kind 3, or the points of a table.
        space: what it says it is for.
    """
    if len(curve) == 1:
        tone = b"curv" + struct.pack(">4xIH", 1, round(curve[0] * 256))
    elif len(curve) == 5:
        tone = b"para" + struct.pack(">4xH2x", 3) + _fixed(*curve)
    else:
        points = [round(65535 * point) for point in curve]
        tone = b"curv" + struct.pack(f">4xI{len(points)}H", len(points), *points)
    if colorants is None:
        return _profile(space, b"XYZ ", {b"kTRC": tone})
    tags = {}
    for name, column in zip("rgb", zip(*colorants, strict=True), strict=True):
        tags[f"{name}XYZ".encode()] = b"XYZ " + bytes(4) + _fixed(*column)
        tags[f"{name}TRC".encode()] = tone
    return _profile(space, b"XYZ ", tags)


def cmyk_profile(cyan: tuple[float, float, float]) -> bytes:
    """An ICC profile (version 2) for inks: cyan looks like `cyan`, black like black; a table.

    Args:
        cyan: L*, a*, b* of full cyan alone; magenta and yellow show nothing.
    """
    corners = [
        (0, 0, 0) if k else cyan if c else (100, 0, 0)
        for c in (0, 1)
        for _ in range(4)  # magenta, yellow
        for k in (0, 1)
    ]
    table = bytes(
        round(value) for L, a, b in corners for value in (L * 255 / 100, a + 128, b + 128)
    )
    straight = bytes(range(256))
    lut = b"mft1" + bytes(4) + bytes([4, 3, 2, 0]) + _fixed(1, 0, 0, 0, 1, 0, 0, 0, 1)
    lut += straight * 4 + table + straight * 3
    return _profile(b"CMYK", b"Lab ", {b"A2B0": lut, b"A2B1": lut}, version=0x02400000)


def _fixed(*numbers: float) -> bytes:
    return struct.pack(f">{len(numbers)}i", *(round(number * 65536) for number in numbers))


def _profile(
    space: bytes, connection: bytes, tags: dict[bytes, bytes], version: int = 0x04300000
) -> bytes:
    white = _fixed(0.9642, 1, 0.8249)
    tags = {b"wtpt": b"XYZ " + bytes(4) + white, **tags}
    table, data = struct.pack(">I", len(tags)), b""
    start = 128 + 4 + 12 * len(tags)
    for name, content in tags.items():
        data += bytes(-len(data) % 4)
        table += struct.pack(">4sII", name, start + len(data), len(content))
        data += content
    kind = b"prtr" if space == b"CMYK" else b"mntr"
    head = struct.pack(">I4sI4s4s4s", start + len(data), b"", version, kind, space, connection)
    head += struct.pack(">6H4s", 2026, 1, 1, 0, 0, 0, b"acsp") + bytes(28) + white
    return head.ljust(128, b"\0") + table + data
