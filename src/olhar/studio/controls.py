"""Forms as people see them: a control for each field, in the browser's language."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any

from olhar.look.messages import MESSAGES, Phrase
from olhar.look.messages_fields import FIELDS
from olhar.studio.parts import label
from olhar.studio.quick import gr

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from olhar.studio.forms import Field


def translations(forms: Mapping[str, Sequence[Field]]) -> Any:
    """Every message, in the form in which Gradio shows labels in the browser's language.

    Args:
        forms: name to fields; their help is theirs.
    """
    said = {
        key: phrase
        for key, phrase in MESSAGES.items()
        if key.startswith(("studio", "choice", "painting"))
    }
    for form_, fields in forms.items():
        for field in fields:
            plain = field.name.replace("_", " ")
            names = (f"{form_}.{field.name}", field.name)
            words = next((FIELDS[name] for name in names if name in FIELDS), None)
            english, portuguese, help_ = words or (plain, plain, field.help)
            said[f"field.{form_}.{field.name}"] = Phrase(english, portuguese)
            said[f"help.{form_}.{field.name}"] = Phrase(field.help, help_)
    english = {key: phrase.english for key, phrase in said.items()}
    portuguese = {key: phrase.portuguese for key, phrase in said.items()}
    return gr.I18n(en=english, pt=portuguese, **{"pt-BR": portuguese})


def form(
    name: str, fields: Sequence[Field], first: Sequence[str], more: Sequence[str] = ()
) -> list[Any]:
    """The controls of a form.

    Args:
        name: of the form, in `forms.CLASSES`.
        fields: of `Forms.fields`.
        first: names of those that are seen at once, in order.
        more: names of those that are folded away.

    Returns:
        The controls, of `first` and then of `more`.
    """
    known = {field.name: field for field in fields}
    made = [_control(name, known[each]) for each in first]
    if more:
        with gr.Accordion(label("studio.more"), open=False):
            made += [_control(name, known[each]) for each in more]
    return made


def values(fields: Sequence[Field], names: Sequence[str], given: Sequence[Any]) -> dict[str, Any]:
    """What a form says, as its dataclass takes it."""
    known = {field.name: field for field in fields}
    pairs = zip(names, given, strict=False)
    return {name: known[name].value(value) for name, value in pairs if value is not None}


def _control(form_: str, field: Field) -> Any:
    place = f"{form_}.{field.name}"
    others = {"label": label(f"field.{place}"), "info": label(f"help.{place}")}
    if field.kind == "choice":
        keys = {each: f"choice.{field.name}.{each}" for each in field.choices}
        choices = [(label(key) if key in MESSAGES else each, each) for each, key in keys.items()]
        return gr.Radio(choices, value=field.default, **others)
    if field.kind == "switch":
        return gr.Checkbox(field.default, **others)
    low, high = field.low or 0.0, field.high or 0.0
    if not low < high or not low <= field.default <= high or high - low > 4096:
        return gr.Number(field.default, precision=0 if field.kind == "whole" else None, **others)
    step = 1 if field.kind == "whole" else 0.05 if high - low > 0.5 else 0.01
    return gr.Slider(low, high, field.default, step=step, buttons=[], **others)


def named(function: Callable[..., Any], names: Sequence[str]) -> Callable[..., Any]:
    """Give `*said` the names of the fields, so that programs can call them by these."""
    known = inspect.signature(function)
    kept = [
        each
        for each in known.parameters.values()
        if each.kind is not each.VAR_POSITIONAL and each.name not in names
    ]
    more = [inspect.Parameter(name, inspect.Parameter.POSITIONAL_OR_KEYWORD) for name in names]
    function.__signature__ = known.replace(parameters=[*kept, *more])  # type: ignore[attr-defined]
    return function
