"""CSV for spreadsheets and programs: no cell begins a formula, and each slice can be had back.

A slice stands between “ and ”, the first and the last character of its cell: so it can begin no
formula, and a program that takes the cell without these two has it character for character. Any
other cell that a spreadsheet could take for a formula gets an apostrophe before it.
"""

from __future__ import annotations

import csv
import io
import unicodedata
from collections.abc import Collection, Iterable, Sequence

_SIGNS = "=+-@|\N{MINUS SIGN}"
_BREAKS = "\t\r\n"
_UNSEEN = "CZM"
"""Categories of characters that do not show at the beginning of a cell: controls, spaces, combining marks."""
_FILLERS = "\u115f\u1160\u2800\u3164\uffa0"
"""Letters and a sign by their category, and blank all the same."""


def csv_table(
    columns: Sequence[str], rows: Iterable[Sequence[object]], *, slices: Collection[str] = ()
) -> str:
    """Write a table as CSV.

    Every cell is quoted. Rows end with a line feed, as the other output of the commands does:
    spreadsheets and CSV readers take it as well as the pair of RFC 4180.

    Args:
        columns: Their names.
        rows: A value for each column; the parts of a list are joined by semicolons.
        slices: Those of the columns that hold slices of articles.

    Returns:
        The table, a row of names first.
    """
    written = io.StringIO(newline="")
    writer = csv.writer(written, quoting=csv.QUOTE_ALL, lineterminator="\n")
    writer.writerow(columns)
    for row in rows:
        named = zip(columns, row, strict=True)
        writer.writerow(f"“{cell}”" if name in slices else _cell(cell) for name, cell in named)
    return written.getvalue()


def _cell(value: object) -> str:
    if isinstance(value, int | float):
        return str(value)
    text = (
        "; ".join(map(str, value)) if isinstance(value, list | tuple) else str("" if value is None else value)
    )
    return f"'{text}" if _is_formula(text) else text


def _is_formula(text: str) -> bool:
    """Say whether a spreadsheet may take a cell for a formula, blanks before its sign left aside."""
    shown = next((char for char in text if not _is_unseen(char)), "")
    # Full-width, small and raised forms count as the signs that they stand for.
    sign = unicodedata.normalize("NFKC", shown)[:1]
    return text.startswith(tuple(_BREAKS)) or (sign != "" and sign in _SIGNS)


def _is_unseen(char: str) -> bool:
    return unicodedata.category(char)[0] in _UNSEEN or char in _FILLERS
