r"""A quotation with its source, to be pasted elsewhere: Markdown, plain text, HTML, BibTeX, CSV.

In each form the slice can be had back character for character:

- Markdown: a fenced block, in which every character means itself, inside a blockquote, which says
  that it is a quotation. Rendered, the block holds the slice; a slice of one line stands in the
  source as it is too. Markdown itself makes a line feed of every other line break.
- Plain text: the slice on lines of its own, in quotation marks unless it holds some.
- HTML: the text of the one ``p``; of a lone surrogate or a NUL, which HTML cannot carry, U+FFFD.
- BibTeX: the ``abstract``. What LaTeX would read as a command, a ligature or white space to be
  squeezed is written as a command in braces, one for each character. ``url`` is verbatim, as
  biblatex reads it. TeX without T1 or Unicode fonts prints straight quotation marks curly.
- CSV: the cell between its first and last character, which are always “ and ”
  (:mod:`onrecord.render.csv`).

What a person reads says after it where the slice holds characters that turn the direction of reading.
"""

from __future__ import annotations

import re
from urllib.parse import quote as _percent

from onrecord.render.csv import csv_table
from onrecord.render.escape import escape
from onrecord.text.direction import CONTROLS, direction_note
from onrecord.text.quotation_marks import holds_marks
from onrecord.types import DateSpan, Quote
from onrecord.wording.source_line import cited_line, quote_date

FORMATS = ("markdown", "plain", "html", "bibtex", "csv")

_SURROGATE = re.compile("[\ud800-\udfff]")
_LINE_BREAK = re.compile(r"\r\n|\r|\n")
_BREAKS = re.compile(r"[\n\r\v\f\x85\u2028\u2029]+")
_PUNCTUATION = re.compile(r"[\\`*_\[\]<>&#|~!$]")
_BACKTICKS = re.compile(r"`+")
_WEB = re.compile(r"https?://[^\s/?#\\]", re.IGNORECASE)
_IN_URL = "-._~:/?#[]@!$&'()*+,;=%"
_KEY = 12
"""So many digits of a SHA-256 tell an entry of BibTeX from others."""
_WHOLE = 300
"""A longer text is named in a link by its first and last words."""
_WORDS = 8
_COLUMNS = "quotation speaker mode title outlet published date file start end sha256 url".split()
_LATEX = {
    "\\": r"{\textbackslash}",
    "{": r"{\textbraceleft}",
    "}": r"{\textbraceright}",
    "~": r"{\textasciitilde}",
    "^": r"{\textasciicircum}",
    "<": r"{\textless}",
    ">": r"{\textgreater}",
    "|": r"{\textbar}",
    "`": r"{\textasciigrave}",
    "\n": r"{\newline}",
    "\r": r"{\relax}",
    "\t": r"{\quad}",
    "\xa0": "{~}",
    " ": r"{\ }",
    "-": "{-}",
    "'": "{'}",
    ",": "{,}",
} | {char: rf"{{\{char}}}" for char in "$&%#_"}
# A space that would be squeezed, signs that join into another, and what LaTeX reads as commands.
_TO_LATEX = re.compile(
    rf"^ |(?<= ) | \Z|[^\S ]|(?<=-)-|(?<=')'|(?<=,),|[\\{{}}~^<>|`$&%#_\x00-\x1f\x7f{CONTROLS}]"
)


def cite(quote: Quote, *, url: str | None, form: str) -> str:
    """Write a quotation with its source, for a person to paste elsewhere."""
    if form not in FORMATS:
        raise ValueError(f"no form of citation: {form!r}")
    return _WRITERS[form](quote, web_address(url))


# --- links


def web_address(url: str | None) -> str | None:
    """Give an address on the web in the characters that an address may have."""
    url = (url or "").strip()
    if not _WEB.match(url) or _SURROGATE.search(url):
        return None
    return _percent(url, safe=_IN_URL)


def fragment_link(url: str | None, text: str) -> str | None:
    """Link to the words themselves within a page, by a text fragment.

    A text of several lines, or a long one, is named by its first and last words, since a browser
    looks for either within one paragraph only.

    Args:
        url: Of the page.
        text: Words that stand in it.

    Returns:
        The address with its fragment; None when it is no address on the web.
    """
    address = web_address(url)
    if address is None:
        return None
    page, _, fragment = address.partition("#")
    words = ",".join(_encoded(part) for part in _ends(text))
    return f"{page}#{fragment.partition(':~:')[0]}:~:text={words}" if words else address


def _ends(text: str) -> tuple[str, ...]:
    """Give a text on one line, or its first and last words."""
    words = text.split()
    line = " ".join(words)
    lines = [part.split() for part in _BREAKS.split(text) if part.strip()]
    if len(lines) > 1:
        return " ".join(lines[0][:_WORDS]), " ".join(lines[-1][-_WORDS:])
    share = min(_WORDS, len(words) // 2)
    if len(line) <= _WHOLE or not share:
        return (line,)
    return " ".join(words[:share]), " ".join(words[-share:])


def _encoded(text: str) -> str:
    # A dash, a comma and an ampersand are signs of the directive's own.
    return _percent(_SURROGATE.sub("\N{REPLACEMENT CHARACTER}", text), safe="").replace("-", "%2D")


# --- forms


def _markdown(quote: Quote, url: str | None) -> str:
    longest = max((len(run) for run in _BACKTICKS.findall(quote.text)), default=0)
    fence = "`" * max(3, longest + 1)
    words = _LINE_BREAK.sub(r"\g<0>> ", quote.text)
    source = _PUNCTUATION.sub(r"\\\g<0>", cited_line(quote))
    link = f", <{url}>" if url else ""
    note = direction_note(quote.text)
    told = f">\n> {note}\n" if note else ""
    return f"> {fence}text\n> {words}\n> {fence}\n>\n> — {source}{link}\n{told}"


def _plain(quote: Quote, url: str | None) -> str:
    words = quote.text if holds_marks(quote.text) else f"“{quote.text}”"
    note = direction_note(quote.text)
    told = f"{note}\n" if note else ""
    return f"{words}\n— {cited_line(quote)}{f', {url}' if url else ''}\n{told}"


def _html(quote: Quote, url: str | None) -> str:
    cited, link = "", ""
    if url:
        cited = f' cite="{escape(url)}"'
        link = f', <a href="{escape(url)}" rel="noopener noreferrer">{escape(url)}</a>'
    words = f"<blockquote{cited}><p>{escape(quote.text)}</p></blockquote>"
    note = direction_note(quote.text)
    source = f"— {escape(cited_line(quote))}{link}{note and f'<br>{note}'}"
    return f"<figure>{words}<figcaption>{source}</figcaption></figure>\n"


def _bibtex(quote: Quote, url: str | None) -> str:
    told = re.sub("[^0-9A-Za-z]", "", quote.sha256)[:_KEY]
    fields = {
        "title": f"{{{_latex(quote.title)}}}",
        "howpublished": _latex(quote.outlet or ""),
        **_year(quote.published),
        "url": url or "",
        "note": _latex(cited_line(quote)),
        "abstract": _latex(quote.text),
    }
    lines = [f"  {name} = {{{value}}}" for name, value in fields.items() if value]
    return f"@misc{{onrecord-{told}-{quote.start}-{quote.end},\n" + ",\n".join(lines) + "\n}\n"


def _latex(text: str) -> str:
    """Escape so that every character is itself; braces always match, as BibTeX counts them."""
    return _TO_LATEX.sub(lambda found: _LATEX.get(found[0]) or rf"{{\symbol{{{ord(found[0])}}}}}", text)


def _year(published: str | None) -> dict[str, str]:
    """Give year and month where the article's days lie within one."""
    try:
        span = DateSpan.parse(published or "")
    except ValueError:
        return {}
    first, last = span.first, span.last
    if first.year != last.year:
        return {}
    month = {"month": str(first.month)} if first.month == last.month else {}
    return {"year": str(first.year)} | month


def _csv(quote: Quote, url: str | None) -> str:
    dates = (quote.published, quote_date(quote))
    rest = (quote.voice, quote.mode.value, quote.title, quote.outlet, *dates, quote.file)
    row = (quote.text, *rest, quote.start, quote.end, quote.sha256, url)
    return csv_table(_COLUMNS, [row], slices=("quotation",))


_WRITERS = {"markdown": _markdown, "plain": _plain, "html": _html, "bibtex": _bibtex, "csv": _csv}
