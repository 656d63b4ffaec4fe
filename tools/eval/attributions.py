"""PolNeAR: human attributions of news articles, and what onrecord finds in the same articles.

Gold direct quotations are the content spans that stand in quotation marks from end to end, of any style:
the set's own flag looks at whole attributions and does not know the '' of some of its sources. Where
annotators took a quotation and the indirect words beside it into one span, the quotation alone is an error by
the strict count, and left out of the other.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from onrecord.evaluation.rows import read_rows
from onrecord.speech.stretches import spoken
from onrecord.types import Article, Mode, Statement
from tools.eval.metrics.content import Found, count_found, overlap, trim
from tools.eval.metrics.speaker import Accuracy, Verdict, judge_speaker

__all__ = ["Gold", "Result", "evaluate", "read_gold"]

Span = tuple[int, int]

_QUOTED = re.compile(
    r"\s*(?:“[^”]*”?|\"[^\"]*\"?|''(?:(?!'').)*(?:'')?|‘[^‘“]*’?|«[^»]*»?)[\s.,;:]*", re.DOTALL
)
_POINTS = ".,;:"
_PART = "shown as direct: part of a longer content"
_NEAR = 0.8
_FOUND = 0.3
_PRONOUNS = frozenset("he she they it we i you who that which him her them".split())


@dataclass(frozen=True, slots=True)
class Gold:
    """One annotated attribution."""

    source: str
    source_spans: tuple[Span, ...]
    content: tuple[Span, ...]
    direct: bool
    named: bool


@dataclass(slots=True)
class Result:
    """What was counted over the documents of one part."""

    documents: int = 0
    exact: Found = Found()  # noqa: RUF009  (frozen)
    near: Found = Found()  # noqa: RUF009
    apart: Found = Found()  # noqa: RUF009
    flagged: Found = Found()  # noqa: RUF009
    any: Found = Found()  # noqa: RUF009
    named: list[Verdict] = field(default_factory=list)
    direct: list[Verdict] = field(default_factory=list)
    everything: list[Verdict] = field(default_factory=list)
    errors: Counter[str] = field(default_factory=Counter)

    def as_dict(self) -> dict[str, Any]:
        """Give the figures for a JSON file."""
        figures: dict[str, Any] = {"documents": self.documents}
        for name in ("exact", "near", "apart", "flagged", "any"):
            found: Found = getattr(self, name)
            figures[name] = {"precision": found.precision, "recall": found.recall, "f1": found.f1}
        for name in ("named", "direct", "everything"):
            figures[f"speaker, {name}"] = Accuracy.of(getattr(self, name)).share
        return figures | {"errors": dict(self.errors.most_common())}


def part_of_document(id_: str) -> str:
    """Say which half a document belongs to: ``tune`` or ``check``."""
    return ("tune", "check")[hashlib.blake2b(f"part\0{id_}".encode(), digest_size=8).digest()[0] & 1]


def read_gold(shared: Path, part: str) -> Iterator[tuple[Article, list[Gold]]]:
    """Give the articles of one part (``tune``, ``check`` or ``all``), each with what was annotated in it."""
    folder = shared / "eval" / "polnear"
    annotated: dict[str, list[Mapping[str, Any]]] = {}
    for row in read_rows(folder / "attributions.jsonl.gz"):
        annotated.setdefault(row["doc_id"], []).append(row)
    for row in read_rows(folder / "corpus.jsonl.gz"):
        if row["id"] in annotated and part in ("all", part_of_document(row["id"])):
            article = Article(row["id"], "", row["title"] or "", row["text"], "", published=row["date"])
            yield article, [_gold(each, article.text) for each in annotated[row["id"]]]


def _gold(row: Mapping[str, Any], text: str) -> Gold:
    source = tuple((start, end) for start, end in row["source_spans"])
    content = _joined([(start, end) for start, end in row["content_spans"]], text)
    return Gold(row["source"] or "", source, content, row["direct"], row["named_source"])


def _joined(spans: Sequence[Span], text: str) -> tuple[Span, ...]:
    """Join spans with nothing but white space between them: some annotators mark sentence by sentence."""
    joined: list[Span] = []
    for start, end in sorted(spans):
        if joined and not text[joined[-1][1] : start].strip():
            start = joined.pop()[0]  # noqa: PLW2901
        joined.append((start, end))
    return tuple(joined)


def evaluate(documents: Iterator[tuple[Article, list[Gold]]]) -> Result:
    """Find who said what in each document and hold it against the annotations."""
    result = Result()
    for article, gold in documents:
        shown = [one for one in spoken(article) if one.mode is not Mode.SCARE]
        result.documents += 1
        _count_spans(result, article.text, gold, shown)
        result.any += _count_any(gold, shown)
        for one in gold:
            if one.source_spans:
                _judge(result, article.text, one, shown)
    return result


def _count_spans(result: Result, text: str, gold: Sequence[Gold], shown: Sequence[Statement]) -> None:
    quoted = {span for one in gold for span in one.content if _QUOTED.fullmatch(text, *span)}
    flagged = {span for one in gold if one.direct for span in one.content}
    wanted, set_apart = ([trim(text, span, points=_POINTS) for span in sorted(s)] for s in (quoted, flagged))
    given = [trim(text, (one.start, one.end), points=_POINTS) for one in shown if one.mode is Mode.DIRECT]
    result.exact += count_found(wanted, given, at_least=1.0)
    near = count_found(wanted, given, at_least=_NEAR)
    result.near += near
    result.flagged += count_found(set_apart, given, at_least=_NEAR)
    contents = [span for one in gold for span in one.content]
    for span in wanted:
        best = max((overlap(span, other) for other in given), default=0.0)
        if best < _NEAR:
            longer = any(other[0] <= span[0] and span[1] <= other[1] for other in given)
            missed = "direct: missed" if not best else "direct: too long" if longer else "direct: too short"
            result.errors[missed] += 1
    surplus = [
        _surplus(span, wanted, contents)
        for span in given
        if not any(overlap(span, other) >= _NEAR for other in wanted)
    ]
    result.errors.update(surplus)
    result.apart += Found(near.gold, near.shown - surplus.count(_PART), near.both)


def _count_any(gold: Sequence[Gold], shown: Sequence[Statement]) -> Found:
    """Count what is shown, of any mode, and how much of it is a content that annotators marked."""
    borne_out = sum(any(_shared(each.content, one) >= _FOUND for each in gold) for one in shown)
    return Found(len(gold), len(shown), borne_out)


def _surplus(span: Span, wanted: Sequence[Span], contents: Sequence[Span]) -> str:
    """Say what a quotation is that is shown and not wanted."""
    if any(overlap(span, other) for other in wanted):
        return "shown as direct: other edges"
    if any(start <= span[0] and span[1] <= end for start, end in contents):
        return _PART
    if any(overlap(span, other) for other in contents):
        return "shown as direct: crosses a content"
    return "shown as direct: not annotated, or scare quotes"


def _judge(result: Result, text: str, gold: Gold, shown: Sequence[Statement]) -> None:
    best = max(shown, key=lambda one: _shared(gold.content, one), default=None)
    verdict = Verdict.MISSED
    if best is not None and _shared(gold.content, best) >= _FOUND:
        by = None if best.speaker_start is None else (best.speaker_start, best.speaker_end or 0)
        name = best.speaker if best.certain else None
        verdict = judge_speaker(gold.source, gold.source_spans, speaker=name, span=by)
    result.everything.append(verdict)
    if gold.direct:
        result.direct.append(verdict)
    if gold.direct and gold.named:
        result.named.append(verdict)
    if verdict is not Verdict.RIGHT:
        result.errors[_speaker_error(text, gold, verdict, best)] += 1


def _shared(content: Sequence[Span], one: Statement) -> float:
    """Give what a statement shares with a content, of whichever of its pieces or the whole fits best."""
    pieces = [overlap(span, (one.start, one.end)) for span in content]
    inside = sum(max(min(one.end, end) - max(one.start, start), 0) for start, end in content)
    whole = max(sum(end - start for start, end in content), one.end - one.start)
    return max([*pieces, inside / whole])


def _speaker_error(text: str, gold: Gold, verdict: Verdict, best: Statement | None) -> str:
    kind = "direct" if gold.direct else "indirect"
    if verdict is not Verdict.WRONG or best is None or best.speaker_start is None:
        return f"{kind}, speaker: {verdict.value}"
    printed = text[best.speaker_start : best.speaker_end].lower()
    if gold.source.lower() in _PRONOUNS:
        return f"{kind}, speaker: wrong for a pronoun"
    return (
        f"{kind}, speaker: wrong, {'pronoun' if printed in _PRONOUNS else 'another phrase of the sentence'}"
    )
