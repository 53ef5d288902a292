"""Tables: how Brazil, Excel and pandas write them, and what their columns mean."""

import numpy as np
import pytest
from PIL import Image

from olhar.data.examples import examples
from olhar.data.spreadsheets import numbers
from olhar.errors import OlharError


@pytest.fixture
def table(tmp_path):
    for name in ("1.png", "2.png", "10.png", "ação.png"):
        Image.new("RGB", (4, 4)).save(tmp_path / name)

    def write(text, encoding="utf-8", name="t.csv"):
        (tmp_path / name).write_bytes(text.encode(encoding))
        return tmp_path / name

    return write


def test_a_column_of_names_is_a_class(table):
    found = examples(table("file,label\n10.png,dress\n2.png,hat\n1.png,dress\nação.png,São\n"))
    assert found.task == "class"
    assert found.classes == ("dress", "hat", "São")
    assert found.names == ("1.png", "2.png", "10.png", "ação.png")
    assert found.targets.tolist() == [0, 1, 0, 2]
    assert found.targets.dtype == np.int64


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
def test_a_table_as_excel_writes_it_in_brazil(table, encoding):
    text = "arquivo;preço\r\nação.png;1.234,50\r\n1.png;7\r\n2.png;0,25\r\n\r\n"
    found = examples(table(text, encoding))
    assert found.task == "number"
    assert found.classes == ("preço",)
    assert found.targets.tolist() == [[7.0], [0.25], [1234.5]]
    assert found.targets.dtype == np.float32
    assert found.described == "3 pictures with 1 number each"


def test_the_separator_that_excel_is_told(table):
    found = examples(table("sep=|\nfile|label\n1.png|a;b\n2.png|b\n"))
    assert found.targets.tolist() == [[1, 1], [0, 1]]


@pytest.mark.parametrize(
    ("cells", "separator", "values"),
    [
        (["1,5", "2"], ";", [1.5, 2]),
        (["1,5", "1.5"], ",", [1.5, 1.5]),  # Google Sheets quotes decimal commas
        (["1,234", "12,345.5"], ",", [1234, 12345.5]),
        (["1,234"], ";", [1.234]),
        (["1.234", "1,5"], ";", [1234, 1.5]),
        (["1.234"], ";", [1.234]),
        (["1 234,5", "-3e2", "+.5"], ";", [1234.5, -300, 0.5]),
        (["inf", "nan", "", "1_0", "0x1", "1e99", "x"], ",", [np.nan] * 7),
    ],
)
def test_what_a_comma_means(cells, separator, values):
    np.testing.assert_allclose(numbers(cells, separator), values)


def test_several_labels_in_a_cell(table):
    found = examples(table('file,labels\n1.png,red|dress\n2.png,\n10.png,"dress; old"\n'))
    assert found.task == "labels"
    assert found.classes == ("dress", "old", "red")
    assert found.targets.tolist() == [[1, 0, 1], [0, 0, 0], [1, 1, 0]]
    assert found.targets.dtype == np.float32


def test_columns_of_0_and_1_are_labels(table):
    found = examples(table("file,red,old\n1.png,1,0\n2.png,0,1\n"))
    assert (found.task, found.classes) == ("labels", ("red", "old"))
    assert found.targets.tolist() == [[1, 0], [0, 1]]


def test_several_numbers_and_rows_without(table):
    found = examples(table("file,x,y\n1.png,0.5,2\n2.png,n/a,3\n10.png,4,-1e3\n"))
    assert (found.task, found.classes) == ("number", ("x", "y"))
    assert found.targets.tolist() == [[0.5, 2], [4, -1000]]
    assert any("1 row without a usable x, y" in note and "2.png" in note for note in found.notes)


def test_a_split_and_a_target_among_other_columns(table):
    text = "id,file,label,who,set\n7,1.png,a,me,train\n8,2.png,b,you,val\n9,10.png,a,me,Test\n"
    found = examples(table(text), target="label")
    assert found.classes == ("a", "b")
    assert found.split == ("train", "validation", "test")
    with pytest.raises(OlharError, match=r"columns id, label, who .* target"):
        examples(table(text))
    assert examples(table(text), task="none").task == "none"


def test_whole_numbers_are_numbers_unless_said_otherwise(table):
    path = table("file,digit\n1.png,10\n2.png,9\n10.png,9\n")
    found = examples(path)
    assert found.task == "number"
    assert any("task class" in note for note in found.notes)
    found = examples(path, task="class")
    assert found.classes == ("9", "10")
    assert found.targets.tolist() == [1, 0, 0]
    assert examples(table("file,yes\n1.png,1\n2.png,0\n")).task == "class"


def test_missing_files_are_listed(table):
    text = "file,label\n1.png,a\n" + "".join(f"gone{i}.png,b\n" for i in range(5)) + "2.png,c\n"
    found = examples(table(text))
    assert found.classes == ("a", "c")
    assert found.targets.tolist() == [0, 1]
    assert "5 of 7 files are missing (gone0.png, gone1.png, gone2.png and 2 more)" in found.notes


def test_files_with_backslashes_accents_apart_or_no_suffix(table, tmp_path):
    (tmp_path / "deep").mkdir()
    Image.new("RGB", (4, 4)).save(tmp_path / "deep" / "x.jpg")
    found = examples(table("file,label\n.\\deep\\x.jpg,a\nac\u0327a\u0303o.png,b\n10,c\n"))
    assert sorted(file.name for file in found.files) == ["10.png", "ação.png", "x.jpg"]


def test_without_headings_the_columns_are_numbered(table):
    found = examples(table("1.png,a\n2.png,b\n"))
    assert found.classes == ("a", "b")
    assert examples(table("1.png,a,3\n2.png,b,4\n"), target="3").classes == ("3",)


def test_a_file_that_is_listed_twice_is_said(table):
    found = examples(table("file,label\n1.png,a\n1.png,b\n2.png,b\n"))
    assert "1 file is listed more than once (1.png)" in found.notes


@pytest.mark.parametrize(
    ("text", "options", "words"),
    [
        ("", {}, "empty"),
        ("\n\n", {}, "no rows"),
        ("file,label\n", {}, "no rows"),
        ("a," * 3000 + "\n" + "x\n" * 3000, {}, "3,001 columns, and most of its 3,000 rows"),
        ("file,label\nx.png,a\n", {}, "no row .* can be used: 1 of 1 file"),
        ("file,label\n1.png,a\n", {"target": "labels"}, "no column labels; .* file, label"),
        ("file,label\n1.png,a\n", {"file": "path"}, "no column path"),
        ("file\n1.png\n", {"task": "class"}, "only the column file"),
        ("file,a,b\n1.png,x,y\n", {"task": "class"}, "say which with target"),
        ("file,a,b\n1.png,x,1\n", {"task": "labels"}, "hold 0 or 1"),
    ],
)
def test_what_cannot_be_learned_from_is_told(table, text, options, words):
    with pytest.raises(OlharError, match=words):
        examples(table(text), **options)


def test_a_table_of_files_alone_has_no_targets(table):
    found = examples(table("file\n1.png\n2.png\n"))
    assert (found.task, found.targets) == ("none", None)


def test_a_long_cell_that_is_no_number_takes_no_time():
    assert numbers(["1" * 100_000 + "x"], ",").tolist() == pytest.approx([np.nan], nan_ok=True)
