"""`olhar samples`."""

from pathlib import Path
from typing import Annotated

import tyro

from olhar.commands.outcome import Said
from olhar.errors import OlharError
from olhar.media.image import write
from olhar.media.progress import bar
from olhar.samples import PAINTINGS, PHOTOS, painting, photo


def samples(
    names: tuple[str, ...] = (),
    /,
    *,
    output: Annotated[Path | None, tyro.conf.arg(aliases=("-o",), metavar="FOLDER")] = None,
    size: int = 512,
    seed: int = 0,
) -> Said:
    """Draw sample paintings to try things with.

    The paintings are drawn by code, so they are free to use; the photographs come with
    scikit-image, if that is installed. Without -o, only says what there is.

    Args:
        names: Which ones; all if left out.
        output: Where to write them, as PNG.
        size: Side of a painting in pixels.
        seed: Another seed, another painting of the same sort.
    """
    there = {**PAINTINGS, **PHOTOS}
    for name in names:
        if name not in there:
            raise OlharError(f"there is no sample {name!r}; there are {', '.join(there)}")
    wanted = names or tuple(there)
    if output is None:
        lines = [f"{name:<12}{there[name]}" for name in wanted]
        return Said("\n".join(lines), {"samples": {name: there[name] for name in wanted}})
    written: list[Path] = []
    left: list[str] = []
    with bar("drawing", total=len(wanted)) as update:
        for done, name in enumerate(wanted):
            update(done)
            try:
                image = painting(name, size, seed) if name in PAINTINGS else photo(name)
            except OlharError as error:
                if names:
                    raise
                left.append(f"note: {name}: {error}")
                continue
            written.append(write(output / f"{name}.png", image))
    return Said(
        "\n".join([f"{output}: {len(written)} written", *left]),
        {"written": [str(path) for path in written], "notes": left},
    )
