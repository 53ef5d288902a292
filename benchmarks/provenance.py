"""What a signature costs: milliseconds and bytes for each format, and memory for a long film.

    python benchmarks/provenance.py

Prints, for photographs of 1 and 12 megapixels and a short film, what signing takes of a processor
(the median of nine, libraries loaded), as a share of what writing the file took, and the bytes it
adds; then how much memory a film of 300 MB takes.
"""

import os
import resource
import statistics
import struct
import tempfile
import time
from pathlib import Path

import torch

from olhar.media.image import write
from olhar.media.mark import Mark
from olhar.media.picture import resize
from olhar.media.provenance import sign
from olhar.media.video import write_video

TIMES = 9
FILM = 300 << 20


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        os.environ["OLHAR_SIGNING"] = str(folder / "signing")
        mark = Mark(deed="colorized", model="colorizer", card="0" * 64)
        source = write(folder / "source.jpg", photograph(512, 768))
        started = time.perf_counter()
        write(folder / "first.jpg", photograph(512, 768), mark=mark.of(source))
        took = 1e3 * (time.perf_counter() - started)
        print(f"the first file of a process, key made: {took:.0f} ms")
        for height, width in ((864, 1152), (3000, 4000)):
            image = photograph(height, width)
            for suffix in (".jpg", ".webp", ".avif", ".png", ".tiff"):
                started = time.process_time()
                path = write(folder / f"x{suffix}", image)
                written = time.process_time() - started
                report(path, f"{height * width / 1e6:.0f} MP", mark.of(source), written)
        frames = [photograph(240, 320) for _ in range(50)]
        started = time.process_time()
        film = write_video(folder / "x.mp4", frames, 25)
        report(film, "50 frames", mark.of(source), time.process_time() - started)
        data = film.read_bytes()
        with film.open("wb") as file:  # a box that nobody reads, as long as an hour
            file.write(data + struct.pack(">I4s", FILM, b"free"))
            for _ in range(FILM >> 20):
                file.write(bytes(1 << 20))
        before = peak()
        started = time.perf_counter()
        sign(film, mark)
        print(
            f"a film of {FILM >> 20} MB: {time.perf_counter() - started:.1f} s, "
            f"{peak() - before:.0f} MB more memory"
        )


def photograph(height: int, width: int) -> torch.Tensor:
    """Something as hard to compress as a photograph."""
    generator = torch.Generator().manual_seed(0)
    coarse = torch.rand(3, 24, 32, generator=generator)
    grain = torch.randn(3, height, width, generator=generator)
    return (resize(coarse, (height, width)) + 0.02 * grain).clamp_(0, 1)


def report(path: Path, size: str, mark: Mark, written: float) -> None:
    data, took = path.read_bytes(), list[float]()
    for _ in range(TIMES):
        path.write_bytes(data)
        started = time.process_time()
        sign(path, mark)
        took.append(time.process_time() - started)
    added = path.stat().st_size - len(data)
    median = statistics.median(took)
    print(
        f"{path.suffix:<6}{size:<10}{len(data) / 1e6:7.2f} MB {1e3 * median:7.1f} ms "
        f"(worst {1e3 * max(took):.0f}), {median / written:6.1%} of writing {added:7} bytes"
    )


def peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    main()
