"""Which engine computes each network fastest, and whether olhar chooses that one.

    python benchmarks/inference.py                  # on one thread and on two; a quarter hour
    python benchmarks/inference.py --threads 1      # on one
    python benchmarks/inference.py --only denoiser faces --json

For each bundled model that has a graph, and for a freshly initialised classifier of each
architecture, at the sizes that `olhar models prepare` measures:

- eager: PyTorch in float32, as the network is written; the others are ratios to it, larger is
  faster. bf16: the same under autocast, in channels_last. Then ONNX Runtime, and OpenVINO in
  float32 and in bfloat16. What stands in brackets differs from float32 by more than olhar allows
  there, so it is no candidate: bfloat16 counts only where olhar computes in it anyway.
- chosen: what `olhar models prepare` chose, in a measurement of its own just before; and its speed
  over that of the fastest candidate, which must be 0.95 or more. A row below that is measured once
  more, since a busy machine can do that to one row, and the second measurement counts.

Engines take turns, medians count; with one thread it is the time of the processor, with several
that of the clock. vgg16 is measured for comparison: olhar runs it by PyTorch for its gradients. It
needs no data: pictures are random. Exports and choices go to a temporary folder.

On one thread of an AMD EPYC (Zen 5, with bfloat16; 26 November 2026, a busy machine) what is
chosen is 1.8 to 2.6 times as fast as eager for the colorizer, 2.0 to 2.6 times for the denoiser
(in bfloat16, as olhar runs it in any case, PyTorch is 1.8 to 2.1), 1.1 to 2.6 times for what finds
faces, which makes 2.3 of a whole frame, and 1.1 to 7.7 times for classifiers: mostly by ONNX
Runtime for single pictures, by OpenVINO for many of the recurrent ones. No engine is best for all.

On an Intel Xeon (with AMX for bfloat16; the same day, beside other work with one thread, quiet with
two): 1.7 to 2.2 times for the colorizer, 3.1 to 6.9 for the denoiser, 1.0 to 2.6 for what finds
faces, 1.0 to 6.9 for classifiers. What is chosen is nowhere below 0.95 of the best with one thread,
or 0.98 with two.

Exits with 1 if a figure misses its goal.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import time
from functools import partial
from pathlib import Path
from typing import Any

import torch
from stamp import stamp

from olhar import catalogue, hub
from olhar.classify.network import ARCHITECTURES, Predictor
from olhar.hub import Card
from olhar.nets.engine_record import Shapes, file
from olhar.nets.prepare import Part, measured, prepare, started

GOAL = 0.95
SIDE, CLASSES = 32, 10
VGG_SIZES: tuple[Shapes, ...] = (((1, 3, 256, 256),), ((1, 3, 384, 512),))
COLUMNS = {
    "eager": "eager",
    "bf16": "bf16",
    "onnxruntime": "ORT",
    "openvino": "OpenVINO",
    "openvino-bf16": "OV-bf16",
}


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--threads", type=int, nargs="+", default=[1, 2], metavar="N")
    parser.add_argument("--only", nargs="+", metavar="MODEL", help="as denoiser, or resnet")
    parser.add_argument("--json", action="store_true")
    args = parser.parse_args()
    began = time.monotonic()
    result: dict[str, Any] = stamp() | {"load": [os.getloadavg()[0]], "rows": []}
    with tempfile.TemporaryDirectory() as folder:
        os.environ["OLHAR_HOME"] = folder
        models = chosen_models(Path(folder), args.only)
        for threads in args.threads:
            torch.set_num_threads(threads)
            for name, path in models.items():
                for row in rows(name, path, threads):
                    result["rows"].append(row)
                    if not args.json:
                        show(row, first=len(result["rows"]) == 1)
    result["load"].append(os.getloadavg()[0])
    result["minutes"] = (time.monotonic() - began) / 60
    missed = [
        f"{row['model']} {row['shape']} on {row['threads']}: {row['chosen']} at "
        f"{row['of the best']:.2f} of {row['best']}, under {GOAL}"
        for row in result["rows"]
        if row["counts"] and row["of the best"] < GOAL
    ]
    if args.json:
        print(json.dumps(result | {"missed": missed}, indent=1))
    else:
        print("  ".join(str(result[key]) for key in ("date", "processor", "versions", "commit")))
        print(f"{result['minutes']:.1f} minutes; load {result['load']}")
        print("\n".join(missed) or "every goal is met")
    return 1 if missed else 0


def chosen_models(folder: Path, only: list[str] | None) -> dict[str, Path]:
    """Name to file: the bundled ones, and a classifier of each architecture."""
    found = {
        card.name: hub.find(card.name)
        for card in hub.bundled()
        if card.kind in catalogue.PARTS or card.kind in catalogue.EXPORTS
    }
    for name in ARCHITECTURES:
        torch.manual_seed(0)
        network = Predictor(name, task="class", outputs=CLASSES, size=(SIDE, SIDE)).eval()
        card = Card(
            name=name,
            kind="classifier",
            summary="Freshly initialised.",
            licence="none",
            origin="benchmarks/inference.py",
            arguments=network.arguments,
        )
        path = folder / f"{name}.safetensors"
        found[name] = hub.save(path, network.state_dict(), card)
    if unknown := set(only or ()) - found.keys():
        raise SystemExit(f"there is no {', '.join(unknown)}; there are {', '.join(found)}")
    return {name: path for name, path in found.items() if not only or name in only}


def rows(name: str, path: Path, threads: int) -> list[dict[str, Any]]:
    """What was measured of a model, a row for each part and size."""
    card = hub.read_card(path)
    counts = card.kind in catalogue.PARTS
    if counts:
        _, parts = catalogue.parts(path)
    else:
        _, graphs = catalogue.graphs(path)
        parts = {part: Part(graph, VGG_SIZES) for part, graph in graphs.items()}
    found: list[dict[str, Any]] = []
    for label, part in parts.items():
        record, notes = prepare(label, part, card, path)
        content = file(record.model, label).read_bytes() if record.file else b""
        running, ready = started(content, threads, notes)
        for size in record.sizes:
            row = {
                "model": name if len(parts) == 1 else f"{name} {label}",
                "threads": threads,
                "shape": "x".join(map(str, size.shapes[0])),
                "counts": counts,
                "chosen": size.chosen,
                "candidates": [*size.seconds],
                "ready": ready,
                "notes": notes,
            }
            row |= timed(part, size.shapes, running, row, threads)
            if row["of the best"] < GOAL:
                row |= timed(part, size.shapes, running, row, threads) | {"again": True}
            found.append(row)
    return found


@torch.inference_mode()
def timed(
    part: Part, shapes: Shapes, running: dict[str, Any], row: dict[str, Any], threads: int
) -> dict[str, Any]:
    """Seconds of every engine, and how near the chosen one is to the fastest candidate."""
    inputs = part.examples(shapes)
    last = [
        each.contiguous(memory_format=torch.channels_last) if each.ndim == 4 else each
        for each in inputs
    ]

    def bf16() -> None:
        with torch.autocast("cpu", torch.bfloat16):
            part.graph.function(*last)

    ways = {
        "eager": partial(part.graph.function, *inputs),
        "bf16": bf16,
        "torch": partial(part, *inputs),  # as olhar runs it if nothing is prepared
        **{name: partial(run, inputs) for name, run in running.items()},
    }
    if part.function is None:
        del ways["torch"]
    seconds = measured(ways, threads, hopeless=float("inf"))
    seconds.setdefault("torch", seconds["eager"])
    candidates = {name: seconds[name] for name in row["candidates"]}
    best = min(candidates, key=lambda name: candidates[name])
    return {
        "seconds": seconds,
        "best": best,
        "of the best": candidates[best] / candidates[row["chosen"]],
    }


def show(row: dict[str, Any], *, first: bool) -> None:
    if first:
        head = "".join(f"{title:>10}" for title in COLUMNS.values())
        print(f"{'threads':8}{'model':19}{'shape':13}{head}  chosen, of the best")
    seconds = row["seconds"]
    eager = seconds["eager"]
    cells = [f"{1000 * eager:.3g} ms"]
    for name in [*COLUMNS][1:]:
        ratio = f"{eager / seconds[name]:.2f}" if name in seconds else "-"
        usual = name == "bf16" and "openvino-bf16" in row["candidates"]
        cells.append(ratio if name in row["candidates"] or usual else f"[{ratio}]")
    line = f"{row['threads']:<8}{row['model']:19}{row['shape']:13}"
    line += "".join(f"{cell:>10}" for cell in cells)
    again = " (again)" * row.get("again", False)
    told = f"{row['chosen']} {eager / seconds[row['chosen']]:.2f}, {row['of the best']:.2f}{again}"
    print(f"{line}  {told if row['counts'] else 'none'}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
