"""What a chat model is shown: the best sentences and their neighbours, by number."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

import numpy as np

from onrecord.answer.state import Read, ShownSentence
from onrecord.chat.prompts import Excerpt, gives_orders
from onrecord.index.columns.store import MODES
from onrecord.index.originals import Indexed
from onrecord.types import Mode, OnDisk

_BEST = 0.5
"""This share of what is shown are the best sentences; the rest are their neighbours, for context."""


def show_sentences(read: Read, *, limit: int) -> tuple[ShownSentence, ...]:
    """Choose the sentences to show."""
    parts = read.parts or (read,)
    shown = [one for part in parts for one in _shown(part, max(1, limit // len(parts)))]
    each = {one.row: one for one in reversed(shown)}
    order = list(dict.fromkeys(one.row for one in shown))
    return tuple(
        replace(each[row], excerpt=replace(each[row].excerpt, number=number))
        for number, row in enumerate(order, start=1)
    )


def _shown(read: Read, limit: int) -> tuple[ShownSentence, ...]:
    scores, features, found = read.scores, read.features, read.found
    order = np.argsort(-scores, kind="stable")
    order = order[np.isfinite(scores[order])]
    score_of = {int(features.rows[at]): float(scores[at]) for at in order}
    passages = found.index.store.passages["article"][found.candidates.rows]
    article_of = {int(features.rows[at]): int(passages[features.owner[at]]) for at in order}
    rows = _with_neighbours(list(score_of), article_of, limit)
    best: dict[int, float] = {}
    for row in rows:
        article = article_of[row]
        best[article] = max(best.get(article, -np.inf), score_of[row])
    ordered = sorted(rows, key=lambda row: (-best[article_of[row]], article_of[row], row))
    # A sentence that talks to models instead of to readers is not shown to one.
    innocent = [row for row in ordered if not gives_orders(_excerpt(read, 0, article_of[row], row).text)]
    return tuple(
        ShownSentence(excerpt, article_of[row], row, score_of[row])
        for row, excerpt in _standing(read, article_of, innocent)
    )


def _standing(
    read: Read, article_of: Mapping[int, int], rows: Sequence[int]
) -> Iterator[tuple[int, Excerpt]]:
    """Give the sentences that stand in the corpus as it is now, each as a chat model sees it."""
    index = read.found.index
    articles = {row: index.article(row) for row in {article_of[row] for row in rows}}
    originals = index.originals.look(Indexed.of(article) for article in articles.values())
    number = 0
    for row in rows:
        excerpt = _excerpt(read, number + 1, article_of[row], row)
        on_disk = originals[excerpt.article_id].of_slice(excerpt.start, excerpt.end, excerpt.text)
        if on_disk not in (OnDisk.LOST, OnDisk.GONE):
            number += 1
            yield row, excerpt


def _with_neighbours(ranked: list[int], article_of: dict[int, int], limit: int) -> set[int]:
    """Take the best sentences, then the ones beside them, then the next best."""
    first = ranked[: max(1, int(limit * _BEST))]
    beside = [row + step for row in first for step in (-1, 1)]
    near = [row for row in beside if row in article_of]
    return set(list(dict.fromkeys([*first, *near, *ranked]))[:limit])


def _excerpt(read: Read, number: int, article_row: int, row: int) -> Excerpt:
    store, article = read.found.index.store, read.found.index.article(article_row)
    sentence = store.sentences[row]
    start, end, mode = int(sentence["start"]), int(sentence["end"]), MODES[sentence["mode"]]
    speaker = int(sentence["speaker"])
    return Excerpt(
        number=number,
        text=article.text[start:end],
        article_id=article.id,
        title=article.title,
        outlet=article.outlet,
        published=article.published,
        speaker=store.speakers[speaker] if speaker >= 0 and mode is not Mode.ARTICLE else None,
        mode=mode,
        start=start,
        end=end,
    )
