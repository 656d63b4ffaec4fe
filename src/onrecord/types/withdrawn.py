"""What stands in place of a quotation that its file bears out no longer."""

from __future__ import annotations

from dataclasses import dataclass

from onrecord.types.quote import Quote, article_name


@dataclass(frozen=True, slots=True)
class Withdrawn(Quote):
    """In place of a quotation of a kept answer that no longer stands in its file; ``text`` is empty.

    Attributes:
        given: The day on which the quotation was given, written out.
    """

    given: str = ""

    @property
    def line(self) -> str:
        """Say what stood there, and what became of it."""
        name = article_name(self.article_id, self.file)
        return f"The quotation given here on {self.given} stood in {name}, which was {self.on_disk.told}."
