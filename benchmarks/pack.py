"""Bytes of a packed folder beside JPEG, WebP and AVIF at the same quality of pictures.

    python benchmarks/pack.py PHOTOS               # a folder of photographs, any size
    python benchmarks/pack.py PHOTOS --finetune    # the codec adapted to them, its change counted
    python benchmarks/pack.py PHOTOS --speed       # 10,000 small pictures packed and opened
    python benchmarks/pack.py PHOTOS --json

Photographs are made squares of --side pixels first (the middle, antialiased), so that what an
earlier JPEG did to them is averaged away. Bytes are those of the real archive, names, index and
checksums, and of the real files of the others: once as single files, once as one atlas, a large
picture of all of them. PSNR (of RGB) and MS-SSIM are means over pictures. The Bjontegaard rate is
the mean difference of the logarithm of the bytes at equal PSNR, where both curves are (Bjontegaard
2001, VCEG-M33, with monotone interpolation between the points).

Exits with 1 if a goal is missed.
"""

from __future__ import annotations

import argparse
import io
import json
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from command import cost
from PIL import Image
from scipy.interpolate import PchipInterpolator
from stamp import stamp

from olhar.codec import open_packed, pack
from olhar.data.cache import cache
from olhar.data.examples import examples
from olhar.media.ssim import ms_ssim

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Pixels = NDArray[np.uint8]  # (N, S, S, 3)

QUALITIES = (0, 25, 50, 75, 100)
OTHERS = {
    "JPEG": (5, 10, 20, 40, 60, 80, 90),
    "WebP": (1, 5, 15, 30, 50, 70, 85, 92),
    "AVIF": (15, 25, 35, 45, 55, 65, 75, 85),
}
GOALS = {"against WebP files": -10.0, "packed a second": 30.0, "opened a second": 100.0}
SMALL, MANY = 64, 10_000


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("photos", type=Path)
    parser.add_argument("--side", type=int, default=160)
    parser.add_argument("--count", type=int, default=0, help="of the photographs; 0 is all")
    parser.add_argument("--model", default="codec")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--finetune", action="store_true")
    parser.add_argument("--refine", type=int, default=0)
    parser.add_argument("--speed", action="store_true")
    parser.add_argument("--many", type=int, default=MANY, help="pictures of the speed")
    parser.add_argument("--json", action="store_true")
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    files = examples(args.photos, task="none").files
    files = files[:: max(1, len(files) // args.count)] if args.count else files
    pixels = cache(files, args.side).pixels
    with tempfile.TemporaryDirectory() as folder:
        found = speed(pixels, Path(folder), args) if args.speed else rates(pixels, folder, args)
    missed = [goal for goal, met in found["goals"].items() if not met]
    print(json.dumps({**found, **stamp()}) if args.json else told(found))
    return 1 if missed else 0


def rates(pixels: Pixels, folder: str, args: argparse.Namespace) -> dict[str, Any]:
    """Points of all codecs, and the Bjontegaard rates."""
    root = Path(folder, "pictures")
    root.mkdir()
    for number, each in enumerate(pixels):
        Image.fromarray(each).save(root / f"{number:05d}.png", compress_level=1)
    points = {"olhar": [ours(pixels, root, quality, args) for quality in QUALITIES]}
    for kind, qualities in OTHERS.items():
        points[f"{kind} files"] = [single(pixels, kind, quality) for quality in qualities]
        points[f"{kind} atlas"] = [atlas(pixels, kind, quality) for quality in qualities]
    against = {name: gain(points["olhar"], each) for name, each in points.items()}
    del against["olhar"]
    return {
        "pictures": len(pixels),
        "side": pixels.shape[1],
        "points": points,
        "against": against,
        "goals": {"against WebP files": against["WebP files"] <= GOALS["against WebP files"]},
    }


def ours(pixels: Pixels, root: Path, quality: int, args: argparse.Namespace) -> dict[str, float]:
    target = root.with_name(f"{quality}.olhar")
    pack(
        root,
        target,
        quality=quality,
        model=args.model,
        finetune=args.finetune,
        refine=args.refine,
    )
    images = open_packed(target, args.model)
    made = [as_bytes(image) for image in images]
    return point(pixels, np.stack(made), target.stat().st_size)


def as_bytes(image: torch.Tensor) -> Pixels:
    return (image * 255).round().byte().permute(1, 2, 0).numpy()


def single(pixels: Pixels, kind: str, quality: int) -> dict[str, float]:
    data = [encoded(each, kind, quality) for each in pixels]
    made = [np.asarray(Image.open(io.BytesIO(each)).convert("RGB")) for each in data]
    return point(pixels, np.stack(made), sum(map(len, data)))


def atlas(pixels: Pixels, kind: str, quality: int) -> dict[str, float]:
    """All pictures side by side in one, as near to a square as goes."""
    count, side = pixels.shape[:2]
    across = int(np.ceil(np.sqrt(count)))
    down = -(-count // across)
    sheet = np.zeros((down * across, side, side, 3), np.uint8)
    sheet[:count] = pixels
    sheet = sheet.reshape(down, across, side, side, 3).swapaxes(1, 2)
    data = encoded(sheet.reshape(down * side, across * side, 3), kind, quality)
    made = np.asarray(Image.open(io.BytesIO(data)).convert("RGB"))
    made = made.reshape(down, side, across, side, 3).swapaxes(1, 2).reshape(-1, side, side, 3)
    return point(pixels, made[:count], len(data))


def encoded(pixels: Pixels, kind: str, quality: int) -> bytes:
    file = io.BytesIO()
    more: dict[str, Any] = {"WebP": {"method": 6}, "JPEG": {"optimize": True}, "AVIF": {"speed": 4}}
    Image.fromarray(pixels).save(file, kind, quality=quality, **more[kind])
    return file.getvalue()


def point(pixels: Pixels, made: Pixels, size: int) -> dict[str, float]:
    a, b = (
        torch.from_numpy(each.copy()).permute(0, 3, 1, 2).float() / 255 for each in (pixels, made)
    )
    pairs = zip(a.split(64), b.split(64), strict=True)  # pyright: ignore[reportUnknownArgumentType]
    alike = [ms_ssim(one, other) for one, other in pairs]  # pyright: ignore[reportUnknownArgumentType]
    error = (a - b).square().mean((1, 2, 3)).clamp(min=1e-10)
    return {
        "bpp": 8 * size / pixels[..., 0].size,
        "psnr": float((-10 * error.log10()).mean()),
        "ms_ssim": float(torch.cat(alike).mean()),
    }


def gain(mine: Sequence[dict[str, float]], other: Sequence[dict[str, float]]) -> float:
    """Percent of the bytes, at equal PSNR; negative is fewer."""
    curves = [
        (PchipInterpolator([p["psnr"] for p in each], np.log([p["bpp"] for p in each])), each)
        for each in (mine, other)
    ]
    low = max(each[0]["psnr"] for _, each in curves)
    high = min(each[-1]["psnr"] for _, each in curves)
    at = np.linspace(low, high, 200)
    return 100 * float(np.exp((curves[0][0](at) - curves[1][0](at)).mean()) - 1)


def speed(pixels: Pixels, folder: Path, args: argparse.Namespace) -> dict[str, Any]:
    """Whole commands on many small pictures, and their memory on a fifth of them beside."""
    generator = np.random.default_rng(0)
    found: dict[str, Any] = {}
    for count in (args.many // 5, args.many):
        root = folder / str(count)
        root.mkdir()
        for number in range(count):
            top, left = generator.integers(0, pixels.shape[1] - SMALL + 1, 2)
            piece = pixels[number % len(pixels), top : top + SMALL, left : left + SMALL]
            Image.fromarray(piece).save(root / f"{number:05d}.png", compress_level=1)
        archive = folder / f"{count}.olhar"
        model = ["--model", args.model]
        packed = cost(
            "pack", str(root), "-o", str(archive), *model, "--quiet", threads=args.threads
        )
        out = folder / f"{count} again"
        opened = cost(
            "unpack", str(archive), "-o", str(out), *model, "--quiet", threads=args.threads
        )
        found[f"{count}"] = {
            "packed a second": count / packed["seconds"],
            "packing MB": packed["MB"],
            "opened a second": count / opened["seconds"],
            "opening MB": opened["MB"],
        }
    last = found[f"{args.many}"]
    goals = {name: last[name] >= GOALS[name] for name in ("packed a second", "opened a second")}
    return {"side": SMALL, **found, "goals": goals}


def told(found: dict[str, Any]) -> str:
    lines: list[str] = []
    for name, points in found.get("points", {}).items():
        lines += [f"{name}"] + [
            f"  {p['bpp']:6.3f} bpp  {p['psnr']:6.2f} dB  MS-SSIM {p['ms_ssim']:.4f}"
            for p in points
        ]
    lines += [f"against {name}: {rate:+.1f} %" for name, rate in found.get("against", {}).items()]
    for count, speeds in found.items():
        if count.isdecimal():
            each = ", ".join(f"{name} {value:.0f}" for name, value in speeds.items())
            lines.append(f"{int(count):,} pictures of {SMALL} pixels: {each}")
    lines += [f"{goal}: {'met' if met else 'MISSED'}" for goal, met in found["goals"].items()]
    return "\n".join([*lines, json.dumps(stamp())])


if __name__ == "__main__":
    sys.exit(main())
