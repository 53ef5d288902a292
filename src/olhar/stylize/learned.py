"""Restyle photographs and films by a network that has learned a style: one pass, no iterations.

    picture = olhar.stylize(photo.image, "night", size=1080)

Cost: 0.1 to 0.14 CPU-seconds at 512 pixels where the processor has bfloat16, less than a hundredth
of the optimisation; 3.3 at 2048. Memory: some 230 bytes a pixel. The loss that both minimise is 1.9
times that of the optimisation (`benchmarks/stylizer.py`).
"""

from __future__ import annotations

import os
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

import torch

from olhar import hub
from olhar.errors import OlharError
from olhar.media.image import resize
from olhar.nets.engine import run
from olhar.nets.model import loaded
from olhar.nets.precision import fast_dtype
from olhar.stylize.colors import keep_colors
from olhar.stylize.settings import Stylize, check_size
from olhar.stylize.stylizer import Stylizer, from_tensors

if TYPE_CHECKING:
    from torch import Tensor

KINDS = {"stylizer": from_tensors}
Learned: TypeAlias = str | os.PathLike[str] | Stylizer
"""A run folder, a file, the name of a model, or a network from `load`."""
BYTES_PER_PIXEL = 230
"""Peak memory per pixel of the result, beside 0.8 GB for torch (measured)."""
_HEEDED = ("size", "colors", "steady")
"""Of the settings; what else there is, was chosen in the training."""


def is_learned(path: str | os.PathLike[str]) -> bool:
    """Whether a name is that of a style that was learned, and not of a painting's file."""
    text, file = os.fspath(path), Path(path)
    if file.is_dir():
        return True
    if file.is_file() or file.suffix:
        return file.suffix == ".safetensors"
    return text in bundled() or hub.is_repository(text)


def bundled() -> list[str]:
    """Names of the styles that came with olhar."""
    return [card.name for card in hub.bundled() if card.kind in KINDS]


def load(name: Learned, device: str | None = None) -> Stylizer:
    """Load a network that has learned a style.

    Args:
        name: a run folder, a `.safetensors` file or the name of a model; a network is passed
            through.
        device: where it computes; the fastest of this machine if left out.

    Raises:
        OlharError: if there is no such model, or it is of another kind.
    """
    if isinstance(name, Stylizer):
        return name
    needed = "a style is learned by olhar train stylizer"
    return loaded(name, KINDS, needed, device)[1]


def check(settings: Stylize) -> None:
    """Refuse what a style that was learned cannot do any more.

    Raises:
        OlharError: if a setting that is chosen in the training has not its default.
    """
    usual = Stylize()
    for name in vars(usual):
        if name not in _HEEDED and getattr(settings, name) != getattr(usual, name):
            raise OlharError(
                f"{name} is {getattr(settings, name)}, and a style that was learned has its own; "
                "leave it out, or give a painting"
            )


@torch.inference_mode()
def restyle(
    image: Tensor,
    model: Learned,
    settings: Stylize | None = None,
    *,
    device: str | None = None,
    **changes: Any,
) -> Tensor:
    """Restyle an image by a network that has learned how; as `olhar.stylize` does with a model.

    Args:
        image: (3, H, W) in [0, 1].
        model: see `load`.
        settings: of which `size` and `colors` are heeded, and of films `steady`.
        device: see `load`.
        changes: single fields of the settings.

    Returns:
        (3, H', W') in [0, 1] on the CPU, its longer side `settings.size`, in the image's
        proportions.

    Raises:
        OlharError: if the image has another shape, a setting was chosen in the training, or there
            is no such model.
    """
    settings = replace(settings or Stylize(), **changes)
    check(settings)
    network = load(model, device)
    shape = tuple(image.shape)
    if image.ndim != 3 or shape[0] != 3 or 0 in shape or not image.is_floating_point():
        raise OlharError(
            f"the image has shape {shape} and {image.dtype}; it must be (3, H, W), floating point"
        )
    height, width = check_size(image, settings.size, BYTES_PER_PIXEL)
    where = next(network.parameters()).device
    batch = resize(image.float().cpu(), (height, width))[None].clamp(0, 1).to(where)
    picture = run(network, "stylizer", partial(restyled, network), batch)[0].cpu().clamp(0, 1)
    return keep_colors(picture, image) if settings.colors == "content" else picture


def restyled(network: Stylizer, batch: Tensor) -> Tensor:
    """(N, 3, H, W) in one pass, computed in what is fast on its device."""
    fast = fast_dtype(str(batch.device))
    with torch.autocast(batch.device.type, fast, enabled=fast != torch.float32):
        return network(batch).float()
