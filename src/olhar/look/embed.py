"""Pictures inside a page, which is then one file that can be sent: as data URIs."""

from __future__ import annotations

import base64
import io
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

from olhar.look.page import Picture

if TYPE_CHECKING:
    from torch import Tensor

    from olhar.look.phrase import Phrase

_QUALITY = 88
_SMALL = 64  # pixels up to which nothing is lost


def embedded(image: Tensor, alt: Phrase, *, side: int = 0) -> Picture:
    """A picture that is inside the page.

    Args:
        image: (3, H, W) in [0, 1], on any device.
        alt: what it shows.
        side: show it enlarged to at least so many pixels, square pixels staying square.

    Returns:
        A picture whose source is its bytes: PNG if it is small, else JPEG.
    """
    levels = image.detach().float().cpu().clamp(0, 1).mul(255).round().byte()
    picture = Image.fromarray(np.ascontiguousarray(levels.permute(1, 2, 0).numpy()))
    small = max(picture.size) <= _SMALL
    box = io.BytesIO()
    if small:
        picture.save(box, "PNG")
    else:
        picture.save(box, "JPEG", quality=_QUALITY, subsampling=0)
    kind = "png" if small else "jpeg"
    text = base64.b64encode(box.getvalue()).decode("ascii")
    factor = max(1, -(-side // max(picture.size)))
    width, height = (each * factor for each in picture.size)
    return Picture(f"data:image/{kind};base64,{text}", alt, width, height)
