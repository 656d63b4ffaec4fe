"""An article as HTML with a slice marked, the words around a quotation, and what was checked of it.

Between the tags stands the article's text and nothing else: the text of ``div.article-text`` is the
article's, and that of all ``mark.slice`` in it, joined, is the slice. Of characters that HTML cannot
carry, :func:`onrecord.render.escape.escape` says what is shown, of those
that turn the direction of reading :func:`onrecord.render.escape.text_html`.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from itertools import pairwise

from onrecord.index.columns.articles import is_sound
from onrecord.render.citation import fragment_link, web_address
from onrecord.render.escape import escape, outer_link, text_html
from onrecord.text.paragraphs import paragraphs
from onrecord.text.sentence_boundaries import sentence_spans
from onrecord.types import Article, OnDisk, Quote
from onrecord.wording.source_line import article_date

_BREAKS = "\n\r\v\f\x85\u2028\u2029"
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8}){0,3}")


def article_html(article: Article, *, start: int, end: int, on_disk: OnDisk = OnDisk.SAME) -> str:
    """Write an article out whole, with a slice of it marked.

    Args:
        article: The article.
        start: First code point of the slice.
        end: Past its last code point; nothing is marked when it is not beyond ``start``.
        on_disk: What became of the article since it was indexed.

    Returns:
        A ``header`` and a ``div`` of paragraphs; the first mark of the slice has the id ``slice``.
    """
    start, end = max(0, start), min(len(article.text), end)
    known = article.language and _LANGUAGE.fullmatch(article.language)
    language = f' lang="{escape(article.language)}"' if article.language and known else ""
    text = "".join(f"<p>{part}</p>" for part in _paragraphs(article.text, start, end))
    header = _header(article, article.text[start:end], on_disk)
    return f'{header}<div class="article-text"{language}>{text}</div>'


def _header(article: Article, words: str, on_disk: OnDisk) -> str:
    when = article_date(article)
    by = ", ".join(text_html(part) for part in (article.outlet, when) if part)
    address = fragment_link(article.url, words) if words else web_address(article.url)
    link = outer_link(address)
    file = f'<p class="file faint">{text_html(article.file)}{link and f" {link}"}</p>'
    mark = f'<p class="notice">{escape(on_disk.said.capitalize())}.</p>' if on_disk.said else ""
    head = f'<h2>{text_html(article.title)}</h2><p class="by">{by}</p>'
    return f"<header>{head}{file}{mark}{_basis(article)}</header>"


def _basis(article: Article) -> str:
    """Say how what the article does not state was inferred."""
    rows = "".join(
        f"<dt>{text_html(name)}</dt><dd>{text_html(how)}</dd>" for name, how in article.basis.items()
    )
    if not rows:
        return ""
    what = "the date" if set(article.basis) == {"published"} else "this"
    return f'<details class="basis"><summary>How {what} was inferred</summary><dl>{rows}</dl></details>'


def _paragraphs(text: str, start: int, end: int) -> Iterator[str]:
    """Give each paragraph's HTML, the part of the slice in it marked."""
    cuts = _cuts(text)
    first = True
    for left, right in pairwise(cuts):
        begin, stop = max(left, start), min(right, end)
        if begin >= stop:
            yield text_html(text[left:right])
            continue
        named = ' id="slice" tabindex="-1"' if first else ""
        first = False
        mark = f'<mark class="slice"{named} translate="no">{text_html(text[begin:stop])}</mark>'
        yield f"{text_html(text[left:begin])}{mark}{text_html(text[stop:right])}"


def _cuts(text: str) -> list[int]:
    """Say where paragraphs begin, the line break before them left out, and where the last ends.

    Lines that are only wrapped make one paragraph, as everywhere in onrecord.
    """
    cuts = [0]
    for start, _ in paragraphs(text)[1:]:
        while text[start - 1] not in _BREAKS:
            start -= 1  # noqa: PLW2901  (back over the indent)
        cuts.append(start)
    return [*cuts, len(text)]


# --- the words around a quotation


def context_html(quote: Quote, article: Article) -> str:
    """Write a quotation out with the sentence before and the one after it, as the article has them.

    Sentences are those of :mod:`onrecord.text.sentences`; where a slice begins or ends within one, the
    rest of it is what stands around.
    """
    words = f'<mark class="words" translate="no">{text_html(quote.text)}</mark>'
    beside = quote.on_disk is not OnDisk.CHANGED  # what the index has beside it may stand there no more
    if not (beside and _is_slice(quote, article)):
        return f'<div class="context">{words}</div>'
    first, last = _around(article.text, quote.start, quote.end)
    before, after = article.text[first : quote.start], article.text[quote.end : last]
    return f'<div class="context">{text_html(before)}{words}{text_html(after)}</div>'


def _around(text: str, start: int, end: int) -> tuple[int, int]:
    """Say where the sentence before a slice begins and the one after it ends."""
    blocks = paragraphs(text)
    before = bisect_left(blocks, (start, 0)) - 1
    after = bisect_right([stop for _, stop in blocks], end)
    earlier = sentence_spans(text, *blocks[before]) if before >= 0 else ()
    later = sentence_spans(text, *blocks[after]) if after < len(blocks) else ()
    first = max((begin for begin, _ in earlier if begin < start), default=start)
    return first, min((stop for _, stop in later if stop > end), default=end)


def _is_slice(quote: Quote, article: Article) -> bool:
    return 0 <= quote.start < quote.end and article.text[quote.start : quote.end] == quote.text


# --- what was checked


def badge_html(quote: Quote, *, article: Article) -> str:
    """Check a quotation against its article in the index, and say what was compared, and with what."""
    exact, same, sound = _is_slice(quote, article), quote.sha256 == article.sha256, is_sound(article)
    length = len(quote.text)
    rows = (
        ("Words", f"{'The same as' if exact else 'Not those of'} the article in the index", exact),
        ("On disk", *_COMPARED[quote.on_disk]),
        ("Place", f"Code points {quote.start:,} to {quote.end:,} of the text, {length:,} in all", None),
        ("File", article.file, None),
        ("SHA-256", article.sha256, None),
        ("Computed now", "The same" if sound else "Another: the text is not what was hashed", sound),
        ("When quoted", "The same" if same else f"Another: {quote.sha256}", same),
    )
    listed = "".join(
        f"<dt>{name}</dt><dd{_verdict(well)}>{text_html(told)}</dd>" for name, told, well in rows
    )
    return (
        f'<details class="badge">{_summary(quote.on_disk, exact, same and sound)}<dl>{listed}</dl></details>'
    )


_COMPARED = {
    OnDisk.SAME: ("The same as the article’s file", True),
    OnDisk.CHANGED: ("The file was changed since; the slice stands in it", None),
    OnDisk.LOST: ("The file was changed since; the slice does not stand in it", False),
    OnDisk.GONE: ("The file was deleted, or taken out of the corpus", False),
    OnDisk.UNKNOWN: ("Not compared: the corpus is not here, or cannot be read", None),
}


def _summary(on_disk: OnDisk, exact: bool, unchanged: bool) -> str:  # noqa: FBT001  (private)
    if not exact or on_disk in (OnDisk.LOST, OnDisk.GONE):
        return '<summary class="bad">Not an exact slice</summary>'
    if on_disk is OnDisk.UNKNOWN:
        return '<summary class="warn">Slice of the index, not compared with its file</summary>'
    unchanged &= on_disk is OnDisk.SAME
    if not unchanged:
        return '<summary class="warn">Exact slice, but the article has changed</summary>'
    return '<summary class="good">Exact slice</summary>'


def _verdict(well: bool | None) -> str:  # noqa: FBT001  (private)
    return "" if well is None else f' class="{"good" if well else "bad"}"'
