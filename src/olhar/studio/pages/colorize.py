"""Colorize: a photograph or a film in colour; what one knows is told by points and strokes."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable  # noqa: TC003  Gradio reads the hints
from typing import TYPE_CHECKING, Any

from olhar.errors import OlharError
from olhar.look.messages import say
from olhar.look.page import Html, Picture, html, image
from olhar.studio import controls, marks, parts
from olhar.studio.parts import Panel, button
from olhar.studio.quick import EventData, Request, gr

if TYPE_CHECKING:
    from olhar.studio.job import Job
    from olhar.studio.studio import Studio

FIRST, MORE = ("vivid", "saturation", "views"), ("reach", "seed")
VARIANTS = 4
PATIENCE = 6.0
"""Seconds that the picture is left as it is while its colours are made anew."""
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
CHANGING = {"color", "remove", "clear", "undo", "variants"}
"""After what the colours are made anew."""


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
        with gr.Column(scale=3, min_width=280, elem_classes="panel"):
            made = controls.form("colorize", fields, FIRST, MORE)
            drawn = gr.Button(parts.label("studio.drawn"), variant="secondary")
    result = gr.File(visible=False)
    view = gr.State({})
    """`job`, which is shown; `mode`, "compare" or "choose"; `number` of the answer; see `marks`."""
    given = made
    outputs = [stage, result, view]

    async def colorize(
        photo: str, request: Request, *said: Any
    ) -> AsyncIterator[tuple[Any, Any, Any]]:
        """Colour a photograph or a film.

        Returns the result as a file, at the size and the depth of the original.
        """
        if not photo:
            yield parts.empty("studio.colorize.empty"), None, {}
            return
        settings = {"form": controls.values(fields, names, said)}
        job = studio.submit("colorize", request, settings, {"photo": [photo]})
        async for each in shown(job, {"job": job.id}):
            yield each
        parts.answered(job)

    async def again(
        state: dict[str, Any], request: Request, *said: Any
    ) -> AsyncIterator[tuple[Any, Any, Any]]:
        """The same photograph, once settings or hints have changed."""
        try:
            before = studio.own(state["job"], request)
        except (OlharError, KeyError):
            return
        painted = state.get("marks", [])
        settings = {"form": controls.values(fields, names, said), "marks": painted}
        settings["hints"] = marks.hints(painted)
        settings["variants"] = state.pop("variants", 1)
        job = studio.submit("colorize", request, settings, {"photo": [before.file("photo")]})
        painting = state.get("mode") == "choose" and before.state == "done"
        if painting:  # what was painted stays in sight while it is being coloured
            yield show(before, state, busy=True), gr.skip(), state
        state = {**state, "job": job.id, "number": 0}
        async for each in shown(job, state, quiet=PATIENCE if painting else 0):
            yield each

    async def shown(
        job: Job, state: dict[str, Any], quiet: float = 0
    ) -> AsyncIterator[tuple[Any, Any, Any]]:
        async for now in parts.follow(jobs, job, lambda job: show(job, state), quiet=quiet):
            path = None
            if job.state == "done":
                path = str(
                    job.folder / "out" / (job.result.get("files") or [job.result["film"]])[0]
                )
            yield now, path, state

    async def act(
        state: dict[str, Any], event: EventData, request: Request, *said: Any
    ) -> AsyncIterator[tuple[Any, Any, Any]]:
        """What is clicked in the picture or below it."""
        told = parts.said(event)
        do = told.get("do", "")
        studio.act(told, request)
        if do in DEEDS:
            state = DEEDS[do](state, told)
        elif do == "variants":
            state |= {"variants": VARIANTS, "mode": "compare"}
        elif do in ("compare", "choose"):
            state |= {"mode": do, "path": None, "selected": None}
        elif do == "variant":
            state |= {"number": int(told["number"]), "mode": "compare"}
        else:
            return
        if do in CHANGING or (do == "pick" and state.get("brush")):
            async for each in again(state, request, *said):
                yield each
            return
        if do in ("pick", "select"):
            before = studio.own(state["job"], request)
            x, y = marks.place(state)
            settings = {"form": controls.values(fields, names, said), "x": x, "y": y}
            job = studio.submit("suggest", request, settings, {"photo": [before.file("photo")]})
            async for _ in parts.follow(jobs, job, str):
                pass
            state |= {"colors": job.result.get("colors", [])}
        yield show(studio.own(state["job"], request), state), gr.skip(), state

    async def resume(request: Request) -> AsyncIterator[tuple[Any, Any, Any]]:
        """What was there when the page was left."""
        job = jobs.latest(parts.visitor(request), "colorize")
        if job is None:
            yield gr.skip(), gr.skip(), gr.skip()
        else:
            state = {"job": job.id, "marks": job.settings.get("marks", [])}
            async for each in shown(job, state):
                yield each

    def draw() -> str:
        """A drawn painting in grey, to try things with."""
        return str(drawn_sample(studio, "lilies"))

    private = {"api_visibility": "private", "concurrency_limit": None, "show_progress": "hidden"}
    photo.change(
        controls.named(colorize, names),
        [photo, *given],
        outputs,
        api_name="colorize",
        concurrency_limit=None,
        show_progress="hidden",
    )
    for control in given:
        moved = control.release if hasattr(control, "release") else control.change
        moved(controls.named(again, names), [view, *given], outputs, **private)
    stage.act(controls.named(act, names), [view, *given], outputs, **private)
    drawn.click(draw, None, photo, **private)
    studio.pages["colorize"].load(resume, None, outputs, **private)


def show(job: Job, state: dict[str, Any], *, busy: bool = False) -> Html:
    """A result: beside what it was, or ready to be painted on; or several to choose from."""
    if "film" in job.result:
        return parts.film(job)
    name = say("studio.colorize.name")
    count = len(job.result["files"])
    number = min(int(state.get("number", 0)), count - 1)
    if state.get("mode") == "choose":
        page = _painting(job, state, number, busy=busy)
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


def _painting(job: Job, state: dict[str, Any], number: int, *, busy: bool) -> Html:
    """The result, to paint on what one knows, and what was painted."""
    name, width, height = job.result["after"][number]
    picture = image(Picture(job.address(name), say("studio.colorize.name"), width, height))
    field = marks.field(picture, (width, height), state, busy=busy)
    deeds = parts.download(job, job.result["files"][number], main=False)
    deeds += button("compare", say("studio.compare"))
    deeds += button("variants", say("studio.variants"))
    return Html(
        f'<div class="stage">{field}{marks.below(state, busy=busy)}'
        f'<div class="deeds"{" inert" if busy else ""}>{deeds}</div></div>'
    )


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
