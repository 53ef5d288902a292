"""A codec: pictures in fewer bytes, and a dataset of them in one file."""

from olhar.codec.packed import open_packed
from olhar.codec.packing import pack
from olhar.codec.unpacking import unpack

__all__ = ["open_packed", "pack", "unpack"]
