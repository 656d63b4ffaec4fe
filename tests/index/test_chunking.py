from __future__ import annotations

import hashlib
from collections.abc import Sequence
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onrecord.index.chunking import Chunked, article_key, chunk
from onrecord.text.quotations import quotations
from onrecord.text.sentences import split_sentences
from onrecord.types import Article, SentenceKind
from tests.growth import assert_grows_linearly
from tests.shared import ROOT

CORPUS = ROOT / "corpus"
NAMES = ("000_958ad2b006b0f065.txt", "003_4bf6cde60e83d0fa.txt")


def words(texts: Sequence[str]) -> list[int]:
    return [len(text.split()) for text in texts]


def article_of(text: str, *, title: str = "") -> Article:
    digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
    return Article("a.txt", "a.txt", title, text, digest)


def from_corpus(name: str) -> Article:
    text = (CORPUS / name).read_bytes().decode("utf-8-sig")
    return article_of(text, title=text.split("\n", 1)[0])


def slices(article: Article, chunked: Chunked) -> list[str]:
    return [article.text[passage.start : passage.end] for passage in chunked.passages]


def sizes(article: Article, chunked: Chunked) -> list[int]:
    tokens = words([article.text[s.start : s.end] for s in chunked.sentences])
    return [sum(tokens[a:b]) for a, b in zip(chunked.first, chunked.first[1:], strict=False)]


SENTENCE = st.builds(
    lambda count, form: form.format("Word " + "word " * count + "end."),
    st.integers(0, 60),
    st.sampled_from(["{}", "{}", "{}", "“{}”", "“{}", "{}”", '"{}"', "He said “{}” to all.", "{}"]),
)
PARAGRAPH = st.one_of(
    st.lists(SENTENCE, min_size=1, max_size=6).map(" ".join),
    st.sampled_from(["Short heading here", "What now?", "**", "Read more: elsewhere", "He said:", "# Part"]),
)
NEWS = st.builds(
    lambda parts, gap: gap.join(parts), st.lists(PARAGRAPH, max_size=12), st.sampled_from(["\n", "\n\n"])
)
TEXTS = st.one_of(NEWS, st.text(max_size=400), st.text(alphabet='aB.?“”"\n\ud800 ', max_size=400))


# --- invariants ---


@given(TEXTS)
def test_passages_are_whole_consecutive_sentences_that_cover_the_article(text: str) -> None:
    article = article_of(text)
    chunked = chunk(article, count_tokens=words, low=20, high=30)
    assert chunked.sentences == split_sentences(text)
    assert len(chunked.first) == len(chunked.passages) + 1
    assert (chunked.first[0], chunked.first[-1]) == (0, len(chunked.sentences))
    for index, passage in enumerate(chunked.passages):
        held = chunked.sentences[chunked.first[index] : chunked.first[index + 1]]
        assert held
        assert (passage.start, passage.end) == (held[0].start, held[-1].end)
        assert passage.article_id == article.id
        assert passage.id == f"{article_key(article)}:{passage.start}"


@given(TEXTS, st.integers(1, 30), st.integers(0, 30))
def test_no_passage_is_too_large_unless_one_sentence_is_or_a_scrap_ends_the_article(
    text: str, low: int, more: int
) -> None:
    article = article_of(text)
    high = low + more
    chunked = chunk(article, count_tokens=words, low=low, high=high)
    for index, size in enumerate(sizes(article, chunked)):
        alone = chunked.first[index + 1] - chunked.first[index] == 1
        last = index == len(chunked.passages) - 1
        assert size <= (max(high, min(int(high * 1.2), 220)) if last else high) or alone


@given(TEXTS)
def test_a_quotation_that_fits_is_never_cut(text: str) -> None:
    article = article_of(text)
    chunked = chunk(article, count_tokens=words, low=30, high=60)
    tokens = words([text[s.start : s.end] for s in chunked.sentences])
    groups: list[list[int]] = []  # quotations that share a sentence stand or fall together
    for span in quotations(text):
        held = [i for i, s in enumerate(chunked.sentences) if s.start < span.end and span.start < s.end]
        if groups and held[0] <= groups[-1][-1]:
            groups[-1] = sorted({*groups[-1], *held})
        else:
            groups.append(held)
    for held in groups:
        if sum(max(1, tokens[i]) for i in held) <= 60:
            assert not set(chunked.first[1:-1]) & set(held[1:])


@given(st.lists(st.one_of(st.integers(1, 25), st.just(0)), min_size=2, max_size=25))
def test_a_heading_is_never_parted_from_what_it_heads(counts: list[int]) -> None:
    lines = [("Word " + "word " * n + "end.") if n else "Short heading here" for n in counts]
    article = article_of("\n".join(lines))
    chunked = chunk(article, count_tokens=words, low=20, high=40)
    for border in chunked.first[1:-1]:
        before = chunked.sentences[border - 1]
        assert before.kind is not SentenceKind.HEADING


def test_tokens_are_counted_in_one_call() -> None:
    calls: list[int] = []

    def count(texts: Sequence[str]) -> list[int]:
        calls.append(len(texts))
        return words(texts)

    chunked = chunk(from_corpus(NAMES[1]), count_tokens=count)
    assert calls == [len(chunked.sentences)]


@pytest.mark.parametrize("text", ["", " \n\t\n", "\u2028"])
def test_nothing_gives_no_passage(text: str) -> None:
    assert chunk(article_of(text), count_tokens=words) == Chunked((), (), (0,))


def test_tokens_of_zero_are_no_trouble() -> None:
    chunked = chunk(article_of("A. B! C? " * 500), count_tokens=lambda texts: [0] * len(texts))
    assert chunked.passages


# --- borders ---


def paragraph(count: int) -> str:
    return "Word " + "word " * (count - 2) + "end."


def test_a_passage_ends_with_a_paragraph_where_it_can() -> None:
    text = "\n".join(f"{paragraph(40)} {paragraph(40)} {paragraph(50)}" for _ in range(4))
    article = article_of(text)
    assert slices(article, chunk(article, count_tokens=words)) == text.split("\n")


def test_a_quotation_over_paragraphs_stays_with_its_speaker() -> None:
    speech = f"“{paragraph(40)}\n“{paragraph(40)}” Blinken said."
    text = f"{paragraph(60)}\n{paragraph(60)}\n{speech}\n{paragraph(60)}\n{paragraph(70)}"
    article = article_of(text)
    assert sum(speech in piece for piece in slices(article, chunk(article, count_tokens=words))) == 1


def test_a_line_that_announces_speech_stays_with_it() -> None:
    text = f"{paragraph(110)}\n{paragraph(40)}\nBlinken told the panel:\n“{paragraph(90)}”\n{paragraph(60)}"
    article = article_of(text)
    pieces = slices(article, chunk(article, count_tokens=words))
    assert any("Blinken told the panel:\n“Word" in piece for piece in pieces)


def test_a_scrap_at_the_end_joins_the_passage_before() -> None:
    text = f"{paragraph(170)}\n{paragraph(20)}"
    assert len(chunk(article_of(text), count_tokens=words).passages) == 1


def test_a_sentence_that_is_too_large_stands_alone() -> None:
    article = article_of(f"{paragraph(100)}\n{paragraph(200)}\n{paragraph(100)}")
    assert sizes(article, chunk(article, count_tokens=words)) == [100, 200, 100]


def test_the_key_names_the_version_of_the_article() -> None:
    one, other = article_of("One."), article_of("Other.")
    assert len(article_key(one)) == 16
    assert article_key(one) == article_key(article_of("One."))
    assert article_key(one) != article_key(other)
    assert article_key(Article("\ud800", "f", "", "One.", one.sha256)) != article_key(one)


# --- the two articles ---


@pytest.mark.parametrize("name", NAMES)
def test_corpus_passages_are_of_the_wanted_size_and_cut_no_quotation(name: str) -> None:
    article = from_corpus(name)
    chunked = chunk(article, count_tokens=lambda texts: [count * 4 // 3 for count in words(texts)])
    assert all(80 <= size * 4 // 3 <= 185 for size in sizes(article, chunked))
    for span in quotations(article.text):
        assert any(p.start <= span.start and span.end <= p.end for p in chunked.passages)


def test_corpus_headings_begin_their_passages() -> None:
    article = from_corpus(NAMES[1])
    pieces = slices(article, chunk(article, count_tokens=lambda texts: [n * 4 // 3 for n in words(texts)]))
    assert any(piece.startswith("Seeking a ‘timeout’\nWith talks") for piece in pieces)
    assert any(piece.startswith("U.S. again goes mum\nWhere are the talks") for piece in pieces)


# --- time ---


@pytest.mark.parametrize("unit", ["A. ", "“a. ", "“a.” ", "a\n", "\n“A b.", "word "])
def test_time_grows_linearly(unit: str) -> None:
    assert_grows_linearly(
        lambda size: partial(chunk, article_of(unit * (size // len(unit))), count_tokens=words), 6_000
    )
