"""What pages share that let something be learned: a folder to learn from, a form, live curves."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence  # noqa: TC003  Gradio reads the hints
from html import escape
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from PIL import Image

from olhar.errors import OlharError
from olhar.look.chart import SMALL, Line, chart
from olhar.look.messages import MESSAGES, Phrase, say
from olhar.look.page import Html, html
from olhar.look.phrase import localized
from olhar.look.table import Figure, figures
from olhar.studio import controls, parts
from olhar.studio.parts import Panel, button
from olhar.studio.quick import EventData, Request, gr
from olhar.studio.told import noted
from olhar.studio.workspace import NAME
from olhar.training.run import events

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from olhar.studio.job import Job
    from olhar.studio.studio import Studio

    Frame = Callable[[str, int, int], str]

_POINTS = 120  # of the curve of the losses
_CURVES = 3
_FIGURES = 4
_FIRST = (
    "accuracy",
    "ssim_a",
    "ssim_b",
    "psnr_a",
    "psnr_b",
    "bits",
    "mae",
    "psnr",
    "f1",
    "precision",
    "recall",
    "loss",
)


class Beside(NamedTuple):
    """What a training learns from beside a folder."""

    names: Sequence[str]
    """Of the controls."""
    build: Callable[[], list[Any]]
    """Makes them."""
    told: Callable[..., tuple[dict[str, Any], Mapping[str, Sequence[Any]]]]
    """What they say: settings and files of the job."""


def build(
    studio: Studio,
    page: str,
    kind: str,
    first: Sequence[str],
    more: Sequence[str],
    name: str,
    beside: Beside | None = None,
) -> None:
    """The part of a page in which a network learns.

    Args:
        studio: of the page.
        page: its name.
        kind: of the recipe, which is also the name of its form.
        first: fields that are seen at once.
        more: fields that are folded away.
        name: of the run, until somebody gives another.
        beside: what else it learns from.
    """
    fields = studio.forms.fields(kind)
    names = (*first, *more)
    also = tuple(beside.names) if beside else ()
    with gr.Row(elem_classes="desk"):
        with gr.Column(scale=7):
            stage = Panel(parts.empty("studio.train.empty"))
        with gr.Column(scale=4, min_width=320, elem_classes="settings"):
            data = chooser(studio, page)
            others = beside.build() if beside else []
            run = gr.Textbox(
                name, label=parts.label("studio.run"), info=parts.label("studio.run.help")
            )
            start = gr.Button(parts.label("studio.train"), variant="primary")
            made = controls.form(kind, fields, first, more)
    result = gr.JSON(visible=False)
    outputs = [stage, result]

    async def train(
        data: str, run: str, request: Request, *said: Any
    ) -> AsyncIterator[tuple[Any, Any]]:
        """Train on a folder in the studio's `data`, into a run of this name.

        Returns the name of the run, its measures and what was noted.
        """
        try:
            if not data:
                raise OlharError("there is nothing to learn from; send a folder first")
            studio.space.named(studio.space.data, data)
            if not NAME.fullmatch(run):
                raise OlharError("a run's name has letters, digits, spaces, dots and dashes")
        except OlharError as error:
            raise parts.refuse(error) from None
        extra: dict[str, Any] = {}
        files: Mapping[str, Sequence[Any]] = {}
        if beside:
            extra, files = beside.told(*said[: len(also)])
        form = controls.values(fields, names, said[len(also) :])
        settings = {"kind": kind, "run": run, "data": data, "form": form, **extra}
        job = studio.submit("train", request, settings, files)
        async for each in shown(job):
            yield each
        parts.answered(job)

    async def shown(job: Job) -> AsyncIterator[tuple[Any, Any]]:
        def show(job: Job) -> Html:
            return trained(studio, job)

        def beside(job: Job) -> Html:
            return curves(studio.space.runs / job.settings["run"])

        async for now in parts.follow(studio.jobs, job, show, beside=beside):
            yield now, job.result if job.over else None

    async def resume(request: Request) -> AsyncIterator[tuple[Any, Any]]:
        """What was there when the page was left."""
        own = parts.visitor(request)
        job = next((job for job in studio.jobs.all() if _is(job, own, kind)), None)
        if job is None:
            yield gr.skip(), gr.skip()
        else:
            async for each in shown(job):
                yield each

    async def act(event: EventData, request: Request) -> AsyncIterator[tuple[Any, Any]]:
        """What is clicked: to stop, or to go on."""
        told = parts.said(event)
        studio.act(told, request)
        if told.get("do") != "go-on":
            yield gr.skip(), gr.skip()
            return
        try:
            before = studio.own(str(told["job"]), request)
        except OlharError as error:
            raise parts.refuse(error) from None
        files = {
            role: [before.folder / "in" / name for name in names]
            for role, names in before.files.items()
        }
        job = studio.submit("train", request, before.settings, files)
        async for each in shown(job):
            yield each

    start.click(
        controls.named(train, (*also, *names)),
        [data, run, *others, *made],
        outputs,
        api_name=f"train_{kind}",
        concurrency_limit=None,
        show_progress="hidden",
    )
    private = {"api_visibility": "private", "concurrency_limit": None, "show_progress": "hidden"}
    stage.act(act, None, outputs, **private)
    studio.pages[page].load(resume, None, outputs, **private)


def _is(job: Job, visitor: str, kind: str) -> bool:
    return (job.visitor, job.kind, job.settings.get("kind")) == (visitor, "train", kind)


def chooser(studio: Studio, page: str, label: str = "studio.data") -> Any:
    """Choose one of the folders in `data`, or send another.

    Args:
        studio: of the page.
        page: its name.
        label: the key of what stands above.

    Returns:
        The control, whose value is the folder's name.
    """
    known = studio.folders()
    data = parts.Choice(known, value=known[0] if known else None, label=parts.label(label))
    sent = Panel(_sender())

    def received(event: EventData) -> Any:
        """A folder was sent, or one of its files was refused."""
        told = parts.said(event)
        if told.get("do") == "refused":
            why = str(told.get("why", "")).partition("\n")[0]
            raise parts.refuse(OlharError(why[:300]))
        if told.get("taken") == 0:
            raise parts.refuse(
                OlharError("there is no picture in that folder; choose one with JPEG or PNG files")
            )
        there = studio.folders()
        chosen = told.get("name") if told.get("name") in there else None
        return gr.Dropdown(choices=there, value=chosen)

    private = {"api_visibility": "private", "concurrency_limit": None, "show_progress": "hidden"}

    def folders(now: str | None) -> Any:
        """The folders that there are by now."""
        there = studio.folders()
        return gr.Dropdown(choices=there, value=now if now in there else (there or [None])[0])

    sent.act(received, None, data, **private)
    studio.pages[page].load(folders, data, data, **private)
    return data


def _sender() -> Html:
    words, sending, private = (
        html(say(f"studio.data.{each}")) for each in ("choose", "sending", "private")
    )
    return Html(
        f'<div class="folder"><label class="deed">{words}'
        '<input type="file" webkitdirectory multiple></label>'
        '<div class="sending" hidden>'
        '<div class="meter" role="progressbar" aria-valuemin="0" aria-valuemax="100"></div>'
        f'<p class="note">{sending}: <output></output></p></div>'
        f'<p class="note">{private}</p></div>'
    )


def curves(run: Path, frame: Frame | None = None, first: Sequence[str] = ()) -> Html:
    """How a run has learned so far: losses and measures over epochs, and what it showed last.

    Args:
        run: its folder.
        frame: puts something around the picture, told its width and height; it then comes first.
        first: the measures that are shown; those that come first if left out.
    """
    lines = events(run / "events.jsonl")
    stepped = [line for line in lines if line["event"] == "stepped"]
    measured = [line for line in lines if line["event"] == "evaluated"]
    if len(stepped) < 2:
        return Html("")
    steps = np.array([line["step"] for line in stepped], float)
    losses = np.array([line["losses"]["loss"] for line in stepped], float)
    parts_ = np.array_split(np.arange(len(steps)), min(_POINTS, len(steps)))
    x = [float(steps[part].mean()) for part in parts_]
    axis = Phrase("step", "passo")
    loss = say("studio.loss")
    means = [float(losses[part].mean()) for part in parts_]
    drawn = [chart([Line("", x, means)], x=axis, y=loss, size=SMALL)]
    last: dict[str, Any] = measured[-1]["metrics"] if measured else {}
    names = [name for name, value in last.items() if isinstance(value, float)]
    for name in [name for name in names if not first or name in first][:_CURVES]:
        title = measure(name)
        y = [float(line["metrics"].get(name, "nan")) for line in measured]
        at = [float(line["step"]) for line in measured]
        drawn.append(chart([Line("", at, y, "both")], x=axis, y=title, size=SMALL))
    pictures = sorted((run / "pictures").glob("*.png"))
    picture = ""
    if pictures:
        words = say("shown.alt")
        with Image.open(pictures[-1]) as opened:
            width, height = opened.size
        shown = (
            f'<img src="/studio/shown/{escape(run.name)}/{pictures[-1].name}" '
            f'width="{width}" height="{height}" alt="{escape(words.english)}" '
            f'data-en="{escape(words.english)}" data-pt="{escape(words.portuguese)}">'
        )
        picture = f'<div class="forming">{frame(shown, width, height) if frame else shown}</div>'
    charts = f'<div class="charts">{"".join(drawn)}</div>'
    return Html(f'<div class="stage">{picture + charts if frame else charts + picture}</div>')


def measure(name: str) -> Phrase:
    """What a measure is called; by its own name if nobody has said."""
    plain = name.replace("_", " ")
    return MESSAGES.get(f"measure.{name}", Phrase(plain, plain))


def numbers(metrics: dict[str, Any]) -> Html:
    """The first measures of a run, large: of the test part if it has one."""
    part: dict[str, Any] = metrics.get("test") or metrics.get("validation") or {}
    named = [(name, value) for name, value in part.items() if isinstance(value, float)]
    named.sort(key=lambda pair: _FIRST.index(pair[0]) if pair[0] in _FIRST else len(_FIRST))
    cells = [Figure(measure(name), localized(f"{value:.3g}")) for name, value in named[:_FIGURES]]
    return figures(cells) if cells else Html("")


def trained(
    studio: Studio, job: Job, frame: Frame | None = None, first: Sequence[str] = ()
) -> Html:
    """What came of a training; `frame` and `first` as for `curves`."""
    run, result = job.settings["run"], job.result
    done = job.state == "done"
    title = say("studio.trained" if done else "studio.unfinished", run=run)
    deeds = ""
    if result.get("report"):
        words = html(say("studio.report"))
        deeds += (
            f'<a class="deed main" href="/studio/report/{escape(run)}" target="_blank">{words}</a>'
        )
    if (studio.space.runs / run / "model.safetensors").is_file():
        words = html(say("studio.model.file"))
        deeds += f'<a class="deed" href="/studio/model/{escape(run)}" download>{words}</a>'
    if not done:
        deeds += button("go-on", say("studio.go.on"), "main", job=job.id)
    notes = "".join(f'<p class="note">{html(noted(note))}</p>' for note in result.get("notes", []))
    return Html(
        f'<div class="stage"><h2>{html(title)}</h2>{numbers(result.get("metrics", {}))}{notes}'
        f'<div class="deeds">{deeds}</div></div>{curves(studio.space.runs / run, frame, first)}'
    )
