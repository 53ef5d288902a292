"""The contact sheet of a face set, on which faces are ticked and taken out or brought back."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from olhar.faceswap.advice import SIDES, Lack
from olhar.look.messages import Phrase, say
from olhar.look.page import Html, html
from olhar.look.phrase import localized
from olhar.studio import face_sets
from olhar.studio.face_sets import SMALL
from olhar.studio.parts import button, empty, sure

if TYPE_CHECKING:
    from collections.abc import Sequence

    from olhar.faceswap.advice import Tally
    from olhar.studio.face_sets import Shot
    from olhar.studio.workspace import Workspace

ORDERS = ("time", "sharp", "yaw")
"""In which order a sheet shows faces."""
PAGE = 60
"""Faces that are shown at once."""


def sheet(space: Workspace, name: str, view: dict[str, Any]) -> Html:
    """A whole set.

    Args:
        space: where it is.
        name: of the set.
        view: `out`, whether those that are left out are shown; `order`; `page`, from 0.
    """
    faces = face_sets.shots(space, name)
    if not faces:
        return empty("studio.faces.empty")
    tally = face_sets.tally(faces)
    out, order = bool(view.get("out")), view.get("order", "time")
    shown = [face for face in faces if face.keep != out]
    if order == "sharp":
        shown.sort(key=lambda face: face.sharpness)
    elif order == "yaw":
        shown.sort(key=lambda face: face.yaw)
    last = max(0, -(-len(shown) // PAGE) - 1)
    page = min(max(0, int(view.get("page", 0))), last)
    count = html(say("studio.faces.count", count=_number(tally.faces)))
    deed = button(
        "back" if out else "remove",
        say("studio.faces.back" if out else "studio.faces.remove"),
        "main" if out else "bad",
        gather="1",
        set=name,
    )
    delete = sure(
        "delete", say("studio.faces.delete"), say("studio.delete.sure", name=name), set=name
    )
    tick = "" if out or not shown else f'<p class="note">{html(say("studio.faces.tick"))}</p>'
    return Html(
        f'<div class="stage sheet" data-gathered><div class="sheet-top"><h3>{escape(name)}</h3>'
        f"<p>{count}</p></div>{_sides(tally)}{_advice(name, tally)}"
        f"{_who(name, faces)}{_pills(name, tally, out, order)}{tick}"
        f"{_crops(name, shown[page * PAGE : (page + 1) * PAGE], out)}"
        f'<div class="deeds">{deed if shown else ""}{_pager(name, page, last, len(shown))}</div>'
        f'<div class="deeds last">{delete}</div></div>'
    )


def coming(space: Workspace, name: str) -> Html:
    """The newest faces, while they are cut out."""
    faces = face_sets.newest(space, name, 8)
    if not faces:
        return Html("")
    return Html(
        f'<div class="crops coming">{"".join(_picture(name, face) for face in faces)}</div>'
    )


def strip(name: str, faces: Sequence[Shot], count: int = 5) -> Html:
    """A few faces of a set, from left to right."""
    kept = sorted((face for face in faces if face.keep), key=lambda face: face.yaw)
    some = [kept[i * (len(kept) - 1) // max(1, count - 1)] for i in range(min(count, len(kept)))]
    return Html(f'<div class="strip">{"".join(_picture(name, face) for face in some)}</div>')


def _picture(name: str, face: Shot) -> str:
    address = f"/studio/face/{quote(name)}/{quote(face.file)}"
    return (
        f'<img src="{escape(address)}" width="{SMALL}" height="{SMALL}" alt="" loading="lazy" '
        'decoding="async">'
    )


def _crops(name: str, faces: Sequence[Shot], out: bool) -> str:
    if not faces:
        return f'<p class="note">{html(say("studio.faces.none"))}</p>'
    cells = ""
    for face in faces:
        words = say(
            "studio.faces.face", person=face.person, source=face.source, frame=face.frame + 1
        )
        why = ""
        if out:
            key = "person" if face.why == "another person" else "hand"
            why = f'<span class="why">{html(say(f"studio.faces.by.{key}"))}</span>'
        cells += (
            f'<label class="crop"><input type="checkbox" value="{escape(face.file)}" '
            f'aria-label="{escape(words.english)}" data-en="{escape(words.english)}" '
            f'data-pt="{escape(words.portuguese)}">{_picture(name, face)}{why}</label>'
        )
    return f'<div class="crops{" out" if out else ""}">{cells}</div>'


def _sides(tally: Tally) -> str:
    """Five bars: which way the faces look."""
    most = max([1, *tally.sides.values()])
    bars = ""
    for number, side in enumerate(SIDES):
        count = tally.sides[side]
        words = html(say(f"studio.faces.side.{number}"))
        bars += (
            f'<li><i style="--share:{100 * count / most:.0f}%"></i><b>{html(_number(count))}</b>'
            f"<span>{words}</span></li>"
        )
    name = say("studio.faces.sides")
    return (
        f'<ul class="poses" aria-label="{escape(name.english)}" data-en="{escape(name.english)}" '
        f'data-pt="{escape(name.portuguese)}">{bars}</ul>'
    )


def _advice(name: str, tally: Tally) -> str:
    lines = ""
    lacks = [each for each in tally.lacks() if each.what != "people"]
    if tally.blurred and not any(each.what == "blurred" for each in lacks):
        lacks.append(Lack("blurred", tally.blurred))
    for what, many in lacks:
        deed = button("unblur", say("studio.faces.unblur"), set=name) if what == "blurred" else ""
        lines += f"<li>{html(say(f'studio.faces.lacks.{what}', count=_number(many)))}{deed}</li>"
    if not lines:
        return f'<p class="good">{html(say("studio.faces.good"))}</p>'
    return f'<ul class="advice">{lines}</ul>'


def _who(name: str, faces: Sequence[Shot]) -> str:
    """The people of a set, if there are several, to choose from."""
    chosen = face_sets.person_of(faces)
    if chosen:
        words = html(say("studio.faces.chosen", number=chosen))
        back = button("person", say("studio.faces.everyone"), person=0, set=name)
        return f'<div class="who"><p>{words}</p>{back}</div>'
    groups: dict[int, list[Shot]] = {}
    for face in faces:
        if face.keep:
            groups.setdefault(face.person, []).append(face)
    if len(groups) < 2:
        return ""
    cells = ""
    for person, own in sorted(groups.items(), key=lambda pair: -len(pair[1])):
        count = html(say("studio.faces.person", number=person, count=_number(len(own))))
        words = say("studio.faces.only", number=person)
        only = button("person", words, person=person, set=name)
        cells += f"<li>{strip(name, own, 3)}<p>{count}</p>{only}</li>"
    return (
        f'<div class="who"><p><strong>{html(say("studio.faces.who"))}</strong></p>'
        f"<ul>{cells}</ul></div>"
    )


def _pills(name: str, tally: Tally, out: bool, order: str) -> str:
    left_out = sum(tally.left_out.values())
    views = [("0", say("studio.faces.in", count=_number(tally.faces)), not out)]
    if left_out or out:
        views.append(("1", say("studio.faces.out", count=_number(left_out)), out))
    orders = [(each, say(f"studio.faces.order.{each}"), each == order) for each in ORDERS]
    rows = ""
    for key, choices in (("out", views), ("order", orders)):
        rows += '<div class="pills" role="group">'
        for value, words, pressed in choices:
            rows += (
                f'<button type="button" class="pill" data-do="view" data-{key}="{value}" '
                f'data-set="{escape(name)}" aria-pressed="{str(pressed).lower()}">'
                f"{html(words)}</button>"
            )
        rows += "</div>"
    return f'<div class="views">{rows}</div>'


def _pager(name: str, page: int, last: int, count: int) -> str:
    if not last:
        return ""
    first = page * PAGE + 1
    till = min(count, first + PAGE - 1)
    words = say(
        "studio.faces.shown", first=_number(first), last=_number(till), count=_number(count)
    )
    found = f'<span class="note">{html(words)}</span>'
    if page:
        found += button("view", say("studio.faces.earlier"), page=page - 1, set=name)
    if page < last:
        found += button("view", say("studio.faces.later"), page=page + 1, set=name)
    return f'<span class="pager">{found}</span>'


def _number(count: int) -> Phrase:
    return localized(f"{count:,}")
