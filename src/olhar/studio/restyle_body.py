"""The job of restyling: it tells how the picture forms, and goes on where it was stopped.

A film goes on as on the command line: the job that is told of the one before takes over what that
has left of it. Of a photograph, what `olhar.stylize.Step.state` says of the last step is kept in
the job's folder when somebody stops it: some 20 pictures of its size, 60 MB at 512 pixels. Another
job that is given this file goes on from there, to the very picture that would have come without the
stop.
"""

from __future__ import annotations

import contextlib
import shutil
from functools import partial
from hashlib import blake2b
from pathlib import Path
from typing import TYPE_CHECKING, Any

import safetensors
import safetensors.torch

from olhar import hub
from olhar.errors import OlharError
from olhar.fields import from_dict
from olhar.media.files import atomic
from olhar.media.image import read, resize, write
from olhar.media.process import process
from olhar.studio.job import STATE
from olhar.studio.results import BUNDLED, before_after, carry_on, chosen_run, is_film, named

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from torch import Tensor

    from olhar.media.mark import Mark
    from olhar.studio.work import Asked, Tell
    from olhar.stylize import Step, Stylize
    from olhar.stylize.film import Restyling

_OFTEN = 4  # steps between two looks at it
_PAINTINGS = ".paintings"  # in a run: what its style was learned from


def restyle(asked: Asked, tell: Tell) -> dict[str, Any]:
    """`olhar stylize`; stopped, it keeps what has formed and what it needs to go on."""
    from olhar.samples import painting
    from olhar.stylize import Stylize, steps
    from olhar.stylize.settings import plan_levels

    photo, settings = asked.file("photo"), from_dict(Stylize, asked.settings["form"])
    if asked.settings.get("run"):
        return _at_once(asked, tell, settings)
    tell(0.0, "studio.preparing")
    styles = [read(path).image for path in asked.files.get("style", [])]
    styles += [painting(name) for name in asked.settings.get("drawn", [])]
    if not styles:
        raise OlharError("there is no style; choose a drawn one or give a painting")
    mark = hub.mark("restyled", "vgg16", *asked.files.get("style", []))
    if is_film(photo):
        return _painted(asked, tell, styles, settings, mark)
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

    report = process(photo, asked.out / named(photo, "restyled"), formed, mark=mark)
    return before_after(asked, photo, report.done, mark)


def paintings(asked: Asked, run: Path) -> list[str]:
    """Files of the paintings that a style is learned from, kept in the run, to measure it by.

    Raises:
        OlharError: if there is none.
    """
    from olhar.samples import painting

    given, drawn = asked.files.get("style", []), asked.settings.get("drawn", [])
    if not given and not drawn:
        raise OlharError("there is no style; choose a drawn one or give a painting")
    folder = run / _PAINTINGS
    folder.mkdir(parents=True, exist_ok=True)
    kept: list[Path] = []
    for path in given:
        content = path.read_bytes()  # by which it is named: another never takes its place
        named = blake2b(content, digest_size=8).hexdigest()
        kept.append(folder / f"{named}{path.suffix.lower()}")
        if not kept[-1].exists():
            with atomic(kept[-1]) as temporary:
                temporary.write_bytes(content)
    for name in drawn:
        kept.append(folder / f"{name}.png")
        if not kept[-1].exists():
            write(kept[-1], painting(name), mark=None)
    return [*map(str, kept)]


def forget_paintings(run: Path) -> None:
    """Leave no trace of a training in which nothing began: a folder with nothing but paintings."""
    if run.is_dir() and [path.name for path in run.iterdir()] == [_PAINTINGS]:
        shutil.rmtree(run)


def _at_once(asked: Asked, tell: Tell, settings: Stylize) -> dict[str, Any]:
    """By a style that was learned: what else the form says was chosen in the training."""
    from olhar.commands.stylize import learned_fingerprint
    from olhar.stylize import Stylize
    from olhar.stylize.learned import bundled, load, restyle
    from olhar.stylize.learned_film import LearnedRestyling

    photo, name = asked.file("photo"), str(asked.settings["run"])
    came = {f"{BUNDLED}{each}": Path(each) for each in bundled()}
    model = came[name] if name in came else chosen_run(asked)
    heeded = Stylize(size=settings.size, colors=settings.colors, steady=settings.steady)
    network, mark = load(model), hub.mark("restyled", model)
    whole = partial(restyle, model=network, settings=heeded)
    if is_film(photo):
        frames = LearnedRestyling(network, heeded)
        return _film(asked, tell, frames, whole, mark, learned_fingerprint(model, heeded))
    report = process(photo, asked.out / named(photo, "restyled"), whole, mark=mark)
    return before_after(asked, photo, report.done, mark)


def _painted(
    asked: Asked, tell: Tell, styles: list[Tensor], settings: Stylize, mark: Mark
) -> dict[str, Any]:
    """A film after paintings."""
    from olhar.commands.stylize import fingerprint
    from olhar.stylize import stylize
    from olhar.stylize.film import Restyling

    def watched(made: Iterator[Step]) -> Iterator[Step]:
        for step in made:
            if step.iteration % _OFTEN == 1:
                said = {"iteration": step.iteration, "iterations": step.iterations}
                tell.says("studio.iteration", **said)
                tell.picture(step.picture())
            _heed(tell)
            yield step

    frames = Restyling(styles, settings, watch=watched)
    whole = partial(stylize, styles=styles, settings=settings)
    return _film(asked, tell, frames, whole, mark, fingerprint(styles, settings))


def _film(
    asked: Asked,
    tell: Tell,
    frames: Restyling,
    whole: Callable[[Tensor], Tensor],
    mark: Mark,
    settings: str,
) -> dict[str, Any]:
    """A film, which goes on where the job before left it."""
    film = asked.file("photo")
    if asked.settings.get("after"):
        carry_on(asked.space / "jobs" / asked.settings["after"], film, asked.out)
    target = asked.out / named(film, "restyled", film=True)
    process(film, target, whole, frames=_Seen(frames, tell), mark=mark, settings=settings)
    return {"film": target.name}


class _Seen:
    """Shows each picture of a film, and stops when it is asked to (`olhar.media.segments.Film`)."""

    def __init__(self, film: Restyling, tell: Tell) -> None:
        self._film, self._tell = film, tell
        self.warm_up, self.slow, self.state = film.warm_up, film.slow, film.state

    def __call__(
        self, frames: Iterable[Tensor], state: dict[str, Any] | None = None
    ) -> Iterator[Tensor]:
        known: int = state["frames"] if state else 0
        for picture in self._film(frames, state):
            if self._film.count > known:
                self._tell.says("studio.restyle.frame", number=self._film.count)
                self._tell.picture(picture)
            known = self._film.count
            _heed(self._tell)
            yield picture


def _heed(tell: Tell) -> None:
    if tell.asked:
        raise KeyboardInterrupt


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
