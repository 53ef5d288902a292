"""What is fastest is found by measuring, and what olhar computes elsewhere is what it computes."""

import json
import sys
from types import SimpleNamespace

import pytest
import torch
from PIL import Image
from torch import nn

import olhar
from olhar import catalogue, cli, hub
from olhar.autoencode import apply as autoencode
from olhar.autoencode import export as autoencode_export
from olhar.autoencode.denoiser import Denoiser
from olhar.autoencode.network import Autoencoder
from olhar.catalogue import ALONE, KINDS, PARTS
from olhar.classify import apply as classify
from olhar.classify import export as classify_export
from olhar.classify.network import Predictor
from olhar.colorize import apply as colorize
from olhar.colorize import export as colorize_export
from olhar.colorize.look import look
from olhar.colorize.painter import Said
from olhar.colorize.settings import Colorize
from olhar.errors import OlharError
from olhar.faceswap import faces as face_networks
from olhar.faceswap.finder import see
from olhar.nets import engine, prepare
from olhar.nets.engine import forget
from olhar.nets.engine_record import differences, listed, recorded
from olhar.nets.portable import Graph, Input
from olhar.nets.prepare import Part, agreeing, chosen, measured
from olhar.samples.face import face
from olhar.stylize import export as stylize_export
from olhar.stylize import learned
from olhar.stylize.stylizer import Stylizer
from olhar.vae import apply as vae
from olhar.vae import export as vae_export
from olhar.vae.network import VAE


@pytest.fixture(autouse=True)
def seeded(tmp_path, monkeypatch):
    torch.manual_seed(0)
    monkeypatch.setenv("OLHAR_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("OLHAR_ENGINE", raising=False)


def save(path, kind, network):
    card = hub.Card(
        name=path.stem, kind=kind, summary="x", licence="x", origin="x", arguments=network.arguments
    )
    return hub.save(path, network.state_dict(), card)


class Clock:
    """Time that passes only where something is said to take it."""

    def __init__(self, monkeypatch, counts="process_time", resolution=1e-9):
        self.now, self.calls = 0.0, {}
        clocks = {"process_time": self.wrong, "perf_counter": self.wrong, counts: self.right}
        fine = SimpleNamespace(resolution=resolution)
        monkeypatch.setattr(
            prepare, "time", SimpleNamespace(**clocks, get_clock_info={"process_time": fine}.get)
        )

    def right(self):
        return self.now

    def wrong(self):
        raise AssertionError("it looked at the other clock")

    def way(self, name, *seconds):
        """A function whose calls take these times, the last one for ever."""

        def call():
            count = self.calls[name] = self.calls.get(name, 0) + 1
            self.now += seconds[min(count, len(seconds)) - 1]

        return call


def test_the_median_of_turns_counts_and_not_the_first_calls(monkeypatch):
    clock = Clock(monkeypatch)
    ways = {
        "torch": clock.way("torch", 9.0, 0.5, 0.5, 5.0, 0.5),
        "onnxruntime": clock.way("onnxruntime", 30.0, 0.3),
    }
    assert measured(ways, 1) == pytest.approx({"torch": 0.5, "onnxruntime": 0.3})
    assert clock.calls["torch"] == clock.calls["onnxruntime"] >= 5


def test_what_is_hopeless_is_not_measured_on_and_on(monkeypatch):
    clock = Clock(monkeypatch)
    ways = {"torch": clock.way("torch", 1.0), "openvino": clock.way("openvino", 2.5)}
    assert measured(ways, 1) == {"torch": 1.0, "openvino": 2.5}
    assert clock.calls == {"torch": 12 + 2, "openvino": 2}
    assert measured(ways, 1, hopeless=9) == {"torch": 1.0, "openvino": 2.5}
    assert clock.calls["openvino"] == 2 + 2 + 5


def test_a_turn_is_long_and_its_median_counts(monkeypatch):
    clock = Clock(monkeypatch)
    waking = [1e-4, 1e-4] + 15 * ([8e-3, 4e-3] + 380 * [1e-4])
    found = measured({"torch": clock.way("torch", *waking)}, 1)
    assert found == pytest.approx({"torch": 1e-4})
    assert clock.calls["torch"] == pytest.approx(2 + 15 * 382, rel=0.05)


@pytest.mark.parametrize(("threads", "resolution"), [(1, 1 / 64), (2, 1e-9)])
def test_the_clock_counts_where_the_processor_s_time_says_little(threads, resolution, monkeypatch):
    clock = Clock(monkeypatch, "perf_counter", resolution)
    assert measured({"torch": clock.way("torch", 0.5)}, threads) == pytest.approx({"torch": 0.5})


@pytest.mark.parametrize(
    ("seconds", "best"),
    [
        ({"torch": 1.0}, "torch"),
        ({"torch": 1.0, "onnxruntime": 0.98}, "torch"),
        ({"torch": 1.0, "onnxruntime": 0.9}, "onnxruntime"),
        ({"torch": 1.0, "onnxruntime": 0.51, "openvino": 0.5}, "onnxruntime"),
        ({"torch": 1.0, "onnxruntime": 0.6, "openvino": 0.5}, "openvino"),
        ({"torch": 1.0, "openvino": 0.5, "openvino-bf16": 0.3}, "openvino-bf16"),
    ],
)
def test_the_simplest_of_the_fastest_is_chosen(seconds, best):
    assert chosen(seconds) == best
    assert chosen(dict(reversed(seconds.items()))) == best


def doubling(function=None):
    network = nn.Identity().eval()
    graph = Graph(network, lambda x: 2 * x, {"images": Input((4,))}, ("doubled",))
    return Part(graph, (((2, 4),),), function)


def off_by(offset):
    return lambda inputs: (2 * inputs[0] + offset,)


def test_only_what_agrees_takes_part():
    def failing(inputs):
        raise RuntimeError("not\nimplemented")

    part = doubling()
    running = {
        "onnxruntime": off_by(1e-5),
        "openvino": failing,
        "openvino-bf16": off_by(0.0),
    }
    ways, allowed, notes = agreeing(part, part.examples(part.sizes[0]), running)
    assert [*ways] == ["torch", "onnxruntime"]
    assert allowed == (1e-4,)
    assert notes == ["OpenVINO fails: not implemented"]
    ways, _, notes = agreeing(part, part.examples(part.sizes[0]), {"openvino": off_by(0.01)})
    assert [*ways] == ["torch"]
    assert [note[:19] for note in notes] == ["OpenVINO differs by"]


def test_an_engine_may_be_as_rough_as_olhar_is_itself():
    part = doubling(lambda x: 2 * x + 0.01)
    inputs = part.examples(part.sizes[0])
    near = {"onnxruntime": off_by(0.0), "openvino-bf16": off_by(-0.0199)}
    ways, allowed, notes = agreeing(part, inputs, near)
    assert [*ways] == ["torch", *near]
    assert notes == []
    largest = float((2 * inputs[0]).max())
    assert allowed == (pytest.approx(0.03 / max(1.0, largest), rel=1e-3),)
    ways, _, notes = agreeing(part, inputs, {"openvino-bf16": off_by(0.021)})
    assert [*ways] == ["torch"]
    assert len(notes) == 1


def test_every_kind_has_engines_or_says_why():
    for entry in PARTS.values():
        assert callable(entry.resolve())
    assert not PARTS.keys() & ALONE.keys()
    assert KINDS.keys() == PARTS.keys() | ALONE.keys()


def test_what_has_no_engines_says_why():
    with pytest.raises(OlharError, match="vgg16, of kind vgg16, runs by PyTorch alone: a style is"):
        catalogue.parts("vgg16")


def small(kind):
    """A network of a kind, and what its engines compute."""
    if kind == "classifier":
        network = Predictor("cnn", task="class", outputs=3, size=(16, 16), widths=(4,)).eval()
        return network, classify_export.parts(network)
    if kind == "denoiser":
        network = Denoiser((4, 4), 1).eval()
        return network, autoencode_export.parts(network)
    if kind == "autoencoder":
        network = Autoencoder("conv", size=16, latent=4, widths=(4,)).eval()
        return network, autoencode_export.parts(network)
    if kind == "stylizer":
        network = Stylizer((4, 4), 1).eval()
        return network, stylize_export.parts(network)
    if kind == "vae":
        network = VAE(size=16, latent=2, widths=(4,)).eval()
        return network, vae_export.parts(network)
    name = {"colorizer": "colorizer", "faces": "faces"}[kind]
    return catalogue.load(name), catalogue.parts(name)[1]


class Twofold(nn.Module):
    """A painter that takes no hints, and says logits and colours."""

    side, multiple, takes_hints = 32, 8, False

    def __init__(self, both):
        super().__init__()
        self.both = both
        self.bins = torch.rand(5, 2) if both else None
        self.conv = nn.Conv2d(1, 7, 5, padding=2)

    def forward(self, light, hints):
        assert not hints.any()
        logits, ab = self.conv(light / 50 - 1).split([5, 2], 1)
        return Said(logits=logits, ab=30 * ab) if self.both else Said(ab=30 * ab)

    def log_probabilities(self, said, vivid):
        return said.logits.log_softmax(1)

    def decode(self, said, vivid):
        return said.ab


@pytest.mark.parametrize("both", [False, True])
def test_what_a_painter_says_comes_back_in_its_place(both, tmp_path, monkeypatch):
    painter = Twofold(both).eval()
    parts = colorize_export.parts(painter)
    assert parts["painter"].graph.outputs == (("logits", "ab") if both else ("ab",))
    assert parts["painter"].sizes[0] == ((1, 1, 32, 32),)
    light = 100 * torch.rand(1, 30, 41)
    plain = look(painter, light, Colorize()).said
    path = tmp_path / "any"
    path.write_bytes(b"weights")
    engine.attach(painter, path)
    asked = set()
    monkeypatch.setattr(engine._Model, "prepared", lambda *_: Through("painter", parts, asked))
    with torch.inference_mode():
        by_engine = look(painter, light, Colorize()).said
    assert asked == {"painter"}
    for one, other in zip(plain, by_engine, strict=True):
        assert (one is None) == (other is None)
        if one is not None:
            torch.testing.assert_close(one, other, atol=1e-5, rtol=0)


USED = ["autoencoder", "classifier", "colorizer", "denoiser", "faces", "stylizer", "vae"]


@pytest.mark.parametrize("kind", USED)
@torch.inference_mode()
def test_a_graph_is_what_olhar_computes(kind):
    _, parts = small(kind)
    for part in parts.values():
        inputs = part.examples(part.sizes[0])
        names = [*part.graph.inputs]
        assert [*map(tuple, part.sizes[0])] == [tuple(each.shape) for each in inputs]
        for name, given in zip(names, inputs, strict=True):
            sides = part.graph.inputs[name].sides
            assert len(sides) == given.ndim - 1
            for side, length in zip(sides, given.shape[1:], strict=True):
                right = length == side if isinstance(side, int) else length % side.multiple == 0
                assert right, (name, length)
        outputs = listed(part.graph.function(*inputs))
        assert len(outputs) == len(part.graph.outputs)
        rough = kind in {"denoiser", "stylizer"}  # in bfloat16, where the processor multiplies it
        assert max(differences(part(*inputs), outputs)) < (0.05 if rough else 1e-5)
        batched = [torch.cat([each, each]) for each in inputs]
        assert [len(each) for each in part(*batched)] == [2 * len(each) for each in outputs]


class Through:
    """An engine that says what the graph says, and remembers that it was asked."""

    def __init__(self, name, parts, asked):
        self.part = parts[name]
        self.name, self.asked = name, asked

    def run(self, function, inputs):
        assert [each.ndim for each in inputs] == [len(each) for each in self.part.sizes[0]]
        self.asked.add(self.name)
        first, *others = listed(self.part.graph.function(*inputs))
        return (first, *others) if others else first


def used(kind, path):
    """What olhar makes of a few pictures with a model of a kind."""
    generator = torch.Generator().manual_seed(1)
    pictures = torch.rand(3, 3, 16, 16, generator=generator)
    match kind:
        case "classifier":
            model = classify.load(path)
            found = classify.predict(pictures, model, tta=True)
            return model.network, [torch.tensor([*each.values.values()]) for each in found]
        case "denoiser":
            model = autoencode.load(path)
            return model.network, [autoencode.denoise(pictures[0, :, :13], model)]
        case "autoencoder":
            model = autoencode.load(path)
            return model.network, [autoencode.reconstruct(pictures, model)]
        case "vae":
            model = vae.load(path)
            return model.network, [
                vae.reconstruct(pictures, model),
                vae.generate(model, 4).pictures,
            ]
        case "stylizer":
            model = learned.load(path)
            return model, [olhar.stylize(pictures[0], model, size=64)]
        case "colorizer":
            painter = colorize.load("colorizer")
            return painter, [olhar.colorize(pictures[0], painter)]
        case _:
            faces = face_networks.load()
            picture = torch.full((3, 144, 256), 0.5)
            picture[:, 8:136, 60:188] = face(0, 128)
            return faces, [see(picture, faces).points]


@pytest.mark.parametrize("kind", USED)
def test_every_part_is_asked_for_and_taken(kind, tmp_path, monkeypatch):
    network, parts = small(kind)
    path = tmp_path / "x.safetensors"
    if kind not in {"colorizer", "faces"}:
        save(path, "autoencoder" if kind == "denoiser" else kind, network)
    loaded, plain = used(kind, path)
    assert engine._models[loaded] is not None
    asked = set()
    monkeypatch.setattr(
        engine._Model,
        "prepared",
        lambda self, part, threads: Through(part, parts, asked),
    )
    _, by_engine = used(kind, path)
    assert asked == parts.keys()
    for one, other in zip(plain, by_engine, strict=True):
        near = 0.02 if kind in {"denoiser", "stylizer"} else 1e-4 * max(1.0, float(one.abs().max()))
        torch.testing.assert_close(one, other, atol=near, rtol=0)


@pytest.fixture
def letters(tmp_path):
    network = Autoencoder("dense", size=4, latent=3, widths=(5,))
    return save(tmp_path / "letters.safetensors", "autoencoder", network)


def test_a_model_is_prepared_and_used(letters, tmp_path, capsys, monkeypatch):
    pytest.importorskip("onnxscript", reason="onnxscript is not installed")
    pytest.importorskip("onnxruntime", reason="onnxruntime is not installed")
    monkeypatch.setattr(prepare, "_LONG", 1e-4)
    assert cli.main(["models", "prepare", str(letters), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert [part["part"] for part in told["parts"]] == ["encoder", "decoder"]
    for part in told["parts"]:
        assert part["model"] == "letters"
        assert {"torch", "onnxruntime"} <= part["sizes"][0]["seconds"].keys()
        assert "openvino-bf16" not in part["sizes"][0]["seconds"]
    images = torch.rand(5, 3, 4, 4)
    monkeypatch.setenv("OLHAR_ENGINE", "torch")
    wanted = autoencode.reconstruct(images, letters)
    monkeypatch.setenv("OLHAR_ENGINE", "onnxruntime")
    started = []
    opened = engine.opened

    def noted(*arguments):
        started.append(arguments[0])
        return opened(*arguments)

    monkeypatch.setattr(engine, "opened", noted)
    for _ in range(2):
        torch.testing.assert_close(
            autoencode.reconstruct(images, letters), wanted, atol=1e-5, rtol=0
        )
    assert started == ["onnxruntime", "onnxruntime"]  # once for each part
    picture = tmp_path / "noise.png"
    Image.fromarray((255 * images[0]).byte().permute(1, 2, 0).numpy()).save(picture)
    line = ["reconstruct", str(picture), "-o", f"{tmp_path}/out.png", "--model", str(letters)]
    capsys.readouterr()
    forget()  # so that they start again
    assert cli.main([*line, "--json"]) == 0
    first, second = json.loads(capsys.readouterr().out)["remarks"]
    assert first.startswith("letters (encoder) runs by ONNX Runtime: ")
    assert second.startswith("letters (decoder) runs by ONNX Runtime: ")
    monkeypatch.setenv("OLHAR_ENGINE", "torch")
    assert cli.main([*line[:3], f"{tmp_path}/other.png", *line[4:], "--json"]) == 0
    assert "remarks" not in json.loads(capsys.readouterr().out)

    def not_again(*_):
        raise AssertionError("it was exported already")

    monkeypatch.setattr(prepare, "write", not_again)
    assert cli.main(["models", "prepare", str(letters)]) == 0
    out = capsys.readouterr().out
    assert "letters, its encoder: " in out
    assert "2 x 3" not in out
    assert "64 x 3 x 4 x 4" in out


def test_results_of_an_engine_stay_as_they_are():
    pytest.importorskip("onnxscript", reason="onnxscript is not installed")
    pytest.importorskip("onnxruntime", reason="onnxruntime is not installed")
    from olhar.nets.portable import write

    network = nn.Linear(4, 2).eval()
    graph = Graph(network, network.forward, {"x": Input((4,))}, ("y",))
    card = hub.Card(name="tiny", kind="x", summary="x", licence="x", origin="x")
    path = hub.home() / "tiny.onnx"
    write(path, graph, card, "whole")
    notes = []
    for package in ("onnxruntime", "openvino"):
        prepare._import(package, notes)
    running, ready = prepare.started(path.read_bytes(), 1, notes)
    assert "onnxruntime" in running
    assert ready.keys() == running.keys()
    one, other = torch.rand(3, 4), torch.rand(3, 4)
    with torch.inference_mode():
        for name, run in sorted(running.items()):
            (first,) = run([one])
            before = first.clone()
            run([other])
            assert torch.equal(first, before), name
            near = 0.02 if name.endswith("bf16") else 1e-5
            torch.testing.assert_close(first, network(one), atol=near, rtol=0)


def test_what_cannot_be_exported_is_left_to_pytorch(letters, monkeypatch):
    pytest.importorskip("onnxscript", reason="onnxscript is not installed")
    pytest.importorskip("onnxruntime", reason="onnxruntime is not installed")

    def refused(*_):
        raise OlharError("torch cannot export letters: no such thing")

    monkeypatch.setattr(prepare, "write", refused)
    card, parts = catalogue.parts(letters)
    record, notes = prepare.prepare("encoder", parts["encoder"], card, letters)
    assert "torch cannot export letters: no such thing" in notes
    assert record.file == ""
    assert [[*size.seconds] for size in record.sizes] == [["torch"], ["torch"]]
    assert recorded(record.model, "encoder", torch.get_num_threads()) == record


def test_a_missing_package_is_a_sentence(letters, monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, "onnxscript", None)
    assert cli.main(["models", "prepare", str(letters)]) == 2
    assert 'needs onnxscript, which is not installed: pip install "olhar[fast]"' in (
        capsys.readouterr().err
    )


def test_what_runs_by_pytorch_alone_is_not_prepared(capsys):
    assert cli.main(["models", "prepare", "codec"]) == 2
    assert "codec, of kind codec, runs by PyTorch alone: what it writes" in capsys.readouterr().err


def test_a_gpu_needs_no_other_engine(letters, monkeypatch, capsys):
    import olhar.commands.prepare

    monkeypatch.setattr(olhar.commands.prepare, "default_device", lambda: "cuda")
    assert cli.main(["models", "prepare", str(letters)]) == 2
    assert "olhar computes on cuda here" in capsys.readouterr().err
