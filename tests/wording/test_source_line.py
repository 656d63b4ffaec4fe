"""The line under a quotation: what it says, and that every face says it in the same words."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

import pytest

from onrecord.assistant.turns import StoredTurn
from onrecord.faces.slack.blocks import answer_messages
from onrecord.render.citation import cite
from onrecord.render.html.answer import quote_html
from onrecord.render.html.conversation import conversation_page
from onrecord.render.html.timeline import timeline_table_html
from onrecord.render.markdown import answer_markdown
from onrecord.render.pieces import answer_pieces, plain
from onrecord.types import Mode, OnDisk, Quote
from onrecord.wording.source_line import SourceLine, cited_line, lead_line, said_line, source_line
from tests.faces.slack.blockkit import strings
from tests.pages import Html, answered, made

WORDS = "We sail at dawn."
NAMED: dict[str, Any] = {"speaker": "Ada Quill", "outlet": "The Courier", "published": "2021-05-04"}
CASES: dict[str, tuple[dict[str, Any], str]] = {
    "all that is known": (
        NAMED | {"said_on": "2021-05-03"},
        "Ada Quill, direct speech, said 3 May 2021, “T”, The Courier, printed 4 May 2021, a.txt 0–16",
    ),
    "not told when it was said": (
        NAMED,
        "Ada Quill, direct speech, “T”, The Courier, 4 May 2021, a.txt 0–16",
    ),
    "reported": (
        NAMED | {"mode": Mode.REPORTED},
        "Ada Quill, reported speech, “T”, The Courier, 4 May 2021, a.txt 0–16",
    ),
    "the article's own words": (
        NAMED | {"mode": Mode.ARTICLE},
        "The article, “T”, The Courier, 4 May 2021, a.txt 0–16",
    ),
    "a speaker who is described": (
        NAMED | {"speaker": "a harbour pilot", "unnamed": True},
        "a harbour pilot, unnamed, direct speech, “T”, The Courier, 4 May 2021, a.txt 0–16",
    ),
    "a speaker who is not certain": (
        NAMED | {"certain": False},
        "Ada Quill (speaker not certain), direct speech, “T”, The Courier, 4 May 2021, a.txt 0–16",
    ),
    "nothing known": ({}, "Speaker not named, direct speech, “T”, date unknown, a.txt 0–16"),
    "nobody named": (
        {"mode": Mode.REPORTED, "published": "2021-05"},
        "Speaker not named, reported speech, “T”, May 2021, a.txt 0–16",
    ),
    "an inferred date": (
        NAMED | {"published_basis": "the harbour's opening, which it reports"},
        "Ada Quill, direct speech, “T”, The Courier, about 4 May 2021, inferred, a.txt 0–16",
    ),
    "said on a day, printed on an inferred one": (
        NAMED | {"said_on": "2021-05-03", "published_basis": "the tide table beside it"},
        "Ada Quill, direct speech, said 3 May 2021, “T”, The Courier, "
        "printed about 4 May 2021, inferred, a.txt 0–16",
    ),
    "said on a day, printed nobody knows when": (
        {"speaker": "Ada Quill", "said_on": "2021-05-03"},
        "Ada Quill, direct speech, said 3 May 2021, “T”, date unknown, a.txt 0–16",
    ),
    "changed on disk": (
        NAMED | {"on_disk": OnDisk.CHANGED},
        "Ada Quill, direct speech, “T”, The Courier, 4 May 2021, "
        "changed on disk since it was indexed, a.txt 0–16",
    ),
    "unconfirmed": (
        NAMED | {"on_disk": OnDisk.UNKNOWN},
        "Ada Quill, direct speech, “T”, The Courier, 4 May 2021, a.txt 0–16",
    ),
}


each_case = pytest.mark.parametrize(
    ("quote", "line"), [(made(WORDS, **fields), line) for fields, line in CASES.values()], ids=CASES
)


def after(text: str) -> str:
    """What stands behind the dash of a source line, to the end of its line."""
    return re.search("— (.*)", text)[1]


def terminal(quote: Quote) -> str:
    return after(plain(answer_pieces(answered((quote,)))))


def markdown(quote: Quote) -> str:
    return after(re.sub(r"\\([^\w\s])", r"\1", answer_markdown(answered((quote,)))))


def slack(quote: Quote) -> str:
    [message] = answer_messages(answered((quote,)))
    return after("\n".join(strings(list(message.blocks))))


def export(quote: Quote) -> str:
    turn = StoredTurn(1, "Q?", answered((quote,)), datetime(2026, 1, 1, tzinfo=UTC))
    [told] = Html(conversation_page("A talk", [turn], created=turn.at)).of("by")
    return after(told).removesuffix(f", sha256 {'0' * 12}")


def citation(form: str, quote: Quote) -> str:
    told = Html(cite(quote, url=None, form=form)).of("figcaption")[0] if form == "html" else ""
    told = told or re.sub(r"\\([^\w\s])", r"\1", cite(quote, url=None, form=form))
    return after(told).removesuffix(f", sha256 {'0' * 12}")


@each_case
def test_the_line_says_what_is_known(quote, line):
    assert source_line(quote) == line
    assert cited_line(quote) == f"{line}, sha256 {'0' * 12}"


@each_case
def test_every_face_prints_the_same_line(quote, line):
    assert terminal(quote) == markdown(quote) == slack(quote) == export(quote) == line
    assert {citation(form, quote) for form in ("plain", "markdown", "html")} == {line}


@each_case
def test_the_page_prints_the_same_words_with_the_title_on_a_line_of_its_own(quote, line):
    page = Html(quote_html(quote, number=1))
    [who], [what], [where] = page.of("who"), page.of("what"), page.of("where")
    assert f"{who}{what}, a.txt 0–16" == line.replace(", “T”", "")
    assert where == "T"


@each_case
def test_the_timeline_prints_speaker_and_date_in_the_same_words(quote, line):
    row = Html(timeline_table_html(answered((quote,)))).of("td")
    assert bool(row) is (quote.published is not None)
    if row:
        assert row == [SourceLine.of(quote).date, SourceLine.of(quote).who, "[1]"]
        assert all(told in line for told in row[:2])


@pytest.mark.parametrize(
    ("fields", "line"),
    [
        (NAMED, "Ada Quill, quoted in T, The Courier, 4 May 2021"),
        (NAMED | {"mode": Mode.REPORTED}, "Ada Quill, as reported in T, The Courier, 4 May 2021"),
        (NAMED | {"mode": Mode.ARTICLE}, "The article T, The Courier, 4 May 2021"),
        (NAMED | {"said_on": "2021-05-03"}, "Ada Quill, quoted in T, The Courier, 4 May 2021"),
        (
            NAMED | {"published_basis": "the tide table"},
            "Ada Quill, quoted in T, The Courier, about 4 May 2021, inferred",
        ),
        ({}, "The article T, undated"),
        (
            NAMED | {"on_disk": OnDisk.CHANGED},
            "Ada Quill, quoted in T, The Courier, 4 May 2021, changed on disk since it was indexed",
        ),
    ],
)
def test_a_composed_answer_leads_to_a_quotation_as_it_always_did(fields, line):
    assert lead_line(made(WORDS, **fields)) == line


def test_a_line_stays_one_line_in_the_order_in_which_it_is_read():
    quote = made(WORDS, title="Two\nlines", speaker="Ada \u202eQuill", file="a\r\nb.txt")
    line = source_line(quote)
    assert line == "Ada ⟨U+202E⟩Quill, direct speech, “Two lines”, date unknown, a b.txt 0–16"


def test_when_words_were_said_is_told_with_what_it_was_worked_out_by():
    assert said_line("2021-05-03") == "said 3 May 2021"
    assert said_line("2021-05-03", "“on Monday”, from the publication date") == (
        "said 3 May 2021 (by “on Monday”, from the publication date)"
    )
    assert said_line(None, "“on Monday”") == ""
