"""From a set on disk to a run: which corpus, which index, what is kept where."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from onrecord.errors import EvaluationError
from onrecord.evaluation.answering import Answering
from onrecord.evaluation.cache import Cache
from onrecord.evaluation.outcome import Outcome
from onrecord.evaluation.questions import QuestionSet
from onrecord.evaluation.run import Run
from onrecord.evaluation.sets import SetFiles
from onrecord.settings import Settings

DEFAULT_WORK = Path(".eval")
_CACHE = "answers.sqlite"

Step = Callable[[str, int, int], None]


def make_work(folder: Path) -> Path:
    """Make the folder for indexes and answers, which git is told to leave alone.

    Args:
        folder: Any.

    Returns:
        The same.

    Raises:
        EvaluationError: If it cannot be made.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / ".gitignore").write_text("*\n", encoding="utf-8")
    except OSError as error:
        raise EvaluationError(
            f"{folder} cannot be written: {error.strerror or error}.", remedy="Name another with --work."
        ) from error
    return folder


@dataclass(frozen=True, slots=True)
class Plan:
    """How sets are to be measured.

    Attributes:
        work: Folder for indexes and answers.
        corpus: Articles that the questions are asked of; the set's own, or those of the settings, when None.
        index: Their index. Those of the settings have the one of the settings, others one in the work folder.
        part: Which part of the set.
        limit: How many questions, at most.
        fresh: Whether to ask what was answered before.
    """

    work: Path = DEFAULT_WORK
    corpus: Path | None = None
    index: Path | None = None
    part: str = "all"
    limit: int | None = None
    fresh: bool = False

    def settings(self, files: SetFiles) -> Settings:
        """Say where a set's corpus and index are."""
        corpus = self.corpus or files.corpus
        index = self.index
        if self.corpus is None and files.corpus is not None:
            index = None  # an index of other articles is not overwritten with those of a set
        if corpus is not None and index is None:
            place = hashlib.sha256(str(corpus.resolve()).encode()).hexdigest()[:8]
            index = self.work / f"{files.name}-{place}" / "index"
        return Settings.load(corpus=corpus, index=index)

    def run(self, files: SetFiles, *, step: Step) -> tuple[Run, tuple[str, ...]]:
        """Measure one set.

        Args:
            files: Of the set.
            step: Hears of a step's name, how much is done, and the total.

        Returns:
            The run, and what is wrong with single questions.

        Raises:
            EvaluationError: If the set cannot be used.
        """
        settings = self.settings(files)
        whole = files.read(settings.corpus)
        questions = whole.part(self.part, limit=self.limit)
        if not questions.questions:
            raise EvaluationError(
                f"{files.questions} has no question in its {self.part} half.", remedy="Leave --part out."
            )
        outcomes = answer_all(questions, settings, self.work, fresh=self.fresh, step=step)
        return Run.of(questions, outcomes, part=self.part), whole.warnings


def answer_all(
    questions: QuestionSet, settings: Settings, work: Path, *, fresh: bool = False, step: Step
) -> list[Outcome]:
    """Answer every question of a set, from the answers kept in the work folder where nothing changed.

    Args:
        questions: The set.
        settings: Where corpus and index are.
        work: Where answers are kept.
        fresh: Whether to ask what was answered before; the new answers are kept.
        step: Hears of a step's name, how much is done, and the total.

    Returns:
        One outcome for each question, in order.
    """
    name, total = questions.name, len(questions.questions)
    outcomes = []
    with (
        Cache(make_work(work) / _CACHE, blind=fresh) as cache,
        Answering(
            settings, cache=cache, progress=lambda *told: step(f"{name}: {told[0]}", *told[1:])
        ) as asked,
    ):
        for outcome in asked.outcomes(questions):
            outcomes.append(outcome)
            step(f"{name}: questions", len(outcomes), total)
    return outcomes
