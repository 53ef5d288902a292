"""Lessons 8 to 13, as in `answers_early`."""

LATE = {}
