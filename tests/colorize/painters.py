"""Painters small enough to know what they will say."""

import numpy as np
import torch
import torch.nn.functional as F
from skimage import data
from torch import Tensor, nn

from olhar.colorize.bins import grid, mean
from olhar.colorize.painter import Said
from olhar.media.color import srgb_to_lab


def photo(name: str) -> Tensor:
    """A photograph of scikit-image, (3, H, W) in [0, 1]."""
    return torch.from_numpy(np.ascontiguousarray(getattr(data, name)())).permute(2, 0, 1) / 255


class Fake(nn.Module):
    """Says a random function of lightness and hints, at a quarter of the size, as bins."""

    side, multiple, takes_hints = 64, 8, True
    bins: Tensor

    def __init__(self, seed: int = 0) -> None:
        super().__init__()
        torch.manual_seed(seed)
        self.conv = nn.Conv2d(4, 261, 9, stride=4, padding=4)
        self.register_buffer("bins", grid().clone())
        self.seen: list[tuple[Tensor, Tensor]] = []
        self.eval()

    def forward(self, light: Tensor, hints: Tensor) -> Said:
        self.seen.append((light, hints))
        assert light.shape[-2] % self.multiple == light.shape[-1] % self.multiple == 0
        x = torch.cat([light / 50 - 1, hints[:, :2] / 110, hints[:, 2:]], 1)
        return Said(logits=30 * self.conv(x))

    def log_probabilities(self, said: Said, vivid: float) -> Tensor:
        assert said.logits is not None
        return (said.logits * (0.2 + vivid)).log_softmax(1)

    def decode(self, said: Said, vivid: float) -> Tensor:
        return mean(self.log_probabilities(said, vivid), self.bins)


class Constant(Fake):
    """Says the same distribution everywhere: some colours, (a*, b*) to a probability."""

    def __init__(self, colors: dict[tuple[float, float], float]) -> None:
        super().__init__()
        self.colors = colors

    def forward(self, light: Tensor, hints: Tensor) -> Said:
        super().forward(light, hints)
        share = sum(
            p * (-(self.bins - torch.tensor(c)).square().sum(1) / 50).softmax(0)
            for c, p in self.colors.items()
        )
        logits = (share + 1e-6).log()[None, :, None, None]
        return Said(logits=logits.expand(1, -1, light.shape[-2] // 4, light.shape[-1] // 4))

    def log_probabilities(self, said: Said, vivid: float) -> Tensor:
        return said.logits.log_softmax(1)


class Knowing(Fake):
    """Knows the colours of one image, blurred, and doubts them by a deviation in units of ab."""

    def __init__(self, image: Tensor, doubt: float, share: float = 1.0) -> None:
        super().__init__()
        self.ab, self.doubt, self.share = srgb_to_lab(image)[None, 1:], doubt, share

    def forward(self, light: Tensor, hints: Tensor) -> Said:
        size = light.shape[-2] // 4, light.shape[-1] // 4
        ab = self.share * F.interpolate(self.ab, size, mode="bilinear", antialias=True)
        distance = (self.bins[None, :, :, None, None] - ab[:, None]).square().sum(2)
        return Said(logits=-distance / (2 * self.doubt**2))

    def log_probabilities(self, said: Said, vivid: float) -> Tensor:
        return said.logits.log_softmax(1)


class Regressor(nn.Module):
    """Says one colour, at full size, that follows lightness; takes no hints."""

    side, multiple, takes_hints, bins = 48, 32, False, None

    def forward(self, light: Tensor, hints: Tensor) -> Said:
        return Said(ab=torch.cat([light * 0.4 - 10, 30 - light * 0.5], 1))

    def log_probabilities(self, said: Said, vivid: float) -> Tensor:
        raise AssertionError("it has no bins")

    def decode(self, said: Said, vivid: float) -> Tensor:
        return said.ab * (0.5 + vivid)
