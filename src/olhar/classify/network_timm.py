"""Any of timm's backbones, with what it has learned from millions of pictures (transfer learning).

Its features see edges, textures, fur and wheels already; a new last layer for the own classes is
learned on top, and the rest is adapted with smaller steps. timm is Ross Wightman's collection of
more than a thousand networks, each from its own paper: `pip install "olhar[timm]"`.
"""

from __future__ import annotations

from typing import Any, cast

from torch import Tensor, nn

from olhar.errors import OlharError
from olhar.media.files import reason
from olhar.nets.blocks import head

PREFIX = "timm:"
"""`timm:resnet18` is timm's resnet18."""


class Backbone(nn.Module):
    """One of timm's networks with a new last layer.

    Args:
        outputs: how many numbers come out.
        size: height and width of the images; those with a grid of patches take no other.
        name: what timm calls it, with or without the tag of its weights: "resnet18.a1_in1k".
        dropout: share of the features that are silenced in training.
        pretrained: whether to fetch timm's weights, over the network or from its cache.

    Raises:
        OlharError: if timm is not installed, has no such network, or the weights cannot be had.
    """

    def __init__(
        self,
        outputs: int,
        size: tuple[int, int],
        *,
        name: str,
        dropout: float = 0.0,
        pretrained: bool = False,
    ) -> None:
        super().__init__()
        timm = _timm(name)
        options: dict[str, Any] = {"pretrained": pretrained, "num_classes": 0}
        try:
            try:
                self.model: nn.Module = timm.create_model(name, img_size=size, **options)
            except TypeError:  # it takes any size, and no word about it
                self.model = timm.create_model(name, **options)
        except Exception as error:
            if not pretrained:
                raise OlharError(f"timm cannot build {name}: {reason(error)}") from error
            raise OlharError(
                f"the weights of {name} could not be fetched ({type(error).__name__}); connect "
                "to the network once, or start without them: --no-pretrained"
            ) from error
        known = cast("Any", self.model)
        self.head = head(getattr(known, "head_hidden_size", known.num_features), outputs, dropout)

    def forward(self, batch: Tensor) -> Tensor:
        """(N, 3, H, W) -> (N, outputs)."""
        return self.head(self.model(batch))


def statistics(name: str) -> tuple[list[float], list[float]]:
    """Mean and deviation per channel of the images that a backbone knows."""
    configuration = _timm(name).get_pretrained_cfg(name)
    return list(configuration.mean), list(configuration.std)


def _timm(name: str) -> Any:
    try:
        import timm
    except ImportError as error:
        raise OlharError(
            f'{PREFIX}{name} needs timm, which is not installed: pip install "olhar[timm]"'
        ) from error
    if not timm.is_model(name):
        near = timm.list_models(f"*{name.partition('.')[0]}*")[:3]
        hint = f"; there are {', '.join(near)}" if near else ""
        raise OlharError(f"timm has no network {name!r}{hint}")
    return timm
