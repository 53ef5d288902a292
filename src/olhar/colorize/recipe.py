"""How a colorizer is learned: a photograph is its own teacher.

The network sees lightness and says a distribution over colours for each place; the loss is the
cross-entropy with the true colour, weighted by rarity (`bins`). Half of the images come with hints
and as if they were old (`practice`). At first the encoder, which knows things from ImageNet, stays
as it is and the decoder learns to use it; then both learn, the encoder more slowly and without its
first layers.

Which state is kept is decided by the loss and not by PSNR, which likes the dullest colours best.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence  # noqa: TC003  the hints are read
from dataclasses import dataclass
from pathlib import Path  # noqa: TC003
from typing import TYPE_CHECKING, Annotated, ClassVar, Literal, cast

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from olhar import hub
from olhar.colorize import network as networks
from olhar.colorize.bins import encode, rarity
from olhar.colorize.measures import PROTOCOL, SIDE, Table, painted
from olhar.colorize.network import ColorNet
from olhar.colorize.practice import aged, simulated
from olhar.data import reading
from olhar.data.augment import Augment
from olhar.data.dataset import Datasets
from olhar.data.examples import examples
from olhar.errors import OlharError
from olhar.fields import Advanced, Source, Within
from olhar.media.color import srgb_to_lab
from olhar.media.picture import resize
from olhar.nets.model import built
from olhar.training.recipe import Group, Losses, Metrics, Phase, Recipe

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from torch import nn

    from olhar.data.dataset import Batch, Dataset
    from olhar.data.images import Images
    from olhar.hub import Card

_FIXED = ("encoder.stem", "encoder.stages.0", "encoder.stages.1")
"""What of the encoder is never learned: edges and textures, at half the cost of all of it."""
_GREY = 4.0  # mean chroma under which a picture has no colours to learn from
_COUNTED = 2000  # pictures whose colours decide what is rare
_SHOWN = 40


@dataclass(frozen=True, kw_only=True)
class Colorizer(Recipe):
    """Gives black-and-white photographs plausible colours."""

    kind: ClassVar[str] = "colorizer"

    data: Source[Path]
    """a folder of colour photographs, perhaps with train/ and validation/ in it"""
    start: str = "colorizer"
    """a colorizer to go on from, an efficientnet-lite0 to begin with, or nothing"""
    size: Annotated[int, Within(32, 512)] = 128
    """side of the squares that are learned from, a multiple of 32"""
    validation: Annotated[float, Within(0.01, 0.9), Advanced()] = 0.05
    """share of the pictures that measures, unless the data is split already"""
    frozen: Annotated[float, Within(0, 1), Advanced()] = 0.5
    """share of the epochs in which the encoder stays as it is"""
    encoder_rate: Annotated[float, Within(0, 1), Advanced()] = 0.3
    """of the encoder, times the learning rate"""
    rebalance: Annotated[float, Within(0, 1), Advanced()] = 0.5
    """how much rare colours count: the power of their weights"""
    hints: Annotated[float, Within(0, 1), Advanced()] = 0.5
    """share of the images that come with hints"""
    aging: Annotated[float, Within(0, 1), Advanced()] = 0.5
    """share of the images that are made to look old"""
    augment: Augment = Augment(crop=0.4, stretch=1.15, mirror="random")  # noqa: RUF009  frozen

    epochs: int = 20
    batch_size: int = 32
    learning_rate: float = 1e-3
    schedule: Literal["cosine", "onecycle", "linear", "constant"] = "constant"
    ema: float = 0.999

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.size % ColorNet.multiple:
            raise OlharError(f"size is {self.size}; it must be a multiple of {ColorNet.multiple}")

    # Steps 2 and 3: data.

    def datasets(self) -> Datasets:
        """Pictures that have colours, near-duplicates on one side of the split."""
        source = self._read()
        parts = source.split()
        colored = _colored(source)
        train, validation = (rows[colored[rows]] for rows in (parts.train, parts.validation))
        if not len(train) or not len(validation):
            raise OlharError(
                f"{self.data} has {len(train)} pictures in colour to learn from and "
                f"{len(validation)} to measure on; give a folder of colour photographs"
            )
        grey = len(parts.train) + len(parts.validation) - len(train) - len(validation)
        told = [f"{grey:,} pictures are grey and teach no colours: left out"] if grey else []
        return Datasets(
            train=source.images(train, self.augment),
            validation=source.images(reading.mixed(validation), size=SIDE),
            notes=(*source.examples.notes, *source.cached.notes, *parts.notes, *told),
            described=f"{len(train):,} colour photographs, measured on {len(validation):,} others",
            fingerprint=source.fingerprint(parts),
        )

    def measured_on(self, card: Card, part: str) -> tuple[Dataset, str, tuple[str, ...]]:
        """Pictures in colour at the size of the protocol; see `Recipe.measured_on`."""
        source = self._read()
        images, name = reading.part(source, part, card.fingerprint)
        rows = images.rows[_colored(source)[images.rows]]
        if not len(rows):
            raise OlharError(f"{self.data} has no pictures in colour to measure on")
        return source.images(rows, size=SIDE), name, source.cached.notes

    def _read(self) -> reading.Read:
        how = reading.Reading(
            size=self.size, fit="crop", validation=self.validation, test=0, seed=self.seed
        )
        return reading.read(examples(self.data, task="none"), how)

    # Step 4: the architecture.

    def network(self, datasets: Datasets) -> ColorNet:
        """A colorizer that exists, or a new one around an encoder that exists, or neither."""
        if self.start:
            card, tensors = hub.load(self.start)
            if card.kind == "colorizer":
                return built(card, tensors, networks.from_tensors).train()
            if card.kind != "efficientnet-lite0":
                raise OlharError(
                    f"start is {self.start}, a {card.kind}; it can be a colorizer, an "
                    "efficientnet-lite0, or empty"
                )
            network = ColorNet(trained_at=self.rebalance)
            network.encoder.load_state_dict(tensors)
        else:
            network = ColorNet(trained_at=self.rebalance)
        counts, network.tint[:] = _counted(cast("Images", datasets.train), len(network.bins))
        network.rarity.copy_(rarity(counts))
        return network

    def phases(self) -> Sequence[Phase]:
        """The decoder, then the encoder too; from nothing, all of it at once."""
        if not self.start:
            return [Phase("training", self.epochs)]
        first = round(self.frozen * self.epochs)
        both = Phase("both", self.epochs - first, frozen=_FIXED)
        phases = [Phase("decoder", first, frozen=("encoder",)), both]
        return [phase for phase in phases if phase.epochs]

    def parameter_groups(self, network: ColorNet) -> Sequence[Group]:
        """Encoder and decoder, each with and without decay."""
        decoder: list[nn.Module] = [network.whole, network.decoder, network.head]
        sides = {self.encoder_rate: [network.encoder], 1.0: decoder}
        return [
            Group(
                [p for module in modules for p in module.parameters() if (p.ndim > 1) == big],
                rate=rate,
                weight_decay=None if big else 0.0,
            )
            for rate, modules in sides.items()
            for big in (True, False)
        ]

    # Step 1: the objective.

    def loss(self, network: ColorNet, batch: Batch) -> Losses:
        """Cross-entropy of photographs made old, with hints."""
        lab = srgb_to_lab(batch["image"].contiguous())
        light, ab = lab[:, :1], lab[:, 1:]
        return {"loss": _loss(network, aged(light, self.aging), simulated(ab, self.hints), ab)}

    # Step 6: evaluation.

    def evaluate(
        self, network: ColorNet, batches: Iterable[Batch], *, thorough: bool = False
    ) -> Metrics:
        """The safe and the vivid colours, beside grey and one tint for all (`measures`)."""
        table, losses = Table(thorough=thorough), list[Tensor]()
        for batch in batches:
            lab = srgb_to_lab(batch["image"].contiguous())
            none = torch.zeros_like(lab)
            said = network(lab[:, :1], none)
            losses.append(_cross_entropy(network, said.logits, lab[:, 1:]).mean((1, 2)))
            table.add(
                lab,
                {
                    "grey": lab.new_zeros(2, 1, 1),
                    "tint": network.tint[:, None, None],
                    "safe": network.decode(said, 0.0),
                    "half": network.decode(said, 0.5),
                    "vivid": network.decode(said, 1.0),
                },
            )
        rows = table.rows()
        return {
            "loss": float(torch.cat(losses).mean()),
            "psnr": rows["safe"]["psnr"],
            "gain": rows["safe"]["psnr"] - rows["tint"]["psnr"],
            "ab_ratio": rows["safe"]["ab_error"] / rows["tint"]["ab_error"],
            "colorfulness": rows["vivid"]["colorfulness"],
            "protocol": PROTOCOL,
            "rows": rows,
        }

    def show(self, network: ColorNet, batch: Batch) -> Tensor:
        """Photographs in rows: grey, safe, vivid, true."""
        lab = srgb_to_lab(batch["image"][:_SHOWN].contiguous())
        light = lab[:, :1]
        said = network(light, torch.zeros_like(lab))
        safe, vivid = (painted(light, network.decode(said, v)) for v in (0.0, 1.0))
        grey = painted(light, torch.zeros_like(lab[:, 1:]))
        tiles = torch.stack([grey, safe, vivid, painted(light, lab[:, 1:])], 1)  # (N, 4, 3, S, S)
        tiles = resize(tiles.flatten(0, 1).float(), (128, 128)).view(-1, 4, 3, 128, 128)
        tiles = torch.cat([tiles, tiles[: -len(tiles) % 2]])  # two photographs to a row
        return tiles.view(-1, 8, 3, 128, 128).permute(2, 0, 3, 1, 4).reshape(3, -1, 8 * 128)


def _loss(network: ColorNet, light: Tensor, hints: Tensor, ab: Tensor) -> Tensor:
    return _cross_entropy(network, network(light, hints).logits, ab).mean()


def _cross_entropy(network: ColorNet, logits: Tensor | None, ab: Tensor) -> Tensor:
    """Weighted by rarity, (N, h, w)."""
    assert logits is not None
    height, width = logits.shape[-2:]
    bins, shares = encode(F.adaptive_avg_pool2d(ab, (height, width)))  # (N, 5, h, w)
    said = logits.float().log_softmax(1).gather(1, bins)
    weight = (network.trained_at * network.rarity)[bins[:, 0]].exp()
    return -(said * shares).sum(1) * weight


def _colored(source: reading.Read) -> NDArray[np.bool_]:
    """(N,) whether a picture has colours."""
    found: list[NDArray[np.bool_]] = []
    for start in range(0, len(source.examples), 64):
        rows = source.cached.rows(np.arange(start, min(start + 64, len(source.examples))))
        small = torch.from_numpy(rows[:, ::4, ::4]).permute(0, 3, 1, 2).float() / 255
        chroma = srgb_to_lab(small)[:, 1:].square().sum(1).sqrt().mean((1, 2))
        found.append((chroma > _GREY).numpy().astype(np.bool_))
    return np.concatenate(found)


def _counted(train: Images, bins: int) -> tuple[Tensor, Tensor]:
    """How often each bin occurs, (Q,), and the mean a* and b*, (2,)."""
    counts, total = torch.zeros(bins), torch.zeros(2)
    some = np.arange(0, len(train), -(-len(train) // _COUNTED))
    for part in np.array_split(some, -(-len(some) // 64)):
        ab = srgb_to_lab(train.batch(part)["image"])[:, 1:]
        ab = F.adaptive_avg_pool2d(ab, ab.shape[-1] // 4)
        counts += torch.bincount(encode(ab)[0][:, 0].flatten(), minlength=bins)
        total += ab.mean((2, 3)).sum(0)
    return counts, total / len(some)
