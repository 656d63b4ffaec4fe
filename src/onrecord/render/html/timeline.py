"""Who said what when: an answer's dated quotations as a plot, and as a table for those who cannot see it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from html import escape
from typing import TYPE_CHECKING

from onrecord.render.escape import text_html
from onrecord.text.direction import marked
from onrecord.types import Answer, DateSpan, Quote
from onrecord.wording.source_line import SourceLine

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

_ACCENT = "#a8492f"  # readable on paper and on the dark ground
_INK = "#827b72"
_WORDS = 90
_DAY = 86_400_000  # milliseconds, as plotly counts
_TICKS = [
    {"dtickrange": [None, 28 * _DAY], "value": "%-d %b %Y"},
    {"dtickrange": [28 * _DAY, "M12"], "value": "%b %Y"},
    {"dtickrange": ["M12", None], "value": "%Y"},
]


@dataclass(frozen=True, slots=True)
class Point:
    """A quotation on the line of time.

    Attributes:
        number: In its answer, from 1.
        who: Whose words.
        span: Days on which its article may have been published.
        when: The same in words.
        quote: The quotation.
    """

    number: int
    who: str
    span: DateSpan
    when: str
    quote: Quote

    @property
    def middle(self) -> date:
        """The day in the middle of the span."""
        return self.span.first + (self.span.last - self.span.first) / 2

    @property
    def words(self) -> str:
        """The quotation on one line, cut at a word; to be pointed at, never to be printed."""
        line = " ".join(self.quote.text.split())
        return line if len(line) <= _WORDS else f"{line[:_WORDS].rpartition(' ')[0]} …"


def timeline_points(answer: Answer) -> tuple[Point, ...]:
    """Give an answer's dated quotations, earliest first."""
    points = [_point(number, quote) for number, quote in enumerate(answer.quotes, 1)]
    return tuple(sorted((each for each in points if each), key=lambda each: (each.span, each.number)))


def _point(number: int, quote: Quote) -> Point | None:
    if not quote.stands:
        return None
    try:
        span = DateSpan.parse(quote.published or "")
    except ValueError:
        return None
    line = SourceLine.of(quote)
    return Point(number, line.who, span, line.date, quote)


def timeline_figure(answer: Answer) -> Figure | None:
    """Plot an answer's quotations by date and speaker.

    Args:
        answer: The answer.

    Returns:
        The plot; a day that is not known is a bar from the first to the last possible one. None unless
        the quotations are of more than one date.
    """
    points = timeline_points(answer)
    if len({point.span for point in points}) < 2:
        return None
    from plotly.graph_objects import Figure, Scatter

    figure = Figure()
    for point in points:
        if point.span.first == point.span.last:
            continue
        days = [point.span.first, point.span.last + timedelta(days=1)]
        line = {"color": _ACCENT, "width": 6}
        who = [_label(point.who)] * 2
        figure.add_trace(Scatter(x=days, y=who, mode="lines", line=line, opacity=0.3, hoverinfo="skip"))
    quotes = [point.quote for point in points]
    figure.add_trace(
        Scatter(
            x=[point.middle for point in points],
            y=[_label(point.who) for point in points],
            text=[f"[{point.number}]" for point in points],
            mode="markers+text",
            textposition="top center",
            marker={"color": _ACCENT, "size": 12},
            customdata=[[quote.article_id, quote.start, quote.end] for quote in quotes],
            hovertext=[f"{_label(point.words)}<br>{_label(point.when)}" for point in points],
            hoverinfo="text",
        )
    )
    return _plain(figure, speakers=len({point.who for point in points}))


def _label(text: str) -> str:
    """Write a label of the plot, which has some HTML but no element that a style sheet reaches."""
    return escape(marked(text))


def _plain(figure: Figure, *, speakers: int) -> Figure:
    figure.update_layout(
        height=72 + 48 * speakers,
        showlegend=False,
        margin={"l": 4, "r": 16, "t": 20, "b": 4},
        paper_bgcolor="rgba(0,0,0,0)",
        plot_bgcolor="rgba(0,0,0,0)",
        font={"family": "system-ui, sans-serif", "size": 12, "color": _INK},
        dragmode=False,
    )
    figure.update_xaxes(
        showgrid=False,
        zeroline=False,
        linecolor=_INK,
        automargin=True,
        fixedrange=True,
        tickangle=0,
        nticks=4,
        ticks="outside",
        tickcolor=_INK,
        tickformatstops=_TICKS,
    )
    figure.update_yaxes(
        showgrid=False,
        zeroline=False,
        automargin=True,
        fixedrange=True,
        tickfont={"size": 12},
        ticklabelstandoff=8,
    )
    return figure


def timeline_table_html(answer: Answer) -> str:
    """Write the same as a table."""
    rows = "".join(
        f"<tr><td>{text_html(point.when)}</td><td>{text_html(point.who)}</td>"
        f'<td><a class="mark" href="#q{point.number}" data-n="{point.number}" '
        f'aria-label="Quotation {point.number}">[{point.number}]</a></td></tr>'
        for point in timeline_points(answer)
    )
    head = '<tr><th scope="col">Published</th><th scope="col">Who</th><th scope="col">Quotation</th></tr>'
    return (
        "<details><summary>As a table</summary>"
        f"<table><thead>{head}</thead><tbody>{rows}</tbody></table></details>"
    )
