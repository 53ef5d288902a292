"""The fourth step of a swap: one frame to try it on, then the whole film."""

from __future__ import annotations

import contextlib
import json
from collections.abc import AsyncIterator  # noqa: TC003  Gradio reads the hints
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

from olhar import hub
from olhar.errors import OlharError
from olhar.look.messages import say
from olhar.look.page import Html, html
from olhar.look.phrase import localized
from olhar.media.consent import read
from olhar.media.video_info import VIDEO_SUFFIXES
from olhar.studio import consents, controls, face_sets, parts
from olhar.studio.face_sheet import strip
from olhar.studio.parts import Panel, button
from olhar.studio.quick import EventData, Request, gr

if TYPE_CHECKING:
    from olhar.studio.job import Job
    from olhar.studio.studio import Studio

FORM, KIND = "swap", "faceswap"
FIRST = ("color", "blend")
MORE = ("occlusion", "detail", "mask", "erode", "blur", "smallest", "turn")
_HIDDEN: dict[str, Any] = {"concurrency_limit": None, "show_progress": "hidden"}
_PRIVATE = _HIDDEN | {"api_visibility": "private"}


def build(studio: Studio, tab: Any, consent: Any) -> None:
    """Put the step together.

    Args:
        studio: of the page.
        tab: it is in.
        consent: says which record is chosen.
    """
    fields = studio.forms.fields(FORM)
    names = (*FIRST, *MORE)
    with gr.Row(elem_classes="desk"):
        with gr.Column(scale=7):
            photo = gr.File(
                label=parts.label("studio.photo.film"), elem_classes="drop", height="auto"
            )
            with gr.Row(elem_classes="beside"):
                position = gr.Slider(
                    0,
                    100,
                    50,
                    step=1,
                    buttons=[],
                    visible=False,
                    label=parts.label("studio.swap.position"),
                    info=parts.label("studio.swap.position.help"),
                )
                test = gr.Button(parts.label("studio.swap.preview"), variant="secondary")
            stage = Panel(parts.empty("studio.swap.empty"), elem_id="swapped")
        with gr.Column(scale=4, min_width=320, elem_classes="settings"):
            known = studio.models(KIND)
            run = parts.Choice(
                known, value=known[0] if known else None, label=parts.label("studio.swap.model")
            )
            who = Panel("")
            to = gr.Radio(
                [(parts.label(f"studio.swap.to.{side}"), side) for side in ("b", "a")],
                value="b",
                label=parts.label("studio.swap.to"),
            )
            label = gr.Checkbox(
                True,
                label=parts.label("studio.swap.label"),
                info=parts.label("studio.swap.label.help"),
            )
            start = gr.Button(parts.label("studio.swap.start"), variant="primary")
            made = controls.form(FORM, fields, FIRST, MORE)
    result = gr.File(visible=False)
    newest = gr.State(known[0] if known else "")
    outputs = [stage, result]

    async def preview(
        photo: str,
        position: float,
        run: str,
        consent: str,
        to: str,
        label: bool,
        request: Request,
        *said: Any,
    ) -> AsyncIterator[tuple[Any, Any]]:
        """Swap one frame of a film, at a position from 0 to 100; or a photograph.

        Returns the picture, at full size.
        """
        form = controls.values(fields, names, said)
        settings = _settings(run, consent, to, label, form) | {"position": position / 100}
        async for each in _asked("preview", photo, settings, request):
            yield each

    async def swap(
        photo: str,
        run: str,
        consent: str,
        to: str,
        label: bool,
        request: Request,
        *said: Any,
    ) -> AsyncIterator[tuple[Any, Any]]:
        """Swap the faces of a film or a photograph, with a model that was trained here.

        Returns the result as a file.
        """
        settings = _settings(run, consent, to, label, controls.values(fields, names, said))
        async for each in _asked("swap", photo, settings, request):
            yield each

    async def _asked(
        kind: str, photo: str, settings: dict[str, Any], request: Any
    ) -> AsyncIterator[tuple[Any, Any]]:
        missing = _missing(studio, photo, settings)
        if missing:
            yield parts.failed(missing), None
            raise parts.refuse(OlharError(missing))
        try:
            size = studio.space.sent(photo).stat().st_size
        except OlharError as error:
            raise parts.refuse(error) from None
        after = _stopped(studio, size, settings, request) if kind == "swap" else None
        settings |= {"after": after.id} if after else {}
        job = studio.submit(kind, request, settings, {"photo": [photo]})
        async for each in shown(job):
            yield each
        parts.answered(job)

    async def shown(job: Job) -> AsyncIterator[tuple[Any, Any]]:
        async for now in parts.follow(studio.jobs, job, show):
            stopped = job.state == "stopped" and not job.result
            path = None
            if job.state == "done":
                name = job.result.get("film") or job.result["files"][0]
                path = str(job.folder / "out" / name)
            yield (_halted(job) if stopped and job.kind == "swap" else now), path
        if parts.overtaken(studio.jobs, job):
            yield gr.skip(), gr.skip()

    async def act(event: EventData, request: Request) -> AsyncIterator[tuple[Any, Any]]:
        """What is clicked: to stop, or to go on."""
        told = parts.said(event)
        studio.act(told, request)
        if told.get("do") != "go-on":
            return
        try:
            before = studio.own(str(told["job"]), request)
        except OlharError as error:
            raise parts.refuse(error) from None
        settings = before.settings | {"after": before.id}
        job = studio.submit("swap", request, settings, {"photo": [before.file("photo")]})
        async for each in shown(job):
            yield each

    async def resume(request: Request) -> AsyncIterator[tuple[Any, Any]]:
        """What was there when the page was left."""
        job = studio.jobs.latest(parts.visitor(request), "swap", "preview")
        if job is None:
            yield gr.skip(), gr.skip()
        else:
            async for each in shown(job):
                yield each

    def arrive(now: str | None, before: str, consent: str | None) -> tuple[Any, Any, Any, str]:
        """The models that there are by now, and whether the label may be left out.

        One that was trained meanwhile is chosen.
        """
        there = studio.models(KIND)
        last = there[0] if there else ""
        chosen = now if now in there and last == before else (last or None)
        return gr.Dropdown(choices=there, value=chosen), *chose(chosen, consent), last

    def chose(run: str | None, consent: str | None) -> tuple[Any, Any]:
        """Whom a model knows; and the label, which may be left out where the consent says why."""
        people = _people(studio, run)
        if _is_artistic(studio, run, consent):
            return people, gr.Checkbox(interactive=True)
        return people, gr.Checkbox(value=True, interactive=False)

    def dropped(photo: str | None) -> Any:
        """A film has a place to be tried at."""
        return gr.Slider(visible=bool(photo) and _is_film(photo))

    given = [photo, run, consent, to, label, *made]
    with_place = [photo, position, *given[1:]]
    hidden = _HIDDEN
    test.click(
        controls.named(preview, names), with_place, outputs, api_name="swap_preview", **hidden
    )
    start.click(controls.named(swap, names), given, outputs, api_name="swap", **hidden)
    photo.change(dropped, photo, position, **_PRIVATE)
    stage.act(act, None, outputs, **_PRIVATE)
    tab.select(arrive, [run, newest, consent], [run, who, label, newest], **_PRIVATE)
    run.input(chose, [run, consent], [who, label], **_PRIVATE)
    studio.pages["swap"].load(resume, None, outputs, **_PRIVATE)


def _settings(
    run: str | None, consent: str | None, to: str, label: bool, form: dict[str, Any]
) -> dict[str, Any]:
    return {
        "run": run,
        "consent": consent,
        "to": "a" if to == "a" else "b",
        "label": bool(label),
        "form": form,
    }


def _missing(studio: Studio, photo: str | None, settings: dict[str, Any]) -> str:
    """What has to be done before something can be swapped; empty if nothing."""
    if settings["run"] not in studio.models(KIND):
        return say("studio.swap.missing.model").english
    if not photo:
        return say("studio.swap.missing.photo").english
    try:
        consents.permitting(studio.space, _trained(studio, settings["run"]), settings["consent"])
    except OlharError:
        return say("studio.swap.missing.consent").english
    return ""


def _trained(studio: Studio, run: str) -> str:
    """The SHA-256 of the record that a model was trained with."""
    path = studio.space.named(studio.space.runs, run)
    return hub.read_card(hub.find(path)).consent.get("sha256", "")


def _is_artistic(studio: Studio, run: str | None, consent: str | None) -> bool:
    try:
        paths = consents.permitting(studio.space, _trained(studio, run or "-"), consent)
        return bool(read(paths[0]).artistic)
    except OlharError:
        return False


def _people(studio: Studio, run: str | None) -> Html:
    """Of which face sets a model has learned, as far as they are still there."""
    rows = ""
    for side in ("a", "b"):
        with contextlib.suppress(OlharError, OSError, ValueError, LookupError):
            path = studio.space.named(studio.space.runs, run or "-") / "recipe.json"
            name = Path(json.loads(path.read_text("utf-8"))["asked"][side]).name
            title, faces = html(say(f"studio.faces.{side}")), face_sets.shots(studio.space, name)
            rows += (
                f"<li><strong>{title}</strong><span>{escape(name)}</span>{strip(name, faces)}</li>"
            )
    return Html(f'<div class="chosen bare"><ul>{rows}</ul></div>' if rows else "")


def _is_film(path: str) -> bool:
    return path.lower().endswith(tuple(VIDEO_SUFFIXES))


def _stopped(studio: Studio, size: int, settings: dict[str, Any], request: Any) -> Job | None:
    """The visitor's earlier job that was to do the same, and did not come to its end.

    Whether the film is the same is found out by the job, which goes on only if it is.
    """
    visitor = parts.visitor(request)
    for job in studio.jobs.all():
        own = job.visitor == visitor and job.kind == "swap"
        before, file = {**job.settings}, job.file("photo")
        before.pop("after", None)
        if own and job.state in ("stopped", "failed") and before == settings and file:
            with contextlib.suppress(OSError):
                if file.stat().st_size == size:
                    return job
    return None


def show(job: Job) -> Html:
    """A picture beside what it was, or a film; and in how many frames a face was swapped."""
    result = job.result
    touched, frames = (localized(f"{result[key]:,}") for key in ("touched", "frames"))
    by = say("studio.swap.by", number=result["consent"][:16])
    if "film" in result:
        page = parts.film(job)
        words = [say("studio.swap.frames", touched=touched, frames=frames), by]
    else:
        page = parts.before_after(job, say("studio.swap.name"))
        words = [say("studio.swap.tried"), by] if job.kind == "preview" else [by]
    return Html(page + "".join(f'<p class="note">{html(each)}</p>' for each in words))


def _halted(job: Job) -> Html:
    go_on = button("go-on", say("studio.go.on"), "main", job=job.id)
    return Html(
        f'<div class="stage"><div class="job"><p>{html(say("studio.swap.stopped"))}</p>'
        f'<div class="deeds">{go_on}</div></div></div>'
    )
