"""Forms: each field of a dataclass is a control, with its range, its help and both languages."""

import pytest

pytest.importorskip("gradio", reason="the studio comes with the extra: pip install 'olhar[studio]'")

from olhar.colorize import Colorize
from olhar.fields import from_dict
from olhar.look.messages import MESSAGES
from olhar.look.messages_fields import FIELDS
from olhar.studio import swap_film, swap_train
from olhar.studio.controls import values
from olhar.studio.forms import CLASSES, Field, describe
from olhar.studio.pages import classify, colorize, generate, restyle

SHOWN = {
    "colorize": (*colorize.FIRST, *colorize.MORE),
    "stylize": (*restyle.FIRST, *restyle.MORE),
    "stylizer": (*restyle.LEARN, *restyle.LEARN_MORE),
    "classifier": (*classify.FIRST, *classify.MORE),
    "vae": (*generate.FIRST, *generate.MORE),
    "faceswap": (*swap_train.FIRST, *swap_train.MORE),
    "swap": (*swap_film.FIRST, *swap_film.MORE),
}


@pytest.fixture(scope="module")
def forms() -> dict[str, dict[str, Field]]:
    import importlib

    found = {}
    for name, where in CLASSES.items():
        module, _, attribute = where.partition(":")
        cls = getattr(importlib.import_module(module), attribute)
        found[name] = {field.name: field for field in describe(cls)}
    return found


def test_ranges_choices_and_help_are_those_of_the_dataclass(
    forms: dict[str, dict[str, Field]],
) -> None:
    vivid = forms["colorize"]["vivid"]
    assert (vivid.kind, vivid.low, vivid.high, vivid.default) == ("number", 0, 1, 0.6)
    assert "colourful" in vivid.help
    assert forms["colorize"]["views"].choices == ("one", "flip", "many")
    assert forms["colorize"]["reach"].advanced
    assert "weights" not in forms["stylize"], "a list is no control"
    assert "data" not in forms["classifier"], "where the data is, the page asks"


@pytest.mark.parametrize("form", sorted(SHOWN))
def test_every_field_that_is_shown_speaks_both_languages(
    forms: dict[str, dict[str, Field]], form: str
) -> None:
    for name in SHOWN[form]:
        field = forms[form][name]
        words = FIELDS.get(f"{form}.{name}") or FIELDS[name]
        assert field.help
        assert all(words), name
        for choice in field.choices:
            assert f"choice.{name}.{choice}" in MESSAGES, (name, choice)


def test_what_a_form_says_makes_the_dataclass(forms: dict[str, dict[str, Field]]) -> None:
    fields = list(forms["colorize"].values())
    said = values(fields, ("vivid", "views", "seed", "size"), (1, "flip", 3.0, None))
    assert said == {"vivid": 1.0, "views": "flip", "seed": 3}
    assert from_dict(Colorize, said) == Colorize(vivid=1.0, views="flip", seed=3)
