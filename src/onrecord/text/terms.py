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
_FULL = {
    "u.s": "usa",
    "u.s.a": "usa",
    "u.k": "gbr",
    "e.u": "eur",
    "u.n": "uno",
    "united states": "usa",
    "united kingdom": "gbr",
    "european union": "eur",
    "united nations": "uno",
    "american": "usa",
    "americans": "usa",
    "america": "usa",
    "british": "gbr",
    "britain": "gbr",
}
_COUNTRIES = frozenset(("usa", "gbr", "eur", "uno"))
_DEMONYMS = dict(
    pair.split(":")
    for pair in (
        "afghan:afghanistan afghans:afghanistan algerian:algeria arab:arabia argentine:argentina "
        "armenian:armenia australian:australia austrian:austria azerbaijani:azerbaijan belarusian:belarus "
        "belgian:belgium brazilian:brazil canadian:canada chilean:chile chinese:china colombian:colombia "
        "cuban:cuba czech:czechia danish:denmark dutch:netherlands egyptian:egypt ethiopian:ethiopia "
        "finnish:finland french:france georgian:georgia german:germany germans:germany greek:greece "
        "hungarian:hungary indian:india indonesian:indonesia iranian:iran iranians:iran "
        "iraqi:iraq iraqis:iraq "
        "irish:ireland israeli:israel israelis:israel italian:italy japanese:japan jordanian:jordan "
        "kenyan:kenya korean:korea kuwaiti:kuwait lebanese:lebanon libyan:libya mexican:mexico "
        "moroccan:morocco nigerian:nigeria norwegian:norway pakistani:pakistan palestinian:palestine "
        "palestinians:palestine polish:poland portuguese:portugal qatari:qatar romanian:romania "
        "russian:russia russians:russia saudi:arabia scottish:scotland serbian:serbia somali:somalia "
        "spanish:spain sudanese:sudan swedish:sweden swiss:switzerland syrian:syria syrians:syria "
        "taiwanese:taiwan thai:thailand tunisian:tunisia turkish:turkey ukrainian:ukraine "
        "ukrainians:ukraine venezuelan:venezuela vietnamese:vietnam yemeni:yemen"
    ).split()
)
"""People and adjectives to their country, so that a question about either finds both."""

_STOPWORD_TEXT = """
a about above after again against all am an and any are aren't as at be because been before being below
between both but by can can't cannot could couldn't did didn't do does doesn't doing don't down during
each few for from further had hadn't has hasn't have haven't having he he'd he'll he's her here here's
hers herself him himself his how how's i i'd i'll i'm i've if in into is isn't it it's its itself just
let's me more most mustn't my myself of off on once only or other ought our ours ourselves out over own
same shan't she she'd she'll she's should shouldn't so some such than that that's the their theirs them
themselves then there there's these they they'd they'll they're they've this those through to too under
until up upon us very was wasn't we we'd we'll we're we've were weren't what what's when when's where
where's which while who who's whom whose why why's will with won't would wouldn't you you'd you'll you're
you've your yours yourself yourselves also may might much many shall via
""".split()
STOPWORDS = frozenset(_STOPWORD_TEXT)
"""Function words of English: never searched, never counted as covered."""

_TIMES = frozenset(
    "january february march april may june july august september october november december jan feb mar "
    "apr jun jul aug sept sep oct nov dec monday tuesday wednesday thursday friday saturday sunday "
    "today yesterday tomorrow century decade".split()
)
_NUMBERS = frozenset(
    "one two three four five six seven eight nine ten eleven twelve dozen twenty thirty forty fifty "
    "sixty seventy eighty ninety hundred hundreds thousand thousands million millions billion billions "
    "trillion percent half first second third fourth fifth twice".split()
)


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


def numbers_of(stems: Sequence[str]) -> npt.NDArray[np.uint32]:
    """Give the numbers of several stems."""
    return np.fromiter(map(term_number, stems), np.uint32, len(stems))


def encodable(text: str) -> str:
    """Put "?" for lone surrogates, which no encoder takes; one code point for one, so offsets hold."""
    return text if text.isprintable() else text.encode("utf-8", "replace").decode("utf-8")
