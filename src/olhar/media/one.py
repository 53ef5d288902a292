"""From one file to one file: an image or a video is read, a function applied, the result written.

`process` does this for whatever it is given; here is what happens to each.
"""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from olhar.errors import OlharError
from olhar.media.files import atomic, shown
from olhar.media.image import read, write
from olhar.media.journal import key
from olhar.media.memory import is_lacking
from olhar.media.progress import bar
from olhar.media.provenance import NotSigned
from olhar.media.segments import Film, Segments
from olhar.media.video import VIDEO_SUFFIXES, transform

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator
    from pathlib import Path

    from torch import Tensor

    from olhar.media.mark import Mark

    Function = Callable[[Tensor], Tensor]
    Frames = Callable[[Iterator[Tensor]], Iterator[Tensor]] | Film


def is_video(path: Path) -> bool:
    """Whether a file is taken for a video."""
    return path.suffix.lower() in VIDEO_SUFFIXES


class LeftOut(OlharError):  # noqa: N818  it is no failure
    """What a function raises for an image that is better left as it is; the sentence says why."""


class Made(NamedTuple):
    """A result."""

    notes: tuple[str, ...]
    """What is worth saying of its source."""
    unsigned: str
    """Why it is not signed; empty if it is."""


@dataclass(frozen=True)
class One:
    """Read an image or a video, apply the function, write the result."""

    function: Function
    mark: Mark | None
    frames: Frames | None
    no_video: str
    settings: str
    max_pixels: int
    keep: tuple[Path, ...]

    def __call__(
        self, source: Path, target: Path, begin: Callable[[Path], None] | None = None
    ) -> Made:
        """Returns what is worth saying of the source, and why the result is not signed if so.

        `begin` is told the finished file before it is renamed to the target, and may refuse that.
        """
        mark = self.mark.of(source) if self.mark else None
        if is_video(source):
            segments = self._segments(source, target)
            try:
                with _staged(target, begin) as file:
                    made = self._video(source, file, mark, segments)
            except LeftOut:
                if segments is not None:
                    segments.remove()
                raise
            if segments is not None:
                segments.remove()
            return made._replace(unsigned=made.unsigned.replace(shown(file), shown(target)))
        picture = read(source, max_pixels=self.max_pixels)
        notes = list(picture.notes)
        image = self._apply(picture.image)
        unsigned = ""
        with _staged(target, begin) as file:
            try:
                write(file, image, like=picture, mark=mark, on_note=notes.append)
            except NotSigned as error:
                unsigned = str(error)
        return Made(tuple(notes), unsigned.replace(shown(file), shown(target)))

    def _segments(self, source: Path, target: Path) -> Segments | None:
        """Where the film is kept while it is made, if a part of it can be known again."""
        film = self.frames if isinstance(self.frames, Film) else None
        if not self.settings or (self.frames is not None and film is None):
            return None
        return Segments(target, key(self.settings, source), film)

    def _video(
        self, source: Path, target: Path, mark: Mark | None, segments: Segments | None
    ) -> Made:
        known: int | None = None

        def function(images: Iterator[Tensor]) -> Iterator[Tensor]:
            if self.frames is None:
                return map(self._apply, images)
            if isinstance(self.frames, Film):
                return self.frames(images, segments.state if segments else None)
            return self.frames(images)

        with bar(source.name) as update:

            def tell(done: int, of: int | None) -> None:
                nonlocal known
                known = of
                update(done, of)

            try:
                done = transform(
                    source, target, function, mark=mark, on_frame=tell, segments=segments
                )
            except KeyboardInterrupt:
                if segments is None or not segments.frames:
                    raise
                of = f" of {known:,}" if known else ""
                raise KeyboardInterrupt(
                    f"{segments.frames:,}{of} frames of {shown(source)}"
                ) from None
        notes = done.notes
        if segments is not None and segments.found:
            notes = (f"{segments.found:,} frames were there from a run that stopped", *notes)
        return Made(notes, done.unsigned)

    def _apply(self, image: Tensor) -> Tensor:
        try:
            return self.function(image)
        except (MemoryError, RuntimeError) as error:
            if is_lacking(error):
                height, width = image.shape[1:]
                raise OlharError(
                    f"not enough memory for an image of {width} x {height} pixels; "
                    "make it smaller or ask for a smaller result"
                ) from error
            raise


@contextlib.contextmanager
def _staged(target: Path, begin: Callable[[Path], None] | None) -> Generator[Path]:
    """The file to write: the target, or one that is renamed to it after a word to `begin`."""
    if begin is None:
        yield target
        return
    with atomic(target) as file:
        try:
            yield file
        except OlharError as error:  # it says the name that nobody will ever see
            raise OlharError(str(error).replace(shown(file), shown(target))) from error
        begin(file)
