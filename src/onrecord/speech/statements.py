"""Who said what: the statements of an article, by rules.

A sentence carries speech when it holds a quotation or a verb of speech whose
subject can be found. Sources of the method: the cue-and-subject patterns of
rule-based quotation extraction (Krestel et al., LREC 2008; Asr et al., 2021),
with speakers resolved inside the article (surname to full name, pronoun to the
last one spoken of that fits).
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence

from onrecord.people.names import Roster
from onrecord.speech.reported import ReportedSpeech, trimmed
from onrecord.speech.said_on import Dateline, day_in
from onrecord.speech.transcripts import SpeakerTurn, turns, whole_statement
from onrecord.text.paragraphs import paragraphs
from onrecord.types import Article, Mode, Sentence, SentenceKind, SpeakerKind, Statement
from onrecord.wording.dates import written_date


def statements(
    article: Article, sentences: Sequence[Sentence], *, clauses: bool = False
) -> tuple[Statement, ...]:
    """Find who said what in an article.

    Args:
        article: The article.
        sentences: Its sentences, as :func:`onrecord.text.sentences.split_sentences` gives them.
        clauses: Give reported speech clause by clause: the statements that a sentence holds may then
            be several of one speaker, and short.

    Returns:
        Statements sorted by start. Direct speech is sliced without its quotation marks,
        one statement a sentence, with an empty speaker where the article does not tell;
        reported speech is the whole sentence. A sentence that mixes both may carry both.
    """
    text = article.text
    blocks = paragraphs(text)
    roster = Roster(article.title, text)
    spoken = turns(text, blocks, roster) or whole_statement(article.title, text, roster)
    told = sentences
    found: list[Statement] = []
    if spoken:
        found += _of_turns(text, sentences, spoken, _day_of(article))
        first = spoken[0].start if spoken[0].label_start is None else spoken[0].label_start
        told = [sentence for sentence in sentences if sentence.end <= first]
    if told:
        dateline = Dateline(article.span, _published(article))
        found += ReportedSpeech(text, told, blocks, roster, dateline=dateline, clauses=clauses).read()
    return tuple(sorted(found, key=lambda statement: (statement.start, statement.end)))


def _published(article: Article) -> str:
    return written_date(article.published, inferred="published" in article.basis)


def _day_of(article: Article) -> tuple[str | None, str | None]:
    """Tell the day of a transcript, and how it is known."""
    span = article.span
    if span and span.first == span.last:
        return span.first.isoformat(), f"the transcript’s date, {_published(article)}"
    day = day_in(article.title)
    return (day, "the transcript’s title") if day else (None, None)


def _of_turns(
    text: str,
    sentences: Sequence[Sentence],
    spoken: Sequence[SpeakerTurn],
    day: tuple[str | None, str | None],
) -> Iterator[Statement]:
    starts = [turn.start for turn in spoken]
    for sentence in sentences:
        first = max(bisect_right(starts, sentence.start) - 1, 0)
        for turn in spoken[first : first + 2]:
            start, end = trimmed(text, max(sentence.start, turn.start), min(sentence.end, turn.end))
            if start < end and sentence.kind is not SentenceKind.HEADING:
                yield _of_turn(turn, (start, end), trimmed(text, turn.start, turn.end), day)


def _of_turn(
    turn: SpeakerTurn, span: tuple[int, int], whole: tuple[int, int], day: tuple[str | None, str | None]
) -> Statement:
    at = turn.label_start
    label = (None, None) if at is None else (at, at + len(turn.label))
    return Statement(
        turn.speaker,
        turn.label,
        Mode.DIRECT,
        *span,
        said_on=day[0],
        said_on_basis=day[1],
        content_start=whole[0],
        content_end=whole[1],
        speaker_start=label[0],
        speaker_end=label[1],
        cue_start=label[0],
        cue_end=label[1],
        source=SpeakerKind.UNNAMED if turn.speaker[:1].islower() else SpeakerKind.PERSON,
    )
