"""Runs and models: what is at work, what was made, what was trained; to compare, export, delete."""

from __future__ import annotations

import shutil
import time
from collections.abc import AsyncIterator  # noqa: TC003  Gradio reads the hints
from html import escape
from typing import TYPE_CHECKING, Any

from olhar import hub
from olhar.errors import OlharError
from olhar.look.messages import Phrase, say
from olhar.look.messages_cards import card_data, card_summary
from olhar.look.page import Html, html
from olhar.look.phrase import localized
from olhar.studio import learning, parts
from olhar.studio.parts import Panel, button, sure
from olhar.studio.quick import EventData, Request, gr
from olhar.studio.told import told

if TYPE_CHECKING:
    from pathlib import Path

    from olhar.studio.job import Job
    from olhar.studio.studio import Studio

_OFTEN = 3.0  # seconds between two looks
_HIDDEN = ("suggest", "explore", "inspect", "learn", "choose", "preview")


def build(studio: Studio) -> None:
    """Put the page together."""
    shelf = Panel("")
    title, about = say("studio.compare.choose"), say("studio.compare.empty")
    Panel(f'<h2 class="cards-title">{html(title)}</h2><p class="note">{html(about)}</p>')
    with gr.Row(elem_classes="beside"):
        first = parts.Choice([], label=parts.label("studio.compare.first"))
        second = parts.Choice([], label=parts.label("studio.compare.second"))
        start = gr.Button(parts.label("studio.compare.start"), variant="secondary")
    compared = Panel("")
    Panel(_bundled())
    words = gr.Textbox(visible=False)
    seen = gr.State("")

    def look(before: str, request: Request) -> tuple[Any, Any]:
        """The lists, if they have changed."""
        now = shelves(studio, parts.visitor(request))
        return (gr.skip(), gr.skip()) if now == before else (now, now)

    def choices() -> tuple[Any, Any]:
        """What can be compared."""
        there = [path.parent.name for path in _models(studio)]
        return tuple(gr.Dropdown(choices=there) for _ in range(2))

    async def act(event: EventData, request: Request) -> AsyncIterator[tuple[Any, Any]]:
        """What is clicked on a card."""
        told = parts.said(event)
        studio.act(told, request)
        name = str(told.get("name", ""))
        try:
            if told.get("do") == "forget":
                studio.jobs.remove(studio.own(str(told["job"]), request))
            elif told.get("do") == "delete":
                _delete(studio, name)
            elif told.get("do") == "export":
                job = studio.submit("export", request, {"run": name})
                async for _ in parts.follow(studio.jobs, job, str):
                    pass
                if job.state == "failed":
                    raise OlharError(job.error)
        except OlharError as error:
            raise parts.refuse(error) from None
        now = shelves(studio, parts.visitor(request))
        yield now, now

    async def compare(first: str, second: str, request: Request) -> AsyncIterator[tuple[Any, Any]]:
        """Say which of two runs is better, and whether by chance."""
        try:
            if not first or not second:
                raise OlharError("two runs are compared; choose both")
            for name in (first, second):
                studio.space.named(studio.space.runs, name)
        except OlharError as error:
            raise parts.refuse(error) from None
        job = studio.submit("compare", request, {"runs": [first, second]})
        async for now in parts.follow(studio.jobs, job, _compared):
            yield now, job.result.get("said") if job.over else None
        parts.answered(job)

    hidden = {"concurrency_limit": None, "show_progress": "hidden"}
    private = {"api_visibility": "private", **hidden}
    gr.Timer(_OFTEN).tick(look, seen, [shelf, seen], **private)
    page = studio.pages["runs"]
    page.load(look, seen, [shelf, seen], **private)
    page.load(choices, None, [first, second], **private)
    shelf.act(act, None, [shelf, seen], **private)
    start.click(compare, [first, second], [compared, words], api_name="compare", **hidden)


def shelves(studio: Studio, visitor: str) -> Html:
    """Everything that there is, as one visitor may see it."""
    jobs = [job for job in studio.jobs.all() if job.kind not in _HIDDEN]
    now = [job for job in reversed(jobs) if not job.over]
    made = [job for job in jobs if job.over and job.visitor == visitor]
    models = [_model(path) for path in _models(studio)]
    shelf = [
        ("studio.runs.now", [_job(job, visitor) for job in now], "studio.runs.nothing"),
        ("studio.runs.models", models, "studio.runs.untrained"),
        ("studio.runs.day", [_job(job, visitor) for job in made], "studio.runs.nothing"),
    ]
    return Html("".join(_shelf(title, cards, none) for title, cards, none in shelf))


def _shelf(title: str, cards: list[str], none: str) -> str:
    inside = (
        f'<div class="cards">{"".join(cards)}</div>'
        if cards
        else f'<p class="note">{html(say(none))}</p>'
    )
    return (
        f'<section class="shelf"><h2 class="cards-title">{html(say(title))}</h2>{inside}</section>'
    )


def _job(job: Job, visitor: str) -> str:
    state = say(f"studio.state.{job.state}")
    when = time.strftime("%H:%M", time.localtime(job.created))
    share = job.progress().get("share") if job.state == "running" else None
    meter = f'<div class="meter" style="--share:{100 * share:.0f}%"></div>' if share else ""
    deeds = ""
    if job.visitor == visitor and not job.over:
        deeds = parts.stopper(job)
    elif job.over:
        result = job.result
        names: list[str] = result.get("files") or [result.get("film") or result.get("file", "")]
        deeds = parts.download(job, names[0], main=False) if names[0] else ""
        deeds += sure("forget", say("studio.delete"), _sure(job.title), job=job.id)
    about = f" · {escape(job.settings['run'])}" if job.settings.get("run") else ""
    shown = job.result.get("after")
    picture = f'<img src="{job.address(shown[0][0])}" alt="">' if shown else ""
    error = f'<p class="wrong">{html(told(job.error))}</p>' if job.error else ""
    return (
        f'<article class="card">{picture}<h3>{html(job.title)}</h3>'
        f"<p>{html(state)} · {when}{about}</p>{meter}{error}"
        f'<div class="deeds">{deeds}</div></article>'
    )


def _model(path: Path) -> str:
    run = path.parent.name
    try:
        card = hub.read_card(path)
    except OlharError as error:
        return (
            f'<article class="card"><h3>{escape(run)}</h3><p>{html(told(str(error)))}</p></article>'
        )
    size = localized(f"{path.stat().st_size / 1e6:.1f}")
    words = html(say("studio.download"))
    deeds = f'<a class="deed" href="/studio/model/{escape(run)}" download>{words}</a>'
    if (path.parent / "report.html").is_file():
        report = html(say("studio.report"))
        deeds += f'<a class="deed" href="/studio/report/{escape(run)}" target="_blank">{report}</a>'
    deeds += button("export", say("studio.export"), name=run)
    deeds += sure("delete", say("studio.delete"), _sure(run), name=run)
    return (
        f'<article class="card"><h3>{escape(run)}</h3><p>{html(card_summary(card.summary))}</p>'
        f"{learning.numbers(card.metrics)}"
        f"<dl><dt>{html(say('studio.kind'))}</dt><dd>{escape(card.kind)}</dd>"
        f"<dt>{html(say('studio.learned'))}</dt><dd>{html(card_data(card.trained_on))}</dd>"
        f"<dt>{html(say('studio.megabytes'))}</dt><dd>{html(size)} MB</dd></dl>"
        f'<div class="deeds">{deeds}</div></article>'
    )


def _sure(name: str | Phrase) -> Phrase:
    return say("studio.delete.sure", name=name)


def _bundled() -> Html:
    cards = [
        f'<article class="card"><h3>{escape(card.name)}</h3>'
        f"<p>{html(card_summary(card.summary))}</p>"
        f"<dl><dt>{html(say('studio.kind'))}</dt><dd>{escape(card.kind)}</dd>"
        f"<dt>{html(say('studio.licence'))}</dt><dd>{escape(card.licence)}</dd></dl></article>"
        for card in hub.bundled()
    ]
    return Html(_shelf("studio.runs.bundled", cards, "studio.runs.nothing"))


def _models(studio: Studio) -> list[Path]:
    found = studio.space.runs.glob("*/model.safetensors")
    return sorted(found, key=lambda path: -path.stat().st_mtime)


def _delete(studio: Studio, name: str) -> None:
    path = studio.space.named(studio.space.runs, name)
    for job in studio.jobs.all():
        if not job.over and job.settings.get("run") == name:
            raise OlharError(f"{name} is being trained or used; stop that first")
    shutil.rmtree(path)


def _compared(job: Job) -> Html:
    return Html(
        f'<div class="stage"><pre class="said mono">{escape(job.result["said"])}</pre></div>'
    )
