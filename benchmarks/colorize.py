"""What colouring costs: CPU-seconds beside the eccv16 architecture, and a photo of 24 megapixels.

    python benchmarks/colorize.py                    # about a minute on two cores
    python benchmarks/colorize.py --model RUN        # of a model of one's own
    python benchmarks/colorize.py --photo FILE       # enlarged to 24 megapixels, not a drawn one
    python benchmarks/colorize.py --json

- Network: one image of 256 x 256 on one thread, in float32, through our network and through the
  architecture of Zhang et al. 2016 with random weights; CPU-seconds of this process, the best of
  some rounds in which both take turns, so that a busy machine slows both. Beside them the whole of
  `olhar.colorize`, whose network sees a copy of its own size.
- Photo: the whole process `olhar colorize`, from start to written file, on a JPEG file of 6000 x
  4000 pixels; the best of some rounds. On a busy machine two threads wait for each other and burn
  CPU-seconds: there only --threads 1 says something. The load is printed.
- Export: the largest difference of a* or b* between torch and onnxruntime, where that and
  onnxscript are installed.

Exits with 1 if a figure misses its goal.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import time
import warnings
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import torch
from command import cost
from stamp import stamp
from torch import Tensor, nn

from olhar.colorize.apply import colorize, load
from olhar.colorize.eccv16 import ECCV16
from olhar.colorize.siggraph17 import SIGGRAPH17
from olhar.media.image import read, resize, write

if TYPE_CHECKING:
    from collections.abc import Callable

    from olhar.colorize.painter import Painter

SIDE = 256
WIDTH, HEIGHT = 6000, 4000
VIVID = 0.6
GOALS = {"CPU-seconds": 0.1, "seconds": 5.0, "MB": 1500.0, "difference": 1e-3}


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--model", default="colorizer")
    parser.add_argument("--photo", type=Path)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--threads", type=int, default=2, help="for the photo")
    parser.add_argument("--only", choices=["network", "photo", "export"])
    parser.add_argument("--json", action="store_true")
    args = parser.parse_args()
    result: dict[str, Any] = stamp() | {"model": args.model}
    if args.only in (None, "network"):
        result["network"] = network(args.model, args.rounds)
    if args.only in (None, "photo"):
        result["photo"] = photo(args.model, args.photo, args.threads, max(2, args.rounds // 2))
    if args.only in (None, "export") and find_spec("onnxruntime") and find_spec("onnxscript"):
        result["export"] = {"difference": exported(load(args.model, "cpu"))}
    missed = [
        f"{part}: {goal} is {result[part][goal]:.4g}, over {limit:g}"
        for part, goals in (
            ("network", ["CPU-seconds"]),
            ("photo", ["seconds", "MB"]),
            ("export", ["difference"]),
        )
        for goal, limit in ((each, GOALS[each]) for each in goals)
        if part in result and result[part][goal] > limit
    ]
    if args.json:
        print(json.dumps(result | {"missed": missed}, indent=1))
    else:
        show(result)
        print("\n".join(missed) or "every goal is met")
    return 1 if missed else 0


def network(model: str, rounds: int) -> dict[str, float]:
    """CPU-seconds at 256 x 256 on one thread, and their ratios to eccv16's."""
    torch.set_num_threads(1)
    generator = torch.Generator().manual_seed(0)
    light = torch.rand(1, 1, SIDE, SIDE, generator=generator) * 100
    hints = torch.zeros(1, 3, SIDE, SIDE)
    image = (light[0] / 100).expand(3, -1, -1)
    ours = load(model, "cpu")

    def seen(painter: Painter) -> Callable[[], object]:
        return lambda: painter.decode(painter(light, hints), VIVID)

    jobs: dict[str, Callable[[], object]] = {
        "ours": seen(ours),
        "eccv16": seen(cast("Painter", ECCV16().eval())),
        "siggraph17": seen(cast("Painter", SIGGRAPH17().eval())),
        "olhar.colorize": lambda: colorize(image, ours, vivid=VIVID),
    }
    spent = dict.fromkeys(jobs, float("inf"))
    with torch.inference_mode():
        for turn in range(rounds + 1):
            for name, job in jobs.items():
                start = time.process_time()
                job()
                if turn:  # the first time is a warm-up
                    spent[name] = min(spent[name], time.process_time() - start)
    return {
        "CPU-seconds": spent["ours"],
        **{f"CPU-seconds of {name}": value for name, value in spent.items() if name != "ours"},
        **{f"{name} / ours": spent[name] / spent["ours"] for name in ("eccv16", "siggraph17")},
    }


def photo(model: str, source: Path | None, threads: int, rounds: int) -> dict[str, float]:
    """Wall and CPU-seconds and peak memory of `olhar colorize` on 24 megapixels."""
    best: dict[str, float] = {}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "photo.jpg"
        write(path, enlarged(source) if source else drawn(), quality=92)
        for turn in range(rounds):
            out = Path(folder) / f"out{turn}.jpg"
            found = cost(
                *("colorize", str(path), "-o", str(out), "--model", model, "--quiet"),
                threads=threads,
            )
            best = {key: min(value, best.get(key, value)) for key, value in found.items()}
    return best | {
        "megapixels": WIDTH * HEIGHT / 1e6,
        "threads": threads,
        "load": os.getloadavg()[0],
    }


def drawn() -> Tensor:
    """A grey picture with detail at every scale: noise that is the stronger the coarser it is."""
    generator = torch.Generator().manual_seed(0)
    light = torch.full((1, HEIGHT, WIDTH), 0.5)
    for level in range(4, 13):
        side = 1 << level
        noise = torch.randn(1, side * HEIGHT // WIDTH, side, generator=generator)
        light += 0.35 * 0.6 ** (level - 4) * resize(noise, (HEIGHT, WIDTH))
    return light.clamp_(0, 1).expand(3, -1, -1)


def enlarged(source: Path) -> Tensor:
    image = read(source).image
    height, width = image.shape[1:]
    scale = (WIDTH * HEIGHT / (height * width)) ** 0.5
    return resize(image, (round(height * scale), round(width * scale))).clamp_(0, 1)


class Exported(nn.Module):
    """A painter as a function from lightness and hints to a* and b*."""

    def __init__(self, painter: Painter) -> None:
        super().__init__()
        self.painter = painter

    def forward(self, light: Tensor, hints: Tensor) -> Tensor:
        return self.painter.decode(self.painter(light, hints), VIVID)


def exported(painter: Painter) -> float:
    """The largest difference of a* or b* between torch and onnxruntime, with a hint."""
    import onnxruntime

    module = Exported(painter).eval()
    light = torch.rand(1, 1, 160, 224, generator=torch.Generator().manual_seed(1)) * 100
    hints = torch.zeros(1, 3, 160, 224)
    hints[:, :, 60:70, 90:100] = torch.tensor([40.0, -30.0, 1.0])[:, None, None]
    with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of the exporter's own libraries
        path = Path(folder) / "colorizer.onnx"
        torch.onnx.export(module, (light, hints), path, dynamo=True, verbose=False)
        session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
        names = [each.name for each in session.get_inputs()]
        (found,) = session.run(None, dict(zip(names, (light.numpy(), hints.numpy()), strict=True)))
    with torch.inference_mode():
        return float((torch.from_numpy(found) - module(light, hints)).abs().max())


def show(result: dict[str, Any]) -> None:
    print("  ".join(str(result[key]) for key in ("date", "processor", "versions", "commit")))
    for part in ("network", "photo", "export"):
        for name, value in result.get(part, {}).items():
            print(f"{part:<8} {name:<28} {value:10.4g}")


if __name__ == "__main__":
    sys.exit(main())
