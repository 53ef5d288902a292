"""A codec for one folder: a small change of a base codec, which travels in the archive.

What is changed are the curves over the quality, the biases, the layers that paint at half the size
(`recipe.small`), in float16, and the tables of the range coder, counted anew: about 60 kB. Nothing
that the exactness of the numbers rests on is different: the change is added once, to weights that
are rounded afterwards as always.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from olhar import hub
from olhar.codec.change import as_bytes, changed
from olhar.codec.coder import TOTAL, as_table
from olhar.codec.coding import Coding
from olhar.codec.network import BLOCK, from_tensors
from olhar.codec.prior import LEVELS
from olhar.codec.recipe import Codec as Recipe
from olhar.codec.recipe import small
from olhar.data import reading
from olhar.data.examples import examples
from olhar.errors import OlharError
from olhar.media.image import read
from olhar.media.progress import bar
from olhar.nets.model import built
from olhar.training.fit import fit

if TYPE_CHECKING:
    import os
    from collections.abc import Sequence
    from pathlib import Path

    from torch import Tensor


_STEPS = 600
_BATCH = 8
_PIECE = 96
_COUNTED = 256  # pictures that tables are counted of
_KNOWN = 2000.0  # numbers that the old tables count for, at each scale


def adapted(
    folder: Path, pictures: Sequence[Path], model: str | os.PathLike[str], level: int, run: Path
) -> bytes:
    """Fit a codec to a folder.

    Args:
        folder: what is to be packed.
        pictures: of it, relative to it.
        model: the codec to begin with.
        level: of the quality, from 0 to LEVELS - 1.
        run: a folder for the training, in which a stopped one goes on.

    Returns:
        The change, see `changed`.

    Raises:
        OlharError: if the pictures are too few or too small to learn from.
    """
    side, _ = reading.sides(examples(folder, task="none"))
    size = min(_PIECE, side // BLOCK * BLOCK)
    if size < 32 or len(pictures) < 20:
        raise OlharError(
            f"{len(pictures)} pictures of usually {side} pixels are too little to adapt a codec "
            "to; leave out --finetune"
        )
    recipe = Recipe(
        data=folder,
        start=str(model),
        quality=round(100 * level / (LEVELS - 1)),
        adapt=True,
        size=size,
        epochs=math.ceil(_STEPS * _BATCH / len(pictures)),
        batch_size=_BATCH,
        schedule="cosine",
        ema=0.0,
        evaluate_every=1_000_000,
    )
    steps = recipe.epochs * math.ceil(len(pictures) / _BATCH)
    with bar("adapting", steps) as update:
        for event in fit(recipe, run):
            update(getattr(event, "step", 0))
    card, tensors = hub.load(model)
    base = built(card, tensors, from_tensors)
    _, learned = hub.load(run)
    names = small(base)
    change = {name: (learned[name] - tensors[name].float()).half() for name in names}
    coding = Coding(changed(base, as_bytes(change)))
    change["tables"] = counted(coding, folder, pictures, [level]) - base.tables
    return as_bytes(change)


def counted(
    coding: Coding, folder: Path, pictures: Sequence[Path], levels: Sequence[int]
) -> Tensor:
    """Tables as they should be, of pictures spread over a folder.

    Args:
        coding: whose tables they would be.
        folder: with pictures.
        pictures: of it, relative to it.
        levels: of the quality, in turn.

    Returns:
        (SCALES, ESCAPE + 1) int32.
    """
    total = coding.network.tables.double().cpu() / TOTAL * _KNOWN
    some = pictures[:: -(-len(pictures) // _COUNTED)]
    with bar("counting", len(some)) as update:
        for number, name in enumerate(some):
            try:
                image = read(folder / name).image
            except OlharError:
                continue  # packing says why
            total += coding.count(image[None], levels[number % len(levels)])
            update(number + 1)
    return as_table(total)
