"""Which tests go to one process, and in which order: those that share something slow, the longest first."""

from __future__ import annotations

from collections.abc import Mapping

from xdist.scheduler import LoadScopeScheduling

__all__ = ["Groups", "group_of", "turn_of"]

_GROUPS: Mapping[str, tuple[str, ...]] = {
    "a browser and its server": ("tests/browser/",),
    "a server with Slack on": ("tests/faces/slack/",),
    "processes forked from one": (
        "tests/reliability/",
        "tests/assistant/test_memory.py",
        "tests/assistant/test_assistant.py",
    ),
    "a thousand answers": ("tests/answer/test_hostile.py",),
    "some hundred answers": ("tests/evaluation/test_floors.py",),
    "servers as they come": tuple(
        f"tests/security/test_{name}.py" for name in ("file_door", "limits", "sessions")
    ),
}
"""What files have in common, and how the names of the files begin; the groups that take longest come first.
So no process waits at the end for another's. Other files are a group each."""
_TURNS = tuple(_GROUPS)


def group_of(test: str) -> str:
    """Name the group of a test."""
    return next((name for name, files in _GROUPS.items() if test.startswith(files)), test.partition("::")[0])


def turn_of(test: str) -> int:
    """Say when a test's group has its turn: the lower the sooner."""
    group = group_of(test)
    return _TURNS.index(group) if group in _TURNS else len(_TURNS)


class Groups(LoadScopeScheduling):
    """Gives each process the next group as soon as it is done with its last."""

    def _split_scope(self, nodeid: str) -> str:
        return group_of(nodeid)

    def schedule(self) -> None:
        """Begin in the order of the collection, whatever the sizes of the groups."""
        self.config.option.loadscopereorder = False
        super().schedule()
