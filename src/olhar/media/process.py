"""From file to file: the one road from disk to disk, for an image, a folder or a video.

A capability is a function from image to image; `process` reads, applies it and writes, keeps what
the file knew beside the picture, and in a folder goes on after a failure. After a stop or a kill
the same call goes on, in the middle of a long film too (`olhar.media.segments`). Results are
written under another name and renamed, so nothing half-done is ever seen.
"""

from __future__ import annotations

import contextlib
import errno
import os
import time
import traceback
from pathlib import Path
from typing import TYPE_CHECKING

from olhar.errors import OlharError
from olhar.media.files import reason, shown
from olhar.media.image import MAX_PIXELS, READABLE, WRITABLE
from olhar.media.journal import NAME, Journal, key
from olhar.media.one import LeftOut, One, is_video
from olhar.media.progress import bar, hidden
from olhar.media.provenance import FORMATS, refuse_unsignable
from olhar.media.report import Report
from olhar.media.video import VIDEO_SUFFIXES, WRITABLE_VIDEO_SUFFIXES
from olhar.media.walk import outputs, walk

if TYPE_CHECKING:
    from collections.abc import Sequence, Set

    from olhar.media.mark import Mark
    from olhar.media.one import Frames, Function

__all__ = ["LeftOut", "process"]

_DISK = {
    errno.ENOSPC,
    errno.EROFS,
    getattr(errno, "EDQUOT", errno.ENOSPC),
}  # what fails for the next file too
_ABANDONED = 3600  # seconds after which an unfinished file has nobody who writes it


def process(
    source: str | os.PathLike[str],
    target: str | os.PathLike[str],
    function: Function | Sequence[Function],
    *,
    mark: Mark | None,
    frames: Frames | None = None,
    no_video: str = "",
    settings: str = "",
    keep: Sequence[str | os.PathLike[str]] = (),
    max_pixels: int = MAX_PIXELS,
    progress: bool = True,
) -> Report:
    """Apply a function to an image, to every image below a folder, or to a video.

    A folder is mirrored: results have the names of their sources, as PNG where olhar cannot write
    the format. Results that are there already, made from the same source by the same `settings`,
    are skipped; so a stopped run goes on when it is repeated. A file that fails is reported and
    the others go on. A folder inside itself is fine: neither the target nor any other folder of
    results below the source is read. What could not be signed is there, is reported, and is made
    again by the next run.

    Args:
        source: an image, a folder or a video.
        target: for a folder a folder; else a file, an existing folder, or a path that ends in "/".
        function: (3, H, W) float32 sRGB in [0, 1] to the same, of any size. Transparency is carried
            over, resized if need be. What raises `LeftOut` in a folder is passed over with a note.
            Several give as many results of each image, `name-1.png` and so on; videos get the
            first's.
        mark: what the function does, with which model (`olhar.hub.mark`): each result is signed and
            says so, with its source as what it was made from. None says that no machine has made
            anything up, as with a crop. Films with a mark become MP4 or MOV.
        frames: the same for the frames of a video, in order; `function` on each frame if left out.
            A long film that was stopped goes on with either, if there are `settings`; with
            `frames` only if it is a `Film`, which says what it must see of the frames before.
        no_video: the sentence that refuses videos, if they cannot be done.
        settings: names everything else that the result depends on; another name, another result.
        keep: files that the result is made from as well, and that it must not replace.
        max_pixels: images with more pixels are refused.
        progress: whether to show bars; they need a terminal.

    Returns:
        What was made, what was there already and what failed.

    Raises:
        OlharError: if there is nothing to do, a single file fails, or the disk is full.
        KeyboardInterrupt: from a folder or a long film, with how far it has come.
    """
    path, into = Path(source), Path(target)
    started = time.monotonic()
    _refuse_missing(path)
    functions = [function] if callable(function) else [*function]
    kept = tuple(map(Path, keep))
    ones = [One(each, mark, frames, no_video, settings, max_pixels, kept) for each in functions]
    with hidden(not progress):
        if path.is_dir():
            report = _folder(path, into, ones, settings)
        else:
            if into.is_dir() or os.fspath(target).endswith(("/", os.sep)):
                into /= _names([Path(path.name)], mark)[Path(path.name)]
            report = _file(path, into, ones)
    report.seconds = time.monotonic() - started
    return report


def _numbered(name: Path, source: Path, ones: Sequence[One]) -> dict[Path, One]:
    """The names of the results of one source: the name itself, or the name with numbers."""
    if len(ones) == 1 or is_video(source):
        return {name: ones[0]}
    return {name.with_stem(f"{name.stem}-{n}"): one for n, one in enumerate(ones, 1)}


def _file(source: Path, target: Path, ones: Sequence[One]) -> Report:
    targets = _numbered(target, source, ones)
    for each, one in targets.items():
        _refuse_same(source, each)
        refuse_kept(each, one.keep)
    if is_video(source) and ones[0].no_video:
        raise OlharError(f"{shown(source)}: {ones[0].no_video}")
    allowed = _films(ones[0].mark) if is_video(source) else WRITABLE
    if target.suffix.lower() in WRITABLE_VIDEO_SUFFIXES and not is_video(source):
        raise OlharError(
            f"{shown(target)} would be a film, and {shown(source)} is none by its name: give one "
            f"({_listed(VIDEO_SUFFIXES)}), or end the result in {_listed(WRITABLE)}"
        )
    if target.suffix.lower() in WRITABLE_VIDEO_SUFFIXES:
        refuse_unsignable(target, ones[0].mark)
    if target.suffix.lower() not in allowed:
        raise OlharError(
            f"{shown(target)} does not say what to write: end it in {_listed(allowed)}, "
            "or in / for a folder"
        )
    _make_folder(target.parent)  # now, rather than after minutes of work
    report = Report(target)
    try:
        for each, one in targets.items():
            made = one(source, each)
            report.done.append(each)
            report.tell(source, made.notes, made.unsigned)
    except LeftOut as why:
        raise OlharError(f"{shown(source)} {why}") from None
    except KeyboardInterrupt as stop:
        raise _stopped(str(stop)) from None
    return report


def _folder(source: Path, target: Path, ones: Sequence[One], settings: str) -> Report:
    _refuse_same(source, target)
    report = Report(target)
    files = _find(source, target, ones[0], report)
    _make_folder(target)
    _sweep(target)
    journal = Journal(target)

    def make(file: Path, name: str, one: One) -> None:
        result, made_by = target / name, key(settings, file)
        if result.exists() and journal.has(name, made_by):
            report.skipped.append(result)
            return

        def refuse_foreign() -> None:
            if result.exists() and not journal.holds(name, result):
                raise OlharError(
                    f"{shown(result)} was there before and is not replaced; move it away"
                )

        def begin(finished: Path) -> None:
            refuse_foreign()  # again: it may have come while the work was done
            journal.begin(name, finished)

        refuse_kept(result, one.keep)
        refuse_foreign()
        made = one(file, result, begin)
        if not made.unsigned:
            journal.add(name, made_by)
        report.done.append(result)
        report.tell(file, made.notes, made.unsigned)

    try:
        with bar(source.name or str(source), total=len(files)) as update:
            for count, (file, name) in enumerate(files.items()):
                update(count)
                try:
                    for each, one in _numbered(name, file, ones).items():
                        make(file, each.as_posix(), one)
                except LeftOut as why:
                    report.notes[file] = (f"{shown(file)} {why}",)
                except Exception as error:  # noqa: BLE001  whatever it is, the others go on
                    _stop_if_disk_is_full(error, report)
                    report.failed[file] = _sentence(error)
    except KeyboardInterrupt as stop:
        ready = len(report.done) + len(report.skipped)
        raise _stopped(f"{ready} of {len(files)}", str(stop)) from None
    return report


def _stopped(*ready: str) -> KeyboardInterrupt:
    """What stops the command, told how much is ready."""
    told = " and ".join(filter(None, ready))
    what = f"{told} are done, and the same command goes on from there"
    return KeyboardInterrupt(*([what] if told else []))


def _find(source: Path, target: Path, one: One, report: Report) -> dict[Path, Path]:
    """Every image and video below the source to the name of its result, relative to the target."""
    found: list[Path] = []
    for name in walk(source, skip=target):
        if isinstance(name, OSError):
            report.failed[Path(str(name.filename))] = f"cannot be read: {reason(name)}"
        elif name.name == NAME:
            report.notes[source / name.parent] = (
                "holds results of olhar, so it is left out; name it to have it read",
            )
        elif is_video(name) and one.no_video:
            report.notes[source / name] = (one.no_video,)
        elif is_video(name) or name.suffix.lower() in READABLE:
            found.append(name)
    if not found and not report.failed:
        raise OlharError(f"{shown(source)} holds no image that olhar reads ({_listed(READABLE)})")
    names = _names(found, one.mark)
    return {source / name: names[name] for name in found}


def _names(sources: Sequence[Path], mark: Mark | None) -> dict[Path, Path]:
    """What the results are called: PNG and MP4 where a format cannot be written."""
    videos = list(filter(is_video, sources))
    images = [source for source in sources if not is_video(source)]
    return outputs(images, WRITABLE, ".png") | outputs(videos, _films(mark), ".mp4")


def _films(mark: Mark | None) -> Set[str]:
    """How the names of films may end: what is marked goes where a signature fits."""
    return WRITABLE_VIDEO_SUFFIXES & FORMATS.keys() if mark else WRITABLE_VIDEO_SUFFIXES


def _listed(suffixes: Set[str]) -> str:
    return ", ".join(sorted(suffixes))


def _refuse_missing(path: Path) -> None:
    try:
        path.stat()
    except (FileNotFoundError, NotADirectoryError, ValueError):  # ValueError: a NUL in the name
        raise OlharError(f"{shown(path)}: there is no such file or folder") from None
    except OSError as error:
        if error.errno != errno.ELOOP:
            raise
        raise OlharError(f"{shown(path)} is a circle of links; give the file itself") from error


def _refuse_same(source: Path, target: Path) -> None:
    if target.exists() and source.samefile(target):
        raise OlharError(f"{shown(target)} is the source itself; choose another name or folder")


def refuse_kept(target: Path, keep: Sequence[Path]) -> None:
    """Raise if a result would replace one of the files that it is made from.

    Raises:
        OlharError: if it would.
    """
    if target.exists() and any(path.exists() and target.samefile(path) for path in keep):
        raise OlharError(
            f"{shown(target)} is one of the files it would be made from; "
            "choose another name or folder"
        )


def _sentence(error: Exception) -> str:
    if isinstance(error, OlharError):
        return str(error)
    if isinstance(error, OSError):
        return reason(error)
    if os.environ.get("OLHAR_TRACEBACK"):
        traceback.print_exception(error)
    return (
        f"{type(error).__name__}: {reason(error)[:200]} (a defect; OLHAR_TRACEBACK=1 shows where)"
    )


def _stop_if_disk_is_full(error: Exception, report: Report) -> None:
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, OSError) and cause.errno in _DISK:
            raise OlharError(
                f"{shown(report.target)}: {reason(cause)}, with {len(report.done)} made; "
                "once that is mended the same command goes on from there"
            ) from error
        cause = cause.__cause__


def _sweep(folder: Path) -> None:
    """Remove what a killed run had begun to write; what is younger, another run may be writing."""
    for path in folder.rglob(".olhar-*"):
        with contextlib.suppress(OSError):
            if time.time() - path.stat().st_mtime > _ABANDONED:
                path.unlink()


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OlharError(f"{shown(folder)} cannot be made: {reason(error)}") from error
    if not os.access(folder, os.W_OK | os.X_OK):
        raise OlharError(f"{shown(folder)} may not be written to; choose another folder")
