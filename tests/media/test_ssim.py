"""SSIM agrees with torchmetrics; MS-SSIM with its definition, written once more."""

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from scipy.signal import convolve2d  # pyright: ignore[reportUnknownVariableType]
from torchmetrics.functional.image import structural_similarity_index_measure

from olhar.media.ssim import ms_ssim, ssim


def _pair(size: int) -> tuple[torch.Tensor, torch.Tensor]:
    torch.manual_seed(0)
    a = torch.nn.functional.interpolate(torch.rand(2, 3, 9, 9), (size, size), mode="bicubic")
    return a.clamp(0, 1), (a + 0.1 * torch.randn_like(a)).clamp(0, 1)


def test_ssim_agrees():
    a, b = _pair(64)
    _, places = structural_similarity_index_measure(a, b, data_range=1.0, return_full_image=True)
    inside = places[..., 5:-5, 5:-5].mean((1, 2, 3))  # where the whole window lies in the picture
    torch.testing.assert_close(ssim(a, b), inside, atol=1e-5, rtol=0)
    assert float(ssim(a, a).min()) == pytest.approx(1)


def _scales(a: NDArray[np.float64], b: NDArray[np.float64], weights: list[float]) -> float:
    place = np.exp(-(np.arange(-5, 6) ** 2) / 4.5)
    window = np.outer(place, place) / place.sum() ** 2
    found = 1.0
    for scale, weight in enumerate(weights):
        ma, mb, aa, bb, ab = (convolve2d(x, window, "valid") for x in (a, b, a * a, b * b, a * b))
        structure = (2 * (ab - ma * mb) + 9e-4) / (aa - ma**2 + bb - mb**2 + 9e-4)
        bright = (2 * ma * mb + 1e-4) / (ma**2 + mb**2 + 1e-4)
        last = scale == len(weights) - 1
        found *= (structure * bright if last else structure).mean() ** weight
        a, b = (x.reshape(len(x) // 2, 2, -1, 2).mean((1, 3)) for x in (a, b))
    return found


@pytest.mark.parametrize("size", [192, 96])
def test_ms_ssim_agrees(size: int):
    a, b = _pair(size)
    weights = [0.0448, 0.2856, 0.3001, 0.2363, 0.1333][: 5 if size == 192 else 4]
    weights = [weight * 1.0001 / sum(weights) for weight in weights]
    by_hand = np.mean(
        [
            _scales(*pair, weights)
            for pair in zip(a[0].double().numpy(), b[0].double().numpy(), strict=True)
        ]
    )
    assert float(ms_ssim(a, b)[0]) == pytest.approx(by_hand, abs=1e-4)
    assert float(ms_ssim(a, a).min()) == pytest.approx(1)


def test_pictures_that_cannot_be_compared():
    a, b = _pair(160)
    assert float(ms_ssim(a[..., :12, :12], b[..., :12, :12]).max()) < 1
    with pytest.raises(ValueError, match="at least 11 pixels"):
        ssim(a[..., :10, :10], b[..., :10, :10])
    with pytest.raises(ValueError, match="of one shape"):
        ssim(a, b[:1])
