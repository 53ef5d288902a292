"""Two processes under torchrun, on this machine's processor."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch

from olhar import hub
from olhar.errors import OlharError
from olhar.training.events import Stepped
from olhar.training.fit import fit
from olhar.training.loop import make_fabric
from toys import Blobs, Twins

SCRIPT = """
import json, os, sys
import torch
torch.set_num_threads(1)
from olhar.training.events import Stepped, Stopped
from olhar.training.fit import fit
from toys import Twins

rank = int(os.environ["RANK"])
stop = int(sys.argv[2])
losses, why = [], "closed"
recipe = Twins(epochs=10, batch_size=4, accumulate=1, examples=55, precision="float32")
for event in (events := fit(recipe, sys.argv[1])):
    if isinstance(event, Stepped):
        losses.append(event.losses["loss"])
        if rank == 0 and event.step == stop:
            events.close()
            break
    if isinstance(event, Stopped):
        why = event.why
with open(f"{sys.argv[1]}-{rank}.json", "w") as file:
    json.dump({"losses": losses, "why": why}, file)
"""


def together(folder: Path, stop: int = 0) -> list[dict]:
    script = folder.with_suffix(".py")
    script.write_text(SCRIPT)
    environment = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join([str(Path(__file__).parents[1]), *sys.path]),
        "OMP_NUM_THREADS": "1",
        "PYTHONWARNINGS": "ignore",
    }
    words = ["torch.distributed.run", "--standalone", "--nproc-per-node=2", str(script)]
    ended = subprocess.run(
        [sys.executable, "-m", *words, str(folder), str(stop)],
        env=environment,
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert ended.returncode == 0, ended.stderr
    return [json.loads(Path(f"{folder}-{rank}.json").read_text()) for rank in range(2)]


def test_two_processes_are_one_with_twice_the_batch(tmp_path: Path) -> None:
    recipe = Twins(  # 44 in 6 uneven steps
        epochs=10, batch_size=8, accumulate=1, examples=55, precision="float32"
    )
    alone = [
        event.losses["loss"]
        for event in fit(recipe, tmp_path / "alone")
        if isinstance(event, Stepped)
    ]
    stopped = together(tmp_path / "two", stop=7)
    assert [process["why"] for process in stopped] == ["closed", "asked"], "all stop with the first"
    assert len(stopped[1]["losses"]) == 7
    whole = together(tmp_path / "two")  # and go on together
    losses = stopped[0]["losses"] + whole[0]["losses"]
    assert whole[0]["losses"] == whole[1]["losses"], "each hears of all"
    assert len(losses) == len(alone) == 60
    assert losses[:20] == pytest.approx(alone[:20], abs=1e-5)
    for key, value in hub.load(tmp_path / "alone")[1].items():
        torch.testing.assert_close(hub.load(tmp_path / "two")[1][key], value, rtol=1e-3, atol=1e-4)


def test_one_process_is_no_group(tmp_path: Path) -> None:
    next(fit(Blobs(), tmp_path / "run"))
    assert not torch.distributed.is_initialized()


def test_more_processes_than_gpus_are_a_sentence(monkeypatch):
    monkeypatch.setenv("LOCAL_WORLD_SIZE", "2")
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 1)
    with pytest.raises(OlharError, match=r"began 2 .*there are 1.*--nproc-per-node=1"):
        make_fabric("cuda", "float32")
