"""The command line, from words to exit codes."""

import json
import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

import pytest
import tyro
from PIL import Image

from olhar import catalogue, cli
from olhar.catalogue import COMMANDS, Entry
from olhar.commands import completion as shells
from olhar.commands.arguments import parse
from olhar.commands.help import explain, overview
from olhar.commands.options import EVERYWHERE, options
from olhar.commands.outcome import Said
from olhar.errors import OlharError
from olhar.media.memory import LACKING

PROGRAM = [sys.executable, "-m", "olhar"]


@dataclass(frozen=True, kw_only=True)
class Brush:
    """How it is painted."""

    size: int = 512
    """Longer side in pixels."""
    strength: float = 1.0
    """How much painting: 0 keeps the photograph."""
    colors: Literal["style", "content"] = "style"
    """Whose colours are kept."""
    weights: tuple[float, ...] = ()
    """One per painting; alike if left out."""
    steps: int | Literal["auto"] = "auto"
    """How many steps."""
    smooth: bool = True
    """Smooth the result."""

    def __post_init__(self) -> None:
        if self.size < 8:
            raise OlharError(f"size must be 8 or more, and is {self.size}")


def paint(
    photo: Path,
    /,
    *,
    style: Annotated[list[Path], tyro.conf.arg(metavar="PAINTING")],
    output: Annotated[str | Path, tyro.conf.arg(aliases=("-o",), metavar="OUT")],
    brush: Brush = Brush(),
    keep: bool = False,
):
    """Paint a photograph.

    Args:
        photo: A photograph.
        style: One painting, or several.
        output: Where it goes.
        brush: How.
        keep: Keep the sketch.
    """
    return Said("painted", {"photo": photo, "style": style, "output": output, "brush": brush})


def words(line: str, command=paint) -> dict:
    call, _ = parse(command, line.split(), "olhar paint")
    return call().values


def refusal(line: str, command=paint) -> str:
    with pytest.raises(OlharError) as error:
        parse(command, line.split(), "olhar paint")
    assert "\n" not in str(error.value)
    return str(error.value)


# Words to values -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "line",
    [
        "-o OUT --style A B PHOTO",  # the list would swallow PHOTO
        "--style A B PHOTO -o OUT",
        "--style A B PHOTO -oOUT --size 64",
        "--style A --style B PHOTO -o OUT",
        "PHOTO --style A B -o OUT",
        "--style A B -o OUT PHOTO",
        "--style=A --style=B PHOTO --output=OUT",
        "--style=A --style=B --output OUT -- PHOTO",
        "--style A B -o OUT -- PHOTO",
        "-o=OUT PHOTO --style A --style B",
        "--style A B PHOTO --weights 1 2 -o OUT",
        "--style A B --weights 1 2 PHOTO -o OUT",  # a list of numbers ends at what is none
        "--style A B --json PHOTO -o OUT --quiet",
    ],
)
def test_a_list_does_not_lose_the_photo(line):
    values = words(line)
    assert values["photo"] == Path("PHOTO")
    assert values["style"] == [Path("A"), Path("B")]
    assert values["output"] == "OUT"


def test_two_missing_arguments_come_back_in_order():
    def mix(a: Path, b: Path, /, *, style: list[Path]):
        return Said("", {"a": a, "b": b, "style": style})

    values = words("--style S A B", mix)
    assert values == {"a": Path("A"), "b": Path("B"), "style": [Path("S")]}


def test_values_have_the_types_of_the_signature():
    brush = words(
        "P --style A -o O --size 64 --strength -0.5 --weights 1 -2.5 --steps 7 --no-smooth"
    )
    assert brush["brush"] == Brush(
        size=64, strength=-0.5, weights=(1.0, -2.5), steps=7, smooth=False
    )
    assert words("P --style A -o O --steps auto --colors content")["brush"].steps == "auto"


def test_the_last_of_two_values_holds_and_underscores_are_hyphens():
    assert words("P --style A -o O --size 64 --size 32")["brush"].size == 32

    def f(*, max_pixels: int = 1):
        return Said("", {"max_pixels": max_pixels})

    assert words("--max_pixels 5", f) == {"max_pixels": 5}


def test_a_slash_at_the_end_survives():
    assert words("P --style A -o out/")["output"] == "out/"


def test_file_names_may_be_odd():
    call, _ = parse(paint, ["--style", "a=b c", "--output=-o", "--", "--photo"], "olhar paint")
    assert call().values["photo"] == Path("--photo")
    assert call().values["style"] == [Path("a=b c")]
    assert call().values["output"] == "-o"


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("P --style A -o O --strenght 1", "no flag --strenght; did you mean --strength?"),
        ("P --style A -o O --xyzzy", "no flag --xyzzy; olhar paint --help lists them"),
        ("P --style A -o O -x", "no flag -x"),
        ("P --style A -o O --jsno", "did you mean --json?"),
        ("P --style A -o O --size big", "--size takes a whole number; 'big' was given"),
        ("P --style A -o O --size 1.5", "--size takes a whole number; '1.5' was given"),
        ("P --style A -o O --strength=", "--strength takes a number; '' was given"),
        ("P --style A -o O --colors styl", "one of style, content; 'styl' was given; did you mean"),
        ("P --style A -o O --steps never", "--steps takes one of auto; 'never' was given"),
        ("P --style A -o O --size 4", "size must be 8 or more, and is 4"),
        ("P --style A -o O --size", "--size needs a value: --size INT"),
        ("P --style -o O", "--style needs a value: --style PAINTING..."),
        ("P --style A -o O --keep=yes", "--keep is on or left out"),
        ("P --style A --output=", "--output takes a path; '' was given"),
        ("P -o O", "needs --style PAINTING...; olhar paint --help explains"),
        ("", "needs PHOTO and --style PAINTING... and --output OUT"),
        ("--style A -o O", "needs PHOTO"),  # the only painting is not given away
        (
            "P Q --style A -o O",
            "'Q' is one too many: olhar paint takes PHOTO and flags; a name with",
        ),
    ],
)
def test_a_mistake_is_a_sentence(line, says):
    assert says in refusal(line)


def test_tyro_is_asked_for_what_the_table_lists():
    """Each flag of the table is one that tyro knows: one declaration, no second spelling."""
    line = "P --style A -o O --size 9 --strength 1 --colors style --weights 1 --steps 1 --no-smooth"
    given = {option.name for option in options(paint)}
    assert given == {
        *("photo", "style", "output", "keep"),
        *("size", "strength", "colors", "weights", "steps", "smooth"),
    }
    words(line + " --keep")


# Help ----------------------------------------------------------------------------------------


def test_the_overview_fits_a_screen_and_names_every_command():
    lines = overview().splitlines()
    assert len(lines) <= 42
    assert max(map(len, lines)) <= 80
    for name, entry in COMMANDS.items():
        assert re.search(rf"^  {name} +{re.escape(entry.help)}$", overview(), re.MULTILINE)


def test_help_says_every_flag_with_its_help_and_default(monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    text = explain("paint", paint)
    assert max(map(len, text.splitlines())) <= 80
    assert text.startswith("usage: olhar paint PHOTO --style PAINTING... -o OUT [flags]\n")
    assert "How it is painted\n  --size INT " in text
    for option in [*options(paint), *(o for o in EVERYWHERE if not o.advanced)]:
        assert option.help.split()[0] in text
        assert option.title in text
    assert "Longer side in pixels. [512]" in text
    assert "--colors style|content" in text
    assert "[]" not in text


@pytest.mark.parametrize("name", COMMANDS)
def test_the_help_of_each_command_fits_a_screen(name, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    entry = COMMANDS[name]
    assert entry.resolve().__doc__.splitlines()[0] == entry.help
    for word in getattr(catalogue, entry.of) if entry.of else [""]:
        command = entry.command(word)
        text = explain(f"{name} {word}".strip(), command)
        assert len(text.splitlines()) <= 42
        assert max(map(len, text.splitlines())) <= 80
        assert all(option.help for option in options(command)), "a flag without help"


def test_help_of_a_command_is_asked_for_in_two_ways(capsys):
    assert cli.main(["stylize", "--help"]) == 0
    text = capsys.readouterr().out
    assert cli.main(["help", "stylize"]) == 0
    assert capsys.readouterr().out == text
    assert "a hundredth of the time" in " ".join(text.split())
    assert cli.main(["help"]) == 0
    assert capsys.readouterr().out == overview() + "\n"
    assert cli.main(["help", "styliz"]) == 2
    assert "did you mean stylize?" in capsys.readouterr().err


# The program ---------------------------------------------------------------------------------


def run(*line: str, **environment: str) -> subprocess.CompletedProcess:
    return subprocess.run(
        [*PROGRAM, *line],
        capture_output=True,
        text=True,
        env={**os.environ, "COLUMNS": "80", **environment},
        timeout=60,
    )


def test_help_and_version_import_nothing_heavy():
    script = (
        "import sys; from olhar.cli import main; import contextlib, io\n"
        "with contextlib.redirect_stdout(io.StringIO()) as out:\n"
        "    assert main(['--help']) == 0 and main([]) == 0 and main(['--version']) == 0\n"
        "assert 'stylize' in out.getvalue() and 'olhar 0.' in out.getvalue()\n"
        "heavy = {'torch', 'numpy', 'tyro', 'rich', 'PIL', 'av', 'cv2', 'docstring_parser'}\n"
        "assert not heavy & set(sys.modules), heavy & set(sys.modules)\n"
    )
    result = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert result.returncode == 0, result.stderr


def test_an_unknown_command_names_the_nearest():
    result = run("styliz", "--help")
    assert result.returncode == 2
    assert result.stderr == "olhar: there is no command 'styliz'; did you mean stylize?\n"
    assert result.stdout == ""


def test_a_broken_pipe_is_quiet():
    reading, writing = os.pipe()
    os.close(reading)  # as `head` does once it has seen enough
    result = subprocess.run([*PROGRAM, "--help"], stdout=writing, stderr=subprocess.PIPE, text=True)
    os.close(writing)
    assert (result.returncode, result.stderr) == (0, "")


def test_a_photograph_is_restyled(tmp_path):
    for name, colour in (("photo.jpg", "gray"), ("a.png", "navy"), ("b.png", "orange")):
        image = Image.new("RGB", (80, 64), colour)
        image.paste("white", (10, 10, 40, 40))
        image.save(tmp_path / name)
    out = tmp_path / "out"
    settings = ["--size", "64", "--iterations", "1", "--json"]
    paintings = ["--style", str(tmp_path / "a.png"), str(tmp_path / "b.png")]
    result = run("stylize", "-o", f"{out}/", *settings, *paintings, str(tmp_path / "photo.jpg"))
    assert (result.returncode, result.stderr) == (0, "")
    assert json.loads(result.stdout)["done"] == [str(out / "photo.jpg")]
    with Image.open(out / "photo.jpg") as picture:
        assert picture.size == (64, 51)


@pytest.fixture
def photographs(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in ("photo.jpg", "p.png", "out/photo.jpg"):
        Path(name).parent.mkdir(exist_ok=True)
        Image.new("RGB", (80, 64), "gray").save(name)


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("stylize photo.jpg --style p.png -o p.png", "p.png is one of the files it would be"),
        ("stylize photo.jpg --style out/photo.jpg -o out", "out/photo.jpg is one of the files"),
        (
            "stylize photo.jpg --style p.png -o b.png --max-pixels -5",
            "must be 1 or more, and is -5",
        ),
        ("stylize photo.jpg --style p.png -o b.png --max-pixels 0", "must be 1 or more, and is 0"),
        ("models get", "olhar models get needs the NAME of a model"),
    ],
)
def test_what_a_command_cannot_do_is_a_sentence(photographs, capsys, line, says):
    before = Path("p.png").read_bytes(), Path("out/photo.jpg").read_bytes()
    assert cli.main(line.split()) == 2
    said = capsys.readouterr()
    assert says in said.err
    assert (said.out, said.err.count("\n")) == ("", 1)
    assert (Path("p.png").read_bytes(), Path("out/photo.jpg").read_bytes()) == before


@pytest.fixture
def command(monkeypatch):
    """Make a function the command `paint`."""

    def install(function):
        module = type(sys)("olhar_test_commands")
        module.paint = function
        monkeypatch.setitem(sys.modules, module.__name__, module)
        monkeypatch.setitem(COMMANDS, "paint", Entry(f"{module.__name__}:paint", "Paint."))

    return install


def test_an_outcome_is_text_or_json_or_silence(command, capsys):
    def f(*, n: int = 3):
        return Said(f"n is {n}", {"n": n})

    command(f)
    assert cli.main(["paint", "--n", "4"]) == 0
    assert capsys.readouterr().out == "n is 4\n"
    assert cli.main(["paint", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"n": 3}
    assert cli.main(["paint", "--quiet"]) == 0
    assert capsys.readouterr() == ("", "")


def test_what_failed_in_part_exits_with_1_and_is_never_silent(command, capsys):
    command(lambda: Said("2 failed", {"failed": 2}, exit_code=1))
    assert cli.main(["paint", "--quiet"]) == 1
    assert "2 failed" in capsys.readouterr().out


def raises(error: BaseException):
    def f():
        raise error

    return f


@pytest.mark.parametrize(
    ("error", "code", "says"),
    [
        (OlharError("no such file: x"), 2, "olhar: no such file: x\n"),
        (PermissionError(13, "Permission denied", "x.jpg"), 2, "olhar: x.jpg: permission denied\n"),
        (KeyboardInterrupt(), 130, "\nolhar: stopped\n"),
        (KeyboardInterrupt("3 of 9 are done"), 130, "\nolhar: stopped; 3 of 9 are done\n"),
    ],
)
def test_errors_are_sentences_and_exit_codes(command, capsys, error, code, says):
    command(raises(error))
    assert cli.main(["paint"]) == code
    assert capsys.readouterr().err == says


def test_too_little_memory_is_a_sentence_wherever_it_ends(command, capsys):
    for error in (MemoryError(), RuntimeError("DefaultCPUAllocator: can't allocate memory")):
        command(raises(error))
        assert cli.main(["paint"]) == 2
        assert capsys.readouterr().err == f"olhar: {LACKING}\n"


def test_json_tells_the_error_too(command, capsys):
    command(raises(OlharError("no such file: x")))
    assert cli.main(["paint", "--json"]) == 2
    assert json.loads(capsys.readouterr().out) == {"error": "no such file: x"}


def test_a_traceback_is_for_who_asks_and_for_defects(command, capsys, monkeypatch):
    command(raises(OlharError("no such file: x")))
    monkeypatch.setenv("OLHAR_TRACEBACK", "1")
    assert cli.main(["paint"]) == 2
    assert "Traceback" in capsys.readouterr().err
    monkeypatch.delenv("OLHAR_TRACEBACK")
    command(raises(ZeroDivisionError("oops")))
    assert cli.main(["paint"]) == 1
    text = capsys.readouterr().err
    assert "Traceback" in text
    assert "oops" in text
    assert "Please report" in text


# Completion ----------------------------------------------------------------------------------


@pytest.fixture
def script(tmp_path, monkeypatch, command):
    """Write the completion of `paint` and `models` for a shell."""
    kept = dict(COMMANDS)  # put back whole: `delitem` would put back in another order
    for name in COMMANDS.keys() - {"models"}:
        del COMMANDS[name]
    command(paint)

    def write(shell: str) -> Path:
        path = tmp_path / f"olhar.{shell}"
        path.write_text(shells.completion(shell).text)
        return path

    yield write
    COMMANDS.clear()
    COMMANDS.update(kept)


@pytest.mark.parametrize(
    ("line", "offers"),
    [
        (["olhar", "mo"], ["models"]),
        (["olhar", "--v"], ["--version"]),
        (["olhar", "paint", "--co"], ["--colors"]),
        (["olhar", "paint", "--colors", ""], ["style", "content"]),
        (["olhar", "paint", "--colors", "=", "c"], ["content"]),  # bash splits --colors=c
        (["olhar", "paint", "--colors", "="], ["style", "content"]),
        (["olhar", "paint", "--size", ""], []),
        (["olhar", "paint", "--style", "a", ""], []),  # nothing of its own: bash offers files
        (["olhar", "paint", "--style", "a", "--ou"], ["--output"]),
        (["olhar", "models", ""], ["list", "show", "get", "prepare", "convert", "push"]),
    ],
)
@pytest.mark.skipif(not shutil.which("bash"), reason="no bash here")
def test_bash_completes(script, line, offers):
    typed = " ".join(f"'{word}'" for word in line)
    commands = (
        f"source {script('bash')}; COMP_WORDS=({typed}); COMP_CWORD={len(line) - 1}; "
        '_olhar; printf "%s\\n" "${COMPREPLY[@]}"'
    )
    result = subprocess.run(["bash", "-c", commands], capture_output=True, text=True)
    assert result.stderr == ""
    assert [word for word in result.stdout.split("\n") if word] == offers


@pytest.mark.skipif(not shutil.which("zsh"), reason="no zsh here")
def test_zsh_takes_the_script(script):
    path = script("zsh")
    load = f"autoload -Uz compinit && compinit -D; source {path}; (( $+functions[_olhar] ))"
    for line in (["zsh", "-n", str(path)], ["zsh", "-f", "-c", load]):
        result = subprocess.run(line, capture_output=True, text=True)
        assert (result.returncode, result.stderr) == (0, "")


@pytest.mark.skipif(not shutil.which("fish"), reason="no fish here")
@pytest.mark.parametrize(
    ("line", "offers"),
    [
        ("olhar mo", ["models"]),
        ("olhar paint --col", ["--colors"]),
        ("olhar paint --colors ", ["content", "style"]),
        ("olhar paint --size ", []),
        ("olhar models ", ["get", "list"]),
    ],
)
def test_fish_completes(script, line, offers, tmp_path):
    result = subprocess.run(
        ["fish", "--no-config", "-c", f"source {script('fish')}; complete -C '{line}'"],
        capture_output=True,
        text=True,
        env={**os.environ, "HOME": str(tmp_path)},
    )
    assert result.stderr == ""
    assert sorted(row.split("\t")[0] for row in result.stdout.splitlines()) == offers
