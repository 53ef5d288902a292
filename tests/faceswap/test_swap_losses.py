"""What a made face is worth."""

import torch

from olhar.faceswap import losses


def faces(count=3, side=64):
    return torch.rand(count, 3, side, side, generator=torch.Generator().manual_seed(1))


def rings(side=64):
    mask, parts = torch.zeros(3, 1, side, side), torch.zeros(3, 1, side, side)
    mask[:, :, 12:52, 12:52] = 1
    parts[:, :, 20:26, 18:30] = 1
    return mask, parts


def test_weights_are_one_on_average_and_most_on_eyes_and_mouth():
    mask, parts = rings()
    weight = losses.weights(mask, parts, 3.0)
    assert torch.allclose(weight.mean((2, 3)), torch.ones(3, 1))
    eye, cheek, wall = weight[0, 0, 22, 24], weight[0, 0, 40, 30], weight[0, 0, 2, 2]
    assert torch.allclose(eye, 3 * cheek, rtol=1e-2)
    assert torch.allclose(cheek, 10 * wall, rtol=1e-2)


def test_a_face_is_like_itself_and_unlike_noise():
    one, flat = faces(), torch.ones(3, 1, 64, 64)
    assert losses.unlike(one, one, flat).abs().max() < 1e-5
    assert losses.apart(one, one, flat).abs().max() == 0
    between = losses.unlike(one, 0.5 * one + 0.25, flat)
    apart = losses.unlike(one, one.flip(0).roll(5, 2), flat)
    assert (between < apart).all()
    assert (apart > 0.3).all()


def test_unlike_is_ssim_under_gaussian_windows():
    one = faces(1)
    other = (one + 0.2 * faces(1).flip(2)).clamp(0, 1)
    place = torch.arange(64) + 0.5
    window = (-((place - 34.0).square()) / 2).softmax(0)  # window 8 of 16, deviation 1

    def mean(x):
        return window @ x[0, 0] @ window

    a, b = mean(one), mean(other)
    va, vb = mean(one**2) - a * a, mean(other**2) - b * b
    common = mean(one * other) - a * b
    ssim = (2 * a * b + 1e-4) * (2 * common + 9e-4)
    ssim = ssim / ((a * a + b * b + 1e-4) * (va + vb + 9e-4))
    weight = torch.zeros(1, 1, 64, 64)
    weight[0, 0, 34, 34] = 1  # so that windows near it count, by what they hold of it
    grey = one[:, :1].expand(-1, 3, -1, -1), other[:, :1].expand(-1, 3, -1, -1)
    middles = (torch.arange(16) + 0.5) * 4
    shares = (-(place[:, None] - middles).square() / 2).softmax(0)[34]
    assert shares.argmax() == 8
    found = losses.unlike(*grey, weight)[0] * 256 / shares.sum() ** 2
    assert torch.allclose(found, (1 - ssim) / 2, atol=0.02)


def test_gradients_are_finite_where_faces_are_equal():
    one = faces().requires_grad_()
    flat = torch.ones(3, 1, 64, 64)
    (
        losses.unlike(one, one.detach(), flat) + losses.apart(one, one.detach(), flat)
    ).sum().backward()
    assert one.grad.isfinite().all()
