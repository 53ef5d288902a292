"""Restyle: a photograph after paintings; seen as it forms, kept as it is, or gone on with."""

from __future__ import annotations

from collections.abc import AsyncIterator  # noqa: TC003  Gradio reads the hints
from typing import TYPE_CHECKING, Any

from olhar.errors import OlharError
from olhar.look.messages import say
from olhar.look.page import Html, html
from olhar.samples import PAINTINGS
from olhar.studio import controls, parts
from olhar.studio.parts import Panel, button
from olhar.studio.quick import EventData, Request, gr

if TYPE_CHECKING:
    from olhar.studio.job import Job
    from olhar.studio.studio import Studio

FIRST = ("strength", "stroke", "colors", "size")
MORE = ("iterations", "smooth", "loss", "seed")


def build(studio: Studio) -> None:
    """Put the page together."""
    fields = studio.forms.fields("stylize")
    names = (*FIRST, *MORE)
    with gr.Row(elem_classes="desk"):
        with gr.Column(scale=7):
            photo = gr.File(label=parts.label("studio.photo"), elem_classes="drop", height="auto")
            stage = Panel(parts.empty("studio.restyle.empty"), elem_id="stage")
        with gr.Column(scale=4, min_width=320, elem_classes="panel"):
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
            start = gr.Button(parts.label("studio.restyle.start"), variant="primary")
            made = controls.form("stylize", fields, FIRST, MORE)
    result = gr.File(visible=False)
    outputs = [stage, result]

    async def restyle(
        photo: str, own: list[str] | None, drawn: list[str], request: Request, *said: Any
    ) -> AsyncIterator[tuple[Any, Any]]:
        """Restyle a photograph after paintings: drawn ones by name, or files of your own.

        Returns the result as a file, as large as `size` says.
        """
        settings = {"form": controls.values(fields, names, said), "drawn": drawn}
        files = {"photo": [photo], "style": own or []}
        job = studio.submit("restyle", request, settings, files)
        async for each in shown(job):
            yield each
        parts.answered(job)

    async def shown(job: Job) -> AsyncIterator[tuple[Any, Any]]:
        async for now in parts.follow(studio.jobs, job, show):
            done = job.over and job.result
            path = str(job.folder / "out" / job.result["files"][0]) if done else None
            yield now + _on(job), path

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
        files = {"photo": [before.file("photo")], "style": styles, "state": [before.kept()]}
        async for each in shown(studio.submit("restyle", request, before.settings, files)):
            yield each

    start.click(
        controls.named(restyle, names),
        [photo, own, drawn, *made],
        outputs,
        api_name="restyle",
        concurrency_limit=None,
        show_progress="hidden",
    )
    private = {"api_visibility": "private", "concurrency_limit": None, "show_progress": "hidden"}
    stage.act(act, None, outputs, **private)
    studio.pages["restyle"].load(resume, None, outputs, **private)


def show(job: Job) -> Html:
    """The result beside the photograph."""
    return parts.before_after(job, say("studio.restyle.name"))


def _on(job: Job) -> Html:
    """How a restyling that was stopped goes on."""
    if job.kept() is None:
        return Html("")
    told: list[Any] = job.progress().get("said") or ["", {}]
    reached: dict[str, Any] = told[1]
    words = html(say("studio.restyle.stopped"))
    if "iteration" in reached:
        words = html(say("studio.restyle.reached", **reached))
    deed = button("go-on", say("studio.go.on"), "main", job=job.id)
    return Html(
        f'<div class="stage"><p class="note">{words}</p><div class="deeds">{deed}</div></div>'
    )
