"""Files without accidents: names fit for a sentence, inputs that are files, outputs that are whole.

`atomic` is the only way anything in olhar reaches the disk: written under a temporary name in the
same folder, synced, then renamed over the target in one step. Whoever looks sees the old file or
the new one, even after `kill -9` or a power cut; at worst a hidden `.olhar-*` file stays behind.
"""

import contextlib
import errno
import json
import os
import secrets
import stat
from collections.abc import Generator
from pathlib import Path
from typing import Any, BinaryIO

from olhar.errors import OlharError

_FULL = {errno.ENOSPC, errno.EFBIG, getattr(errno, "EDQUOT", errno.ENOSPC)}


def shown(path: str | os.PathLike[str]) -> str:
    r"""A path as it may stand in a sentence: one line, printable whatever the bytes of the name.

    >>> shown("holiday/beach.jpg")
    'holiday/beach.jpg'
    >>> shown("two\nlines.jpg")
    'two\\nlines.jpg'
    """
    text = os.fspath(path)
    return text if text.isprintable() else repr(text)[1:-1]


def reason(error: BaseException) -> str:
    """What went wrong, in one line without the path: "permission denied"."""
    text = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    text = " ".join(text.split()).rstrip(".")
    if not text:
        return type(error).__name__
    return text[0].lower() + text[1:] if text[1:2].islower() else text


def parsed(text: str | bytes) -> Any:
    """What JSON says.

    Args:
        text: of anybody's.

    Raises:
        ValueError: if it is no JSON, or nested so deeply that nobody wrote it.
    """
    try:
        return json.loads(text)
    except RecursionError:
        raise ValueError("it is nested too deeply") from None


@contextlib.contextmanager
def opened(path: str | os.PathLike[str]) -> Generator[BinaryIO]:
    """Open a regular, non-empty file for reading; anything else is told in a sentence.

    Devices and pipes are refused before they are opened, since opening one may wait for ever.

    Args:
        path: the file.

    Yields:
        The file, at its first byte.

    Raises:
        OlharError: missing, a folder, empty, not permitted, a circle of links, no regular file.
    """
    name = shown(path)
    if name.startswith(("http:/", "https:/")):
        raise OlharError(f"{name} is an address, not a file; download it and give the file's name")
    try:
        status = Path(path).stat()
        regular = stat.S_ISREG(status.st_mode)
        file = Path(path).open("rb") if regular else None  # noqa: SIM115, closed below
    except FileNotFoundError:
        raise OlharError(f"there is no file {name}; check the name and the folder") from None
    except (OSError, ValueError) as error:  # ValueError: a NUL in the name
        raise OlharError(
            f"{name} cannot be opened: {reason(error)}; check the name and its permissions"
        ) from error
    if file is None:
        what = "a folder" if stat.S_ISDIR(status.st_mode) else "a device or a pipe"
        raise OlharError(f"{name} is {what}, where a file is needed; give the name of a file")
    with file:
        if status.st_size == 0:
            raise OlharError(f"{name} is empty (0 bytes); get it again from where it came from")
        yield file


@contextlib.contextmanager
def atomic(path: str | os.PathLike[str]) -> Generator[Path]:
    """Write a file whole or not at all.

    The folder is made if it is missing. On success the temporary file is synced and renamed over
    `path`; a symbolic link stays one, and a file that was there passes on its permissions. On any
    failure, Ctrl-C included, it is removed and what was at `path` is untouched.

    Args:
        path: the file to make or to replace.

    Yields:
        The name of an empty temporary file in the same folder, with the same suffix, to be filled.

    Raises:
        OlharError: `path` is a folder, its folder cannot be written to, or the disk is full.

    Example:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     with atomic(Path(folder, "new", "hello.txt")) as temporary:
        ...         _ = temporary.write_text("olá")
        ...     print(sorted(f.name for f in Path(folder, "new").iterdir()))
        ['hello.txt']
    """
    name = shown(path)
    with _told(name):
        target = Path(os.path.realpath(path))
        folder = target.is_dir()
    if folder:
        raise OlharError(f"{name} is a folder; add the name of the file that is to be written")
    temporary = target.with_name(f".olhar-{secrets.token_hex(8)}{target.suffix}")
    try:
        with _told(name):
            target.parent.mkdir(parents=True, exist_ok=True)
            os.close(os.open(temporary, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o666))  # less umask
        yield temporary
        with _told(name):
            _publish(temporary, target)
    except OSError as error:
        if error.errno in _FULL:
            raise OlharError(
                f"{name} was not written: {reason(error)}; make room and run it again"
            ) from error
        raise
    finally:
        with contextlib.suppress(OSError):  # its folder may never have been
            temporary.unlink(missing_ok=True)


@contextlib.contextmanager
def _told(name: str) -> Generator[None]:
    try:
        yield
    except (OSError, ValueError) as error:  # ValueError: a NUL in the name
        raise OlharError(
            f"{name} cannot be written: {reason(error)}; choose another folder or name"
        ) from error


def _publish(temporary: Path, target: Path) -> None:
    _sync(temporary, os.O_RDWR)  # before the rename, or a crash could leave the name without bytes
    if target.exists():
        temporary.chmod(stat.S_IMODE(target.stat().st_mode))
    temporary.replace(target)
    with contextlib.suppress(OSError):  # the rename itself; Windows has no such thing
        _sync(target.parent, os.O_RDONLY)


def _sync(path: Path, flags: int) -> None:
    descriptor = os.open(path, flags)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
