"""Make the bundled codec of a training: half the bytes, its tables counted, and a card.

    olhar train codec PHOTOS -o RUN      # PHOTOS/train, /validation
    python tools/finish_codec.py RUN PHOTOS INDEX.csv

INDEX.csv has the columns `file` and `licence_class`. Weights are rounded to float16 first, since
the tables of the range coder are those of the rounded network; its measures are printed.
"""

import argparse
from dataclasses import replace
from pathlib import Path

import torch
from seen import seen

from olhar import hub
from olhar.catalogue import load
from olhar.codec.adapt import counted
from olhar.codec.coder import logistic_tables
from olhar.codec.coding import Coding
from olhar.codec.network import from_tensors
from olhar.codec.prior import LEVELS
from olhar.codec.recipe import Codec


def main() -> None:
    """Round, count, describe, measure, save."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("run", type=Path)
    parser.add_argument("photos", type=Path)
    parser.add_argument("index", type=Path)
    parser.add_argument(
        "-o", "--output", type=Path, default=Path("src/olhar/hub/weights/codec.safetensors")
    )
    given = parser.parse_args()
    card, tensors = hub.load(given.run)
    half = {k: v.half() if v.is_floating_point() else v for k, v in tensors.items()}
    half["tables"] = logistic_tables()  # to be counted from nothing
    network = from_tensors(half, **card.arguments)
    pictures = [path.relative_to(given.photos) for path in sorted(given.photos.glob("train/*"))]
    half["tables"] = counted(Coding(network), given.photos, pictures[::4], range(LEVELS))
    _, said = seen(given.photos, given.index)
    card = replace(
        card,
        name="codec",
        summary="Stores photographs in few bytes, at 33 qualities",
        licence="Apache-2.0",
        authors=("The olhar authors",),
        origin="trained from nothing by `olhar train codec`, then rounded to float16",
        trained_on=said,
        recipe=card.recipe | {"data": given.photos.name, "start": ""},
    )
    hub.save(given.output, half, card)
    recipe = Codec.from_dict(card.recipe | {"data": str(given.photos)})
    examples, _, _ = recipe.measured_on(card, "validation")
    with torch.inference_mode():
        found = recipe.evaluate(load(given.output), examples.batches(16), thorough=True)
    hub.save(given.output, half, replace(card, metrics={"validation": found}))
    print(", ".join(f"{name} {value:.3f}" for name, value in found.items()))
    print(f"{given.output}: {given.output.stat().st_size / 1e6:.1f} MB")


if __name__ == "__main__":
    main()
