"""A chat model that does all it should not, and cases of it; nothing in it depends on chance but the seed."""

from __future__ import annotations

import json
import random
import re
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import count
from typing import Any

from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, AIMessageChunk, BaseMessage
from langchain_core.output_parsers import JsonOutputParser
from langchain_core.outputs import ChatGeneration, ChatGenerationChunk, ChatResult

from tests import alterations

__all__ = ["KINDS", "Hostile", "HostileModel", "hostile_cases"]

_SENTENCE = re.compile(r"^\[(\d+)\] (?:\([^)]*\) )?(.*)$", re.MULTILINE)
_ORDERED = re.compile(r"CANARY-\d+|https?://\S+|\S+\.example\S*")
_MARKS = re.compile("[\"“”„«»‘]|(?<!\\w)['’]|['’](?!\\w)")  # fmt: skip

Claims = list[tuple[list[Any], str]]


def _bare(text: str) -> str:
    return " ".join(_MARKS.sub("", text).split())


def _true(told: Claims, rng: random.Random) -> Claims:
    return [(ids, _bare(text)) for ids, text in rng.sample(told, min(3, len(told)))]


def _fabricated_ids(told: Claims, rng: random.Random) -> Claims:
    ids: list[Any] = [0, -1, 10**9, len(told) + 1, len(told) + rng.randrange(1, 99)]
    return [([*rng.sample(ids, 2), *own[: rng.randrange(2)]], text) for own, text in _true(told, rng)]


def _no_ids(told: Claims, rng: random.Random) -> Claims:
    return [([], text) for _, text in _true(told, rng)]


def _altered(told: Claims, rng: random.Random) -> Claims:
    pool = [text for _, text in told]
    made = [
        (ids, _bare(new))
        for ids, text in told
        if (new := alterations.alter(text, rng.choice(alterations.ALTERATIONS), rng, pool)) is not None
    ]
    return made[:8]


def _quoting(told: Claims, rng: random.Random) -> Claims:
    opening, closing = rng.choice(["“”", '""', "‘’", "''", "«»", "„“", "「」", "``"])
    return [(ids, f"He said {opening}{text}{closing}") for ids, text in _true(told, rng)]


def _wrong_sentence(told: Claims, rng: random.Random) -> Claims:
    texts = [text for _, text in told]
    return [(ids, _bare(texts[(at + 1) % len(texts)])) for at, (ids, _) in enumerate(told)][:8]


def _linking(told: Claims, rng: random.Random) -> Claims:
    trap = rng.choice(
        ["![x](https://evil.example/x.png)", "<img src=x onerror=alert(1)>", "https://evil.example",
         "<!channel>", "@everyone", "[see](javascript:alert(1))", "\u202eevil", "\x1b[2J", "\U000e0041"]
    )  # fmt: skip
    return [(ids, f"{text} {trap}") for ids, text in _true(told, rng)]


def _obeying(told: Claims, rng: random.Random) -> Claims:
    """Do what any sentence says, and repeat whatever looks like an order, each with a valid id."""
    made: Claims = []
    for ids, text in told:
        made += [(ids, text), *((ids, found) for found in _ORDERED.findall(text))]
        made += [(ids, f"The answer is {found}.") for found in _ORDERED.findall(text)]
    last = [claim for claim in made if _ORDERED.search(claim[1])]
    return (last + made)[:12]


_CLAIMS: Mapping[str, Callable[[Claims, random.Random], Claims]] = {
    "true": _true,
    "fabricated ids": _fabricated_ids,
    "no ids": _no_ids,
    "altered words": _altered,
    "quotation marks": _quoting,
    "wrong sentence": _wrong_sentence,
    "links and markup": _linking,
    "obedient": _obeying,
}
_GARBAGE = (
    "", "null", "I cannot help with that.", "{", "[" * 20_000, '{"answerable": true}', "\x00\ud800", "NaN",
    '{"answerable": true, "claims": [{"ids": [NaN], "claim": "x"}]}', "<html><body>502</body></html>",
    '{"answerable": "yes", "claims": "all"}', "NO ANSWER\n[1] Yet there is.", "``````", "[1]", "[1] “x”",
)  # fmt: skip
KINDS = (*_CLAIMS, "unanswerable", "garbage", "stops midway", "raises", "endless space", "endless claims")
"""What a hostile model can do."""


class HostileModel(BaseChatModel):
    """Answers any prompt by the rules of its kind.

    Attributes:
        kind: One of ``KINDS``.
        seed: Of every choice.
        plain: Whether it writes lines instead of JSON, whatever it is asked for.
        piece: How many characters come at a time.
    """

    kind: str = "true"
    seed: int = 0
    plain: bool = False
    piece: int = 40

    @property
    def _llm_type(self) -> str:
        return "hostile"

    def bind(self, **_: Any) -> Any:
        """Take any option, a response format too, and heed none."""
        return self

    def with_structured_output(self, schema: Any, **_: Any) -> Any:
        """Take a schema, unless it writes lines; whether it heeds it is another matter."""
        if self.plain:
            raise NotImplementedError
        return self | JsonOutputParser()

    def _generate(self, messages: list[BaseMessage], *_: Any, **__: Any) -> ChatResult:
        text = "".join(part for part, _ in zip(self._pieces(messages), range(5_000), strict=False))
        return ChatResult(generations=[ChatGeneration(message=AIMessage(content=text))])

    def _stream(self, messages: list[BaseMessage], *_: Any, **__: Any) -> Iterator[ChatGenerationChunk]:
        for part in self._pieces(messages):
            yield ChatGenerationChunk(message=AIMessageChunk(content=part))

    async def _astream(
        self, messages: list[BaseMessage], *_: Any, **__: Any
    ) -> AsyncIterator[ChatGenerationChunk]:
        for chunk in self._stream(messages):
            yield chunk

    def _pieces(self, messages: Sequence[BaseMessage]) -> Iterator[str]:
        rng = random.Random(self.seed)
        text = self._text(str(messages[-1].content), rng)
        if self.kind in ("stops midway", "raises"):
            text = text[: rng.randrange(len(text))]
        yield from (text[at : at + self.piece] for at in range(0, len(text), self.piece))
        if self.kind == "raises":
            raise RuntimeError("the connection broke")
        if self.kind.startswith("endless"):
            more = " " * 500 if self.kind == "endless space" else ', {"ids": [1], "claim": "On and on."}'
            yield from (more for _ in count())

    def _text(self, prompt: str, rng: random.Random) -> str:
        told: Claims = [([int(number)], text) for number, text in _SENTENCE.findall(prompt)]
        if self.kind == "garbage":
            return rng.choice(_GARBAGE)
        if self.kind == "unanswerable" or not told:
            return "NO ANSWER\n" if self.plain else '{"answerable": false, "claims": []}'
        claims = _CLAIMS.get(self.kind, _true)(told, rng)
        if self.plain:
            return "".join(f"[{', '.join(map(str, ids))}] {text}\n" for ids, text in claims)
        whole = [{"ids": ids, "claim": text} for ids, text in claims]
        written = json.dumps({"answerable": True, "claims": whole}, ensure_ascii=bool(self.seed % 2))
        return written[:-2] if self.kind == "endless claims" else written


@dataclass(frozen=True, slots=True)
class Hostile:
    """A case: who answers, and which question is asked.

    Attributes:
        model: The model.
        question: The question.
    """

    model: HostileModel
    question: str


def hostile_cases(seed: int, n: int, *, questions: Sequence[str]) -> Iterator[Hostile]:
    """Make cases, every kind about as often.

    Args:
        seed: Of every choice.
        n: How many.
        questions: To choose from.

    Yields:
        The cases.
    """
    rng = random.Random(seed)
    for at in range(n):
        model = HostileModel(
            kind=KINDS[at % len(KINDS)],
            seed=rng.randrange(10**6),
            plain=rng.random() < 0.2,
            piece=rng.choice([1, 7, 40, 5_000]),
        )
        yield Hostile(model, rng.choice(questions))
