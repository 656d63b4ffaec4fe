"""What a program reads: answers, passages and articles as JSON objects."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from onrecord.errors import QuestionError
from onrecord.text.direction import CONTROLS
from onrecord.types import Answer, Article, Hit, Mode, OnDisk, Part, Progress, Quote, Statement

if TYPE_CHECKING:
    from onrecord.assistant.speakers import SpeakerRecord, SpokenQuote
    from onrecord.index.info import Info
    from onrecord.types import Verdict

Json = dict[str, Any]


# Valid in JSON, but C1 codes steer a terminal, two end a line for many readers of JSONL, and the others
# turn the direction of reading.
_RISKY_IN_JSON = re.compile(f"[\x7f-\x9f\u2028\u2029{CONTROLS}]")


def quote_dict(quote: Quote) -> Json:
    """Give a quotation as a JSON object."""
    names = (
        "text",
        "file",
        "article_id",
        "title",
        "outlet",
        "published",
        "start",
        "end",
        "sha256",
        "speaker",
        "unnamed",
        "certain",
        "said_on",
        "said_on_basis",
        "on_disk",
    )
    return {name: getattr(quote, name) for name in names} | {
        "direct": quote.direct,
        "score": quote.score,
        "clips": [asdict(clip) for clip in quote.clips],
    }


def answer_dict(answer: Answer) -> Json:
    """Give an answer as the JSON object that ``onrecord ask --json`` prints."""
    return {
        "id": answer.id,
        "question": answer.question,
        "standalone": answer.standalone,
        "text": answer.text,
        "refused": answer.refused,
        "partly": answer.partly,
        "reason": answer.reason,
        "wants": answer.wants,
        "constraints": [asdict(each) for each in answer.constraints],
        "parts": [asdict(each) for each in answer.parts],
        "mode": answer.mode,
        "notice": answer.notice,
        "claims": [asdict(claim) for claim in answer.claims],
        "changes": [asdict(change) for change in answer.changes],
        "dropped": dict(answer.dropped),
        "quotes": [quote_dict(quote) for quote in answer.quotes],
        "searched": asdict(answer.searched),
        "timings": dict(answer.timings),
    }


def batch_dict(answer: Answer, *, id: object) -> Json:  # noqa: A002  (the key's own name)
    """Give an answer as one line of ``onrecord batch``.

    Args:
        answer: The answer.
        id: Of the question, as given in the input.

    Returns:
        A JSON object: that of :func:`answer_dict`, ``ranked`` and ``confidence``.
    """
    ranked = [quote_dict(quote) for quote in answer.ranked[:10]]
    return answer_dict(answer) | {"id": id, "ranked": ranked, "confidence": answer.confidence}


def hit_dict(hit: Hit, article: Article) -> Json:
    """Give a found passage as a JSON object."""
    return {
        "rank": hit.rank,
        "score": hit.score,
        "why": dict(hit.why),
        "text": hit.text,
        "file": article.file,
        "article_id": article.id,
        "title": article.title,
        "outlet": article.outlet,
        "published": article.published,
        "start": hit.passage.start,
        "end": hit.passage.end,
        "sha256": article.sha256,
        "on_disk": hit.on_disk.value,
    }


def article_dict(article: Article, *, start: int, end: int, on_disk: OnDisk) -> Json:
    """Give an article, a slice of it, and what became of its file, as a JSON object."""
    names = ("id", "file", "title", "outlet", "published", "url", "language", "sha256", "text")
    known = {name: getattr(article, name) for name in names}
    return known | {
        "basis": dict(article.basis),
        "start": start,
        "end": end,
        "slice": article.text[start:end],
        "on_disk": on_disk,
    }


def statement_dict(statement: Statement, text: str) -> Json:
    """Give a statement as the JSON object that ``onrecord statements --json`` prints.

    Args:
        statement: From :func:`onrecord.speech.stretches.spoken`.
        text: Of the article.

    Returns:
        Offsets in code points of the text. ``speaker`` is the phrase as printed and ``canonical`` who
        is meant, None where that is not certain.
    """
    mode = "indirect" if statement.mode is Mode.REPORTED else statement.mode.value
    by, cue = (statement.speaker_start, statement.speaker_end), (statement.cue_start, statement.cue_end)
    return {
        "start": statement.start,
        "end": statement.end,
        "mode": mode,
        "text": text[statement.start : statement.end],
        "speaker": None if by[0] is None else text[slice(*by)],
        "speaker_start": by[0],
        "speaker_end": by[1],
        "cue": None if cue[0] is None else text[slice(*cue)],
        "cue_start": cue[0],
        "cue_end": cue[1],
        "canonical": statement.canonical,
        "certain": statement.certain,
        "source": statement.source.value,
        "addressee": statement.addressee,
        "occasion": statement.occasion,
        "said_on": statement.said_on,
        "said_on_basis": statement.said_on_basis,
    }


def edges(length: int, *, start: int | None, end: int | None) -> tuple[int, int]:
    """Give the edges of a slice of a text; without either it is empty, with one the other is the text's own.

    Args:
        length: Of the text, in code points.
        start: First code point, or None.
        end: Past the last one, or None.

    Returns:
        Both edges.

    Raises:
        QuestionError: If the text has no such slice.
    """
    if start is None and end is None:
        return 0, 0
    first, last = start or 0, length if end is None else end
    if not 0 <= first <= last <= length:
        raise QuestionError(
            f"There is no slice {first}–{last} in a text of {length} code points.",
            remedy="Give start and end as they stand beside a quotation.",
        )
    return first, last


def speaker_dict(record: SpeakerRecord) -> Json:
    """Give a speaker as one JSON object of ``onrecord speakers --json``."""
    lists = {"roles": list(record.roles), "variants": list(record.variants)}
    told = {name: getattr(record, name) for name in ("direct", "reported", "articles", "first", "last")}
    own = {name: getattr(record, name) for name in ("name", "label", "unnamed", "article_id")}
    return own | lists | told


def spoken_dict(one: SpokenQuote) -> Json:
    """Give a statement as one JSON object of ``onrecord quotes --json``: a quotation and its occasion."""
    names = ("addressee", "occasion")
    return quote_dict(one.quote) | {"speaker": one.speaker} | {name: getattr(one, name) for name in names}


def verdicts_dict(verdicts: Sequence[Verdict]) -> Json:
    """Give the verdicts on a draft as the JSON object that ``onrecord verify --json`` prints."""
    return {"ok": all(each.ok for each in verdicts), "verdicts": [each.to_dict() for each in verdicts]}


def info_dict(info: Info) -> Json:
    """Give what an index holds as a JSON object, without the folder, which means nothing elsewhere."""
    return {name: value for name, value in asdict(info).items() if name != "index"}


def event_dict(event: Progress | Part) -> Json:
    """Give a step or a part of an answer as a JSON object."""
    if isinstance(event, Progress):
        return asdict(event)
    quotes = [{"number": number, **quote_dict(quote)} for number, quote in event.quotes]
    return {"text": event.text, "numbers": list(event.numbers), "quotes": quotes}


def dumps(value: Any) -> str:
    """Write a value as one line of JSON that any reader of UTF-8 takes.

    Args:
        value: Of JSON's types.

    Returns:
        The line, without its break; escaped throughout where UTF-8 cannot carry a lone surrogate.
    """
    line = json.dumps(value, ensure_ascii=False)
    if not _encodable(line):
        return json.dumps(value)
    return _RISKY_IN_JSON.sub(lambda found: f"\\u{ord(found[0]):04x}", line)


def _encodable(text: str) -> bool:
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True
