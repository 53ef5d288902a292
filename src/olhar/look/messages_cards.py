"""What the card of a model says, in both languages: cards themselves are in English.

    >>> card_summary("Says which class a picture is of.").portuguese
    'Diz de que classe é uma imagem.'
    >>> card_data("1,200 pictures in 3 classes").portuguese
    '1.200 imagens em 3 classes'

What nobody has said in Portuguese stays as it is.
"""

import re

from olhar.look.messages import say
from olhar.look.phrase import Phrase, localized

SUMMARIES = {
    # What olhar trains
    "Says which class a picture is of.": "Diz de que classe é uma imagem.",
    "Reads a number from a picture.": "Lê um número em uma imagem.",
    "Gives black-and-white photographs plausible colours.": (
        "Dá cores plausíveis a fotografias em preto e branco."
    ),
    "Learns to restyle any photograph after paintings in one pass.": (
        "Aprende a estilizar qualquer fotografia à maneira de pinturas, de uma só vez."
    ),
    "Says pictures in a few numbers, or takes the noise off photographs.": (
        "Diz imagens em poucos números, ou tira o ruído de fotografias."
    ),
    "Stores photographs in few bytes.": "Guarda fotografias em poucos bytes.",
    "Makes pictures like those it has learned from.": (
        "Faz imagens como aquelas com que aprendeu."
    ),
    "Learns the faces of two people who agreed, to put one in the other's place.": (
        "Aprende os rostos de duas pessoas que concordaram, para pôr um no lugar do outro."
    ),
    # What comes with it
    "Stores photographs in few bytes, at 33 qualities": (
        "Guarda fotografias em poucos bytes, em 33 qualidades"
    ),
    "Plausible colours for black-and-white photographs, with or without hints": (
        "Cores plausíveis para fotografias em preto e branco, com ou sem dicas"
    ),
    "Restyles photographs and films after the drawn night, in one pass": (
        "Estiliza fotografias e filmes à maneira da noite desenhada, de uma só vez"
    ),
    "Restyles photographs and films after The Great Wave by Hokusai, in one pass": (
        "Estiliza fotografias e filmes à maneira de A Grande Onda, de Hokusai, de uma só vez"
    ),
    "Takes noise of any strength off photographs of any size": (
        "Tira ruído de qualquer força de fotografias de qualquer tamanho"
    ),
    "Finds faces and 468 points on each: BlazeFace short and full range, FaceMesh": (
        "Encontra rostos e 468 pontos em cada um: BlazeFace de perto e de longe, FaceMesh"
    ),
    "VGG-16 to conv4_2, the perceptual network: int8 weights, one scale per output channel": (
        "VGG-16 até conv4_2, a rede perceptual: pesos int8, uma escala por canal de saída"
    ),
}
"""What a model does, in English and in Portuguese."""
_DATA = {
    "class": r"([\d,]+) pictures in ([\d,]+) classes",
    "label": r"([\d,]+) pictures with ([\d,]+) labels?",
    "number": r"([\d,]+) pictures with ([\d,]+) numbers? each",
    "pictures": r"([\d,]+) pictures",
    "photographs": r"([\d,]+) (?:colour )?photographs, measured on ([\d,]+) others",
}


def card_summary(summary: str) -> Phrase:
    """What a model does; one of `SUMMARIES`, or any other."""
    return Phrase(summary, SUMMARIES.get(summary, summary))


def card_data(data: str) -> Phrase:
    """What a model learned from, in both languages where it is one of the usual ways."""
    for kind, pattern in _DATA.items():
        if found := re.fullmatch(pattern, data):
            count, *many = map(localized, found.groups())
            return say(f"data.{kind}", count=count, **({"many": many[0]} if many else {}))
    return Phrase(data or "?", data or "?")
