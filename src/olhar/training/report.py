"""The report of a model: one page that can be sent, and the same figures as JSON.

What every kind of model has is written here: its measures with their intervals, what was found in
the data, what it makes of pictures, how it learned, what its network costs. What only some kinds
have, a recipe adds as `findings`.
"""

from __future__ import annotations

import json
import time
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, cast

import numpy as np
import torch

from olhar import __version__
from olhar.look import page
from olhar.look.chart import SMALL, Line, chart
from olhar.look.embed import embedded
from olhar.look.machine import processor
from olhar.look.messages import MESSAGES, Phrase, say
from olhar.look.messages_cards import card_data
from olhar.look.page import Html
from olhar.look.table import Figure, block, drawing, figures, folded, number, table
from olhar.media.files import atomic
from olhar.training import bootstrap
from olhar.training.summary import Summary, summarize

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from olhar.data.dataset import Batch, Dataset
    from olhar.hub import Card
    from olhar.training.recipe import Metrics, Recipe

_SHOWN = 16  # examples on the sheet
_TIMED = 64  # examples that are timed together
_ROUNDS = 3
_MOST = 60  # rows of a table
_CURVES = 4  # measures that are drawn


@dataclass(frozen=True, kw_only=True)
class Subject:
    """What a report is of."""

    card: Card
    recipe: Recipe
    network: Any
    """In evaluation mode, on its device."""
    data: Dataset
    part: str
    """Which part of the data it is: "test", "validation", "train" or "all"."""
    device: str
    notes: Sequence[str] = ()
    """What was found in reading the data."""
    log: Sequence[dict[str, Any]] = ()
    """The lines of its run's `events.jsonl`."""

    def batches(self) -> Iterator[Batch]:
        """Every example once."""
        return self.data.batches(self.recipe.batch_size, self.device)

    def some(self, count: int) -> Batch:
        """Examples spread evenly over all."""
        rows = np.linspace(0, len(self.data) - 1, min(count, len(self.data)))
        return self.data.batch(rows.astype(np.int64), device=self.device)


@dataclass(frozen=True)
class Finding:
    """A section of a report."""

    name: str
    """In `report.json`."""
    values: Any
    """JSON values."""
    html: Html


def write(subject: Subject, metrics: Metrics, folder: Path) -> tuple[Path, Path]:
    """Measure what is still open, and write `report.html` and `report.json`.

    Args:
        subject: of the report.
        metrics: of `recipe.evaluate`, thorough.
        folder: made if it is missing; a report that is there is replaced.

    Returns:
        The two files.
    """
    with torch.no_grad():
        if "intervals" not in metrics:
            samples = subject.recipe.resampled(subject.network, subject.batches())
            metrics = {**metrics, "intervals": bootstrap.intervals(samples, len(subject.data))}
        found = [
            _measures(metrics),
            *_notes(subject),
            *subject.recipe.findings(subject, metrics),
            *_rows(metrics),
            *_curves(subject),
            _network(subject),
            _recipe(subject),
        ]
    card = {key: value for key, value in asdict(subject.card).items() if key != "metrics"}
    values = {
        "card": card,
        "split": subject.part,
        "examples": len(subject.data),
        **{each.name: each.values for each in found},
    }
    text = json.dumps(values, indent=2, ensure_ascii=False, default=str)
    paths = folder / "report.html", folder / "report.json"
    for path, content in zip(paths, (_page(subject, found), text + "\n"), strict=True):
        with atomic(path) as temporary:
            temporary.write_text(content, "utf-8", errors="backslashreplace")
    return paths


def measure(name: str) -> Phrase:
    """What a measure is called; by its own name if nobody has said."""
    key = f"measure.{name}"
    plain = name.replace("_", " ")
    return MESSAGES.get(key, Phrase(plain, plain))


def rounded(value: float | None) -> Phrase:
    """A measure with three digits or so."""
    size = abs(value or 0)
    return number(value, ",.0f" if size >= 100 else ".1f" if size >= 10 else ".3f")


def interval(limits: Sequence[float] | None, message: str = "report.interval") -> Html | Phrase:
    """The range of a figure; nothing if there is none."""
    if limits is None:
        return Phrase("", "")
    low, high = map(rounded, limits)
    return say(message, low=low, high=high)


def shown(subject: Subject) -> Finding:
    """What a model makes of some pictures, marked as made by a machine."""
    picture = subject.recipe.show(subject.network, subject.some(_SHOWN))
    image = page.image(embedded(picture, say("shown.alt"), side=320))
    sheet = Html(f'<div class="sheet">{image}</div>{page.made_by_a_machine()}')
    return Finding("shown", None, block(say("shown.title"), say("shown.intro"), [sheet]))


def _page(subject: Subject, found: Iterable[Finding]) -> str:
    card = subject.card
    about = say(
        "report.of",
        kind=card.kind,
        data=card_data(card.trained_on),
        count=f"{len(subject.data)}",
        part=say(f"report.part.{subject.part}"),
    )
    machine = say(
        "report.machine",
        processor=processor(),
        threads=torch.get_num_threads(),
        torch=torch.__version__,
        olhar=__version__,
    )
    body = [page.paragraph(about, "intro"), *(each.html for each in found)]
    foot = [page.paragraph(say("report.foot")), page.paragraph(machine)]
    return page.page(say("report.title", name=card.name), body, foot)


def _measures(metrics: Metrics) -> Finding:
    """The numbers at the top level, large."""
    ranges = metrics["intervals"]
    named = {name: value for name, value in metrics.items() if isinstance(value, float)}
    cells = [
        Figure(measure(name), rounded(value), interval(ranges.get(name)))
        for name, value in named.items()
    ]
    if "average" in metrics:
        note = say("report.average", average=metrics["average"])
    else:
        note = say("report.intervals")
    parts = [figures(cells)]
    if ranges:
        parts.append(page.paragraph(note, "machine"))
    return Finding("metrics", metrics, page.joined(parts))


def _notes(subject: Subject) -> Iterator[Finding]:
    if subject.notes:
        items = "".join(f"<li>{page.html(note)}</li>" for note in subject.notes)
        content = [Html(f'<ul class="notes">{items}</ul>')]
        html = block(say("report.notes"), say("report.notes.intro"), content)
        yield Finding("notes", list(subject.notes), html)


def _rows(metrics: Metrics) -> Iterator[Finding]:
    """Measures part by part, such as a colorizer's beside those of grey."""
    for key in ("rows", "per_value"):
        rows = cast("dict[str, dict[str, Any]]", metrics.get(key))
        if not rows:
            continue
        names = list(next(iter(rows.values())))
        lines = [
            [name, *(_cell(row.get(column)) for column in names)] for name, row in rows.items()
        ]
        intro = say("rows.plain")
        if "protocol" in metrics:
            intro = say("rows.intro", protocol=metrics["protocol"])
        content = table(["", *map(measure, names)], lines[:_MOST])
        yield Finding(key, rows, block(say("rows.title"), intro, [content]))


def _cell(value: Any) -> Phrase | str:
    return rounded(value) if isinstance(value, float) or value is None else f"{value}"


def _curves(subject: Subject) -> Iterator[Finding]:
    """Losses and measures over epochs, from the log of the run."""
    measured = [line for line in subject.log if line["event"] == "evaluated"]
    stepped = [line for line in subject.log if line["event"] == "stepped"]
    if not measured or not stepped:
        return
    per_epoch = measured[-1]["step"] / measured[-1]["epoch"]
    steps = np.array([line["step"] for line in stepped]) / per_epoch
    losses = np.array([line["losses"]["loss"] for line in stepped])
    groups = np.ceil(steps - 1e-9).astype(np.int64)  # the epoch that each step belongs to
    ends = sorted({*groups.tolist()})
    means = [float(losses[groups == end].mean()) for end in ends]
    epochs = [line["epoch"] for line in measured]
    names = [name for name, value in measured[-1]["metrics"].items() if isinstance(value, float)]
    axis = say("curves.epoch")
    drawn = [
        drawing(
            chart([Line("", ends, means, "both")], x=axis, y=say("curves.loss"), size=SMALL),
            say("curves.loss"),
        )
    ]
    curves: dict[str, Any] = {"epochs": epochs, "training_loss": [ends, means]}
    for name in names[:_CURVES]:
        curves[name] = [line["metrics"].get(name) for line in measured]
        values = [value if isinstance(value, float) else np.nan for value in curves[name]]
        title = say("curves.measure", measure=measure(name))
        svg = chart([Line("", epochs, values, "both")], x=axis, y=title, size=SMALL)
        drawn.append(drawing(svg, title))
    best = [line["epoch"] for line in measured if line["best"]]
    intro = say("curves.intro", epoch=f"{best[-1] if best else '–'}")
    yield Finding("curves", curves, page.section(say("curves.title"), intro, drawn))


def _network(subject: Subject) -> Finding:
    batch = subject.some(1)
    network, recipe = subject.network, subject.recipe
    summary = summarize(network, lambda: recipe.loss(network, batch))
    speed = _speed(subject)
    cells = [
        Figure(say("network.parameters"), _short(summary.parameters)),
        Figure(say("network.adds"), _short(summary.multiply_adds)),
    ]
    field = recipe.receptive_field(network)
    if field:
        side, whole = field
        text = "network.receptive.whole" if side >= whole else "network.receptive.of"
        cells.append(Figure(say("network.receptive"), say(text, side=side, whole=whole)))
    cells.append(Figure(say("network.speed"), number(speed, ",.0f"), processor()))
    values = {
        "parameters": summary.parameters,
        "multiply_adds": summary.multiply_adds,
        "receptive_field": field[0] if field else None,
        "images_per_second": speed,
        "layers": [asdict(layer) for layer in summary.layers],
    }
    content = [figures(cells), _layers(summary)]
    html = block(say("network.title"), say("network.intro"), content)
    return Finding("network", values, html)


def _short(count: int) -> Phrase:
    """A large count in thousands or millions."""
    for unit, size in (("\u00a0G", 1e9), ("\u00a0M", 1e6), ("\u00a0k", 1e3)):
        if count >= size:
            said = number(count / size, ".3g")
            return Phrase(said.english + unit, said.portuguese + unit)
    return number(count, "d")


def _layers(summary: Summary) -> Html:
    rows = [
        [layer.name, layer.kind, " × ".join(map(str, layer.output)), number(layer.parameters, ",")]
        for layer in summary.layers
    ]
    headings = [say("network.layer"), "", say("network.output"), say("network.parameters")]
    return folded(say("network.layers", count=len(rows)), table(headings, rows))


def _speed(subject: Subject) -> float:
    """Pictures per second through what is evaluated, the best of some rounds."""
    batch = subject.some(_TIMED)
    count = len(next(iter(batch.values())))
    seconds: list[float] = []
    for _ in range(_ROUNDS):
        start = time.perf_counter()
        subject.recipe.evaluate(subject.network, [batch])
        seconds.append(time.perf_counter() - start)
    return count / min(seconds)


def _recipe(subject: Subject) -> Finding:
    rows: list[list[str]] = []
    for name, value in subject.card.recipe.items():
        inner = cast("dict[str, Any]", value if isinstance(value, dict) else {})
        rows += [[f"{name}.{key}", f"{each}"] for key, each in inner.items()]
        rows += [] if inner else [[name, f"{value}"]]
    content = folded(
        say("recipe.count", count=len(rows)),
        table([say("recipe.field"), say("recipe.value")], rows),
    )
    html = Html(f"<section><h2>{page.html(say('recipe.title'))}</h2>{content}</section>")
    return Finding("recipe", subject.card.recipe, html)
