"""The network of a classifier or a regressor: normalise, one of the architectures, the units.

The architectures stand in files of their own, to be read one at a time: `network_mlp`,
`network_cnn`, `network_resnet`, `network_recurrent`, `network_fast`, `network_lite0`,
`network_timm`. Each is built with the number of outputs, the size of the images and its own
hyperparameters, and maps normalised images to one number per output.
"""

from __future__ import annotations

import inspect
from functools import partial
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, get_args

import torch
from torch import Tensor, nn

from olhar.classify.network_cnn import CNN
from olhar.classify.network_fast import Fast
from olhar.classify.network_lite0 import Lite
from olhar.classify.network_mlp import MLP
from olhar.classify.network_recurrent import GRU, LSTM
from olhar.classify.network_resnet import ResNet
from olhar.classify.network_timm import PREFIX, Backbone
from olhar.errors import OlharError
from olhar.nets.blocks import Normalize
from olhar.nets.model import filled

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

Task: TypeAlias = Literal["class", "labels", "number"]
"""One class of several; any number of labels; one or several numbers."""

ARCHITECTURES: dict[str, type[nn.Module]] = {
    "mlp": MLP,
    "cnn": CNN,
    "resnet": ResNet,
    "lstm": LSTM,
    "gru": GRU,
    "fast": Fast,
    "lite0": Lite,
}
"""Name to network; `timm:NAME` is any of timm's."""


class Predictor(nn.Module):
    """Images to logits of classes or labels, or to numbers in the units they were given in.

    Args:
        architecture: a name in `ARCHITECTURES`, or `timm:NAME`.
        task: what the outputs are.
        outputs: how many.
        size: height and width of the images that it is trained on.
        mean: of each channel, for `Normalize`.
        deviation: of each channel.
        center: the mean of each number, for task "number": the architecture sees numbers of mean 0
            and deviation 1, and nobody else does.
        scale: the deviation of each number.
        names: what the outputs stand for, if it is known.
        temperature: what `predict` divides logits by, so that the network is right as often as it
            says (`olhar.training.calibration`).
        hyperparameters: of the architecture; what is left out is its own choice.

    Raises:
        OlharError: if there is no such architecture, or it has no such hyperparameter.
        ValueError: if there is no such task, or what is told of the outputs is not as many.

    Example:
        >>> network = Predictor("resnet", task="class", outputs=3, size=(32, 32)).eval()
        >>> network.predict(torch.rand(1, 3, 32, 32)).shape
        torch.Size([1, 3])
    """

    center: Tensor
    scale: Tensor
    class_weights: Tensor
    """(outputs,) how much each class counts in the loss; forgotten after the training."""

    def __init__(
        self,
        architecture: str,
        *,
        task: Task,
        outputs: int,
        size: Sequence[int],
        mean: Sequence[float] = (0.5, 0.5, 0.5),
        deviation: Sequence[float] = (0.5, 0.5, 0.5),
        center: Sequence[float] = (),
        scale: Sequence[float] = (),
        names: Sequence[str] = (),
        temperature: float = 1.0,
        pretrained: bool = False,
        **hyperparameters: Any,
    ) -> None:
        super().__init__()
        if task not in get_args(Task) or not temperature > 0:
            raise ValueError(f"the task is {task!r} and the temperature {temperature!r}")
        if {len(each) for each in (names, center, scale)} - {0, outputs}:
            raise ValueError(f"names, center and scale are not those of {outputs} outputs")
        self.task: Task = task
        self.size = (size[0], size[1])
        self.arguments: dict[str, Any] = {
            "architecture": architecture,
            "task": task,
            "outputs": outputs,
            "size": list(size),
            "mean": list(mean),
            "deviation": list(deviation),
            "center": list(center),
            "scale": list(scale),
            "names": list(names),
            "temperature": float(temperature),
            **{name: _plain(value) for name, value in hyperparameters.items()},
        }
        self.normalize = Normalize(mean, deviation)
        self.body = _build(architecture, outputs, self.size, hyperparameters, pretrained=pretrained)
        for name, values, usual in (("center", center, 0.0), ("scale", scale, 1.0)):
            known = torch.tensor([*values], dtype=torch.float32)
            numbers = known if len(known) else torch.full((outputs,), usual)
            self.register_buffer(name, numbers, persistent=False)
        self.register_buffer("class_weights", torch.ones(outputs), persistent=False)

    @property
    def names(self) -> tuple[str, ...]:
        """What the outputs stand for; their numbers if it is not known."""
        return tuple(self.arguments["names"]) or tuple(map(str, range(self.arguments["outputs"])))

    @property
    def temperature(self) -> float:
        """What `predict` divides logits by."""
        return self.arguments["temperature"]

    @temperature.setter
    def temperature(self, value: float) -> None:
        self.arguments = {**self.arguments, "temperature": value}

    def forward(self, batch: Tensor) -> Tensor:
        """(N, 3, H, W) in [0, 1] -> (N, outputs) logits, or numbers."""
        x = self.body(self.normalize(batch))  # (N, outputs)
        return x.float() * self.scale + self.center if self.task == "number" else x

    def predict(self, batch: Tensor) -> Tensor:
        """(N, 3, H, W) in [0, 1] -> (N, outputs) float32: probabilities, or numbers.

        Probabilities of classes sum to 1; each label's is its own. Divided by the temperature that
        the validation part asked for, they say about how often the network is right on pictures of
        the same sort; of others they do not.
        """
        return self.probabilities(self(batch).float())

    def probabilities(self, logits: Tensor) -> Tensor:
        """(N, outputs) of `forward` -> (N, outputs): probabilities, or numbers as they are."""
        match self.task:
            case "class":
                return (logits / self.temperature).softmax(1)
            case "labels":
                return (logits / self.temperature).sigmoid()
            case "number":
                return logits


def from_tensors(tensors: Mapping[str, Tensor], **arguments: Any) -> Predictor:
    """Build a trained network.

    Args:
        tensors: its weights.
        arguments: what it was built with (`Predictor.arguments`).

    Returns:
        The network on the CPU, in evaluation mode.

    Raises:
        RuntimeError: if the tensors are not those of such a network.
    """
    arguments["pretrained"] = False  # a card does not make anybody download
    return filled(partial(Predictor, **arguments), tensors)


def hyperparameters(architecture: str) -> tuple[str, ...]:
    """The names of what can be chosen of an architecture.

    >>> hyperparameters("gru")
    ('widths', 'patch', 'bidirectional', 'dropout')
    """
    parameters = inspect.signature(_find(architecture)).parameters
    skipped = {"outputs", "size", "name", "pretrained"}
    return tuple(name for name in parameters if name not in skipped)


def _find(architecture: str) -> type[nn.Module]:
    if architecture.startswith(PREFIX):
        return Backbone
    if architecture not in ARCHITECTURES:
        raise OlharError(
            f"architecture is {architecture!r}; it can be {', '.join(ARCHITECTURES)}, or "
            f"{PREFIX} and the name of one of timm's, as {PREFIX}resnet18"
        )
    return ARCHITECTURES[architecture]


def _build(
    architecture: str,
    outputs: int,
    size: tuple[int, int],
    chosen: dict[str, Any],
    *,
    pretrained: bool,
) -> nn.Module:
    build, known = _find(architecture), hyperparameters(architecture)
    for name in chosen:
        if name not in known:
            raise OlharError(f"{architecture} has no {name}; it has {', '.join(known)}")
    if build is Lite:
        return Lite(outputs, size, pretrained=pretrained, **chosen)
    if build is Backbone:
        name = architecture.removeprefix(PREFIX)
        return Backbone(outputs, size, name=name, pretrained=pretrained, **chosen)
    return build(outputs, size, **chosen)


def _plain(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value  # pyright: ignore[reportUnknownVariableType,reportUnknownArgumentType]
