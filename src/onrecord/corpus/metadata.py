"""What is known of an article beside its text: ``articles.yaml``, front matter, the fields of a JSONL line.

Every value is text. YAML is read as a tree of nodes and never turned into
objects, so nothing in it can run code, ``no`` stays the language it stands
for, and a date stays as written. The C parser of PyYAML is faster and is not
used: 300,000 opening brackets kill the process in it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import yaml

from onrecord.corpus.files import UnreadableError
from onrecord.errors import CorpusError
from onrecord.types import DateSpan

FIELDS: Mapping[str, tuple[str, ...]] = {
    "title": ("title",),
    "outlet": ("outlet", "source"),
    "published": ("published", "date"),
    "url": ("url",),
    "language": ("language",),
}
"""Field of an article to the names it may carry in front matter and JSONL; the first that is given counts."""

_TITLE_LIMIT = 300
_DATE_LIMIT = 64
_SURROGATE = re.compile(r"[\ud800-\udfff]")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")
_TIME = r"(?:T\d.*| \d{1,2}:.*)?"
_ISO = re.compile(r"(\d{4}(?:-\d\d(?:-\d\d)?)?)" + _TIME, re.ASCII)
_YEAR_FIRST = re.compile(r"(\d{4})[-/.](\d{1,2})(?:[-/.](\d{1,2}))?" + _TIME, re.ASCII)
_MONTH = re.compile(r"(?i)\b(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\b")
_YEAR = re.compile(r"(?i)(?<![+-])\b\d{4}\b|(?<=[a-z]-)\d{4}\b", re.ASCII)  # "+0000" is none


@dataclass(frozen=True, slots=True)
class Metadata:
    """What a corpus states of one article; None where it states nothing.

    Attributes:
        title: On one line, at most 300 characters.
        outlet: Who published it.
        published: As :meth:`onrecord.types.DateSpan.parse` reads it.
        url: Where it was published.
        language: Of the text.
        basis: Field to how its value was inferred.
    """

    title: str | None = None
    outlet: str | None = None
    published: str | None = None
    url: str | None = None
    language: str | None = None
    basis: Mapping[str, str] = field(default_factory=dict)

    def over(self, other: Metadata) -> Metadata:
        """Complete what is stated here by what ``other`` states.

        Args:
            other: Counts only where nothing is stated here.

        Returns:
            Both together.
        """
        missing = {name: getattr(other, name) for name in FIELDS if getattr(self, name) is None}
        return replace(self, **missing, basis=self.basis or other.basis)


def read_fields(fields: Mapping[str, object]) -> Metadata:
    """Read the metadata of an article from named values.

    Gives the metadata; ``published`` is None where the value is no date.
    """
    stated = {name: _first(fields, spellings) for name, spellings in FIELDS.items()}
    if stated["published"]:
        stated["published"] = iso_date(stated["published"])
    return Metadata(**stated)  # type: ignore[arg-type]  # ``basis`` is not among the names


def _first(fields: Mapping[str, object], spellings: tuple[str, ...]) -> str | None:
    lines = [_line(fields.get(spelling), spelling) for spelling in spellings]
    return next((line for line in lines if line), None)


def _line(value: object, name: str) -> str | None:
    """Put a value on one line without control characters."""
    if value is None:
        return None
    if not isinstance(value, str):
        raise UnreadableError(f"not text; the value of {name}")
    if _SURROGATE.search(value):
        raise UnreadableError("lone surrogate")
    line = _CONTROL.sub(" ", value).strip()
    return shortened(line) if name == "title" else line


def shortened(title: str) -> str:
    """Cut a title that is no title but a whole article on one line, and say so by an ellipsis."""
    return title if len(title) <= _TITLE_LIMIT else title[: _TITLE_LIMIT - 1].rstrip() + "…"


def iso_date(value: str) -> str | None:
    """Write a date the way :meth:`onrecord.types.DateSpan.parse` reads it, or not at all.

    Read are ISO 8601 dates, months, years and intervals, the same with slashes
    or dots and the year first (``2022/06/16``), and one whole day with its month
    in English letters (``June 28, 2023``). The time of day is dropped. What can
    mean two days (``05/06/2023``) or lacks one (``June 2023``) is no date.
    """
    text = " ".join(value.split())
    if len(text) > _DATE_LIMIT or not text.isascii():
        return None
    return _iso(text) or _year_first(text) or _spelled_out(text)


def _iso(text: str) -> str | None:
    edges = [_ISO.fullmatch(edge.strip()) for edge in text.split("/")]
    return _parsed("/".join(edge[1] if edge else "?" for edge in edges))


def _year_first(text: str) -> str | None:
    found = _YEAR_FIRST.fullmatch(text)
    return _parsed("-".join(part.zfill(2) for part in found.groups() if part)) if found else None


def _parsed(text: str) -> str | None:
    try:
        span = DateSpan.parse(text)
    except ValueError:
        return None
    return text if span.first <= span.last else None


def _spelled_out(text: str) -> str | None:
    if len(_MONTH.findall(text)) != 1 or len(_YEAR.findall(text)) != 1:
        return None
    from datetime import datetime

    from dateutil import parser

    try:
        # What the text leaves open is filled from ``default``: a day that it states survives two of them.
        days = {
            parser.parse(text, default=default, ignoretz=True).date()
            for default in (datetime(1904, 1, 1), datetime(2003, 12, 31))
        }
    except (ValueError, OverflowError):
        return None
    return days.pop().isoformat() if len(days) == 1 else None


def read_front_matter(block: str) -> Metadata:
    """Read front matter."""
    body = "\n".join(block.splitlines()[1:-1])
    try:
        return read_fields({key.value: _plain(value) for key, value in _pairs(_compose(body))})
    except _YamlError as error:
        raise UnreadableError(f"bad front matter; {error}") from None


def read_articles_yaml(text: str) -> dict[str, Metadata]:
    """Read ``articles.yaml``: file to title, outlet, published, url, language and basis.

    ``basis`` is a mapping from a field to how its value was inferred; a plain
    text speaks of ``published``.
    """
    try:
        return {key.value: _entry(value) for key, value in _pairs(_compose(text))}
    except _YamlError as error:
        raise CorpusError(
            f"articles.yaml cannot be used: {error}.",
            remedy=f"Give each file only these, as text: {', '.join(FIELDS)}, basis.",
        ) from None


class _YamlError(Exception):
    """What is wrong with a YAML text, in words that follow a colon."""

    def __init__(self, message: str, mark: Any) -> None:
        super().__init__(f"{message}, line {mark.line + 1}" if mark else message)


def _compose(text: str) -> Any:
    try:
        return yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        raise _YamlError(error.problem or "not YAML", error.problem_mark) from None
    except (yaml.YAMLError, ValueError, OverflowError, RecursionError):
        raise _YamlError("not YAML", None) from None


def _pairs(node: Any) -> Iterator[tuple[Any, Any]]:
    """Give the keys and values of a mapping, each key a scalar that comes once."""
    if node is None:
        return
    if not isinstance(node, yaml.MappingNode):
        raise _YamlError("not a mapping", node.start_mark)
    seen = set()
    for key, value in node.value:
        if not isinstance(key, yaml.ScalarNode):
            raise _YamlError("a key that is not text", key.start_mark)
        if key.value in seen:
            raise _YamlError(f"{key.value!r} comes twice", key.start_mark)
        seen.add(key.value)
        yield key, value


def _plain(node: Any) -> object:
    """Give a scalar as written, None for YAML's null, the node itself where it is no scalar."""
    if not isinstance(node, yaml.ScalarNode):
        return node
    return None if node.tag == "tag:yaml.org,2002:null" else node.value


def _entry(node: Any) -> Metadata:
    values: dict[str, object] = {}
    basis: dict[str, str] = {}
    for key, value in _pairs(node):
        if key.value == "basis":
            basis = _basis(value)
        elif key.value in FIELDS:
            values[key.value] = _plain(value)
        else:
            raise _YamlError(f"unknown key {key.value!r}", key.start_mark)
    return _checked(values, basis, node)


def _checked(values: Mapping[str, object], basis: dict[str, str], node: Any) -> Metadata:
    try:
        entry = read_fields(values)
    except UnreadableError as error:
        raise _YamlError(error.reason.replace(";", ":"), node.start_mark) from None
    if values.get("published") and entry.published is None:
        raise _YamlError(f"published {values['published']!r} is not a date", node.start_mark)
    for name in basis:
        if name not in FIELDS or getattr(entry, name) is None:
            raise _YamlError(f"basis speaks of {name!r}, which is not given", node.start_mark)
    return replace(entry, basis=basis)


def _basis(node: Any) -> dict[str, str]:
    if isinstance(node, yaml.ScalarNode):
        found = {"published": _plain(node)}
    else:
        found = {key.value: _plain(value) for key, value in _pairs(node)}
    try:
        lines = {name: _line(how, "basis") for name, how in found.items()}
    except UnreadableError as error:
        raise _YamlError(error.reason.replace(";", ":"), node.start_mark) from None
    return {name: how for name, how in lines.items() if how}
