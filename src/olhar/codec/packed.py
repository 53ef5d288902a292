"""Reading an archive: its names at once, its pictures when they are asked for.

An archive of which a byte is missing or changed is refused; what is whole can be had all the same.
"""

from __future__ import annotations

import tempfile
import threading
import zlib
from contextlib import nullcontext
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from olhar.codec.ahead import ahead
from olhar.codec.archive import (
    CHUNK,
    FILE,
    HEAD,
    Damaged,
    Frame,
    Item,
    check_of,
    frames,
    safe,
    whole_frames,
)
from olhar.codec.model import load
from olhar.codec.network import BLOCK
from olhar.codec.prior import LEVELS
from olhar.errors import OlharError
from olhar.media.files import opened, shown
from olhar.media.image import MAX_PIXELS, read
from olhar.media.picture import Picture

if TYPE_CHECKING:
    import os
    from collections.abc import Iterator, Sequence

    from torch import Tensor

    from olhar.codec.model import Model, Source

_PIXELS = 1 << 19  # painted at once
_ALONE = 1 << 23  # pixels from which a picture is painted while no other is: it takes gigabytes
_SQUARE = 4 * BLOCK  # pixels on a side that anything is said of at least
_MOST = 1 << 24  # bytes of what a picture's file knew beside its pixels
_LARGEST = 1 << 28  # bytes of a file that is no picture
_FINEST = 1e5  # dots per inch
_one_at_a_time = threading.Lock()


class Archive:
    """A packed dataset: `archive[3]` is an image, `len(archive)` their number.

    Pictures are decoded when they are asked for, and nothing else is read. See `open_packed`.

    Attributes:
        names: of the pictures, with / between folders.
        items: what is said of each, and where its bytes begin.
        notes: what is missing, in sentences, if the archive was opened to recover what is whole.
    """

    def __init__(
        self, path: Path, model: Source | None, device: str | None, *, recover: bool
    ) -> None:
        self.path, self._model, self._device = path, model, device
        self.notes: list[str] = []
        self.head: dict[str, Any] = {}
        self.items: list[tuple[Item, int]] = []
        self._files: list[Frame] = []
        with opened(path) as file:
            self._size = file.seek(0, 2)  # which no number of pictures exceeds
            try:
                found = whole_frames(file, self.notes) if recover else frames(file)
                for each in found:
                    self._add(each, file)
            except OlharError as error:
                why = f"{shown(path)} {error}"
                if isinstance(error, Damaged):
                    why += "; get it again, or save what is whole with olhar unpack --recover"
                raise OlharError(why) from error
        if not isinstance(self.level, int) or not 0 <= self.level < LEVELS:
            raise OlharError(f"{shown(path)} names no quality that this olhar knows")
        self.names = tuple(item.name for item, _ in self.items)

    def _add(self, each: Frame, file: BinaryIO) -> None:
        if each.kind == CHUNK:
            for item, start in each.items():
                safe(item.name)
                pixels = 1 if item.extra.get("file") else item.height * item.width
                if not 0 < pixels <= MAX_PIXELS or len(self.items) >= self._size:
                    raise OlharError(f"holds {item.name}, whose size cannot be trusted")
                self.items.append((item, start))
        elif each.kind == FILE:
            safe(each.head.get("name"))
            self._files.append(each)
        elif each.kind == HEAD:
            self.head = each.head
            self._change = each.body(file)

    @property
    def level(self) -> Any:
        """Of the quality, from 0 to LEVELS - 1."""
        return self.head.get("level")

    @property
    def files(self) -> tuple[str, ...]:
        """Names of what came along and is no picture."""
        return tuple(each.head["name"] for each in self._files)

    @cached_property
    def model(self) -> Model:
        """The codec that it was packed with.

        Raises:
            OlharError: if it is not here.
        """
        name, digest = self.head.get("model"), self.head.get("digest")
        try:
            if not self._model and Path(str(name)).name != name:
                raise OlharError("it is no name of a codec")  # but a place, or a repository
            found = load(self._model or str(name), self._device)
        except OlharError as error:
            raise OlharError(
                f"{shown(self.path)} was packed with the codec {name}, which is to be given with "
                f"--model: {error}"
            ) from error
        if found.digest != digest:
            raise OlharError(
                f"{shown(self.path)} was packed with a codec {name} whose weights have the hash "
                f"{str(digest)[:16]}..., and those of this one have {found.digest[:16]}...; give "
                "the right one with --model"
            )
        return found.changed(self._change) if self._change else found

    def __len__(self) -> int:
        return len(self.items)

    def __getitem__(self, index: int) -> Tensor:
        """One image, (3, H, W) float32 in [0, 1]."""
        return self.picture(index).image

    def __iter__(self) -> Iterator[Tensor]:
        return (
            found.image if isinstance(found, Picture) else self[number]
            for number, found in self.pictures()
        )

    def picture(self, index: int) -> Picture:
        """One image and what its file knew beside it.

        Raises:
            IndexError: if there is no such picture.
            OlharError: if its bytes were changed.
        """
        number = range(len(self))[index]
        ((_, found),) = self.pictures([number])
        if isinstance(found, Picture):
            return found
        suffix = Path(self.names[number]).suffix
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder, f"picture{suffix}")
            file.write_bytes(found)
            return read(file)

    def pictures(
        self, indices: Sequence[int] | None = None, damaged: dict[str, str] | None = None
    ) -> Iterator[tuple[int, Picture | bytes]]:
        """Pictures with their numbers, those of one size decoded together.

        Args:
            indices: which, in which order; all if left out.
            damaged: what takes the names of damaged pictures, which are left out then, and the
                sentences that say so.

        Yields:
            A number and its picture, or the file itself of what was packed as it is.

        Raises:
            OlharError: if bytes were changed, and `damaged` is not given.
        """
        with opened(self.path) as file:
            batches = self._batches(file, indices, damaged)
            for batch in ahead(self._decoded, batches, count=3, threads=2):
                yield from batch

    def _batches(
        self, file: BinaryIO, indices: Sequence[int] | None, damaged: dict[str, str] | None
    ) -> Iterator[dict[int, bytes]]:
        """The bytes of pictures that are decoded together, by their numbers."""
        some, pixels = dict[int, bytes](), 0
        for number in range(len(self)) if indices is None else indices:
            item, start = self.items[number]
            file.seek(start)
            data = file.read(item.length + item.beside)
            if len(data) == item.length + item.beside and check_of(data) == item.check:
                some[number] = data
                rows, columns = -(-item.height // _SQUARE), -(-item.width // _SQUARE)
                pixels += rows * columns * _SQUARE**2
            elif damaged is None:
                raise OlharError(f"{shown(self.path)}: the bytes of {item.name} were changed")
            else:
                damaged[item.name] = "its bytes were changed"
            if pixels > _PIXELS:
                yield some
                some, pixels = {}, 0
        yield some

    def check(self) -> None:
        """Read every byte.

        Raises:
            OlharError: at the first picture or file whose bytes were changed.
        """
        with opened(self.path) as file:
            for item, start in self.items:
                file.seek(start)
                if check_of(file.read(item.length + item.beside)) != item.check:
                    raise OlharError(
                        f"{shown(self.path)}: the bytes of {item.name} were changed; get the "
                        "archive again, or save what is whole with olhar unpack --recover"
                    )
        for name in self.files:
            self.file(name)

    def file(self, name: str) -> bytes:
        """What came along under a name, one of `files`.

        Raises:
            KeyError: if there is no such file.
            OlharError: if its bytes were changed.
        """
        each = next((each for each in self._files if each.head["name"] == name), None)
        if each is None:
            raise KeyError(name)
        inflate = zlib.decompressobj()
        try:
            with opened(self.path) as file:
                data = inflate.decompress(each.body(file), _LARGEST)
        except (Damaged, zlib.error) as error:
            raise OlharError(f"{shown(self.path)}: the bytes of {name} were changed") from error
        if not inflate.eof:
            raise OlharError(f"{shown(self.path)}: {name} is too large to be trusted")
        return data

    def _decoded(self, some: dict[int, bytes]) -> list[tuple[int, Picture | bytes]]:
        made = dict[int, Picture | bytes]()
        sizes = dict[tuple[int, int], list[int]]()
        for number, data in some.items():
            item, _ = self.items[number]
            if item.extra.get("file"):
                made[number] = data
            else:
                sizes.setdefault((item.height, item.width), []).append(number)
        for (height, width), numbers in sizes.items():
            coded = [some[number][: self.items[number][0].length] for number in numbers]
            with _one_at_a_time if height * width > _ALONE else nullcontext():
                images = self.model.coding.decode(coded, height, width, self.level)
            for number, image in zip(numbers, images, strict=True):
                item, _ = self.items[number]
                made[number] = _picture(image, item, some[number][item.length :])
        return [(number, made[number]) for number in some]


def open_packed(
    path: str | os.PathLike[str], model: Source | None = None, *, device: str | None = None
) -> Archive:
    """Open a packed dataset; any picture can be read without the others.

    Trainings take the archive itself wherever they take a folder.

    Args:
        path: an archive that `pack` made.
        model: the codec that it was packed with, if it is not one that this olhar has by name.
        device: where pictures are painted; the fastest of this machine if left out.

    Raises:
        OlharError: if there is no such file, or it is damaged.

    Example:
        archive = open_packed("flowers.olhar")
        image = archive[0]                            # (3, H, W) in [0, 1]
    """
    return Archive(Path(path), model, device, recover=False)


def _picture(image: Tensor, item: Item, beside: bytes) -> Picture:
    exif, packet, dpi = b"", b"", item.extra.get("dpi")
    try:
        said = zlib.decompressobj().decompress(beside, _MOST) if beside else b""
        length = int.from_bytes(said[:4], "little")
        exif, packet = said[4 : 4 + length], said[4 + length :]
        dpi = (float(dpi[0]), float(dpi[1])) if dpi and 0 < min(dpi) <= max(dpi) < _FINEST else None
    except (LookupError, TypeError, ValueError, zlib.error):
        dpi = None  # made so on purpose; the picture is whole
    grey = bool(item.extra.get("grey"))
    return Picture(
        image=image.mean(0, keepdim=True).expand(3, -1, -1) if grey else image,
        exif=exif or None,
        xmp=packet or None,
        dpi=dpi,
        grey=grey,
    )
