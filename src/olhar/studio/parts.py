"""What pages are made of: the top, a panel that hears and speaks, a job on its way, its result."""

from __future__ import annotations

import asyncio
import time
from functools import partial
from html import escape
from typing import TYPE_CHECKING, Any, cast

from olhar.errors import OlharError
from olhar.look import page as look
from olhar.look.messages import LANGUAGES, Phrase, listed, say
from olhar.look.page import Html, Picture, html
from olhar.look.phrase import localized
from olhar.studio.job import CUT_OFF
from olhar.studio.quick import LocalContext, gr, without_stubs
from olhar.studio.results import is_film
from olhar.studio.told import noted, told

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Mapping

    from olhar.studio.job import Job
    from olhar.studio.jobs import Jobs

PAGES = (
    *("colorize", "restyle", "denoise", "swap", "generate", "classify"),
    *("pack", "runs", "inspect", "lessons"),
)
"""Names of the pages, in the order in which they stand at the top."""
GOES_ON = frozenset({"faces", "swap", "train"})
"""Kinds whose pages hear the button that lets a job go on which was cut off."""
_TICK = 0.25  # seconds between two looks at a job


def paths() -> dict[str, str]:
    """Name of a page to its path; the first is where one arrives."""
    return {name: "/" if name == PAGES[0] else f"/{name}" for name in PAGES}


def label(key: str) -> Any:
    """A message as the label of one of Gradio's parts."""
    return gr.I18n()(key)


with without_stubs():

    class Panel(gr.HTML):
        """Markup whose buttons tell what they do: `panel.act(function)`.

        Whatever inside has `data-do`, and what look.js makes of pictures, arrives as one event.
        Clients of the API are not given the markup.
        """

        def __init__(self, value: str = "", **others: Any) -> None:
            others.setdefault("elem_classes", "studio")
            script = "element.addEventListener('olhar', (event) => trigger('act', event.detail));"
            super().__init__(value, js_on_load=script, apply_default_css=False, **others)

        def __getattr__(self, name: str) -> Any:
            """`act`, heard also while an earlier deed is at work: the next may be to stop it."""
            found = cast("Any", super().__getattr__(name))
            return partial(found, trigger_mode="multiple") if name == "act" else found

        @property
        def skip_api(self) -> bool:
            """Left out of the documented results."""
            return True

        def get_block_name(self) -> str:
            """What the browser takes it for."""
            return "html"

    class Choice(gr.Dropdown):
        """A list of what there is by now; whoever takes what is chosen says if there is no such.

        Gradio refuses what was not there when the studio was started, if a program asks for it.
        """

        def preprocess(self, payload: Any) -> Any:
            """What is chosen."""
            return payload

        def get_block_name(self) -> str:
            """What the browser takes it for."""
            return "dropdown"


def said(event: Any) -> dict[str, Any]:
    """What a panel told."""
    return event._data or {}


def top(name: str) -> Html:
    """The head of a page: where one is, and in which language."""
    items = "".join(
        f'<li><a href="{path}"{" aria-current=page" if each == name else ""}>'
        f"{html(say(f'studio.page.{each}'))}</a></li>"
        for each, path in paths().items()
    )
    buttons = "".join(
        f'<button type="button" data-language="{each}" aria-pressed="false">{each[:2].upper()}'
        "</button>"
        for each in LANGUAGES
    )
    language = described(say("page.language"))
    return Html(
        f'<header class="studio-top"><a class="mark" href="/">{look.EYE}olhar</a>'
        f"<nav {described(say('studio.nav'))}><ul>{items}</ul></nav>"
        f'<div class="languages" role="group" {language}>{buttons}</div></header>'
        f'<div class="studio-title"><h1>{html(say(f"studio.page.{name}"))}</h1>'
        f"<p>{html(say(f'studio.about.{name}'))}</p></div>"
    )


def described(phrase: Phrase) -> str:
    """What a screen reader says of it, in the language of the page."""
    return (
        f'aria-label="{escape(phrase.english)}" data-en="{escape(phrase.english)}" '
        f'data-pt="{escape(phrase.portuguese)}"'
    )


def button(do: str, words: Phrase, css: str = "", **data: Any) -> Html:
    """A button that tells the panel around it what to do."""
    values = "".join(f' data-{key}="{escape(str(value))}"' for key, value in data.items())
    return Html(
        f'<button type="button" class="deed {css}" data-do="{do}"{values}>{html(words)}</button>'
    )


def sure(do: str, words: Phrase, question: Phrase, **data: Any) -> Html:
    """A button that asks before."""
    asks = {"sure": "1", "sure-en": question.english, "sure-pt": question.portuguese}
    return button(do, words, "bad", **asks, **data)


def stopper(job: Job, key: str = "studio.stop.plain") -> Html:
    """The button that stops a job, once."""
    made = button("stop", say(key), job=job.id)
    return Html(made.replace("<button", "<button disabled", 1) if job.stopping else made)


def download(job: Job, name: str, main: bool = True) -> Html:
    """A link that downloads a result."""
    css = "deed main" if main else "deed"
    words = html(say("studio.download"))
    return Html(f'<a class="{css}" href="{job.address(name)}" download>{words}</a>')


def empty(key: str) -> Html:
    """What stands where nothing is yet."""
    return Html(f'<div class="stage"><div class="empty"><p>{html(say(key))}</p></div></div>')


def failed(sentence: str) -> Html:
    """What went wrong, in the sentence that says what to do."""
    title, words = html(say("studio.failed")), html(told(sentence))
    return Html(f'<div class="failed" role="alert"><div class="name">{title}</div>{words}</div>')


def on_its_way(jobs: Jobs, job: Job) -> Html:
    """A job that waits or runs: for what, how far, how long yet, and how it looks."""
    told = job.progress() if job.state == "running" else {}
    share, left = told.get("share"), job.left()
    if job.state == "waiting":
        ahead = [each.title for each in jobs.before(job)]
        first = ahead[:1] or [say("studio.place")]
        line = say("studio.waiting", what=listed(first))
        if len(ahead) > 1:
            line = say("studio.waiting.more", what=ahead[0], count=f"{len(ahead) - 1}")
    elif "said" in told:
        key, values = told["said"]
        line = say(key, **values)
    else:
        line = say("studio.working")
    if job.stopping:
        line, left = say("studio.stopping"), None
    time_ = say("studio.left", time=duration(left)) if left is not None else Phrase("", "")
    percent = 100 * float(share or 0)
    now = f' aria-valuenow="{percent:.0f}" style="--share:{percent:.1f}%"' if percent else ""
    picture = told.get("picture")
    shown = (
        f'<div class="forming growing"><img src="{job.address(picture)}" alt=""></div>'
        if picture
        else ""
    )
    meter = (
        f'<div class="meter {"" if percent else "unknown"}" role="progressbar" aria-valuemin="0" '
        f'aria-valuemax="100"{now} {described(job.title)}></div>'
    )
    keep = picture and not of_film(job)  # of a film there is no result before its end
    stop = stopper(job, f"studio.stop.{'keep' if keep else 'plain'}")
    return Html(
        f'<div class="stage"><div class="job"><div class="name">{html(job.title)}</div>{meter}'
        f'<div class="how"><span>{html(line)}</span><span>{html(time_)}</span></div>'
        f'<div class="deeds">{stop}</div></div>{shown}</div>'
    )


def duration(seconds: float) -> Phrase:
    """Roughly how long, as one would say it."""
    if seconds < 90:
        return say("studio.seconds", count=f"{max(1, round(seconds))}")
    if seconds < 90 * 60:
        return say("studio.minutes", count=f"{round(seconds / 60)}")
    return say("studio.hours", count=localized(f"{seconds / 3600:.1f}"))


def before_after(job: Job, name: Phrase, number: int = 0, more: str = "") -> Html:
    """The result of a job beside what it was made from, with a link to the whole of it."""
    result = job.result
    before, after = result["before"], result["after"][number]
    sides = [Picture(job.address(each[0]), name, each[1], each[2]) for each in (before, after)]
    figure = look.comparison(sides[0], sides[1], name)
    width, height = result["full"]
    size = say("studio.size", width=f"{width}", height=f"{height}")
    notes = "".join(f'<div class="note">{html(noted(n))}</div>' for n in result.get("notes", []))
    cut = figure.rindex("<figcaption>")
    caption = (
        f'<figcaption><div class="deeds">{download(job, result["files"][number])}{more}</div>'
        f'<div class="note">{look.made_by_a_machine()} {html(size)}</div>{notes}</figcaption>'
    )
    return Html(f'<div class="stage">{figure[:cut]}{caption}</figure></div>')


def of_film(job: Job) -> bool:
    """Whether what a job was given to change is a film."""
    photo = job.file("photo")
    return photo is not None and is_film(photo)


def film(job: Job) -> Html:
    """A film that was made."""
    name = job.result["film"]
    return Html(
        f'<div class="stage"><video controls playsinline src="{job.address(name)}"></video>'
        f'<div class="deeds">{download(job, name)}</div>'
        f'<div class="note">{look.made_by_a_machine()}</div></div>'
    )


def visitor(request: Any) -> str:
    """Who asks: a browser by its cookie, a program by its session."""
    return _cookie(request) or f"program {request.session_hash}"


def page(request: Any) -> str:
    """Which page asks, among all that the same browser has open."""
    return str(request.session_hash or "")


def is_program(request: Any) -> bool:
    """Whether no browser asks."""
    return not _cookie(request)


def _cookie(request: Any) -> str:
    cookies: Mapping[str, str] = getattr(request, "cookies", None) or {}
    return cookies.get("olhar_visitor", "")


async def follow(
    jobs: Jobs,
    job: Job,
    show: Callable[[Job], str],
    *,
    beside: Callable[[Job], str] | None = None,
    quiet: float = 0,
) -> AsyncIterator[str]:
    """What a page shows of a job, each time that it changes, until it is over.

    It ends without a last word when the same page has begun a newer job of the kind.

    Args:
        jobs: of the studio.
        job: to follow; it goes on when nobody does.
        show: what is shown of a job that is done, or stopped with a result.
        beside: what is shown below how far it is.
        quiet: leave what is there for so many seconds, since most such jobs are done by then.
    """
    before, began = "", time.monotonic()
    job.page = _here()  # the page may have been opened again since
    while not job.over:
        if overtaken(jobs, job):
            return
        now = on_its_way(jobs, job) + (beside(job) if beside else "")
        if now != before and time.monotonic() - began >= quiet:
            yield (before := now)
        await asyncio.sleep(_TICK)
    if not overtaken(jobs, job):
        yield outcome(job, show)


def overtaken(jobs: Jobs, job: Job) -> bool:
    """Whether the page that asks shows another job of the kind by now, or none.

    It then has to be told last that nothing changes: Gradio shows the last word once more.
    """
    return jobs.superseded(job, _here())


def _here() -> str:
    request = LocalContext.request.get(None)
    return page(request) if request is not None else ""


def outcome(job: Job, show: Callable[[Job], str]) -> str:
    """What is shown of a job that is over."""
    if job.state == "failed":
        return why(job)
    if job.state == "stopped" and not job.result and job.kind != "train":
        return Html(f'<div class="stage"><div class="empty"><p>{html(say("studio.stopped"))}</p>'
                    "</div></div>")  # fmt: skip
    return show(job)


def why(job: Job) -> Html:
    """Why a job failed; one that was cut off can go on."""
    sentence = failed(job.error)
    if job.error != CUT_OFF or job.kind not in GOES_ON:
        return sentence
    go_on = button("go-on", say("studio.go.on"), "main", job=job.id)
    return Html(f'{sentence}<div class="deeds">{go_on}</div>')


def refuse(error: OlharError) -> Any:
    """The error as Gradio shows it, in both languages, and as programs get it, in English."""
    asked = LocalContext.request.get(None)
    words = str(error) if asked is None or is_program(asked) else html(told(str(error)))
    return gr.Error(words, duration=12, print_exception=False, title="olhar")


def answered(job: Job) -> None:
    """Tell a program that its job failed; a browser is shown it in the page.

    Raises:
        Error: of Gradio, with the sentence.
    """
    if job.state == "failed" and job.visitor.startswith("program "):
        raise refuse(OlharError(job.error))
