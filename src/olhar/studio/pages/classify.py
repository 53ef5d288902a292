"""Classify: learn classes from a folder, read the report, try a picture."""

from __future__ import annotations

from collections.abc import AsyncIterator  # noqa: TC003  Gradio reads the hints
from html import escape
from typing import TYPE_CHECKING, Any

from olhar.look.messages import say
from olhar.look.page import Html, Picture, html, image
from olhar.look.phrase import localized
from olhar.studio import learning, parts
from olhar.studio.parts import Panel
from olhar.studio.quick import EventData, Request, gr

if TYPE_CHECKING:
    from olhar.studio.job import Job
    from olhar.studio.studio import Studio

FIRST = ("epochs", "size")
_SMALL = 320  # pixels: what is narrower is enlarged
MORE = ("learning_rate", "batch_size", "patience", "label_smoothing", "fit", "seed")


def build(studio: Studio) -> None:
    """Put the page together."""
    with gr.Tabs():
        with gr.Tab(parts.label("studio.learn"), id="learn"):
            learning.build(studio, "classify", "classifier", FIRST, MORE, "classes")
        with gr.Tab(parts.label("studio.try"), id="try") as trying:
            _try(studio, trying)


def _try(studio: Studio, tab: Any) -> None:
    kinds = ("classifier", "regressor")
    with gr.Row(elem_classes="desk"):
        with gr.Column(scale=7):
            photo = gr.File(label=parts.label("studio.photo"), elem_classes="drop", height="auto")
            stage = Panel(parts.empty("studio.try.empty"))
        with gr.Column(scale=4, min_width=320, elem_classes="settings"):
            known = studio.models(*kinds)
            run = parts.Choice(
                known, value=known[0] if known else None, label=parts.label("studio.model")
            )
    result = gr.JSON(visible=False)

    async def classify(photo: str, run: str, request: Request) -> AsyncIterator[tuple[Any, Any]]:
        """Say what is in a picture, by a run that was trained here.

        Returns class to probability, the most probable first; or name to number.
        """
        if not photo or not run:
            studio.drop("classify", request)
            yield parts.empty("studio.try.empty" if run else "studio.model.none"), None
            return
        job = studio.submit("classify", request, {"run": run}, {"photo": [photo]})
        async for now in parts.follow(studio.jobs, job, show):
            yield now, job.result.get("values") if job.over else None
        if parts.overtaken(studio.jobs, job):
            yield gr.skip(), gr.skip()
        parts.answered(job)

    def models(now: str | None) -> Any:
        """The models that there are by now."""
        there = studio.models(*kinds)
        return gr.Dropdown(choices=there, value=now if now in there else (there or [None])[0])

    def act(event: EventData, request: Request) -> None:
        """What is clicked: to stop."""
        studio.act(parts.said(event), request)

    hidden = {"concurrency_limit": None, "show_progress": "hidden"}
    heard = {"trigger_mode": "multiple", **hidden}  # also while an earlier picture is looked at
    photo.change(classify, [photo, run], [stage, result], api_name="classify", **heard)
    private = {"api_visibility": "private", **heard}
    run.input(classify, [photo, run], [stage, result], **private)
    tab.select(models, run, run, **private)
    stage.act(act, None, None, **private)


def show(job: Job) -> Html:
    """The picture, and what it is said to be."""
    name, width, height = job.result["seen"]
    scale = max(1, _SMALL // width)
    seen = Picture(job.address(name), say("studio.try"), width * scale, height * scale)
    picture = image(seen, "pixel" if scale > 1 else "")
    rows = ""
    for what, value in job.result["values"].items():
        if job.result["task"] == "number":
            number = html(localized(f"{value:.4g}"))
            rows += f"<div><span>{escape(what)}</span><span>{number}</span></div>"
            continue
        share = f"{100 * value:.1f}"
        rows += (
            f"<div><span>{escape(what)}</span><span>{html(localized(share))}\u00a0%</span>"
            f'<span class="meter" style="--share:{share}%"></span></div>'
        )
    return Html(
        f'<div class="stage inspected"><figure>{picture}</figure>'
        f'<div class="answers">{rows}</div></div>'
    )
