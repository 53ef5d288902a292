"""Restyle a film: each frame is painted over the one before, moved to where things are now.

Restyled by itself, every frame gets strokes of its own and the film boils. So only the first frame
of a shot is; of the others the frame before is fetched along the optical flow, and a few iterations
at the two finest sizes make it a picture of the present frame, held to what was fetched wherever
the flow can be trusted (Ruder, Dosovitskiy and Brox 2016, "Artistic Style Transfer for Videos").
What has just come into view begins as the frame itself in the colours of the picture. What stands
still and looks as it did when it was painted is not painted again, or its strokes would creep.
Nothing crosses a cut.

Cost: at most 0.4 of a photograph of that size for each frame but the first of a shot. Memory: that
of a photograph, whatever the length.
"""

from __future__ import annotations

import base64
import os
import zlib
from collections import deque
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

import torch
from torch.nn import functional as F

from olhar.errors import OlharError
from olhar.media.flow import flow, occlusion, warp
from olhar.media.image import resize
from olhar.media.shots import shots
from olhar.nets.precision import default_device, fast_dtype
from olhar.nets.vgg import bundled_vgg16
from olhar.stylize.apply import evaluate, make_objective, make_optimizer, paintings, steps
from olhar.stylize.colors import keep_colors, match_palette
from olhar.stylize.network import Held
from olhar.stylize.optimize import enlarge
from olhar.stylize.settings import Level, Stylize, plan_levels
from olhar.stylize.stylizer import Stylizer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from torch import Tensor

    from olhar.stylize.apply import Step
    from olhar.stylize.learned import Learned
    from olhar.stylize.network import Losses, Objective

_HELD = 5.0  # what a squared difference from the frame before counts at steadiness 1
_SHARE = 0.4  # of a photograph's iterations at a size
_FINEST = 2  # sizes that are worked at
_ALIKE = 0.15  # difference along the flow, in [0, 1], at which it is trusted by 1 / e
_LEAST = 0.15  # mean trust below which two frames show different things
_STILL = 0.3  # pixels by which what stands still may seem to move
_EXPLAINED = 1.5  # times the error that motion leaves, below which standing still explains as much
_CHANGED = 0.03  # difference from what was painted, in [0, 1], from which it is painted again
_NOTHING = 1e-3  # share of the pixels below which nothing is painted again


def stylize_frames(
    frames: Iterable[Tensor],
    styles: Tensor | Sequence[Tensor] | Learned,
    settings: Stylize | None = None,
    *,
    device: str | None = None,
) -> Iterator[Tensor]:
    """Restyle the frames of a film after one painting or a mixture of several.

    Args:
        frames: images (3, H, W) in [0, 1] in order of time; taken one by one, some in advance.
        styles: (3, h, w) in [0, 1], one painting or several, of any sizes; or a model that has
            learned some (`olhar.stylize.learned`).
        settings: as for `stylize`; `steady` says how much one frame stays as the other was.
        device: "cpu", "cuda", ...; the fastest of this machine if not given.

    Yields:
        As many images (3, H', W') in [0, 1], in order, their longer side `settings.size`. Those of
        a shot are what they would be were it the whole film.

    Raises:
        OlharError: as `stylize`.

    Example:
        >>> film = (torch.rand(1, 48, 64).expand(3, -1, -1) for _ in range(2))
        >>> made = stylize_frames(film, torch.rand(3, 80, 80), Stylize(size=64, iterations=2))
        >>> [image.shape for image in made]
        [torch.Size([3, 48, 64]), torch.Size([3, 48, 64])]
    """
    if isinstance(styles, (str, os.PathLike, Stylizer)):
        from olhar.stylize.learned_film import LearnedRestyling

        return LearnedRestyling(styles, settings, device=device)(frames)
    return Restyling(styles, settings, device=device)(frames)


class Restyling:
    """Restyles one film, and can begin in the middle (`olhar.media.segments.Film`).

    Args:
        styles: as for `stylize_frames`.
        settings: likewise.
        device: likewise.
        watch: is given the steps of a frame that takes long, and hands them on.
    """

    warm_up = 16
    """Frames that say whether the next begins a shot."""
    slow = True

    def __init__(
        self,
        styles: Tensor | Sequence[Tensor],
        settings: Stylize | None = None,
        *,
        device: str | None = None,
        watch: Callable[[Iterator[Step]], Iterator[Step]] = iter,
    ) -> None:
        self._styles = [styles] if isinstance(styles, torch.Tensor) else list(styles)
        self._settings = settings or Stylize()
        self._device = device or default_device()
        self._dtype = fast_dtype(self._device)
        self._watch = watch
        self._objectives: dict[tuple[int, int], Objective] = {}
        self._painted = torch.zeros(3, 1, 1)  # what each place showed when it was painted last
        self._made: deque[tuple[int, Tensor, Tensor]] = deque(maxlen=2)
        self.count = 0
        """How many frames of the film are restyled."""

    def __call__(
        self, frames: Iterable[Tensor], state: dict[str, Any] | None = None
    ) -> Iterator[Tensor]:
        """Restyle frames; with a `state` those that go on, after as many as `warm_up` says."""
        self.count = 0
        canvas: Tensor | None = None
        known = 0
        if state:
            self.count = state["frames"]
            canvas, self._painted = _unpacked(state, self._settings.size)
            known = min(self.count, self.warm_up)
        before: Tensor | None = None
        for image, first in shots(frames):
            plan = plan_levels(image, self._settings)
            content = resize(image, plan[-1].size)
            if known:  # its picture is there
                known -= 1
                before = content
                yield content
                continue
            made = None
            if canvas is not None and before is not None and not first and self._settings.steady:
                made = self._follow(image, content, before, canvas, plan)
            if made is None:
                made, self._painted = self._alone(image), content
            canvas, self._painted = _rounded(made), _rounded(self._painted)
            self.count += 1
            self._made.append((self.count, canvas, self._painted))
            before = content
            keep = self._settings.colors == "content"
            yield keep_colors(canvas, image) if keep else canvas

    def state(self) -> dict[str, Any]:
        """The picture before the latest, which is the first of what goes on, and its number."""
        count, *pictures = self._made[0]
        size = pictures[0].shape[1:]
        return {"frames": count, "size": size, "pictures": [*map(_packed, pictures)]}

    def _alone(self, image: Tensor) -> Tensor:
        """A frame as a photograph, (3, h, w)."""
        step = None
        made = steps(image, self._styles, self._settings, device=self._device)
        for step in self._watch(made):  # noqa: B007  the last one counts
            pass
        assert step is not None
        return step.canvas()

    def _follow(
        self, image: Tensor, content: Tensor, before: Tensor, canvas: Tensor, plan: list[Level]
    ) -> Tensor | None:
        """A frame after another, (3, h, w); None if they show different things.

        Args:
            image: the frame, at its size.
            content: the frame at the size of the result.
            before: the frame before, likewise.
            canvas: what was made of that.
            plan: the sizes of a photograph.
        """
        if content.shape != before.shape:
            return None
        fetched = fetch(content, before, canvas, self._painted)
        if fetched is None:
            return None
        self._painted = fetched.painted
        if float(fetched.free.mean()) < _NOTHING:
            return fetched.image
        return self._over(image, content, fetched, plan)

    def _over(self, image: Tensor, content: Tensor, fetched: Fetched, plan: list[Level]) -> Tensor:
        """A picture of the present frame, painted over what was fetched, (3, h, w)."""
        trust, free = fetched.trust, fetched.free
        start = torch.lerp(match_palette(content, fetched.canvas), fetched.image, trust)
        coarse: tuple[Tensor, Tensor] | None = None  # a picture, and what it was before
        for level in plan[-_FINEST:]:
            sized = partial(self._sized, size=level.size)
            given = sized(start)
            if coarse:
                change = enlarge(coarse[0] - coarse[1], level.size)
                given = (given + sized(free) * change).clamp(0, 1)
            objective = self._objective(image, sized(content))
            weight = _HELD * self._settings.steady * sized(trust)
            objective.resemble(sized(content), Held(sized(fetched.image), weight))
            optimizer = make_optimizer(given, self._settings, self._dtype)
            for _ in range(1 + max(1, round(_SHARE * level.iterations))):  # the first only measures
                optimizer.iterate(partial(_evaluate, objective, sized(free)))
            coarse = optimizer.image, given
        assert coarse is not None
        return coarse[0][0].float().cpu()

    def _sized(self, image: Tensor, size: tuple[int, int]) -> Tensor:
        return resize(image, size)[None].to(self._device)

    def _objective(self, image: Tensor, content: Tensor) -> Objective:
        """That of a size; with the colours of the frames, that of this frame alone."""
        size = (content.shape[-2], content.shape[-1])
        if size not in self._objectives or self._settings.colors == "content":
            shown = paintings(image, self._styles, self._settings)
            vgg = bundled_vgg16(self._device, self._dtype)
            self._objectives[size] = make_objective(vgg, content, shown, self._settings)
        return self._objectives[size]


class Fetched(NamedTuple):
    """The picture of the frame before, where things are now."""

    canvas: Tensor
    """(3, h, w) in [0, 1]: that picture as it was."""
    image: Tensor
    """(3, h, w) in [0, 1]: moved."""
    trust: Tensor
    """(1, h, w) in [0, 1]: how far that is what is seen now."""
    free: Tensor
    """(1, h, w) in [0, 1]: 0 where nothing has moved or changed, so that it may stay."""
    painted: Tensor
    """(3, h, w): what each place showed when it was painted last."""


def fetch(content: Tensor, before: Tensor, canvas: Tensor, painted: Tensor) -> Fetched | None:
    """Fetch a picture along the flow; None if two frames show different things.

    Args:
        content: the frame at the size of the result.
        before: the frame before, likewise.
        canvas: what was made of that.
        painted: what each place of it showed when it was painted last.
    """
    back = flow(content, before)
    still = _still(content, before, back)
    back = back * ~still
    trust = _trust(content, before, back, flow(before, content))
    if float(trust.mean()) < _LEAST:
        return None
    was = warp(painted, back)
    same = _smooth(content - was, 5).abs().amax(0, keepdim=True) < _CHANGED
    kept = _smooth((still & same).float())
    return Fetched(
        canvas=canvas,
        image=warp(canvas, back, mode="bicubic").clamp(0, 1),
        trust=torch.maximum(trust, kept),
        free=1 - kept,
        painted=torch.where(kept < 0.5, content, was),
    )


def _trust(now: Tensor, before: Tensor, back: Tensor, forth: Tensor) -> Tensor:
    """How far the flow back can be trusted, (1, H, W) in [0, 1]."""
    apart = (now - warp(before, back)).abs().mean(0, keepdim=True)
    seen = ~occlusion(back, forth) * (-((apart / _ALIKE) ** 2)).exp()
    return _smooth(seen)


def _smooth(image: Tensor, side: int = 3) -> Tensor:
    """The mean over squares around each pixel, (C, H, W)."""
    return F.avg_pool2d(image[None], side, 1, side // 2, count_include_pad=False)[0]


def _evaluate(objective: Objective, free: Tensor, image: Tensor) -> tuple[Losses, Tensor]:
    """Losses and gradient, where the picture is free to change."""
    losses, gradient = evaluate(objective, image)
    return losses, gradient * free


def _still(now: Tensor, before: Tensor, back: Tensor) -> Tensor:
    """Where nothing moves, though noise makes it seem so, (1, H, W) bool."""
    left, moved = (
        _smooth((now - each).square().mean(0, keepdim=True), 9)
        for each in (before, warp(before, back))
    )
    pace = _smooth(back, 17).square().sum(0, keepdim=True).sqrt()
    return (pace < _STILL) & (left < _EXPLAINED * moved + 1e-6)


def _rounded(canvas: Tensor) -> Tensor:
    """To 8 bits, as a film that goes on finds it."""
    return (canvas * 255).round() / 255


def _packed(canvas: Tensor) -> str:
    pixels = (canvas * 255).round().to(torch.uint8)
    return base64.b64encode(zlib.compress(pixels.numpy().tobytes())).decode()


def _unpacked(state: dict[str, Any], longest: int) -> list[Tensor]:
    """The pictures of a state, whose sides are no longer than those of the film."""
    try:
        height, width = state["size"]
        if not 0 < min(height, width) <= max(height, width) <= longest:
            raise ValueError("of another film")
        canvas, painted = state["pictures"]
        found: list[Tensor] = []
        for text in (canvas, painted):
            inflate = zlib.decompressobj()
            pixels = bytearray(inflate.decompress(base64.b64decode(text), 3 * height * width))
            found.append(torch.frombuffer(pixels, dtype=torch.uint8).view(3, height, width) / 255)
    except (LookupError, RuntimeError, TypeError, ValueError, zlib.error) as error:
        raise OlharError(
            "what an earlier run left of this film is damaged; give the result another name"
        ) from error
    return found
