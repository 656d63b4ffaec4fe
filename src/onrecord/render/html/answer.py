"""Answers as HTML: for the page. Whatever comes from elsewhere is escaped; a quotation is one run of text."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache

from onrecord.assistant.memory import Heading
from onrecord.assistant.turns import Rating, StoredTurn
from onrecord.render.citation import FORMATS, cite, fragment_link
from onrecord.render.escape import action, escape, outer_link, place, text_html
from onrecord.render.html.article import badge_html, context_html
from onrecord.render.markdown import answer_markdown
from onrecord.types import Answer, Article, Change, Claim, Clip, Coverage, Part, Quote, Withdrawn
from onrecord.wording.answer_text import REFUSAL, change_lines, coverage_line, searched_line
from onrecord.wording.dates import count
from onrecord.wording.source_line import CLIPPED, SourceLine

_FORM_NAMES = {
    "markdown": "Markdown",
    "plain": "Plain text",
    "html": "HTML",
    "bibtex": "BibTeX",
    "csv": "CSV",
}


# --- a turn


def turns_html(turns: Iterable[StoredTurn]) -> str:
    """Write turns out, oldest first."""
    return "".join(turn_html(turn.answer, number=turn.number, rating=turn.rating) for turn in turns)


def turn_html(answer: Answer, *, number: int | None, rating: Rating | None = None) -> str:
    """Write a question and its answer out."""
    body = _refusal(answer) if answer.refused else _quoted(answer)
    notice = f'<p class="notice">{text_html(answer.notice)}</p>' if answer.notice else ""
    parts = (
        _asked(answer.question, answer.standalone),
        f'<div class="answer">{body}{notice}{_coverage(answer.searched.coverage)}</div>',
        _steps(answer),
        _tools(answer, number, rating),
    )
    return f'<article class="turn" data-turn="{number or 0}">{"".join(parts)}</article>'


def asking_html(question: str, *, told: Sequence[str] = (), parts: Sequence[Part] = ()) -> str:
    """Write out what is known of an answer that is being made."""
    quotes = "".join(quote_html(quote, number=n) for part in parts for n, quote in part.quotes)
    prose = _prose([Claim(part.text, part.numbers) for part in parts if part.text])
    last = text_html(told[-1]) if told else "Searching the articles"
    working = f'<p class="working" role="status">{last}</p>'
    inner = f'{_asked(question, "")}<div class="answer">{prose}{quotes}</div>{working}'
    return f'<article class="turn asking" data-turn="0" aria-busy="true">{inner}</article>'


def notice_html(question: str, message: str, remedy: str = "", *, kind: str = "failed") -> str:
    """Say why there is no answer, and what to do."""
    again = action("retry", "Ask again", question=question) if question else ""
    asked = _asked(question, "") if question else ""
    told = f"<strong>{text_html(message)}</strong> {text_html(remedy)}"
    return (
        f'<article class="turn" data-turn="0">{asked}'
        f'<div class="state {kind}" role="alert"><p>{told}</p>{again}</div></article>'
    )


def _asked(question: str, standalone: str) -> str:
    searched = ""
    if standalone and standalone != question:
        searched = f'<p class="standalone">Searched as: {text_html(standalone)}</p>'
    return f'<h2 class="asked">{text_html(question)}</h2>{searched}'


def _quoted(answer: Answer) -> str:
    doubt = f'<p class="doubt">{text_html(answer.reason)}</p>' if answer.reason else ""
    prose = _prose(answer.claims)
    if prose:
        prose += (
            f'<p class="faint">{text_html(answer.mode)}’s words, checked against the quotations below</p>'
        )
    return f"{doubt}{_caveats(answer)}{prose}{_pairs(answer)}"


def _caveats(answer: Answer) -> str:
    """Write out which parts of the question have no answer, and which constraints are not met."""
    return "".join(f'<p class="doubt caveat">{text_html(line)}</p>' for line in answer.caveats)


def _pairs(answer: Answer) -> str:
    """Write the quotations out: beside each other those between which something may have changed."""
    left = dict(enumerate(answer.quotes, 1))
    pairs = "".join(_pair(change, left) for change in answer.changes)
    return pairs + "".join(quote_html(quote, number=n) for n, quote in left.items())


def _pair(change: Change, left: dict[int, Quote]) -> str:
    """Write a pair and what may have changed; a quotation that stands above already is only named."""
    heading, *shifts = change_lines(change)
    sides = "".join(
        quote_html(left.pop(number), number=number)
        if number in left
        else f'<p class="faint">{_mark(number)} stands above.</p>'
        for number in (change.before, change.after)
    )
    listed = "".join(f"<li>{text_html(shift)}</li>" for shift in shifts)
    told = f'<div class="shifts"><p>{text_html(heading)}</p><ul>{listed}</ul></div>'
    return f'<div class="pair">{sides}</div>{told}'


def _prose(claims: Sequence[Claim]) -> str:
    told = " ".join(f"{text_html(claim.text)} {''.join(map(_mark, claim.quotes))}" for claim in claims)
    return f'<p class="prose">{told}</p>' if told else ""


def _mark(number: int) -> str:
    label = f"Quotation {number}: open it in its article"
    return f'<a class="mark" href="#q{number}" data-n="{number}" aria-label="{label}">[{number}]</a>'


# A quotation is written out for each piece of news of its answer, and once more with the whole.
@lru_cache(maxsize=512)
def quote_html(quote: Quote, *, number: int | None = None) -> str:
    """Write a quotation out with who said it, when and where."""
    numbered = f' data-n="{number}"' if number else ""
    if isinstance(quote, Withdrawn):
        before = f"[{number}] " if number else ""
        return f'<p class="notice withdrawn"{numbered}>{before}{text_html(quote.line)}</p>'
    where = place(quote.article_id, quote.start, quote.end)
    words = f'<p class="words" translate="no">{text_html(quote.text)}</p>'
    opened = action("open", "Open in the article", kind="link")
    by = f"{_mark(number)} {_by(quote)}" if number else f"{_by(quote)} {opened}"
    return (
        f'<blockquote class="quote {quote.mode.value}" {where}{numbered}>{words}'
        f'<footer class="by">{by}</footer>{clips_html(quote.clips)}</blockquote>'
    )


def clips_html(clips: Sequence[Clip]) -> str:
    """Write out what a slice leaves out that could turn its sense; nothing where there is nothing."""
    return "".join(
        f'<p class="clip">{CLIPPED[clip.turning]} '
        f'<span class="beside" translate="no">{text_html(clip.text)}</span></p>'
        for clip in clips
    )


def _by(quote: Quote) -> str:
    line = SourceLine.of(quote)
    rest = ", ".join(text_html(part) for part in line.beside_title)
    return (
        f'<span class="who">{text_html(line.who)}</span><span class="what">, {rest}</span>'
        f'<span class="where">{text_html(line.title)}</span>'
    )


def _refusal(answer: Answer) -> str:
    nearest = "".join(quote_html(quote) for quote in answer.nearest)
    if nearest:
        shown = f"Show the nearest {count(len(answer.nearest), 'passage')}, which are not an answer"
        nearest = f'<details class="nearest"><summary>{shown}</summary>{nearest}</details>'
    told = (
        f"<strong>{REFUSAL}</strong> {text_html(answer.reason)} {text_html(searched_line(answer.searched))}"
    )
    return f'<div class="refusal"><p>{told}</p>{_caveats(answer)}</div>{nearest}'


def _coverage(coverage: Coverage | None) -> str:
    """Say what the quotations rest on, and whether all of it comes from one side."""
    if coverage is None:
        return ""
    warned = "".join(f'<p class="one-sided">{text_html(each)}</p>' for each in coverage.warnings)
    return f'<p class="coverage">{text_html(coverage_line(coverage))}</p>{warned}'


def _steps(answer: Answer) -> str:
    searched = answer.searched
    within = f" within {searched.filters}" if searched.filters else ""
    held = f"Searched {count(searched.articles, 'article')}, {count(searched.passages, 'passage')}{within}"
    standing = sum(quote.stands for quote in answer.quotes)
    checked = f"; {standing} of {count(len(answer.quotes), 'quotation')} verified"
    rows = [searched_line(searched)]
    rows += [f"{_STEPS.get(step, step)}: {ms:,.0f} ms" for step, ms in answer.timings.items()]
    rows += [f"Not shown, {why}: {number}" for why, number in answer.dropped.items()]
    listed = "".join(f"<li>{text_html(row)}</li>" for row in rows)
    return (
        f'<details class="steps"><summary>{text_html(held)}{checked if answer.quotes else ""}</summary>'
        f"<ul>{listed}</ul></details>"
    )


_STEPS = {
    "condense": "Question read",
    "encode": "Question encoded",
    "retrieve": "Passages found",
    "read": "Sentences read",
    "answer": "Answer written",
    "verify": "Quotations verified",
}


def _tools(answer: Answer, number: int | None, rating: Rating | None) -> str:
    buttons = [
        action("copy", "Copy", hint="Copy the answer as Markdown", copy=answer_markdown(answer)),
        action("retry", "Ask again", question=answer.question),
        action("edit", "Edit", hint="Edit the question", question=answer.question),
    ]
    if number:
        up = rating.up if rating else None
        buttons += [
            action("up", "Helpful", turn=number, pressed=up is True),
            action("down", "Not helpful", turn=number, pressed=up is False),
        ]
    return f'<div class="tools" role="group" aria-label="This answer">{"".join(buttons)}</div>'


def suggestions_html(questions: Sequence[str], *, label: str, kind: str = "examples") -> str:
    """Write questions out that a click asks; nothing when there are none."""
    if not questions:
        return ""
    buttons = "".join(action("ask", each, kind="suggestion", question=each) for each in questions)
    return f'<div class="{kind}" role="group" aria-label="{label}"><h3>{label}</h3>{buttons}</div>'


# --- the panel of sources


def sources_html(answer: Answer | None, articles: Mapping[str, Article]) -> str:
    """Write out what an answer used, in its order."""
    if answer is None:
        return '<p class="faint">What an answer quotes is listed here.</p>'
    if answer.refused:
        return '<p class="faint">Nothing is quoted, so there are no sources.</p>'
    listed = "".join(
        f'<li class="source" data-n="{number}">{quote_html(quote, number=number)}</li>'
        if isinstance(quote, Withdrawn)
        else _source(number, quote, articles[quote.article_id])
        for number, quote in enumerate(answer.quotes, 1)
    )
    standing = [quote for quote in answer.quotes if quote.stands]
    used = len({quote.article_id for quote in standing})
    head = f"{count(len(standing), 'quotation')} from {count(used, 'article')}"
    return f'<p class="faint">{head}</p><ol class="sources">{listed}</ol>'


def _source(number: int, quote: Quote, article: Article) -> str:
    where = place(quote.article_id, quote.start, quote.end)
    link = outer_link(fragment_link(article.url, quote.text))
    forms = "".join(
        action("cite", _FORM_NAMES[form], form=form, copy=cite(quote, url=article.url, form=form))
        for form in FORMATS
    )
    menu = f'<details class="menu"><summary>Copy with citation</summary><div>{forms}</div></details>'
    opened = action(
        "open", "Open in the article", kind="link", hint=f"Open in the article: quotation {number}"
    )
    return (
        f'<li class="source" data-n="{number}" {where}><p class="by"><span class="n">[{number}]</span> '
        f"{_by(quote)}</p>{context_html(quote, article)}"
        f'<div class="tools">{opened}{link}</div>{menu}{badge_html(quote, article=article)}</li>'
    )


# --- the list of conversations


def conversations_html(headings: Sequence[Heading], current: str) -> str:
    """List conversations, the one used last first."""
    new = action("new", "New conversation", kind="new")
    if not headings:
        return f'{new}<p class="faint">Conversations are kept here.</p>'
    listed = "".join(_entry(each, each.id == current) for each in headings)
    return f'{new}<ul class="conversations">{listed}</ul>'


def _entry(heading: Heading, is_open: bool) -> str:  # noqa: FBT001  (private)
    here = ' aria-current="true"' if is_open else ""
    title, ident = escape(heading.title), escape(heading.id)
    where = f"page/conversations/{ident}"
    links = "".join(
        f'<a class="act" data-act="export-{form}" href="{where}.{form}" download>{label}</a>'
        for form, label in (("md", "Save as Markdown"), ("html", "Save as HTML"))
    )
    tools = (
        action("rename", "Rename", id=heading.id, title=heading.title)
        + links
        + action("delete", "Delete", id=heading.id, title=heading.title)
    )
    pick = action("pick", heading.title, kind="pick", id=heading.id)
    return (
        f'<li class="conversation" data-id="{ident}"{here}>{pick}<details class="menu">'
        f'<summary aria-label="More for {title}">…</summary><div>{tools}</div></details></li>'
    )
