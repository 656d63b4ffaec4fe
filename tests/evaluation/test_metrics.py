"""The metrics of the evaluation, on cases small enough to count by hand."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from onrecord.evaluation.metrics.answer_in_quotation import first_with_answer
from onrecord.evaluation.metrics.auroc import Auroc, auroc
from onrecord.evaluation.metrics.claim_support import claim_support
from onrecord.evaluation.metrics.exactness import exactness, find_inexact
from onrecord.evaluation.metrics.gold_quotation import first_with_gold, gold_places
from onrecord.evaluation.metrics.hit import first_gold, hits_at
from onrecord.evaluation.metrics.mrr import reciprocal_ranks
from onrecord.evaluation.metrics.ndcg import ndcg_at
from onrecord.evaluation.metrics.refusal import refusals
from onrecord.evaluation.metrics.shares import Shares
from onrecord.evaluation.metrics.spans import covers, occurrences
from onrecord.evaluation.outcome import Outcome, Shown
from onrecord.evaluation.questions import Document, Evidence, Question, QuestionSet, part_of
from onrecord.evaluation.record import records_of
from tools.eval.deciding import decided, threshold_at
from tools.eval.metrics.dated_speaker import first_of_speaker_and_day
from tools.eval.plain_bm25 import BM25
from tools.eval.plain_text import PASSAGE_CHARS, cut, cut_sentences

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


# Answer and gold in quotation


def gold_rank(quotations: list[Shown], question: Question) -> int:
    return first_with_gold(quotations, gold_places(question, DOCUMENTS))


def test_place_needs_the_right_article():
    question = asked("q", "We agree")
    elsewhere = Shown("b", 0, len(TEXT), TEXT)
    assert gold_rank([elsewhere], question) == 0
    assert gold_rank([elsewhere, shown(0, 8), shown(9, 30)], question) == 3


def test_any_occurrence_of_the_gold_counts():
    assert gold_rank([shown(31, 45)], asked("q", "He left")) == 1
    assert gold_places(asked("q", "He left"), DOCUMENTS) == {("a", (0, 7)), ("a", (31, 38))}


def test_words_count_wherever_they_stand_and_without_case():
    assert first_with_answer([shown(0, 8), shown(0, 20, "b")], ["", "NOTHING OF"]) == 2
    assert first_with_answer([shown(0, 20, "b")], [""]) == 0


# Ranks


def test_ranks_of_articles():
    ranks = [first_gold(("b", "a"), {"a"}), first_gold(("b",), {"a"}), first_gold(("a", "b"), {"a", "b"})]
    assert ranks == [2, 0, 1]
    column = np.array([*ranks, np.nan])
    assert hits_at(column, 1).value == pytest.approx(1 / 3)
    assert hits_at(column, 2).value == pytest.approx(2 / 3)
    assert reciprocal_ranks(column).value == pytest.approx(0.5)
    assert hits_at(column, 1).count == reciprocal_ranks(column).count == 3
    assert hits_at(column[3:], 1).value is reciprocal_ranks(column[3:]).value is None


def test_ndcg_by_hand():
    assert ndcg_at(("a", "b"), {"a", "b"}, 10) == 1.0
    assert ndcg_at(("x", "a"), {"a"}, 10) == pytest.approx(1 / math.log2(3))
    assert ndcg_at(("a", "x", "b"), {"a", "b"}, 10) == pytest.approx(1.5 / (1 + 1 / math.log2(3)))
    assert ndcg_at(("x", "a"), {"a"}, 1) == ndcg_at((), {"a"}, 10) == 0.0
    assert ndcg_at(("a",), set(), 10) is None


@given(st.permutations("abcdefgh"), st.sets(st.sampled_from("abcdexyz"), min_size=1), st.integers(1, 10))
def test_ndcg_lies_between_none_and_the_best_ranking(ranked, gold, k):
    told = ndcg_at(ranked, gold, k)
    assert 0 <= told <= 1 + 1e-9
    best = sorted(ranked, key=lambda each: each not in gold)
    assert told <= ndcg_at(best, gold, k) + 1e-9
    assert (told == 0) == gold.isdisjoint(ranked[:k])


# Refusals


def test_auroc_counts_pairs_and_half_of_the_ties():
    assert auroc([2, 3], [0, 1]) == 1.0
    assert auroc([0, 1], [2, 3]) == 0.0
    assert auroc([1, 1], [1]) == 0.5
    assert auroc([0.9, 0.4], [0.5, 0.1]) == 0.75
    assert auroc([], [1]) is auroc([1], []) is auroc([], []) is None


@given(SCORES, SCORES)
def test_auroc_is_the_share_of_pairs_in_order(yes, no):
    if not yes or not no:
        assert auroc(yes, no) is None
        return
    won = sum((a > b) + (a == b) / 2 for a in yes for b in no)
    assert auroc(yes, no) == pytest.approx(won / (len(yes) * len(no)))


@given(
    st.lists(st.tuples(st.sampled_from([0.1, 0.2, 0.3, 0.4]), st.booleans(), st.integers(0, 3)), min_size=1)
)
def test_auroc_of_a_draw_is_that_of_the_questions_drawn(rows):
    confidence, answerable, weights = (np.array(column) for column in zip(*rows, strict=True))
    told = Auroc(confidence, answerable).drawn(weights[None, :].astype(float))[0]
    many = np.repeat(np.arange(len(rows)), weights)
    plain = auroc(confidence[many[answerable[many]]], confidence[many[~answerable[many]]])
    assert (np.isnan(told) and plain is None) or told == pytest.approx(plain)


def test_refusals_are_counted_among_those_that_count():
    refused, among = np.array([True, False, True]), np.array([True, True, False])
    assert refusals(refused, among).value == 0.5
    assert refusals(refused, np.zeros(3, bool)).value is None


@given(SCORES, st.floats(0, 1))
def test_a_threshold_costs_no_more_than_it_may(scores, rate):
    limit = threshold_at(scores, rate)
    assert sum(value < limit for value in scores) <= rate * len(scores) + 1e-6


def test_the_threshold_is_the_highest_allowed():
    assert threshold_at([0.1, 0.2, 0.3, 0.4], 0.25) == 0.2
    assert threshold_at([0.1, 0.2], 1.0) == math.inf


# Claims and exact slices


def test_claims_are_counted_over_all_answers():
    support = claim_support(np.array([2.0, 0.0, 1.0]), np.array([0.0, 0.0, 1.0]))
    assert (support.value, support.count) == (0.75, 2)
    assert claim_support(np.zeros(2), np.zeros(2)).value is None


def test_what_is_no_slice_of_its_article_is_found():
    wrong = (
        Shown("a", 0, 8, "He left!"), Shown("a", 1, 9, "He left."), Shown("a", 3, 3, ""),
        Shown("c", 0, 8, "He left."), Shown("a", -5, len(TEXT), TEXT[-5:]),
    )  # fmt: skip
    assert find_inexact([shown(0, 8), *wrong, shown(9, 20)], DOCUMENTS) == wrong
    assert exactness(np.array([7.0, 3.0]), np.array([1.0, 0.0])).value == 0.9


def test_a_mean_leaves_out_what_does_not_count_in_any_draw():
    share = Shares.mean(np.array([1.0, np.nan, 0.0]))
    assert (share.value, share.count) == (0.5, 2)
    drawn = share.drawn(np.array([[2.0, 1.0, 0.0], [0.0, 3.0, 0.0]]))
    assert drawn[0] == 1.0
    assert np.isnan(drawn[1])


# Records


def outcome(confidence: float, *quotations: Shown, refused: bool = False) -> Outcome:
    return Outcome(("a",), quotations, confidence, refused, () if refused else quotations)


def test_a_record_says_where_the_gold_stands():
    questions = QuestionSet(
        "s", DOCUMENTS, (asked("1", "We agree", answers=("left",)), asked("2", "We agree"), asked("3"))
    )
    wrong, right = shown(0, 8), shown(9, 30)
    first, second, third = records_of(
        questions, [outcome(0.9, wrong, right), outcome(0.2, right, refused=True), outcome(0.5, wrong)]
    )
    assert (first.article_rank, first.gold_rank, first.answer_rank, first.shown_rank) == (1, 2, 1, 1)
    assert (second.gold_rank, second.answer_rank, second.shown_rank, second.right) == (1, None, 0, False)
    assert (third.article_rank, third.ndcg, third.gold_rank, third.right) == (None, None, None, False)
    told = [record.told for record in (first, second, third)]
    assert told == [
        "right in quotation 1", "falsely refused (0.20)", "answered, though nothing answers it (0.50)",
    ]  # fmt: skip


def test_a_question_whose_answer_has_no_known_words_is_not_judged():
    questions = QuestionSet("s", DOCUMENTS, (Question("1", "?", True, (Evidence("a"),)),))
    (record,) = records_of(questions, [outcome(0.9, shown(0, 8))])
    assert (record.article_rank, record.shown_rank, record.right) == (1, None, None)
    assert record.told == "answered (0.90)"


def test_long_answers_are_not_looked_for_in_quotations():
    short, long = asked("1", answers=("We agree",)), asked("2", answers=("one two three four five six",))
    assert QuestionSet("s", DOCUMENTS, (short,)).short_answers
    assert not QuestionSet("s", DOCUMENTS, (long,)).short_answers
    assert not QuestionSet("s", DOCUMENTS, (asked("3"),)).short_answers


def test_a_system_without_a_decision_gets_one_that_costs_as_much():
    questions = QuestionSet("s", DOCUMENTS, (asked("1", "We agree"), asked("2", "He left"), asked("3")))
    found = [outcome(0.9, shown(9, 30)), outcome(0.2, shown(0, 8)), outcome(0.5, shown(0, 8))]
    made = decided(questions, found, false_refusals=0.5)
    assert [each.refused for each in made] == [False, True, True]
    assert [len(each.shown) for each in made] == [1, 0, 0]


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
    assert first_of_speaker_and_day([other, other_day, Shown("a", 0, 5, "xxxxx")], question, documents) == 0
