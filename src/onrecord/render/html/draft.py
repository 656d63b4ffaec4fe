"""A draft with what was found for each of its quotations, as HTML."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from onrecord.render.escape import action, place, text_html
from onrecord.render.html.answer import clips_html
from onrecord.types import DiffWord, Verdict
from onrecord.wording.dates import count
from onrecord.wording.verdict_labels import (
    NOTHING_TO_CHECK,
    named_line,
    verdict_counts,
    verdict_label,
    verdict_weight,
)


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
        return f'<p class="faint">{NOTHING_TO_CHECK}</p>'
    listed = "".join(
        f'<li id="v{number}">{_verdict(verdict, titles)}</li>' for number, verdict in enumerate(verdicts, 1)
    )
    return (
        f'<p class="summary" role="status">{_summary(verdicts)}</p>'
        f'<div class="checked"><div class="draft-text">{"".join(_marked(text, verdicts))}</div>'
        f'<ol class="verdicts">{listed}</ol></div>'
    )


def _summary(verdicts: Sequence[Verdict]) -> str:
    return f"<strong>{count(len(verdicts), 'quotation')}</strong> checked: {verdict_counts(verdicts)}."


def _marked(text: str, verdicts: Sequence[Verdict]) -> Iterator[str]:
    """Give the draft in pieces; where two quotations overlap, the later is marked from the first's end."""
    at = 0
    for number, verdict in enumerate(verdicts, 1):
        start, end = max(at, verdict.start), max(at, verdict.end)
        if start == end:
            continue
        kind = verdict_weight(verdict)
        yield text_html(text[at:start])
        yield f'<mark class="claim {kind}" data-n="{number}">{text_html(text[start:end])}</mark>'
        at = end
    yield text_html(text[at:])


def _verdict(verdict: Verdict, titles: Mapping[str, str]) -> str:
    kind = verdict_weight(verdict)
    told = f'<strong class="{kind}">{verdict_label(verdict)}.</strong> {_named(verdict, titles)}'
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


def _named(verdict: Verdict, titles: Mapping[str, str]) -> str:
    return text_html(named_line(titles.get(verdict.named, verdict.named))) if verdict.named else ""


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
