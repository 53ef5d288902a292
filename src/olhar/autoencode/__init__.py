"""Autoencoders: pictures in a few numbers, and photographs without their noise."""
