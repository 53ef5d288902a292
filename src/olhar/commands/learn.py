"""`olhar learn`."""

import shutil
import sys
from pathlib import Path
from typing import Annotated, Literal

import tyro

from olhar.commands.outcome import Said
from olhar.errors import OlharError
from olhar.lessons import stage
from olhar.lessons.lesson import lesson, lessons
from olhar.look.phrase import Phrase
from olhar.media.files import shown


def learn(
    number: Annotated[int | None, tyro.conf.arg(metavar="NUMBER")] = None,
    /,
    *,
    run: bool = False,
    notebook: bool = False,
    output: Annotated[Path | None, tyro.conf.arg(aliases=("-o",), metavar="FILE")] = None,
    language: Literal["auto", "en", "pt-BR"] = "auto",
) -> Said:
    """Learn how all this works, by lessons that run.

    olhar learn                  list the lessons
    olhar learn 3                read the third
    olhar learn 3 --run          run it here, cell by cell; what it showed goes
                                 to a page, lessons/NAME.html
    olhar learn --run            run all, and write lessons/index.html
    olhar learn 3 --notebook     write it as NAME.ipynb; -o NAME.py writes a
                                 script to edit, which runs as it is

    Lessons need no network. OLHAR_LESSONS=fast makes them train for a shorter
    time.

    Args:
        number: of the lesson
        run: run it
        notebook: write it as a file of your own
        output: that file: .ipynb or .py; with --run the page, .html, or of all
            lessons the folder
        language: of the prose; auto is the computer's
    """
    chosen = stage.language() if language == "auto" else language
    if run and notebook:
        raise OlharError("--run runs a lesson and --notebook writes it down; choose one of them")
    if output is not None and not (run or notebook):
        raise OlharError(f"-o {shown(output)} says where to, and not what; add --notebook or --run")
    if number is None:
        if notebook:
            raise OlharError("which lesson? olhar learn lists them; then olhar learn NUMBER ...")
        if run:
            stage.speak(chosen)
            return _run_all(output or Path("lessons"))
        there = lessons()
        lines = [f"{each.number:>3}  {each.title.in_(chosen)}" for each in there]
        titles = {each.number: each.title.in_(chosen) for each in there}
        more = Phrase("olhar learn NUMBER shows one.", "olhar learn NÚMERO mostra uma.")
        return Said("\n".join([*lines, "", more.in_(chosen)]), {"lessons": titles})
    found = lesson(number)
    stage.speak(chosen)
    if notebook:
        from olhar.lessons.notebook import write

        path = write(found, output or Path(f"{found.stem}.ipynb"), chosen)
        return Said(f"{shown(path)}: {found.title.in_(chosen)}", {"file": str(path)})
    if run:
        return _run(number, output)
    from olhar.lessons.run import read

    terminal = sys.stdout.isatty()
    width = min(100, shutil.get_terminal_size((80, 24)).columns)
    text = read(found, chosen, width=width, color=terminal)
    return Said(text, {"lesson": number, "title": found.title.in_(chosen), "text": text})


def _run_all(folder: Path) -> Said:
    """Every lesson as a page, and a page that leads to them."""
    from olhar.lessons.page import contents
    from olhar.media.files import atomic

    there = lessons()
    told = [_run(each.number, folder / f"{each.stem}.html").values for each in there]
    index = folder / "index.html"
    with atomic(index) as temporary:
        temporary.write_text(contents(there), "utf-8")
    seconds = sum(each["seconds"] for each in told)
    text = Phrase(
        f"{len(there)} lessons ran in {seconds:.0f} s\n{shown(index)} leads to their pages",
        f"{len(there)} lições rodaram em {seconds:.0f} s\n{shown(index)} leva às páginas delas",
    ).in_(stage.language())
    return Said(text, {"lessons": told, "seconds": round(seconds, 2), "page": str(index)})


def _run(number: int, output: Path | None) -> Said:
    from rich.console import Console

    from olhar.lessons.page import write
    from olhar.lessons.run import run
    from olhar.media import progress

    found = lesson(number)
    path = output or Path("lessons", f"{found.stem}.html")
    if path.suffix != ".html":
        raise OlharError(f"{shown(path)} is no page; with --run, -o takes a name with .html")
    console = Console(stderr=True, highlight=False) if progress.wanted() else None
    ran = run(found, console)
    write(ran, path)
    right, wrong, still = ran.exercises.values()
    lines = Phrase(
        f"lesson {number} ran in {ran.seconds:.0f} s\n"
        f"exercises: {right} right, {wrong} wrong, {still} to do\n"
        f"{shown(path)} shows it with its pictures",
        f"a lição {number} rodou em {ran.seconds:.0f} s\n"
        f"exercícios: {right} certos, {wrong} errados, {still} por fazer\n"
        f"{shown(path)} a mostra com as imagens",
    )
    values = {"lesson": number, "seconds": round(ran.seconds, 2), "exercises": ran.exercises}
    return Said(lines.in_(stage.language()), {**values, "page": str(path)})
