"""Lessons 8 to 13, as in `answers_early`."""

import torch

QUARTER = torch.tensor([[0.5, 0, 0.5], [0, 0.5, 0.5]])


def _kl(mean, log_scale):
    return 0.5 * (mean**2 + (2 * log_scale).exp() - 1) - log_scale


def _flat(features):
    return features.flatten(1)


def _sharp(p, power):
    return p**power / (p**power).sum()


LATE = {
    "augmentation.between": (
        [50, 50.0],
        [
            (40, "swapped right and down"),
            (60, "middle of all four"),
            (70, "nearer pixel counts more"),
            (10, "mix along the upper row"),
        ],
    ),
    "augmentation.quarter": (
        [[[0.5, 0, 0.5], [0, 0.5, 0.5]], QUARTER],
        [
            (2 * QUARTER, "as wide as the whole"),
            ([[2, 0, 1], [0, 2, 1]], "from the new picture to the old"),
            ([[0.5, 0, 0], [0, 0.5, 0]], r"looks at \(-0.5, -0.5\)"),
            ([[0.5, 0, -0.5], [0, 0.5, -0.5]], r"looks at \(-1, -1\)"),
            ([[0, 0.5, 0.5], [0.5, 0, 0.5]], "not change with y"),
            ([0.5, 0, 0.5], r"shape is \(3,\)"),
        ],
    ),
    "augmentation.harmful": (
        ["mirror", "Mirror "],
        [("crop", "same way"), ("stretch", "same way")],
    ),
    "autoencoders.times": (
        [768, 64 * 64 * 3 / 16],
        [
            (256, "more than one channel"),
            (12288, "how many bytes the picture"),
            (1 / 768, "upside down"),
            (3, "count the bytes"),
        ],
    ),
    "autoencoders.encoder": (
        [
            lambda rows, mean, axes: (rows - mean) @ axes.T,
            lambda rows, mean, axes: torch.einsum("nd,kd->nk", rows - mean, axes),
        ],
        [
            (lambda rows, mean, axes: rows @ axes.T, "from what"),
            (lambda rows, mean, axes: (rows - mean) @ axes.T @ axes, r"shape \(7, 5\)"),
            (lambda rows, mean, axes: -(rows - mean) @ axes.T, "sum of differences"),
            (lambda rows, mean, axes: 3, "a int"),
            (lambda rows, mean, axes: (rows - mean) @ axes, "stopped with RuntimeError"),
        ],
    ),
    "autoencoders.target": (["clean"], [("noisy", "come out")]),
    "variational.price": (
        [0.5],
        [(1, "divided by"), (0, "only the prior"), (0.7, "logarithm of 1")],
    ),
    "variational.sample": (
        [
            lambda mean, log_scale, noise: mean + log_scale.exp() * noise,
            lambda mean, log_scale, noise: torch.addcmul(mean, log_scale.exp(), noise),
        ],
        [
            (lambda mean, log_scale, noise: mean + log_scale * noise, "deviation back"),
            (lambda mean, log_scale, noise: mean + (2 * log_scale).exp() * noise, "variance"),
            (lambda mean, log_scale, noise: noise, "with noise 0"),
            (
                lambda mean, log_scale, noise: (mean + log_scale.exp() * noise).detach(),
                "cut off",
            ),
            (
                lambda mean, log_scale, noise: mean + log_scale.detach().exp() * noise,
                "reach both",
            ),
            (lambda mean, log_scale, noise: 0.0, "a float"),
        ],
    ),
    "variational.divergence": (
        [lambda mean, log_scale: _kl(mean, log_scale).sum(1)],
        [
            (_kl, "pays for all"),
            (lambda mean, log_scale: _kl(mean, log_scale).mean(1), "mean makes"),
            (lambda mean, log_scale: _kl(mean, log_scale).sum(), r"shape \(\)"),
            (lambda mean, log_scale: -_kl(mean, log_scale).sum(1), "never negative"),
            (lambda mean, log_scale: _kl(mean, log_scale / 2).sum(1), "of the variance"),
            (lambda mean, log_scale: mean.square().sum(1), "mean 0 and deviation 1"),
        ],
    ),
    "faceswap.decoder": (["b", "B"], [("a", "went in"), ("both", "one of the two")]),
    "faceswap.swap": (
        [
            lambda encoder, decoders, face: decoders["b"](encoder(face)),
            lambda encoder, decoders, face: decoders["b"](encoder(face)).clamp(0, 1),
        ],
        [
            (lambda encoder, decoders, face: decoders["a"](encoder(face)), "rebuilds"),
            (lambda encoder, decoders, face: encoder(face), "never decoded"),
            (lambda encoder, decoders, face: decoders["b"](face), "never encoded"),
            (lambda encoder, decoders, face: face, "nothing happened"),
            (lambda encoder, decoders, face: 2 * face, "first the encoder"),
        ],
    ),
    "faceswap.consent": (["both", "Both"], [("a", "belongs to"), ("b", "belongs to")]),
    "style.numbers": (
        [128 * 128],
        [
            (128 * 64 * 64, "averaged away"),
            (64 * 64, "how many places"),
            (128 * 129 // 2, "mirrors the other"),
            (128, "each pair"),
        ],
    ),
    "style.gram": (
        [
            lambda f: _flat(f) @ _flat(f).T / _flat(f).shape[1],
            lambda f: torch.einsum("ihw,jhw->ij", f, f) / f[0].numel(),
        ],
        [
            (lambda f: _flat(f) @ _flat(f).T, "sum over places"),
            (lambda f: _flat(f) @ _flat(f).T / f.numel(), "number of features too"),
            (lambda f: torch.cov(_flat(f), correction=0), "covariance"),
            (lambda f: _flat(f).T @ _flat(f), r"shape \(15, 15\)"),
            (lambda f: torch.eye(4), "mean of a product"),
            (lambda f: None, "NoneType"),
        ],
    ),
    "style.averaged": (["grams"], [("pictures", "fog")]),
    "colorization.lightness": (
        [53.4, 53.39],
        [(50, "three steps"), (76.1, "squeezing"), (21.4, "cube root"), (60, "three equal values")],
    ),
    "colorization.answer": (
        [(-15, 40), [-15.0, 40.0]],
        [
            ((-40, 40), "most frequent"),
            ((10, 40), "three times as often"),
            ((35, 40), "larger share to red"),
            ((0, 0), "answers with the mean"),
        ],
    ),
    "colorization.annealed": (
        [lambda p, temperature: _sharp(p, 1 / temperature)],
        [
            (lambda p, temperature: p ** (1 / temperature), "sum is no longer 1"),
            (_sharp, "more even"),
            (lambda p, temperature: (p / temperature).softmax(0), "takes logarithms"),
            (lambda p, temperature: p, "nothing has changed"),
            (lambda p, temperature: p.flip(0), "to the power"),
            (lambda p, temperature: p.sum(), "same shape"),
        ],
    ),
}
