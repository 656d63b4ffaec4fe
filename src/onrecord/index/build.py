"""Building the index: from a corpus to a new generation, or to nothing where nothing changed.

A build goes on from what exists. Articles that the last generation holds
unchanged are carried over without being embedded; articles that an
interrupted build had finished are taken from ``.resume``.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import count
from pathlib import Path

import numpy as np

from onrecord.corpus.folder import Corpus, read_corpus
from onrecord.errors import IndexCorruptError, IndexError_, IndexSignatureError
from onrecord.index.columns.articles import Shelf, write_shelf
from onrecord.index.columns.store import VECTORS, Part, Store, passage_vectors, write_store
from onrecord.index.disk import failpoint, sync_folder, sync_tree
from onrecord.index.generation import Generation, Staging, open_current, staging
from onrecord.index.lexical import LexicalDocument, write_lexical
from onrecord.index.manifest import MODEL_FOLDER, require_signed_folder, sign_folder
from onrecord.index.prepare import PreparedArticle, content_key, part_key, prepare
from onrecord.index.vectors.check import check_in_fresh_process
from onrecord.index.vectors.chosen import Chosen
from onrecord.index.vectors.search import write_vectors
from onrecord.models.embedder import Embedder, TorchEmbedder
from onrecord.models.question_encoder import export_question_encoder
from onrecord.models.weights import Weights, find_weights
from onrecord.settings import Settings
from onrecord.text.terms import term_arrays
from onrecord.types import Article, article_name

_RESUME = ".resume"
_SAVE_EVERY = 2_000

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class BuildReport:
    """What a build did.

    Attributes:
        changed: Whether there is a new generation.
        generation: The generation in use now.
        articles: In the index.
        passages: In the index.
        embedded: Articles embedded in this build.
        reused: Articles carried over.
        removed: Articles of the last generation that the corpus no longer holds.
        summary: What was read and what was skipped, one line.
        seconds: Wall time.
    """

    changed: bool
    generation: str
    articles: int
    passages: int
    embedded: int
    reused: int
    removed: int
    summary: str
    seconds: float


def build_index(
    settings: Settings,
    *,
    rebuild: bool = False,
    progress: Progress | None = None,
    save_every: int = _SAVE_EVERY,
) -> BuildReport:
    """Bring the index in step with the corpus.

    Args:
        settings: Say where both are, and which model.
        rebuild: Make everything anew.
        progress: Hears of a step's name, how much is done, and the total.
        save_every: Passages embedded between two points from which an interrupted build can go on.

    Returns:
        What was done.

    Raises:
        CorpusError: If there is no article to index.
        ModelError: If the embedding model is not what it should be.
        IndexLockedError: If another process is building.
        IndexWriteError: If the index cannot be written; the old one stays.
        IndexCorruptError: If what was built does not pass verification; the old one stays.
    """
    started = time.monotonic()
    corpus = read_corpus(settings.corpus, max_bytes=settings.max_file_bytes)
    weights = find_weights(settings.embedding)
    fingerprint = corpus_fingerprint(corpus.articles, model=weights.fingerprint)
    current = None if rebuild else _current(settings)
    if current is not None and current.facts.get("corpus") == fingerprint:
        if difference(current, corpus.articles, model=weights.fingerprint) is None:
            return _report(corpus, current, embedded=0, removed=0, changed=False, started=started)
        rebuild = True  # it says that it is of this corpus, and is not: nothing in it can be relied on
    with staging(settings.index, key=settings.signing) as stage:
        build = _Build(settings, weights, stage, progress or _silent, rebuild=rebuild, save_every=save_every)
        removed = build.removed(corpus.articles)
        parts, embedded = build.parts(corpus.articles)
        generation = build.finish(corpus, parts, fingerprint)
        shutil.rmtree(settings.index / _RESUME, ignore_errors=True)
    return _report(corpus, generation, embedded=embedded, removed=removed, changed=True, started=started)


def _current(settings: Settings) -> Generation | None:
    try:
        return open_current(settings.index, key=settings.signing)
    except IndexError_:
        return None


def difference(generation: Generation, articles: Sequence[Article], *, model: str) -> str | None:
    """Find in what an index differs from the corpus that it should hold.

    Args:
        generation: Of the index.
        articles: Of the corpus, as read now.
        model: Fingerprint of the embedding model.

    Returns:
        The name of the first article that differs, is wanting or is too many; empty where the articles are
        the same and the model or the order is not; None where nothing differs.
    """
    try:
        shelf = Shelf.open(generation.path)
    except IndexCorruptError:
        return "articles.sqlite"
    wanted = {article.id: article for article in articles}
    try:
        for held in shelf.all():
            if wanted.pop(held.id, None) != held:
                return article_name(held.id, held.file)
    except IndexCorruptError:
        return "articles.sqlite"
    finally:
        shelf.close()
    for missing in wanted.values():
        return article_name(missing.id, missing.file)
    same = generation.facts.get("corpus") == corpus_fingerprint(articles, model=model)
    return None if same else ""


def _silent(step: str, done: int, total: int) -> None:
    """Hear of progress and say nothing."""


def _report(
    corpus: Corpus, generation: Generation, *, embedded: int, removed: int, changed: bool, started: float
) -> BuildReport:
    articles = int(generation.facts["articles"])
    return BuildReport(
        changed=changed,
        generation=generation.name,
        articles=articles,
        passages=int(generation.facts["passages"]),
        embedded=embedded,
        reused=articles - embedded,
        removed=removed,
        summary=corpus.summary(),
        seconds=time.monotonic() - started,
    )


def corpus_fingerprint(articles: Sequence[Article], *, model: str) -> str:
    """Name a corpus, its order, all that is known of each article, and the model, by one sha256."""
    digest = hashlib.sha256(model.encode())
    for article in articles:
        known = (
            part_key(article, model=model), article.file, article.url, article.language,
            sorted(article.basis.items()),
        )  # fmt: skip
        digest.update(json.dumps(known).encode())
    return digest.hexdigest()


class _Build:
    """One build inside its staging folder."""

    def __init__(
        self,
        settings: Settings,
        weights: Weights,
        stage: Staging,
        progress: Progress,
        *,
        rebuild: bool,
        save_every: int,
    ) -> None:
        self.settings = settings
        self.weights = weights
        self.stage = stage
        self.progress = progress
        self.save_every = save_every
        previous = None if rebuild or stage.previous is None else stage.previous
        self.same_model = previous is not None and previous.facts.get("weights") == weights.fingerprint
        self.previous = previous
        self.old = Store.open(previous.path) if previous and self.same_model else None
        self.resume = settings.index / _RESUME
        if rebuild:
            shutil.rmtree(self.resume, ignore_errors=True)

    def removed(self, articles: Sequence[Article]) -> int:
        """Count the articles of the last generation that are gone; one that only changed is not."""
        if self.stage.previous is None:
            return 0
        shelf = Shelf.open(self.stage.previous.path)
        try:
            return len(shelf.ids() - {article.id for article in articles})
        finally:
            shelf.close()

    def parts(self, articles: Sequence[Article]) -> tuple[list[Part], int]:
        """Give every article's part, and how many had to be embedded."""
        keys = [part_key(article, model=self.weights.fingerprint) for article in articles]
        done = self._carried(set(keys))
        missing = {key: article for key, article in zip(keys, articles, strict=True) if key not in done}
        # A syndicated article is read and embedded once, however many copies there are.
        first = {content_key(article): key for key, article in reversed(missing.items())}
        for part in self._embedded([missing[key] for key in reversed(first.values())]):
            done[part.key] = part
        for key, article in missing.items():
            done[key] = replace(done[first[content_key(article)]], key=key)
        return [done[key] for key in keys], len(first)

    def _carried(self, keys: set[str]) -> dict[str, Part]:
        """Take what the last generation and an interrupted build have of these articles."""
        stores = [self.old] if self.old else []
        stores += list(self._resumed())
        return {key: store.part(row) for store in stores for key, row in store.rows.items() if key in keys}

    def _resumed(self) -> Iterator[Store]:
        for folder in sorted(self.resume.glob("shard-*")):
            try:
                if self.stage.key is not None:
                    require_signed_folder(folder, key=self.stage.key)
                yield Store.open(folder)
            except (IndexCorruptError, IndexSignatureError):
                shutil.rmtree(folder, ignore_errors=True)

    def _embedded(self, articles: Sequence[Article]) -> Iterator[Part]:
        if not articles:
            return
        embedder = TorchEmbedder.load(self.weights, threads=self.settings.threads)
        drafts = [
            prepare(article, model=self.weights.fingerprint, count_tokens=embedder.count_tokens)
            for article in self._tracked("Reading", articles)
        ]
        total, done = sum(len(draft.chunked.passages) for draft in drafts), 0
        for shard in _shards(drafts, self.save_every):
            parts = self._embed(embedder, shard, done, total)
            done += sum(len(part.passages) for part in parts)
            if done < total:
                self._keep(parts)
            failpoint("embedded")
            yield from parts

    def _embed(
        self, embedder: Embedder, drafts: Sequence[PreparedArticle], done: int, total: int
    ) -> list[Part]:
        finished = done

        def advance(passages: int) -> None:
            nonlocal finished
            finished += passages
            self.progress("Embedding", finished, total)

        vectors = embedder.embed([unit for draft in drafts for unit in draft.units()], advance=advance)
        parts, passage, sentence = [], 0, 0
        for draft in drafts:
            to_passage = passage + len(draft.chunked.passages)
            to_sentence = sentence + len(draft.chunked.sentences)
            parts.append(
                draft.embedded(vectors.passages[passage:to_passage], vectors.sentences[sentence:to_sentence])
            )
            passage, sentence = to_passage, to_sentence
        return parts

    def _keep(self, parts: Sequence[Part]) -> None:
        """Leave these parts for the next build, should this one not end well."""
        self.resume.mkdir(exist_ok=True)
        taken = {folder.name for folder in self.resume.iterdir()}
        name = next(name for name in (f"shard-{n:06d}" for n in count()) if name not in taken)
        temporary = self.resume / f".{name}"
        shutil.rmtree(temporary, ignore_errors=True)
        temporary.mkdir()
        write_store(temporary, parts)
        np.save(temporary / VECTORS, passage_vectors(parts))
        if self.stage.key is not None:
            sign_folder(temporary, key=self.stage.key)
        sync_tree(temporary)
        temporary.rename(self.resume / name)
        sync_folder(self.resume)

    def _tracked(self, step: str, articles: Sequence[Article]) -> Iterator[Article]:
        for done, article in enumerate(articles):
            self.progress(step, done, len(articles))
            yield article
        self.progress(step, len(articles), len(articles))

    def finish(self, corpus: Corpus, parts: Sequence[Part], fingerprint: str) -> Generation:
        """Write every file of the generation, verify it and switch to it."""
        folder = self.stage.path
        for done, (name, write) in enumerate(self._writers(corpus, parts).items()):
            self.progress("Writing", done, 5)
            write()
            failpoint(name)
        self.progress("Writing", 5, 5)
        store = Store.open(folder)
        self.progress("Verifying", 0, 1)
        generation = self.stage.commit(
            facts=self._facts(corpus, store, fingerprint), check=check_in_fresh_process
        )
        self.progress("Verifying", 1, 1)
        return generation

    def _writers(self, corpus: Corpus, parts: Sequence[Part]) -> Mapping[str, Callable[[], None]]:
        folder = self.stage.path
        return {
            "store": lambda: write_store(folder, parts),
            "shelf": lambda: write_shelf(folder, corpus.articles),
            "lexical": lambda: write_lexical(folder, _documents(corpus.articles, parts)),
            "vectors": lambda: self._write_vectors(folder, parts),
            "model": lambda: self._write_model(folder / MODEL_FOLDER),
        }

    def _write_vectors(self, folder: Path, parts: Sequence[Part]) -> None:
        previous = (self.previous.path, self.old.passage_ids()) if self.previous and self.old else None
        ids = [f"{part.key}:{start}" for part in parts for start in part.passages[:, 0].tolist()]
        write_vectors(folder, ids, passage_vectors(parts), store=Chosen(), previous=previous)

    def _write_model(self, folder: Path) -> None:
        """Carry the question encoder over by hard link, or export it."""
        if self.previous and self.same_model:
            shutil.copytree(self.previous.path / MODEL_FOLDER, folder, copy_function=_link)
        else:
            export_question_encoder(self.weights, folder)

    def _facts(self, corpus: Corpus, store: Store, fingerprint: str) -> dict[str, str | int]:
        return {
            "corpus": fingerprint,
            "model": self.weights.name,
            "weights": self.weights.fingerprint,
            "dimension": int(store.passage_vectors.shape[1]),
            "articles": len(corpus.articles),
            "passages": len(store.passages) - 1,
            "sentences": len(store.sentences) - 1,
            "built": datetime.now(UTC).isoformat(timespec="seconds"),
        }


def _link(source: str, target: str) -> None:
    """Link where the file system can; both names then share one immutable file."""
    try:
        Path(target).hardlink_to(source)
    except OSError:
        shutil.copyfile(source, target)


def _shards(drafts: Sequence[PreparedArticle], save_every: int) -> Iterator[list[PreparedArticle]]:
    shard: list[PreparedArticle] = []
    passages = 0
    for draft in drafts:
        shard.append(draft)
        passages += len(draft.chunked.passages)
        if passages >= save_every:
            yield shard
            shard, passages = [], 0
    if shard:
        yield shard


def _documents(articles: Sequence[Article], parts: Sequence[Part]) -> Iterator[LexicalDocument]:
    for row, (article, part) in enumerate(zip(articles, parts, strict=True)):
        title = term_arrays(article.title)[0]
        for start, end, _ in part.passages.tolist():
            yield LexicalDocument(term_arrays(article.text[start:end])[0], title, row)
