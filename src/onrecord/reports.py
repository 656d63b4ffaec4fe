"""Reports: direct and reported speech in an article that is no transcript."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from onrecord.attribution import Quotation, Unit, mask, units
from onrecord.clauses import Cue
from onrecord.names import Roster, Speaker
from onrecord.sentences import quotations
from onrecord.tokens import QUOTED
from onrecord.types import Mode, Sentence, Statement
from onrecord.utterances import day_in
from onrecord.voices import Voices

__all__ = ["Reader", "trimmed"]

_OPENING = '"“”„‟«»‘‚‹＂`*_'
_CLOSING = '"“”„‟«»’‘›＂`*_'
_REOPENED = '"“„‟«＂`'
_CAPITALS = re.compile(r"(?:\b([a-z]{2,7}) )?(?<![\w’'])([^\W\d_a-z][\w\-]+)(?![\w\-]|[’']s)")
_BEFORE_OBJECT = frozenset(("of", "to", "for", "with", "by", "from", "against", "about", "than", "like"))
_FEWEST_WORDS = 3
_FEWEST_REPORTED = 4
_MOSTLY = 0.5
_LOOK_AHEAD = 3
_DAY_WITHIN = 120


def trimmed(text: str, start: int, end: int, *, opening: str = "", closing: str = "") -> tuple[int, int]:
    """Cut white space, and the given marks, from both ends of a slice."""
    while start < end and (text[start].isspace() or text[start] in opening):
        start += 1
    while end > start and (text[end - 1].isspace() or text[end - 1] in closing):
        end -= 1
    return start, end


@dataclass(frozen=True, slots=True)
class _Said:
    """Whose speech a quotation is, by what sign, in which paragraph, on what day."""

    speaker: Speaker | None
    cue: str
    paragraph: int
    day: str | None = None

    @property
    def name(self) -> str:
        return self.speaker.name if self.speaker else ""


class Reader:
    """Reads the units of one article in order, minding who spoke last.

    Args:
        text: Of the article.
        sentences: In order.
        blocks: The paragraphs.
        roster: Who is named in it.
        year: In which it was published, where that is known.
    """

    def __init__(
        self,
        text: str,
        sentences: Sequence[Sentence],
        blocks: Sequence[tuple[int, int]],
        roster: Roster,
        *,
        year: int | None = None,
    ) -> None:
        self._text = text
        self._covered, spans = mask(text, quotations(text))
        self._units = units(text, self._covered, sentences, spans, blocks)
        self._roster = roster
        self._voices = Voices(roster)
        self._year = year
        self._last: _Said | None = None

    def read(self) -> Iterator[Statement]:
        """Give the statements of the article."""
        for index, unit in enumerate(self._units):
            said = self._speakers(unit)
            direct = list(self._direct(index, unit, said))
            yield from direct
            yield from self._reported(unit, said, direct)
            if not said:
                self._mind(unit, unit.end)
            if self._covered[unit.end - 1] == ":" and not unit.quotations:
                self._introduce(unit, said)

    def _introduce(self, unit: Unit, said: dict[Cue, Speaker]) -> None:
        """Heed a sentence that ends with a colon: a quotation in the next paragraph is its subject's."""
        latest = next(reversed(said.values()), None) or self._named_in(unit, unit.end)
        if latest is not None:
            self._last = _Said(latest, unit.cues[-1].word if unit.cues else ":", unit.paragraph)

    def _speakers(self, unit: Unit) -> dict[Cue, Speaker]:
        """Resolve the subject of each sign of speech in a unit, in order."""
        used = {quotation.cue for quotation in unit.quotations}
        if self._covered[unit.end - 1] == ":":
            used.update(unit.cues[-1:])
        found: dict[Cue, Speaker] = {}
        latest: Speaker | None = None
        for cue in unit.cues:
            if cue.loose and cue not in used:
                continue
            if not (cue.participle and latest):
                latest = self._speaker(unit, cue)
            if latest is not None:
                found[cue] = latest
                self._voices.heed(latest)
        return found

    def _speaker(self, unit: Unit, cue: Cue) -> Speaker | None:
        if len(cue.subject) == 1 and cue.subject[0][0].islower():
            self._mind(unit, cue.start)
        return self._voices.resolve(cue.subject)

    def _mind(self, unit: Unit, end: int) -> None:
        speaker = self._named_in(unit, end)
        if speaker is not None:
            self._voices.heed(speaker)

    def _named_in(self, unit: Unit, end: int) -> Speaker | None:
        """Find the first known person named in a unit where the name is no object."""
        for match in _CAPITALS.finditer(self._covered, unit.start, end):
            if match[1] not in _BEFORE_OBJECT and self._roster.knows(match[2]):
                return self._roster.resolve([match[2]])
        return None

    def _direct(self, index: int, unit: Unit, speakers: dict[Cue, Speaker]) -> Iterator[Statement]:
        for quotation in unit.quotations:
            said = self._whose(index, unit, quotation, speakers)
            if said is None:
                continue
            if said.speaker is not None:
                self._last = said
                self._voices.heed(said.speaker)
            for sentence in unit.sentences:
                start, end = self._inside(quotation, sentence)
                if start < end:
                    yield Statement(said.name, said.cue, Mode.DIRECT, start, end, said.day)

    def _inside(self, quotation: Quotation, sentence: Sentence) -> tuple[int, int]:
        span = quotation.span
        first, last = max(span.start, sentence.start), min(span.end, sentence.end)
        opening = _OPENING if first == span.start else _REOPENED
        return trimmed(self._text, first, last, opening=opening, closing=_CLOSING if last == span.end else "")

    def _whose(
        self, index: int, unit: Unit, quotation: Quotation, speakers: dict[Cue, Speaker]
    ) -> _Said | None:
        """Tell whose words a quotation is; None for a borrowed phrase."""
        cue = quotation.cue
        if cue is not None:
            if quotation.words < _FEWEST_WORDS and not quotation.full:
                return None
            return _Said(
                speakers.get(cue), cue.word, unit.paragraph, self._day(cue, unit) if quotation.full else None
            )
        if unit.label:
            return _Said(self._labelled(unit.label), ":", unit.paragraph)
        return self._continued(index, unit) if quotation.full and unit.bare else None

    def _day(self, cue: Cue, unit: Unit) -> str | None:
        """Read the day after a sign of speech, up to the next quotation."""
        after = self._covered[cue.end : min(unit.end, cue.end + _DAY_WITHIN)]
        return day_in(after.partition(QUOTED)[0], year=self._year)

    def _labelled(self, label: Sequence[str]) -> Speaker | None:
        """Find a person in the words before a colon (``[Speaker Mike Johnson](…): “…”``)."""
        run: list[str] = []
        best: Speaker | None = None
        for word in [*label, "."]:
            if word[:1].isupper():
                run.append(word)
            elif run:
                speaker = self._roster.resolve(run)
                best = speaker if speaker is not None and speaker.person else best
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
                return _Said(self._speaker(ahead, cue), cue.word, unit.paragraph, self._day(cue, ahead))
        if last is not None and unit.paragraph - last.paragraph == 1:
            return replace(last, paragraph=unit.paragraph)
        return _Said(None, "", unit.paragraph)

    def _reported(
        self, unit: Unit, said: dict[Cue, Speaker], direct: Sequence[Statement]
    ) -> Iterator[Statement]:
        emitted: set[tuple[int, str]] = set()
        uttered = {quotation.cue for quotation in unit.quotations if quotation.full}
        for cue, speaker in said.items():
            sentence = next((one for one in unit.sentences if one.start <= cue.start < one.end), None)
            if cue.loose or cue in uttered or sentence is None or (sentence.start, speaker.name) in emitted:
                continue
            quoted = sum(one.end - one.start for one in direct if sentence.start <= one.start < sentence.end)
            words = len(self._text[sentence.start : sentence.end].split(None, _FEWEST_REPORTED))
            if quoted < _MOSTLY * (sentence.end - sentence.start) and words >= _FEWEST_REPORTED:
                emitted.add((sentence.start, speaker.name))
                if not direct:
                    self._last = _Said(speaker, cue.word, unit.paragraph)
                yield Statement(speaker.name, cue.word, Mode.REPORTED, sentence.start, sentence.end)
