"""Verification: nothing is shown that an article on disk does not carry, word for word.

A quotation must be the exact slice of its article. A sentence of a chat
model's prose must be carried by the sentences it names. What fails is left
out and counted, and when nothing is left the answer is the one that needs no
model.
"""

from __future__ import annotations

import hashlib
import logging
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from onrecord.answer.comparison import changes_between
from onrecord.answer.coverage import cover
from onrecord.answer.refusal import NO_PASSAGE, outweighs_model
from onrecord.answer.selection import constraints_met, parts_answered
from onrecord.answer.standing import confirmed
from onrecord.answer.state import DraftPiece, Ending, Opening, Read, ShownSentence
from onrecord.chat.claim_stream import WrittenClaim
from onrecord.chat.prompts import gives_orders
from onrecord.chat.support import Dropped, clean, unsupported
from onrecord.settings import Settings
from onrecord.types import Answer, Article, Claim, OnDisk, Part, Progress, Quote, Searched
from onrecord.wording.answer_text import (
    UNCONFIRMED,
    compose_answer,
    compose_claims,
    compose_refusal,
    left_out_line,
    searched_line,
    stale,
)
from onrecord.wording.dates import count

Event = Progress | Part | Answer

_MOST_QUOTES = 10
_INEXACT = "not an exact slice"
_OUTDATED = "changed or deleted since it was indexed"
_LOG = logging.getLogger("onrecord.answer")


class AnswerVerifier:
    """Takes a draft piece by piece, and gives what may be shown.

    Args:
        settings: Limits.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._opening: Opening | None = None
        self._quotes: list[Quote] = []
        self._claims: list[Claim] = []
        self._dropped: Counter[str] = Counter()

    def take(self, piece: DraftPiece) -> Iterator[Event]:
        """Verify a piece."""
        if isinstance(piece, Opening):
            self._opening = piece
            yield from _told(piece)
        elif isinstance(piece, WrittenClaim):
            part = self._claim(piece)
            if part is not None:
                yield part
        else:
            yield from self._end(piece)

    @property
    def _begun(self) -> Opening:
        if self._opening is None:
            raise ValueError("a draft begins with its opening")
        return self._opening

    # --- a chat model's claims

    def _claim(self, draft: WrittenClaim) -> Part | None:
        reason = self._fault(draft)
        if reason:
            self._dropped[str(reason)] += 1
            return None
        before = len(self._quotes)
        numbers = tuple(dict.fromkeys(self._number(one) for one in self._carriers(draft)))
        claim = Claim(clean(draft.text), numbers)
        self._claims.append(claim)
        new = tuple(enumerate(self._quotes[before:], start=before + 1))
        return Part(claim.text, numbers, new)

    def _fault(self, draft: WrittenClaim) -> str:
        """Say why a claim may not be shown; empty if it may."""
        shown = self._begun.shown
        if not draft.ids:
            return Dropped.NO_ID
        if any(not 1 <= ident <= len(shown) for ident in draft.ids):
            return Dropped.UNKNOWN_ID
        if len(self._quotes) + len(draft.ids) > _MOST_QUOTES:
            return Dropped.LENGTH
        cited = [shown[ident - 1] for ident in draft.ids]
        quoted = [self._quotation(one) for one in cited]
        if any(gives_orders(quote.text) for quote in quoted):
            return Dropped.POISONED
        if not all(quote.stands for quote in quoted):
            return _OUTDATED
        return self._uncarried(draft, cited)

    def _quotation(self, cited: ShownSentence) -> Quote:
        cutter = self._begun.read.found.cutter
        quote = cutter.quote(cited.article_row, cited.row, score=cited.score)
        return confirmed(cutter.index.originals, [quote])[0]

    def _uncarried(self, draft: WrittenClaim, cited: Sequence[ShownSentence]) -> str:
        cutter = self._begun.read.found.cutter
        articles = [cutter.article(row) for row in dict.fromkeys(one.article_row for one in cited)]
        context = [fact for article in articles for fact in _facts(article)]
        numbers = tuple(one.excerpt.number for one in cited)
        return unsupported(WrittenClaim(draft.text, numbers), [one.excerpt for one in cited], context=context)

    def _carriers(self, draft: WrittenClaim) -> list[ShownSentence]:
        """Of the sentences cited, keep those that carry the claim alone; all of them where none does."""
        cited = [self._begun.shown[ident - 1] for ident in draft.ids]
        return [one for one in cited if not self._uncarried(draft, [one])] or cited

    def _number(self, cited: ShownSentence) -> int:
        """Give the number of the quotation that holds a sentence; a new one where none does."""
        excerpt = cited.excerpt
        for number, quote in enumerate(self._quotes, start=1):
            holds = quote.start <= excerpt.start and excerpt.end <= quote.end
            if quote.article_id == excerpt.article_id and holds:
                return number
        self._quotes.append(self._quotation(cited))
        return len(self._quotes)

    # --- the end

    def _end(self, ending: Ending) -> Iterator[Event]:
        opening = self._begun
        read = opening.read
        if opening.mode == "reference":
            yield from self._reference("")
        elif ending.failure:
            yield from self._reference(f"{ending.failure} These quotations were chosen without it.")
        elif self._claims and ending.answerable:
            read.clock.lap("answer")
            yield self._modelled()
        elif ending.answerable is False and not self._stands():
            yield self._none_found()
        elif ending.answerable is False:
            yield from self._reference("The chat model found no answer. These were chosen without it.")
        else:
            yield from self._reference(
                "Nothing that the chat model wrote is borne out. These were chosen without it."
            )

    def _stands(self) -> bool:
        return bool(self._begun.quotes) and outweighs_model(self._begun.read)

    def _modelled(self) -> Answer:
        """The answer of a chat model: its claims that are borne out, and what carries them."""
        claims, quotes = tuple(self._claims), tuple(self._quotes)
        return self._answer(quotes, claims=claims, mode=self._begun.mode, notice=self._left_out())

    def _left_out(self) -> str:
        total = sum(self._dropped.values())
        if not total:
            return ""
        return f"{count(total, 'claim')} of the chat model left out: not borne out by the articles."

    def _none_found(self) -> Answer:
        """Refuse, because the chat model says that the sentences do not answer."""
        read = self._begun.read
        if read.left_out and not read.refused:
            raise stale(read.left_out)
        reason = read.reason if read.refused else NO_PASSAGE
        return self._refusal(reason, mode=self._begun.mode)

    def _reference(self, notice: str) -> Iterator[Part | Answer]:
        """The answer that needs no model."""
        opening = self._begun
        # Held against the corpus once more: a step may be somebody else's, and a file may have changed.
        sliced = [quote for quote in opening.quotes if self._exact(quote)]
        exact = confirmed(opening.read.found.index.originals, sliced)
        quotes = tuple(quote for quote in exact if quote.stands)
        self._dropped.update([_OUTDATED] * (len(exact) - len(quotes)))
        if notice:
            _LOG.info("answered without the chat model: %s", notice)
            notice = f"{notice} {self._left_out()}".rstrip()
        read = opening.read
        if exact and not quotes:
            raise stale(exact)
        if not quotes:
            yield self._refusal(read.reason, mode="reference", notice=notice)
            return
        for number, quote in enumerate(quotes, start=1):
            yield Part("", (number,), ((number, quote),))
        yield self._answer(quotes, mode="reference", notice=notice, reason=read.reason)

    def _exact(self, quote: Quote) -> bool:
        """Hold a quotation against its article; one that another step chose may be anything."""
        index = self._begun.read.found.index
        article = index.article(index.shelf.row(quote.article_id))
        exact = article.text[quote.start : quote.end] == quote.text and article.sha256 == quote.sha256
        self._dropped.update([] if exact else [_INEXACT])
        return exact

    def _refusal(self, reason: str, *, mode: str, notice: str = "") -> Answer:
        nearest = self._begun.read.nearest
        return self._answer((), mode=mode, notice=notice, reason=reason, nearest=nearest)

    def _answer(
        self,
        quotes: tuple[Quote, ...],
        *,
        mode: str,
        claims: tuple[Claim, ...] = (),
        notice: str = "",
        reason: str = "",
        nearest: tuple[Quote, ...] = (),
    ) -> Answer:
        read = self._begun.read
        if self._dropped:
            _LOG.info("claims left out: %s", dict(self._dropped))
        parts = parts_answered(read, quotes, limit=self._settings.quotes, modelled=bool(claims))
        unknown = any(quote.on_disk is OnDisk.UNKNOWN for quote in (*quotes, *nearest))
        told = (notice, left_out_line(read.left_out), UNCONFIRMED if unknown else "")
        answer = Answer(
            id=_answer_id(read, mode, claims, quotes),
            question=read.question,
            standalone=read.standalone,
            text="",
            quotes=quotes,
            ranked=read.ranked,
            confidence=read.confidence,
            reason=reason,
            nearest=nearest,
            searched=_searched(read, quotes),
            mode=mode,
            claims=claims,
            changes=changes_between(read.found.index, quotes) if read.query.comparing else (),
            dropped=dict(self._dropped),
            notice=" ".join(part for part in told if part),
            wants=read.query.wants,
            constraints=constraints_met(read, quotes, parts),
            parts=parts,
        )
        read.clock.lap("verify")
        return replace(answer, text=_written(answer), timings=read.clock.laps)


def _written(answer: Answer) -> str:
    """Write an answer out, for reading."""
    if answer.refused:
        return compose_refusal(answer.reason, answer.searched, answer.nearest, caveats=answer.caveats)
    if answer.claims:
        return compose_claims(answer.claims, answer.quotes, caveats=answer.caveats)
    return compose_answer(answer.quotes, reason=answer.reason, caveats=answer.caveats)


def verified(pieces: Iterable[DraftPiece], settings: Settings) -> Iterator[Event]:
    """Verify a whole draft.

    Args:
        pieces: An opening, claims, an ending.
        settings: Limits.

    Yields:
        What may be shown; last the answer.
    """
    verifier = AnswerVerifier(settings)
    for piece in pieces:
        yield from verifier.take(piece)


def _searched(read: Read, quotes: Sequence[Quote]) -> Searched:
    """Add to what was searched what the quotations rest on."""
    if not quotes:
        return read.searched
    return replace(read.searched, coverage=cover(read.found.index, quotes, read.query, read.filters))


def _told(opening: Opening) -> Iterator[Progress]:
    """Tell what the steps before came to."""
    read, laps = opening.read, opening.read.clock.laps
    if read.standalone != read.question:
        yield Progress("condense", f"Read as: {read.standalone}", laps.get("condense", 0.0))
    yield Progress("retrieve", searched_line(read.searched), laps.get("retrieve", 0.0))
    passages = count(len(read.found.candidates.rows), "passage")
    shown = f"; {count(len(opening.shown), 'sentence')} go to {opening.mode}" if opening.shown else ""
    yield Progress("read", f"Read {passages}{shown}.", laps.get("read", 0.0))


def _facts(article: Article) -> tuple[str, ...]:
    return tuple(fact for fact in (article.text, article.title, article.outlet, article.published) if fact)


def _answer_id(read: Read, mode: str, claims: tuple[Claim, ...], quotes: tuple[Quote, ...]) -> str:
    """The same question on the same index is the same answer."""
    told = repr((read.found.index.generation.name, read.standalone, read.filters))
    if mode != "reference":
        told += repr((mode, claims, [(quote.article_id, quote.start, quote.end) for quote in quotes]))
    return hashlib.blake2b(told.encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()
