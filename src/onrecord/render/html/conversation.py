"""A conversation as one HTML file that needs nothing else: no script, no request, fit for print."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from onrecord.assistant.turns import StoredTurn
from onrecord.render.escape import escape, text_html
from onrecord.text.direction import direction_note, marked
from onrecord.types import Answer, Claim, Quote, Withdrawn
from onrecord.wording.answer_text import REFUSAL, change_lines, coverage_line, searched_line
from onrecord.wording.dates import count, written_date
from onrecord.wording.source_line import cited_line

_POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
_STYLE = """
:root { color-scheme: light dark; --paper: #fbf9f4; --ink: #1d1b18; --faint: #625c53; --line: #ddd7cb;
  --accent: #8a3324;
  --serif: "Iowan Old Style", "Palatino Linotype", Palatino, "URW Palladio L", Georgia, "Noto Serif", serif;
  --sans: ui-sans-serif, system-ui, -apple-system, "Segoe UI", "Helvetica Neue", "Noto Sans", sans-serif; }
@media (prefers-color-scheme: dark) {
  :root { --paper: #161b22; --ink: #ece8e1; --faint: #a9a59d; --line: #343c48; --accent: #e8a98f; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--paper); color: var(--ink); font: 16px/1.6 var(--sans);
  overflow-wrap: anywhere; }
main { max-width: 68ch; margin: 0 auto; padding: 48px 20px 96px; }
h1 { font: 600 30px/1.2 var(--serif); margin: 0 0 8px; }
h2 { font: 600 20px/1.35 var(--sans); margin: 0 0 4px; }
h3 { font: 600 15px/1.4 var(--sans); margin: 24px 0 0; color: var(--faint); }
p { margin: 12px 0; }
.turn { border-top: 1px solid var(--line); margin-top: 36px; padding-top: 28px; }
.faint, .by { color: var(--faint); font-size: 14px; line-height: 1.5; }
.faint { margin: 4px 0; }
.quote { margin: 24px 0; padding: 0 0 0 18px; border-left: 2px solid var(--accent); break-inside: avoid; }
.nearest .quote { border-left-color: var(--line); }
.quote .words { font: 19px/1.55 var(--serif); white-space: pre-wrap; margin: 0; }
.by { margin-top: 8px; }
.mark { color: var(--accent); font-weight: 600; text-decoration: none; font-variant-numeric: tabular-nums; }
.mark:hover { text-decoration: underline; }
.prose .mark { font-size: .88em; }
.refusal { font-size: 17px; }
.bidi::before { content: attr(data-code); font: 600 11px/1 var(--sans); color: var(--accent);
  border: 1px solid; padding: 0 3px; margin: 0 1px; vertical-align: 1px; }
:target { outline: 2px solid var(--accent); outline-offset: 6px; }
@media print {
  :root { --paper: #fff; --ink: #000; --faint: #444; --line: #bbb; --accent: #000; }
  @page { margin: 20mm; }
  main { max-width: none; padding: 0; }
  h2 { break-after: avoid; }
  .quote .words { font-size: 12.5pt; }
}
"""


def conversation_page(title: str, turns: Sequence[StoredTurn], *, created: datetime) -> str:
    """Write a conversation out as one HTML file.

    Ratings are left out: they are between the reader and the newsroom.

    Args:
        title: Of the conversation.
        turns: Its questions and answers, oldest first.
        created: When it was begun.

    Returns:
        A whole HTML document in which each quotation is exact; UTF-8 can encode it.
    """
    told = f"{_day(created)}, {count(len(turns), 'question')}"
    body = "".join(_turn(turn) for turn in turns)
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="referrer" content="no-referrer">\n'
        f"<title>{escape(marked(title))}</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n<main>\n"
        f'<h1>{text_html(title)}</h1>\n<p class="faint">{told}</p>\n{body}</main>\n</body>\n</html>\n'
    )


def _day(when: datetime) -> str:
    return written_date(when.date().isoformat(), inferred=False)


def _turn(turn: StoredTurn) -> str:
    answer, number = turn.answer, turn.number
    body = _refused(answer, number) if answer.refused else _answered(answer, number)
    notice = _line("notice", answer.notice)
    coverage = answer.searched.coverage
    rest = _line("faint", coverage_line(coverage)) if coverage else ""
    rest += "".join(_line("faint", warning) for warning in coverage.warnings) if coverage else ""
    foot = _line("faint", f"Asked {_moment(turn.at)}. {searched_line(replace(answer.searched, filters=''))}")
    head = f'<h2 id="t{number}">{text_html(turn.question)}</h2>{_asked(turn)}'
    return f'<section class="turn" aria-labelledby="t{number}">{head}{body}{notice}{rest}{foot}</section>\n'


def _moment(when: datetime) -> str:
    return f"{_day(when.astimezone(UTC))}, {when.astimezone(UTC):%H:%M} UTC"


def _line(kind: str, text: str) -> str:
    return f'<p class="{kind}">{text_html(text)}</p>' if text else ""


def _asked(turn: StoredTurn) -> str:
    """Say what was searched for in place of the question, and what the search was narrowed to."""
    standalone, narrowed = turn.answer.standalone, turn.answer.searched.filters or _written(turn.filters)
    leant = f"Searched as: {standalone}" if standalone and standalone != turn.question else ""
    return _line("faint standalone", leant) + _line("faint", f"Narrowed to: {narrowed}" if narrowed else "")


def _written(filters: Mapping[str, Any]) -> str:
    values = {name: [value] if isinstance(value, str) else list(value) for name, value in filters.items()}
    return ", ".join(f"{name} {each}" for name, of in values.items() for each in of)


def _answered(answer: Answer, turn: int) -> str:
    quotes = "".join(_quote(quote, turn, number) for number, quote in enumerate(answer.quotes, 1))
    lines = (line for change in answer.changes for line in change_lines(change))
    changes = "".join(_line("faint", line) for line in lines)
    return _line("doubt", answer.reason) + _caveats(answer) + _prose(answer, turn) + quotes + changes


def _caveats(answer: Answer) -> str:
    return "".join(_line("doubt", line) for line in answer.caveats)


def _prose(answer: Answer, turn: int) -> str:
    """Write a chat model's sentences out, never as a quotation."""
    if not answer.claims:
        return ""
    told = " ".join(_claim(claim, turn) for claim in answer.claims)
    whose = f"{answer.mode}’s words, checked against the quotations below; not a quotation"
    return f'<p class="prose">{told}</p>{_line("faint", whose)}'


def _claim(claim: Claim, turn: int) -> str:
    marks = "".join(f'<a class="mark" href="#t{turn}q{number}">[{number}]</a>' for number in claim.quotes)
    return f"{text_html(claim.text)} {marks}"


def _refused(answer: Answer, turn: int) -> str:
    told = f'<p class="refusal"><strong>{REFUSAL}</strong> {text_html(answer.reason)}</p>{_caveats(answer)}'
    if not answer.nearest:
        return told
    nearest = "".join(_quote(quote, turn, None) for quote in answer.nearest)
    return f'{told}<div class="nearest"><h3>Nearest, not an answer</h3>{nearest}</div>'


def _quote(quote: Quote, turn: int, number: int | None) -> str:
    named = f' id="t{turn}q{number}"' if number else ""
    mark = f'<span class="mark">[{number}]</span> ' if number else ""
    if isinstance(quote, Withdrawn):
        return f'<p class="doubt"{named}>{mark}{text_html(quote.line)}</p>'
    words = f'<p class="words" translate="no">{text_html(quote.text)}</p>'
    source = f'<footer class="by">{mark}— {text_html(cited_line(quote))}</footer>'
    note = _line("faint", direction_note(quote.text))
    return f'<blockquote class="quote"{named}>{words}{source}{note}</blockquote>'
