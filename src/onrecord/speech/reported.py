"""Reports: direct and reported speech in an article that is no transcript."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from onrecord.people.names import Roster, Speaker, source_of
from onrecord.speech.attribution import Quotation, Unit, mask, units
from onrecord.speech.circumstances import NOWHERE, Circumstances, beside
from onrecord.speech.content_clauses import clauses_of, ended, leads
from onrecord.speech.coreference import Voices
from onrecord.speech.cues import Cue
from onrecord.speech.said_on import Dateline
from onrecord.speech.tokens import QUOTED, Token
from onrecord.text.quotation_marks import OPENING, OUTER, STRAIGHT
from onrecord.text.quotations import quotations
from onrecord.types import Mode, Sentence, SentenceKind, SpeakerKind, Statement

# Some articles turn a mark round: what stands first opens, whichever way it looks.
_OPENING = f"{OUTER}‘‚`*_"
_CLOSING = f"{OUTER}’‘`*_"
_REOPENED = f"{OPENING}{STRAIGHT}`"
_CAPITALS = re.compile(r"(?:\b([a-z]{2,7}) )?(?<![\w’'])([^\W\d_a-z][\w\-]+)(?![\w\-]|[’']s)")
_BEFORE_OBJECT = frozenset(("of", "to", "for", "with", "by", "from", "against", "about", "than", "like"))
_FEWEST_WORDS = 3
_FEWEST_REPORTED = 4
_MOSTLY = 0.5
_LOOK_AHEAD = 3
_SIGNS_AROUND = 12
_LABEL_WORDS = 12
_LEAD = 300
_BEFORE = 8
_SHORTLY = 300

Extent = tuple[int, int]
_NONE = (None, None)


def trimmed(text: str, start: int, end: int, *, opening: str = "", closing: str = "") -> tuple[int, int]:
    """Cut white space, and the given marks, from both ends of a slice."""
    while start < end and (text[start].isspace() or text[start] in opening):
        start += 1
    while end > start and (text[end - 1].isspace() or text[end - 1] in closing):
        end -= 1
    return start, end


@dataclass(frozen=True, slots=True)
class _Said:
    """Whose speech a quotation is, by what sign, in which paragraph, and under what circumstances."""

    speaker: Speaker | None
    cue: str
    paragraph: int
    by: Extent | None = None
    sign: Extent | None = None
    told: Circumstances = NOWHERE
    certain: bool = True
    introduces: bool = False

    @property
    def name(self) -> str:
        return self.speaker.name if self.speaker else ""

    def statement(self, mode: Mode, start: int, end: int, content: Extent) -> Statement:
        """Make a statement of a slice of what was said."""
        dated = self.told.dated
        by_start, by_end = self.by or _NONE
        sign_start, sign_end = self.sign or _NONE
        return Statement(
            self.name,
            self.cue,
            mode,
            start,
            end,
            said_on=dated.day if dated else None,
            said_on_basis=dated.basis if dated else None,
            content_start=content[0],
            content_end=content[1],
            speaker_start=by_start,
            speaker_end=by_end,
            cue_start=sign_start,
            cue_end=sign_end,
            addressee=self.told.addressee,
            occasion=self.told.occasion,
            source=source_of(self.speaker) if self.speaker else SpeakerKind.UNKNOWN,
            certain=self.certain and self.speaker is not None,
        )


class ReportedSpeech:
    """Reads the units of one article in order, minding who spoke last.

    Args:
        text: Of the article.
        sentences: In order.
        blocks: The paragraphs.
        roster: Who is named in it.
        dateline: What times are resolved against.
        clauses: Give reported speech clause by clause, not one statement for each sentence and speaker.
    """

    def __init__(
        self,
        text: str,
        sentences: Sequence[Sentence],
        blocks: Sequence[tuple[int, int]],
        roster: Roster,
        *,
        dateline: Dateline,
        clauses: bool = False,
    ) -> None:
        self._text = text
        self._covered, spans = mask(text, quotations(text))
        self._units = units(text, self._covered, sentences, spans, blocks, views=clauses)
        self._roster = roster
        self._voices = Voices(roster)
        self._dateline = dateline
        self._clauses = clauses
        self._last: _Said | None = None
        self._named: dict[int, tuple[int, tuple[Speaker, Extent] | None]] = {}

    def read(self) -> Iterator[Statement]:
        """Give the statements of the article."""
        for index, unit in enumerate(self._units):
            self._voices.paragraph = unit.paragraph
            said = self._speakers(unit)
            direct = list(self._direct(index, unit, said))
            yield from direct
            yield from self._reported(unit, said, direct)
            yield from self._views(unit)
            if not said:
                self._mind(unit, unit.end)
            if self._covered[unit.end - 1] == ":" and not unit.quotations:
                self._introduce(unit, said)

    def _introduce(self, unit: Unit, said: dict[Cue, _Said]) -> None:
        """Heed a sentence that ends with a colon: a quotation in the next paragraph is its subject's."""
        latest = next(reversed(said.values()), None)
        named = None if latest else self._named_in(unit, unit.end)
        cue = unit.cues[-1] if unit.cues else None
        word, sign = (cue.word, cue.sign) if cue else (":", (unit.end - 1, unit.end))
        if latest is not None:
            self._last = replace(latest, cue=word, sign=sign, told=NOWHERE, introduces=True)
        elif named is not None:
            self._last = _Said(named[0], word, unit.paragraph, named[1], sign, certain=False)

    def _speakers(self, unit: Unit) -> dict[Cue, _Said]:
        """Resolve the subject of each sign of speech in a unit, in order."""
        used = {quotation.cue for quotation in unit.quotations}
        if self._covered[unit.end - 1] == ":":
            used.update(unit.cues[-1:])
        found: dict[Cue, _Said] = {}
        latest: Speaker | None = None
        by: Extent | None = None
        sure = True
        for cue in unit.cues:
            if cue.loose and cue not in used:
                continue
            last = self._last
            if cue.participle and not cue.subject and not found and last and last.paragraph == unit.paragraph:
                latest, sure = last.speaker, last.certain  # a sentence of its own: Adding, “…”
            elif not (cue.participle and latest):
                latest, by = self._speaker(unit, cue), cue.by
                sure = latest is not None and self._voices.sure(cue.subject, latest, self._named_before(cue))
            if latest is not None:
                found[cue] = _Said(latest, cue.word, unit.paragraph, by, cue.sign, certain=sure)
                self._voices.heed(latest)
        return found

    def _speaker(self, unit: Unit, cue: Cue) -> Speaker | None:
        if len(cue.subject) == 1 and cue.subject[0][0].islower():
            self._mind(unit, cue.start)
        return self._voices.resolve(cue.subject)

    def _mind(self, unit: Unit, end: int) -> None:
        named = self._named_in(unit, end)
        if named is not None:
            self._voices.heed(named[0], spoke=False)

    def _named_in(self, unit: Unit, end: int) -> tuple[Speaker, Extent] | None:
        """Find the first known person named in a unit where the name is no object."""
        begin, named = self._named.get(unit.start, (unit.start, None))
        if named is None and begin < end:
            named = self._first_named(begin, end)
            # What was looked through once is not again: a unit may hold any number of pronouns.
            self._named = {unit.start: (end, named)}
        return named if named is not None and named[1][1] <= end else None

    def _named_before(self, cue: Cue) -> Iterator[Speaker]:
        """Give who is named shortly before a sign of speech."""
        for match in _CAPITALS.finditer(self._covered, max(cue.start - _SHORTLY, 0), cue.start):
            if self._roster.knows(match[2]):
                speaker = self._roster.resolve([match[2]])
                if speaker is not None:
                    yield speaker

    def _first_named(self, start: int, end: int) -> tuple[Speaker, Extent] | None:
        for match in _CAPITALS.finditer(self._covered, start, end):
            if match[1] not in _BEFORE_OBJECT and self._roster.knows(match[2]):
                speaker = self._roster.resolve([match[2]])
                return (speaker, match.span(2)) if speaker else None
        return None

    def _direct(self, index: int, unit: Unit, speakers: dict[Cue, _Said]) -> Iterator[Statement]:
        for quotation in unit.quotations:
            said = self._whose(index, unit, quotation, speakers)
            if said is None:
                continue
            if said.speaker is not None:
                self._last = said
                self._voices.heed(said.speaker)
            whole = trimmed(self._text, quotation.span.start, quotation.span.end)
            for sentence in unit.sentences:
                start, end = self._inside(quotation, sentence)
                if start < end and sentence.kind is not SentenceKind.BOILERPLATE:
                    yield said.statement(Mode.DIRECT, start, end, whole)

    def _inside(self, quotation: Quotation, sentence: Sentence) -> Extent:
        span = quotation.span
        first, last = max(span.start, sentence.start), min(span.end, sentence.end)
        opening = _OPENING if first == span.start else _REOPENED
        return trimmed(self._text, first, last, opening=opening, closing=_CLOSING if last == span.end else "")

    def _whose(
        self, index: int, unit: Unit, quotation: Quotation, speakers: dict[Cue, _Said]
    ) -> _Said | None:
        """Tell whose words a quotation is; None for a borrowed phrase."""
        cue = quotation.cue
        if cue is not None:
            if quotation.words < _FEWEST_WORDS and not quotation.full:
                return None
            said = speakers.get(cue) or _Said(None, cue.word, unit.paragraph, cue.by, cue.sign)
            return replace(said, told=self._told(cue, (unit.start, unit.end), full=quotation.full))
        if unit.label:
            colon = unit.label[-1].end
            speaker, by = self._labelled(unit.label)
            sign = (colon, self._covered.index(":", colon) + 1)
            # In a long one the name may be anybody's: ``with a request she made to Abedin: “…”``.
            sure = len(unit.label) <= _LABEL_WORDS
            return _Said(speaker, ":", unit.paragraph, by, sign, certain=sure)
        if quotation.full and unit.bare:
            return self._continued(index, unit)
        return _Said(None, "", unit.paragraph) if quotation.uttered else None

    def _told(self, cue: Cue, span: Extent, *, full: bool) -> Circumstances:
        return beside(
            self._covered,
            span=span,
            sign=cue.sign,
            by=cue.by,
            cue=(cue.start, cue.end),
            full=full,
            dateline=self._dateline,
        )

    def _labelled(self, label: Sequence[Token]) -> tuple[Speaker | None, Extent | None]:
        """Find a person in the words before a colon (``[Speaker Mike Johnson](…): “…”``)."""
        run: list[Token] = []
        best: tuple[Speaker | None, Extent | None] = (None, None)
        for token in [*label, None]:
            if token is not None and token.text[:1].isupper():
                run.append(token)
            elif run:
                speaker = self._roster.resolve([one.text for one in run])
                if speaker is not None and speaker.person:
                    best = speaker, (run[0].start, run[-1].end)
                run = []
        return best

    def _continued(self, index: int, unit: Unit) -> _Said:
        """Carry a speaker on to a quotation that stands alone."""
        last = self._last
        if last is not None and last.paragraph == unit.paragraph:
            return last
        for ahead in self._units[index + 1 : index + 1 + _LOOK_AHEAD]:
            if ahead.paragraph != unit.paragraph or self._covered[ahead.start] != QUOTED:
                break
            cue = ahead.quotations[0].cue if ahead.quotations else None
            if cue is not None:
                told = self._told(cue, (ahead.start, ahead.end), full=True)
                return _Said(self._speaker(ahead, cue), cue.word, unit.paragraph, cue.by, cue.sign, told)
        if last is not None and unit.paragraph - last.paragraph == 1:
            # But for a colon, the article leaves it to the reader to see that the same person goes on.
            sure = last.certain and last.introduces
            return replace(last, paragraph=unit.paragraph, certain=sure, introduces=False)
        return _Said(None, "", unit.paragraph)

    def _reported(
        self, unit: Unit, said: dict[Cue, _Said], direct: Sequence[Statement]
    ) -> Iterator[Statement]:
        emitted: set[tuple[int, str]] = set()
        uttered = {quotation.cue for quotation in unit.quotations if quotation.full}
        for cue, one in said.items():
            sentence = next((each for each in unit.sentences if each.start <= cue.start < each.end), None)
            if sentence is None or cue.loose:
                continue
            if cue in uttered:
                yield from self._led(unit, cue, sentence, one)
                continue
            told = replace(one, told=self._told(cue, (sentence.start, sentence.end), full=False))
            main = (sentence.start, one.name) not in emitted and self._tells(sentence, direct)
            if main:
                emitted.add((sentence.start, one.name))
                if not direct:
                    self._last = told
            if main or self._clauses:
                yield from self._clause(unit, cue, sentence, told)

        if self._clauses:
            yield from self._unresolved(unit, said)

    def _unresolved(self, unit: Unit, said: dict[Cue, _Said]) -> Iterator[Statement]:
        """Give the clauses of those whom nothing in the article names: ``They said …`` of any two."""
        quoting = {quotation.cue for quotation in unit.quotations}
        for cue in unit.cues:
            sentence = next((each for each in unit.sentences if each.start <= cue.start < each.end), None)
            if sentence is not None and cue.by and not cue.loose and cue not in said and cue not in quoting:
                one = _Said(None, cue.word, unit.paragraph, cue.by, cue.sign, certain=False)
                yield from self._clause(unit, cue, sentence, one)

    def _views(self, unit: Unit) -> Iterator[Statement]:
        for cue in unit.views:
            sentence = next((each for each in unit.sentences if each.start <= cue.start < each.end), None)
            if sentence is not None:
                speaker = self._voices.resolve(cue.subject)
                before = self._named_before(cue)
                sure = speaker is not None and self._voices.sure(cue.subject, speaker, before)
                said = _Said(speaker, cue.word, unit.paragraph, cue.by, cue.sign, certain=sure)
                yield from self._clause(unit, cue, sentence, said)

    def _led(self, unit: Unit, cue: Cue, sentence: Sentence, said: _Said) -> Iterator[Statement]:
        """Give the clause that an utterance is part of: ``said he was ready: “…”``, ``But “…,” he says``."""
        if not self._clauses:
            return
        at = bisect_left(unit.quotations, cue.end, key=lambda one: one.span.start)
        after = unit.quotations[at].span if at < len(unit.quotations) else None
        if after and after.start < sentence.end:
            trail = not ended(self._text[after.start : after.end])
            part = trail or leads(self._text[cue.end : min(after.start, cue.end + _LEAD)])
        else:
            first = bisect_left(unit.quotations, sentence.start, key=lambda one: one.span.start)
            begin = unit.quotations[first].span.start if first < at else sentence.start
            before = self._text[max(sentence.start, begin - _BEFORE) : begin].rstrip()
            part = before[-1:].isalnum() and cue is unit.cues[0]
        if part:
            yield from self._clause(unit, cue, sentence, said)

    def _tells(self, sentence: Sentence, direct: Sequence[Statement]) -> bool:
        """Tell whether a sentence is reported speech by its length, and not mostly a quotation."""
        quoted = sum(one.end - one.start for one in direct if sentence.start <= one.start < sentence.end)
        words = len(self._text[sentence.start : sentence.end].split(None, _FEWEST_REPORTED))
        return quoted < _MOSTLY * (sentence.end - sentence.start) and words >= _FEWEST_REPORTED

    def _clause(self, unit: Unit, cue: Cue, sentence: Sentence, said: _Said) -> Iterator[Statement]:
        at = bisect_left(unit.cues, cue.sign[0], key=lambda one: one.sign[0])
        near = unit.cues[max(at - _SIGNS_AROUND, 0) : at + _SIGNS_AROUND]
        signs = [one for one in near if sentence.start <= one.start < sentence.end]
        whole = (sentence.start, sentence.end)
        found = list(clauses_of(self._text, whole, cue, signs))
        for content in found if self._clauses else (found or [whole])[:1]:
            yield said.statement(Mode.REPORTED, *whole, content)
