"""The first step of a swap: two people, each with a set of faces cut out of what was filmed."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator  # noqa: TC003  Gradio reads the hints
from typing import TYPE_CHECKING, Any

from olhar.errors import OlharError
from olhar.look.messages import say
from olhar.look.page import Html, html
from olhar.studio import face_sets, parts
from olhar.studio.face_sheet import ORDERS, coming, sheet
from olhar.studio.parts import Panel, button
from olhar.studio.quick import EventData, Request, gr

if TYPE_CHECKING:
    from olhar.studio.job import Job
    from olhar.studio.studio import Studio

SIDES = ("a", "b")
MOST = 1000
"""Faces of a film, until somebody wants others."""
_HIDDEN: dict[str, Any] = {"concurrency_limit": None, "show_progress": "hidden"}
_PRIVATE = _HIDDEN | {"api_visibility": "private"}


def build(studio: Studio) -> tuple[Any, Any]:
    """Put the step together.

    Returns:
        The controls that say which sets are chosen, of a and of b.
    """
    Panel(f'<p class="note">{html(say("studio.faces.intro"))}</p>')
    controls: list[dict[str, Any]] = []
    with gr.Row(elem_classes="people"):
        for side in SIDES:
            with gr.Column(min_width=320):
                controls.append(_controls(studio, side))
    with gr.Accordion(parts.label("studio.more"), open=False):
        most = gr.Slider(
            100,
            5000,
            MOST,
            step=100,
            buttons=[],
            label=parts.label("studio.faces.most"),
            info=parts.label("studio.faces.most.help"),
        )
    names = [each["name"] for each in controls]
    for side, each in zip(SIDES, controls, strict=True):
        _wire(studio, side, most, names, **each)
    return names[0], names[1]


def _controls(studio: Studio, side: str) -> dict[str, Any]:
    Panel(f'<h2 class="cards-title">{html(say(f"studio.faces.{side}"))}</h2>')
    name = gr.Dropdown(
        face_sets.names(studio.space),
        value=None,
        allow_custom_value=True,
        label=parts.label("studio.faces.set"),
        info=parts.label("studio.faces.set.help"),
    )
    Panel(f'<p class="above">{html(say("studio.faces.clips"))}</p>')
    return {
        "name": name,
        "clips": gr.File(
            label=parts.label("studio.faces.clips"),
            file_count="multiple",
            elem_classes="drop small",
            height="auto",
        ),
        "start": gr.Button(parts.label("studio.faces.start"), variant="primary"),
        "stage": Panel(parts.empty("studio.faces.empty"), elem_id=f"faces-{side}"),
        "result": gr.JSON(visible=False),
        "view": gr.State({}),
    }


def _wire(
    studio: Studio,
    side: str,
    most: Any,
    names: list[Any],
    *,
    name: Any,
    clips: Any,
    start: Any,
    stage: Any,
    result: Any,
    view: Any,
) -> None:
    async def faces(
        name: str, clips: list[str] | None, most: float, request: Request
    ) -> AsyncIterator[tuple[Any, Any]]:
        """Cut faces out of films and photographs, into a face set of this name.

        Returns how many faces it has, of whom, and what it lacks.
        """
        try:
            settings = {"set": face_sets.called(name), "most": int(most), "side": side}
        except OlharError as error:
            raise parts.refuse(error) from None
        job = studio.submit("faces", request, settings, {"clips": clips or []})
        async for each in shown(job, {}):
            yield each
        parts.answered(job)

    async def shown(job: Job, view: dict[str, Any]) -> AsyncIterator[tuple[Any, Any]]:
        """A job, and the set once it is over, whatever came of it."""
        own = str(job.settings["set"])

        def done(job: Job) -> Html:
            return Html(_notes(job) + sheet(studio.space, own, view))

        def beside(_: Job) -> Html:
            return coming(studio.space, own)

        async for now in parts.follow(
            studio.jobs, job, done, beside=beside, quiet=job.kind == "choose"
        ):
            cut = job.state in ("failed", "stopped")
            page = _left(studio, job, own, view) if cut else now
            yield page, job.result if job.over else None

    async def act(
        view: dict[str, Any], event: EventData, request: Request
    ) -> AsyncIterator[tuple[Any, Any, Any]]:
        """What is clicked on the sheet, which says of which set it is."""
        told = parts.said(event)
        studio.act(told, request)
        do, name = told.get("do"), str(told.get("set", ""))
        try:
            if do == "view":
                view = _viewed(view, told)
                yield sheet(studio.space, name, view), gr.skip(), view
                return
            if do == "delete":
                _delete(studio, name)
                yield parts.empty("studio.faces.empty"), None, {}
                return
            if do == "go-on":
                before = studio.own(str(told["job"]), request)
                again = {"clips": [before.folder / "in" / each for each in before.files["clips"]]}
                job = studio.submit("faces", request, before.settings, again)
            else:
                settings = _wanted(studio, name, told)
                if settings is None:
                    return
                job = studio.submit("choose", request, settings | {"set": name, "side": side})
        except OlharError as error:
            raise parts.refuse(error) from None
        async for now, values in shown(job, view):
            yield now, values, view

    async def resume(request: Request) -> AsyncIterator[tuple[Any, Any, Any]]:
        """What was there when the page was left."""
        there = face_sets.names(studio.space)
        job = _last(studio, side, parts.visitor(request))
        own = str(job.settings["set" if job.kind != "train" else side]) if job else ""
        if job is None or (own not in there and (job.over or job.kind == "train")):
            fresh = face_sets.free(studio.space, side.upper())
            yield gr.Dropdown(choices=there, value=fresh), gr.skip(), gr.skip()
            return
        chosen = gr.Dropdown(choices=there, value=own)
        if job.over or job.kind == "train":
            yield chosen, sheet(studio.space, own, {}), gr.skip()
            return
        yield chosen, gr.skip(), gr.skip()
        async for now, values in shown(job, {}):
            yield gr.skip(), now, values

    def look(name: str) -> tuple[Any, Any]:
        """A set that is chosen by its name."""
        try:
            return sheet(studio.space, face_sets.called(name), {}), {}
        except OlharError:
            return parts.empty("studio.faces.empty"), {}

    def there() -> list[Any]:
        """The sets that there are by now."""
        return [gr.Dropdown(choices=face_sets.names(studio.space)) for _ in names]

    shown_by = {"api_name": "faces", **_HIDDEN} if side == SIDES[0] else _PRIVATE
    done = start.click(faces, [name, clips, most], [stage, result], **shown_by)
    done.then(there, None, names, **_PRIVATE)
    acted = stage.act(act, view, [stage, result, view], **_PRIVATE)
    acted.then(there, None, names, **_PRIVATE)
    name.input(look, name, [stage, view], **_PRIVATE)
    studio.pages["swap"].load(resume, None, [name, stage, result], **_PRIVATE)


def _viewed(view: dict[str, Any], told: dict[str, Any]) -> dict[str, Any]:
    """The view after a click on one of its choices."""
    view = {**view, "page": int(told.get("page", 0))}
    if "out" in told:
        view["out"] = told["out"] == "1"
    if told.get("order") in ORDERS:
        view["order"] = told["order"]
    return view


def _wanted(studio: Studio, name: str, told: dict[str, Any]) -> dict[str, Any] | None:
    """What a click asks of a set; None if it asks for nothing."""
    do, ticked = told.get("do"), list[str](told.get("ticked") or [])
    if do == "remove" and ticked:
        return {"out": ticked}
    if do == "back" and ticked:
        return {"back": ticked}
    if do == "person":
        return {"person": int(told["person"])}
    if do == "unblur":
        faces = face_sets.shots(studio.space, name)
        return {"out": [face.file for face in faces if face.keep and face.blurred]}
    return None


def _notes(job: Job) -> str:
    notes: list[str] = job.result.get("notes") or []
    return "".join(parts.failed(note) for note in notes)


def _left(studio: Studio, job: Job, name: str, view: dict[str, Any]) -> Html:
    """What stands after a job that was stopped or failed: why, and the set as it is."""
    if job.state == "failed":
        return Html(parts.why(job) + sheet(studio.space, name, view))
    go_on = button("go-on", say("studio.go.on"), "main", job=job.id)
    told = (
        f'<div class="job"><p>{html(say("studio.faces.stopped"))}</p>'
        f'<div class="deeds">{go_on}</div></div>'
    )
    return Html(told + sheet(studio.space, name, view))


def _last(studio: Studio, side: str, visitor: str) -> Job | None:
    """The visitor's newest job that says which set was chosen."""
    for job in studio.jobs.all():
        mine = job.visitor == visitor
        if mine and job.kind in ("faces", "choose") and job.settings.get("side") == side:
            return job
        if mine and job.kind == "train" and job.settings.get("kind") == "faceswap":
            return job
    return None


def _delete(studio: Studio, name: str) -> None:
    folder = studio.space.named(studio.space.faces, name)
    for job in studio.jobs.all():
        if not job.over and name in (job.settings.get("a"), job.settings.get("b")):
            raise OlharError(f"{name} is being learned from; stop that first")
    with face_sets.alone(folder):
        shutil.rmtree(folder)
