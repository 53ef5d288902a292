"""The course: every lesson is complete in both languages, runs, and can be taken along."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
import torch

from olhar import lessons as course
from olhar.commands.learn import learn
from olhar.errors import OlharError
from olhar.lessons import notebook, page, stage
from olhar.lessons.lesson import FOLDER, read
from olhar.lessons.run import Told, run
from olhar.lessons.run import read as read_out
from olhar.look.phrase import Phrase

LESSONS = sorted(path.stem for path in FOLDER.glob("[0-9][0-9]_*.py"))


@pytest.fixture(autouse=True)
def fast(monkeypatch, tmp_path):
    monkeypatch.setenv("OLHAR_LESSONS", "fast")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(stage, "_language", ["en"])


def lesson_of(stem):
    return read(FOLDER / f"{stem}.py")


@pytest.mark.parametrize("stem", LESSONS)
def test_a_lesson_runs_and_becomes_a_page(stem):
    found = lesson_of(stem)
    ran = run(found)
    told = [o for given in ran.outputs for o in given if isinstance(o, Told)]
    pictures = [o for given in ran.outputs for o in given if isinstance(o, stage.Drawn)]
    tones = [each.tone for each in told]
    assert pictures, "a lesson shows something"
    assert tones.count("question") == tones.count("answer") >= 1
    assert ran.exercises["open"] >= 2
    assert ran.exercises["right"] == ran.exercises["wrong"] == 0
    text = page.page(ran)
    assert text.count("<figure>") == len(pictures)
    assert not re.search(r"""(?:src|href)=["'](?:https?:|//)""", text)
    for each in told:
        assert all(each.sentence)


@pytest.mark.parametrize("stem", LESSONS)
def test_both_languages_say_as_much(stem):
    found = lesson_of(stem)
    assert found.number == LESSONS.index(stem) + 1
    for cell in found.cells:
        if cell.kind != "prose":
            continue
        english, portuguese = cell.text
        assert english != portuguese
        assert 0.7 < len(portuguese) / len(english) < 1.6, english[:60]
        for sign in (r"^#+ ", r"^\|", r"^\d+\. ", r"^- ", r"```"):
            found_in = [len(re.findall(sign, text, re.MULTILINE)) for text in cell.text]
            assert found_in[0] == found_in[1], (sign, english[:60])
        code = [sorted(set(re.findall(r"`[\w.]+\(.*?\)`", text))) for text in cell.text]
        assert code[0] == code[1], english[:60]


@pytest.mark.parametrize("stem", LESSONS)
@pytest.mark.parametrize("language", ["en", "pt-BR"])
def test_a_lesson_can_be_taken_along(stem, language, tmp_path):
    found = lesson_of(stem)
    path = notebook.write(found, tmp_path / "mine.ipynb", language)
    made = json.loads(path.read_text("utf-8"))
    assert (made["nbformat"], made["nbformat_minor"]) == (4, 5)
    assert len({cell["id"] for cell in made["cells"]}) == len(made["cells"])
    for cell in made["cells"]:
        assert cell["cell_type"] in ("code", "markdown")
        if cell["cell_type"] == "code":
            compile(cell["source"], "cell", "exec")
    texts = [cell["source"] for cell in made["cells"]]
    assert texts[1] == found.cells[0].in_(language)
    assert f'speak("{language}")' in texts[0]
    script = notebook.write(found, tmp_path / "mine.py", language).read_text("utf-8")
    compile(script, "mine.py", "exec")
    assert found.cells[0].in_(language).splitlines()[0] in script


def test_a_script_that_was_taken_along_runs_and_speaks_its_language(tmp_path):
    script = notebook.write(lesson_of("02_operations"), tmp_path / "mine.py", "pt-BR")
    done = subprocess.run(
        [sys.executable, script], capture_output=True, text=True, encoding="utf-8", check=True
    )
    assert "? square é [[1, 2], [3, 4]]" in done.stdout
    assert "operations.shape: ainda sem resposta" in done.stdout
    drawings = sorted(path.suffix for path in Path("lessons", "mine").iterdir())
    assert drawings.count(".png") == 2
    assert drawings.count(".svg") >= 5


# Cells ------------------------------------------------------------------------------------------

GOOD = """\
# for tools
# %% [markdown] lang="en"
# # 3. Light
#
# What light
# is.
# %% [markdown] lang="pt"
# # 3. Luz
#
# O que é
# a luz.
# %%
x = 1

print(x)
# %% jupyter={"source_hidden": true}
y = 2
"""


def written(tmp_path, text, name="03_light.py"):
    path = tmp_path / name
    path.write_text(text, "utf-8")
    return path


def test_a_lesson_is_title_and_cells(tmp_path):
    found = read(written(tmp_path, GOOD))
    assert (found.number, found.name, found.stem) == (3, "light", "03_light")
    assert found.title == Phrase("Light", "Luz")
    assert found.summary == Phrase("What light is.", "O que é a luz.")
    prose, code, hidden = found.cells
    assert (code.hidden, hidden.hidden) == (False, True)
    assert "y = 2" not in read_out(found, "en")
    assert json.loads(notebook.notebook(found, "en"))["cells"][-1]["metadata"] == {
        "jupyter": {"source_hidden": True}
    }
    assert notebook.script(found, "en").endswith('# %% jupyter={"source_hidden": true}\ny = 2\n')
    assert prose.in_("pt-BR") == "# 3. Luz\n\nO que é\na luz."
    assert (code.in_("en"), code.line) == ("x = 1\n\nprint(x)", 13)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (GOOD.replace('lang="pt"', 'lang="en"'), "line 7: prose comes as English and right after"),
        (GOOD.partition('# %% [markdown] lang="pt"')[0], "ends with prose that is in English only"),
        ("# %%\nx = 1\n", "starts without a title"),
    ],
)
def test_a_lesson_that_is_none_says_why(tmp_path, text, says):
    with pytest.raises(OlharError, match=says):
        read(written(tmp_path, text))


def test_what_a_lesson_says_is_kept_in_both_languages_and_told_in_one(tmp_path, capsys):
    text = GOOD + (
        "from olhar.lessons import predict, reveal, say\n"
        "predict('how many?', 'quantos?')\n"
        "reveal(3, 'so many', 'tantos')\n"
        "say('done', 'pronto')\n"
    )
    ran = run(read(written(tmp_path, text)))
    assert ran.outputs == [
        [],
        ["1\n"],
        [
            Told(Phrase("how many?", "quantos?"), "question"),
            Told(Phrase("3: so many", "3: tantos"), "answer"),
            Told(Phrase("done", "pronto"), "plain"),
        ],
    ]
    assert capsys.readouterr().out == ""
    page_text = page.page(ran)
    assert '<span lang="pt-BR">quantos?</span>' in page_text
    course.speak("pt-BR")
    course.say("done", "pronto")
    assert capsys.readouterr().out == "pronto\n"


def test_markup_in_prose_is_text_on_the_page():
    made = page.markdown("a <b>c</b> `<i>` **d**")
    assert made == "<p>a &lt;b&gt;c&lt;/b&gt; <code>&lt;i&gt;</code> <strong>d</strong></p>\n"


def test_an_error_in_a_lesson_names_the_line_of_its_file(tmp_path):
    with pytest.raises(ZeroDivisionError) as told:
        run(read(written(tmp_path, GOOD + "1 / 0\n")))
    assert told.traceback[-1].lineno + 1 == GOOD.count("\n") + 1


def test_a_lesson_can_be_read_in_a_terminal():
    text = read_out(lesson_of("01_tensors"), "pt-BR", width=80)
    assert "1. Tensores" in text
    assert max(map(len, text.splitlines())) <= 80
    assert "\x1b" not in text


def test_pictures_of_a_script_become_files_in_one_language(capsys):
    course.show(torch.rand(2, 3), en="Two by three, on paper.", pt="Dois por três.", enlarge=4)
    course.show('<svg><text lang="en">a</text><text lang="pt-BR">b</text></svg>', en="A", pt="B")
    printed = capsys.readouterr().out.splitlines()
    names = [line.partition(": ")[0] for line in printed]
    assert printed[0].endswith("Two by three, on paper.")
    assert names[0].endswith("two-by-three-on-paper.png")
    assert Path(names[1]).read_text("utf-8") == '<svg><text lang="en">a</text></svg>'


# The command ------------------------------------------------------------------------------------


def test_learn_lists_reads_runs_and_writes():
    assert [*learn(language="pt-BR").values["lessons"]] == [*range(1, len(LESSONS) + 1)]
    assert "Tensors" in learn(language="en").text
    assert "Uma fila" not in learn(1, language="en").text
    assert learn(language="pt-BR").text.endswith("olhar learn NÚMERO mostra uma.")
    ran = learn(1, run=True, language="pt-BR")
    assert ran.values["exercises"]["open"] == 3
    assert "exercícios: 0 certos, 0 errados, 3 por fazer" in ran.text
    ran = learn(1, run=True, language="en")
    assert "exercises: 0 right, 0 wrong, 3 to do" in ran.text
    assert "olhar learn 1 --run" in Path("lessons/01_tensors.html").read_text("utf-8")
    assert learn(1, notebook=True).values["file"] == "01_tensors.ipynb"


def test_all_lessons_run_into_one_folder(monkeypatch, tmp_path):
    from olhar.commands import learn as command

    two = [lesson_of(stem) for stem in LESSONS[:2]]
    monkeypatch.setattr(command, "lessons", lambda: two)
    ran = learn(run=True, output=tmp_path / "all")
    index = (tmp_path / "all" / "index.html").read_text("utf-8")
    for each in two:
        assert f'href="{each.stem}.html"' in index
        assert each.title.in_("en") in index
        assert each.title.in_("pt-BR") in index
        assert (tmp_path / "all" / f"{each.stem}.html").is_file()
    assert [each["lesson"] for each in ran.values["lessons"]] == [1, 2]


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (((99,), {}), "no lesson 99; there are lessons 1 to"),
        (((1,), {"run": True, "notebook": True}), "choose one"),
        (((1,), {"output": "x.py"}), "add --notebook or --run"),
        (((), {"notebook": True}), "which lesson"),
    ],
)
def test_learn_refuses_in_a_sentence(arguments, says):
    words, flags = arguments
    with pytest.raises(OlharError, match=says) as told:
        learn(*words, **flags)
    assert "\n" not in str(told.value)


def test_a_file_of_another_sort_is_refused(tmp_path):
    with pytest.raises(OlharError, match=r"name it \.ipynb or \.py"):
        notebook.write(lesson_of("01_tensors"), tmp_path / "x.txt", "en")


@pytest.mark.parametrize("name", ["mine.ipynb", "mine.py"])
def test_what_somebody_has_written_into_a_lesson_stays(name, tmp_path):
    path = tmp_path / name
    for _ in range(2):  # as it was is no work
        notebook.write(lesson_of("01_tensors"), path, "en")
    mine = path.read_text("utf-8") + "\n"
    path.write_text(mine, "utf-8")
    with pytest.raises(OlharError, match="may hold work of yours, so it is not replaced"):
        notebook.write(lesson_of("01_tensors"), path, "en")
    assert path.read_text("utf-8") == mine
