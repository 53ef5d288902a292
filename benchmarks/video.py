"""Three minutes of 720p with sound through `media.video`: same times, same sound, flat memory.

    python benchmarks/video.py                  # about 6 minutes on two cores
    python benchmarks/video.py --seconds 20     # a quick look

Makes the video itself (1280x720, 25 frames per second with every tenth late by 7 ms, moving shapes,
AAC sound), reads it three ways and sends it through `transform` unchanged. Prints memory along the
way, and what was kept; exits with 1 if a time or a packet differs or memory grows.
"""

from __future__ import annotations

import argparse
import platform
import sys
import tempfile
import time
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

import av
import numpy as np
from stamp import commit

import olhar
from olhar.look.machine import processor
from olhar.media.video import frames, transform

if TYPE_CHECKING:
    from collections.abc import Iterator

    from torch import Tensor

WIDTH, HEIGHT, RATE, SOUND = 1280, 720, 25, 48_000
MAY_GROW = 64  # MB, from the first tenth to the last


def main() -> int:
    options = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    options.add_argument("--seconds", type=int, default=180)
    seconds: int = options.parse_args().seconds
    print(f"{time.strftime('%Y-%m-%d')}  {processor()}  olhar {olhar.__version__} {commit()}")
    print(f"PyAV {av.__version__}, Python {platform.python_version()}")
    with tempfile.TemporaryDirectory() as folder:
        return _measure(Path(folder), seconds)


def _measure(folder: Path, seconds: int) -> int:
    source, target = folder / "in.mp4", folder / "out.mp4"
    pts = [40 * index + 7 * (index % 10 == 0) for index in range(seconds * RATE)]  # milliseconds
    _make(source, pts, seconds)
    print(f"made {len(pts)} frames, {seconds} s, {source.stat().st_size / 1e6:.1f} MB")

    part = min(len(pts), 250)
    decode = _clock(_decoded(source), part)
    read = _clock(frames(source), part)
    print(f"processor: decode alone {decode:.1f} ms a frame; to tensors in true colours {read:.1f}")

    memory: list[float] = []
    step = max(1, len(pts) // 10)

    def watch(done: int, of: int | None) -> None:
        memory.append(_megabytes())
        if done % step == 0:
            spent = time.perf_counter() - start
            print(f"  {done:5d} of {of} frames  {spent:6.1f} s  {memory[-1]:7.1f} MB", flush=True)

    def unchanged(images: Iterator[Tensor]) -> Iterator[Tensor]:
        return images

    start = time.perf_counter()
    cpu = time.process_time()
    report = transform(source, target, unchanged, on_frame=watch)
    wall, cpu = time.perf_counter() - start, time.process_time() - cpu
    print(
        f"transform {1e3 * wall / report.frames:.1f} ms a frame: {seconds / wall:.2f} x real time"
    )
    print(f"of which {1e3 * cpu / report.frames:.1f} ms of processor")
    print(f"{target.stat().st_size / 1e6:.1f} MB written; notes: {list(report.notes)}")

    same_times = _packets(target, "video", times_only=True) == [
        Fraction(each, 1000) for each in pts
    ]
    sound = _packets(source, "audio")
    same_sound = _packets(target, "audio") == sound
    early, late = max(memory[: len(memory) // 10 + 1]), max(memory[-(len(memory) // 10 + 1) :])
    flat = late - early <= MAY_GROW
    print(f"times identical: {same_times} ({report.frames} frames)")
    print(f"sound identical: {same_sound} ({len(sound)} packets)")
    print(f"memory flat: {flat} (first tenth {early:.0f} MB, last tenth {late:.0f} MB)")
    return 0 if same_times and same_sound and flat and not report.truncated else 1


def _make(path: Path, pts: list[int], seconds: int) -> None:
    with av.open(str(path), "w", container_options={"movflags": "+faststart"}) as container:
        video: Any = container.add_stream(
            "libx264", rate=RATE, width=WIDTH, height=HEIGHT, options={"preset": "ultrafast"}
        )
        video.time_base = video.codec_context.time_base = Fraction(1, 1000)
        audio: Any = container.add_stream("aac", rate=SOUND)
        y, x = np.mgrid[:HEIGHT, :WIDTH]
        ground = (110 + 60 * np.sin(x / 31) * np.cos(y / 23)).astype(np.uint8)
        played = 0
        for index, when in enumerate(pts):
            frame = av.VideoFrame(WIDTH, HEIGHT, "yuv420p")
            planes = [
                np.frombuffer(plane, np.uint8).reshape(plane.height, -1) for plane in frame.planes
            ]
            planes[0][:, :WIDTH] = np.roll(ground, (index, 3 * index), (0, 1))
            top, left = (5 * index) % (HEIGHT - 160), (9 * index) % (WIDTH - 160)
            planes[0][top : top + 160, left : left + 160] = 60 + index % 150
            for plane, phase in zip(planes[1:], (0, 40), strict=True):
                plane[:] = 128 + round(50 * np.sin((index + phase) / 30))
            frame.pts, frame.time_base = when, Fraction(1, 1000)
            container.mux(video.encode(frame))
            while played < min(seconds * SOUND, (index + 1) * SOUND // RATE):
                beat = np.arange(played, played + 1024)
                wave = 0.2 * np.sin(2 * np.pi * (220 + beat // SOUND) / SOUND * beat)
                sound = av.AudioFrame.from_ndarray(
                    np.tile(wave.astype("f4"), (2, 1)), "fltp", "stereo"
                )
                sound.sample_rate, sound.pts = SOUND, played
                sound.time_base = Fraction(1, SOUND)
                container.mux(audio.encode(sound))
                played += 1024
        container.mux(video.encode(None))
        container.mux(audio.encode(None))


def _decoded(path: Path) -> Iterator[Any]:
    with av.open(str(path)) as container:
        container.streams.video[0].thread_type = "AUTO"
        yield from container.decode(video=0)


def _clock(items: Iterator[Any], count: int) -> float:
    """Milliseconds of processor an item, the first few not counted."""
    for _ in range(10):
        next(items)
    start = time.process_time()
    for _ in range(count - 10):
        next(items)
    return 1e3 * (time.process_time() - start) / (count - 10)


def _packets(path: Path, kind: str, *, times_only: bool = False) -> list[Any]:
    with av.open(str(path)) as container:
        found: list[Any] = []
        for packet in container.demux():
            if packet.stream.type == kind and packet.size and packet.pts is not None:
                base = packet.time_base
                when = packet.pts * Fraction(base.numerator, base.denominator)
                found.append(when if times_only else (when, bytes(packet)))
    return sorted(found) if times_only else found


def _megabytes() -> float:
    """Memory of this process, where the system tells (Linux); its peak elsewhere."""
    status = Path("/proc/self/status")
    if status.exists():
        line = next(line for line in status.read_text().splitlines() if line.startswith("VmRSS"))
        return int(line.split()[1]) / 1024
    if sys.platform == "win32":
        return 0.0
    import resource

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (1 << 20 if sys.platform == "darwin" else 1 << 10)


if __name__ == "__main__":
    sys.exit(main())
