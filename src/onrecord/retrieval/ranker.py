"""A small network over a sentence's features, and another, for the confidence, over an answer's.

The weights are learned by ``python -m tools.training`` and ship with the
package as one array file; scoring is a few matrix products in numpy.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from itertools import zip_longest
from typing import Any

import numpy as np
import numpy.typing as npt

from onrecord.errors import ModelError
from onrecord.question.query import Query
from onrecord.retrieval.features import COLUMN, NAMES, Features
from onrecord.text.terms import tokenize

_WEIGHTS = "retrieval/data/ranker.npz"
_READ = "read_"
_TOP = (
    "sentence_cosine", "passage_cosine", "bm25", "covered", "covered_near", "covered_passage",
    "covered_title", "covered_article", "subject", "subject_near", "subject_passage", "names",
    "names_passage", "names_article", "numbers", "numbers_passage", "pairs", "density", "digits",
    "times", "causes", "new_names", "places", "asked_speaker", "other_speaker", "person_named",
    "direct", "dated",
)  # fmt: skip
_BEST = (
    "sentence_cosine",
    "passage_cosine",
    "covered",
    "covered_passage",
    "covered_article",
    "subject_passage",
    "names_passage",
    "asked_speaker",
    "person_named",
)
CONFIDENCE_NAMES: tuple[str, ...] = (
    "score", "lead of the first", "known", "known names", "unknown name", "unknown words", "unknown share",
    "person known", "words", "person asked", "person speaks", "saying", "size",
    *(f"first {name}" for name in _TOP),
    *(f"best {name}" for name in _BEST),
    *(name for name in NAMES if name.startswith("asked ") and name != "asked_speaker"),
    *(name for name in NAMES if " x " in name and not name.startswith("saying")),
)  # fmt: skip
"""Names of what the confidence is computed from."""
READ_NAMES: tuple[str, ...] = (
    "first", "first_gap", "seen", "read", "read_gap", "read_best", "passage_read",
    "voted", "voted_elsewhere", "voted_best", "voted_gap",
)  # fmt: skip
"""Columns that the reader adds to a sentence's features."""
READ_CONFIDENCE_NAMES: tuple[str, ...] = (
    *(f"first {name}" for name in READ_NAMES),
    "best read", "lead of the best read", "passages read as answers", "most voted",
)  # fmt: skip
"""What the confidence is computed from besides, where there is a reader."""
PAGES = 5
"""So many passages are read: they hold the answer to .99 of squad2_dev's questions that have one."""
READ_UNIT, READ_MOST = 5.0, 15.0
"""Logits of the reader are cut off at the second and given in units of the first."""
_OWN_WORDS = np.float32(1.0)
_TOP_COLUMNS = [COLUMN[name] for name in _TOP]
_BEST_COLUMNS = [COLUMN[name] for name in _BEST]
_DIRECT, _ASKED_SPEAKER = COLUMN["direct"], COLUMN["asked_speaker"]
_KIND_COLUMNS = [COLUMN[n] for n in NAMES if (n.startswith("asked ") and n != "asked_speaker")]
_CROSS_COLUMNS = [COLUMN[n] for n in NAMES if " x " in n and not n.startswith("saying")]


@dataclass(frozen=True, slots=True)
class _Network:
    """A linear part and one hidden layer of rectified units."""

    linear: npt.NDArray[np.float32]
    hidden: npt.NDArray[np.float32]
    bias: npt.NDArray[np.float32]
    out: npt.NDArray[np.float32]
    offset: float

    def __call__(self, matrix: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
        # So small a product is slower, and much less steady, spread over threads: einsum keeps to one.
        hidden = np.maximum(np.einsum("ij,jk->ik", matrix, self.hidden) + self.bias, 0)
        scores: npt.NDArray[np.float32] = (
            np.einsum("ij,j->i", matrix, self.linear) + np.einsum("ij,j->i", hidden, self.out) + self.offset
        )
        return scores


@dataclass(frozen=True, slots=True)
class Ranker:
    """Scores sentences, and says how sure an answer is."""

    _sentence: _Network
    _answer: _Network

    @classmethod
    def shipped(cls, *, reading: bool = False) -> Ranker:
        """Give the ranker whose weights come with the package.

        Args:
            reading: Whether it scores readings too, and not features alone.

        Returns:
            The ranker; its weights are read once.

        Raises:
            ModelError: If the weights were learned of other columns than are computed.
        """
        return _shipped(_READ if reading else "")

    @classmethod
    def of(cls, arrays: Any, *, prefix: str = "") -> Ranker:
        """Make a ranker from named arrays, as training writes them."""

        def network(name: str) -> _Network:
            linear, hidden, bias, out = (
                arrays[f"{prefix}{name}_{part}"] for part in ("linear", "hidden", "bias", "out")
            )
            return _Network(linear, hidden, bias, out, float(arrays[f"{prefix}{name}_offset"]))

        return cls(network("sentence"), network("answer"))

    def score(self, query: Query, features: Features) -> npt.NDArray[np.float32]:
        """Score every candidate sentence.

        Args:
            query: The question, read.
            features: Of the candidates.

        Returns:
            Shape [s], higher is better; -inf for what may not be quoted. Who asks what somebody
            said gets that person's own words before a report of them.
        """
        scores = self._sentence(features.matrix)
        if query.saying and query.person:
            scores = scores + _OWN_WORDS * (features.matrix[:, _DIRECT] * features.matrix[:, _ASKED_SPEAKER])
        return np.where(features.usable, scores, np.float32(-np.inf)).astype(np.float32)

    def confidence(self, query: Query, features: Features, scores: npt.NDArray[np.float32]) -> float:
        """Say how sure it is that the best sentence answers, in [0, 1]."""
        if not len(scores) or not np.isfinite(scores.max()):
            return 0.0
        return float(self.sure(confidence_features(query, features, scores)[None, :])[0])

    def sure(self, matrix: npt.NDArray[np.float32]) -> npt.NDArray[np.float64]:
        """Turn rows of :func:`confidence_features` into confidences, shape [rows]."""
        logits = np.clip(self._answer(matrix).astype(np.float64), -30, 30)
        sure: npt.NDArray[np.float64] = 1 / (1 + np.exp(-logits))
        return sure


def confidence_features(
    query: Query, features: Features, scores: npt.NDArray[np.float32]
) -> npt.NDArray[np.float32]:
    """What the confidence is computed from, of :data:`CONFIDENCE_NAMES`; needs one usable sentence.

    Where the reader read, :data:`READ_CONFIDENCE_NAMES` follow.
    """
    first = int(np.argmax(scores))
    top = features.matrix[first]
    usable = features.matrix[features.usable]
    asked = {s: bool(k) for s, k in zip(query.stems, features.known, strict=True) if s not in query.frame}
    names = [known for stem, known in asked.items() if stem in query.names]
    total = max(float(features.idf.sum()), 1e-6)
    ranked = np.sort(scores[features.usable])[::-1]
    head = (
        float(scores[first]) / 10,
        float(ranked[0] - ranked[min(3, len(ranked) - 1)]) / 5,
        float(features.idf[features.known].sum()) / total,
        float(np.mean(names)) if names else 1.0,
        float(not all(names)),
        min(sum(not known for known in asked.values()), 4) / 4,
        float(np.mean([not known for known in asked.values()])) if asked else 1.0,
        float(_person_known(query, asked)),
        min(len(query.stems), 15) / 15,
        float(query.person is not None),
        float(usable[:, COLUMN["asked_speaker"]].max(initial=0)),
        float(query.saying),
        np.log10(max(features.size, 1)) / 5,
    )
    return np.concatenate(
        [
            head,
            top[_TOP_COLUMNS],
            usable[:, _BEST_COLUMNS].max(axis=0),
            top[_KIND_COLUMNS],
            top[_CROSS_COLUMNS],
            _read_confidence(features, first),
        ]
    ).astype(np.float32)


def _read_confidence(features: Features, first: int) -> npt.NDArray[np.float32]:
    """What the readings say of an answer; empty where nothing was read."""
    wide = features.matrix[:, len(NAMES) :]
    if not wide.shape[1]:
        return np.zeros(0, np.float32)
    seen = features.usable & (wide[:, READ_NAMES.index("seen")] > 0)
    read = wide[seen, READ_NAMES.index("read")]
    best = np.full(int(features.owner.max(initial=0)) + 2, -READ_MOST / READ_UNIT, np.float32)
    np.maximum.at(best, features.owner[seen], read)
    best = np.sort(best)[::-1]
    voted = wide[features.usable, READ_NAMES.index("voted")].max(initial=0)
    return np.array([*wide[first], best[0], best[0] - best[1], (best > 0).sum() / PAGES, voted], np.float32)


def _person_known(query: Query, known: Mapping[str, bool]) -> bool:
    """Say whether the corpus knows the last word of the asked person's name, or nobody is asked about."""
    if query.person is None:
        return True
    last = tokenize(query.person)[-1:]
    return all(known.get(token.stem, True) for token in last)


def column_names(*, reading: bool = False) -> dict[str, tuple[str, ...]]:
    """Name the columns that a ranker computes.

    Args:
        reading: Whether of readings too, and not of features alone.

    Returns:
        By the name of the array that carries them beside the weights, which training writes and
        :meth:`Ranker.shipped` compares.
    """
    if not reading:
        return {"sentence_names": NAMES, "answer_names": CONFIDENCE_NAMES}
    return {
        f"{_READ}sentence_names": (*NAMES, *READ_NAMES),
        f"{_READ}answer_names": (*CONFIDENCE_NAMES, *READ_CONFIDENCE_NAMES),
    }


@lru_cache(maxsize=2)
def _shipped(prefix: str) -> Ranker:
    with (
        files("onrecord").joinpath(_WEIGHTS).open("rb") as stream,
        np.load(stream, allow_pickle=False) as arrays,
    ):
        for name, computed in column_names(reading=prefix == _READ).items():
            _check_names(arrays[name].tolist() if name in arrays else [], computed)
        return Ranker.of({name: arrays[name] for name in arrays.files}, prefix=prefix)


def _check_names(learned: Sequence[bytes], computed: Sequence[str]) -> None:
    """Hold the columns that are computed against those that the weights were learned of, in their order."""
    known = [name.decode("ascii") for name in learned]
    if known == list(computed):
        return
    pairs = zip_longest(known, computed, fillvalue="nothing")
    at, (was, now) = next((at, pair) for at, pair in enumerate(pairs) if pair[0] != pair[1])
    raise ModelError(
        f"The ranker's weights were learned of other features than are computed: column {at} was {was}, "
        f"and is {now} now.",
        remedy="Undo the change of the names, or learn the weights anew: make training.",
    )
