"""Pack: a folder of pictures in one small file, and what it weighs before and after."""

from __future__ import annotations

from collections.abc import AsyncIterator  # noqa: TC003  Gradio reads the hints
from html import escape
from typing import TYPE_CHECKING, Any

from olhar.errors import OlharError
from olhar.look import page as look
from olhar.look.messages import Phrase, say
from olhar.look.page import Html, Picture, html
from olhar.look.phrase import localized
from olhar.look.table import Figure, figures
from olhar.studio import learning, parts
from olhar.studio.parts import Panel
from olhar.studio.quick import EventData, Request, gr
from olhar.studio.told import noted

if TYPE_CHECKING:
    from olhar.studio.job import Job
    from olhar.studio.studio import Studio

_FAILED = 20  # sentences that are shown
_ENLARGED = 256  # pixels, to which small pictures are enlarged


def build(studio: Studio) -> None:
    """Put the page together."""
    with gr.Row(elem_classes="desk"):
        with gr.Column(scale=7):
            stage = Panel(parts.empty("studio.pack.empty"), elem_id="stage")
        with gr.Column(scale=4, min_width=320, elem_classes="settings"):
            data = learning.chooser(studio, "pack", "studio.pack.data")
            quality = gr.Slider(
                0,
                100,
                50,
                step=1,
                buttons=[],
                label=parts.label("studio.quality"),
                info=parts.label("studio.quality.help"),
            )
            start = gr.Button(parts.label("studio.pack.start"), variant="primary")
    archive, result = gr.File(visible=False), gr.JSON(visible=False)
    outputs = [stage, archive, result]

    async def pack(
        data: str, quality: float, request: Request
    ) -> AsyncIterator[tuple[Any, Any, Any]]:
        """Pack a folder in the studio's `data` into one file.

        Returns the file, which `olhar unpack` makes the folder of again, and what it weighs.
        """
        try:
            if not data:
                raise OlharError("there is nothing to pack; send a folder first")
            studio.space.named(studio.space.data, data)
        except OlharError as error:
            raise parts.refuse(error) from None
        job = studio.submit("pack", request, {"data": data, "quality": quality})
        async for each in shown(job):
            yield each
        parts.answered(job)

    async def shown(job: Job) -> AsyncIterator[tuple[Any, Any, Any]]:
        async for now in parts.follow(studio.jobs, job, show):
            done = job.state == "done"
            path = str(job.folder / "out" / job.result["file"]) if done else None
            yield now, path, job.result if done else None

    async def resume(request: Request) -> AsyncIterator[tuple[Any, Any, Any]]:
        """What was there when the page was left."""
        job = studio.jobs.latest(parts.visitor(request), "pack")
        if job is None:
            yield gr.skip(), gr.skip(), gr.skip()
        else:
            async for each in shown(job):
                yield each

    def act(event: EventData, request: Request) -> None:
        """What is clicked: to stop."""
        studio.act(parts.said(event), request)

    hidden = {"concurrency_limit": None, "show_progress": "hidden"}
    start.click(pack, [data, quality], outputs, api_name="pack", **hidden)
    stage.act(act, None, None, api_visibility="private", **hidden)
    studio.pages["pack"].load(resume, None, outputs, api_visibility="private", **hidden)


def show(job: Job) -> Html:
    """What it weighs before and after, and how one of the pictures looks."""
    told = job.result
    before, after = told["bytes_before"], told["bytes_after"]
    measured = [
        Figure(say("studio.pack.before"), size(before)),
        Figure(say("studio.pack.after"), size(after)),
        Figure(say("studio.pack.share"), localized(f"{100 * after / max(1, before):.1f}\u00a0%")),
        Figure(say("studio.pack.pictures"), f"{told['pictures']}"),
    ]
    picture = ""
    if "shown" in told:
        name = Phrase(told["name"], told["name"])
        (old, width, height), (new, *_) = told["shown"]
        scale = max(1, _ENLARGED // max(width, height))
        sides = [
            Picture(job.address(each), name, width * scale, height * scale) for each in (old, new)
        ]
        css = ' class="pixels"' if scale > 1 else ""
        picture = f"<div{css}>{look.comparison(sides[0], sides[1], name)}</div>"
    notes = [say("studio.pack.bpp", bits=localized(f"{told['bits_per_pixel']:.2f}"))]
    if told["files"]:
        notes.append(say("studio.pack.files", count=f"{told['files']}"))
    notes += [noted(why) for why in told["failed"][:_FAILED]]
    lines = "".join(f'<p class="note">{html(note)}</p>' for note in notes)
    command = f"<pre><code>olhar unpack {escape(told['file'])} -o {escape(job.settings['data'])}/"
    return Html(
        f'<div class="stage">{figures(measured)}{picture}'
        f'<div class="deeds">{parts.download(job, told["file"])}</div>{lines}'
        f'<p class="note">{html(say("studio.pack.again"))}</p>{command}</code></pre></div>'
    )


def size(count: int) -> Phrase:
    """Bytes for a person.

    >>> size(1_234_567).portuguese.split()
    ['1,2', 'MB']
    """
    if count < 1000:
        return Phrase(f"{count} bytes", f"{count} bytes")
    unit, value = ("kB", count / 1e3) if count < 1e6 else ("MB", count / 1e6)
    if value >= 1000:
        unit, value = "GB", value / 1e3
    return localized(f"{value:.1f}\u00a0{unit}")
