"""Make the bundled denoiser of a training: half the bytes, and a card that says what it saw.

    olhar train autoencoder PHOTOS --architecture denoiser -o RUN      # and --start denoiser
    python tools/finish_denoiser.py RUN PHOTOS INDEX.csv

INDEX.csv has the columns `file`, `source` and `licence_class`; what it does not list counts as of
the class that --others names. Weights are rounded to float16; the measures of the rounded model
are printed, to be compared with those in its card.
"""

import argparse
from dataclasses import replace
from pathlib import Path

import torch
from seen import seen

from olhar import hub
from olhar.autoencode.recipe import Autoencoder
from olhar.catalogue import load


def main() -> None:
    """Round, describe, measure, save."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("run", type=Path)
    parser.add_argument("photos", type=Path)
    parser.add_argument("index", type=Path)
    parser.add_argument("--others", default="research")
    parser.add_argument(
        "-o", "--output", type=Path, default=Path("src/olhar/hub/weights/denoiser.safetensors")
    )
    given = parser.parse_args()
    card, tensors = hub.load(given.run)
    half = {name: value.half() for name, value in tensors.items()}
    _, said = seen(given.photos, given.index, given.others)
    began = (
        "on from an earlier one, itself from nothing," if card.recipe["start"] else "from nothing"
    )
    recipe = Autoencoder.from_dict(card.recipe | {"data": str(given.photos)})
    examples, _, _ = recipe.measured_on(card, "validation")
    card = replace(
        card,
        name="denoiser",
        summary="Takes noise of any strength off photographs of any size",
        licence="Apache-2.0",
        authors=("The olhar authors",),
        origin=f"trained {began} by `olhar train autoencoder --architecture "
        "denoiser`, then rounded to float16",
        trained_on=said,
        recipe=card.recipe | {"data": given.photos.name},
    )
    given.output.parent.mkdir(parents=True, exist_ok=True)
    hub.save(given.output, half, card)
    with torch.inference_mode():
        found = recipe.evaluate(load(given.output), examples.batches(32), thorough=True)
    hub.save(given.output, half, replace(card, metrics={"validation": found}))
    print(", ".join(f"{name} {value:.3f}" for name, value in found.items()))
    print(f"{given.output}: {given.output.stat().st_size / 1e6:.1f} MB")


if __name__ == "__main__":
    main()
