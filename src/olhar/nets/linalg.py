"""Powers of symmetric matrices and principal components, in float64 on the CPU.

Covariances are small and badly conditioned: a square root turns float32's rounding of 1e-7 into
3e-4, and some GPUs have no float64. Cost: about 25 n^3 flops, 0.1 s for 512 x 512.
"""

from typing import cast

import torch
from torch import Tensor


def eigh(matrix: Tensor) -> tuple[Tensor, Tensor]:
    """Eigenvalues, ascending, and eigenvectors of symmetric matrices.

    Args:
        matrix: (..., n, n), any real dtype, on any device.

    Returns:
        (..., n) and (..., n, n), the vectors in columns; float64 on the CPU.
    """
    return cast("tuple[Tensor, Tensor]", torch.linalg.eigh(matrix.to("cpu", torch.float64)))


def power(matrix: Tensor, exponent: float, floor: float = 0.0) -> Tensor:
    """A symmetric matrix with its eigenvalues raised to a power.

    Args:
        matrix: (..., n, n), symmetric, positive semidefinite up to rounding.
        exponent: any; a negative one needs a positive `floor`.
        floor: smaller eigenvalues are taken for this one.

    Returns:
        (..., n, n), float64 on the CPU.

    Example:
        >>> power(torch.diag(torch.tensor([4.0, 9.0])), 0.5).diagonal()
        tensor([2., 3.], dtype=torch.float64)
    """
    values, vectors = eigh(matrix)
    return (vectors * (values.clamp_min(floor) ** exponent)[..., None, :]) @ vectors.mT


def components(rows: Tensor) -> Tensor:
    """The first two principal components: rows projected to the plane in which they differ most.

    Args:
        rows: (N, D), N at least 1.

    Returns:
        (N, 2) float32, centred; the first axis has the larger spread. Of each axis the column that
        weighs most counts positively, so a picture of it never turns over.
    """
    centred = (rows - rows.mean(0)).double()
    n, size = centred.shape
    if size > n:  # the axes lie in what the rows span
        values, vectors = eigh(centred @ centred.T)
        axes = (centred.T @ vectors / values.clamp_min(1e-12).sqrt()).T.flip(0)[:2]
    else:
        axes = eigh(centred.T @ centred)[1].T.flip(0)[:2]  # (2, D), or one if there is no more
    largest = axes.gather(1, axes.abs().argmax(1, keepdim=True))
    points = centred @ (axes * largest.sign()).T
    return torch.nn.functional.pad(points, (0, 2 - points.shape[1])).float()
