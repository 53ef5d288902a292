"""Every sentence that olhar shows on a page, in English and in Brazilian Portuguese, side by side.

    >>> text("compare.of", "pt-BR", what="gato")
    'Antes e depois: gato'

A message may hold `{names}`, the same ones in both languages. Numbers are written as the language
writes them: 12.5 becomes 12,5 in Portuguese.
"""

from collections.abc import Sequence
from typing import Literal, NamedTuple, get_args

Language = Literal["en", "pt-BR"]
LANGUAGES: tuple[Language, ...] = get_args(Language)


class Message(NamedTuple):
    """One thing to say."""

    english: str
    portuguese: str


MESSAGES: dict[str, Message] = {
    # Any page
    "page.language": Message("Language", "Idioma"),
    "page.home": Message(
        "olhar: practical computer vision", "olhar: visão computacional na prática"
    ),
    "compare.of": Message("Before and after: {what}", "Antes e depois: {what}"),
    "compare.before": Message("before", "antes"),
    "compare.after": Message("after", "depois"),
    "mark.machine": Message("made by a machine", "feito por uma máquina"),
    "unit.seconds": Message("{seconds} s", "{seconds} s"),
    "list.and": Message("{first} and {last}", "{first} e {last}"),
    "machine.line": Message(
        "{processor} · {threads} threads · torch {torch} · {seconds} s in all",
        "{processor} · {threads} threads · torch {torch} · {seconds} s ao todo",
    ),
    "failed.entry": Message("{what} could not be made", "Não foi possível fazer: {what}"),
    # Gallery
    "gallery.title": Message("What olhar does", "O que o olhar faz"),
    "gallery.intro": Message(
        "Every picture on this page was made on this machine, with nothing downloaded.",
        "Todas as imagens desta página foram feitas nesta máquina, sem baixar nada.",
    ),
    "gallery.unfinished": Message(
        "Still at work: {done} of {total} done. Reload the page to see more.",
        "Ainda trabalhando: {done} de {total} prontas. Recarregue a página para ver mais.",
    ),
    "gallery.yours": Message("With your own pictures", "Com as suas imagens"),
    "gallery.credits": Message("Photographs: {photos}.", "Fotografias: {photos}."),
    "restyle.title": Message("Photographs after paintings", "Fotografias à maneira de pinturas"),
    "restyle.intro": Message(
        "Style transfer by optimisation: the photograph keeps its forms and takes the brushwork "
        "and the palette of the painting. Drag across a picture, or select it and use the arrow keys.",
        "Transferência de estilo por otimização: a fotografia mantém as formas e recebe a "
        "pincelada e a paleta da pintura. Arraste sobre a imagem, ou selecione-a e use as setas do teclado.",
    ),
    "restyle.entry": Message("{photo} after {styles}", "{photo} à maneira de {styles}"),
    "restyle.note": Message("{seconds} s · {width} × {height}", "{seconds} s · {width} × {height}"),
    "restyle.photo": Message("Photograph: {photo}", "Fotografia: {photo}"),
    "restyle.style": Message("Painting: {painting}", "Pintura: {painting}"),
    "paintings.title": Message("Paintings drawn by code", "Pinturas desenhadas por código"),
    "paintings.intro": Message(
        "Each is a short program and a number to begin with; another number is another painting. "
        "They are free to use, and serve here as styles.",
        "Cada uma é um pequeno programa e um número inicial; outro número é outra pintura. "
        "São de uso livre e servem aqui como estilos.",
    ),
    # Sample pictures
    "painting.night": Message("Night", "Noite"),
    "painting.lilies": Message("Lilies", "Ninfeias"),
    "painting.wave": Message("Wave", "Onda"),
    "painting.glass": Message("Glass", "Vitral"),
    "painting.points": Message("Points", "Pontos"),
    "painting.mosaic": Message("Mosaic", "Mosaico"),
    "painting.azulejo": Message("Azulejo", "Azulejo"),
    "painting.ink": Message("Ink", "Nanquim"),
    "about.night": Message(
        "Night over a village, swirling oil", "Noite sobre uma vila, óleo em redemoinhos"
    ),
    "about.lilies": Message(
        "A lily pond, broken touches of oil", "Um lago de ninfeias, toques de óleo"
    ),
    "about.wave": Message("A great wave, woodblock print", "Uma grande onda, xilogravura"),
    "about.glass": Message("Sunrise over a river, stained glass", "Amanhecer sobre um rio, vitral"),
    "about.points": Message("Evening on a bay, points of colour", "Tarde numa baía, pontos de cor"),
    "about.mosaic": Message(
        "Two fish, Roman floor of stones", "Dois peixes, piso romano de pedras"
    ),
    "about.azulejo": Message("A caravel, Portuguese tiles", "Uma caravela, azulejos portugueses"),
    "about.ink": Message(
        "A town on a river, pen and wash", "Uma cidade ribeirinha, bico de pena e aguada"
    ),
    "photo.chelsea": Message("Cat", "Gato"),
    "photo.coffee": Message("Coffee", "Café"),
    "photo.astronaut": Message("Astronaut", "Astronauta"),
    "photo.rocket": Message("Rocket", "Foguete"),
    "photo.hubble": Message("Galaxies", "Galáxias"),
}


def text(key: str, language: Language, **values: object) -> str:
    """A message in one language, its places filled in.

    Args:
        key: of `MESSAGES`.
        language: "en" or "pt-BR".
        values: one for each place; floats are written with one decimal.

    Returns:
        Plain text: whoever puts it into a page escapes it.

    Raises:
        KeyError: if there is no such message, or a place is left empty.
    """
    message = MESSAGES[key]
    chosen = message.english if language == "en" else message.portuguese
    return chosen.format_map({name: _written(value, language) for name, value in values.items()})


def listed(items: Sequence[str], language: Language) -> str:
    """Several things in one phrase.

    >>> listed(["Night", "Glass", "Ink"], "en")
    'Night, Glass and Ink'
    """
    if len(items) < 2:
        return "".join(items)
    return text("list.and", language, first=", ".join(items[:-1]), last=items[-1])


def _written(value: object, language: Language) -> str:
    if isinstance(value, float):
        number = f"{value:.1f}"
        return number if language == "en" else number.replace(".", ",")
    return str(value)
