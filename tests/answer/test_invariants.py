"""The invariants of the design, each a property: exact slices, whole cover, refusals, one answer."""

from __future__ import annotations

import io
import json
from contextlib import redirect_stdout

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from onrecord import Assistant
from onrecord.corpus.folder import read_corpus
from onrecord.faces.cli.app import main
from onrecord.index.chunking import chunk
from onrecord.index.prepare import prepare
from onrecord.speech.statements import statements
from onrecord.types import Answer
from tests.corpora import ODD, PLAIN, write_jsonl

PIECES = [
    "The minister said on Monday that grain would pass. ",
    "“We are ready,” Ada Ostrow said. ",
    "“It is late,” he added. “Go home.” ",
    'Bo Li: "Nobody sails." ',
    "«Nous fermons demain», said Amélie. ",
    "Mr. Verlaan left at 5 p.m. U.S. troops stayed",
    "Read more: the dam holds",
    "Who pays? ",
    "**",
    "\n\n",
    "\r\n",
    "\u2028",
    "\x85",
    "\u00a0",
    "\u200b",
    "🙂👩🏽‍⚖️",
    "𝒲𝒾𝒹𝑒 ",
    "e\u0301İß",
    "日本銀行。",
    "\u202b“ab”\u202c",
    "\x0b\x0c\x1c",
    '"',
    "”",
    "(",
    "…",
]
texts = st.one_of(
    st.lists(st.sampled_from(PIECES), min_size=1, max_size=30).map("".join),
    st.lists(
        st.one_of(st.sampled_from(PIECES), st.text(st.characters(codec="utf-8"), max_size=8)), max_size=20
    ).map("".join),
)
QUESTIONS = [
    "What did Ostrow say about the harbour?",
    "What did the clerk say about emoji?",
    "Why do café owners protest?",
    "What did Bo Li say about the water level?",
    "Who advises an overnight rest?",
    "How did the position of the union change between the articles?",
    "What did the central bank of Osaka decide?",
]


def words(several):
    return [len(text.split()) for text in several]


def corpus_of(folder, several):
    """Read these texts as articles; which of them is binary or empty is for the corpus to say."""
    records = [
        {"id": f"a{number}", "title": text[:20], "text": text, "published": "2023-05"}
        for number, text in enumerate([*several, "One article there always is."])
    ]
    return read_corpus(write_jsonl(folder / "corpus.jsonl", records)).articles[:-1]


@given(several=st.lists(texts, min_size=1, max_size=3))
def test_what_is_read_is_what_was_written(tmp_path_factory, several):
    articles = corpus_of(tmp_path_factory.mktemp("corpus"), several)
    kept = {article.id: article.text for article in articles}
    assert kept.items() <= {f"a{number}": text for number, text in enumerate(several)}.items()


@given(several=st.lists(texts, min_size=1, max_size=3))
def test_passages_and_sentences_and_statements_are_exact_slices_that_cover_the_article(
    tmp_path_factory, several
):
    for article in corpus_of(tmp_path_factory.mktemp("corpus"), several):
        text = article.text
        chunked = chunk(article, count_tokens=words, low=8, high=14)
        for spans in (chunked.passages, chunked.sentences):
            end = 0
            for span in spans:
                assert 0 <= end <= span.start < span.end <= len(text)
                assert text[span.start : span.end].strip() == text[span.start : span.end]
                assert text[end : span.start].strip() == ""
                end = span.end
            assert text[end:].strip() == ""
        for row, passage in enumerate(chunked.passages):
            inside = chunked.sentences[chunked.first[row] : chunked.first[row + 1]]
            assert (inside[0].start, inside[-1].end) == (passage.start, passage.end)
        for statement in statements(article, chunked.sentences):
            assert 0 <= statement.start < statement.end <= len(text)
            assert text[statement.start : statement.end].strip() != ""


@given(text=texts)
def test_a_part_holds_the_offsets_of_its_article(tmp_path_factory, text):
    for article in corpus_of(tmp_path_factory.mktemp("corpus"), [text]):
        draft = prepare(article, model="any", count_tokens=words)
        assert [[p.start, p.end] for p in draft.chunked.passages] == draft.part.passages[:, :2].tolist()
        assert [[s.start, s.end] for s in draft.chunked.sentences] == draft.part.sentences[:, :2].tolist()
        for unit, passage in zip(draft.units(), draft.chunked.passages, strict=True):
            assert unit.text == text[passage.start : passage.end]
            for start, end in unit.bounds:
                assert unit.text[start:end] == text[passage.start + start : passage.start + end]


@pytest.fixture(scope="module", params=["odd", "plain", "built"])
def opened(request, odd_index, plain_index, built_index):
    chosen = {"odd": odd_index, "plain": plain_index, "built": built_index}[request.param]
    with Assistant.open(chosen) as assistant:
        yield assistant, chosen, {article.id: article for article in read_corpus(chosen.corpus).articles}


def check(answer: Answer, articles) -> None:
    """What holds for every answer, whatever was asked."""
    assert answer.refused == (not answer.quotes)
    assert answer.refused == bool(answer.reason)
    assert not answer.nearest or answer.refused
    for quote in (*answer.quotes, *answer.ranked, *answer.nearest):
        article = articles[quote.article_id]
        assert article.text[quote.start : quote.end] == quote.text != ""
        assert (quote.sha256, quote.file, quote.title) == (article.sha256, article.file, article.title)
        assert (quote.published, quote.outlet) == (article.published, article.outlet)
    for quote in answer.quotes:
        assert quote.text in answer.text
    assert set(answer.quotes) <= set(answer.ranked)
    assert 0 <= answer.confidence <= 1


def stable(answer: Answer) -> tuple[object, ...]:
    return tuple(getattr(answer, name) for name in Answer.__slots__ if name != "timings")


@pytest.mark.parametrize("question", QUESTIONS)
def test_answers_are_made_of_exact_slices(opened, question):
    assistant, _, articles = opened
    check(assistant.ask(question), articles)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_any_words_of_the_articles_are_answered_or_refused_by_the_same_rules(opened, data):
    assistant, _, articles = opened
    article = articles[data.draw(st.sampled_from(sorted(articles)))]
    start = data.draw(st.integers(0, max(0, len(article.text) - 2)))
    asked = "What about " + article.text[start : start + data.draw(st.integers(2, 120))] + "?"
    check(assistant.ask(asked), articles)


@pytest.mark.parametrize("question", QUESTIONS)
def test_every_hit_of_a_search_is_an_exact_slice(opened, question):
    assistant, _, articles = opened
    for hit in assistant.search(question, limit=100):
        text = articles[hit.passage.article_id].text
        assert text[hit.passage.start : hit.passage.end] == hit.text != ""


@pytest.mark.parametrize("question", QUESTIONS)
def test_the_same_question_gets_the_same_answer(opened, question):
    assistant, chosen, _ = opened
    first = stable(assistant.ask(question))
    assert stable(assistant.ask(question)) == first
    with Assistant.open(chosen) as again:
        assert stable(again.ask(question)) == first


@pytest.mark.parametrize("question", QUESTIONS)
def test_the_command_line_gives_the_answer_that_python_gives(opened, question):
    assistant, chosen, _ = opened
    answer = assistant.ask(question)
    out = io.TextIOWrapper(io.BytesIO(), encoding="utf-8")
    with redirect_stdout(out):
        code = main(["ask", "--corpus", str(chosen.corpus), "--index", str(chosen.index), "--json", question])
        out.flush()
    shown = json.loads(out.buffer.getvalue())
    assert code == 0
    for name in ("id", "question", "text", "refused", "reason", "mode"):
        assert shown[name] == getattr(answer, name), name
    assert [
        [q[name] for name in ("article_id", "start", "end", "text", "score")] for q in shown["quotes"]
    ] == [[q.article_id, q.start, q.end, q.text, q.score] for q in answer.quotes]


def test_articles_come_back_out_of_the_index_as_they_went_in(odd_index, plain_index):
    for chosen, records in ((odd_index, ODD), (plain_index, PLAIN)):
        read = {article.id: article for article in read_corpus(chosen.corpus).articles}
        with Assistant.open(chosen) as assistant:
            for record in records:
                assert assistant.article(record["id"]) == read[record["id"]]
                assert read[record["id"]].text == record["text"]
