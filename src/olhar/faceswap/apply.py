"""Swapping faces: of two people who agreed, in pictures and films.

    picture = swap(photo.image, "runs/ana-rui", "consent.json", to="b")

What is done stands in `olhar.faceswap.swapping`; here it is asked whether it may be, and the label
that people see is drawn.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypeAlias

from olhar.errors import OlharError
from olhar.faceswap.cast import wanted
from olhar.faceswap.network import from_tensors
from olhar.faceswap.permission import permitted
from olhar.faceswap.settings import Swap
from olhar.faceswap.swapping import Swapping
from olhar.media.label import label, needed
from olhar.media.process import LeftOut
from olhar.nets.model import loaded

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from torch import Tensor

    from olhar.faceswap.network import Side, Swapper

Model: TypeAlias = str | os.PathLike[str]
"""A run folder or a `.safetensors` file."""
Records: TypeAlias = Model | Sequence[Model]
"""One consent, or several (`olhar.faceswap.permission.permitted`)."""


def load(model: Model, device: str | None = None) -> Swapper:
    """Load a network that swaps faces.

    Args:
        model: a run folder or a `.safetensors` file.
        device: where it computes; the fastest of this machine if left out.

    Raises:
        OlharError: if there is no such model, or it is of another kind.
    """
    needs = "swapping faces needs a faceswap; train one with olhar train faceswap"
    _, network = loaded(model, {"faceswap": from_tensors}, needs, device)
    return network


def swap(
    image: Tensor,
    model: Model,
    consent: Records,
    settings: Swap | None = None,
    *,
    to: Side = "b",
    person: Sequence[str] = (),
    device: str | None = None,
    **changes: Any,
) -> Tensor:
    """Swap the faces in an image.

    It carries a visible label, unless the consent says that the work is evidently artistic. Whoever
    writes it says so in the file too: `write(path, swapped, mark=record.on(hub.mark("swapped",
    model)))`.

    Args:
        image: (3, H, W) in [0, 1].
        model: a run folder or a `.safetensors` file.
        consent: the record it was trained with (`olhar.faceswap.permission.permitted`).
        settings: how it is done; the defaults if not given.
        to: whose face takes the place of the other.
        person: who is swapped, the largest being "1"; whoever the model knows, if left out.
        device: see `load`.
        changes: single fields of the settings, as in `swap(..., blend="poisson")`.

    Returns:
        (3, H, W) in [0, 1]; outside the masks and the label as it was, bit for bit.

    Raises:
        OlharError: if the consent does not cover it, there is no such model, the image has another
            shape or shows nobody who is to be swapped.
    """
    chosen = replace(settings or Swap(), **changes)
    record = permitted(model, _several(consent))
    work = Swapping(load(model, device), chosen, to, wanted(person, to))
    try:
        picture = work.picture(image)
    except LeftOut as why:
        raise OlharError(f"the image {why}") from None
    return label(picture) if needed("swapped", record) else picture


def swap_frames(
    frames: Iterable[Tensor],
    model: Model,
    consent: Records,
    settings: Swap | None = None,
    *,
    to: Side = "b",
    person: Sequence[str] = (),
    rate: float = 25.0,
    device: str | None = None,
    **changes: Any,
) -> Iterator[Tensor]:
    """Swap the faces in a film.

    Args:
        frames: images (3, H, W) in [0, 1] of one size, in order of time; about 35 are taken in
            advance.
        model: as for `swap`.
        consent: as for `swap`.
        settings: as for `swap`.
        to: as for `swap`.
        person: as for `swap`; people are numbered as they come, the larger first.
        rate: frames a second.
        device: as for `swap`.
        changes: as for `swap`.

    Returns:
        An iterator of as many images of the same size, labelled as by `swap`.

    Raises:
        OlharError: as `swap`.
    """
    chosen = replace(settings or Swap(), **changes)
    record = permitted(model, _several(consent))
    work = Swapping(load(model, device), chosen, to, wanted(person, to))
    made = work.film(frames, rate)
    return map(label, made) if needed("swapped", record) else made


def _several(given: Records) -> Sequence[Model]:
    """One or several paths."""
    return [given] if isinstance(given, (str, os.PathLike)) else given
