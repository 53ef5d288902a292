"""Colorization: plausible colours for black-and-white photographs and films."""

from olhar.colorize.apply import Suggestion, colorize, load, palette, variants
from olhar.colorize.hints import Hints, Point, Stroke
from olhar.colorize.painter import Painter
from olhar.colorize.settings import Colorize
from olhar.colorize.tint import is_colored

__all__ = [
    "Colorize",
    "Hints",
    "Painter",
    "Point",
    "Stroke",
    "Suggestion",
    "colorize",
    "is_colored",
    "load",
    "palette",
    "variants",
]
