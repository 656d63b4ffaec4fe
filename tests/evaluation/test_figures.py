"""Figures, their intervals, comparisons of two runs, and the pages and files they are written to."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from onrecord.errors import EvaluationError
from onrecord.evaluation.comparison import compare, compare_runs
from onrecord.evaluation.figures import METRICS, by_kind, figures_of
from onrecord.evaluation.grids import Grid, comparison_grid, runs_grid
from onrecord.evaluation.metrics.auroc import Auroc
from onrecord.evaluation.metrics.shares import Shares
from onrecord.evaluation.outcome import Shown
from onrecord.evaluation.record import Record
from onrecord.evaluation.report import read_runs, runs_dict, write_json, write_page
from onrecord.evaluation.resampling import drawn, interval
from onrecord.evaluation.run import Run
from onrecord.evaluation.tables import change_lines, console, markdown, miss_lines, print_grid

BLANK = Record(
    id="", question="Who?", kind="", answerable=True, wanted=("gold",), article_rank=1, ndcg=1.0,
    answer_rank=None, gold_rank=1, shown_rank=1, confidence=0.9, refused=False, claims=0, dropped=0,
    checked=1, seconds=0.1, error="", quotations=(), shown=(), inexact=(),
)  # fmt: skip
RANKS = st.none() | st.integers(0, 12)


@st.composite
def records(draw, **fixed):
    answerable, refused = draw(st.booleans()), draw(st.booleans())
    return replace(
        BLANK,
        kind=draw(st.sampled_from(["who", "when"])),
        answerable=answerable,
        refused=refused,
        confidence=draw(st.floats(0, 1)),
        article_rank=draw(RANKS) if answerable else None,
        ndcg=draw(st.none() | st.floats(0, 1)),
        gold_rank=draw(RANKS) if answerable else None,
        shown_rank=draw(RANKS) if answerable else None,
        claims=draw(st.integers(0, 3)),
        dropped=draw(st.integers(0, 3)),
    )


def numbered(found) -> tuple[Record, ...]:
    return tuple(replace(record, id=str(number)) for number, record in enumerate(found))


RUNS = st.lists(records(), min_size=1, max_size=12).map(lambda found: run(*found))


def run(*found: Record, name: str = "set", system: str = "onrecord") -> Run:
    return Run(name, "all", system, 7, numbered(found))


def unanswerable(*, refused: bool, confidence: float = 0.1) -> Record:
    return replace(
        BLANK, answerable=False, refused=refused, confidence=confidence, article_rank=None, ndcg=None,
        gold_rank=None, shown_rank=None, wanted=(),
    )  # fmt: skip


# Intervals


@given(st.lists(st.none() | st.floats(0, 1), min_size=1, max_size=30))
def test_an_interval_holds_its_estimate_and_lies_within_the_values(values):
    column = np.array([np.nan if value is None else value for value in values])
    share = Shares.mean(column)
    told = drawn([share], len(column), draws=200)[0]
    if share.value is None:
        assert np.isnan(told).all()
        return
    low, high = interval(told, share.value)
    assert np.nanmin(column) - 1e-9 <= low <= share.value <= high <= np.nanmax(column) + 1e-9


def test_draws_are_those_of_a_plain_loop():
    values = np.array([0.0, 1.0, 1.0, 0.25])
    confidence, answerable = np.array([0.1, 0.9, 0.4, 0.6]), np.array([False, True, True, False])
    told = drawn([Shares.mean(values), Auroc(confidence, answerable)], 4, draws=50, seed=3)
    chosen = np.random.default_rng(3).integers(0, 4, (50, 4))
    assert told[0] == pytest.approx([values[rows].mean() for rows in chosen])
    for area, rows in zip(told[1], chosen, strict=True):
        pairs = [(confidence[a], confidence[b]) for a in rows for b in rows if answerable[a] > answerable[b]]
        if pairs:
            assert area == pytest.approx(sum((a > b) + (a == b) / 2 for a, b in pairs) / len(pairs))
        else:
            assert np.isnan(area)


def test_the_same_seed_gives_the_same_draws_in_one_block_or_in_many(monkeypatch):
    share = Shares.mean(np.linspace(0, 1, 40))
    whole = drawn([share], 40, draws=100)
    monkeypatch.setattr("onrecord.evaluation.resampling._BLOCK", 400)
    assert drawn([share], 40, draws=100) == pytest.approx(whole)
    assert drawn([share], 40, draws=100, seed=1) != pytest.approx(whole)


def test_an_interval_narrows_with_more_questions():
    few, many = (figures_of(numbered([BLANK, replace(BLANK, gold_rank=2)] * n))["gold@1"] for n in (5, 500))
    assert few.value == many.value == 0.5
    assert few.high - few.low > 4 * (many.high - many.low)
    assert many.high - many.low == pytest.approx(2 * 1.96 * 0.5 / 1000**0.5, rel=0.15)


# Figures


def test_figures_of_records_counted_by_hand():
    told = figures_of(
        numbered([
            BLANK,
            replace(BLANK, article_rank=3, gold_rank=2, shown_rank=0, refused=True, confidence=0.4),
            unanswerable(refused=True, confidence=0.2),
            unanswerable(refused=False, confidence=0.6),
        ])
    )  # fmt: skip
    assert {name: figure.value for name, figure in told.items()} == {
        "hit@1": 0.5, "hit@10": 1.0, "MRR": pytest.approx(2 / 3), "nDCG@10": 1.0, "answer@1": None,
        "answer@3": None, "gold@1": 0.5, "gold@3": 1.0, "shown@1": 0.5, "shown@3": 0.5, "AUROC": 0.75,
        "refused": 0.5, "falsely": 0.5, "claims": None, "exact": 1.0,
    }  # fmt: skip
    assert told["AUROC"].count == 4
    assert told["gold@1"].count == 2


@pytest.mark.parametrize("found", [[BLANK], [unanswerable(refused=True)], []])
def test_without_both_kinds_of_questions_there_is_no_auroc(found):
    told = figures_of(numbered(found))["AUROC"]
    assert (told.value, told.low, told.high, told.count) == (None, None, None, 0)


@given(RUNS)
def test_every_figure_lies_in_its_interval_and_kinds_add_up(measured):
    for figure in figures_of(measured.records, draws=50).values():
        if figure.value is not None:
            assert -1e-9 <= figure.low <= figure.value <= figure.high <= 1 + 1e-9
    kinds = by_kind(measured.records)
    assert sum(map(len, kinds.values())) == (len(measured.records) if kinds else 0)


# Comparisons


@given(RUNS)
def test_a_run_beside_itself_changes_nothing(measured):
    told = compare_runs(measured, measured, draws=50)
    assert told.questions == len(measured.records)
    assert (told.gained, told.lost, told.changed, told.only_old, told.only_new) == ((), (), (), 0, 0)
    for each in told.differences.values():
        assert (each.difference, each.low, each.high) in ((0.0, 0.0, 0.0), (None, None, None))
        assert not each.sure


def test_questions_that_changed_are_listed():
    gold = Shown("a", 0, 4, "gold")
    old = run(BLANK, BLANK, replace(BLANK, shown_rank=2), unanswerable(refused=False), BLANK)
    new = run(
        BLANK, replace(BLANK, shown_rank=0, refused=True), BLANK, unanswerable(refused=True),
        replace(BLANK, shown=(gold,)),
    )  # fmt: skip
    told = compare_runs(old, new)
    assert [change.id for change in told.lost] == ["1"]
    assert [change.id for change in told.gained] == ["2", "3"]
    assert [change.id for change in told.changed] == ["4"]
    assert (told.lost[0].before, told.lost[0].after) == ("right in quotation 1", "falsely refused (0.90)")
    lines = list(change_lines(told))
    assert [line for line in lines if not line.startswith(" ")] == ["changed: 1", "gained: 2", "lost: 1"]


def test_only_questions_that_both_have_are_compared():
    old, new = run(BLANK, replace(BLANK, gold_rank=2)), run(BLANK, replace(BLANK, question="Why?"), BLANK)
    told = compare_runs(old, new)
    assert (told.questions, told.only_old, told.only_new) == (1, 1, 2)
    assert told.differences["gold@1"].difference == 0.0
    assert comparison_grid(told).note == "1 only in the old run; 2 only in the new run"


def test_a_difference_that_every_draw_has_is_sure():
    old, new = run(*[replace(BLANK, gold_rank=2)] * 20), run(*[BLANK] * 20)
    told = compare_runs(old, new).differences["gold@1"]
    assert (told.old, told.new, told.difference, told.low, told.high) == (0.0, 1.0, 1.0, 1.0, 1.0)
    assert told.sure
    one = compare_runs(run(*[BLANK] * 20), run(replace(BLANK, gold_rank=0), *[BLANK] * 19))
    assert one.differences["gold@1"].difference == pytest.approx(-0.05)
    assert not one.differences["gold@1"].sure


def test_runs_without_a_common_question_are_not_compared():
    for other in (run(BLANK, name="another"), run(BLANK, system="BM25"), run()):
        with pytest.raises(EvaluationError, match="no question in common"):
            compare([run(BLANK)], [other])


# Files


def test_runs_are_read_back_as_they_were_written(tmp_path):
    shown = Shown("a", 0, 4, "“gold” \u2028 🙂", 0.5, "Ann Marlow")
    written = run(replace(BLANK, kind="who", quotations=(shown,), shown=(shown,)), unanswerable(refused=True))
    write_json(tmp_path / "r.json", runs_dict([written], speech={"f1": 0.9}))
    assert read_runs(tmp_path / "r.json") == [written]
    row = json.loads((tmp_path / "r.json").read_text(encoding="utf-8"))["runs"][0]
    assert row["figures"]["AUROC"]["value"] == 1.0
    assert list(row["figures"]) == list(METRICS)
    assert row["kinds"]["who"]["gold@1"]["value"] == 1.0


def test_half_a_character_in_a_question_does_not_spoil_the_file(tmp_path):
    written = run(replace(BLANK, question="\ud800?"))
    write_json(tmp_path / "r.json", runs_dict([written]))
    assert read_runs(tmp_path / "r.json") == [written]


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        ("{", "is not JSON"),
        ("[]", "holds no results of this version"),
        ('{"schema": 99}', "holds no results of this version"),
        ('{"schema": 1, "runs": [{"set": "a"}]}', "is damaged"),
        ('{"schema": 1, "runs": 5}', "is damaged"),
        (None, "cannot be read"),
    ],
)
def test_a_file_that_holds_no_results_is_refused(tmp_path, content, complaint):
    path = tmp_path / "r.json"
    if content is not None:
        path.write_text(content)
    with pytest.raises(EvaluationError, match=complaint) as told:
        read_runs(path)
    assert str(path) in str(told.value)
    assert "onrecord eval --json" in told.value.remedy


def test_a_table_replaces_what_stood_between_its_marks_and_nothing_else(tmp_path):
    page = tmp_path / "page.md"
    page.write_text(
        "# Ours\n\n<!-- a -->\nold\n<!-- /a -->\n\nAfter.\n<!-- b --><!-- /b -->\n", encoding="utf-8"
    )
    write_page(page, {"a": "| new |"})
    text = page.read_text(encoding="utf-8")
    assert text == "# Ours\n\n<!-- a -->\n\n| new |\n\n<!-- /a -->\n\nAfter.\n<!-- b --><!-- /b -->\n"
    write_page(page, {"b": "| b |"})
    assert page.read_text(encoding="utf-8") == text.replace("<!-- b -->", "<!-- b -->\n\n| b |\n\n")


def test_a_page_is_made_where_there_is_none(tmp_path):
    write_page(tmp_path / "page.md", {"a": "| 1 |"})
    write_page(tmp_path / "page.md", {"a": "| 2 |"})
    assert (tmp_path / "page.md").read_text() == "<!-- a -->\n\n| 2 |\n\n<!-- /a -->\n"


@pytest.mark.parametrize(
    "page", ["", "<!-- a -->", "<!-- /a --><!-- a -->", "<!-- a --><!-- /a --><!-- a --><!-- /a -->"]
)
def test_a_page_without_a_place_for_the_table_is_left_alone(tmp_path, page):
    path = tmp_path / "page.md"
    path.write_text(page)
    with pytest.raises(EvaluationError, match="has no place for the table") as told:
        write_page(path, {"a": "| 1 |"})
    assert "<!-- a -->" in told.value.remedy
    assert path.read_text() == page
    assert [each.name for each in tmp_path.iterdir()] == ["page.md"]


def test_what_cannot_be_written_is_said(tmp_path):
    with pytest.raises(EvaluationError, match="cannot be written"):
        write_json(tmp_path / "missing" / "r.json", {})


# Tables


def test_a_table_has_a_column_for_each_system_or_kind(capsys):
    plain = run(replace(BLANK, gold_rank=0), unanswerable(refused=False), system="plain")
    ours = run(replace(BLANK, kind="who"), replace(unanswerable(refused=True), kind="a|b"))
    grid = runs_grid([plain, ours])
    assert grid.header == ("", "plain", "95 %", "onrecord", "95 %")
    rows = {row[0]: row[1:] for row in grid.rows}
    assert rows["questions"] == ("2", "", "2", "")
    assert rows["gold@1"] == ("0.000", "0.00–0.00", "1.000", "1.00–1.00")
    grid = runs_grid([ours])
    assert grid.header == ("", "onrecord", "95 %", "who", "a|b")
    assert {row[0]: row[3:] for row in grid.rows}["gold@1"] == ("1.000", "-")
    assert "answer@1" not in rows
    assert "a\\|b" in markdown([grid])
    assert (
        len(
            {line.count("|") - line.count("\\|") for line in markdown([grid]).splitlines() if line[:1] == "|"}
        )
        == 1
    )
    print_grid(console(), grid)
    assert "set: 2 questions, 1 answerable, 7 articles" in capsys.readouterr().out


def test_a_share_that_is_not_whole_never_looks_so():
    spoilt = replace(BLANK, checked=10_000, inexact=(Shown("a", 0, 1, "x"),))
    assert dict(row[:2] for row in runs_grid([run(spoilt)]).rows)["exact"] == "0.999900"


def test_markdown_of_a_table_keeps_its_lines():
    assert markdown([Grid("a*b", ("", "n"), (("line\nbreak", "1"),), "note")]) == (
        "**a\\*b**\n\n|  | n |\n|---|--:|\n| line break | 1 |\n\nnote."
    )


def test_misses_say_what_was_wanted_and_what_came():
    wrong = replace(BLANK, shown_rank=2, quotations=(Shown("a", 0, 4, "He\nleft"),))
    assert list(miss_lines(run(BLANK, wrong, unanswerable(refused=True)))) == [
        "1 right in quotation 2: Who? | wanted: gold | first: He left"
    ]
