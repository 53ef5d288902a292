"""Cards in Portuguese: of what comes with olhar, and of what it trains."""

import re

import pytest

from olhar import hub
from olhar.catalogue import RECIPES
from olhar.look.messages_cards import SUMMARIES, card_data, card_summary


def test_every_card_that_olhar_writes_is_known() -> None:
    trained = [(RECIPES[kind].resolve().__doc__ or "").split("\n")[0] for kind in RECIPES]
    assert {*trained, *(card.summary for card in hub.bundled())} == set(SUMMARIES)
    assert card_summary("Of somebody else.").portuguese == "Of somebody else."


@pytest.mark.parametrize(
    ("data", "portuguese"),
    [
        ("32 pictures in 2 classes", "32 imagens em 2 classes"),
        ("1,200 pictures", "1.200 imagens"),
        ("ImageNet", "ImageNet"),
        ("", "?"),
    ],
)
def test_what_was_learned_from_is_told(data: str, portuguese: str) -> None:
    assert re.sub("\u00a0", " ", card_data(data).portuguese) == portuguese
