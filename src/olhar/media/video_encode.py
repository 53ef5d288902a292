"""Images on their way to an encoder: checked, brought to its form, and what it is to know of them.

A film has one `Pictures`, however many encoders make it (`olhar.media.segments` takes a new one for
each piece): all of them get frames of one size and are arranged alike, so that what they make can
stand in one track.
"""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Any

import av
import numpy as np
import torch
from av.error import FFmpegError

from olhar.errors import OlharError
from olhar.media.video_codecs import encoder
from olhar.media.video_copy import FORMATS
from olhar.media.video_frame import frame_of
from olhar.media.video_open import complaint

if TYPE_CHECKING:
    from av.codec.context import CodecContext
    from torch import Tensor

    from olhar.media.video_info import Outline
    from olhar.media.yuv import Array

_FRAME_DURATION = 1 << 8  # AV_CODEC_FLAG_FRAME_DURATION
_GLOBAL_HEADER = 1 << 22  # AV_CODEC_FLAG_GLOBAL_HEADER: what all containers here want


class Pictures:
    """The images of one film as an encoder wants them."""

    notes: list[str]
    """Sentences about what could not be written as it was."""
    size: tuple[int, int] | None = None
    """Height and width of the images, once there is one."""

    def __init__(self, outline: Outline, suffix: str, name: str) -> None:
        """Describe them.

        Args:
            outline: of the file that they are for.
            suffix: of that file.
            name: that errors shall speak of.
        """
        self.notes = []
        self._outline, self._suffix, self._name = outline, suffix, name
        # H.264 itself says what shape its pixels have. For VP9 the container must, and PyAV lets
        # only MP4 know it.
        matroska = FORMATS[suffix] in {"matroska", "webm"}
        square = outline.aspect != 1 and outline.codec == "vp9" and matroska
        self._widen = outline.aspect if square else Fraction(1)

    def checked(self, image: Tensor) -> Array:
        """The image as an array to encode, or a sentence about what is wrong with it."""
        shape = tuple(image.shape)
        if len(shape) != 3 or shape[0] != 3 or 0 in shape or not image.is_floating_point():
            raise OlharError(
                f"a frame for {self._name} has shape {shape} and type {image.dtype}; "
                "it must be a float image (3, height, width)"
            )
        if self.size is None:
            self.sized(shape[1], shape[2])
        if shape[1:] != self.size:
            assert self.size is not None
            raise OlharError(
                f"the frames for {self._name} change size from {self.size[1]} x {self.size[0]} to "
                f"{shape[2]} x {shape[1]}; make them all alike"
            )
        image = image.detach().to("cpu", torch.float32)
        if self._widen != 1:
            from olhar.media.image import resize

            image = resize(image, (shape[1], self._wide(shape[2])))
        array: Array = image.numpy()
        if not np.isfinite(array.sum()):
            raise OlharError(f"a frame for {self._name} holds values that are not finite numbers")
        return array

    def sized(self, height: int, width: int) -> None:
        """Say how large all images are."""
        self.size = (height, width)
        if self._widen != 1:
            self.notes.append(
                f"pixels were made square by stretching {width} columns to "
                f"{round(width * self._widen)}, as VP9 in a {self._suffix} file needs it"
            )

    def _wide(self, width: int) -> int:
        return width if self._widen == 1 else max(1, round(width * self._widen))

    @property
    def coded(self) -> tuple[int, int]:
        """Height and width of what is encoded."""
        assert self.size is not None
        height, width = self.size[0], self._wide(self.size[1])
        if self._outline.codec == "h264":
            return height + height % 2, width + width % 2
        return height, width

    def note_odd(self) -> None:
        """Note it if the sides had to be made even."""
        assert self.size is not None
        height, width = self.size[0], self._wide(self.size[1])
        if self.coded != (height, width):
            self.notes.append(
                f"H.264 needs even sides: {width} x {height} was made {self.coded[1]} x "
                f"{self.coded[0]} by repeating the last column or row"
            )

    def frame(self, array: Array, pts: int, duration: int) -> av.VideoFrame:
        """A checked image as a picture to encode, shown from `pts` on, in ticks."""
        frame = frame_of(array, self._outline.coding, even=self._outline.codec == "h264")
        frame.pts, frame.time_base = pts, self._outline.time_base
        frame.duration = duration
        return frame

    def arrange(self, context: Any) -> None:
        """Tell an encoder what shape and colours its pictures have."""
        coding = self._outline.coding
        context.flags |= _FRAME_DURATION
        context.sample_aspect_ratio = self._outline.aspect / self._widen
        context.colorspace = coding.matrix
        context.color_range = 2 if coding.full else 1
        context.color_primaries = coding.primaries
        context.color_trc = coding.transfer

    def encoder(self) -> CodecContext:
        """A new encoder that belongs to no file, for images of the size that is known by now."""
        name, options = encoder(self._outline.codec)
        context: Any = av.CodecContext.create(name, "w")
        context.height, context.width = self.coded
        context.pix_fmt, context.options = "yuv420p", dict(options)
        context.framerate, context.time_base = self._outline.rate, self._outline.time_base
        context.bit_rate = 0
        context.flags |= _GLOBAL_HEADER
        self.arrange(context)
        return context

    def encoded(self, context: Any, frame: av.VideoFrame | None) -> list[Any]:
        """The packets that such an encoder gives for a picture, or for the end.

        Raises:
            OlharError: if it fails.
        """
        try:
            return context.encode(frame)
        except (FFmpegError, OSError) as error:
            raise self.failed(error) from error

    def failed(self, error: Exception) -> OlharError:
        """That the file could not be written, and why."""
        return OlharError(f"{self._name} could not be written: {complaint(error)}")
