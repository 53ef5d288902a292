"""The table that everything is found by."""

import pytest
import torch
from torch import nn

import olhar
from olhar import catalogue, hub
from olhar.catalogue import COMMANDS, KINDS, Entry
from olhar.errors import OlharError


@pytest.mark.parametrize("entry", [*COMMANDS.values(), *KINDS.values()], ids=lambda e: e.where)
def test_every_entry_leads_somewhere(entry):
    assert callable(entry.resolve())
    assert entry.help.endswith(".")
    assert "\n" not in entry.help


def test_every_command_stands_under_a_heading():
    groups = [entry.group for entry in COMMANDS.values()]
    assert all(groups)
    assert len(set(groups)) == sum(a != b for a, b in zip(groups, ["", *groups], strict=False)), (
        "a heading would be printed twice"
    )


class Scale(nn.Module):
    def __init__(self, factor: torch.Tensor, offset: float):
        super().__init__()
        self.factor, self.offset = factor, offset


def scale(tensors, offset: float = 0.0):
    if offset < 0:
        raise OlharError("an offset must be positive")
    return Scale(tensors["factor"], offset)


@pytest.fixture
def model(tmp_path, monkeypatch):
    monkeypatch.setitem(KINDS, "scale", Entry(f"{__name__}:scale", "Scales."))

    def save(kind="scale", tensors=None, **arguments):
        card = hub.Card(
            name="x", kind=kind, summary="x", licence="x", origin="x", arguments=arguments
        )
        tensors = {"factor": torch.tensor([2.0])} if tensors is None else tensors
        return hub.save(tmp_path / "x.safetensors", tensors, card)

    return save


def test_load_builds_what_the_card_says(model):
    network = olhar.load(model(offset=1.5))
    assert isinstance(network, Scale)
    assert (network.factor.item(), network.offset) == (2.0, 1.5)


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"kind": "warp"}, "kind 'warp' and this olhar builds .*vgg16, scale"),
        ({"tensors": {}}, "does not hold a scale: 'factor'"),
        ({"sharpness": 3}, "does not hold a scale: .*sharpness"),
        ({"offset": -1.0}, "must be positive"),
    ],
)
def test_what_cannot_be_built_is_a_sentence(model, changes, says):
    with pytest.raises(OlharError, match=says) as error:
        catalogue.load(model(**changes))
    assert "\n" not in str(error.value)
