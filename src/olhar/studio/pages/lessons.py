"""Lessons: read, run cell by cell, guess, answer; what was reached is kept.

A lesson is put on the page once. What changes, a slot under each cell, comes again and again in one
hidden panel, of which look.js takes what is new to its place; so the page neither jumps nor forgets
where the reader is. Code runs in a job (`course`), and only if nobody but this computer reaches the
studio: whoever could open the page could otherwise run anything here.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator  # noqa: TC003  Gradio reads the hints
from typing import TYPE_CHECKING, Any

from olhar.errors import OlharError
from olhar.lessons.lesson import Lesson, lesson, lessons
from olhar.studio import course, lesson_page, lesson_shelf, lesson_slots, parts, reached
from olhar.studio.parts import Panel
from olhar.studio.quick import EventData, Request, gr

if TYPE_CHECKING:
    from olhar.studio.job import Job
    from olhar.studio.studio import Studio

_TICK = 0.2  # seconds between two looks at a session


def build(studio: Studio) -> None:
    """Put the page together."""
    stage = Panel("", elem_id="stage")
    with gr.Column(visible=False, elem_classes="exercise") as desk:
        answer = gr.Textbox(
            label=parts.label("studio.lesson.answer"),
            info=parts.label("studio.lesson.answer.help"),
            lines=5,
            max_lines=30,
            elem_classes="answer",
            html_attributes=gr.InputHTMLAttributes(
                spellcheck=False, autocorrect="off", autocapitalize="off"
            ),
        )
        with gr.Row(elem_classes="beside"):
            check = gr.Button(parts.label("studio.lesson.check"), variant="primary")
            blank = gr.Button(parts.label("studio.lesson.blank"), variant="secondary")
    below = Panel("")
    wire = Panel("", elem_classes=["studio", "wire"])
    root = studio.space.root

    def arrive(request: Request) -> tuple[Any, Any, Any, Any]:
        """The list, or the lesson that the address names."""
        chosen = _chosen(request)
        if chosen is None:
            there = [(each, reached.kept(root, each)) for each in lessons()]
            return lesson_shelf.shelf(there, runs=studio.alone), gr.skip(), gr.skip(), ""
        view = _view(studio, chosen, request)
        written = view.kept.answer or reached.exercise(chosen).blank
        return (
            lesson_page.top(view),
            gr.Column(visible=studio.alone),
            gr.Textbox(written),
            lesson_page.bottom(view),
        )

    async def follow(request: Request) -> AsyncIterator[str]:
        """How the lesson stands, until nothing changes any more."""
        async for now in _follow(studio, request):
            yield now

    studio.pages["lessons"].load(
        arrive, None, [stage, desk, answer, below], api_visibility="private", show_progress="hidden"
    )
    if not studio.alone:
        return

    async def act(event: EventData, request: Request) -> AsyncIterator[str]:
        """What is clicked: to run, to guess, to stop, to start over."""
        told, chosen = parts.said(event), _chosen(request)
        do, job = told.get("do"), _session(studio, chosen, request)
        if chosen is None:
            return
        if do in ("stop", "over"):
            if job is not None:
                await _end(studio, job)
                if do == "over":
                    studio.jobs.remove(job)
            number = 0
        elif do == "run":
            number = _ask(studio, chosen, request, to=int(told["to"]))
        elif do == "guess" and job is not None and not job.over:
            cell, guess = int(told["cell"]), str(told.get("value", ""))
            to = lesson_slots.following(chosen, cell)
            number = course.ask(job, cell=cell, guess=guess, to=to)
        else:
            return
        async for now in _follow(studio, request, number):
            yield now

    async def answered(written: str, request: Request) -> AsyncIterator[str]:
        """What was written, checked."""
        chosen = _chosen(request)
        if chosen is None:
            return
        reached.keep_answer(root, chosen, written)
        async for now in _follow(studio, request, _ask(studio, chosen, request, answer=written)):
            yield now

    def draft(written: str, request: Request) -> None:
        """What was written is kept, checked or not."""
        if (chosen := _chosen(request)) is not None:
            reached.keep_answer(root, chosen, written)

    def empty(request: Request) -> str:
        """The exercise as it was."""
        chosen = _chosen(request)
        return reached.exercise(chosen).blank if chosen else ""

    async def run_lesson(number: int, answer: str, request: Request) -> AsyncIterator[Any]:
        """Run a lesson, and check the answers to its exercises: code that assigns them, or "".

        Returns what the cells gave, each by its place, and the exercises that were ever right.
        """
        try:
            chosen = lesson(int(number))
        except OlharError as error:
            raise parts.refuse(error) from None
        asked = {"lesson": chosen.number, "at_once": True, "answer": answer}
        _make_room(studio, request)
        job = studio.submit("learn", request, asked)
        while not job.over:
            await asyncio.sleep(_TICK)
        parts.answered(job)
        yield {"outputs": course.state(job)["outputs"], **job.result}

    hidden = {"concurrency_limit": None, "show_progress": "hidden"}
    private = {"api_visibility": "private", **hidden}
    studio.pages["lessons"].load(follow, None, wire, **private)
    for panel in (stage, below):
        panel.act(act, None, wire, **private)
    check.click(answered, answer, wire, **private)
    answer.submit(answered, answer, wire, **private)
    answer.blur(draft, answer, None, **private)
    blank.click(empty, None, answer, **private)
    which, written = gr.Number(1, visible=False), gr.Textbox(visible=False)
    called, outcome = gr.Button(visible=False), gr.JSON(visible=False)
    called.click(run_lesson, [which, written], outcome, api_name="lesson", **hidden)


def _chosen(request: Any) -> Lesson | None:
    """The lesson that the page's address names: /lessons?lesson=3."""
    number = str(request.query_params.get("lesson", ""))
    try:
        return lesson(int(number)) if number.isdecimal() else None
    except OlharError:
        return None


def _session(studio: Studio, chosen: Lesson | None, request: Any) -> Job | None:
    """The visitor's last session of a lesson, over or not."""
    own = [
        job
        for job in studio.jobs.all()
        if (job.kind, job.visitor) == ("learn", parts.visitor(request))
        and chosen is not None
        and job.settings["lesson"] == chosen.number
    ]
    return own[0] if own else None


def _view(studio: Studio, chosen: Lesson, request: Any) -> lesson_slots.View:
    job = _session(studio, chosen, request) if studio.alone else None
    far = reached.kept(studio.space.root, chosen) if studio.alone else reached.Kept()
    told = course.state(job) if job is not None else course.NOTHING
    return lesson_slots.View(chosen, far, job, told, runs=studio.alone)


def _ask(studio: Studio, chosen: Lesson, request: Any, **wanted: Any) -> int:
    """Ask the session of a lesson for something; a new one is begun if there is none."""
    job = _session(studio, chosen, request)
    if job is None or job.over:
        known = reached.kept(studio.space.root, chosen).cells if job is not None else 0
        _make_room(studio, request)
        job = studio.submit("learn", request, {"lesson": chosen.number, "known": known})
    return course.ask(job, **wanted)


def _make_room(studio: Studio, request: Any) -> None:
    """End the visitor's other sessions, and those of others that only wait for their reader."""
    for job in studio.jobs.all():
        if job.kind == "learn" and not job.over:
            waits = not course.state(job)["busy"] and not job.settings.get("at_once")
            if waits or job.visitor == parts.visitor(request):
                studio.jobs.stop(job)


async def _end(studio: Studio, job: Job) -> None:
    studio.jobs.stop(job)
    while not job.over:
        await asyncio.sleep(_TICK)


async def _follow(studio: Studio, request: Any, number: int = 0) -> AsyncIterator[str]:
    """What changes under the cells, until a request has been heard and nothing is to be done."""
    chosen = _chosen(request)
    before = ""
    while chosen is not None:
        view = _view(studio, chosen, request)
        now = lesson_page.changing(view)
        if now != before:
            yield (before := now)
        if not view.busy and (view.heard >= number or view.job is None or view.job.over):
            return
        await asyncio.sleep(_TICK)
