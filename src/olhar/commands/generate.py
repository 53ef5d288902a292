"""`olhar generate`."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import tyro

from olhar.commands.shared import Output
from olhar.media.files import shown
from olhar.vae.apply import generate as make

ModelName = Annotated[str, tyro.conf.arg(metavar="RUN")]


@dataclass(frozen=True)
class Made:
    """Where pictures that were made are."""

    path: Path
    count: int
    side: int
    exit_code: int = 0

    def __str__(self) -> str:
        return f"{shown(self.path)}: {self.count} pictures of {self.side} x {self.side} pixels"

    def as_dict(self) -> dict[str, Any]:
        """The same as JSON values."""
        return {"file": str(self.path), "pictures": self.count, "side": self.side}


def generate(
    *,
    output: Output,
    model: ModelName,
    count: int = 64,
    seed: int = 0,
    temperature: float = 1.0,
) -> Made:
    """Make new pictures with a model.

    The model is one that olhar train vae has made. All pictures go into one,
    in rows, each as the model expects it, without the noise of its pixels.

    Args:
        output: a picture of all of them, as grid.png
        model: a run folder, a .safetensors file or the name of a model
        count: how many
        seed: the same seed makes the same pictures
        temperature: how far from the usual: 1 is what was learned, 0.7 is
            tamer, at 0 few pictures are different
    """
    sheet = make(model, count, seed, temperature)
    return Made(sheet.save(output), count, sheet.pictures.shape[-1])
