"""The commands, one plain function each; `olhar.cli` makes the command line from them.

To add one, write a module with a function and add its line to `olhar.catalogue.COMMANDS`:

- positional-only parameters are its arguments and every other parameter is a flag; a parameter
  whose type is a dataclass brings one flag per field. Docstrings are the help (`commands.options`);
- what it cannot do it raises as `OlharError`; how far it is goes to `media.progress`;
- it returns an outcome (`commands.outcome`), which `olhar.cli` prints, as text or with `--json`.
"""
