"""What the loop does beside resuming (test_resume.py)."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
import safetensors
import safetensors.torch
import torch
from PIL import Image
from torch import nn

from olhar import OlharError, hub
from olhar.data.dataset import Tensors
from olhar.training.events import Evaluated, Noted, Saved, Shown, Started, Stepped, Stopped
from olhar.training.fit import fit
from olhar.training.loop import Training, make_fabric
from olhar.training.recipe import Group, Losses, Recipe
from olhar.training.run import events
from olhar.training.schedule import factor
from toys import Blobs, Duel, Stripes, Thaw, Toy, Twins


def losses(recipe: Toy, folder: Path) -> list[float]:
    seen = fit(recipe, folder)
    return [event.losses["loss"] for event in seen if isinstance(event, Stepped)]


def test_the_events_come_in_order(tmp_path: Path) -> None:
    seen = [*fit(Stripes(epochs=2), tmp_path / "run", report_every=1)]
    names = [type(event).__name__ for event in seen]
    epoch = ["Stepped", "Stepped", "Evaluated", "Shown", "Saved"]
    assert names == ["Started", "Saved", *epoch, *epoch, "Evaluated", "Saved", "Stopped"]
    assert [event.step for event in seen] == [0, 0, 1, 2, 2, 2, 2, 3, 4, 4, 4, 4, 4, 4, 4]
    started, stopped = seen[0], seen[-1]
    assert isinstance(started, Started)
    assert (started.steps, started.epochs, started.examples) == (4, 2, 40)
    assert isinstance(stopped, Stopped)
    assert stopped.finished
    shown = next(event for event in seen if isinstance(event, Shown))
    with Image.open(shown.path) as picture:
        assert picture.size == (shown.picture.shape[2], shown.picture.shape[1])


def test_a_run_folder_says_what_was_done(tmp_path: Path) -> None:
    for _ in fit(Stripes(epochs=2, ema=0.5), tmp_path / "run", report_every=1):
        pass
    card, tensors = hub.load(tmp_path / "run")
    assert card.kind == "toy-stripes"
    assert card.classes == ("rows", "columns")
    assert card.arguments == {"classes": 2, "dropout": 0.2}
    assert card.recipe["ema"] == 0.5
    assert card.recipe["precision"] in ("float32", "bf16"), "resolved"
    assert card.trained_on == "50 drawn ramps"
    assert "accuracy" in card.metrics["validation"]
    network = Stripes().network(Stripes().datasets())
    network.load_state_dict(tensors)
    lines = events(tmp_path / "run" / "events.jsonl")
    assert [line["event"] for line in lines] == [
        *("stepped", "stepped", "evaluated") * 2,
        "final",
    ]


def test_rates_and_order_do_not_depend_on_who_looks(tmp_path: Path) -> None:
    first = losses(Blobs(), tmp_path / "first")
    torch.manual_seed(99)
    assert losses(Blobs(), tmp_path / "second") == first
    assert losses(Blobs(seed=1), tmp_path / "third") != first


def test_it_learns(tmp_path: Path) -> None:
    seen = [*fit(Stripes(epochs=8), tmp_path / "run")]
    accuracies = [event.metrics["accuracy"] for event in seen if isinstance(event, Evaluated)]
    assert accuracies[-1] == 1.0
    best = [event.best for event in seen if isinstance(event, Evaluated)][:-1]
    so_far = [max(accuracies[: i + 1]) for i in range(len(best))]
    assert best == [a >= b for a, b in zip(accuracies, so_far, strict=False)], "of equals the later"


def test_accumulating_two_batches_is_one_of_twice_the_size(tmp_path: Path) -> None:
    for name, recipe in {
        "halves": Twins(batch_size=8, accumulate=2, clip=0.0, precision="float32"),
        "whole": Twins(batch_size=16, accumulate=1, clip=0.0, precision="float32"),
    }.items():
        for _ in fit(recipe, tmp_path / name):
            pass
    halves, whole = (hub.load(tmp_path / name)[1] for name in ("halves", "whole"))
    for key, value in whole.items():
        torch.testing.assert_close(halves[key], value, rtol=1e-4, atol=1e-5)


def test_a_frozen_part_stays_and_then_moves_slowly(tmp_path: Path) -> None:
    start = Thaw().network(Thaw().datasets())
    torch.manual_seed(0)
    start = Thaw().network(Thaw().datasets())
    run = fit(Thaw(), tmp_path / "run", save_every=0)
    at: dict[int, dict[str, torch.Tensor]] = {}
    for event in run:
        if isinstance(event, Saved):
            at[event.step] = _state(event.path)
    for name, before in start.state_dict().items():
        if name.startswith(("layers.0", "layers.1")):
            assert torch.equal(at[4][name], before), f"{name} moved while it was frozen"
            if "num_batches" not in name:
                assert not torch.equal(at[8][name], before), f"{name} never moved"
    assert not torch.equal(at[4]["layers.5.weight"], start.state_dict()["layers.5.weight"])


def _state(path: Path) -> dict[str, torch.Tensor]:
    from olhar.training import checkpoint

    return checkpoint.part(checkpoint.read(path)[0], "network.")


def test_each_optimiser_moves_its_own_parameters_only(tmp_path: Path) -> None:
    class OnlyCritic(Duel):
        def step(self, network, batch, optimizers) -> Losses:
            made = self.loss(network, batch)["loss"]
            optimizers["critic"].minimize(made)
            return {"loss": made}

    torch.manual_seed(0)
    start = Duel().network(Duel().datasets()).state_dict()
    for _ in fit(OnlyCritic(), tmp_path / "run"):
        pass
    after = _state(tmp_path / "run" / "state.safetensors")
    for name, before in start.items():
        assert torch.equal(after[name], before) == name.startswith("generator")


def test_several_optimisers_need_a_step_of_their_own(tmp_path: Path) -> None:
    class Careless(Duel):
        step = Recipe.step

    with pytest.raises(OlharError, match="name optimisers generator and critic"):
        next(fit(Careless(), tmp_path / "run"))


def test_every_example_is_seen_once_per_epoch_in_batches_of_almost_one_size() -> None:
    seen: list[int] = []

    class Watched(Tensors):
        def batch(self, indices, *, epoch=None, device="cpu"):
            seen.extend(indices.tolist())
            sizes.append(len(indices))
            return super().batch(indices, epoch=epoch, device=device)

    class Counted(Stripes):
        def datasets(self):
            data = super().datasets()
            return replace(data, train=Watched(**data.train.values))

    training = Training(Counted(batch_size=16).resolve("cpu"), make_fabric("cpu", "float32"))
    sizes: list[int] = []
    for step in range(training.steps_per_epoch):
        training.learn(step)
    assert sorted(seen) == [*range(40)]
    assert sizes == [14, 13, 13]


def test_a_full_disk_is_a_sentence_and_the_state_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = fit(Stripes(), tmp_path / "run", save_every=0)
    for event in run:
        if isinstance(event, Stepped) and event.step == 2:
            break

    def full(*_: object) -> None:
        text = "Error while serializing: I/O error: No space left on device (os error 28)"
        raise safetensors.SafetensorError(text)

    with monkeypatch.context() as patch:
        patch.setattr(safetensors.torch, "save_file", full)
        with pytest.raises(OlharError, match=r"no space left on device.*; make room"):
            next(event for event in run if isinstance(event, Stopped))
    seen = [*fit(Stripes(), tmp_path / "run")]
    assert isinstance(seen[-1], Stopped)
    assert seen[-1].finished


def test_patience_stops_early(tmp_path: Path) -> None:
    @dataclass(frozen=True, kw_only=True)
    class Stuck(Stripes):
        def evaluate(self, network, batches, *, thorough=False):
            return {"accuracy": 0.5}

    seen = [*fit(Stuck(epochs=9, patience=2), tmp_path / "run", report_every=1)]
    assert isinstance(seen[-1], Stopped)
    assert seen[-1].why == "early"
    assert sum(isinstance(event, Stepped) for event in seen) == 6
    again = [*fit(Stuck(epochs=9, patience=2), tmp_path / "run")]
    assert not any(isinstance(event, Stepped) for event in again)


@dataclass(frozen=True, kw_only=True)
class Explodes(Stripes):
    """The loss is no number where the rate is above a limit."""

    limit: float = 1e-3
    schedule: str = "constant"
    warmup: float = 0.0

    def loss(self, network, batch) -> Losses:
        losses = super().loss(network, batch)
        step = getattr(network, "steps", 0)
        network.steps = step + 1
        bad = step >= 3 and RATE["now"] > self.limit
        return {"loss": losses["loss"] * (float("nan") if bad else 1.0)}


RATE = {"now": 0.0}


@pytest.fixture
def rate_is_known(monkeypatch: pytest.MonkeyPatch) -> None:
    from olhar.training.optimizer import Optimizer

    plain = Optimizer.set_rate

    def set_rate(self, rate: float) -> None:
        RATE["now"] = rate
        plain(self, rate)

    monkeypatch.setattr(Optimizer, "set_rate", set_rate)


@pytest.mark.usefixtures("rate_is_known")
def test_what_is_not_a_number_rolls_back_with_half_the_rate(tmp_path: Path) -> None:
    seen = [*fit(Explodes(learning_rate=3e-3, decay=0.0), tmp_path / "run", report_every=1)]
    notes = [event.sentence for event in seen if isinstance(event, Noted)]
    told = (
        "the loss was not a finite number at step 3: back to step 2, with the learning rate times"
    )
    assert notes == [f"{told} 0.5", f"{told} 0.25"]
    assert isinstance(seen[-1], Stopped)
    assert seen[-1].finished
    rates = [event.rate for event in seen if isinstance(event, Stepped)]
    assert rates == pytest.approx([3e-3] * 2 + [0.75e-3] * 4)
    assert all(value.isfinite().all() for value in hub.load(tmp_path / "run")[1].values())


@pytest.mark.usefixtures("rate_is_known")
def test_what_never_gets_better_stops_and_keeps_the_last_good_model(tmp_path: Path) -> None:
    seen = [*fit(Explodes(limit=1e-9), tmp_path / "run")]
    assert isinstance(seen[-1], Stopped)
    assert seen[-1].why == "diverged"
    assert seen[-1].model is not None
    assert all(value.isfinite().all() for value in hub.load(tmp_path / "run")[1].values())


def test_bf16_keeps_weights_and_losses_in_float32_and_resumes_exactly(tmp_path: Path) -> None:
    recipe = Stripes(precision="bf16", layout="channels_last")
    assert all(value > 0 for value in losses(recipe, tmp_path / "whole"))
    parts = fit(recipe, tmp_path / "parts", save_every=0)
    for event in parts:
        if isinstance(event, Stepped) and event.step == 3:
            parts.close()
            break
    for _ in fit(recipe, tmp_path / "parts"):
        pass
    whole, again = (hub.load(tmp_path / name)[1] for name in ("whole", "parts"))
    assert {value.dtype for value in whole.values()} == {torch.float32, torch.int64}
    assert all(torch.equal(value, again[key]) for key, value in whole.items())


def test_too_few_examples_are_told(tmp_path: Path) -> None:
    with pytest.raises(OlharError, match=r"4 examples to train on.*and 9 batches per step"):
        next(fit(Twins(examples=5, accumulate=9), tmp_path / "run"))


def test_groups_have_their_own_rates_and_decay() -> None:
    @dataclass(frozen=True, kw_only=True)
    class Grouped(Stripes):
        def parameter_groups(self, network) -> Sequence[Group]:
            convolution, *_, last = (m for m in network.layers if any(True for _ in m.parameters()))
            return [
                Group(convolution.parameters(), rate=2.0, weight_decay=0.5),
                Group(last.parameters(), rate=0.1),
            ]

    training = Training(Grouped().resolve("cpu"), make_fabric("cpu", "float32"))
    training.learn(5)
    groups = training.optimizers["network"].inner.param_groups
    base = groups[0]["lr"] / 2
    assert groups[1]["lr"] == pytest.approx(0.1 * base)
    assert [group["weight_decay"] for group in groups] == [0.5, 0.01]


def test_the_summary_counts_layers_and_work(tmp_path: Path) -> None:
    started = next(fit(Stripes(), tmp_path / "run"))
    assert isinstance(started, Started)
    summary = started.summary
    assert [layer.kind for layer in summary.layers] == [
        *("Conv2d", "BatchNorm2d", "ReLU", "Flatten", "Dropout", "Linear")
    ]
    assert summary.layers[0].output == (4, 8, 8)
    assert summary.parameters == 3 * 4 * 9 + 4 + 8 + 256 * 2 + 2
    assert summary.multiply_adds == 64 * 4 * 27 + 512
    assert "4 x 8 x 8" in str(summary)


@pytest.mark.parametrize("schedule", ["cosine", "onecycle", "linear", "constant"])
def test_schedules_rise_stay_within_bounds_and_fall(schedule: str) -> None:
    recipe = Stripes(schedule=schedule, warmup=0.1, decay=0.2)
    rates = [factor(recipe, step, 200) for step in range(200)]
    assert all(0 < rate <= 1 for rate in rates)
    assert max(rates) == pytest.approx(1.0, abs=0.02)
    assert rates[0] < 0.06
    assert rates[-1] < 0.08
    peak = rates.index(max(rates))
    assert rates[: peak + 1] == sorted(rates[: peak + 1])
    assert rates[peak:] == sorted(rates[peak:], reverse=True)
    assert {"onecycle": 49, "constant": 19}.get(schedule, 20) - 1 <= peak <= 51


def test_a_constant_schedule_is_the_same_until_it_falls() -> None:
    recipe = Stripes(schedule="constant", decay=0.2, warmup=0.0)
    short, long = ([factor(recipe, s, n) for s in range(n)] for n in (100, 1000))
    assert short[:80] == long[:80] == [1.0] * 80


def test_the_average_follows_and_is_what_is_saved(tmp_path: Path) -> None:
    for _ in fit(Stripes(ema=0.9), tmp_path / "run"):
        pass
    from olhar.training import checkpoint

    state, _ = checkpoint.read(tmp_path / "run" / "state.safetensors")
    average = checkpoint.part(state, "average.")
    network = checkpoint.part(state, "network.")
    assert not torch.equal(average["layers.5.weight"], network["layers.5.weight"])
    model = hub.load(tmp_path / "run")[1]
    assert model.keys() == network.keys()


def test_average_by_hand() -> None:
    from olhar.training.average import Average

    network = nn.Linear(1, 1, bias=False)
    nn.init.constant_(network.weight, 1.0)
    average = Average(network, 0.5)
    nn.init.constant_(network.weight, 3.0)
    average.update(network, step=0)  # decay (1 + 0) / (10 + 0)
    assert average.network.weight.item() == pytest.approx(0.1 * 1 + 0.9 * 3)
    average.update(network, step=1000)  # decay 0.5
    assert average.network.weight.item() == pytest.approx(0.5 * 2.8 + 0.5 * 3)
