"""Muon: steps in which every direction of a weight matrix counts alike (Jordan et al. 2024).

A gradient of a weight matrix is dominated by a few directions. Muon takes the momentum's nearest
semi-orthogonal matrix, all singular values near 1, and steps along that ("Muon: An optimizer for
hidden layers in neural networks", https://kellerjordan.github.io/posts/muon). Few, large steps get
far: it is what the fastest known trainings on CIFAR-10 use. A convolution's weight is the matrix of
its filters, one per row. Vectors, and what a group says (the last layer), are stepped by
Nesterov's momentum.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

# Jordan's quintic: x -> a x + b x^3 + c x^5 pulls (0, 1] towards 1, what is near 0 the fastest.
_A, _B, _C = 3.4445, -4.7750, 2.0315


def orthogonalize(matrix: Tensor, iterations: int = 5) -> Tensor:
    """The nearest semi-orthogonal matrix, roughly: singular values from about 0.7 to 1.2.

    Newton and Schulz's iteration, only products of matrices. On a GPU in bfloat16, which is enough.

    Args:
        matrix: (M, N).
        iterations: 5 bring up what is a thousandth of the largest singular value.

    Returns:
        (M, N), of the matrix's type.

    Example:
        >>> turned = orthogonalize(torch.tensor([[3.0, 0.0, 0.0], [0.0, 0.5, 0.0]]))
        >>> bool((turned @ turned.T - torch.eye(2)).abs().max() < 0.5)
        True
    """
    x = matrix.to(torch.bfloat16 if matrix.is_cuda else torch.float32)
    x = x / (x.square().sum().sqrt() + 1e-7)
    tall = x.shape[0] > x.shape[1]
    x = x.T if tall else x  # (S, L), S <= L: the smaller Gram matrix
    for _ in range(iterations):
        gram = x @ x.T  # (S, S)
        x = _A * x + (_B * gram + _C * gram @ gram) @ x
    return (x.T if tall else x).to(matrix.dtype)


class Muon(torch.optim.Optimizer):
    """Muon for matrices, stochastic gradient descent with Nesterov momentum for the rest.

    Args:
        parameters: or groups of them; a group's `orthogonal` = False steps it without Muon.
        lr: of Muon, how far each singular direction moves; 0.02 to 0.3.
        momentum: how much of the last steps carries on.
        weight_decay: of Muon, the share of the weights taken off per step and unit of the learning
            rate; of the rest, added to the gradient as `torch.optim.SGD` does.
        iterations: see `orthogonalize`.
    """

    def __init__(
        self,
        parameters: Iterable[Any],
        lr: float = 0.02,
        momentum: float = 0.95,
        weight_decay: float = 0.0,
        iterations: int = 5,
    ) -> None:
        defaults = {
            "lr": lr,
            "momentum": momentum,
            "weight_decay": weight_decay,
            "iterations": iterations,
            "orthogonal": True,
        }
        super().__init__(parameters, defaults)

    @torch.no_grad()
    def step(self, closure: Callable[[], Any] | None = None) -> Any:  # type: ignore[override]
        """Take one step on every parameter that has a gradient."""
        result = None
        if closure is not None:
            with torch.enable_grad():
                result = closure()
        for group in self.param_groups:
            for parameter in group["params"]:
                if parameter.grad is not None:
                    self._step(parameter, parameter.grad, group)
        return result

    def _step(self, parameter: Tensor, gradient: Tensor, group: dict[str, Any]) -> None:
        muon = group["orthogonal"] and parameter.ndim > 1
        rate, decay, momentum = group["lr"], group["weight_decay"], group["momentum"]
        if decay and not muon:
            gradient = gradient.add(parameter, alpha=decay)
        state = self.state[parameter]
        if "momentum_buffer" not in state:
            state["momentum_buffer"] = torch.zeros_like(parameter)
        buffer: Tensor = state["momentum_buffer"]
        buffer.mul_(momentum).add_(gradient)
        update = gradient.add(buffer, alpha=momentum)
        if muon:
            matrix = update.reshape(len(update), -1)  # (outputs, inputs): a filter per row
            update = orthogonalize(matrix, group["iterations"]).view(parameter.shape)
            rate *= max(1.0, matrix.shape[0] / matrix.shape[1]) ** 0.5
            parameter.mul_(1 - group["lr"] * decay)
        parameter.add_(update, alpha=-rate)
