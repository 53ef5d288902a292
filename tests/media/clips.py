"""Videos for tests, made by PyAV alone so that nothing under test helps to make them."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import av
import numpy as np
from av.packet import Packet

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from pathlib import Path

MS = Fraction(1, 1000)
UNEVEN = (0, 40, 80, 95, 250, 290, 330, 700, 740, 1000, 1033, 1066, 1100, 1500)  # milliseconds


def quarters(height: int, width: int) -> np.ndarray[Any, Any]:
    """(H, W, 3) uint8: red | green over blue | white, so that any turn and mirroring shows."""
    picture = np.zeros((height, width, 3), np.uint8)
    picture[: height // 2, : width // 2, 0] = 255
    picture[: height // 2, width // 2 :, 1] = 255
    picture[height // 2 :, : width // 2, 2] = 255
    picture[height // 2 :, width // 2 :] = 255
    return picture


def moving(height: int, width: int, index: int) -> np.ndarray[Any, Any]:
    """(H, W, 3) uint8: smooth stripes that wander, and a grey that tells the index."""
    x, y = np.meshgrid(np.arange(width), np.arange(height))
    stripes = 128 + 100 * np.sin((x[..., None] + y[..., None] * (0, 1, 2)) / 9 + index / 4)
    picture = stripes.astype(np.uint8)
    picture[: height // 3, : width // 3] = 20 + 5 * index % 200
    return picture


def make(
    path: Path,
    times: Iterable[int] = UNEVEN,
    *,
    time_base: Fraction = MS,
    size: tuple[int, int] = (48, 64),
    picture: Callable[[int], np.ndarray[Any, Any]] | None = None,
    frame: Callable[[int], av.VideoFrame] | None = None,
    codec: str = "libx264",
    pix_fmt: str = "yuv420p",
    options: dict[str, str] | None = None,
    turn: tuple[float, bool] | None = None,
    aspect: Fraction | None = None,
    tags: dict[str, int] | None = None,
    audio: str | None = None,
    audio_start: int = 0,
    seconds: float = 2.0,
    subtitles: str | None = None,
    texts: dict[str, str] | None = None,
    chapters: Sequence[tuple[int, int, str]] = (),
    faststart: bool = True,
) -> Path:
    """Write a video of (height, width) `size`, sound and subtitles interleaved; returns the path.

    Pictures come from `picture` (RGB by index) or `frame` (ready to encode); `turn` is (degrees
    counter-clockwise, mirrored); `tags` are attributes of the codec context such as colorspace;
    `chapters` are (start ms, end ms, title).
    """
    height, width = size
    settings: dict[str, str] = {}
    if path.suffix in {".mp4", ".mov"}:
        settings["movie_timescale"] = str(math.lcm(1000, time_base.denominator))
        settings["movflags"] = "+faststart" if faststart else "0"
    container: Any = av.open(str(path), "w", container_options=settings)
    with container:
        container.metadata.update(texts or {})
        if chapters:
            container.set_chapters(
                [
                    {"id": i, "start": a, "end": b, "time_base": MS, "metadata": {"title": title}}
                    for i, (a, b, title) in enumerate(chapters)
                ]
            )
        if options is None:
            options = {"preset": "ultrafast", "crf": "12"} if codec == "libx264" else {}
        stream = container.add_stream(
            codec, rate=25, width=width, height=height, pix_fmt=pix_fmt, options=options
        )
        stream.time_base = stream.codec_context.time_base = time_base
        if aspect is not None:
            stream.codec_context.sample_aspect_ratio = aspect
        for name, value in (tags or {}).items():
            setattr(stream.codec_context, name, value)
        if turn is not None:
            stream.set_display_rotation(turn[0], hflip=turn[1])
        others: list[Packet[Any]] = []
        if audio is not None:
            others += _tone(container, audio, audio_start, seconds)
        if subtitles is not None:
            others += _subtitles(container, subtitles)
        others.sort(key=lambda packet: packet.dts * packet.time_base)
        for index, pts in enumerate(times):
            if frame is not None:
                shown = frame(index)
            else:
                rgb = moving(height, width, index) if picture is None else picture(index)
                shown = av.VideoFrame.from_ndarray(rgb, "rgb24").reformat(format=pix_fmt, threads=1)
            shown.pts, shown.time_base = pts, time_base
            while others and others[0].dts * others[0].time_base <= pts * time_base:
                container.mux(others.pop(0))
            container.mux(stream.encode(shown))
        container.mux(stream.encode(None))
        container.mux(others)
    return path


def _tone(container: Any, codec: str, start: int, seconds: float) -> list[Packet[Any]]:
    """A tone of 440 Hz, encoded."""
    stream = container.add_stream(codec, rate=48000)
    stream.metadata["language"] = "por"
    packets: list[Packet[Any]] = []
    for first in range(0, int(seconds * 48000), 1024):
        wave = 0.3 * np.sin(2 * np.pi * 440 / 48000 * np.arange(first, first + 1024))
        samples = np.tile(wave.astype(np.float32), (2, 1))
        if codec == "libopus":
            sound = av.AudioFrame.from_ndarray(samples.T.reshape(1, -1).copy(), "flt", "stereo")
        else:
            sound = av.AudioFrame.from_ndarray(samples, "fltp", "stereo")
        sound.sample_rate, sound.pts, sound.time_base = 48000, start + first, Fraction(1, 48000)
        packets += stream.encode(sound)
    return packets + stream.encode(None)


def _subtitles(container: Any, codec: str) -> list[Packet[Any]]:
    """Three lines of text, as the codec stores them."""
    stream = container.add_mux_stream(codec)
    stream.time_base = MS
    stream.metadata["language"] = "eng"
    packets: list[Packet[Any]] = []
    for start, line in ((0, b"one"), (500, b"two"), (1000, b"three")):
        packet: Packet[Any] = Packet(
            len(line).to_bytes(2, "big") + line if codec == "mov_text" else line
        )
        packet.stream, packet.time_base = stream, MS
        packet.pts = packet.dts = start
        packet.duration = 400
        packets.append(packet)
    return packets


def times_of(path: Path) -> list[Fraction]:
    """When each picture is shown, in seconds."""
    with av.open(str(path)) as container:
        base = rational(container.streams.video[0].time_base)
        return [frame.pts * base for frame in container.decode(video=0) if frame.pts is not None]


def packets_of(path: Path, kind: str) -> list[tuple[Fraction, bytes]]:
    """(time in seconds, bytes) of each packet of the streams of a kind."""
    with av.open(str(path)) as container:
        return [
            (packet.pts * rational(packet.time_base), bytes(packet))
            for packet in container.demux()
            if packet.stream.type == kind and packet.size and packet.pts is not None
        ]


def rational(value: Any) -> Fraction:
    """A rational of any version of PyAV."""
    return Fraction(value.numerator, value.denominator)
