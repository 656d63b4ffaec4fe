"""Train the reader's two networks on the tuning halves, choose the threshold, and write both down."""

from __future__ import annotations

import argparse
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from onrecord import Settings, build_index
from onrecord.index import Index
from onrecord.ranking import Ranker, confidence_features, fitness
from tests.eval.locate import DEFAULT_WORK, find_shared, make_work
from tests.eval.sets import Question, QuestionSet, read_seed, read_set
from tests.shared import ROOT
from tests.training.curve import choose_threshold, write_curve
from tests.training.examples import Case, Example, cases, examples, narrowed_cases, train_set, undated
from tests.training.fit import exported, fit_confidence, fit_sentences
from tests.training.spoken import spoken_cases, spoken_questions

_SEED = 7
_TARGET = ROOT / "src" / "onrecord" / "reader.npz"
_SENTENCES = {"squad1_dev": 0.7, "squad2_dev": 1.0, "train": 0.7, "clapnq_dev": 1.0, "realtimeqa": 2.0,
              "wh_briefings": 2.0, "polnear": 1.0, "news_iran_ukraine": 0.5}  # fmt: skip
"""Set to weight of one of its questions in the sentence scorer."""
_CONFIDENCE = {"squad2_dev": 0.5, "clapnq_dev": 2.0, "realtimeqa": 2.0, "wh_briefings": 1.0, "mtrag_un": 0.5}
_NARROWED = ("squad2_dev", "realtimeqa", "wh_briefings", "train", "clapnq_dev", "polnear")
_SPOKEN = "news_iran_ukraine"
_OWN = "the two articles"
"""The seed questions: nothing is learned from them, but the threshold hears them."""
_SPOKEN_LIMIT = 700
_LIMIT = 2_400
_NARROW_LIMIT = 400


def main() -> None:
    """Train, and write the weights and the curve."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--work", type=Path, default=DEFAULT_WORK)
    parser.add_argument("--target", type=Path, default=_TARGET)
    arguments = parser.parse_args()
    shared, work = find_shared(), make_work(arguments.work)
    names = sorted({*_SENTENCES, *_CONFIDENCE, _OWN})
    opened = {name: _open(shared, work, name) for name in names}
    ranker = _sentences(opened)
    _confidence(opened, ranker, arguments.target)


def _open(shared: Path, work: Path, name: str) -> tuple[QuestionSet, Index]:
    if name == _OWN:
        settings = Settings.load(corpus=ROOT / "corpus", index=work / "seed" / "index")
        build_index(settings)
        return read_seed(shared, settings.corpus), Index.open(settings.index)
    corpus = shared / "eval" / name / "corpus.jsonl.gz"
    if name == "train":
        questions, corpus = train_set(shared, work)
    elif name == _SPOKEN:
        questions = QuestionSet(name, {}, ())
    else:
        questions = read_set(shared, name)
    settings = Settings.load(corpus=corpus, index=work / name / "index")
    build_index(settings)
    return questions, Index.open(settings.index)


def _tuned(questions: QuestionSet, limit: int) -> Sequence[Question]:
    part = "all" if questions.name == "train" else "tune"
    return questions.part(part, limit=limit).questions


def _sentences(opened: dict[str, tuple[QuestionSet, Index]]) -> dict[str, np.ndarray]:
    groups: list[tuple[list[Example], float]] = []
    for name, weight in _SENTENCES.items():
        questions, index = opened[name]
        asked = [q for q in _tuned(questions, _LIMIT) if q.answerable]
        if name == _SPOKEN:
            asked = [question for question, _ in spoken_questions(index, _SPOKEN_LIMIT, seed=_SEED)]
        elif name in ("wh_briefings", "polnear"):
            asked += [undated(question) for question in asked]
        found = list(examples(index, asked))
        print(f"{name}: {len(found)} questions")
        groups.append((found, weight))
    return dict(exported(fit_sentences(groups, seed=_SEED), "sentence"))


def _confidence(
    opened: dict[str, tuple[QuestionSet, Index]], sentence: dict[str, np.ndarray], target: Path
) -> None:
    scorer = Ranker.of(sentence | _blank())
    rows, labels, weights, groups, kept = [], [], [], [], []
    for case in _all_cases(opened):
        scores = scorer.score(case.query, case.features)
        if np.isfinite(scores).any():
            rows.append(confidence_features(case.query, case.features, scores))
            labels.append(case.answerable)
            weights.append(_CONFIDENCE.get(case.group, 1.0))
            groups.append(case.group)
            kept.append(fitness(case.query, case.features, scores))
    matrix, answerable = np.stack(rows), np.array(labels)
    learned = np.array(groups) != _OWN
    network = fit_confidence(matrix[learned], answerable[learned], np.array(weights)[learned], seed=_SEED)
    answer = dict(exported(network, "answer"))
    ranker = Ranker.of(sentence | answer | {"threshold": np.array(0.5)})
    sure = ranker.sure(matrix) * np.array(kept)
    threshold = choose_threshold(sure, answerable, np.array(groups))
    np.savez(target, **sentence, **answer, threshold=np.float32(threshold))
    write_curve(ROOT / "docs" / "refusal.md", sure, answerable, np.array(groups), threshold)
    print(f"wrote {target}, threshold {threshold:.3f}, {len(matrix)} cases")


def _all_cases(opened: dict[str, tuple[QuestionSet, Index]]) -> Iterator[Case]:
    questions, index = opened[_OWN]
    yield from cases(index, questions.questions, _OWN)
    for name in _CONFIDENCE:
        questions, index = opened[name]
        yield from cases(index, _tuned(questions, _LIMIT), name)
    for name in _NARROWED:
        questions, index = opened[name]
        rng = np.random.default_rng([_SEED, zlib.crc32(name.encode())])
        answerable = [q for q in _tuned(questions, 4 * _NARROW_LIMIT) if q.answerable][:_NARROW_LIMIT]
        yield from narrowed_cases(index, answerable, f"few articles of {name}", rng)
    yield from spoken_cases(opened[_SPOKEN][1], _SPOKEN_LIMIT, "who said what, few articles", seed=_SEED + 1)


def _blank() -> dict[str, np.ndarray]:
    """An answer part that is not used while there is none."""
    from onrecord.ranking import CONFIDENCE_NAMES

    columns = len(CONFIDENCE_NAMES)
    shapes = {"linear": (columns,), "hidden": (columns, 1), "bias": (1,), "out": (1,), "offset": ()}
    return {f"answer_{part}": np.zeros(shape, np.float32) for part, shape in shapes.items()} | {
        "threshold": np.zeros(())
    }


if __name__ == "__main__":
    main()
