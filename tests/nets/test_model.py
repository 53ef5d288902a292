"""From a model to its network."""

import subprocess
import sys

import pytest
import torch
from torch import nn

from olhar import OlharError, hub
from olhar.nets.model import filled, laid_out, loaded

GOOD = {"weight": torch.ones(2, 3), "bias": torch.zeros(2)}


def build(tensors, width=2):
    return filled(lambda: nn.Linear(3, width), tensors)


def written(path, tensors=None, **arguments):
    card = hub.Card(
        name="small",
        kind="line",
        summary="",
        licence="",
        origin="",
        arguments=arguments,
    )
    return hub.save(path, tensors or GOOD, card)


def test_a_network_has_the_weights_of_its_file_and_is_ready(tmp_path):
    card, network = loaded(written(tmp_path / "a.safetensors"), {"line": build}, device="cpu")
    assert card.name == "small"
    assert not network.training
    assert torch.equal(network(torch.ones(1, 3)), torch.tensor([[3.0, 3.0]]))


def test_a_network_is_kept_until_its_file_changes(tmp_path):
    kinds = {"line": build}
    path = written(tmp_path / "a.safetensors")
    first = loaded(path, kinds, device="cpu")[1]
    assert loaded(path, kinds, device="cpu")[1] is first
    written(path, {"weight": torch.zeros(2, 3), "bias": torch.ones(2)})
    assert loaded(path, kinds, device="cpu")[1](torch.ones(1, 3)).tolist() == [[1.0, 1.0]]


@pytest.mark.parametrize(
    ("kinds", "arguments", "says"),
    [
        ({"curve": build}, {}, "^small is a line; this needs a curve$"),
        ({"curve": build, "arc": build}, {}, "this needs a curve or an arc$"),
        ({"line": build}, {"width": 4}, "^small does not hold a line: its tensors are not those"),
        ({"line": build}, {"width": 10**9}, "its tensors are not those"),  # and takes no memory
        ({"line": build}, {"length": 4}, "^small does not hold a line: .*length"),
    ],
)
def test_what_does_not_fit_is_a_sentence(tmp_path, kinds, arguments, says):
    path = written(tmp_path / "a.safetensors", **arguments)
    with pytest.raises(OlharError, match=says):
        loaded(path, kinds, device="cpu")


def test_tensors_may_be_of_half_the_precision():
    network = build({name: value.half() for name, value in GOOD.items()})
    assert network.weight.dtype == torch.float32


def test_laying_out_takes_no_memory_and_leaves_shapes():
    def make():
        layer = nn.Linear(10**6, 10**6)
        nn.init.normal_(layer.weight)
        nn.init.kaiming_normal_(layer.weight)
        return layer

    network = laid_out(make)
    assert network.weight.is_meta
    assert network.weight.shape == (10**6, 10**6)
    assert network.weight.requires_grad


def test_loading_a_model_does_not_load_a_compiler():
    code = (
        "import sys; from olhar.autoencode import load; load('denoiser', 'cpu'); "
        "heavy = {'sympy', 'torch._dynamo'} & set(sys.modules); assert not heavy, heavy"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("layers", [10**9, 3])
def test_a_card_with_layers_without_end_is_refused_before_they_are_made(tmp_path, layers):
    def deep(tensors, layers):
        return filled(lambda: nn.Sequential(*(nn.Linear(3, 2) for _ in range(layers))), tensors)

    path = written(tmp_path / "a.safetensors", layers=layers)
    with pytest.raises(OlharError, match="its tensors are not those"):
        loaded(path, {"line": deep}, device="cpu")


def test_a_size_may_have_a_name(tmp_path):
    path = written(tmp_path / "a.safetensors", size="tiny")
    assert loaded(path, {"line": lambda tensors, size: build(tensors)}, device="cpu")[1]


@pytest.mark.parametrize("sides", [{"side": 1025}, {"side": 0}, {"size": [8, 10**9]}])
def test_pictures_are_no_larger_than_a_recipe_allows(tmp_path, sides):
    def line(tensors, side=0, size=0):
        return build(tensors)

    path = written(tmp_path / "a.safetensors", **sides)
    with pytest.raises(OlharError, match="the side of its pictures is not from 1 to 1,024 pixels"):
        loaded(path, {"line": line}, device="cpu")


def test_whatever_a_card_makes_a_network_raise_is_a_sentence(tmp_path):
    def broken(tensors, width):
        raise MemoryError

    path = written(tmp_path / "a.safetensors", width=4)
    with pytest.raises(OlharError, match="small does not hold a line: MemoryError"):
        loaded(path, {"line": broken}, device="cpu")
