"""The page of a search: how it went, what mattered, and whether the winner is better."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from olhar.look import page
from olhar.look.chart import SMALL, Line, chart
from olhar.look.messages import say
from olhar.look.page import Html
from olhar.look.table import bar, block, drawing, number, table, under
from olhar.media.files import atomic
from olhar.training.report import interval, measure, rounded
from olhar.training.space import current

if TYPE_CHECKING:
    from pathlib import Path

    from olhar.training.tune import Study, Tried


def write(study: Study, verdict: dict[str, Any]) -> tuple[Path, Path]:
    """Write `report.html` and `report.json` into the folder of a study.

    Args:
        study: with its trials.
        verdict: of `commands.tune`: `part`, `seeds` and `measures`; empty if there is none yet.
    """
    tried, best = study.tried(), study.best()
    importance = study.importance()
    values = {
        "kind": study.recipe.kind,
        "trials": [asdict(each) for each in tried],
        "best": asdict(best) if best else None,
        "importance": importance,
        "verdict": verdict,
    }
    pruned = sum(each.state == "pruned" for each in tried)
    intro = say("tune.intro", trials=len(tried), epochs=study.recipe.epochs, pruned=pruned)
    body = [
        page.paragraph(intro, "intro"),
        *([_verdict(verdict)] if verdict else []),
        *([_history(tried)] if any(each.score is not None for each in tried) else []),
        _importance(study, best, importance),
    ]
    title = say("tune.title", kind=study.recipe.kind)
    text = page.page(title, body, [page.paragraph(say("report.foot"))])
    paths = study.folder / "report.html", study.folder / "report.json"
    for path, content in zip(paths, (text, json.dumps(values, indent=2) + "\n"), strict=True):
        with atomic(path) as temporary:
            temporary.write_text(content, "utf-8")
    return paths


def _verdict(verdict: dict[str, Any]) -> Html:
    headings = [say(f"tune.{key}") for key in ("measure", "default", "winner", "difference")]
    rows = [
        [
            measure(name),
            rounded(each["before"]),
            rounded(each["after"]),
            under(rounded(each["difference"]), interval(each["interval"])),
        ]
        for name, each in verdict["measures"].items()
    ]
    part = say(f"tune.part.{verdict['part']}")
    intro = say("tune.verdict.intro", seeds=len(verdict["seeds"]), part=part)
    content = [table(headings, rows)]
    if verdict["part"] != "test":
        content.append(page.paragraph(say("tune.flattered"), "machine"))
    return block(say("tune.verdict"), intro, content)


def _history(tried: list[Tried]) -> Html:
    scored = [(each.number, each.score) for each in tried if each.score is not None]
    x, y = [n for n, _ in scored], [score for _, score in scored]
    most = [max(y[: i + 1]) for i in range(len(y))]
    lines = [Line(say("tune.trials"), x, y, "points"), Line(say("tune.best"), x, most)]
    svg = chart(lines, x=say("tune.trial"), y=say("tune.score"), size=SMALL)
    drawn = drawing(svg, say("tune.history"))
    return page.section(say("tune.history"), say("tune.history.intro"), [drawn])


def _importance(study: Study, best: Tried | None, importance: dict[str, float]) -> Html:
    chosen = best.values if best else {}
    fields = sorted(study.space, key=lambda each: -importance.get(each.name, 0.0))
    rows: list[list[Any]] = []
    for each in fields:
        share = importance.get(each.name)
        shown = Html("–") if share is None else under(number(100 * share, ".0f"), bar(share))
        now = (current(study.recipe, each.name), chosen.get(each.name))
        rows.append([each.name, shown, *(_value(value) for value in now)])
    headings = [say(f"tune.{key}") for key in ("setting", "share", "default", "chosen")]
    content = [table(headings, rows)]
    return block(say("tune.importance"), say("tune.importance.intro"), content)


def _value(value: Any) -> Any:
    return (
        number(value, ".3g") if isinstance(value, float) else "–" if value is None else f"{value}"
    )
