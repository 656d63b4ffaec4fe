"""What a question asks for: its words, its person, its days, its kind.

Rules only, in well under a millisecond. *Question* is what a person typed,
*query* is what is searched.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from enum import StrEnum
from itertools import pairwise

from onrecord.question.spokespeople import Proxy, asked_proxy
from onrecord.text.lexicon import MONTHS
from onrecord.text.quotation_marks import OUTER
from onrecord.text.terms import CAPITAL, DIGIT, INITIAL, MONTH, STOP, Term, is_country, tokenize
from onrecord.text.word_lists import words
from onrecord.types import DateSpan


class QuestionKind(StrEnum):
    """The kind of thing that would answer."""

    WHO = "who"
    WHEN = "when"
    WHERE = "where"
    HOW_MANY = "how many"
    WHY = "why"
    HOW = "how"
    YES_NO = "yes or no"
    WHAT = "what"


_MONTH = "|".join(sorted(MONTHS, key=len, reverse=True))
_DATES = re.compile(
    rf"\b(?:(?P<iso>\d{{4}}-\d\d(?:-\d\d)?)"
    rf"|(?P<m1>{_MONTH})\.?\s+(?P<d1>\d{{1,2}})(?:st|nd|rd|th)?,?\s+(?P<y1>(?:19|20)\d\d)"
    rf"|(?P<d2>\d{{1,2}})(?:st|nd|rd|th)?\s+(?P<m2>{_MONTH})\.?,?\s+(?P<y2>(?:19|20)\d\d)"
    rf"|(?P<m3>{_MONTH})\.?,?\s+(?:of\s+)?(?P<y3>(?:19|20)\d\d)"
    rf"|(?P<m4>{_MONTH})\.?\s+(?P<d4>\d{{1,2}})(?!\d)"
    rf"|(?:in|during|of|since|by|from|and|to)\s+(?P<y5>(?:19|20)\d\d)(?!-\d))\b",
    re.IGNORECASE,
)

SAY = (
    "say|says|said|tell|tells|told|claim|claims|claimed|describe|describes|described|call|calls|called|react|"
    "reacts|reacted|respond|responds|responded|comment|comments|commented|state|stated|announce|announced|argue|"
    "argued|warn|warned|think|thinks|suggest|suggested|explain|explained|deny|denied|reject|rejected|list|listed|"
    "confirm|confirmed|acknowledge|acknowledged|admit|admitted|insist|insisted|promise|promised|note|noted|"
    "add|added|answer|answered|write|wrote|tweet|tweeted|ask|asked|"
    "characterize|characterise|put|reply|replied|speak|spoke|mention|mentioned|urge|urged|vow|vowed|pledge|pledged"
)
WISH = "want|wants|hope|hopes|expect|expects|intend|intends|believe|believes"
_ADVERB = r"(?:(?:\w+ly|ever|never|also|once|then|again)\s+)?"
NAME = r"(?:[A-Z][\w'’.-]*|al-[A-Z]\w+)(?:\s+(?:[A-Z][\w'’.-]*|de|van|von|bin|al|el|of|the|for))*"
DESCRIPTION = (
    r"(?:[\w.-]+\s+){0,4}(?:official|officials|diplomat|diplomats|spokesman|spokeswoman|spokesperson|minister|"
    r"president|secretary|ambassador|senator|governor|mayor|general|analyst|expert|leader|lawmaker|chief|director|"
    r"envoy|adviser|advisor|reporter|author|researcher|judge|lawyer|attorney|police|department|ministry|government)"
)
"""Patterns of verbs of speech and of wishing, of a name and of somebody described, as questions have them."""
_WHO_SPOKE = tuple(
    re.compile(pattern)
    for pattern in (
        rf"\b(?:did|does|has|had|do|have|would)\s+(?:the\s+)?(?P<who>{NAME})\s+{_ADVERB}(?:{SAY}|{WISH})\b",
        rf"\b(?:did|does|has|had|do|have)\s+(?:the|an?)\s+(?P<who>{DESCRIPTION})\s+{_ADVERB}(?:{SAY})\b",
        rf"\b(?P<who>{NAME})['’]s?\s+(?:\w+\s+){{0,2}}"
        r"(?:statements?|remarks?|comments?|words|reaction|response|view|position|stance|answer|claims?|quotes?)\b",
        rf"\b[Aa]ccording to\s+(?:the\s+)?(?P<who>{NAME})",
        rf"\b[Aa]ccording to\s+(?:the|an?)\s+(?P<who>{DESCRIPTION})",
        rf"\b(?P<who>{NAME})\s+{_ADVERB}(?:{SAY})\b",
        rf"\b(?:statements?|remarks?|comments?|words|quotes?|response|reaction)\s+(?:\w+\s+)?(?:by|of|from)\s+"
        rf"(?:the\s+)?(?P<who>{NAME})",
    )
)
_SAYING = re.compile(
    rf"\b(?:what (?:was|is|has been) (?:said|told|stated|claimed|quoted)|who {_ADVERB}(?:{SAY}))\b",
    re.IGNORECASE,
)
_UNNAMED = re.compile(
    r"\b(?:unnamed|anonymous|unidentified)\s+(?P<who>(?:[\w.]+\s+){0,3}?"
    r"(?:officials?|sources?|diplomats?|people|person|aides?|advis[eo]rs?|spokes(?:man|woman|person|people)))\b",
    re.IGNORECASE,
)
_EVERYTHING = re.compile(
    r"\b(?:everything|(?:all|every)(?: of)?(?: the)? "
    r"(?:statements?|quotes?|quotations?|remarks?|words?|comments?))\b",
    re.IGNORECASE,
)
_COMPARE = re.compile(
    r"\b(?:differ|differs|differed|compare|compared|comparison|contrast|evolved?|over time|both articles|"
    r"(?:the )?two articles|the same (?:thing|a |one |as |then|before|earlier|in )|"
    r"(?:a|one) year (?:earlier|ago|later|before)|"
    r"(?:statements?|position|stance|view|tone|words|remarks)\b.{0,60}\b"
    r"(?:change|changed|shift|shifted))\b",
    re.IGNORECASE,
)
_SEVERAL = re.compile(
    r"^\W*(?:please )?(?:list|name|enumerate)\b|\b(?:which|what) (?:\w+ )?(?:countries|people|outlets|"
    r"newspapers|officials|ministers|leaders|experts|analysts|reasons|objectives|goals|conditions|demands|steps|measures|"
    r"concerns|claims|statements|remarks|articles|reports|sources|companies|states|cities|groups|"
    r"organi[sz]ations)\b"
    r"|\bwho (?:all|else)\b|\bwho (?:has|have|had) (?:\w+ed|said|spoken)\b",
    re.IGNORECASE,
)
_BREAK = re.compile(r"(?<=[.!?])\s+(?=[A-Z“\"(])")
_PRESUMING = re.compile(rf"\b(?:{SAY})\s+that\b")
_QUOTED = re.compile(rf"[{OUTER}](.{{3,300}}?)[{OUTER}]")
_POSSESSIVE = re.compile(r"['’]s?$")
_NOT_PEOPLE = words("not_people")

_KINDS = tuple(
    (kind, re.compile(pattern))
    for kind, pattern in (
        (
            QuestionKind.HOW_MANY,
            r"\bhow (?:many|much|old|long|far|often|high|large|big|tall|fast)\b|"
            r"\bwhat (?:percent|percentage|number|share|amount|age|price)\b",
        ),
        (
            QuestionKind.WHEN,
            r"\bwhen\b|\b(?:what|which) (?:year|date|day|month|century|decade|time)\b",
        ),
        (
            QuestionKind.WHERE,
            r"\bwhere\b|\b(?:what|which) (?:\w+ )?(?:country|city|state|place|location|town|"
            r"region|area|continent|nation|province|island)\b",
        ),
        (
            QuestionKind.WHO,
            r"\bwho(?:m|se)?\b|\b(?:what|which) (?:\w+ )?(?:person|people|man|woman|actor|"
            r"actress|singer|president|leader|team|company|organization|group|official)\b",
        ),
        (QuestionKind.WHY, r"\bwhy\b|\bwhat (?:\w+ )?(?:reason|cause)\b|\bfor what reason\b"),
        (QuestionKind.HOW, r"\bhow\b"),
        (QuestionKind.WHAT, r"\b(?:what|which)\b"),
        (
            QuestionKind.YES_NO,
            r"^(?:is|are|was|were|did|does|do|has|have|had|can|could|will|would|should)\b",
        ),
    )
)

_BRACKET = re.compile(r"(?<=\S)\s+\([^()]*\)$")
_FEW = 2
_JOINING = frozenset(("and", "but", "so", "or", "the", "a", "an", "of", "to", "is", "did", "it"))
_OF_A_FACT = (QuestionKind.WHY, QuestionKind.WHEN, QuestionKind.WHERE, QuestionKind.HOW)
_FRAME = words("framing_stems")
"""Stems that frame a question about speech and say nothing of its subject."""
_COMPARING = words("comparing_stems")


@dataclass(frozen=True, slots=True)
class Query:
    """A question, read.

    Attributes:
        text: As searched.
        kind: What would answer it.
        stems: Content stems in order, each once.
        names: Those of them written as names.
        numbers: Those of them that are numbers or times.
        frame: Those of them that only frame the question (``say``); empty where nothing else is left.
        borrowed: Those of them that come from an earlier question.
        vague: Whether it holds function words only.
        presuming: Whether it takes for granted that the person said a thing ("Why did she say that …").
        pairs: Neighbouring content stems.
        person: Whose words are asked for, as written, or None.
        saying: Whether it asks what somebody said.
        comparing: Whether it asks to compare over time or between articles.
        days: Days it names, with a year.
        quoted: Passages it puts in quotation marks.
        unnamed: As what sources are described whose names it knows to be withheld; None if it asks for none.
        everything: Whether it asks for all that somebody said.
        proxy: Who is asked for by somebody else's name; None if the person is named.
        several: Whether it asks for a list ("Which officials have commented on …?").
    """

    text: str
    kind: QuestionKind
    stems: tuple[str, ...]
    names: frozenset[str] = frozenset()
    numbers: frozenset[str] = frozenset()
    frame: frozenset[str] = frozenset()
    borrowed: frozenset[str] = frozenset()
    vague: bool = False
    presuming: bool = False
    pairs: tuple[tuple[str, str], ...] = ()
    person: str | None = None
    saying: bool = False
    comparing: bool = False
    days: tuple[DateSpan, ...] = ()
    quoted: tuple[str, ...] = field(default=())
    unnamed: str | None = None
    everything: bool = False
    proxy: Proxy | None = None
    several: bool = False

    @property
    def wants(self) -> str:
        """What kind of answer is asked for, for a person to read."""
        if self.comparing:
            return "compare"
        if self.several or self.everything:
            return "list"
        return "what somebody said" if self.saying and self.kind is QuestionKind.WHAT else self.kind.value

    def alone(self) -> Query:
        """Give the same question as one side of a comparison, which compares nothing itself."""
        return replace(self, comparing=False)

    def weight(self, stem: str) -> float:
        """How much a stem counts beside its rarity: little if it frames, half if it is borrowed."""
        return 0.2 if stem in self.frame else 0.5 if stem in self.borrowed else 1.0

    @property
    def collective(self) -> bool:
        """Whether words are asked for not of a person but of a country, for which many speak."""
        return self.person is not None and all(is_country(token.stem) for token in tokenize(self.person))

    def of_nobody(self) -> Query:
        """Give the same question, asked of nobody in particular."""
        return replace(self, person=None, saying=False, proxy=None)

    @property
    def ever(self) -> bool:
        """Whether it asks if a person said a thing, which only that person's words can answer."""
        asks = self.kind is QuestionKind.YES_NO and self.person is not None and self.saying
        return asks and not self.collective and not self.comparing

    @property
    def bound(self) -> bool:
        """Whether nobody else's words answer it."""
        return self.ever or self.everything or self.unnamed is not None or self.proxy is not None

    @property
    def listing(self) -> bool:
        """Whether it asks for all that somebody said, whatever it was about."""
        whole = self.everything or self.unnamed is not None
        return whole and self.saying and not self.about - _COMPARING

    def framed(self, stems: Iterable[str]) -> Query:
        """Give the same question with more of its stems taken for mere frame, while others are left."""
        frame = self.frame | frozenset(stems)
        return replace(self, frame=frame) if len(frame) < len(self.stems) else self

    @property
    def about(self) -> frozenset[str]:
        """Its subject without the words for those who are asked about."""
        own = {token.stem for token in tokenize(f"{self.person or ''} {self.unnamed or ''}")}
        return frozenset(self.subject) - own

    @property
    def subject(self) -> tuple[str, ...]:
        """Content stems without those that only frame the question."""
        return tuple(stem for stem in self.stems if stem not in self.frame)


def parse_question(text: str, *, leaning_on: str = "") -> Query:
    """Read a question.

    Args:
        text: As typed; what it leans on may stand behind it in brackets.
        leaning_on: The subject of an earlier question, where this one leans on it.

    Returns:
        What it asks for.
    """
    if not leaning_on:
        return _parse(text)
    bracket = _BRACKET.search(text)
    own = _parse(text[: bracket.start()] if bracket else text)
    before = _parse(leaning_on)
    borrowed = tuple(stem for stem in before.stems if stem not in own.stems)
    return replace(
        own,
        text=text if bracket else f"{text.strip()} ({leaning_on})",
        stems=own.stems + borrowed,
        names=own.names | before.names,
        numbers=own.numbers | before.numbers,
        frame=own.frame | (before.frame & frozenset(borrowed)),
        borrowed=frozenset(borrowed),
        vague=own.vague and before.vague,
        pairs=own.pairs + before.pairs,
        person=own.person or before.person,
        proxy=own.proxy if own.person else before.proxy,
        saying=own.saying or before.person is not None,
        days=own.days or before.days,
    )


def _parse(text: str) -> Query:
    tokens = tokenize(text)
    content = [token for token in tokens if not token.flags & STOP]
    vague = not content
    if len(content) < _FEW:  # "And why now?": the function words are most of what there is.
        content = [token for token in tokens if token.stem not in _JOINING]
    stems = tuple(dict.fromkeys(token.stem for token in content))
    unnamed = _UNNAMED.search(text)
    proxy = None if unnamed else asked_proxy(text, saying=SAY)
    person = None if unnamed else proxy.words if proxy else _person(text)
    saying = person is not None or unnamed is not None or bool(_SAYING.search(text))
    comparing = bool(_COMPARE.search(text))
    framing = (_FRAME if saying else frozenset()) | (_COMPARING if comparing else frozenset())
    frame = framing.intersection(stems)
    return Query(
        text=text,
        kind=_kind(text),
        stems=stems,
        vague=vague,
        presuming=person is not None and _kind(text) in _OF_A_FACT and bool(_PRESUMING.search(text)),
        names=frozenset(t.stem for t in content if _is_name(t, text)),
        numbers=frozenset(t.stem for t in content if t.flags & (DIGIT | MONTH)),
        frame=frame if len(frame) < len(stems) else frozenset(),
        pairs=tuple((a.stem, b.stem) for a, b in pairwise(content) if b.start - a.end <= 4),
        person=person,
        saying=saying,
        comparing=comparing,
        days=_days(text),
        quoted=tuple(_QUOTED.findall(text)),
        unnamed=unnamed["who"] if unnamed else None,
        everything=bool(_EVERYTHING.search(text)),
        proxy=proxy,
        several=bool(_SEVERAL.search(text)),
    )


def _is_name(token: Term, text: str) -> bool:
    """A capital says "name" unless the word opens the question or all words have capitals."""
    if not token.flags & CAPITAL or token.flags & MONTH:
        return False
    return (
        not token.flags & INITIAL
        or token.stem in ("usa", "gbr", "eur", "uno")
        or text[token.start + 1 : token.end].isupper()
    )


def _kind(text: str) -> QuestionKind:
    asked = next((part for part in reversed(_BREAK.split(text)) if "?" in part), text)
    return _kind_of(asked) or _kind_of(text) or QuestionKind.WHAT


def _kind_of(text: str) -> QuestionKind | None:
    lower = text.lower()
    found = ((kind, pattern.search(lower)) for kind, pattern in _KINDS)
    starts = [(match.start(), order, kind) for order, (kind, match) in enumerate(found) if match]
    return min(starts)[2] if starts else None


def _person(text: str) -> str | None:
    for pattern in _WHO_SPOKE:
        for found in pattern.finditer(text):
            words = found["who"].split()
            while words and _POSSESSIVE.sub("", words[0].lower()) in _NOT_PEOPLE:
                words.pop(0)
            while words and words[-1] in ("of", "the", "for", "de"):
                words.pop()
            if words:
                return " ".join(words).removesuffix("'s").removesuffix("’s")
    return None


def _days(text: str) -> tuple[DateSpan, ...]:
    spans = (_day(found.groupdict()) for found in _DATES.finditer(text))
    return tuple(dict.fromkeys(span for span in spans if span))


def _day(part: dict[str, str | None]) -> DateSpan | None:
    if part["iso"]:
        value = part["iso"]
    else:
        year = part["y1"] or part["y2"] or part["y3"] or part["y5"]
        month = part["m1"] or part["m2"] or part["m3"]
        day = part["d1"] or part["d2"]
        if not year:
            return None
        value = year
        if month:
            value += f"-{MONTHS[month.lower()]:02d}" + (f"-{int(day):02d}" if day else "")
    try:
        return DateSpan.parse(value)
    except ValueError:
        return None
