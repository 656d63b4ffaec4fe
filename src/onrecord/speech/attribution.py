"""Attribution: which sign of speech in a sentence belongs to which of its quotations."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

from onrecord.speech.attitudes import attitudes
from onrecord.speech.cues import Cue, cues, has_cue
from onrecord.speech.tokens import QUOTED, Token, low_at, tokenise
from onrecord.text.lexicon import DETERMINERS
from onrecord.text.quotation_marks import CLOSING, STRAIGHT
from onrecord.text.quotations import Span
from onrecord.types import Sentence, SentenceKind

_WORD = re.compile(r"\w[\w’'\-]*")
_FEWEST_WORDS = 3
_NEAR = 6
_FEW = 3
_DOUBLED = ("''", "``", "’’", "‘‘")
_WORKS = frozenset(
    "book film movie show song article column essay series podcast program documentary memoir".split()
)
_CLOSING = f"{CLOSING}{STRAIGHT}'’` "
_ENDING = tuple(",?!.…—–-")
_APART = (SentenceKind.HEADING, SentenceKind.BOILERPLATE)
"""What belongs to no unit, save amid a quotation: ``… `` or ``(Applause.)``."""


@dataclass(frozen=True, slots=True)
class Quotation:
    """A quotation of a unit.

    Attributes:
        span: Marks included.
        words: How many words it holds, up to a few.
        cue: The sign of speech that it belongs to, or None.
        full: Whether it stands as an utterance and not as a borrowed phrase.
        uttered: Whether a comma or a colon introduces it as an utterance, though no sign of speech does.
    """

    span: Span
    words: int
    cue: Cue | None
    full: bool
    uttered: bool = False


@dataclass(frozen=True, slots=True)
class Unit:
    """A sentence, or the sentences that one quotation joins.

    Attributes:
        start: First code point.
        end: Past the last code point.
        sentences: The sentences in it.
        paragraph: Number of the paragraph in which it starts.
        cues: Signs of speech outside its quotations.
        quotations: Its quotations.
        bare: Whether it holds hardly a word outside its quotations.
        label: Tokens before a colon that a quotation follows, where there are any.
        views: Signs of an attitude outside its quotations, where they were asked for.
    """

    start: int
    end: int
    sentences: tuple[Sentence, ...]
    paragraph: int
    cues: tuple[Cue, ...]
    quotations: tuple[Quotation, ...]
    bare: bool
    label: tuple[Token, ...] = ()
    views: tuple[Cue, ...] = ()


def mask(text: str, spans: Sequence[Span]) -> tuple[str, tuple[Span, ...]]:
    """Cover the quotations of a text, so that words outside them can be read alone.

    A phrase of one or two words that does not stand as an utterance stays readable.
    """
    text = text.replace(QUOTED, "\ue001")
    parts, kept, at = [], [], 0
    for span in spans:
        inner = _inner(text, span.start, span.end).rstrip()
        if (
            len(inner.split(None, _FEWEST_WORDS - 1)) >= _FEWEST_WORDS
            or inner.endswith(_ENDING)
            or text[span.end : span.end + 1] == ","
        ):
            parts += [text[at : span.start], QUOTED * (span.end - span.start)]
            kept.append(span)
            at = span.end
    return "".join([*parts, text[at:]]), tuple(kept)


def _inner(text: str, start: int, end: int) -> str:
    """Give what stands between the marks of a quotation; a mark may be two characters (``''``)."""
    start += 2 if text.startswith(_DOUBLED, start) else 1
    return text[start:end].rstrip(_CLOSING)


def units(
    text: str,
    covered: str,
    sentences: Sequence[Sentence],
    spans: Sequence[Span],
    blocks: Sequence[tuple[int, int]],
    *,
    views: bool = False,
) -> list[Unit]:
    """Join the sentences of an article where a quotation joins them, and read each unit."""
    starts = [start for start, _ in blocks]
    begins = [span.start for span in spans]
    found: list[Unit] = []
    group: list[Sentence] = []
    for sentence in [*sentences, None]:
        if group and (sentence is None or not _joined(covered, group[-1], sentence)):
            start, end = group[0].start, group[-1].end
            inside = spans[bisect_left(begins, start) : bisect_left(begins, end)]
            paragraph = bisect_right(starts, start)
            found.append(_unit(text, covered, tuple(group), inside, paragraph, views=views))
            group = []
        if sentence is not None and (group or sentence.kind not in _APART):
            group.append(sentence)
    return found


def _joined(covered: str, before: Sentence, after: Sentence) -> bool:
    if after.kind in _APART and covered[after.start : after.end].strip(QUOTED):
        return False
    return (
        covered[before.end - 1] == QUOTED
        and covered[after.start] == QUOTED
        and covered[before.end : after.start].strip(QUOTED) == ""
    )


def _unit(
    text: str,
    covered: str,
    group: tuple[Sentence, ...],
    inside: Sequence[Span],
    paragraph: int,
    *,
    views: bool,
) -> Unit:
    start, end = group[0].start, group[-1].end
    if not inside and not views and not has_cue(covered[start:end]):
        return Unit(start, end, group, paragraph, (), (), bare=False)
    tokens = tokenise(covered, start, end)
    signs = tuple(cues(tokens))
    words = sum(1 for token in tokens if token.text[0].isalnum())
    quotations = tuple(
        _quotation(text, tokens, index, signs, words) for index, token in enumerate(tokens) if token.quoted
    )
    return Unit(
        start,
        end,
        group,
        paragraph,
        signs,
        quotations,
        words < _FEWEST_WORDS,
        _label(tokens) if inside else (),
        tuple(attitudes(tokens, _in_use(signs, quotations))) if views else (),
    )


def _in_use(signs: Sequence[Cue], quotations: Sequence[Quotation]) -> list[Cue]:
    quoting = {quotation.cue for quotation in quotations}
    return [cue for cue in signs if not cue.loose or cue in quoting]


def _quotation(
    text: str, tokens: Sequence[Token], index: int, signs: Sequence[Cue], outside: int
) -> Quotation:
    token = tokens[index]
    inner = _inner(text, token.start, token.end).strip()
    words = len(inner.split(None, 12))
    cue = _cue_of(tokens, index, signs)
    ended = inner.endswith(_ENDING)
    introduced = index > 0 and tokens[index - 1].text in (",", ":")
    amid = index > 0 and tokens[index - 1].text[0].isalnum()
    touched = cue is not None and cue.start >= token.end and not amid and _touches(tokens, index, cue)
    if _is_title(inner) and not touched and (not introduced or _names_work(tokens, index)):
        cue = None
    full = (ended and (inner[:1].isupper() or introduced or outside < _FEWEST_WORDS)) or (
        introduced and cue is not None
    )
    alone = cue is None and introduced and ended and inner[:1].isupper()
    uttered = alone and words > _FEWEST_WORDS and not _is_title(inner)
    return Quotation(Span(token.start, token.end), words, cue, full, uttered)


def _names_work(tokens: Sequence[Token], index: int) -> bool:
    """Tell whether the word before says that a book, a programme or the like is named."""
    return low_at(tokens, index - 1) in _WORKS or low_at(tokens, index - 2) in _WORKS


def _is_title(inner: str) -> bool:
    """Tell whether the words are a book's or a programme's name (``CBS This Morning``)."""
    words = inner.split(None, 10)
    return 1 < len(words) < 9 and all(
        word[0].isupper() or not word[0].isalpha() for word in words if len(word) > 3
    )


def _cue_of(tokens: Sequence[Token], index: int, signs: Sequence[Cue]) -> Cue | None:
    """Choose the sign of a quotation: touching it after, before it in its own part, or the nearest."""
    token = tokens[index]
    first = bisect_left(signs, token.end, key=_place)
    last = bisect_left(signs, token.start, key=_place)
    after = next((signs[at] for at in range(first, len(signs)) if signs[at].start >= token.end), None)
    before = next((signs[at] for at in range(last - 1, -1, -1) if signs[at].end <= token.start), None)
    if after is not None and not after.participle and _touches(tokens, index, after):
        return after
    if before is not None and _near(tokens, index, before):
        return before
    if before is not None and not before.loose:
        return before
    return after if after is not None and (not after.loose or _touches(tokens, index, after)) else None


def _place(cue: Cue) -> int:
    return cue.sign[0]


def _touches(tokens: Sequence[Token], index: int, cue: Cue) -> bool:
    following = index + 1
    while following < len(tokens) and tokens[following].text in (",", "—", "–", "-"):
        following += 1
    if low_at(tokens, following) in DETERMINERS:  # “…,” an angry Ana Lopez said
        most = min(following + _FEW, len(tokens) - 1)
        while following < most and cue.start > tokens[following].start and tokens[following].text.islower():
            following += 1
    return following < len(tokens) and cue.start <= tokens[following].start


def _near(tokens: Sequence[Token], index: int, cue: Cue) -> bool:
    for back in range(index - 1, max(index - _NEAR, -1), -1):
        if tokens[back].quoted:
            return False
        if tokens[back].start < cue.end:
            return True
    return False


def _label(tokens: Sequence[Token]) -> tuple[Token, ...]:
    """Give what stands before the first colon that a quotation follows."""
    for index in range(1, len(tokens) - 1):
        if tokens[index].text == ":" and tokens[index + 1].quoted:
            return tuple(tokens[max(index - 40, 0) : index])
    return ()
