"""Recurrent networks that read an image as a sequence: row after row, or patch after patch.

A memory is carried from step to step, and gates decide what is written into it, kept and read: LSTM
(Hochreiter and Schmidhuber 1997; forget gate by Gers et al. 2000) and its simpler kin, GRU (Cho et
al. 2014). The same weights are used at every step, so the length of the sequence is free.

Cost: a step needs the step before, so a long sequence is slow however many cores there are: rows of
64 pixels are 64 steps, patches of 8 x 8 pixels too.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import torch
from torch import Tensor, nn

from olhar.errors import OlharError
from olhar.nets.blocks import head, initialize

if TYPE_CHECKING:
    from collections.abc import Sequence


class Recurrent(nn.Module):
    """Cut into steps, a dense layer on each, recurrent layers, the mean of the states, dense.

    The mean over all steps rather than the last state: what was seen first is then no further from
    the loss than what was seen last.

    Args:
        outputs: how many numbers come out.
        size: height and width of the images. With rows the width is the only one it takes, with
            patches both must be multiples of the patch.
        widths: units of each recurrent layer.
        patch: side of the patches in pixels, read like a text; 0 reads rows of pixels.
        bidirectional: whether each layer also reads from the end, with as many units again.
        dropout: share of the units that are silenced between layers in training.

    Raises:
        OlharError: if the size is no multiple of the patch.
    """

    cell: ClassVar[type[nn.LSTM | nn.GRU]]

    def __init__(
        self,
        outputs: int,
        size: tuple[int, int],
        *,
        widths: Sequence[int] = (256, 256),
        patch: int = 0,
        bidirectional: bool = False,
        dropout: float = 0.2,
    ) -> None:
        super().__init__()
        self.size, self.patch = size, patch
        self._check(size)
        inputs = 3 * size[1] if patch == 0 else 3 * patch * patch
        self.embed = nn.Sequential(nn.Linear(inputs, widths[0]), nn.LayerNorm(widths[0]))
        initialize(self.embed)
        self.layers = nn.ModuleList()
        features = widths[0]
        for width in widths:
            layer = self.cell(features, width, batch_first=True, bidirectional=bool(bidirectional))
            _initialize(layer)
            self.layers.append(layer)
            features = 2 * width if bidirectional else width
        self.dropout = nn.Dropout(dropout)
        self.norm = nn.LayerNorm(features)
        self.head = head(features, outputs, dropout)

    def forward(self, batch: Tensor) -> Tensor:
        """(N, 3, H, W) -> (N, outputs)."""
        self._check((batch.shape[-2], batch.shape[-1]))
        x = rows(batch) if self.patch == 0 else patches(batch, self.patch)  # (N, T, inputs)
        x = self.embed(x)  # (N, T, widths[0])
        for layer in self.layers:
            x, _ = layer(self.dropout(x))  # (N, T, width), twice that if it reads both ways
        x = self.norm(x.mean(1))  # (N, widths[-1])
        return self.head(x)

    def _check(self, size: tuple[int, int]) -> None:
        if self.patch == 0 and size[1] != self.size[1]:
            raise OlharError(
                f"this network reads rows of {self.size[1]} pixels, and these images have rows of "
                f"{size[1]}; resize them, or read patches"
            )
        if self.patch and (size[0] % self.patch or size[1] % self.patch):
            raise OlharError(
                f"images of {size[1]} x {size[0]} pixels cannot be cut into patches of "
                f"{self.patch} x {self.patch}; let the sides be multiples of {self.patch}"
            )


class LSTM(Recurrent):
    """`Recurrent` of LSTMs.

    Example:
        >>> LSTM(10, (32, 32), widths=(64,))(torch.rand(2, 3, 32, 32)).shape
        torch.Size([2, 10])
    """

    cell = nn.LSTM


class GRU(Recurrent):
    """`Recurrent` of gated recurrent units.

    Example:
        >>> GRU(10, (32, 32), widths=(64,), patch=8)(torch.rand(2, 3, 64, 48)).shape
        torch.Size([2, 10])
    """

    cell = nn.GRU


def rows(batch: Tensor) -> Tensor:
    """(N, C, H, W) -> (N, H, C W): an image as its rows, top to bottom."""
    return batch.permute(0, 2, 1, 3).flatten(2)


def patches(batch: Tensor, side: int) -> Tensor:
    """(N, C, H, W) -> (N, H/side W/side, C side side): an image as its patches, as a text is read.

    >>> patches(torch.arange(16.0).view(1, 1, 4, 4), 2)[0].int().tolist()
    [[0, 1, 4, 5], [2, 3, 6, 7], [8, 9, 12, 13], [10, 11, 14, 15]]
    """
    n, c, h, w = batch.shape
    x = batch.reshape(n, c, h // side, side, w // side, side)
    return x.permute(0, 2, 4, 1, 3, 5).flatten(3).flatten(1, 2)  # (N, H/s W/s, C s s)


@torch.no_grad()
def _initialize(layer: nn.LSTM | nn.GRU) -> None:
    """Recurrent weights that neither fade nor explode, and a memory that starts by remembering.

    Orthogonal from state to state (Saxe et al. 2013), and a forget gate of the LSTM that starts
    open (Jozefowicz et al. 2015).
    """
    for name, parameter in layer.named_parameters():
        gates = parameter.chunk(4 if isinstance(layer, nn.LSTM) else 3)  # (width, ...) each
        for gate in gates:
            if name.startswith("weight_hh"):
                nn.init.orthogonal_(gate)
            elif name.startswith("weight_ih"):
                nn.init.xavier_uniform_(gate)
            else:
                nn.init.zeros_(gate)
        if name.startswith("bias_ih") and isinstance(layer, nn.LSTM):
            nn.init.ones_(gates[1])  # in, forget, cell, out
