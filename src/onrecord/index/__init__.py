"""The built index: generations on disk, what each holds, opening one and building the next.

Opening imports no building (`build` loads torch). Nothing outside writes into a generation.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from onrecord.lazy import exports

if TYPE_CHECKING:
    from onrecord.index.build import build_index
    from onrecord.index.info import Info
    from onrecord.index.newest import LiveIndex
    from onrecord.index.opened import Index

__all__ = ["Index", "Info", "LiveIndex", "build_index"]

__getattr__, __dir__ = exports(
    __name__, {"Index": "opened", "Info": "info", "LiveIndex": "newest", "build_index": "build"}
)
