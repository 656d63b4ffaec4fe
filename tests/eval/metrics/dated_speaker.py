"""Speaker, topic and date: is one of the first quotations by the person asked for, on the day asked for?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from onrecord.names import same_speaker
from tests.eval.outcome import Shown
from tests.eval.sets import Document, Question

__all__ = ["first_of_speaker_and_day"]


def first_of_speaker_and_day(
    quotations: Sequence[Shown], question: Question, documents: Mapping[str, Document]
) -> int | None:
    """Give the rank, from 1, of the first quotation by a gold speaker on that speaker's gold day.

    The day is the document's, the speaker the one under whom the system gives the quotation, held
    against the label that stands before the gold quote ("MS. PSAKI"). None when there is none.
    """
    gold = {(piece.speaker, documents[piece.document].date) for piece in question.evidence if piece.speaker}
    for rank, quotation in enumerate(quotations, start=1):
        day = documents[quotation.document].date
        if any(
            day == on and same_speaker(who.title(), quotation.speaker or "") for who, on in gold if who and on
        ):
            return rank
    return None
