"""What a file is when it is no picture that olhar reads, and what to do about it.

Names lie, first bytes seldom do: files are told apart by their content alone. The one exception are
camera raw files that look like a TIFF with a tiny picture in it.
"""

import codecs
import re


class Refused(Exception):  # noqa: N818, a state of the file rather than a defect
    """A file that is not read; the text goes on from the file's name."""


RAW_SUFFIXES = frozenset(
    {".3fr", ".arw", ".cr2", ".cr3", ".dng", ".erf", ".iiq", ".kdc", ".mef", ".mos", ".mrw"}
    | {".nef", ".nrw", ".orf", ".pef", ".raf", ".rw2", ".srw", ".x3f"}
)
_CAMERA_RAW = "is a camera raw file, not a picture that olhar reads; develop it to TIFF first"


def _other(what: str, advice: str) -> str:
    return f"is {what}, not a picture that olhar reads; {advice}"


def _damaged(name: str) -> str:
    return (
        f"is a {name} file whose header is damaged or of a rare kind; "
        "get it again from where it came from, or save it as PNG"
    )


_PNG_FIRST = "export it as PNG first"

# The first that matches wins; `.` stands for any byte.
_KNOWN: tuple[tuple[bytes, str], ...] = (
    (rb"....ftypcrx |FUJIFILMCCD-RAW|II[UR][\x00OS]|MMOR|FOVb|II\*\x00....CR", _CAMERA_RAW),
    (rb"\xff\xd8", _damaged("JPEG")),
    (rb"\x89PNG", _damaged("PNG")),
    (rb"GIF8", _damaged("GIF")),
    (rb"RIFF....WEBP", _damaged("WebP")),
    (rb"II[*+]\x00|MM\x00[*+]", _damaged("TIFF")),
    (rb"....ftypavi[fs]", _damaged("AVIF")),
    (rb"....ftyp(hei|hev|mif|msf)", _damaged("HEIC")),
    (rb"\x00\x00\x00\x0cjP  |\xff\x4f\xff\x51", _damaged("JPEG 2000")),
    (rb"BM", _damaged("BMP")),
    (rb"P[1-6]\s", _damaged("PPM")),
    (rb"%PDF-", _other("a PDF document", _PNG_FIRST)),
    (rb"%!PS|\xc5\xd0\xd3\xc6", _other("an EPS or PostScript drawing", _PNG_FIRST)),
    (rb"8BPS", _other("a Photoshop document", "export it as TIFF or PNG first")),
    (rb"gimp xcf", _other("a GIMP document", "export it as TIFF or PNG first")),
    (rb"\xff\x0a|\x00\x00\x00\x0cJXL ", _other("a JPEG XL picture", _PNG_FIRST)),
    (rb"\x76\x2f\x31\x01|#\?R", _other("a high dynamic range picture", "export it as TIFF first")),
    (rb"\x00\x00[\x01\x02]\x00", _other("a Windows icon", _PNG_FIRST)),
    (
        rb"....ftyp|....moov|\x1aE\xdf\xa3|RIFF....AVI |FLV|OggS|\x00\x00\x01[\xba\xb3]",
        _other("a video", "give it to a command that takes videos"),
    ),
    (
        rb"PK\x03\x04|\x1f\x8b|Rar!|7z\xbc\xaf|BZh|\xfd7zXZ|\x28\xb5\x2f\xfd",
        _other("an archive", "unpack it first"),
    ),
    (rb"olhar\0pk", _other("a packed folder", "make a folder of it with: olhar unpack")),
    (
        rb"version https://git-lfs",
        _other("a Git LFS pointer", "fetch the picture itself with: git lfs pull"),
    ),
    (
        rb"(?i:\s*<!doctype html|\s*<html)",
        _other("a web page", "save the picture itself, not the page it is on"),
    ),
    (rb"(?i:.{0,2048}<svg)", _other("an SVG drawing", _PNG_FIRST)),
)


def describe(head: bytes) -> str:
    """Say what a file is that no decoder recognised, and what to do.

    Args:
        head: its first bytes, a few thousand if it has them.

    Returns:
        The rest of a sentence that begins with the file's name.

    Example:
        >>> describe(b"%PDF-1.7")
        'is a PDF document, not a picture that olhar reads; export it as PNG first'
    """
    for magic, sentence in _KNOWN:
        if re.match(magic, head, re.DOTALL):
            return sentence
    if _is_text(head):
        return "is a text, not a picture; give the name of a picture"
    return (
        "is in no picture format that olhar reads, whatever its name says; "
        "save it as JPEG, PNG or TIFF first"
    )


def camera_raw() -> Refused:
    """For a camera raw file in the guise of a TIFF, of which one would see the thumbnail."""
    return Refused(_CAMERA_RAW)


def _is_text(head: bytes) -> bool:
    try:
        text = codecs.getincrementaldecoder("utf-8")().decode(head)  # its end may be cut
    except UnicodeDecodeError:
        return False
    return "\0" not in text
