"""Figures: every metric over a run's records, with its interval, for all questions and for each kind."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from onrecord.evaluation.metrics.auroc import Auroc
from onrecord.evaluation.metrics.claim_support import claim_support
from onrecord.evaluation.metrics.exactness import exactness
from onrecord.evaluation.metrics.hit import hits_at
from onrecord.evaluation.metrics.mrr import reciprocal_ranks
from onrecord.evaluation.metrics.refusal import refusals
from onrecord.evaluation.metrics.shares import FloatArray, Measured, Shares
from onrecord.evaluation.record import Record
from onrecord.evaluation.resampling import DRAWS, drawn, interval

Records = Sequence[Record]


def _column(records: Records, name: str) -> FloatArray:
    """Give one field of every record as numbers, NaN for None, shape [records]."""
    values = (getattr(record, name) for record in records)
    return np.array([np.nan if value is None else float(value) for value in values], np.float64)


def _hits(name: str, k: int) -> Callable[[Records], Measured]:
    return lambda records: hits_at(_column(records, name), k)


def _refused(records: Records, *, answerable: bool) -> Measured:
    among = _column(records, "answerable") == answerable
    return refusals(_column(records, "refused") > 0, among)


def _exact(records: Records) -> Measured:
    inexact = np.array([len(record.inexact) for record in records], np.float64)
    return exactness(_column(records, "checked"), inexact)


METRICS: Mapping[str, Callable[[Records], Measured]] = {
    "hit@1": _hits("article_rank", 1),
    "hit@10": _hits("article_rank", 10),
    "MRR": lambda records: reciprocal_ranks(_column(records, "article_rank")),
    "nDCG@10": lambda records: Shares.mean(_column(records, "ndcg")),
    "answer@1": _hits("answer_rank", 1),
    "answer@3": _hits("answer_rank", 3),
    "gold@1": _hits("gold_rank", 1),
    "gold@3": _hits("gold_rank", 3),
    "shown@1": _hits("shown_rank", 1),
    "shown@3": _hits("shown_rank", 3),
    "AUROC": lambda records: Auroc(_column(records, "confidence"), _column(records, "answerable") > 0),
    "refused": lambda records: _refused(records, answerable=False),
    "falsely": lambda records: _refused(records, answerable=True),
    "claims": lambda records: claim_support(_column(records, "claims"), _column(records, "dropped")),
    "exact": _exact,
}
"""Name to what measures it. Of all but ``falsely`` a higher figure is better."""

LEGEND = f"""\
hit, MRR and nDCG count articles, by the passages found. answer@k: the words of a short answer stand in
one of the first k quotations; gold@k: one of them covers at least half of a gold quote; both before any
refusal. shown@k: either, in what is shown after it. AUROC: of the confidence, answerable against
unanswerable. refused: of the unanswerable; falsely: of the answerable. claims: sentences of a chat model
that passed verification. exact: quotations and passages that are slices of their articles. Intervals are
95 %, by drawing the questions again {DRAWS:,} times."""


@dataclass(frozen=True, slots=True)
class Figure:
    """One metric.

    Attributes:
        value: None where there is nothing to count.
        low: Lower end of the 95 % interval.
        high: Upper end.
        count: How many questions count.
    """

    value: float | None
    low: float | None
    high: float | None
    count: int


def measures_of(records: Records) -> dict[str, Measured]:
    """Prepare every metric over some records."""
    return {name: metric(records) for name, metric in METRICS.items()}


def figures_of(records: Records, *, draws: int = DRAWS) -> dict[str, Figure]:
    """Measure some records."""
    measures = measures_of(records)
    told = drawn(list(measures.values()), len(records), draws=draws)
    return {name: _figure(each, row) for (name, each), row in zip(measures.items(), told, strict=True)}


def _figure(measure: Measured, values: FloatArray) -> Figure:
    value = measure.value
    low, high = (None, None) if value is None else interval(values, value)
    return Figure(value, low, high, measure.count)


def by_kind(records: Records) -> dict[str, list[Record]]:
    """Sort records by the kind of their question; empty where there is only one kind."""
    kinds: dict[str, list[Record]] = {}
    for record in records:
        kinds.setdefault(record.kind, []).append(record)
    return kinds if len(kinds) > 1 else {}
