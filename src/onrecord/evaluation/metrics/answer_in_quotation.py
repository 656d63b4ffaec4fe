"""Answer in quotation: do the words of a short answer stand in a quotation, wherever it is from?"""

from __future__ import annotations

from collections.abc import Sequence

from onrecord.evaluation.outcome import Shown


def first_with_answer(quotations: Sequence[Shown], answers: Sequence[str]) -> int:
    """Give the rank, from 1, of the first quotation that holds an answer, in any case; 0 when none does."""
    wanted = [answer.casefold() for answer in answers if answer]
    texts = enumerate((quotation.text.casefold() for quotation in quotations), start=1)
    return next((rank for rank, text in texts if any(answer in text for answer in wanted)), 0)
