"""Generate: learn from a folder, then walk through the pictures that were learned."""

from __future__ import annotations

from collections.abc import AsyncIterator  # noqa: TC003  Gradio reads the hints
from typing import TYPE_CHECKING, Any

from olhar.look import page as look
from olhar.look.messages import say
from olhar.look.page import Html, Picture, html, image
from olhar.studio import learning, parts
from olhar.studio.parts import Panel
from olhar.studio.quick import gr

if TYPE_CHECKING:
    from olhar.studio.jobs import Job
    from olhar.studio.studio import Studio

FIRST = ("epochs", "size", "latent")
MORE = ("beta", "learning_rate", "batch_size", "shape", "seed")
DIRECTIONS = 5
_FAR = 4.0  # deviations to either side
_WIDTH = 512  # at least so wide, in whole pixels of the picture, is one shown


def build(studio: Studio) -> None:
    """Put the page together."""
    with gr.Tabs():
        with gr.Tab(parts.label("studio.one"), id="one") as one:
            run, stage, result = _chosen(studio, one)
            _explore(studio, run, stage, result)
        with gr.Tab(parts.label("studio.samples"), id="many") as many:
            run, stage, result = _chosen(studio, many)
            _generate(studio, run, stage, result)
        with gr.Tab(parts.label("studio.learn"), id="learn"):
            learning.build(studio, "generate", "vae", FIRST, MORE, "pictures")


def _chosen(studio: Studio, tab: Any) -> tuple[Any, Any, Any]:
    """Where the pictures stand, and which model makes them."""
    known = studio.models("vae")
    run = gr.Dropdown(
        known,
        value=known[0] if known else None,
        label=parts.label("studio.model"),
        elem_classes="model",
    )
    stage = Panel(parts.empty("studio.generate.empty" if known else "studio.model.none"))
    result = gr.File(visible=False)

    def models(now: str | None) -> Any:
        """The models that there are by now."""
        there = studio.models("vae")
        return gr.Dropdown(choices=there, value=now if now in there else (there or [None])[0])

    def act(event: gr.EventData, request: gr.Request) -> None:
        """What is clicked: to stop."""
        studio.act(parts.said(event), request)

    private = {"api_visibility": "private", "concurrency_limit": None, "show_progress": "hidden"}
    tab.select(models, run, run, **private)
    stage.act(act, None, None, **private)
    return run, stage, result


def _explore(studio: Studio, run: Any, stage: Any, result: Any) -> None:
    with gr.Row():
        sliders = [
            gr.Slider(-_FAR, _FAR, 0, step=0.1, buttons=[], label=parts.label("studio.direction"))
            for _ in range(DIRECTIONS)
        ]
        seed = _seed()

    async def explore(
        run: str, seed: float, request: gr.Request, *values: float
    ) -> AsyncIterator[tuple[Any, Any]]:
        """Make one picture at a place among all that a run can make.

        Returns it as a file. Directions are in deviations; all 0 is the picture of the seed.
        """
        settings = {"run": run, "seed": int(seed), "values": [*values]}
        async for each in _made(studio, "explore", settings, run, request):
            yield each

    named = parts.named(explore, [f"direction_{n}" for n in range(1, DIRECTIONS + 1)])
    given = [run, seed, *sliders]
    hidden = {"concurrency_limit": None, "show_progress": "hidden"}
    seed.change(named, given, [stage, result], api_name="explore", **hidden)
    for slider in sliders:
        slider.release(named, given, [stage, result], api_visibility="private", **hidden)
    run.change(named, given, [stage, result], api_visibility="private", **hidden)


def _generate(studio: Studio, run: Any, stage: Any, result: Any) -> None:
    with gr.Row():
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
        run: str, count: float, seed: float, temperature: float, request: gr.Request
    ) -> AsyncIterator[tuple[Any, Any]]:
        """Make pictures with a run that was trained here.

        Returns all of them in one file, in rows.
        """
        settings = {"run": run, "count": count, "seed": int(seed), "temperature": temperature}
        async for each in _made(studio, "generate", settings, run, request):
            yield each

    hidden = {"concurrency_limit": None, "show_progress": "hidden"}
    given = [run, count, seed, temperature]
    start.click(generate, given, [stage, result], api_name="generate", **hidden)


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
    async for now in parts.follow(studio.jobs, job, show, quiet=True):
        path = job.folder / "out" / job.result["file"] if job.state == "done" else None
        yield now, str(path) if path else gr.skip()
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
