"""Hypothesis without a deadline: how long one example takes says more of the machine than of us."""

from hypothesis import settings

settings.register_profile("patient", deadline=None)
settings.load_profile("patient")
