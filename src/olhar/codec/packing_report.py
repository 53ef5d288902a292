"""What was packed, for a person and for a program."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from olhar.media.files import shown

if TYPE_CHECKING:
    from olhar.codec.archive import Item


@dataclass
class Packed:
    """What was packed. `str(packed)` is for a person, `as_dict()` for a program."""

    target: Path
    pictures: int = 0
    files: int = 0
    """that are no pictures"""
    before: int = 0
    """bytes of the folder"""
    after: int = 0
    """bytes of the archive"""
    pixels: int = 0
    coded: int = 0
    """bytes of the numbers"""
    change: int = 0
    """bytes of what adapts the codec"""
    went_on: int = 0
    """pictures that an earlier, stopped run had done"""
    failed: dict[Path, str] = field(default_factory=dict[Path, str])
    """Source to the sentence that says why it is not in the archive."""
    notes: dict[Path, tuple[str, ...]] = field(default_factory=dict[Path, tuple[str, ...]])
    """Source to what is worth telling, such as that an animation's first frame was used."""
    seconds: float = 0.0

    def count(self, root: Path, item: Item) -> None:
        """Add a picture that is in the archive."""
        self.pictures += 1
        self.before += (root / item.name).stat().st_size
        self.pixels += item.height * item.width
        self.coded += item.length

    @property
    def exit_code(self) -> int:
        """1 if anything is missing."""
        return 1 if self.failed else 0

    @property
    def bpp(self) -> float:
        """Bits per pixel, of the whole archive."""
        return 8 * self.after / max(1, self.pixels)

    def as_dict(self) -> dict[str, Any]:
        """As plain JSON values."""
        return {
            "target": str(self.target),
            "pictures": self.pictures,
            "files": self.files,
            "bytes_before": self.before,
            "bytes_after": self.after,
            "bits_per_pixel": self.bpp,
            "failed": {str(path): why for path, why in self.failed.items()},
            "notes": {str(path): list(notes) for path, notes in self.notes.items()},
            "seconds": round(self.seconds, 2),
        }

    def __str__(self) -> str:
        share = self.after / max(1, self.before)
        found = f"{self.pictures:,} pictures in {sized(self.after)}"
        measured = f"{share:.0%} of {sized(self.before)}, {self.bpp:.2f} bits per pixel"
        lines = [f"{shown(self.target)}: {found}, {measured}"]
        if self.files:
            lines.append(f"other files that came along as they are: {self.files:,}")
        if self.went_on:
            lines.append(f"{self.went_on:,} pictures were packed already")
        if self.change > self.after / 4:
            lines.append(
                f"note: the adapted codec takes {sized(self.change)} of it, more than it saves; "
                "without --finetune the file would be smaller"
            )
        told = [f"note: {shown(path)}: {n}" for path, notes in self.notes.items() for n in notes]
        lines += _first(told)
        lines += _first([f"failed: {shown(path)}: {why}" for path, why in self.failed.items()])
        return "\n".join(lines)


def _first(lines: list[str], most: int = 20) -> list[str]:
    if len(lines) <= most:
        return lines
    return [*lines[:most], f"... and {len(lines) - most} more; --json lists them all"]


def sized(count: int) -> str:
    """Bytes for a person.

    >>> sized(1_234_567)
    '1.2 MB'
    """
    for unit in ("bytes", "kB", "MB"):
        if count < 1000:
            return f"{count:.1f} {unit}" if isinstance(count, float) else f"{count} {unit}"
        count = count / 1000  # pyright: ignore[reportAssignmentType]
    return f"{count:.1f} GB"
