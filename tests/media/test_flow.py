"""Optical flow, warping and occlusion on motions that are known exactly."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import cv2
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from olhar.errors import OlharError
from olhar.media.flow import flow, inside, occlusion, warp

if TYPE_CHECKING:
    from collections.abc import Iterator

    from torch import Tensor

H, W = 120, 160
SHIFT = (4.0, -2.0)


@pytest.fixture(autouse=True, scope="module")
def _one_thread() -> Iterator[None]:
    """So many small steps wait longer for each other than they take."""
    threads = torch.get_num_threads(), cv2.getNumThreads()
    torch.set_num_threads(1)
    cv2.setNumThreads(1)
    yield
    torch.set_num_threads(threads[0])
    cv2.setNumThreads(threads[1])


def grid() -> tuple[Tensor, Tensor]:
    y, x = torch.meshgrid(torch.arange(float(H)), torch.arange(float(W)), indexing="ij")
    return x, y


def texture(x: Tensor, y: Tensor, seed: int = 0) -> Tensor:
    """(3, H, W): sixty plane waves, 5 to 200 pixels long, defined between pixels too."""
    numbers = torch.Generator().manual_seed(seed)
    lengths = 5 * 40 ** torch.rand(60, generator=numbers)
    angles, phases = 2 * math.pi * torch.rand(2, 60, generator=numbers)
    colours = torch.randn(3, 60, generator=numbers) * lengths**0.7
    across, down = (torch.stack((angles.cos(), angles.sin())) * 2 * math.pi / lengths)[
        ..., None, None
    ]
    waves = (x * across + y * down + phases[:, None, None]).sin()  # (60, H, W)
    return (0.5 + torch.einsum("cn,nhw->chw", colours, waves) / 400).clamp(0, 1)


def motion(kind: str) -> Tensor:
    """(2, H, W) pixels."""
    x, y = grid()
    across, down = x - (W - 1) / 2, y - (H - 1) / 2
    if kind == "shift":
        return torch.stack((torch.full_like(x, SHIFT[0]), torch.full_like(x, SHIFT[1])))
    if kind == "part of a pixel":
        return torch.stack((torch.full_like(x, 1.4), torch.full_like(x, 0.3)))
    if kind == "far":
        return torch.stack((torch.full_like(x, 9.0), torch.full_like(x, -5.0)))
    if kind == "zoom":
        return torch.stack((across, down)) * 0.05
    turn = math.radians(3)
    return torch.stack(
        (
            math.cos(turn) * across - math.sin(turn) * down - across,
            math.sin(turn) * across + math.cos(turn) * down - down,
        )
    )


def pair(kind: str) -> tuple[Tensor, Tensor, Tensor]:
    """a, b and the flow from a to b: a(x) = b(x + w)."""
    x, y = grid()
    w = motion(kind)
    return texture(x + w[0], y + w[1]), texture(x, y), w


def error(estimate: Tensor, truth: Tensor) -> Tensor:
    """End-point error in pixels where the truth points into the picture."""
    return (estimate - truth).norm(dim=0)[inside(truth)[0]]


@pytest.mark.parametrize(
    ("kind", "mean", "most"),
    [
        ("shift", 0.03, 0.3),
        ("part of a pixel", 0.05, 0.4),
        ("far", 0.10, 1.0),
        ("zoom", 0.10, 0.6),
        ("turn", 0.10, 0.6),
    ],
)
def test_known_motions_are_found(kind: str, mean: float, most: float) -> None:
    a, b, truth = pair(kind)
    misses = error(flow(a, b), truth)
    assert misses.mean() < mean
    assert misses.quantile(0.99) < most
    rough = error(flow(a, b, "medium"), truth)
    assert rough.mean() < 5 * mean


def test_backward_warping_brings_the_other_image_here() -> None:
    for kind in ("shift", "zoom", "turn"):
        a, b, truth = pair(kind)
        seen = inside(truth).expand_as(a)
        assert (warp(b, truth, mode="bicubic") - a)[seen].abs().mean() < 0.005
        assert (warp(b, flow(a, b)) - a)[seen].abs().mean() < 0.02
        assert (b - a)[seen].abs().mean() > 0.03  # without it


def test_no_motion_is_no_flow() -> None:
    a, _, _ = pair("shift")
    assert flow(a, a).abs().max() < 0.02


def test_sign_and_axes_of_the_convention() -> None:
    image = torch.zeros(3, 64, 64)
    image[:, 20:40, 20:40] = texture(*grid())[:, :20, :20]
    lower_right = image.roll((5, 7), (1, 2))
    u, v = flow(image, lower_right)[:, 30, 30].tolist()
    assert u == pytest.approx(7, abs=0.5)
    assert v == pytest.approx(5, abs=0.5)


@given(dx=st.integers(-9, 9), dy=st.integers(-9, 9), seed=st.integers(0, 9))
@settings(max_examples=25, deadline=None)
def test_whole_pixel_warps_are_exact(dx: int, dy: int, seed: int) -> None:
    image = torch.rand(2, 37, 53, generator=torch.Generator().manual_seed(seed))
    field = torch.tensor([float(dx), float(dy)]).view(2, 1, 1).expand(2, 37, 53)
    seen = inside(field).expand_as(image)
    moved = image.roll((-dy, -dx), (1, 2))
    assert torch.allclose(warp(image, field)[seen], moved[seen], atol=1e-4)
    assert seen[0].sum() == (37 - abs(dy)) * (53 - abs(dx))
    edge = warp(image, field)
    rows = (torch.arange(37) + dy).clamp(0, 36)
    columns = (torch.arange(53) + dx).clamp(0, 52)
    assert torch.allclose(edge, image[:, rows][:, :, columns], atol=1e-4)  # the edge is repeated


def test_warping_is_differentiable_in_image_and_flow() -> None:
    numbers = torch.Generator().manual_seed(1)
    image = torch.rand(1, 2, 5, 6, generator=numbers, dtype=torch.float64, requires_grad=True)
    field = torch.rand(1, 2, 5, 6, generator=numbers, dtype=torch.float64) * 0.8 + 0.1
    field.requires_grad_()
    assert torch.autograd.gradcheck(warp, (image, field))


def test_batches_are_pairs_one_by_one() -> None:
    a, b, _ = pair("shift")
    c, d, _ = pair("zoom")
    together = flow(torch.stack((a, c)), torch.stack((b, d)))
    assert torch.equal(together, torch.stack((flow(a, b), flow(c, d))))
    back = flow(torch.stack((b, d)), torch.stack((a, c)))
    masks = occlusion(together, back)
    assert masks.shape == (2, 1, H, W)
    assert torch.equal(masks[1], occlusion(together[1], back[1]))
    images = torch.stack((b, d))
    assert torch.equal(warp(images, together)[0], warp(b, together[0]))
    assert flow(a[None][:0], b[None][:0]).shape == (0, 2, H, W)


@pytest.mark.parametrize("size", [(1, 1), (7, 200), (31, 33)])
def test_any_size_has_a_flow(size: tuple[int, int]) -> None:
    image = torch.rand(3, *size, generator=torch.Generator().manual_seed(0))
    field = flow(image, image)
    assert field.shape == (2, *size)
    assert field.abs().max() < 0.1
    assert torch.allclose(warp(image, field * 0), image, atol=1e-4)


def crossing() -> tuple[Tensor, Tensor, Tensor]:
    """A square that moves over a still ground: a, b, and what of a is hidden in b."""
    x, y = grid()
    a, ground = texture(x, y), texture(x, y)
    square, (top, left, side), (dx, dy) = texture(x, y, 7)[:, :40, :40], (40, 50, 40), (10, 6)
    a[:, top : top + side, left : left + side] = square
    b = ground.clone()
    b[:, top + dy : top + dy + side, left + dx : left + dx + side] = square
    hidden = torch.zeros(1, H, W, dtype=torch.bool)
    hidden[:, top + dy : top + dy + side, left + dx : left + dx + side] = True
    hidden[:, top : top + side, left : left + side] = False
    return a, b, hidden


def test_what_a_moving_square_hides_is_found_and_little_else() -> None:
    a, b, hidden = crossing()
    forward, backward = flow(a, b), flow(b, a)
    found = occlusion(forward, backward, boundaries=False)
    recall = (found & hidden).sum() / hidden.sum()
    near = torch.nn.functional.max_pool2d(hidden[None].float(), 9, 1, 4)[0] > 0
    precision = (found & near).sum() / found.sum()
    assert recall > 0.85
    assert precision > 0.6
    assert found.float().mean() < 2.5 * hidden.float().mean()
    with_edges = occlusion(forward, backward)
    assert not (found & ~with_edges).any()
    assert with_edges.float().mean() < 5 * hidden.float().mean()
    trusted = ~with_edges.expand_as(a)
    assert (warp(b, forward) - a)[trusted].abs().mean() < 0.01
    assert (warp(b, forward) - a)[hidden.expand_as(a)].abs().mean() > 0.05


def test_true_flows_leave_only_what_goes_out_of_the_picture() -> None:
    for kind in ("shift", "far"):
        w = motion(kind)
        mask = occlusion(w, -w)
        assert torch.equal(mask, ~inside(w))
    assert not occlusion(torch.zeros(2, 9, 9), torch.zeros(2, 9, 9)).any()
    lost = occlusion(torch.zeros(2, 9, 9), torch.full((2, 9, 9), 1.0))
    assert lost.all()


def test_what_does_not_fit_is_refused() -> None:
    image = torch.zeros(3, 8, 8)
    wrong: list[Any] = [
        lambda: flow(image, image[:, :4]),
        lambda: flow(image[:1], image[:1]),
        lambda: flow(image, image, "best"),  # type: ignore[arg-type]
        lambda: warp(image, torch.zeros(2, 8, 9)),
        lambda: warp(image, torch.zeros(3, 8, 8)),
        lambda: warp(image[None], torch.zeros(2, 8, 8)),
        lambda: occlusion(torch.zeros(2, 8, 8), torch.zeros(2, 4, 8)),
    ]
    for call in wrong:
        with pytest.raises(OlharError) as caught:
            call()
        assert "\n" not in str(caught.value)
