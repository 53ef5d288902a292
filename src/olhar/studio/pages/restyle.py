"""Restyle: a photograph or a film after paintings; seen as it forms, and gone on with.

A style can also be learned once, and then takes one pass.
"""

from __future__ import annotations

from collections.abc import AsyncIterator  # noqa: TC003  Gradio reads the hints
from typing import TYPE_CHECKING, Any

from olhar.errors import OlharError
from olhar.hub import bundled
from olhar.look.messages import say
from olhar.look.page import Html, html
from olhar.samples import PAINTINGS
from olhar.studio import controls, learning, parts
from olhar.studio.parts import Panel, button
from olhar.studio.quick import EventData, Request, gr
from olhar.studio.results import BUNDLED

if TYPE_CHECKING:
    from olhar.studio.job import Job
    from olhar.studio.studio import Studio

FIRST = ("strength", "stroke", "colors", "size")
MORE = ("iterations", "smooth", "loss", "seed")
LEARN = ("strength", "stroke", "epochs")
LEARN_MORE = ("steady", "smooth", "size", "learning_rate", "batch_size", "seed")


def build(studio: Studio) -> None:
    """Put the page together."""
    with gr.Tabs():
        with gr.Tab(parts.label("studio.restyle.tab"), id="restyle") as tab:
            _restyle(studio, tab)
        with gr.Tab(parts.label("studio.restyle.learn"), id="learn"):
            beside = learning.Beside(("drawn", "own"), _paintings, _told)
            learning.build(studio, "restyle", "stylizer", LEARN, LEARN_MORE, "style", beside)


def _paintings() -> list[Any]:
    """Controls that say after which paintings: drawn ones, and files."""
    drawn = gr.CheckboxGroup(
        [(parts.label(f"painting.{name}"), name) for name in PAINTINGS],
        value=["glass"],
        label=parts.label("studio.styles"),
        elem_classes="styles-choice",
    )
    Panel(f'<p class="above">{html(say("studio.styles.own"))}</p>')
    own = gr.File(
        label=parts.label("studio.styles.own"),
        file_count="multiple",
        elem_classes="drop small",
        height="auto",
    )
    return [drawn, own]


def _told(drawn: list[str], own: list[str] | None) -> tuple[dict[str, Any], dict[str, list[str]]]:
    """What they say: settings and files of a job."""
    return {"drawn": drawn}, {"style": own or []}


def _learned(studio: Studio) -> list[tuple[Any, str]]:
    """How a picture can be restyled: step by step, or by what is learned; labels and values."""
    came = [card.name for card in bundled() if card.kind == "stylizer"]
    return [
        (parts.label("studio.restyle.painted"), ""),
        *((parts.label(f"painting.{name}"), f"{BUNDLED}{name}") for name in came),
        *((name, name) for name in studio.models("stylizer")),
    ]


def _restyle(studio: Studio, tab: Any) -> None:
    fields = studio.forms.fields("stylize")
    names = (*FIRST, *MORE)
    known = _learned(studio)
    with gr.Row(elem_classes="desk"):
        with gr.Column(scale=7):
            photo = gr.File(
                label=parts.label("studio.photo.film"), elem_classes="drop", height="auto"
            )
            stage = Panel(parts.empty("studio.restyle.empty"), elem_id="stage")
        with gr.Column(scale=4, min_width=320, elem_classes="settings"):
            learned = parts.Choice(
                known,
                value="",
                label=parts.label("studio.restyle.by"),
                info=parts.label("studio.restyle.by.help"),
            )
            drawn, own = _paintings()
            start = gr.Button(parts.label("studio.restyle.start"), variant="primary")
            made = controls.form("stylize", fields, FIRST, MORE)
    result = gr.File(visible=False)
    outputs = [stage, result]

    async def restyle(
        photo: str,
        own: list[str] | None,
        drawn: list[str],
        learned: str | None,
        request: Request,
        *said: Any,
    ) -> AsyncIterator[tuple[Any, Any]]:
        """Restyle a photograph or a film after paintings: drawn ones by name, or files of your own.

        With `learned`, the name of a style that was learned, in one pass, whatever the paintings.
        Returns the result as a file, as large as `size` says.
        """
        settings, files = _told(drawn, own)
        settings |= {"form": controls.values(fields, names, said), "run": learned}
        job = studio.submit("restyle", request, settings, {"photo": [photo], **files})
        async for each in shown(job):
            yield each
        parts.answered(job)

    async def shown(job: Job) -> AsyncIterator[tuple[Any, Any]]:
        async for now in parts.follow(studio.jobs, job, show):
            names: list[str] = job.result.get("files") or [job.result.get("film", "")]
            path = str(job.folder / "out" / names[0]) if job.over and names[0] else None
            yield now + _on(job), path
        if parts.overtaken(studio.jobs, job):
            yield gr.skip(), gr.skip()

    async def resume(request: Request) -> AsyncIterator[tuple[Any, Any]]:
        """What was there when the page was left."""
        job = studio.jobs.latest(parts.visitor(request), "restyle")
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
        styles = [before.folder / "in" / name for name in before.files.get("style", [])]
        files: dict[str, list[Any]] = {"photo": [before.file("photo")], "style": styles}
        settings = before.settings
        if parts.of_film(before):
            settings = settings | {"after": before.id}
        else:
            files["state"] = [before.kept()]
        async for each in shown(studio.submit("restyle", request, settings, files)):
            yield each

    start.click(
        controls.named(restyle, names),
        [photo, own, drawn, learned, *made],
        outputs,
        api_name="restyle",
        concurrency_limit=None,
        show_progress="hidden",
    )

    def styles(now: str | None) -> Any:
        """What has been learned by now."""
        there = _learned(studio)
        gone = now not in [value for _, value in there]
        return gr.Dropdown(choices=there, **({"value": ""} if gone else {}))

    private = {"api_visibility": "private", "concurrency_limit": None, "show_progress": "hidden"}
    tab.select(styles, learned, learned, **private)
    studio.pages["restyle"].load(styles, learned, learned, **private)
    stage.act(act, None, outputs, **private)
    studio.pages["restyle"].load(resume, None, outputs, **private)


def show(job: Job) -> Html:
    """The result beside the photograph, or the film."""
    if "film" in job.result:
        return parts.film(job)
    return parts.before_after(job, say("studio.restyle.name"))


def _on(job: Job) -> Html:
    """How a restyling that was stopped goes on."""
    halted = job.state in ("stopped", "failed") and parts.of_film(job)
    if job.kept() is None and not halted:
        return Html("")
    told: list[Any] = job.progress().get("said") or ["", {}]
    reached: dict[str, Any] = told[1]
    words = html(say("studio.restyle.stopped"))
    if "iteration" in reached and not halted:
        words = html(say("studio.restyle.reached", **reached))
    deed = button("go-on", say("studio.go.on"), "main", job=job.id)
    return Html(
        f'<div class="stage"><p class="note">{words}</p><div class="deeds">{deed}</div></div>'
    )
