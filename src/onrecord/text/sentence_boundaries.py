"""Where one sentence ends and the next begins within a paragraph: rules for English news."""

from __future__ import annotations

import re
from collections.abc import Iterator

from onrecord.text.quotation_marks import CLOSING, OPENING, STRAIGHT
from onrecord.text.word_lists import words

LONGEST = 1200
"""No sentence is longer than this many code points."""

_END = re.compile(
    r"(?<![.!?…؟।])"
    rf"(?:(?<=\s)[.!?]\s(?:''|[)\]{CLOSING}])(?=\s)"
    rf"|[.!?…؟।]++(?:[{CLOSING}{STRAIGHT}’')\]}}*_]|\[[\w ,]{{1,20}}\])*+(?=\s|“[A-Z]))"
    rf"|[。！？]++(?![{CLOSING}{STRAIGHT}’）)])"
)
_NEXT = re.compile(rf"\s*+((?:[{OPENING}{STRAIGHT}»‘'`(\[{{¿¡*_•▪–—\-]++\s?)*+…?+)([^\W_]*+)")
_DOTTED = re.compile(r"(?:[^\W\d_]\.)+[^\W\d_]{1,2}")
_TAIL = 16

_TITLES = words("abbreviated_titles")
_BEFORE_NUMBER = words("abbreviations_before_numbers")
_NEVER_LAST = frozenset("vs e.g i.e cf viz approx incl esp".split())
_SOMETIMES_LAST = words("abbreviations_sometimes_last")
_CAPITAL_ONLY = words("abbreviations_in_capitals")
_STARTERS = words("sentence_starters")
_SPEAKS = re.compile(
    r"(?:[A-Z][\w’'.\-]*\s){1,4}(?:said|says|asked|asks|wrote|writes|told|added|tweeted|posted|wondered|replied"
    r"|responded|shouted|exclaimed|joked|continued|quipped|mused|declared|demanded|inquired)\b"
)
_SPACE = re.compile(r"\s")
_SPACES = re.compile(r"\s*+")
_CLAUSE_ENDS = ("; ", ": ", " — ", ", ", " ")


def sentence_spans(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Split one paragraph into sentences.

    Args:
        text: The whole text.
        start: Where the paragraph starts; no white space.
        end: Past its end; no white space before it.

    Yields:
        Start and end of each sentence, in order, without outer white space.
    """
    begin = start
    for match in _END.finditer(text, start, end):
        following = _NEXT.match(text, match.end(), end)
        if following is not None and _is_boundary(text, begin, match, following):
            yield from _bounded(text, begin, match.end())
            begin = following.start(1)
    yield from _bounded(text, begin, end)


def _is_boundary(text: str, begin: int, match: re.Match[str], following: re.Match[str]) -> bool:
    word = following.group(2)
    past = following.end()
    if not word:
        return past < following.endpos and text[past] not in f",;:/%)]}}?!.…{CLOSING}"
    mark = match.group()
    first = word[0]
    if first.islower():
        opener = following.group(1)
        if not opener or (opener[0] not in "•▪" and (opener[0] not in "([" or mark[0] != ".")):
            return False
    if mark.startswith("."):
        return _ends_at_stop(text, begin, match.start(), mark, word, past)
    if mark[0] == "…":
        return word != "I"
    quoted = mark[-1] in f"{CLOSING}{STRAIGHT}’'"
    return not (quoted and word not in _STARTERS and _SPEAKS.match(text, following.start(2)))


def _ends_at_stop(text: str, begin: int, stop: int, mark: str, word: str, past: int) -> bool:
    if mark.startswith(".."):
        return word != "I"
    tail = text[max(begin, stop - _TAIL) : stop]
    if not tail or tail[-1].isspace():
        return True
    last = tail.split()[-1].lstrip(f"([{{{OPENING}{STRAIGHT}'‘*_")
    last = last.rpartition("—")[2]
    if not last:
        return True
    key = last.lower()
    if key in _NEVER_LAST or last == "v" or (key in _TITLES and last[0].isupper()):
        return False
    if key in _BEFORE_NUMBER and word[0].isdigit():
        return False
    if len(last) <= 3 and last.isdigit() and stop - len(last) == begin:
        return False
    if _is_short_form(last, key):
        return word in _STARTERS and text[past : past + 1] != "."
    return True


def _is_short_form(last: str, key: str) -> bool:
    if len(last) == 1:
        return last.isalpha()
    if key in _SOMETIMES_LAST:
        return last[0].isupper() or key not in _CAPITAL_ONLY
    return "." in last and _DOTTED.fullmatch(last) is not None


def _bounded(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Cut a sentence that is too long at the ends of clauses, else of words, else anywhere."""
    while end - start > LONGEST:
        window = _SPACE.sub(" ", text[start : start + LONGEST])
        cut = LONGEST
        for mark in _CLAUSE_ENDS:
            at = window.rfind(mark)
            if at > LONGEST // 3:
                cut = at + len(mark)
                break
        piece = window[:cut].rstrip()
        yield start, start + len(piece)
        start = _skip_space(text, start + cut, end)
    if start < end:
        yield start, end


def _skip_space(text: str, start: int, end: int) -> int:
    match = _SPACES.match(text, start, end)
    return match.end() if match else start
