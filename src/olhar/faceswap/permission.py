"""Whether a model may swap: by the consent it was trained with, or one that has replaced it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from olhar import hub
from olhar.errors import OlharError
from olhar.media import consent
from olhar.media.files import shown

if TYPE_CHECKING:
    import os
    from collections.abc import Sequence

    from olhar.media.consent import Consent

_SHORT = 12


def permitted(model: str | os.PathLike[str], records: Sequence[str | os.PathLike[str]]) -> Consent:
    """The consent by which a model swaps faces.

    Args:
        model: a run folder or a `.safetensors` file.
        records: the record that the model was trained with. If that has run out or was too narrow,
            the new one that holds first, then the old one: it says whose faces the model knows.

    Returns:
        The first of them.

    Raises:
        OlharError: if there is none, it does not hold for swapping, it is not of this model's
            people, or the model was trained without one.
    """
    if not records:
        raise OlharError(
            "faces are swapped only with the consent of those who are shown; give their record as "
            "--consent consent.json (olhar consent makes one)"
        )
    card = hub.read_card(hub.find(model))
    trained = card.consent.get("sha256", "")
    if not trained:
        raise OlharError(
            f"{card.name} does not say by whose consent it was trained, so it swaps no faces; "
            "train one with olhar train faceswap and a consent"
        )
    given = [consent.read(path) for path in records]
    of_model = [each for each in given if each.sha256 == trained]
    if not of_model:
        raise OlharError(
            f"{card.name} was trained by the consent {trained[:_SHORT]}..., and "
            f"{shown(records[0])} is {given[0].sha256[:_SHORT]}...; give the record it was trained "
            "with, behind a newer one if there is one"
        )
    given[0].check("swap", [person.name for person in of_model[0].people])
    return given[0]
