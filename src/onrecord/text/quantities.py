"""Quantities: the numbers and dates of a text as values, however they are written."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from onrecord.text.folding import fold
from onrecord.text.lexicon import MONTHS

_SMALL = {
    word: value
    for value, word in enumerate(
        "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen "
        "sixteen seventeen eighteen nineteen".split()
    )
} | {
    word: 10 * n for n, word in enumerate("twenty thirty forty fifty sixty seventy eighty ninety".split(), 2)
}
_SCALES = {"hundred": 1e2, "dozen": 12.0} | {
    word: scale
    for words, scale in (
        ("thousand k", 1e3),
        ("million m mn", 1e6),
        ("billion bn b", 1e9),
        ("trillion tn", 1e12),
    )
    for word in words.split()
}
_ORDINALS = dict(
    zip("first second third fourth fifth sixth seventh eighth ninth tenth".split(), range(1, 11), strict=True)
)
_UNITS = {"%": "%", "$": "$", "€": "€", "£": "£", "percent": "%", "per cent": "%", "percentage": "%"} | {
    word: sign
    for words, sign in (("dollar dollars usd", "$"), ("euro euros eur", "€"), ("pound pounds gbp", "£"))
    for word in words.split()
}
_WEEKDAYS = "monday tuesday wednesday thursday friday saturday sunday".split()
_ANY_MONTH = "|".join(sorted((name.capitalize() for name in MONTHS), key=len, reverse=True))
_DATE = re.compile(
    r"\b(?P<iso>\d{4}-\d\d?(?:-\d\d?)?)\b"
    rf"|(?:\b(?P<d1>\d\d?)(?:st|nd|rd|th)?(?: of)? )?\b(?P<m>{_ANY_MONTH})\b\.?"
    r"(?:,? (?P<d2>\d\d?)(?:st|nd|rd|th)?\b(?![,.]?\d))?(?:,? (?P<y>(?:1\d|20)\d\d)\b)?"
    rf"|\b(?P<w>{'|'.join(day.capitalize() for day in _WEEKDAYS)})\b"
    r"|(?<![\d.,$€£-])\b(?P<year>(?:1[5-9]|20)\d\d)\b(?!,\d|\.\d| ?%)"
    r"|\b(?P<near>today|yesterday|tomorrow|tonight)\b"
)
_WORDS = "|".join(sorted([*_SMALL, *_SCALES, *_ORDINALS], key=len, reverse=True))
_PIECE = re.compile(
    rf"(?P<sign>[$€£])?(?P<digits>\d+(?:,\d{{3}})*(?:\.\d+)?)(?P<th>st|nd|rd|th)?"
    rf"(?:(?P<scale>k|mn?|bn?|tn)(?![a-z]))?|\b(?P<word>{_WORDS})(?![a-z])"
    r"|\b(?P<vague>half|halves|quarter|quarters|twice|double|doubled|triple|tripled|tens|dozens|hundreds"
    r"|thousands|millions|billions|trillions|decades?|century|centuries)\b"
)
_JOINED = re.compile(r"[ -]|,? and ")
_UNIT = re.compile(r"[ -]?(%|percentage|percent|per cent|dollars?|euros?|pounds?|usd|eur|gbp)(?![a-z])")
_NOT_A_NUMBER = re.compile(r"\bno[ -]one\b|\bone another\b|\beach one\b")


@dataclass(frozen=True, slots=True)
class Quantities:
    """What of a text can be counted or dated.

    Attributes:
        numbers: Value or word, and unit: ``%``, a currency sign, ``th``, or empty; with their counts.
        dates: Kind (``year``, ``month``, ``day``, ``weekday``, ``near``) and value; with their counts.
    """

    numbers: Counter[tuple[float | str, str]]
    dates: Counter[tuple[str, str]]


def quantities(text: str) -> Quantities:
    """Find the numbers and dates of a text: ``three``, ``a dozen``, ``1.5bn``, ``30 per cent``."""
    folded = fold(text).text
    dates: Counter[tuple[str, str]] = Counter()
    for found in _DATE.finditer(folded):
        dates.update(_date(found))
    undated = _DATE.sub(lambda found: ";" * len(found[0]), folded).lower()
    undated = _NOT_A_NUMBER.sub(lambda found: ";" * len(found[0]), undated)
    return Quantities(Counter(_numbers(undated)), dates)


def _date(found: re.Match[str]) -> Iterator[tuple[str, str]]:
    part = found.groupdict()
    if part["iso"]:
        year, month, *day = (int(value) for value in part["iso"].split("-"))
        yield from (("year", str(year)), ("month", str(month)))
        yield from (("day", f"{month}-{value}") for value in day)
        return
    if part["m"]:
        month = MONTHS[part["m"].lower()]
        yield "month", str(month)
        yield from (("day", f"{month}-{int(part[key])}") for key in ("d1", "d2") if part[key])
    yield from (("year", part[key]) for key in ("y", "year") if part[key])
    yield from ((kind, part[key].lower()) for kind, key in (("weekday", "w"), ("near", "near")) if part[key])


def _numbers(text: str) -> Iterator[tuple[float | str, str]]:
    run: list[re.Match[str]] = []
    for found in _PIECE.finditer(text):
        if run and not _goes_on(run[-1], found, text):
            yield _number(run, text)
            run = []
        run.append(found)
    if run:
        yield _number(run, text)


def _goes_on(last: re.Match[str], found: re.Match[str], text: str) -> bool:
    """Tell whether two number words are one number: ``twenty three``, ``two hundred and six``."""
    if not _JOINED.fullmatch(text, last.end(), found.start()):
        return False
    if found["word"] in _SCALES:
        return not last["vague"] and last["word"] not in _ORDINALS
    if found["word"] not in _SMALL:
        return False
    if last["word"] in _SCALES and last["word"] != "dozen":
        return True
    return "and" not in text[last.end() : found.start()] and (
        _SMALL.get(last["word"] or "", 0) >= 20 and _SMALL[found["word"]] < 10
    )


def _number(run: list[re.Match[str]], text: str) -> tuple[float | str, str]:
    first = run[0]
    if first["vague"]:
        return first["vague"], ""
    if first["word"] in _ORDINALS:
        return float(_ORDINALS[first["word"]]), "th"
    total = part = 0.0
    for found in run:
        if found["digits"]:
            part = float(found["digits"].replace(",", "")) * _SCALES.get(found["scale"] or "", 1.0)
        elif found["word"] in _SMALL:
            part += _SMALL[found["word"]]
        elif found["word"] in ("hundred", "dozen"):
            part = (part or 1.0) * _SCALES[found["word"]]
        else:
            total, part = total + (part or 1.0) * _SCALES[found["word"]], 0.0
    unit = _UNIT.match(text, run[-1].end())
    sign = first["sign"] or ("th" if first["th"] else "")
    return round(total + part, 6), sign or (_UNITS[unit[1]] if unit else "")
