"""Two ways down the same hill: limited-memory BFGS, and Adam with an average of its iterates.

Both take one gradient per iteration, keep the picture inside [0, 1], and can be stopped, saved and
resumed between any two iterations. From one scale to the next Adam carries its moments; L-BFGS
starts afresh, since curvature learned at one size misleads at another.

L-BFGS (Nocedal and Wright 2006, algorithm 7.4) is the default: with relative losses, a projection
onto [0, 1] after every step and a line search that mostly accepts the first try, it needs about a
quarter of Adam's gradients for the same loss. Adam (Kingma and Ba 2015) stands gradient noise
better, and its averaged iterate (Polyak and Juditsky 1992) is a little smoother. Memory: twice the
history, 16 pictures, or 3.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Tensor

from olhar.stylize.network import Losses

Evaluate = Callable[[Tensor], tuple[Losses, Tensor]]
"""A picture (1, 3, H, W) -> its losses and the gradient of their total."""
State = dict[str, Tensor]


def enlarge(image: Tensor, size: tuple[int, int]) -> Tensor:
    """Resize (1, C, H, W) bicubically to (height, width), without clamping."""
    return F.interpolate(image, size=size, mode="bicubic", align_corners=False)


class Optimizer(ABC):
    """Improves a picture by one gradient at a time."""

    @abstractmethod
    def iterate(self, evaluate: Evaluate) -> Losses:
        """Evaluate one candidate, learn from it, and return its losses."""

    @property
    @abstractmethod
    def image(self) -> Tensor:
        """The best picture so far, (1, 3, H, W) in [0, 1]."""

    @abstractmethod
    def rescale(self, image: Tensor) -> None:
        """Go on from `image` at another size, taking along what still holds there."""

    @abstractmethod
    def state(self) -> State:
        """Everything needed to go on later, as tensors."""

    @abstractmethod
    def restore(self, state: State) -> None:
        """Go on from a state of `state()`."""


def _dot(a: Tensor, b: Tensor) -> float:
    return float((a * b).sum())


class LBFGS(Optimizer):
    """Quasi-Newton steps from the last `history` changes of gradient, projected onto [0, 1].

    Args:
        image: where to start, (1, 3, H, W) in [0, 1].
        history: how many changes are remembered.
        noise: relative error of the loss that the line search forgives; more than rounding in
            bfloat16.
    """

    def __init__(self, image: Tensor, history: int = 8, noise: float = 1e-6) -> None:
        self.history, self.noise = history, noise
        self.rescale(image)

    @property
    def image(self) -> Tensor:
        return self._image

    def rescale(self, image: Tensor) -> None:
        self._image = image
        self._losses: Losses | None = None
        self._gradient = self._direction = torch.zeros_like(image)
        self._pairs: list[tuple[Tensor, Tensor]] = []
        self._length = 0.0  # 0: no direction chosen yet

    def iterate(self, evaluate: Evaluate) -> Losses:
        if self._losses is None:
            self._losses, self._gradient = evaluate(self._image)
            return self._losses
        if not self._length:
            self._aim()
        trial = (self._image + self._length * self._direction).clamp(0, 1)
        losses, gradient = evaluate(trial)
        step = trial - self._image
        slope = _dot(self._gradient, step)
        start, reached = float(self._losses.total), float(losses.total)
        if reached <= start + 1e-4 * slope + self.noise * abs(start):
            self._remember(step, gradient - self._gradient)
            self._image, self._losses, self._gradient = trial, losses, gradient
            self._length = 0.0
        else:  # the minimum of the parabola through both ends and the slope, kept within reason
            bend = 2 * (reached - start - slope)
            shrink = -slope / bend if bend > 0 else 0.5
            self._length *= min(max(shrink, 0.1), 0.5)
            if self._length < 1e-4:  # no way down along this line: start afresh
                self._pairs.clear()
                self._length = 0.0
        return self._losses

    def _aim(self) -> None:
        """Choose the direction (two-loop recursion) and how far to go along it first."""
        direction = self._gradient.clone()
        pushed: list[float] = []
        for s, y in reversed(self._pairs):
            pushed.append(_dot(s, direction) / _dot(s, y))
            direction -= pushed[-1] * y
        if self._pairs:
            s, y = self._pairs[-1]
            direction *= _dot(s, y) / _dot(y, y)
        for (s, y), alpha in zip(self._pairs, reversed(pushed), strict=True):
            direction += s * (alpha - _dot(y, direction) / _dot(s, y))
        blocked = ((self._image <= 0) & (direction > 0)) | ((self._image >= 1) & (direction < 0))
        direction = direction.neg_().masked_fill_(blocked, 0)
        if _dot(direction, self._gradient) >= 0:
            self._pairs.clear()
            direction = -self._gradient
        pace = float(direction.abs().mean()) or 1.0
        # Without curvature the scale of the gradient says nothing: change pixels by 2 % on average.
        self._length = min(1.0, 0.1 / pace) if self._pairs else 0.02 / pace
        self._direction = direction

    def _remember(self, step: Tensor, change: Tensor) -> None:
        if _dot(step, change) > 1e-10 * (_dot(step, step) * _dot(change, change)) ** 0.5:
            self._pairs = [*self._pairs, (step, change)][-self.history :]

    def state(self) -> State:
        state: State = {
            "image": self._image,
            "gradient": self._gradient,
            "direction": self._direction,
            "length": torch.tensor(self._length, dtype=torch.float64),
        }
        if self._losses is not None:
            state["losses"] = torch.stack(list(self._losses))
        for i, (s, y) in enumerate(self._pairs):
            state |= {f"step.{i}": s, f"change.{i}": y}
        return state

    def restore(self, state: State) -> None:
        self.rescale(state["image"])
        self._gradient, self._direction = state["gradient"], state["direction"]
        self._length = float(state["length"])
        if "losses" in state:
            total, content, style = state["losses"].unbind()
            self._losses = Losses(total, content, style)
        count = sum(name.startswith("step.") for name in state)
        self._pairs = [(state[f"step.{i}"], state[f"change.{i}"]) for i in range(count)]


class Adam(Optimizer):
    """Adam whose result is the bias-corrected exponential average of its iterates.

    Args:
        image: where to start, (1, 3, H, W) in [0, 1].
        rate: the step size, in units of the full range of a pixel.
        betas: decay of the first and second moments of the gradient.
        average: decay of the average of the iterates.
    """

    def __init__(
        self,
        image: Tensor,
        rate: float = 0.02,
        betas: tuple[float, float] = (0.9, 0.99),
        average: float = 0.95,
    ) -> None:
        self.rate, self.betas, self.average = rate, betas, average
        self._first = self._second = torch.zeros_like(image)
        self._count = 0
        self.rescale(image)

    @property
    def image(self) -> Tensor:
        if not self._averaged:
            return self._iterate
        return (self._sum / (1 - self.average**self._averaged)).clamp(0, 1)

    def rescale(self, image: Tensor) -> None:
        size = (image.shape[-2], image.shape[-1])
        self._iterate = image
        self._sum, self._averaged = torch.zeros_like(image), 0
        self._first = enlarge(self._first, size)
        self._second = F.interpolate(self._second, size=size, mode="bilinear", align_corners=False)

    def iterate(self, evaluate: Evaluate) -> Losses:
        losses, gradient = evaluate(self._iterate)
        self._count += 1
        self._averaged += 1
        b1, b2 = self.betas
        self._first = torch.lerp(gradient, self._first, b1)
        self._second = torch.lerp(gradient.square(), self._second, b2)
        first = self._first / (1 - b1**self._count)
        second = self._second / (1 - b2**self._count)
        step = self.rate * first / (second.sqrt() + 1e-12)
        self._iterate = (self._iterate - step).clamp(0, 1)
        self._sum = torch.lerp(self._iterate, self._sum, self.average)
        return losses

    def state(self) -> State:
        return {
            "image": self._iterate,
            "first": self._first,
            "second": self._second,
            "sum": self._sum,
            "counts": torch.tensor([self._count, self._averaged]),
        }

    def restore(self, state: State) -> None:
        self._iterate, self._sum = state["image"], state["sum"]
        self._first, self._second = state["first"], state["second"]
        self._count, self._averaged = (int(n) for n in state["counts"])
