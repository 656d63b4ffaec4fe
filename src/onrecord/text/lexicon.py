"""Words that give speech away: reporting verbs, titles, pronouns, given names.

The verbs follow the cue lists of PolNeAR (Newell et al., LREC 2018) and of the
Gender Gap Tracker (Asr et al., PLoS ONE 2021), cut to verbs of speech.
"""

from __future__ import annotations

from onrecord.text.word_lists import table, words

MONTHS = {name: int(number) for name, number in table("months").items()}
"""Months and their abbreviations in small letters to their numbers."""


def _third(base: str) -> str:
    if base.endswith("y") and base[-2] not in "aeou":
        return base[:-1] + "ies"
    return base + ("es" if base.endswith(("s", "x", "ch", "sh")) else "s")


def _past(base: str) -> str:
    if base.endswith("y") and base[-2] not in "aeou":
        return base[:-1] + "ied"
    return base + ("d" if base.endswith("e") else "ed")


def _ing(base: str) -> str:
    return (base[:-1] if base.endswith("e") and not base.endswith("ee") else base) + "ing"


_REGULAR = words("reporting_verbs")
_LOOSE_REGULAR = words("quoting_verbs")
_IRREGULAR = table("reporting_forms")

ASKING = words("asking_cues")
"""Cues of direct speech only: a question asked is not a statement reported."""

_VIEWING_REGULAR = words("viewing_verbs")
_VIEWING_IRREGULAR = table("viewing_forms")

VIEWING = frozenset(form for base in _VIEWING_REGULAR for form in (_third(base), _past(base))) | frozenset(
    form for forms in _VIEWING_IRREGULAR.values() for form in forms.split()
)
"""Verbs of thought, will and finding, and of speech that says what somebody is for."""
VIEWING_BASE = _VIEWING_REGULAR | frozenset(_VIEWING_IRREGULAR)
"""Base forms of these: only after an auxiliary, or a plural or first-person subject."""
VIEWING_ING = frozenset(_ing(base) for base in VIEWING_BASE) | {"planning", "referring", "regretting"}
"""Their participles: only after a form of ``be``."""
VIEWING_NOUNS = words("viewing_nouns")
"""Forms that are nouns as often: only after a name, a pronoun or an auxiliary."""

LOOSE = frozenset(
    form for base in _LOOSE_REGULAR for form in (_third(base), _past(base), _ing(base))
) | words("quoting_forms")
"""Cues only where a quotation touches them: elsewhere they mean other things."""

FINITE = frozenset(form for base in _REGULAR for form in (_third(base), _past(base))) | frozenset(
    word for word, kind in _IRREGULAR.items() if kind == "FINITE"
) | {"called", "calls"}  # fmt: skip
PARTICIPLES = frozenset(_ing(base) for base in _REGULAR) | frozenset(
    word for word, kind in _IRREGULAR.items() if kind == "ING"
) | {"calling"}  # fmt: skip
NOUN_LIKE = words("reporting_nouns")
"""Forms that are nouns as often as verbs: cues only after a name or a pronoun."""

PLURAL_BASE = words("plural_cues")
"""Base forms: cues only after a plural or first-person subject."""

SPEECH_NOUNS = words("speech_nouns")
WRITINGS = words("writings")
"""Things that somebody sends and that then say what they say: ``released a statement saying, “…”``."""

AUXILIARIES = words("auxiliaries")
NEGATIONS = frozenset(("not", "never", "cannot", "without", "n't")) | frozenset(
    f"{verb}n{mark}t" for verb in (*AUXILIARIES, "ca", "wo", "sha") for mark in "'’"
)
"""Those negations that stand beside a verb."""
ADVERBS = words("adverbs")
DETERMINERS = words("determiners")
PRONOUNS = words("pronouns")
OBLIQUE = words("prepositions")
SUBORDINATORS = words("subordinators")
FUNCTION = (
    DETERMINERS | PRONOUNS | OBLIQUE | SUBORDINATORS | NEGATIONS | AUXILIARIES | words("function_words")
)
CALENDAR = words("calendar")
HONORIFICS = words("honorifics")
ROLES = HONORIFICS | words("roles")
OFFICES = words("offices")
"""Words that stand before a name as part of a title, and are not part of the name."""

ORGANISATIONS = words("organisations")
PLACES = words("places")
PARTICLES = words("particles")
DESCRIBERS = words("describers")
BODIES = words("bodies")
"""Those of them that are no human being."""
GENERIC = words("generic_sources")
GENERIC_LABELS = words("asking_labels")
"""Turn labels of those who ask."""

MALE = words("male_names")
FEMALE = words("female_names")
NICKNAMES = table("nicknames")
