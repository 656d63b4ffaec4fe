"""Measuring answers and refusals on questions with gold evidence: `onrecord eval`.

A question set becomes outcomes (what was answered), outcomes become records
(where the gold stands in each), and records become figures with intervals,
which are printed, kept as JSON, written as Markdown and compared.
"""

from __future__ import annotations

__all__: list[str] = []
