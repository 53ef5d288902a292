"""Generating: new pictures from random numbers, by a variational autoencoder."""

from olhar.vae.apply import generate, interpolate, load, reconstruct
from olhar.vae.plane import manifold, plane

__all__ = ["generate", "interpolate", "load", "manifold", "plane", "reconstruct"]
