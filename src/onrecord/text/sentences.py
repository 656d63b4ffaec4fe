"""Sentences: an article split into exact slices, and what each of them is."""

from __future__ import annotations

from dataclasses import dataclass

from onrecord.text.front_matter import front_matter_end
from onrecord.text.paragraphs import paragraphs
from onrecord.text.quotations import Span, quotation_spans
from onrecord.text.sentence_boundaries import sentence_spans
from onrecord.text.sentence_kinds import paragraph_kinds, sentence_kind
from onrecord.types import Sentence, SentenceKind


@dataclass(frozen=True, slots=True)
class Layout:
    """What a text is made of.

    Attributes:
        sentences: In order, together all of the text but white space.
        opens: For each sentence, whether it is the first of its paragraph.
        quoted: The quotations, in order.
    """

    sentences: tuple[Sentence, ...]
    opens: tuple[bool, ...]
    quoted: tuple[Span, ...]


def split_sentences(text: str, *, title: str = "") -> tuple[Sentence, ...]:
    """Split an article into sentences and say what each is.

    Args:
        text: The article.
        title: Its title, known as a heading where the text repeats it.

    Returns:
        The sentences in order, not overlapping, without outer white space; together
        they hold every code point that is no white space.
    """
    return lay_out(text, title=title).sentences


def lay_out(text: str, *, title: str = "") -> Layout:
    """Find sentences, paragraphs and quotations of an article in one go.

    Args:
        text: The article.
        title: Its title, known as a heading where the text repeats it.

    Returns:
        The three of them.
    """
    front = front_matter_end(text)
    blocks = paragraphs(text, apart=front)
    quoted = quotation_spans(text, blocks)
    kinds, transcript = paragraph_kinds(text, blocks, title=title)
    sentences: list[Sentence] = []
    opens: list[bool] = []
    for (start, end), kind in zip(blocks, kinds, strict=True):
        for first, last in sentence_spans(text, start, end):
            of = SentenceKind.BOILERPLATE if first < front else kind
            if of is SentenceKind.TEXT:
                of = sentence_kind(text, first, last, quoted, transcript=transcript)
            sentences.append(Sentence(first, last, of))
            opens.append(first == start)
    return Layout(tuple(sentences), tuple(opens), quoted)
