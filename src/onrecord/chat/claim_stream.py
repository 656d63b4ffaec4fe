"""Drafts: the claims in a chat model's output, read while it is being written.

Every claim comes out once it is whole. What is not in the agreed format is an
error, never a guess, and output that stops midway is never taken as whole.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any, NoReturn, Protocol

from pydantic_core import from_json

from onrecord.chat.prompts import MOST_CLAIMS, MOST_IDS, NO_ANSWER
from onrecord.errors import ProviderCutError

_LONGEST = 100_000
"""A draft of more code points than this is given up."""
_LONGEST_CLAIM = 4_000
"""So is one with a claim, or filling, that is longer than this."""

_OPENED = re.compile(r"\s*(?:```(?:json)?\s*)?(?=\{)")
_OPENING = re.compile(r"\s*(?:`{0,3}|```j?s?o?n?\s*)")
_CLOSED = re.compile(r"\s*`{0,3}\s*\Z")
_KEYS, _CLAIM_KEYS = {"answerable", "claims"}, {"claim", "ids"}
# A half of a character that JSON writes in two: alone it is none, and a reader may refuse all for it.
_HALF = re.compile(r"(\\\\|\\u[dD][89abAB]\w\w\\u[dD][c-fC-F]\w\w)|\\u[dD][89a-fA-F]\w\w|[\ud800-\udfff]")
_ID = re.compile(r"\s*[sS]?([0-9]{1,6})\s*")
_LINE = re.compile(
    r"(?:[-*•]\s+)?((?:\[\s*[sS]?\d{1,6}(?:\s*[,;]\s*[sS]?\d{1,6})*\s*\]\s*)+)(\S.*)", re.ASCII
)
_NUMBER = re.compile(r"[0-9]+")
_SURROGATE = re.compile("[\ud800-\udfff]")
_REMEDY = "Try again, or use another model."


@dataclass(frozen=True, slots=True)
class WrittenClaim:
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

    def feed(self, delta: str) -> list[WrittenClaim]:
        """Take the next piece; give the claims that became whole."""

    def finish(self) -> bool:
        """Say that the draft is at its end; give :attr:`answerable`."""


def _fail(what: str) -> NoReturn:
    raise ProviderCutError(f"The chat model's answer {what}.", remedy=_REMEDY)


def _claim(text: str, ids: list[int]) -> WrittenClaim:
    return WrittenClaim(
        _SURROGATE.sub("\N{REPLACEMENT CHARACTER}", text), tuple(dict.fromkeys(ids))[:MOST_IDS]
    )


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

    def _rationed(self, claims: list[WrittenClaim]) -> list[WrittenClaim]:
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
        self._text = ""
        self._listing = False
        self._claims: list[WrittenClaim] = []
        self._told = 0

    def feed(self, delta: str) -> list[WrittenClaim]:
        """Take the next piece of the draft.

        Args:
            delta: Any length, cut anywhere.

        Returns:
            The claims that became whole.

        Raises:
            ProviderCutError: If this cannot be the beginning of an answer in the format.
        """
        self._text += delta
        *ended, rest = delta.split("}")
        for piece in ended:
            self._take(f"{piece}}}")
            self._look()
        self._take(rest)
        if not self._listing:
            self._look()
        if len(self._unread) > _LONGEST_CLAIM:
            _fail("is not in the format asked for")
        if self.answerable is None:
            return []
        found, self._told = self._claims[self._told :], len(self._claims)
        return self._rationed(found) if self.answerable else []

    def finish(self) -> bool:
        """Say that the draft is at its end.

        Returns:
            Whether the model says that the sentences answer the question.

        Raises:
            ProviderCutError: If the draft is not whole.
        """
        try:
            read = json.loads(_bare(self._text), object_pairs_hook=_once, parse_constant=_no_constant)
        except (ValueError, RecursionError):
            _fail("stopped midway")
        if not isinstance(read, dict) or read.keys() != _KEYS or len(read["claims"]) != len(self._claims):
            _fail("stopped midway")
        return bool(self.answerable)

    def _look(self) -> None:
        """Read what there is of the object; behind a claim that became whole, only what follows is read."""
        if _OPENING.fullmatch(self._unread):
            return
        text = _HALF.sub(lambda found: found[1] or "\N{REPLACEMENT CHARACTER}", _bare(self._unread))
        try:
            read = from_json(text, allow_partial=True, allow_inf_nan=False)
        except ValueError:
            _fail("is not in the format asked for")
        if not isinstance(read, dict) or not read.keys() <= _KEYS:
            _fail("is not in the format asked for")
        self.answerable = _whether(read.get("answerable"))
        claims = read.get("claims", [])
        if not isinstance(claims, list):
            _fail("is not in the format asked for")
        self._listing = "claims" in read
        new = claims[min(len(self._claims), 1) :]
        if new and text.endswith("}") and not (isinstance(new[0], dict) and new[0].keys() < _CLAIM_KEYS):
            self._claims.append(_read_claim(new[0]))
            said = "" if self.answerable is None else f'"answerable": {str(self.answerable).lower()}, '
            self._unread = f'{{{said}"claims": [0'


def _bare(text: str) -> str:
    """Take off the Markdown fence that may stand round an object."""
    return _CLOSED.sub("", _OPENED.sub("", text, count=1))


def _whether(value: Any) -> bool | None:
    if value is not None and not isinstance(value, bool):
        _fail("is not in the format asked for")
    return value


def _read_claim(claim: Any) -> WrittenClaim:
    if not isinstance(claim, dict) or claim.keys() != _CLAIM_KEYS:
        _fail("is not in the format asked for")
    if not isinstance(claim["claim"], str) or not isinstance(claim["ids"], list):
        _fail("is not in the format asked for")
    return _claim(claim["claim"], [_read_id(value) for value in claim["ids"]])


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    read = dict(pairs)
    if len(read) != len(pairs):
        raise ValueError("says a thing twice")
    return read


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

    def feed(self, delta: str) -> list[WrittenClaim]:
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

    def _read_line(self, line: str) -> WrittenClaim | None:
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
