"""The second step of a swap: the record that both agreed, written here or brought along."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Any

from olhar.errors import OlharError
from olhar.look.messages import Phrase, listed, say
from olhar.look.page import Html, html
from olhar.media.consent import SCOPES, Person
from olhar.studio import consents, parts
from olhar.studio.parts import Panel, sure
from olhar.studio.quick import EventData, Request, gr

if TYPE_CHECKING:
    from olhar.media.consent import Scope
    from olhar.studio.consents import Kept
    from olhar.studio.studio import Studio

_HIDDEN: dict[str, Any] = {"concurrency_limit": None, "show_progress": "hidden"}
_PRIVATE = _HIDDEN | {"api_visibility": "private"}
_FIRST = ("train", "swap")


def build(studio: Studio) -> Any:
    """Put the step together.

    Returns:
        The control that says which record is chosen.
    """
    Panel(f'<p class="note">{html(say("studio.consent.intro"))}</p>')
    with gr.Row(elem_classes="desk"):
        with gr.Column(scale=6):
            Panel(f'<h2 class="cards-title">{html(say("studio.consent.new"))}</h2>')
            given = _form()
            write = gr.Button(parts.label("studio.consent.write"), variant="primary")
        with gr.Column(scale=5, min_width=320, elem_classes="settings"):
            there = _choices(studio)
            chosen = parts.Choice(
                there,
                value=there[0][1] if there else None,
                label=parts.label("studio.consent.used"),
            )
            stage = Panel(shown(studio, there[0][1] if there else None), elem_id="consent")
            Panel(f'<p class="above">{html(say("studio.consent.have"))}</p>')
            sent = gr.File(
                label=parts.label("studio.consent.have"),
                file_count="multiple",
                elem_classes="drop small",
                height="auto",
            )
    result = gr.JSON(visible=False)
    outputs = [chosen, stage, result]

    def consent(
        name_a: str,
        given_by_a: str,
        name_b: str,
        given_by_b: str,
        scope: list[str],
        until: str,
        evidence: str | None,
        artistic: str,
    ) -> tuple[Any, Any, Any]:
        """Write the record that two people agreed, with a copy of what proves it.

        Returns the number by which the studio knows it, its SHA-256 and what it says.
        """
        try:
            people = [
                Person(name=name.strip(), given_by=(by or "").strip() or name.strip())
                for name, by in ((name_a or "", given_by_a), (name_b or "", given_by_b))
            ]
            if not scope:
                raise OlharError(
                    "say what was agreed to: learning the face, swapping it, publishing what came "
                    "of it"
                )
            if not evidence:
                raise OlharError(
                    "the evidence is missing: a signed letter, or a recording; choose the file"
                )
            scopes: list[Scope] = [each for each in SCOPES if each in scope]
            proof = studio.space.sent(evidence)
            one = consents.write(studio.space, people, scopes, until, proof, artistic or "")
        except OlharError as error:
            raise parts.refuse(error) from None
        return _now(one)

    def keep_consent(files: list[str] | None) -> tuple[Any, Any, Any]:
        """Take in a record that was made elsewhere: its consent.json and the evidence.

        Returns the same as for one that is written here.
        """
        if not files:
            return gr.skip(), gr.skip(), gr.skip()
        try:
            one = consents.take(studio.space, [studio.space.sent(each) for each in files])
        except OlharError as error:
            raise parts.refuse(error) from None
        return _now(one)

    def _now(one: Kept) -> tuple[Any, Any, Any]:
        told = {"consent": one.name, **one.record.as_card()}
        choice = gr.Dropdown(choices=_choices(studio), value=one.name)
        return choice, shown(studio, one.name), told

    def look(name: str | None) -> str:
        """The record that is chosen."""
        return shown(studio, name)

    def act(name: str | None, event: EventData) -> tuple[Any, Any]:
        """What is clicked: to delete it."""
        if parts.said(event).get("do") == "withdraw" and name:
            try:
                consents.remove(studio.space, name)
            except OlharError as error:
                raise parts.refuse(error) from None
        return resume(None)

    def resume(request: Request | None) -> tuple[Any, Any]:
        """The records that there are, and the one that was used last."""
        there, last = _choices(studio), ""
        if request is not None:
            own = (job for job in studio.jobs.all() if job.visitor == parts.visitor(request))
            last = next((job.settings["consent"] for job in own if "consent" in job.settings), "")
        names = [name for _, name in there]
        name = last if last in names else (names or [None])[0]
        return gr.Dropdown(choices=there, value=name), shown(studio, name)

    def arrive(request: Request) -> tuple[Any, Any]:
        """What was there when the page was left."""
        return resume(request)

    write.click(consent, given, outputs, api_name="consent", **_HIDDEN)
    sent.change(keep_consent, sent, outputs, api_name="keep_consent", **_HIDDEN)
    chosen.input(look, chosen, stage, **_PRIVATE)
    stage.act(act, chosen, [chosen, stage], **_PRIVATE)
    studio.pages["swap"].load(arrive, None, [chosen, stage], **_PRIVATE)
    return chosen


def _form() -> list[Any]:
    label = parts.label
    given: list[Any] = []
    for side in ("a", "b"):
        with gr.Row():
            given += [
                gr.Textbox(label=label(f"studio.consent.name.{side}"), min_width=200),
                gr.Textbox(
                    label=label("studio.consent.by"),
                    placeholder=label("studio.consent.by.help"),
                    min_width=200,
                ),
            ]
    given.append(
        gr.CheckboxGroup(
            [(label(f"choice.scope.{each}"), each) for each in SCOPES],
            value=[*_FIRST],
            label=label("studio.consent.scope"),
        )
    )
    given.append(
        gr.DateTime(
            include_time=False,
            type="string",
            label=label("studio.consent.until"),
            info=label("studio.consent.until.help"),
        )
    )
    Panel(f'<p class="above">{html(say("studio.consent.evidence"))}</p>')
    given.append(
        gr.File(label=label("studio.consent.evidence"), elem_classes="drop small", height="auto")
    )
    given.append(
        gr.Textbox(
            label=label("studio.consent.artistic"),
            info=label("studio.consent.artistic.help"),
            lines=2,
        )
    )
    return given


def _choices(studio: Studio) -> list[tuple[str, str]]:
    """Who agreed, and the number of the record."""
    return [(f"{one.people} · {one.name[:6]}", one.name) for one in consents.kept(studio.space)]


def shown(studio: Studio, name: str | None) -> Html:
    """What a record says, and whether it holds."""
    try:
        one = consents.find(studio.space, name)
    except OlharError:
        return Html(
            f'<div class="stage"><p class="none">{html(say("studio.consent.none"))}</p></div>'
        )
    record = one.record
    wrong = one.wrong(*record.scope)
    holds = say("studio.consent.holds", until=f"{record.until}")
    state = f'<p class="good">{html(holds)}</p>' if not wrong else _wrong(wrong)
    people = "".join(
        f"<li><strong>{escape(each.name)}</strong> "
        f'<span class="note">{html(say("studio.consent.given", who=each.given_by))}</span></li>'
        for each in record.people
    )
    rows: list[tuple[Phrase, Phrase | str]] = [
        (say("studio.consent.for"), listed([say(f"choice.scope.{each}") for each in record.scope])),
        (say("studio.consent.on"), f"{record.given_on}"),
        (say("studio.consent.number"), record.sha256[:16]),
    ]
    if record.artistic:
        rows.insert(1, (say("studio.consent.why"), record.artistic))
    facts = "".join(f"<dt>{html(key)}</dt><dd>{html(value)}</dd>" for key, value in rows)
    words = html(say("studio.consent.download"))
    deeds = (
        f'<a class="deed" href="/studio/consent/{escape(one.name)}" download>{words}</a>'
        + sure(
            "withdraw",
            say("studio.consent.delete"),
            say("studio.delete.sure", name=one.people),
        )
    )
    return Html(
        f'<div class="stage record">{state}<ul>{people}</ul><dl class="facts">{facts}</dl>'
        f'<div class="deeds">{deeds}</div></div>'
    )


def _wrong(why: str) -> str:
    title = html(say("studio.consent.not"))
    return f'<p class="wrong"><strong>{title}</strong><br>{escape(why)}</p>'
