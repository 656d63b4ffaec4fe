"""The rules that move a confidence: what each looks for, what it does, and which question taught it.

A rule is a condition and an effect. :data:`OF_A_RANKING` is applied to what each ranking says of its own
best sentence, :data:`OF_THE_SENTENCES` to what lies between the rankings, :data:`OF_THE_ANSWER` to that once
the quotations are chosen; each from the top, and a rule sees the confidence as those before it left it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from onrecord.answer.state import Retrieved
from onrecord.people.names import is_person
from onrecord.people.roles import bears_role
from onrecord.question.query import Query, QuestionKind
from onrecord.retrieval.constraints import fitting
from onrecord.retrieval.features import COLUMN, Features
from onrecord.text.terms import is_country
from onrecord.types import Quote, SpeakerKind

_LEFT = 0.2
_MOST, _WHOLE = 0.65, 0.999
"""Shares of a question's words that stand in an article, or in a sentence."""


@dataclass(frozen=True, slots=True)
class Case:
    """What a rule looks at.

    Attributes:
        query: The question, read.
        features: Of the candidate sentences.
        scores: Of them, shape [s]; -inf for what may not be quoted.
        confidence: That the best of them answers, as far as it is settled.
        threshold: Under it the question is refused.
    """

    query: Query
    features: Features
    scores: npt.NDArray[np.float32]
    confidence: float
    threshold: float

    @property
    def found(self) -> bool:
        """Whether any sentence may be quoted."""
        return bool(len(self.scores)) and bool(np.isfinite(self.scores.max()))

    @property
    def best(self) -> int:
        """Position of the best sentence."""
        return int(np.argmax(self.scores))

    def of_best(self, name: str) -> float:
        """Give one feature of the best sentence."""
        return float(self.features.matrix[self.best, COLUMN[name]])


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerCase(Case):
    """The same once quotations are chosen.

    Attributes:
        retrieved: The question with the passages that were read.
        ranked: The best quotations.
        missing: Words of the question that stand nowhere in the corpus.
    """

    retrieved: Retrieved
    ranked: tuple[Quote, ...]
    missing: tuple[str, ...]


C = TypeVar("C", bound=Case)
Condition = Callable[[C], bool]
Effect = Callable[[Case, float], float]
Rule = tuple[Condition[C], Effect]


# --- what a rule does to a confidence, given the case and what the confidence was before the first rule


def a_fifth(case: Case, said: float) -> float:
    """Leave a fifth of what was said, however many rules do so."""
    return min(case.confidence, said * _LEFT)


def nothing(case: Case, said: float) -> float:  # noqa: ARG001  (one signature for every effect)
    """Leave nothing."""
    return 0.0


def enough(case: Case, said: float) -> float:  # noqa: ARG001  (as above)
    """Raise it to the threshold, no higher: what is borne out is shown, and called no surer than that."""
    return max(case.confidence, case.threshold)


# --- what each ranking says of its own best sentence


def is_vague(case: Case) -> bool:
    """The question holds function words only."""
    return case.query.vague


def lacks_figure(case: Case) -> bool:
    """A time or a number is asked for, and the best sentence holds none."""
    wanted = case.query.kind in (QuestionKind.WHEN, QuestionKind.HOW_MANY)
    return wanted and not (case.of_best("times") or case.of_best("digits"))


def knows_only_countries(case: Case) -> bool:
    """All that the corpus knows of the question is the countries that it names."""
    query = case.query
    if query.saying or query.borrowed:
        return False
    stems = zip(query.stems, case.features.known, strict=True)
    asked = [(stem, bool(known)) for stem, known in stems if stem not in query.frame]
    unknown = [stem for stem, known in asked if not known]
    return bool(unknown) and all(is_country(stem) for stem, known in asked if known)


OF_A_RANKING: tuple[Rule[Case], ...] = (
    # “Why is that so?” with no question before it was answered, at .9, by a sentence that asks “Why now?”.
    (is_vague, a_fifth),
    # “When did the talks in Oman begin?” and “How many Americans are jailed in Iran?”, of articles that speak
    # of those talks and Americans but tell no day and no number.
    (lacks_figure, a_fifth),
    # “What is the capital of France?” was answered by what a French minister said, for “French” counts as
    # France. Today's weights refuse it without this rule too, at .2.
    (knows_only_countries, a_fifth),
)


# --- what lies between the rankings, before quotations are chosen


def _of_their_words(query: Query) -> bool:
    """Say whether only the words of those asked for answer, whose words need not be those of the question."""
    return query.unnamed is not None or query.proxy is not None or query.ever


def _bears_on(case: Case) -> bool:
    """Say whether the best sentence and its neighbours hold each name of the subject and half its words."""
    query, at = case.query, case.best
    near = case.features.hits[max(at - 1, 0) : at + 2].max(axis=0)
    held = {stem: bool(near[column]) for column, stem in enumerate(query.stems) if stem in query.about}
    named = all(hit for stem, hit in held.items() if stem in query.names)
    return named and 2 * sum(held.values()) >= len(held)


def strays(case: Case) -> bool:
    """Those asked for speak, but of something else."""
    return _of_their_words(case.query) and not _bears_on(case)


def is_of_those_described(case: Case) -> bool:
    """Sources without a name, or somebody's spokesman, speak of what is asked."""
    query = case.query
    return (query.unnamed is not None or query.proxy is not None) and not query.ever and _bears_on(case)


OF_THE_SENTENCES: tuple[Rule[Case], ...] = (
    # “Did Blinken ever say Iran would sign?” would be answered, at .97, by “Russia shows no signs”: where
    # only his words may answer, the best of them look like an answer, whatever they speak of.
    (strays, nothing),
    # “What have anonymous sources said about Iran?” was refused at .25, though a senior U.S. official speaks
    # of nothing else: rankings look for the question's words, and nobody is printed as an anonymous source.
    (is_of_those_described, enough),
)


# --- the answer, when its quotations are chosen


def is_of_no_day(case: AnswerCase) -> bool:
    """It is asked what was said on days of which no candidate is; never where days are compared."""
    query, found = case.query, case.retrieved.found
    days = [bound for bound in case.retrieved.bounds if bound.period is not None]
    if not days or not query.saying or query.comparing:
        return False
    return not fitting(found.index, query, days, found.candidates, case.features).any()


def is_of_somebody_else(case: AnswerCase) -> bool:
    """A person's words are asked for, and the best sentence is neither theirs nor about them.

    Where articles quote that person, what another person says of them is not theirs either. Never so of
    bodies, which speak through people, nor of spokespeople.
    """
    query, index = case.query, case.retrieved.found.index
    asks = query.saying and query.kind is QuestionKind.WHAT and query.proxy is None
    if not asks or query.person is None or not case.found:
        return False
    meant = index.identities.meant(query.person)
    person = is_person(query.person.split()) or any(one.source is SpeakerKind.PERSON for one in meant)
    if not person or case.of_best("asked_speaker"):
        return False
    speaker = int(index.store.sentences["speaker"][case.features.rows[case.best]])
    other = index.identities.of_name(index.store.speakers[speaker]) if speaker >= 0 else None
    of_another = bool(meant) and other is not None and other.source is SpeakerKind.PERSON
    return of_another or not case.of_best("person_named")


def takes_for_granted(case: AnswerCase) -> bool:
    """The question takes for granted what nobody said, and the person asked about speaks.

    That is so where a word of it stands nowhere, or the answer is not sure, half way from the threshold to
    certainty, though one article has most of its words. It is answered by what the person did say, and its
    premise is not affirmed.
    """
    if not case.query.presuming or not case.found or not case.of_best("asked_speaker"):
        return False
    sure = case.confidence >= (1 + case.threshold) / 2
    return bool(case.missing) or (not sure and case.of_best("covered_article") >= _MOST)


def prints_role(case: AnswerCase) -> bool:
    """It is asked who somebody is, and the first quotation prints a role beside the name."""
    return bool(case.ranked) and bears_role(case.query.text, case.ranked[0].text)


def holds_subject(case: AnswerCase) -> bool:
    """The best sentence is of the person asked about, and holds every word of the subject.

    A premise and a day have to be looked at otherwise.
    """
    query = case.query
    asks = query.saying and not query.presuming and not query.days
    if not case.ranked or not asks or not case.found:
        return False
    return bool(case.of_best("asked_speaker")) and case.of_best("subject") > _WHOLE


OF_THE_ANSWER: tuple[Rule[AnswerCase], ...] = (
    # “What did Ostrow say about the harbour in 2019?” of articles of 2022 and 2023: her words of another year
    # hold all else that is asked, and were passed off for those of that year.
    (is_of_no_day, a_fifth),
    # “What did Ostrow say about a prisoner swap?”, of which a minister speaks who says that it was agreed on
    # with Ostrow: his words were shown, at .76, for hers.
    (is_of_somebody_else, a_fifth),
    # “Why did Blinken announce that the JCPOA had been signed on June 28?”, “Why did Blinken say that Iran
    # apologised?”: neither was said. A bare refusal hides what he did say of it, and an answer without a word
    # on the premise affirms it.
    (takes_for_granted, enough),
    # “Who is Suzanne DiMaggio?” was refused at .47, though a sentence has “Suzanne DiMaggio, senior fellow at
    # …”: it shares no word with the question but the name.
    (prints_role, enough),
    # Which question taught this one is not on record. It guards against a refusal like that of “What did Mr.
    # Miller answer?”, at .4, beside a short sentence of his with all that is asked in it.
    (holds_subject, enough),
)
