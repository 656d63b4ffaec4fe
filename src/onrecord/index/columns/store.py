"""Everything about the articles that an answer needs, in columns, read by memory map.

A store is a folder of arrays. A generation holds one of all its articles; an
interrupted build leaves small ones behind from which the next build goes on.
Rows of articles, passages and sentences run in corpus order, so that an
article's passages and a passage's sentences are neighbours.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from onrecord.errors import IndexCorruptError
from onrecord.index.columns.origins import find_origins
from onrecord.index.columns.statements import StatementRows
from onrecord.people.names import speaker_keys
from onrecord.types import Mode, SentenceKind, SpeakerKind, Statement

KINDS = tuple(SentenceKind)
"""A sentence's ``kind`` column counts into this."""
MODES = tuple(Mode)
"""A sentence's ``mode`` column counts into this."""

VECTORS = "passage_vectors.npy"
"""Written beside the store by whoever owns the vectors."""

_ARTICLE = np.dtype(
    [
        ("first", "i4"), ("last", "i4"), ("outlet", "i4"), ("passage", "i4"), ("title", "i8"),
        ("statement", "i4"),
    ]
)  # fmt: skip
_PASSAGE = np.dtype([("article", "i4"), ("start", "i4"), ("end", "i4"), ("sentence", "i4")])
_SENTENCE = np.dtype(
    [("start", "i4"), ("end", "i4"), ("token", "i8"), ("speaker", "i4"), ("kind", "u1"), ("mode", "u1")]
)

Array = npt.NDArray[Any]


@dataclass(frozen=True, slots=True)
class Part:
    """One article's share of a store.

    Attributes:
        key: Names the article's content and what else its vectors depend on.
        dates: First and last day of publication as ordinals, 0 for unknown.
        outlet: Of the article, or empty.
        title: Numbers of the title's terms, shape [t], uint32.
        passages: Start, end and first sentence of each passage; shape [p, 3], int32.
        sentences: Start, end, first token, kind and mode of each sentence; shape [s, 5], int64.
        speakers: The speaker of each sentence, or empty.
        tokens: Numbers of the article's terms, shape [n], uint32.
        flags: Bits of each token, shape [n], uint8; see :mod:`onrecord.text.terms`.
        passage_vectors: Shape [p, dimension], float32, unit length.
        sentence_vectors: Shape [s, dimension], float16, unit length.
        statements: Who said what in it, by start.
    """

    key: str
    dates: tuple[int, int]
    outlet: str
    title: Array
    passages: Array
    sentences: Array
    speakers: Sequence[str]
    tokens: Array
    flags: Array
    passage_vectors: Array
    sentence_vectors: Array
    statements: StatementRows = field(default_factory=StatementRows)


def write_store(folder: Path, parts: Sequence[Part]) -> None:
    """Write a store, all but ``passage_vectors.npy``: see :func:`passage_vectors`."""
    names = {"": -1} | {
        name: row for row, name in enumerate(sorted({s for p in parts for s in p.speakers if s}))
    }
    outlets = {"": -1} | {name: row for row, name in enumerate(sorted({p.outlet for p in parts if p.outlet}))}
    articles, passages, sentences = _tables(parts, names, outlets)
    statements = StatementRows.join([part.statements for part in parts])
    columns = {
        "articles": articles,
        "passages": passages,
        "sentences": sentences,
        "titles": np.concatenate([part.title for part in parts]).astype(np.uint32),
        "tokens": np.concatenate([part.tokens for part in parts]).astype(np.uint32),
        "flags": np.concatenate([part.flags for part in parts]).astype(np.uint8),
        "sentence_vectors": np.concatenate([part.sentence_vectors for part in parts]).astype(np.float16),
        "origins": find_origins([_told(part) for part in parts]),
        "statements": statements.table,
        # As an array it is mapped like the others, and decoded by who needs it.
        "statement_words": np.frombuffer(json.dumps(statements.words).encode("ascii"), np.uint8),
    }
    for name, column in columns.items():
        np.save(folder / f"{name}.npy", column, allow_pickle=False)
    known = {"keys": [p.key for p in parts], "speakers": list(names)[1:], "outlets": list(outlets)[1:]}
    (folder / "names.json").write_text(json.dumps(known), encoding="ascii")


def _told(part: Part) -> Array:
    """Give the words of an article without its headings and boilerplate, which all of an outlet share."""
    lengths = np.diff(np.append(part.sentences[:, 2], len(part.tokens)))
    told: Array = part.tokens[np.repeat(part.sentences[:, 3] == KINDS.index(SentenceKind.TEXT), lengths)]
    return told


def passage_vectors(parts: Sequence[Part]) -> npt.NDArray[np.float32]:
    """Join the passage vectors of several parts, shape [passages, dimension]."""
    return np.concatenate([part.passage_vectors for part in parts]).astype(np.float32, copy=False)


def _tables(
    parts: Sequence[Part], names: Mapping[str, int], outlets: Mapping[str, int]
) -> tuple[Array, Array, Array]:
    """Make the three tables, each with one closing row that holds the ends."""
    articles = np.zeros(len(parts) + 1, _ARTICLE)
    passages = np.zeros(sum(len(p.passages) for p in parts) + 1, _PASSAGE)
    sentences = np.zeros(sum(len(p.sentences) for p in parts) + 1, _SENTENCE)
    passage = sentence = token = title = statement = 0
    for row, part in enumerate(parts):
        articles[row] = (*part.dates, outlets[part.outlet], passage, title, statement)
        into = passages[passage : passage + len(part.passages)]
        into["article"] = row
        into["start"], into["end"] = part.passages[:, 0], part.passages[:, 1]
        into["sentence"] = part.passages[:, 2] + sentence
        of = sentences[sentence : sentence + len(part.sentences)]
        of["start"], of["end"] = part.sentences[:, 0], part.sentences[:, 1]
        of["token"] = part.sentences[:, 2] + token
        of["kind"], of["mode"] = part.sentences[:, 3], part.sentences[:, 4]
        of["speaker"] = [names[speaker] for speaker in part.speakers]
        passage, sentence = passage + len(part.passages), sentence + len(part.sentences)
        token, title = token + len(part.tokens), title + len(part.title)
        statement += len(part.statements.table)
    articles[-1] = (0, 0, -1, passage, title, statement)
    passages[-1] = (len(parts), 0, 0, sentence)
    sentences[-1] = (0, 0, token, -1, 0, 0)
    return articles, passages, sentences


@dataclass(frozen=True)
class Store:
    """A store opened for reading; every array is a memory map.

    Attributes:
        articles: One row an article and a closing one.
        passages: One row a passage and a closing one.
        sentences: One row a sentence and a closing one.
        titles: Term numbers of all titles.
        tokens: Term numbers of all sentences.
        flags: Bits of all tokens.
        sentence_vectors: Shape [sentences, dimension], float16.
        passage_vectors: Shape [passages, dimension], float32.
        origins: For each article the row of the first that is nearly the same text, shape [articles].
        statements: One row a statement, of :data:`~onrecord.index.columns.statements.STATEMENT`.
        statement_words: A JSON list in bytes; see :attr:`spoken`.
        keys: The key of each article.
        speakers: Names that ``sentences["speaker"]`` counts into; -1 is nobody.
        outlets: Names that ``articles["outlet"]`` counts into; -1 is unknown.
    """

    articles: Array
    passages: Array
    sentences: Array
    titles: Array
    tokens: Array
    flags: Array
    sentence_vectors: Array
    passage_vectors: Array
    origins: Array
    statements: Array
    statement_words: Array
    keys: Sequence[str]
    speakers: Sequence[str]
    outlets: Sequence[str]

    @classmethod
    def open(cls, folder: Path) -> Store:
        """Open a store.

        Args:
            folder: As :func:`write_store` filled it.

        Returns:
            The store.

        Raises:
            IndexCorruptError: If a file is missing or cannot be read.
        """
        columns = (
            "articles passages sentences titles tokens flags sentence_vectors passage_vectors"
            " origins statements statement_words"
        ).split()
        try:
            # Plain arrays over the mapped memory: every slice of a np.memmap costs some microseconds more.
            arrays: dict[str, Any] = {
                name: np.asarray(np.load(folder / f"{name}.npy", mmap_mode="r", allow_pickle=False))
                for name in columns
            }
            known = json.loads((folder / "names.json").read_bytes())
            return cls(**arrays, **known)
        except (OSError, ValueError, TypeError, EOFError) as error:
            raise IndexCorruptError(
                f"The store in {folder} cannot be read ({error}).",
                remedy="Rebuild it: onrecord index --rebuild.",
            ) from error

    @cached_property
    def rows(self) -> Mapping[str, int]:
        """Article key to row."""
        return {key: row for row, key in enumerate(self.keys)}

    @cached_property
    def speaker_keys(self) -> frozenset[str]:
        """The keys of all speakers, of each where several speak together."""
        return frozenset(key for name in self.speakers for key in speaker_keys(name))

    @cached_property
    def spoken(self) -> StatementRows:
        """Who said what in all articles, as columns."""
        return StatementRows(self.statements, json.loads(self.statement_words.tobytes()))

    @cached_property
    def copies(self) -> Mapping[int, tuple[int, ...]]:
        """The rows of all articles of one origin, by its first; only where there are several."""
        order = np.argsort(self.origins, kind="stable")
        starts = np.flatnonzero(np.diff(self.origins[order], prepend=-1))
        groups = np.split(order, starts[1:])
        return {int(group[0]): tuple(group.tolist()) for group in groups if len(group) > 1}

    @cached_property
    def sources(self) -> Mapping[str, SpeakerKind]:
        """What kind of speaker each name is, where an article tells."""
        told, kinds = self.spoken.table, tuple(SpeakerKind)
        told = told[told["speaker"] >= 0]
        # One number a pair: rows of several columns are sorted many times slower.
        pairs = np.unique(told["speaker"].astype(np.int64) * len(kinds) + told["source"]).tolist()
        known = [(self.spoken.words[pair // len(kinds)], kinds[pair % len(kinds)]) for pair in pairs]
        return {name: kind for name, kind in known if kind is not SpeakerKind.UNKNOWN}

    def statements_of(self, row: int) -> tuple[Statement, ...]:
        """Give who said what in the article of a row, by start."""
        return self._spoken_in(row).unpack()

    def statements_within(self, row: int, start: int, end: int) -> tuple[Statement, ...]:
        """Give who said what in a slice of the article of a row; only these are unpacked."""
        first, last = self.articles["statement"][row : row + 2].tolist()
        table = self.spoken.table[first:last]
        inside = (table["start"] >= start) & (table["end"] <= end)
        return StatementRows(table[inside], self.spoken.words).unpack()

    def lies_within(self, row: int, length: int) -> bool:
        """Say whether all passages, sentences and statements of a row lie within a text of this length."""
        first, last = self.articles["passage"][row : row + 2].tolist()
        passages = self.passages[first : last + 1]
        low, high = passages["sentence"][[0, -1]].tolist()
        tables = (passages[:-1], self.sentences[low:high], self._spoken_in(row).table)
        return all(
            bool(np.all((each["start"] >= 0) & (each["start"] <= each["end"]) & (each["end"] <= length)))
            for each in tables
        )

    def _spoken_in(self, row: int) -> StatementRows:
        first, last = self.articles["statement"][row : row + 2].tolist()
        return self.spoken.slice(first, last)

    def passage_ids(self) -> list[str]:
        """Give each passage's id, in row order."""
        rows, starts = self.passages["article"][:-1].tolist(), self.passages["start"][:-1].tolist()
        return [f"{self.keys[row]}:{start}" for row, start in zip(rows, starts, strict=True)]

    def part(self, row: int) -> Part:
        """Take one article's share out, to carry it into another store."""
        article, after = self.articles[row], self.articles[row + 1]
        passages = self.passages[int(article["passage"]) : int(after["passage"]) + 1]
        first, last = int(passages["sentence"][0]), int(passages["sentence"][-1])
        table = self.sentences[first : last + 1]
        token, tokens_end = int(table["token"][0]), int(table["token"][-1])
        columns = (table["start"], table["end"], table["token"] - token, table["kind"], table["mode"])
        return Part(
            key=self.keys[row],
            dates=(int(article["first"]), int(article["last"])),
            outlet=self.outlets[article["outlet"]] if article["outlet"] >= 0 else "",
            title=self.titles[int(article["title"]) : int(after["title"])],
            passages=np.stack([passages["start"], passages["end"], passages["sentence"] - first], axis=1)[
                :-1
            ],
            sentences=np.stack([column.astype(np.int64) for column in columns], axis=1)[:-1],
            speakers=[self.speakers[s] if s >= 0 else "" for s in table["speaker"][:-1]],
            tokens=self.tokens[token:tokens_end],
            flags=self.flags[token:tokens_end],
            passage_vectors=self.passage_vectors[int(article["passage"]) : int(after["passage"])],
            sentence_vectors=self.sentence_vectors[first:last],
            statements=self._spoken_in(row),
        )
