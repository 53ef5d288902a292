"""TensorBoard reads what a training wrote."""

import warnings
from pathlib import Path

from olhar.training.fit import fit
from olhar.training.tensorboard import recorded
from toys import Stripes


def test_scalars_and_pictures_are_written(tmp_path: Path) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of tensorboard's own making
        for _ in recorded(fit(Stripes(), tmp_path / "run", report_every=1), tmp_path / "run"):
            pass
        from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

        read = EventAccumulator(str(tmp_path / "run" / "tensorboard"))
        read.Reload()
    scalars = read.Tags()["scalars"]
    assert {"train/loss", "train/learning rate", "validation/accuracy"} <= {*scalars}
    assert [event.step for event in read.Scalars("train/loss")] == [1, 2, 3, 4, 5, 6]
    assert read.Tags()["images"] == ["shown"]


def test_closing_closes_the_training(tmp_path: Path) -> None:
    events = recorded(fit(Stripes(), tmp_path / "run"), tmp_path / "run")
    next(events)
    events.close()
    next(fit(Stripes(), tmp_path / "run"))  # the folder is free again
