"""A draft with what was found for each of its quotations, as HTML."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from onrecord.render.escape import action, place, text_html
from onrecord.render.html.answer import clips_html
from onrecord.types import DiffWord, Status, Verdict
from onrecord.wording.dates import count

_KIND = {
    Status.EXACT: "good",
    Status.TYPOGRAPHIC: "good",
    Status.STITCHED: "warn",
    Status.MISPLACED: "warn",
    Status.ALTERED: "bad",
    Status.ABSENT: "bad",
    Status.OUTDATED: "bad",
}
_TOLD = {
    Status.EXACT: "Exact.",
    Status.TYPOGRAPHIC: "The same words, typeset differently.",
    Status.STITCHED: "Stitched together from separate places.",
    Status.MISPLACED: "In another article than the draft names.",
    Status.ALTERED: "Altered.",
    Status.ABSENT: "Not in this corpus.",
    Status.OUTDATED: "Not in this corpus any more.",
}
_SHORT = {
    Status.EXACT: "exact",
    Status.TYPOGRAPHIC: "typeset differently",
    Status.STITCHED: "stitched together",
    Status.MISPLACED: "from another article",
    Status.ALTERED: "altered",
    Status.ABSENT: "not in this corpus",
    Status.OUTDATED: "not in this corpus any more",
}


def draft_html(text: str, verdicts: Sequence[Verdict], titles: Mapping[str, str]) -> str:
    """Write a draft out with its verdicts.

    Args:
        text: The draft.
        verdicts: One a quotation, in order.
        titles: Of the articles that the verdicts name, by id.

    Returns:
        A summary, the draft with its quotations marked, and the verdicts in words.
    """
    if not text.strip():
        return '<p class="faint">Paste a text above: each quotation in it gets a verdict.</p>'
    if not verdicts:
        return '<p class="faint">No quotation of three words or more stands in this text.</p>'
    listed = "".join(
        f'<li id="v{number}">{_verdict(verdict, titles)}</li>' for number, verdict in enumerate(verdicts, 1)
    )
    return (
        f'<p class="summary" role="status">{_summary(verdicts)}</p>'
        f'<div class="checked"><div class="draft-text">{"".join(_marked(text, verdicts))}</div>'
        f'<ol class="verdicts">{listed}</ol></div>'
    )


def _summary(verdicts: Sequence[Verdict]) -> str:
    found = Counter(verdict.status for verdict in verdicts)
    parts = ", ".join(f"{found[status]} {_SHORT[status]}" for status in Status if found[status])
    clipped = sum(bool(verdict.clipped) for verdict in verdicts)
    told = f"{parts}; {clipped} clipped" if clipped else parts
    return f"<strong>{count(len(verdicts), 'quotation')}</strong>: {told}."


def _marked(text: str, verdicts: Sequence[Verdict]) -> Iterator[str]:
    """Give the draft in pieces; where two quotations overlap, the later is marked from the first's end."""
    at = 0
    for number, verdict in enumerate(verdicts, 1):
        start, end = max(at, verdict.start), max(at, verdict.end)
        if start == end:
            continue
        kind = _kind(verdict)
        yield text_html(text[at:start])
        yield f'<mark class="claim {kind}" data-n="{number}">{text_html(text[start:end])}</mark>'
        at = end
    yield text_html(text[at:])


def _verdict(verdict: Verdict, titles: Mapping[str, str]) -> str:
    kind = _kind(verdict)
    told = f'<strong class="{kind}">{_TOLD[verdict.status]}</strong> {_named(verdict, titles)}'
    parts = [f'<p class="verdict">{told}</p>']
    if verdict.diff:
        parts.append(f'<p class="diff">{" ".join(_diff(verdict.diff))}</p>')
    elif verdict.source is None or verdict.source != verdict.claimed:
        parts.append(f'<p class="claimed">{text_html(verdict.claimed)}</p>')
    if verdict.source is not None and verdict.article_id is not None:
        parts.append(_source(verdict, titles))
    parts.append(clips_html(verdict.clipped))
    if verdict.note:
        parts.append(f'<p class="faint">{text_html(verdict.note)}</p>')
    return "".join(parts)


def _kind(verdict: Verdict) -> str:
    """A true quotation that is cut so that its sense could turn is not good as it stands."""
    return "warn" if verdict.clipped and verdict.ok else _KIND[verdict.status]


def _named(verdict: Verdict, titles: Mapping[str, str]) -> str:
    return f"The draft names {text_html(titles.get(verdict.named, verdict.named))}." if verdict.named else ""


def _diff(words: Sequence[DiffWord]) -> Iterator[str]:
    for word in words:
        if word.op == "equal":
            yield text_html(word.source)
            continue
        if word.claimed:
            yield f'<del><span class="sr-only">the draft has: </span>{text_html(word.claimed)}</del>'
        if word.source:
            yield f'<ins><span class="sr-only">the article has: </span>{text_html(word.source)}</ins>'


def _source(verdict: Verdict, titles: Mapping[str, str]) -> str:
    ident = verdict.article_id or ""
    words = f'<p class="words" translate="no">{text_html(verdict.source or "")}</p>'
    opened = action("open", "Open in the article", kind="link")
    where = f'<span class="where">{text_html(titles.get(ident, ident))}</span>'
    return (
        f'<blockquote class="quote" {place(ident, verdict.source_start, verdict.source_end)}>{words}'
        f'<footer class="by">{where} {opened}</footer></blockquote>'
    )
