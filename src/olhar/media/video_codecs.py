"""Which codecs can be written on this machine, found by really encoding.

A codec that is listed need not work: encoders of graphics cards are compiled in everywhere and fail
when opened. The PyAV wheels bring libx264 and libvpx-vp9, which work on any machine.
"""

from __future__ import annotations

from contextlib import suppress
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import av
import numpy as np
from av.error import FFmpegError

from olhar.errors import OlharError
from olhar.media.files import shown
from olhar.media.video_copy import FORMATS
from olhar.media.video_frame import frame_of
from olhar.media.yuv import Coding

if TYPE_CHECKING:
    from collections.abc import Iterable
    from os import PathLike

# codec -> encoders in order of preference, each with its options
_ENCODERS: dict[str, tuple[tuple[str, dict[str, str]], ...]] = {
    "h264": (
        ("libx264", {"preset": "veryfast", "crf": "18"}),
        ("h264_videotoolbox", {"q": "65", "allow_sw": "1"}),
        ("libopenh264", {"b": "8M"}),
    ),
    "vp9": (("libvpx-vp9", {"crf": "24", "deadline": "good", "cpu-used": "5", "row-mt": "1"}),),
}


def choose_codec(target: str | PathLike[str], codec: str | None = None) -> str:
    """The codec for a file to be written, checked to work here.

    Args:
        target: the file; .mp4, .mov, .mkv or .webm.
        codec: "h264", "vp9" or None for what suits the ending.

    Returns:
        "h264" or "vp9".

    Raises:
        OlharError: if the ending or the codec is unknown, they do not fit or no encoder works.
    """
    path = Path(target)
    suffix = path.suffix.lower()
    if suffix not in FORMATS:
        raise OlharError(
            f"{shown(path)} cannot be written as a video; end its name in {_either(FORMATS)}"
        )
    if codec is None:
        codec = "vp9" if suffix == ".webm" else "h264"
    if codec not in _ENCODERS:
        raise OlharError(f"there is no codec {codec!r}; choose {_either(_ENCODERS)}")
    if suffix == ".webm" and codec != "vp9":
        raise OlharError(
            f"a .webm file cannot hold {codec}; choose vp9 or let {shown(path)} end in .mp4"
        )
    encoder(codec)
    return codec


@cache
def encoder(codec: str) -> tuple[str, dict[str, str]]:
    """The first encoder of a codec that works on this machine, found by really encoding.

    Args:
        codec: "h264" or "vp9".

    Returns:
        FFmpeg's name of the encoder and its options.

    Raises:
        OlharError: if none works.

    >>> encoder("vp9")[0]
    'libvpx-vp9'
    """
    for name, options in _ENCODERS[codec]:
        with suppress(FFmpegError, ValueError):
            context: Any = av.CodecContext.create(name, "w")
            context.width, context.height, context.pix_fmt = 128, 128, "yuv420p"
            context.time_base = Fraction(1, 25)
            context.options = dict(options)
            packets: list[Any] = []
            for pts in range(3):
                frame = frame_of(np.zeros((3, 128, 128), np.float32), Coding(), even=True)
                frame.pts = pts
                packets += context.encode(frame)
            if packets + context.encode(None):
                return name, options
    tried = ", ".join(name for name, _ in _ENCODERS[codec])
    raise OlharError(
        f"this installation of PyAV cannot encode {codec} (tried {tried}); "
        "install the av wheel from PyPI or choose another codec"
    )


def _either(words: Iterable[str]) -> str:
    *most, last = words
    return f"{', '.join(most)} or {last}"
