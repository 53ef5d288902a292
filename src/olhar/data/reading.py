"""From a source to what is learned from and measured on: read, decode, split.

The order matters: pictures that cannot be read are left out before anything is counted, and
near-duplicates are found before the split, so that none stands on both sides of it.
"""

from __future__ import annotations

from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING, get_args

import numpy as np
from PIL import Image

from olhar.data.balance import example_weights, imbalance
from olhar.data.cache import Cache, cache
from olhar.data.dataset import Datasets
from olhar.data.duplicates import near_duplicates
from olhar.data.examples import Examples, Part, some
from olhar.data.images import Images
from olhar.data.random import permutation
from olhar.data.splits import Split, fingerprint, split
from olhar.errors import OlharError
from olhar.media.files import opened

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from olhar.data.augment import Augment
    from olhar.data.squares import Fit

LARGEST = 64
"""Side that is chosen for large pictures: a training from scratch takes minutes, not days."""
_LARGER = 1.5  # what is decoded, over what is learned from: crops stay sharp
_PHOTOGRAPH = 512  # side of the photographs that pieces are taken of, at most
_LOOKED_AT = 64  # pictures whose size decides


@dataclass(frozen=True, kw_only=True)
class Reading:
    """How a source becomes pictures of one size in three parts."""

    size: int
    """Side of the views; 0 chooses one."""
    most: int = LARGEST
    """The largest that is chosen."""
    fit: Fit
    validation: float
    test: float
    seed: int


@dataclass(frozen=True, kw_only=True)
class Read:
    """A source as pictures of one size; not yet split."""

    examples: Examples
    cached: Cache
    size: int
    reading: Reading
    groups: NDArray[np.int64]
    """Equal for near-duplicates."""

    def split(self) -> Split:
        """Train, validation and test."""
        how = self.reading
        return split(self.examples, how.validation, how.test, how.seed, self.groups)

    def fingerprint(self, parts: Split) -> str:
        """A hash of contents, targets and split."""
        return fingerprint(self.cached.fingerprint, self.examples, parts)

    def images(
        self,
        rows: NDArray[np.int64],
        augment: Augment | None = None,
        *,
        balanced: bool = False,
        size: int = 0,
    ) -> Images:
        """Some of the pictures as a dataset, of the size that is read or another."""
        chosen = self.examples.take(rows)
        return Images(
            self.cached,
            rows,
            chosen.targets,
            task=chosen.task,
            classes=len(chosen.classes),
            size=size or self.size,
            augment=augment,
            seed=self.reading.seed,
            weights=example_weights(chosen) if balanced else None,
        )

    def datasets(self, augment: Augment, *, balanced: bool = False) -> Datasets:
        """All that a training asks of its data."""
        parts = self.split()
        chosen = self.examples.take(parts.train)
        uneven = imbalance(chosen)
        return Datasets(
            train=self.images(parts.train, augment, balanced=balanced),
            validation=self.images(mixed(parts.validation)),
            test=self.images(parts.test) if len(parts.test) else None,
            classes=self.examples.classes,
            notes=(
                *self.examples.notes,
                *self.cached.notes,
                *parts.notes,
                *([f"{uneven}; --balance helps the small ones"] if uneven else []),
            ),
            described=self.examples.described,
            fingerprint=self.fingerprint(parts),
        )


def read(found: Examples, reading: Reading) -> Read:
    """Decode pictures, once, and find those that are nearly the same.

    Args:
        found: with targets.
        reading: how.

    Raises:
        OlharError: none of the pictures can be read.
    """
    usual, large = sides(found)
    size = reading.size or _chosen(usual, reading.most)
    side = max(size, min(round(_LARGER * size), large))
    cached = cache(found.files, side, fit=reading.fit)
    kept = found.take(cached.kept)
    return Read(
        examples=kept, cached=cached, size=size, reading=reading, groups=near_duplicates(cached)
    )


def read_large(found: Examples, reading: Reading) -> Read:
    """The same as large as the pictures usually are: what pieces are taken of (`crops`).

    Args:
        found: photographs.
        reading: how; its size is that of the pieces.

    Raises:
        OlharError: none of the pictures can be read.
    """
    side = min(sides(found)[0], _PHOTOGRAPH)
    cached = cache(found.files, side, fit="crop")
    kept = found.take(cached.kept)
    return Read(
        examples=kept, cached=cached, size=side, reading=reading, groups=near_duplicates(cached)
    )


def aligned(found: Examples, names: Sequence[str]) -> Examples:
    """The same examples with the classes, labels or numbers of a model, in its order.

    Args:
        found: what there is to measure on.
        names: what the model's outputs stand for.

    Raises:
        OlharError: there are classes that the model does not know.
    """
    unknown = [name for name in found.classes if name not in names]
    if found.targets is None or unknown:
        what = f"it has {some(unknown)}" if unknown else "it says nothing of its pictures"
        raise OlharError(f"this data cannot measure a model of {some(names, 6)}: {what}")
    numbers = np.array([names.index(name) for name in found.classes], np.int64)
    if found.task == "class":
        targets = numbers[found.targets.astype(np.int64)]
    elif found.task == "number" and len(numbers) < len(names):
        missing = [name for name in names if name not in found.classes]
        raise OlharError(f"the model predicts {some(missing)}, and this data does not say it")
    else:
        targets = np.zeros((len(found), len(names)), np.float32)
        targets[:, numbers] = found.targets
    return Examples(
        root=found.root,
        files=found.files,
        task=found.task,
        targets=targets,
        classes=tuple(names),
        split=found.split,
        notes=found.notes,
    )


def part(source: Read, name: str, fingerprint: str) -> tuple[Images, str]:
    """What a model is measured on.

    Args:
        source: of which a part is taken.
        name: "train", "validation", "test" or "all"; "auto" is the test part if the data came with
            one or is what the model was trained on, and otherwise all.
        fingerprint: of what the model was trained on.

    Returns:
        The pictures, and which part they are.

    Raises:
        OlharError: there is no such part.
    """
    everything = source.images(np.arange(len(source.examples)))
    if name == "all":
        return everything, "all"
    given = set(source.examples.split or ())
    try:
        parts: Split | None = source.split()
    except OlharError:
        parts = None  # too few to be split, or no train: then only what is given
    same = parts is not None and source.fingerprint(parts) == fingerprint
    rows: dict[str, NDArray[np.int64]] = {}
    for each in get_args(Part):
        if same and parts is not None:
            rows[each] = getattr(parts, each)
        elif each in given:
            mine = [i for i, has in enumerate(source.examples.split or ()) if has == each]
            rows[each] = np.array(mine, np.int64)
    rows = {each: numbers for each, numbers in rows.items() if len(numbers)}
    if name == "auto":
        if "test" not in rows and not same:
            return everything, "all"
        name = "test" if "test" in rows else "validation"
    if name not in rows:
        has = (
            f"has {' and '.join(rows)}" if rows else "is not split, nor what the model learned from"
        )
        raise OlharError(f"there is no {name} part: this data {has}; --split all takes all of it")
    return source.images(rows[name]), name


def learned(source: Read, fingerprint: str, rows: NDArray[np.int64]) -> NDArray[np.int64] | None:
    """Which of the pictures that are measured a model has nearly seen before.

    Args:
        source: of the pictures.
        fingerprint: of what the model was trained on.
        rows: (N,) of the pictures that are measured.

    Returns:
        (N,): a picture of its train part that is nearly the same and another one, or -1; None if
        the model was trained on other data.
    """
    try:
        parts = source.split()
    except OlharError:
        return None
    if source.fingerprint(parts) != fingerprint:
        return None
    seen: dict[int, list[int]] = {}
    for i in parts.train.tolist():
        seen.setdefault(int(source.groups[i]), []).append(i)
    others = [
        [i for i in seen.get(int(source.groups[row]), ()) if i != row] for row in rows.tolist()
    ]
    return np.array([each[0] if each else -1 for each in others], np.int64)


def mixed(rows: NDArray[np.int64]) -> NDArray[np.int64]:
    """In another order than by class, so that the first few show all sorts."""
    return rows[permutation(len(rows), 0, 0)]


def sides(found: Examples) -> tuple[int, int]:
    """The usual shorter side of pictures, in pixels, and that of the larger ones among them."""
    sides: list[int] = []
    for file in found.files[:: -(-max(1, len(found)) // _LOOKED_AT)]:
        try:
            with opened(file) as stream, Image.open(stream) as picture:  # not of a pipe
                sides.append(min(picture.size))
        except (OlharError, OSError, ValueError, SyntaxError, Image.DecompressionBombError):
            continue  # the cache says why
    sides = sorted(sides or [LARGEST])
    return max(1, int(median(sides))), max(1, sides[len(sides) * 9 // 10])


def _chosen(natural: int, most: int) -> int:
    """A size by which nothing is enlarged, a multiple of 4 where pictures are large enough."""
    size = min(natural, most)
    return size if size < 16 else size // 4 * 4
