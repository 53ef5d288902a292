"""Denoise: a photograph or a film without its noise."""

from __future__ import annotations

from collections.abc import AsyncIterator  # noqa: TC003  Gradio reads the hints
from typing import TYPE_CHECKING, Any

from olhar.look.messages import say
from olhar.studio import parts
from olhar.studio.parts import Panel
from olhar.studio.quick import EventData, Request, gr

if TYPE_CHECKING:
    from olhar.look.page import Html
    from olhar.studio.job import Job
    from olhar.studio.studio import Studio


def build(studio: Studio) -> None:
    """Put the page together."""
    with gr.Row(elem_classes="desk"):
        with gr.Column(scale=7):
            photo = gr.File(
                label=parts.label("studio.photo.film"), elem_classes="drop", height="auto"
            )
            stage = Panel(parts.empty("studio.denoise.empty"), elem_id="stage")
        with gr.Column(scale=3, min_width=280, elem_classes="settings"):
            strength = gr.Slider(
                0,
                1,
                1,
                step=0.05,
                buttons=[],
                label=parts.label("studio.strength"),
                info=parts.label("studio.strength.help"),
            )
    result = gr.File(visible=False)
    outputs = [stage, result]

    async def denoise(
        photo: str, strength: float, request: Request
    ) -> AsyncIterator[tuple[Any, Any]]:
        """Take the noise off a photograph or a film.

        Returns the result as a file, at the size and the depth of the original.
        """
        if not photo:
            studio.drop("denoise", request)
            yield parts.empty("studio.denoise.empty"), None
            return
        job = studio.submit("denoise", request, {"strength": strength}, {"photo": [photo]})
        async for each in shown(job):
            yield each
        parts.answered(job)

    async def again(strength: float, request: Request) -> AsyncIterator[tuple[Any, Any]]:
        """The same photograph, once the strength has changed."""
        own, here = parts.visitor(request), parts.page(request)
        before = studio.jobs.latest(own, "denoise", page=here)
        if before is None or studio.jobs.superseded(before, here) or "film" in before.result:
            yield gr.skip(), gr.skip()
            return
        files = {"photo": [before.file("photo")]}
        async for each in shown(studio.submit("denoise", request, {"strength": strength}, files)):
            yield each

    async def shown(job: Job) -> AsyncIterator[tuple[Any, Any]]:
        async for now in parts.follow(studio.jobs, job, show):
            names: list[str] = job.result.get("files") or [job.result.get("film", "")]
            yield now, str(job.folder / "out" / names[0]) if job.state == "done" else None
        if parts.overtaken(studio.jobs, job):
            yield gr.skip(), gr.skip()

    async def resume(request: Request) -> AsyncIterator[tuple[Any, Any]]:
        """What was there when the page was left."""
        job = studio.jobs.latest(parts.visitor(request), "denoise")
        if job is None:
            yield gr.skip(), gr.skip()
        else:
            async for each in shown(job):
                yield each

    def act(event: EventData, request: Request) -> None:
        """What is clicked: to stop."""
        studio.act(parts.said(event), request)

    private = {"api_visibility": "private", "concurrency_limit": None, "show_progress": "hidden"}
    photo.change(
        denoise,
        [photo, strength],
        outputs,
        api_name="denoise",
        concurrency_limit=None,
        show_progress="hidden",
        trigger_mode="multiple",
    )
    strength.release(again, strength, outputs, trigger_mode="always_last", **private)
    stage.act(act, None, None, **private)
    studio.pages["denoise"].load(resume, None, outputs, **private)


def show(job: Job) -> Html:
    """The result beside the photograph, or the film."""
    if "film" in job.result:
        return parts.film(job)
    return parts.before_after(job, say("studio.denoise.name"))
