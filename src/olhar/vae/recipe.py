"""How a variational autoencoder is learned: the ELBO, both terms in nats, the sum in bits.

What is minimised is the bound in bits per dimension: dividing both terms by one number keeps them
in balance, and makes one learning rate fit pictures of all sizes. `--beta` and `--free-bits` change
what is minimised, and never what is measured: "bits" is the bound itself.
"""

from __future__ import annotations

from collections.abc import Iterable  # noqa: TC003  the hints are read
from dataclasses import dataclass
from pathlib import Path  # noqa: TC003
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal, cast

import numpy as np
import torch
from torch import Tensor

from olhar.data import reading
from olhar.data.augment import Augment
from olhar.data.dataset import Datasets
from olhar.data.examples import examples
from olhar.fields import Advanced, Source, Within
from olhar.training.recipe import Losses, Metrics, Recipe
from olhar.vae.bound import Terms, free, importance
from olhar.vae.likelihood import bits
from olhar.vae.network import VAE
from olhar.vae.sheet import grid

if TYPE_CHECKING:
    from olhar.data.dataset import Batch, Dataset
    from olhar.data.images import Images
    from olhar.hub import Card

_LOOKED_AT = 200  # pictures that say whether there is colour
_COLUMNS = 8
_SMALLEST = 4  # side at which vectors are read off
_PLACED = 10_000  # pictures whose latents say where pictures lie


@dataclass(frozen=True, kw_only=True)
class Vae(Recipe):
    """Makes pictures like those it has learned from."""

    kind: ClassVar[str] = "vae"

    data: Source[Path]
    """pictures in folders, a table, a known set"""
    size: Annotated[int, Within(0, 1024)] = 0
    """side of the pictures, a multiple of 4; 0 is theirs, up to 64"""
    fit: Annotated[Literal["crop", "pad", "stretch"], Advanced()] = "crop"
    """what of a picture that is no square: its middle, all between grey bars, all distorted"""
    validation: Annotated[float, Within(0.01, 0.9), Advanced()] = 0.1
    """share of the pictures that chooses the best epoch, unless the data is split already"""
    test: Annotated[float, Within(0, 0.9), Advanced()] = 0.1
    """share that measures at the end, unless the data is split already"""
    latent: Annotated[int, Within(0, 65_536)] = 0
    """numbers, or channels of maps; 0: 32 or 48"""
    shape: Literal["auto", "vector", "maps"] = "auto"
    """one vector, as for digits, or maps that keep places; auto goes by colour"""
    likelihood: Annotated[
        Literal["auto", "logistic", "mixture", "gaussian", "bernoulli"], Advanced()
    ] = "auto"
    """of the pixels; auto is mixture for colour and logistic for grey"""
    scale: Annotated[Literal["pixel", "channel"], Advanced()] = "pixel"
    """logistic, gaussian: a width said for each pixel, or learned for each channel"""
    components: Annotated[int, Within(1, 64), Advanced()] = 3
    """of the mixture"""
    grey: Annotated[Literal["auto", "yes", "no"], Advanced()] = "auto"
    """model one channel and not three; auto looks whether the pictures have colours"""
    widths: Annotated[tuple[int, ...], Within(1, 8192), Advanced()] = ()
    """channels after each halving; has its own"""
    depth: Annotated[int, Within(1, 64), Advanced()] = 1
    """residual blocks after each halving"""
    beta: Annotated[float, Within(0, 1000, search=(0.1, 10), log=True)] = 1.0
    """weight of the divergence; 1 is the bound, more is smoother and less exact"""
    warm_beta: Annotated[int, Within(0, 1_000_000), Advanced()] = 300
    """steps in which beta rises from nothing, so that latents are used before they are paid for"""
    free_bits: Annotated[float, Within(0, 1000), Advanced()] = 0.0
    """nats that each latent channel may cost for nothing, against idle ones"""
    importance: Annotated[int, Within(1, 100_000), Advanced()] = 64
    """latents per picture in the tighter bound that is measured at the end"""
    augment: Augment = Augment()  # noqa: RUF009  frozen

    epochs: int = 50
    learning_rate: float = 2e-3
    ema: float = 0.999

    # Steps 2 and 3: data.

    def datasets(self) -> Datasets:
        """Read, decode once, keep near-duplicates together, split."""
        source = self._read()
        parts = source.split()
        return Datasets(
            train=source.images(parts.train, self.augment),
            validation=source.images(reading.mixed(parts.validation)),
            test=source.images(reading.mixed(parts.test)) if len(parts.test) else None,
            classes=source.examples.classes,
            notes=(*source.examples.notes, *source.cached.notes, *parts.notes),
            described=source.examples.described,
            fingerprint=source.fingerprint(parts),
        )

    def measured_on(self, card: Card, part: str) -> tuple[Dataset, str, tuple[str, ...]]:
        """See `Recipe.measured_on`."""
        source = self.replace(size=card.arguments["size"])._read()
        images, name = reading.part(source, part, card.fingerprint)
        return images, name, source.cached.notes

    def _read(self) -> reading.Read:
        how = reading.Reading(
            size=self.size,
            fit=self.fit,
            validation=self.validation,
            test=self.test,
            seed=self.seed,
        )
        return reading.read(examples(self.data), how)

    # Step 4: the architecture.

    def network(self, datasets: Datasets) -> VAE:
        """A `VAE`; what was left open goes by whether the pictures have colours."""
        train = cast("Images", datasets.train)
        grey = self.grey == "yes" or (self.grey == "auto" and _is_grey(train))
        vector = self.shape == "vector" or (self.shape == "auto" and grey)
        chosen = "logistic" if grey else "mixture"
        return VAE(
            size=train.size,
            channels=1 if grey else 3,
            latent=self.latent or (32 if vector else 48),
            vector=vector,
            widths=self.widths or (_until_small(train.size) if vector else (64, 128)),
            depth=self.depth,
            likelihood=chosen if self.likelihood == "auto" else self.likelihood,
            scale=self.scale,
            components=self.components,
        )

    # Step 1: the objective.

    def loss(self, network: Any, batch: Batch) -> Losses:
        """The bound in bits per dimension, with beta and free bits; both terms in nats."""
        terms: Terms = network(batch["image"])
        reconstruction = terms.reconstruction.mean()
        beta = self.beta * self._warmth(network)
        cost = reconstruction + beta * free(terms.groups, self.free_bits)
        return {
            "loss": bits(cost, network.dimensions),
            "reconstruction": reconstruction,
            "divergence": terms.divergence.mean(),
            "bits": bits(terms.bound.mean(), network.dimensions),
        }

    def _warmth(self, network: Any) -> Tensor | float:
        """From nothing to 1 (Sønderby et al. 2016, "Ladder variational autoencoders", 2.3)."""
        if not network.training or not self.warm_beta:
            return 1.0
        network.steps += 1
        return (network.steps / self.warm_beta).clamp_max(1)

    # Step 6: evaluation.

    def evaluate(
        self, network: Any, batches: Iterable[Batch], *, thorough: bool = False
    ) -> Metrics:
        """Both terms in nats per picture, the ELBO in bits per dimension, and a tighter bound."""
        terms: list[Terms] = []
        tighter: list[Tensor] = []
        for batch in batches:
            terms.append(network(batch["image"]))
            if thorough:
                tighter.append(importance(network.log_weights(batch["image"], self.importance)))
        reconstruction = _mean([each.reconstruction for each in terms])
        divergence = _mean([each.divergence for each in terms])
        measured: Metrics = {
            "bits": bits(reconstruction + divergence, network.dimensions),
            "reconstruction": reconstruction,
            "divergence": divergence,
        }
        if thorough:
            name = f"bits_iwae_{self.importance}"
            measured[name] = bits(-_mean(tighter), network.dimensions)
        return measured

    def settle(self, network: Any, batches: Iterable[Batch]) -> None:  # noqa: ARG002
        """Draw new pictures from where those that taught the network lie, as it sees them now."""
        if not network.clustered:
            return
        train = self.datasets().train
        some = np.linspace(0, len(train) - 1, min(_PLACED, len(train))).astype(np.int64)
        device = network.steps.device
        generator = torch.Generator().manual_seed(self.seed)
        found: list[Tensor] = []
        for rows in np.split(some, range(self.batch_size, len(some), self.batch_size)):
            posterior = network.encode(network.values(train.batch(rows, device=device)["image"]))
            noise = torch.randn(posterior.mean.shape, generator=generator).to(device)
            found.append(posterior.mean + posterior.log_scale.exp() * noise)
        network.settle(torch.cat(found))

    def score(self, metrics: Metrics) -> float:
        """A high bound."""
        return -metrics["bits"]

    def show(self, network: Any, batch: Batch) -> Tensor:
        """Two rows of pictures, two of their reconstructions, two of samples."""
        images = batch["image"][: 2 * _COLUMNS]
        values = network.values(images)
        made = network.mean(network.encode(values).mean)
        drawn = network.mean(network.draw(2 * _COLUMNS))
        rows = [_full_rows(each) for each in (values.expand(-1, 3, -1, -1), made, drawn)]
        return grid(torch.cat(rows).float(), _COLUMNS)

    def card(self, datasets: Datasets) -> dict[str, Any]:
        """What its pictures must be."""
        size = cast("Images", datasets.train).size
        return {"preprocessing": {"size": size, "fit": self.fit}}


def _is_grey(train: Images) -> bool:
    some = np.arange(0, len(train), -(-len(train) // _LOOKED_AT))
    images = train.batch(some)["image"]
    return bool((images[:, 1:] == images[:, :1]).all())


def _until_small(size: int) -> tuple[int, ...]:
    """32, 64, ... for as many halvings as lead to a side of 4 or so."""
    halvings = 1
    while size % 2 ** (halvings + 1) == 0 and size // 2**halvings > _SMALLEST:
        halvings += 1
    return tuple(min(32 * 2**level, 256) for level in range(halvings))


def _mean(parts: list[Tensor]) -> float:
    return float(torch.cat(parts).double().mean())


def _full_rows(images: Tensor) -> Tensor:
    """With white pictures at the end, so that the next rows begin on the left."""
    missing = -len(images) % _COLUMNS
    return torch.cat([images, images.new_ones(missing, *images.shape[1:])])
