"""Exactness: is every quotation, to the code point, what stands in its article? It has to be 1."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from onrecord.evaluation.metrics.shares import FloatArray, Shares
from onrecord.evaluation.outcome import Shown
from onrecord.evaluation.questions import Document


def _is_exact(quotation: Shown, documents: Mapping[str, Document]) -> bool:
    """Say whether a quotation is a slice of the article that it names, and not an empty one."""
    document = documents.get(quotation.document)
    if document is None or not 0 <= quotation.start < quotation.end:
        return False
    return document.text[quotation.start : quotation.end] == quotation.text


def exactness(checked: FloatArray, inexact: FloatArray) -> Shares:
    """Give the share of quotations that are exact."""
    return Shares(checked - inexact, checked)


def find_inexact(quotations: Iterable[Shown], documents: Mapping[str, Document]) -> tuple[Shown, ...]:
    """Give the quotations that are not exact."""
    return tuple(quotation for quotation in quotations if not _is_exact(quotation, documents))
