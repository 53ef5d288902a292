"""The frames of a video on their way through a function, each with its times."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, NamedTuple

from olhar.errors import OlharError
from olhar.media.files import shown

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from torch import Tensor

    from olhar.media.video_read import Reader


class Timed(NamedTuple):
    """An image that is to be encoded."""

    image: Tensor
    """(3, H, W) in [0, 1]."""
    pts: int
    """When it is shown, in ticks from the origin of the video."""
    duration: int
    """For how long, likewise; 0 if not known."""
    key: bool
    """Whether the frame that it was made of was decoded without another."""


def changed(
    reader: Reader,
    function: Callable[[Iterator[Tensor]], Iterator[Tensor]],
    *,
    first: int = 0,
    warm_up: int = 0,
) -> Iterator[Timed]:
    """What a function makes of the frames of a video.

    Args:
        reader: of which no frame has been taken.
        function: takes an iterator of images and yields as many, in order.
        first: number of the frame that is wanted first; those before are only decoded.
        warm_up: how many of those the function is given nevertheless.

    Yields:
        Its images, from that of the frame `first` on.

    Raises:
        OlharError: if it gives back more or fewer images than it took.
    """
    origin, name = reader.origin, shown(reader.path)
    reader.skip = taken = given = first - warm_up
    held: deque[tuple[int, int, bool]] = deque()  # of the images that `function` holds

    def images() -> Iterator[Tensor]:
        nonlocal taken
        for frame in reader:
            pts = frame.pts - round(origin / frame.time_base)
            held.append((pts, frame.duration, frame.key))
            taken += 1
            yield frame.image

    for image in function(images()):
        if not held:
            raise OlharError(
                f"the function for {name} gave back more frames than it took ({taken}); "
                "it must give one for each"
            )
        about = held.popleft()
        given += 1
        if given > first:
            yield Timed(image, *about)
    left = len(held) + sum(1 for _ in reader)
    if left:
        raise OlharError(
            f"the function for {name} gave back {given} of {given + left} frames; "
            "it must give one for each"
        )
