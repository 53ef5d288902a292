"""The learning rate finder."""

import pytest

from olhar import OlharError
from olhar.training.finder import Found, _steepest, find_rate
from toys import Stripes


def found(recipe, **settings) -> Found:
    search = find_rate(recipe, **settings)
    while True:
        try:
            next(search)
        except StopIteration as stop:
            return stop.value


def test_it_suggests_a_rate_that_learns() -> None:
    result = found(Stripes(examples=300))
    assert 1e-4 < result.suggestion < 1
    assert result.suggestion < result.rates[result.losses.index(min(result.losses))]
    assert len(result.rates) == len(result.losses) <= 120


def test_it_ends_where_the_loss_explodes() -> None:
    result = found(Stripes(optimizer="sgd", momentum=0.0, clip=0.0), low=1e-3, high=1e6, steps=80)
    assert len(result.rates) < 80
    assert result.losses[-1] <= 4 * min(result.losses)


def test_the_steepest_fall_is_between_the_start_and_the_least() -> None:
    assert _steepest([1, 2, 4, 8, 16], [5.0, 4.9, 3.0, 2.95, 8.0]) == 2
    with pytest.raises(OlharError, match="falls at no rate from 1 to 4"):
        _steepest([1, 2, 4], [1.0, 2.0, 3.0])


def test_a_range_that_is_none_is_told() -> None:
    with pytest.raises(OlharError, match="are no range"):
        found(Stripes(), low=1.0, high=0.1)
