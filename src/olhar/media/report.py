"""What `process` did, file by file."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from olhar.media.files import shown

_LISTED = 20  # sentences of each sort that are spelled out


@dataclass
class Report:
    """What became of every file. `str(report)` is for a person, `as_dict()` for a program."""

    target: Path
    done: list[Path] = field(default_factory=list[Path])
    """Results made now."""
    skipped: list[Path] = field(default_factory=list[Path])
    """Results that were there already, made from the same source by the same settings."""
    failed: dict[Path, str] = field(default_factory=dict[Path, str])
    """Source to the sentence that says why."""
    unsigned: dict[Path, str] = field(default_factory=dict[Path, str])
    """Source to the sentence that says why its result, which is there, is not signed."""
    notes: dict[Path, tuple[str, ...]] = field(default_factory=dict[Path, tuple[str, ...]])
    """Source to what is worth saying of it."""
    seconds: float = 0.0

    @property
    def exit_code(self) -> int:
        """1 if anything failed or could not be signed."""
        return 1 if self.failed or self.unsigned else 0

    def tell(self, source: Path, notes: tuple[str, ...], unsigned: str) -> None:
        """Keep what is worth saying of a source, if anything is."""
        if notes:
            self.notes[source] = notes
        if unsigned:
            self.unsigned[source] = unsigned

    def as_dict(self) -> dict[str, Any]:
        """The report as plain JSON values."""
        return {
            "target": str(self.target),
            "done": [str(path) for path in self.done],
            "skipped": [str(path) for path in self.skipped],
            "failed": {str(path): why for path, why in self.failed.items()},
            "unsigned": {str(path): why for path, why in self.unsigned.items()},
            "notes": {str(path): list(notes) for path, notes in self.notes.items()},
            "seconds": round(self.seconds, 2),
        }

    def __str__(self) -> str:
        counts = [
            f"{len(self.done)} made",
            f"{len(self.skipped)} there already" if self.skipped else "",
            f"{len(self.failed)} failed" if self.failed else "",
            f"{len(self.unsigned)} not signed" if self.unsigned else "",
        ]
        notes = [f"note: {_of(path, note)}" for path, many in self.notes.items() for note in many]
        failures = [f"failed: {_of(path, why)}" for path, why in self.failed.items()]
        what = ", ".join(filter(None, counts)) if self.done != [self.target] else "made"
        lines = [f"{shown(self.target)}: {what} in {self.seconds:.1f} s"]
        unsigned = [f"not signed: {_of(path, why)}" for path, why in self.unsigned.items()]
        for said in (notes, failures, unsigned):
            lines += said[:_LISTED]
            if len(said) > _LISTED:
                lines.append(f"... and {len(said) - _LISTED} more; --json lists them all")
        return "\n".join(lines)


def _of(path: Path, sentence: str) -> str:
    """The sentence, led by the file it is about unless it names it."""
    return sentence if shown(path) in sentence else f"{shown(path)}: {sentence}"
