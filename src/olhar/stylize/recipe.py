"""How a style is learned: a network is taught to do in one pass what an optimisation does in many.

The loss is that of the optimisation (`olhar.stylize.network`): the content of the photograph, the
style of the paintings, as VGG-16 sees them (Johnson, Alahi and Fei-Fei 2016). Beside it a piece of
a photograph that is seen a few pixels further, through some noise, has to become the same picture
moved as far, or the strokes of a film would boil (after Gupta et al. 2017, "Characterizing and
Improving Stability in Neural Style Transfer").

Cost: some 2 CPU-seconds a step on a core with bfloat16. A style that goes on from another (`start`)
is after 30 steps where one from nothing is after 120, and stays ahead of it.
"""

from __future__ import annotations

from collections.abc import Iterable  # noqa: TC003  the hints are read
from dataclasses import dataclass
from functools import lru_cache
from hashlib import blake2b
from pathlib import Path  # noqa: TC003
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

import numpy as np
import torch
import tyro
from torch import Tensor

from olhar.data import reading
from olhar.data.crops import Crops
from olhar.data.dataset import Datasets
from olhar.data.examples import examples
from olhar.errors import OlharError
from olhar.fields import Advanced, Place, Source, Within
from olhar.media.files import shown
from olhar.media.image import read
from olhar.nets.precision import fast_dtype
from olhar.nets.vgg import bundled_vgg16
from olhar.stylize.apply import CONTENT_WEIGHT, paintings
from olhar.stylize.learned import load
from olhar.stylize.network import Objective
from olhar.stylize.settings import SHORTEST, Stylize
from olhar.stylize.stylizer import Stylizer
from olhar.training.recipe import Losses, Metrics, Recipe

if TYPE_CHECKING:
    from olhar.data.dataset import Batch, Dataset
    from olhar.hub import Card

SHOWN_AT = 512
"""Longer side of a picture that shows a painting as large as itself at stroke 1, in pixels."""
_PIECE = 192  # side of what is learned from
_MEASURED = 64  # photographs that measure
_HELD = 5.0  # what a squared difference of what was moved counts at steadiness 1, as in a film
_FURTHER = 8  # pixels by which a piece is moved, at most
_NOISE = 0.04  # deviation of the noise that it is seen through, at most
_MARGIN = 16  # pixels at the border of what was moved that are not compared
_SHOWN = 8


@dataclass(frozen=True, kw_only=True)
class Stylization(Recipe):
    """Learns to restyle any photograph after paintings in one pass."""

    kind: ClassVar[str] = "stylizer"
    objective: ClassVar[tuple[str, ...]] = ("style", "strength", "stroke", "steady", "smooth")

    data: Source[Path]
    """a folder of photographs, of anything"""
    style: Annotated[tuple[Path, ...], Place(), tyro.conf.arg(metavar="PAINTING")]
    """one painting, or several to mix"""
    strength: Annotated[float, Within(0.001, 1e3, search=(0.25, 4), log=True)] = 1.0
    """how much of the painting: 0.5 keeps more of the photograph, 3 dissolves it"""
    stroke: Annotated[float, Within(0.05, 20, search=(0.25, 2), log=True)] = 1.0
    """size of the strokes; 1 shows the painting as large as a picture of 512 pixels"""
    steady: Annotated[float, Within(0, 100, search=(0.3, 3), log=True)] = 1.0
    """how much strokes must move with what they paint, for films; 0 is not at all"""
    size: Annotated[int, Within(0, 512)] = 0
    """side of the pieces it learns from; 0 is 192, or that of smaller photographs"""
    start: Annotated[str, Advanced()] = "night"
    """a style to go on from, which is sooner than from nothing (empty)"""
    widths: Annotated[tuple[int, ...], Within(1, 8192), Advanced()] = (32, 64)
    """channels at 1/2 and 1/4 of the size"""
    blocks: Annotated[int, Within(1, 64), Advanced()] = 5
    """residual blocks at 1/4"""
    least: Annotated[int, Within(1, 1_000_000), Advanced()] = 2000
    """pieces of photographs in an epoch, about: few photographs give several each"""
    smooth: Annotated[float, Within(0, 1000, search=(0, 2)), Advanced()] = 0.5
    """how much neighbouring pixels are held together; 0 leaves all grain"""
    validation: Annotated[float, Within(0.01, 0.9), Advanced()] = 0.1
    """share of the photographs that measures, unless the data is split already"""

    epochs: int = 1
    """times each photograph is seen, and if they are few, oftener"""
    batch_size: int = 4
    learning_rate: float = 2e-3
    weight_decay: float = 0.0
    ema: float = 0.99
    layout: Literal["auto", "contiguous", "channels_last"] = "contiguous"

    def __post_init__(self) -> None:
        super().__post_init__()
        if not self.style:
            raise OlharError("no style was given; at least one painting is needed")
        if len(self.widths) != 2:
            raise OlharError(
                f"widths are {list(self.widths)}; give two, of 1/2 and 1/4 of the size"
            )

    # Steps 2 and 3: data.

    def datasets(self) -> Datasets:
        """Pieces of photographs, near-duplicates on one side of the split, and the paintings."""
        styles = blake2b(digest_size=8)
        for painting in _paintings(self.style, self.stroke):
            styles.update(painting.numpy().tobytes())
        source = self._read()
        parts = source.split()
        times = max(1, round(self.least / len(parts.train)))
        side = source.cached.size
        size = self._side(side)
        if size < SHORTEST:
            raise OlharError(
                f"pieces of {size} pixels show no style; give photographs with sides of at least "
                f"{SHORTEST} pixels, and a size of no less"
            )
        return Datasets(
            train=Crops(
                source.cached, np.tile(parts.train, times), size=size, side=side, seed=self.seed
            ),
            validation=source.images(reading.mixed(parts.validation)[:_MEASURED], size=size),
            notes=(*source.examples.notes, *source.cached.notes, *parts.notes),
            described=f"{len(parts.train):,} photographs, measured on "
            f"{min(_MEASURED, len(parts.validation)):,} others",
            fingerprint=f"{source.fingerprint(parts)}-{styles.hexdigest()}",
        )

    def measured_on(self, card: Card, part: str) -> tuple[Dataset, str, tuple[str, ...]]:
        """What a model of this kind is measured on, at the size that it learned from."""
        source = self._read()
        images, name = reading.part(source, part, card.fingerprint.partition("-")[0])
        side = self._side(source.cached.size)
        rows = reading.mixed(images.rows)[:_MEASURED]
        return source.images(rows, size=side), name, source.cached.notes

    def _read(self) -> reading.Read:
        how = reading.Reading(
            size=self.size, fit="crop", validation=self.validation, test=0, seed=self.seed
        )
        return reading.read_large(examples(self.data), how)

    def _side(self, most: int) -> int:
        """Of the pieces that are learned from."""
        return self.size or min(_PIECE, most // 4 * 4 or most)

    # Step 4: the architecture.

    def network(self, datasets: Datasets) -> Stylizer:  # noqa: ARG002
        """One pass, any size; one that has learned a style knows most of the next."""
        if not self.start:
            return Stylizer(self.widths, self.blocks)
        network = load(self.start, "cpu")
        if network.arguments != {"widths": [*self.widths], "blocks": self.blocks}:
            raise OlharError(
                f"start is {self.start}, a network of other widths or blocks; leave widths and "
                "blocks out, or let start be empty"
            )
        return network.train()

    # Step 1: the objective.

    def loss(self, network: Any, batch: Batch) -> Losses:
        """Content and style as VGG-16 sees them, and what moved differently."""
        images = batch["image"].float()
        made = network(images).float()
        objective = self._objective(images.device.type)
        with torch.autocast(images.device.type, enabled=False):
            objective.resemble(images)
            found = objective(made)
        losses: Losses = {"loss": found.total, "content": found.content, "style": found.style}
        if self.steady:
            losses["unsteady"] = _unsteady(network, images, made)
            losses["loss"] = found.total + _HELD * self.steady * losses["unsteady"]
        return losses

    def _objective(self, device: str) -> Objective:
        changed = tuple(path.stat().st_mtime_ns for path in self.style)
        return _objective(self.style, changed, self.stroke, self.strength, self.smooth, device)

    # Step 6: evaluation.

    def evaluate(
        self,
        network: Any,
        batches: Iterable[Batch],
        *,
        thorough: bool = False,  # noqa: ARG002
    ) -> Metrics:
        """What the optimisation minimises, of its parts each, and how strokes moved.

        `content` and `style` are relative to the photograph's features and the paintings' Gram
        matrices, 0 if equal; `unsteady` is the root mean square difference, in [0, 1], between a
        picture that was moved and the picture of what was moved.
        """
        torch.manual_seed(self.seed)  # the same shifts and noise each time
        rows: dict[str, list[float]] = {}
        count: list[int] = []
        for batch in batches:
            losses = self.replace(steady=1.0).loss(network, batch)
            for name, value in losses.items():
                rows.setdefault(name, []).append(float(value))
            count.append(len(batch["image"]))
        found = {name: float(np.average(values, weights=count)) for name, values in rows.items()}
        moved = found.pop("unsteady")
        loss = found["loss"] + (self.steady - 1.0) * _HELD * moved
        return {**found, "loss": loss, "unsteady": moved**0.5}

    def show(self, network: Any, batch: Batch) -> Tensor:
        """Photographs above what becomes of them."""
        images = batch["image"][:_SHOWN].float()
        rows = [images, network(images).float()]
        return torch.cat([torch.cat([*row], 2) for row in rows], 1).clamp(0, 1)


@torch.no_grad()
def _moved(images: Tensor) -> tuple[Tensor, slice, slice]:
    """Pieces of images (N, 3, S, S), some pixels further, through noise; and which they are."""
    side = images.shape[-1]
    further = max(1, min(_FURTHER, side // 8))
    down, across = (int(torch.randint(further + 1, ())) for _ in range(2))
    rows, columns = (slice(start, start + side - further) for start in (down, across))
    strength = _NOISE * torch.rand(len(images), 1, 1, 1, device=images.device)
    pieces = images[:, :, rows, columns]
    return (pieces + strength * torch.randn_like(pieces)).clamp(0, 1), rows, columns


def _unsteady(network: Any, images: Tensor, made: Tensor) -> Tensor:
    """Mean squared difference of what is made of moved images and what was made, moved."""
    pieces, rows, columns = _moved(images)
    margin = min(_MARGIN, images.shape[-1] // 4)
    inner = slice(margin, -margin)
    apart = network(pieces).float() - made[:, :, rows, columns]
    return apart[:, :, inner, inner].square().mean()


@lru_cache(maxsize=2)
def _objective(
    style: tuple[Path, ...],
    changed: tuple[int, ...],  # noqa: ARG001  a painting may be another by now
    stroke: float,
    strength: float,
    smooth: float,
    device: str,
) -> Objective:
    """What is minimised; it is told of every batch anew."""
    vgg = bundled_vgg16(device, fast_dtype(device))
    styles = [painting[None].to(device) for painting in _paintings(style, stroke)]
    nothing = torch.zeros(1, 3, 16, 16, device=device)
    weights = [1.0] * len(styles)
    return Objective(vgg, nothing, styles, weights, "gram", CONTENT_WEIGHT / strength, smooth)


def _paintings(style: tuple[Path, ...], stroke: float) -> list[Tensor]:
    """The paintings, as large as they are shown."""
    for path in style:
        if not path.exists():
            raise OlharError(
                f"there is no painting {shown(path)}, and by it a style is learned and measured; "
                "put it there, or give another"
            )
    found = [read(path).image for path in style]
    return paintings(torch.zeros(3, 64, 64), found, Stylize(size=SHOWN_AT, stroke=stroke))
