"""eccv16 and siggraph17: the published layouts, values by plain convolutions, hints, sizes."""

import pytest
import torch
import torch.nn.functional as F
from published_weights import draw, eccv16, siggraph17
from torch import Tensor

from olhar.colorize import eccv16 as eccv
from olhar.colorize import siggraph17 as siggraph
from olhar.errors import OlharError

LAYOUTS = {"eccv16": eccv16(), "siggraph17": siggraph17()}
MODULES = {"eccv16": eccv, "siggraph17": siggraph}
CLASSES = {"eccv16": eccv.ECCV16, "siggraph17": siggraph.SIGGRAPH17}


@pytest.fixture(scope="module")
def states():
    return {name: draw(layout) for name, layout in LAYOUTS.items()}


@pytest.fixture(scope="module")
def painters(states):
    built = {}
    for name, module in MODULES.items():
        card, tensors = module.from_published(states[name])
        assert card.kind == name
        built[name] = module.from_tensors(tensors, **card.arguments)
        assert built[name].arguments == card.arguments
    return built


@pytest.fixture(scope="module")
def batch():
    generator = torch.Generator().manual_seed(1)
    light = torch.rand(2, 1, 24, 40, generator=generator) * 100
    return light, torch.zeros(2, 3, 24, 40)


# The layout ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "keys", "parameters"), [("eccv16", 82, 32_236_011), ("siggraph17", 107, 34_187_027)]
)
def test_names_and_shapes_are_the_published_ones(name, keys, parameters):
    with torch.device("meta"):
        network = CLASSES[name]()
    state = network.state_dict()
    assert {key: tuple(value.shape) for key, value in state.items()} == LAYOUTS[name]
    assert len(state) == keys
    assert sum(value.numel() for value in network.parameters()) == parameters


@pytest.mark.parametrize("name", LAYOUTS)
def test_weights_go_in_as_they_are(name, states, painters):
    state = painters[name].state_dict()
    assert all(torch.equal(state[key], value) for key, value in states[name].items())
    assert not painters[name].training


@pytest.mark.parametrize("name", LAYOUTS)
def test_counters_may_be_missing_and_nothing_else(name, states):
    convert = MODULES[name].from_published
    state = {key: value for key, value in states[name].items() if "num_batches" not in key}
    assert len(state) < len(states[name])
    _, tensors = convert(state)
    assert tensors.keys() == states[name].keys()

    def without(key):
        return {k: v for k, v in state.items() if k != key}

    extra = {**state, "model99.0.weight": torch.zeros(1)}
    transposed = {**state, "model4.0.weight": state["model4.0.weight"].mT[..., :1]}
    whole = {**state, "model4.0.bias": torch.zeros(512, dtype=torch.int64)}
    for wrong, says in (
        (without("model5.2.bias"), r"not the weights of .*: model5\.2\.bias is missing$"),
        (without("model3.6.running_var"), r"model3\.6\.running_var is missing"),
        (extra, r"model99\.0\.weight is no part of it"),
        (transposed, r"model4\.0\.weight is float32 \[512, 256, 3, 1\] and must be float32 \["),
        (whole, r"model4\.0\.bias is int64 \[512\] and must be float32 \[512\]"),
    ):
        with pytest.raises(OlharError, match=says):
            convert(wrong)


def test_each_knows_its_own(states):
    assert eccv.from_published(states["siggraph17"]) is None
    assert siggraph.from_published(states["eccv16"]) is None
    with pytest.raises(RuntimeError, match="not those of the network"):
        eccv.from_tensors(states["siggraph17"])


def test_half_precision_becomes_single(states):
    _, tensors = eccv.from_published(
        {k: v.half() if v.is_floating_point() else v for k, v in states["eccv16"].items()}
    )
    assert {v.dtype for k, v in tensors.items() if "num_batches" not in k} == {torch.float32}


# Values --------------------------------------------------------------------------------------


class Plain:
    """The same arithmetic, function by function, from the state dict alone."""

    def __init__(self, state: dict[str, Tensor]) -> None:
        self.state = state

    def conv(self, x: Tensor, name: str, **how: int) -> Tensor:
        weight = self.state[f"{name}.weight"]
        how.setdefault("padding", how.get("dilation", 1) * (weight.shape[-1] // 2))
        return F.conv2d(x, weight, self.state[f"{name}.bias"], **how)

    def up(self, x: Tensor, name: str) -> Tensor:
        weight, bias = self.state[f"{name}.weight"], self.state[f"{name}.bias"]
        return F.conv_transpose2d(x, weight, bias, stride=2, padding=1)

    def norm(self, x: Tensor, name: str) -> Tensor:
        mean, variance, weight, bias = (
            self.state[f"{name}.{each}"][:, None, None]
            for each in ("running_mean", "running_var", "weight", "bias")
        )
        return (x - mean) / (variance + 1e-5).sqrt() * weight + bias

    def block(self, x: Tensor, name: str, count: int, stride: int = 1, dilation: int = 1) -> Tensor:
        for i in range(count):
            last = stride if i == count - 1 else 1
            x = self.conv(x, f"{name}.{2 * i}", stride=last, dilation=dilation).relu()
        return self.norm(x, f"{name}.{2 * count}")


def test_eccv16_says_what_plain_convolutions_say(states, painters, batch):
    plain, painter = Plain(states["eccv16"]), painters["eccv16"]
    x = plain.block((batch[0] - 50) / 100, "model1", 2, stride=2)
    x = plain.block(x, "model2", 2, stride=2)
    x = plain.block(x, "model3", 3, stride=2)
    x = plain.block(x, "model4", 3)
    x = plain.block(plain.block(x, "model5", 3, dilation=2), "model6", 3, dilation=2)
    x = plain.block(x, "model7", 3)
    x = plain.up(x, "model8.0").relu()
    x = plain.conv(plain.conv(x, "model8.2").relu(), "model8.4").relu()
    logits = plain.conv(x, "model8.6")
    ab = F.conv2d(logits.softmax(1), states["eccv16"]["model_out.weight"]) * 110
    with torch.no_grad():
        said = painter(*batch)
    assert said.ab is None
    assert said.logits.shape == (2, 313, 6, 10)
    assert said.logits.std() > 0.1
    torch.testing.assert_close(said.logits, logits, rtol=1e-4, atol=1e-4)
    torch.testing.assert_close(painter.decode(said, 1.0), ab, rtol=1e-3, atol=1e-3)


@pytest.mark.parametrize("center", [0.0, 0.5])
def test_siggraph17_says_what_plain_convolutions_say(states, batch, center):
    light, hints = batch[0], batch[1].clone()
    hints[0, :, 4:7, 20:23] = torch.tensor([40.0, -60.0, 1.0])[:, None, None]
    plain = Plain(states["siggraph17"])
    x = torch.cat([(light - 50) / 100, hints[:, :2] / 110, hints[:, 2:] - center], 1)
    one = plain.block(x, "model1", 2)
    two = plain.block(one[:, :, ::2, ::2], "model2", 2)
    three = plain.block(two[:, :, ::2, ::2], "model3", 3)
    x = plain.block(three[:, :, ::2, ::2], "model4", 3)
    x = plain.block(plain.block(x, "model5", 3, dilation=2), "model6", 3, dilation=2)
    x = plain.block(x, "model7", 3)
    x = (plain.up(x, "model8up.0") + plain.conv(three, "model3short8.0")).relu()
    x = plain.norm(plain.conv(plain.conv(x, "model8.1").relu(), "model8.3").relu(), "model8.5")
    logits = plain.conv(x, "model_class.0")
    x = (plain.up(x, "model9up.0") + plain.conv(two, "model2short9.0")).relu()
    x = plain.norm(plain.conv(x, "model9.1").relu(), "model9.3")
    x = (plain.up(x, "model10up.0") + plain.conv(one, "model1short10.0")).relu()
    x = F.leaky_relu(plain.conv(x, "model10.1"), 0.2)
    ab = plain.conv(x, "model_out.0").tanh() * 110

    painter = siggraph.from_tensors(states["siggraph17"], mask_center=center)
    with torch.no_grad():
        said = painter(light, hints)
    assert said.ab.shape == (2, 2, 24, 40)
    assert said.logits.shape == (2, 529, 6, 10)
    assert said.ab.std() > 1
    torch.testing.assert_close(said.ab, ab, rtol=1e-4, atol=1e-2)
    torch.testing.assert_close(said.logits, logits, rtol=1e-4, atol=1e-3)
    assert torch.equal(painter.decode(said, 0.0), painter.decode(said, 1.0))


def test_bins_are_read_from_the_weights(states):
    table = torch.randint(-11, 12, (313, 2), generator=torch.Generator().manual_seed(2)) * 10.0
    state = {**states["eccv16"], "model_out.weight": table.T.reshape(2, 313, 1, 1) / 110}
    torch.testing.assert_close(eccv.from_tensors(state).bins, table)


def test_bins_of_siggraph17_go_by_a_and_then_b(painters):
    bins = painters["siggraph17"].bins
    assert bins.shape == (529, 2)
    a, b = 3, 20  # counted from -110
    assert bins[23 * a + b].tolist() == [-110 + 10 * a, -110 + 10 * b]


def test_vivid_undoes_the_annealing(painters, batch):
    painter = painters["eccv16"]
    with torch.no_grad():
        said = painter(*batch)
    share = (said.logits * 0.38).softmax(1)
    by_hand = torch.einsum("nqhw,qc->nchw", share, painter.bins)
    torch.testing.assert_close(painter.decode(said, 0.0), by_hand, rtol=1e-4, atol=1e-3)
    spread = [float(painter.decode(said, vivid).std()) for vivid in (0.0, 0.5, 1.0)]
    assert spread == sorted(spread)
    for each in painters.values():
        logs = each.log_probabilities(each(*batch), 0.5)
        torch.testing.assert_close(logs.exp().sum(1), torch.ones(2, 6, 10))


# Hints and sizes -----------------------------------------------------------------------------


@torch.no_grad()
def test_hints_change_siggraph17_and_not_eccv16(painters, batch):
    light, none = batch
    red, blue = none.clone(), none.clone()
    red[:, :, 8:12, 16:20] = torch.tensor([70.0, 50.0, 1.0])[:, None, None]
    blue[:, :, 8:12, 16:20] = torch.tensor([0.0, -80.0, 1.0])[:, None, None]
    plain, with_red, with_blue = (
        painters["siggraph17"](light, hints) for hints in (none, red, blue)
    )
    for one, other in ((plain, with_red), (plain, with_blue), (with_red, with_blue)):
        assert (one.ab - other.ab).abs().mean() > 0.1
        assert (one.logits - other.logits).abs().mean() > 0.01
    assert torch.equal(
        painters["eccv16"](light, red).logits, painters["eccv16"](light, none).logits
    )


@torch.no_grad()
def test_colours_that_no_mask_covers_are_no_hints(painters, batch):
    stray = batch[1].clone()
    stray[:, :2] = 80
    painter = painters["siggraph17"]
    assert torch.equal(painter(batch[0], stray).ab, painter(*batch).ab)


@torch.no_grad()
@pytest.mark.parametrize("name", LAYOUTS)
def test_one_image_says_what_it_says_in_a_batch(name, painters, batch):
    together = painters[name](*batch)
    alone = painters[name](batch[0][1:], batch[1][1:])
    torch.testing.assert_close(together.logits[1:], alone.logits, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("name", LAYOUTS)
@pytest.mark.parametrize("size", [(20, 32), (32, 20), (0, 32)])
def test_other_sizes_are_refused(name, size, painters):
    with pytest.raises(OlharError, match=f"{name} was given {size[1]} x {size[0]} pixels.* of 8"):
        painters[name](torch.zeros(1, 1, *size), torch.zeros(1, 3, *size))
