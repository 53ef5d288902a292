"""The third step of a swap: both faces are learned, and one sees how the swap comes about."""

from __future__ import annotations

from collections.abc import AsyncIterator  # noqa: TC003  Gradio reads the hints
from dataclasses import replace
from html import escape
from typing import TYPE_CHECKING, Any

from olhar.errors import OlharError
from olhar.look.messages import Phrase, say
from olhar.look.page import Html, html
from olhar.look.phrase import localized
from olhar.studio import consents, controls, face_sets, learning, parts
from olhar.studio.face_sheet import strip
from olhar.studio.parts import Panel
from olhar.studio.quick import EventData, Request, gr
from olhar.studio.told import told as in_words
from olhar.studio.workspace import NAME

if TYPE_CHECKING:
    from collections.abc import Sequence

    from olhar.studio.face_sets import Shot
    from olhar.studio.job import Job
    from olhar.studio.studio import Studio

KIND = "faceswap"
FIRST, MORE = (
    ("preset", "epochs"),
    ("evaluate_every", "size", "batch_size", "learning_rate", "bend", "mirror", "seed"),
)
OFTEN = 5
"""Epochs from one picture to the next, until somebody wants another number."""
MEASURES = ("loss", "ssim_a", "ssim_b")
"""What curves are drawn of, beside the loss in training."""
_TILE = 112  # pixels: how wide a face of the pictures is shown
_HIDDEN: dict[str, Any] = {"concurrency_limit": None, "show_progress": "hidden"}
_PRIVATE = _HIDDEN | {"api_visibility": "private"}


def build(studio: Studio, tab: Any, a: Any, b: Any, consent: Any) -> None:
    """Put the step together.

    Args:
        studio: of the page.
        tab: it is in.
        a: says which set is chosen.
        b: the same of the other person.
        consent: says which record is chosen.
    """
    fields = [
        replace(field, default=OFTEN) if field.name == "evaluate_every" else field
        for field in studio.forms.fields(KIND)
    ]
    names = (*FIRST, *MORE)
    with gr.Row(elem_classes="desk"):
        with gr.Column(scale=7):
            stage = Panel(parts.empty("studio.swap.train.empty"), elem_id="learned")
        with gr.Column(scale=4, min_width=320, elem_classes="settings"):
            chosen = Panel("")
            run = gr.Textbox(
                "swap", label=parts.label("studio.run"), info=parts.label("studio.run.help")
            )
            start = gr.Button(parts.label("studio.train"), variant="primary")
            made = controls.form(KIND, fields, FIRST, MORE)
    result = gr.JSON(visible=False)
    outputs = [stage, result]

    async def train(
        a: str, b: str, consent: str, run: str, request: Request, *said: Any
    ) -> AsyncIterator[tuple[Any, Any]]:
        """Learn to swap two people, of two face sets and by their consent, into a run of this name.

        Returns the name of the run, its measures and what was noted.
        """
        missing = _missing(studio, a, b, consent)
        if missing:
            yield parts.failed(missing), None
            raise parts.refuse(OlharError(missing))
        name = (run or "").strip()
        if not NAME.fullmatch(name):
            raise parts.refuse(
                OlharError(
                    f"{name[:100]!r} is no name of a run; use letters, digits, dots and dashes"
                )
            )
        settings = {
            "kind": KIND,
            "run": name,
            "a": face_sets.called(a),
            "b": face_sets.called(b),
            "consent": consent,
            "form": controls.values(fields, names, said),
        }
        async for each in shown(studio.submit("train", request, settings)):
            yield each

    async def shown(job: Job) -> AsyncIterator[tuple[Any, Any]]:
        picture = _rows(str(job.settings["a"]), str(job.settings["b"]))

        def done(job: Job) -> Html:
            return learning.trained(studio, job, picture, MEASURES)

        def beside(job: Job) -> Html:
            return learning.curves(studio.space.runs / job.settings["run"], picture, MEASURES)

        async for now in parts.follow(studio.jobs, job, done, beside=beside):
            yield now, job.result if job.over else None
        parts.answered(job)

    async def resume(request: Request) -> AsyncIterator[tuple[Any, Any]]:
        """What was there when the page was left."""
        job = _last(studio, parts.visitor(request))
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
        async for each in shown(studio.submit("train", request, before.settings)):
            yield each

    def look(a: str, b: str, consent: str | None) -> str:
        """What was chosen in the steps before."""
        return _chosen(studio, a, b, consent)

    api = {"api_name": f"train_{KIND}", **_HIDDEN}
    start.click(controls.named(train, names), [a, b, consent, run, *made], outputs, **api)
    stage.act(act, None, outputs, **_PRIVATE)
    tab.select(look, [a, b, consent], chosen, **_PRIVATE)
    studio.pages["swap"].load(resume, None, outputs, **_PRIVATE)


def _last(studio: Studio, visitor: str) -> Job | None:
    """The visitor's newest training of a swap."""
    own = (job for job in studio.jobs.all() if (job.visitor, job.kind) == (visitor, "train"))
    return next((job for job in own if job.settings.get("kind") == KIND), None)


def _missing(studio: Studio, a: str | None, b: str | None, consent: str | None) -> str:
    """What has to be done before something can be learned; empty if nothing."""
    if not all(_faces(studio, name) for name in (a, b)):
        return say("studio.swap.missing.set").english
    if a == b:
        return say("studio.swap.missing.same").english
    try:
        consents.find(studio.space, consent)
    except OlharError:
        return say("studio.swap.missing.consent").english
    return ""


def _faces(studio: Studio, name: str | None) -> Sequence[Shot]:
    """The faces of a set; none if there is no such set."""
    try:
        return face_sets.shots(studio.space, face_sets.called(name))
    except OlharError:
        return ()


def _chosen(studio: Studio, a: str | None, b: str | None, consent: str | None) -> Html:
    """Both people and the record, in a few lines."""
    rows = ""
    for side, name in (("a", a), ("b", b)):
        faces = _faces(studio, name)
        kept = sum(face.keep for face in faces)
        title = html(say(f"studio.faces.{side}"))
        if not kept:
            missing = html(say("studio.swap.missing.set"))
            rows += f'<li><strong>{title}</strong><span class="wrong">{missing}</span></li>'
            continue
        words = html(say("studio.swap.faces", count=localized(f"{kept:,}")))
        rows += (
            f"<li><strong>{title}</strong><span>{escape(name or '')} · {words}</span>"
            f"{strip(name or '', faces)}</li>"
        )
    title = html(say("studio.consent.title"))
    try:
        one = consents.find(studio.space, consent)
        wrong = one.wrong("train")
        holds = html(say("studio.consent.holds", until=f"{one.record.until}"))
        words = f"<span>{escape(one.people)}</span>"
        why = f'<span class="wrong">{html(in_words(wrong))}</span>'
        words += why if wrong else f"<span>{holds}</span>"
    except OlharError:
        words = f'<span class="wrong">{html(say("studio.swap.missing.consent"))}</span>'
    rows += f"<li><strong>{title}</strong>{words}</li>"
    heading = html(say("studio.swap.chosen"))
    return Html(f'<div class="chosen"><h2 class="cards-title">{heading}</h2><ul>{rows}</ul></div>')


def _rows(a: str, b: str) -> Any:
    """Shows the picture of a training, and says what its rows are."""
    words = [
        *(Phrase(a, a), say("studio.swap.row.rebuilt", who=a)),
        *(say("studio.swap.row.as", who=a, other=b), Phrase(b, b)),
        *(say("studio.swap.row.rebuilt", who=b), say("studio.swap.row.as", who=b, other=a)),
    ]
    labels = "".join(f"<li>{html(each)}</li>" for each in words)

    def shown(image: str, width: int, height: int) -> str:
        across = round(len(words) * width / height)
        size = f"grid-template-columns:max-content minmax(0,{across * _TILE}px)"
        return f'<div class="rows" style="{size}"><ol>{labels}</ol>{image}</div>'

    return shown
