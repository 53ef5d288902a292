"""Restyle a photograph after one or more paintings, by optimisation (Gatys, Ecker and Bethge 2015).

The picture is optimised from coarse to fine: large forms settle where an iteration costs little,
and every finer size starts from the enlarged result plus the photograph's own fine detail. At each
size the painting is shown in proportion, so strokes keep their size relative to the picture.

Cost: about 1.4 x `iterations` forward and backward passes of VGG-16 at the final size; 256 pixels
take some 20 CPU-seconds, and three times that for every doubling. Memory: about 2.8 GB at 1024
pixels.
"""

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import torch
from torch import Tensor

from olhar.errors import OlharError
from olhar.media.image import resize
from olhar.nets.precision import default_device, exact, fast_dtype
from olhar.nets.vgg import VGG16, bundled_vgg16
from olhar.stylize.colors import keep_colors, match_palette
from olhar.stylize.learned import Learned, restyle
from olhar.stylize.network import Losses, Objective
from olhar.stylize.optimize import LBFGS, Adam, Optimizer, State, enlarge
from olhar.stylize.settings import SHORTEST, Level, Stylize, check_size, plan_levels
from olhar.stylize.stylizer import Stylizer

CONTENT_WEIGHT = 0.12
"""Weight of content against style at strength 1: readable, in the painting's strokes."""
BYTES_PER_PIXEL = 2700
"""Peak memory per pixel of the result, beside 0.8 GB for torch and the network (measured)."""


@dataclass(frozen=True)
class Step:
    """The state of a restyling after one iteration."""

    iteration: int
    """Counted from 1 over all sizes."""
    iterations: int
    """How many there will be."""
    work: float
    """Share of the whole work that is done, in [0, 1]: iterations at fine sizes weigh more."""
    losses: Losses
    """Of the best picture so far, at the present size."""
    _image: Tensor
    _state: State
    _photograph: Tensor | None

    def canvas(self) -> Tensor:
        """The picture in the painting's colours, (3, H, W) in [0, 1] on the CPU, at its size."""
        return self._image[0].float().cpu()

    def picture(self) -> Tensor:
        """The picture after this iteration, in the colours that were asked for, likewise."""
        image = self.canvas()
        return image if self._photograph is None else keep_colors(image, self._photograph)

    def state(self) -> State:
        """What `steps(..., state=...)` needs to go on from here with the same result."""
        return {"iteration": torch.tensor(self.iteration), **self._state}


def stylize(
    image: Tensor,
    styles: Tensor | Sequence[Tensor] | Learned,
    settings: Stylize | None = None,
    *,
    device: str | None = None,
    **changes: Any,
) -> Tensor:
    """Restyle an image after one painting or a mixture of several.

    Args:
        image: (3, H, W) in [0, 1], the photograph.
        styles: (3, h, w) in [0, 1], one painting or several, of any sizes; or a model that has
            learned some (`olhar.stylize.learned`), which needs one pass.
        settings: strength, stroke, size, ...; the defaults if not given.
        device: "cpu", "cuda", ...; the fastest of this machine if not given.
        changes: single fields of the settings, as in `stylize(photo, painting, size=256)`.

    Returns:
        (3, H', W') in [0, 1] on the CPU, its longer side `settings.size`, in the image's
        proportions.

    Raises:
        OlharError: if an image has another shape or range, a setting is out of range, the number of
            weights is not that of the styles, or there is no such model.

    Example:
        >>> photo, painting = torch.rand(3, 48, 64), torch.rand(3, 80, 80)
        >>> stylize(photo, painting, size=64, iterations=2).shape
        torch.Size([3, 48, 64])
    """
    settings = replace(settings or Stylize(), **changes)
    if isinstance(styles, (str, os.PathLike, Stylizer)):
        return restyle(image, styles, settings, device=device)
    step = None
    for step in steps(image, styles, settings, device=device):  # noqa: B007 (the last one counts)
        pass
    assert step is not None
    return step.picture()


def steps(
    image: Tensor,
    styles: Tensor | Sequence[Tensor],
    settings: Stylize | None = None,
    *,
    device: str | None = None,
    state: State | None = None,
) -> Iterator[Step]:
    """Restyle an image step by step, to watch it, stop it, or go on later.

    Args:
        image: as for `stylize`.
        styles: as for `stylize`.
        settings: as for `stylize`.
        device: as for `stylize`.
        state: of an earlier `Step.state()` with the same image, styles and settings; the iteration
            after it comes first, and the result is the one that would have come without the break.

    Yields:
        A `Step` after every iteration; the last one's `picture()` is the result.

    Raises:
        OlharError: as `stylize`, before anything is computed.
    """
    settings = settings or Stylize()
    styles = [styles] if isinstance(styles, Tensor) else list(styles)
    _check(image, styles, settings)
    if state is not None:
        _check_state(state, plan_levels(image, settings), settings)
    return _steps(image, styles, settings, device or default_device(), state)


def _steps(
    image: Tensor, styles: list[Tensor], settings: Stylize, device: str, state: State | None
) -> Iterator[Step]:
    photograph = image if settings.colors == "content" else None
    plan = plan_levels(image, settings)
    styles = paintings(image, styles, settings)
    dtype = fast_dtype(device)
    vgg = bundled_vgg16(device, dtype)
    costs = [level.iterations * level.size[0] * level.size[1] for level in plan]
    content = resize(image, plan[0].size)[None].to(device)
    optimizer = _start(content, settings, dtype)
    done = int(state["iteration"]) if state else 0
    before = 0  # iterations of the coarser sizes
    for number, level in enumerate(plan):
        if number:
            coarse = content
            content = resize(image, level.size)[None].to(device)
            # The photograph's own detail, which the coarse size could not hold.
            detail = content - enlarge(coarse, level.size)
            optimizer.rescale((enlarge(optimizer.image, level.size) + detail).clamp(0, 1))
        first, last = before + 1, before + level.iterations
        before = last
        if state and first <= done <= last:
            optimizer.restore({name: tensor.to(device) for name, tensor in state.items()})
        if done >= last:
            continue
        objective = make_objective(vgg, content, styles, settings)
        for iteration in range(max(first, done + 1), last + 1):
            losses = optimizer.iterate(partial(evaluate, objective))
            share = (iteration - first + 1) / level.iterations
            work = (sum(costs[:number]) + costs[number] * share) / sum(costs)
            yield Step(
                iteration,
                sum(n for _, n in plan),
                work,
                losses,
                optimizer.image,
                optimizer.state(),
                photograph,
            )


def _start(content: Tensor, settings: Stylize, dtype: torch.dtype) -> Optimizer:
    generator = torch.Generator().manual_seed(settings.seed)
    random = torch.randn(content.shape, generator=generator).to(content.device)
    # With the content comes a trace of noise: a seed chooses among results that are equally good.
    image = 0.5 + 0.15 * random if settings.init == "noise" else content + 0.02 * random
    return make_optimizer(image.clamp(0, 1), settings, dtype)


def make_optimizer(image: Tensor, settings: Stylize, dtype: torch.dtype) -> Optimizer:
    """What improves a picture, (1, 3, H, W), by gradients that are computed in `dtype`."""
    if settings.optimizer == "adam":
        return Adam(image)
    return LBFGS(image, noise=1e-6 if dtype == torch.float32 else 3e-3)


def _show(style: Tensor, size: tuple[int, int], stroke: float) -> Tensor:
    """The painting, its longer side `stroke` times the picture's; never enlarged."""
    height, width = style.shape[-2:]
    scale = min(1.0, stroke * max(size) / max(height, width))
    scale = max(scale, SHORTEST / min(height, width))  # unless it would vanish
    return resize(style, (max(1, round(height * scale)), max(1, round(width * scale))))


def paintings(image: Tensor, styles: Sequence[Tensor], settings: Stylize) -> list[Tensor]:
    """The styles as large as the result of an image needs them, in the colours that it is to have.

    Args:
        image: (3, H, W) in [0, 1], the photograph.
        styles: (3, h, w) each.
        settings: as for `stylize`.
    """
    size = plan_levels(image, settings)[-1].size
    shown = [_show(style, size, settings.stroke) for style in styles]
    if settings.colors == "style":
        return shown
    return [match_palette(style, image) for style in shown]


def make_objective(
    vgg: VGG16, content: Tensor, styles: Sequence[Tensor], settings: Stylize
) -> Objective:
    """What is minimised at the size of a photograph; the paintings are shown in proportion.

    Args:
        vgg: on the device of the content.
        content: (1, 3, H, W) in [0, 1], the photograph.
        styles: (3, h, w) each, in [0, 1], on the CPU.
        settings: as for `stylize`.
    """
    size = (content.shape[-2], content.shape[-1])
    return Objective(
        vgg,
        content,
        [_show(style, size, settings.stroke)[None].to(content.device) for style in styles],
        settings.weights or [1.0] * len(styles),
        settings.loss,
        CONTENT_WEIGHT / settings.strength,
        settings.smooth,
    )


def evaluate(objective: Objective, image: Tensor) -> tuple[Losses, Tensor]:
    """The losses of a picture, (1, 3, H, W), and the gradient of their total."""
    image = image.detach().requires_grad_()
    with torch.enable_grad(), exact(image.device):
        losses: Losses = objective(image)
        (gradient,) = torch.autograd.grad(losses.total, image)
    return Losses(*(part.detach() for part in losses)), gradient


def _check(image: Tensor, styles: list[Tensor], settings: Stylize) -> None:
    if not styles:
        raise OlharError("no style was given; at least one painting is needed")
    if settings.weights and len(settings.weights) != len(styles):
        raise OlharError(
            f"{len(settings.weights)} weights were given for {len(styles)} styles; "
            "give one per style"
        )
    names = ["the image", *(f"style {i}" for i in range(1, len(styles) + 1))]
    for name, picture in zip(names, [image, *styles], strict=True):
        shape = tuple(picture.shape)
        if picture.ndim != 3 or shape[0] != 3 or not picture.is_floating_point():
            raise OlharError(
                f"{name} has shape {shape} and {picture.dtype}; "
                "it must be (3, H, W), floating point"
            )
        if 0 in shape or not bool((picture.amin() >= 0) & (picture.amax() <= 1)):
            raise OlharError(f"{name} of shape {shape} must have pixels, with values in [0, 1]")
        if picture is not image and min(shape[1:]) < SHORTEST:
            raise OlharError(
                f"{name} is {shape[2]} x {shape[1]} pixels; a painting's shorter side needs at "
                f"least {SHORTEST}"
            )
    check_size(image, settings.size, BYTES_PER_PIXEL)


def _check_state(state: State, plan: list[Level], settings: Stylize) -> None:
    reached = int(state["iteration"]) if "iteration" in state else 0
    last = 0
    for level in plan:
        last += level.iterations
        if 0 < reached <= last:
            fits = "image" in state and tuple(state["image"].shape[2:]) == level.size
            if fits and ("gradient" in state) == (settings.optimizer == "lbfgs"):
                return
            break
    raise OlharError(
        "the state belongs to a restyling of another size, optimizer or number of iterations; "
        "give the image, styles and settings that it was made with"
    )
