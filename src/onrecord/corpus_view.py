"""What the index holds, as HTML: its figures, and its articles."""

from __future__ import annotations

from collections.abc import Sequence

from onrecord.dates import count, date_range, written_date
from onrecord.hypertext import action, escape
from onrecord.info import Info
from onrecord.types import Article

__all__ = ["articles_html", "info_html"]

_MOST = 200


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
    listed = "".join(f"<dt>{name}</dt><dd>{escape(value)}</dd>" for name, value in rows.items())
    return f"<dl>{listed}</dl>"


def articles_html(articles: Sequence[Article], query: str = "") -> str:
    """List articles.

    Args:
        articles: All there are.
        query: Words; an article is listed when its title, outlet, file and text hold all of them.

    Returns:
        A count and a table of the first 200.
    """
    if not articles:
        told = "The index holds no article. Put some into the corpus folder, and run onrecord index."
        return f'<p class="state">{told}</p>'
    words = (query or "").casefold().split()
    found = [article for article in articles if _holds(article, words)]
    if not found:
        told = f"None of {count(len(articles), 'article')} holds all these words."
        return f'<p class="faint" role="status">{told}</p>'
    shown = "" if len(found) <= _MOST else f"; the first {_MOST} are listed"
    told = f"{len(found):,} of {count(len(articles), 'article')}{shown}"
    rows = "".join(_row(article) for article in found[:_MOST])
    return (
        f'<p class="faint" role="status">{told}</p><table><thead><tr><th scope="col">Title</th>'
        '<th scope="col" class="wide">Outlet</th><th scope="col">Published</th>'
        f'<th scope="col" class="number wide">Words</th></tr></thead><tbody>{rows}</tbody></table>'
    )


def _holds(article: Article, words: Sequence[str]) -> bool:
    if not words:
        return True
    known = (article.title, article.outlet or "", article.file, article.text)
    text = "\n".join(known).casefold()
    return all(word in text for word in words)


def _row(article: Article) -> str:
    opened = action("open", article.title, article=article.id, start=0, end=0)
    when = written_date(article.published, inferred="published" in article.basis)
    words = f"{len(article.text.split()):,}"
    return (
        f'<tr><td>{opened}<br><span class="faint">{escape(article.file)}</span></td>'
        f'<td class="wide">{escape(article.outlet or "not known")}</td><td>{escape(when)}</td>'
        f'<td class="number wide">{words}</td></tr>'
    )
