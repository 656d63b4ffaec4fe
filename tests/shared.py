"""Where the evaluation data lies: beside the repository, or where ONRECORD_SHARED says."""

from __future__ import annotations

import os
from pathlib import Path

__all__ = ["ROOT", "SHARED"]

ROOT = Path(__file__).resolve().parents[1]
# Taken out of the environment, where onrecord would refuse it as a setting it does not know.
SHARED = Path(os.environ.pop("ONRECORD_SHARED", "") or ROOT.parent / "shared")
