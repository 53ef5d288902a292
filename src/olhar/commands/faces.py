"""`olhar faces`."""

from pathlib import Path
from typing import Annotated

import tyro

from olhar.faceswap.detect import Find
from olhar.faceswap.extract import Extract
from olhar.faceswap.faceset import FaceSet, Keep, Order, face_set


def faces(
    source: Path,
    /,
    *,
    output: Annotated[Path, tyro.conf.arg(aliases=("-o",), metavar="FACESET")],
    size: int = 256,
    every: int = 1,
    smallest: int = 24,
    sort: Order = "time",
    keep: Keep = Keep(),  # noqa: B008  frozen
) -> FaceSet:
    """Cut faces out of films, to train a face swap.

    Crops lie alike: upright, the eyes in one place. faces.jsonl says of each
    where it was, which way it looks, how sharp it is and whose it may be;
    "keep": false leaves a face out, and "person" may be corrected. sheet.png
    shows them. The same command goes on where it was stopped; with other
    filters, it only filters anew.

    Args:
        source: a film, a picture, or a folder of both
        output: a new folder, or a face set to add to
        size: side of the crops, in pixels
        every: take every so many frames of a film
        smallest: the smallest face to look for, in pixels
        sort: in which order the sheet shows them
        keep: which faces stay in the set
    """
    settings = Extract(size=size, every=every, find=Find(smallest=smallest))
    return face_set(source, output, settings, keep, order=sort)
