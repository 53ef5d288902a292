"""Numbers to bytes and back; the same on every machine, with any number of threads."""

from typing import Any

import numpy as np
import pytest
import torch

from codec_toys import drawn
from olhar.codec.coder import ESCAPE, FARTHEST, TOTAL, Reader, Tables, Writer, as_table
from olhar.codec.coding import Coding
from olhar.codec.network import Codec
from olhar.codec.prior import LEVELS, SCALES, rounded, stages
from olhar.errors import OlharError


def test_tables_are_whole_and_leave_nothing_out(network: Codec):
    assert (network.tables.sum(1) == TOTAL).all()
    assert network.tables.min() >= 1
    sharp, flat = network.tables[0], network.tables[-1]
    assert sharp[FARTHEST] > 0.9 * TOTAL
    assert flat[FARTHEST] < 0.02 * TOTAL
    counted = as_table(torch.rand(SCALES, ESCAPE + 1, dtype=torch.float64))
    assert (counted.sum(1) == TOTAL).all()
    with pytest.raises(OlharError, match="damaged"):
        Tables(network.tables + 1)


def test_numbers_come_back_even_those_far_away(network: Codec):
    tables = Tables(network.tables)
    generator = np.random.default_rng(0)
    scales = generator.integers(0, SCALES, 3000)
    numbers = np.round(generator.standard_t(2, 3000) * np.exp(scales / 9)).astype(np.int32)
    numbers[:4] = FARTHEST, -FARTHEST, 100_000, -100_000
    writer = Writer(tables)
    writer.write(numbers[:1000], scales[:1000])
    writer.write(numbers[1000:], scales[1000:])
    reader = Reader(tables, writer.bytes())
    again = np.concatenate([reader.read(scales[:1000]), reader.read(scales[1000:])])
    np.testing.assert_array_equal(again, numbers)


def test_the_coder_takes_hardly_more_than_the_entropy(network: Codec):
    tables = Tables(network.tables)
    scales = np.full(20_000, 20)
    shares = network.tables[20].double().numpy() / TOTAL
    generator = np.random.default_rng(1)
    numbers = generator.choice(len(shares), 20_000, p=shares).astype(np.int32) - FARTHEST
    numbers = np.clip(numbers, -FARTHEST, FARTHEST)
    writer = Writer(tables)
    writer.write(numbers, scales)
    ideal = tables.bits[20][numbers + FARTHEST].sum() / 8
    assert ideal - 1 <= len(writer.bytes()) <= 1.002 * ideal + 8


def test_every_number_has_one_turn():
    order = stages((8, 32, 64))
    times = torch.zeros(64, 9, 7)
    for stage in order:
        times[stage.first : stage.last] += stage.mask(9, 7)
    assert (times == 1).all()


def test_what_is_guessed_depends_only_on_what_is_known(network: Codec):
    """Numbers whose turn comes later may be anything."""
    prior = network.prior.exact()
    features = rounded(torch.rand(1, 16, 6, 6, dtype=torch.float64))
    known = rounded(torch.randn(1, 64, 6, 6, dtype=torch.float64))
    quality = torch.tensor([0.5], dtype=torch.float64)
    for number, stage in enumerate(prior.stages):
        later = torch.zeros(64, 6, 6, dtype=torch.bool)
        for other in prior.stages[number:]:
            later[other.first : other.last] |= other.mask(6, 6)
        before = known.masked_fill(later, 0)
        mask = stage.mask(6, 6)
        first = prior.guess(number, features, before, quality)
        known_now = known.clone()
        known_now[:, stage.last :] = torch.randn(1, 64 - stage.last, 6, 6, dtype=torch.float64)
        known_now = torch.where(
            later & (torch.arange(64)[:, None, None] < stage.last), 0, known_now
        )
        second = prior.guess(number, features, known_now, quality)
        for a, b in zip(first, second, strict=True):
            assert torch.equal(a[..., mask], b[..., mask])


def test_guesses_are_exact_in_any_order_of_sums(network: Codec):
    """Shuffled channels, other batch sizes and other threads give the same bits."""
    prior = network.prior.exact()
    x = rounded(100 * torch.randn(3, 16, 9, 9, dtype=torch.float64))
    conv = prior.between
    order = torch.randperm(16)
    shuffled = torch.nn.functional.conv2d(x[:, order], conv.weight[:, order], conv.bias, padding=1)
    assert torch.equal(rounded(shuffled), conv(x))
    assert torch.equal(conv(x)[1:2], conv(x[1:2]))
    threads = torch.get_num_threads()
    try:
        torch.set_num_threads(1)
        one = conv(x)
        torch.set_num_threads(3)
        assert torch.equal(conv(x), one)
    finally:
        torch.set_num_threads(threads)


@pytest.mark.parametrize("level", [0, 13, LEVELS - 1])
@pytest.mark.parametrize("size", [(40, 56), (33, 47), (1, 1), (8, 200)])
def test_pictures_come_back_as_the_network_paints_them(
    network: Codec, level: int, size: tuple[int, int]
):
    coding = Coding(network)
    images = torch.stack([drawn(*size, seed) for seed in range(3)])
    data = coding.encode(images, level)
    again = coding.decode(data, *size, level)
    assert again.shape == images.shape
    alone = coding.decode(data[1:2], *size, level)
    torch.testing.assert_close(alone[0], again[1], atol=1e-5, rtol=0)
    with torch.inference_mode():
        painted = network(images, torch.full((3,), level / (LEVELS - 1))).image.clamp(0, 1)
    assert (painted - again).abs().mean() < 0.01  # rounding of a guess may go the other way


def test_the_numbers_do_not_depend_on_threads_precision_or_company(network: Codec):
    coding = Coding(network)
    images = torch.stack([drawn(40, 56, seed) for seed in range(4)])
    data = coding.encode(images, 20)
    whole = coding.decode_numbers(data, 40, 56, 20)
    threads = torch.get_num_threads()
    try:
        torch.set_num_threads(2)
        with torch.autocast("cpu", dtype=torch.bfloat16):
            two = coding.decode_numbers(data[1:3], 40, 56, 20)
    finally:
        torch.set_num_threads(threads)
    assert torch.equal(two, whole[1:3])
    assert coding.encode_numbers(*_kept(coding, images, 20), 20) == data


def test_what_was_written_in_bfloat16_is_read_in_float32(network: Codec):
    images = torch.stack([drawn(40, 56, seed) for seed in range(2)])
    written: list[torch.Tensor] = []
    coding = Coding(network)
    walk = coding._walk  # pyright: ignore[reportPrivateUsage]

    def remembering(*given: Any) -> torch.Tensor:
        written.append(walk(*given))
        return written[-1]

    coding._walk = remembering  # pyright: ignore[reportPrivateUsage]
    try:
        torch.set_default_dtype(torch.bfloat16)
        with torch.autocast("cpu", dtype=torch.bfloat16):
            data = coding.encode(images, 20)
    finally:
        torch.set_default_dtype(torch.float32)
    assert torch.equal(Coding(network).decode_numbers(data, 40, 56, 20), written[0])


def _kept(coding: Coding, images: torch.Tensor, level: int):
    with torch.inference_mode():
        quality = torch.full((len(images),), level / (LEVELS - 1))
        numbers = coding.network.analyse(images, quality)
        return numbers.double(), coding.network.summarize(numbers).double()


def test_the_bytes_are_as_many_as_the_tables_say(network: Codec, monkeypatch: pytest.MonkeyPatch):
    coding, ideal = Coding(network), [0.0]
    plain = Writer.write

    def counting(self: Writer, numbers: np.ndarray, scales: np.ndarray) -> None:
        ideal[0] += float(coding.tables.bits[scales, numbers + FARTHEST].sum()) / 8
        plain(self, numbers, scales)

    monkeypatch.setattr(Writer, "write", counting)
    image = drawn(96, 128)[None]
    for level in (0, 14, 28):
        ideal[0] = 0.0
        length = len(coding.encode(image, level)[0])
        # the coder adds to the smallest shares, so that rare numbers are cheaper
        assert 0.9 * ideal[0] <= length <= 1.001 * ideal[0] + 8


def test_a_level_that_is_none_is_refused(network: Codec):
    with pytest.raises(ValueError, match="level is 33"):
        Coding(network).encode(torch.rand(1, 3, 8, 8), LEVELS)
