"""Which tests go to one process, and in which order: those that share something slow, the longest first."""

from __future__ import annotations

from xdist.scheduler import LoadScopeScheduling

__all__ = ["Groups", "group_of", "turn_of"]

_TOGETHER = ("tests/browser", "tests/faces/slack")
"""Folders whose files share a browser or a server."""
_SERVED = tuple(f"tests/security/test_{name}.py" for name in ("file_door", "limits", "sessions"))
"""Files that share two servers."""
_FIRST = (*_TOGETHER, "tests/security", "tests/reliability/test_whole_build.py")
"""The groups that take longest, in this order: no process is to wait at the end for another's."""


def group_of(test: str) -> str:
    """Name the group of a test: its file, for many have an index or an assistant in common, or more."""
    file = test.partition("::")[0]
    if file in _SERVED:
        return "tests/security"
    return next((folder for folder in _TOGETHER if file.startswith(f"{folder}/")), file)


def turn_of(test: str) -> int:
    """Say when a test's group has its turn: the lower the sooner."""
    group = group_of(test)
    return _FIRST.index(group) if group in _FIRST else len(_FIRST)


class Groups(LoadScopeScheduling):
    """Gives each process the next group as soon as it is done with its last."""

    def _split_scope(self, nodeid: str) -> str:
        return group_of(nodeid)

    def schedule(self) -> None:
        """Begin in the order of the collection, whatever the sizes of the groups."""
        self.config.option.loadscopereorder = False
        super().schedule()
