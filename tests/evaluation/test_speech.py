"""The measures of who said what, on cases small enough to count by hand."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onrecord.types import Article
from tools.eval.attributions import Gold, evaluate
from tools.eval.metrics.content import Found, count_found, overlap, trim
from tools.eval.metrics.speaker import Accuracy, Verdict, judge_speaker
from tools.eval.turns import evaluate_turns, reference_turns

SPANS = st.lists(
    st.tuples(st.integers(0, 50), st.integers(1, 20)).map(lambda pair: (pair[0], sum(pair))), max_size=6
)


def test_precision_recall_and_f1():
    found = count_found([(0, 10), (20, 30), (40, 50)], [(0, 10), (21, 30)], at_least=0.8)
    assert found == Found(3, 2, 2)
    assert (found.precision, found.recall, found.f1) == (1.0, 2 / 3, 0.8)
    assert count_found([(0, 10), (20, 30)], [(0, 10), (21, 30)], at_least=1.0) == Found(2, 2, 1)
    assert (Found().precision, Found().recall, Found().f1) == (None, None, None)


def test_each_span_is_counted_once():
    assert count_found([(0, 10)], [(0, 10), (0, 10)], at_least=0.8) == Found(1, 2, 1)
    assert count_found([(0, 10), (0, 9)], [(0, 9)], at_least=0.8) == Found(2, 1, 1)


def test_overlap_is_of_the_longer_span():
    assert overlap((0, 10), (0, 8)) == overlap((0, 8), (0, 10)) == 0.8
    assert overlap((0, 10), (10, 20)) == 0.0


@given(SPANS, SPANS)
def test_a_pair_needs_one_of_each_and_what_is_equal_is_found(gold, shown):
    found = count_found(gold, shown, at_least=0.8)
    assert found.both <= min(len(gold), len(shown))
    assert count_found(gold, gold, at_least=1.0).f1 in (1.0, None)


def test_marks_and_points_are_cut_from_the_ends():
    text = " “We agree,” she said."
    assert trim(text, (0, 12)) == (2, 11)
    assert trim(text, (0, 12), points=",") == (2, 10)
    assert trim("“”", (0, 2)) == (2, 2)


@pytest.mark.parametrize(
    ("speaker", "span", "verdict"),
    [
        ("Somebody Else", (5, 8), Verdict.RIGHT),
        ("Antony Blinken", (50, 60), Verdict.RIGHT),
        ("Josep Borrell", (50, 60), Verdict.WRONG),
        (None, (50, 60), Verdict.UNKNOWN),
        ("", None, Verdict.UNKNOWN),
    ],
)
def test_a_speaker_is_right_by_place_or_by_name(speaker, span, verdict):
    assert judge_speaker("Blinken", [(0, 7)], speaker=speaker, span=span) is verdict


def test_what_is_unknown_or_missed_is_not_right():
    assert Accuracy.of(Verdict) == Accuracy(1, 4)
    assert Accuracy.of([]).share is None


TEXT = (
    "“We will not yield,” Kaja Kallas said. She wants peace. “It is so,” said Mr. Orban. He is for “peace”."
)


def gold(source: str, content: str, *, direct: bool = True) -> Gold:
    at, place = TEXT.index(source), TEXT.index(content)
    return Gold(source, ((at, at + len(source)),), ((place, place + len(content)),), direct, named=True)


def measured(*annotated: Gold):
    return evaluate(iter([(Article("a", "a", "", TEXT, "0" * 64), list(annotated))]))


def test_quotations_and_speakers_of_a_text():
    result = measured(gold("Kaja Kallas", "“We will not yield,”"), gold("Mr. Orban", "“It is so,”"))
    assert result.exact == result.near == result.flagged == result.apart == Found(2, 2, 2)
    assert result.named == [Verdict.RIGHT, Verdict.RIGHT]
    assert not result.errors


def test_errors_are_put_in_classes():
    result = measured(
        gold("Mr. Orban", "“We will not yield,”"),
        gold("Kaja Kallas", "“peace”"),
        gold("She", "is for", direct=False),
    )
    assert result.exact == Found(2, 2, 1)
    assert result.named == [Verdict.WRONG, Verdict.MISSED]
    assert dict(result.errors) == {
        "direct: missed": 1,
        "shown as direct: not annotated, or scare quotes": 1,
        "direct, speaker: wrong, another phrase of the sentence": 1,
        "direct, speaker: missed": 1,
        "indirect, speaker: missed": 1,
    }


BRIEFING = """MS. MARLOW: Hi, everyone.

We have news.

Q  Why now?

SENIOR ADMINISTRATION OFFICIAL: Good question.

(Laughter.)

END 1:40 P.M. EDT
"""


def test_turns_by_their_labels():
    turns = [(one.label, BRIEFING[one.start : one.end].strip()) for one in reference_turns(BRIEFING)]
    assert turns == [
        ("MS. MARLOW", "Hi, everyone.\n\nWe have news."),
        ("Q", "Why now?"),
        ("SENIOR ADMINISTRATION OFFICIAL", "Good question."),
    ]
    assert reference_turns("MS. MARLOW: Hi.\n\nNo transcript.") == []


def test_turns_given_to_their_speakers_and_questions_to_nobody():
    title = "Press Briefing by Press Secretary Ann Marlow, July 4, 2021"
    result = evaluate_turns(iter([Article("a", "a", title, BRIEFING, "0" * 64)]))
    assert (result.turns, result.right, result.questions, result.credited) == (2, 2, 1, 0)
    assert result.accuracy == 1.0
