"""Colour: published values, exact round trips, finite gradients, and a gamut that keeps the hue."""

import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from olhar.media import color
from olhar.media.color import (
    fit_gamut,
    lab_to_srgb,
    lightness,
    linear_to_srgb,
    luminance,
    srgb_to_lab,
    srgb_to_linear,
)

# sRGB: (L*, a*, b*), computed with mpmath to 30 digits from the chromaticities of IEC 61966-2-1.
EXACT = {
    (1.0, 1.0, 1.0): (100.0, 0.0, 0.0),
    (0.0, 0.0, 0.0): (0.0, 0.0, 0.0),
    (0.5, 0.5, 0.5): (53.388965, 0.0, 0.0),
    (1.0, 0.0, 0.0): (53.237116, 80.090114, 67.203264),
    (0.0, 1.0, 0.0): (87.735519, -86.181597, 83.186620),
    (0.0, 0.0, 1.0): (32.300873, 79.195270, -107.855466),
    (0.2, 0.4, 0.6): (42.009163, -0.145938, -32.845133),
    (0.01, 0.0, 0.02): (0.249612, 1.376115, -1.695225),
}
# The same colours by scikit-image 0.26, whose matrix has six digits: they agree to 0.02.
SCIKIT_IMAGE = {
    (1.0, 1.0, 1.0): (100.0, -0.00245, 0.00465),
    (0.5, 0.5, 0.5): (53.38896, -0.00147, 0.00278),
    (1.0, 0.0, 0.0): (53.24059, 80.09231, 67.20275),
    (0.0, 1.0, 0.0): (87.73510, -86.18303, 83.17970),
    (0.0, 0.0, 1.0): (32.29567, 79.18559, -107.85730),
    (0.2, 0.4, 0.6): (42.00801, -0.15404, -32.84289),
}

unit = st.floats(0, 1)
dtypes = pytest.mark.parametrize("dtype", [torch.float32, torch.float64])


def pixel(*values: float, dtype=torch.float64) -> torch.Tensor:
    return torch.tensor(values, dtype=dtype).reshape(3, 1, 1)


def every_color(steps: int, dtype=torch.float32) -> torch.Tensor:
    levels = torch.linspace(0, 1, steps, dtype=dtype)
    return torch.cartesian_prod(levels, levels, levels).T.reshape(3, steps, -1)


@pytest.mark.parametrize(("srgb", "lab"), EXACT.items())
def test_lab_has_the_exact_values(srgb, lab):
    torch.testing.assert_close(srgb_to_lab(pixel(*srgb)), pixel(*lab), atol=1e-5, rtol=0)


@pytest.mark.parametrize(("srgb", "lab"), SCIKIT_IMAGE.items())
def test_lab_agrees_with_scikit_image(srgb, lab):
    torch.testing.assert_close(srgb_to_lab(pixel(*srgb)), pixel(*lab), atol=0.02, rtol=0)


def test_the_srgb_curve_has_the_values_of_the_standard():
    levels = pixel(0.04045, 0.5, 188 / 255)
    light = pixel(0.04045 / 12.92, 0.214041140482232, 0.502886458033)
    torch.testing.assert_close(srgb_to_linear(levels), light, atol=1e-9, rtol=0)
    torch.testing.assert_close(linear_to_srgb(light), levels, atol=1e-9, rtol=0)


def test_luminance_weighs_the_primaries_and_is_linear():
    weights = [luminance(pixel(*row)).item() for row in torch.eye(3).tolist()]
    assert weights == pytest.approx([0.212639, 0.715169, 0.072192], abs=1e-6)
    assert luminance(torch.rand(2, 3, 4, 5)).shape == (2, 1, 4, 5)


def test_lightness_is_the_first_of_lab():
    srgb = every_color(17, torch.float64)
    torch.testing.assert_close(lightness(srgb), srgb_to_lab(srgb)[:1], atol=1e-12, rtol=0)
    assert lightness(torch.rand(2, 3, 4, 5)).shape == (2, 1, 4, 5)


def test_grey_has_no_chroma():
    lab = srgb_to_lab(torch.linspace(0, 1, 256, dtype=torch.float64).expand(3, 1, -1))
    assert lab[1:].abs().max() < 1e-12


@dtypes
def test_round_trips_are_exact(dtype):
    srgb = every_color(33, dtype)
    atol = 1e-5 if dtype == torch.float32 else 1e-13
    for there, back in ((srgb_to_linear, linear_to_srgb), (srgb_to_lab, lab_to_srgb)):
        result = back(there(srgb))
        assert result.dtype == dtype
        torch.testing.assert_close(result, srgb, atol=atol, rtol=0)


@given(st.floats(-2, 3), st.floats(-2, 3), st.floats(-2, 3))
def test_round_trips_hold_outside_the_gamut_too(r, g, b):
    srgb = pixel(r, g, b)
    # The two branches of the standard's curve miss each other by 3e-8.
    torch.testing.assert_close(lab_to_srgb(srgb_to_lab(srgb)), srgb, atol=1e-7, rtol=1e-9)


@given(unit, unit)
def test_the_curve_rises_and_is_odd(a, b):
    low, high = sorted((a, b))
    ends = srgb_to_linear(pixel(low, high, -high)).flatten().tolist()
    assert ends[0] <= ends[1] == -ends[2]


@pytest.mark.parametrize(
    "function",
    [srgb_to_linear, linear_to_srgb, srgb_to_lab, lab_to_srgb, fit_gamut, luminance, lightness],
)
def test_gradients_are_finite_everywhere(function):
    knees = torch.tensor([0, 1e-30, 0.0031308, 0.04045 / 12.92, 0.04045, 1, -1, -1e-30, 100])
    values = knees.expand(3, 1, -1).clone().requires_grad_()
    function(values).sum().backward()
    assert values.grad is not None
    assert values.grad.isfinite().all()


def test_gradients_are_right():
    srgb = torch.rand(3, 2, 3, dtype=torch.float64, requires_grad=True)
    for function in (srgb_to_linear, linear_to_srgb, srgb_to_lab, luminance):
        assert torch.autograd.gradcheck(function, srgb)
    assert torch.autograd.gradcheck(lab_to_srgb, srgb_to_lab(srgb.detach()).requires_grad_())


@pytest.mark.parametrize("shape", [(3, 2, 5), (4, 3, 2, 5), (2, 4, 3, 2, 5), (0, 3, 2, 5)])
@dtypes
def test_any_leading_shape_will_do(shape, dtype):
    images = torch.rand(shape, dtype=dtype)
    for function in (srgb_to_lab, fit_gamut):
        result = function(images)
        assert (result.shape, result.dtype) == (shape, dtype)
    flat = srgb_to_lab(images.reshape(-1, 3, 2, 5)).reshape(shape)
    torch.testing.assert_close(srgb_to_lab(images), flat)


@pytest.mark.parametrize("function", [srgb_to_lab, fit_gamut, luminance, lightness, linear_to_srgb])
def test_bands_change_nothing(function, monkeypatch):
    images = torch.rand(2, 3, 7, 5)
    whole = function(images)
    monkeypatch.setattr(color, "_BAND", 10)  # two rows at a time
    torch.testing.assert_close(function(images), whole, atol=1e-4, rtol=1e-5)


@pytest.mark.parametrize(
    "wrong", [torch.rand(4, 2, 2), torch.rand(3, 2), torch.zeros(3, 2, 2, dtype=torch.uint8)]
)
def test_other_tensors_are_refused(wrong):
    with pytest.raises(ValueError, match=r"\(\.\.\., 3, H, W\)"):
        srgb_to_lab(wrong)


lab_colors = st.tuples(st.floats(-20, 120), st.floats(-150, 150), st.floats(-150, 150))


@given(lab_colors)
def test_fit_gamut_keeps_lightness_and_hue_and_only_lowers_chroma(values):
    before, after = pixel(*values).flatten().tolist(), fit_gamut(pixel(*values)).flatten().tolist()
    assert after[0] == min(max(before[0], 0), 100)
    chroma = math.hypot(*before[1:])
    assert math.hypot(*after[1:]) <= chroma + 1e-12
    assert before[1] * after[2] == pytest.approx(before[2] * after[1], abs=1e-9 * (1 + chroma**2))
    assert before[1] * after[1] >= 0
    srgb = lab_to_srgb(pixel(*after))
    assert srgb.min() > -2e-4
    assert srgb.max() < 1 + 1e-5


@given(lab_colors)
def test_fit_gamut_goes_no_further_than_it_must(values):
    fitted = fit_gamut(pixel(*values))
    if torch.equal(fitted[1:], pixel(*values)[1:]):
        return
    more = torch.cat([fitted[:1], fitted[1:] * 1.001 + pixel(*values)[1:] * 1e-4])
    linear = srgb_to_linear(lab_to_srgb(more))
    assert linear.min() < 0 or linear.max() > 1


@dtypes
def test_fit_gamut_leaves_what_is_inside_bit_for_bit(dtype):
    lab = srgb_to_lab(every_color(17, dtype))
    assert torch.equal(fit_gamut(lab)[1:], lab[1:])
    again = fit_gamut(fit_gamut(lab * 2))
    assert torch.equal(again, fit_gamut(lab * 2))


def test_fit_gamut_passes_gradients_through_its_factor():
    lab = pixel(60, 120, 30).requires_grad_()
    fitted = fit_gamut(lab)
    factor = (fitted[1] / lab[1]).item()
    fitted.sum().backward()
    torch.testing.assert_close(lab.grad, pixel(1, factor, factor))
