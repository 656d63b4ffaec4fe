"""Which article a draft names, and beside which of its quotations.

An article is named by its id, its file name (with or without the ending), its
url, or its title. The name counts for the quotations of its own sentence; a
quotation whose sentence names none takes the name before it in the paragraph,
else the one after it; a blockquote also takes one from the paragraph before.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import PurePath

from onrecord.text.folding import fold
from onrecord.text.quotation_marks import CLOSING, STRAIGHT
from onrecord.types import Article
from onrecord.verification.concordance import split_words
from onrecord.verification.draft_quotations import DraftQuotation, Shape

_NAME = re.compile(r"[\w./:%?=&#@+~-]+")
_PLAIN_WORD = re.compile(r"[^\W\d_]*")
_MIN_NAME = 5
_TITLE_WORDS = 4
_NEAR = 16
_REACH = 500
_SENTENCE_END = re.compile(rf"[.!?]['’{CLOSING}{STRAIGHT})\]]{{0,4}}\s|\n")
_PARAGRAPH_END = re.compile(r"\n[^\S\n]*\n\s*")


@dataclass(frozen=True, slots=True)
class Mention:
    """A place in a draft that names one or more articles (more when they share a title)."""

    start: int
    end: int
    articles: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Names:
    """What articles can be called."""

    words: dict[str, tuple[str, ...]]
    titles: dict[tuple[str, ...], dict[tuple[str, ...], tuple[str, ...]]]

    @classmethod
    def of(cls, articles: Iterable[Article]) -> Names:
        """Collect the names of articles."""
        known = tuple(articles)
        shared = Counter(article.file for article in known)
        words: dict[str, tuple[str, ...]] = {}
        titles: dict[tuple[str, ...], dict[tuple[str, ...], tuple[str, ...]]] = defaultdict(dict)
        for article in known:
            for name in _names(article, alone=shared[article.file] == 1):
                words[name] = (*words.get(name, ()), article.id)
            title = _title(article.title)
            if len(title) >= _TITLE_WORDS:
                same = titles[title[:_TITLE_WORDS]]
                same[title] = (*same.get(title, ()), article.id)
        return cls(words, dict(titles))

    def mentions(self, draft: str) -> Mentions:
        """Find every place of a draft that names an article."""
        found = [*self._by_name(draft), *self._by_title(draft)]
        return Mentions.of(draft, sorted(found, key=lambda mention: (mention.start, -mention.end)))

    def titled(self, text: str) -> tuple[str, ...]:
        """Articles whose title this text is, typography and case aside."""
        title = _title(text)
        return self.titles.get(title[:_TITLE_WORDS], {}).get(title, ())

    def _by_name(self, draft: str) -> Iterable[Mention]:
        for found in _NAME.finditer(draft):
            name = found[0].strip("./:?#-")
            articles = self.words.get(name) or self.words.get(name.rpartition("/")[2])
            if articles:
                yield Mention(*found.span(), articles)

    def _by_title(self, draft: str) -> Iterable[Mention]:
        if not self.titles:
            return
        folded = fold(draft, case=True)
        places = split_words(folded.text)
        words = list(places)
        for i in range(len(words) - _TITLE_WORDS + 1):
            for title, articles in self.titles.get(tuple(words[i : i + _TITLE_WORDS]), {}).items():
                last = i + len(title)
                if tuple(words[i:last]) == title:
                    yield Mention(*folded.source(places.starts[i], places.ends[last - 1]), articles)


def _names(article: Article, *, alone: bool) -> set[str]:
    path = PurePath(article.file)
    names = {article.id, PurePath(article.id).stem, article.url or ""}
    if alone:
        names |= {article.file, path.name, path.stem}
    names |= {name.partition("://")[2] for name in names}
    # A name that could be a word of the draft's own prose says nothing.
    return {name for name in names if len(name) >= _MIN_NAME and not _PLAIN_WORD.fullmatch(name)}


def _title(title: str) -> tuple[str, ...]:
    return tuple(split_words(fold(title, case=True).text))


@dataclass(frozen=True, slots=True)
class Mentions:
    """The mentions in one draft, in order."""

    found: tuple[Mention, ...]
    starts: tuple[int, ...]
    sentences: tuple[int, ...]
    paragraphs: tuple[int, ...]

    @classmethod
    def of(cls, draft: str, found: Sequence[Mention]) -> Mentions:
        """Prepare mentions for :meth:`beside`."""
        sentences = tuple(end.end() for end in _SENTENCE_END.finditer(draft)) if found else ()
        paragraphs = tuple(end.end() for end in _PARAGRAPH_END.finditer(draft)) if found else ()
        return cls(tuple(found), tuple(mention.start for mention in found), sentences, paragraphs)

    def beside(self, claim: DraftQuotation) -> tuple[str, ...]:
        """Say which articles the draft names for a claim.

        Gives their ids; empty when the draft names none there.
        """
        if not self.found:
            return ()
        if claim.shape is Shape.MARKS:
            same = self._between(claim, _around(self.sentences, claim))
            if same:
                return tuple(dict.fromkeys(each for mention in same for each in mention.articles))
        first, last = _around(self.paragraphs, claim, back=int(claim.shape is Shape.BLOCK))
        near = self._between(claim, (first, last))
        before = [mention for mention in near if claim.start - _REACH < mention.end <= claim.start]
        after = [mention for mention in near if claim.end <= mention.start < claim.end + _REACH]
        return before[-1].articles if before else after[0].articles if after else ()

    def _between(self, claim: DraftQuotation, span: tuple[int, float]) -> list[Mention]:
        low = max(bisect_left(self.starts, span[0]), bisect_left(self.starts, claim.start) - _NEAR)
        high = min(bisect_left(self.starts, span[1]), bisect_left(self.starts, claim.end) + _NEAR)
        near = self.found[low:high]
        return [each for each in near if each.end <= claim.start or each.start >= claim.end]


def _around(ends: Sequence[int], claim: DraftQuotation, *, back: int = 0) -> tuple[int, float]:
    """The sentence or paragraph round a claim, given where each one ends; ``back`` more before it."""
    before = bisect_right(ends, claim.start) - 1 - back
    after = bisect_left(ends, claim.end)
    return ends[before] if before >= 0 else 0, ends[after] if after < len(ends) else float("inf")
