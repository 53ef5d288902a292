"""Pictures to try things with: paintings that code draws, photographs that scikit-image ships.

    from olhar.samples import painting, photo, samples

    night = painting("night", size=1024, seed=7)    # (3, 1024, 1024)
    cat = photo("chelsea")                          # (3, 300, 451)
    print(samples("samples"))                       # all of them, as PNG files

The paintings are meant as styles: texture from the whole canvas down to the pixel, a palette with
lights, darks and an accent, no empty field. A seed is a painting, the same one at every size.
Cost: about a second each at 512 pixels.
"""

from __future__ import annotations

import importlib
import importlib.util
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from olhar.errors import OlharError

if TYPE_CHECKING:
    import os
    from collections.abc import Sequence

    from torch import Tensor

PAINTINGS: dict[str, str] = {
    "night": "night over a village: swirling strokes of thick oil, blue and gold",
    "lilies": "a lily pond: broken touches of oil, violet, green and rose",
    "wave": "a great wave under a red sun: a woodblock print",
    "glass": "sunrise over a river: a window of stained glass",
    "points": "evening on a bay: points of pure colour",
    "mosaic": "two fish: a Roman floor of stones",
    "azulejo": "a caravel under the sun: Portuguese tiles, blue and yellow on white",
    "ink": "a town on a river: hatching in ink, washed with colour",
}
"""Name to one line about it; each is drawn by the module of the same name."""

PHOTOS: dict[str, str] = {
    "chelsea": "a cat (Stéfan van der Walt, CC0)",
    "coffee": "a cup of coffee (Rachel Michetti, CC0)",
    "astronaut": "the astronaut Eileen Collins (NASA, public domain)",
    "rocket": "a rocket at its start (SpaceX, public domain)",
    "hubble": "galaxies in the Hubble deep field (NASA and ESA, public domain)",
    "camera": "a man with a camera, never in colour (Lav Varshney, CC0)",
}
"""Name to one line about it and where it is from."""

_FILES = {
    "chelsea": "chelsea.png",
    "coffee": "coffee.png",
    "astronaut": "astronaut.png",
    "rocket": "rocket.jpg",
    "hubble": "hubble_deep_field.jpg",
    "camera": "camera.png",
}
SMALLEST, LARGEST = 64, 2048


def painting(name: str, size: int = 512, seed: int = 0) -> Tensor:
    """Draw a painting.

    Args:
        name: one of `PAINTINGS`.
        size: its side in pixels, 64 to 2048; the composition does not depend on it.
        seed: at least 0; another seed is another painting of the same sort.

    Returns:
        (3, size, size) float32, sRGB in [0, 1]; the same for the same seed.

    Raises:
        OlharError: if there is no such painting, or size or seed is out of range.

    Example:
        >>> painting("points", size=64).shape
        torch.Size([3, 64, 64])
    """
    import numpy as np
    import torch

    from olhar.samples.canvas import resized

    _known(name, PAINTINGS, "painting")
    if not SMALLEST <= size <= LARGEST:
        raise OlharError(f"size is {size}; a painting is {SMALLEST} to {LARGEST} pixels wide")
    if seed < 0:
        raise OlharError(f"seed is {seed}; it must be 0 or more")
    draw = getattr(importlib.import_module(f"olhar.samples.{name}"), name)
    canvas = draw(np.random.default_rng(seed), max(512, min(2 * size, LARGEST)))  # (n, n, 3)
    picture = torch.from_numpy(resized(canvas, size))
    return picture.permute(2, 0, 1).contiguous().clamp_(0, 1)


def photo(name: str) -> Tensor:
    """A photograph out of the installed scikit-image; nothing is downloaded.

    Args:
        name: one of `PHOTOS`.

    Returns:
        (3, H, W) float32, sRGB in [0, 1]; 300 to 1000 pixels a side.

    Raises:
        OlharError: if there is no such photograph, or scikit-image is not installed.
    """
    from olhar.media.image import read

    _known(name, PHOTOS, "photograph")
    package = importlib.util.find_spec("skimage")  # found, not imported: that would take a second
    folders = list(package.submodule_search_locations or ()) if package else []
    for folder in folders:
        file = Path(folder, "data", _FILES[name])
        if file.is_file():
            return read(file).image
    raise OlharError(
        f"the photograph {name} comes with scikit-image, which is not installed; "
        "run: pip install scikit-image"
    )


@dataclass(frozen=True)
class Samples:
    """What `samples` wrote; prints itself."""

    folder: Path
    written: list[Path] = field(default_factory=list[Path])
    left_out: dict[str, str] = field(default_factory=dict[str, str])
    """Name to the sentence that says why."""

    @property
    def exit_code(self) -> int:
        """0: what scikit-image would have brought is a note, not a failure."""
        return 0

    def as_dict(self) -> dict[str, Any]:
        """The same as plain JSON values."""
        return {"written": [str(path) for path in self.written], "left_out": self.left_out}

    def __str__(self) -> str:
        notes = [f"note: {name}: {why}" for name, why in self.left_out.items()]
        return "\n".join([f"{self.folder}: {len(self.written)} written", *notes])


def samples(
    out: str | os.PathLike[str] = "samples",
    size: int = 512,
    seed: int = 0,
    *,
    names: Sequence[str] = (),
) -> Samples:
    """Write paintings and photographs into a folder, as PNG.

    Args:
        out: the folder; made if missing, files of the same names are replaced.
        size: side of the paintings, 64 to 2048 pixels; the photographs keep theirs.
        seed: of the paintings.
        names: which ones, out of `PAINTINGS` and `PHOTOS`; all if not given.

    Returns:
        What was written, and what was left out for lack of scikit-image.

    Raises:
        OlharError: if a name is unknown, size or seed is out of range, a file cannot be written, or
            a photograph was asked for by name and is not there.
    """
    from olhar.media.image import write
    from olhar.media.progress import bar

    for name in names:
        _known(name, {**PAINTINGS, **PHOTOS}, "sample")
    result = Samples(Path(out))
    wanted = names or (*PAINTINGS, *PHOTOS)
    with bar("drawing", total=len(wanted)) as update:
        for done, name in enumerate(wanted):
            update(done)
            try:
                image = painting(name, size, seed) if name in PAINTINGS else photo(name)
            except OlharError as error:
                if names or name in PAINTINGS:
                    raise
                result.left_out[name] = str(error)
            else:
                path = result.folder / f"{name}.png"
                result.written.append(write(path, image, mark=None))  # drawn by rules, or a photo
    return result


def _known(name: str, names: dict[str, str], what: str) -> None:
    if name not in names:
        raise OlharError(f"there is no {what} {name!r}; there are {', '.join(names)}")
