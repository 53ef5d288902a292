"""Every sentence that olhar shows on a page, in English and in Brazilian Portuguese, side by side.

    >>> text("compare.of", "pt-BR", what="gato")
    'Antes e depois: gato'

A message may hold `{names}`, the same ones in both languages. Numbers are written as the language
writes them: 12.5 becomes 12,5 in Portuguese.
"""

from collections.abc import Sequence

from olhar.look.messages_course import COURSE
from olhar.look.messages_fields import CHOICES
from olhar.look.messages_marks import MARKS
from olhar.look.messages_report import REPORT
from olhar.look.messages_studio import STUDIO
from olhar.look.messages_swap import SWAP
from olhar.look.phrase import LANGUAGES, Language, Phrase

__all__ = ["LANGUAGES", "MESSAGES", "Language", "Phrase", "listed", "say", "text"]

MESSAGES: dict[str, Phrase] = {
    **MARKS,
    **REPORT,
    **STUDIO,
    **SWAP,
    **COURSE,
    **CHOICES,
    # Any page
    "page.language": Phrase("Language", "Idioma"),
    "page.home": Phrase(
        "olhar: practical computer vision", "olhar: visão computacional na prática"
    ),
    "compare.of": Phrase("Before and after: {what}", "Antes e depois: {what}"),
    "compare.before": Phrase("before", "antes"),
    "compare.after": Phrase("after", "depois"),
    "mark.machine": Phrase("made by a machine", "feito por uma máquina"),
    "unit.seconds": Phrase("{seconds}\u00a0s", "{seconds}\u00a0s"),
    "list.and": Phrase("{first} and {last}", "{first} e {last}"),
    "machine.line": Phrase(
        "{processor} · {threads} threads · torch {torch} · {seconds}\u00a0s in all",
        "{processor} · {threads} threads · torch {torch} · {seconds}\u00a0s ao todo",
    ),
    "failed.entry": Phrase("{what} could not be made", "Não foi possível fazer: {what}"),
    # Gallery
    "gallery.title": Phrase("What olhar does", "O que o olhar faz"),
    "gallery.intro": Phrase(
        "The paintings and the results were made on this machine, with nothing downloaded; "
        "the photographs come with scikit-image.",
        "As pinturas e os resultados foram feitos nesta máquina, sem baixar nada; "
        "as fotografias vêm com o scikit-image.",
    ),
    "gallery.unfinished": Phrase(
        "Still at work: {done} of {total} done. Reload the page to see more.",
        "Ainda em andamento: {done} de {total} prontas. Recarregue a página para ver mais.",
    ),
    "gallery.yours": Phrase("With your own pictures", "Com as suas imagens"),
    "gallery.credits": Phrase("Photographs: {photos}.", "Fotografias: {photos}."),
    "color.title": Phrase("Colours for grey photographs", "Cores para fotografias em cinza"),
    "color.intro": Phrase(
        "A network saw the grey picture alone and guessed. Colours are plausible, not known: "
        "what was red may come out blue.",
        "Uma rede viu apenas a imagem em cinza e deu um palpite. As cores são plausíveis, não "
        "conhecidas: o que era vermelho pode sair azul.",
    ),
    "color.entry": Phrase("{photo}, in colour", "{photo}, em cores"),
    "swap.title": Phrase("Faces of people who do not exist", "Rostos de pessoas que não existem"),
    "swap.intro": Phrase(
        "One encoder for both and a decoder for each, learned just now from drawn pictures. With "
        "real people it takes longer, and a record that both agreed.",
        "Um codificador para as duas e um decodificador para cada uma, treinados agora com "
        "desenhos. Com pessoas reais demora mais, e é preciso um registro de que ambas "
        "concordaram.",
    ),
    "swap.a": Phrase("Ana with the face of Bia", "Ana com o rosto de Bia"),
    "swap.b": Phrase("Bia with the face of Ana", "Bia com o rosto de Ana"),
    "swap.is.a": Phrase("Ana, drawn by code", "Ana, desenhada por código"),
    "swap.is.b": Phrase("Bia, drawn by code", "Bia, desenhada por código"),
    "swap.note": Phrase(
        "{seconds}\u00a0s, after {minutes} minutes of drawing and learning",
        "{seconds}\u00a0s, depois de {minutes} minutos de desenho e treino",
    ),
    "restyle.title": Phrase("Photographs after paintings", "Fotografias estilizadas como pinturas"),
    "restyle.intro": Phrase(
        "Style transfer by optimisation: the photograph keeps its forms and takes the brushwork "
        "and the palette of the painting. "
        "Drag across a picture, or select it and use the arrow keys.",
        "Transferência de estilo por otimização: a fotografia mantém as formas e recebe as "
        "pinceladas e a paleta da pintura. "
        "Arraste sobre a imagem, ou selecione-a e use as setas do teclado.",
    ),
    "restyle.entry": Phrase("{photo} after {styles}", "{photo} à maneira de {styles}"),
    "restyle.note": Phrase(
        "{seconds}\u00a0s · {width} × {height}", "{seconds}\u00a0s · {width} × {height}"
    ),
    "restyle.once": Phrase(
        "{seconds}\u00a0s, in one pass by a style that was learned · {width} × {height}",
        "{seconds}\u00a0s, de uma só vez por um estilo aprendido · {width} × {height}",
    ),
    "restyle.photo": Phrase("Photograph: {photo}", "Fotografia: {photo}"),
    "restyle.style": Phrase("Painting: {painting}", "Pintura: {painting}"),
    "paintings.title": Phrase("Paintings drawn by code", "Pinturas desenhadas por código"),
    "paintings.intro": Phrase(
        "Each is a short program and a number to begin with; another number is another painting. "
        "They are free to use, and serve here as styles.",
        "Cada uma é um pequeno programa e um número inicial; com outro número, sai outra pintura. "
        "São de uso livre e servem aqui como estilos.",
    ),
    # Sample pictures
    "painting.night": Phrase("Night", "Noite"),
    "painting.lilies": Phrase("Lilies", "Ninfeias"),
    "painting.wave": Phrase("Wave", "Onda"),
    "painting.glass": Phrase("Glass", "Vitral"),
    "painting.points": Phrase("Points", "Pontos"),
    "painting.mosaic": Phrase("Mosaic", "Mosaico"),
    "painting.azulejo": Phrase("Azulejo", "Azulejo"),
    "painting.ink": Phrase("Ink", "Nanquim"),
    "painting.hokusai": Phrase("Hokusai's great wave", "A grande onda, de Hokusai"),
    "about.night": Phrase(
        "Night over a village, swirling oil", "Noite sobre uma vila, óleo em redemoinhos"
    ),
    "about.lilies": Phrase(
        "A lily pond, broken touches of oil", "Um lago de ninfeias, toques soltos de óleo"
    ),
    "about.wave": Phrase("A great wave, woodblock print", "Uma grande onda, xilogravura"),
    "about.glass": Phrase("Sunrise over a river, stained glass", "Amanhecer sobre um rio, vitral"),
    "about.points": Phrase(
        "Evening on a bay, points of colour", "Entardecer numa baía, pontos de cor"
    ),
    "about.mosaic": Phrase(
        "Two fish, Roman floor of stones", "Dois peixes, piso romano de pedrinhas"
    ),
    "about.azulejo": Phrase("A caravel, Portuguese tiles", "Uma caravela, azulejos portugueses"),
    "about.ink": Phrase(
        "A town on a river, pen and wash", "Uma cidade ribeirinha, bico de pena e aguada"
    ),
    "photo.chelsea": Phrase("Cat", "Gato"),
    "photo.coffee": Phrase("Coffee", "Café"),
    "photo.astronaut": Phrase("Astronaut", "Astronauta"),
    "photo.rocket": Phrase("Rocket", "Foguete"),
    "photo.hubble": Phrase("Galaxies", "Galáxias"),
    "photo.camera": Phrase("Cameraman", "Cinegrafista"),
    "credit.chelsea": Phrase(
        "a cat (Stéfan van der Walt, CC0)", "um gato (Stéfan van der Walt, CC0)"
    ),
    "credit.coffee": Phrase(
        "a cup of coffee (Rachel Michetti, CC0)", "uma xícara de café (Rachel Michetti, CC0)"
    ),
    "credit.astronaut": Phrase(
        "the astronaut Eileen Collins (NASA, public domain)",
        "a astronauta Eileen Collins (NASA, domínio público)",
    ),
    "credit.rocket": Phrase(
        "a rocket at its start (SpaceX, public domain)",
        "o lançamento de um foguete (SpaceX, domínio público)",
    ),
    "credit.camera": Phrase(
        "a man with a camera, never in colour (Lav Varshney, CC0)",
        "um homem com uma câmera, nunca em cores (Lav Varshney, CC0)",
    ),
    "credit.hubble": Phrase(
        "galaxies in the Hubble deep field (NASA and ESA, public domain)",
        "galáxias no campo profundo do Hubble (NASA e ESA, domínio público)",
    ),
}


def text(key: str, language: Language, **values: object) -> str:
    """A message in one language, its places filled in.

    Args:
        key: of `MESSAGES`.
        language: "en" or "pt-BR".
        values: one for each place; of a `Phrase` the language is taken, floats get one decimal.

    Returns:
        Plain text.

    Raises:
        KeyError: if there is no such message, or a place is left empty.
    """
    written = {name: _written(value, language) for name, value in values.items()}
    return MESSAGES[key].in_(language).format_map(written)


def say(key: str, **values: object) -> Phrase:
    """A message in every language, its places filled in as by `text`.

    >>> say("restyle.entry", photo=say("photo.chelsea"), styles=say("painting.wave")).english
    'Cat after Wave'
    """
    return Phrase(*(text(key, language, **values) for language in LANGUAGES))


def listed(phrases: Sequence[Phrase]) -> Phrase:
    """Several things in one phrase; the empty phrase if there are none.

    >>> listed([say("painting.night"), say("painting.glass"), say("painting.ink")])
    Phrase(english='Night, Glass and Ink', portuguese='Noite, Vitral e Nanquim')
    """
    if len(phrases) < 2:
        return phrases[0] if phrases else Phrase("", "")
    first = Phrase(*(", ".join(said) for said in zip(*phrases[:-1], strict=True)))
    return say("list.and", first=first, last=phrases[-1])


def _written(value: object, language: Language) -> str:
    if isinstance(value, Phrase):
        return value.in_(language)
    if isinstance(value, float):
        number = f"{value:.1f}"
        return number if language == "en" else number.replace(".", ",")
    return str(value)
