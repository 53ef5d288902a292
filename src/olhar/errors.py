"""The one error that a person is meant to read.

Whatever a user can cause (a missing file, a value out of range, a broken download) is raised as
`OlharError` with one sentence: what was given, what is allowed, what to do. The command line prints
that sentence and exits with 2; everything else is a defect and keeps its traceback.
"""


class OlharError(ValueError):
    """Bad input, told in a sentence. A `ValueError`, so library users may catch either."""
