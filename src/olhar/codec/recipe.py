"""How a codec is learned: as few bits as possible, as little error as possible, at all qualities.

    loss = bits per pixel + weight(quality) * mean squared error

The weight that belongs to a quality is the one for which a plain quantiser's steps would be those
that the network starts with. Each picture of a batch is coded at a quality of its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence  # noqa: TC003  the hints are read
from dataclasses import dataclass
from pathlib import Path  # noqa: TC003
from typing import TYPE_CHECKING, Annotated, ClassVar, Literal, cast

import numpy as np
import torch
from torch import Tensor

from olhar import hub
from olhar.codec import network as networks
from olhar.codec.network import BLOCK, weights
from olhar.codec.network import Codec as Network
from olhar.data import reading
from olhar.data.crops import Crops
from olhar.data.dataset import Datasets
from olhar.data.examples import examples
from olhar.errors import OlharError
from olhar.fields import Advanced, Source, Within
from olhar.media.picture import resize
from olhar.nets.model import built
from olhar.training.recipe import Group, Losses, Metrics, Recipe

if TYPE_CHECKING:
    from olhar.data.dataset import Batch, Dataset
    from olhar.hub import Card

QUALITIES = (0.0, 0.25, 0.5, 0.75, 1.0)
"""At which codecs are measured."""
_SCALES = (0.85, 0.7, 0.55)  # below 1, so that what JPEG did to the photographs is averaged away
_MEASURED = 64  # photographs that measure
_SIDE = 160  # of those
_SHOWN = 8
_EVEN = 0.45  # power of the weight by which the loss grows with the quality


@dataclass(frozen=True, kw_only=True)
class Codec(Recipe):
    """Stores photographs in few bytes."""

    kind: ClassVar[str] = "codec"

    data: Source[Path]
    """a folder of photographs, perhaps with train/ and validation/ in it"""
    start: str = ""
    """a codec to go on from; empty is a new one"""
    quality: Annotated[int, Within(-1, 100)] = -1
    """the only quality that is learned; -1 is all"""
    adapt: Annotated[bool, Advanced()] = False
    """move only what is small, to fit a codec to one folder"""
    size: Annotated[int, Within(32, 512)] = 96
    """side of the pieces that are learned from, a multiple of 8"""
    validation: Annotated[float, Within(0.01, 0.9), Advanced()] = 0.05
    """share of the pictures that measures, unless the data is split already"""

    epochs: int = 20
    batch_size: int = 8
    learning_rate: float = 1e-3
    weight_decay: float = 0.0
    schedule: Literal["cosine", "onecycle", "linear", "constant"] = "constant"
    ema: float = 0.998

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.size % BLOCK:
            raise OlharError(f"size is {self.size}; it must be a multiple of {BLOCK}")

    # Steps 2 and 3: data.

    def datasets(self) -> Datasets:
        """Pieces of photographs, near-duplicates on one side of the split."""
        source = self._read()
        parts = source.split()
        side = source.cached.size
        rows = reading.mixed(parts.validation)[:_MEASURED]
        return Datasets(
            train=Crops(
                source.cached,
                parts.train,
                size=self.size,
                side=side,
                scales=(1.0,) if self.adapt else _SCALES,
                seed=self.seed,
            ),
            validation=source.images(rows, size=min(_SIDE, side)),
            notes=(*source.examples.notes, *source.cached.notes, *parts.notes),
            described=f"{len(parts.train):,} photographs, measured on {len(rows):,} others",
            fingerprint=source.fingerprint(parts),
        )

    def measured_on(self, card: Card, part: str) -> tuple[Dataset, str, tuple[str, ...]]:
        """Photographs at the size of the protocol; see `Recipe.measured_on`."""
        source = self._read()
        images, name = reading.part(source, part, card.fingerprint)
        rows = reading.mixed(images.rows)[:_MEASURED]
        size = min(_SIDE, source.cached.size)
        return source.images(rows, size=size), name, source.cached.notes

    def _read(self) -> reading.Read:
        how = reading.Reading(
            size=self.size, fit="crop", validation=self.validation, test=0, seed=self.seed
        )
        found = examples(self.data, task="none")
        return reading.read_large(found, how)

    # Step 4: the architecture.

    def network(self, datasets: Datasets) -> Network:  # noqa: ARG002
        """A codec that exists, or a new one."""
        if not self.start:
            return Network()
        card, tensors = hub.load(self.start)
        if card.kind != "codec":
            raise OlharError(f"start is {self.start}, a {card.kind}; it can be a codec, or empty")
        return built(card, tensors, networks.from_tensors).train()

    def parameter_groups(self, network: Network) -> Sequence[Group]:
        """Curves and the transforms that start as cosines move more slowly than the rest.

        To adapt a codec, only curves, biases and what paints at half the size are trained.
        """
        if self.adapt:
            return [Group([dict(network.named_parameters())[name] for name in small(network)])]
        slow = [network.take, network.keep, network.give, network.paint, network.steps]
        known = {id(p) for module in slow for p in module.parameters()}
        rest = [p for p in network.parameters() if id(p) not in known]
        return [
            Group([p for module in slow for p in module.parameters()], rate=0.3, orthogonal=False),
            Group([p for p in rest if p.ndim > 1]),
            Group([p for p in rest if p.ndim < 2], weight_decay=0.0),
        ]

    # Step 1: the objective.

    def loss(self, network: Network, batch: Batch) -> Losses:
        """Bits and errors of pictures, each at a quality of its own, all counted about alike."""
        images = batch["image"].float()
        quality = torch.rand(len(images), device=images.device)
        if self.quality >= 0:
            quality = torch.full_like(quality, self.quality / 100)
        image, bits = network(batch["image"], quality)
        bpp = bits / images[0, 0].numel()
        error = (image.float() - images).square().mean((1, 2, 3))
        weight = weights(quality)
        loss = (bpp + weight * error) * (weight / weights(torch.tensor(0.5))) ** -_EVEN
        return {"loss": loss.mean(), "bpp": bpp.mean(), "error": error.sqrt().mean()}

    # Step 6: evaluation.

    def evaluate(
        self,
        network: Network,
        batches: Iterable[Batch],
        *,
        thorough: bool = False,  # noqa: ARG002
    ) -> Metrics:
        """Estimated bits per pixel and PSNR at some qualities; the mean of the losses."""
        qualities = (self.quality / 100,) if self.quality >= 0 else QUALITIES
        sums = torch.zeros(len(qualities), 3, dtype=torch.float64)
        count = 0
        for batch in batches:
            images = batch["image"].float()
            count += len(images)
            for row, chosen in enumerate(qualities):
                quality = torch.full((len(images),), chosen, device=images.device)
                image, bits = network(batch["image"], quality)
                error = (image.float().clamp(0, 1) - images).square().mean((1, 2, 3))
                bpp = bits / images[0, 0].numel()
                psnr = -10 * error.clamp(min=1e-10).log10()
                sums[row] += torch.stack([bpp, error, psnr]).double().sum(1).cpu()
        rows = cast("list[list[float]]", (sums / count).tolist())
        weight = weights(torch.tensor(qualities))
        even = (weight / weights(torch.tensor(0.5))) ** -_EVEN
        losses = [
            (bpp + float(w) * error) * float(e)
            for (bpp, error, _), w, e in zip(rows, weight, even, strict=True)
        ]
        found: Metrics = {"loss": float(np.mean(losses))}
        for chosen, (bpp, _, psnr) in zip(qualities, rows, strict=True):
            found |= {f"bpp_{round(100 * chosen)}": bpp, f"psnr_{round(100 * chosen)}": psnr}
        return found

    def show(self, network: Network, batch: Batch) -> Tensor:
        """Photographs below each other: as they are, at the middle quality, at the lowest."""
        images = batch["image"][:_SHOWN]
        rows = [images.float()]
        for chosen in (0.5, 0.0) if self.quality < 0 else (self.quality / 100,):
            quality = torch.full((len(images),), chosen, device=images.device)
            rows.append(network(images, quality).image.float().clamp(0, 1))
        tiles = [resize(each.cpu(), (_SIDE, _SIDE)) for each in rows]  # (N, 3, S, S) each
        return torch.cat([torch.cat([*row], 2) for row in tiles], 1)


def small(network: Network) -> list[str]:
    """Names of the parameters that adapt a codec to one folder: few enough to travel with it."""
    return [
        name
        for name, parameter in network.named_parameters()
        if parameter.ndim == 1 or "knots" in name or name.startswith("refine")
    ]
