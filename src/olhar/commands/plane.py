"""`olhar plane`."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any

import torch
import tyro
from torch import Tensor

from olhar.commands.coder import coder
from olhar.commands.generate import ModelName
from olhar.commands.pictures import AT_ONCE, check_drawing, pictures, squares
from olhar.commands.shared import Output
from olhar.data.examples import several
from olhar.errors import OlharError
from olhar.look.plane import Plane
from olhar.media.files import shown
from olhar.media.progress import bar
from olhar.nets.linalg import components
from olhar.vae.plane import manifold

_LEAST = 3


@dataclass(frozen=True)
class Drawn:
    """Where a drawing of a plane is."""

    path: Path
    count: int
    failed: dict[Path, str] = field(default_factory=dict[Path, str])

    @property
    def exit_code(self) -> int:
        """1 if a picture could not be read."""
        return 1 if self.failed else 0

    def __str__(self) -> str:
        failures = [f"failed: {why}" for why in self.failed.values()]
        return "\n".join([f"{shown(self.path)}: {several(self.count, 'picture')}", *failures])

    def as_dict(self) -> dict[str, Any]:
        """The same as JSON values."""
        failed = {str(path): why for path, why in self.failed.items()}
        return {"file": str(self.path), "pictures": self.count, "failed": failed}


def plane(
    folder: Annotated[Path | None, tyro.conf.arg(metavar="FOLDER")] = None,
    /,
    *,
    output: Output,
    model: ModelName,
) -> Drawn:
    """Draw where a model places pictures.

    Each picture of the folder is a dot in the plane in which their codes
    differ most, in the colour of the folder that it lies in: what the model
    finds alike lies together. The model is one of olhar train autoencoder or
    vae. Of a vae with a vector of two numbers, without a folder, all pictures
    that it can make are drawn.

    Args:
        folder: pictures, perhaps in folders of classes
        output: the drawing, as plane.png
        model: a run folder, a .safetensors file or the name of a model
    """
    check_drawing(output)
    if folder is None:
        sheet = manifold(model)
        return Drawn(sheet.save(output), len(sheet.pictures))
    use = coder(model)
    failed: dict[Path, str] = {}
    files = pictures(folder, failed)
    codes: dict[Path, Tensor] = {}
    with bar("placing", total=len(files)) as update:
        for start in range(0, len(files), AT_ONCE):
            images = squares(files[start : start + AT_ONCE], use.size, use.fit, failed)
            if images:
                codes.update(zip(images, use.encode(torch.cat([*images.values()])), strict=True))
            update(min(start + AT_ONCE, len(files)))
    if len(codes) < _LEAST:
        raise OlharError(
            f"a plane needs {_LEAST} pictures or more, and of {shown(folder)} "
            f"{several(len(codes), 'picture')} could be read"
        )
    points = components(torch.stack([*codes.values()]).flatten(1))
    classes = tuple(file.parent.name if file.parent != folder else "" for file in codes)
    several_classes = len({*classes}) > 1
    drawing = Plane(points=points, classes=classes if several_classes else ())
    return Drawn(drawing.save(output), len(codes), failed)
