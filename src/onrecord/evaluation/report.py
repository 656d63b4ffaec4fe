"""What the command writes: runs as JSON, read back to be compared; tables between the marks of a page."""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from onrecord import __version__
from onrecord.errors import EvaluationError
from onrecord.evaluation.run import Run
from onrecord.index.disk import replace_file

_SCHEMA = 1
_OPENED, _CLOSED = "<!-- {name} -->", "<!-- /{name} -->"


def runs_dict(runs: Sequence[Run], **more: Any) -> dict[str, Any]:
    """Give runs as values of JSON, with whatever else was measured."""
    return {
        "schema": _SCHEMA,
        "onrecord": __version__,
        "runs": [run.as_dict() for run in runs],
        **more,
    }


def read_runs(path: Path) -> list[Run]:
    """Read the runs of a file that `onrecord eval --json` wrote.

    Args:
        path: Of the file.

    Returns:
        The runs.

    Raises:
        EvaluationError: If it is no such file.
    """
    remedy = "Name a file that `onrecord eval --json` wrote."
    try:
        content = json.loads(path.read_bytes())
    except OSError as error:
        raise EvaluationError(f"{path} cannot be read: {error.strerror or error}.", remedy=remedy) from error
    except (ValueError, RecursionError):
        raise EvaluationError(f"{path} is not JSON.", remedy=remedy) from None
    if not isinstance(content, dict) or content.get("schema") != _SCHEMA:
        raise EvaluationError(f"{path} holds no results of this version.", remedy=remedy)
    try:
        return [Run.read(row) for row in content["runs"]]
    except (AttributeError, KeyError, TypeError) as error:
        raise EvaluationError(f"{path} is damaged: {error}.", remedy=remedy) from error


def write_json(path: Path, value: Mapping[str, Any]) -> None:
    """Write a file whole or not at all; raises EvaluationError where it cannot be written."""
    try:
        content = json.dumps(value, ensure_ascii=False, indent=1).encode()
    except UnicodeEncodeError:  # half a character in a question
        content = json.dumps(value, indent=1).encode()
    _write(path, content + b"\n")


def write_page(path: Path, blocks: Mapping[str, str]) -> None:
    """Put tables into a Markdown page, each between its marks, and leave the text around them.

    Args:
        path: Of the page; made with nothing but the tables where it does not exist.
        blocks: Name in the marks to a table in Markdown.

    Raises:
        EvaluationError: If the page lacks the marks, or cannot be read or written.
    """
    try:
        page = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        page = "\n".join(f"{_OPENED}{_CLOSED}\n".format(name=name) for name in blocks)
    except (OSError, UnicodeDecodeError) as error:
        raise EvaluationError(f"{path} cannot be read: {error}.", remedy="Name a Markdown file.") from error
    for name, block in blocks.items():
        page = _insert(page, name, block, place=path)
    _write(path, page.encode())


def _insert(page: str, name: str, block: str, *, place: Path) -> str:
    """Put a block between its marks, in place of what stood there."""
    opened, closed = _OPENED.format(name=name), _CLOSED.format(name=name)
    before, _, rest = page.partition(opened)
    _, end, after = rest.partition(closed)
    if page.count(opened) != 1 or page.count(closed) != 1 or not end:
        raise EvaluationError(
            f"{place} has no place for the table.",
            remedy=f"Write {opened} and {closed} on lines of their own, once.",
        )
    return f"{before}{opened}\n\n{block.strip()}\n\n{closed}{after}"


def _write(path: Path, content: bytes) -> None:
    try:
        replace_file(path, content, token=secrets.token_hex(4))
    except OSError as error:
        raise EvaluationError(
            f"{path} cannot be written: {error.strerror or error}.", remedy="Name another file."
        ) from error
