"""Where the evaluation data lies, and where what is made of it is kept."""

from __future__ import annotations

from pathlib import Path

from tests.shared import ROOT, SHARED

__all__ = ["DEFAULT_WORK", "MissingDataError", "find_shared"]

DEFAULT_WORK = ROOT / ".eval"


class MissingDataError(Exception):
    """The evaluation data is not on this machine."""


def find_shared() -> Path:
    """Find the folder that holds ``eval/``.

    Raises:
        MissingDataError: If there is none.
    """
    if not (SHARED / "eval").is_dir():
        raise MissingDataError(
            f"No evaluation data in {SHARED}: it is kept outside the project. "
            "Set ONRECORD_SHARED to the folder that holds eval/."
        )
    return SHARED
