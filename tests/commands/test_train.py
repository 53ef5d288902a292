"""`olhar train` and `olhar find-rate`, with a toy recipe in the catalogue."""

import io
import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from olhar import catalogue, cli
from olhar.catalogue import Entry
from olhar.commands.arguments import arrange
from olhar.commands.completion import completion
from olhar.commands.options import options
from olhar.commands.train import _USE

TESTS = Path(__file__).parents[1]


@pytest.fixture(autouse=True)
def toys(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(catalogue.RECIPES, "stripes", Entry("toys:Stripes", "Tell rows apart."))
    monkeypatch.setitem(catalogue.RECIPES, "duel", Entry("toys:Duel", "Draw, and be judged."))


def test_it_trains_and_says_what_came_of_it(tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
    run = tmp_path / "a run"
    words = ["train", "stripes", "-o", str(run), "--epochs", "6", "--seed", "3", "--json"]
    assert cli.main(words) == 0
    said = json.loads(capsys.readouterr().out)
    assert said["why"] == "finished"
    assert said["steps"] == 12
    assert said["metrics"]["validation"]["accuracy"] > 0.5
    assert Path(said["model"]).is_file()
    recipe = json.loads((run / "recipe.json").read_text())
    assert recipe["kind"] == "toy-stripes"
    assert recipe["asked"]["seed"] == 3
    assert recipe["asked"]["precision"] == "auto"
    assert recipe["recipe"]["precision"] != "auto"
    assert cli.main(words[:-1]) == 0
    text = capsys.readouterr().out
    assert f"model       {run / 'model.safetensors'}" in text
    assert "validation  accuracy" in text
    assert f'report      olhar evaluate "{run}" -o REPORT' in text


@pytest.mark.parametrize("kind", _USE)
def test_how_a_model_is_used_is_said_in_flags_that_there_are(kind: str) -> None:
    assert kind in catalogue.RECIPES
    name, *words = _USE[kind].format(run="run").split()
    told = arrange(options(catalogue.COMMANDS[name].resolve()), words, f"olhar {name}")
    assert "=run" in " ".join(told)


def test_what_cannot_be_is_told(tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
    run = str(tmp_path / "run")
    for words, sentence in {
        ("train", "strips", "-o", run): "did you mean stripes?",
        ("train", "stripes"): "olhar train stripes needs --output RUN",
        ("train", "stripes", "-o", run, "--epochs", "0"): "epochs is 0; it must be",
        ("train", "stripes", "-o", run, "--optimizer", "adam"): "one of adamw, sgd, muon",
        ("train", "stripes", "-o", run, "--device", "tpu"): "there is no device 'tpu'",
        ("train", "stripes", "-o", run, "--precision", "fp16"): "which needs a GPU",
        ("find-rate", "stripes", "-o", "plot.png"): "the plot is an .svg file",
        ("find-rate", "stripes", "--low", "1", "--high", "0.1"): "are no range",
    }.items():
        assert cli.main([*words]) == 2, words
        assert sentence in capsys.readouterr().err
    assert not Path(run).exists()


def test_a_family_lists_its_members(capsys: pytest.CaptureFixture) -> None:
    assert cli.main(["train"]) == 0
    text = capsys.readouterr().out
    assert "duel          Draw, and be judged." in text
    assert cli.main(["train", "--help"]) == 0
    assert capsys.readouterr().out == text


def test_help_hides_what_is_seldom_changed(capsys: pytest.CaptureFixture) -> None:
    assert cli.main(["train", "stripes", "--help"]) == 0
    short = capsys.readouterr().out
    assert cli.main(["train", "stripes", "--help-all"]) == 0
    long = capsys.readouterr().out
    assert "--momentum" in long
    assert "--momentum" not in short
    assert "more flags" in short
    assert short.index("--examples") < short.index("--epochs"), "its own fields first"


def test_a_rate_is_found_and_drawn(tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
    plot = tmp_path / "rate.svg"
    assert cli.main(["find-rate", "stripes", "-o", str(plot), "--examples", "300", "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert said["rates"][0] < said["suggestion"] < said["rates"][-1]
    assert f"{said['suggestion']:.2g}</text>" in plot.read_text()


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_terminal_sees_a_table_grow(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stderr", Terminal())
    monkeypatch.setenv("COLUMNS", "100")
    monkeypatch.setenv("TERM", "xterm")
    assert cli.main(["train", "stripes", "-o", str(tmp_path / "run"), "--epochs", "2"]) == 0
    seen = sys.stderr.getvalue()  # pyright: ignore[reportAttributeAccessIssue]
    assert "50 drawn ramps; 634 parameters" in seen
    assert re.search(r"epoch +train loss +accuracy", seen)
    rows = re.findall(r"(\d+) +(\d\.\d{4}) +(\d\.\d{4})(  best so far)?", seen)
    assert [row[0] for row in rows] == ["1", "2"], "and none for the repeated validation"


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_kinds_and_their_flags_are_completed(shell: str) -> None:
    script = str(completion(shell))  # pyright: ignore[reportArgumentType]
    assert "stripes" in script
    assert "patience" in script


@pytest.mark.skipif(os.name == "nt", reason="signals are another thing there")
def test_control_c_saves_and_the_same_command_goes_on(tmp_path: Path) -> None:
    script = tmp_path / "program.py"
    script.write_text(
        "import sys\n"
        "from olhar import catalogue, cli\n"
        "catalogue.RECIPES['stripes'] = catalogue.Entry('toys:Stripes', 'Tell rows apart.')\n"
        "sys.exit(cli.main())\n"
    )
    run = tmp_path / "run"
    words = [sys.executable, str(script), "train", "stripes", "-o", str(run)]
    words += ["--epochs", "100000", "--schedule", "constant", "--evaluate-every", "1000"]
    environment = {**os.environ, "PYTHONPATH": str(TESTS)}
    process = subprocess.Popen(words, env=environment, stderr=subprocess.PIPE, text=True)
    log = run / "events.jsonl"
    while process.poll() is None and not (log.is_file() and log.stat().st_size > 1000):
        time.sleep(0.02)
    process.send_signal(signal.SIGINT)
    _, text = process.communicate(timeout=120)
    assert process.returncode == 130
    assert "olhar: stopped; saved at step" in text
    assert "the same command goes on from there" in text
    assert (run / "state.safetensors").is_file()
