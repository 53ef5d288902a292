"""Colour spaces: sRGB, linear light and CIE L*a*b* (D65), there and back, differentiable.

sRGB follows IEC 61966-2-1: its transfer curve, its primaries and the white D65 (x 0.3127,
y 0.3290). The matrices are the exact rationals that follow from those chromaticities (CSS Color 4,
section 10), so that each is the inverse of the other and a grey has a = b = 0 to the last bits.
L*a*b* follows CIE 15:2004, section 8.2.1.

Tensors are (..., 3, H, W), float32 or float64, on any device. Nothing is clamped: values outside
[0, 1] run through odd continuations of the curves, so round trips stay exact and gradients finite.
Where no gradient is asked for, the work goes band by band: 24 megapixels need the result and some
20 MB more, and about 1 second on one core (`fit_gamut`: up to 5, if every colour is outside).
"""

import functools
from collections.abc import Callable
from typing import TypeAlias

import torch
from torch import Tensor

Colors: TypeAlias = Callable[[Tensor], Tensor]

_BAND = 1 << 17  # pixels worked on at a time
_STEPS = 16  # halvings of the chroma: 0.003 of a just visible difference
_SLACK = 1e-5  # linear light by which float32 may miss the gamut: 0.03 of an 8-bit level

# Linear sRGB to CIE XYZ, and back.
_TO_XYZ = (
    (506752 / 1228815, 87881 / 245763, 12673 / 70218),
    (87098 / 409605, 175762 / 245763, 12673 / 175545),
    (7918 / 409605, 87881 / 737289, 1001167 / 1053270),
)
_FROM_XYZ = (
    (12831 / 3959, -329 / 214, -1974 / 3959),
    (-851781 / 878810, 1648619 / 878810, 36519 / 878810),
    (705 / 12673, -2585 / 12673, 705 / 667),
)
_WHITE = tuple(sum(row) for row in _TO_XYZ)  # XYZ of R = G = B = 1: D65 with Y = 1
_KNEE = 6 / 29  # where the cube root of L*a*b* gives way to its tangent


def _banded(function: Colors) -> Colors:
    """Check the shape; without gradients, work on a band of rows at a time to spare memory."""

    @functools.wraps(function)
    def wrapper(colors: Tensor) -> Tensor:
        if colors.ndim < 3 or colors.shape[-3] != 3 or not colors.is_floating_point():
            raise ValueError(
                f"colours have dtype {colors.dtype} and shape {tuple(colors.shape)}; "
                "float values of shape (..., 3, H, W) are needed"
            )
        height, width = colors.shape[-2:]
        if colors.numel() <= 3 * _BAND or (colors.requires_grad and torch.is_grad_enabled()):
            return function(colors)
        rows = max(1, _BAND // width)
        result: Tensor | None = None
        flat = colors.reshape(-1, 3, height, width)  # (N, 3, H, W)
        for n, image in enumerate(flat):
            for y in range(0, height, rows):
                band = function(image[:, y : y + rows])  # (C, h, W)
                if result is None:
                    result = band.new_empty((len(flat), band.shape[0], height, width))
                result[n, :, y : y + rows] = band
        assert result is not None
        return result.reshape(*colors.shape[:-3], -1, height, width)

    return wrapper


def _mix(matrix: tuple[tuple[float, ...], ...], colors: Tensor) -> list[Tensor]:
    # Not a matmul: on GPUs that may round to TF32, and ten bits are too few for a colour.
    x, y, z = colors.unbind(-3)
    return [row[0] * x + row[1] * y + row[2] * z for row in matrix]


@_banded
def srgb_to_linear(srgb: Tensor) -> Tensor:
    """Undo the sRGB curve: encoded values to light (IEC 61966-2-1, section 5.2).

    Args:
        srgb: (..., 3, H, W), nominally in [0, 1].

    Returns:
        (..., 3, H, W), nominally in [0, 1], proportional to light; odd in its argument.

    Raises:
        ValueError: not float values of that shape.

    Example:
        >>> srgb_to_linear(torch.full((3, 1, 1), 0.5)).flatten()
        tensor([0.2140, 0.2140, 0.2140])
    """
    size = srgb.abs()
    curve = ((size.clamp_min(0.04045) + 0.055) / 1.055).pow(2.4)
    # Not copysign, which ONNX does not have.
    return torch.where(size <= 0.04045, srgb / 12.92, curve * srgb.sign())


@_banded
def linear_to_srgb(linear: Tensor) -> Tensor:
    """Apply the sRGB curve: light to encoded values (IEC 61966-2-1, section 5.2).

    Args:
        linear: (..., 3, H, W), nominally in [0, 1].

    Returns:
        (..., 3, H, W), nominally in [0, 1]; odd in its argument.

    Raises:
        ValueError: not float values of that shape.
    """
    knee = 0.04045 / 12.92  # the standard prints 0.0031308, which would not meet the other branch
    size = linear.abs()
    curve = 1.055 * size.clamp_min(knee).pow(1 / 2.4) - 0.055
    return torch.where(size <= knee, linear * 12.92, curve * linear.sign())


@_banded
def luminance(srgb: Tensor) -> Tensor:
    """Relative luminance, the Y of CIE XYZ: how much light, as the eye weighs it.

    Args:
        srgb: (..., 3, H, W), nominally in [0, 1].

    Returns:
        (..., 1, H, W), linear, nominally in [0, 1].

    Raises:
        ValueError: not float values of that shape.
    """
    return _mix(_TO_XYZ[1:2], srgb_to_linear(srgb))[0].unsqueeze(-3)


@_banded
def srgb_to_lab(srgb: Tensor) -> Tensor:
    """SRGB to CIE L*a*b* under D65 (CIE 15:2004, section 8.2.1).

    Args:
        srgb: (..., 3, H, W), nominally in [0, 1].

    Returns:
        (..., 3, H, W): L in [0, 100], a (green to red) in about [-86, 98], b (blue to yellow) in
        about [-108, 94] for what sRGB can show.

    Raises:
        ValueError: not float values of that shape.

    Example:
        >>> srgb_to_lab(torch.tensor([1.0, 0.0, 0.0]).reshape(3, 1, 1)).flatten()
        tensor([53.2371, 80.0901, 67.2033])
    """
    roots: list[Tensor] = []
    for value, white in zip(_mix(_TO_XYZ, srgb_to_linear(srgb)), _WHITE, strict=True):
        ratio = value / white
        tangent = ratio / (3 * _KNEE**2) + 4 / 29
        root = ratio.clamp_min(_KNEE**3).pow(1 / 3)
        roots.append(torch.where(ratio > _KNEE**3, root, tangent))
    x, y, z = roots
    return torch.stack([116 * y - 16, 500 * (x - y), 200 * (y - z)], dim=-3)


@_banded
def lightness(srgb: Tensor) -> Tensor:
    """The L* of `srgb_to_lab` alone, in half its time.

    Args:
        srgb: (..., 3, H, W), nominally in [0, 1].

    Returns:
        (..., 1, H, W), in [0, 100] for what sRGB can show.

    Raises:
        ValueError: not float values of that shape.

    Example:
        >>> lightness(torch.tensor([1.0, 0.0, 0.0]).reshape(3, 1, 1)).flatten()
        tensor([53.2371])
    """
    ratio = _mix(_TO_XYZ[1:2], srgb_to_linear(srgb))[0].unsqueeze(-3)  # Y of white is 1
    tangent = ratio / (3 * _KNEE**2) + 4 / 29
    root = ratio.clamp_min(_KNEE**3).pow(1 / 3)
    return 116 * torch.where(ratio > _KNEE**3, root, tangent) - 16


@_banded
def lab_to_srgb(lab: Tensor) -> Tensor:
    """CIE L*a*b* under D65 to sRGB, the inverse of `srgb_to_lab` (CIE 15:2004, annex D).

    Args:
        lab: (..., 3, H, W), L in [0, 100].

    Returns:
        (..., 3, H, W), in [0, 1] for colours that sRGB has and outside for those that it has not:
        bring them in with `fit_gamut` first, or clamp, which changes hue and lightness.

    Raises:
        ValueError: not float values of that shape.
    """
    return linear_to_srgb(_lab_to_linear(lab))


@_banded
def fit_gamut(lab: Tensor) -> Tensor:
    """Bring colours into sRGB by lowering their chroma only; L and hue stay as they are.

    For each colour outside, the chroma at which its ray from the grey axis leaves the gamut is
    found by bisection. Colours inside are returned bit for bit; L is clamped to [0, 100]. In
    gradients the factor counts as a constant.

    Args:
        lab: (..., 3, H, W), CIE L*a*b* under D65.

    Returns:
        (..., 3, H, W), which `lab_to_srgb` takes into [0, 1] but for the rounding of its dtype.

    Raises:
        ValueError: not float values of that shape.

    Example:
        >>> vivid = torch.tensor([60.0, 120.0, 0.0]).reshape(3, 1, 1)
        >>> lab_to_srgb(vivid).flatten()
        tensor([ 1.2364, -0.3819,  0.5876])
        >>> lab_to_srgb(fit_gamut(vivid)).flatten()
        tensor([1.0000, 0.2855, 0.5781])
    """
    light, a, b = lab.unbind(-3)
    light = light.clamp(0, 100)
    with torch.no_grad():
        outside = ~_in_gamut(torch.stack([light, a, b], dim=-3))  # (..., H, W)
        scale = torch.ones_like(light)
        if outside.any():
            scale[outside] = _largest_chroma(light[outside], a[outside], b[outside])
    return torch.stack([light, a * scale, b * scale], dim=-3)


def _largest_chroma(light: Tensor, a: Tensor, b: Tensor) -> Tensor:
    """The largest factor in [0, 1] to a and b that is inside, by bisection, (P,)."""
    y, to_a, to_b = (light + 16) / 116, a / 500, b / 200
    middle = [row[1] * _WHITE[1] * _from_root(y) - 0.5 for row in _FROM_XYZ]
    scale, step = torch.zeros_like(light), 0.5
    for _ in range(_STEPS):
        tried = scale + step
        x = _from_root(torch.addcmul(y, tried, to_a))
        z = _from_root(torch.addcmul(y, tried, to_b, value=-1))
        worst = torch.zeros_like(light)  # distance of a channel of linear sRGB from 1/2
        for row, rest in zip(_FROM_XYZ, middle, strict=True):
            channel = torch.add(rest, x, alpha=row[0] * _WHITE[0])
            torch.maximum(worst, channel.add_(z, alpha=row[2] * _WHITE[2]).abs_(), out=worst)
        # Half the slack, since what is found must be inside by another order of the same sums.
        scale.add_(worst <= 0.5 + _SLACK / 2, alpha=step)
        step /= 2
    return scale


def _from_root(root: Tensor) -> Tensor:
    tangent = 3 * _KNEE**2 * (root - 4 / 29)
    return torch.where(root > _KNEE, root * root * root, tangent)


def _in_gamut(lab: Tensor) -> Tensor:
    linear = _lab_to_linear(lab)
    return (linear.amin(-3) >= -_SLACK) & (linear.amax(-3) <= 1 + _SLACK)


def _lab_to_linear(lab: Tensor) -> Tensor:
    light, a, b = lab.unbind(-3)
    y = (light + 16) / 116
    values: list[Tensor] = []
    for root, white in zip((y + a / 500, y, y - b / 200), _WHITE, strict=True):
        values.append(white * _from_root(root))
    return torch.stack(_mix(_FROM_XYZ, torch.stack(values, dim=-3)), dim=-3)
