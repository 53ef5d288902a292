"""Pages stand alone, in two languages, readable, and safe whatever a file is called."""

import re
from html.parser import HTMLParser
from importlib.resources import files
from string import Formatter
from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from olhar.look import page as look
from olhar.look.machine import processor
from olhar.look.messages import LANGUAGES, MESSAGES, Phrase, listed, say, text
from olhar.look.page import Html, Picture
from olhar.samples import PAINTINGS, PHOTOS

VOID = {"meta", "link", "img", "input", "br", "hr"}
NASTY = "\"><script>alert('x')</script> & {0} {what} <b> .png"
CSS = files("olhar.look").joinpath("style.css").read_text("utf-8")


class Reader(HTMLParser):
    """Elements of a page, which must be well formed, and its text by language."""

    def __init__(self, source: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.text: dict[str, str] = {"": "", "en": "", "pt-BR": ""}
        self._open: list[tuple[str, str]] = []
        self.feed(source)
        assert self._open == []

    def handle_starttag(self, tag, attrs):
        values = {name: value or "" for name, value in attrs}
        self.elements.append((tag, values))
        outer = self._open[-1][1] if self._open else ""
        if tag not in VOID:
            language = values.get("lang", outer) if tag != "html" else ""
            self._open.append((tag, language))

    def handle_startendtag(self, tag, attrs):
        self.elements.append((tag, {name: value or "" for name, value in attrs}))

    def handle_endtag(self, tag):
        assert self._open.pop()[0] == tag

    def handle_data(self, data):
        self.text[self._open[-1][1] if self._open else ""] += data

    def all(self, tag: str) -> list[dict[str, str]]:
        return [values for name, values in self.elements if name == tag]


def shown(*parts: Html) -> Reader:
    return Reader(look.page(say("gallery.title"), parts))


def places(message: str) -> set[str]:
    return {name for _, name, *_ in Formatter().parse(message) if name is not None}


# ---- messages


@pytest.mark.parametrize("key", MESSAGES)
def test_every_message_is_in_both_languages_with_the_same_places(key):
    english, portuguese = MESSAGES[key]
    assert english.strip() == english != ""
    assert portuguese.strip() == portuguese != ""
    assert places(english) == places(portuguese)
    assert all(name.isidentifier() for name in places(english))
    filled = dict.fromkeys(places(english), "x")
    for language in LANGUAGES:
        assert "{" not in text(key, language, **filled)


def test_every_sample_has_a_name_and_every_painting_a_description():
    for key in (*(f"painting.{n}" for n in PAINTINGS), *(f"about.{n}" for n in PAINTINGS)):
        assert key in MESSAGES
    assert all(f"photo.{name}" in MESSAGES for name in PHOTOS)


def test_numbers_and_lists_are_written_as_the_language_writes_them():
    assert text("unit.seconds", "en", seconds=1234.56) == "1234.6\u00a0s"
    assert text("unit.seconds", "pt-BR", seconds=12.34) == "12,3\u00a0s"
    assert text("unit.seconds", "pt-BR", seconds=12) == "12\u00a0s"
    night, wave, glass = (say(f"painting.{name}") for name in ("night", "wave", "glass"))
    assert listed([]) == ("", "")
    assert listed([night]) == ("Night", "Noite")
    assert listed([night, wave, glass]) == ("Night, Wave and Glass", "Noite, Onda e Vitral")


def test_an_unknown_message_or_an_empty_place_is_a_defect():
    with pytest.raises(KeyError):
        text("no.such.key", "en")
    with pytest.raises(KeyError):
        text("compare.of", "en")


@given(st.text(max_size=40))
def test_a_value_is_put_in_as_it_is(value):
    assert text("compare.of", "pt-BR", what=value) == f"Antes e depois: {value}"


# ---- pages


def test_a_page_stands_alone():
    source = look.page(
        say("gallery.title"), [look.paragraph("hello", "intro")], [look.code("x < y")]
    )
    reader = Reader(source)
    assert reader.all("html")[0]["lang"] == "en"
    assert {"charset": "utf-8"} in reader.all("meta")
    assert any("width=device-width" in meta.get("content", "") for meta in reader.all("meta"))
    assert reader.all("script") == [{}]  # inside the page, not named by it
    assert all(link["href"].startswith("data:") for link in reader.all("link"))
    assert not re.search(r"""(?:src|href)=["']?(?:https?:|//)|@import|url\(""", source)
    assert "x &lt; y" in source


def test_commands_keep_their_distance_from_what_follows():
    assert re.search(r"^pre \{ margin: 16px 0;", CSS, re.MULTILINE)


def test_both_languages_are_there_and_one_of_them_shows():
    reader = shown(look.section(say("restyle.title"), say("restyle.intro"), []))
    for index, language in enumerate(LANGUAGES):
        for key in ("gallery.title", "restyle.title", "restyle.intro"):
            assert MESSAGES[key][index] in reader.text[language]
    root = reader.all("html")[0]
    assert (root["data-title-en"], root["data-title-pt"]) == MESSAGES["gallery.title"]
    assert [b["data-language"] for b in reader.all("button")] == list(LANGUAGES)
    assert [b["aria-pressed"] for b in reader.all("button")] == ["true", "false"]
    assert all(b["type"] == "button" for b in reader.all("button"))
    assert 'html:lang(en) [lang|="pt"], html:lang(pt) [lang|="en"] { display: none; }' in CSS
    same = look.html(Phrase("Azulejo", "Azulejo"))
    assert same == "Azulejo"  # said once


def test_nothing_in_a_name_becomes_markup():
    phrase = Phrase(NASTY, NASTY + "!")
    before, after = (Picture(f"{kind} {NASTY}", phrase, 4, 3) for kind in ("a", "b"))
    reader = shown(
        look.figure(before, phrase, NASTY, phrase),
        look.comparison(before, after, say("compare.of", what=phrase), NASTY, beside=[after]),
        look.failure(phrase, NASTY),
        look.paragraph(NASTY, NASTY),
        look.code(NASTY),
    )
    assert len(reader.all("script")) == 1
    assert not reader.all("b")
    known = {"class", "src", "width", "height", "alt", "data-en", "data-pt"}
    for picture in reader.all("img"):
        assert set(picture) <= known
        assert unquote(picture["src"]) in (before.source, after.source)
        assert picture["alt"] == picture["data-en"] == NASTY
        assert picture["data-pt"] == NASTY + "!"
    assert all(not name.startswith("on") for _, values in reader.elements for name in values)
    assert NASTY in reader.text[""]  # and it is still told as it is


def test_text_is_escaped_and_markup_is_not():
    assert look.html("<i>") == "&lt;i&gt;"
    assert look.html(Html("<i>")) == "<i>"
    assert look.joined(["<", Html("<br>"), Phrase("a", "a")]) == "&lt;<br>a"


def test_a_comparison_works_by_keyboard_and_for_those_who_do_not_see_it():
    picture = Picture("cat.jpg", Phrase("a cat", "um gato"), 451, 300)
    style = Picture("night.jpg", Phrase("a night", "uma noite"), 512, 512)
    name = say("restyle.entry", photo=say("photo.chelsea"), styles="Night")
    reader = shown(look.comparison(picture, picture, name, beside=[style]))
    (slider,) = reader.all("input")
    assert slider["type"] == "range"
    assert (slider["min"], slider["max"]) == ("0", "100")
    assert slider["aria-label"] == slider["data-en"] == "Before and after: Cat after Night"
    assert slider["data-pt"] == "Antes e depois: Gato à maneira de Night"
    assert [(i["width"], i["height"]) for i in reader.all("img")] == [("451", "300")] * 2 + [
        ("512", "512")
    ]
    assert ".compare:has(input:focus-visible)" in CSS
    assert f"--split: {slider['value']}%" in CSS  # at rest without script, too


# ---- colours


def palettes() -> list[dict[str, str]]:
    """The colours of the light page and of the dark one."""
    light_css, dark_css = CSS.split("@media (prefers-color-scheme: dark)", 1)
    light = dict(re.findall(r"--(\w+): (#[0-9A-F]{6})", light_css))
    dark = dict(re.findall(r"--(\w+): (#[0-9A-F]{6})", dark_css.split("\n}", 1)[0]))
    return [light, light | dark]


def contrast(one: str, other: str) -> float:
    """WCAG 2.2: (L1 + 0.05) / (L2 + 0.05)."""

    def luminance(colour: str) -> float:
        values = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        linear = [v / 12.92 if v <= 0.04045 else ((v + 0.055) / 1.055) ** 2.4 for v in values]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def test_the_colours_are_those_of_the_house():
    light, dark = palettes()
    assert light == {
        "paper": "#FAF8F4",
        "ink": "#1E1B18",
        "muted": "#6F675E",
        "line": "#E4DED5",
        "accent": "#3B4CCA",
        "amber": "#E0A100",
        "error": "#B3261E",
    }
    assert (dark["paper"], dark["ink"], dark["accent"]) == ("#141311", "#EFEAE2", "#8FA0FF")


@pytest.mark.parametrize("palette", palettes(), ids=["light", "dark"])
def test_everything_written_can_be_read(palette):
    for colour in ("ink", "muted", "accent", "error"):
        assert contrast(palette[colour], palette["paper"]) >= 4.5, colour
    assert contrast("#1E1B18", palette["amber"]) >= 4.5  # the mark


def test_the_processor_has_a_name_of_one_line():
    assert processor().strip() == processor() != ""
    assert "\n" not in processor()
