"""What users build on: the public names and every flag, frozen in `api.txt`.

A change of either is a decision: `python tests/test_api.py` takes it, by writing the file anew.
"""

import inspect
import subprocess
import sys
from pathlib import Path

import pytest

import olhar
from olhar import catalogue
from olhar.catalogue import COMMANDS, KINDS
from olhar.commands.options import EVERYWHERE, options

FROZEN = Path(__file__).with_name("api.txt")


def api() -> str:
    lines: list[str] = []
    for name in sorted(olhar.__all__):
        value = getattr(olhar, name)
        value = getattr(value, name) if inspect.ismodule(value) else value
        signature = inspect.signature(value) if inspect.isfunction(value) else None
        parameters = (
            f"({', '.join(map(_parameter, signature.parameters.values()))})" if signature else ""
        )
        lines.append(f"olhar.{name}{parameters}")
    lines += [f"kind {name}" for name in sorted(KINDS)]
    for name, entry in COMMANDS.items():
        for word in getattr(catalogue, entry.of) if entry.of else [""]:
            for option in options(entry.command(word)):
                left = ", ".join([*option.flags[:-1], option.title])
                default = "" if option.required else f" [{option.default}]"
                lines.append(f"olhar {' '.join(filter(None, [name, word]))} {left}{default}")
    lines += [f"olhar COMMAND {', '.join(option.flags)}" for option in EVERYWHERE]
    return "\n".join(lines) + "\n"


def _parameter(parameter: inspect.Parameter) -> str:
    star = {parameter.VAR_KEYWORD: "**", parameter.VAR_POSITIONAL: "*"}.get(parameter.kind, "")
    keyword = "=" if parameter.kind is parameter.KEYWORD_ONLY else ""
    return f"{star}{parameter.name}{keyword}"


def test_names_and_flags_are_those_that_were_decided():
    assert api() == FROZEN.read_text("utf-8"), "if it is meant: python tests/test_api.py"


def test_importing_olhar_imports_nothing_heavy():
    script = (
        "import sys, olhar\n"
        "heavy = {'torch', 'numpy', 'tyro', 'rich', 'PIL', 'av', 'cv2', 'importlib.metadata'}\n"
        "assert not heavy & set(sys.modules), heavy & set(sys.modules)\n"
        "assert 'stylize' in dir(olhar)\n"
    )
    result = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert result.returncode == 0, result.stderr


def test_every_public_name_is_there_and_listed():
    for name in olhar.__all__:
        assert getattr(olhar, name) is not None
        assert name in dir(olhar)
    assert not hasattr(olhar, "no_such_name")
    with pytest.raises(AttributeError, match="no attribute 'styliz'"):
        olhar.styliz  # noqa: B018


@pytest.mark.parametrize("first", ["import olhar", "from olhar.stylize import Stylize"])
def test_stylize_is_a_function_and_a_folder_whatever_is_imported_first(first):
    script = (
        f"{first}\nimport olhar, olhar.stylize as folder\n"
        "assert olhar.stylize is folder and folder.Stylize is olhar.Stylize\n"
        "try: olhar.stylize(None, [])\n"
        "except (TypeError, AttributeError, ValueError) as error:\n"
        "    assert 'module' not in str(error), error\n"
    )
    result = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert result.returncode == 0, result.stderr


if __name__ == "__main__":
    FROZEN.write_text(api(), "utf-8")
