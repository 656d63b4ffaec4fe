"""Wording: a claimed quotation held against the words of an article.

What is forgiven is what editors forgive: typography, a comma or full stop
inside the closing mark, the case of the first letter, marks that only reopen a
paragraph. Everything else is a change of the words, and is shown as a diff.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from rapidfuzz.distance import Levenshtein

from onrecord.text.folding import Folded, fold
from onrecord.text.negation import negations
from onrecord.text.quotation_marks import OPENING, STRAIGHT
from onrecord.types import DiffWord
from onrecord.verification.concordance import Words, split_words

_BRACKETED_LETTER = re.compile(r"\[(\w)\](?=\w)")
_REOPENED = re.compile(rf"(?<=\n)([^\S\n]*)[{OPENING}{STRAIGHT}']")
_EMPHASIS = re.compile(r"[*_]")
_ELISION = re.compile(r"[\[(]?\.\.\.[\])]?")
_ORNAMENT = " '*_-"
_HEAD = re.compile(r"(?:\.\.\.)?")
_TAIL = re.compile(r"(?:\.\.\.)?[.,]?(?:\.\.\.)?\Z")
_TOKEN = re.compile(r"[^\W_]+(?:'[^\W_]+)*|\.\.\.|[^\w\s]|_")
_PREFIX = re.compile(r"(?:^|\W)(?:non|anti|un|counter|ex|mis|dis|pseudo)-$", re.IGNORECASE)
_RECASED = "first letter's case changed"
_CLAUSE = 6
_CLAUSE_CHARS = 120
_DIFF_TOKENS = 4_000


@dataclass(frozen=True, slots=True)
class Printed:
    """An article's text, folded; both kinds of quotation mark count as one.

    Attributes:
        raw: The text.
        folded: The text folded.
        text: The folded text with every quotation mark single; same length.
    """

    raw: str
    folded: Folded
    text: str

    @classmethod
    def of(cls, raw: str) -> Printed:
        """Fold a text."""
        folded = fold(raw)
        return cls(raw, folded, folded.text.replace('"', "'"))


@dataclass(frozen=True, slots=True)
class Wording:
    """A claim, or a part of one, folded and split into words.

    Attributes:
        raw: As the draft has it; empty for a part.
        text: Folded, every quotation mark single.
        words: Of the folded text.
    """

    raw: str
    text: str
    words: Words

    @classmethod
    def of(cls, raw: str) -> Wording:
        """Fold a claim."""
        return cls._folded(raw, fold(raw).text.replace('"', "'").strip())

    @classmethod
    def _folded(cls, raw: str, text: str) -> Wording:
        return cls(raw, text, split_words(text))

    @property
    def unbracketed(self) -> Wording:
        """The claim with ``[T]here`` written ``There``."""
        return self._folded(self.raw, _BRACKETED_LETTER.sub(r"\1", self.text))

    @property
    def parts(self) -> tuple[Wording, ...]:
        """What stands between marks of omission, without those that hold no word."""
        pieces = (self._folded("", part.strip()) for part in _ELISION.split(self.text))
        return tuple(piece for piece in pieces if len(piece.words))


@dataclass(frozen=True, slots=True)
class Match:
    """A claim found in an article, word for word.

    Attributes:
        start: First code point in the article.
        end: Past the last one.
        exact: Whether the slice is the claim, code point for code point.
        note: What differs besides typography; empty if nothing does.
    """

    start: int
    end: int
    exact: bool
    note: str = ""

    @property
    def recased(self) -> bool:
        """Whether the first letter's case was changed."""
        return self.note == _RECASED


def match(claim: Wording, source: Printed, begin: int, end: int) -> Match | None:
    """Compare a claim with the folded slice that holds the same words, case aside.

    Gives the match, or None if case or punctuation changes what was said.
    """
    first, last = claim.words.starts[0], claim.words.ends[-1]
    head, tail = claim.text[:first], claim.text[last:]
    if _cut(source.text, begin, end, tail):
        return None
    same = source.text[max(begin - first, 0) : begin] == head
    kept = _kept(tail, source.text[end : end + len(tail)])
    if kept is None or not (same or _ornamental(head, claim.text[first])):
        return None
    note = _core(claim, source, claim.text[first:last], begin, end)
    if note is None:
        return None
    start, stop = source.folded.source(begin - first if same else begin, end + len(kept))
    return _placed(claim, source, start, stop, note or _punctuation(tail[len(kept) :]))


def _kept(tail: str, printed: str) -> str | None:
    """What the article has of the claim's last punctuation; None where the rest is no mere convention."""
    if tail == printed:
        return tail
    bare = tail.rstrip(_ORNAMENT)
    found = _TAIL.search(bare, max(len(bare) - 7, 0))
    kept = (bare[: found.start()] if found else bare).rstrip(_ORNAMENT)
    return kept if printed.startswith(kept) or not kept.strip(_ORNAMENT) else None


def _ornamental(head: str, first: str) -> bool:
    """Whether what stands before the first word says nothing; a minus before a number does."""
    return _HEAD.fullmatch(head.strip(_ORNAMENT)) is not None and not (first.isdigit() and "-" in head)


def _cut(text: str, begin: int, end: int, tail: str) -> bool:
    """Whether a slice ends inside a letter, or drops the ``non-`` that its first word had."""
    accent = text[end : end + 1]
    if accent and unicodedata.category(accent)[0] == "M" and not tail.startswith(accent):
        return True
    return (
        begin > 0 and text[begin - 1] == "-" and _PREFIX.search(text[max(begin - 10, 0) : begin]) is not None
    )


def _core(claim: Wording, source: Printed, core: str, begin: int, end: int) -> str | None:
    printed = source.text[begin:end]
    if core == printed:
        return ""
    if core[1:] == printed[1:]:
        return _RECASED
    if not claim.raw:
        return None
    start, stop = source.folded.source(begin, end)
    told, held = _loose(claim.raw), _loose(source.raw[start:stop])
    if told == held:
        return "marks of paragraphs or emphasis differ"
    return _RECASED if told[1:] == held[1:] and told[:1].lower() == held[:1].lower() else None


def _loose(raw: str) -> str:
    """A text from first word to last, without marks that only reopen a paragraph or emphasise."""
    text = fold(_REOPENED.sub(r"\1", raw)).text.replace('"', "'")
    words = split_words(_EMPHASIS.sub("", text))
    return words.slice(0, len(words) - 1) if len(words) else ""


def _punctuation(dropped: str) -> str:
    return "punctuation at the end differs" if dropped.strip(_ORNAMENT) else ""


def _placed(claim: Wording, source: Printed, start: int, end: int, note: str) -> Match:
    if claim.raw and not note:
        # Invisible characters at the edges belong to no word: the claim may have kept them.
        at = source.raw.find(claim.raw, max(start - 4, 0), end + 4)
        if at >= 0:
            return Match(at, at + len(claim.raw), exact=True)
    return Match(start, end, exact=False, note=note)


def before_line(source: Printed, start: int) -> str:
    """Warn of a negation that a slice leaves out just before it, within the same clause.

    Args:
        source: The article.
        start: First code point of the slice.

    Returns:
        A line that gives the words from the negation to the slice; empty where there is none.
    """
    before = source.raw[max(start - _CLAUSE_CHARS, 0) : start].rpartition("\n")[2]
    clause = re.split(r"[.;:!?,\"]", fold(before).text)[-1]
    words = " ".join(clause.split()[-_CLAUSE:])
    found = negations(words)
    return f"the words before it are: {words[found[-1].start() :]} …" if found else ""


def diff_words(claimed: str, printed: str) -> tuple[DiffWord, ...]:
    """Compare two texts word by word; typography does not count."""
    told, held = fold(claimed), fold(printed)
    tokens = [list(_TOKEN.finditer(side.text.replace('"', "'"))) for side in (told, held)]
    if max(map(len, tokens)) > _DIFF_TOKENS:
        return (DiffWord("replace", claimed, printed),)
    ours, theirs = ([found[0] for found in side] for side in tokens)
    diff = []
    for op in Levenshtein.opcodes(theirs, ours):
        left = _stretch(tokens[0], told, claimed, op.dest_start, op.dest_end)
        right = _stretch(tokens[1], held, printed, op.src_start, op.src_end)
        diff.append(DiffWord(op.tag, left, right))
    return tuple(diff)


def _stretch(tokens: Sequence[re.Match[str]], side: Folded, raw: str, first: int, last: int) -> str:
    if first == last:
        return ""
    start, end = side.source(tokens[first].start(), tokens[last - 1].end())
    return raw[start:end].strip()
