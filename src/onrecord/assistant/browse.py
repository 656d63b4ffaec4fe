"""What an index holds, to be looked through: articles, speakers, statements, and drafts held against them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from onrecord.answer.steps import Steps
from onrecord.index.info import Info, info_of
from onrecord.index.newest import LiveIndex
from onrecord.types import Article, OnDisk, read_filters

if TYPE_CHECKING:
    from onrecord.assistant.speakers import SpeakerRecord, SpokenQuote
    from onrecord.assistant.turns import StoredTurn
    from onrecord.index.opened import Index
    from onrecord.types import Verdict


class Holdings:
    """What the newest generation of an index holds.

    Args:
        live: The index.
        steps: Find what is on a subject.
    """

    def __init__(self, live: LiveIndex, steps: Steps) -> None:
        self._live = live
        self._steps = steps

    def article(self, article_id: str) -> Article:
        """Give an article whole.

        Args:
            article_id: Its id, or its file.

        Returns:
            The article.

        Raises:
            UnknownArticleError: If the index does not hold it.
        """
        index = self.index
        return index.article(index.shelf.row(article_id))

    @property
    def index(self) -> Index:
        """The generation of the index that is in use now."""
        return self._live.newest()

    def articles(self) -> tuple[Article, ...]:
        """Give every article whole, in the order of the index."""
        return tuple(self.index.shelf.all())

    def find_articles(
        self, words: str = "", *, limit: int = 50, offset: int = 0
    ) -> tuple[int, tuple[Article, ...]]:
        """Find the articles that hold all of some words in title, outlet, file name or text.

        Args:
            words: Separated by spaces; every article has none.
            limit: How many to give, at most.
            offset: How many of those found to leave out before.

        Returns:
            How many were found, and those asked for, in the order of the index.
        """
        index = self.index
        found = index.catalogue.find(words)
        return len(found), tuple(index.article(int(row)) for row in found[offset : offset + limit])

    def speakers(self) -> tuple[str, ...]:
        """Name everybody whose words the articles carry, those with most sentences first."""
        return tuple(self.index.speakers)

    def speaker_records(self, *, about: str | None = None, **narrowed: Any) -> tuple[SpeakerRecord, ...]:
        """List whose words the articles carry, and how many of them.

        Args:
            about: Only who speaks on this; None for anything.
            **narrowed: ``since``, ``until``, ``outlet``, ``article``, ``speaker``, as for
                :meth:`onrecord.assistant.assistant.Assistant.ask`.

        Returns:
            Those with most statements first.

        Raises:
            QuestionError: If the subject or a filter cannot be used.
        """
        from onrecord.assistant.speakers import speaker_records

        filters = read_filters(**narrowed)
        subject = self._steps.on_subject(about, filters)
        rows = None if subject is None else frozenset(subject)
        return speaker_records(self.index, self.index.select(filters), rows)

    def quotes(self, *, about: str | None = None, **narrowed: Any) -> tuple[SpokenQuote, ...]:
        """Give every statement of somebody, each an exact slice.

        Args:
            about: Only statements on this; None for all.
            **narrowed: ``since``, ``until``, ``outlet``, ``article``, ``speaker``, as for
                :meth:`onrecord.assistant.assistant.Assistant.ask`.

        Returns:
            The nearest to the subject first, or in order of the day they were said or published.

        Raises:
            QuestionError: If the subject or a filter cannot be used.
        """
        from onrecord.assistant.speakers import spoken_quotes

        filters = read_filters(**narrowed)
        return spoken_quotes(self.index, self.index.select(filters), self._steps.on_subject(about, filters))

    def verify(self, text: str) -> list[Verdict]:
        """Check every quotation in a text against the articles of the index, and these against their files.

        Args:
            text: A draft.

        Returns:
            A verdict for each quotation, in order.

        Raises:
            QuestionError: If it has more quotations than are checked at a time.
        """
        from onrecord.assistant.outdated import verify_originals

        index, most = self.index, self._steps.settings.max_draft_quotations
        return verify_originals(text, index.shelf.all(), index.originals, most=most)

    def on_disk(self, article: Article) -> OnDisk:
        """Say what became of an article's file since it was indexed.

        Args:
            article: From :meth:`article`.

        Returns:
            ``same``, ``changed``, ``gone``, or ``unknown`` where the corpus is not here, or cannot be read.
        """
        return self.index.originals.of(article).on_disk

    def recall(self, turns: Iterable[StoredTurn]) -> tuple[StoredTurn, ...]:
        """Hold the quotations of kept answers against the corpus as it is on disk now.

        Args:
            turns: As kept.

        Returns:
            The same turns, each answer as :func:`onrecord.assistant.recall.recalled` gives it.
        """
        from onrecord.assistant.recall import recalled

        # One turn after another: two may quote an article as it was on different days.
        originals = self._live.originals
        return tuple(replace(turn, answer=recalled(turn.answer, originals, at=turn.at)) for turn in turns)

    def info(self) -> Info:
        """Say what the index holds."""
        return info_of(self.index)

    def close(self) -> None:
        """Close the index."""
        self._live.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
