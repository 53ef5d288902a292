"""Each architecture: values frozen once, shapes, what it takes and what it says of the rest."""

import json
import math
import sys

import pytest
import torch

from olhar import hub
from olhar.classify.network import ARCHITECTURES, Predictor, from_tensors, hyperparameters
from olhar.classify.network_recurrent import LSTM, patches, rows
from olhar.classify.network_resnet import ResNet
from olhar.errors import OlharError
from olhar.nets.model import laid_out

SMALL = {
    "mlp": {"widths": (8, 6)},
    "cnn": {"widths": (4, 6), "depth": 2, "dense": 8},
    "resnet": {"widths": (4, 6), "depth": 2},
    "lstm": {"widths": (6, 5)},
    "gru": {"widths": (6,), "patch": 4, "bidirectional": True},
    "fast": {"widths": (8, 8)},
    "lite0": {},
}

GOLDEN = {
    "mlp": [-0.68384, 2.80948, 0.56852, -0.68102, 2.81872, 0.55663],
    "cnn": [1.76318, 2.12349, 1.97369, 1.78749, 2.04363, 1.82549],
    "resnet": [-5.6075, -11.92811, 19.14764, -5.69162, -12.46035, 19.75363],
    "lstm": [2.53971, 0.16492, 1.03788, 2.55392, 0.15089, 1.04994],
    "gru": [3.94752, -0.47793, -0.40235, 3.94809, -0.47944, -0.40135],
    "fast": [0.3914, -0.34203, -0.92193, 0.39007, -0.33998, -0.91742],
    "lite0": [8.10156, -2.62821, -6.24954, 8.10157, -2.62821, -6.24955],
}
"""Made by running this file."""


def built(name, **changes):
    return Predictor(name, task="class", outputs=3, size=(16, 16), **SMALL[name] | changes)


def filled(network):
    """Weights that are a function of their place, whatever torch's generator gives."""
    with torch.no_grad():
        for i, tensor in enumerate(network.state_dict().values()):
            if tensor.is_floating_point():
                wave = torch.sin(torch.arange(tensor.numel()) * 0.7 + i).view(tensor.shape)
                fan = max(1, tensor[0].numel()) if tensor.ndim > 1 else 4
                tensor.copy_(wave / fan**0.5 + (tensor.ndim == 1))
    return network.eval()


def pictures(count=2, height=16, width=16):
    wave = (torch.arange(count * 3 * height * width) * 0.37).sin()
    return wave.view(-1, 3, height, width) / 2 + 0.5


@pytest.mark.parametrize("name", ARCHITECTURES)
def test_frozen_outputs(name):
    found = filled(built(name))(pictures()).flatten().tolist()
    assert found == pytest.approx(GOLDEN[name], rel=1e-3, abs=1e-4)


@pytest.mark.parametrize("name", ARCHITECTURES)
def test_what_is_saved_is_built_again(name):
    torch.manual_seed(0)
    network = built(name, mean=(0.4, 0.5, 0.6), deviation=(0.2, 0.3, 0.25), names=("a", "b", "ç"))
    network.train()(pictures(8))  # running statistics move
    arguments = json.loads(json.dumps(network.arguments))
    again = from_tensors({k: v.clone() for k, v in network.state_dict().items()}, **arguments)
    assert not again.training
    assert torch.equal(network.eval()(pictures()), again(pictures()))
    assert again.names == ("a", "b", "ç")


@pytest.mark.parametrize("name", ARCHITECTURES)
def test_every_weight_learns_and_an_image_does_not_depend_on_its_neighbours(name):
    torch.manual_seed(0)
    network = filled(built(name))
    probabilities = network.predict(pictures(3))
    assert probabilities.sum(1).tolist() == pytest.approx([1, 1, 1])
    assert torch.allclose(network.predict(pictures(3)[1:2]), probabilities[1:2], atol=1e-5)
    network.train()
    network(pictures(4)).square().sum().backward()
    assert all(p.grad is not None and p.grad.abs().sum() > 0 for p in network.parameters())


def test_tasks_have_their_own_ends():
    image = pictures(1)
    labels = Predictor("mlp", task="labels", outputs=2, size=(16, 16), widths=(4,)).eval()
    assert torch.allclose(labels.predict(image), labels(image).sigmoid())
    number = Predictor(
        "mlp", task="number", outputs=1, size=(16, 16), widths=(4,), center=[100.0], scale=[10.0]
    ).eval()
    body = number.body(number.normalize(image))
    assert torch.allclose(number(image), body * 10 + 100)
    assert number.predict(image).equal(number(image))


def test_a_residual_network_starts_as_its_shortcuts():
    """The last normalisation of each block is 0, so two blocks more change nothing."""
    torch.manual_seed(0)
    short = ResNet(3, (16, 16), widths=(4,), depth=1).eval()
    deep = ResNet(3, (16, 16), widths=(4,), depth=3).eval()
    deep.stem.load_state_dict(short.stem.state_dict())
    deep.head.load_state_dict(short.head.state_dict())
    assert torch.equal(short(pictures()), deep(pictures()))


@pytest.mark.parametrize(("side", "shrunk"), [(32, 1), (64, 2), (160, 4)])
def test_the_stem_of_a_residual_network_follows_the_size(side, shrunk):
    network = ResNet(3, (side, side), widths=(4, 4))
    assert network.stem(torch.rand(1, 3, side, side)).shape[-1] == side // shrunk


def test_a_residual_network_takes_any_size_from_its_stages_on():
    network = ResNet(3, (32, 32), widths=(4, 4, 4)).eval()
    assert network(torch.rand(1, 3, 37, 4)).shape == (1, 3)
    with pytest.raises(OlharError, match="3 x 37 pixels are smaller than the 4 x 4"):
        network(torch.rand(1, 3, 37, 3))


@pytest.mark.parametrize("name", ["mlp", "cnn", "lstm"])
def test_other_sizes_are_told(name):
    with pytest.raises(OlharError, match=r"16.*(20|resize)"):
        built(name)(torch.rand(2, 3, 20, 20))


def test_rows_and_patches_by_hand():
    image = torch.arange(16.0).view(1, 1, 4, 4)
    assert rows(image)[0, 1].tolist() == [4, 5, 6, 7]
    assert patches(image, 2)[0, 1].tolist() == [2, 3, 6, 7]
    color = torch.rand(2, 3, 4, 6)
    assert rows(color)[1, 2].tolist() == color[1, :, 2].flatten().tolist()
    assert patches(color, 2)[1, 4].tolist() == color[1, :, 2:4, 2:4].flatten().tolist()


def test_a_memory_starts_by_remembering_and_turning():
    layer = LSTM(3, (8, 8), widths=(4,)).layers[0]
    assert layer.bias_ih_l0.chunk(4)[1].tolist() == [1, 1, 1, 1]
    for gate in layer.weight_hh_l0.chunk(4):
        assert torch.allclose(gate @ gate.T, torch.eye(4), atol=1e-5)


def test_a_sequence_may_be_longer():
    assert built("lstm").eval()(torch.rand(1, 3, 40, 16)).shape == (1, 3)
    with pytest.raises(OlharError, match="cannot be cut into patches of 4 x 4"):
        built("gru")(torch.rand(1, 3, 18, 16))


@pytest.mark.parametrize(
    ("name", "options", "says"),
    [
        ("resnett", {}, "'resnett'; it can be mlp, cnn, resnet, lstm, gru, fast, lite0, or timm:"),
        ("mlp", {"patch": 4}, "mlp has no patch; it has widths, dropout"),
        ("cnn", {"widths": (4,) * 5}, "5 blocks, which need images of 32 x 32"),
    ],
)
def test_what_cannot_be_built_is_told(name, options, says):
    with pytest.raises(OlharError) as error:
        Predictor(name, task="class", outputs=2, size=(16, 16), **options)
    assert says in str(error.value)


def test_hyperparameters_are_those_of_the_signatures():
    assert hyperparameters("cnn") == ("widths", "depth", "dense", "dropout")
    assert hyperparameters("timm:resnet18") == ("dropout",)


def test_lite0_begins_with_what_the_colorizer_knows():
    _, known = hub.load("colorizer")
    network = Predictor("lite0", task="class", outputs=3, size=(64, 64), pretrained=True)
    for name, tensor in network.body.model.state_dict().items():
        assert torch.equal(tensor, known[f"encoder.{name}"].to(tensor)), name
    fresh = Predictor("lite0", task="class", outputs=3, size=(64, 64))
    name = "model.stem.conv.weight"
    assert not torch.equal(fresh.body.state_dict()[name], network.body.state_dict()[name])


@pytest.mark.parametrize("size", [(16, 16), (50, 70), (128, 96)])
def test_lite0_takes_any_size(size):
    network = Predictor("lite0", task="class", outputs=3, size=size).eval()
    assert network.predict(torch.rand(2, 3, *size)).shape == (2, 3)


def test_a_backbone_of_timm():
    pytest.importorskip("timm")
    network = Predictor("timm:test_resnet", task="class", outputs=3, size=(32, 32)).eval()
    assert network(torch.rand(2, 3, 32, 32)).shape == (2, 3)
    again = from_tensors(network.state_dict(), **network.arguments)
    assert torch.equal(again(torch.ones(1, 3, 32, 32)), network(torch.ones(1, 3, 32, 32)))
    with pytest.raises(OlharError, match="timm has no network 'resnet_of_mine'"):
        Predictor("timm:resnet_of_mine", task="class", outputs=3, size=(32, 32))


def test_timm_is_an_extra(monkeypatch):
    monkeypatch.setitem(sys.modules, "timm", None)
    with pytest.raises(OlharError, match=r'pip install "olhar\[timm\]"'):
        Predictor("timm:resnet18", task="class", outputs=3, size=(32, 32))


def test_weights_that_cannot_be_fetched_are_told(monkeypatch):
    timm = pytest.importorskip("timm")

    def offline(*_, **options):
        raise ConnectionError("no route")

    monkeypatch.setattr(timm, "create_model", offline)
    with pytest.raises(OlharError, match=r"could not be fetched.*--no-pretrained"):
        Predictor("timm:resnet18", task="class", outputs=3, size=(32, 32), pretrained=True)


if __name__ == "__main__":
    for each in ARCHITECTURES:
        values = filled(built(each))(pictures()).flatten().tolist()
        print(f"    {each!r}: {[round(v, 5) for v in values]},")
        assert all(map(math.isfinite, values))


def test_outputs_without_end_take_no_memory_before_they_are_compared():
    network = laid_out(
        lambda: Predictor("resnet", task="class", outputs=10**12, size=(8, 8), widths=(4,))
    )
    assert network.class_weights.shape == (10**12,)


@pytest.mark.parametrize(
    "told", [{"names": ("a",)}, {"scale": (1.0,)}, {"temperature": 0.0}, {"task": "guess"}]
)
def test_what_a_card_tells_of_outputs_fits_them(told):
    with pytest.raises(ValueError, match=r"the task is|are not those of 2 outputs"):
        Predictor("resnet", **{"task": "class", "outputs": 2, "size": (8, 8), **told})
