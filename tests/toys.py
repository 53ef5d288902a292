"""Four small recipes on drawn pictures: what the contract must be able to say, said plainly.

One network and one loss (`Stripes`), a loss of two terms with randomness inside (`Blobs`), two sets
of data with an encoder in common (`Twins`), two optimisers against each other (`Duel`); and, as a
sketch of transfer learning, a part that is frozen at first and then trained slowly (`Thaw`).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from olhar.data.dataset import Batch, Datasets, Tensors
from olhar.training.recipe import Group, Losses, Metrics, Minimizer, Phase, Recipe

SIDE = 8


def drawn(count: int, slope: float, seed: int) -> tuple[Tensor, Tensor]:
    """Pictures (N, 3, 8, 8) with a horizontal (0) or vertical (1) ramp, and which it is."""
    generator = torch.Generator().manual_seed(seed)
    target = torch.arange(count) % 2
    ramp = torch.linspace(0, slope, SIDE).expand(SIDE, SIDE)
    image = torch.where(target[:, None, None] == 1, ramp, ramp.T)[:, None].repeat(1, 3, 1, 1)
    noise = torch.rand(image.shape, generator=generator)
    return (0.8 * image + 0.2 * noise).clamp(0, 1), target


def tiles(*rows: Tensor) -> Tensor:
    """Batches side by side, one batch per row: a picture (3, H, W)."""
    return torch.cat([torch.cat([*row.clamp(0, 1)], 2) for row in rows], 1)


@dataclass(frozen=True, kw_only=True)
class Toy(Recipe):
    """Drawn pictures."""

    epochs: int = 3
    batch_size: int = 20
    learning_rate: float = 3e-3
    examples: int = 50

    def datasets(self) -> Datasets:
        image, target = drawn(self.examples, 1.0, self.seed)
        cut = self.examples * 4 // 5
        return Datasets(
            train=Tensors(image=image[:cut], target=target[:cut]),
            validation=Tensors(image=image[cut:], target=target[cut:]),
            classes=("rows", "columns"),
            described=f"{self.examples} drawn ramps",
            fingerprint=f"ramps {self.examples} {self.seed}",
        )

    def show(self, network: Any, batch: Batch) -> Tensor:
        return tiles(batch["image"])

    def mean_loss(self, network: Any, batches: Iterable[Batch]) -> Metrics:
        losses = [self.loss(network, batch)["loss"] for batch in batches]
        return {"loss": torch.stack(losses).mean().item()}


class Linear(nn.Module):
    def __init__(self, classes: int = 2, dropout: float = 0.2) -> None:
        super().__init__()
        self.arguments = {"classes": classes, "dropout": dropout}
        self.layers = nn.Sequential(
            nn.Conv2d(3, 4, 3, padding=1),
            nn.BatchNorm2d(4),
            nn.ReLU(),
            nn.Flatten(),
            nn.Dropout(dropout),
            nn.Linear(4 * SIDE * SIDE, classes),
        )

    def forward(self, image: Tensor) -> Tensor:
        return self.layers(image)


@dataclass(frozen=True, kw_only=True)
class Stripes(Toy):
    """Tells rows from columns."""

    kind: ClassVar[str] = "toy-stripes"

    def network(self, datasets: Datasets) -> nn.Module:
        return Linear(len(datasets.classes))

    def loss(self, network: Any, batch: Batch) -> Losses:
        return {"loss": F.cross_entropy(network(batch["image"]).float(), batch["target"])}

    def score(self, metrics: Metrics) -> float:
        return metrics["accuracy"]

    def evaluate(self, network: Any, batches: Iterable[Batch], *, thorough=False) -> Metrics:
        right = [network(b["image"]).argmax(1).eq(b["target"]) for b in batches]
        return {"accuracy": torch.cat(right).float().mean().item()}


class Blur(nn.Module):
    """A variational autoencoder with two numbers in the middle."""

    def __init__(self, latent: int = 2) -> None:
        super().__init__()
        self.arguments = {"latent": latent}
        self.encoder = nn.Linear(3 * SIDE * SIDE, 2 * latent)
        self.decoder = nn.Linear(latent, 3 * SIDE * SIDE)

    def encode(self, image: Tensor) -> tuple[Tensor, Tensor]:
        mean, spread = self.encoder(image.flatten(1)).float().chunk(2, 1)
        return mean, spread

    def decode(self, code: Tensor) -> Tensor:
        return self.decoder(code).sigmoid().unflatten(1, (3, SIDE, SIDE))


@dataclass(frozen=True, kw_only=True)
class Blobs(Toy):
    """Generates ramps."""

    kind: ClassVar[str] = "toy-blobs"
    beta: float = 0.1
    ema: float = 0.9

    def network(self, datasets: Datasets) -> nn.Module:
        return Blur()

    def loss(self, network: Any, batch: Batch) -> Losses:
        mean, spread = network.encode(batch["image"])
        code = mean + torch.randn_like(mean) * (0.5 * spread).exp()
        distance = F.mse_loss(network.decode(code).float(), batch["image"])
        divergence = 0.5 * (mean.square() + spread.exp() - 1 - spread).mean()
        return {"loss": distance + self.beta * divergence, "divergence": divergence}

    def evaluate(self, network: Any, batches: Iterable[Batch], *, thorough=False) -> Metrics:
        return self.mean_loss(network, batches)

    def show(self, network: Any, batch: Batch) -> Tensor:
        return tiles(batch["image"], network.decode(network.encode(batch["image"])[0]))


class Pair(nn.Module):
    """An encoder in common and a decoder for each of two sets."""

    def __init__(self) -> None:
        super().__init__()
        self.arguments: dict[str, Any] = {}
        self.encoder = nn.Conv2d(3, 8, 3, padding=1)
        self.decoders = nn.ModuleDict({side: nn.Conv2d(8, 3, 3, padding=1) for side in "ab"})

    def forward(self, image: Tensor, side: str) -> Tensor:
        return self.decoders[side](self.encoder(image).relu()).sigmoid()


@dataclass(frozen=True, kw_only=True)
class Twins(Toy):
    """Draws one set in the manner of another."""

    kind: ClassVar[str] = "toy-twins"
    accumulate: int = 2
    batch_size: int = 8

    def datasets(self) -> Datasets:
        (a, _), (b, _) = drawn(self.examples, 1.0, self.seed), drawn(self.examples, 0.4, 99)
        cut = self.examples * 4 // 5
        return Datasets(
            train=Tensors(image=a[:cut], b=b[:cut]),
            validation=Tensors(image=a[cut:], b=b[cut:]),
            described="two sets of ramps",
            fingerprint=f"twins {self.examples} {self.seed}",
        )

    def network(self, datasets: Datasets) -> nn.Module:
        return Pair()

    def loss(self, network: Any, batch: Batch) -> Losses:
        a = F.l1_loss(network(batch["image"], "a").float(), batch["image"])
        b = F.l1_loss(network(batch["b"], "b").float(), batch["b"])
        return {"loss": a + b, "a": a, "b": b}

    def evaluate(self, network: Any, batches: Iterable[Batch], *, thorough=False) -> Metrics:
        return self.mean_loss(network, batches)

    def show(self, network: Any, batch: Batch) -> Tensor:
        return tiles(batch["image"], network(batch["image"], "b"))


class Rivals(nn.Module):
    """A generator, and a critic that tells its pictures from the drawn ones."""

    def __init__(self) -> None:
        super().__init__()
        self.arguments: dict[str, Any] = {}
        self.generator = nn.Sequential(nn.Linear(4, 3 * SIDE * SIDE), nn.Sigmoid())
        self.critic = nn.Linear(3 * SIDE * SIDE, 1)


@dataclass(frozen=True, kw_only=True)
class Duel(Toy):
    """Generates ramps that a critic takes for drawn."""

    kind: ClassVar[str] = "toy-duel"

    def network(self, datasets: Datasets) -> nn.Module:
        return Rivals()

    def parameter_groups(self, network: Any) -> Sequence[Group]:
        return [
            Group(network.generator.parameters(), optimizer="generator"),
            Group(network.critic.parameters(), rate=2.0, optimizer="critic"),
        ]

    def made(self, network: Any, batch: Batch) -> Tensor:
        return network.generator(torch.randn(len(batch["image"]), 4, device=batch["image"].device))

    def loss(self, network: Any, batch: Batch) -> Losses:
        return {"loss": F.softplus(-network.critic(self.made(network, batch))).mean()}

    def step(self, network: Any, batch: Batch, optimizers: Mapping[str, Minimizer]) -> Losses:
        losses = self.loss(network, batch)
        optimizers["generator"].minimize(losses["loss"])
        real = network.critic(batch["image"].flatten(1))
        fake = network.critic(self.made(network, batch).detach())
        critic = (F.softplus(-real) + F.softplus(fake)).mean()
        optimizers["critic"].minimize(critic)
        return {**losses, "critic": critic}

    def evaluate(self, network: Any, batches: Iterable[Batch], *, thorough=False) -> Metrics:
        return self.mean_loss(network, batches)


@dataclass(frozen=True, kw_only=True)
class Thaw(Stripes):
    """Trains the last layer first, then all of them."""

    kind: ClassVar[str] = "toy-thaw"
    epochs: int = 4

    def phases(self) -> Sequence[Phase]:
        head = self.epochs // 2
        return [
            Phase("head", head, frozen=("layers.0", "layers.1")),
            Phase("all", self.epochs - head, rate=0.1),
        ]

    def parameter_groups(self, network: Any) -> Sequence[Group]:
        early = [*network.layers[0].parameters(), *network.layers[1].parameters()]
        return [Group(early, rate=0.1), Group(network.layers[5].parameters())]


TOYS = {toy.kind: toy for toy in (Stripes, Blobs, Twins, Duel, Thaw)}
