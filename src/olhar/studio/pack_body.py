"""The job of packing a folder, and one of its pictures before and after."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from olhar.codec import open_packed
from olhar.codec import pack as packed
from olhar.media.image import read
from olhar.studio.results import on_screen

if TYPE_CHECKING:
    from olhar.studio.work import Asked, Tell


def pack(asked: Asked, _: Tell) -> dict[str, Any]:
    """`olhar pack --special keep`: pictures that it would spoil come along as they are."""
    name = asked.settings["data"]
    folder, target = asked.space / "data" / name, asked.out / f"{name}.olhar"
    report = packed(folder, target, quality=int(asked.settings["quality"]), special="keep")
    result: dict[str, Any] = {
        "file": target.name,
        "pictures": report.pictures,
        "files": report.files,
        "bytes_before": report.before,
        "bytes_after": report.after,
        "bits_per_pixel": report.bpp,
        "failed": [f"{path.name}: {why}" for path, why in report.failed.items()],
    }
    archive = open_packed(target)
    if len(archive):
        number = len(archive) // 2
        before, after = read(folder / archive.names[number]).image, archive[number]
        result |= {
            "name": archive.names[number],
            "shown": [
                on_screen(before, asked.out / "before.jpg", None),
                on_screen(after, asked.out / "after.jpg", None),
            ],
        }
    return result
