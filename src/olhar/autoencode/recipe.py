"""How an autoencoder is learned: a picture is its own teacher.

A dense or convolutional autoencoder learns to give its pictures back; with noise, to give back
pictures that it saw only through noise (Vincent et al. 2008, "Extracting and Composing Robust
Features with Denoising Autoencoders"). A denoiser has no bottleneck, works on photographs of any
size, and learns from pieces of photographs with noise of all sorts.
"""

from __future__ import annotations

from collections.abc import Iterable  # noqa: TC003  the hints are read
from dataclasses import dataclass
from pathlib import Path  # noqa: TC003
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal, cast

import numpy as np
import torch
from torch import Tensor

from olhar import hub
from olhar.autoencode.denoiser import Denoiser
from olhar.autoencode.network import Autoencoder as Network
from olhar.autoencode.network import from_tensors
from olhar.autoencode.noise import MIXED, gaussian, noisy, shares
from olhar.data import reading
from olhar.data.augment import Augment
from olhar.data.crops import Crops
from olhar.data.dataset import Datasets
from olhar.data.examples import examples
from olhar.errors import OlharError
from olhar.fields import Advanced, Source, Within
from olhar.media.picture import resize
from olhar.nets.model import built
from olhar.training.recipe import Losses, Metrics, Recipe

if TYPE_CHECKING:
    from olhar.data.dataset import Batch, Dataset
    from olhar.data.images import Images
    from olhar.hub import Card

LEVELS = (15, 25, 50)
"""Deviations of the Gaussian noise by which denoisers are measured, on the scale of 0 to 255."""
_PIECE = 64  # side of what a denoiser learns from
_MEASURED = 96  # photographs that measure a denoiser
_SIDE = 128  # of those
_ENOUGH = 2 / 255  # error below which the loss no longer counts every decibel alike
_SHOWN = 16


@dataclass(frozen=True, kw_only=True)
class Autoencoder(Recipe):
    """Says pictures in a few numbers, or takes the noise off photographs."""

    kind: ClassVar[str] = "autoencoder"

    data: Source[Path]
    """a folder of pictures"""
    architecture: Literal["dense", "conv", "denoiser"] = "conv"
    """layers around a code, or the denoiser"""
    size: Annotated[int, Within(0, 512)] = 0
    """side of the pictures; 0 is theirs, to 64"""
    latent: Annotated[int, Within(1, 65_536, search=(2, 256), log=True)] = 32
    """numbers in the code"""
    widths: Annotated[tuple[int, ...], Within(1, 8192), Advanced()] = ()
    """one per layer or scale; has its own"""
    depth: Annotated[int, Within(1, 16), Advanced()] = 2
    """convolutions per scale (conv), residual blocks per scale (denoiser)"""
    start: Annotated[str, Advanced()] = ""
    """a denoiser to go on from, as denoiser, the bundled one; empty is from nothing"""
    noise: tuple[str, ...] = ()
    """gaussian, poisson, salt-and-pepper, jpeg, camera, as often as gaussian:6 jpeg:1 says"""
    sigma: Annotated[float, Within(0, 255), Advanced()] = 55.0
    """the strongest gaussian noise, on the scale of 0 to 255"""
    fit: Annotated[Literal["crop", "pad", "stretch"], Advanced()] = "crop"
    """what of a picture that is no square: its middle, all between grey bars, all distorted"""
    validation: Annotated[float, Within(0.01, 0.9), Advanced()] = 0.1
    """share of the pictures that measures, unless the data is split already"""
    augment: Augment = Augment()  # noqa: RUF009  frozen

    epochs: int = 30
    schedule: Literal["cosine", "onecycle", "linear", "constant"] = "constant"
    ema: float = 0.998

    def __post_init__(self) -> None:
        super().__post_init__()
        shares(self.noise)
        if self.architecture == "denoiser" and self.size % 8:
            raise OlharError(f"size is {self.size}; for a denoiser it must be a multiple of 8")
        if self.start and self.architecture != "denoiser":
            raise OlharError(
                f"start is {self.start}, and only a denoiser goes on from another; "
                "say --architecture denoiser, or leave it out"
            )
        if self.start and self.widths:
            raise OlharError("widths are given, but those of start hold; leave one of the two out")
        if self.augment.mixes:
            raise OlharError("mixup and cutmix mix classes, and an autoencoder learns none")

    @property
    def noises(self) -> dict[str, float]:
        """Kind of noise to how often it comes; a denoiser learns all of them if none is named."""
        return shares(self.noise or (MIXED if self.architecture == "denoiser" else ()))

    # Steps 2 and 3: data.

    def datasets(self) -> Datasets:
        """Pictures, near-duplicates on one side of the split; for a denoiser pieces of them."""
        source = self._read()
        if self.architecture != "denoiser":
            return source.datasets(self.augment)
        parts = source.split()
        side = source.cached.size
        return Datasets(
            train=Crops(
                source.cached, parts.train, size=self.size or _PIECE, side=side, seed=self.seed
            ),
            validation=source.images(
                reading.mixed(parts.validation)[:_MEASURED], size=min(_SIDE, side)
            ),
            notes=(*source.examples.notes, *source.cached.notes, *parts.notes),
            described=f"{len(parts.train):,} photographs, measured on "
            f"{min(_MEASURED, len(parts.validation)):,} others",
            fingerprint=source.fingerprint(parts),
        )

    def measured_on(self, card: Card, part: str) -> tuple[Dataset, str, tuple[str, ...]]:
        """What a model of this kind is measured on, at its size; see `Recipe.measured_on`."""
        architecture = card.arguments["architecture"]
        size: int = card.arguments.get("size", self.size)
        source = self.replace(architecture=architecture, size=size)._read()
        images, name = reading.part(source, part, card.fingerprint)
        if architecture == "denoiser":
            rows = reading.mixed(images.rows)[:_MEASURED]
            images = source.images(rows, size=min(_SIDE, source.cached.size))
        return images, name, source.cached.notes

    def _read(self) -> reading.Read:
        how = reading.Reading(
            size=self.size, fit=self.fit, validation=self.validation, test=0, seed=self.seed
        )
        found = examples(self.data)
        if self.architecture != "denoiser":
            return reading.read(found, how)
        return reading.read_large(found, how)

    # Step 4: the architecture.

    def network(self, datasets: Datasets) -> Network | Denoiser:
        """One of the three."""
        chosen: dict[str, Any] = {"widths": self.widths} if self.widths else {}
        if self.start:
            return self._begun()
        if self.architecture == "denoiser":
            return Denoiser(blocks=self.depth, **chosen)
        train = cast("Images", datasets.train)
        mean, deviation = train.statistics()
        return Network(
            self.architecture,
            size=train.size,
            latent=self.latent,
            depth=self.depth,
            mean=[float(each) for each in mean],
            deviation=[max(1 / 255, float(each)) for each in deviation],  # flat channels stay so
            **chosen,
        )

    def _begun(self) -> Denoiser:
        """The denoiser to go on from, with the widths that it has."""
        card, tensors = hub.load(self.start)
        if card.kind != self.kind or card.arguments.get("architecture") != "denoiser":
            raise OlharError(
                f"start is {self.start}, which takes no noise off; it can be a denoiser, or empty"
            )
        network = built(card, tensors, from_tensors)
        assert isinstance(network, Denoiser)
        return network.train()

    # Step 1: the objective.

    def loss(self, network: Network | Denoiser, batch: Batch) -> Losses:
        """Mean squared error; of a denoiser its logarithm, so that a decibel is a decibel.

        Strong noise leaves a hundred times the error of weak noise, and would be all that a mean
        counts. log(1 + error / enough) counts every decibel of every image alike, down to an error
        that nobody sees.
        """
        images = batch["image"].float()
        given = noisy(images, self.noises, self.sigma) if self.noises else images
        if self.architecture == "denoiser":
            error = _errors(network(_laid(given, batch["image"])), images)
            return {"loss": torch.log1p(error / _ENOUGH**2).mean()}
        given = given.clamp(0, 1) if self.noises else given
        return {"loss": _errors(network(_laid(given, batch["image"])), images).mean()}

    # Step 6: evaluation.

    def evaluate(
        self, network: Network | Denoiser, batches: Iterable[Batch], *, thorough: bool = False
    ) -> Metrics:
        """PSNR: of reconstructions, or of what a denoiser makes of Gaussian noise, always the same.

        With `thorough`, of reconstructions also the error that 99 of 100 pictures stay below.
        """
        if isinstance(network, Denoiser):
            return _denoised(network, batches)
        errors: list[Tensor] = []
        for batch in batches:
            images = batch["image"].float()
            errors.append(_errors(network(batch["image"]).clamp(0, 1), images).cpu())
        error = torch.cat(errors)
        found: Metrics = {"loss": float(error.mean()), "psnr": float(_psnr(error).mean())}
        if thorough:
            found["error_p99"] = float(error.sqrt().quantile(0.99))
        return found

    def show(self, network: Network | Denoiser, batch: Batch) -> Tensor:
        """Pictures in columns: what is given, what is made of it, what it should be."""
        images = batch["image"][:_SHOWN].float()
        generator = torch.Generator().manual_seed(self.seed)
        kinds = {"gaussian": 1.0} if self.architecture == "denoiser" else self.noises
        given = noisy(images, kinds, 50.0, generator) if kinds else images
        clipped = given.clamp(0, 1)
        seen = given if self.architecture == "denoiser" else clipped
        made = network(_laid(seen, batch["image"])).float().clamp(0, 1)
        rows = [clipped, made, images] if kinds else [images, made]
        return columns(rows)

    def card(self, datasets: Datasets) -> dict[str, Any]:
        """What its pictures must be."""
        if self.architecture == "denoiser":
            return {}
        size = cast("Images", datasets.train).size
        return {"preprocessing": {"size": size, "fit": self.fit}}


def columns(rows: list[Tensor], side: int = 128) -> Tensor:
    """Batches (N, 3, S, S) below each other, eight images to a row -> (3, H, W)."""
    tiles = torch.stack([resize(each.cpu(), (side, side)) for each in rows], 1)  # (N, R, 3, S, S)
    across = min(8, len(tiles))
    tiles = torch.cat([tiles, tiles.new_ones(-len(tiles) % across, *tiles.shape[1:])])
    tiles = tiles.view(-1, across, *tiles.shape[1:])  # (M, across, R, 3, S, S)
    return tiles.permute(3, 0, 2, 4, 1, 5).reshape(3, -1, across * side)


def _denoised(network: Denoiser, batches: Iterable[Batch]) -> Metrics:
    errors: dict[int, list[Tensor]] = {level: [] for level in LEVELS}
    generator = torch.Generator().manual_seed(0)
    for batch in batches:
        images = batch["image"].float()
        for level in LEVELS:
            given = gaussian(images, level, generator)
            made = network(_laid(given, batch["image"])).clamp(0, 1)
            errors[level].append(_errors(made, images).cpu())
    found = {f"psnr_{level}": float(_psnr(torch.cat(errors[level])).mean()) for level in LEVELS}
    return {"loss": -float(np.mean([*found.values()])), **found}


def _errors(made: Tensor, images: Tensor) -> Tensor:
    """(N,) mean squared errors."""
    return (made.float() - images).square().mean((1, 2, 3))


def _psnr(errors: Tensor) -> Tensor:
    return -10 * errors.clamp(min=1e-10).log10()


def _laid(given: Tensor, like: Tensor) -> Tensor:
    """In the memory format of the batch."""
    last = like.is_contiguous(memory_format=torch.channels_last)
    return given.contiguous(memory_format=torch.channels_last if last else torch.contiguous_format)
