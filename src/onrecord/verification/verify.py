"""Verify quotations: from what a draft claims to the slice of an article, or the reason there is none."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence
from dataclasses import replace

from onrecord.errors import QuestionError
from onrecord.text.clipping import clips
from onrecord.text.folding import DOUBLE_MARKS
from onrecord.text.negation import negations
from onrecord.types import Article, Status, Verdict
from onrecord.verification.alignment import NEAR_MISS, OMITTED_WORDS, Nearest, chain, nearest, pieces
from onrecord.verification.concordance import Concordance, Place
from onrecord.verification.draft_quotations import DraftQuotation, find_quotations
from onrecord.verification.match import (
    Match,
    Printed,
    Wording,
    before_line,
    diff_words,
    match,
)
from onrecord.verification.named_articles import Names

_ALIGNED_SHARE = 0.5
_OCCURRENCES = 400
_ANCHORS = 50
_PARTS = 12
_ATTRIBUTION_WORDS = 8
_DOUBLE_MARKS = frozenset(DOUBLE_MARKS)
_STOPS = frozenset(".,!?;:%")


def verify_text(text: str, articles: Iterable[Article], *, most: int | None = None) -> list[Verdict]:
    """Give a verdict for each quotation that a text claims.

    Args:
        text: A draft: any text, plain or Markdown.
        articles: The corpus.
        most: So many quotations are looked up at a time; None for any number.

    Returns:
        One verdict a claim of at least three words, in order.

    Raises:
        QuestionError: If the text claims more.
    """
    claims = find_quotations(text)
    if most is not None and len(claims) > most:
        raise QuestionError(
            f"The draft has {len(claims):,} quotations; {most:,} at most are checked at a time.",
            remedy="Check it in parts.",
        )
    return DraftVerifier.of(articles).judge(text, claims)


class DraftVerifier:
    """A corpus made ready for checking many quotations. Built by :meth:`of`."""

    def __init__(
        self, articles: tuple[Article, ...], sources: tuple[Printed, ...], words: Concordance, names: Names
    ) -> None:
        self._articles = articles
        self._sources = sources
        self._words = words
        self._names = names
        self._texts = {article.id: article.text for article in articles}

    @classmethod
    def of(cls, articles: Iterable[Article]) -> DraftVerifier:
        """Fold and index the articles, once."""
        known = tuple(articles)
        sources = tuple(Printed.of(article.text) for article in known)
        return cls(known, sources, Concordance.of(source.text for source in sources), Names.of(known))

    def verify(self, draft: str) -> list[Verdict]:
        """Give a verdict for each quotation that a draft claims."""
        return self.judge(draft, find_quotations(draft))

    def judge(self, draft: str, claims: Iterable[DraftQuotation]) -> list[Verdict]:
        """Give a verdict for each of some claims."""
        mentions = self._names.mentions(draft)
        verdicts: list[Verdict] = []
        for claim in claims:
            verdict = self._judge(claim, mentions.beside(claim))
            if not verdict.ok and _is_frame(claim) and not _slightly_altered(verdict):
                verdicts += (self._judge(inner, mentions.beside(inner)) for inner in claim.inner)
            else:
                verdicts.append(verdict)
        return verdicts

    def check(self, quotation: str, *, named: Sequence[str] = ()) -> Verdict:
        """Give the verdict for one quotation, without a draft around it."""
        return self._judge(DraftQuotation(quotation, 0, len(quotation)), tuple(named))

    def _judge(self, claim: DraftQuotation, named: tuple[str, ...]) -> Verdict:
        blank = Verdict(claim.text, claim.start, claim.end, Status.ABSENT)
        wording = Wording.of(claim.text)
        if not len(wording.words):
            return replace(blank, note="no words")
        found = (
            self._contiguous(blank, wording, named)
            or self._unbracketed(blank, wording, named)
            or self._title(blank)
            or self._elided(blank, wording, named)
            or self._differing(blank, wording)
        )
        return _misplaced(self._clipped(found), named) if found.ok else found

    def _clipped(self, found: Verdict) -> Verdict:
        """Add what the article has just beside a slice that could turn its sense."""
        if found.source_start is None or found.source_end is None or found.article_id is None:
            return found
        text = self._texts[found.article_id]
        return replace(found, clipped=clips(text, found.source_start, found.source_end))

    # -- true quotations

    def _contiguous(self, blank: Verdict, wording: Wording, named: Sequence[str]) -> Verdict | None:
        best: tuple[bool, bool, str] | None = None
        verdict = None
        for place in self._occurrences(wording, named):
            found = self._match(wording, place)
            if found is None:
                continue
            elsewhere = bool(named) and self._articles[place.text].id not in named
            rank = (elsewhere, not found.exact, found.note)
            if best is None or rank < best:
                best, verdict = rank, self._found(blank, place.text, found)
            if not any(rank):
                break
        return verdict

    def _unbracketed(self, blank: Verdict, wording: Wording, named: Sequence[str]) -> Verdict | None:
        bare = wording.unbracketed
        if bare.text == wording.text:
            return None
        verdict = self._contiguous(blank, bare, named)
        return verdict and replace(
            verdict, status=Status.TYPOGRAPHIC, note=verdict.note or "a letter in brackets"
        )

    def _occurrences(self, wording: Wording, named: Sequence[str] = ()) -> list[Place]:
        places = self._words.find(self._words.ids(wording.words))
        if len(places) <= _OCCURRENCES:
            return places
        wanted = [place for place in places if self._articles[place.text].id in named]
        return [*wanted, *places][:_OCCURRENCES]

    def _match(self, wording: Wording, place: Place) -> Match | None:
        words = self._words.words(place.text)
        return match(wording, self._sources[place.text], words.starts[place.first], words.ends[place.last])

    def _found(self, blank: Verdict, text: int, found: Match) -> Verdict:
        status = Status.EXACT if found.exact else Status.TYPOGRAPHIC
        before = before_line(self._sources[text], found.start)
        if before and found.recased:
            # "Agreement is near." for "No agreement is near.": the new capital hides the cut.
            status = Status.ALTERED
        note = "; ".join(part for part in (found.note, before) if part)
        return self._located(replace(blank, status=status, note=note), text, found.start, found.end)

    def _located(self, verdict: Verdict, text: int, start: int, end: int) -> Verdict:
        article = self._articles[text]
        return replace(
            verdict, article_id=article.id, source_start=start, source_end=end, source=article.text[start:end]
        )

    def _title(self, blank: Verdict) -> Verdict | None:
        ids = self._names.titled(blank.claimed)
        if not ids:
            return None
        title = next(article.title for article in self._articles if article.id == ids[0])
        status = Status.EXACT if title == blank.claimed else Status.TYPOGRAPHIC
        return replace(blank, status=status, article_id=ids[0], source=title, note="the title of the article")

    # -- marks of omission

    def _elided(self, blank: Verdict, wording: Wording, named: Sequence[str]) -> Verdict | None:
        parts = [part.unbracketed for part in wording.parts]
        if not 0 < len(parts) <= _PARTS or "..." not in wording.text:
            return None
        anchor = max(range(len(parts)), key=lambda i: len(parts[i].words))
        fallback = None
        for place in self._occurrences(parts[anchor], named)[:_ANCHORS]:
            places = chain(self._words, parts, anchor, place)
            verdict = self._elision(blank, parts, places) if places else None
            if verdict and verdict.ok:
                return verdict
            fallback = fallback or verdict
        return fallback

    def _elision(self, blank: Verdict, parts: Sequence[Wording], places: Sequence[Place]) -> Verdict:
        text = places[0].text
        matches = [self._match(part, place) for part, place in zip(parts, places, strict=True)]
        whole = [found for found in matches if found is not None]
        start, end = self._span(Place(text, places[0].first, places[-1].last), blank.claimed)
        if len(whole) < len(matches):
            return self._altered(blank, text, start, end, "a part beside the omission differs")
        start, end = whole[0].start, max(whole[-1].end, end)
        left_out = [self._between(one, two) for one, two in itertools.pairwise(places)]
        problem = _unsafe(left_out) or self._crossed(places)
        if problem:
            return self._altered(blank, text, start, end, problem)
        note = "words left out: " + " … ".join(left_out) if any(left_out) else "omission marked at an edge"
        note = "; ".join(filter(None, (note, before_line(self._sources[text], start))))
        return self._located(replace(blank, status=Status.TYPOGRAPHIC, note=note), text, start, end)

    def _crossed(self, places: Sequence[Place]) -> str:
        """Say so when an omission leads from one paragraph's quotation into another's."""
        source = self._sources[places[0].text]
        for one, two in itertools.pairwise(places):
            words = self._words.words(one.text)
            start, end = source.folded.source(words.ends[one.last], words.starts[two.first])
            closed, broken, reopened = source.raw[start:end].partition("\n")
            if broken and not _DOUBLE_MARKS.isdisjoint(closed) and not _DOUBLE_MARKS.isdisjoint(reopened):
                return "the parts belong to different quotations"
        return ""

    def _between(self, one: Place, two: Place) -> str:
        words = self._words.words(one.text)
        return words.text[words.ends[one.last] : words.starts[two.first]].strip(" .,;:'")

    # -- false quotations

    def _differing(self, blank: Verdict, wording: Wording) -> Verdict:
        near = nearest(self._words, wording)
        alike = near is not None and near.share >= _ALIGNED_SHARE
        if near and alike and near.edits <= NEAR_MISS:
            return self._near(blank, near)
        joined = pieces(self._words, wording)
        if joined:
            return self._stitched(blank, joined)
        return self._near(blank, near) if near and alike else blank

    def _near(self, blank: Verdict, near: Nearest) -> Verdict:
        return self._altered(blank, near.place.text, *self._span(near.place, blank.claimed), "")

    def _altered(self, blank: Verdict, text: int, start: int, end: int, note: str) -> Verdict:
        located = self._located(replace(blank, status=Status.ALTERED, note=note), text, start, end)
        diff = diff_words(blank.claimed, located.source or "")
        if not note and all(each.op == "equal" for each in diff):
            note = "cut inside a word"
        return replace(located, diff=diff, note=note)

    def _span(self, place: Place, claimed: str = "") -> tuple[int, int]:
        words = self._words.words(place.text)
        start, end = words.starts[place.first], words.ends[place.last]
        # A claim that has a stop at its end is shown beside a slice that has its own.
        if not _STOPS.isdisjoint(claimed[-1:]) and not _STOPS.isdisjoint(words.text[end : end + 1]):
            end += 1
        return self._sources[place.text].folded.source(start, end)

    def _stitched(self, blank: Verdict, joined: Sequence[Place]) -> Verdict:
        told = [self._located(blank, piece.text, *self._span(piece)) for piece in joined]
        where = "; ".join(f"{each.article_id} {each.source_start}–{each.source_end}" for each in told)
        longest = max(told, key=lambda each: len(each.source or ""))
        return replace(longest, status=Status.STITCHED, note=f"joined from {len(told)} places: {where}")


def _is_frame(claim: DraftQuotation) -> bool:
    """Whether a blockquote is only a frame: quotations between marks, and who said them."""
    quoted = sum(len(inner.text.split()) for inner in claim.inner)
    return quoted > 0 and len(claim.text.split()) - quoted <= _ATTRIBUTION_WORDS


def _slightly_altered(verdict: Verdict) -> bool:
    """Whether a claim is a slice but for a word or two, wherever its inner marks stand."""
    changed = (
        max(len(each.claimed.split()), len(each.source.split()))
        for each in verdict.diff
        if each.op != "equal"
    )
    return verdict.status is Status.ALTERED and sum(changed) <= NEAR_MISS


def _misplaced(found: Verdict, named: Sequence[str]) -> Verdict:
    if not named or found.article_id in named:
        return found
    return replace(found, status=Status.MISPLACED, named=named[0])


def _unsafe(left_out: Sequence[str]) -> str:
    for words in left_out:
        turned = negations(words)
        if turned:
            return f"the words left out hold “{turned[0][0]}”: {words}"
        if len(words.split()) >= OMITTED_WORDS:
            return "too much is left out"
    return ""
