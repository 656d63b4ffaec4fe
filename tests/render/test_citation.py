"""A quotation with its source: what is pasted holds the slice, exactly, and nothing that runs."""

from __future__ import annotations

import csv
import io
import re
from html.parser import HTMLParser
from urllib.parse import unquote

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from onrecord.render.citation import FORMATS, cite, fragment_link, web_address
from onrecord.render.escape import escape
from onrecord.types import Mode, Quote
from onrecord.wording.source_line import cited_line
from tests.pages import carried

URL = "https://paper.example/2023/iran?id=1&page=2"
HOSTILE = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    '=HYPERLINK("http://evil.example","x")',
    "@SUM(1+1)*cmd|' /C calc'!A0",
    "-2+3",
    "“quoted”, he said",
    "```\nfence\n```` and\r\nmore",
    "> quoted\n- list\n1. one",
    "\\input{/etc/passwd} } { %comment $x$ #1 &_~^",
    "}\n}\n@article{other, title = {x}",
    "  two  spaces\tand tabs\x85and\u2028more\xa0 ",
    "a -- b --- c ''d'' ,,e,, ``f`` ?` <<g>>",
    "line\rcarriage\r\nboth",
    "null\0 and lone \ud800",
    "]]> --> &amp; &#13; &lt;b&gt;",
]
texts = st.one_of(st.sampled_from(HOSTILE), st.text(min_size=1, max_size=60))
# What Markdown, and TeX before it, is written in: runs of it find what single letters do not.
signs = st.text(alphabet="\\{}~^<>|`$&%#_-', \n\r\t\"“=@+a", min_size=1, max_size=30)
slices = st.one_of(texts, signs)


def each_hostile(*names):
    """Try every one of HOSTILE as each of the arguments, whatever else is tried."""

    def with_examples(test):
        for text in HOSTILE:
            test = example(**dict.fromkeys(names, text))(test)
        return test

    return with_examples


def made(text: str, **fields: object) -> Quote:
    known: dict[str, object] = {
        "article_id": "a.txt",
        "file": "a.txt",
        "title": "The talks",
        "sha256": "0123456789abcdef" * 4,
        "mode": Mode.DIRECT,
        "speaker": "Antony Blinken",
        "outlet": "The Paper",
        "published": "2023-06-28",
    }
    return Quote(start=10, end=10 + len(text), text=text, **(known | fields))


class Seen(HTMLParser):
    """Tags, attributes and the text of the one `p`."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[str] = []
        self.attributes: dict[str, str | None] = {}
        self.words = ""
        self._open = ""
        # A browser makes line feeds of carriage returns and drops each NUL before it reads anything.
        self.feed(re.sub("\r\n?", "\n", html).replace("\0", ""))
        self.close()

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes |= dict(attrs)
        self._open = tag

    def handle_endtag(self, tag):
        self._open = ""

    def handle_data(self, data):
        if self._open == "p":
            self.words += data


# --- every form


@pytest.mark.parametrize("form", FORMATS)
def test_every_form_says_who_where_and_when(form):
    told = cite(made("We continue."), url=URL, form=form)
    plain = told.replace("{\\_}", "_").replace("&amp;", "&")
    for part in ("We continue.", "Antony Blinken", "The talks", "The Paper", "28 June 2023", "a.txt"):
        assert part in plain
    assert re.search(r"10\D+22", plain)
    assert "0123456789ab" in plain
    assert URL in plain


@pytest.mark.parametrize("form", FORMATS)
def test_an_inferred_date_is_said_to_be_inferred(form):
    quote = made("We continue.", published="2022-10/2022-12", published_basis="because")
    assert "about Oct–Dec 2022, inferred" in cite(quote, url=None, form=form)


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        " JavaScript:alert(1)",
        "data:text/html,x",
        "//evil.example",
        "vbscript:x",
        "",
        None,
    ],
)
def test_only_an_address_on_the_web_is_linked(form, url):
    told = cite(made("We continue."), url=url, form=form)
    assert told == cite(made("We continue."), url=None, form=form)
    assert "script:" not in told


def test_an_unknown_form_is_refused():
    with pytest.raises(ValueError, match="docx"):
        cite(made("We continue."), url=None, form="docx")


# --- Markdown


@given(text=slices, title=texts, speaker=texts, outlet=texts)
@each_hostile("text", "title", "speaker", "outlet")
def test_markdown_renders_the_slice_as_it_is(text, title, speaker, outlet):
    told = cite(made(text, title=title, speaker=speaker, outlet=outlet), url=URL, form="markdown")
    tokens = MarkdownIt("commonmark").parse(told)
    assert [token.type for token in tokens] == [
        *("blockquote_open", "fence", "paragraph_open", "inline", "paragraph_close", "blockquote_close")
    ]
    # A Markdown parser makes line feeds of all line breaks and U+FFFD of a NUL before it reads anything.
    assert tokens[1].content == re.sub("\r\n?", "\n", text).replace("\0", "\ufffd") + "\n"
    inline = {child.type for child in tokens[3].children or ()}
    assert inline <= {"text", "text_special", "link_open", "link_close"}
    links = [child.attrGet("href") for child in tokens[3].children or () if child.type == "link_open"]
    assert links == [URL]


@given(st.text(alphabet=st.characters(blacklist_characters="\r\n"), min_size=1))
def test_a_slice_of_one_line_stands_in_the_markdown_source(text):
    assert f"\n> {text}\n" in cite(made(text), url=None, form="markdown")


# --- plain text


@given(text=slices)
@each_hostile("text")
def test_plain_text_begins_with_the_slice(text):
    told = cite(made(text), url=URL, form="plain")
    words, _, source = told.rpartition("\n— ")
    assert words in (text, f"“{text}”")
    assert source == f"{cited_line(made(text))}, {URL}\n"


def test_marks_are_put_only_where_the_slice_has_none():
    assert cite(made("We go on."), url=None, form="plain").startswith("“We go on.”\n")
    assert cite(made("“We go on,” he said."), url=None, form="plain").startswith("“We go on,” he said.\n")


# --- HTML


@given(text=slices, title=texts, speaker=texts, outlet=texts, file=texts, sha256=texts, url=texts)
@each_hostile("text", "title", "speaker", "outlet", "file", "sha256", "url")
def test_html_holds_the_slice_and_no_tag_but_ours(text, title, speaker, outlet, file, sha256, url):
    quote = made(text, title=title, speaker=speaker, outlet=outlet, file=file, sha256=sha256)
    told = cite(quote, url=f"https://paper.example/{url}", form="html")
    seen = Seen(told)
    assert [tag for tag in seen.tags if tag != "a"] == ["figure", "blockquote", "p", "figcaption"]
    assert set(seen.attributes) <= {"cite", "href", "rel"}
    assert seen.words == carried(text)
    told.encode()


# --- BibTeX


def fields_of(entry: str) -> dict[str, str]:
    """Read an entry as BibTeX does: braces are counted, backslashes mean nothing, white space is squeezed."""
    kind, _, rest = entry.partition("{")
    assert kind == "@misc"
    depth, fields, name, value = 1, {}, "", ""
    for at, char in enumerate(rest):
        depth += {"{": 1, "}": -1}.get(char, 0)
        if depth == 0:
            assert rest[at + 1 :] == "\n", "something stands behind the entry"
            break
        if depth == 1 and char in ",}":
            if "=" in name:
                fields[name.partition("=")[0].strip()] = value[1:]
            name, value = "", ""
        elif depth == 1:
            name += char
        else:
            value += char
    assert depth == 0
    if "=" in name:
        fields[name.partition("=")[0].strip()] = value[1:]
    return {name: re.sub(r"\s+", " ", value).strip() for name, value in fields.items()}


COMMANDS = {
    "textbackslash": "\\",
    "textbraceleft": "{",
    "textbraceright": "}",
    "textasciitilde": "~",
    "textasciicircum": "^",
    "textless": "<",
    "textgreater": ">",
    "textbar": "|",
    "textasciigrave": "`",
    "newline": "\n",
    "relax": "\r",
    "quad": "\t",
}


def unescaped(value: str) -> str:
    """Undo the escaping; fails on any sign that LaTeX would take for more than itself."""
    token = re.compile(
        r"\{\\symbol\{(\d+)\}\}|\{\\([a-z]+)\}|\{\\([$&%#_ ])\}|\{([-',])\}|(\{~\})|([^\\{}$&%#_~^])"
    )
    out, at = "", 0
    while at < len(value):
        found = token.match(value, at)
        assert found, f"not escaped: {value[at:]!r}"
        code, name, sign, apart, tie, char = found.groups()
        out += (
            chr(int(code)) if code else COMMANDS[name] if name else "\xa0" if tie else sign or apart or char
        )
        at = found.end()
    return out


@given(text=slices, title=texts, outlet=texts, speaker=texts, sha256=texts)
@each_hostile("text", "title", "outlet", "speaker", "sha256")
def test_the_slice_comes_back_out_of_bibtex(text, title, outlet, speaker, sha256):
    quote = made(text, title=title, outlet=outlet, speaker=speaker, sha256=sha256)
    fields = fields_of(cite(quote, url=URL, form="bibtex"))
    assert unescaped(fields["abstract"]) == text
    assert unescaped(fields["title"].removeprefix("{").removesuffix("}")) == title
    assert unescaped(fields["howpublished"]) == outlet
    assert unescaped(fields["note"]) == cited_line(quote)
    assert fields["url"] == URL


def test_bibtex_joins_no_signs_into_others():
    told = fields_of(cite(made("a--b---c ''c'' ,,d"), url=None, form="bibtex"))["abstract"]
    assert not re.search("--|''|,,", told)


@pytest.mark.parametrize(
    ("published", "year", "month"),
    [
        ("2023-06-28", "2023", "6"),
        ("2022-10/2022-12", "2022", None),
        ("2022-12/2023-01", None, None),
        ("2023", "2023", None),
        (None, None, None),
        ("soon", None, None),
    ],
)
def test_bibtex_states_a_year_only_where_there_is_one(published, year, month):
    fields = fields_of(cite(made("We continue.", published=published), url=None, form="bibtex"))
    assert (fields.get("year"), fields.get("month")) == (year, month)


# --- CSV


def cells_of(told: str) -> dict[str, str]:
    header, row = csv.reader(io.StringIO(told, newline=""))
    return dict(zip(header, row, strict=True))


@given(text=slices, title=texts, speaker=texts, outlet=texts, file=texts)
@each_hostile("text", "title", "speaker", "outlet", "file")
def test_csv_keeps_the_slice_and_begins_no_formula(text, title, speaker, outlet, file):
    cells = cells_of(
        cite(made(text, title=title, speaker=speaker, outlet=outlet, file=file), url=URL, form="csv")
    )
    assert (cells["quotation"][0], cells["quotation"][1:-1], cells["quotation"][-1]) == ("“", text, "”")
    for name, value in (("title", title), ("speaker", speaker), ("outlet", outlet), ("file", file)):
        assert cells[name] in (value, f"'{value}")
    assert not [name for name, cell in cells.items() if cell.startswith(tuple("=+-@\t\r\n＝＋－＠"))]


def test_csv_has_the_place_and_the_whole_hash():
    cells = cells_of(cite(made("We continue."), url=URL, form="csv"))
    assert (cells["start"], cells["end"], cells["sha256"]) == ("10", "22", made("x").sha256)
    assert (cells["published"], cells["date"], cells["url"]) == ("2023-06-28", "28 June 2023", URL)


def test_the_articles_own_words_have_no_speaker():
    cells = cells_of(cite(made("It rained.", mode=Mode.ARTICLE), url=None, form="csv"))
    assert (cells["speaker"], cells["mode"]) == ("", "article")


# --- addresses


@given(st.one_of(texts, texts.map("https://a.example/".__add__), texts.map("http://".__add__)))
def test_an_address_is_on_the_web_or_none(url):
    address = web_address(url)
    if address is not None:
        assert re.fullmatch(r"(?i)https?://[!#-;=?-\[\]_a-z~]+", address)
        assert web_address(address) == address


def test_an_address_as_it_should_be_stays_as_it_is():
    assert web_address(URL) == URL
    assert web_address("HTTPS://a.example/K%C3%B6ln#x") == "HTTPS://a.example/K%C3%B6ln#x"
    assert web_address(" https://a.example/my story<b> ") == "https://a.example/my%20story%3Cb%3E"


def parts_of(link: str) -> list[str]:
    return [unquote(part) for part in link.partition(":~:text=")[2].split(",")]


@given(text=slices)
def test_a_fragment_names_the_text_by_whole_words(text):
    link = fragment_link("https://a.example/x", text)
    assert link is not None
    directive = link.partition(":~:text=")[2]
    assert re.fullmatch(r"[A-Za-z0-9_.~%,]*", directive), "a sign of the directive's own is left as it is"
    words = re.sub("[\ud800-\udfff]", "\ufffd", text).split()
    parts = [part.split() for part in parts_of(link)]
    assert len(parts) in (1, 2)
    assert words[: len(parts[0])] == parts[0]
    assert not parts[-1] or words[-len(parts[-1]) :] == parts[-1]


def test_a_short_text_is_named_whole_and_a_long_one_by_its_ends():
    short = "Well-known, he said & left."
    assert fragment_link("https://a.example/x", short) == (
        "https://a.example/x#:~:text=Well%2Dknown%2C%20he%20said%20%26%20left."
    )
    words = [f"word{n}" for n in range(100)]
    link = fragment_link("https://a.example/x", " ".join(words))
    assert link is not None
    assert parts_of(link) == [" ".join(words[:8]), " ".join(words[-8:])]


def test_a_text_of_two_lines_is_named_by_both():
    link = fragment_link("https://a.example/x", "One line.\n\nAnother line.")
    assert link is not None
    assert parts_of(link) == ["One line.", "Another line."]


def test_one_endless_word_is_never_cut():
    link = fragment_link("https://a.example/x", "字" * 500)
    assert link is not None
    assert parts_of(link) == ["字" * 500]


@pytest.mark.parametrize(
    ("url", "linked"),
    [
        ("https://a.example/x#part", "https://a.example/x#part:~:text=words"),
        ("https://a.example/x#", "https://a.example/x#:~:text=words"),
        ("https://a.example/x#:~:text=old", "https://a.example/x#:~:text=words"),
        ("https://a.example/x#part:~:text=old", "https://a.example/x#part:~:text=words"),
        ("javascript:alert(1)", None),
        ("file:///etc/passwd", None),
        ("https:", None),
        (None, None),
    ],
)
def test_a_fragment_that_is_there_is_kept(url, linked):
    assert fragment_link(url, "words") == linked


def test_a_text_without_words_links_to_the_page():
    assert fragment_link("https://a.example/x", " \n") == "https://a.example/x"


@given(text=texts)
@each_hostile("text")
def test_escaped_text_is_what_a_parser_reads(text):
    assert Seen(f"<p>{escape(text)}</p>").words == carried(text)
    assert Seen(f'<b title="{escape(text)}">').attributes == {"title": carried(text)}
