"""Inspect: what a file declares of itself, or a model's card."""

from __future__ import annotations

from collections.abc import AsyncIterator  # noqa: TC003  Gradio reads the hints
from html import escape
from typing import TYPE_CHECKING, Any

from olhar.look.messages import Phrase, say
from olhar.look.messages_cards import card_data, card_summary
from olhar.look.page import Html, Picture, html, image
from olhar.studio import parts
from olhar.studio.parts import Panel
from olhar.studio.quick import EventData, Request, gr

if TYPE_CHECKING:
    from olhar.studio.job import Job
    from olhar.studio.studio import Studio


def build(studio: Studio) -> None:
    """Put the page together."""
    with gr.Row(elem_classes="desk"), gr.Column():
        file = gr.File(label=parts.label("studio.file"), elem_classes="drop", height="auto")
        stage = Panel(parts.empty("studio.inspect.empty"), elem_id="stage")
    result = gr.JSON(visible=False)

    async def inspect(file: str, request: Request) -> AsyncIterator[tuple[Any, Any]]:
        """Say what a picture, a film or a model declares of itself.

        Returns the state and the words in both languages, or the card of a model.
        """
        if not file:
            studio.drop("inspect", request)
            yield parts.empty("studio.inspect.empty"), None
            return
        job = studio.submit("inspect", request, {}, {"file": [file]})
        async for now in parts.follow(studio.jobs, job, show):
            told = {key: value for key, value in job.result.items() if key != "seen"}
            yield now, told if job.over else None
        if parts.overtaken(studio.jobs, job):
            yield gr.skip(), gr.skip()
        parts.answered(job)

    def act(event: EventData, request: Request) -> None:
        """What is clicked: to stop."""
        studio.act(parts.said(event), request)

    hidden = {"concurrency_limit": None, "show_progress": "hidden"}
    file.change(
        inspect, file, [stage, result], api_name="inspect", trigger_mode="multiple", **hidden
    )
    stage.act(act, None, None, api_visibility="private", **hidden)


def show(job: Job) -> Html:
    """The verdict, and who did what with what."""
    told = job.result
    if "card" in told:
        return _card(told["card"])
    title = html(say(f"studio.verdict.{told['state']}"))
    css = ' class="wrong"' if told["state"] == "altered" else ""
    english, portuguese = (_lines(words) for words in told["words"])
    words = f'<div lang="en">{english}</div><div lang="pt-BR">{portuguese}</div>'
    picture = ""
    if "seen" in told:
        name, width, height = told["seen"]
        shown = image(Picture(job.address(name), say("studio.job.inspect"), width, height))
        picture = f"<figure>{shown}</figure>"
    return Html(
        f'<div class="stage inspected"><div><h2{css}>{title}</h2>{words}</div>{picture}</div>'
    )


def _lines(words: str) -> str:
    """Lines whose indents say what came from what, as paragraphs."""
    found: list[tuple[int, str]] = []
    for line in words.splitlines():
        text = line.strip()
        deep = (len(line) - len(line.lstrip())) // 2
        wrapped = (
            found
            and not text.startswith("- ")
            and found[-1][1][-1:] not in ".:)"
            and (deep == found[-1][0] + found[-1][1].startswith("- "))
        )
        if wrapped and len(found[-1][1]) > 60:
            found[-1] = (found[-1][0], f"{found[-1][1]} {text}")
        elif text:
            found.append((deep, text))
    return "".join(
        f'<p class="step" style="--deep:{deep}">{escape(text.removeprefix("- "))}</p>'
        for deep, text in found
    )


def _card(card: dict[str, Any]) -> Html:
    rows = {
        say("studio.kind"): card["kind"],
        say("studio.learned"): card["trained_on"] and card_data(card["trained_on"]),
        say("studio.licence"): card["licence"],
        Phrase("origin", "origem"): card["origin"],
        Phrase("olhar", "olhar"): card["olhar_version"],
    }
    cells = "".join(
        f"<dt>{html(name)}</dt><dd>{html(value)}</dd>" for name, value in rows.items() if value
    )
    return Html(
        f'<div class="stage"><p class="note">{html(say("studio.verdict.model"))}</p>'
        f"<h2>{escape(card['name'])}</h2><p>{html(card_summary(card['summary']))}</p>"
        f'<dl class="facts">{cells}</dl></div>'
    )
