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

from onrecord.names import Roster, same_speaker, speaker_key
from onrecord.paragraphs import paragraphs
from onrecord.reports import Reader, trimmed
from onrecord.transcripts import Turn, turns, whole_statement
from onrecord.types import Article, Kind, Mode, Sentence, Statement
from onrecord.utterances import day_in

__all__ = ["same_speaker", "speaker_key", "statements"]


def statements(article: Article, sentences: Sequence[Sentence]) -> tuple[Statement, ...]:
    """Find who said what in an article.

    Args:
        article: The article.
        sentences: Its sentences, as :func:`onrecord.sentences.split_sentences` gives them.

    Returns:
        Statements sorted by start. Direct speech is sliced without its quotation marks,
        one statement a sentence, with an empty speaker where the article does not tell;
        reported speech is the whole sentence. A sentence that mixes both may carry both.
    """
    text = article.text
    blocks = paragraphs(text)
    roster = Roster(article.title, text)
    spoken = turns(text, blocks, roster) or whole_statement(article.title, text, roster)
    span = article.span
    if spoken:
        day = span.first.isoformat() if span and span.first == span.last else day_in(article.title)
        found = _of_turns(text, sentences, spoken, day)
    else:
        year = span.first.year if span and span.first.year == span.last.year else None
        found = Reader(text, sentences, blocks, roster, year=year).read()
    return tuple(sorted(found, key=lambda statement: (statement.start, statement.end)))


def _of_turns(
    text: str, sentences: Sequence[Sentence], spoken: Sequence[Turn], day: str | None
) -> Iterator[Statement]:
    starts = [turn.start for turn in spoken]
    for sentence in sentences:
        first = max(bisect_right(starts, sentence.start) - 1, 0)
        for turn in spoken[first : first + 2]:
            start, end = trimmed(text, max(sentence.start, turn.start), min(sentence.end, turn.end))
            if start < end and sentence.kind is not Kind.HEADING:
                yield Statement(turn.speaker, turn.label, Mode.DIRECT, start, end, day)
