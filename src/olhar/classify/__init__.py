"""Predicting: a class with its probability, several labels, or a number."""

from olhar.classify.apply import Model, Prediction, classify, load

__all__ = ["Model", "Prediction", "classify", "load"]
