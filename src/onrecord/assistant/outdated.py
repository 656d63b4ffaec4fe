"""Verdicts on a draft, held against the corpus as it is on disk now."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from onrecord.index.originals import Indexed, Original, Originals
from onrecord.text.clipping import clips
from onrecord.types import Article, OnDisk, Status, Verdict, article_name
from onrecord.verification.match import Printed, before_line
from onrecord.verification.verify import verify_text


def verify_originals(
    text: str, articles: Iterable[Article], originals: Originals, *, most: int | None = None
) -> list[Verdict]:
    """Give a verdict for each quotation that a text claims, held against the corpus as it is on disk now."""
    known = {article.id: article for article in articles}
    verdicts = verify_text(text, known.values(), most=most)
    named = [Indexed.of(known[each.article_id]) for each in verdicts if each.article_id]
    became = originals.look(named)
    held = [_held(each, known, became) for each in verdicts]
    if all(each.stands for each in held):
        return [each.verdict for each in held]
    # Another article may carry the same words.
    states = originals.look(map(Indexed.of, known.values()))
    standing = [one for one in known.values() if states[one.id].on_disk in (OnDisk.SAME, OnDisk.UNKNOWN)]
    elsewhere = {(each.start, each.end): each for each in verify_text(text, standing) if each.ok}
    found = []
    for each in held:
        other = None if each.stands else elsewhere.get((each.verdict.start, each.verdict.end))
        found.append(_held(other, known, states).verdict if other else each.verdict)
    return found


@dataclass(frozen=True, slots=True)
class _Held:
    """A verdict held against the corpus."""

    verdict: Verdict
    stands: bool = True


def _held(verdict: Verdict, known: Mapping[str, Article], became: Mapping[str, Original]) -> _Held:
    if verdict.article_id is None or verdict.source is None:
        return _Held(verdict)
    original, file = became[verdict.article_id], known[verdict.article_id].file
    if verdict.source_start is None or verdict.source_end is None:  # a title, which no file need state
        on_disk = original.on_disk
    else:
        on_disk = original.of_slice(verdict.source_start, verdict.source_end, verdict.source)
    if on_disk is OnDisk.SAME or (on_disk is OnDisk.UNKNOWN and not verdict.ok):
        return _Held(verdict)
    name = article_name(verdict.article_id, file)
    told = on_disk.said if on_disk is OnDisk.UNKNOWN else f"{name} was {on_disk.said}"
    if on_disk is OnDisk.CHANGED:
        verdict = _beside_now(verdict, known[verdict.article_id].text, original.text)
    noted = replace(verdict, note="; ".join(part for part in (verdict.note, told) if part))
    if on_disk not in (OnDisk.LOST, OnDisk.GONE):
        return _Held(noted)
    true = verdict.ok or verdict.status is Status.MISPLACED
    gone = replace(noted, source=None, source_start=None, source_end=None, diff=(), clipped=())
    return _Held(replace(gone, status=Status.OUTDATED) if true else gone, stands=False)


def _beside_now(verdict: Verdict, indexed: str, text: str) -> Verdict:
    """Say of a slice that still stands what the article has beside it now, and nothing that it had."""
    if verdict.source_start is None or verdict.source_end is None:
        return verdict
    true = verdict.ok or verdict.status is Status.MISPLACED
    before, now = (before_line(Printed.of(each), verdict.source_start) for each in (indexed, text))
    kept = [part for part in (verdict.note.removesuffix(before).removesuffix("; "),) if part]
    note = "; ".join([*kept, now] if now and true else kept)
    beside = clips(text, verdict.source_start, verdict.source_end) if true else ()
    return replace(verdict, note=note, clipped=beside)
