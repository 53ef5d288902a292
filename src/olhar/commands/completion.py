"""`olhar completion`: tab completion for bash, zsh and fish, made from the commands' own flags.

The scripts are static, so pressing tab starts no Python. They complete commands, flags, choices
and, where a path is meant, files.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from shlex import quote
from typing import Literal

from olhar import catalogue
from olhar.catalogue import COMMANDS, Entry
from olhar.commands.options import EVERYWHERE, Option, options
from olhar.commands.outcome import Said

Table = Mapping[str, Sequence[Option]]
"""Command to what it takes."""

_TOP = "--help --version"


def completion(shell: Literal["bash", "zsh", "fish"], /) -> Said:
    """Print the tab completion for bash, zsh or fish.

    bash   olhar completion bash > ~/.olhar.bash
           echo '. ~/.olhar.bash' >> ~/.bashrc
    zsh    olhar completion zsh > ~/.olhar.zsh
           echo '. ~/.olhar.zsh' >> ~/.zshrc
    fish   olhar completion fish > ~/.config/fish/completions/olhar.fish

    Args:
        shell: which shell to write for
    """
    table = {name: [*_taken(entry), *EVERYWHERE] for name, entry in COMMANDS.items()}
    script = {"bash": bash, "zsh": zsh, "fish": fish}[shell](table)
    return Said(script, {"shell": shell, "script": script})


def _taken(entry: Entry) -> list[Option]:
    """What a command takes; of a family, the words that may stand first and what any of them takes.

    A flag that two of a family share is completed by what the first of them says.
    """
    if not entry.of:
        return options(entry.command())
    members: dict[str, Entry] = getattr(catalogue, entry.of)
    first = Option("kind", str, metavar="KIND", choices=tuple(members), required=True)
    each = [option for member in members for option in options(entry.command(member))]
    return [first, *{option.flags or option.metavar: option for option in reversed(each)}.values()]


_BASH = """\
# Tab completion of olhar for bash.
_olhar() {
  local command=${COMP_WORDS[1]} cur=${COMP_WORDS[COMP_CWORD]} flag= words= i
  if ((COMP_CWORD == 1)); then
    COMPREPLY=($(compgen -W '%(commands)s' -- "$cur"))
    return
  fi
  for ((i = 2; i < COMP_CWORD; i++)); do # which flag's value stands at the cursor?
    case ${COMP_WORDS[i]} in
      =) ;; # bash makes three words of --flag=value
      -*) flag=${COMP_WORDS[i]} ;;
      *) case "$command $flag" in
        %(lists)s) ;; # takes more values
        *) flag= ;;
      esac ;;
    esac
  done
  if [[ $cur == = ]]; then cur=; fi
  if [[ $cur == -* ]]; then
    case $command in
%(flags)s
    esac
  else
    case "$command $flag" in
%(values)s
      *) case $command in
%(arguments)s
      esac ;;
    esac
  fi
  if [[ -n $words ]]; then
    COMPREPLY=($(compgen -W "$words" -- "$cur"))
    compopt +o default 2>/dev/null
  fi
}
complete -o default -F _olhar olhar
"""


def bash(table: Table) -> str:
    """A script for bash. Where it sets no words, bash completes files by itself."""
    lists: list[str] = []
    flags: list[str] = []
    values: list[str] = []
    arguments: list[str] = []
    for command, taken in table.items():
        flags.append(f"      {command}) words='{' '.join(f for o in taken for f in o.flags)}' ;;")
        for option in taken:
            names = "|".join(f"'{command} {flag}'" for flag in option.flags)
            lists += [names] if option.many and names else []
            # A number has no words to choose from; a space offers nothing, not even files.
            words = " ".join(option.choices) or ("" if _is_path(option) else " ")
            if names and not option.switch:
                values.append(f"      {names}) words='{words}' ;;")
        words = " ".join(c for o in taken if not o.flags for c in o.choices)
        files = any(_is_path(option) and not option.flags for option in taken)
        only_first = "((COMP_CWORD == 2)) && " if words and files else ""
        words = words or ("" if files else " ")
        arguments.append(f"        {command}) {only_first}words='{words}' ;;")
    return _BASH % {
        "commands": f"{' '.join(table)} {_TOP}",
        "lists": "|".join(lists) or "''",
        "flags": "\n".join(flags),
        "values": "\n".join(values),
        "arguments": "\n".join(arguments),
    }


_ZSH = """\
#compdef olhar
# Tab completion of olhar for zsh.
_olhar() {
  local curcontext=$curcontext state line
  local -a commands=(
%(commands)s
  )
  _arguments -C '(- *)'{-h,--help}'[show what olhar can do]' \\
    '(- *)'{-V,--version}'[show which olhar this is]' '1: :->command' '*:: :->rest'
  case $state in
    command) _describe -t commands command commands ;;
    rest) case $words[1] in
%(cases)s
    esac ;;
  esac
}
if [[ $zsh_eval_context[-1] == loadautofunc ]]; then
  _olhar "$@"
else
  (( $+functions[compdef] )) || { autoload -Uz compinit && compinit; }
  compdef _olhar olhar
fi
"""


def zsh(table: Table) -> str:
    """A script for zsh, for `eval` or as `_olhar` in `$fpath`."""
    commands = [f"    {quote(f'{name}:{COMMANDS[name].help}')}" for name in table]
    cases: list[str] = []
    for command, taken in table.items():
        specs = [quote(spec) for option in taken for spec in _zsh_specs(option)]
        lines = " \\\n".join(f"        {spec}" for spec in specs)
        cases.append(f"      {command}) _arguments -S \\\n{lines} ;;")
    return _ZSH % {"commands": "\n".join(commands), "cases": "\n".join(cases)}


def _zsh_specs(option: Option) -> list[str]:
    """How `_arguments` wants to hear of an option, once for each of its names."""
    text = option.help.translate({ord(c): f"\\{c}" for c in "[]:\\"})
    action = f"({' '.join(option.choices)})" if option.choices else ""
    value = f"{option.metavar.lower()}:{'_files' if _is_path(option) else action}"
    if not option.flags:
        return [f"{'*' if option.many else ''}:{value}"]
    alone = "" if option.many else f"({' '.join(option.flags)})"
    if option.switch:
        return [f"{alone}{flag}[{text}]" for flag in option.flags]
    after = f":*-*:{value}" if option.many else f":{value}"
    return [
        f"{alone or '*'}{flag}{'=' if flag.startswith('--') else '+'}[{text}]{after}"
        for flag in option.flags
    ]


_FISH = """\
# Tab completion of olhar for fish.
function __olhar_command
    set -l words (commandline -opc)
    test "$words[2]" = "$argv[1]"
end
complete -c olhar -f
complete -c olhar -n '__olhar_command ""' -s h -l help -d 'show what olhar can do'
complete -c olhar -n '__olhar_command ""' -s V -l version -d 'show which olhar this is'
"""


def fish(table: Table) -> str:
    """A script for fish."""
    start = "complete -c olhar -n '__olhar_command \"\"'"
    lines = [f"{start} -a {name} -d {_fish_quote(COMMANDS[name].help)}" for name in table]
    for command, taken in table.items():
        for option in taken:
            parts = [f"complete -c olhar -n '__olhar_command {command}'"]
            parts += [f"-l {f[2:]}" if f.startswith("--") else f"-s {f[1:]}" for f in option.flags]
            if option.choices:
                parts.append(
                    f"-{'x' if option.flags else ''}a {_fish_quote(' '.join(option.choices))}"
                )
            elif _is_path(option):
                parts.append("-rF" if option.flags else "-F")
            elif not option.switch:
                parts.append("-x" if option.flags else "-f")
            lines.append(
                " ".join([*parts, *([f"-d {_fish_quote(option.help)}"] if option.flags else [])])
            )
    return _FISH + "\n".join(lines) + "\n"


def _fish_quote(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"


def _is_path(option: Option) -> bool:
    return option.kind is Path
