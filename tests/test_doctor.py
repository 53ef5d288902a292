"""`olhar doctor` on this machine and on broken ones."""

import json
import sys
import tomllib
from pathlib import Path

import pytest

from olhar.commands import doctor as module
from olhar.commands.doctor import EXTRAS, doctor


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("OLHAR_HOME", str(tmp_path / "deep" / "home"))
    return tmp_path


def test_it_says_what_there_is_in_80_columns(home):
    import torch

    outcome = doctor()
    assert outcome.exit_code == 0
    assert max(map(len, str(outcome).splitlines())) <= 80
    findings = json.loads(json.dumps(outcome.as_dict()))["findings"]
    assert findings["torch"] == torch.__version__
    assert f"{torch.get_num_threads()} thread" in findings["processor"]
    assert "times as long as in float32" in findings["bfloat16"]
    assert ".jpg" in findings["reads"].split()
    assert ".png" in findings["writes"].split()
    assert "h264 by" in findings["video"]
    assert str(home) in findings["downloads"]
    assert not (home / "deep").exists(), "looking leaves nothing behind"


def test_a_gpu_that_is_left_out_is_named(monkeypatch):
    import torch

    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "mem_get_info", lambda _: (0, 8 << 30))
    monkeypatch.setattr(torch.cuda, "get_device_name", lambda _: "Some card")
    monkeypatch.setenv("OLHAR_DEVICE", "cpu")
    assert (
        doctor().as_dict()["findings"]["GPU"] == "Some card, 8 GiB, left out: OLHAR_DEVICE is cpu"
    )


def test_a_device_that_is_not_here_is_a_lack(monkeypatch):
    monkeypatch.setenv("OLHAR_DEVICE", "gpu")
    told = doctor().as_dict()
    assert "there is no device 'gpu'" in told["missing"]["GPU"]
    assert "set OLHAR_DEVICE to one of them" in told["missing"]["GPU"]
    assert told["findings"]["torch"]


def test_the_extras_are_those_of_the_project():
    project = tomllib.loads(Path(__file__).parents[1].joinpath("pyproject.toml").read_text())
    extras = project["project"]["optional-dependencies"]
    assert EXTRAS.keys() == extras.keys() - {"dev"}
    for name, (_, packages, _) in EXTRAS.items():
        for package in packages.split():
            assert any(line.startswith(package) for line in extras[name])


def test_what_is_missing_comes_with_the_command(monkeypatch):
    monkeypatch.setitem(EXTRAS, "demo", ("a_module_that_is_not", "a-package", "trying"))
    outcome = doctor()
    assert outcome.as_dict()["findings"]["demo"] == "missing: trying"
    assert outcome.as_dict()["missing"]["demo"] == "for trying: pip install a-package"
    assert "\nMissing\n" in str(outcome)
    assert outcome.exit_code == 0


def test_a_broken_installation_is_a_line_too(monkeypatch):
    monkeypatch.setitem(sys.modules, "av", None)  # as if it could not be imported
    monkeypatch.setattr(module, "_bfloat16_ratio", lambda _: 1 / 0)
    outcome = doctor()
    assert "cannot be asked (ModuleNotFoundError" in outcome.as_dict()["findings"]["video"]
    assert "cannot be asked (ZeroDivisionError" in outcome.as_dict()["findings"]["torch"]
    assert outcome.exit_code == 0


def test_a_folder_that_may_not_be_written_to_is_said(monkeypatch):
    monkeypatch.setattr(module.os, "access", lambda *_: False)
    assert "OLHAR_HOME" in doctor().as_dict()["missing"]["downloads"]
