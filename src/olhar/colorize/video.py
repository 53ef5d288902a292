"""Films in colour: every frame is guessed, and shot by shot the guesses are made to agree.

Frames stream through: `olhar.media.shots` says where shots begin, the painter looks at a small copy
of each frame, `olhar.colorize.carry` takes colours along the motion within the shot, and each frame
keeps its own L* at full size. Nothing crosses a cut: a shot's colours are what they would be were
it the whole film. Whether a shot is in colour already is decided once for all of its frames, and
of the others lightness alone counts, so the tone of a print is dropped and cannot flicker.

Cost beside the network: some 60 ms a frame on one core to find shots and motion, and for 1280 x 720
90 ms to read lightness and to make the result. Memory: the lightness of `AHEAD` frames and a few
images, whatever the length.
"""

from __future__ import annotations

from collections import deque
from itertools import islice, takewhile
from typing import TYPE_CHECKING

import torch

from olhar.colorize.apply import decoder
from olhar.colorize.carry import AHEAD, Guess, steady
from olhar.colorize.grid import resample
from olhar.colorize.look import copy_size, look
from olhar.colorize.recombine import join
from olhar.colorize.settings import Colorize
from olhar.colorize.tint import is_colored
from olhar.errors import OlharError
from olhar.media.color import lightness
from olhar.media.picture import resize
from olhar.media.process import LeftOut
from olhar.media.shots import shots

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from torch import Tensor

    from olhar.colorize.apply import Decode
    from olhar.colorize.painter import Painter

__all__ = ["AHEAD", "colorize_frames"]

_FINEST = 256  # shorter side on which colours are carried, at most
_VOTES = 3  # frames at the beginning of a shot that say whether it is in colour


def colorize_frames(
    frames: Iterable[Tensor],
    painter: Painter,
    settings: Colorize | None = None,
    *,
    decode: Decode | None = None,
    again: bool = False,
) -> Iterator[Tensor]:
    """Colour the frames of a film.

    Args:
        frames: images (3, H, W) in [0, 1] in order of time; taken one by one, some in advance.
        painter: in evaluation mode.
        settings: as for photographs.
        decode: how what the painter says becomes colours (`olhar.colorize.apply.decoder`).
        again: also colour shots that are in colour.

    Yields:
        As many images of the same sizes, in order, each with the L* of its own; those of a shot
        that is in colour as they came.

    Raises:
        OlharError: if a frame has another shape.
        LeftOut: after the last frame, if every shot is in colour.

    >>> from olhar.colorize.network import ColorNet
    >>> film = (torch.rand(1, 48, 64).expand(3, -1, -1) for _ in range(3))
    >>> [image.shape for image in colorize_frames(film, ColorNet().eval())]
    [torch.Size([3, 48, 64]), torch.Size([3, 48, 64]), torch.Size([3, 48, 64])]
    """
    settings = settings or Colorize()
    decode = decode or decoder(painter, settings)
    kept = made = 0
    for held, ab in steady(_guesses(frames, painter, settings, decode, again)):
        if len(held) == 3:
            kept += 1
            yield held
        else:
            made += 1
            yield join(held, ab)
    if kept and not made:
        raise LeftOut("is in colour already, so it is left as it is; --again colours it anew")


def _guesses(
    frames: Iterable[Tensor],
    painter: Painter,
    settings: Colorize,
    decode: Decode,
    again: bool,
) -> Iterator[Guess[Tensor]]:
    """What the painter makes of each frame alone, for its lightness (1, H, W).

    For frames to be kept as they are: for the image (3, H, W), tied to no other.
    """
    for image, first, keep in _kept(frames, again):
        if keep:
            nothing = torch.zeros(3, 1, 1)
            yield Guess(image, nothing[:1], nothing[1:], first=True)
            continue
        light = lightness(image.detach().float().cpu())
        with torch.no_grad():
            seen = look(painter, light, settings)
            ab, extent = decode(seen)
        rows, columns = seen.light.shape[1:]
        finest = min(rows, columns) <= _FINEST
        size = (rows, columns) if finest else copy_size(rows, columns, _FINEST)
        small = resize(seen.light / 100, size) * 100
        yield Guess(light, small, settings.saturation * resample(ab, size, extent), first)


def _kept(frames: Iterable[Tensor], again: bool) -> Iterator[tuple[Tensor, bool, bool]]:
    """Each frame, whether a shot begins with it, and whether that is in colour and shall stay."""
    source = shots(map(_checked, frames))
    window: deque[tuple[Tensor, bool]] = deque()
    keep = False
    while True:
        window.extend(islice(source, _VOTES - len(window)))
        if not window:
            return
        image, first = window.popleft()
        if first and not again:
            shot = [image, *(later for later, _ in takewhile(lambda each: not each[1], window))]
            keep = 2 * sum(map(is_colored, shot)) > len(shot)
        yield image, first, keep


def _checked(image: Tensor) -> Tensor:
    shape = tuple(image.shape)
    if image.ndim != 3 or shape[0] != 3 or 0 in shape or not image.is_floating_point():
        raise OlharError(
            f"a frame has shape {shape} and {image.dtype}; it must be (3, H, W), floating point"
        )
    return image
