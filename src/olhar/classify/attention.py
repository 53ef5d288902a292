"""What a network looked at: Grad-CAM where it has feature maps, gradients of the input elsewhere.

Grad-CAM (Selvaraju et al. 2017, eq. 1 and 2) weighs each of the last feature maps by how much more
of it would raise the score, and keeps where their sum is positive. It is as coarse as the maps: one
value for each of 4 x 4 or 8 x 8 fields. Without maps, the length of the score's gradient at each
pixel (Simonyan et al. 2013) says what would change the score most, which is not quite the same.
Cost: a forward and a backward pass.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch
import torch.nn.functional as F
from torch import Tensor

if TYPE_CHECKING:
    from torch import nn

    from olhar.classify.network import Predictor

_COARSEST = 4  # side of the maps that are preferred, if there are any as large
_BLUR = 3  # pixels that gradients are averaged over
_FAINT = 0.3  # contrast of what was not looked at


def last_maps(network: nn.Module, batch: Tensor) -> tuple[Tensor, Tensor | None]:
    """What a network says, and its last square feature maps, of at least 4 x 4 if there are any.

    Args:
        network: a `Predictor`.
        batch: (N, 3, S, S).

    Returns:
        (N, outputs), and (N, C, h, w) or None.
    """
    seen: list[Tensor] = []

    def watch(_: nn.Module, __: Any, output: Any) -> None:
        if isinstance(output, Tensor) and output.ndim == 4 and output.shape[2] == output.shape[3]:
            seen.append(output)

    body: Any = network.get_submodule("body")
    hooks = [module.register_forward_hook(watch) for module in body.modules() if module is not body]
    try:
        said = network(batch)
    finally:
        for hook in hooks:
            hook.remove()
    fine = [maps for maps in seen if maps.shape[2] >= _COARSEST]
    some = [maps for maps in seen if maps.shape[2] > 1]
    return said, (fine or some or [None])[-1]


def attention(network: Predictor, batch: Tensor, outputs: Tensor) -> tuple[Tensor, bool]:
    """Where a network looked for what it said.

    Args:
        network: in evaluation mode.
        batch: (N, 3, S, S) in [0, 1].
        outputs: (N,) which output is asked about.

    Returns:
        (N, S, S) in [0, 1], the most in each picture 1; and whether it is Grad-CAM.
    """
    quiet = torch.backends.cudnn.flags(enabled=False)  # its recurrent layers have no gradient here
    with torch.inference_mode(False), torch.enable_grad(), quiet:
        pixels = batch.detach().clone().requires_grad_()
        said, maps = last_maps(network, pixels)
        score = said.float().gather(1, outputs.clone().to(said.device)[:, None]).sum()
        towards = pixels if maps is None else maps
        (gradient,) = torch.autograd.grad(score, towards)
    if maps is None:
        heat = gradient.float().square().sum(1, keepdim=True).sqrt()  # (N, 1, S, S)
        heat = F.avg_pool2d(heat, _BLUR, 1, _BLUR // 2) if min(heat.shape[2:]) >= _BLUR else heat
    else:
        weights = gradient.float().mean((2, 3), keepdim=True)  # (N, C, 1, 1)
        heat = (weights * maps.detach().float()).sum(1, keepdim=True).relu()  # (N, 1, h, w)
        side = batch.shape[-2:]
        heat = F.interpolate(heat, side, mode="bilinear", align_corners=False)
    heat = heat[:, 0].detach()
    most = heat.amax((1, 2), keepdim=True)
    return heat / most.clamp(min=1e-12), maps is not None


def lit(images: Tensor, heat: Tensor) -> Tensor:
    """Pictures in which what was looked at has its colours, and the rest is faint and grey.

    Args:
        images: (N, 3, S, S) in [0, 1].
        heat: (N, S, S) in [0, 1].
    """
    light = heat[:, None].to(images)
    faint = 0.6 + _FAINT * (images.mean(1, keepdim=True) - 0.5)
    return torch.lerp(faint.expand_as(images), images, light)
