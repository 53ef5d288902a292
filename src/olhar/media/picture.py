"""What an image is beside its pixels, and how it changes size."""

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional as F


@dataclass(frozen=True, kw_only=True, eq=False)
class Picture:
    """An image and what its file knew beside it."""

    image: Tensor
    """(3, H, W) float32 RGB, sRGB-encoded, in [0, 1]; what is transparent lies over white."""
    alpha: Tensor | None = None
    """(1, H, W) float32 in [0, 1], 1 opaque; None if everything is."""
    bits: int = 8
    """Bits per channel in the file: 8, or 16 for anything deeper."""
    exif: bytes | None = None
    """EXIF as JPEG holds it (from `Exif\\0\\0` on), without orientation and thumbnail."""
    xmp: bytes | None = None
    """The XMP packet, without thumbnails; an orientation in it says 1."""
    dpi: tuple[float, float] | None = None
    """Dots per inch, across and down."""
    grey: bool = False
    """Whether the file had one colour channel."""
    notes: tuple[str, ...] = ()
    """Sentences worth telling, such as "animated: the first of 12 frames was used"."""


def resize(image: Tensor, size: tuple[int, int]) -> Tensor:
    """Bicubic resizing with antialiasing, clamped to [0, 1] (Keys 1981, a = -0.5).

    Args:
        image: (C, H, W) or (N, C, H, W), float, in [0, 1].
        size: height and width of the result, each at least 1.

    Returns:
        (C, *size) or (N, C, *size), in [0, 1]; the image itself if it has that size already.

    Raises:
        ValueError: a side of `size` is not positive, or `image` has another shape.

    Example:
        >>> resize(torch.rand(3, 480, 640), (240, 320)).shape
        torch.Size([3, 240, 320])
    """
    if image.ndim not in {3, 4} or min(image.shape) < 1 or min(size) < 1:
        raise ValueError(
            f"cannot resize {tuple(image.shape)} to {size}; "
            "(C, H, W) or (N, C, H, W) and two positive sides are needed"
        )
    if image.shape[-2:] == torch.Size(size):
        return image
    batch = image if image.ndim == 4 else image[None]  # (N, C, H, W)
    scaled = F.interpolate(batch, size, mode="bicubic", antialias=True, align_corners=False)
    return scaled.clamp_(0, 1).reshape(*image.shape[:-2], *size)
