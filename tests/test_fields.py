"""What fields may hold, said beside them."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Literal

import pytest

from olhar import OlharError
from olhar.fields import (
    Advanced,
    Source,
    Within,
    as_dict,
    check,
    declared,
    from_dict,
    hints,
    unwrap,
)


@dataclass(frozen=True, kw_only=True)
class Inner:
    shade: Literal["light", "dark"] = "light"


@dataclass(frozen=True, kw_only=True)
class Base:
    size: Annotated[int, Within(1, 1_000_000), Advanced()] = 3
    share: Annotated[float, Within(0, 1)] = 0.5

    def __post_init__(self) -> None:
        check(self)


@dataclass(frozen=True, kw_only=True)
class Derived(Base):
    data: Source[Path]
    size: int = 5
    weights: Annotated[tuple[float, ...], Within(0, 10)] = ()
    inner: Inner = field(default_factory=Inner)
    other: Path | None = None
    loud: bool = False


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"size": 0}, "size is 0; it must be a whole number from 1 to 1,000,000"),
        ({"size": True}, "size is True"),
        ({"size": 1.5}, "size is 1.5; it must be a whole number"),
        ({"share": float("nan")}, "share is nan; it must be a number from 0 to 1"),
        ({"share": "x"}, "share is 'x'"),
        ({"weights": (1.0, 11.0)}, "weights is 11.0"),
        ({"loud": 1}, "loud is 1; it can be True or False"),
    ],
)
def test_what_is_out_of_range_is_told(changes: dict, sentence: str) -> None:
    with pytest.raises(OlharError, match=sentence):
        Derived(data=Path("x"), **changes)


def test_choices_are_told() -> None:
    with pytest.raises(OlharError, match="shade is 'blue'; it can be light or dark"):
        check(Inner(shade="blue"))  # pyright: ignore[reportArgumentType]


def test_a_new_default_keeps_what_the_base_says() -> None:
    assert unwrap(hints(Derived)["size"])[1] == (Within(1, 1_000_000), Advanced())
    assert [*declared(Derived)][:2] == ["data", "weights"], "the last class first"
    assert declared(Derived)["size"] is Base


def test_to_json_and_back() -> None:
    one = Derived(data=Path("a/b"), weights=(1.0, 2.0), inner=Inner(shade="dark"), other=Path("c"))
    values = as_dict(one)
    assert values["data"] == "a/b"
    assert values["weights"] == [1.0, 2.0]
    assert values["inner"] == {"shade": "dark"}
    assert from_dict(Derived, values) == one
    assert from_dict(Derived, {**values, "of a newer olhar": 1}) == one
    with pytest.raises(OlharError, match="make no Derived"):
        from_dict(Derived, {})
    with pytest.raises(OlharError, match="share is 7"):
        from_dict(Derived, {**values, "share": 7})
