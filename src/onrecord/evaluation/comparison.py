"""Two runs of the same questions: how far each figure moved, and which questions changed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from onrecord.errors import EvaluationError
from onrecord.evaluation.figures import measures_of
from onrecord.evaluation.record import Record
from onrecord.evaluation.resampling import DRAWS, drawn, interval
from onrecord.evaluation.run import Run


@dataclass(frozen=True, slots=True)
class Difference:
    """How far one metric moved.

    Attributes:
        old: In the old run; None where there is nothing to count.
        new: In the new run.
        difference: New less old; None where one of them is None.
        low: Lower end of its 95 % interval, both runs drawn together.
        high: Upper end.
    """

    old: float | None
    new: float | None
    difference: float | None
    low: float | None
    high: float | None

    @property
    def sure(self) -> bool:
        """Whether the interval leaves out no change at all."""
        return self.low is not None and self.high is not None and (self.low > 0 or self.high < 0)


@dataclass(frozen=True, slots=True)
class Change:
    """A question that came out otherwise.

    Attributes:
        id: Of the question.
        question: Its text.
        before: What became of it in the old run.
        after: What became of it in the new one.
    """

    id: str
    question: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Comparison:
    """One system on one set, twice.

    Attributes:
        set: Name of the set.
        system: What answered.
        questions: How many both runs have.
        only_old: How many only the old run has.
        only_new: How many only the new run has.
        differences: Of each metric, over the questions that both have.
        gained: Questions that were wrong and are right.
        lost: Questions that were right and are wrong.
        changed: Other questions of which something else is shown, or that are refused now or no longer.
    """

    set: str
    system: str
    questions: int
    only_old: int
    only_new: int
    differences: dict[str, Difference]
    gained: tuple[Change, ...]
    lost: tuple[Change, ...]
    changed: tuple[Change, ...]

    def as_dict(self) -> dict[str, Any]:
        """Give it as values of JSON."""
        return asdict(self)


def compare(old: Sequence[Run], new: Sequence[Run]) -> list[Comparison]:
    """Compare each run with the old one of the same set and system.

    Args:
        old: Runs.
        new: Runs.

    Returns:
        One comparison for each set and system that both have.

    Raises:
        EvaluationError: If there is none.
    """
    before = {(run.set, run.system): run for run in old}
    pairs = [(before[run.set, run.system], run) for run in new if (run.set, run.system) in before]
    found = [compare_runs(*pair) for pair in pairs]
    if not any(each.questions for each in found):
        raise EvaluationError(
            "The two files have no question in common.", remedy="Compare two runs of the same set."
        )
    return found


def compare_runs(old: Run, new: Run, *, draws: int = DRAWS) -> Comparison:
    """Compare two runs over the questions that both have, by id and text."""
    before = {(record.id, record.question): record for record in old.records}
    pairs = [
        (before[record.id, record.question], record)
        for record in new.records
        if (record.id, record.question) in before
    ]
    return Comparison(
        set=new.set,
        system=new.system,
        questions=len(pairs),
        only_old=len(old.records) - len(pairs),
        only_new=len(new.records) - len(pairs),
        differences=_differences([one for one, _ in pairs], [other for _, other in pairs], draws),
        gained=tuple(_changes((a, b) for a, b in pairs if a.right is False and b.right)),
        lost=tuple(_changes((a, b) for a, b in pairs if a.right and b.right is False)),
        changed=tuple(_changes((a, b) for a, b in pairs if a.right == b.right and _seen(a) != _seen(b))),
    )


def _differences(old: Sequence[Record], new: Sequence[Record], draws: int) -> dict[str, Difference]:
    before, after = measures_of(old), measures_of(new)
    # Both are drawn with the same seed, so that each draw holds the same questions of both.
    moved = drawn(list(after.values()), len(new), draws=draws) - drawn(
        list(before.values()), len(old), draws=draws
    )
    told = {}
    for (name, one), other, row in zip(before.items(), after.values(), moved, strict=True):
        difference, low, high = None, None, None
        if one.value is not None and other.value is not None:
            difference = other.value - one.value
            low, high = interval(np.asarray(row), difference)
        told[name] = Difference(one.value, other.value, difference, low, high)
    return told


def _seen(record: Record) -> tuple[object, ...]:
    """What a person would see of an answer."""
    return record.refused, record.error, tuple((each.document, each.start, each.end) for each in record.shown)


def _changes(pairs: Iterable[tuple[Record, Record]]) -> Iterator[Change]:
    for old, new in pairs:
        yield Change(new.id, new.question, old.told, new.told)
