"""What style transfer minimises: content and style as distances between VGG features.

Gatys, Ecker and Bethge (2015): a picture has the content of a photograph if deep features agree
place by place, and the style of a painting if the statistics of features, with places forgotten,
agree. Every term here is relative (divided by the size of its target), so one weight means the same
for every photograph, painting, layer and resolution.

Cost: one forward and one backward pass of VGG-16 to conv4_2; the Gram matrices add about 3 %, the
Wasserstein loss four eigendecompositions (64 to 512 wide), which is half a pass at 256 pixels and
less at larger sizes.
"""

from collections.abc import Sequence
from typing import Any, Literal, NamedTuple

import torch
from torch import Tensor, nn

from olhar.nets.linalg import eigh, power
from olhar.nets.vgg import VGG16

STYLE_LAYERS = ("relu1_1", "relu2_1", "relu3_1", "relu4_1")
CONTENT_LAYER = "relu4_2"
StyleLoss = Literal["gram", "wasserstein"]


class Moments(NamedTuple):
    """First and second raw moments of feature vectors over positions."""

    mean: Tensor
    """(N, C)"""
    gram: Tensor
    """(N, C, C)"""


def moments(features: Tensor) -> Moments:
    """Mean and Gram matrix of the features, averaged over positions (Gatys et al. 2015, eq. 3).

    Args:
        features: (N, C, H, W), any real dtype.

    Returns:
        (N, C) and (N, C, C), float32, independent of H and W.

    Raises:
        ValueError: if H or W is 0.

    Example:
        >>> moments(torch.ones(1, 2, 4, 4)).gram[0]
        tensor([[1., 1.],
                [1., 1.]])
    """
    n, c, h, w = features.shape
    if h * w == 0:
        raise ValueError(
            f"features of shape {(n, c, h, w)} have no positions; the image is too small"
        )
    flat = features.float().flatten(2)  # (N, C, HW); sums of squares overflow float16
    gram: Tensor = _Gram.apply(flat)  # type: ignore[assignment]
    return Moments(flat.mean(2), gram)


class _Gram(torch.autograd.Function):
    """F F^T / n. Its gradient is one product, since the result is symmetric; autograd takes two."""

    @staticmethod
    def forward(ctx: Any, flat: Tensor) -> Tensor:
        ctx.save_for_backward(flat)
        return flat @ flat.mT / flat.shape[-1]

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> Tensor:
        (flat,) = ctx.saved_tensors
        return (grads[0] + grads[0].mT) @ flat / flat.shape[-1]


def blend(parts: Sequence[Moments], weights: Sequence[float]) -> Moments:
    """The moments of a mixture: as if pixels were drawn from each style with its probability.

    Raw moments may be averaged like this; covariances may not.

    Args:
        parts: one per style.
        weights: as many positive numbers; only their ratio matters.
    """
    shares = [weight / sum(weights) for weight in weights]
    return Moments(
        torch.stack([s * p.mean for s, p in zip(shares, parts, strict=True)]).sum(0),
        torch.stack([s * p.gram for s, p in zip(shares, parts, strict=True)]).sum(0),
    )


def gram_distance(given: Moments, wanted: Moments) -> Tensor:
    """Squared distance of Gram matrices, relative to the wanted (Gatys et al. 2015, eq. 4-5).

    Args:
        given: moments of N pictures.
        wanted: moments of the style, of one.

    Returns:
        A scalar, their mean: 0 if equal, about 1 for a picture without any of the style.
    """
    apart = (given.gram - wanted.gram).square().sum() / len(given.gram)
    return apart / wanted.gram.square().sum()


class _FidelityTrace(torch.autograd.Function):
    """tr (R S R)^(1/2) for a fixed root R and a covariance S, with its exact gradient.

    The gradient with respect to S is R (R S R)^(-1/2) R / 2 (Olkin and Pukelsheim 1982), so one
    symmetric eigendecomposition serves forward and backward; no Newton-Schulz iteration is
    unrolled.
    """

    @staticmethod
    def forward(ctx: Any, covariance: Tensor, root: Tensor) -> Tensor:
        values, vectors = eigh(root @ covariance.to(root) @ root)
        # Fewer positions than channels leave eigenvalues of 0, where the slope is infinite.
        bounded = values.clamp_min(values[..., -1:] * 1e-6).sqrt()  # (N, C)
        ctx.save_for_backward(root @ vectors, bounded)
        return values.clamp_min(0).sqrt().sum().to(covariance)

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> tuple[Tensor, None]:
        half, bounded = ctx.saved_tensors  # (N, C, C), (N, C)
        gradient = 0.5 * (half / bounded[..., None, :]) @ half.mT
        return grads[0] * gradient.to(grads[0]), None


def _covariance(m: Moments) -> Tensor:
    return m.gram - m.mean[..., :, None] * m.mean[..., None, :]


def wasserstein_distance(given: Moments, wanted: Moments, root: Tensor) -> Tensor:
    """Squared 2-Wasserstein distance between Gaussians with these moments, relative.

    |m - m0|^2 + tr(S + S0 - 2 (S0^1/2 S S0^1/2)^1/2) over |m0|^2 + tr S0 (Dowson and Landau 1982):
    what it takes to move one cloud of features onto the other, where the Gram distance squares
    everything once more and so lets the few strongest features decide.

    Args:
        given: moments of the picture.
        wanted: moments of the style.
        root: (N, C, C), the symmetric square root of the style's covariance, float64 on the CPU.
    """
    apart = (given.mean - wanted.mean).square().sum()
    spread = torch.diagonal(_covariance(given), dim1=-2, dim2=-1).sum()
    wanted_spread = torch.diagonal(_covariance(wanted), dim1=-2, dim2=-1).sum()
    overlap: Tensor = _FidelityTrace.apply(_covariance(given), root)  # type: ignore[assignment]
    size = wanted.mean.square().sum() + wanted_spread
    return (apart + spread + wanted_spread - 2 * overlap) / size


def roughness(image: Tensor) -> Tensor:
    """Mean squared difference of neighbouring pixels, a smooth sort of total variation.

    Args:
        image: (N, 3, H, W).
    """
    down, right = image.diff(dim=2), image.diff(dim=3)
    return (down.square().sum() + right.square().sum()) / image.numel()


class Losses(NamedTuple):
    """What a picture lacks; each part is relative to its own target."""

    total: Tensor
    content: Tensor
    style: Tensor


class Held(NamedTuple):
    """A picture that another is to stay near to: of a film, the frame before, fetched."""

    image: Tensor
    """(1, 3, H, W) in [0, 1]."""
    weight: Tensor
    """(1, 1, H, W) from 0 on: what a squared difference counts, place by place."""


class Objective(nn.Module):
    """How far a picture is from having one photograph's content and some paintings' style.

    total = content_weight * content + style + smooth * roughness, and of a film + the weighted
    squared distance from what is held (Ruder, Dosovitskiy and Brox 2016, eq. 6).

    Args:
        vgg: the perceptual network, on the device and in the dtype to compute in.
        content: (1, 3, H, W), the photograph.
        styles: (1, 3, h, w) each, the paintings, of any sizes.
        weights: one positive number per painting.
        style_loss: "gram" or "wasserstein".
        content_weight: how much content counts against style.
        smooth: how much roughness counts.
    """

    def __init__(
        self,
        vgg: VGG16,
        content: Tensor,
        styles: Sequence[Tensor],
        weights: Sequence[float],
        style_loss: StyleLoss,
        content_weight: float,
        smooth: float,
    ) -> None:
        super().__init__()
        self.vgg = vgg
        self.style_loss = style_loss
        self.content_weight = content_weight
        self.smooth = smooth
        self.resemble(content)
        with torch.no_grad():
            seen = [vgg(style, STYLE_LAYERS) for style in styles]
            self.wanted = {
                layer: blend([moments(features[layer]) for features in seen], weights)
                for layer in STYLE_LAYERS
            }
            if style_loss == "wasserstein":
                self.roots = {layer: power(_covariance(m), 0.5) for layer, m in self.wanted.items()}

    @torch.no_grad()
    def resemble(self, content: Tensor, held: Held | None = None) -> None:
        """Be about other photographs from now on, (N, 3, H, W), in the same style."""
        self.content = self.vgg(content, [CONTENT_LAYER])[CONTENT_LAYER].float()
        self.held = held

    def forward(self, image: Tensor) -> Losses:
        """Measure pictures of the photographs' size, (N, 3, H, W) in [0, 1]; wasserstein one."""
        features = self.vgg(image, [*STYLE_LAYERS, CONTENT_LAYER])
        content = (features[CONTENT_LAYER].float() - self.content).square().mean()
        content = content / self.content.square().mean()
        style = torch.stack(
            [self._distance(layer, moments(features[layer])) for layer in STYLE_LAYERS]
        ).mean()
        total = self.content_weight * content + style
        if self.smooth:
            total = total + self.smooth * roughness(image)
        if self.held:
            total = total + (self.held.weight * (image - self.held.image).square()).mean()
        return Losses(total, content, style)

    def _distance(self, layer: str, given: Moments) -> Tensor:
        wanted = self.wanted[layer]
        if self.style_loss == "gram":
            return gram_distance(given, wanted)
        return wasserstein_distance(given, wanted, self.roots[layer])
