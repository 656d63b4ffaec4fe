"""What the index holds, as HTML: its figures, and its articles; or what to do where there is none."""

from __future__ import annotations

from collections.abc import Sequence

from onrecord.errors import IndexError_, IndexMissingError
from onrecord.index.info import Info
from onrecord.render.escape import action, escape, text_html
from onrecord.types import Article
from onrecord.wording.dates import count, date_range, written_date
from onrecord.wording.source_line import article_date

LEAF = 50
"""So many articles are listed at a time."""


def info_html(info: Info) -> str:
    """Write out what an index holds.

    Args:
        info: Its figures.

    Returns:
        A ``dl`` element.
    """
    rows = {
        "Articles": f"{info.articles:,}",
        "Dates": date_range(info.first, info.last),
        "Outlets": ", ".join(info.outlets) or "none known",
        "Speakers": f"{info.speakers:,}",
        "Passages": f"{info.passages:,}",
        "Sentences": f"{info.sentences:,}",
        "On disk": f"{info.bytes / 1_000_000:,.1f} MB",
        "Built": f"{written_date(info.built[:10], inferred=False)}, {info.built[11:16]} UTC",
        "Embedding": info.model,
    }
    listed = "".join(f"<dt>{name}</dt><dd>{text_html(value)}</dd>" for name, value in rows.items())
    return f"<dl>{listed}</dl>"


def welcome_html(info: Info) -> str:
    """Say in one line what can be asked about.

    Args:
        info: Figures of the index.

    Returns:
        A heading and a line.
    """
    held = f"{count(info.articles, 'article')}, {date_range(info.first, info.last)}"
    heard = f"; {count(info.speakers, 'speaker')}" if info.speakers else ""
    return (
        f'<h2 class="asked">Who said what, and when?</h2><p class="faint lede">{text_html(held + heard)}.</p>'
    )


def articles_html(articles: Sequence[Article], *, found: int, held: int, offset: int = 0) -> str:
    """List a leaf of the articles that were found.

    Args:
        articles: Those of this leaf.
        found: How many were found.
        held: How many there are.
        offset: How many of those found stand on the leaves before.

    Returns:
        A count, a table, and the ways to the leaves beside.
    """
    if not held:
        told = "The index holds no article. Put some into the corpus folder, and run onrecord index."
        return f'<p class="state">{told}</p>'
    if not found:
        told = f"None of {count(held, 'article')} holds all these words."
        return f'<p class="faint" role="status">{told}</p>'
    told = count(held, "article") if found == held else f"{found:,} of {count(held, 'article')}"
    if found > len(articles):
        told += f"; {offset + 1:,}–{offset + len(articles):,} are listed"
    rows = "".join(_row(article) for article in articles)
    return (
        f'<p class="faint" role="status">{told}</p><table><thead><tr><th scope="col">Title</th>'
        '<th scope="col" class="wide">Outlet</th><th scope="col">Published</th>'
        f'<th scope="col" class="number wide">Words</th></tr></thead><tbody>{rows}</tbody></table>'
        f"{_beside(offset, found)}"
    )


def _beside(offset: int, found: int) -> str:
    """Lead to the leaves before and after."""
    before = offset and action("leaf", "← Before", leaf=max(0, offset - LEAF))
    after = offset + LEAF < found and action("leaf", "After →", leaf=offset + LEAF)
    ways = "".join(way for way in (before, after) if way)
    return f'<nav class="tools" aria-label="More articles">{ways}</nav>' if ways else ""


def _row(article: Article) -> str:
    opened = action("open", article.title, article=article.id, start=0, end=0)
    when = article_date(article)
    words = f"{len(article.text.split()):,}"
    return (
        f'<tr><td>{opened}<br><span class="faint">{text_html(article.file)}</span></td>'
        f'<td class="wide">{text_html(article.outlet or "not known")}</td>'
        f'<td class="when">{text_html(when)}</td><td class="number wide">{words}</td></tr>'
    )


def no_index_html(error: IndexError_, command: str = "", *, told: str = "") -> str:
    """Say that there is no index to answer from, and how there will be one.

    Args:
        error: Why there is none.
        command: That builds it; empty where somebody reads who does not keep this server, and who is then
            told neither what is wrong with which file nor what to type.
        told: HTML; how the building goes.

    Returns:
        A ``section`` that the page's script watches over.
    """
    if isinstance(error, IndexMissingError):
        head, why = "There is no index yet", "Answers come from an index of the articles, built once."
    else:
        head, why = "The index cannot be used", error.message if command else ""
    ways = _building(command, told) if command else "<p>Whoever keeps this server can build it.</p>"
    waiting = '<p class="faint">This page wakes up by itself as soon as there is one.</p>'
    return (
        f'<section class="vacant" data-waiting role="status"><h2 class="asked">{head}</h2>'
        f"<p>{text_html(why)}</p>{ways}{waiting}</section>"
    )


def _building(command: str, told: str) -> str:
    """Offer the ways to build an index, or tell how that goes."""
    copy = action("copy", "Copy", hint="Copy the command", copy=command)
    built = action("build", "Build it here", kind="main") if not told else ""
    typed = f'<p class="command"><code>{text_html(command)}</code>{copy}</p>'
    return f"<p>This command builds it:</p>{typed}{built}{told}"


def progress_html(step: str, done: int, total: int) -> str:
    """Say how far a step is.

    Args:
        step: Its name.
        done: How much is done.
        total: Of how much.

    Returns:
        HTML.
    """
    bar = f'<progress max="{max(total, 1)}" value="{done}" aria-label="{escape(step)}"></progress>'
    far = f"{text_html(step)}, {done:,} of {total:,}" if total > 1 else text_html(step)
    return f'<p class="building">{bar} <span>{far}</span></p>'
