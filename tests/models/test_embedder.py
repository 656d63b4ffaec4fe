"""Embedding: one pass gives a passage and its sentences; the question encoder lives in the same space."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from onrecord.errors import ModelError
from onrecord.index.manifest import MODEL_FOLDER
from onrecord.models.embedder import TorchEmbedder, Unit, _owners
from onrecord.models.question_encoder import QuestionEncoder, export_question_encoder
from onrecord.models.weights import find_weights

SENTENCES = [
    "The minister opened the new harbour in Kelmouth on Monday.",
    "“This harbour will carry a third of our grain by next spring,” Ostrow said.",
    "Nobody asked about the ferries.",
    "The Hollin glacier lost more ice this summer than in any year since 1931.",
    "Bakers, unlike ministers, let things rest overnight.",
    "𝒲𝒾𝒹𝑒 letters 🙂 stand outside the basic plane.",
]


def unit(*sentences: str, context: str = "A title (2 June 2023)", between: str = " ") -> Unit:
    text, bounds = "", []
    for sentence in sentences:
        text += between if text else ""
        bounds.append((len(text), len(text) + len(sentence)))
        text += sentence
    return Unit(context, text, bounds)


def cosines(one, other):
    return np.einsum("ij,ij->i", one, other)


@pytest.fixture(scope="module")
def weights():
    return find_weights()


@pytest.fixture(scope="module")
def exact(weights) -> TorchEmbedder:
    return TorchEmbedder.load(weights, threads=1, bfloat16=False)


@pytest.fixture(scope="module")
def question(built_index) -> QuestionEncoder:
    return QuestionEncoder.open(next(built_index.index.glob("gen-*")) / MODEL_FOLDER)


def tokens_of(embedder: TorchEmbedder, text: str):
    """Encode a text as sentence-transformers does, and give its token vectors without the special ones."""
    vectors = embedder.model.encode(text, output_value="token_embeddings", show_progress_bar=False)
    return vectors.float().cpu().numpy()[1:-1]


def test_a_passage_of_one_sentence_is_the_mean_of_its_tokens(exact):
    found = exact.embed([unit(SENTENCES[0], context="")])
    expected = tokens_of(exact, SENTENCES[0]).mean(axis=0)
    assert found.sentences[0] @ expected / np.linalg.norm(expected) > 0.99999
    pooled = exact.model.encode(SENTENCES[0], normalize_embeddings=True, show_progress_bar=False)
    assert found.passages[0] @ pooled > 0.99999


def test_each_sentence_is_the_mean_of_its_own_tokens_inside_the_passage(exact):
    of = unit(*SENTENCES[:4], context="")
    found = exact.embed([of])
    tokens = tokens_of(exact, of.text)
    counts = exact.count_tokens([of.text[a:b] for a, b in of.bounds])
    assert sum(counts) == len(tokens)
    ends = np.cumsum(counts)
    for row, (count, end) in enumerate(zip(counts, ends, strict=True)):
        mean = tokens[end - count : end].mean(axis=0)
        assert found.sentences[row] @ mean / np.linalg.norm(mean) > 0.99999


def test_no_token_of_the_context_is_in_a_sentence(exact):
    context = "Nothing like it"
    of = unit(SENTENCES[0], context=context)
    tokens = tokens_of(exact, f"{context}\n{of.text}")
    [before] = exact.count_tokens([context])
    mean = tokens[before:].mean(axis=0)
    assert exact.embed([of]).sentences[0] @ mean / np.linalg.norm(mean) > 0.99999
    assert before > 0


def test_vectors_come_in_the_order_given_whatever_the_batches(exact):
    rng = np.random.default_rng(7)
    units = [
        unit(*rng.choice(SENTENCES, rng.integers(1, 6)).tolist(), context=str(number)) for number in range(40)
    ]
    advanced: list[int] = []
    together = exact.embed(units, advance=advanced.append)
    assert sum(advanced) == 40
    at = 0
    for row in (0, 17, 39):
        alone = exact.embed([units[row]])
        at = sum(len(of.bounds) for of in units[:row])
        assert alone.passages[0] @ together.passages[row] > 0.9999
        assert cosines(alone.sentences, together.sentences[at : at + len(alone.sentences)]).min() > 0.9999
    for vectors in (together.passages, together.sentences):
        assert vectors.dtype == np.float32
        assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)


def test_nothing_to_embed_is_nothing(exact):
    found = exact.embed([])
    assert (found.passages.shape, found.sentences.shape) == ((0, exact.dimension), (0, exact.dimension))


def test_a_sentence_past_the_models_length_takes_its_passages_vector(exact):
    found = exact.embed([unit(*["word " * 100 + f"{number}." for number in range(4)])])
    assert np.array_equal(found.sentences[3], found.passages[0])
    assert not np.array_equal(found.sentences[0], found.passages[0])


def test_bfloat16_is_the_same_space(exact, weights):
    fast = TorchEmbedder.load(weights, threads=1, bfloat16=True)
    units = [unit(*SENTENCES[row : row + 3]) for row in range(4)]
    one, other = exact.embed(units), fast.embed(units)
    assert cosines(one.passages, other.passages).mean() > 0.999
    assert cosines(one.sentences, other.sentences).mean() > 0.999


def test_the_question_encoder_agrees_with_the_model(exact, question):
    for sentence in [*SENTENCES, "?", "word " * 400]:
        expected = exact.model.encode(sentence, normalize_embeddings=True, show_progress_bar=False)
        assert question.encode(sentence) @ expected >= 0.9999


def test_a_question_of_lone_surrogates_gets_a_unit_vector(question):
    assert np.linalg.norm(question.encode("\ud800\udfff")) == pytest.approx(1, abs=1e-5)


def test_an_export_that_disagrees_is_refused(weights, tmp_path):
    with pytest.raises(ModelError, match=f"disagrees with {weights.name}: cosine"):
        export_question_encoder(weights, tmp_path / "model", agreement=1.5)


@pytest.mark.parametrize("name", ["question.onnx", "tokenizer.json"])
def test_a_damaged_export_is_named(built_index, tmp_path, name):
    source = next(built_index.index.glob("gen-*")) / MODEL_FOLDER
    for file in source.iterdir():
        content = b"damaged" if file.name == name else file.read_bytes()
        (tmp_path / file.name).write_bytes(content)
    with pytest.raises(ModelError, match="onrecord index --rebuild"):
        QuestionEncoder.open(tmp_path)


class Encoding:
    """Offsets as a tokenizer gives them: special tokens have none."""

    def __init__(self, offsets):
        self.offsets = offsets


@settings(max_examples=200)
@given(
    head=st.integers(0, 9),
    sentences=st.lists(st.tuples(st.integers(0, 2), st.integers(1, 12)), min_size=1, max_size=6),
    size=st.integers(1, 5),
    seen=st.integers(0, 20),
)
def test_every_token_belongs_to_the_sentence_that_it_begins_in(head, sentences, size, seen):
    bounds, at = [], 0
    for gap, length in sentences:
        bounds.append((at + gap, at + gap + length))
        at += gap + length
    whole = [(0, 0), *((a, min(a + size, head + at)) for a in range(0, head + at, size)), (0, 0)]
    owners = _owners(Encoding(whole), Unit("", "", bounds), head, seen).tolist()
    assert owners[0] == owners[-1] == -1
    for (start, _), owner in zip(whole[1:-1], owners[1:-1], strict=True):
        begun = [row for row, (first, _) in enumerate(bounds) if first <= start - head]
        assert owner == (seen + begun[-1] if begun else -1)
        assert owner == -1 or start >= head, "a token of the context belongs to a sentence"
