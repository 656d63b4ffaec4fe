"""The metrics of the evaluation, on cases small enough to count by hand."""

from __future__ import annotations

import math
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.eval.metrics.auroc import auroc
from tests.eval.metrics.dated_speaker import first_of_speaker_and_day
from tests.eval.metrics.exact import NotExactError, count_exact
from tests.eval.metrics.quotation import first_by_place, first_by_words, rate_at
from tests.eval.metrics.rank import first_gold, hit_at, mean_reciprocal_rank
from tests.eval.metrics.refusal import refusal_rate, threshold_at
from tests.eval.metrics.spans import covers, occurrences
from tests.eval.outcome import Outcome, Shown
from tests.eval.plain_bm25 import BM25
from tests.eval.plain_text import PASSAGE_CHARS, cut, cut_sentences
from tests.eval.score import score
from tests.eval.seed import judge
from tests.eval.sets import Document, Evidence, Question, QuestionSet, part_of

TEXT = "He left. “We agree,” she said. He left again."
DOCUMENTS = {"a": Document("a", "", TEXT), "b": Document("b", "", "Nothing of the kind.")}
SCORES = st.lists(st.floats(0, 1, allow_nan=False), max_size=30)


def shown(start: int, end: int, document: str = "a") -> Shown:
    return Shown(document, start, end, DOCUMENTS[document].text[start:end])


def asked(name: str, quote: str | None = None, *, answers: tuple[str, ...] = (), group: str = "") -> Question:
    evidence = (Evidence("a", quote),) if quote else ()
    return Question(name, "?", bool(quote), evidence, answers, group=group)


# Spans


def test_every_occurrence_is_found_even_overlapping_ones():
    assert occurrences("banana", "ana") == [(1, 4), (3, 6)]
    assert occurrences("banana", "x") == []
    assert occurrences("banana", "") == []


@pytest.mark.parametrize(
    ("span", "expected"),
    [
        ((0, 100), True),
        ((10, 20), True),
        ((10, 15), True),
        ((10, 14), False),
        ((15, 40), True),
        ((20, 30), False),
    ],
)
def test_a_quotation_counts_when_it_holds_half_of_the_gold(span, expected):
    assert covers(span, (10, 20)) is expected


@given(st.text("ab", max_size=20), st.text("ab", min_size=1, max_size=3))
def test_occurrences_are_exact_and_complete(text, quote):
    found = occurrences(text, quote)
    assert all(text[start:end] == quote for start, end in found)
    assert len(found) == sum(text.startswith(quote, i) for i in range(len(text)))


# Answer in quotation


def test_place_needs_the_right_article():
    question = asked("q", "We agree")
    elsewhere = Shown("b", 0, len(TEXT), TEXT)
    assert first_by_place([elsewhere], question, DOCUMENTS) is None
    assert first_by_place([elsewhere, shown(0, 8), shown(9, 30)], question, DOCUMENTS) == 3


def test_any_occurrence_of_the_gold_counts():
    assert first_by_place([shown(31, 45)], asked("q", "He left"), DOCUMENTS) == 1


def test_words_count_wherever_they_stand_and_without_case():
    question = asked("q", "We agree", answers=("NOTHING OF",))
    assert first_by_words([shown(0, 8), shown(0, 20, "b")], question) == 2
    assert first_by_words([shown(0, 20, "b")], asked("q", "We agree")) is None


def test_rate_at_counts_ranks_up_to_k():
    assert rate_at([1, 3, 4, None], 3) == 0.5
    assert rate_at([], 3) is None


# Ranks


def test_ranks_of_articles():
    ranks = [first_gold(("b", "a"), {"a"}), first_gold(("b",), {"a"}), first_gold(("a", "b"), {"a", "b"})]
    assert ranks == [2, None, 1]
    assert hit_at(ranks, 1) == pytest.approx(1 / 3)
    assert mean_reciprocal_rank(ranks) == pytest.approx(0.5)
    assert hit_at([], 1) is mean_reciprocal_rank([]) is None


# Refusals


def test_auroc_counts_pairs_and_half_of_the_ties():
    assert auroc([2, 3], [0, 1]) == 1.0
    assert auroc([0, 1], [2, 3]) == 0.0
    assert auroc([1, 1], [1]) == 0.5
    assert auroc([0.9, 0.4], [0.5, 0.1]) == 0.75
    assert auroc([], [1]) is None


@given(SCORES, SCORES)
def test_auroc_is_the_share_of_pairs_in_order(yes, no):
    if not yes or not no:
        assert auroc(yes, no) is None
        return
    won = sum((a > b) + (a == b) / 2 for a in yes for b in no)
    assert auroc(yes, no) == pytest.approx(won / (len(yes) * len(no)))


@given(SCORES, st.floats(0, 1))
def test_a_threshold_costs_no_more_than_it_may(scores, rate):
    limit = threshold_at(scores, rate)
    assert sum(value < limit for value in scores) <= rate * len(scores) + 1e-6


def test_the_threshold_is_the_highest_allowed():
    assert threshold_at([0.1, 0.2, 0.3, 0.4], 0.25) == 0.2
    assert threshold_at([0.1, 0.2], 1.0) == math.inf
    assert refusal_rate([True, False]) == 0.5
    assert refusal_rate([]) is None


# Exact slices


def test_exact_slices_are_counted_and_others_stop_the_run():
    assert count_exact([shown(0, 8), shown(9, 20)], DOCUMENTS) == 2
    for wrong in (Shown("a", 0, 8, "He left!"), Shown("a", 1, 9, "He left."), Shown("a", 3, 3, "")):
        with pytest.raises(NotExactError):
            count_exact([wrong], DOCUMENTS)


# Rows


def outcome(confidence: float, *quotations: Shown, refused: bool | None = None) -> Outcome:
    return Outcome(("a",), quotations, confidence, refused, () if refused else quotations)


def test_a_system_that_decides_is_counted_as_it_decided_and_another_by_threshold():
    questions = QuestionSet("s", DOCUMENTS, (asked("1", "We agree"), asked("2", "He left"), asked("3")))
    right, wrong = shown(9, 30), shown(0, 20, "b")
    own = [outcome(0.9, right, refused=False), outcome(0.2, wrong, refused=True), outcome(0.5, refused=False)]
    row = score("x", questions, own)
    assert (row.hit_1, row.quotation_1, row.auroc) == (1.0, 0.5, 0.5)
    assert (row.falsely_refused, row.refused) == (0.5, 0.0)
    undecided = [outcome(0.9, right), outcome(0.2, wrong), outcome(0.5)]
    row = score("x", questions, undecided, false_refusals=0.5)
    assert (row.falsely_refused, row.refused) == (0.5, 1.0)


def test_seed_questions_count_what_is_shown_after_the_refusal():
    questions = QuestionSet("s", DOCUMENTS, (asked("1", "We agree"), asked("2", "We agree"), asked("3")))
    right = shown(9, 30)
    result = judge(
        questions,
        [
            outcome(0.9, right, refused=False),
            outcome(0.1, right, refused=True),
            outcome(0.8, right, refused=False),
        ],
    )
    assert (result.first, result.three, result.refused, result.falsely_refused) == (0.5, 0.5, 0, 1)
    assert len(result.misses) == 2
    assert not result.met


# Sets


def test_questions_on_one_article_share_their_half():
    questions = [asked(str(i), "He left", group="Oil_crisis") for i in range(40)]
    assert len({part_of(question) for question in questions}) == 1
    assert {part_of(asked(str(i))) for i in range(40)} == {"tune", "check"}


def test_a_sample_is_the_same_each_time_and_keeps_the_order():
    questions = QuestionSet("s", DOCUMENTS, tuple(asked(str(i)) for i in range(200)))
    tune, check = questions.part("tune"), questions.part("check")
    assert len(tune.questions) + len(check.questions) == 200
    sample = questions.part("all", limit=50)
    assert sample == questions.part("all", limit=50)
    assert [int(q.id) for q in sample.questions] == sorted(int(q.id) for q in sample.questions)
    assert set(questions.part("all", limit=20).questions) <= set(sample.questions)


# The plain system


@given(st.text(st.sampled_from('ab .!?"”\n\u00a0é'), max_size=300))
def test_plain_sentences_are_in_order_and_hold_every_visible_character(text):
    spans = cut_sentences(text)
    assert all(start < end for start, end in spans)
    assert all(a[1] <= b[0] for a, b in pairwise(spans))
    held = "".join(text[start:end] for start, end in spans)
    assert "".join(held.split()) == "".join(text.split())


def test_plain_passages_hold_whole_sentences_of_one_article():
    text = " ".join(f"Sentence number {i} says something." for i in range(100))
    passages = cut([Document("a", "", text), Document("b", "", "Short.")])
    assert all(passage.end - passage.start <= PASSAGE_CHARS for passage in passages)
    assert [passage.document for passage in passages][-2:] == ["a", "b"]
    assert [span for passage in passages[:-1] for span in passage.sentences] == cut_sentences(text)


def test_bm25_agrees_with_its_formula():
    texts = ["oil oil embargo", "oil prices rose and rose", "talks"]
    weight = 2 * 2.2 / (2 + 1.2 * (0.25 + 0.75 * 3 / 3))
    expected = math.log(1 + (3 - 2 + 0.5) / (2 + 0.5)) * weight
    scores = BM25(texts).scores("Oils")
    assert scores[0] == pytest.approx(expected, rel=1e-5)
    assert scores[0] > scores[1] > scores[2] == 0
    assert BM25(texts).scores("unheard of").max() == 0


def test_first_of_speaker_and_day():
    documents = {
        "a": Document("a", "", "x" * 50, date="2021-05-07"),
        "b": Document("b", "", "x" * 50, date="2021-05-08"),
    }
    question = Question("1", "?", answerable=True, evidence=(Evidence("a", "xx", "MS. PSAKI"),))
    right = Shown("a", 0, 5, "xxxxx", speaker="Jen Psaki")
    other_day = Shown("b", 0, 5, "xxxxx", speaker="Jen Psaki")
    other = Shown("a", 0, 5, "xxxxx", speaker="John Kirby")
    assert first_of_speaker_and_day([other, other_day, right], question, documents) == 3
    assert (
        first_of_speaker_and_day([other, other_day, Shown("a", 0, 5, "xxxxx")], question, documents) is None
    )
