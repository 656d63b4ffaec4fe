"""Train the two rankers on the tuning parts, choose their thresholds, and write all down."""

from __future__ import annotations

import argparse
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from onrecord.evaluation.questions import Question, QuestionSet
from onrecord.evaluation.running import make_work
from onrecord.features import NAMES
from onrecord.index import Index
from onrecord.judging import Judge
from onrecord.ranking import (
    CONFIDENCE_NAMES,
    READ_CONFIDENCE_NAMES,
    Ranker,
    confidence_features,
    fitness,
)
from onrecord.reader import Reader
from tests.eval.locate import DEFAULT_WORK, find_shared
from tests.shared import ROOT
from tests.training.curve import choose_threshold, write_curve
from tests.training.examples import Case, Example, cases, examples, narrowed_cases, undated
from tests.training.fit import exported, fit_confidence, fit_sentences
from tests.training.folds import unread
from tests.training.opened import OWN, SPOKEN, open_set
from tests.training.spoken import spoken_cases, spoken_questions

_SEED = 7
_TARGET = ROOT / "src" / "onrecord" / "ranker.npz"
_SENTENCES = {"squad1_dev": 0.7, "squad2_dev": 1.0, "train": 0.7, "clapnq_dev": 1.0, "realtimeqa": 2.0,
              "wh_briefings": 2.0, "polnear": 1.0}  # fmt: skip
"""Set to weight of one of its questions in the sentence scorer."""
_SPOKEN_WEIGHT = 0.5
_CONFIDENCE = {"squad2_dev": 0.5, "clapnq_dev": 2.0, "realtimeqa": 2.0, "wh_briefings": 1.0, "mtrag_un": 0.5}
_NARROWED = ("squad2_dev", "realtimeqa", "wh_briefings", "train", "clapnq_dev", "polnear")
_LIMITS = (2_400, 400, 700)
"""Questions of a set, of a set over few articles, and made of statements."""
_READ = frozenset(("squad1_dev", "squad2_dev", "train", "clapnq_dev", "realtimeqa"))
_READ_LIMITS = (800, 100, 250)
_READ_SPOKEN = "realtimeqa"
"""What the second ranker learns from: reading takes a tenth of a second a question."""


def main() -> None:
    """Train, and write the weights and the curve."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--work", type=Path, default=DEFAULT_WORK)
    parser.add_argument("--target", type=Path, default=_TARGET)
    parser.add_argument(
        "--second", action="store_true", help="keep the first ranker, and fit the second anew"
    )
    arguments = parser.parse_args()
    shared, work = find_shared(), make_work(arguments.work)
    names = sorted({*_SENTENCES, *_CONFIDENCE, OWN, SPOKEN})
    names = sorted({*_READ, OWN}) if arguments.second else names
    opened = {name: open_set(shared, work, name) for name in names}
    first = _kept(arguments.target) if arguments.second else _Training(opened).fit().arrays
    judge = Judge(Ranker.of(first), Reader.shipped())
    second = _Training(opened, judge).fit()
    read = {f"read_{name}": array for name, array in second.arrays.items()}
    np.savez(arguments.target, **first, **read)
    write_curve(ROOT / "docs" / "refusal.md", second.sure, second.answerable, second.groups, second.threshold)
    print(f"wrote {arguments.target}, thresholds {float(first['threshold']):.3f} and {second.threshold:.3f}")


def _kept(target: Path) -> dict[str, np.ndarray]:
    """Give the weights of the first ranker as they were written before."""
    with np.load(target, allow_pickle=False) as arrays:
        return {name: arrays[name] for name in arrays.files if not name.startswith("read_")}


@dataclass(frozen=True, slots=True)
class _Fitted:
    """One ranker's weights, and what its confidence says of every case."""

    arrays: dict[str, np.ndarray]
    sure: np.ndarray
    answerable: np.ndarray
    groups: np.ndarray

    @property
    def threshold(self) -> float:
        return float(self.arrays["threshold"])


class _Training:
    """The fitting of one ranker: without a judge the first, by features; with one the second, by readings.

    The second learns from questions that the reader was not trained on, for on its own it is surer
    than it should be.
    """

    def __init__(self, opened: dict[str, tuple[QuestionSet, Index]], judge: Judge | None = None) -> None:
        self._opened, self._judge = opened, judge
        self._limit, self._narrow, self._spoken = _LIMITS if judge is None else _READ_LIMITS
        self._speaking = opened[SPOKEN if judge is None else _READ_SPOKEN][1]

    def fit(self) -> _Fitted:
        """Fit the network of sentences, then that of answers, then choose the threshold."""
        sentence = self._sentences()
        scorer = Ranker.of(sentence | _blank(self._judge is not None))
        rows, kept, firsts, asked = [], [], [], []
        for case in self._cases():
            scores = scorer.score(case.query, case.features)
            if np.isfinite(scores).any():
                rows.append(confidence_features(case.query, case.features, scores))
                kept.append(fitness(case.query, case.features, scores))
                firsts.append(self._first(case))
                asked.append((case.answerable, _CONFIDENCE.get(case.group, 1.0), case.group))
        matrix = np.stack(rows)
        answerable, weights, groups = (np.array(column) for column in zip(*asked, strict=True))
        learned = groups != OWN
        network = fit_confidence(matrix[learned], answerable[learned], weights[learned], seed=_SEED)
        arrays = sentence | dict(exported(network, "answer")) | {"threshold": np.array(0.5)}
        sure = Ranker.of(arrays).sure(matrix) * np.array(kept)
        if self._judge is not None:
            sure = (sure + np.array(firsts)) / 2
        arrays["threshold"] = np.float32(choose_threshold(sure, answerable, groups))
        print(f"{len(matrix)} cases, threshold {float(arrays['threshold']):.3f}", flush=True)
        return _Fitted(arrays, sure, answerable, groups)

    def _first(self, case: Case) -> float:
        """Say how sure the first ranker is, whose word counts half."""
        if self._judge is None:
            return 0.0
        first = self._judge.first
        plain = replace(case.features, matrix=case.features.matrix[:, : len(NAMES)])
        return first.confidence(case.query, plain, first.score(case.query, plain))

    def _of(self, weights: Mapping[str, float]) -> Iterator[tuple[str, float]]:
        """Give the sets that this ranker learns from."""
        return ((name, weight) for name, weight in weights.items() if self._judge is None or name in _READ)

    def _tuned(self, questions: QuestionSet, limit: int) -> Sequence[Question]:
        part = questions.part("all" if questions.name == "train" else "tune")
        kept = [q for q in part.questions if self._judge is None or unread(questions.name, q)]
        return replace(part, questions=tuple(kept)).part("all", limit=limit).questions

    def _sentences(self) -> dict[str, np.ndarray]:
        groups: list[tuple[list[Example], float]] = []
        for name, weight in self._of(_SENTENCES):
            questions, index = self._opened[name]
            asked = [q for q in self._tuned(questions, self._limit) if q.answerable]
            if name in ("wh_briefings", "polnear"):
                asked += [undated(question) for question in asked]
            found = list(examples(index, asked, judge=self._judge))
            print(f"{name}: {len(found)} questions", flush=True)
            groups.append((found, weight))
        asked = [question for question, _ in spoken_questions(self._speaking, self._spoken, seed=_SEED)]
        groups.append((list(examples(self._speaking, asked, judge=self._judge)), _SPOKEN_WEIGHT))
        return dict(exported(fit_sentences(groups, seed=_SEED), "sentence"))

    def _cases(self) -> Iterator[Case]:
        questions, index = self._opened[OWN]
        yield from cases(index, questions.questions, OWN, judge=self._judge)
        for name, _ in self._of(_CONFIDENCE):
            questions, index = self._opened[name]
            yield from cases(index, self._tuned(questions, self._limit), name, judge=self._judge)
        for name, _ in self._of(dict.fromkeys(_NARROWED, 1.0)):
            questions, index = self._opened[name]
            rng = np.random.default_rng([_SEED, zlib.crc32(name.encode())])
            asked = [q for q in self._tuned(questions, 4 * self._narrow) if q.answerable][: self._narrow]
            yield from narrowed_cases(index, asked, f"few articles of {name}", rng, judge=self._judge)
        group = "who said what, few articles"
        yield from spoken_cases(self._speaking, self._spoken, group, seed=_SEED + 1, judge=self._judge)


def _blank(reading: bool) -> dict[str, np.ndarray]:
    """An answer part that is not used while there is none."""
    columns = len(CONFIDENCE_NAMES) + reading * len(READ_CONFIDENCE_NAMES)
    shapes = {"linear": (columns,), "hidden": (columns, 1), "bias": (1,), "out": (1,), "offset": ()}
    return {f"answer_{part}": np.zeros(shape, np.float32) for part, shape in shapes.items()} | {
        "threshold": np.zeros(())
    }


if __name__ == "__main__":
    main()
