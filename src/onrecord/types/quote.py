"""What is shown: passages and quotations, what became of them on disk, what they leave out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from onrecord.types.article import Passage
from onrecord.types.statement import Mode


class OnDisk(StrEnum):
    """What became of an article's file, or of the record in it, since the article was indexed."""

    SAME = "same"
    """It holds this very article."""
    CHANGED = "changed"
    """It holds another text now; of a quotation: which still has the very slice in the very place."""
    LOST = "lost"
    """Only of a quotation, and never shown: the file holds another text, without the slice in its place."""
    GONE = "gone"
    """It was deleted, or is no part of the corpus any more."""
    UNKNOWN = "unknown"
    """The corpus is not here, or cannot be read, so that nothing can be compared."""

    @property
    def told(self) -> str:
        """Say so of an article, after its name; empty where nothing is to be said."""
        return {
            OnDisk.CHANGED: "changed on disk since it was indexed",
            OnDisk.LOST: "changed on disk since it was indexed",
            OnDisk.GONE: "deleted, or taken out of the corpus, since it was indexed",
        }.get(self, "")

    @property
    def said(self) -> str:
        """Say so beside an article that is shown whole; empty where its file holds it."""
        if self is OnDisk.UNKNOWN:
            return "unconfirmed: the corpus is not here, or cannot be read; the index says so"
        return self.told


def article_name(ident: str, file: str) -> str:
    """Name an article by its file, or as a record of a file that holds many."""
    return file if ident == file else f"{ident} in {file}"


class Turning(StrEnum):
    """What, just outside a slice, could turn its sense."""

    NEGATION = "negation"
    CONDITION = "condition"
    CONTRAST = "contrast"
    ELLIPSIS = "ellipsis"
    QUESTION = "question"
    """The slice answers a question that stands before it."""


@dataclass(frozen=True, slots=True)
class Clip:
    """What a slice leaves out that could turn its sense: itself an exact slice of the same article.

    Attributes:
        turning: Why it matters.
        start: First code point.
        end: Past the last code point.
        text: ``article.text[start:end]``.
    """

    turning: Turning
    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class Hit:
    """A passage that retrieval found.

    Attributes:
        passage: The passage.
        text: Its exact slice.
        score: The reader's score of the best sentence, higher is better.
        rank: From 1.
        why: Named parts of the score (``bm25``, ``cosine``, ...).
        on_disk: Whether the slice stands in the corpus as it is now.
    """

    passage: Passage
    text: str
    score: float
    rank: int
    why: Mapping[str, float] = field(default_factory=dict)
    on_disk: OnDisk = OnDisk.UNKNOWN


@dataclass(frozen=True, slots=True)
class Quote:
    """An exact slice of an article, shown to a person as a quotation.

    Attributes:
        article_id: The article.
        file: Where it lies, relative to the corpus folder.
        title: Of the article.
        start: First code point of the slice.
        end: Past the last code point.
        text: ``article.text[start:end]``, never anything else.
        sha256: Of the article, as in :class:`Article`.
        mode: Whether the slice carries direct speech, reported speech or the article's own words.
        speaker: Whose words, where known.
        outlet: Of the article.
        published: Of the article, as stated in the corpus.
        published_basis: How ``published`` was inferred, where it was.
        score: The reader's score, higher is better; comparable between questions.
        clips: What just outside the slice could turn its sense.
        unnamed: Whether the speaker is described and not named (``senior U.S. official``).
        certain: Whether the rules are sure of the speaker.
        said_on: ISO date, month or interval of the utterance, where the article tells it.
        said_on_basis: By what words, and from which date, ``said_on`` was worked out.
        on_disk: Whether the slice stands in the corpus as it is now.
    """

    article_id: str
    file: str
    title: str
    start: int
    end: int
    text: str
    sha256: str
    mode: Mode = Mode.ARTICLE
    speaker: str | None = None
    outlet: str | None = None
    published: str | None = None
    published_basis: str | None = None
    score: float = 0.0
    clips: tuple[Clip, ...] = ()
    unnamed: bool = False
    certain: bool = True
    said_on: str | None = None
    said_on_basis: str | None = None
    on_disk: OnDisk = OnDisk.UNKNOWN

    @property
    def stands(self) -> bool:
        """Whether the slice may be shown: nothing is known that speaks against it."""
        return self.on_disk not in (OnDisk.LOST, OnDisk.GONE)

    @property
    def voice(self) -> str | None:
        """Who speaks, for a person to read: no description passes for a name, no guess for knowledge."""
        if self.speaker is None or self.mode is Mode.ARTICLE:
            return None
        named = f"{self.speaker}, unnamed" if self.unnamed else self.speaker
        return named if self.certain else f"{named} (speaker not certain)"

    @property
    def direct(self) -> bool:
        """Whether the slice carries the speaker's own words."""
        return self.mode is Mode.DIRECT
