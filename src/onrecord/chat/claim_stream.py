"""Drafts: the claims in a chat model's output, read while it is being written.

Every claim comes out once it is whole. What is not in the agreed format is an
error, never a guess, and output that stops midway is never taken as whole.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NoReturn, Protocol

from onrecord.chat.prompts import MOST_CLAIMS, MOST_IDS, NO_ANSWER
from onrecord.errors import ProviderCutError

_LONGEST = 100_000
"""A draft of more code points than this is given up."""
_LONGEST_CLAIM = 4_000
"""So is one with a claim, or filling, that is longer than this."""

_HEAD = re.compile(r"\s*(?:```(?:json)?\s*)?\{")
_HEAD_BEGUN = re.compile(r"\s*(?:`{0,3}|```j?s?o?n?\s*)")
_KEY = re.compile(r'\s*"(answerable|claims)"\s*:')
_BOOL = re.compile(r"\s*(true|false)\s*(?=[,}])")
_OPEN = re.compile(r"\s*\[")
# No object stands inside a claim, so its end is the first closing brace outside a string.
_CLAIM = re.compile(r'\s*(\{(?:[^{}"]++|"(?:[^"\\]++|\\.)*+")*+\})', re.DOTALL)
_COMMA_OR = {end: re.compile(rf"\s*([,{re.escape(end)}])") for end in "]}"}
_EMPTY = re.compile(r"\s*\]")
_TAIL = re.compile(r"\s*(?:`{0,2}|```\s*)")
_ID = re.compile(r"\s*[sS]?([0-9]{1,6})\s*")
_LINE = re.compile(
    r"(?:[-*•]\s+)?((?:\[\s*[sS]?\d{1,6}(?:\s*[,;]\s*[sS]?\d{1,6})*\s*\]\s*)+)(\S.*)", re.ASCII
)
_NUMBER = re.compile(r"[0-9]+")
_SURROGATE = re.compile("[\ud800-\udfff]")
_REMEDY = "Try again, or use another model."


@dataclass(frozen=True, slots=True)
class DraftClaim:
    """A claim as a chat model wrote it, unchecked.

    Attributes:
        text: The prose.
        ids: Numbers of the sentences that are said to carry it, each once; may be empty or wrong.
    """

    text: str
    ids: tuple[int, ...]


class ClaimReader(Protocol):
    """Reads claims from a draft that comes piece by piece."""

    @property
    def answerable(self) -> bool | None:
        """Whether the model says that the sentences answer; None while unknown."""

    @property
    def surplus(self) -> int:
        """How many claims were left out because there were too many."""

    def feed(self, delta: str) -> list[DraftClaim]:
        """Take the next piece; give the claims that became whole."""

    def finish(self) -> bool:
        """Say that the draft is at its end; give :attr:`answerable`."""


def _fail(what: str) -> NoReturn:
    raise ProviderCutError(f"The chat model's answer {what}.", remedy=_REMEDY)


def _claim(text: str, ids: list[int]) -> DraftClaim:
    return DraftClaim(_SURROGATE.sub("\N{REPLACEMENT CHARACTER}", text), tuple(dict.fromkeys(ids))[:MOST_IDS])


class _Draft:
    """What both formats share: the unread text and its limits."""

    def __init__(self) -> None:
        self._unread = ""
        self._length = 0
        self._given = 0
        self.answerable: bool | None = None
        self.surplus = 0

    def _take(self, delta: str) -> None:
        self._length += len(delta)
        if self._length > _LONGEST:
            _fail("is too long")
        self._unread += delta

    def _rationed(self, claims: list[DraftClaim]) -> list[DraftClaim]:
        kept = claims[: MOST_CLAIMS - self._given]
        self._given += len(kept)
        self.surplus += len(claims) - len(kept)
        return kept


class JsonClaims(_Draft):
    """Reads the JSON object that :data:`~onrecord.chat.prompts.ANSWER_SCHEMA` describes.

    A Markdown fence round it, keys in another order, ids as strings (``"3"``, ``"s3"``) and an id
    that comes twice are forgiven; anything else is an error. Claims are held back until the model
    has said whether the question can be answered, and are none when it cannot.
    """

    def __init__(self) -> None:
        super().__init__()
        self._state: Callable[[], bool] = self._head
        self._keys: set[str] = set()
        self._found: list[DraftClaim] = []

    def feed(self, delta: str) -> list[DraftClaim]:
        """Take the next piece of the draft.

        Args:
            delta: Any length, cut anywhere.

        Returns:
            The claims that became whole.

        Raises:
            ProviderCutError: If this cannot be the beginning of an answer in the format.
        """
        self._take(delta)
        while self._state():
            pass
        if len(self._unread) > _LONGEST_CLAIM:
            _fail("is not in the format asked for")
        if self.answerable is None:
            return []
        found, self._found = self._found, []
        return self._rationed(found) if self.answerable else []

    def finish(self) -> bool:
        """Say that the draft is at its end.

        Returns:
            Whether the model says that the sentences answer the question.

        Raises:
            ProviderCutError: If the draft is not whole.
        """
        if self._state != self._tail or self._unread.strip() not in ("", "```") or self.answerable is None:
            _fail("stopped midway")
        return self.answerable

    def _next(self, pattern: re.Pattern[str]) -> re.Match[str] | None:
        """Match at the beginning of what is unread, and read it."""
        found = pattern.match(self._unread)
        if found:
            self._unread = self._unread[found.end() :]
        return found

    def _either(self, pattern: re.Pattern[str], enough: str) -> re.Match[str] | None:
        """Match; None means that more must come, which can help only until ``enough`` is there."""
        found = self._next(pattern)
        if found is None and any(char in self._unread for char in enough):
            _fail("is not in the format asked for")
        return found

    def _head(self) -> bool:
        if self._next(_HEAD):
            self._state = self._key
            return True
        if not _HEAD_BEGUN.fullmatch(self._unread):
            _fail("is not in the format asked for")
        return False

    def _key(self) -> bool:
        found = self._either(_KEY, ":}")
        if not found:
            return False
        if found[1] in self._keys:
            _fail("says a thing twice")
        self._keys.add(found[1])
        self._state = self._answerable if found[1] == "answerable" else self._claims
        return True

    def _answerable(self) -> bool:
        found = self._either(_BOOL, ",}")
        if not found:
            return False
        self.answerable = found[1] == "true"
        self._state = self._after_value
        return True

    def _claims(self) -> bool:
        if not self._next(_OPEN):
            if self._unread.strip():
                _fail("is not in the format asked for")
            return False
        self._state = self._first_item
        return True

    def _first_item(self) -> bool:
        if self._next(_EMPTY):
            self._state = self._after_value
            return True
        return self._item()

    def _item(self) -> bool:
        found = self._next(_CLAIM) if "}" in self._unread else None
        if not found:
            if self._unread.strip() and self._unread.lstrip()[0] != "{":
                _fail("is not in the format asked for")
            return False
        self._found.append(_read_claim(found[1]))
        self._state = self._after_item
        return True

    def _after_item(self) -> bool:
        return self._after("]", self._item, self._after_value)

    def _after_value(self) -> bool:
        return self._after("}", self._key, self._tail)

    def _after(self, end: str, more: Callable[[], bool], done: Callable[[], bool]) -> bool:
        found = self._next(_COMMA_OR[end])
        if not found:
            if self._unread.strip():
                _fail("is not in the format asked for")
            return False
        self._state = more if found[1] == "," else done
        return True

    def _tail(self) -> bool:
        if self._keys != {"answerable", "claims"} or not _TAIL.fullmatch(self._unread):
            _fail("is not in the format asked for")
        return False


def _read_claim(text: str) -> DraftClaim:
    try:
        pairs = json.loads(text, object_pairs_hook=list, parse_constant=_no_constant)
    except (ValueError, RecursionError):
        _fail("is not in the format asked for")
    if sorted(key for key, _ in pairs) != ["claim", "ids"]:
        _fail("is not in the format asked for")
    read = dict(pairs)
    if not isinstance(read["claim"], str) or not isinstance(read["ids"], list):
        _fail("is not in the format asked for")
    return _claim(read["claim"], [_read_id(value) for value in read["ids"]])


def _no_constant(name: str) -> NoReturn:
    raise ValueError(name)


def _read_id(value: Any) -> int:
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    found = _ID.fullmatch(value) if isinstance(value, str) else None
    if found is None:
        _fail("is not in the format asked for")
    return int(found[1])


class PlainClaims(_Draft):
    """Reads one claim a line, ``[3, 5] The claim.``, or the single line ``NO ANSWER``.

    A line is whole with its line break: whoever knows that the model ended by itself feeds one
    before :meth:`finish`. The last claim must end as sentences do, as it may have been cut off.
    """

    def __init__(self) -> None:
        super().__init__()
        self._ended = False
        self._fenced = False
        self._last = ""

    def feed(self, delta: str) -> list[DraftClaim]:
        """Take the next piece of the draft.

        Args:
            delta: Any length, cut anywhere.

        Returns:
            The claims that became whole.

        Raises:
            ProviderCutError: If a line is not in the format.
        """
        self._take(delta)
        *lines, self._unread = self._unread.split("\n") if "\n" in delta else (self._unread,)
        if len(self._unread) > _LONGEST_CLAIM:
            _fail("is not in the format asked for")
        claims = [claim for line in lines if (claim := self._read_line(line.strip())) is not None]
        return self._rationed(claims)

    def finish(self) -> bool:
        """Say that the draft is at its end.

        Returns:
            Whether the model gave claims; False where it says that the sentences do not answer.

        Raises:
            ProviderCutError: If the draft is not whole.
        """
        if self._unread.strip() or self.answerable is None or not self._last.endswith((".", "!", "?", ")")):
            _fail("stopped midway")
        if self._fenced and not self._ended:
            _fail("stopped midway")
        return self.answerable

    def _read_line(self, line: str) -> DraftClaim | None:
        if not line:
            return None
        if self._ended or len(line) > _LONGEST_CLAIM:
            _fail("is not in the format asked for")
        if line in ("```", "```text"):
            self._fence()
            return None
        if line.rstrip(".") == NO_ANSWER and self.answerable is None:
            self.answerable, self._last = False, "."
            return None
        found = _LINE.fullmatch(line)
        if found is None or self.answerable is False:
            _fail("is not in the format asked for")
        self.answerable, self._last = True, line
        return _claim(found[2], [int(number) for number in _NUMBER.findall(found[1])])

    def _fence(self) -> None:
        """A fence may open before the first line, and closes the draft after the last."""
        if self.answerable is None and not self._fenced:
            self._fenced = True
        elif self._fenced and self.answerable is not None:
            self._ended = True
        else:
            _fail("is not in the format asked for")
