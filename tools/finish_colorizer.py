"""Make the bundled colorizer of trainings: half the bytes, and a card that says what it saw.

    olhar train colorizer PHOTOS --start lite0.safetensors -o RUN      # PHOTOS/train, /validation
    python tools/finish_colorizer.py PHOTOS INDEX.csv RUN [RUN ...]

Of several runs that went on from each other the weights are averaged, which is better than each
(Wortsman et al. 2022, "Model soups").

INDEX.csv has the columns `file`, `source` and `licence_class`; what it does not list counts as of
the class that --others names. Weights are rounded to float16; the measures of the rounded model
are printed, to be compared with those in its card.
"""

import argparse
import csv
from collections import Counter
from dataclasses import replace
from pathlib import Path

import torch

from olhar import hub
from olhar.catalogue import load
from olhar.colorize.recipe import Colorizer


def main() -> None:
    """Round, describe, measure, save."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("photos", type=Path)
    parser.add_argument("index", type=Path)
    parser.add_argument("runs", type=Path, nargs="+")
    parser.add_argument("--others", default="research")
    parser.add_argument(
        "-o", "--output", type=Path, default=Path("src/olhar/hub/weights/colorizer.safetensors")
    )
    given = parser.parse_args()
    card, tensors = hub.load(given.runs[-1])
    others = [hub.load(run)[1] for run in given.runs[:-1]]
    tensors = {
        name: torch.stack([value, *(other[name] for other in others)]).mean(0)
        if value.is_floating_point()
        else value
        for name, value in tensors.items()
    }
    half = {k: v.half() if v.dtype == torch.float32 else v for k, v in tensors.items()}
    half |= {k: v for k, v in tensors.items() if k in {"bins", "rarity", "tint"}}
    with given.index.open() as file:
        rows = {Path(row["file"]).name: row for row in csv.DictReader(file)}
    train = sorted(path.name for path in (given.photos / "train").iterdir())
    validation = sorted(path.name for path in (given.photos / "validation").iterdir())
    classes = Counter(
        rows[name]["licence_class"] if name in rows else given.others for name in train
    )
    sources = sorted({rows[name]["source"] for name in validation if name in rows})
    counted = " and ".join(f"{count:,} of licence class {name}" for name, count in classes.items())
    recipe = Colorizer.from_dict(card.recipe | {"data": str(given.photos)})
    examples, _, _ = recipe.measured_on(card, "validation")
    card = replace(
        card,
        name="colorizer",
        summary="Plausible colours for black-and-white photographs, with or without hints",
        licence="Apache-2.0",
        authors=("The olhar authors",),
        origin="trained by `olhar train colorizer`, beginning with the encoder EfficientNet-Lite0 "
        "(Google, Apache-2.0, ImageNet); the mean of its stages, rounded to float16",
        trained_on=f"{len(train):,} photographs, {counted}: research means that nobody stated a "
        "licence, or one for research; none of them can be got back from the weights",
        recipe=card.recipe | {"data": given.photos.name, "start": "efficientnet-lite0"},
    )
    given.output.parent.mkdir(parents=True, exist_ok=True)
    hub.save(given.output, half, card)
    with torch.inference_mode():
        found = recipe.evaluate(load(given.output), examples.batches(32), thorough=True)
    found |= {"photographs": validation, "sources": sources}
    hub.save(given.output, half, replace(card, metrics={"validation": found}))
    for name, row in found["rows"].items():
        print(f"{name:<8}" + "".join(f"{key} {value:7.3f}  " for key, value in row.items()))
    print(f"gain {found['gain']:.2f} dB, ab_ratio {found['ab_ratio']:.3f}")
    print(f"{given.output}: {given.output.stat().st_size / 1e6:.1f} MB")


if __name__ == "__main__":
    main()
