"""Pictures of one size to bytes, and back: the same bytes and numbers on every machine.

What is kept of a picture is computed by the network wherever it is, and may differ by a rounding.
How probable each number is (`prior`) is computed in float64, in whole multiples of small powers of
two, on the CPU, by who writes and by who reads: there nothing may differ.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from olhar.codec.coder import ESCAPE, FARTHEST, Reader, Tables, Writer
from olhar.codec.network import BLOCK
from olhar.codec.prior import LEVELS, SCALES
from olhar.codec.refine import refined
from olhar.errors import OlharError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from olhar.codec.network import Codec

_MOST = 4096.0  # steps that a number can be away from its mean


class Exchange(Protocol):
    """Writes the numbers that are asked for, or reads them."""

    def __call__(self, first: int, mask: Tensor, mean: Tensor, scale: Tensor) -> Tensor:
        """Some numbers less their means.

        Args:
            first: of their channels; -1 for the side information.
            mask: (H, W) which places are meant.
            mean: (N, C, H, W) float64.
            scale: the same shape, whole numbers from 0 to SCALES - 1.

        Returns:
            The same shape, whole numbers; 0 outside the mask.
        """
        ...


class Coding:
    """A codec ready to write and to read.

    Args:
        network: whose prior is made exact here.

    Raises:
        OlharError: if its weights or its tables are damaged.
    """

    def __init__(self, network: Codec) -> None:
        if not all(bool(each.isfinite().all()) for each in network.state_dict().values()):
            raise OlharError("its weights are no numbers; get the model again")
        self.network = network
        self.prior = network.prior.exact()
        self.tables = Tables(network.tables)

    @property
    def device(self) -> torch.device:
        """Where pictures are analysed and painted."""
        return self.network.steps.knots.device

    @torch.no_grad()
    def encode(self, images: Tensor, level: int, refine: int = 0) -> list[bytes]:
        """Pictures to bytes.

        Args:
            images: (N, 3, H, W) in [0, 1].
            level: of the quality, from 0 to LEVELS - 1.
            refine: steps of descent that look for better numbers, see `refined`.
        """
        return self.encode_numbers(*self._kept(images, level, refine), level)

    @torch.no_grad()
    def count(self, images: Tensor, level: int) -> Tensor:
        """How often numbers at each scale are so far from their means: (SCALES, ESCAPE + 1)."""
        numbers, side = self._kept(images, level)
        counts = torch.zeros(SCALES * (ESCAPE + 1), dtype=torch.float64)

        def count(first: int, mask: Tensor, mean: Tensor, scale: Tensor) -> Tensor:
            values = side if first < 0 else numbers[:, first : first + mean.shape[1]]
            rest = (values - mean).round().clamp(-_MOST, _MOST) * mask
            symbols = torch.where(rest.abs() > FARTHEST, ESCAPE, rest + FARTHEST)
            where = (scale * (ESCAPE + 1) + symbols)[..., mask].long().flatten()
            counts.add_(torch.bincount(where, minlength=len(counts)))
            return rest

        self._walk(count, len(numbers), (numbers.shape[-2], numbers.shape[-1]), level)
        return counts.view(SCALES, ESCAPE + 1)

    def _kept(self, images: Tensor, level: int, refine: int = 0) -> tuple[Tensor, Tensor]:
        """Numbers and side information, float64 on the CPU, not rounded."""
        quality = self._quality(level, len(images)).float().to(self.device)
        height, width = images.shape[-2:]
        padded = F.pad(
            images.to(self.device), (0, -width % BLOCK, 0, -height % BLOCK), mode="replicate"
        )
        numbers = self.network.analyse(padded, quality)
        if refine:
            numbers = refined(self.network, numbers, padded, level, refine)
        return numbers.double().cpu(), self.network.summarize(numbers).double().cpu()

    @torch.inference_mode()
    def encode_numbers(self, numbers: Tensor, side: Tensor, level: int) -> list[bytes]:
        """What is kept of pictures to bytes.

        Args:
            numbers: (N, M, H/8, W/8) float64, see `Codec.analyse`.
            side: (N, S, H/32, W/32) float64, see `Codec.summarize`.
            level: of the quality.
        """
        writers = [Writer(self.tables) for _ in range(len(numbers))]

        def write(first: int, mask: Tensor, mean: Tensor, scale: Tensor) -> Tensor:
            values = side if first < 0 else numbers[:, first : first + mean.shape[1]]
            rest = (values - mean).round().clamp(-_MOST, _MOST) * mask
            for writer, mine, scales in zip(writers, rest, scale, strict=True):
                writer.write(
                    mine[:, mask].flatten().numpy().astype(np.int32),
                    scales[:, mask].flatten().numpy().astype(np.int64),
                )
            return rest

        self._walk(write, len(numbers), (numbers.shape[-2], numbers.shape[-1]), level)
        return [writer.bytes() for writer in writers]

    @torch.inference_mode()
    def decode(self, data: Sequence[bytes], height: int, width: int, level: int) -> Tensor:
        """Bytes to pictures.

        Args:
            data: of pictures of one size.
            height: of the pictures.
            width: of the pictures.
            level: the quality that they were written with.

        Returns:
            (N, 3, H, W) in [0, 1] on the CPU.

        Raises:
            OlharError: if the bytes are not what `encode` wrote.
        """
        numbers = self.decode_numbers(data, height, width, level).float().to(self.device)
        quality = self._quality(level, len(data)).float().to(self.device)
        images = self.network.synthesize(numbers, quality)[:, :, :height, :width]
        return images.clamp(0, 1).float().cpu()

    @torch.inference_mode()
    def decode_numbers(self, data: Sequence[bytes], height: int, width: int, level: int) -> Tensor:
        """(N, M, H/8, W/8) float64, bit for bit what was written; see `decode`."""
        readers = [Reader(self.tables, each) for each in data]

        def read(first: int, mask: Tensor, mean: Tensor, scale: Tensor) -> Tensor:  # noqa: ARG001
            rest = torch.zeros_like(mean)
            for reader, mine, scales in zip(readers, rest, scale, strict=True):
                found = reader.read(scales[:, mask].flatten().numpy().astype(np.int64))
                mine[:, mask] = torch.from_numpy(found).double().view(len(mine), -1)
            return rest

        return self._walk(read, len(data), (-(-height // BLOCK), -(-width // BLOCK)), level)

    def _walk(self, exchange: Exchange, count: int, size: tuple[int, int], level: int) -> Tensor:
        """Through the stages, in the one order: (N, M, h, w), what is known at the end."""
        prior, quality = self.prior, self._quality(level, count)
        height, width = size
        coarse = -(-height // 4), -(-width // 4)
        with torch.autocast("cpu", enabled=False):
            mean, scale = (each.expand(-1, -1, *coarse) for each in prior.side(quality))
            side = exchange(-1, torch.ones(coarse, dtype=torch.bool), mean, _index(scale)) + mean
            features = prior.features(side, quality)[:, :, :height, :width]
            known = features.new_zeros(count, self.network.numbers, height, width)
            for number, stage in enumerate(prior.stages):
                mean, scale = prior.guess(number, features, known, quality)
                mask = stage.mask(height, width)
                rest = exchange(stage.first, mask, mean, _index(scale))
                known[:, stage.first : stage.last] += (rest + mean) * mask
        return known

    def _quality(self, level: int, count: int) -> Tensor:
        if not 0 <= level < LEVELS:
            raise ValueError(f"level is {level}; it can be from 0 to {LEVELS - 1}")
        return torch.full((count,), level / (LEVELS - 1), dtype=torch.float64)


def _index(scale: Tensor) -> Tensor:
    return scale.round().clamp(0, SCALES - 1)
