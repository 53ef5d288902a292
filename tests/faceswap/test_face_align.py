"""Similarity transforms against a singular value decomposition, cutting out, masks."""

import math

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from olhar.errors import OlharError
from olhar.faceswap import masks
from olhar.faceswap.align import (
    RIGID,
    aligned,
    apply,
    cut,
    inverse,
    scale,
    square,
    template,
    umeyama,
)


def oracle(a, b, w):
    """Umeyama (1991) as it is written there, in double precision."""
    w = w / w.sum()
    ma, mb = (w[:, None] * a).sum(0), (w[:, None] * b).sum(0)
    covariance = ((b - mb) * w[:, None]).T @ (a - ma)
    u, d, vt = np.linalg.svd(covariance)
    s = np.diag([1, np.sign(np.linalg.det(u @ vt))])
    rotation = u @ s @ vt
    size = np.trace(np.diag(d) @ s) / (w * ((a - ma) ** 2).sum(1)).sum()
    return np.column_stack([size * rotation, mb - size * rotation @ ma])


@given(seed=st.integers(0, 10**6), count=st.integers(2, 30))
@settings(max_examples=30, deadline=None)
def test_umeyama_is_that_of_the_paper(seed, count):
    rng = np.random.default_rng(seed)
    a, b, w = rng.normal(size=(count, 2)), rng.normal(size=(count, 2)), rng.random(count) + 0.1
    found = umeyama(*map(torch.from_numpy, (a, b, w)))
    np.testing.assert_allclose(found.numpy(), oracle(a, b, w), atol=1e-8)


def test_a_similarity_is_found_again_in_a_batch():
    points = torch.tensor([[0.0, 0.0], [3.0, 1.0], [-1.0, 5.0]])
    matrices = torch.stack(
        [
            torch.tensor(
                [[2 * math.cos(a), -2 * math.sin(a), 7], [2 * math.sin(a), 2 * math.cos(a), -3]]
            )
            for a in (0.0, 1.0, 3.0)
        ]
    )
    found = umeyama(points.expand(3, 3, 2), apply(matrices, points.expand(3, 3, 2)))
    assert torch.allclose(found, matrices, atol=1e-5)
    assert torch.allclose(scale(found), torch.tensor(2.0), atol=1e-5)
    assert torch.allclose(
        apply(inverse(found), apply(found, points.expand(3, 3, 2))), points, atol=1e-4
    )


def test_points_in_one_place_are_refused():
    with pytest.raises(OlharError, match="all lie in one place"):
        umeyama(torch.ones(3, 2), torch.rand(3, 2))


def test_cutting_nothing_off_changes_nothing():
    image = torch.rand(3, 20, 30)
    identity = torch.tensor([[1.0, 0, 0], [0, 1, 0]])
    assert torch.allclose(cut(image, identity, (20, 30)), image, atol=1e-5)
    moved = torch.tensor([[1.0, 0, -4], [0, 1, -2]])
    assert torch.allclose(cut(image, moved, 8), image[:, 2:10, 4:12], atol=1e-5)


def test_cutting_smaller_averages():
    image = torch.rand(3, 32, 32)
    quarter = torch.tensor([[0.25, 0, 0], [0, 0.25, 0]])
    means = image.reshape(3, 8, 4, 8, 4).mean((2, 4))
    found = cut(image, quarter, 8)
    assert float((found - means).abs().mean()) < 0.06  # a single sample would be off by 0.2
    assert float((found.mean() - image.mean()).abs()) < 0.02


def test_a_leaning_square_stands_upright():
    matrix = square(torch.tensor([10.0, 20.0]), torch.tensor(4.0), torch.tensor(math.pi / 2), 8)
    corner = apply(matrix, torch.tensor([[10.0, 20.0], [10.0, 22.0]]))
    assert torch.allclose(corner, torch.tensor([[4.0, 4.0], [8.0, 4.0]]), atol=1e-5)


def test_an_aligned_face_lies_where_it_should():
    points = torch.rand(468, 3) * 100
    points[list(RIGID), :2] = template(256) * 0.3 + torch.tensor([40.0, 9.0])
    placed = apply(aligned(points, 128), points[:, :2])
    assert torch.allclose(placed[list(RIGID)], template(128), atol=1e-3)


def test_the_hull_holds_its_points_and_no_more():
    rng = torch.Generator().manual_seed(1)
    points = torch.rand(30, 2, generator=rng) * 40 + 10
    mask = masks.hull(points, 64, 64)
    assert mask.shape == (1, 64, 64)
    well = points.mean(0) + 0.9 * (points - points.mean(0))
    assert float(mask[0, well[:, 1].long(), well[:, 0].long()].min()) > 0.5
    assert not mask[0, :9].any()
    assert not mask[0, :, 52:].any()
    shrunk = masks.softened(mask, erode=3)
    assert shrunk.sum() < mask.sum()
    blurred = masks.softened(mask, blur=2)
    assert float(blurred.sum()) == pytest.approx(float(mask.sum()), rel=0.02)
    assert torch.equal(masks.softened(mask), mask)
    with pytest.raises(OlharError, match="0 or more"):
        masks.softened(mask, erode=-1)
