"""The two decoders of DDColor (Kang et al. 2023, section 3.2).

One makes a picture's worth of features from the encoder's, from coarse to fine. The other has 100
learned queries, each of which becomes a colour by looking at those features at three scales, in
turn; how much of each colour a place has is the product of the two.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, cast

import torch
import torch.nn.functional as F
from torch import Tensor, nn

if TYPE_CHECKING:
    from collections.abc import Sequence

QUERIES = 100
_WIDTH = 256  # of a query
_HEADS = 8
_ROUNDS = 3  # of looking at all three scales
_WIDTHS = (512, 512, 256)  # of the features at 1/16, 1/8 and 1/4


class Decoder(nn.Module):
    """Features of four sizes to how much of each query a place has.

    Args:
        widths: of the encoder's features, at 1/4 to 1/32 of the size.
    """

    def __init__(self, widths: Sequence[int]) -> None:
        super().__init__()
        below = (widths[-1], *_WIDTHS)
        self.layers = nn.Sequential(
            *(
                _Level(coarser, skip, after)
                for coarser, skip, after in zip(below, widths[-2::-1], _WIDTHS, strict=False)
            )
        )
        self.last_shuf = _Enlarge(_WIDTHS[-1], _WIDTH, 4, normalized=False)
        self.color_decoder = _ColorDecoder()

    def forward(self, features: Sequence[Tensor]) -> Tensor:
        """(N, widths[i], H/s, W/s) for s = 4, 8, 16, 32 -> (N, 100, H, W)."""
        *skips, x = features
        scales: list[Tensor] = []
        for level, skip in zip(self.layers, reversed(skips), strict=True):
            x = level(x, skip)
            scales.append(x)
        return self.color_decoder(scales, self.last_shuf(x))


class _Level(nn.Module):
    """One step up: what is coarser, enlarged, with the encoder's features beside it."""

    def __init__(self, coarser: int, skip: int, width: int) -> None:
        super().__init__()
        self.shuf = _Enlarge(coarser, width, 2, normalized=True)
        self.bn = nn.BatchNorm2d(skip)
        conv = nn.Conv2d(width + skip, width, 3, padding=1, bias=False)
        self.conv = nn.Sequential(conv, nn.ReLU(inplace=True), nn.BatchNorm2d(width))

    def forward(self, coarser: Tensor, skip: Tensor) -> Tensor:
        """(N, coarser, h/2, w/2), (N, skip, h, w) -> (N, width, h, w)."""
        return self.conv(F.relu(torch.cat([self.shuf(coarser), self.bn(skip)], 1)))


class _Enlarge(nn.Module):
    """Channels become places; then the mean of 2 x 2, or the seams would show."""

    def __init__(self, before: int, after: int, scale: int, *, normalized: bool) -> None:
        super().__init__()
        conv = nn.Conv2d(before, after * scale**2, 1, bias=not normalized)
        norm = [nn.BatchNorm2d(after * scale**2)] if normalized else []
        self.conv = nn.Sequential(conv, *norm)
        self.scale = scale

    def forward(self, x: Tensor) -> Tensor:
        """(N, before, h, w) -> (N, after, h * scale, w * scale)."""
        x = F.pixel_shuffle(F.relu(self.conv(x)), self.scale)
        return F.avg_pool2d(F.pad(x, (1, 0, 1, 0), mode="replicate"), 2, stride=1)


class _ColorDecoder(nn.Module):
    """Queries that become colours: each looks at the picture, at the others, at itself."""

    def __init__(self) -> None:
        super().__init__()
        self.query_feat = nn.Embedding(QUERIES, _WIDTH)
        self.query_embed = nn.Embedding(QUERIES, _WIDTH)
        self.level_embed = nn.Embedding(len(_WIDTHS), _WIDTH)
        self.input_proj = nn.ModuleList(nn.Conv2d(width, _WIDTH, 1) for width in _WIDTHS)
        turns = range(_ROUNDS * len(_WIDTHS))
        self.transformer_cross_attention_layers = nn.ModuleList(
            _Look("multihead_attn") for _ in turns
        )
        self.transformer_self_attention_layers = nn.ModuleList(_Look("self_attn") for _ in turns)
        self.transformer_ffn_layers = nn.ModuleList(_Think() for _ in turns)
        self.decoder_norm = nn.LayerNorm(_WIDTH)
        self.color_embed = nn.ModuleDict(
            {"layers": nn.ModuleList(nn.Linear(_WIDTH, _WIDTH) for _ in range(3))}
        )

    def forward(self, scales: Sequence[Tensor], picture: Tensor) -> Tensor:
        """(N, _WIDTHS[i], H/s, W/s) for s = 16, 8, 4, and (N, 256, H, W) -> (N, 100, H, W)."""
        seen = [
            (self.input_proj[i](x).flatten(2) + self.level_embed.weight[i][:, None]).mT
            for i, x in enumerate(scales)
        ]  # (N, h * w, 256)
        places = [positions(x) for x in scales]  # (h * w, 256)
        names = self.query_embed.weight  # (100, 256), added wherever queries are compared
        x = self.query_feat.weight.expand(picture.shape[0], -1, -1)  # (N, 100, 256)
        for turn, (look, listen, think) in enumerate(
            zip(
                self.transformer_cross_attention_layers,
                self.transformer_self_attention_layers,
                self.transformer_ffn_layers,
                strict=True,
            )
        ):
            scale = turn % len(scales)
            x = look(x, x + names, seen[scale] + places[scale], seen[scale])
            x = think(listen(x, x + names, x + names, x))
        x = self.decoder_norm(x)
        first, second, last = cast("nn.ModuleList", self.color_embed["layers"])
        colors = last(F.relu(second(F.relu(first(x)))))  # (N, 100, 256)
        return torch.einsum("nqc,nchw->nqhw", colors, picture)


class _Look(nn.Module):
    """Attention (Vaswani et al. 2017), added and normalised."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self._name = name  # of the attention among the published weights
        self.add_module(name, nn.MultiheadAttention(_WIDTH, _HEADS, batch_first=True))
        self.norm = nn.LayerNorm(_WIDTH)

    def forward(self, x: Tensor, query: Tensor, key: Tensor, value: Tensor) -> Tensor:
        """(N, q, 256), (N, q, 256), (N, k, 256), (N, k, 256) -> (N, q, 256)."""
        attention = cast("nn.MultiheadAttention", getattr(self, self._name))
        found, _ = attention(query, key, value, need_weights=False)
        return self.norm(x + found)


class _Think(nn.Module):
    """A perceptron for each query, added and normalised."""

    def __init__(self) -> None:
        super().__init__()
        self.linear1 = nn.Linear(_WIDTH, 8 * _WIDTH)
        self.linear2 = nn.Linear(8 * _WIDTH, _WIDTH)
        self.norm = nn.LayerNorm(_WIDTH)

    def forward(self, x: Tensor) -> Tensor:
        """(N, 100, 256) -> the same shape."""
        return self.norm(x + self.linear2(F.relu(self.linear1(x))))


def positions(features: Tensor) -> Tensor:
    """Where each place is: sines and cosines of its row and its column (Carion et al. 2020, A.4).

    Rows and columns are counted from 1 and scaled so that the last is at 2 pi.

    Args:
        features: (N, C, h, w).

    Returns:
        (h * w, 256) float32: 128 numbers of the row, 128 of the column.
    """
    pairs = torch.arange(_WIDTH // 4, device=features.device)
    frequencies = 10_000 ** (-pairs / len(pairs))  # (64,)
    height, width = features.shape[-2:]
    row, column = (
        (2 * math.pi * torch.arange(1, side + 1, device=features.device)[:, None] / (side + 1e-6))
        * frequencies
        for side in (height, width)
    )  # (h, 64), (w, 64)
    row, column = (torch.stack([x.sin(), x.cos()], -1).flatten(1) for x in (row, column))
    grid = torch.cat(
        [row[:, None].expand(-1, width, -1), column[None].expand(height, -1, -1)], -1
    )  # (h, w, 256)
    return grid.flatten(0, 1)
