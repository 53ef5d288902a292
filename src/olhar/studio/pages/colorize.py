"""Colorize: a photograph or a film in colour; what one knows is told by a click."""

from __future__ import annotations

from collections.abc import AsyncIterator  # noqa: TC003  Gradio reads the hints
from html import escape
from typing import TYPE_CHECKING, Any

from olhar.errors import OlharError
from olhar.look.messages import say
from olhar.look.page import Html, Picture, html, image
from olhar.look.phrase import localized
from olhar.studio import controls, parts
from olhar.studio.parts import Panel, button
from olhar.studio.quick import EventData, Request, gr

if TYPE_CHECKING:
    from olhar.studio.job import Job
    from olhar.studio.studio import Studio

FIRST, MORE = ("vivid", "saturation", "views"), ("reach", "seed")
VARIANTS = 4


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
    """`job`, which is shown; `points`, the hints; `mode`; `colors` that were suggested."""
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
        settings = {"form": controls.values(fields, names, said), "points": state.get("points", [])}
        settings["variants"] = state.pop("variants", 1)
        job = studio.submit("colorize", request, settings, {"photo": [before.file("photo")]})
        async for each in shown(job, state | {"job": job.id, "number": 0}):
            yield each

    async def shown(job: Job, state: dict[str, Any]) -> AsyncIterator[tuple[Any, Any, Any]]:
        async for now in parts.follow(jobs, job, lambda job: show(job, state)):
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
        if do in ("compare", "choose"):
            state |= {"mode": do, "colors": []}
        elif do == "variant":
            state |= {"number": int(told["number"]), "mode": "compare"}
        elif do == "pick":
            x, y = float(told["x"]), float(told["y"])
            state |= {"at": [x, y]}
            before = studio.own(state["job"], request)
            settings = {"form": controls.values(fields, names, said), "x": x, "y": y}
            job = studio.submit("suggest", request, settings, {"photo": [before.file("photo")]})
            async for _ in parts.follow(jobs, job, str):
                pass
            state |= {"colors": job.result.get("colors", [])}
        elif do in ("color", "undo", "variants"):
            points = [*state.get("points", [])]
            if do == "color":
                x, y = state["at"]
                points.append({"x": x, "y": y, "color": told.get("value") or told["color"]})
            elif do == "undo":
                points = points[:-1]
            state |= {"points": points, "colors": []}
            state |= {"variants": VARIANTS} if do == "variants" else {}
            async for each in again(state, request, *said):
                yield each
            return
        else:
            return
        yield show(studio.own(state["job"], request), state), gr.skip(), state

    async def resume(request: Request) -> AsyncIterator[tuple[Any, Any, Any]]:
        """What was there when the page was left."""
        job = jobs.latest(parts.visitor(request), "colorize")
        if job is None:
            yield gr.skip(), gr.skip(), gr.skip()
        else:
            state = {"job": job.id, "points": job.settings.get("points", [])}
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


def show(job: Job, state: dict[str, Any]) -> Html:
    """A result: beside what it was, or ready to be told colours; or several to choose from."""
    if "film" in job.result:
        return parts.film(job)
    name = say("studio.colorize.name")
    count = len(job.result["files"])
    number = min(int(state.get("number", 0)), count - 1)
    choosing = state.get("mode") == "choose"
    more = (
        button("compare", say("studio.compare"))
        if choosing
        else button("choose", say("studio.choose"))
    ) + button("variants", say("studio.variants"))
    page = (
        _choosing(job, state, number, more)
        if choosing
        else parts.before_after(job, name, number, more)
    )
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


def _choosing(job: Job, state: dict[str, Any], number: int, more: str) -> Html:
    """The result, on which a place can be chosen, and the colours that it may have."""
    name, width, height = job.result["after"][number]
    picture = image(Picture(job.address(name), say("studio.colorize.name"), width, height))
    dots = "".join(
        f'<span class="dot" style="left:{100 * each["x"]:.2f}%;top:{100 * each["y"]:.2f}%;'
        f'background:{escape(each["color"])}"></span>'
        for each in state.get("points", [])
    )
    x, y = state.get("at", (0.5, 0.5))
    found: list[Any] = state.get("colors") or []
    set_ = " data-set" if found else ""
    cross = (
        f'<span class="cross"{set_} data-x="{x:.4f}" data-y="{y:.4f}" '
        f'style="left:{100 * x:.2f}%;top:{100 * y:.2f}%"></span>'
    )
    words = say("studio.pick")
    field = (
        f'<div class="pick" tabindex="0" role="application" aria-label="{escape(words.english)}" '
        f'data-en="{escape(words.english)}" data-pt="{escape(words.portuguese)}">'
        f"{picture}{dots}{cross}</div>"
    )
    undo = button("undo", say("studio.undo")) if state.get("points") else ""
    below = _palette(found) if found else f'<p class="note">{html(say("studio.pick.note"))}</p>'
    return Html(
        f'<div class="stage">{field}<div aria-live="polite">{below}</div>'
        f'<div class="deeds">{parts.download(job, job.result["files"][number], main=False)}'
        f"{undo}{more}</div></div>"
    )


def _palette(found: list[Any]) -> str:
    cells = ""
    for color, share in found:
        part = localized(f"{100 * share:.0f}\u00a0%")
        words = say("studio.palette.color", color=color, share=part)
        cells += (
            f'<button type="button" class="swatch" data-do="color" data-color="{escape(color)}" '
            f'aria-label="{escape(words.english)}" data-en="{escape(words.english)}" '
            f'data-pt="{escape(words.portuguese)}"><i style="background:{escape(color)}"></i>'
            f"<span>{html(part)}</span></button>"
        )
    other = html(say("studio.palette.other"))
    first = found[0][0] if found else "#888888"
    cells += (
        '<button type="button" class="swatch" data-do="color" data-color="grey">'
        f'<i style="background:#888"></i><span>{html(say("studio.palette.grey"))}</span></button>'
        f'<label class="swatch"><input type="color" data-do="color" value="{escape(first)}">'
        f"<span>{other}</span></label>"
    )
    note = html(say("studio.palette"))
    return f'<p class="note">{note}</p><div class="swatches">{cells}</div>'


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
