"""Train the two rankers on the tuning parts, choose their thresholds, and write all down."""

from __future__ import annotations

import argparse
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from onrecord.answer.refusal import fitness
from onrecord.evaluation.questions import Question, QuestionSet
from onrecord.evaluation.running import make_work
from onrecord.index.opened import Index
from onrecord.models.cross_encoder import CrossEncoder
from onrecord.people.roles import asks_role
from onrecord.retrieval.features import NAMES
from onrecord.retrieval.judge import Judge, between
from onrecord.retrieval.ranker import (
    CONFIDENCE_NAMES,
    READ_CONFIDENCE_NAMES,
    Ranker,
    column_names,
    confidence_features,
)
from tests.shared import ROOT
from tools.eval.locate import DEFAULT_WORK, find_shared
from tools.training.curve import THRESHOLD, choose_threshold, write_curve
from tools.training.examples import Case, Example, absent_cases, cases, examples, narrowed_cases, undated
from tools.training.fit import exported, fit_confidence, fit_sentences
from tools.training.folds import unread
from tools.training.opened import OWN, SPOKEN, open_set
from tools.training.spoken import spoken_cases, spoken_questions

_SEED = 7
_TARGET = ROOT / "src" / "onrecord" / "retrieval" / "data" / "ranker.npz"
_SENTENCES = {"squad1_dev": 0.7, "squad2_dev": 1.0, "train": 0.7, "clapnq_dev": 1.0, "realtimeqa": 2.0,
              "wh_briefings": 2.0, "polnear": 1.0}  # fmt: skip
"""Set to weight of one of its questions in the sentence scorer."""
_SPOKEN_WEIGHT = 0.5
_CONFIDENCE = {"squad2_dev": 0.5, "clapnq_dev": 2.0, "realtimeqa": 2.0, "wh_briefings": 1.0, "mtrag_un": 0.5}
_NARROWED = ("squad2_dev", "realtimeqa", "wh_briefings", "train", "clapnq_dev", "polnear")
_ELSEWHERE = (("train", "realtimeqa"), ("realtimeqa", "train"), ("train", SPOKEN))
"""News questions that are asked of another corpus too, where what does not hold the answer is no answer."""
_LIMITS = (2_400, 400, 700, 400)
"""Questions of a set, of a set over few articles, made of statements, and asked elsewhere."""
_READ_LIMITS = (800, 100, 250, 250)
"""The same of the second ranker: reading takes a tenth of a second a question."""
_FOLDS = 5


def main() -> None:
    """Train, and write the weights and the curve."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--work", type=Path, default=DEFAULT_WORK)
    parser.add_argument("--target", type=Path, default=_TARGET)
    arguments = parser.parse_args()
    shared, work = find_shared(), make_work(arguments.work)
    names = sorted({*_SENTENCES, *_CONFIDENCE, OWN, SPOKEN})
    opened = {name: open_set(shared, work, name) for name in names}
    first = _Training(opened).fit()
    judge = Judge(Ranker.of(first.arrays), CrossEncoder.shipped())
    second = _Training(opened, judge, first.unseen).fit()
    read = {f"read_{name}": array for name, array in second.arrays.items()}
    # The names stand beside the weights, which hold for these columns in this order and no others.
    columns = (column_names() | column_names(reading=True)).items()
    carried = {name: np.array(own, np.bytes_) for name, own in columns}
    np.savez(arguments.target, **first.arrays, **read, **carried)
    write_curve(ROOT / "docs" / "refusal.md", second.sure, second.answerable, second.groups)
    print(f"wrote {arguments.target}")


@dataclass(frozen=True, slots=True)
class _Fitted:
    """One ranker's weights, and what a confidence that did not learn from a case says of it.

    Of the rankers in ``unseen`` each has not learned its confidence from one fold of the questions.
    """

    arrays: dict[str, np.ndarray]
    unseen: Sequence[Ranker]
    sure: np.ndarray
    answerable: np.ndarray
    groups: np.ndarray


class _Training:
    """The fitting of one ranker: without a judge the first, by features; with one the second, by readings.

    The second learns from questions that the reader was not trained on, for on its own it is surer
    than it should be.
    """

    def __init__(
        self,
        opened: dict[str, tuple[QuestionSet, Index]],
        judge: Judge | None = None,
        firsts: Sequence[Ranker] = (),
    ) -> None:
        self._opened, self._judge, self._firsts = opened, judge, firsts
        self._limit, self._narrow, self._spoken, self._elsewhere = _LIMITS if judge is None else _READ_LIMITS
        self._speaking = opened[SPOKEN][1]

    def fit(self) -> _Fitted:
        """Fit the network of sentences, then the confidence of answers, and move that to its threshold.

        The threshold is chosen by confidences that were fitted without the question of a case.
        """
        sentence = self._sentences()
        scorer = Ranker.of(sentence | _unsure(self._judge is not None))
        rows, shares, firsts, asked = [], [], [], []
        for case in self._cases():
            scores = scorer.score(case.query, case.features)
            if np.isfinite(scores).any():
                rows.append(confidence_features(case.query, case.features, scores))
                shares.append(fitness(case.query, case.features, scores))
                fold = zlib.crc32(case.query.text.encode()) % _FOLDS if case.group != OWN else _FOLDS
                firsts.append(self._first(case, fold))
                asked.append((case.answerable, _CONFIDENCE.get(case.group, 1.0), case.group, fold))
        matrix = np.stack(rows)
        answerable, weights, groups, folds = (np.array(column) for column in zip(*asked, strict=True))
        unseen = []
        sure = np.zeros(len(matrix))
        for fold in range(_FOLDS + 1):  # the last, of our own questions, is learned from by none
            learned = (folds != fold) & (folds < _FOLDS)
            answer = fit_confidence(matrix[learned], answerable[learned], weights[learned], seed=_SEED)
            unseen.append(Ranker.of(sentence | answer))
            sure[folds == fold] = unseen[-1].sure(matrix[folds == fold])

        def moved(shift: float) -> np.ndarray:
            own = np.array(shares) / (1 + np.exp(shift) * (1 - sure) / sure)
            return own if self._judge is None else between(np.array(firsts), own)

        chosen = choose_threshold(moved(0), answerable, groups, veto=OWN)
        # Where two are taken together, the one that is moved has to go twice as far.
        shift = np.log(chosen / (1 - chosen) * (1 - THRESHOLD) / THRESHOLD) * (
            1 if self._judge is None else 2
        )
        answer["answer_offset"] = np.float32(answer["answer_offset"] - shift)
        print(f"{len(matrix)} cases, threshold {chosen:.2f} before it is moved", flush=True)
        return _Fitted(sentence | answer, unseen, moved(shift), answerable, groups)

    def _first(self, case: Case, fold: int) -> float:
        """Say how sure a first ranker is that has not learned from a question's fold."""
        if self._judge is None:
            return 0.0
        plain = replace(case.features, matrix=case.features.matrix[:, : len(NAMES)])
        first = self._firsts[fold]
        scores = first.score(case.query, plain)
        return first.confidence(case.query, plain, scores) * fitness(case.query, plain, scores)

    def _tuned(self, questions: QuestionSet, limit: int) -> Sequence[Question]:
        part = questions.part("all" if questions.name == "train" else "tune")
        kept = [q for q in part.questions if self._judge is None or unread(questions.name, q)]
        return replace(part, questions=tuple(kept)).part("all", limit=limit).questions

    def _sentences(self) -> dict[str, np.ndarray]:
        groups: list[tuple[list[Example], float]] = []
        for name, weight in _SENTENCES.items():
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
        for case in cases(index, questions.questions, OWN, judge=self._judge):
            if not case.query.presuming and not asks_role(case.query.text):  # which have rules of their own
                yield case
        for name in _CONFIDENCE:
            questions, index = self._opened[name]
            yield from cases(index, self._tuned(questions, self._limit), name, judge=self._judge)
        for name in _NARROWED:
            questions, index = self._opened[name]
            rng = np.random.default_rng([_SEED, zlib.crc32(name.encode())])
            asked = [q for q in self._tuned(questions, 4 * self._narrow) if q.answerable][: self._narrow]
            yield from narrowed_cases(index, asked, f"few articles of {name}", rng, judge=self._judge)
        for name, elsewhere in _ELSEWHERE:
            questions, own = self._opened[name]
            asked = [q for q in self._tuned(questions, self._elsewhere) if q.answerable]
            group = f"{name}, and asked of {elsewhere}"
            yield from cases(own, asked, group, judge=self._judge)
            yield from absent_cases(self._opened[elsewhere][1], asked, group, judge=self._judge)
        group = "who said what, few articles"
        yield from spoken_cases(self._speaking, self._spoken, group, seed=_SEED + 1, judge=self._judge)


def _unsure(reading: bool) -> dict[str, np.ndarray]:
    """A confidence to use while there is none."""
    columns = len(CONFIDENCE_NAMES) + reading * len(READ_CONFIDENCE_NAMES)
    shapes = {"linear": (columns,), "hidden": (columns, 1), "bias": (1,), "out": (1,), "offset": ()}
    return {f"answer_{part}": np.zeros(shape, np.float32) for part, shape in shapes.items()}


if __name__ == "__main__":
    main()
