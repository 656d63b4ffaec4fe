"""The article as HTML: its text exactly, the slice marked, and what is said to have been checked."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from onrecord import Settings
from onrecord.assistant.assistant import Assistant
from onrecord.render.html.article import article_html, badge_html, context_html
from onrecord.text.sentences import split_sentences
from onrecord.types import Article, OnDisk, Quote
from tests.pages import Html, carried

HOSTILE = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "</mark></p></div><iframe srcdoc='x'>",
    "&lt;b&gt; & &amp; &#13;",
    "One.\nTwo.\r\nThree.\rFour.\u2028Five.\x85Six.\x0bSeven.",
    "\n\n  indented\n\t\n\n",
    "A hard-wrapped line of some length that goes on,\nand on to the next line, as long as it is,\nand on.",
    "\ud800 lone \0 null",
]
# Line breaks of every kind between short words, so that slices begin and end everywhere.
texts = st.one_of(
    st.sampled_from(HOSTILE),
    st.text(min_size=1, max_size=80),
    st.text(alphabet="ab. <&\"'\n\r\v\f\x85\u2028\u2029 \t\xa0“”", min_size=1, max_size=60),
)
FORBIDDEN = ("on", "style", "src")


def hashed(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def made(text: str, **fields: object) -> Article:
    known: dict[str, object] = {"id": "a.txt", "file": "a.txt", "title": "T", "sha256": hashed(text)}
    return Article(text=text, **(known | fields))


def quoted(article: Article, start: int, end: int, **fields: object) -> Quote:
    quote = Quote(
        article.id, article.file, article.title, start, end, article.text[start:end], article.sha256
    )
    return replace(quote, **{"on_disk": OnDisk.SAME, **fields})


# --- the article


@given(text=texts, data=st.data())
def test_the_text_is_the_articles_and_the_marks_are_the_slice(text, data):
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))
    html = article_html(made(text), start=start, end=end)
    seen = Html(html)
    assert seen.of("article-text") == [carried(text)]
    assert "".join(seen.of("p")[-len(seen.of("p")) + 2 :]) == carried(text)
    assert "".join(seen.of("slice")) == carried(text[start:end])
    named = [attrs for tag, attrs, _ in seen.elements if tag == "mark" and attrs.get("id") == "slice"]
    marks = [attrs for tag, attrs, _ in seen.elements if tag == "mark"]
    assert named == marks[:1]
    assert len(marks) == 0 if start == end else marks[0]["tabindex"] == "-1"
    html.encode()


@given(
    title=texts, outlet=texts, file=texts, published=texts, how=texts, field=texts, url=texts, language=texts
)
def test_no_field_gives_a_tag_of_its_own(title, outlet, file, published, how, field, url, language):
    fields = {"title": title, "outlet": outlet, "file": file, "language": language}
    article = made("It was so. It is.", **fields, url=f"https://a.example/{url}", basis={field: how})
    seen = Html(article_html(article, start=0, end=10))
    ours = "header h2 p p details summary dl dt dd div p mark".split()
    assert [tag for tag in seen.tags if tag != "a"] == ours
    assert not [name for name, _ in seen.attributes if name.startswith(FORBIDDEN)]
    assert seen.of("h2") == [carried(title)]
    assert seen.of("dd") == [carried(how)]


def test_lines_make_paragraphs_and_wrapped_lines_do_not():
    lines = "The first paragraph ends here.\nThe second one does too.\n\nSo does the third."
    assert Html(article_html(made(lines), start=0, end=0)).of("article-text") == [lines]
    parts = Html(article_html(made(lines), start=0, end=0)).of("p")[2:]
    assert parts == [
        "The first paragraph ends here.\n",
        "The second one does too.\n\n",
        "So does the third.",
    ]
    wrapped = HOSTILE[6]
    assert Html(article_html(made(wrapped), start=0, end=0)).of("p")[2:] == [wrapped]


def test_a_slice_over_two_paragraphs_has_a_mark_in_each():
    text = "The first one ends.\nThe second one begins."
    seen = Html(article_html(made(text), start=4, end=30))
    assert seen.of("slice") == ["first one ends.\n", "The second"]
    assert [attrs.get("id") for tag, attrs, _ in seen.elements if tag == "mark"] == ["slice", None]


@pytest.mark.parametrize(("start", "end"), [(-5, 4), (8, 2), (90, 99), (4, 99)])
def test_a_slice_that_is_not_there_breaks_nothing(start, end):
    text = "It was so."
    seen = Html(article_html(made(text), start=start, end=end))
    assert seen.of("article-text") == [text]
    assert "".join(seen.of("slice")) == text[max(0, start) : end]


def test_the_header_says_outlet_date_file_and_how_the_date_was_inferred():
    article = made(
        "It was so.",
        title="The talks",
        outlet="The Paper",
        published="2022-10/2022-12",
        basis={"published": "It says “last September”."},
        language="en-GB",
    )
    html = article_html(article, start=0, end=0)
    assert Html(html).of("h2") == ["The talks"]
    assert Html(html).of("by") == ["The Paper, about Oct–Dec 2022, inferred"]
    assert Html(html).of("file") == ["a.txt"]
    assert Html(html).of("summary") == ["How the date was inferred"]
    assert Html(html).of("dd") == ["It says “last September”."]
    assert ' lang="en-GB"' in html


def test_nothing_inferred_nothing_said_of_it():
    seen = Html(article_html(made("It was so.", published="2023-06-28"), start=0, end=0))
    assert seen.of("by") == ["28 June 2023"]
    assert "details" not in seen.tags


def test_an_address_on_the_web_is_linked_to_the_slice():
    article = made("It was so. It is.", url="https://a.example/x")
    links = [attrs for tag, attrs, _ in Html(article_html(article, start=0, end=10)).elements if tag == "a"]
    assert links == [
        {
            "class": "outer",
            "href": "https://a.example/x#:~:text=It%20was%20so.",
            "target": "_blank",
            "rel": "noopener noreferrer",
        }
    ]
    assert 'href="https://a.example/x"' in article_html(article, start=0, end=0)


@pytest.mark.parametrize("url", ["javascript:alert(1)", "data:text/html,x", "//evil.example", "", None])
def test_no_other_address_is_linked(url):
    assert "a" not in Html(article_html(made("It was so.", url=url), start=0, end=5)).tags


# --- the words around


TEXT = "The title of it\nHe came in. He sat down. Then he spoke.\nNobody heard him. He left."


@pytest.mark.parametrize(
    ("words", "shown"),
    [
        ("He sat down.", "He came in. He sat down. Then he spoke."),
        ("sat", "He sat down."),
        ("He came in.", "The title of it\nHe came in. He sat down."),
        ("Then he spoke.", "He sat down. Then he spoke.\nNobody heard him."),
        ("He left.", "Nobody heard him. He left."),
        ("The title of it", "The title of it\nHe came in."),
        ("Then he spoke.\nNobody heard him.", "He sat down. Then he spoke.\nNobody heard him. He left."),
    ],
)
def test_the_sentences_before_and_after_stand_around(words, shown):
    start = TEXT.index(words)
    article = made(TEXT)
    seen = Html(context_html(quoted(article, start, start + len(words)), article))
    assert seen.of("context") == [shown]
    assert seen.of("words") == [words]


@given(text=texts, data=st.data())
def test_what_stands_around_is_the_articles_own(text, data):
    start = data.draw(st.integers(0, len(text) - 1))
    end = data.draw(st.integers(start + 1, len(text)))
    article = made(text)
    html = context_html(quoted(article, start, end), article)
    seen = Html(html)
    assert seen.of("words") == [carried(text[start:end])]
    before, _, after = seen.of("context")[0].partition(seen.of("words")[0])
    assert seen.tags == ["div", "mark"]
    assert seen.of("context")[0] in carried(text)
    assert len(before) + len(after) <= len(text)
    html.encode()


@pytest.mark.parametrize("name", ["000_958ad2b006b0f065.txt", "003_4bf6cde60e83d0fa.txt"])
def test_around_a_sentence_stand_the_ones_of_the_index(root: Path, name):
    text = (root / "corpus" / name).read_bytes().decode()
    article, sentences = made(text), split_sentences(text)
    for before, own, after in zip(sentences, sentences[1:], sentences[2:], strict=False):
        html = context_html(quoted(article, own.start, own.end), article)
        assert Html(html).of("context") == [text[before.start : after.end]]


def test_a_quotation_that_is_not_there_stands_alone():
    article = made(TEXT)
    seen = Html(context_html(quoted(article, 0, 5, text="<b>other"), article))
    assert seen.of("context") == ["<b>other"]


# --- what was checked


def test_the_badge_of_an_exact_slice_lists_what_was_compared():
    article = made(TEXT)
    html = badge_html(quoted(article, 16, 27), article=article)
    seen = Html(html)
    assert seen.of("summary") == ["Exact slice"]
    rows = dict(zip(seen.of("dt"), seen.of("dd"), strict=True))
    assert rows["Words"] == "The same as the article in the index"
    assert rows["On disk"] == "The same as the article’s file"
    assert rows["Place"] == "Code points 16 to 27 of the text, 11 in all"
    assert (rows["File"], rows["SHA-256"]) == ("a.txt", hashed(TEXT))
    assert rows["Computed now"] == rows["When quoted"] == "The same"
    assert not seen.of("bad")


@pytest.mark.parametrize(
    "changed",
    [
        {"text": "He came on."},
        {"text": "He came in"},
        {"start": 15},
        {"end": 28},
        {"start": 16 - len(TEXT)},
        {"start": 16, "end": 16, "text": ""},
    ],
)
def test_a_slice_that_differs_is_called_bad(changed):
    article = made(TEXT)
    seen = Html(badge_html(replace(quoted(article, 16, 27), **changed), article=article))
    assert seen.of("summary") == seen.of("bad")[:1] == ["Not an exact slice"]


def test_a_file_that_begins_with_a_byte_order_mark_is_what_was_hashed():
    content = b"\xef\xbb\xbf" + TEXT.encode()
    article = made(content.decode("utf-8-sig"), sha256=hashlib.sha256(content).hexdigest())
    assert Html(badge_html(quoted(article, 16, 27), article=article)).of("summary") == ["Exact slice"]


def test_a_changed_article_is_said_to_be_one():
    article = made(TEXT)
    quote = quoted(article, 16, 27, sha256="<b>")
    seen = Html(badge_html(quote, article=article))
    assert seen.of("warn") == ["Exact slice, but the article has changed"]
    assert seen.of("bad") == ["Another: <b>"]


@pytest.mark.parametrize(
    ("on_disk", "kind", "told"),
    [
        (OnDisk.CHANGED, "warn", "Exact slice, but the article has changed"),
        (OnDisk.UNKNOWN, "warn", "Slice of the index, not compared with its file"),
        (OnDisk.LOST, "bad", "Not an exact slice"),
        (OnDisk.GONE, "bad", "Not an exact slice"),
    ],
)
def test_the_badge_is_good_only_where_the_file_on_disk_was_compared(on_disk, kind, told):
    article = made(TEXT)
    seen = Html(badge_html(quoted(article, 16, 27, on_disk=on_disk), article=article))
    assert seen.of("summary") == seen.of(kind)[:1] == [told]


def test_a_text_that_is_not_what_was_hashed_is_found_out():
    article = made(TEXT, sha256="0" * 64)
    seen = Html(badge_html(quoted(article, 16, 27), article=article))
    assert seen.of("warn") == ["Exact slice, but the article has changed"]
    assert seen.of("bad") == ["Another: the text is not what was hashed"]


@given(text=texts, file=texts, sha256=texts)
@example(text="a\n", file="a", sha256="a")
def test_no_field_of_the_badge_gives_a_tag_of_its_own(text, file, sha256):
    article = made(text, file=file, sha256=sha256)
    html = badge_html(quoted(article, 0, len(text), sha256=sha256), article=article)
    assert Html(html).tags == ["details", "summary", "dl", *("dt", "dd") * 7]
    html.encode()


def test_every_article_of_an_index_is_what_was_hashed(built_index: Settings, odd_index: Settings):
    for settings in (built_index, odd_index):
        with Assistant.open(settings) as assistant:
            articles = assistant.articles()
        assert articles
        for article in articles:
            badge = badge_html(quoted(article, 0, len(article.text)), article=article)
            assert Html(badge).of("summary") == ["Exact slice"], article.file
            seen = Html(article_html(article, start=3, end=40))
            assert seen.of("article-text") == [article.text]
            assert "".join(seen.of("slice")) == article.text[3:40]
