"""Films in colour: steady along motion, nothing across a cut or behind a thing, times and sound."""

from __future__ import annotations

import math
import sys
import weakref
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import cv2
import pytest
import torch
from torch.nn import functional as F

from olhar.colorize import Colorize, colorize
from olhar.colorize.carry import AHEAD, Guess, steady
from olhar.colorize.painter import Said
from olhar.colorize.video import colorize_frames
from olhar.errors import OlharError
from olhar.media import shots
from olhar.media.color import lab_to_srgb, lightness, srgb_to_lab
from olhar.media.flow import warp
from olhar.media.process import LeftOut, process
from olhar.media.video import frames

sys.path.insert(0, str(Path(__file__).parents[1] / "media"))
import clips

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy as np
    from torch import Tensor

H, W = 72, 96


@pytest.fixture(autouse=True, scope="module")
def _one_thread() -> Iterator[None]:
    """So many small steps wait longer for each other than they take."""
    threads = torch.get_num_threads(), cv2.getNumThreads()
    torch.set_num_threads(1)
    cv2.setNumThreads(1)
    yield
    torch.set_num_threads(threads[0])
    cv2.setNumThreads(threads[1])


class Painter:
    """Cold where it is dark and warm where it is light, and blotches that are new every time."""

    side, multiple, takes_hints, bins = H, 8, False, None

    def __init__(self, blotches: float = 10.0) -> None:
        self.blotches = blotches

    def __call__(self, light: Tensor, hints: Tensor) -> Said:
        warm = F.avg_pool2d(light, 3, 1, 1, count_include_pad=False) / 50 - 1  # in [-1, 1]
        ab = torch.cat([30 * warm, 20 * warm + 15], 1)
        chance = torch.Generator().manual_seed(int(1000 * light.double().sum()))
        coarse = self.blotches * torch.randn(1, 2, 5, 7, generator=chance)
        return Said(ab=ab + F.interpolate(coarse, ab.shape[2:], mode="bicubic"))

    def log_probabilities(self, said: Said, vivid: float) -> Tensor:
        raise AssertionError("it has no bins")

    def decode(self, said: Said, vivid: float) -> Tensor:
        assert said.ab is not None
        return said.ab


def pixels() -> tuple[Tensor, Tensor]:
    y, x = torch.meshgrid(torch.arange(float(H)), torch.arange(float(W)), indexing="ij")
    return x, y


def waves(x: Tensor, y: Tensor, seed: int) -> Tensor:
    """(3, H, W) grey: forty plane waves, 6 to 90 pixels long, defined between pixels too."""
    chance = torch.Generator().manual_seed(seed)
    lengths = 6 * 15 ** torch.rand(40, generator=chance)
    angles, phases = 2 * math.pi * torch.rand(2, 40, generator=chance)
    across, down = (torch.stack((angles.cos(), angles.sin())) * 2 * math.pi / lengths)[
        ..., None, None
    ]
    sines = (x * across + y * down + phases[:, None, None]).sin()
    image = 0.45 + torch.einsum("n,nhw->hw", lengths**0.6, sines) / 170
    return image.clamp(0, 1).expand(3, -1, -1)


def pan(seed: int, count: int, step: float = 1.5, flicker: float = 0.0) -> list[Tensor]:
    """A camera that moves to the right, with grain, and an exposure that flickers."""
    chance = torch.Generator().manual_seed(seed)
    x, y = pixels()
    made: list[Tensor] = []
    for index in range(count):
        grain = 0.01 * torch.randn(1, H, W, generator=chance)
        exposure = 1 + flicker * float(torch.randn(1, generator=chance))
        made.append((exposure * waves(x + step * index, y, seed) + grain).clamp(0, 1))
    return made


def colored(film: list[Tensor], painter: Painter | None = None, **more: bool) -> list[Tensor]:
    given = list(colorize_frames(iter(film), painter or Painter(), **more))
    assert [each.shape for each in given] == [each.shape for each in film]
    return given


def single(film: list[Tensor], painter: Painter | None = None) -> list[Tensor]:
    return [colorize(image, painter or Painter()) for image in film]


def warping_error(images: list[Tensor], step: float) -> float:
    """Mean distance in the a*b* plane from each frame to the one before, along the exact flow."""
    flow = torch.zeros(2, H, W)
    flow[0] = step  # what is at x now was at x + step
    seen = slice(0, W - math.ceil(step))
    colors = [srgb_to_lab(image)[1:] for image in images]
    apart = [
        (now - warp(before, flow)).norm(dim=0)[:, seen].mean() for before, now in pairwise(colors)
    ]
    return float(torch.stack(apart).mean())


# --------------------------------------------------------------------------------------- steadiness


@pytest.mark.parametrize(("step", "flicker"), [(0.0, 0.06), (1.5, 0.0), (4.0, 0.06)])
def test_colors_flicker_less_than_half_as_much_as_frame_by_frame(
    step: float, flicker: float
) -> None:
    film = pan(3, 14, step, flicker)
    alone, carried = single(film), colored(film)
    assert warping_error(alone, step) > 4
    assert warping_error(carried, step) < 0.3 * warping_error(alone, step)
    assert warping_error(carried[:4], step) < 0.4 * warping_error(alone[:4], step)


def test_the_mean_of_guesses_is_nearer_to_the_truth_than_each() -> None:
    film = pan(4, 14)
    true = [srgb_to_lab(image)[1:] for image in single(film, Painter(blotches=0))]
    alone, carried = (
        sum(
            float((srgb_to_lab(image)[1:] - ab).norm(dim=0).mean())
            for image, ab in zip(images, true, strict=True)
        )
        for images in (single(film), colored(film))
    )
    assert carried < 0.6 * alone


def test_each_frame_keeps_its_own_lightness() -> None:
    film = pan(5, 6, flicker=0.1)
    for image, result in zip(film, colored(film), strict=True):
        assert (lightness(image) - lightness(result)).abs().max() < 0.05


def guesses(colors: list[tuple[float, float]]) -> Iterator[Guess[int]]:
    """A still picture, and one colour for all of it per frame."""
    light = lightness(waves(*pixels(), 1)[:, :40, :40])
    for index, color in enumerate(colors):
        ab = torch.tensor(color).view(2, 1, 1).expand(2, 40, 40)
        yield Guess(index, light, ab, first=index == 0)


def test_a_lasting_change_of_mind_wins() -> None:
    given = dict(steady(guesses([(30, 0)] * 20 + [(0, 30)] * 80)))
    assert torch.allclose(given[0][:, 9, 9], torch.tensor([30.0, 0.0]), atol=0.01)
    assert torch.allclose(given[99][:, 9, 9], torch.tensor([0.0, 30.0]), atol=1)


def test_where_hues_differ_the_mean_does_not_fade() -> None:
    given = dict(steady(guesses([(30, 0), (0, 30)] * 12)))
    chroma = torch.stack([ab.norm(dim=0).mean() for ab in given.values()])
    assert (chroma - 30).abs().max() < 0.5


# ---------------------------------------------------------------------------------- cuts and things


def test_nothing_crosses_a_cut() -> None:
    films = [pan(6, 9), pan(7, 12, step=-2.0), pan(8, 7, step=0.0)]
    whole = [image for film in films for image in film]
    starts = [first for _, first in shots.shots(iter(whole))]
    assert [index for index, first in enumerate(starts) if first] == [0, 9, 21]
    alone = [image for film in films for image in colored(film)]
    assert all(map(torch.equal, colored(whole), alone))


def test_the_first_frame_of_a_shot_is_seen_by_no_frame_of_the_shot_before() -> None:
    one, other = pan(6, 5), pan(7, 5)
    last = colored(one + other)[4]
    assert torch.equal(last, colored(one + pan(8, 5))[4])
    assert not torch.equal(last, colored(one + pan(6, 10)[5:])[4])  # within a shot it is


def test_a_cut_at_every_frame_is_frame_by_frame() -> None:
    film = [pan(seed, 1)[0] for seed in range(20, 27)]  # `shots` takes that for a whip pan
    assert all(map(torch.equal, colored(film), single(film)))


def test_a_film_of_one_frame_is_a_photograph_and_one_of_none_is_none() -> None:
    film = pan(9, 1)
    assert torch.equal(colored(film)[0], single(film)[0])
    assert colored([]) == []


def crossing(count: int) -> tuple[list[Tensor], list[Tensor]]:
    """A light disc with structure crosses a dark scene; the film, and where the disc is."""
    x, y = pixels()
    ground = 0.12 + 0.35 * (waves(x, y, 11) - 0.2)
    film: list[Tensor] = []
    discs: list[Tensor] = []
    for index in range(count):
        centre = 16 + 4.0 * index
        apart = ((x - centre).square() + (y - 36).square()).sqrt()
        disc = (14.5 - apart).clamp(0, 1)
        own = 0.85 + 0.3 * (waves(x - centre, y, 12) - 0.45)
        film.append((disc * own + (1 - disc) * ground).clamp(0, 1))
        discs.append(disc > 0)
    return film, discs


def test_a_thing_leaves_no_trail_of_its_color_and_takes_none_along() -> None:
    film, discs = crossing(15)
    painter = Painter(blotches=0)
    alone, carried = (
        [srgb_to_lab(image)[1:] for image in images]
        for images in (single(film, painter), colored(film, painter))
    )
    for now in range(1, 15):
        apart = (carried[now] - alone[now]).norm(dim=0)
        trail = torch.stack(discs[max(0, now - 6) : now]).any(0)
        near = F.max_pool2d(discs[now].float()[None], 5, 1, 2)[0] > 0  # the painter blurs there
        uncovered = trail & ~near
        inside = F.max_pool2d((~discs[now]).float()[None], 5, 1, 2)[0] == 0
        assert uncovered.sum() > 20
        # The colours of the disc and of the scene are 30 apart.
        assert apart[uncovered].mean() < 1.5
        assert apart[uncovered].quantile(0.98) < 5
        assert apart[inside].mean() < 1.5


# ------------------------------------------------------------------------------ memory, order, size


def test_memory_does_not_grow_with_the_length_of_a_shot() -> None:
    alive: list[weakref.ref[Tensor]] = []
    read = most = 0

    def source() -> Iterator[Tensor]:
        nonlocal read
        x, y = pixels()
        for index in range(36):
            image = waves(x + index, y, 13).clone()
            alive.append(weakref.ref(image))
            read += 1
            yield image
            del image

    for given, image in enumerate(colorize_frames(source(), Painter()), 1):
        held = sum(each() is not None for each in alive)
        most = max(most, held)
        assert image.shape == (3, H, W)
        assert read - given <= AHEAD + shots.AHEAD + 3
    assert given == 36
    assert most <= shots.AHEAD + 6  # of what is further ahead, lightness alone is held


def test_carrying_holds_a_window_of_frames() -> None:
    class Frame:
        pass

    alive: list[weakref.ref[Frame]] = []

    def source() -> Iterator[Guess[Frame]]:
        for guess in guesses([(10, 10)] * 40):
            frame = Frame()
            alive.append(weakref.ref(frame))
            yield Guess(frame, guess.light, guess.ab, guess.first)
            del frame

    for frame, _ in steady(source()):
        assert frame is not None
        assert sum(each() is not None for each in alive) <= AHEAD + 2


def test_frames_that_are_no_images_are_refused() -> None:
    with pytest.raises(OlharError, match=r"a frame has shape \(1, 72, 96\)"):
        next(colorize_frames(iter([torch.zeros(1, H, W)]), Painter()))


def test_a_painter_that_sees_more_than_the_film_has_and_sides_that_fit_nothing() -> None:
    painter = Painter()
    painter.side, painter.multiple = 300, 32
    film = [image[:, :41, :67] for image in pan(14, 4)]
    assert len(colored(film, painter)) == 4


def test_saturation_and_the_way_to_decode_count() -> None:
    film = pan(15, 3)
    grey = list(colorize_frames(iter(film), Painter(), Colorize(saturation=0)))
    assert all(srgb_to_lab(image)[1:].abs().max() < 0.05 for image in grey)
    blue = torch.tensor([0.0, -20.0]).view(2, 1, 1)
    decoded = colorize_frames(iter(film), Painter(), decode=lambda _: (blue, (1.0, 1.0)))
    for image in decoded:
        assert (srgb_to_lab(image)[1:] - blue).abs().mean() < 1


# ------------------------------------------------------------------------- what has colours already


def toned(image: Tensor, tone: tuple[float, float]) -> Tensor:
    """A grey image on toned paper, its lightness unchanged."""
    light = lightness(image)
    ab = torch.tensor(tone).view(2, 1, 1).expand(2, H, W)
    return lab_to_srgb(torch.cat([light, ab * (light / 50) * (2 - light / 50)])).clamp(0, 1)


def test_a_tone_that_changes_from_frame_to_frame_changes_no_color() -> None:
    grey = pan(16, 6)
    sepia = [toned(image, (3.0 + n, 12.0 - n)) for n, image in enumerate(grey)]
    still = Painter(blotches=0)
    for one, other in zip(colored(grey, still), colored(sepia, still), strict=True):
        assert (one - other).abs().max() < 0.02


def painted(film: list[Tensor]) -> list[Tensor]:
    """The film in colours that do not follow from lightness."""
    x, y = pixels()
    ab = torch.stack([25 * (x / 17).sin(), 25 * (y / 13).cos()])
    return [lab_to_srgb(torch.cat([lightness(image), ab])).clamp(0, 1) for image in film]


def test_shots_in_color_stay_as_they_are() -> None:
    grey, bright, end = pan(17, 6), painted(pan(18, 5)), pan(19, 4)
    given = colored(grey + bright + end)
    assert all(one is other for one, other in zip(given[6:11], bright, strict=True))
    assert all(map(torch.equal, given[:6] + given[11:], colored(grey) + colored(end)))
    anew = colored(grey + bright + end, again=True)[6:11]
    assert all((one - other).abs().mean() > 0.02 for one, other in zip(anew, bright, strict=True))


def test_a_film_in_color_is_left_out(tmp_path: Path) -> None:
    bright = painted(pan(18, 5))
    with pytest.raises(LeftOut, match="in colour already"):
        colored(bright)
    source = clips.make(
        tmp_path / "in.mp4", range(0, 200, 40), size=(H, W), picture=lambda n: rgb(bright[n])
    )
    with pytest.raises(OlharError, match=r"in\.mp4 is in colour already"):
        film(source, tmp_path / "out.mp4")
    assert [path.name for path in tmp_path.iterdir()] == ["in.mp4"]


# -------------------------------------------------------------------------------- from file to file


def rgb(image: Tensor) -> np.ndarray:
    return (image.permute(1, 2, 0) * 255).round().byte().numpy()


def film(source: Path, target: Path) -> Path:
    def never(image: Tensor) -> Tensor:
        raise AssertionError("a film is coloured by its frames")

    process(
        source, target, never, frames=lambda images: colorize_frames(images, Painter()),
        mark=None,
        progress=False,
    )  # fmt: skip
    return target


@pytest.mark.parametrize(("suffix", "sound"), [(".mp4", "aac"), (".mkv", "libopus")])
def test_uneven_times_and_sound_are_untouched(tmp_path: Path, suffix: str, sound: str) -> None:
    images = pan(21, 8) + pan(22, 6)
    source = clips.make(
        tmp_path / f"in{suffix}", size=(H, W), picture=lambda n: rgb(images[n]), audio=sound
    )
    target = film(source, tmp_path / f"out{suffix}")
    assert clips.times_of(target) == clips.times_of(source)
    assert len(clips.times_of(target)) == len(clips.UNEVEN)
    packets = clips.packets_of(target, "audio")
    assert len(packets) > 50
    assert packets == clips.packets_of(source, "audio")
    for frame, before in zip(frames(target), frames(source), strict=True):
        assert srgb_to_lab(frame.image)[1:].norm(dim=0).mean() > 8
        assert (lightness(frame.image) - lightness(before.image)).abs().mean() < 1.5


def test_a_video_of_one_frame_with_odd_sides(tmp_path: Path) -> None:
    image = pan(23, 1)[0][:, :70, :90]
    source = clips.make(tmp_path / "in.mkv", [0], size=(70, 90), picture=lambda _: rgb(image))
    target = film(source, tmp_path / "out.mp4")
    assert clips.times_of(target) == clips.times_of(source) == [0]
