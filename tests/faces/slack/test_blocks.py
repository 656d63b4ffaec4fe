"""Rendering to Block Kit: a quotation is read back unchanged, nothing becomes markup, all fits."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from onrecord.faces.slack.blocks import MESSAGE, answer_messages, fits, plain
from onrecord.faces.slack.links import reader_link
from onrecord.faces.slack.mrkdwn import escape, plain_text, quoted_lines, units
from onrecord.faces.slack.verdict_blocks import verdict_message
from onrecord.types import (
    Answer,
    Article,
    Change,
    Claim,
    Clip,
    Coverage,
    Mode,
    Quote,
    Searched,
    Shift,
    Status,
    Turning,
    Verdict,
)
from tests.faces.slack import blockkit

NASTY = [
    "<!channel> <!here> <@U123|x> <#C1|general> <https://evil.example|click> & * _ ~ `code` > quoted",
    "[2015] (July 2015) *bold* _it_ ~no~ :smile: @channel &amp; &lt;",
    "İ ß \u00a0 👩🏽‍⚖️ \u202eRTL\u202c  two  spaces \t tab\r\nline\n\n",
    " leading and trailing ",
    "\x00\x0b\x0c",
]


def a_quote(text: str, **others) -> Quote:
    told = {"article_id": "a.txt", "file": "a.txt", "title": "A title", "sha256": "0" * 64, "start": 5}
    return Quote(
        **{**told, "end": 5 + len(text), "text": text, "mode": Mode.DIRECT, "speaker": "Ann Lee", **others}
    )


def an_answer(*quotes: Quote, **others) -> Answer:
    told = {
        "id": "1",
        "question": "What did she say?",
        "standalone": "",
        "text": "",
        "ranked": (),
        "nearest": (),
    }
    searched = Searched(2, 16, "2022-10-01", "2023-06-28")
    return Answer(
        **{**told, "quotes": quotes, "confidence": 0.9, "reason": "", "searched": searched, **others}
    )


def fields(message) -> dict:
    """What goes over the wire, read back as Slack reads it."""
    return json.loads(json.dumps(message.fields))


def link(quote: Quote) -> str:
    return f"https://page.example/?open={quote.article_id}&start={quote.start}"


any_text = st.text(st.characters(exclude_categories=["Cs"]), min_size=1)


@given(
    st.lists(
        st.one_of(
            any_text, st.sampled_from(NASTY), st.builds(lambda t, n: t * n, any_text, st.integers(1, 4_000))
        ),
        min_size=1,
        max_size=6,
    )
)
@example(NASTY)
@example(["x" * 3_000, "y" * 3_001, "🙂" * 3_000, "z" * 11_000])
def test_any_quotation_is_read_back_as_the_slice(slices):
    answer = an_answer(*(a_quote(text) for text in slices))
    messages = [fields(message) for message in answer_messages(answer, link=link, rating="C1.1 1")]
    shown = [text for message in messages for text in blockkit.quotations(message)]
    left = list(slices)
    for text in shown:  # whole slices, unchanged and in order
        while left and left[0] != text:
            left.pop(0)
        assert left, f"{text[:50]!r} is no slice"
        left.pop(0)
    for message in messages:
        assert list(blockkit.faults(message)) == []
        assert blockkit.markup_of(message) == []
    if all(units(text) < 2_000 for text in slices) and len(slices) == 1:
        assert shown == slices


@pytest.mark.parametrize("text", NASTY)
def test_names_titles_and_questions_become_no_markup(text):
    quote = a_quote("words", title=text * 50, speaker=text * 50, outlet=text * 50, file=text * 50)
    claims = (Claim(text * 3, (1,)),) * 50
    asked = an_answer(
        quote, question=text * 40, standalone=text * 30, claims=claims, notice=text * 90, mode="m"
    )
    refused = an_answer(nearest=(quote,), question=text * 40, reason=text * 60)
    long = tuple(a_quote("words " + "word " * 900) for _ in range(5))
    alike = an_answer(nearest=long, reason=text)
    for message in map(fields, answer_messages(alike, link=link)):
        assert blockkit.markup_of(message) == []
    for answer in (asked, refused):
        for message in map(fields, answer_messages(answer, link=link, rating="1", asked=True)):
            assert list(blockkit.faults(message)) == []
            assert blockkit.markup_of(message) == []
            assert blockkit.quotations(message) == ["words"]


def test_what_a_slice_leaves_out_what_it_rests_on_and_what_may_have_changed_is_said():
    clip = Clip(Turning.CONDITION, 20, 40, "only if *they* do <it>")
    changed = Change(1, 2, "2022-10", "2023-06-28", (Shift.MODALITY,), ((("may",), ("must",)),))
    coverage = Coverage(2, 1, "2022-10-01", "2023-06-28", (), ("Ann Lee",), ("One origin.",))
    [message] = answer_messages(
        an_answer(
            a_quote("we may sign", clips=(clip,)),
            a_quote("we must sign", unnamed=True, speaker="senior official", certain=False),
            changes=(changed,),
            searched=replace(an_answer().searched, coverage=coverage),
        ),
        link=link,
    )
    shown = fields(message)
    assert blockkit.quotations(shown) == ["we may sign", clip.text, "we must sign"]
    assert list(blockkit.faults(shown)) == []
    told = "\n".join(blockkit.strings(shown["blocks"]))
    for words in (
        "Cut off from its condition:",
        "senior official, unnamed (speaker not certain)",
        "modality: may in [1], must in [2]",
        "2 articles, 1 origin",
        "One origin.",
    ):
        assert words in told


def test_a_quotation_that_slack_cannot_carry_is_no_quotation():
    for text in ("x" * 13_000, "a lone \ud800 surrogate"):
        [message] = answer_messages(an_answer(a_quote(text), a_quote("short")), link=link)
        assert blockkit.quotations(fields(message)) == ["short"]
        assert "Slack cannot carry it whole" in json.dumps(message.blocks)
        assert fits(message)


def test_a_long_quotation_takes_several_blocks_and_stays_one():
    text = "".join(f"{number} word " for number in range(900))
    [message] = answer_messages(an_answer(a_quote(text)), link=link)
    quoted = [
        each
        for block in message.blocks
        if block["type"] == "rich_text"
        for each in block["elements"]
        if each["type"] == "rich_text_quote"
    ]
    assert len(quoted) == 3
    assert all(units(each["elements"][0]["text"]) <= 3_000 for each in quoted)
    assert blockkit.quotations(fields(message)) == [text]


def test_what_does_not_fit_goes_on_in_the_thread_and_the_rest_is_counted():
    slices = [f"{number:02} " + "word " * 900 for number in range(9)]
    answer = an_answer(*map(a_quote, slices))
    messages = [fields(message) for message in answer_messages(answer, link=link, rating="1")]
    shown = [blockkit.quotations(message) for message in messages]
    assert [len(each) for each in shown] == [2, 2, 2]
    assert [text for each in shown for text in each] == slices[:6]
    told = json.dumps(messages[0])
    assert "4 more quotations below, in this thread. 3 quotations left out: too long for Slack." in told
    [alone] = answer_messages(answer, link=link, parts=1)
    assert blockkit.quotations(fields(alone)) == slices[:2]
    assert "7 quotations left out" in json.dumps(alone.blocks)


@pytest.mark.parametrize(
    ("mode", "speaker", "told"),
    [
        (Mode.DIRECT, "Ann Lee", "The article quotes Ann Lee:"),
        (Mode.REPORTED, "Ann Lee", "The article reports Ann Lee as saying:"),
        (Mode.REPORTED, None, "The article reports:"),
        (Mode.ARTICLE, "Ann Lee", "The article says:"),
    ],
)
def test_it_is_said_whose_words_they_are(mode, speaker, told):
    quote = a_quote("words", mode=mode, speaker=speaker, outlet="Post", published="2023-06-28")
    [message] = answer_messages(an_answer(quote), link=link)
    seen = list(blockkit.strings(fields(message)["blocks"]))
    assert f"[1] {told}" in seen
    assert any("“A title”, Post, 28 June 2023, a.txt 5–10" in each for each in seen)
    urls = [
        each
        for block in message.blocks
        for part in block["elements"]
        for each in part.get("elements", [])
        if each["type"] == "link"
    ]
    assert [each["url"] for each in urls] == ["https://page.example/?open=a.txt&start=5"]


def test_a_models_words_are_never_a_quotation():
    claims = (Claim("She agreed to it.", (1,)), Claim("x" * 3_990, (1,)))
    [message] = answer_messages(an_answer(a_quote("I agree"), claims=claims, mode="openai:x"))
    assert blockkit.quotations(fields(message)) == ["I agree"]
    told = "".join(blockkit.strings(fields(message)["blocks"]))
    assert "She agreed to it. [1]" in told
    assert "openai:x’s words; what follows is quoted. 1 sentence left out" in told


def test_a_refusal_says_what_was_searched():
    answer = an_answer(reason="No article mentions Taiwan.", nearest=(a_quote("nearest words"),))
    [message] = answer_messages(answer, link=link)
    told = "\n".join(blockkit.strings(fields(message)["blocks"]))
    assert "Not in this corpus." in told
    assert "No article mentions Taiwan." in told
    assert "Nearest, not an answer:" in told
    assert "Searched 2 articles (16 passages), 1 October 2022 to 28 June 2023." in told
    assert fields(message)["text"].endswith("Not in this corpus. No article mentions Taiwan.")


def test_nothing_is_unfurled_and_no_name_becomes_a_mention():
    [message] = answer_messages(an_answer(a_quote("words")))
    off = {
        "unfurl_links": False,
        "unfurl_media": False,
        "link_names": False,
        "parse": "none",
        "mrkdwn": False,
    }
    assert off.items() <= message.fields.items()


@given(any_text, st.integers(10, 3_000))
def test_a_label_is_escaped_and_cut(text, limit):
    found = plain(text, limit)["text"]
    assert units(found) <= limit
    assert "<" not in found
    assert ">" not in found
    if units(escape(text)) <= limit:
        assert plain_text(found) == text.strip()


def test_what_a_person_typed_is_read_from_mrkdwn():
    typed = "<@UBOT> what did <https://a.example|Blinken> say &lt;on&gt; R&amp;D in <#C1|general>? <!here>"
    assert plain_text(typed) == "what did Blinken say <on> R&D in general?"
    assert quoted_lines("he said\n&gt; we agree\n&gt;to it\nyes\n> “so it is”") == (
        "he said\n“we agree\nto it”\nyes\n“so it is”"
    )


def test_verdicts_that_do_not_fit_are_counted():
    verdicts = [Verdict("word " * 20, 0, 1, Status.ABSENT) for _ in range(3_000)]
    told = "".join(blockkit.strings(list(verdict_message(verdicts, title=str, link=lambda _: None).blocks)))
    assert "3000. " not in told
    assert "2,9" in told
    assert "left out: too long for Slack." in told


def test_links_lead_to_the_slice():
    article = Article("dir/a b.txt", "a", "T", "0123456789", "0" * 64, url="https://news.example/a")
    assert reader_link(article, 2, 5, public_url="https://page.example/sub/") == (
        "https://page.example/sub/?open=dir%2Fa+b.txt&start=2&end=5"
    )
    assert reader_link(article, 2, 5, public_url=None) == "https://news.example/a#:~:text=234"
    assert reader_link(replace(article, url=None), 2, 5, public_url=None) is None


@given(st.lists(any_text, max_size=40), any_text)
def test_verdicts_are_within_limits(claims, title):
    verdicts = [
        Verdict(text * 200, 0, 1, list(Status)[number % 6], "a", 0, 9, text * 30, named=text, note=text)
        for number, text in enumerate(claims)
    ]
    message = fields(verdict_message(verdicts, title=lambda _: title, link=lambda _: "https://page.example/"))
    assert list(blockkit.faults(message)) == []
    assert blockkit.markup_of(message) == []
    assert all(text in {each * 30 for each in claims} for text in blockkit.quotations(message))
    assert blockkit.size(message) <= MESSAGE
