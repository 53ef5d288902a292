"""Colorization: plausible colours for black-and-white photographs and films."""
