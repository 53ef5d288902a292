"""The job of restyling: it tells how the picture forms, and goes on where it was stopped.

What `olhar.stylize.Step.state` says of the last step is kept in the job's folder when somebody
stops it: some 20 pictures of its size, 60 MB at 512 pixels. Another job that is given this file
goes on from there, to the very picture that would have come without the stop.
"""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any

import safetensors
import safetensors.torch

from olhar import hub
from olhar.errors import OlharError
from olhar.fields import from_dict
from olhar.media.files import atomic
from olhar.media.image import read, resize
from olhar.media.process import process
from olhar.studio.job import STATE
from olhar.studio.results import before_after, named

if TYPE_CHECKING:
    from pathlib import Path

    from torch import Tensor

    from olhar.studio.work import Asked, Tell
    from olhar.stylize.apply import Step

_OFTEN = 4  # steps between two looks at it


def restyle(asked: Asked, tell: Tell) -> dict[str, Any]:
    """`olhar stylize`; stopped, it keeps what has formed and what it needs to go on."""
    from olhar.samples import painting
    from olhar.stylize import Stylize, steps
    from olhar.stylize.settings import plan_levels

    photo, settings = asked.file("photo"), from_dict(Stylize, asked.settings["form"])
    tell(0.0, "studio.preparing")
    styles = [read(path).image for path in asked.files.get("style", [])]
    styles += [painting(name) for name in asked.settings.get("drawn", [])]
    if not styles:
        raise OlharError("there is no style; choose a drawn one or give a painting")
    state = _load(asked.file("state")) if asked.files.get("state") else None

    def formed(image: Tensor) -> Tensor:
        step = begun = None
        for step in steps(image, styles, settings, state=state):
            if begun is None:
                tell.begin(begun := step.work if state else 0.0)
            said = {"iteration": step.iteration, "iterations": step.iterations}
            tell(step.work, "studio.iteration", **said)
            if step.iteration % _OFTEN == 1:
                tell.picture(step.picture())
            if tell.asked:
                _keep(step, asked.out.parent / STATE)
                break
        if step is None:
            raise OlharError("this restyling was done when it was stopped; there is nothing to add")
        return _whole(step.picture(), image, plan_levels(image, settings)[-1].size)

    report = process(
        photo,
        asked.out / named(photo, "restyled"),
        formed,
        mark=(mark := hub.mark("restyled", "vgg16", *asked.files.get("style", []))),
        no_video="restyling a video comes with a later version; give photographs",
    )
    return before_after(asked, photo, report.done, mark)


def _keep(step: Step, path: Path) -> None:
    """Keep what it needs to go on; without room for it the picture is still there."""
    if step.iteration == step.iterations:
        return
    tensors = {name: each.detach().cpu().contiguous() for name, each in step.state().items()}
    with contextlib.suppress(OSError, OlharError), atomic(path) as temporary:
        safetensors.torch.save_file(tensors, temporary)


def _load(path: Path) -> dict[str, Tensor]:
    try:
        return safetensors.torch.load_file(path)
    except (OSError, safetensors.SafetensorError) as error:
        raise OlharError("what was kept of the stopped restyling is damaged; begin anew") from error


def _whole(picture: Tensor, photo: Tensor, size: tuple[int, int]) -> Tensor:
    """What had formed when it was stopped, at full size, with the photograph's own fine detail.

    So does each finer size of a restyling begin.
    """
    formed = picture.shape[1], picture.shape[2]
    if formed == size:
        return picture
    detail = resize(photo, size) - resize(resize(photo, formed), size)
    return (resize(picture, size) + detail).clamp(0, 1)
