"""Exact slices: is every quotation, to the code point, what stands in its article?"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from tests.eval.outcome import Shown
from tests.eval.sets import Document

__all__ = ["NotExactError", "count_exact"]


class NotExactError(AssertionError):
    """A quotation differs from the slice it names."""


def count_exact(quotations: Iterable[Shown], documents: Mapping[str, Document]) -> int:
    """Count the quotations, all of which have to be exact.

    Raises:
        NotExactError: On the first one that is empty, or not the slice it names.
    """
    count = 0
    for quotation in quotations:
        text = documents[quotation.document].text
        if not quotation.text or text[quotation.start : quotation.end] != quotation.text:
            raise NotExactError(
                f"{quotation.document} [{quotation.start}:{quotation.end}] was shown as {quotation.text!r}, "
                f"but holds {text[quotation.start : quotation.end]!r}"
            )
        count += 1
    return count
