"""From a loss to better weights: backward, average over processes, clip, step."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import torch
from torch import Tensor, nn

from olhar.training.muon import Muon

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lightning_fabric import Fabric

    from olhar.training.recipe import Group, Recipe


def reduced(fabric: Fabric, tensor: Tensor, how: str = "mean") -> Tensor:
    """The mean (or "sum") of a tensor over all processes."""
    return cast("Tensor", fabric.all_reduce(tensor, reduce_op=how))


def _make(recipe: Recipe, groups: list[dict[str, Any]]) -> torch.optim.Optimizer:
    rate = recipe.learning_rate
    if recipe.optimizer == "muon":
        return Muon(groups, lr=rate)
    if recipe.optimizer == "sgd":
        return torch.optim.SGD(groups, lr=rate, fused=True)
    return torch.optim.AdamW(groups, lr=rate, fused=True)


def _momentum(recipe: Recipe, momentum: float) -> dict[str, Any]:
    """As the recipe's optimiser calls it."""
    if recipe.optimizer == "adamw":
        return {"betas": (momentum, 0.999)}
    nesterov = {"nesterov": momentum > 0} if recipe.optimizer == "sgd" else {}
    return {"momentum": momentum, **nesterov}


def _chosen(own: float | None, usual: float) -> float:
    return usual if own is None else own


class Optimizer:
    """The groups of one name, and the one way in which they are improved.

    Gradients are averaged over processes here, in one reduction per step, and not by a wrapper
    around the network: so a recipe may call any method of its network, any number of times.
    """

    def __init__(self, recipe: Recipe, groups: Sequence[Group], fabric: Fabric) -> None:
        self._clip = recipe.clip or float("inf")
        self._fabric = fabric
        settings = [
            {
                "params": [*group.parameters],
                "rate": group.rate,
                "orthogonal": group.orthogonal,
                "weight_decay": _chosen(group.weight_decay, recipe.weight_decay),
                **_momentum(recipe, _chosen(group.momentum, recipe.momentum)),
            }
            for group in groups
        ]
        settings = [group for group in settings if group["params"]]
        self.parameters: list[nn.Parameter] = [p for group in settings for p in group["params"]]
        self.inner = _make(recipe, settings)
        self._outer: Any = fabric.setup_optimizers(self.inner)
        self.share = 1.0
        """Of the next loss in the gradient of the step, times the processes."""
        self.step_now = True
        """Whether `minimize` steps, or only adds to the gradients."""
        self.norm: Tensor = torch.zeros(())
        """Length of the last gradient before it was clipped."""

    def set_rate(self, rate: float) -> None:
        """Set the learning rate of every group, times its own."""
        for group in self.inner.param_groups:
            group["lr"] = rate * group["rate"]

    def minimize(self, loss: Tensor) -> None:
        """Improve the parameters of this optimiser, and of no other, by one gradient step."""
        trained = [p for p in self.parameters if p.requires_grad]
        if not trained:  # the phase freezes all of them
            return
        with torch.autocast(self._fabric.device.type, enabled=False):  # as the forward pass chose
            self._fabric.backward(loss.float() * self.share, inputs=trained)
        if not self.step_now:
            return
        gradients = [p.grad for p in trained if p.grad is not None]
        if self._fabric.world_size > 1:
            self._average(gradients)
        self._fabric.strategy.precision.unscale_gradients(self.inner)
        self.norm = nn.utils.clip_grad_norm_(trained, self._clip)
        self._outer.step()
        self.inner.zero_grad()

    def _average(self, gradients: list[Tensor]) -> None:
        flat = reduced(self._fabric, torch.cat([g.flatten() for g in gradients]))
        parts = torch.split(flat, [g.numel() for g in gradients])
        for gradient, part in zip(gradients, parts, strict=True):
            gradient.copy_(part.view_as(gradient))

    # To and from a checkpoint.

    def tensors(self) -> dict[str, Tensor]:
        """What the optimiser remembers: "3.exp_avg" belongs to its parameter number 3."""
        states: dict[int, dict[str, Any]] = self.inner.state_dict()["state"]
        return {
            f"{index}.{name}": value
            for index, state in states.items()
            for name, value in state.items()
            if isinstance(value, Tensor)
        }

    def restore(self, tensors: dict[str, Tensor]) -> None:
        """Remember what `tensors` gave; none means a fresh optimiser.

        A file keeps values and not their order in memory, which decides the last bit of a sum: what
        has a parameter's shape gets its order.
        """
        states: dict[int, dict[str, Tensor]] = {}
        for key, value in tensors.items():
            number, _, name = key.partition(".")
            like = self.parameters[int(number)]
            laid = torch.empty_like(like).copy_(value) if value.shape == like.shape else value
            states.setdefault(int(number), {})[name] = laid
        groups = self.inner.state_dict()["param_groups"]
        self.inner.load_state_dict({"state": states, "param_groups": groups})
