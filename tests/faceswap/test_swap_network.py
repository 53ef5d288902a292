"""The network that swaps: the published layers, the two decoders, what does not fit."""

from itertools import pairwise

import pytest
import torch
import torch.nn.functional as F
from torch.utils.flop_counter import FlopCounterMode

from olhar.errors import OlharError
from olhar.faceswap.network import PRESETS, Swapper, from_tensors
from olhar.nets.model import laid_out

SMALL = {"size": 32, "down": (8, 16), "code": 12, "up": (16, 8)}


def counted(part):
    return sum(parameter.numel() for parameter in part.parameters())


def test_classic_has_the_published_layers():
    network = laid_out(lambda: Swapper(**PRESETS["classic"]))
    widths = (3, 128, 256, 512, 1024)
    halvings = sum(25 * a * b + b for a, b in pairwise(widths))
    dense = 16_384 * 1024 + 1024 + 1024 * 16_384 + 16_384
    doubling = 9 * 1024 * 2048 + 2048
    shared = counted(network.encoder) + counted(network.code) + counted(network.seed)
    assert shared == halvings + dense + doubling == 69_662_976
    widths = (512, 256, 128, 64)
    decoder = sum(9 * a * 4 * b + 4 * b for a, b in pairwise(widths))
    assert counted(network.decoders["a"]) == decoder + 25 * 64 * 3 + 3 == 6_199_747


def test_classic_computes_what_was_published():
    torch.manual_seed(0)
    network = Swapper(size=64, down=(6, 8, 10, 12), code=16, up=(8, 8, 6, 4), kernel=5).eval()
    state = network.state_dict()
    picture = torch.rand(2, 3, 64, 64)

    def conv(x, name, stride=1):
        weight = state[f"{name}.weight"]
        return F.conv2d(x, weight, state[f"{name}.bias"], stride, weight.shape[-1] // 2)

    def double(x, name):
        return F.pixel_shuffle(F.leaky_relu(conv(x, name), 0.1), 2)

    x = 2 * picture - 1
    for layer in (0, 2, 4, 6):
        x = F.leaky_relu(conv(x, f"encoder.{layer}", 2), 0.1)  # 64, 32, 16, 8, 4
    x = F.linear(x.flatten(1), state["code.weight"], state["code.bias"])
    x = F.linear(x, state["seed.0.weight"], state["seed.0.bias"]).view(2, 12, 4, 4)
    x = double(x, "seed.2.conv")
    for layer in range(3):
        x = double(x, f"decoders.b.{layer}.conv")
    expected = conv(x, "decoders.b.3.say").sigmoid()
    face, mask = network(picture, "b")
    assert torch.allclose(face, expected, atol=1e-6)
    assert mask.shape == (2, 1, 64, 64)


@pytest.mark.parametrize("name", sorted(PRESETS))
def test_a_preset_can_be_built_again_from_its_arguments(name):
    first = laid_out(lambda: Swapper(**PRESETS[name]))
    again = laid_out(lambda: Swapper(**first.arguments))
    assert {k: v.shape for k, v in first.state_dict().items()} == {
        k: v.shape for k, v in again.state_dict().items()
    }
    assert first.size == PRESETS[name]["size"]


def test_light_costs_a_fifth_of_classic_at_three_times_the_pixels():
    def cost(name):
        network = laid_out(lambda: Swapper(**PRESETS[name]))
        with FlopCounterMode(display=False) as counter:
            network(torch.empty(1, 3, network.size, network.size, device="meta"), "a")
        return counter.get_total_flops()

    assert cost("light") * 5 < cost("classic")
    assert PRESETS["light"]["size"] ** 2 > 3 * PRESETS["classic"]["size"] ** 2


def test_each_person_has_a_decoder_and_both_share_the_encoder():
    network = Swapper(**SMALL)
    faces = torch.rand(4, 3, 32, 32)
    face, mask = network(faces, "a")
    (face.sum() + mask.sum()).backward()
    touched = {name.split(".")[1] for name, p in network.named_parameters() if p.grad is None}
    assert touched == {"b"}
    assert network.encoder[0].weight.grad.abs().sum() > 0
    assert face.min() >= 0
    assert face.max() <= 1
    assert mask.shape == (4, 1, 32, 32)
    assert not torch.allclose(network(faces, "b")[0], face)


def test_at_the_start_a_face_is_nearly_grey():
    torch.manual_seed(1)
    face, _ = Swapper(**PRESETS["light"])(torch.rand(2, 3, 112, 112), "a")
    assert (face - 0.5).abs().max() < 0.4


def test_likeness_hears_no_contrast():
    network = Swapper(**SMALL, likeness=True).eval()
    faces = torch.rand(2, 3, 32, 32)
    before = network.encode(faces)
    with torch.no_grad():
        for value in network.encoder[2].parameters():
            value.mul_(3)
    assert torch.allclose(network.encode(faces), before, atol=1e-4)


@pytest.mark.parametrize(
    "change", [{"size": 30}, {"up": (8, 8, 8, 8), "fine": True, "size": 48}, {"down": ()}]
)
def test_what_does_not_fit_is_refused(change):
    with pytest.raises(OlharError, match="doubling"):
        Swapper(**(SMALL | change))


def test_it_comes_back_from_its_tensors():
    network = Swapper(**SMALL, residual=True, fine=True).eval()
    again = from_tensors(network.state_dict(), **network.arguments)
    faces = torch.rand(1, 3, 32, 32)
    assert torch.equal(again(faces, "b")[0], network(faces, "b")[0])
    with pytest.raises(RuntimeError):
        from_tensors(network.state_dict(), **network.arguments | {"code": 11})
