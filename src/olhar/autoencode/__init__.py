"""Autoencoders: pictures in a few numbers, and photographs without their noise."""

from olhar.autoencode.apply import (
    anomaly_scores,
    decode,
    denoise,
    encode,
    load,
    plane,
    reconstruct,
)
from olhar.autoencode.views import worst_picture

__all__ = [
    "anomaly_scores",
    "decode",
    "denoise",
    "encode",
    "load",
    "plane",
    "reconstruct",
    "worst_picture",
]
