"""Colorize: a photograph or a film in colour; what one knows is told by points and strokes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable  # noqa: TC003  Gradio reads the hints
from typing import TYPE_CHECKING, Any

from olhar.errors import OlharError
from olhar.look.messages import say
from olhar.look.page import Html, Picture, html, image
from olhar.studio import controls, marks, painting, parts
from olhar.studio.parts import Panel, button
from olhar.studio.quick import EventData, Request, gr

if TYPE_CHECKING:
    from olhar.studio.job import Job
    from olhar.studio.studio import Studio

FIRST, MORE = ("vivid", "saturation", "views"), ("reach", "seed")
VARIANTS = 4
SAMPLE = "lilies"
_DRAWING = 30  # seconds that a sample is waited for
UNCHANGED = gr.skip(), gr.skip(), gr.skip()
"""What is told last by whoever was overtaken: Gradio shows the last word once more at the end."""
DEEDS: dict[str, Callable[[dict[str, Any], dict[str, Any]], dict[str, Any]]] = {
    "pick": marks.picked,
    "select": lambda state, told: marks.selected(state, int(told["number"])),
    "color": lambda state, told: marks.colored(state, told.get("value") or told["color"]),
    "remove": lambda state, told: marks.removed(state, int(told["number"])),
    "clear": lambda state, _: marks.cleared(state),
    "undo": lambda state, _: marks.undone(state),
    "brush": lambda state, _: marks.brushed(state),
}
"""What is done to the marks."""


def build(studio: Studio) -> None:
    """Put the page together."""
    fields = studio.forms.fields("colorize")
    names = (*FIRST, *MORE)
    jobs = studio.jobs
    with gr.Row(elem_classes="desk"):
        with gr.Column(scale=7):
            photo = gr.File(
                label=parts.label("studio.photo.film"), elem_classes="drop", height="auto"
            )
            stage = Panel(parts.empty("studio.colorize.empty"), elem_id="stage")
        with gr.Column(scale=3, min_width=280, elem_classes="settings"):
            made = controls.form("colorize", fields, FIRST, MORE)
            drawn = gr.Button(parts.label("studio.drawn"), variant="secondary")
    result = gr.File(visible=False)
    wire = Panel("", elem_classes=["studio", "wire"])
    view = gr.State({})
    """`job`, which is shown; `asked`, the newest; `mode`, "compare" or "choose"; `number` of the
    answer; see `marks`. It is changed in place, so that all that goes on knows of what came since.
    """
    given = made
    outputs = [stage, wire, result]

    async def colorize(
        photo: str, state: dict[str, Any], request: Request, *said: Any
    ) -> AsyncIterator[tuple[Any, Any, Any]]:
        """Colour a photograph or a film.

        Returns the result as a file, at the size and the depth of the original.
        """
        state.clear()
        if not photo:
            studio.drop("colorize", request)
            yield parts.empty("studio.colorize.empty"), "", None
            return
        settings = {"form": controls.values(fields, names, said)}
        job = studio.submit("colorize", request, settings, {"photo": [photo]})
        async for each in shown(job, state, request):
            yield each
        parts.answered(job)

    async def again(
        state: dict[str, Any], request: Request, *said: Any
    ) -> AsyncIterator[tuple[Any, Any, Any]]:
        """The same photograph, once settings or hints have changed."""
        try:
            before = studio.own(state.get("asked", ""), request)
        except OlharError:
            return
        painted = marks.listed(state)
        settings = {"form": controls.values(fields, names, said), "marks": painted}
        settings["hints"] = marks.hints(painted)
        settings["variants"] = state.pop("variants", 1)
        job = studio.submit("colorize", request, settings, {"photo": [before.file("photo")]})
        quiet = state.get("mode") == "choose"
        state["asked"] = job.id
        if quiet:  # what was painted stays in sight, and can be painted on
            yield now(state, request), gr.skip(), gr.skip()
        async for each in shown(job, state, request, quiet=quiet):
            yield each

    async def shown(
        job: Job, state: dict[str, Any], request: Request, *, quiet: bool = False
    ) -> AsyncIterator[tuple[Any, Any, Any]]:
        """What the page shows of a job, until it is over or no longer asked for.

        Args:
            job: to follow.
            state: of the page.
            request: who asks.
            quiet: whether to leave what is there until it is done.
        """
        state["asked"] = job.id
        async for each in parts.follow(jobs, job, str):
            if state.get("asked") != job.id and not parts.is_program(request):
                break
            if job.result:
                state |= {"job": job.id, "number": 0}
                name = (job.result.get("files") or [job.result["film"]])[0]
                stays = quiet and state.get("mode") == "choose"
                page = gr.skip() if stays else now(state, request)
                slots = painting.changing(job, state, busy=False) if stays else ""
                yield page, slots, str(job.folder / "out" / name)
            elif job.over:
                kept = now(state, request) if "job" in state else ""
                stopped = job.state == "stopped" and kept
                yield kept if stopped else Html(each + kept), "", None
            elif not quiet:
                yield each, "", None
        if not job.over or state.get("asked") != job.id:
            yield UNCHANGED

    def now(state: dict[str, Any], request: Request) -> Html:
        """The page as it is to be now."""
        job, busy = current(state, request)
        return show(job, state, busy=busy)

    def current(state: dict[str, Any], request: Request) -> tuple[Job, bool]:
        """The job that is shown, and whether a newer one is on its way."""
        here = studio.own(state["job"], request)
        return here, not studio.own(state.get("asked", here.id), request).over

    async def act(
        state: dict[str, Any], event: EventData, request: Request, *said: Any
    ) -> AsyncIterator[tuple[Any, Any, Any]]:
        """What is clicked in the picture or below it."""
        told = parts.said(event)
        do = told.get("do", "")
        studio.act(told, request)
        painted = marks.listed(state)
        if do in DEEDS:
            state |= DEEDS[do](state, told)
        elif do == "variants":
            state |= {"variants": VARIANTS, "mode": "compare"}
        elif do in ("compare", "choose"):
            state |= {"mode": do, "path": None, "selected": None}
        elif do == "variant":
            state |= {"number": int(told["number"]), "mode": "compare"}
        else:
            return
        if do == "variants" or marks.listed(state) != painted:
            async for each in again(state, request, *said):
                yield each
            return
        yield now(state, request), gr.skip(), gr.skip()
        if do in ("pick", "select") and (path := state.get("path")):
            shot = studio.own(state["job"], request).file("photo")
            x, y = marks.place(state)
            settings = {"form": controls.values(fields, names, said), "x": x, "y": y}
            job = studio.submit("suggest", request, settings, {"photo": [shot]})
            async for _ in parts.follow(jobs, job, str):
                pass
            if state.get("path") is not path:
                yield UNCHANGED
            else:
                state["colors"] = job.result.get("colors", [])
                job, busy = current(state, request)
                yield gr.skip(), painting.changing(job, state, busy=busy), gr.skip()

    async def resume(
        state: dict[str, Any], request: Request
    ) -> AsyncIterator[tuple[Any, Any, Any]]:
        """What was there when the page was left."""
        job = jobs.latest(parts.visitor(request), "colorize")
        if job is None:
            yield UNCHANGED
        else:
            state["marks"] = job.settings.get("marks", [])
            async for each in shown(job, state, request):
                yield each

    async def draw() -> str:
        """A painting in grey, to try things with; a new studio draws it in its first minute."""
        for _ in range(_DRAWING):
            if (studio.space.root / "drawn" / f"{SAMPLE}.png").is_file():
                return str(drawn_sample(studio, SAMPLE))
            await asyncio.sleep(1)
        raise parts.refuse(OlharError("the sample is not drawn yet; wait a moment and try again"))

    # What is asked for meanwhile is heard at once: it takes the place of what is on its way.
    hidden = {"concurrency_limit": None, "show_progress": "hidden", "trigger_mode": "multiple"}
    private = {"api_visibility": "private", **hidden}
    photo.change(
        controls.named(colorize, names),
        [photo, view, *given],
        outputs,
        api_name="colorize",
        **hidden,
    )
    for control in given:
        moved = control.release if hasattr(control, "release") else control.change
        moved(controls.named(again, names), [view, *given], outputs, **private)
    stage.act(controls.named(act, names), [view, *given], outputs, **private)
    drawn.click(draw, None, photo, **private)
    studio.pages["colorize"].load(resume, view, outputs, **private)


def show(job: Job, state: dict[str, Any], *, busy: bool) -> Html:
    """A result: beside what it was, or ready to be painted on; or several to choose from."""
    if "film" in job.result:
        return parts.film(job)
    name = say("studio.colorize.name")
    count = len(job.result["files"])
    number = min(int(state.get("number", 0)), count - 1)
    if state.get("mode") == "choose":
        page = painting.page(job, state, busy=busy)
    else:
        more = button("choose", say("studio.choose")) + button("variants", say("studio.variants"))
        page = parts.before_after(job, name, number, more)
    if count == 1:
        return page
    cells = ""
    for n, (file, width, height) in enumerate(job.result["after"]):
        called = say("studio.variant", number=f"{n + 1}")
        cells += (
            f'<button type="button" data-do="variant" data-number="{n}" '
            f'aria-pressed="{str(n == number).lower()}">'
            f"{image(Picture(job.address(file), called, width, height))}"
            f'<span class="note">{html(called)}</span></button>'
        )
    return Html(f'{page}<div class="stage"><div class="deeds variants">{cells}</div></div>')


def drawn_sample(studio: Studio, name: str) -> Any:
    """A drawn painting without its colours, among the uploads; drawn ahead by `app`."""
    source = studio.space.root / "drawn" / f"{name}.png"
    target = studio.space.uploads / "drawn" / f"{name}-grey.png"
    if not target.is_file():
        from PIL import Image

        target.parent.mkdir(exist_ok=True)
        with Image.open(source) as picture:
            picture.convert("L").save(target)
    return target
