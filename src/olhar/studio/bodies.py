"""What jobs do: one function each, by the same functions that the commands call.

Each takes what was asked (`work.Asked`) and a way to tell how far it is (`work.Tell`), writes into
`asked.out`, and returns JSON values: the names of what it wrote, and what is said of it. Pictures
are written whole, to be downloaded, and once more small, for the page.
"""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import torch

from olhar import hub
from olhar.catalogue import KINDS, RECIPES, load
from olhar.commands.classify import classify as classify_command
from olhar.commands.colorize import colorize as colorize_command
from olhar.commands.compare import compare as compare_command
from olhar.commands.denoise import denoise as denoise_command
from olhar.commands.evaluate import evaluate as evaluate_command
from olhar.commands.export import export as export_command
from olhar.commands.inspect import inspect as inspect_command
from olhar.errors import OlharError
from olhar.fields import from_dict
from olhar.look.phrase import LANGUAGES
from olhar.media.image import read, write
from olhar.studio import swap_bodies
from olhar.studio.pack_body import pack
from olhar.studio.restyle_body import forget_paintings, paintings, restyle
from olhar.studio.results import before_after, chosen_run, is_film, named, on_screen, size_of
from olhar.studio.session import learn
from olhar.studio.workspace import NAME
from olhar.training.events import Evaluated, Noted, Started, Stepped, Stopped

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from torch import Tensor

    from olhar.studio.work import Asked, Tell


def colorize(asked: Asked, _: Tell) -> dict[str, Any]:
    """`olhar colorize`: a photograph or a film; `hints` and `variants` as there.

    What is in colour already is coloured anew if it is a photograph: somebody chose it.
    """
    from olhar.colorize import Colorize

    photo, settings = asked.file("photo"), from_dict(Colorize, asked.settings["form"])
    film = is_film(photo)
    hints = None
    if asked.settings.get("hints"):
        hints = asked.out / "hints.json"
        hints.write_text(json.dumps(asked.settings["hints"]), "utf-8")
    reference = asked.files.get("reference", [None])[0]
    count = int(asked.settings.get("variants", 1))
    target = asked.out / named(photo, "coloured", film)
    report = colorize_command(
        photo,
        output=target,
        hints=hints,
        reference=reference,
        variants=count,
        again=not film,
        settings=settings,
    )
    if film:
        return {"film": target.name}
    return {
        **before_after(asked, photo, report.done, hub.mark("colorized", "colorizer")),
        "notes": [note for notes in report.notes.values() for note in notes],
    }


def suggest(asked: Asked, _: Tell) -> dict[str, Any]:
    """Colours that one place of a photograph may have: `olhar.colorize.palette`."""
    from olhar.colorize import Colorize, palette

    settings = from_dict(Colorize, asked.settings["form"])
    point = float(asked.settings["x"]), float(asked.settings["y"])
    found = palette(read(asked.file("photo")).image, point, settings=settings)
    return {"colors": [[each.color, each.probability] for each in found]}


def denoise(asked: Asked, _: Tell) -> dict[str, Any]:
    """`olhar denoise`: a photograph or a film."""
    photo = asked.file("photo")
    film = is_film(photo)
    target = asked.out / named(photo, "clean", film)
    report = denoise_command(photo, output=target, strength=float(asked.settings["strength"]))
    if film:
        return {"film": target.name}
    return before_after(asked, photo, report.done, hub.mark("denoised", "denoiser"))


def generate(asked: Asked, _: Tell) -> dict[str, Any]:
    """`olhar generate`: many pictures of a VAE in one."""
    from olhar.vae.apply import generate as make

    said = asked.settings
    sheet = make(
        chosen_run(asked), int(said["count"]), int(said["seed"]), float(said["temperature"])
    )
    path = sheet.save(asked.out / "generated.png")
    return {"file": path.name, "pixels": True, **size_of(path)}


def explore(asked: Asked, _: Tell) -> dict[str, Any]:
    """One picture of a VAE, at a place in its latent space that sliders say.

    A slider moves along a direction that is drawn at random once, in deviations: the prior is the
    same in all directions (a normal distribution), so each is as good as any axis.
    """
    from olhar.vae.apply import decoded
    from olhar.vae.apply import load as load_vae

    model = load_vae(str(chosen_run(asked)))
    values = [float(value) for value in asked.settings["values"]]
    generator = torch.Generator().manual_seed(int(asked.settings["seed"]))
    start = model.network.draw(1, generator, 1.0)
    ways: Tensor = torch.randn((len(values), start[0].numel()), generator=generator)
    ways /= ways.square().sum(1, keepdim=True).sqrt()  # (values, latent), nearly at right angles
    moved = start.flatten() + (torch.tensor(values)[:, None] * ways).sum(0)
    moved = moved * (start.square().sum() / moved.square().sum().clamp_min(1e-9)).sqrt()
    image = decoded(model, moved.reshape(start.shape))[0]
    path = write(asked.out / "picture.png", image, mark=model.mark)
    return {"file": path.name, "pixels": True, **size_of(path)}


def train(asked: Asked, tell: Tell) -> dict[str, Any]:
    """`olhar train`, and of a classifier `olhar evaluate -o`: its run goes into `runs/`.

    Stopped, it saves its state; the same name goes on.
    """
    kind, name = asked.settings["kind"], asked.settings["run"]
    if kind not in RECIPES or not NAME.fullmatch(name):
        raise OlharError(f"{name!r} is no name of a run; use letters, digits, dots and dashes")
    run = asked.space / "runs" / name
    try:
        return _train(asked, tell, kind, run)
    finally:
        forget_paintings(run)


def _train(asked: Asked, tell: Tell, kind: str, run: Path) -> dict[str, Any]:
    from olhar.training.fit import fit

    tell.heeded = False  # while pictures are read there is nothing to save
    tell(0.0, "studio.reading")
    learned_from: dict[str, Any]
    if kind == "faceswap":
        learned_from = swap_bodies.places(asked)
    else:
        learned_from = {"data": str(asked.space / "data" / asked.settings["data"])}
    if kind == "stylizer":
        learned_from["style"] = paintings(asked, run)
    recipe = RECIPES[kind].resolve().from_dict({**asked.settings["form"], **learned_from})
    first, last, notes = None, None, []
    events = fit(recipe, run)
    for event in events:
        match event:
            case Started():
                first, tell.heeded = event, True
                described = {"described": event.described, "parameters": event.summary.parameters}
                (asked.out / "started.json").write_text(json.dumps(described), "utf-8")
            case Stepped():
                assert first is not None
                where = {"epoch": event.epoch, "epochs": first.epochs, "run": run.name}
                tell(event.step / max(1, first.steps), "studio.epoch", **where)
            case Evaluated():
                tell.flush()
            case Noted():
                notes.append(event.sentence)
            case Stopped():
                last = event
            case _:
                pass
        if tell.asked:
            events.close()
            break
    result: dict[str, Any] = {"run": run.name, "kind": kind, "notes": notes}
    if last is not None and last.model is not None:
        result["metrics"] = last.metrics
        result["why"] = last.why
        if kind in ("classifier", "regressor") and last.finished:
            tell(1.0, "studio.reporting")
            tell.flush()
            evaluate_command(str(run), output=run)
            result["report"] = True
    return result


def classify(asked: Asked, _: Tell) -> dict[str, Any]:
    """`olhar classify`: what is in one picture, by a model of `runs/`."""
    photo = asked.file("photo")
    found = classify_command((photo,), model=str(chosen_run(asked)), top=8)
    if found.failed:
        raise OlharError(next(iter(found.failed.values())))
    prediction = next(iter(found.predictions.values()))
    seen = on_screen(read(photo).image, asked.out / "seen.jpg", None)
    return {"task": prediction.task, "values": prediction.values, "seen": seen}


def export(asked: Asked, _: Tell) -> dict[str, Any]:
    """`olhar export`: a model of `runs/` as ONNX."""
    run = chosen_run(asked)
    made = export_command(str(run), output=asked.out / f"{run.name}.onnx")
    return {"file": made.path.name, "said": str(made.agreement)}


def compare(asked: Asked, _: Tell) -> dict[str, Any]:
    """`olhar compare`: two runs, or more, of one kind."""
    runs = [asked.space / "runs" / name for name in asked.settings["runs"]]
    return {"said": str(compare_command(tuple(map(str, runs))))}


def inspect(asked: Asked, _: Tell) -> dict[str, Any]:
    """`olhar inspect`: what a file declares, in both languages; of a model, its card."""
    file = asked.file("file")
    if file.suffix.lower() in (".safetensors", ".onnx"):
        card = hub.read_card(file)
        return {"card": json.loads(card.to_json()), "known": card.kind in KINDS}
    told = inspect_command(file)
    state = told.declarations[0].state
    spoken = [str(replace(told, language=language)) for language in LANGUAGES]
    words = ["\n".join(each.splitlines()[1:]) for each in spoken]
    result: dict[str, Any] = {"state": state, "words": words}
    if not is_film(file):
        result["seen"] = on_screen(read(file).image, asked.out / "seen.jpg", None)
    return result


def check(asked: Asked, _: Tell) -> dict[str, Any]:
    """Read a model as the studio would use it: card and tensors, and whether they fit."""
    load(str(asked.file("file")))
    return {"file": asked.file("file").name}


BODIES: dict[str, Callable[[Asked, Tell], dict[str, Any]]] = {
    each.__name__: each
    for each in (
        *(colorize, suggest, restyle, denoise, generate, explore, train, classify),
        *(pack, export, compare, inspect, check, learn),
        *(swap_bodies.faces, swap_bodies.choose, swap_bodies.preview, swap_bodies.swap),
    )
}
"""Kind of job to what it does."""
