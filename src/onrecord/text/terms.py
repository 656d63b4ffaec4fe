"""Words as searched: folded, stemmed, and hashed to 32 bits.

One analysis serves the lexical index, the reader and the question, so that a
word counts as the same word everywhere. Stems are Porter2 (English), from
tantivy. A term's number is the CRC-32 of its stem: the reader compares
numbers and never strings.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt

from onrecord.text.word_lists import entries, table, words

STOP = 1
"""Flag: a function word."""
CAPITAL = 2
"""Flag: written with a capital."""
DIGIT = 4
"""Flag: holds a digit, or is a number word."""
INITIAL = 8
"""Flag: the first word of its text."""
MONTH = 16
"""Flag: a month, a weekday, or a year."""

_WORD = re.compile(
    r"\b(?:United (?:States|Kingdom|Nations)|European Union)\b|"
    r"(?:[A-Za-z]\.){2,}|\d+(?:[.,]\d+)*|[^\W_]+(?:['’][^\W_]+)*"
)
_POSSESSIVE = re.compile(r"['’](?:s|S)?$")
_YEAR = re.compile(r"(?:1[5-9]|20)\d\d$")
_UPPER = {"us": "usa", "uk": "gbr", "eu": "eur", "un": "uno"}
_FULL = table("country_names")
_COUNTRIES = frozenset(("usa", "gbr", "eur", "uno"))
_DEMONYMS = table("demonyms")
"""People and adjectives to their country, so that a question about either finds both."""

_STOPWORD_TEXT = entries("stop_words")
STOPWORDS = frozenset(_STOPWORD_TEXT)
"""Function words of English: never searched, never counted as covered."""

_TIMES = words("time_words")
_NUMBERS = words("number_words")


@dataclass(frozen=True, slots=True)
class Term:
    """One word of a text.

    Attributes:
        start: First code point.
        end: Past the last code point.
        stem: Folded and stemmed.
        flags: Bits, see :data:`STOP` and its neighbours.
    """

    start: int
    end: int
    stem: str
    flags: int

    @property
    def number(self) -> int:
        """The stem's 32-bit number."""
        return term_number(self.stem)


@lru_cache(maxsize=1)
def _analyzer() -> Any:
    import tantivy

    steps = tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.raw())
    for step in (tantivy.Filter.lowercase(), tantivy.Filter.ascii_fold(), tantivy.Filter.stemmer("English")):
        steps = steps.filter(step)
    return steps.build()


@lru_cache(maxsize=500_000)
def _analyze(word: str) -> tuple[str, int]:
    """Give a word's stem and its flags, all but :data:`INITIAL`."""
    bare = _POSSESSIVE.sub("", word).rstrip(".")
    lower = bare.lower().replace("’", "'")
    flags = CAPITAL if bare[:1].isupper() else 0
    alias = _FULL.get(lower) or (_UPPER.get(lower) if bare.isupper() else None)
    if alias:
        return alias, CAPITAL
    if lower in STOPWORDS and not (lower == "may" and flags):
        return lower, flags | STOP
    if any(c.isdigit() for c in bare) or lower in _NUMBERS:
        flags |= DIGIT
    if (flags and lower in _TIMES) or _YEAR.match(bare):
        flags |= MONTH
    country = _DEMONYMS.get(lower) if flags & CAPITAL else None
    stems = _analyzer().analyze(country or (bare.replace(",", "") if flags & DIGIT else bare))
    return (stems[0] if stems else lower), flags


@lru_cache(maxsize=500_000)
def term_number(stem: str) -> int:
    """Give the 32-bit number of a stem."""
    return zlib.crc32(stem.encode("utf-8", "surrogatepass"))


def is_country(stemmed: str) -> bool:
    """Say whether a stem names a country or a union of them, for which many people speak."""
    return stemmed in _COUNTRIES or stemmed in country_names()


@lru_cache(maxsize=1)
def country_names() -> Mapping[str, str]:
    """Give the country that a stem names, as written."""
    whole = {"arabia": "Saudi Arabia"}
    return {
        _analyze(country.capitalize())[0]: whole.get(country, country.capitalize())
        for country in _DEMONYMS.values()
    }


def stem(word: str) -> str:
    """Fold and stem one word."""
    return _analyze(word)[0]


def tokenize(text: str) -> list[Term]:
    """Find the words of a text.

    Args:
        text: Any text.

    Returns:
        Its words in order, offsets in code points.
    """
    tokens: list[Term] = []
    for found in _WORD.finditer(text):
        stemmed, flags = _analyze(found.group())
        tokens.append(Term(found.start(), found.end(), stemmed, flags if tokens else flags | INITIAL))
    return tokens


def term_arrays(text: str) -> tuple[list[str], npt.NDArray[np.uint32], npt.NDArray[np.uint8]]:
    """Analyse a text for the index: stems, their numbers and their flags, one each word."""
    analyzed = [_analyze(word) for word in _WORD.findall(text)]
    stems = [stemmed for stemmed, _ in analyzed]
    flags = np.fromiter((flag for _, flag in analyzed), np.uint8, len(analyzed))
    if len(flags):
        flags[0] |= INITIAL
    return stems, np.fromiter(map(term_number, stems), np.uint32, len(stems)), flags


def placed_terms(text: str) -> tuple[npt.NDArray[np.int64], list[int], npt.NDArray[np.uint8]]:
    """Analyse a text where it is read: where its words start, the numbers of their stems, and their flags."""
    terms = tokenize(text)
    starts = np.fromiter((term.start for term in terms), np.int64, len(terms))
    flags = np.fromiter((term.flags for term in terms), np.uint8, len(terms))
    return starts, [term.number for term in terms], flags


def numbers_of(stems: Sequence[str]) -> npt.NDArray[np.uint32]:
    """Give the numbers of several stems."""
    return np.fromiter(map(term_number, stems), np.uint32, len(stems))


def encodable(text: str) -> str:
    """Put "?" for lone surrogates, which no encoder takes; one code point for one, so offsets hold."""
    return text if text.isprintable() else text.encode("utf-8", "replace").decode("utf-8")
