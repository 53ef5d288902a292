"""The parts of a swap: colours, detail, masks and the way back into the picture."""

import pytest
import torch
import torch.nn.functional as F

from olhar.errors import OlharError
from olhar.faceswap import color, detail
from olhar.faceswap.align import RIGID, aligned, cut, inverse, template
from olhar.faceswap.align import apply as taken
from olhar.faceswap.blend import around, banded, covered, harmonic, joined, returned, seamless
from olhar.faceswap.faces import load
from olhar.faceswap.finder import see
from olhar.faceswap.masks import LEFT_EYE, MOUTH, RIGHT_EYE
from olhar.faceswap.settings import Swap
from olhar.media.color import srgb_to_lab
from olhar.samples.face import face

ONE = torch.ones(1, 48, 48)


@pytest.fixture(scope="module")
def seen():
    """A drawn face and the points on it."""
    image = face(1, 256, yaw=10)
    return image, see(image, load()).points[0]


def noise(seed, *size):
    return torch.rand(*size, generator=torch.Generator().manual_seed(seed))


def smooth(seed, size=48):
    """An image of some colours whose channels depend on each other."""
    grey = F.interpolate(noise(seed, 1, 3, 6, 6), (size, size), mode="bicubic")[0].clamp(0, 1)
    return 0.25 + 0.4 * grey + 0.1 * grey.roll(1, 0)


@pytest.mark.parametrize("way", ["reinhard", "transport", "histogram"])
def test_a_face_takes_on_the_statistics_of_another(way):
    image, other = smooth(1), smooth(2) * torch.tensor([0.9, 0.7, 0.5])[:, None, None]
    own, wanted = (color.statistics(each, ONE, way) for each in (image, other))
    made = color.statistics(color.recolored(image, own, wanted, way), ONE, way)
    before = float((own - wanted).abs().mean())
    assert float((made - wanted).abs().mean()) < 0.2 * before
    same = color.recolored(image, own, own, way)
    assert float((same - image).abs().max()) < 1e-3


def test_statistics_count_what_the_weights_say():
    image = smooth(3)
    image[:, :, 24:] = 0.9
    left = torch.zeros(1, 48, 48)
    left[:, :, :24] = 1
    for way in ("reinhard", "transport", "histogram"):
        part = color.statistics(image[:, :, :24], ONE[:, :, :24], way)
        assert torch.allclose(color.statistics(image, left, way), part, atol=1e-3)
    assert color.recolored(image, *[color.statistics(image, left, "none")] * 2, "none") is image


def test_transport_gives_the_covariance_and_is_symmetric():
    """By its definition: T A T = B, and of all such maps the symmetric positive one."""
    roots = noise(5, 2, 3, 3) * 6 - 3
    a, b = (root @ root.T + 40 * torch.eye(3) for root in roots)
    found = color.transport(a, b).float()
    extra = 2.0 * torch.eye(3)  # what counts as noise in both
    assert torch.allclose(found, found.T, atol=1e-5)
    assert torch.allclose(found @ (a + extra) @ found, b + extra, rtol=1e-3, atol=1e-2)
    wild = color.transport(torch.eye(3), 1e4 * torch.eye(3))
    assert float(wild.max()) == pytest.approx(2.0)  # contrast is stretched so far and no further


@pytest.mark.parametrize("way", ["transport", "reinhard", "histogram"])
def test_light_that_changes_is_followed_and_what_trembles_is_not(way):
    face = torch.rand(3, 32, 32, generator=torch.Generator().manual_seed(3)) * 0.4 + 0.4
    light, nearly, dark = (
        color.statistics(face * share, torch.ones(1, 32, 32), way) for share in (1.0, 0.99, 0.4)
    )
    steady = color.Steady()
    steady.colors("wanted", light, way)
    assert torch.allclose(steady.colors("wanted", nearly, way), light.lerp(nearly, 0.25))
    assert torch.equal(steady.colors("wanted", dark, way), dark)


def test_a_clipped_channel_makes_no_cliff():
    """Half of the pixels have one value: no quantile may tear them apart from their neighbours."""
    ramp = torch.linspace(0.2, 0.8, 48).expand(3, 48, 48)
    clipped = ramp.clamp(max=0.5)
    own, wanted = (color.statistics(each, ONE, "histogram") for each in (clipped, ramp))
    made = srgb_to_lab(color.recolored(clipped, own, wanted, "histogram"))
    steps, before = made[0].diff(dim=1).abs().max(), srgb_to_lab(clipped)[0].diff(dim=1).abs().max()
    assert float(steps) <= 2.1 * float(before)


def test_detail_is_matched_band_by_band():
    crisp = F.interpolate(noise(7, 1, 3, 7, 7) * 0.6 + 0.2, (84, 84))[0]  # edges, no grain
    whole = torch.ones(1, 84, 84)
    assert torch.allclose(sum(detail.taken_apart(crisp)), crisp, atol=1e-5)
    soft = F.avg_pool2d(F.pad(crisp[None], (2, 2, 2, 2), "replicate"), 5, 1)[0]
    sharp, dull = (detail.detail(each, whole) for each in (crisp, soft))
    up, down = detail.gains(dull, sharp), detail.gains(sharp, dull)
    assert up[0] == pytest.approx(1.6)  # as much as there may be
    assert up[0] >= up[1] > up[2] > 1
    assert down[0] < down[1] < down[2] < 1
    assert detail.gains(dull, sharp, enlarged=3).tolist() == [1.0, *up[1:].tolist()]
    assert torch.equal(detail.gains(sharp, dull, enlarged=3), down)
    for image, gain, own, wanted in ((soft, up, dull, sharp), (crisp, down, sharp, dull)):
        made = detail.detail(detail.matched(image, gain, 0.0, 0), whole)
        assert ((made.bands - wanted.bands).abs() < (own.bands - wanted.bands).abs()).all()


def test_grain_is_measured_and_strewn():
    plain = smooth(11, 96)
    whole = torch.ones(1, 96, 96)
    generator = torch.Generator().manual_seed(1)
    grainy = (plain + 0.02 * torch.randn(1, 96, 96, generator=generator)).clamp(0, 1)
    assert float(detail.detail(grainy, whole).noise) == pytest.approx(0.02, rel=0.15)
    assert float(detail.detail(plain, whole).noise) < 0.002
    made = detail.matched(plain, torch.ones(3), 0.02, seed=5)
    assert float(detail.detail(made, whole).noise) == pytest.approx(0.02, rel=0.15)
    assert torch.equal(made, detail.matched(plain, torch.ones(3), 0.02, seed=5))
    assert not torch.equal(made, detail.matched(plain, torch.ones(3), 0.02, seed=6))
    # Grain alone is no reason to sharpen.
    gain = detail.gains(detail.detail(plain, whole), detail.detail(grainy, whole))
    assert float(gain[0]) < 1.5


@pytest.mark.parametrize("size", [64, 96, 224, 400])
def test_the_way_back_is_exact_to_a_fraction_of_a_pixel(size):
    """A slope comes back as it was, enlarged or reduced; half a pixel off would show."""
    y, x = torch.meshgrid(torch.arange(120) + 0.5, torch.arange(160) + 0.5, indexing="ij")
    picture = torch.stack([x / 160, y / 120, (x + y) / 280])
    points = taken(
        inverse(torch.tensor([[1.9, 0.5, -60.0], [-0.5, 1.9, 20.0]]) * size / 256), template(size)
    )
    whole = torch.zeros(468, 2)
    whole[list(RIGID)] = points
    matrix = aligned(whole, size)
    where = (50, 70, 60, 85)
    back = returned(cut(picture, matrix, size), matrix, where)
    assert float((back - picture[:, 50:70, 60:85]).abs().max()) < 0.1 / 120


def test_the_mask_covers_eyes_and_mouth_and_ends(seen):
    _, points = seen
    mask = covered(points, None, Swap())
    at = taken(aligned(points, 256), points[:, :2])
    for ring in (LEFT_EYE, RIGHT_EYE, MOUTH):
        x, y = at[list(ring)].round().long().T
        assert float(mask[0, y, x].min()) > 0.95
    edge = torch.cat([mask[:, 0], mask[:, -1], mask[:, :, 0], mask[:, :, -1]])
    assert not edge.any()
    hidden = torch.ones(1, 64, 64)
    hidden[:, 32:] = 0  # the model sees no face there
    both = covered(points, hidden, Swap())
    assert not both[:, 150:].any()
    assert both[:, :100].any()
    assert torch.equal(covered(points, hidden, Swap(mask="hull")), mask)
    assert covered(points, torch.ones(1, 64, 64), Swap(mask="learned")).mean() > 0.8
    small, large = (covered(points, None, Swap(erode=e)) for e in (0.1, 0.0))
    assert small.mean() < large.mean()


def test_only_what_is_near_the_face_is_worked_on(seen):
    _, points = seen
    top, bottom, left, right = around(points, 256, 256)
    mask = returned(covered(points, None, Swap(erode=0)), aligned(points, 256), (0, 256, 0, 256))
    mask[:, top:bottom, left:right] = 0
    assert not mask.any()
    assert around(points + torch.tensor([900.0, 0, 0]), 256, 256) is None
    assert around(points - torch.tensor([170.0, 0, 0]), 256, 256)[2] == 0


@pytest.mark.parametrize("way", ["bands", "alpha"])
def test_outside_the_mask_no_bit_changes(way):
    picture, other = noise(1, 3, 40, 56), noise(2, 3, 40, 56)
    mask = torch.zeros(1, 40, 56)
    mask[:, 12:30, 20:40] = torch.linspace(0, 1, 20)
    made = joined(picture, other, mask, way)
    out = (mask == 0).expand(3, -1, -1)
    assert torch.equal(made[out], picture[out])
    assert not torch.equal(made[~out], picture[~out])


def test_bands_mix_what_is_smooth_over_a_wider_space():
    """A step of brightness between two images is gone over slowly, not at the seam."""
    dark, light = torch.full((3, 96, 96), 0.3), torch.full((3, 96, 96), 0.5)
    half = torch.zeros(1, 96, 96)
    half[:, :, 48:] = 1
    made = banded(dark, light, half)
    assert float(made.diff(dim=2).abs().max()) < 0.02
    assert float(made[:, :, 0].mean()) == pytest.approx(0.3, abs=0.03)
    assert float(made[:, :, -1].mean()) == pytest.approx(0.5, abs=0.03)
    image = noise(3, 3, 50, 70)
    assert torch.allclose(banded(image, image, noise(4, 1, 50, 70)), image, atol=1e-5)


def test_the_correction_solves_laplaces_equation():
    """Against the matrix equation, solved directly."""
    size = 24
    values = noise(6, 1, size, size)
    y, x = torch.meshgrid(torch.arange(size), torch.arange(size), indexing="ij")
    inside = (((x - 11) ** 2 + (y - 12) ** 2) < 64)[None]
    index = {place: n for n, place in enumerate(map(tuple, inside[0].nonzero().tolist()))}
    matrix, right = 4 * torch.eye(len(index)), torch.zeros(len(index))
    for (row, column), n in index.items():
        for dr, dc in ((0, 1), (1, 0), (0, -1), (-1, 0)):
            place = (row + dr, column + dc)
            if place in index:
                matrix[n, index[place]] = -1
            else:
                right[n] += values[0, row + dr, column + dc]
    exact = torch.linalg.solve(matrix, right)
    found = harmonic(values, inside)
    assert float((found[inside] - exact).abs().max()) < 0.02
    assert torch.equal(found[~inside], values[~inside])


def test_seamless_keeps_gradients_and_takes_the_border():
    picture = smooth(1, 64)
    mask = torch.zeros(1, 64, 64)
    mask[:, 16:48, 16:48] = 1
    made = seamless((picture - 0.2).clamp(0, 1), picture, mask)  # darker all over
    assert float((made - picture).abs()[:, 18:46, 18:46].max()) < 0.01


def test_settings_out_of_range_are_refused():
    with pytest.raises(OlharError, match=r"erode is 0.5; it must be a number from 0 to 0.3"):
        Swap(erode=0.5)
    with pytest.raises(OlharError, match="color is 'warm'"):
        Swap(color="warm")
