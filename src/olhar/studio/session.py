"""The process of a lesson: it runs the cells that `course` asks for, and tells what they gave.

A question of the lesson waits for a guess; a cell has a time limit; a session that nobody asks for
anything ends by itself. An exercise can be answered before the cells above it have run: it then
finds what the lesson imports, and nothing else.
"""

from __future__ import annotations

import _thread
import ast
import contextlib
import io
import json
import os
import signal
import sys
import threading
import time
import traceback
import types
from typing import TYPE_CHECKING, Any

from olhar.lessons import stage
from olhar.lessons.lesson import lesson
from olhar.media.files import atomic
from olhar.studio.reached import exercise, keep, kept

if TYPE_CHECKING:
    from olhar.look.phrase import Phrase
    from olhar.studio.work import Asked, Tell

LIMIT = 300.0
"""Seconds that one cell may take; the longest of a lesson takes a quarter of that."""
ANSWER_LIMIT = 60.0
"""The same for an exercise."""
IDLE = 900.0
"""Seconds after which a session that is asked for nothing ends."""
MOST = 20_000
"""Characters that one cell may print, and be shown."""
PICTURES = 40
"""Pictures and sentences that one cell may show."""
_GRACE = 20.0  # seconds to stop once the time is up
_OFTEN = 0.2  # seconds between two words about what was printed


def learn(asked: Asked, _: Tell) -> dict[str, Any]:
    """`olhar learn --run`, cell by cell; or, for a program, all of it at once."""
    session = Session(asked)
    with stage.taken(session), contextlib.redirect_stdout(_Printed(session)):
        if asked.settings.get("at_once"):
            session.run(len(session.lesson.cells) - 2)
            session.check(asked.settings.get("answer") or session.exercise.blank)
        else:
            session.serve()
    session.tell()
    return {"right": sorted(kept(asked.space, session.lesson).right)}


class Session:
    """The cells of one lesson, being run; also the stage on which it is given.

    Args:
        asked: `lesson`, its number; `limit`, seconds for a cell; `known`, the cell before which
            questions do not wait, since they were asked before.
    """

    def __init__(self, asked: Asked) -> None:
        settings = asked.settings
        self.lesson = lesson(int(settings["lesson"]))
        self.exercise = exercise(self.lesson)
        self.space = asked.space
        self._in, self._out = asked.out.parent / "in", asked.out
        self._limit = float(settings.get("limit", LIMIT))
        self._waits = not settings.get("at_once")
        self._known = int(settings.get("known", 0))
        self._module = types.ModuleType(f"lesson_{self.lesson.stem}")
        sys.modules[self._module.__name__] = self._module  # dataclasses look their module up
        self._imported = False
        self._next, self._to, self._heard = 0, -1, 0
        self._at: int | None = None
        self._asking: int | None = None
        self._outputs: dict[int, list[dict[str, Any]]] = {}
        self._told = 0.0
        self._deadline: float | None = None
        self._late = False
        threading.Thread(target=self._watch, daemon=True).start()

    # ---- what is asked for

    def serve(self) -> None:
        """Do what the page asks for, until it asks for nothing any more."""
        while wanted := self._request():
            if "answer" in wanted:
                self.check(wanted["answer"])
            else:
                self.run(min(int(wanted.get("to", -1)), self.exercise.place - 1))

    def run(self, to: int) -> None:
        """Run the cells that have not run yet, up to one; an error is shown and ends it."""
        self._to = to
        while self._next <= self._to:
            place = self._next
            cell = self.lesson.cells[place]
            if cell.kind == "code" and not self._execute(place, cell.text.english, self._limit):
                break
            self._next = place + 1
            keep(self.space, self.lesson, cells=self._next)
        self.tell(busy=False)

    def check(self, answer: str) -> None:
        """Run the exercise with what somebody wrote into it."""
        if self._next < self.exercise.place and not self._imported:
            self._import()
        exec(self.exercise.blank, self._module.__dict__)  # noqa: S102  what is left out is open
        code = f"{answer.rstrip()}\n\n{self.exercise.checks}"
        self._execute(self.exercise.place, code, min(self._limit, ANSWER_LIMIT))
        given = self._outputs[self.exercise.place]
        said = [each["told"][0].partition(":")[0] for each in given if each.get("tone") == "right"]
        keep(self.space, self.lesson, right=frozenset(said))
        self.tell(busy=False)

    def _request(self) -> dict[str, Any] | None:
        """The next request, or None after a while."""
        until = time.monotonic() + IDLE
        while time.monotonic() < until:
            for path in sorted(self._in.glob("ask-*.json"))[:1]:
                wanted = json.loads(path.read_text("utf-8"))
                path.unlink()
                self._heard = wanted["number"]
                self.tell(busy=True)
                return wanted
            time.sleep(0.05)
        return None

    # ---- a cell

    def _execute(self, place: int, code: str, limit: float) -> bool:
        """Run code as a cell; whether it came to its end."""
        name = f"<cell {place}>"
        self._outputs[place], self._at, self._late = [], place, False
        try:
            self.tell()
            self._deadline = time.monotonic() + limit
            exec(compile(code, name, "exec"), self._module.__dict__)  # noqa: S102  what it is for
        except KeyboardInterrupt:
            self._deadline = None
            self._outputs[place].append({"stopped": limit if self._late else 0})
            if not self._late:
                self._at = None
                self.tell(busy=False)
                raise
            return False
        except BaseException as error:  # noqa: BLE001  a cell may even exit
            self._outputs[place].append(_failure(error, name, code))
            return False
        else:
            return True
        finally:
            self._deadline = self._at = None

    def _import(self) -> None:
        """What the lesson imports is at hand, even if no cell has run."""
        self._imported = True
        for cell in self.lesson.cells[:-1]:
            if cell.kind == "code":
                lines = ast.parse(cell.text.english).body
                found = [each for each in lines if isinstance(each, ast.Import | ast.ImportFrom)]
                code = compile(ast.Module(body=[*found], type_ignores=[]), "<imports>", "exec")
                exec(code, self._module.__dict__)  # noqa: S102  of the lesson itself

    def _watch(self) -> None:
        """End a cell whose time is up; if it will not end, the process."""
        while True:
            time.sleep(0.25)
            late = time.monotonic() - (self._deadline or float("inf"))
            if late > _GRACE:
                os._exit(1)
            if late > 0 and not self._late:
                self._late = True
                _thread.interrupt_main(signal.SIGTERM)

    # ---- the stage

    def say(self, sentence: Phrase, tone: stage.Tone) -> None:
        """A sentence."""
        self._give({"told": [*sentence], "tone": tone})

    def show(self, picture: stage.Drawn) -> None:
        """A picture; its pixels go into a file."""
        given: dict[str, Any] = {"caption": [*picture.caption], "svg": picture.svg}
        if picture.png and self._room():
            name = f"{self._at}-{time.time_ns()}.png"
            (self._out / name).write_bytes(picture.png)
            given |= {"png": name, "size": [*picture.size]}
        self._give(given)

    def ask(self, question: Phrase) -> str:
        """A question, which waits for a guess, or for whoever goes on without one."""
        self.say(question, "question")
        place = self._at
        if not self._waits or place is None or place < self._known:
            return ""
        left = (self._deadline or 0) - time.monotonic()
        self._deadline, self._asking = None, place
        self.tell(busy=False)
        guess = ""
        while wanted := self._request():
            if "answer" in wanted:
                self.check(wanted["answer"])
                self._at = place
                self.tell(busy=False)
                continue
            self._to = max(self._to, int(wanted.get("to", self._to)))
            if wanted.get("cell") == place:
                guess = str(wanted.get("guess", ""))[:200].strip()
                break
            self.tell(busy=False)
        else:
            raise KeyboardInterrupt  # nobody is there any more
        self._asking, self._deadline = None, time.monotonic() + left
        if guess:
            self._outputs[place][-1]["guess"] = guess
        self.tell()
        return guess

    def write(self, text: str) -> int:
        """What is printed."""
        given = self._outputs.get(-1 if self._at is None else self._at)
        if given is None:
            return len(text)
        if not given or "text" not in given[-1]:
            if not self._room():
                return len(text)
            given.append({"text": ""})
        printed = sum(len(each.get("text", "")) for each in given)
        given[-1]["text"] += text[: max(0, MOST - printed)]
        if printed < MOST <= printed + len(text):
            given[-1]["text"] += "\n…"
        if time.monotonic() - self._told > _OFTEN:
            self.tell()
        return len(text)

    def _room(self) -> bool:
        return self._at is not None and len(self._outputs[self._at]) < PICTURES

    def _give(self, given: dict[str, Any]) -> None:
        if self._at is not None and self._room():
            self._outputs[self._at].append(given)
            self.tell()

    def tell(self, *, busy: bool | None = None) -> None:
        """Write down how it stands."""
        self._busy = getattr(self, "_busy", True) if busy is None else busy
        self._told = time.monotonic()
        now = {
            "next": self._next,
            "at": self._at,
            "asking": self._asking,
            "busy": self._busy,
            "heard": self._heard,
            "outputs": self._outputs,
        }
        with atomic(self._out / "state.json") as temporary:
            temporary.write_text(json.dumps(now, ensure_ascii=False), "utf-8")


class _Printed(io.TextIOBase):
    """What is printed goes to the session."""

    def __init__(self, session: Session) -> None:
        self.session = session

    def write(self, text: str) -> int:
        return self.session.write(text)


def _failure(error: BaseException, name: str, code: str) -> dict[str, Any]:
    """An error as a reader needs it: in which line of the cell, and what Python says."""
    lines = code.splitlines()
    told = [each for each in traceback.format_exception_only(error) if "File" not in each[:8]]
    if isinstance(error, SyntaxError) and error.filename == name:
        told = ["".join(traceback.format_exception_only(error)).partition("\n")[2]]
        line = error.lineno
    else:
        frames = [f for f in traceback.extract_tb(error.__traceback__) if f.filename == name]
        line = frames[-1].lineno if frames else None
        if line is not None and line <= len(lines):
            told.insert(0, f"    {lines[line - 1].strip()}\n")
    return {"error": "".join(told)[-MOST:].rstrip(), "line": line}
