"""The networks say what the published graphs say: values of the originals, run once, are frozen."""

import pytest
import torch

from olhar import hub
from olhar.catalogue import load as load_model
from olhar.errors import OlharError
from olhar.faceswap import faces as model
from olhar.faceswap.faces import Faces, from_tensors, packed, unpacked
from olhar.samples import photo

WITHIN = 1e-3  # pixels, and as much for logits
ROWS = {  # best guess, its score, then middle, size and six points relative to its place
    ("short", "wave"): (
        *(623, -2.0741, [0.8375, 7.9937, 87.1162, 87.1279, -15.3869, 1.506, 14.1397, -7.7348]),
        *([5.8788, 16.3636, 9.8452, 28.4853, -30.4235, 5.4532, 28.6914, -12.9263], 3691.39036),
    ),
    ("short", "astronaut"): (
        *(680, 2.4936, [-7.8326, 5.6489, 51.3396, 51.3288, -18.7381, -5.6922, 2.7194, -4.9968]),
        *([-8.8705, 8.0499, -8.8009, 17.8448, -29.9506, -1.5237, 14.5906, -0.5331], 13645.24783),
    ),
    ("full", "wave"): (
        *(561, -0.587, [-1.7841, -1.894, 27.3544, 27.3495, -7.2742, -6.0677, 3.8201, -6.6817]),
        *([-2.8371, -0.1978, -1.9442, 5.1093, -11.5723, -4.5562, 12.5656, -5.7086], 17231.7975),
    ),
    ("full", "astronaut"): (
        *(1416, 1.9788, [-2.3968, -0.7118, 115.5081, 115.5521, -25.2067, -15.0931, 22.3373]),
        *([-14.6287, -5.5056, 17.3511, -6.1167, 34.0205, -44.684, -14.8818, 47.3219, -12.0996],),
        28988.42826,
    ),
}
MESHES = {  # logit of presence, some points, sum of all absolute coordinates
    "wave": (
        -5.296638,
        {1: [104.2503, 107.8219, -19.9759], 61: [69.9904, 123.5806, 0.8483]}
        | {152: [85.2048, 157.4352, 12.3902], 263: [133.9274, 68.7915, 12.7314]},
        94557.03903,
    ),
    "astronaut": (
        28.250805,
        {1: [96.2467, 110.7283, -23.4907], 61: [73.1949, 120.3461, 8.0688]}
        | {152: [93.7374, 160.4176, 11.4205], 263: [130.6224, 82.921, 3.8038]},
        97929.25317,
    ),
}


def picture(kind: str, name: str) -> torch.Tensor:
    size = {"short": 128, "full": 192, "mesh": 192}[name]
    if kind == "wave":
        x = torch.arange(size, dtype=torch.float64) / size
        waves = [torch.sin(6 * x[None] * k + 4 * x[:, None] * (4 - k)) for k in (1, 2, 3)]
        return (0.5 + 0.5 * torch.stack(waves)).float()
    try:
        whole = photo("astronaut")
    except OlharError:
        pytest.skip("scikit-image is not installed")
    if name == "short":
        return whole[:, :256, 96:352].reshape(3, 128, 2, 128, 2).mean((2, 4))
    return whole[:, :192, 130:322] if name == "full" else whole[:, 20:212, 128:320]


@pytest.fixture(scope="module")
def faces() -> Faces:
    return model.load(device="cpu")


@pytest.mark.parametrize(("name", "kind"), ROWS)
def test_detectors_are_the_published_ones(faces, name, kind):
    best, score, first, second, total = ROWS[name, kind]
    network = faces.get_submodule(name)
    with torch.inference_mode():
        boxes, points, scores = network(picture(kind, name)[None])
    assert int(scores[0].argmax()) == best
    assert float(scores[0, best]) == pytest.approx(score, abs=WITHIN)
    assert float(scores.double().abs().sum()) == pytest.approx(total, rel=1e-6)
    low, high = boxes[0, best].split(2)
    if name == "full":
        place = torch.tensor([best % 48, best // 48]) * 4 + 2.0
    else:  # six guesses at each of 8 x 8 places follow two at each of 16 x 16
        place = torch.tensor([(best - 512) // 6 % 8, (best - 512) // 48]) * 16 + 8.0
    found = torch.cat([(low + high) / 2 - place, high - low, (points[0, best] - place).flatten()])
    assert torch.allclose(found, torch.tensor([*first, *second]), rtol=0, atol=WITHIN)


@pytest.mark.parametrize("kind", MESHES)
def test_mesh_is_the_published_one(faces, kind):
    presence, some, total = MESHES[kind]
    with torch.inference_mode():
        points, logits = faces.mesh(picture(kind, "mesh")[None])
    assert float(logits) == pytest.approx(presence, abs=WITHIN)
    for number, place in some.items():
        assert torch.allclose(points[0, number], torch.tensor(place), rtol=0, atol=WITHIN)
    assert float(points.double().abs().sum()) == pytest.approx(total, rel=1e-6)


def test_a_batch_is_its_pictures_one_by_one(faces):
    batch = torch.stack([picture("wave", "full"), picture("wave", "full").flip(2)])
    with torch.inference_mode():
        both, single = faces.full(batch), faces.full(batch[1:])
    for a, b in zip(both, single, strict=True):
        assert torch.allclose(a[1:], b, atol=2e-3, rtol=1e-4)


def test_what_is_mostly_zero_is_stored_without_its_zeros():
    weight = torch.tensor([[0.0, 1.5, 0.0, -2.0, 0.0], [0.0, 0.0, 0.0, 0.0, 3.0]]).half()
    values, there = packed(weight)
    assert values.tolist() == [1.5, -2.0, 3.0]
    assert there.tolist() == [0b01010000, 0b01000000]
    assert torch.equal(unpacked(values, there, weight.shape), weight)
    with pytest.raises(RuntimeError, match="not whole"):
        unpacked(values[:2], there, weight.shape)


def test_other_tensors_are_refused(tmp_path):
    card, tensors = hub.load("faces")
    assert card.licence == "Apache-2.0"
    tensors.pop("mesh.stem.bias")
    with pytest.raises(RuntimeError, match="tensors are not those"):
        from_tensors(tensors)
    hub.save(tmp_path / "less.safetensors", tensors, card)
    with pytest.raises(OlharError, match="does not hold a faces"):
        load_model(tmp_path / "less.safetensors")


def test_the_model_is_small_and_in_the_catalogue():
    assert hub.find("faces").stat().st_size <= 2e6
    assert isinstance(load_model("faces"), Faces)
