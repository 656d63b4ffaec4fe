"""Questions worth asking: made from the corpus, and each tried before it is suggested."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import chain, islice, zip_longest
from typing import TYPE_CHECKING, Any

import numpy as np

from onrecord.assistant.subjects import POINTING, NounTest, Subject, called, stems_of, subjects_of, who_said
from onrecord.errors import IndexStaleError, QuestionError, UnknownArticleError
from onrecord.people.names import is_person, same_speaker, speaker_key
from onrecord.question.query import parse_question
from onrecord.types import Answer, Quote

if TYPE_CHECKING:
    from onrecord.assistant.assistant import Assistant
    from onrecord.index.opened import Index
    from onrecord.types import Article

_SURE = 0.6
"""A suggestion has to be answered with at least this confidence."""
_TRIES = 8
_SAME = 0.75
_APART = 30
"""So many days lie between statements that may have changed."""
_SAME_TOPIC = 2
_WORTH = 1.5
_AGAIN = 0.5
_WHO = frozenset(("who", "said", "say"))
_CHANGE = "How did {name}’s statements on {subject} change over time?"
_SPEAKERS = 12
_SENTENCES = 40
_ARTICLES = 4
_ABOUT = re.compile(r"\b(?:about|on|regarding)\s+(?P<topic>(?:the\s+|an?\s+)?[^?.!,;]{3,60}?)\s*[?.!]*$")
_DATED = re.compile(r"\s+in (?:\w+ )?\d{4}$")


@dataclass(frozen=True, slots=True)
class _Candidate:
    """A question, and what its answer has to be like.

    Attributes:
        question: As suggested.
        speaker: Whose words the first quotation has to carry; anybody's where empty.
        stems: Of the words that the first quotation has to hold.
        articles: How many articles the answer has to quote.
        year: In which the first quotation has to have been published; any where empty.
    """

    question: str
    speaker: str = ""
    stems: frozenset[str] = frozenset()
    articles: int = 1
    year: str = ""


@dataclass(frozen=True, slots=True)
class _Spoken:
    """A sentence that carries somebody's words."""

    row: int
    article: int
    speaker: str
    text: str


def examples(assistant: Assistant, *, limit: int = 4) -> tuple[str, ...]:
    """Make first questions from the corpus.

    Args:
        assistant: Answers; it tries each question without a chat model.
        limit: How many, at most.

    Returns:
        Questions that are answered, the best first; the same ones for the same index.
    """
    desk = _Desk(assistant)
    return desk.tried(_openings(desk), limit=limit)


def follow_ups(
    assistant: Assistant, answer: Answer, *, limit: int = 3, filters: Mapping[str, Any] | None = None
) -> tuple[str, ...]:
    """Make questions that go on from an answer.

    Args:
        assistant: Answers; it tries each question without a chat model.
        answer: To go on from; a refusal is gone on from by what lies nearest.
        limit: How many, at most.
        filters: What the search is narrowed to, as for :meth:`onrecord.assistant.assistant.Assistant.ask`.

    Returns:
        Questions that are answered, and not by the quotation that the answer began with.
    """
    desk = _Desk(assistant, filters or {})
    shown = {(quote.article_id, quote.start) for quote in answer.quotes}
    going = _nearest(desk, answer) if answer.refused else _going_on(desk, answer)
    return desk.tried(going, limit=limit, shown=shown, asked=answer.standalone or answer.question)


class _Desk:
    """One index, and the assistant that tries questions on it."""

    def __init__(self, assistant: Assistant, filters: Mapping[str, Any] | None = None) -> None:
        self._assistant = assistant
        self._filters = dict(filters or {})
        self.index: Index = assistant.index
        self._nouns: dict[int, NounTest] = {}

    def article(self, row: int) -> Article:
        return self.index.article(row)

    def names_speaker(self, subject: Subject) -> bool:
        """Say whether a subject is somebody's bare surname with an article: ``the Trump``."""
        article, _, name = subject.text.partition(" ")
        known = self.index.store.speaker_keys
        return article == "the" and subject.named and subject.words == 1 and speaker_key(name) in known

    def row(self, speaker: str) -> int | None:
        """Give the row of a speaker; an old answer may name one whom the index knows no more."""
        try:
            return self.index.speaker_rows(speaker)[0]
        except QuestionError:
            return None

    def spoken_by(self, row: int, *, within: Sequence[int] = ()) -> list[_Spoken]:
        """Give a speaker's first sentences, of few articles."""
        rows = np.flatnonzero(self.index.spoken == row)
        return self._sentences(rows, within)

    def spoken_in(self, article: int) -> list[_Spoken]:
        """Give the first sentences of an article that carry somebody's words."""
        store = self.index.store
        first, last = store.passages["sentence"][store.articles["passage"][article : article + 2]]
        spoken = np.flatnonzero(self.index.spoken[first:last] >= 0) + int(first)
        return self._sentences(spoken, (article,))

    def _sentences(self, rows: Any, within: Sequence[int]) -> list[_Spoken]:
        store, used = self.index.store, set(within)
        found: list[_Spoken] = []
        passages = np.searchsorted(store.passages["sentence"], rows[: 10 * _SENTENCES], side="right") - 1
        for row, article in zip(rows.tolist(), store.passages["article"][passages].tolist(), strict=False):
            if within and article not in within:
                continue
            used.add(article)
            if len(used) > max(_ARTICLES, len(within)) or len(found) == _SENTENCES:
                break
            sentence = store.sentences[row]
            text = self.article(article).text[int(sentence["start"]) : int(sentence["end"])]
            if not self.index.is_as_indexed(article):
                continue
            found.append(_Spoken(row, article, store.speakers[self.index.spoken[row]], text))
        return found

    def subjects(self, sentence: _Spoken) -> Iterator[Subject]:
        """Give what a sentence is about."""
        if sentence.article not in self._nouns:
            self._nouns[sentence.article] = NounTest(self.article(sentence.article).text)
        yield from subjects_of(sentence.text, self._nouns[sentence.article])

    def tried(
        self,
        candidates: Iterator[_Candidate],
        *,
        limit: int,
        shown: set[tuple[str, int]] | None = None,
        asked: str = "",
    ) -> tuple[str, ...]:
        """Ask the candidates in turn, and keep those that are answered as they have to be."""
        shown, kept, about = set(shown or ()), [], [stems_of(asked)]
        for candidate in islice(_fresh(candidates, about), _TRIES):
            first = self._answers(candidate)
            if first is None or (candidate.articles == 1 and (first.article_id, first.start) in shown):
                continue
            shown.add((first.article_id, first.start))
            about.append(stems_of(candidate.question))
            kept.append(candidate.question)
            if len(kept) == limit:
                break
        return tuple(kept)

    def _answers(self, candidate: _Candidate) -> Quote | None:
        """Give the first quotation that answers a candidate; None where it is not worth suggesting."""
        try:
            answer = self._assistant.ask(candidate.question, reference=True, **self._filters)
        except IndexStaleError:
            return None
        if answer.refused or answer.reason or answer.confidence < _SURE:
            return None
        first = answer.quotes[0]
        if candidate.speaker and not same_speaker(candidate.speaker, first.speaker or ""):
            return None
        if not (first.published or "").startswith(candidate.year):
            return None
        if len({quote.article_id for quote in answer.quotes}) < candidate.articles:
            return None
        return first if candidate.stems <= stems_of(first.text) else None


def _fresh(candidates: Iterator[_Candidate], about: Sequence[frozenset[str]]) -> Iterator[_Candidate]:
    """Leave out what asks nearly the same as something before; ``about`` may grow in the meantime."""
    for candidate in candidates:
        stems = stems_of(candidate.question)
        if not any(len(stems & other) >= _SAME * len(stems | other) for other in about):
            yield candidate


# --- first questions


def _openings(desk: _Desk) -> Iterator[_Candidate]:
    """Give questions of every kind in turn: what somebody said, who said it, how it changed."""
    said: list[list[_Candidate]] = []
    who: list[_Candidate] = []
    changed: list[_Candidate] = []
    for name in islice((name for name in desk.index.speakers if _is_named(name)), _SPEAKERS):
        sentences = desk.spoken_by(desk.index.store.speakers.index(name))
        said.append(_said(desk, name, sentences))
        changed += _changed(desk, name, sentences)[:1]
        who += _who(sentences)[:1]
    return _in_turn(_one_each(said), who, _one_each([changed]))


def _is_named(name: str) -> bool:
    return bool(name) and called(name) == name and is_person(name.split())


def _in_turn(*several: Sequence[_Candidate] | Iterator[_Candidate]) -> Iterator[_Candidate]:
    return (each for each in chain.from_iterable(zip_longest(*several)) if each is not None)


def _one_each(lists: Sequence[Sequence[_Candidate]]) -> Iterator[_Candidate]:
    """Take in turn from each list its next candidate on a subject that none before was on."""
    seen: set[str] = set()
    waiting = [list(each) for each in lists]
    while any(waiting):
        for each in waiting:
            at = next((at for at, candidate in enumerate(each) if not candidate.stems & seen), None)
            if at is None:
                each.clear()
                continue
            seen |= each[at].stems
            yield each[at]
            del each[: at + 1]


def _said(
    desk: _Desk, name: str, sentences: Sequence[_Spoken], *, but: frozenset[str] = frozenset()
) -> list[_Candidate]:
    """Ask what somebody said about the subjects of their sentences, the best first."""
    speaker = called(name)
    if not speaker:
        return []
    return [
        _Candidate(f"What did {speaker} say about {subject.text}?", name, subject.stems)
        for subject in _best_subjects(desk, sentences, but=but | stems_of(name))
    ]


def _best_subjects(desk: _Desk, sentences: Sequence[_Spoken], *, but: frozenset[str]) -> list[Subject]:
    """Sort subjects by how much they are worth asking about."""
    scores: dict[str, float] = {}
    found: dict[str, Subject] = {}
    for sentence in sentences:
        titled = stems_of(desk.article(sentence.article).title)
        for subject in desk.subjects(sentence):
            if subject.stems & but or not subject.stems or desk.names_speaker(subject):
                continue
            found.setdefault(subject.text, subject)
            scores[subject.text] = scores.get(subject.text, subject.worth(titled)) + _AGAIN
    return sorted(
        (each for each in found.values() if scores[each.text] >= _WORTH), key=lambda s: -scores[s.text]
    )


def _who(sentences: Sequence[_Spoken]) -> list[_Candidate]:
    """Ask who said what a report says that somebody said; what holds most names first."""
    found = ((each, who_said(each.text, each.speaker)) for each in sentences)
    asked = [_Candidate(told, each.speaker, stems_of(told) - _WHO) for each, told in found if told]
    return sorted(asked, key=lambda each: -sum(word[0].isupper() for word in each.question.split()[1:]))


def _changed(desk: _Desk, name: str, sentences: Sequence[_Spoken]) -> list[_Candidate]:
    """Ask how somebody's words on a subject changed, where articles of different days carry them."""
    articles = {sentence.article for sentence in sentences}
    spans = {article: span for article in articles if (span := desk.article(article).span)}
    days = sorted(spans.values())
    if not days or (days[-1].first - days[0].last).days < _APART:
        return []
    told = {a: frozenset().union(*(stems_of(s.text) for s in sentences if s.article == a)) for a in spans}
    return [
        _Candidate(_CHANGE.format(name=name, subject=subject.text), name, subject.stems, articles=2)
        for subject in _best_subjects(desk, sentences, but=stems_of(name))
        if sum(subject.stems <= stems for stems in told.values()) > 1
    ]


# --- going on from an answer


def _going_on(desk: _Desk, answer: Answer) -> Iterator[_Candidate]:
    """Give, in turn: others on the same, the same person on something else, other days."""
    asked, speaker = answer.standalone or answer.question, answer.quotes[0].speaker or ""
    sentences = [each for article in _articles(desk, answer.quotes) for each in desk.spoken_in(article)]
    topic = _topic(asked, speaker)
    own: list[_Candidate] = []
    dated: list[_Candidate] = []
    row = desk.row(speaker) if _is_named(speaker) else None
    if row is not None:
        mine = desk.spoken_by(row)
        own = _said(desk, speaker, [s for s in sentences if s.speaker == speaker], but=stems_of(asked))
        dated = [*_in_year(desk, speaker, topic, mine, answer.quotes), *_again(desk, speaker, topic, mine)]
    return _in_turn(_others(desk, sentences, asked, topic, speaker), _one_each([own]), dated)


def _articles(desk: _Desk, quotes: Sequence[Quote]) -> list[int]:
    """Give the rows of the first articles quoted, as far as the index still holds them."""
    rows = []
    for ident in islice(dict.fromkeys(quote.article_id for quote in quotes), _ARTICLES):
        with suppress(UnknownArticleError):
            rows.append(desk.index.shelf.row(ident))
    return rows


def _topic(asked: str, speaker: str) -> str:
    """Take from a question what it asks about; empty where that cannot be told."""
    found = _ABOUT.search(asked)
    topic = _DATED.sub("", found["topic"]) if found else ""
    words = {word.lower() for word in topic.split()}
    if stems_of(topic) and not (words & POINTING or stems_of(topic) & stems_of(speaker)):
        return topic
    inside = subjects_of(asked, NounTest(asked))
    return next((each.text for each in inside if not each.stems & stems_of(speaker)), "")


def _by_speaker(sentences: Sequence[_Spoken], *, but: str = "") -> dict[str, list[_Spoken]]:
    told: dict[str, list[_Spoken]] = {}
    for sentence in sentences:
        if not (but and same_speaker(but, sentence.speaker)) and called(sentence.speaker):
            told.setdefault(sentence.speaker, []).append(sentence)
    return told


def _others(
    desk: _Desk, sentences: Sequence[_Spoken], asked: str, topic: str, speaker: str
) -> Iterator[_Candidate]:
    """Ask what others said about the same, those first who use most of its words; then on other things."""
    wanted = stems_of(topic) or stems_of(asked)
    told = _by_speaker(sentences, but=speaker)
    near = {name: max((stems_of(s.text) & wanted for s in own), key=len) for name, own in told.items()}
    order = sorted(near, key=lambda name: (not _is_named(name), -len(near[name])))
    for name in [name for name in order if topic and 2 * len(near[name]) >= len(wanted)][:_SAME_TOPIC]:
        yield _Candidate(f"What did {called(name)} say about {topic}?", name, near[name])
    yield from _one_each([_said(desk, name, told[name]) for name in order if _is_named(name)])


def _in_year(
    desk: _Desk, speaker: str, topic: str, sentences: Sequence[_Spoken], quotes: Sequence[Quote]
) -> Iterator[_Candidate]:
    """Ask for the same in another year, in which an article carries the person's words on it."""
    seen = {(quote.published or "")[:4] for quote in quotes}
    wanted = stems_of(topic)
    for sentence in sentences:
        span = desk.article(sentence.article).span
        if not topic or span is None or span.first.year != span.last.year or str(span.first.year) in seen:
            continue
        near = wanted & stems_of(sentence.text)
        if 2 * len(near) >= len(wanted):
            seen.add(str(span.first.year))
            question = f"What did {speaker} say about {topic} in {span.first.year}?"
            yield _Candidate(question, speaker, near, year=str(span.first.year))


def _again(desk: _Desk, speaker: str, topic: str, sentences: Sequence[_Spoken]) -> Iterator[_Candidate]:
    """Ask how the person's words on the same changed."""
    found = _changed(desk, speaker, sentences)
    wanted = stems_of(topic)
    yield from (each for each in found if not topic or each.stems & wanted)


def _nearest(desk: _Desk, answer: Answer) -> Iterator[_Candidate]:
    """Give what can be asked near a question that is not answered."""
    asked = answer.standalone or answer.question
    person = parse_question(asked).person or ""
    own = _of_person(desk, person) if person else []
    sentences = [each for article in _articles(desk, answer.nearest) for each in desk.spoken_in(article)]
    return _in_turn(_one_each([own]), _others(desk, sentences, asked, _topic(asked, person), person))


def _of_person(desk: _Desk, asked: str) -> list[_Candidate]:
    """Ask what the person asked about said on other things."""
    row = desk.row(asked)
    return _said(desk, desk.index.store.speakers[row], desk.spoken_by(row)) if row is not None else []
