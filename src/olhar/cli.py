"""The command line: `olhar COMMAND ...`, made from the catalogue and the commands' own signatures.

`olhar --help` and `olhar --version` read the catalogue and import nothing else; a command is
imported when it is named. Exit codes: 0, 1 if part of the work failed (or olhar has a defect),
2 for what a person can put right, told in a sentence, 130 for Ctrl-C.
"""

from __future__ import annotations

import io
import json
import os
import signal
import sys
import traceback
from typing import TYPE_CHECKING, Any

from olhar import __version__, catalogue
from olhar.catalogue import COMMANDS
from olhar.errors import OlharError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from olhar.commands.outcome import Outcome


def main(words: Sequence[str] | None = None) -> int:
    """Run one command.

    Args:
        words: the command line without the program's name; `sys.argv[1:]` if left out.

    Returns:
        The exit code.
    """
    if words is None:
        words = sys.argv[1:]
        signal.signal(signal.SIGTERM, signal.default_int_handler)  # clean up as after Ctrl-C
        os.environ.setdefault("THP_MEM_ALLOC_ENABLE", "1")  # see `olhar.media.memory.HUGE`
        for stream in (sys.stdout, sys.stderr):  # a file name may hold what a terminal cannot show
            if isinstance(stream, io.TextIOWrapper):
                stream.reconfigure(errors="backslashreplace")
    try:
        code = _run(words)
        sys.stdout.flush()
    except OlharError as error:
        code = _refuse(error, words)
    except KeyboardInterrupt as stop:
        code = 130
        print(f"\nolhar: stopped{f'; {stop}' if str(stop) else ''}", file=sys.stderr)
    except BrokenPipeError:  # `olhar models | head`: nobody reads on, which is no error
        code = 0
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except Exception as error:  # noqa: BLE001
        if isinstance(error, OSError) and error.filename:
            from olhar.media.files import reason, shown

            return _refuse(OlharError(f"{shown(error.filename)}: {reason(error)}"), words)
        from olhar.media.memory import LACKING, is_lacking

        if is_lacking(error):
            return _refuse(OlharError(LACKING), words)
        code = 1  # a defect: show it whole, and say what to do with it
        traceback.print_exc()
        print(
            "olhar: this is a defect of olhar. Please report it with the lines above and what "
            "`olhar doctor` prints.",
            file=sys.stderr,
        )
    return code


def _run(words: Sequence[str]) -> int:
    name, *rest = words or ["--help"]
    if name == "help" and rest:  # `olhar help COMMAND`
        name, rest = rest[0], ["--help"]
    if name in ("-h", "--help", "help"):
        from olhar.commands.help import overview

        print(overview())
        return 0
    if name in ("-V", "--version"):
        print(f"olhar {__version__}")
        return 0
    if name not in COMMANDS:
        from olhar.commands.options import nearest

        what = "flag" if name.startswith("-") else "command"
        hint = nearest(name, [*COMMANDS, "--help", "--version"])
        raise OlharError(f"there is no {what} {name!r}{hint or '; olhar --help lists them'}")
    return _command(name, rest)


def _command(name: str, words: list[str]) -> int:
    """Run a command on the words after its name."""
    entry = COMMANDS[name]
    asked = {"-h", "--help", "--help-all"} & {
        *words[: words.index("--") if "--" in words else None]
    }
    if entry.of:
        members: dict[str, Any] = getattr(catalogue, entry.of)
        if not words or words[0] not in members:
            return _family(name, members, words[0] if words else "", bool(asked))
        command = entry.command(words[0])
        name, words = f"{name} {words[0]}", words[1:]
    else:
        command = entry.command()
    if asked:
        from olhar.commands.help import explain

        print(explain(name, command, everything="--help-all" in asked))
        return 0
    from olhar.commands.arguments import parse
    from olhar.media import progress

    call, common = parse(command, words, f"olhar {name}")
    with progress.hidden("--quiet" in common), progress.remarked() as remarks:
        outcome: Outcome = call()
    if "--json" in common:
        values = outcome.as_dict() | ({"remarks": remarks} if remarks else {})
        print(json.dumps(values, indent=2, default=str))
    elif "--quiet" not in common or outcome.exit_code:
        print(outcome)
    return outcome.exit_code


def _family(name: str, members: dict[str, Any], word: str, asked: bool) -> int:
    """A command that wants one of several words first, and has not got it."""
    from olhar.commands.help import family

    if asked or not word:
        print(family(name, members))
        return 0
    from olhar.commands.options import nearest

    hint = nearest(word, [*members]) or f"; olhar {name} takes {' or '.join(members)}"
    raise OlharError(f"olhar {name} has no {word!r}{hint}")


def _refuse(error: OlharError, words: Sequence[str]) -> int:
    if os.environ.get("OLHAR_TRACEBACK"):
        traceback.print_exc()
    if "--json" in words:
        print(json.dumps({"error": str(error)}))
    print(f"olhar: {error}", file=sys.stderr)
    return 2
