"""A conversation as one file: quotations exact, everything else escaped, nothing fetched, nothing run."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from onrecord import Settings, ask
from onrecord.assistant.turns import Rating, StoredTurn
from onrecord.render.html.conversation import conversation_page
from onrecord.types import Answer, Claim, Quote, Searched
from tests import pages
from tests.pages import Html, carried, made

HOSTILE = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "' onmouseover='alert(1)",
    "</title></style></p></blockquote><iframe srcdoc='x'>",
    "<!-- --> ]]> &lt;b&gt; & &amp; &#13;",
    "@import 'http://evil.example'; url(http://evil.example)",
    "line\r\nbreaks\rof\nall kinds",
    "\ud800 lone \0 null",
]
texts = st.one_of(st.sampled_from(HOSTILE), st.text(min_size=1, max_size=40))
BEGUN = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)
OURS = {
    *"html head meta title style body main h1 h2 h3 p section blockquote footer a span strong div".split(),
}


def answered(*quotes: Quote, **fields: object) -> Answer:
    known = {"searched": Searched(2, 16, "2022-10-01", "2023-06-28")}
    return pages.answered(quotes, **(known | fields))


def page(*answers: Answer, title: str = "The talks", **fields: object) -> str:
    turns = [StoredTurn(n, a.question, a, BEGUN, **fields) for n, a in enumerate(answers, 1)]
    return conversation_page(title, turns, created=BEGUN)


@given(
    text=texts,
    title=texts,
    speaker=texts,
    outlet=texts,
    file=texts,
    question=texts,
    told=texts,
    filters=texts,
)
def test_no_field_gives_a_tag_of_its_own_and_every_quotation_is_whole(
    text, title, speaker, outlet, file, question, told, filters
):
    quote = made(text, title=title, speaker=speaker, outlet=outlet, file=file, sha256=file, published=told)
    searched = Searched(2, 16, told, None, filters, (told,))
    fields = {"question": question, "standalone": title, "reason": told, "notice": told, "mode": speaker}
    full = answered(quote, quote, searched=searched, claims=(Claim(told, (1, 2)),), **fields)
    refused = answered(nearest=(quote,), **fields)
    html = page(full, refused, title=title, filters={"outlet": [filters], "since": told})
    seen = Html(html)
    assert set(seen.tags) <= OURS
    assert not seen.comments
    assert seen.of("words") == [carried(text)] * 3
    assert seen.of("h2") == [carried(question)] * 2
    assert seen.of("title") == seen.of("h1") == [carried(title)]
    known = {
        *("lang", "charset", "http-equiv", "content", "name", "class", "id", "href", "translate"),
        "aria-labelledby",
    }
    assert {name for name, _ in seen.attributes} <= known
    assert all(re.fullmatch(r"#t\d+q\d+", value or "") for name, value in seen.attributes if name == "href")
    html.encode()


def test_the_file_needs_nothing_else_and_runs_nothing():
    html = page(answered(made("We go on.")))
    seen = Html(html)
    metas = [attrs for tag, attrs, _ in seen.elements if tag == "meta"]
    [policy] = [meta["content"] for meta in metas if meta.get("http-equiv") == "Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; style-src 'unsafe-inline'")
    assert html.startswith("<!DOCTYPE html>")
    assert not re.search(r"url\(|@import|https?:|src=|style=| on\w+=", html)
    assert not {"script", "link", "img", "iframe", "base", "form"} & set(seen.tags)
    assert "prefers-color-scheme: dark" in html
    assert "@media print" in html


def test_a_quotation_has_its_number_and_its_source_below():
    quote = made(
        "We go on.", speaker="Antony Blinken", outlet="The Paper", published="2023-06-28", sha256="ab" * 32
    )
    seen = Html(page(answered(quote)))
    source = "Antony Blinken, direct speech, “T”, The Paper, 28 June 2023, a.txt 0–9, sha256 abababababab"
    assert seen.of("by") == [f"[1] — {source}"]


def test_prose_of_a_model_is_told_apart_and_leads_to_its_quotations():
    answer = answered(made("We go on."), claims=(Claim("They go on.", (1,)),), mode="openai:x")
    seen = Html(page(answer))
    assert seen.of("prose") == ["They go on. [1]"]
    assert "openai:x’s words, checked against the quotations below; not a quotation" in seen.of("faint")
    assert "They go on." not in "".join(seen.of("blockquote"))
    [target] = [value for name, value in seen.attributes if name == "href"]
    assert target is not None
    assert target[1:] in [attrs.get("id") for tag, attrs, _ in seen.elements if tag == "blockquote"]


def test_every_link_leads_to_a_quotation_of_its_own_turn():
    answer = answered(made("We go on."), made("So do I."), claims=(Claim("They do.", (2, 1)),))
    seen = Html(page(answer, answer))
    ids = [value for name, value in seen.attributes if name == "id"]
    assert len(ids) == len(set(ids))
    links = [value for name, value in seen.attributes if name == "href"]
    assert links == ["#t1q2", "#t1q1", "#t2q2", "#t2q1"]
    assert {link[1:] for link in links if link} <= set(ids)


def test_a_refusal_says_what_was_searched_and_what_is_nearest_is_no_answer():
    answer = answered(reason="No article mentions Taiwan.", nearest=(made("Nearly."),))
    seen = Html(page(answer))
    assert seen.of("refusal") == ["Not in this corpus. No article mentions Taiwan."]
    assert seen.of("h3") == ["Nearest, not an answer"]
    [foot] = [line for line in seen.of("faint") if line.startswith("Asked ")]
    assert foot == (
        "Asked 24 November 2026, 09:30 UTC. "
        "Searched 2 articles (16 passages), 1 October 2022 to 28 June 2023."
    )
    assert "[1]" not in "".join(seen.of("nearest"))


def test_follow_up_filters_and_notices_are_told():
    answer = answered(made("We go on."), standalone="Why does Blinken go on?", notice="The model was away.")
    told = Html(page(answer, filters={"outlet": ["The Paper", "Other"], "since": "2022"}))
    assert "Searched as: Why does Blinken go on?" in told.of("standalone")
    assert "Narrowed to: outlet The Paper, outlet Other, since 2022" in told.of("faint")
    assert told.of("notice") == ["The model was away."]
    searched = replace(answer.searched, filters="outlet The Paper")
    narrowed = Html(page(replace(answer, searched=searched), filters={"outlet": ["The Paper"]}))
    assert [line for line in narrowed.of("faint") if "The Paper" in line] == ["Narrowed to: outlet The Paper"]


def test_a_rating_is_not_given_away():
    html = page(answered(made("We go on.")), rating=Rating(up=False, reason="a secret"))
    assert html == page(answered(made("We go on.")))


def test_a_conversation_without_answers_is_a_page_too():
    assert Html(page()).of("faint") == ["24 November 2026, 0 questions"]


def test_answers_of_an_index_are_exported_as_they_stand_in_the_files(built_index: Settings):
    asked = ("What did Blinken say about the Iran nuclear deal?", "What did the Pope say about Mars?")
    answers = [ask(question, settings=built_index) for question in asked]
    assert [answer.refused for answer in answers] == [False, True]
    quotes = [quote for answer in answers for quote in (answer.quotes or answer.nearest)]
    files = {quote.file: (built_index.corpus / quote.file).read_bytes().decode() for quote in quotes}
    assert Html(page(*answers)).of("words") == [files[q.file][q.start : q.end] for q in quotes]
