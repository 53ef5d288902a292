"""What the report of a classifier or a regressor says beside what every report says."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from olhar.classify.attention import attention, lit
from olhar.look import page
from olhar.look.chart import SMALL, Line, chart
from olhar.look.embed import embedded
from olhar.look.messages import Phrase, say
from olhar.look.page import Html
from olhar.look.table import block, drawing, matrix, number, table, under
from olhar.training.calibration import BINS, reliability
from olhar.training.metrics import class_intervals
from olhar.training.report import Finding, Subject, measure

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray
    from torch import Tensor

    from olhar.training.recipe import Metrics

_MATRIX = 24  # classes up to which all of the matrix is drawn
_PAIRS = 10
_WORST = 12
_LOOKED_AT = 8
_MOST = 60
_SIDE = 224  # of a picture on the page
_SCORES = ("precision", "recall", "f1", "average_precision")


def findings(
    subject: Subject,
    metrics: Metrics,
    logits: Tensor,
    true: Tensor,
    learned: NDArray[np.int64] | None,
) -> Iterator[Finding]:
    """The sections, in order.

    Args:
        subject: of the report; its data is `Images`.
        metrics: thorough.
        logits: (N, outputs), or numbers.
        true: (N,) classes, (N, C) labels or (N, K) numbers.
        learned: (N,) the row in the cache of a picture that is nearly the same and was learned
            from, or -1; None if it is not known what was.
    """
    task = subject.network.task
    said = subject.network.probabilities(logits)
    if task == "class":
        yield _confusion(metrics["confusion"], subject.network.names)
    if task != "number":
        yield _classes(metrics, said, true, subject.network.names)
        yield _calibration(subject.network, logits, true)
    else:
        yield _scatter(said.numpy(), true.numpy(), subject.network.names)
    error, right = _errors(subject, said, true)
    yield _mistakes(subject, said, true, error, right)
    yield _attention(subject, said, error, right)
    yield _twins(subject, metrics, said, true, learned)


def _confusion(counts: list[list[int]], names: Sequence[str]) -> Finding:
    wrong = np.array(counts)
    np.fill_diagonal(wrong, 0)
    order = np.argsort(-wrong, axis=None, kind="stable")[:_PAIRS]
    fields = [divmod(int(field), len(names)) for field in order]
    pairs = [(names[r], names[c], int(wrong[r, c])) for r, c in fields if wrong[r, c]]
    content: list[Html] = []
    if len(names) <= _MATRIX:
        content.append(matrix(counts, names, say("confusion.corner")))
    elif pairs:
        headings = [say("confusion.is"), say("confusion.said"), say("confusion.times")]
        rows = [[a, b, f"{count}"] for a, b, count in pairs]
        content.append(table(headings, rows))
    values = {"classes": list(names), "matrix": counts, "most_confused": pairs}
    html = block(say("confusion.title"), say("confusion.intro"), content)
    return Finding("confusion", values, html)


def _classes(metrics: Metrics, said: Tensor, true: Tensor, names: Sequence[str]) -> Finding:
    rows: dict[str, dict[str, Any]] = metrics["per_class"]
    classes = true.argmax(1) if true.ndim > 1 else true
    single = said.shape[1] == len(names) and "confusion" in metrics
    ranges = class_intervals(said.argmax(1), classes, names) if single else {}
    scores = [name for name in _SCORES if name in next(iter(rows.values()))]
    lines = [
        [
            name,
            *(
                under(
                    number(row[score], ".3f"),
                    _range(ranges.get(name, {}).get(score)),
                )
                for score in scores
            ),
            f"{row['support']}",
        ]
        for name, row in [*rows.items()][:_MOST]
    ]
    heading = say("classes.class" if single else "classes.label")
    content = [table([heading, *map(measure, [*scores, "support"])], lines)]
    if len(rows) > _MOST:
        more = say("report.more", shown=_MOST, count=len(rows))
        content.append(page.paragraph(more, "machine"))
    values = {
        name: {**row, **({"intervals": ranges[name]} if name in ranges else {})}
        for name, row in rows.items()
    }
    return Finding("classes", values, block(say("classes.title"), say("classes.intro"), content))


def _range(limits: list[float] | None) -> Phrase:
    if limits is None:
        return Phrase("", "")
    low, high = (number(limit, ".2f") for limit in limits)
    return say("report.range", low=low, high=high)


def _calibration(network: Any, logits: Tensor, true: Tensor) -> Finding:
    def sure_and_right(p: Tensor) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
        if network.task == "class":
            classes = true.argmax(1) if true.ndim > 1 else true
            return p.max(1).values.double().numpy(), (p.argmax(1) == classes).numpy()
        return p.double().numpy().ravel(), (true >= 0.5).numpy().ravel()

    sure, right = sure_and_right(network.probabilities(logits))
    after = reliability(sure, right)
    raw = logits.softmax(1) if network.task == "class" else logits.sigmoid()
    before = reliability(*sure_and_right(raw))
    lines = [
        Line("", [0.0, 100.0], [0.0, 100.0], "dashed"),
        *(
            Line(
                say(name), (100 * each.confidence).tolist(), (100 * each.accuracy).tolist(), "both"
            )
            for name, each in (("calibration.with", after), ("calibration.without", before))
        ),
    ]
    x, y = say("calibration.sure"), say("calibration.right")
    diagram = drawing(chart(lines, x=x, y=y, size=SMALL), say("calibration.caption"))
    counts = np.histogram(sure, BINS, (0, 1))[0]
    edges = 100 * np.arange(BINS + 1) / BINS
    steps = Line("", np.repeat(edges, 2).tolist(), [0, *np.repeat(counts, 2).tolist(), 0])
    many = chart([steps], x=x, y=say("calibration.count"), size=SMALL)
    spread = drawing(many, say("calibration.spread"), say("calibration.spread.note"))
    told = say(
        "calibration.error",
        error=number(100 * after.error, ".1f"),
        before=number(100 * before.error, ".1f"),
        temperature=number(network.temperature, ".3g"),
    )
    used = [page.paragraph(told, "machine"), page.paragraph(say("calibration.used"), "machine")]
    values = {
        "temperature": network.temperature,
        "error": after.error,
        "error_without_temperature": before.error,
        "bins": {
            "counts": after.counts.tolist(),
            "confidence": after.confidence.tolist(),
            "accuracy": after.accuracy.tolist(),
        },
    }
    section = page.section(say("calibration.title"), say("calibration.intro"), [diagram, spread])
    return Finding("calibration", values, page.joined([section, *used]))


def _scatter(said: NDArray[np.float32], true: NDArray[np.float32], names: Sequence[str]) -> Finding:
    drawn: list[Html] = []
    for k, name in enumerate(names[:4]):
        x, y = true[:, k].tolist(), said[:, k].tolist()
        ends = [min(x), max(x)]
        line = Line("", ends, ends, "dashed")
        on = chart(
            [line, Line("", x, y, "points")],
            x=say("scatter.true"),
            y=say("scatter.said"),
            size=SMALL,
        )
        apart = chart(
            [
                Line("", ends, [0.0, 0.0], "dashed"),
                Line("", x, (said - true)[:, k].tolist(), "points"),
            ],
            x=say("scatter.true"),
            y=say("scatter.residual"),
            size=SMALL,
        )
        drawn += [
            drawing(on, say("scatter.of", name=name)),
            drawing(apart, say("scatter.residuals", name=name)),
        ]
    values = {"names": list(names), "said": said.tolist(), "true": true.tolist()}
    section = page.section(say("scatter.title"), say("scatter.intro"), drawn)
    return Finding("scatter", values, section)


def _errors(
    subject: Subject, said: Tensor, true: Tensor
) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """How bad each example is, (N,), and whether it is right."""
    match subject.network.task:
        case "class":
            right = (said.argmax(1) == true).numpy()
            return said.max(1).values.double().numpy(), right
        case "labels":
            apart = (said - true).abs()
            return apart.max(1).values.double().numpy(), (apart < 0.5).all(1).numpy()
        case _:
            spread = true.std(0).clamp(min=1e-12) if len(true) > 1 else torch.ones(true.shape[1])
            apart = ((said - true).abs() / spread).mean(1).double().numpy()
            return apart, apart <= np.median(apart)


def _mistakes(
    subject: Subject,
    said: Tensor,
    true: Tensor,
    error: NDArray[np.float64],
    right: NDArray[np.bool_],
) -> Finding:
    order = np.argsort(np.where(right, -1.0, error), kind="stable")[::-1]
    worst = [int(i) for i in order[:_WORST] if not right[i]]
    captions = [_caption(subject, said[i], true[i]) for i in worst]
    drawn = [
        page.figure(picture, first, second)
        for picture, (first, second) in zip(_pictures(subject, worst), captions, strict=True)
    ]
    values = [
        {"file": _name(subject, i), "said": first.english, "true": second.english}
        for i, (first, second) in zip(worst, captions, strict=True)
    ]
    kind = "numbers" if subject.network.task == "number" else "intro"
    intro = say(f"mistakes.{kind}" if worst else "mistakes.none")
    return Finding(
        "mistakes", values, page.section(say("mistakes.title"), intro, drawn, small=True)
    )


def _caption(subject: Subject, said: Tensor, true: Tensor) -> tuple[Phrase, Phrase]:
    """What was said, and what is the case."""
    names, task = subject.network.names, subject.network.task
    if task == "class":
        sure = number(100 * float(said.max()), ".0f")
        first = say("mistakes.said", said=names[int(said.argmax())], sure=sure)
        return first, say("mistakes.is", true=names[int(true)])
    if task == "labels":
        found, wanted = (
            ", ".join(name for name, on in zip(names, flags, strict=True) if bool(on)) or "–"
            for flags in (said >= 0.5, true >= 0.5)
        )
        return Phrase(found, found), say("mistakes.is", true=wanted)
    return _numbers(said), say("mistakes.is", true=_numbers(true))


def _numbers(values: Tensor) -> Phrase:
    each = [number(float(value), ".4g") for value in values]
    return Phrase("; ".join(one.english for one in each), "; ".join(one.portuguese for one in each))


def _attention(
    subject: Subject, said: Tensor, error: NDArray[np.float64], right: NDArray[np.bool_]
) -> Finding:
    """Half right, half wrong: the surest of both."""
    order = np.argsort(-error, kind="stable")
    half = _LOOKED_AT // 2
    chosen = [*order[right[order]][:half].tolist(), *order[~right[order]][:half].tolist()]
    batch = subject.data.batch(np.array(chosen, np.int64), device=subject.device)["image"]
    heat, maps = attention(subject.network, batch, said[chosen].argmax(1))
    drawn: list[Html] = []
    for i, image, bright in zip(chosen, batch, lit(batch, heat), strict=True):
        name = _name(subject, i)
        pair = [
            page.image(embedded(image, say("picture.of", file=name), side=_SIDE)),
            page.image(embedded(bright, say("attention.of", file=name), side=_SIDE)),
        ]
        caption = _said(subject, said[i], right=bool(right[i]))
        words = f'<div class="words"><div class="note">{page.html(caption)}</div></div>'
        drawn.append(
            Html(
                f'<figure><div class="pair">{page.joined(pair)}</div>'
                f"<figcaption>{words}</figcaption></figure>"
            )
        )
    values = {"method": "grad-cam" if maps else "input gradients", "examples": len(chosen)}
    intro = say("attention.gradcam" if maps else "attention.gradient")
    html = page.section(say("attention.title"), intro, drawn, small=True)
    return Finding("attention", values, html)


def _said(subject: Subject, said: Tensor, *, right: bool) -> Html:
    if subject.network.task == "number":
        return page.html(_numbers(said))
    best = int(said.argmax())
    text = say(
        "mistakes.said",
        said=subject.network.names[best],
        sure=number(100 * float(said[best]), ".0f"),
    )
    return Html(f"<span{'' if right else ' class=wrong'}>{page.html(text)}</span>")


def _twins(
    subject: Subject,
    metrics: Metrics,
    said: Tensor,
    true: Tensor,
    learned: NDArray[np.int64] | None,
) -> Finding:
    """Pictures that the model has nearly seen before."""
    title = say("twins.title")
    if learned is None:
        return Finding("near_duplicates", None, block(title, say("twins.unknown"), []))
    found = np.flatnonzero(learned >= 0)
    if not len(found):
        return Finding("near_duplicates", [], block(title, say("twins.none"), []))
    name = "mae" if subject.network.task == "number" else "accuracy"
    rest = learned < 0
    kept = torch.from_numpy(rest)
    if not rest.any():
        without = None
    elif name == "mae":
        without = float((said - true)[kept].abs().mean())
    elif true.ndim > 1:
        without = float(((said >= 0.5) == (true >= 0.5))[kept].all(1).float().mean())
    else:
        without = float((said.argmax(1) == true)[kept].float().mean())
    data: Any = subject.data
    drawn: list[Html] = []
    pairs: list[dict[str, str]] = []
    for i in found.tolist():
        other = data.files[learned[i]]
        pairs.append({"measured": _name(subject, i), "learned_from": other})
        if len(drawn) < _WORST:
            (mine,) = _pictures(subject, [i])
            pixels = torch.from_numpy(data.cache.rows(learned[i : i + 1])[0].copy())
            alt = say("twins.learned", file=other)
            twin = embedded(pixels.permute(2, 0, 1) / 255, alt, side=_SIDE)
            pair = page.joined([page.image(mine), page.image(twin)])
            words = [say("twins.measured", file=_name(subject, i)), alt]
            lines = "".join(f'<div class="note">{page.html(each)}</div>' for each in words)
            drawn.append(
                Html(
                    f'<figure><div class="pair">{pair}</div><figcaption><div class="words">{lines}'
                    "</div></figcaption></figure>"
                )
            )
    intro = say(
        "twins.intro",
        count=len(found),
        all=len(learned),
        measure=measure(name),
        without=number(without),
        with_=number(metrics[name]),
    )
    values = {"pairs": pairs, f"{name}_without": without}
    html = page.section(title, intro, drawn, small=True)
    return Finding("near_duplicates", values, html)


def _pictures(subject: Subject, rows: list[int]) -> list[page.Picture]:
    if not rows:
        return []
    images = subject.data.batch(np.array(rows, np.int64))["image"]
    return [
        embedded(image, say("picture.of", file=_name(subject, i)), side=_SIDE)
        for i, image in zip(rows, images, strict=True)
    ]


def _name(subject: Subject, i: int) -> str:
    data: Any = subject.data
    return data.files[data.rows[i]] if data.files else f"{i}"
