"""Restyling against a textbook loop: CPU-seconds to the same loss, on one VGG-16.

    python benchmarks/stylize.py CONTENTS STYLES [--size 256]

CONTENTS and STYLES are folders; the first three pictures of each are used, or those named by
--contents and --styles. For each of the nine pairs:

- ours: the whole process `olhar stylize`, from start to written file, at its default settings;
- baseline: Gatys's loop as a textbook has it, float32, Adam 0.02, exponential average 0.99 of the
  iterates, two scales by the root of two, minimising J itself; only its loop is counted, until its
  average reaches the J that ours reached (or --limit iterations).

J = 0.12 * content + style: content is the mean squared error at relu4_2 over the mean square of the
photograph's own features; style is the mean over relu1_1, 2_1, 3_1, 4_1 of |G - G0|^2 / |G0|^2
with the painting's Gram matrix G0. The sliced-Wasserstein distance of features, which neither side
optimises, is printed beside it. Both sides run on one thread and are judged on 8-bit pictures by
the same function.
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor

from olhar.media.image import READABLE, read, resize, write
from olhar.nets.vgg import POOL_BEFORE, bundled_vgg16

STYLE = ("conv1_1", "conv2_1", "conv3_1", "conv4_1")
CONTENT = "conv4_2"


def features(image: Tensor) -> dict[str, Tensor]:
    """VGG-16 as a textbook writes it: torch's own convolution, nothing else."""
    wanted: dict[str, Tensor] = {}
    x = image[None]
    for name, layer in bundled_vgg16().layers.items():
        if name in POOL_BEFORE:
            x = F.max_pool2d(x, 2)
        x = F.pad(x, (1,) * 4, mode="replicate" if name == "conv1_1" else "constant")
        x = F.relu(F.conv2d(x, layer.weight, layer.bias))  # type: ignore[arg-type]
        if name in (*STYLE, CONTENT):
            wanted[name] = x[0]
    return wanted


def gram(f: Tensor) -> Tensor:
    flat = f.flatten(1)
    return flat @ flat.T / flat.shape[1]


class J:
    """The judge, and what the baseline minimises."""

    def __init__(self, content: Tensor, style: Tensor) -> None:
        with torch.no_grad():
            self.content = features(content)[CONTENT]
            self.style = {name: f for name, f in features(style).items() if name in STYLE}
            self.grams = {name: gram(f) for name, f in self.style.items()}

    def parts(self, image: Tensor) -> tuple[Tensor, Tensor]:
        """Content and style."""
        f = features(image)
        content = (f[CONTENT] - self.content).square().mean() / self.content.square().mean()
        style = [(gram(f[n]) - g).square().sum() / g.square().sum() for n, g in self.grams.items()]
        return content, torch.stack(style).mean()

    def __call__(self, image: Tensor) -> Tensor:
        content, style = self.parts(image)
        return 0.12 * content + style

    @torch.no_grad()
    def sliced(self, image: Tensor, slices: int = 256) -> float:
        """Sliced 2-Wasserstein distance of features, relative to the style's; mean of layers."""
        found, total = features(image), 0.0
        generator = torch.Generator().manual_seed(0)
        quantiles = torch.linspace(0.002, 0.998, 256)
        for name, wanted in self.style.items():
            directions = torch.randn(slices, len(wanted), generator=generator)
            directions /= directions.norm(dim=1, keepdim=True)
            a, b = (_quantiles(directions @ f.flatten(1), quantiles) for f in (found[name], wanted))
            total += float((a - b).square().mean() / b.square().mean())
        return total / len(self.style)


def _quantiles(rows: Tensor, at: Tensor) -> Tensor:
    ordered = rows.sort(1).values
    return ordered[:, (at * (ordered.shape[1] - 1)).round().long()]


def load(path: Path, size: int) -> Tensor:
    image = read(path).image
    scale = size / max(image.shape[1:])
    return resize(image, (round(image.shape[1] * scale), round(image.shape[2] * scale)))


def baseline(
    content: Tensor, style: Tensor, goals: list[float], first: int, limit: int
) -> tuple[list[float | None], float, Tensor]:
    """CPU-seconds at which the average reaches each goal, the last J, the last picture."""
    judge = J(content, style)
    spent, picture, average = 0.0, content, content
    reached: list[float | None] = [None] * len(goals)
    value = float("inf")
    for scale, iterations in ((0.5**0.5, first), (1.0, limit)):
        size = (round(content.shape[1] * scale), round(content.shape[2] * scale))
        start = time.process_time()
        small = [
            resize(x, (round(x.shape[1] * scale), round(x.shape[2] * scale)))
            for x in (content, style)
        ]
        objective = judge if scale == 1 else J(*small)
        picture = resize(average, size).requires_grad_()
        optimizer = torch.optim.Adam([picture], lr=0.02, betas=(0.9, 0.99))
        total = torch.zeros_like(picture)
        spent += time.process_time() - start
        for i in range(1, iterations + 1):
            start = time.process_time()
            optimizer.zero_grad()
            objective(picture).backward()
            optimizer.step()
            with torch.no_grad():
                picture.clamp_(0, 1)
                total = 0.99 * total + 0.01 * picture
                average = total / (1 - 0.99**i)
            spent += time.process_time() - start
            if scale == 1 and (i % 5 == 0 or i == iterations):
                with torch.no_grad():
                    value = float(judge((average * 255).round() / 255))
                for k, goal in enumerate(goals):
                    if value <= goal and reached[k] is None:
                        reached[k] = spent
                if None not in reached:
                    break
    return reached, value, average.detach()


def ours(content: Path, style: Path, out: Path, size: int, extra: list[str]) -> float:
    """CPU-seconds of the whole process, children included, on one thread."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(
        [
            *(sys.executable, "-m", "olhar", "stylize", content, "--style", style, "-o", out),
            *("--size", str(size), "--quiet", *extra),
        ],
        check=True,
        env=os.environ | {"OMP_NUM_THREADS": "1"},
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def pictures(folder: Path, names: list[str]) -> list[Path]:
    files = sorted(f for f in folder.iterdir() if f.suffix.lower() in READABLE)
    return [f for f in files if f.stem in names] if names else files[:3]


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("contents_folder", type=Path)
    parser.add_argument("styles_folder", type=Path)
    parser.add_argument("--contents", nargs="*", default=[], help="file names without suffix")
    parser.add_argument("--styles", nargs="*", default=[], help="file names without suffix")
    parser.add_argument("--size", type=int, default=256)
    parser.add_argument(
        "--first", type=int, default=40, help="the baseline's iterations at its first scale"
    )
    parser.add_argument("--limit", type=int, default=250, help="and at most at its second")
    parser.add_argument("--ours-only", action="store_true", help="leave the baseline out")
    parser.add_argument("--keep", type=Path, help="folder for both sides' pictures")
    parser.add_argument("--flags", default="", help="more flags for olhar stylize")
    args = parser.parse_args()

    torch.set_num_threads(1)
    rows: list[dict[str, object]] = []
    with tempfile.TemporaryDirectory() as temporary:
        folder = args.keep or Path(temporary)
        folder.mkdir(exist_ok=True, parents=True)
        for c in pictures(args.contents_folder, args.contents):
            for s in pictures(args.styles_folder, args.styles):
                pair = f"{c.stem}--{s.stem}"
                content, style = load(c, args.size), load(s, args.size)
                small = (
                    write(Path(temporary) / "content.png", content),
                    write(Path(temporary) / "style.png", style),
                )
                out = folder / f"{pair}-olhar.png"
                seconds = ours(*small, out, args.size, args.flags.split())
                judge = J(content, style)
                result = read(out).image
                with torch.no_grad():
                    c_loss, s_loss = (float(x) for x in judge.parts(result))
                reached = 0.12 * c_loss + s_loss
                row: dict[str, object] = {
                    "pair": pair,
                    "J": reached,
                    "content": c_loss,
                    "style": s_loss,
                }
                row |= {"sliced": judge.sliced(result), "cpu_s": seconds}
                if not args.ours_only:
                    goals = [max(0.09, reached), reached]
                    times, last, picture = baseline(content, style, goals, args.first, args.limit)
                    write(folder / f"{pair}-baseline.png", picture)
                    row |= {
                        "baseline_cpu_s": times[1],
                        "baseline_cpu_s_at_0.09": times[0],
                        "baseline_J": last,
                    }
                    row |= {"baseline_sliced": judge.sliced(picture)}
                    row["ratio"] = times[1] / seconds if times[1] else None
                rows.append(row)
                print(json.dumps(row, default=str), flush=True)
    report(rows)


def report(rows: list[dict[str, object]]) -> None:
    """The medians that are quoted."""

    def median(key: str) -> float:
        found = sorted(float(str(row[key])) for row in rows if row.get(key) is not None)
        return found[len(found) // 2] if found else float("nan")

    print(f"J: median {median('J'):.4f}, largest {max(float(str(row['J'])) for row in rows):.4f}")
    print(f"CPU-seconds: median {median('cpu_s'):.1f}")
    if any("ratio" in row for row in rows):
        ratios = [float(str(row["ratio"])) for row in rows if row["ratio"]]
        print(
            f"baseline / ours at equal J: median {median('ratio'):.2f}, "
            f"least {min(ratios):.2f}, of {len(ratios)}"
        )
        wins = sum(float(str(r["sliced"])) <= float(str(r["baseline_sliced"])) for r in rows)
        print(
            f"sliced Wasserstein: {median('sliced'):.4f} against "
            f"{median('baseline_sliced'):.4f}, no worse in {wins}"
        )


if __name__ == "__main__":
    main()
