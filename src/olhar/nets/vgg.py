"""VGG-16 up to conv4_2: the eye that compares pictures (Simonyan and Zisserman 2014).

Its features are what "perceptual" means in style transfer (Gatys et al. 2015) and in most image
losses since. The bundled weights are the authors' own (CC BY 4.0), stored as int8 with one scale
per output channel: 4.4 MB compressed instead of 21 MB, features within 1 % of the original's at
every layer.

Two deviations from the published network, both for pictures rather than for classification:
the authors' input convention (BGR, 0..255, minus a mean) is folded into the first layer, so the
network takes images as olhar knows them, and the first layer continues the picture's border
outwards where the original sees a black frame that shows up in restyled pictures as a rim.

Cost: 15.7e9 multiply-adds for an image of 256 x 256, and the same again for its gradient.
"""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import cast

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from olhar.nets.winograd import WinogradConv

LAYERS: dict[str, tuple[int, int]] = {  # name -> channels in, channels out
    "conv1_1": (3, 64),
    "conv1_2": (64, 64),
    "conv2_1": (64, 128),
    "conv2_2": (128, 128),
    "conv3_1": (128, 256),
    "conv3_2": (256, 256),
    "conv3_3": (256, 256),
    "conv4_1": (256, 512),
    "conv4_2": (512, 512),
}
POOL_BEFORE = {"conv2_1", "conv3_1", "conv4_1"}


class VGG16(nn.Module):
    """VGG-16's convolutions up to conv4_2, frozen, with a ReLU after each.

    Example:
        >>> network = VGG16()
        >>> features = network(torch.rand(1, 3, 64, 64), ["relu1_1", "relu4_2"])
        >>> features["relu4_2"].shape
        torch.Size([1, 512, 8, 8])
    """

    def __init__(self) -> None:
        super().__init__()
        self.layers = nn.ModuleDict(
            {name: WinogradConv(c_in, c_out) for name, (c_in, c_out) in LAYERS.items()}
        )
        # With gradients of the weights, an iteration of style transfer costs half as much again.
        self.requires_grad_(requires_grad=False)

    def forward(self, batch: Tensor, taps: Sequence[str]) -> dict[str, Tensor]:
        """Features after the named ReLUs; nothing beyond the deepest of them is computed.

        Args:
            batch: (N, 3, H, W) RGB in [0, 1], H and W at least 8.
            taps: names such as "relu3_1".

        Returns:
            One (N, C, H/s, W/s) tensor per tap, in the network's dtype, s = 1, 2, 4, 8 by block.

        Raises:
            ValueError: if a tap does not exist or the images are smaller than the stride.
        """
        wanted = {tap.replace("relu", "conv"): tap for tap in taps}
        if unknown := wanted.keys() - LAYERS.keys():
            raise ValueError(f"no layer {sorted(unknown)}; VGG16 has {', '.join(LAYERS)}")
        if min(batch.shape[-2:]) < 8:
            raise ValueError(f"images of shape {tuple(batch.shape)} are smaller than 8 x 8 pixels")
        features: dict[str, Tensor] = {}
        x = batch.to(next(self.parameters()).dtype)
        for name, module in self.layers.items():
            layer = cast("WinogradConv", module)
            if name in POOL_BEFORE:
                x = F.max_pool2d(x, 2)  # (N, C, H/2, W/2)
            if name == "conv1_1":
                x = F.pad(x, (1, 1, 1, 1), mode="replicate")
                x = F.conv2d(x, layer.weight, layer.bias)
            else:
                x = layer.forward(x)
            x = F.relu(x, inplace=True)
            if name in wanted:
                features[wanted[name]] = x
                if len(features) == len(wanted):
                    break
        return features


def from_tensors(tensors: Mapping[str, Tensor]) -> VGG16:
    """Build the network from int8 codes, one scale per output channel, and biases.

    Args:
        tensors: for each layer NAME.weight (int8), NAME.scale (float) and NAME.bias (float).

    Returns:
        A frozen float32 network on the CPU.

    Raises:
        KeyError: if a layer is missing.
    """
    state: dict[str, Tensor] = {}
    for name in LAYERS:
        scale = tensors[f"{name}.scale"].float()
        state[f"layers.{name}.weight"] = (
            tensors[f"{name}.weight"].float() * scale[:, None, None, None]
        )
        state[f"layers.{name}.bias"] = tensors[f"{name}.bias"].float()
    network = VGG16()
    network.load_state_dict(state)
    return network.eval()


@lru_cache(maxsize=2)
def bundled_vgg16(device: str = "cpu", dtype: torch.dtype = torch.float32) -> VGG16:
    """The bundled network, built once per device and dtype.

    Args:
        device: where it computes.
        dtype: of its weights and features; bfloat16 where the hardware has it (`fast_dtype`).

    Returns:
        A frozen `VGG16`, shared by all callers.
    """
    from olhar import hub

    _, tensors = hub.load("vgg16")
    return from_tensors(tensors).to(device=device, dtype=dtype)
