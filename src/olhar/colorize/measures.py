"""How good colours are: errors, colourfulness, and the rows that every result stands beside.

Error alone would choose the dullest colours: grey is never far off. So colourfulness and a distance
between features are measured too, and next to the network always stand *grey* and *tint*, one
constant colour for everything. Figures can be compared only under one protocol, which is named with
them: `PROTOCOL` is the middle square of each photograph at 160 pixels, its own L* kept, a* and b*
enlarged bicubically, chroma brought into sRGB; means over photographs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch
import torch.nn.functional as F
from torch import Tensor

from olhar.media.color import fit_gamut, lab_to_srgb
from olhar.nets.vgg import bundled_vgg16

if TYPE_CHECKING:
    from collections.abc import Mapping

PROTOCOL = "olhar-color-160"
SIDE = 160
"""Side of the squares that are measured, in pixels."""
_TAPS = ("relu1_2", "relu2_2", "relu3_3")


def painted(light: Tensor, ab: Tensor) -> Tensor:
    """Lightness with colours of any size, as images.

    Args:
        light: (N, 1, H, W), L*.
        ab: (N, 2, h, w), a* and b*.

    Returns:
        (N, 3, H, W) in [0, 1]; chroma that sRGB does not have is lowered.
    """
    if ab.shape[-2:] != light.shape[-2:]:
        ab = F.interpolate(ab, size=light.shape[-2:], mode="bicubic", align_corners=False)
    return lab_to_srgb(fit_gamut(torch.cat([light, ab], 1))).clamp(0, 1)


def psnr(images: Tensor, true: Tensor) -> Tensor:
    """Peak signal-to-noise ratio in RGB of each image, in dB: (N, 3, H, W) twice -> (N,)."""
    error: Tensor = (images - true).square().mean((1, 2, 3)).clamp_min(1e-10)
    return error.log10() * -10


def ab_error(ab: Tensor, true: Tensor) -> Tensor:
    """Mean distance in the a*b* plane of each image: (N, 2, H, W) twice -> (N,)."""
    return (ab - true).square().sum(1).sqrt().mean((1, 2))


def colorfulness(images: Tensor) -> Tensor:
    """How colourful images look (Hasler and Süsstrunk 2003, equation 3, of values in [0, 255]).

    Args:
        images: (N, 3, H, W) in [0, 1].

    Returns:
        (N,): 0 is grey, 15 slightly, 33 moderately, 45 averagely, 59 quite, 82 highly colourful.
    """
    red, green, blue = (255 * images).flatten(2).unbind(1)  # (N, H W)
    opponents = torch.stack([red - green, (red + green) / 2 - blue], 1)  # (N, 2, H W)
    mean = opponents.mean(2)  # (N, 2)
    variance = (opponents - mean[:, :, None]).square().mean(2)
    return variance.sum(1).sqrt() + 0.3 * mean.square().sum(1).sqrt()


def feature_distance(images: Tensor, true: Tensor) -> Tensor:
    """Distance between VGG-16's features of relu1_2, relu2_2 and relu3_3, over those of `true`.

    Not LPIPS, which has learned weights. (N, 3, H, W) twice -> (N,).
    """
    vgg = bundled_vgg16(images.device.type)
    with torch.autocast(images.device.type, enabled=False):
        there, here = vgg(true, _TAPS), vgg(images, _TAPS)
    squares = [((here[tap] - there[tap]).square(), there[tap].square()) for tap in _TAPS]
    return torch.stack([(a.sum((1, 2, 3)) / b.sum((1, 2, 3))).sqrt() for a, b in squares]).mean(0)


class Table:
    """Rows of measures, averaged over photographs.

    Args:
        thorough: also measure what takes time: the distance of features.
    """

    def __init__(self, *, thorough: bool) -> None:
        self.thorough = thorough
        self._sums: dict[str, dict[str, list[Tensor]]] = {}

    def add(self, lab: Tensor, rows: Mapping[str, Tensor]) -> None:
        """Measure some photographs.

        Args:
            lab: (N, 3, H, W), what is true.
            rows: name to the a* and b* that something says, (N, 2, h, w) or (2, 1, 1).
        """
        light, true = lab[:, :1], lab_to_srgb(lab).clamp(0, 1)
        full = true.shape[-2:]
        self._note("photograph", colorfulness=colorfulness(true))
        for name, said in rows.items():
            ab = said.expand(len(lab), -1, *full) if said.ndim == 3 else said
            ab = F.interpolate(ab, size=full, mode="bicubic", align_corners=False)
            images = painted(light, ab)
            found = {
                "psnr": psnr(images, true),
                "ab_error": ab_error(ab, lab[:, 1:]),
                "colorfulness": colorfulness(images),
            }
            if self.thorough:
                found["feature_distance"] = feature_distance(images, true)
            self._note(name, **found)

    def _note(self, name: str, **values: Tensor) -> None:
        row = self._sums.setdefault(name, {})
        for measure, value in values.items():
            row.setdefault(measure, []).append(value.double().cpu())

    def rows(self) -> dict[str, dict[str, Any]]:
        """Name to measure to its mean; colourfulness is over that of the photographs."""
        means = {
            name: {measure: float(torch.cat(values).mean()) for measure, values in row.items()}
            for name, row in self._sums.items()
        }
        true = means.pop("photograph")["colorfulness"]
        for row in means.values():
            row["colorfulness"] /= max(true, 1e-6)
        return means
