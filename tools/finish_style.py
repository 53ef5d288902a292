"""Make a bundled style of a training: half the bytes, and a card that says what it saw.

    olhar samples night -o drawn/ --size 768
    olhar train stylizer PHOTOS --style drawn/night.png --start "" -o RUN
    python tools/finish_style.py RUN PHOTOS INDEX.csv night "the drawn night"

    olhar train stylizer PHOTOS --style wave.jpg -o RUN
    python tools/finish_style.py RUN PHOTOS INDEX.csv hokusai "The Great Wave by Hokusai"

INDEX.csv has the columns `file`, `source` and `licence_class`. Weights are rounded to float16; the
measures of the rounded model are printed, to be compared with those in its card.
"""

import argparse
from dataclasses import replace
from pathlib import Path

import torch
from seen import seen

from olhar import hub
from olhar.catalogue import load
from olhar.stylize.recipe import Stylization


def main() -> None:
    """Round, describe, measure, save."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("run", type=Path)
    parser.add_argument("photos", type=Path)
    parser.add_argument("index", type=Path)
    parser.add_argument("name", help="of the style")
    parser.add_argument("title", help="of the painting")
    parser.add_argument("-o", "--output", type=Path, default=Path("src/olhar/hub/weights"))
    given = parser.parse_args()
    card, tensors = hub.load(given.run)
    half = {name: value.half() for name, value in tensors.items()}
    _, said = seen(given.photos, given.index)
    recipe = Stylization.from_dict(card.recipe | {"data": str(given.photos)})
    examples, _, _ = recipe.measured_on(card, "validation")
    card = replace(
        card,
        name=given.name,
        summary=f"Restyles photographs and films after {given.title}, in one pass",
        licence="Apache-2.0",
        authors=("The olhar authors",),
        origin=f"trained from {recipe.start or 'nothing'} by `olhar train stylizer`, then rounded "
        "to float16",
        trained_on=f"{said}; a tenth of them measured only",
        recipe=card.recipe | {"data": given.photos.name, "style": [recipe.style[0].name]},
    )
    path = given.output / f"{given.name}.safetensors"
    hub.save(path, half, card)
    with torch.inference_mode():
        found = recipe.evaluate(load(path), examples.batches(recipe.batch_size), thorough=True)
    hub.save(path, half, replace(card, metrics={"validation": found}))
    print(", ".join(f"{name} {value:.4f}" for name, value in found.items()))
    print(f"{path}: {path.stat().st_size / 1e6:.1f} MB")


if __name__ == "__main__":
    main()
