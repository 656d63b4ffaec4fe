"""What the reader looks at: one row of numbers for each sentence of the candidate passages.

Everything is computed from the store's columns for all candidates at once;
no text is read and no vector is made. Coverage is the share of a question's
weight (inverse document frequency, as in BM25) whose words stand in a place.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from onrecord.index.columns.store import KINDS, MODES, Store
from onrecord.index.opened import Index
from onrecord.question.query import Query
from onrecord.retrieval.asked_speakers import asked_rows
from onrecord.retrieval.candidates import Candidates
from onrecord.text.terms import CAPITAL, DIGIT, INITIAL, MONTH, STOP, numbers_of, tokenize
from onrecord.types import Mode, SentenceKind

Array = npt.NDArray[Any]

_BM25_CEILING = 2.2  # k1 + 1, what a word scores at most per unit of idf
_WHERE = numbers_of(("in", "at", "near", "from", "to", "outside", "across"))
_CAUSES = numbers_of(
    [
        token.stem
        for token in tokenize(
            "because since due reason cause result driven led why motivated so order goal aim"
        )
    ]
)
_ARTICLES = numbers_of(("the", "a", "an"))
_BLOCKED = (
    KINDS.index(SentenceKind.HEADING),
    KINDS.index(SentenceKind.BOILERPLATE),
    KINDS.index(SentenceKind.QUESTION),
)

_SCALARS = (
    "sentence_cosine", "passage_cosine", "bm25", "covered", "covered_near", "covered_passage",
    "covered_title", "covered_article", "subject", "subject_near", "subject_passage", "names",
    "names_passage", "names_article", "numbers", "numbers_passage", "pairs", "length", "density",
    "digits", "times", "causes", "new_names", "lead", "position", "direct", "reported", "asked_speaker",
    "other_speaker", "person_named", "places", "dated", "cosine_gap", "covered_gap", "bm25_gap",
    "passage_gap", "question", "title_twin",
)  # fmt: skip
_KINDS = ("who", "when", "where", "how many", "why", "how", "yes or no", "what")
"""The kinds of question that have a column; written down, for weights were fitted to so many and no more."""
_CROSSED = ("new_names", "digits", "times", "places", "causes")
_CROSSING = _KINDS[:5]
_SPOKEN = ("direct", "reported", "asked_speaker")
NAMES: tuple[str, ...] = (
    *_SCALARS,
    *(f"asked {kind}" for kind in _KINDS),
    "saying",
    *(f"saying x {name}" for name in _SPOKEN),
    *(f"{kind} x {name}" for kind in _CROSSING for name in _CROSSED),
)
"""Names of the columns of :attr:`Features.matrix`; the weights carry them too, and are held to them."""
COLUMN = {name: column for column, name in enumerate(NAMES)}
"""Where each stands."""


@dataclass(frozen=True, slots=True)
class Features:
    """The candidate sentences and what is known of them.

    Attributes:
        rows: Sentence rows, shape [s].
        owner: Position of each one's passage among the candidates, shape [s].
        matrix: Shape [s, len(NAMES)], float32.
        usable: Whether it may be quoted (no heading, boilerplate or question of the article), shape [s].
        hits: Which of the question's stems each holds, shape [s, stems].
        idf: Weight of each stem, 0 for those that only frame the question, shape [stems].
        known: Whether any passage of the corpus holds each stem, shape [stems].
        size: How many passages were searched.
    """

    rows: npt.NDArray[np.int64]
    owner: npt.NDArray[np.int64]
    matrix: npt.NDArray[np.float32]
    usable: npt.NDArray[np.bool_]
    hits: npt.NDArray[np.bool_]
    idf: npt.NDArray[np.float32]
    known: npt.NDArray[np.bool_]
    size: int


def featurize(index: Index, query: Query, candidates: Candidates) -> Features:
    """Look at every sentence of the candidates.

    Args:
        index: Where they are.
        query: The question, read.
        candidates: From retrieval.

    Returns:
        One row a sentence, in the order of the candidates.
    """
    store = index.store
    idf, known = _idf(index, query)
    first = store.passages["sentence"][candidates.rows].astype(np.int64)
    counts = store.passages["sentence"][candidates.rows + 1] - first
    rows, owner = ranges(first, counts)
    sentences = store.sentences[rows]
    words = _Words.of(store, query, rows, sentences)
    columns = _columns(index, query, candidates, _Place(rows, owner, sentences, first, counts), words, idf)
    usable = ~np.isin(sentences["kind"], _BLOCKED) & (words.content > 0)
    return Features(rows, owner, _matrix(columns, query), usable, words.hits, idf, known, index.passages)


def _idf(index: Index, query: Query) -> tuple[Array, npt.NDArray[np.bool_]]:
    found = np.array(index.lexical.frequencies(query.stems), np.float32)
    idf = np.log1p((index.passages - found + 0.5) / (found + 0.5)).astype(np.float32)
    weights = [0.0 if stem in query.frame else query.weight(stem) for stem in query.stems]
    return idf * np.array(weights, np.float32), found > 0


def ranges(first: Array, counts: Array) -> tuple[Array, Array]:
    """Lay several ranges of rows end to end.

    Gives the rows, and the position of the range that each came from, both of shape [sum of counts].
    """
    owner = np.repeat(np.arange(len(first)), counts)
    before = np.cumsum(counts) - counts
    return np.arange(int(counts.sum())) + (first - before)[owner], owner


@dataclass(frozen=True, slots=True)
class _Place:
    """Where the sentences stand."""

    rows: Array
    owner: Array
    sentences: Array
    first: Array
    counts: Array


@dataclass(frozen=True, slots=True)
class _Words:
    """What the sentences' words are, one row a sentence."""

    hits: Array
    pairs: Array
    total: Array
    content: Array
    matched: Array
    digits: Array
    times: Array
    names: Array
    places: Array
    causes: Array

    @classmethod
    def of(cls, store: Store, query: Query, rows: Array, sentences: Array) -> _Words:
        starts = sentences["token"]
        counts = store.sentences["token"][rows + 1] - starts
        at, owner = ranges(starts, counts)
        tokens, flags = store.tokens[at], store.flags[at]
        equal = tokens[:, None] == numbers_of(query.stems)[None, :]
        places, stems = np.nonzero(equal)
        hits = np.zeros((len(rows), len(query.stems)), np.bool_)
        hits[owner[places], stems] = True
        asked = np.zeros(len(tokens), np.bool_)
        asked[places] = True
        new = ~asked & ((flags & STOP) == 0)
        named = new & ((flags & CAPITAL) > 0) & ((flags & (INITIAL | MONTH)) == 0)

        def count(of: Array) -> Array:
            return np.bincount(owner[of], minlength=len(rows)).astype(np.float32)

        return cls(
            hits=hits,
            pairs=_pairs(equal, owner, query, len(rows)),
            total=counts.astype(np.float32),
            content=count((flags & STOP) == 0),
            matched=count(asked),
            digits=count(new & ((flags & DIGIT) > 0)),
            times=count(new & ((flags & MONTH) > 0)),
            names=count(named),
            places=count(_after(named, tokens, owner, _WHERE)),
            causes=count(np.isin(tokens, _CAUSES)),
        )


def _after(named: Array, tokens: Array, owner: Array, words: Array) -> Array:
    """Keep the names that follow one of some words, with an article between at most."""
    before = np.isin(tokens, words)
    article = np.isin(tokens, _ARTICLES)
    follows = np.zeros(len(tokens), np.bool_)
    within = owner[1:] == owner[:-1]
    follows[1:] = before[:-1] & within
    follows[2:] |= before[:-2] & article[1:-1] & within[1:] & within[:-1]
    return named & follows


def _pairs(equal: Array, owner: Array, query: Query, total: int) -> Array:
    """Share of the question's neighbouring words that are neighbours in the sentence too."""
    where = {stem: column for column, stem in enumerate(query.stems)}
    together = [(where[a], where[b]) for a, b in query.pairs if a in where and b in where]
    found = np.zeros(total, np.float32)
    if not together or not len(owner):
        return found
    for left, right in together:
        at = np.flatnonzero(equal[:-1, left] & equal[1:, right] & (owner[:-1] == owner[1:]))
        found[np.unique(owner[at])] += 1
    return found / len(together)


def _columns(
    index: Index, query: Query, candidates: Candidates, place: _Place, words: _Words, idf: Array
) -> dict[str, Array]:
    store, owner, hits = index.store, place.owner, words.hits
    total = max(float(idf.sum()), 1e-6)
    passage_hits = _any(hits, place)
    cosine = store.sentence_vectors[place.rows].astype(np.float32) @ candidates.vector
    bm25 = candidates.bm25 / (_BM25_CEILING * total)
    covered = hits @ idf / total
    passage = passage_hits @ idf / total
    near = _near(hits, owner)
    person = {token.stem for token in tokenize(query.person or "")}
    subject = np.array([stem not in person for stem in query.stems], np.float32) * idf
    article_hits = _of_article(passage_hits, store.passages["article"][candidates.rows])
    title, twin = _titles(store, query, candidates, idf, total)
    names = np.array([stem in query.names for stem in query.stems], np.float32) * idf
    numbers = np.array([stem in query.numbers for stem in query.stems], np.float32) * idf
    columns = {
        "sentence_cosine": cosine,
        "passage_cosine": candidates.cosine[owner],
        "bm25": bm25[owner],
        "covered": covered,
        "covered_near": near @ idf / total,
        "covered_passage": passage[owner],
        "covered_title": title[owner],
        "covered_article": (article_hits @ idf / total)[owner],
        "title_twin": twin[owner],
        "subject": _share(hits, subject),
        "subject_near": _share(near, subject),
        "subject_passage": _share(passage_hits, subject)[owner],
        "names": _share(hits, names),
        "names_passage": _share(passage_hits, names)[owner],
        "names_article": _share(article_hits, names)[owner],
        "numbers": _share(hits, numbers),
        "numbers_passage": _share(passage_hits, numbers)[owner],
        "pairs": words.pairs,
        "length": np.log1p(words.total) / 4,
        "density": words.matched / np.maximum(words.content, 1),
        "digits": np.minimum(words.digits, 2) / 2,
        "times": np.minimum(words.times, 2) / 2,
        "new_names": np.minimum(words.names, 4) / 4,
        "places": np.minimum(words.places, 2) / 2,
        "causes": np.minimum(words.causes, 2) / 2,
        "cosine_gap": cosine - cosine.max(initial=0),
        "covered_gap": covered - covered.max(initial=0),
        "bm25_gap": (bm25 - bm25.max(initial=0))[owner],
        "passage_gap": (passage - passage.max(initial=0))[owner],
    }
    asked = frozenset(asked_rows(index, query))
    return columns | _standing(store, query, candidates, place) | _speech(query, asked, place, hits)


def _any(hits: Array, place: _Place) -> Array:
    """Join the hits of all sentences of each passage; a passage holds at least one sentence."""
    starts = np.cumsum(place.counts) - place.counts
    joined: Array = np.logical_or.reduceat(hits, starts, axis=0) if len(starts) else hits
    return joined


def _of_article(hits: Array, articles: Array) -> Array:
    """Join the hits of all candidates of one article, and give each candidate its article's."""
    names, where = np.unique(articles, return_inverse=True)
    joined = np.zeros((len(names), hits.shape[1]), np.bool_)
    np.logical_or.at(joined, where, hits)
    given: Array = joined[where]
    return given


def _near(hits: Array, owner: Array) -> Array:
    """Join the hits of each sentence with those of its neighbours in the same passage."""
    near = hits.copy()
    same = owner[1:] == owner[:-1]
    near[1:] |= hits[:-1] & same[:, None]
    near[:-1] |= hits[1:] & same[:, None]
    return near


def _share(hits: Array, weights: Array) -> Array:
    """Share of a weight that is hit; 1 where there is no weight."""
    total = float(weights.sum())
    share: Array = hits @ weights / total if total > 0 else np.ones(len(hits), np.float32)
    return share


def _titles(
    store: Store, query: Query, candidates: Candidates, idf: Array, total: float
) -> tuple[Array, Array]:
    """Say how much of the question stands in each candidate's title, and of the title in the question."""
    articles = store.passages["article"][candidates.rows]
    first = store.articles["title"][articles]
    counts = store.articles["title"][articles + 1] - first
    at, owner = ranges(first.astype(np.int64), counts)
    places, stems = np.nonzero(store.titles[at][:, None] == numbers_of(query.stems)[None, :])
    hits = np.zeros((len(articles), len(query.stems)), np.bool_)
    hits[owner[places], stems] = True
    matched = np.bincount(owner[np.unique(places)], minlength=len(articles))
    return hits @ idf / total, (matched / np.maximum(counts, 1)).astype(np.float32)


def _standing(store: Store, query: Query, candidates: Candidates, place: _Place) -> dict[str, Array]:
    articles = store.passages["article"][candidates.rows]
    lead = store.passages["sentence"][store.articles["passage"][articles]]
    depth = place.rows - lead[place.owner]
    return {
        "lead": (depth < 3).astype(np.float32),
        "position": np.log1p(depth.astype(np.float32)) / 5,
        "dated": _dated(store, query, articles)[place.owner],
        "question": (place.sentences["kind"] == KINDS.index(SentenceKind.QUESTION)).astype(np.float32),
    }


def _dated(store: Store, query: Query, articles: Array) -> Array:
    """Say which articles were published in the days that the question names."""
    dated = np.zeros(len(articles), np.float32)
    for span in query.days:
        first, last = store.articles["first"][articles], store.articles["last"][articles]
        dated[(first > 0) & (first <= span.last.toordinal()) & (last >= span.first.toordinal())] = 1
    return dated


def _speech(query: Query, rows: frozenset[int], place: _Place, hits: Array) -> dict[str, Array]:
    mode, speaker = place.sentences["mode"], place.sentences["speaker"]
    asked = np.isin(speaker, list(rows)).astype(np.float32)
    wanted = query.person is not None or bool(rows)
    named = np.zeros(len(mode), np.float32)
    if query.person:
        stems = {token.stem for token in tokenize(query.person.split()[-1])}
        named[hits[:, [stem in stems for stem in query.stems]].any(axis=1)] = 1
    return {
        "direct": (mode == MODES.index(Mode.DIRECT)).astype(np.float32),
        "reported": (mode == MODES.index(Mode.REPORTED)).astype(np.float32),
        "asked_speaker": asked,
        "other_speaker": ((speaker >= 0) & (asked == 0) & wanted).astype(np.float32),
        "person_named": named,
    }


def _matrix(columns: dict[str, Array], query: Query) -> npt.NDArray[np.float32]:
    """Put the columns where :data:`NAMES` has them; a kind of question that has no column gets none."""
    matrix = np.zeros((len(columns["covered"]), len(NAMES)), np.float32)
    for name in _SCALARS:
        matrix[:, COLUMN[name]] = columns[name]
    if query.kind in _KINDS:
        matrix[:, COLUMN[f"asked {query.kind}"]] = 1
    if query.saying:
        matrix[:, COLUMN["saying"]] = 1
        for name in _SPOKEN:
            matrix[:, COLUMN[f"saying x {name}"]] = columns[name]
    if query.kind in _CROSSING:
        for name in _CROSSED:
            matrix[:, COLUMN[f"{query.kind} x {name}"]] = columns[name]
    return matrix
