"""Generate: learn from a folder, then walk through the pictures that were learned."""

from __future__ import annotations

from collections.abc import AsyncIterator  # noqa: TC003  Gradio reads the hints
from typing import TYPE_CHECKING, Any

from olhar.look import page as look
from olhar.look.messages import say
from olhar.look.page import Html, Picture, html, image
from olhar.studio import controls, learning, parts
from olhar.studio.parts import Panel
from olhar.studio.quick import EventData, Request, gr

if TYPE_CHECKING:
    from olhar.studio.job import Job
    from olhar.studio.studio import Studio

FIRST = ("epochs", "size", "latent")
MORE = ("beta", "learning_rate", "batch_size", "shape", "seed")
DIRECTIONS = 5
_FAR = 4.0  # deviations to either side
_HIDDEN: dict[str, Any] = {"concurrency_limit": None, "show_progress": "hidden"}
_PRIVATE = _HIDDEN | {"api_visibility": "private"}
_WIDTH = 512  # at least so wide, in whole pixels of the picture, is one shown


def build(studio: Studio) -> None:
    """Put the page together."""
    with gr.Tabs():
        with gr.Tab(parts.label("studio.one"), id="one") as tab:
            _explore(studio, tab)
        with gr.Tab(parts.label("studio.samples"), id="many") as tab:
            _generate(studio, tab)
        with gr.Tab(parts.label("studio.learn"), id="learn"):
            learning.build(studio, "generate", "vae", FIRST, MORE, "pictures")


def _stage(studio: Studio) -> tuple[Any, Any]:
    """Where the pictures stand."""
    known = studio.models("vae")
    stage = Panel(parts.empty("studio.generate.empty" if known else "studio.model.none"))

    def act(event: EventData, request: Request) -> None:
        """What is clicked: to stop."""
        studio.act(parts.said(event), request)

    stage.act(act, None, None, **_PRIVATE)
    return stage, gr.File(visible=False)


def _model(studio: Studio, tab: Any) -> Any:
    """Which model makes them."""
    known = studio.models("vae")
    run = parts.Choice(known, value=known[0] if known else None, label=parts.label("studio.model"))

    def models(now: str | None) -> Any:
        """The models that there are by now."""
        there = studio.models("vae")
        return gr.Dropdown(choices=there, value=now if now in there else (there or [None])[0])

    tab.select(models, run, run, **_PRIVATE)
    return run


def _explore(studio: Studio, tab: Any) -> None:
    with gr.Row(elem_classes="desk"):
        with gr.Column(scale=7):
            stage, result = _stage(studio)
        with gr.Column(scale=4, min_width=320, elem_classes="settings"):
            run = _model(studio, tab)
            Panel(f'<p class="note">{html(say("studio.explore.help"))}</p>')
            sliders = [
                gr.Slider(
                    -_FAR,
                    _FAR,
                    0,
                    step=0.1,
                    buttons=[],
                    label=parts.label(f"studio.direction.{number}"),
                )
                for number in range(1, DIRECTIONS + 1)
            ]
            seed = _seed()

    async def explore(
        run: str, seed: float, request: Request, *values: float
    ) -> AsyncIterator[tuple[Any, Any]]:
        """Make one picture at a place among all that a run can make.

        Returns it as a file. Directions are in deviations; all 0 is the picture of the seed.
        """
        settings = {"run": run, "seed": int(seed), "values": [*values]}
        async for each in _made(studio, "explore", settings, run, request):
            yield each

    named = controls.named(explore, [f"direction_{n}" for n in range(1, DIRECTIONS + 1)])
    given = [run, seed, *sliders]
    seed.change(named, given, [stage, result], api_name="explore", **_HIDDEN)
    for slider in sliders:
        slider.release(named, given, [stage, result], trigger_mode="always_last", **_PRIVATE)
    run.change(named, given, [stage, result], **_PRIVATE)
    studio.pages["generate"].load(named, given, [stage, result], **_PRIVATE)


def _generate(studio: Studio, tab: Any) -> None:
    with gr.Row(elem_classes="desk"):
        with gr.Column(scale=7):
            stage, result = _stage(studio)
        with gr.Column(scale=4, min_width=320, elem_classes="settings"):
            run = _model(studio, tab)
            count = gr.Slider(1, 144, 36, step=1, buttons=[], label=parts.label("studio.count"))
            temperature = gr.Slider(
                0,
                2,
                1,
                step=0.05,
                buttons=[],
                label=parts.label("studio.temperature"),
                info=parts.label("studio.temperature.help"),
            )
            seed = _seed()
            start = gr.Button(parts.label("studio.generate.start"), variant="primary")

    async def generate(
        run: str, count: float, seed: float, temperature: float, request: Request
    ) -> AsyncIterator[tuple[Any, Any]]:
        """Make pictures with a run that was trained here.

        Returns all of them in one file, in rows.
        """
        settings = {"run": run, "count": count, "seed": int(seed), "temperature": temperature}
        async for each in _made(studio, "generate", settings, run, request):
            yield each

    given = [run, count, seed, temperature]
    start.click(generate, given, [stage, result], api_name="generate", **_HIDDEN)


def _seed() -> Any:
    return gr.Number(
        0,
        precision=0,
        minimum=0,
        label=parts.label("studio.seed"),
        info=parts.label("studio.seed.help"),
    )


async def _made(
    studio: Studio, kind: str, settings: dict[str, Any], run: str | None, request: Any
) -> AsyncIterator[tuple[Any, Any]]:
    if not run:
        yield parts.empty("studio.model.none"), None
        return
    job = studio.submit(kind, request, settings)
    async for now in parts.follow(studio.jobs, job, show, quiet=1):
        path = job.folder / "out" / job.result["file"] if job.state == "done" else None
        yield now, str(path) if path else gr.skip()
    if parts.overtaken(studio.jobs, job):
        yield gr.skip(), gr.skip()
    parts.answered(job)


def show(job: Job) -> Html:
    """Pictures that were made, small ones enlarged with their pixels square."""
    width, height = job.result["size"]
    scale = max(1, _WIDTH // width)
    picture = Picture(job.address(job.result["file"]), say("studio.generate.start"), width, height)
    shown = f'style="width:min(100%, {width * scale}px)"'
    figure = image(picture, "pixel").replace("<img", f"<img {shown}", 1)
    made = look.made_by_a_machine()
    return Html(
        f'<div class="stage"><figure>{figure}<figcaption>'
        f'<div class="deeds">{parts.download(job, job.result["file"])}</div>'
        f'<div class="note">{made} {html(say("studio.pixels", width=width, height=height))}</div>'
        "</figcaption></figure></div>"
    )
