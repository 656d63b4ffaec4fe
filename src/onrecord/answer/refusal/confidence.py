"""How sure an answer is: what the rankings say, moved by the rules, and what hangs on it.

The threshold that it is held against is :attr:`onrecord.settings.Settings.threshold`, handed down by
:mod:`onrecord.answer.steps`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from onrecord.answer.constraint_check import keeping
from onrecord.answer.refusal.reasons import explained, missing_words, searched
from onrecord.answer.refusal.rules import (
    OF_A_RANKING,
    OF_THE_ANSWER,
    OF_THE_SENTENCES,
    AnswerCase,
    C,
    Case,
    Condition,
    Rule,
    takes_for_granted,
)
from onrecord.answer.state import Read, Retrieved, grown
from onrecord.question.query import Query
from onrecord.retrieval.constraints import APPLIED, Bound, fitting
from onrecord.retrieval.features import Features
from onrecord.retrieval.judge import Judge, between
from onrecord.types import Quote

SHOWN_IN_DOUBT = 3
"""So many quotations at least stand under a doubt, that a reader sees what the person did say."""
_SURE = 0.9


def settled(rules: Sequence[Rule[C]], case: C) -> tuple[float, tuple[Condition[C], ...]]:
    """Apply rules in their order: gives the confidence that is left, and which of the conditions held."""
    said, held = case.confidence, []
    for condition, effect in rules:
        if condition(case):
            case = replace(case, confidence=effect(case, said))
            held.append(condition)
    return case.confidence, tuple(held)


def fitness(query: Query, features: Features, scores: npt.NDArray[np.float32]) -> float:
    """Give the share that the rules leave of what a ranking says of its best sentence."""
    return settled(OF_A_RANKING, Case(query, features, scores, confidence=1.0, threshold=0.0))[0]


def confidence_of(judge: Judge, case: Case) -> float:
    """Say how sure it is that the best sentence answers, before quotations are chosen, in [0, 1]."""
    if not case.found:
        return 0.0
    if case.query.listing:  # “Everything Miller said”: all that somebody said is answered by whatever it is
        return 1.0
    sure = [
        settled(OF_A_RANKING, replace(case, features=of.features, scores=of.scores, confidence=of.sure))[0]
        for of in judge.opinions(case.query, case.features, case.scores)
    ]
    both = sure[0] if len(sure) == 1 else float(between(*map(np.array, sure)))
    return settled(OF_THE_SENTENCES, replace(case, confidence=both))[0]


# --- what a question names beside its subject is kept to, where what keeps to it answers


def narrowed(
    judge: Judge,
    retrieved: Retrieved,
    features: Features,
    scores: npt.NDArray[np.float32],
    *,
    threshold: float,
) -> tuple[Features, npt.NDArray[np.float32], tuple[Bound, ...]]:
    """Keep to the outlet, days and place that the question names, where what keeps to them answers.

    “What did Ostrow say about the harbour in 2022?” is answered by her words of that year, though those of
    2023 be nearer to the question. Where nothing of that year answers, all of it is left in, and the answer
    says in one line that it does not keep to the year.
    """
    index, candidates = retrieved.found.index, retrieved.found.candidates
    case = Case(retrieved.query, features, scores, confidence=0.0, threshold=threshold)
    named = any(bound.limit in APPLIED for bound in retrieved.bounds)
    if not named or confidence_of(judge, case) < threshold:
        return features, scores, ()  # what answers nothing answers nothing of those days
    kept: list[Bound] = []
    for limit in APPLIED:
        bounds = [bound for bound in retrieved.bounds if bound.limit is limit and bound.applied]
        if not bounds:
            continue
        fits = fitting(index, case.query, bounds, candidates, case.features)
        fewer = replace(case.features, usable=case.features.usable & fits)
        own = replace(case, features=fewer, scores=np.where(fits, case.scores, np.float32(-np.inf)))
        if confidence_of(judge, own) >= threshold:
            case, kept = own, [*kept, *bounds]
    return case.features, case.scores, tuple(kept)


def keeping_to(retrieved: Retrieved, kept: Sequence[Bound], ranked: Sequence[Quote]) -> tuple[Quote, ...]:
    """Take the quotations that keep to the bounds the search was narrowed to, any one of each kind.

    A report of June may quote what was said in March, and is no answer to what was said in June.
    """
    index, query = retrieved.found.index, retrieved.query
    kinds = [[bound for bound in kept if bound.limit is limit] for limit in APPLIED]
    return tuple(
        quote for quote in ranked if all(keeping(index, query, bounds, quote) for bounds in kinds if bounds)
    )


def letting_go(retrieved: Retrieved, kept: Sequence[Bound]) -> Retrieved:
    """Let go of bounds that nothing keeps to; an answer says of those that are left whether they are met."""
    bounds = (replace(bound, applied=False) if bound in kept else bound for bound in retrieved.bounds)
    return replace(retrieved, _bounds=tuple(bounds))


# --- the decision


def decided(
    judge: Judge,
    retrieved: Retrieved,
    ranked: tuple[Quote, ...],
    features: Features,
    scores: npt.NDArray[np.float32],
    *,
    threshold: float,
) -> Read:
    """Decide how sure it is that the best quotations answer, and give the reason where they do not."""
    missing = missing_words(retrieved.query, features)
    case = AnswerCase(
        retrieved.query, features, scores, 0.0, threshold, retrieved=retrieved, ranked=ranked, missing=missing
    )
    case = replace(case, confidence=confidence_of(judge, case))
    confidence, held = settled(OF_THE_ANSWER, case)
    read = grown(
        Read,
        retrieved,
        ranked=ranked,
        confidence=confidence,
        threshold=threshold,
        doubted=takes_for_granted in held,
        searched=searched(retrieved),
        reason="",
        _parts=(),
        _features=features,
        _scores=scores,
    )
    return explained(read, missing)


def surest(reads: Sequence[Read]) -> float:
    """Give the confidence of a question of several parts: that of the part which is answered best.

    “What did Ostrow say about the harbour, and what did Macron reply?” is no wrong answer where Macron said
    nothing: it names the part that it lacks.
    """
    return max(read.confidence for read in reads)


def outweighs_model(read: Read) -> bool:
    """Say whether an answer stands although a chat model found none in the sentences that it was shown.

    No question is on record for it. It guards against a model that says so beside a plain answer, as small
    ones do, and leaves it the last word wherever that is in doubt.
    """
    return read.confidence >= _SURE
