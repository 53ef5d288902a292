"""What a network is made of: its layers in the order in which they compute, and what each costs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

import torch
from torch import Tensor, nn
from torch.utils.flop_counter import FlopCounterMode

if TYPE_CHECKING:
    from collections.abc import Callable


@dataclass(frozen=True)
class Layer:
    """One layer of a summary."""

    name: str
    kind: str
    output: tuple[int, ...]
    """The shape that it gives for one example; empty if it gives no tensor."""
    parameters: int


@dataclass(frozen=True)
class Summary:
    """The layers of a network; `str` draws them as a table."""

    layers: tuple[Layer, ...]
    parameters: int
    trained: int
    """Parameters that are not frozen."""
    multiply_adds: int
    """Of one example, forward."""

    def __str__(self) -> str:
        rows = [
            (layer.name, layer.kind, " x ".join(map(str, layer.output)), f"{layer.parameters:,}")
            for layer in self.layers
        ]
        rows = [("layer", "kind", "output", "parameters"), *rows]
        widths = [max(len(row[column]) for row in rows) for column in range(4)]
        lines = [
            f"{name:<{widths[0]}}  {kind:<{widths[1]}}  {output:<{widths[2]}}  {count:>{widths[3]}}"
            for name, kind, output, count in rows
        ]
        return "\n".join([*lines, self.line])

    @property
    def line(self) -> str:
        """The totals in one line."""
        frozen = f", {self.parameters - self.trained:,} of them frozen"
        return (
            f"{self.parameters:,} parameters{frozen if self.trained != self.parameters else ''}, "
            f"{self.multiply_adds:,} multiply-adds per example"
        )


@torch.no_grad()
def summarize(network: nn.Module, compute: Callable[[], Any], examples: int = 1) -> Summary:
    """Watch a network compute.

    Args:
        network: left as it was.
        compute: runs it, in evaluation mode: its layers are seen as they are used.
        examples: how many `compute` passes through.
    """
    layers: dict[str, Layer] = {}
    hooks: list[Any] = []
    modules: list[tuple[str, nn.Module]] = [*network.named_modules()]
    for name, module in modules:
        if next(module.children(), None) is None:
            hooks.append(module.register_forward_hook(_watch(name, layers)))
    training = network.training
    network.eval()
    counter = FlopCounterMode(display=False)
    try:
        with counter:
            compute()
    finally:
        for hook in hooks:
            hook.remove()
        network.train(training)
    parameters = [*network.parameters()]
    return Summary(
        tuple(layers.values()),
        sum(p.numel() for p in parameters),
        sum(p.numel() for p in parameters if p.requires_grad),
        counter.get_total_flops() // 2 // examples,
    )


def _watch(name: str, layers: dict[str, Layer]) -> Callable[[nn.Module, Any, Any], None]:
    def hook(module: nn.Module, _: Any, output: Any) -> None:
        first = cast("Any", output[0] if isinstance(output, tuple) else output)
        shape = tuple(first.shape[1:]) if isinstance(first, Tensor) else ()
        count = sum(p.numel() for p in module.parameters())
        layers.setdefault(name, Layer(name, type(module).__name__, shape, count))

    return hook
