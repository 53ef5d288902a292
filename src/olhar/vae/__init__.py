"""Generating: new pictures from random numbers, by a variational autoencoder."""

from olhar.vae.apply import generate, interpolate, load, reconstruct

__all__ = ["generate", "interpolate", "load", "reconstruct"]
