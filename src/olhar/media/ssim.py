"""How alike two images look: SSIM and MS-SSIM.

Wang et al. 2004, "Image Quality Assessment: From Error Visibility to Structural Similarity", and
Wang, Simoncelli and Bovik 2003, "Multi-scale structural similarity for image quality assessment":
means, deviations and correlation under a Gaussian window of 11 x 11 pixels, per channel.
"""

import torch
from torch import Tensor
from torch.nn import functional as F

_SIDE, _SIGMA = 11, 1.5
_BRIGHT, _CONTRAST = 0.01**2, 0.03**2
_WEIGHTS = (0.0448, 0.2856, 0.3001, 0.2363, 0.1333)


def ssim(a: Tensor, b: Tensor) -> Tensor:
    """Structural similarity, 1 for equal images.

    Args:
        a: (N, C, H, W) in [0, 1], at least 11 pixels a side.
        b: the same shape.

    Returns:
        (N,), the mean over places and channels.

    Raises:
        ValueError: if the shapes differ or the images are too small.
    """
    bright, structure = _parts(a, b)
    return (bright * structure).mean((1, 2, 3))


def ms_ssim(a: Tensor, b: Tensor) -> Tensor:
    """The same at five sizes, each half the one before: 1 for equal images.

    Images with fewer than 176 pixels a side have room for fewer sizes; the weights of those that
    are left are scaled to the same sum.

    Args:
        a: (N, C, H, W) in [0, 1], at least 11 pixels a side.
        b: the same shape.

    Returns:
        (N,).

    Raises:
        ValueError: if the shapes differ or the images are too small.
    """
    side = min(a.shape[-2:])
    scales = max(1, sum(side >> scale >= _SIDE for scale in range(len(_WEIGHTS))))
    weights = torch.tensor(_WEIGHTS[:scales], dtype=a.dtype, device=a.device)
    weights *= sum(_WEIGHTS) / weights.sum()
    found: list[Tensor] = []
    for scale in range(scales):
        bright, structure = _parts(a, b)
        last = scale == scales - 1
        each = (bright * structure if last else structure).mean((2, 3))  # (N, C)
        found.append(each.clamp(min=0) ** weights[scale])
        a, b = F.avg_pool2d(a, 2), F.avg_pool2d(b, 2)
    return torch.stack(found).prod(0).mean(1)


def _parts(a: Tensor, b: Tensor) -> tuple[Tensor, Tensor]:
    """Likeness of brightness, and of contrast and structure: (N, C, H - 10, W - 10) each."""
    if a.shape != b.shape or a.ndim != 4 or min(a.shape[-2:]) < _SIDE:
        raise ValueError(
            f"cannot compare {tuple(a.shape)} with {tuple(b.shape)}; two batches (N, C, H, W) of "
            f"one shape and at least {_SIDE} pixels a side are needed"
        )
    n, channels = a.shape[:2]
    place = torch.arange(_SIDE, dtype=a.dtype, device=a.device) - _SIDE // 2
    window = (place.square() / -(2 * _SIGMA**2)).softmax(0)
    stack = torch.cat([a, b, a * a, b * b, a * b]).flatten(0, 1)[:, None]  # (5 N C, 1, H, W)
    stack = F.conv2d(F.conv2d(stack, window.view(1, 1, 1, -1)), window.view(1, 1, -1, 1))
    stack = stack.reshape(5, n, channels, *stack.shape[-2:])
    mean_a, mean_b, aa, bb, ab = stack.unbind()
    product, squares = mean_a * mean_b, mean_a.square() + mean_b.square()
    bright = (2 * product + _BRIGHT) / (squares + _BRIGHT)
    spread = aa + bb - squares
    return bright, (2 * (ab - product) + _CONTRAST) / (spread + _CONTRAST)
