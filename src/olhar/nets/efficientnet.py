"""EfficientNet-Lite0 without its classifier (Tan and Le 2019, arXiv 1905.11946; Lite: Liu 2020).

Mobile inverted bottlenecks: a 1 x 1 convolution widens by `expand`, a depthwise one looks around, a
1 x 1 one narrows again, and where the shape stays the input is added. Lite0 has ReLU6 instead of
swish and no squeeze-and-excitation, which makes it fast on ordinary processors.

The layers pad as TensorFlow's "SAME", in which the published weights were trained: where a stride
of 2 leaves an odd pixel of padding over, it goes to the right and the bottom.

Cost: 3.4 million weights; 0.13 G multiply-adds at 128 x 128.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from olhar.nets.blocks import Normalize

if TYPE_CHECKING:
    from collections.abc import Mapping

STAGES = (  # expand, outputs, blocks, stride, kernel
    (1, 16, 1, 1, 3),
    (6, 24, 2, 2, 3),
    (6, 40, 2, 2, 5),
    (6, 80, 3, 2, 3),
    (6, 112, 3, 1, 5),
    (6, 192, 4, 2, 5),
    (6, 320, 1, 1, 3),
)
"""Table 1 of the paper; the first stage has 32 inputs at half the size."""
TAPS = {1: 24, 2: 40, 4: 112, 6: 320}
"""The last stage at each stride 4, 8, 16 and 32, and its channels."""


class Lite0(nn.Module):
    """Features of images at four scales.

    Example:
        >>> [tuple(x.shape) for x in Lite0()(torch.rand(1, 3, 64, 64))]
        [(1, 24, 16, 16), (1, 40, 8, 8), (1, 112, 4, 4), (1, 320, 2, 2)]
    """

    def __init__(self) -> None:
        super().__init__()
        self.normalize = Normalize([127 / 255] * 3, [128 / 255] * 3)
        self.stem = _Conv(3, 32, 3, 2)
        stages: list[nn.Module] = []
        inputs = 32
        for expand, outputs, blocks, stride, kernel in STAGES:
            stage: list[nn.Module] = []
            for block in range(blocks):
                stage.append(_Block(inputs, outputs, expand, kernel, 1 if block else stride))
                inputs = outputs
            stages.append(nn.Sequential(*stage))
        self.stages = nn.ModuleList(stages)

    def forward(self, batch: Tensor) -> list[Tensor]:
        """Look at images.

        Args:
            batch: (N, 3, H, W) RGB in [0, 1], H and W multiples of 32.

        Returns:
            (N, 24, H/4, W/4), (N, 40, H/8, W/8), (N, 112, H/16, W/16) and (N, 320, H/32, W/32).
        """
        x = self.stem(self.normalize(batch))  # (N, 32, H/2, W/2)
        features: list[Tensor] = []
        for number, stage in enumerate(self.stages):
            x = stage(x)
            if number in TAPS:
                features.append(x)
        return features


class _Conv(nn.Module):
    """A convolution padded as TensorFlow does, batch normalisation, perhaps ReLU6."""

    def __init__(
        self, inputs: int, outputs: int, kernel: int, stride: int = 1, *, groups: int = 1,
        active: bool = True,
    ) -> None:  # fmt: skip
        super().__init__()
        self.stride, self.active = stride, active
        self.padding = kernel // 2 if stride == 1 else 0
        self.around = ((kernel - 2) // 2, (kernel - 1) // 2) * 2 if stride == 2 else ()
        self.conv = nn.Conv2d(
            inputs, outputs, kernel, stride, self.padding, groups=groups, bias=False
        )
        # The paper forgets 1 % of the statistics per step; trainings here have fewer steps.
        self.norm = nn.BatchNorm2d(outputs, eps=1e-3, momentum=0.05)

    def forward(self, x: Tensor) -> Tensor:
        if self.around:  # an even size, of which the last pixel's window reaches one too far
            x = F.pad(x, self.around)
        x = self.norm(self._convolved(x))
        return F.relu6(x) if self.active else x

    def _convolved(self, x: Tensor) -> Tensor:
        learns = torch.is_grad_enabled() and self.conv.weight.requires_grad
        if self.conv.groups > 1 and learns and x.device.type == "cpu":
            # The gradients of depthwise convolutions in bfloat16 take CPUs several times as long.
            with torch.autocast("cpu", enabled=False):
                return self.conv(x.float())
        return self.conv(x)


class _Block(nn.Module):
    """A mobile inverted bottleneck."""

    def __init__(self, inputs: int, outputs: int, expand: int, kernel: int, stride: int) -> None:
        super().__init__()
        wide = inputs * expand
        self.expand = _Conv(inputs, wide, 1) if expand > 1 else nn.Identity()
        self.look = _Conv(wide, wide, kernel, stride, groups=wide)
        self.project = _Conv(wide, outputs, 1, active=False)
        self.adds = stride == 1 and inputs == outputs

    def forward(self, x: Tensor) -> Tensor:
        y = self.project(self.look(self.expand(x)))
        return x + y if self.adds else y


def published(tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """The published weights under the names that they have here.

    Args:
        tensors: the state of the PyTorch port of the released network: `_conv_stem.weight`,
            `_bn0.*`, `_blocks.N._depthwise_conv.weight` and so on, which names a block's
            normalisations 0 (after widening), 1 and 2. Its classifier is left out.

    Returns:
        A state for `Lite0`.

    Raises:
        KeyError: if a tensor is missing.
    """
    names = {"stem.conv": "_conv_stem", "stem.norm": "_bn0"}
    number = 0
    for stage, (expand, _, blocks, _, _) in enumerate(STAGES):
        for block in range(blocks):
            here, there = f"stages.{stage}.{block}", f"_blocks.{number}"
            parts = {"look": ("depthwise", 1), "project": ("project", 2)}
            parts |= {"expand": ("expand", 0)} if expand > 1 else {}
            for part, (word, norm) in parts.items():
                names[f"{here}.{part}.conv"] = f"{there}._{word}_conv"
                names[f"{here}.{part}.norm"] = f"{there}._bn{norm}"
            number += 1
    return {
        key: tensors[f"{names[module]}.{leaf}"]
        for key in Lite0().state_dict()
        for module, _, leaf in [key.rpartition(".")]
    }


def from_tensors(tensors: Mapping[str, Tensor]) -> Lite0:
    """Build the trained network, on the CPU, in evaluation mode.

    Raises:
        RuntimeError: if the tensors are not those of such a network.
    """
    network = Lite0()
    network.load_state_dict(dict(tensors))
    return network.eval()
