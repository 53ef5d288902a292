"""What a bundled model saw, as its card says it."""

import csv
from collections import Counter
from pathlib import Path

from olhar.media.image import READABLE


def seen(photos: Path, index: Path, others: str = "research") -> tuple[int, str]:
    """How many photographs, and a sentence with their classes of licence.

    Args:
        photos: the folder of the training, with train/ in it if it was split.
        index: a table with the columns `file` and `licence_class`.
        others: the class of what the table does not list.
    """
    with index.open() as file:
        classes = {Path(row["file"]).name: row["licence_class"] for row in csv.DictReader(file)}
    folder = photos / "train" if (photos / "train").is_dir() else photos
    names = sorted(path.name for path in folder.iterdir() if path.suffix.lower() in READABLE)
    counts = Counter(classes.get(name, others) for name in names)
    counted = " and ".join(f"{count:,} of licence class {name}" for name, count in counts.items())
    return len(names), (
        f"{len(names):,} photographs, {counted}: research means that nobody stated a licence, or "
        "one for research; none of them can be got back from the weights"
    )
