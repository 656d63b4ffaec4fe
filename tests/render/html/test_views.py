"""What the page shows besides answers: drafts, the corpus, the timeline, uploads."""

from __future__ import annotations

import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onrecord import Assistant, Settings
from onrecord.errors import IndexCorruptError, IndexMissingError, OnrecordError
from onrecord.faces.page.upload import add_articles
from onrecord.index.build_process import build_command
from onrecord.render.html.corpus import LEAF, articles_html, info_html, no_index_html, progress_html
from onrecord.render.html.draft import draft_html
from onrecord.render.html.timeline import timeline_figure, timeline_points, timeline_table_html
from onrecord.types import Article, Status, Verdict
from onrecord.wording.verdict_labels import VERDICT_LABELS
from tests import corpora
from tests.indexes import build_once
from tests.pages import answered, made
from tests.render.html.test_answer import HOSTILE, shown


class Draft(HTMLParser):
    """The text of the draft, and of what is marked in it."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.text, self.marks = "", []
        self._depth, self._marked = 0, False
        self.feed(html)
        self.close()

    def handle_starttag(self, tag, attrs):
        if tag == "div" and dict(attrs).get("class") == "draft-text":
            self._depth = 1
        elif self._depth and tag == "mark":
            self._marked = True
            self.marks.append("")

    def handle_endtag(self, tag):
        if tag == "div":
            self._depth = 0
        self._marked = self._marked and tag != "mark"

    def handle_data(self, data):
        if self._depth:
            self.text += data
        if self._depth and self._marked:
            self.marks[-1] += data


@given(
    text=st.text(min_size=1, max_size=60).filter(str.strip),
    spans=st.lists(st.tuples(st.integers(0, 60), st.integers(0, 60)), min_size=1, max_size=5),
)
def test_the_draft_is_shown_whole_whatever_the_verdicts(text, spans):
    spans = sorted((min(a, b, len(text)), min(max(a, b), len(text))) for a, b in spans)
    verdicts = [Verdict(text[a:b], a, b, Status.ABSENT) for a, b in spans]
    draft = Draft(draft_html(text, verdicts, {}))
    assert draft.text == shown(text)
    assert all(mark in shown(text) for mark in draft.marks)


def test_each_status_is_said_in_words_not_in_colour_alone():
    text = "He said “one two three”."
    for status in Status:
        html = draft_html(text, [Verdict("one two three", 9, 22, status)], {})
        assert f">{VERDICT_LABELS[status].label}.</strong>" in html
        assert "<strong>1 quotation</strong>" in html
    assert "No quotation" in draft_html("Nothing is quoted here.", [], {})
    assert "Paste a text" in draft_html("  ", [], {})


def test_an_alteration_shows_what_differs(built_index):
    with Assistant.open(built_index) as assistant:
        source = "There is no agreement in the offing, even as we continue to be willing to explore"
        verdicts = assistant.verify(f"“{source.replace('no agreement', 'an agreement')}”")
    html = draft_html(f"“{source}”", verdicts, {"003_4bf6cde60e83d0fa.txt": "<b>T</b>"})
    assert "Altered." in html
    assert "<del>" in html
    assert "<ins>" in html
    assert "&lt;b&gt;T" in html


def article(number: int, title: str = "Title", text: str = "Some text.") -> Article:
    return Article(f"a{number}.txt", f"a{number}.txt", title, text, "0" * 64)


@given(st.sampled_from(HOSTILE), st.sampled_from(HOSTILE))
def test_articles_are_listed_and_nothing_in_them_runs(title, text):
    html = articles_html([article(1, title, text)], found=1, held=1)
    assert html.count("<script") == html.count("<img") == html.count("<svg") == 0
    assert ">1 article</p>" in html


def test_articles_are_listed_leaf_by_leaf():
    leaf = [article(n) for n in range(LEAF)]
    first = articles_html(leaf, found=1_016, held=1_016)
    assert first.count("<tr>") == LEAF + 1
    assert "1,016 articles; 1–50 are listed" in first
    assert f'data-leaf="{LEAF}"' in first
    assert "Before" not in first
    last = articles_html(leaf[:16], found=1_016, held=2_000, offset=1_000)
    assert "1,016 of 2,000 articles; 1,001–1,016 are listed" in last
    assert "After" not in last
    assert 'data-leaf="950"' in last
    assert "None of 3 articles" in articles_html([], found=0, held=3)
    assert "holds no article" in articles_html([], found=0, held=0)


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (IndexMissingError("There is no index in i.", remedy="Run it."), "There is no index yet"),
        (IndexCorruptError("<b>i</b> is damaged.", remedy="Run it."), "&lt;b&gt;i&lt;/b&gt; is damaged."),
    ],
)
def test_where_there_is_no_index_the_command_that_builds_it_is_given(error, told):
    html = no_index_html(error, "onrecord index --index 'my index'")
    assert told in html
    assert "<code>onrecord index --index &#x27;my index&#x27;</code>" in html
    assert "data-waiting" in html
    assert 'data-act="build"' in html
    going = no_index_html(error, "x", told=progress_html("Embedding", 8, 16))
    assert 'data-act="build"' not in going
    assert "Embedding, 8 of 16" in going


def test_visitors_are_told_neither_paths_nor_commands():
    damaged = IndexCorruptError("/srv/news/index/gen-000001-0000beef/articles.sqlite is damaged.")
    html = no_index_html(damaged)
    assert "The index cannot be used" in html
    assert "data-waiting" in html
    assert "Whoever keeps this server" in html
    assert not re.search("srv|sqlite|<code>|data-act", html)


def test_the_command_is_one_that_a_shell_takes():
    usual = Settings.load()
    assert build_command(usual, program="/x/.venv/bin/onrecord") == "/x/.venv/bin/onrecord index"
    assert build_command(usual, program="/x/pytest") == "onrecord index"
    other = Settings.load(corpus="my news.jsonl", index="i")
    assert build_command(other, program="") == "onrecord index --corpus 'my news.jsonl' --index i"


def test_what_the_index_holds_is_told(built_index):
    with Assistant.open(built_index) as assistant:
        html = info_html(assistant.info())
    assert "1 October 2022 to 28 June 2023" in html
    assert "all-MiniLM-L6-v2" in html


def test_dated_quotations_stand_on_a_line_of_time():
    early = replace(made("It was so."), published="2022-10/2022-12", speaker="Ada <Ostrow>")
    late = replace(made("It is so."), published="2023-06-28", speaker="Ada <Ostrow>")
    undated = made("It will be so.")
    answer = answered((late, early, undated))
    assert [point.number for point in timeline_points(answer)] == [2, 1]
    figure = timeline_figure(answer)
    assert list(figure.data[-1].customdata[0]) == ["a.txt", 0, len("It was so.")]
    assert "<Ostrow>" not in figure.to_json().replace("\\u003c", "<")
    assert "Ada &lt;Ostrow&gt;" in timeline_table_html(answer)
    assert timeline_figure(answered((early,))) is None
    assert timeline_figure(answered((undated, undated))) is None


@pytest.fixture
def growing(tmp_path) -> Settings:
    folder = tmp_path / "articles"
    folder.mkdir()
    (folder / "harbour.txt").write_text(corpora.PLAIN[0]["text"], encoding="utf-8")
    settings = Settings.load(corpus=folder, index=tmp_path / "index", uploads=True, max_file_bytes=5_000)
    build_once(settings)
    return settings


def test_an_article_is_added(growing, tmp_path):
    new = tmp_path / "Lamp goes dark?.TXT"
    new.write_text("Lamp goes dark\n\n“The lamp will go dark in May,” keeper Sven Aalto said.\n")
    heard = []
    report = add_articles([new], growing, progress=lambda *step: heard.append(step))
    assert report.articles == 2
    assert heard
    assert sorted(path.name for path in growing.corpus.iterdir()) == ["Lamp goes dark.txt", "harbour.txt"]
    with Assistant.open(growing) as assistant:
        assert assistant.ask("When will the lamp go dark?").quotes


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("program.exe", b"MZ", "cannot be added"),
        ("list.jsonl", b"{}", "cannot be added"),
        ("empty.txt", b"", "cannot be read"),
        ("binary.txt", bytes(range(256)), "cannot be read"),
        ("large.txt", b"word " * 2_000, "more than 5,000 bytes"),
        ("harbour.txt", b"Another text.", "already"),
    ],
)
def test_what_cannot_be_an_article_changes_nothing(growing, tmp_path, name, content, told):
    before = {path.name: path.read_bytes() for path in growing.corpus.iterdir()}
    bad, good = tmp_path / name, tmp_path / "good.txt"
    bad.write_bytes(content)
    good.write_text("Good\n\nA good article, she said.\n")
    with pytest.raises(OnrecordError, match=told):
        add_articles([good, bad], growing)
    assert {path.name: path.read_bytes() for path in growing.corpus.iterdir()} == before


def test_adding_has_to_be_allowed(built_index, tmp_path):
    with pytest.raises(OnrecordError, match="cannot be added here"):
        add_articles([tmp_path / "x.txt"], built_index)


def test_a_build_that_fails_takes_the_articles_back(growing, tmp_path, monkeypatch):
    new = tmp_path / "new.txt"
    new.write_text("New\n\nA new article, she said.\n")

    def fail(*_args, **_options):
        raise OnrecordError("No room.")

    monkeypatch.setattr("onrecord.faces.page.upload.build_apart", fail)
    with pytest.raises(OnrecordError, match="No room"):
        add_articles([new], growing)
    assert [path.name for path in growing.corpus.iterdir()] == ["harbour.txt"]
