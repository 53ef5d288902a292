"""An engine that was measured to be faster computes, and whatever is odd about it goes unused."""

import io
import json
import sys
from dataclasses import replace

import pytest
import torch
from torch import nn

from olhar.errors import OlharError
from olhar.hub.registry import sha256
from olhar.media import progress
from olhar.nets import engine
from olhar.nets.engine import attach, forget, run
from olhar.nets.engine_record import Record, Size, exported, file, machine, recorded

CONTENT = b"what another engine would run"


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("OLHAR_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("OLHAR_ENGINE", raising=False)


@pytest.fixture
def model(tmp_path):
    path = tmp_path / "model.safetensors"
    path.write_bytes(b"weights")
    return path


@pytest.fixture
def network(model):
    network = nn.Identity().eval()
    attach(network, model)
    return network


def record(model, ready=0.0, threads=None, **changes) -> Record:
    """Written down: ONNX Runtime takes 1 s of small inputs where PyTorch takes 3 s."""
    small = Size(
        shapes=((1, 4),),
        seconds={"torch": 3.0, "onnxruntime": 1.0, "openvino": 2.0},
        chosen="onnxruntime",
        allowed=(1e-4,),
    )
    large = Size(
        shapes=((100, 4),), seconds={"torch": 1.0, "openvino": 4.0}, chosen="torch", allowed=(1e-4,)
    )
    made = Record(
        name="tiny",
        model=sha256(model),
        part="whole",
        machine=machine(threads or torch.get_num_threads()),
        file="",
        ready={"onnxruntime": ready, "openvino": ready},
        sizes=(small, large),
    )
    target = file(made.model, "whole")
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(CONTENT)
    made = replace(made, **{"file": sha256(target), **changes})
    made.save()
    return made


class Fake:
    """An engine that doubles, and says that it was there."""

    def __init__(self, offset=0.0, fails_from=None):
        self.started, self.calls = [], 0
        self.offset, self.fails_from = offset, fails_from

    def opened(self, name, content, threads):
        self.started.append((name, content, threads))
        return self.call

    def call(self, inputs):
        self.calls += 1
        if self.fails_from is not None and self.calls >= self.fails_from:
            raise MemoryError("no room\nfor it")
        return (2 * inputs[0] + self.offset,)


@pytest.fixture
def fake(monkeypatch):
    def make(**changes):
        made = Fake(**changes)
        monkeypatch.setattr(engine, "opened", made.opened)
        return made

    return make


class Plain:
    """What is computed without an engine."""

    def __init__(self):
        self.calls = 0

    def __call__(self, batch):
        self.calls += 1
        return 2 * batch


def times(count, network, plain, rows=1):
    given = torch.rand(rows, 4)
    with torch.inference_mode(), progress.remarked() as remarks:
        for _ in range(count):
            assert torch.equal(run(network, "whole", plain, given), 2 * given)
    return remarks


def test_nothing_prepared_is_as_if_there_were_no_engines(network, fake):
    made, plain = fake(), Plain()
    assert times(3, network, plain) == []
    assert (plain.calls, made.started) == (3, [])


def test_an_engine_is_started_once_its_start_is_paid_for(network, model, fake):
    record(model, ready=5.0)  # and each call by PyTorch loses 2
    made, plain = fake(), Plain()
    assert times(2, network, plain) == []
    assert made.started == []
    (remark,) = times(4, network, plain)
    assert remark == "tiny (whole) runs by ONNX Runtime: 3.0 times as fast as PyTorch here"
    assert made.started == [("onnxruntime", CONTENT, torch.get_num_threads())]
    assert (plain.calls, made.calls) == (3, 4)  # the third call was computed by both


class Terminal(io.StringIO):
    def isatty(self):
        return True


@pytest.mark.parametrize(("terminal", "quiet"), [(True, False), (True, True), (False, False)])
def test_a_person_who_looks_is_told(network, model, fake, monkeypatch, terminal, quiet):
    record(model)
    fake()
    monkeypatch.setattr(sys, "stderr", Terminal() if terminal else io.StringIO())
    with progress.hidden(quiet):
        times(3, network, Plain())
    told = "tiny (whole) runs by ONNX Runtime: 3.0 times as fast as PyTorch here\n"
    assert sys.stderr.getvalue() == (told if terminal and not quiet else "")


def test_each_size_has_its_own_engine(network, model, fake):
    record(model)
    made, plain = fake(), Plain()
    times(3, network, plain, rows=1)
    assert (plain.calls, made.calls) == (1, 3)
    times(3, network, plain, rows=11)  # in logarithms nearer to 100 than to 1
    assert (plain.calls, made.calls) == (4, 3)
    times(3, network, plain, rows=9)
    assert (plain.calls, made.calls) == (4, 6)


def test_what_says_something_else_is_not_used(network, model, fake):
    record(model)
    made, plain = fake(offset=0.01), Plain()
    (remark,) = times(3, network, plain)
    assert remark.startswith("ONNX Runtime failed (it says something else, by 0.0")
    assert (plain.calls, made.calls) == (3, 1)


def test_what_says_no_number_is_not_used(network, model, fake):
    record(model)
    made, plain = fake(offset=float("nan")), Plain()
    assert len(times(3, network, plain)) == 1
    assert (plain.calls, made.calls) == (3, 1)


def test_pytorch_goes_on_where_an_engine_fails(network, model, fake):
    record(model)
    made, plain = fake(fails_from=3), Plain()
    remarks = times(5, network, plain)
    assert remarks[1:] == ["ONNX Runtime failed (no room for it), so PyTorch goes on"]
    assert (plain.calls, made.calls) == (4, 3)  # all but the second


def test_an_engine_that_does_not_start_is_not_asked_again(network, model, monkeypatch):
    record(model)
    asked = []

    def opened(name, content, threads):
        asked.append(name)
        raise ImportError("no such package")

    monkeypatch.setattr(engine, "opened", opened)
    assert len(times(4, network, Plain())) == 1
    assert asked == ["onnxruntime"]


def test_a_file_that_was_exchanged_is_not_run(network, model, fake):
    made, plain = fake(), Plain()
    file(record(model).model, "whole").write_bytes(CONTENT[:-1])
    (remark,) = times(3, network, plain)
    assert "its file is not what was measured" in remark
    assert (plain.calls, made.started) == (3, [])


def test_gradients_are_pytorchs(network, model, fake):
    record(model)
    made, given = fake(), torch.rand(1, 4, requires_grad=True)
    for _ in range(3):
        run(network, "whole", Plain(), given).sum().backward()
    assert torch.equal(given.grad, torch.full((1, 4), 6.0))
    assert made.started == []


def test_another_thread_count_was_not_measured(network, model, fake):
    record(model, threads=torch.get_num_threads() + 1)
    made, plain = fake(), Plain()
    times(3, network, plain)
    assert (plain.calls, made.started) == (3, [])


def test_a_network_whose_file_is_of_another_one_by_now(network, model, fake):
    model.write_bytes(b"trained again")
    record(model)
    made, plain = fake(), Plain()
    times(3, network, plain)
    assert (plain.calls, made.started) == (3, [])


def test_other_networks_and_other_parts_are_left_alone(network, model, fake):
    record(model)
    made, given = fake(), torch.rand(1, 4)
    with torch.inference_mode():
        for _ in range(3):
            assert torch.equal(run(nn.Identity(), "whole", torch.neg, given), -given)
            assert torch.equal(run(network, "half", torch.neg, given), -given)
            assert torch.equal(run(object(), "whole", torch.neg, given), -given)
    assert made.started == []


def test_what_is_prepared_later_is_found_later(network, model, fake):
    made, plain = fake(), Plain()
    times(2, network, plain)
    record(model)
    forget()
    times(3, network, plain)
    assert (plain.calls, made.calls) == (3, 3)


def test_the_engine_can_be_chosen(network, model, fake, monkeypatch):
    record(model, ready=1e9)
    made, plain = fake(), Plain()
    monkeypatch.setenv("OLHAR_ENGINE", "openvino")
    times(3, network, plain)
    assert [name for name, *_ in made.started] == ["openvino"]
    monkeypatch.setenv("OLHAR_ENGINE", "torch")
    before = made.calls
    times(3, network, plain)
    assert made.calls == before
    monkeypatch.setenv("OLHAR_ENGINE", "tensorrt")
    with pytest.raises(OlharError, match="OLHAR_ENGINE is 'tensorrt'; it can be torch, onnx"):
        times(1, network, plain)


def test_a_record_is_read_as_it_was_written(model):
    made = record(model)
    assert recorded(made.model, "whole", torch.get_num_threads()) == made
    assert exported(made.model, "whole")


def _without(key):
    def change(told):
        del told[key]

    return change


def _with(**changes):
    return lambda told: told.update(changes)


def _size(**changes):
    return lambda told: told["sizes"][0].update(changes)


DAMAGE = {
    "another model": _with(model="0" * 64),
    "another part": _with(part="half"),
    "more than there is": _with(more=1),
    "no file": _without("file"),
    "no machine": _with(machine={}),
    "no sizes": _with(sizes=[]),
    "no time": _size(seconds={"torch": 1.0}),
    "no time of PyTorch": _size(seconds={"onnxruntime": 1.0}),
    "no shape": _size(shapes=[]),
    "nothing in it": _size(shapes=[[0, 4]]),
    "time that is none": _size(seconds={"torch": 1.0, "onnxruntime": 0.0}),
    "time that is no number": _size(seconds={"torch": "soon", "onnxruntime": 1.0}),
    "unknown engine": _size(seconds={"torch": 1.0, "x": 0.5}, chosen="x"),
    "waiting for nothing": _with(ready={"onnxruntime": None}),
}


@pytest.mark.parametrize("what", sorted(DAMAGE))
def test_a_record_that_does_not_hold_together_counts_for_nothing(model, network, fake, what):
    made = record(model)
    told = json.loads(made.path.read_text("utf-8"))
    DAMAGE[what](told)
    made.path.write_text(json.dumps(told), "utf-8")
    assert recorded(made.model, "whole", torch.get_num_threads()) is None
    engines = fake()
    assert times(2, network, Plain()) == []
    assert engines.started == []


@pytest.mark.parametrize("text", ["", "{", "[]", "null", '{"sizes": 3}', "\0"])
def test_a_record_that_is_no_record(model, text):
    made = record(model)
    made.path.write_text(text, "utf-8")
    assert recorded(made.model, "whole", torch.get_num_threads()) is None


@pytest.mark.parametrize("what", ["olhar", "onnxruntime", "openvino", "processor", "torch"])
def test_what_was_measured_elsewhere_is_measured_anew(model, what):
    here = machine(torch.get_num_threads())
    made = record(model, machine={**here, what: "another"})
    assert recorded(made.model, "whole", torch.get_num_threads()) is None
    assert exported(made.model, "whole") == (what not in {"olhar", "torch"})


def test_an_export_that_is_cut_short_is_exported_anew(model):
    made = record(model)
    file(made.model, "whole").write_bytes(CONTENT[:4])
    assert not exported(made.model, "whole")
