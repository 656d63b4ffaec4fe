"""Answers as HTML: quotations exact, everything else escaped."""

from __future__ import annotations

from dataclasses import replace
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onrecord.render.html import answer as markup
from onrecord.types import Article, Claim, Part, Searched
from tests.pages import answered, carried, made

OURS = set("a article blockquote button details div dl dt dd footer h2 h3 li mark".split())
OURS |= set("ol p span strong summary ul".split())
VOID_ATTRIBUTES = ("on", "style", "src", "srcdoc", "formaction")
HOSTILE = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "' onmouseover='alert(1)",
    "<svg/onload=alert(1)>",
    "![x](javascript:alert(1))",
    "[n](javascript:alert(1))",
    "</blockquote></article><iframe srcdoc='x'>",
    "&lt;b&gt; & &amp;",
    "{{constructor.constructor('alert(1)')()}} ${alert(1)} @children",
    "\ud800 lone",
]
texts = st.one_of(st.sampled_from(HOSTILE), st.text(min_size=1, max_size=40))


class Seen(HTMLParser):
    """Collects tags, attributes and the text of every `.words`."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.links: list[str] = []
        self.words: list[str] = []
        self._inside = False
        self.feed(html)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}
        self.links += [value or "" for name, value in attrs if name == "href"]
        if (dict(attrs).get("class") or "") == "words":
            self._inside = True
            self.words.append("")

    def handle_endtag(self, tag):
        if self._inside and tag == "p":
            self._inside = False

    def handle_data(self, data):
        if self._inside:
            self.words[-1] += data


def shown(text: str) -> str:
    """What a browser shows of a text: U+FFFD for what HTML cannot carry."""
    return carried(text)


@given(text=texts, title=texts, speaker=texts, outlet=texts, question=texts)
def test_nothing_but_our_own_tags_and_every_quotation_whole(text, title, speaker, outlet, question):
    quote = made(text, title=title, speaker=speaker, outlet=outlet, published=None)
    answer = answered(
        (quote,),
        question=question,
        standalone=title,
        reason=speaker,
        notice=outlet,
        claims=(Claim(title, (1,)),),
        dropped={title: 1},
    )
    html = markup.turn_html(answer, number=1) + markup.suggestions_html((question,), label="Ask next")
    html += markup.notice_html(question, title, speaker)
    html += markup.asking_html(question, told=(title,), parts=(Part(title, (1,), ((1, quote),)),))
    seen = Seen(html)
    assert seen.tags <= OURS
    assert not [name for name in seen.attributes if name.startswith(VOID_ATTRIBUTES)]
    assert all(link.startswith("#") for link in seen.links)
    assert seen.words == [shown(text)] * 2


@pytest.mark.parametrize("url", ["javascript:alert(1)", "data:text/html,x", "//evil", "vbscript:x", ""])
def test_a_source_links_to_the_web_only(url):
    text = "It was so, he said."
    article = Article("a.txt", "a.txt", "T", text, "0" * 64, url=url)
    seen = Seen(markup.sources_html(answered((made(text),)), {"a.txt": article}))
    assert not [link for link in seen.links if not link.startswith(("#", "http://", "https://"))]


def test_a_refusal_says_what_was_searched_and_quotes_nothing():
    html = markup.turn_html(answered((), reason="No article mentions Taiwan."), number=None)
    assert "Not in this corpus." in html
    assert "Searched 1 article" in html
    assert "blockquote" not in html


def test_prose_of_a_model_is_told_apart_and_carries_its_marks():
    answer = answered((made("It was so."),), claims=(Claim("It was.", (1,)),), mode="openai:x")
    html = markup.turn_html(answer, number=None)
    assert '<p class="prose">It was. <a class="mark"' in html
    assert "openai:x’s words" in html


def test_filters_are_said_with_the_answer():
    searched = Searched(1, 1, filters="outlet <b>")
    html = markup.turn_html(replace(answered((made("x y z"),)), searched=searched), number=None)
    assert "within outlet &lt;b&gt;" in html
