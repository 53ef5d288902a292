"""A training that is killed, again and again, ends with the weights of one that never was."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from olhar import OlharError
from olhar.training.events import Noted, Started, Stepped, Stopped
from olhar.training.fit import fit
from toys import TOYS, Blobs, Stripes, Twins

# Trains toys in children of one process that has imported everything. A child kills itself at the
# start of its step number KILL, or while it writes its state number WRITE: when half of it is
# written, before it gets its name, or after.
SCRIPT = """
import os, random, signal, sys
import torch
torch.set_num_threads(1)
from olhar.media import files
from olhar.training import loop
from olhar.training.fit import fit
from toys import TOYS

def die():
    os.kill(os.getpid(), signal.SIGKILL)

def train(kind, folder, kill=0, write=0, moment="half"):
    learn, publish, count = loop.Training.learn, files._publish, {"steps": 0, "states": 0}

    def learning(self, step, scale=1.0):
        count["steps"] += 1
        if count["steps"] == kill:
            die()
        return learn(self, step, scale)

    def publishing(temporary, target):
        count["states"] += target.name == "state.safetensors"
        now = count["states"] == write and target.name == "state.safetensors"
        if now and moment == "half":
            os.truncate(temporary, temporary.stat().st_size // 2)
        if now and moment != "after":
            die()
        publish(temporary, target)
        if now:
            die()

    loop.Training.learn, files._publish = learning, publishing
    for event in fit(TOYS[kind](epochs=4), folder, save_every=0):
        pass

def child(*arguments):
    pid = os.fork()
    if not pid:
        train(*arguments)
        os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])

train("toy-stripes", os.path.join(sys.argv[1], "first"))  # children find everything imported
rng = random.Random(int(sys.argv[2]))
for kind in TOYS:
    folder = os.path.join(sys.argv[1], kind)
    child(kind, folder + "-whole")
    for _ in range(8):
        moment = rng.choice(["step", "half", "before", "after"])
        number = rng.randint(1, 3)
        kill, write = (number, 0) if moment == "step" else (0, number)
        code = child(kind, folder, kill, write, moment)
        if code == 0:
            break
        assert code == -signal.SIGKILL, code
    assert child(kind, folder) == 0
"""
TESTS = Path(__file__).parents[1]


def weights(folder: Path) -> dict[str, torch.Tensor]:
    state = load_file(folder / "state.safetensors")
    model = load_file(folder / "model.safetensors")
    return {**state, **{f"model.{key}": value for key, value in model.items()}}


def same(first: Path, second: Path) -> bool:
    a, b = weights(first), weights(second)
    return a.keys() == b.keys() and all(torch.equal(a[key], b[key]) for key in a)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="children are forked")
def test_killed_at_random_moments_it_ends_with_the_same_bits(tmp_path: Path) -> None:
    words = [sys.executable, "-W", "ignore", "-c", SCRIPT, str(tmp_path), "2026"]
    subprocess.run(
        words,
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(TESTS), *sys.path])},
        check=True,
    )
    for kind in TOYS:
        whole, killed = tmp_path / f"{kind}-whole", tmp_path / kind
        assert same(whole, killed), kind
        logs = [(folder / "events.jsonl").read_text() for folder in (whole, killed)]
        assert logs[0] == logs[1], kind


def test_closing_saves_and_the_same_call_goes_on(tmp_path: Path) -> None:
    for _ in fit(Twins(), tmp_path / "whole"):
        pass
    stopped = fit(Twins(), tmp_path / "stopped", save_every=1000)
    for event in stopped:
        if isinstance(event, Stepped) and event.step == 3:
            break
    stopped.close()
    seen = [*fit(Twins(), tmp_path / "stopped")]
    assert isinstance(seen[0], Started)
    assert seen[0].step == 3
    assert same(tmp_path / "whole", tmp_path / "stopped")


def test_a_finished_run_is_left_alone(tmp_path: Path) -> None:
    first = [*fit(Stripes(), tmp_path / "run")]
    before = weights(tmp_path / "run")
    again = [*fit(Stripes(), tmp_path / "run")]
    assert not [event for event in again if isinstance(event, Stepped)]
    assert isinstance(again[-1], Stopped)
    assert again[-1].why == "finished"
    assert again[-1].metrics == first[-1].metrics
    assert all(torch.equal(value, weights(tmp_path / "run")[key]) for key, value in before.items())


def test_a_constant_schedule_takes_more_epochs(tmp_path: Path) -> None:
    short = Stripes(schedule="constant", epochs=2)
    for _ in fit(short, tmp_path / "run"):
        pass
    seen = [*fit(short.replace(epochs=4), tmp_path / "run", report_every=1)]
    assert [event.step for event in seen if isinstance(event, Stepped)] == [5, 6, 7, 8]
    with pytest.raises(
        OlharError, match="begun with epochs 4, schedule 'constant', and 6, 'cosine' is asked"
    ):
        next(fit(short.replace(epochs=6, schedule="cosine"), tmp_path / "run"))


def test_another_recipe_kind_or_data_is_refused(tmp_path: Path) -> None:
    for _ in fit(Stripes(epochs=1), tmp_path / "run"):
        pass
    with pytest.raises(OlharError, match=r"learning_rate 0\.003, and 0\.1 is asked for"):
        next(fit(Stripes(epochs=1, learning_rate=0.1), tmp_path / "run"))
    with pytest.raises(OlharError, match="kind 'toy-stripes', and 'toy-blobs' is asked for"):
        next(fit(Blobs(epochs=1), tmp_path / "run"))

    class Other(Stripes):
        def datasets(self):
            return Stripes(seed=7).datasets()

    with pytest.raises(OlharError, match="not the data that the run began with"):
        next(fit(Other(epochs=1), tmp_path / "run"))


def test_what_failed_in_its_first_step_is_begun_anew_by_another_recipe(tmp_path: Path) -> None:
    class Broken(Stripes):
        def loss(self, network, batch):
            raise OlharError("too large for this memory; give a smaller batch_size")

    with pytest.raises(OlharError, match="too large"):
        for _ in fit(Broken(epochs=1, batch_size=8), tmp_path / "run"):
            pass
    *_, stopped = fit(Stripes(epochs=1, batch_size=4), tmp_path / "run")
    assert stopped.why == "finished"
    *_, alone = fit(Stripes(epochs=1, batch_size=4), tmp_path / "alone")
    assert stopped.metrics == alone.metrics


def test_a_changed_machine_is_announced(tmp_path: Path) -> None:
    run = fit(Stripes(), tmp_path / "run", device="cpu")
    while not isinstance(next(run), Stepped):
        pass
    run.close()
    torch.set_num_threads(2)
    try:
        seen = [*fit(Stripes(), tmp_path / "run", device="cpu")]
    finally:
        torch.set_num_threads(1)
    notes = [event.sentence for event in seen if isinstance(event, Noted)]
    assert notes == [
        "threads is now 2, and was 1 when the run began: the result will not be the same bit by bit"
    ]


def test_two_processes_do_not_train_in_one_folder(tmp_path: Path) -> None:
    first = fit(Stripes(), tmp_path / "run")
    next(first)
    with pytest.raises(OlharError, match="another process is training"):
        next(fit(Stripes(), tmp_path / "run"))
    first.close()
    next(fit(Stripes(), tmp_path / "run"))


def test_a_folder_with_other_things_is_refused(tmp_path: Path) -> None:
    (tmp_path / "photo.jpg").write_bytes(b"x")
    with pytest.raises(OlharError, match="other things in it"):
        next(fit(Stripes(), tmp_path))
    with pytest.raises(OlharError, match="is a file"):
        next(fit(Stripes(), tmp_path / "photo.jpg"))


def test_a_damaged_state_is_told(tmp_path: Path) -> None:
    for _ in fit(Stripes(), tmp_path / "run"):
        pass
    (tmp_path / "run" / "state.safetensors").write_bytes(b"half")
    with pytest.raises(OlharError, match="remove it to begin anew"):
        next(fit(Stripes(), tmp_path / "run"))
    (tmp_path / "run" / "recipe.json").write_text("{")
    with pytest.raises(OlharError, match=r"recipe\.json is damaged"):
        next(fit(Stripes(), tmp_path / "run"))
