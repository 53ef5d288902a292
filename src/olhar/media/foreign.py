"""What a file is when it is no picture that olhar reads, and what to do about it.

Names lie, first bytes seldom do: files are told apart by their content alone. The one exception are
camera raw files that look like a TIFF with a tiny picture in it.
"""

import re


class Refused(Exception):  # noqa: N818, a state of the file rather than a defect
    """A file that is not read; the text goes on from the file's name."""


RAW_SUFFIXES = frozenset(
    ".3fr .arw .cr2 .cr3 .dng .erf .iiq .kdc .mef .mos .mrw .nef .nrw .orf .pef .raf .rw2 .srw"
    " .x3f".split()
)
_RAW = ("a camera raw file", "develop it to a 16-bit TIFF first")
_VIDEO = ("a video", "give it to a command that takes videos")
_ARCHIVE = ("an archive", "unpack it first")
_PNG_FIRST = "export it as PNG first"

# First match wins. `.` stands for any byte.
_KNOWN: tuple[tuple[bytes, str, str], ...] = (
    (rb"%PDF-", "a PDF document", _PNG_FIRST),
    (rb"%!PS|\xc5\xd0\xd3\xc6", "an EPS or PostScript drawing", _PNG_FIRST),
    (rb"8BPS", "a Photoshop document", "export it as TIFF or PNG first"),
    (rb"gimp xcf", "a GIMP document", "export it as TIFF or PNG first"),
    (rb"\xff\x0a|\x00\x00\x00\x0cJXL ", "a JPEG XL picture", _PNG_FIRST),
    (rb"\x76\x2f\x31\x01|#\?R", "a high dynamic range picture", "export it as 16-bit TIFF first"),
    (rb"\x00\x00[\x01\x02]\x00", "a Windows icon", _PNG_FIRST),
    (rb"....ftypcrx |FUJIFILMCCD-RAW|II[UR][\x00OS]|MMOR|FOVb|II\*\x00....CR", *_RAW),
    (rb"....ftyp|....moov|\x1aE\xdf\xa3|RIFF....AVI |FLV|OggS|\x00\x00\x01[\xba\xb3]", *_VIDEO),
    (rb"PK\x03\x04|\x1f\x8b|Rar!|7z\xbc\xaf|BZh|\xfd7zXZ|\x28\xb5\x2f\xfd", *_ARCHIVE),
    (rb"version https://git-lfs", "a Git LFS pointer", "fetch the picture with `git lfs pull`"),
    (rb"(?i:\s*<!doctype html|\s*<html)", "a web page", "save the picture itself, not its page"),
    (rb"(?i:.{0,2048}<svg)", "an SVG drawing", _PNG_FIRST),
)
_DAMAGED: tuple[tuple[bytes, str], ...] = (
    (rb"\xff\xd8", "JPEG"),
    (rb"\x89PNG", "PNG"),
    (rb"GIF8", "GIF"),
    (rb"RIFF....WEBP", "WebP"),
    (rb"II[*+]\x00|MM\x00[*+]", "TIFF"),
    (rb"....ftypavi[fs]", "AVIF"),
    (rb"....ftyp(hei|hev|mif|msf)", "HEIC"),
    (rb"\x00\x00\x00\x0cjP  |\xff\x4f\xff\x51", "JPEG 2000"),
    (rb"BM", "BMP"),
    (rb"P[1-6]\s", "PPM"),
)


def describe(head: bytes) -> str:
    """Say what a file is that no decoder recognised, and what to do.

    Args:
        head: its first bytes, a few thousand if it has them.

    Returns:
        The rest of a sentence that begins with the file's name.

    Example:
        >>> describe(b"%PDF-1.7")
        'is a PDF document, not a picture; export it as PNG first'
    """
    for magic, name in _DAMAGED:
        if re.match(magic, head, re.DOTALL):
            return (
                f"is a {name} file whose header is damaged or of a rare kind; "
                "get it again from where it came from, or save it as PNG"
            )
    for magic, what, advice in _KNOWN:
        if re.match(magic, head, re.DOTALL):
            return f"is {what}, not a picture that olhar reads; {advice}"
    if _is_text(head):
        return "is a text, not a picture; give the name of a picture"
    return (
        "is in no picture format that olhar reads, whatever its name says; "
        "save it as JPEG, PNG or TIFF first"
    )


def camera_raw() -> Refused:
    """For a camera raw file in the guise of a TIFF, of which one would see the thumbnail."""
    return Refused(f"is {_RAW[0]}, not a picture that olhar reads; {_RAW[1]}")


def _is_text(head: bytes) -> bool:
    if b"\0" in head:
        return False
    try:
        head[:-4].decode()  # the last character may be cut
    except UnicodeDecodeError:
        return False
    return True
