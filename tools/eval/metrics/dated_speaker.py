"""Speaker, topic and date: is one of the first quotations by the person asked for, on the day asked for?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from onrecord.evaluation.metrics.shares import FloatArray
from onrecord.evaluation.outcome import Shown
from onrecord.evaluation.questions import Document, Question, QuestionSet
from onrecord.evaluation.record import Record
from onrecord.people.names import same_speaker

__all__ = ["first_of_speaker_and_day", "speaker_and_day_ranks"]

_DATED = "speaker_topic_date"


def speaker_and_day_ranks(questions: QuestionSet, records: Sequence[Record]) -> FloatArray:
    """Give the rank of the first quotation shown by speaker and day, NaN for other kinds of questions."""
    pairs = zip(questions.questions, records, strict=True)
    return np.array(
        [
            first_of_speaker_and_day(record.shown, question, questions.documents)
            if question.kind == _DATED
            else np.nan
            for question, record in pairs
        ],
        np.float64,
    )


def first_of_speaker_and_day(
    quotations: Sequence[Shown], question: Question, documents: Mapping[str, Document]
) -> int:
    """Give the rank, from 1, of the first quotation by a gold speaker on that speaker's gold day.

    The day is the document's, the speaker the one under whom the system gives the quotation, held
    against the label that stands before the gold quote ("MS. PSAKI"). 0 when there is none.
    """
    gold = {(piece.speaker, documents[piece.document].date) for piece in question.evidence if piece.speaker}
    for rank, quotation in enumerate(quotations, start=1):
        day = documents[quotation.document].date
        if any(
            day == on and same_speaker(who.title(), quotation.speaker or "") for who, on in gold if who and on
        ):
            return rank
    return 0
