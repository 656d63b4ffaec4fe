"""Questions of several parts: what each of them asks, so that each is searched and judged on its own.

Rules only. A question is taken apart where its form leaves no doubt: whole clauses joined by "and",
"when and where", several speakers of one verb, several dates, "about this and about that". Everything
else stays whole, for a part that nobody asked for would be said to be missing.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import pairwise

from onrecord.question.followup import stand_alone
from onrecord.question.periods import DATE
from onrecord.question.query import DESCRIPTION, NAME, SAY, WISH, Query, parse_question
from onrecord.text.quotation_marks import OUTER
from onrecord.text.word_lists import table

_MOST = 4
"""A question that falls into more parts than this is left whole."""
_LONGEST = 240

_WH = r"(?:whose|which|what|who|whom|when|where|why|how(?: (?:many|much|long|often|far|old))?)"
_BEFORE_WH = r"(?:(?:by|with|to|from|for|in|on|at|of|about|against) )"
_AUX = r"(?:did|does|do|is|are|was|were|has|have|had|can|could|will|would|should|may|might|must)"
_PHRASE = (
    rf"{_BEFORE_WH}?(?:(?:whose|which|what|how many|how much)\b(?: [\w’'-]+){{0,3}}?|"
    r"(?:whom?|when|where|why|how(?: (?:long|often|far|old))?)\b)"
)
_SUBJECT = (
    r"(?:the|an?|he|she|it|they|we|you|i|his|her|its|their|this|that|these|those|any|some|all|"
    r"(?-i:[A-Z]))"
)
_ASKS = (
    rf"{_PHRASE} {_AUX} |(?:did|does|do) {_SUBJECT}|who (?!else\b|all\b|knows\b)\w+ \w|"
    r"(?:who|what) (?:said|told|caused|happened|followed|started|prompted|led|won|paid|replied|responded)\b"
)
_LEAD = (
    r"(?:(?:according to|in|on|at|after|before|during|for|by|with|to|from|since|as|of|under|despite) "
    r"[^?,.]{1,80}, )?"
)
_OPENS = re.compile(rf"{_LEAD}(?:(?:and|but|so|or) )?(?:{_BEFORE_WH}?{_WH}\b|{_AUX} )", re.IGNORECASE)
_JOIN = re.compile(rf"(?<![.!]),? (?:and|but) (?:also )?(?={_ASKS})", re.IGNORECASE)
_JOINED = re.compile(
    r"\b(?:and|but)\b|\?.*\?|\bwhat\b.* (?:with|to|against|versus) what\b", re.IGNORECASE | re.DOTALL
)
"""What no question of several parts is without."""
_RELATIVE = re.compile(r"(?:who|what) (?!did\b|does\b|do\b|is\b|are\b|was\b|were\b)", re.IGNORECASE)
_SENTENCE = re.compile(r"(?<=\?)\s+(?=\S)")
_EMBEDS = re.compile(r"\b(?:who|whom|whose|which|what|when|where|why|how|whether|if|that)\b", re.IGNORECASE)
_BARE = rf"(?:{_BEFORE_WH}?(?:whom?|when|where|why|how(?: (?:many|much|long|often|far))?|what))"
_HEADS = re.compile(
    rf"(?P<heads>{_BARE}(?:, {_BARE})*,? and {_BARE}) (?P<rest>{_AUX} .+)", re.IGNORECASE | re.DOTALL
)
_TAIL = re.compile(rf"(?P<clause>.+?),? and (?P<wh>{_BARE})", re.IGNORECASE | re.DOTALL)
_OPENING = re.compile(
    rf"(?P<lead>{_LEAD})(?P<wh>{_BEFORE_WH}?{_WH}\b)?(?P<noun>(?: [\w’'-]+){{0,3}}?) ?"
    rf"(?P<rest>{_AUX} .+)",
    re.IGNORECASE | re.DOTALL,
)
_SUBJECT_ASKED = re.compile(rf"(?P<lead>{_LEAD}){_WH}\b (?P<rest>.+)", re.IGNORECASE | re.DOTALL)

_ONE = rf"(?:the |an? )?(?:{NAME}|{DESCRIPTION})"
_SEVERAL = rf"(?P<names>{_ONE}(?:, {_ONE})*,? and {_ONE})"
_TOLD = (
    rf"(?!put\b|list)(?:{SAY}|{WISH}|report|reports|reported|publish|published|print|printed|cover|covered)"
)
_EACH = r"(?: both| each| all)?"
_WORDS = r"(?:statements?|remarks?|comments?|views?|positions?|stances?|reactions?|responses?|words|quotes?)"
_SPEAKERS = tuple(
    re.compile(pattern, re.DOTALL)
    for pattern in (
        rf"(?P<before>.*?\b(?:did|does|do|has|have|had) ){_SEVERAL}{_EACH}(?P<after> (?:\w+ly )?{_TOLD}\b.*)",
        rf"(?P<before>.*?\b(?:[Ww]hat|[Hh]ow) ){_SEVERAL}(?: have| had)?{_EACH}(?P<after> {_TOLD}\b.*)",
        rf"(?P<before>.*?\b[Aa]ccording to ){_SEVERAL}(?P<after>,.*|)",
        rf"(?P<before>.*?\b{_WORDS} (?:of|by|from) ){_SEVERAL}(?P<after>.*)",
    )
)
_DIFFER = re.compile(
    rf"[Hh]ow (?:do|did|does) {_SEVERAL} (?:differ|disagree|compare)(?: in (?:what they say|their views?))?"
    r"(?P<after>(?: (?:on|about|over|regarding) .+)?)",
    re.DOTALL,
)
_OWNERS = re.compile(
    rf"(?P<before>.*?)(?P<one>{NAME})['’]s? and (?P<two>{NAME})['’]s?(?P<after> (?:\w+ )?{_WORDS}\b.*)",
    re.DOTALL,
)
_AGAINST = re.compile(
    rf".*?\bwhat (?P<one>{_ONE}) (?:has |have )?(?P<told>{_TOLD})\b(?P<on>.*?),? "
    r"(?:and|with|to|against|versus) "
    rf"what (?P<two>{_ONE}) (?:has |have )?(?P<also>{_TOLD})\b(?P<upon>.*)",
    re.DOTALL,
)
_BODY = re.compile(
    r"\b(?:Administration|Agency|Association|Authority|Board|Bureau|Cent(?:er|re)|Co|Commission|Committee|Company|"
    r"Council|Department|Affairs|Foundation|Fund|Institute|Means|Ministry|Office|Organi[sz]ation|Prevention|"
    r"Security|Service|Services|Society|Trade|Union|University)$"
)
_ONE_NAME = frozenset(
    (
        "johnson johnson|procter gamble|standard poor|trinidad tobago|bosnia herzegovina|antigua barbuda|"
        "marks spencer|ernst young|smith wesson|black decker|dun bradstreet|simon schuster|barnes noble"
    ).split("|")
)
_ABOUT = re.compile(
    r"(?P<before>.+ (?P<word>about|regarding|on) )(?P<one>.+?),? and (?P=word) (?P<two>.+)",
    re.IGNORECASE | re.DOTALL,
)
_DATED = re.compile(
    rf"(?P<before>.*?\b(?:in|on|during) )(?P<one>{DATE}),? and (?:(?:in|on|during) )?(?P<two>{DATE})"
    r"(?P<after>.*)",
    re.IGNORECASE | re.DOTALL,
)
_BETWEEN = re.compile(
    rf"(?P<before>.*?\b)(?:between (?P<one>{DATE}) and (?P<two>{DATE})|"
    rf"from (?P<three>{DATE}) to (?P<four>{DATE}))"
    r"(?P<after>.*)",
    re.IGNORECASE | re.DOTALL,
)

_PAST = table("asking_verbs")
_INVERTED = re.compile(
    rf"(?P<wh>{_BEFORE_WH}?{_WH}\b.*?) did (?P<who>{_ONE}|he|she|they|it) "
    rf"(?P<verb>{'|'.join(_PAST)})\b(?P<rest>.*)",
    re.DOTALL,
)
_QUOTED = re.compile(rf"[{OUTER}][^{OUTER}]{{1,400}}[{OUTER}]")
_LETTER = "x"


@dataclass(frozen=True, slots=True)
class Subquery:
    """A part of a question.

    Attributes:
        query: It, read, so that it can be searched by itself.
        label: In words of the question, to stand behind "Not in this corpus:".
        dated: Whether the parts are the same question of different days.
        word: Whether they are the same clause under several question words, which one sentence may answer.
    """

    query: Query
    label: str
    dated: bool = False
    word: bool = False


def decompose(text: str) -> tuple[Subquery, ...]:
    """Take a question apart.

    Args:
        text: A question that stands alone.

    Returns:
        Its parts in order, two to four of them; empty where it has one part only.
    """
    asked = " ".join(text.split())
    if len(asked) > _LONGEST or not _JOINED.search(asked):
        return ()
    found: tuple[Subquery, ...] = ()
    for rule in _RULES:
        found = rule(asked)
        if found:
            break
    return found if len(found) <= _MOST else ()


# --- clauses


def _masked(text: str) -> str:
    """Blank out what stands in quotation marks, length for length: nothing in it is asked."""
    return _QUOTED.sub(lambda found: _LETTER * len(found[0]), text)


def _bare(clause: str) -> str:
    return clause.strip(" ?.!,;")


def _clauses(text: str) -> tuple[Subquery, ...]:
    """Whole questions, one behind the other or joined by "and"."""
    masked = _masked(text)
    edges = [found.span() for found in _SENTENCE.finditer(masked)] or [
        found.span() for found in _JOIN.finditer(masked)
    ]
    if not edges:
        return ()
    starts, ends = [0, *(end for _, end in edges)], [*(start for start, _ in edges), len(text)]
    clauses = [text[start:end] for start, end in zip(starts, ends, strict=True)]
    if not all(_OPENS.match(clause) and len(_bare(clause).split()) > 1 for clause in clauses):
        return ()
    if any(clause.lower().startswith("if ") for clause in clauses):
        return ()
    if any(parse_question(clause).comparing for clause in clauses[1:]):
        return ()  # "… and did he say the same a year earlier?"
    if any(_RELATIVE.match(after) and _relates(before) for before, after in pairwise(clauses)):
        return ()  # "… the man who founded it and who leads it?"
    return tuple(_leaning(clause, clauses[:at]) for at, clause in enumerate(clauses))


def _relates(clause: str) -> bool:
    """Say whether a clause holds a question word or "that" besides the one it opens with."""
    opening = _OPENS.match(clause)
    return _EMBEDS.search(_masked(clause), opening.end() if opening else 0) is not None


def _leaning(clause: str, before: list[str]) -> Subquery:
    """Read a clause; what it leaves out, or points back at, stands in the ones before."""
    question = re.sub(r"^(?:and|but|or|so) (?:also )?", "", _bare(clause), flags=re.IGNORECASE) + "?"
    if not before:
        return Subquery(parse_question(question), _label(question))
    own, leaning = parse_question(question), stand_alone(question, before)
    query = parse_question(leaning.text, leaning_on=leaning.on)
    if leaning.on and own.person is None and own.names:
        query = replace(query, person=None, saying=own.saying)  # "… and did Zarif agree?" asks of Zarif
    return Subquery(query, _label(question))


def _label(question: str) -> str:
    """Write a question so that it can stand behind a colon: ``what Zarif replied``."""
    told = _bare(question)
    told = told[:1].lower() + told[1:] if _OPENS.match(told) else told
    found = _INVERTED.fullmatch(told)
    return f"{found['wh']} {found['who']} {_PAST[found['verb']]}{found['rest']}" if found else told


# --- question words of one clause


def _heads(text: str) -> tuple[Subquery, ...]:
    """Several question words before the clause: ``When and where did it sink?``."""
    found = _HEADS.fullmatch(_bare(text))
    if not found:
        return ()
    heads = re.split(r",? and |, ", found["heads"])
    return tuple(_worded(f"{head} {found['rest']}?", head.lower()) for head in heads)


def _tail(text: str) -> tuple[Subquery, ...]:
    """A question word behind the clause: ``How many were killed, and where?``."""
    found = _TAIL.fullmatch(_bare(text))
    opening = _OPENING.fullmatch(found["clause"]) if found else None
    subject = _SUBJECT_ASKED.fullmatch(found["clause"]) if found and not opening else None
    if not found or not (opening or subject):
        return ()
    if opening:
        aux, _, rest = opening["rest"].partition(" ")
        words = [opening["lead"] + found["wh"], aux, opening["noun"].strip(), rest]
    elif subject:
        words = [subject["lead"] + found["wh"], rest := subject["rest"]]
    if _EMBEDS.search(_masked(rest)):
        return ()
    second = " ".join(word for word in words if word) + "?"
    first = found["clause"] + "?"
    return _worded(first, _label(first)), _worded(second, found["wh"])


def _worded(question: str, label: str) -> Subquery:
    return Subquery(parse_question(question), label, word=True)


# --- several of one kind


def _speakers(text: str) -> tuple[Subquery, ...]:
    """Several who speak: ``What did Miller and DiMaggio say?``."""
    masked = _masked(text)
    for pattern in _SPEAKERS:
        found = pattern.fullmatch(masked)
        if found:
            names = _names(found["names"])
            before = text[: found.end("before")]
            return _each(names, lambda name: f"{before}{name}{text[found.start('after') :]}")  # noqa: B023
    differ = _DIFFER.fullmatch(_bare(masked))
    if differ:
        return _each(_names(differ["names"]), lambda name: f"What did {name} say{differ['after']}?")
    owners = _OWNERS.fullmatch(masked)
    if owners:
        names = [owners["one"], owners["two"]]
        return _each(names, lambda name: f"{owners['before']}{name}'s{text[owners.start('after') :]}")
    return ()


def _names(joined: str) -> list[str]:
    """Part several names; none where they are one: ``the Food and Drug Administration``."""
    names = [name.strip() for name in re.split(r",? and (?!for\b)|, ", joined)]
    plain = [re.sub(r"^(?:the|an?) ", "", name) for name in names]
    if " ".join(name.rsplit(maxsplit=1)[-1].lower() for name in plain) in _ONE_NAME:
        return []
    first, last = names[0], names[-1]
    article = last.startswith(("the ", "a ", "an "))
    one = not article and (" of " in first or " for " in first or _BODY.search(last) is not None)
    return [] if one or len(set(names)) < len(names) else names


def _each(names: list[str], asked: Callable[[str], str]) -> tuple[Subquery, ...]:
    """Ask the same of each."""
    return tuple(_plainly(asked(name)) for name in names)


def _plainly(question: str, *, dated: bool = False) -> Subquery:
    """Read a part of a comparison: that it is one is for the whole to know."""
    question = re.sub(r"^[Cc]ompare |^[Cc]ontrast ", "", question)
    query = parse_question(question[:1].upper() + question[1:])
    return Subquery(query.alone(), _label(question), dated)


def _against(text: str) -> tuple[Subquery, ...]:
    """One against the other: ``Compare what Miller said about it with what DiMaggio said.``."""
    found = _AGAINST.fullmatch(_bare(text))
    if not found:
        return ()
    on, upon = found["on"] or found["upon"], found["upon"] or found["on"]
    return (
        _plainly(f"what {found['one']} {found['told']}{on}"),
        _plainly(f"what {found['two']} {found['also']}{upon}"),
    )


def _subjects(text: str) -> tuple[Subquery, ...]:
    """Several subjects, each with its own "about"."""
    found = _ABOUT.fullmatch(_masked(_bare(text)))
    if not found or not parse_question(text).saying or re.match(DATE, found["two"], re.IGNORECASE):
        return ()
    return tuple(_plainly(f"{found['before']}{found[name]}?") for name in ("one", "two"))


def _days(text: str) -> tuple[Subquery, ...]:
    """Several days: ``… in 2022 and in 2023?``, ``How did it change between May and June 2023?``."""
    query, masked = parse_question(text), _masked(text)
    found = _DATED.fullmatch(masked) if query.saying or query.comparing else None
    found = found or (_BETWEEN.fullmatch(masked) if query.comparing else None)
    if not found:
        return ()
    given = found.groupdict()
    days = given["one"] or given["three"], given["two"] or given["four"]
    before, after = text[: found.end("before")], text[found.start("after") :]
    word = "" if re.search(r"\b(?:in|on|during) $", before) else "in "
    return tuple(_plainly(f"{before}{word}{day}{after}", dated=True) for day in days)


_RULES = (_against, _heads, _clauses, _speakers, _days, _tail, _subjects)
