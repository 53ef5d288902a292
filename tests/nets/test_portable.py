"""What leaves torch says the same elsewhere, or does not leave."""

import json
import sys

import pytest
import torch
from torch import nn

from olhar import catalogue, hub
from olhar.autoencode import export as autoencode
from olhar.autoencode.denoiser import Denoiser, _mirrored
from olhar.autoencode.network import Autoencoder
from olhar.catalogue import EXPORTS, KEPT, KINDS
from olhar.classify import export as classify
from olhar.classify.network import Predictor
from olhar.errors import OlharError
from olhar.hub.onnx import PART, texts
from olhar.nets.portable import PICTURE, TOLERANCE, Free, Graph, Input, padded, write
from olhar.stylize import export as stylize
from olhar.stylize.stylizer import Stylizer
from olhar.vae import export as vae
from olhar.vae.network import VAE

CARD = hub.Card(
    name="tiny", kind="autoencoder", summary="Made by a test: olá.", licence="MIT", origin="here"
)


@pytest.fixture
def engine():
    pytest.importorskip("onnxscript", reason="onnxscript is not installed")
    return pytest.importorskip("onnxruntime", reason="onnxruntime is not installed")


@pytest.fixture(autouse=True)
def seeded():
    torch.manual_seed(0)


@pytest.mark.parametrize("size", [(1, 1), (1, 9), (3, 8), (7, 13), (16, 24)])
def test_pictures_are_filled_up_as_in_a_mirror(size):
    batch = torch.rand(2, 3, *size)
    wanted = _mirrored(_mirrored(batch, -size[0] % 8, 2), -size[1] % 8, 3)
    assert torch.equal(padded(batch, 8), wanted)


@pytest.mark.parametrize("side", [Free("height"), Free("height", least=224), Free("rows", 32, 33)])
def test_the_lengths_that_are_tried_differ_and_are_allowed(side):
    lengths = [side.length(position, trial) for position in (1, 2) for trial in range(3)]
    assert all(length % side.multiple == 0 and length >= side.least for length in lengths)
    assert all(side.length(1, trial) != side.length(2, trial) for trial in range(3))
    assert len({side.length(1, trial) for trial in range(3)}) == 3


def predictor():
    arguments = {"task": "class", "outputs": 3, "size": (8, 6), "mean": (0.2, 0.4, 0.6)}
    return Predictor("mlp", **arguments, widths=(8,), temperature=2.0).eval()


GRAPHS = {
    "classifier": lambda: classify.graphs(predictor())["predictor"],
    "denoiser": lambda: autoencode.graphs(Denoiser((4, 4), 1).eval())["denoiser"],
    "stylizer": lambda: stylize.graphs(Stylizer((4, 4), 1).eval())["stylizer"],
    "encoder": lambda: autoencode.graphs(Autoencoder("dense", size=4, widths=(5,)).eval())[
        "encoder"
    ],
    "vae's encoder": lambda: vae.graphs(VAE(size=4, latent=2, widths=(4,)).eval())["encoder"],
    "vae's decoder": lambda: vae.graphs(VAE(size=4, latent=2, widths=(4,)).eval())["decoder"],
}


@pytest.mark.parametrize("name", sorted(GRAPHS.keys() - {"encoder"}))
def test_another_engine_says_the_same(engine, tmp_path, name):
    graph = GRAPHS[name]()
    path = tmp_path / "model.onnx"
    assert write(path, graph, CARD, "part").difference <= TOLERANCE
    assert [each.name for each in tmp_path.iterdir()] == ["model.onnx"]
    session = engine.InferenceSession(path, providers=["CPUExecutionProvider"])
    assert [each.name for each in session.get_inputs()] == [*graph.inputs]
    assert [each.name for each in session.get_outputs()] == [*graph.outputs]
    sides = [
        5 + 3 * at if isinstance(side, Free) else side
        for at, side in enumerate(next(iter(graph.inputs.values())).sides)
    ]
    given = torch.rand(4, *sides)
    found = session.run(None, {next(iter(graph.inputs)): given.numpy()})
    wanted = graph.function(given)
    for value, right in zip(found, wanted if isinstance(wanted, tuple) else (wanted,), strict=True):
        torch.testing.assert_close(torch.from_numpy(value), right, atol=TOLERANCE, rtol=0)


def test_probabilities_are_those_of_the_calibrated_network():
    graph = GRAPHS["classifier"]()
    batch = torch.rand(2, 3, 8, 6)
    assert graph.shapes() == {"images": "(batch, 3, 8, 6)"}
    torch.testing.assert_close(
        graph.function(batch), (graph.network(batch) / 2.0).softmax(1), rtol=0, atol=0
    )


def test_the_size_is_free_where_the_network_does_not_mind():
    network = Predictor("resnet", task="labels", outputs=2, size=(16, 24), widths=(4,))
    (graph,) = classify.graphs(network.eval()).values()
    assert graph.shapes() == {"images": "(batch, 3, height, width)"}
    assert [side.least for side in graph.inputs["images"].sides[1:]] == [16, 24]


def test_the_card_is_in_the_file(engine, tmp_path):
    network = nn.Conv2d(3, 2, 1).eval()
    graph = Graph(network, network.forward, {"images": Input(PICTURE)}, ("x",))
    path = tmp_path / "model.onnx"
    write(path, graph, CARD, "encoder")
    assert hub.read_card(path) == CARD
    import onnx

    told = {each.key: each.value for each in onnx.load(path).metadata_props}
    assert texts(path) == told
    assert json.loads(told["olhar"])["summary"] == "Made by a test: olá."
    assert told[PART] == "encoder"
    with pytest.raises(OlharError, match="exported for other engines"):
        hub.load(path)


class Fickle(nn.Module):
    """Says one thing to the exporter and another afterwards."""

    def forward(self, batch):
        return batch + (0.0 if torch.compiler.is_exporting() else 0.01)


class Shapeless(nn.Module):
    """Nothing that an exporter could follow."""

    def forward(self, batch):
        return batch if batch.sum().item() > 0 else batch[:, :1]


class Counting(nn.Module):
    """Fixes the number of pictures that it is exported with."""

    def forward(self, batch):
        return torch.ones(len(batch), 1, 1, 1).expand(len(batch), 3, 2, 2) * batch


@pytest.mark.parametrize(
    ("network", "says"),
    [
        (Fickle(), "differs by 0.01"),
        (Shapeless(), "torch cannot export tiny"),
        (Counting(), "not kept: ONNX Runtime says"),
    ],
)
def test_what_disagrees_is_not_kept(engine, tmp_path, network, says):
    path = tmp_path / "model.onnx"
    path.write_text("the one before")
    graph = Graph(network, network.forward, {"images": Input((3, 2, 2))}, ("x",))
    with pytest.raises(OlharError, match=says) as error:
        write(path, graph, CARD, "part")
    assert "\n" not in str(error.value)
    assert path.read_text() == "the one before"
    assert [*tmp_path.iterdir()] == [path]


def test_a_missing_package_is_a_sentence(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "onnx", None)
    graph = GRAPHS["encoder"]()
    with pytest.raises(OlharError, match=r'needs onnx, .* pip install "olhar\[fast\]"'):
        write(tmp_path / "model.onnx", graph, CARD, "part")
    assert [*tmp_path.iterdir()] == []


PAIR = b"\x72\x0a" + b"\x0a\x05olhar\x12\x01x"  # field 14: olhar, x


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\x08\x0a" + PAIR[:-1],
        b"PK\x03\x04 a zip",
        b"\xff" * 40,
        b"\x3a\xff\xff\xff\xff\x0f",  # a graph longer than the file
        b"\x72\x03\x12\x01x",  # a pair without a name
        b"\x72\x05\x0a\x03\xff\xfe\xfd",  # a name that is no text
    ],
)
def test_a_damaged_file_is_a_sentence(tmp_path, content):
    path = tmp_path / "model.onnx"
    path.write_bytes(content)
    with pytest.raises(OlharError, match=r"no ONNX file|no olhar card"):
        hub.read_card(path)


def test_texts_are_found_behind_what_is_passed_over(tmp_path):
    path = tmp_path / "model.onnx"
    path.write_bytes(b"\x08\x0a\x3a\x02ab" + PAIR + b"\x15abcd\x11abcdefgh\x38\x80\x01")
    assert texts(path) == {"olhar": "x"}


def test_every_kind_is_exported_or_said_why():
    for kind, entry in EXPORTS.items():
        assert kind in KINDS
        assert callable(entry.resolve())
    assert not KEPT.keys() & EXPORTS.keys()
    assert KINDS.keys() == EXPORTS.keys() | KEPT.keys()


def test_a_codec_says_why_it_stays(tmp_path):
    card = hub.Card(name="mine", kind="codec", summary="x", licence="x", origin="x")
    path = hub.save(tmp_path / "codec.safetensors", {"a": torch.zeros(1)}, card)
    with pytest.raises(OlharError, match=r"mine, of kind codec, is not exported: .* olhar pack"):
        catalogue.graphs(path)
