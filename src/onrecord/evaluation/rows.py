"""JSON Lines, compressed or not."""

from __future__ import annotations

import gzip
import json
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from onrecord.errors import EvaluationError


def read_rows(path: Path) -> Iterator[dict[str, Any]]:
    """Give each line of a JSONL file."""
    return (row for _, row in numbered_rows(path))


def numbered_rows(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    """Give each line of a JSONL file, with its number; blank lines are passed over."""
    opener = gzip.open if path.suffix == ".gz" else open
    try:
        with opener(path, "rt", encoding="utf-8-sig") as stream:
            for number, line in enumerate(stream, start=1):
                if line.strip():
                    yield number, _parsed(line, f"{path}:{number}")
    except UnicodeDecodeError:
        raise EvaluationError(f"{path} is not UTF-8.", remedy="Save it as UTF-8 text.") from None
    except (OSError, EOFError, zlib.error) as error:
        why = getattr(error, "strerror", None) or error
        raise EvaluationError(f"{path} cannot be read: {why}.", remedy="Name a JSONL file.") from error


def _parsed(line: str, place: str) -> dict[str, Any]:
    try:
        row = json.loads(line)
    except (ValueError, RecursionError):
        raise EvaluationError(f"{place} is not JSON.", remedy="Write one JSON object a line.") from None
    if not isinstance(row, dict):
        raise EvaluationError(f"{place} is not a JSON object.", remedy="Write one JSON object a line.")
    return row
