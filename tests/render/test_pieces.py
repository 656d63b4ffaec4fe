"""Row 16 of the reliability table: no output path alters a quotation."""

from __future__ import annotations

import io
import json
import os
import re
import sys
import unicodedata
from dataclasses import replace

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from onrecord.faces.cli.terminal import prepare, write
from onrecord.render.json import answer_dict, article_dict, batch_dict, dumps, hit_dict
from onrecord.render.markdown import answer_markdown
from onrecord.render.pieces import (
    Piece,
    Style,
    answer_pieces,
    article_pieces,
    hit_pieces,
    plain,
    verdict_pieces,
)
from onrecord.text.direction import visible
from onrecord.types import Answer, Article, Hit, Mode, OnDisk, Passage, Quote, Searched
from onrecord.wording.dates import count, date_range, written_date

TRICKY = (
    "a deal [2015] (July 2015) * _ < & ` ** ```text :smile: [bold]x[/bold] [link=http://x]y[/link]",
    "İstanbul ß NBSP\xa0here, e\u0301 \ufb01 \U0001f600 \u05e9\u05dc\u05d5\u05dd \u202ertl\u202c",
    "two\nlines\r\n\n\tand   spaces  \n```\n~~~\n````\n> quote\n# head\n<b>&amp;</b> \\* \\\\",
    "bell\x07 backspace\x08 escape\x1b[31m red \x9b2J \x00 \x0b\x0c lone\rCR \u2028 \x85 \x7f",
    "`",
)
TEXTS = st.text(
    st.characters(exclude_categories=("Cs",))
    | st.sampled_from(
        [*"[]()*_<&`~#>|\\\"'\n\r\t\x1b\x9b\x07", "\xa0", "İ", "ß", "\u202e", "\u200d", "\U0001f468"]
    ),
    min_size=1,
    max_size=80,
)


class Screen(io.StringIO):
    def isatty(self) -> bool:
        return True


def quote_of(text: str, **changes) -> Quote:
    plain_quote = Quote(
        article_id="a.txt",
        file="a.txt",
        title="A title",
        start=7,
        end=7 + len(text),
        text=text,
        sha256="0" * 64,
    )
    return replace(plain_quote, **changes)


def answer_of(*quotes: Quote, nearest: tuple[Quote, ...] = (), **changes) -> Answer:
    answer = Answer(
        id="q1", question="Who said it?", standalone="Who said it?", text="text", quotes=quotes,
        ranked=quotes, confidence=0.5, reason="" if quotes else "No passage answers it.", nearest=nearest,
        searched=Searched(articles=2, passages=14, first="2022-10-01", last="2023-06-28"),
    )  # fmt: skip
    return replace(answer, **changes)


def article_of(text: str) -> Article:
    return Article(id="a.txt", file="a.txt", title="A title", text=text, sha256="0" * 64)


def screen_of(pieces) -> str:
    screen = Screen()
    write(pieces, screen)
    return screen.getvalue()


def tricky(test):
    for text in TRICKY:
        test = example(text=text)(test)
    return given(text=TEXTS)(test)


# Quotations come through unchanged


@tricky
def test_plain_text_holds_the_quotation(text):
    assert text in plain(answer_pieces(answer_of(quote_of(text))))
    assert text in plain(answer_pieces(answer_of(nearest=(quote_of(text),))))


@tricky
def test_a_pipe_gets_the_quotations_bytes(text):
    out = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    prepare(out)
    write(answer_pieces(answer_of(quote_of(text))), out)
    assert text.encode() in out.buffer.getvalue()


@tricky
def test_markdown_holds_the_quotation_in_a_fence_it_cannot_close(text):
    page = answer_markdown(answer_of(quote_of(text), quote_of("the second one")))
    opening, fence = re.search(r"^((`{3,})text\n)", page, re.MULTILINE).groups()
    body = page[page.index(opening) + len(opening) :]
    assert body.startswith(f"{text}\n{fence}\n")
    closing = re.compile(rf"^ {{0,3}}`{{{len(fence)},}}[ \t]*$", re.MULTILINE)
    assert closing.search(body).start() == len(text) + 1


@tricky
def test_json_holds_the_quotation(text):
    line = dumps(batch_dict(answer_of(quote_of(text)), id="q7"))
    record = json.loads(line.encode())
    assert line.splitlines() == [line]
    assert record["quotes"][0]["text"] == record["ranked"][0]["text"] == text
    assert visible(line) == line


@tricky
def test_a_screen_shows_every_character_or_its_symbol(text):
    shown = screen_of([Piece(text, Style.QUOTE)])
    assert re.sub(r"\x1b\[[\d;]*m", "", shown) == "  │ " + visible(text).replace("\n", "\n  │ ")
    assert all(unicodedata.category(char) != "Cc" for char in visible(text) if char not in "\n\t")


@tricky
def test_passages_and_articles_come_through(text):
    hit = Hit(Passage("a:0", "a.txt", 0, len(text)), text, score=1.0, rank=1)
    assert text in plain(hit_pieces(hit, article_of(text)))
    assert hit_dict(hit, article_of(text))["text"] == text
    assert plain(article_pieces(article_of(text), start=0, end=1)).removesuffix("\n") == text.removesuffix(
        "\n"
    )


@given(st.text(st.characters(), max_size=30))
@example("\ud800 alone")
def test_json_is_utf8_and_exact_even_with_lone_surrogates(text):
    assert json.loads(dumps({"text": text}).encode("utf-8"))["text"] == text


def test_json_keeps_letters_readable():
    assert dumps({"text": "İ “ß”"}) == '{"text": "İ “ß”"}'


# What a screen is protected from


def test_an_article_cannot_steer_the_terminal(monkeypatch):
    monkeypatch.setenv("TERM", "xterm-256color")
    hostile = "\x1b[2J\x1b]0;title\x07\x9b31m\rforged"
    quote = quote_of(hostile, title=hostile, speaker=hostile, mode=Mode.DIRECT, outlet=hostile)
    shown = screen_of(answer_pieces(answer_of(quote, question=hostile, standalone=hostile)))
    assert set(re.findall(r"\x1b\[[^m]*m", shown)) <= {"\x1b[1m", "\x1b[2m", "\x1b[0m"}
    assert "\x1b" not in re.sub(r"\x1b\[[\d;]*m", "", shown)
    assert not set("\x07\x9b\r") & set(shown)
    assert "␛[2J" in shown


def test_a_screen_gets_long_lines_whole(monkeypatch):
    monkeypatch.setenv("COLUMNS", "20")
    long = "word " * 100
    assert long in screen_of([Piece(long, Style.QUOTE)])


def test_a_line_break_of_windows_stays_a_line_break():
    assert visible("one\r\ntwo\rthree") == "one\ntwo␍three"


@pytest.mark.skipif(sys.platform == "win32", reason="needs a pseudo-terminal")
def test_a_screen_that_is_not_utf8_is_no_obstacle():
    leader, follower = os.openpty()
    with os.fdopen(follower, "w", encoding="ascii") as screen:
        prepare(screen)
        write([Piece("“é”", Style.QUOTE)], screen)
    assert b"\\u201c" in os.read(leader, 1000)
    os.close(leader)


# What an answer looks like


def test_an_answer_names_speaker_mode_title_outlet_date_and_place():
    quote = quote_of(
        "“no agreement”", speaker="Antony Blinken", mode=Mode.DIRECT, outlet="The Outlet",
        published="2022-10/2022-12", published_basis="events it reports",
    )  # fmt: skip
    assert plain(answer_pieces(answer_of(quote))) == (
        "Who said it?\n"
        "\n[1] The article quotes Antony Blinken:\n"
        "“no agreement”\n"
        "— Antony Blinken, direct speech, “A title”, The Outlet, about Oct–Dec 2022, inferred, a.txt 7–21\n"
        "\nSearched 2 articles (14 passages), 1 October 2022 to 28 June 2023.\n"
    )


@pytest.mark.parametrize(
    ("mode", "speaker", "intro"),
    [
        (Mode.DIRECT, "Josep Borrell", "The article quotes Josep Borrell:"),
        (Mode.DIRECT, None, "The article quotes:"),
        (Mode.REPORTED, "Josep Borrell", "The article reports Josep Borrell as saying:"),
        (Mode.REPORTED, None, "The article reports:"),
        (Mode.ARTICLE, None, "The article says:"),
        (Mode.ARTICLE, "Josep Borrell", "The article says:"),
    ],
)
def test_words_are_introduced_as_whose_they_are(mode, speaker, intro):
    text = plain(answer_pieces(answer_of(quote_of("words", mode=mode, speaker=speaker))))
    assert f"[1] {intro}\nwords\n— " in text
    assert ("— Josep Borrell" in text) is (speaker is not None and mode is not Mode.ARTICLE)


def test_a_refusal_says_why_what_is_near_and_what_was_searched():
    searched = Searched(articles=1, passages=3, filters="since 2023-01-01", missing=("Taiwan",))
    reason = "No article mentions Taiwan."
    answer = answer_of(nearest=(quote_of("a near passage"),), searched=searched, reason=reason)
    text = plain(answer_pieces(answer))
    assert text.index("\nNot in this corpus. No article mentions Taiwan.\n") < text.index(
        "Nearest, not an answer:\n\na near passage\n"
    )
    assert "[1]" not in text
    assert text.endswith("\nSearched 1 article (3 passages) within since 2023-01-01.\n")


def test_the_question_that_was_searched_is_shown_when_it_differs():
    text = plain(answer_pieces(answer_of(question="And why?", standalone="Why did Borrell say it?")))
    assert text.startswith("And why?\nSearched as: Why did Borrell say it?\n")
    assert "Searched as" not in plain(answer_pieces(answer_of()))


def test_markdown_escapes_what_surrounds_a_quotation():
    page = answer_markdown(answer_of(quote_of("words", title="*x* [y](http://z) <b>")))
    assert r"“\*x\* \[y\](http://z) \<b\>”" in page


def test_json_has_exactly_the_promised_keys():
    answer = answer_of(quote_of("words"))
    keys = (
        "id question standalone text refused partly reason wants constraints parts mode notice claims "
        "changes dropped quotes searched timings"
    ).split()
    assert list(answer_dict(answer)) == keys
    assert list(batch_dict(answer, id=3)) == [*keys, "ranked", "confidence"]
    assert list(answer_dict(answer)["quotes"][0]) == [
        "text", "file", "article_id", "title", "outlet", "published", "start", "end", "sha256", "speaker",
        "unnamed", "certain", "said_on", "said_on_basis", "on_disk",
        "direct", "score", "clips",
    ]  # fmt: skip
    assert batch_dict(answer, id=3)["id"] == 3


def test_ranked_holds_ten_at_most():
    many = tuple(quote_of(f"words {number}") for number in range(12))
    record = batch_dict(answer_of(many[0], ranked=many), id=1)
    assert [quote["text"] for quote in record["ranked"]] == [quote.text for quote in many[:10]]


def test_an_article_as_json_carries_its_slice():
    record = article_dict(article_of("one two three"), start=4, end=7, on_disk=OnDisk.GONE)
    assert (record["slice"], record["on_disk"]) == ("two", "gone")


def test_the_marked_slice_of_an_article_stands_out_on_a_screen_only(monkeypatch):
    monkeypatch.setenv("TERM", "xterm-256color")
    pieces = list(article_pieces(article_of("one [two] three"), start=4, end=9))
    assert "\x1b[7m[two]\x1b[0m" in screen_of(pieces)
    assert plain(pieces) == "one [two] three\n"


def test_a_verdict_shows_the_claim_the_article_and_the_difference():
    from onrecord.verification.verify import verify_text

    article = article_of("Before. “There is no agreement in the offing today,” he said. After.")
    [verdict] = verify_text("He said: “There is an agreement in the offing today.”", [article])
    text = plain(verdict_pieces(verdict))
    assert text.startswith("Altered, at ")
    assert "There is an agreement in the offing today" in text
    assert "no agreement in the offing" in text
    assert "[-no-] {+an+}" in text


# Dates


@pytest.mark.parametrize(
    ("published", "inferred", "words"),
    [
        ("2023-06-28", False, "28 June 2023"),
        ("2023-06-28T10:00:00Z", False, "28 June 2023"),
        ("2023-06-28", True, "about 28 June 2023, inferred"),
        ("2022-10", False, "October 2022"),
        ("2022", False, "2022"),
        ("2021/2022", False, "2021–2022"),
        ("2022-10/2022-12", True, "about Oct–Dec 2022, inferred"),
        ("2022-11/2023-02", False, "Nov 2022–Feb 2023"),
        ("2023-06-28/2023-07-02", False, "28 June 2023 to 2 July 2023"),
        ("last Tuesday", False, "last Tuesday"),
        (None, True, "date unknown"),
    ],
)
def test_dates_are_written_out(published, inferred, words):
    assert written_date(published, inferred=inferred) == words


def test_ranges_and_counts_are_written_out():
    assert date_range("2022-10-01", "2023-06-28") == "1 October 2022 to 28 June 2023"
    assert date_range("2022-10-01", "2022-10-01") == "1 October 2022"
    assert date_range(None, "2022-10-01") == "until 1 October 2022"
    assert date_range("2022-10-01", None) == "from 1 October 2022"
    assert date_range(None, None) == "dates unknown"
    assert [count(1, "article"), count(1016, "article"), count(2, "inch", "inches")] == [
        "1 article", "1,016 articles", "2 inches",
    ]  # fmt: skip
