"""One encoder for two people and a decoder for each (deepfakes, 2017): what swaps a face.

    face -> encoder -> code -> decoder of a -> the face of a, and which pixels of it are face
                            -> decoder of b -> the face of b, with the same pose and expression

The encoder has to serve both decoders, so a code says what the two have in common: which way a face
looks, what it does, how it is lit. Who it is is left to the decoders. Decoding a face of a as b is
the swap; nothing in the training ever asks for it.

The encoder halves the picture once for each width of `down`: a convolution with stride 2, a leaky
ReLU. One dense layer makes a vector of `code` numbers of it and another makes small maps again, so
that nothing can keep its place and slip through. Then the maps are doubled, once for each width of
`up`: a 3 x 3 convolution to four times the channels, a leaky ReLU, the four set side by side (Shi
et al. 2016, "sub-pixel convolution") and, if `residual`, two convolutions more that are added to
them. The first doubling is common to both people, the others are a decoder. Its last layer says the
colours of a pixel; or of 2 x 2 pixels if the maps are half as wide as the picture, twice the
resolution for the same cost. A slimmer branch beside it says the mask.

`PRESETS` are three places in this one space. What a face costs, encoded and decoded once, forward:

    classic   64 px   85 million weights    2.0 G multiply-adds   as published, and the mask
    light    112 px    7 million weights    0.35 G
    quality  192 px   69 million weights   17 G                   after DeepFaceLab's "DF-UD"
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, TypeAlias, cast

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from olhar.errors import OlharError
from olhar.nets.blocks import CONVENTIONS, Normalize
from olhar.nets.model import filled

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

Side: TypeAlias = Literal["a", "b"]
"""One of the two people."""
SIDES: tuple[Side, Side] = ("a", "b")

PRESETS: dict[str, dict[str, Any]] = {
    "classic": {
        "size": 64,
        "down": (128, 256, 512, 1024),
        "code": 1024,
        "up": (512, 256, 128, 64),
        "kernel": 5,
    },
    "light": {
        "size": 112,
        "down": (32, 64, 128, 192),
        "code": 256,
        "up": (128, 64, 32),
        "residual": True,
        "fine": True,
    },
    "quality": {
        "size": 192,
        "down": (64, 128, 256, 512),
        "code": 256,
        "up": (256, 512, 256, 128),
        "kernel": 5,
        "residual": True,
        "fine": True,
        "likeness": True,
    },
}
"""Name to the arguments of a `Swapper`."""
_SLOPE = 0.1
_SLIMMER = 4
"""By how much the branch of the mask has fewer channels."""
_CAUTIOUS = 0.3
"""Size of what the last layers say at the start, before the sigmoid."""


class Swapper(nn.Module):
    """A face to the face of one of two people.

    Args:
        size: side S of the faces; what `down` and `up` divide it by must leave whole numbers.
        down: channels after each halving.
        code: numbers that a face is said in.
        up: channels after each doubling; the first is common to both people.
        kernel: width of the convolutions that halve, and of the last ones.
        residual: whether two more convolutions follow each doubling of a decoder.
        fine: whether the last layer says 2 x 2 pixels at each place.
        likeness: divide what the code is made of by its length, so that contrast says nothing
            ("pixel norm", Karras et al. 2018).

    Raises:
        OlharError: if the numbers do not fit together.

    Example:
        >>> network = Swapper(size=32, down=(8, 8), code=4, up=(8, 8))
        >>> face, mask = network(torch.rand(5, 3, 32, 32), "b")
        >>> face.shape, mask.shape
        (torch.Size([5, 3, 32, 32]), torch.Size([5, 1, 32, 32]))
    """

    def __init__(
        self,
        *,
        size: int,
        down: Sequence[int],
        code: int,
        up: Sequence[int],
        kernel: int = 3,
        residual: bool = False,
        fine: bool = False,
        likeness: bool = False,
    ) -> None:
        super().__init__()
        halved, doubled = 2 ** len(down), 2 ** (len(up) + bool(fine))
        if not down or not up or size % halved or size % doubled:
            raise OlharError(
                f"a face of {size} pixels cannot be halved {len(down)} times and made by doubling "
                f"{len(up) + fine} times; the size must be a multiple of {max(halved, doubled)}"
            )
        self.arguments: dict[str, Any] = {
            "size": size,
            "down": [*down],
            "code": code,
            "up": [*up],
            "kernel": kernel,
            "residual": residual,
            "fine": fine,
            "likeness": likeness,
        }
        self.size, self.likeness = size, likeness
        first = size // doubled
        self.normalize = Normalize(*CONVENTIONS["signed"])
        self.encoder = nn.Sequential(*_down(down, kernel))
        self.code = nn.Linear(down[-1] * (size // halved) ** 2, code)
        self.seed = nn.Sequential(
            nn.Linear(code, down[-1] * first**2),
            nn.Unflatten(1, (down[-1], first, first)),
            Double(down[-1], up[0]),
        )
        slim = [max(1, width // _SLIMMER) for width in up[1:]]
        self.decoders = nn.ModuleDict(
            {side: _decoder(3, up[0], up[1:], kernel, residual, fine) for side in SIDES}
        )
        self.masks = nn.ModuleDict(
            {side: _decoder(1, up[0], slim, kernel, False, fine) for side in SIDES}
        )
        self._start()

    @torch.no_grad()
    def _start(self) -> None:
        """Signals of one size from end to end, and pictures that are not far from grey."""
        for module in self.modules():
            if isinstance(module, nn.Conv2d | nn.Linear):
                slope = 1.0 if isinstance(module, nn.Linear) else _SLOPE
                nn.init.kaiming_normal_(module.weight, slope)
                nn.init.zeros_(cast("Tensor", module.bias))
        for module in self.modules():
            if isinstance(module, Refine):
                nn.init.zeros_(module.second.weight)
            if isinstance(module, Last):
                inputs = module.say.weight[0].numel()
                nn.init.normal_(module.say.weight, std=_CAUTIOUS * inputs**-0.5)

    def encode(self, batch: Tensor) -> Tensor:
        """Faces (N, 3, S, S) in [0, 1] -> what they have in common with the other person's."""
        flat = self.encoder(self.normalize(batch)).flatten(1)
        if self.likeness:
            flat = F.rms_norm(flat.float(), flat.shape[1:])
        return self.seed(self.code(flat))

    def decode(self, common: Tensor, to: Side) -> tuple[Tensor, Tensor]:
        """What `encode` gave -> the face (N, 3, S, S) and its mask (N, 1, S, S), in [0, 1]."""
        return self.decoders[to](common).float().sigmoid(), self.masks[to](common).float().sigmoid()

    def forward(self, batch: Tensor, to: Side) -> tuple[Tensor, Tensor]:
        """Faces of anyone -> the same expressions on the face of a or b.

        Args:
            batch: (N, 3, S, S) in [0, 1], aligned as `olhar.faceswap.align` does it.
            to: whose face it becomes.

        Returns:
            (N, 3, S, S) and (N, 1, S, S), float32 in [0, 1]: the face, and how surely a pixel of it
            is face.
        """
        return self.decode(self.encode(batch), to)


class Double(nn.Module):
    """Maps twice as large: four values for each place, set side by side."""

    def __init__(self, channels: int, outputs: int) -> None:
        super().__init__()
        self.conv = nn.Conv2d(channels, 4 * outputs, 3, padding=1)

    def forward(self, x: Tensor) -> Tensor:
        """(N, channels, H, W) -> (N, outputs, 2 H, 2 W)."""
        return F.pixel_shuffle(F.leaky_relu(self.conv(x), _SLOPE), 2)


class Refine(nn.Module):
    """Two 3 x 3 convolutions whose result is added to what came in (He et al. 2016)."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.first = nn.Conv2d(channels, channels, 3, padding=1)
        self.second = nn.Conv2d(channels, channels, 3, padding=1)

    def forward(self, x: Tensor) -> Tensor:
        """(N, channels, H, W) -> the same."""
        return F.leaky_relu(x + self.second(F.leaky_relu(self.first(x), _SLOPE)), _SLOPE)


class Last(nn.Module):
    """The logits of pixels, or of 2 x 2 at each place."""

    def __init__(self, channels: int, outputs: int, kernel: int, fine: bool) -> None:
        super().__init__()
        self.fine = fine
        self.say = nn.Conv2d(channels, outputs * (4 if fine else 1), kernel, padding=kernel // 2)

    def forward(self, x: Tensor) -> Tensor:
        """(N, channels, H, W) -> (N, outputs, H, W), or twice as high and wide."""
        said = self.say(x)
        return F.pixel_shuffle(said, 2) if self.fine else said


def _down(widths: Sequence[int], kernel: int) -> list[nn.Module]:
    layers: list[nn.Module] = []
    for channels, outputs in zip((3, *widths), widths, strict=False):
        conv = nn.Conv2d(channels, outputs, kernel, stride=2, padding=kernel // 2)
        layers += [conv, nn.LeakyReLU(_SLOPE)]
    return layers


def _decoder(
    outputs: int, channels: int, widths: Sequence[int], kernel: int, residual: bool, fine: bool
) -> nn.Sequential:
    layers: list[nn.Module] = []
    for width in widths:
        layers.append(Double(channels, width))
        layers += [Refine(width)] if residual else []
        channels = width
    return nn.Sequential(*layers, Last(channels, outputs, kernel, fine))


def from_tensors(tensors: Mapping[str, Tensor], **arguments: Any) -> Swapper:
    """A `Swapper` with these weights, in evaluation mode."""
    return filled(lambda: Swapper(**arguments), tensors)
