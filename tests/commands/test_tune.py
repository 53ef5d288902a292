"""`olhar tune` and `olhar compare`: searches that survive, share, and tell chance from progress."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
import torch

from olhar import catalogue, cli
from olhar.catalogue import KINDS, Entry
from olhar.errors import OlharError
from olhar.training import bootstrap
from olhar.training.compare import by_example, differences
from olhar.training.events import Evaluated
from olhar.training.fit import fit
from olhar.training.space import Range, changed, current, ranges
from olhar.training.tune import Study
from toys import Blobs, Stripes

TESTS = Path(__file__).parents[1]
SPACE = (
    Range("learning_rate", low=1e-5, high=1e-1, log=True),
    Range("optimizer", choices=("adamw", "sgd")),
)


def build_stripes(tensors, **arguments):
    import toys

    network = toys.Linear(**arguments)
    network.load_state_dict(tensors)
    return network.eval()


@pytest.fixture(autouse=True)
def toys(monkeypatch: pytest.MonkeyPatch) -> None:
    torch.set_num_threads(1)
    entry = Entry("toys:Stripes", "Tell rows apart.")
    monkeypatch.setitem(catalogue.RECIPES, "toy-stripes", entry)
    monkeypatch.setitem(KINDS, "toy-stripes", Entry("test_tune:build_stripes", "A toy."))


# What is searched ----------------------------------------------------------------------------


def test_fields_say_themselves_where_to_search(tmp_path) -> None:
    from olhar.classify.recipe import Classifier

    recipe = Classifier(data=tmp_path)
    names = {each.name: each for each in ranges(recipe)}
    assert set(names) == {
        *("batch_size", "learning_rate", "weight_decay", "dropout", "label_smoothing"),
    }
    assert names["learning_rate"] == Range("learning_rate", low=1e-4, high=1e-2, log=True)
    assert names["batch_size"].whole
    asked = ranges(recipe, ["optimizer", "crop=0.3:0.9", "batch-size=8,16", "architecture=cnn,mlp"])
    assert [each.name for each in asked] == [
        *("optimizer", "augment.crop", "batch_size", "architecture"),
    ]
    assert asked[0].choices == ("adamw", "sgd", "muon")
    assert (asked[1].low, asked[1].high) == (0.3, 0.9)
    assert asked[2].choices == (8, 16)
    assert asked[3].choices == ("cnn", "mlp")
    other = changed(recipe, {"augment.crop": 0.4, "augment.color": 0.1, "batch_size": 8})
    assert (current(other, "augment.crop"), other.augment.color, other.batch_size) == (0.4, 0.1, 8)


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("learning-rat", "did you mean learning_rate"),
        ("learning-rate=1:0.1", "is no range"),
        ("batch-size=a:b", "is no range"),
        ("seed", "no field 'seed'"),
    ],
)
def test_what_cannot_be_searched_is_told(name, says) -> None:
    with pytest.raises(OlharError, match=says):
        ranges(Stripes(), [name])


# The search ----------------------------------------------------------------------------------


def searched(folder: Path, trials: int, epochs: int = 3) -> Study:
    study = Study(folder, Stripes(epochs=epochs), SPACE)
    for _ in study.run(trials, "cpu"):
        pass
    return study


def outcome(study: Study) -> list:
    return [(each.number, each.values, each.score, each.state) for each in study.tried()]


def test_a_search_is_a_function_of_its_recipe(tmp_path) -> None:
    first, second = (searched(tmp_path / name, 5) for name in "ab")
    assert outcome(first) == outcome(second)
    tried = first.tried()
    assert len(tried) == 5
    assert tried[0].values == {"learning_rate": 3e-3, "optimizer": "adamw"}, "the default first"
    assert len({each.values["learning_rate"] for each in tried}) == 5
    best = first.best()
    assert best.score == max(each.score for each in tried if each.state == "complete")
    assert first.winner(best).learning_rate == best.values["learning_rate"]
    assert outcome(searched(tmp_path / "a", 5)) == outcome(first), "there is nothing left to do"


def test_the_first_trial_is_the_default_where_its_values_are_in_no_range(tmp_path) -> None:
    space = (Range("learning_rate", low=1e-2, high=1e-1, log=True), SPACE[1])
    study = Study(tmp_path / "study", Stripes(epochs=1), space)
    for _ in study.run(6, "cpu"):
        pass
    tried = study.tried()
    assert tried[0].values == {"optimizer": "adamw"}
    assert study.winner(tried[0]) == Stripes(epochs=1)
    assert all(1e-2 <= each.values["learning_rate"] <= 1e-1 for each in tried[1:])
    assert set(study.importance()) == {"learning_rate", "optimizer"}


def test_those_behind_are_stopped_and_the_test_part_is_not_looked_at(tmp_path) -> None:
    study = searched(tmp_path / "study", 10, epochs=9)
    states = [each.state for each in study.tried()]
    assert states.count("pruned") >= 3
    assert all(each.epochs < 9 for each in study.tried() if each.state == "pruned")
    for log in (tmp_path / "study").rglob("events.jsonl"):
        assert '"split": "test"' not in log.read_text()


def test_a_search_goes_on_where_it_was_stopped(tmp_path) -> None:
    whole = searched(tmp_path / "whole", 4)
    study = Study(tmp_path / "parts", Stripes(epochs=3), SPACE)
    events = study.run(4, "cpu")
    for number, event in events:
        if number == 2 and isinstance(event, Evaluated):
            break
    events.close()
    states = [each.state for each in study.tried()]
    assert len(states) == 3
    assert states[-1] == "running"
    again = searched(tmp_path / "parts", 4)
    assert outcome(again) == outcome(whole)


def test_another_search_in_the_folder_is_refused(tmp_path) -> None:
    searched(tmp_path / "study", 1)
    with pytest.raises(OlharError, match="holds another search"):
        Study(tmp_path / "study", Stripes(epochs=4), SPACE)
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "file").write_text("x")
    with pytest.raises(OlharError, match="other things in it"):
        Study(tmp_path / "other", Stripes(), SPACE)


SCRIPT = """
import sys
from olhar import catalogue, cli
catalogue.RECIPES["toy-stripes"] = catalogue.Entry("toys:Stripes", "Tell rows apart.")
sys.exit(cli.main())
"""


def started(tmp_path: Path, study: Path, trials: int) -> subprocess.Popen:
    script = tmp_path / "program.py"
    script.write_text(SCRIPT)
    words = [sys.executable, str(script), "tune", "toy-stripes", "-o", str(study), "--no-refit"]
    words += ["--trials", str(trials), "--epochs", "4", "--search", "learning-rate=1e-5:0.1"]
    words += ["--device", "cpu", "--json"]
    environment = {**os.environ, "PYTHONPATH": str(TESTS)}
    return subprocess.Popen(
        words, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


@pytest.mark.skipif(os.name == "nt", reason="signals are another thing there")
def test_a_kill_a_resume_and_two_who_share(tmp_path) -> None:
    study = tmp_path / "study"
    first = started(tmp_path, study, 4)
    while first.poll() is None and not (study / "trials" / "0001" / "events.jsonl").is_file():
        time.sleep(0.02)
    first.send_signal(signal.SIGKILL)
    first.communicate(timeout=60)
    pair = [started(tmp_path, study, 4) for _ in range(2)]
    for each in pair:
        out, err = each.communicate(timeout=120)
        assert each.returncode == 0, err
        assert json.loads(out)["trials"] == 4
    recipe = Stripes(epochs=4)
    tried = Study(study, recipe, ranges(recipe, ["learning-rate=1e-5:0.1"])).tried()
    assert [each.number for each in tried] == [*range(4)]
    assert {each.state for each in tried} <= {"complete", "pruned"}
    assert len({each.values["learning_rate"] for each in tried}) == 4, "nothing was done twice"


@pytest.mark.skipif(os.name == "nt", reason="signals are another thing there")
def test_control_c_is_told(tmp_path) -> None:
    study = tmp_path / "study"
    process = started(tmp_path, study, 1000)
    while process.poll() is None and not (study / "trials" / "0000" / "events.jsonl").is_file():
        time.sleep(0.02)
    process.send_signal(signal.SIGINT)
    _, text = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "the same command goes on from there" in text


def test_the_command_judges_with_three_seeds(tmp_path, capsys) -> None:
    words = ["tune", "toy-stripes", "-o", str(tmp_path / "study"), "--trials", "3", "--epochs", "3"]
    words += ["--search", "learning-rate=1e-5:0.1", "--learning-rate", "1e-5", "--device", "cpu"]
    assert cli.main([*words, "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert said["verdict"]["seeds"] == [0, 1, 2]
    measured = said["verdict"]["measures"]["accuracy"]
    assert measured["difference"] == pytest.approx(measured["after"] - measured["before"])
    low, high = measured["interval"]
    assert measured["beyond_noise"] == (not low <= 0 <= high)
    assert len([*(tmp_path / "study" / "finals").iterdir()]) == 6
    data = {
        json.loads(path.read_text())["data"]["hash"]
        for path in (tmp_path / "study").rglob("recipe.json")
    }
    assert len(data) == 1, "one split for all seeds"
    page = (tmp_path / "study" / "report.html").read_text("utf-8")
    assert "What mattered" in page
    assert "O que importou" in page
    assert cli.main(words) == 0
    text = capsys.readouterr().out
    assert "3 trials" in text
    assert "--learning-rate" in text
    assert max(map(len, text.splitlines()[:-1])) < 80


def test_the_default_is_not_compared_with_itself(tmp_path, capsys) -> None:
    words = ["tune", "toy-stripes", "-o", str(tmp_path / "study"), "--trials", "1"]
    assert cli.main([*words, "--epochs", "1", "--device", "cpu"]) == 0
    assert "no trial was better" in capsys.readouterr().out
    assert not (tmp_path / "study" / "finals").exists()


# Comparisons ---------------------------------------------------------------------------------


def test_a_difference_is_that_of_pairs() -> None:
    generator = np.random.default_rng(0)
    hard = generator.normal(size=(300, 1)) * 10  # how hard each example is, for both
    one, other = hard, hard + 0.1 + 0.01 * generator.normal(size=(300, 1))
    sides = [
        ({"loss": float(x.mean()), "name": "x"}, {"loss": bootstrap.means(x, 0)[:, 0]})
        for x in (one, other)
    ]
    found = differences(sides[:1], sides[1:], 300)["loss"]
    assert found["difference"] == pytest.approx(0.1, abs=0.003)
    assert found["interval"][1] - found["interval"][0] < 0.01, "what is hard for both cancels"
    assert found["beyond_noise"]
    same = differences(sides[:1], sides[:1], 300)["loss"]
    assert same["interval"] == [0, 0]
    assert not same["beyond_noise"]


def test_any_recipe_can_be_resampled() -> None:
    recipe = Blobs()
    data = recipe.datasets()
    network = recipe.network(data).eval()
    with torch.inference_mode():
        torch.manual_seed(0)
        drawn = by_example(recipe, network, data.validation.batches(4))
    assert drawn["loss"].shape == (bootstrap.RESAMPLES,)
    assert drawn["loss"].std() > 0


def test_intervals_of_differences_cover_the_truth(monkeypatch) -> None:
    drawn = [*bootstrap._times(150, 0)]
    monkeypatch.setattr(bootstrap, "_times", lambda n, seed: drawn)
    generator = np.random.default_rng(0)
    hits = 0
    for _ in range(1000):
        base = generator.exponential(size=(150, 1))
        other = base + generator.normal(0.2, 1, size=(150, 1))
        sides = [({"x": x.mean()}, {"x": bootstrap.means(x, 0)[:, 0]}) for x in (base, other)]
        low, high = differences(sides[:1], sides[1:], 150)["x"]["interval"]
        hits += low <= 0.2 <= high
    assert 0.93 <= hits / 1000 <= 0.97


def test_runs_are_compared(tmp_path, capsys, monkeypatch) -> None:
    for name, rate in (("slow", 1e-5), ("good", 1e-2)):
        list(fit(Stripes(learning_rate=rate, epochs=6), tmp_path / name, device="cpu"))
    words = ["compare", str(tmp_path / "slow"), str(tmp_path / "good")]
    assert cli.main([*words, "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert said["recipes"] == {"learning_rate": [1e-5, 1e-2]}
    assert said["measures"]["good"]["accuracy"]["difference"] > 0
    assert cli.main(words) == 0
    text = capsys.readouterr().out
    assert "learning_rate" in text
    assert max(map(len, text.splitlines())) < 80
    assert cli.main(words[:2]) == 2
    assert "needs two RUNS" in capsys.readouterr().err
