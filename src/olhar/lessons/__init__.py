"""Lessons that run: the ideas behind olhar, from nothing, then with torch, then with olhar.

    olhar learn                  what there is
    olhar learn 3                read the third
    olhar learn 3 --run          run it
    olhar learn 3 --notebook     take it along as a notebook

A lesson is one plain Python file, `NN_name.py`, in cells: prose in English, the same prose in
Brazilian Portuguese, code. It opens as a notebook in an editor, runs as a script, is run by the
tests, and is data for whatever shows it (`lesson`). In it stand `show` (a picture), `predict` and
`reveal` (a question, and later its answer), `check` (an exercise) and `pace` (how long to train).

To add a lesson, write the file, and `checks/name.py` for its exercises; nothing else lists it.
"""

from olhar.lessons.exercise import check as check
from olhar.lessons.exercise import predict as predict
from olhar.lessons.exercise import reveal as reveal
from olhar.lessons.lesson import lessons as lessons
from olhar.lessons.stage import pace as pace
from olhar.lessons.stage import say as say
from olhar.lessons.stage import show as show
from olhar.lessons.stage import speak as speak
