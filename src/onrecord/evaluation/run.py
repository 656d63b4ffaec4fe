"""A run: the records of one system on one set, and their figures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Any

from onrecord.evaluation.figures import Figure, by_kind, figures_of
from onrecord.evaluation.outcome import Outcome, Shown
from onrecord.evaluation.questions import QuestionSet
from onrecord.evaluation.record import Record, records_of

SYSTEM = "onrecord"


@dataclass(frozen=True)
class Run:
    """One system on one set.

    Attributes:
        set: Name of the set.
        part: Which part of it.
        system: What answered.
        documents: How many articles there are.
        records: One a question.
    """

    set: str
    part: str
    system: str
    documents: int
    records: tuple[Record, ...]

    @classmethod
    def of(
        cls, questions: QuestionSet, outcomes: Sequence[Outcome], *, part: str = "all", system: str = SYSTEM
    ) -> Run:
        """Make a run of what a system gave back.

        Args:
            questions: The set.
            outcomes: One for each question, in order.
            part: Which part of the set it is.
            system: What answered.

        Returns:
            The run.
        """
        return cls(questions.name, part, system, len(questions.documents), records_of(questions, outcomes))

    @classmethod
    def read(cls, row: Mapping[str, Any]) -> Run:
        """Make a run of what JSON holds of one.

        Args:
            row: As :meth:`as_dict` gives it.

        Returns:
            The run.

        Raises:
            KeyError: If something is missing.
            TypeError: If something is not as it should be.
        """
        records = tuple(Record.read(each) for each in row["questions"])
        return cls(row["set"], row["part"], row["system"], row["documents"], records)

    def as_dict(self) -> dict[str, Any]:
        """Give figures and records as values of JSON."""
        return {
            "set": self.set,
            "part": self.part,
            "system": self.system,
            "documents": self.documents,
            "figures": _dicts(self.figures),
            "kinds": {kind: _dicts(figures) for kind, figures in self.kinds.items()},
            "questions": [asdict(record) for record in self.records],
        }

    @cached_property
    def figures(self) -> dict[str, Figure]:
        """Over all questions."""
        return figures_of(self.records)

    @cached_property
    def kinds(self) -> dict[str, dict[str, Figure]]:
        """Over the questions of each kind; empty where there is only one kind."""
        return {kind: figures_of(records) for kind, records in by_kind(self.records).items()}

    @property
    def answerable(self) -> int:
        """How many questions have an answer."""
        return sum(record.answerable for record in self.records)

    @property
    def inexact(self) -> tuple[tuple[Record, Shown], ...]:
        """What was no slice of its article, with the question; has to be empty."""
        return tuple((record, shown) for record in self.records for shown in record.inexact)


def _dicts(figures: Mapping[str, Figure]) -> dict[str, Any]:
    return {name: asdict(figure) for name, figure in figures.items()}
