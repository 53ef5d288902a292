"""DDColor (Kang et al. 2023, "Towards Photo-Realistic Image Colorization via Dual Decoders").

A `Painter`, in two sizes. A ConvNeXt sees the picture, one decoder makes features of its size,
another makes 100 colours that are mixed at each place. Published under Apache-2.0, trained on
ImageNet. Its training keeps weights small by spectral normalisation (Miyato et al. 2018), which
divides them by their largest singular value at each use; here that is done once, when the file is
converted.

Cost: 55.0 million weights (tiny) or 227.9 million (large). On one core the tiny one takes as long
as eccv16 at 256 x 256, and four times that at 512 x 512.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Literal, TypeAlias, get_args

import torch
from torch import Tensor, nn

from olhar.colorize.ddcolor_decoder import QUERIES, Decoder
from olhar.colorize.ddcolor_encoder import ConvNeXt
from olhar.colorize.painter import Said
from olhar.colorize.published import build, check_size, fitted
from olhar.errors import OlharError
from olhar.hub import Card
from olhar.media.color import lab_to_srgb

if TYPE_CHECKING:
    from collections.abc import Mapping

Size: TypeAlias = Literal["tiny", "large"]
_DEPTHS = {"tiny": (3, 3, 9, 3), "large": (3, 3, 27, 3)}
_WIDTHS = {"tiny": (96, 192, 384, 768), "large": (192, 384, 768, 1536)}
_ORIGINAL, _LEFT, _RIGHT = "_orig", "_u", "_v"  # after the name of a weight


class DDColor(nn.Module):
    """A `Painter` without bins and without hints; its modules have the published names.

    It learned to say one colour for each place, so `vivid` changes nothing.

    Args:
        size: "tiny" or "large".

    Raises:
        OlharError: if there is no such size.

    Example:
        >>> network = DDColor("tiny").eval()
        >>> network(torch.rand(1, 1, 32, 64) * 100, torch.zeros(1, 3, 32, 64)).ab.shape
        torch.Size([1, 2, 32, 64])
    """

    mean: Tensor
    std: Tensor
    side = 512  # as its authors apply it; it learned from 256
    multiple = 32
    takes_hints = False
    bins: Tensor | None = None

    def __init__(self, size: Size = "tiny") -> None:
        super().__init__()
        if size not in _WIDTHS:
            raise OlharError(f"DDColor's size is {size!r}; it can be {' or '.join(get_args(Size))}")
        self.arguments = {"size": size}
        self.encoder = nn.ModuleDict({"arch": ConvNeXt(_DEPTHS[size], _WIDTHS[size])})
        self.decoder = Decoder(_WIDTHS[size])
        self.refine_net = nn.Sequential(nn.Sequential(nn.Conv2d(QUERIES + 3, 2, 1)))
        self.register_buffer("mean", torch.tensor([0.485, 0.456, 0.406]).view(1, 3, 1, 1))
        self.register_buffer("std", torch.tensor([0.229, 0.224, 0.225]).view(1, 3, 1, 1))

    def forward(self, light: Tensor, hints: Tensor) -> Said:  # noqa: ARG002  a Painter is given them
        """See `Painter`; the colours are (N, 2, H, W).

        Raises:
            OlharError: if a side is no multiple of 32.
        """
        check_size(light, self.multiple, "ddcolor")
        grey = lab_to_srgb(torch.cat([light, torch.zeros_like(light).expand(-1, 2, -1, -1)], 1))
        x = (grey - self.mean) / self.std  # (N, 3, H, W)
        mixture = self.decoder(self.encoder["arch"](x))  # (N, 100, H, W)
        return Said(ab=self.refine_net(torch.cat([mixture, x], 1)).float())

    def log_probabilities(self, said: Said, vivid: float) -> Tensor:  # noqa: ARG002
        """There are no bins.

        Raises:
            OlharError: always.
        """
        raise OlharError(
            "ddcolor says one colour for each place and no probabilities of others; "
            "use colorizer, eccv16 or siggraph17 for palettes and variants"
        )

    def decode(self, said: Said, vivid: float) -> Tensor:  # noqa: ARG002
        """(N, 2, h, w): the one colour that it says for each place, whatever `vivid` is."""
        assert said.ab is not None
        return said.ab


def from_tensors(tensors: Mapping[str, Tensor], size: Size = "tiny") -> DDColor:
    """Build the network from its weights, by their published names, normalised.

    Args:
        tensors: all of them.
        size: see `DDColor`.

    Raises:
        RuntimeError: if the tensors are not those of this network.
    """
    return build(partial(DDColor, size), tensors)


def from_published(state: Mapping[str, Tensor]) -> tuple[Card, dict[str, Tensor]] | None:
    """The published weights as a model, or None if `state` is of another network.

    Raises:
        OlharError: if it is nearly this network.
    """
    if "decoder.color_decoder.query_feat.weight" not in state:
        return None
    size = "large" if "encoder.arch.stages.2.26.gamma" in state else "tiny"
    card = Card(
        name=f"ddcolor-{size}",
        kind="ddcolor",
        summary=f"Colours of photographs (DDColor, {size}; Kang et al. 2023).",
        licence="Apache-2.0",
        origin="https://github.com/piddnad/DDColor",
        authors=(
            *("Xiaoyang Kang", "Tao Yang", "Wenqi Ouyang", "Peiran Ren", "Lingzhi Li"),
            "Xuansong Xie",
        ),
        arguments={"size": size},
        trained_on="ImageNet",
    )
    return card, fitted(fold(state), partial(DDColor, size), f"ddcolor ({size})")


def fold(state: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Spectral normalisation done once and for all: W / (u W v), with the u and v of the training.

    Args:
        state: names to tensors; NAME_orig, NAME_u and NAME_v, as torch's older `spectral_norm`
            names them, for each weight that has it.

    Returns:
        The same with NAME for those three; a weight may have any number of dimensions.

    Raises:
        OlharError: if one of the three is missing or does not fit the others.
    """
    folded: dict[str, Tensor] = {}
    for key, value in state.items():
        if key.endswith(_ORIGINAL):
            name = key.removesuffix(_ORIGINAL)
            try:
                left, right = state[name + _LEFT].double(), state[name + _RIGHT].double()
                largest = left @ value.double().flatten(1) @ right
            except (KeyError, RuntimeError, IndexError) as error:
                raise OlharError(
                    f"{name} lacks what its spectral normalisation needs; get the file again"
                ) from error
            folded[name] = (value.double() / largest).to(value.dtype)
        elif not key.endswith((_LEFT, _RIGHT)):
            folded[key] = value
    return folded
