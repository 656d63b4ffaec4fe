"""Beside each other: which statements of one person a comparing question is answered by."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from onrecord.answer.comparison import kinship
from onrecord.index.opened import Index
from onrecord.question.query import Query
from onrecord.retrieval.candidates import Candidates
from onrecord.retrieval.features import NAMES, Features

_MOST = 200
"""So many statements are compared with each other, each with each."""
_OWN_WORDS = 4.0
_APART = 8.0
"""What a statement loses that has nothing to do with the one beside it, in the reader's logits."""
_DIRECT, _ASKED_SPEAKER = NAMES.index("direct"), NAMES.index("asked_speaker")


def beside_each_other(
    index: Index, query: Query, candidates: Candidates, features: Features, scores: npt.NDArray[np.float32]
) -> npt.NDArray[np.float32]:
    """Lower what a person says by how little it has to do with the statement that it will stand beside.

    That statement is the best one, in the person's own words if it can be; of a question without a
    subject it is the one that the person's words in the other articles come nearest to.

    Args:
        index: Where.
        query: The question, read; it compares.
        candidates: The passages.
        features: Of their sentences.
        scores: Of them, shape [s]; -inf for what may not be quoted.

    Returns:
        The scores of what may stand beside each other, -inf for the rest; the scores as they are where
        the person does not speak in two articles.
    """
    direct = features.matrix[:, _DIRECT] > 0
    own = np.isfinite(scores) & (features.matrix[:, _ASKED_SPEAKER] > 0) & (direct | bool(query.about))
    own = _of_the_subject(query, features, own)
    at = np.flatnonzero(own)
    at = at[np.argsort(-scores[at], kind="stable")[:_MOST]]
    articles = index.store.passages["article"][candidates.rows[features.owner[at]]]
    if len(np.unique(articles)) < 2:
        return scores
    kin = kinship(index.store, features.rows[at], without=query.stems)
    if query.about:
        first = int(np.argmax(scores[at] + _OWN_WORDS * direct[at]))
    else:
        first = int(np.argmax(np.where(articles[:, None] != articles, kin, 0.0).max(axis=1)))
    ordered = np.full(len(scores), -np.inf, np.float32)
    ordered[at] = (scores[at] if query.about else scores[at].max()) - _APART * (1 - kin[first])
    return ordered


def _of_the_subject(query: Query, features: Features, own: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    """Keep to statements beside which the subject is named: a deal with Iran is no other deal.

    It is looked for in the sentence and its neighbours, else in the passage; in none of them, all are kept.
    """
    named = [column for column, stem in enumerate(query.stems) if stem in query.names & query.about]
    near = passage = own
    same = features.owner[1:] == features.owner[:-1]
    for hit in features.hits[:, named].T:
        beside = hit.copy()
        beside[1:] |= hit[:-1] & same
        beside[:-1] |= hit[1:] & same
        near, passage = near & beside, passage & np.isin(features.owner, features.owner[hit])
    return next((held for held in (near, passage) if held.any()), own)
