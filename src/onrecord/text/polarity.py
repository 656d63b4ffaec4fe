"""Polarity: what a text says and what it says not, word by word.

A negation reaches the next two content words of its clause (the windowed rule
of Das & Chen, "Yahoo! for Amazon", 2007, cut short), or the one before it
where none follows. Two negations cancel.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from onrecord.text.negation import NEGATORS, TURNING
from onrecord.text.terms import STOP, Term, stem, tokenize
from onrecord.text.word_lists import entries, words

_REACH = 2
_SHORTENED = re.compile(r"'(?:ve|d|ll|re|s|m)$")
_NEARLY_ALL = 0.8
# “non-nuclear” comes as two words.
_NEGATORS = NEGATORS | {"non"}
_ONLY = frozenset("only just merely simply".split())
_BREAK = re.compile(r"[,;:.!?()–—]")
_PAIRS = entries("opposites")


@lru_cache(maxsize=1)
def _lexical() -> frozenset[str]:
    reaching = (entry.split()[0] for entry, reach in TURNING.items() if reach == "next")
    return frozenset(map(stem, (*reaching, *words("ending_words"))))


@lru_cache(maxsize=1)
def _opposites() -> tuple[tuple[frozenset[str], ...], ...]:
    return tuple(tuple(frozenset(map(stem, side.split())) for side in line.split("/")) for line in _PAIRS)


@dataclass(frozen=True, slots=True)
class Polarity:
    """The words of a text, split by whether a negation reaches them.

    Attributes:
        said: Content stems that no negation reaches.
        denied: Content stems that one reaches.
        scopes: What each negation reaches.
        words: All stems, function words too.
        not_only: ``only``, ``just`` and the like behind a ``not``, which negates nothing.
    """

    said: Counter[str]
    denied: Counter[str]
    scopes: tuple[tuple[str, ...], ...]
    words: Counter[str]
    not_only: Counter[str]

    @classmethod
    def of(cls, *texts: str) -> Polarity:
        """Read texts."""
        whole = cls(Counter(), Counter(), (), Counter(), Counter())
        for text in texts:
            whole = whole._with(text)
        return whole

    def _with(self, text: str) -> Polarity:
        tokens = tokenize(text)
        reached: Counter[int] = Counter()
        scopes = []
        for at in range(len(tokens)):
            if _negates(tokens, at, text):
                scope = _scope(tokens, at, text)
                reached.update(scope)
                scopes.append(tuple(tokens[i].stem for i in scope))
        content = [i for i, token in enumerate(tokens) if not token.flags & STOP]
        return Polarity(
            self.said + Counter(tokens[i].stem for i in content if reached[i] % 2 == 0),
            self.denied + Counter(tokens[i].stem for i in content if reached[i] % 2),
            (*self.scopes, *scopes),
            self.words + Counter(token.stem for token in tokens),
            self.not_only + Counter(_word(tokens[i + 1], text) for i in _not_only(tokens, text)),
        )


def _not_only(tokens: Sequence[Term], text: str) -> list[int]:
    words = [_word(token, text) for token in tokens]
    return [i for i, (one, next_one) in enumerate(pairwise(words)) if one == "not" and next_one in _ONLY]


def _word(token: Term, text: str) -> str:
    return _SHORTENED.sub("", text[token.start : token.end].lower().replace("’", "'"))


def _negates(tokens: Sequence[Term], at: int, text: str) -> bool:
    word = _word(tokens[at], text)
    following = _word(tokens[at + 1], text) if at + 1 < len(tokens) else ""
    if word == "not" and following in _ONLY:
        return False
    if tokens[at].stem == "rule" and following != "out":
        return False
    return word in _NEGATORS or word.endswith("n't") or tokens[at].stem in _lexical()


def _scope(tokens: Sequence[Term], at: int, text: str) -> list[int]:
    reached: list[int] = []
    for i in range(at + 1, len(tokens)):
        if _BREAK.search(text, tokens[i - 1].end, tokens[i].start) or _word(tokens[i], text) == "but":
            break
        if not tokens[i].flags & STOP and _word(tokens[i], text) not in _NEGATORS:
            reached.append(i)
        if len(reached) == _REACH:
            break
    before = (i for i in range(at - 1, -1, -1) if not tokens[i].flags & STOP)
    return reached or [i for i in [next(before, -1)] if i >= 0]


def contradicts(claim: Polarity, cited: Polarity) -> bool:
    """Tell whether a claim turns round what the cited texts say.

    Args:
        claim: Of the claim.
        cited: Of all that it cites.

    Returns:
        True where the claim negates what is not negated there, leaves out a negation that stands
        there, or has a word in place of its opposite.
    """
    tests = (_negates_anew, _drops_negation, _flips, _limits)
    return any(test(claim, cited) for test in tests)


def opposed(one: Polarity, other: Polarity) -> frozenset[str]:
    """Find what one text says and another says not.

    Args:
        one: Of the one.
        other: Of the other.

    Returns:
        Stems that a negation reaches in only one of them, and words of which the other has the opposite.
    """
    turned = {stemmed for stemmed in one.said if stemmed in other.denied and stemmed not in other.said}
    turned |= {stemmed for stemmed in other.said if stemmed in one.denied and stemmed not in one.said}
    for left, right in _opposites():
        for side, opposite in ((left, right), (right, left)):
            here, there = side & one.words.keys(), opposite & other.words.keys()
            if here and there and not side & other.words.keys() and not opposite & one.words.keys():
                turned |= here | there
    return frozenset(turned)


def _negates_anew(claim: Polarity, cited: Polarity) -> bool:
    if len(claim.scopes) > len(cited.scopes):
        return True
    known = {stemmed for scope in cited.scopes for stemmed in scope}
    return any(
        any(stemmed in cited.words for stemmed in scope) and not known.intersection(scope)
        for scope in claim.scopes
    )


def _drops_negation(claim: Polarity, cited: Polarity) -> bool:
    lost = _unmatched(claim.scopes, cited.scopes)
    if any(claim.said[stemmed] > cited.said[stemmed] for stemmed in lost):
        return True
    if len(claim.scopes) >= len(cited.scopes):
        return False
    held = cited.said + cited.denied
    kept = sum(((claim.said + claim.denied) & held).values())
    return kept >= _NEARLY_ALL * sum(held.values())


def _unmatched(claim: Sequence[Sequence[str]], cited: Sequence[Sequence[str]]) -> set[str]:
    """Give the words of the negations cited that no negation of the claim takes up."""
    left = list(cited)
    for scope in claim:
        taken = max(left, key=lambda other: len(set(other).intersection(scope)), default=())
        if set(taken).intersection(scope):
            left.remove(taken)
    return {stemmed for scope in left for stemmed in scope}


def _flips(claim: Polarity, cited: Polarity) -> bool:
    return any(
        _more(claim, cited, one) > 0 > _more(claim, cited, other)
        for pair in _opposites()
        for one, other in (pair, pair[::-1])
    )


def _more(claim: Polarity, cited: Polarity, side: frozenset[str]) -> int:
    return sum(claim.words[stemmed] - cited.words[stemmed] for stemmed in side)


def _limits(claim: Polarity, cited: Polarity) -> bool:
    """Tell ``only`` from ``not only``."""
    return any(
        claim.not_only[word] > cited.not_only[word]
        or (cited.not_only[word] > 0 and _alone(claim, word) > _alone(cited, word))
        for word in _ONLY
    )


def _alone(side: Polarity, word: str) -> int:
    return side.words[stem(word)] - side.not_only[word]
