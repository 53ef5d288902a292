"""Colour or tone: real photographs against the same in grey, sepia, blue, yellowed, with noise."""

import io

import numpy as np
import pytest
import torch
from painters import photo
from PIL import Image

from olhar.colorize import is_colored
from olhar.colorize.tint import beside_tone

NAMES = ["astronaut", "coffee", "chelsea", "rocket"]


def toned(name: str, tone: str) -> torch.Tensor:
    grey = photo(name).mean(0)
    if tone == "grey":
        return grey.expand(3, -1, -1)
    if tone == "split":  # warm lights, blue shadows
        return torch.stack([grey**1.1, grey, grey * 0.75 + 0.15])
    exponents = {"sepia": (0.7, 0.95, 1.5), "blue": (1.4, 1.0, 0.75), "yellowed": (0.9, 1.0, 1.3)}
    return torch.stack([grey**power for power in exponents[tone]])


def as_jpeg(image: torch.Tensor, quality: int) -> torch.Tensor:
    file = io.BytesIO()
    pixels = (image.permute(1, 2, 0).numpy() * 255).round().astype("uint8")
    Image.fromarray(pixels).save(file, "JPEG", quality=quality)
    return torch.from_numpy(np.array(Image.open(file))).permute(2, 0, 1) / 255


@pytest.mark.parametrize("name", NAMES)
def test_photographs_are_in_colour(name):
    assert is_colored(photo(name))
    assert is_colored(as_jpeg(photo(name), 30))


@pytest.mark.parametrize("tone", ["grey", "sepia", "blue", "yellowed", "split"])
@pytest.mark.parametrize("name", NAMES)
def test_tones_are_not_colours_even_in_a_noisy_jpeg(name, tone):
    image = toned(name, tone)
    assert not is_colored(image)
    noise = 0.03 * torch.randn(image.shape, generator=torch.Generator().manual_seed(0))
    assert not is_colored(as_jpeg((image + noise).clamp(0, 1), 30))


def test_what_is_left_beside_the_tone():
    left, chroma = beside_tone(toned("coffee", "sepia"))
    assert left < 2
    assert chroma > 10
    assert beside_tone(torch.full((3, 5, 7), 0.4))[0] == pytest.approx(0, abs=1e-3)
    one_hat = toned("astronaut", "grey").clone()
    one_hat[:, 100:250, 100:250] *= torch.tensor([1.0, 0.3, 0.3])[:, None, None]
    assert is_colored(one_hat)
