"""Follow-ups, by rules: a question that leans on the conversation is made to stand alone.

A person that "he" or "she" points at, a place, a date and a swapped name are
written into the question. What is left out otherwise is the subject of the
last question that stood alone; it is put in brackets behind the question, and
its words count for less than the question's own. Nothing else of the
conversation is carried over, however long it is.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from onrecord.people.names import same_speaker
from onrecord.question.pronouns import (
    Name,
    gender_of,
    kind_of,
    names_in,
    pointing_at_people,
    pointing_at_things,
)
from onrecord.question.query import QuestionKind, parse_question
from onrecord.text.lexicon import CALENDAR
from onrecord.text.terms import CAPITAL, DIGIT, INITIAL, MONTH, STOP, Term, tokenize
from onrecord.types import Turn

_REMEMBERED = 8
_FEW = 3
"""A question of fewer content words than this that names nothing says little by itself."""
FEW = 4
_LONG = 7
_SHORT = 6

_OPENING = re.compile(
    r"^\s*(?:(?:and|but|so|or|then|also|by the way),?\s+)?(?:please\s+)?(?:what|who|whom|whose|when|"
    r"where|why|how|which|"
    r"did|does|do|is|are|was|were|has|have|had|can|could|will|would|should|list|tell|give|show|describe|explain)\b"
    r"(?:\s+(?:is|are|was|were|did|does|do|has|have|had|can|could|will|would|should|many|much|me|us|i|we|you|"
    r"about|please|know|it possible to|the)\b)*\s*",
    re.IGNORECASE,
)
_JOINED = re.compile(r"^\s*(?:and|but|so|or|also|then|ok|okay)\b[\s,]*", re.IGNORECASE)
_SWAP = re.compile(
    r"^\s*(?:(?:and|but|so|or|ok|okay)\b[\s,]*)?(?:(?:what|how) about|and|"
    r"or)\b\s*(?P<given>.+?)\s*[?.!]*\s*$",
    re.IGNORECASE,
)
_TOPIC = re.compile(r"^(?:about|on|regarding)\s+(?P<topic>.+)$", re.IGNORECASE)
_ABOUT = re.compile(
    r"\b(?:say|says|said|tell \w+|told \w+|think|comment|spoke|speak|statements?|remarks?|claims?|"
    r"claimed|view|"
    r"position|stance|reaction|else)\b[^?.!]{0,40}?\b(?:about|on|of|to|regarding|concerning)\s+(?P<topic>[^?.!]+?)\s*[?.!]*\s*$",
    re.IGNORECASE,
)
_MONTHS = (
    r"(?:January|February|March|April|May|June|July|August|September|October|November|December|"
    r"Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept?|Oct|Nov|Dec)\.?"
)
_DATE = (
    rf"(?:\d{{4}}-\d\d(?:-\d\d)?|(?:\d{{1,2}}(?:st|nd|rd|th)?\s+)?{_MONTHS}(?:\s+\d{{1,2}}(?:st|nd|rd|th)?)?,?"
    rf"(?:\s+(?:19|20)\d\d)?|(?:early |late |mid-?)?(?:19|20)\d\d|(?:last|this|next) (?:year|month|"
    rf"week)|yesterday|today)"
)
_WHEN = re.compile(
    rf"\b(?:(?P<before>in|on|during|since|by|until|before|after|from|for|as "
    rf"of)\s+)?(?P<date>{_DATE})(?![\w-])"
)
_ONLY_WHEN = re.compile(
    rf"(?:(?P<before>in|on|during|since|by|until|before|after|from|for|as of)\s+)?(?P<date>{_DATE})",
    re.IGNORECASE,
)
_ELSE = re.compile(
    r"^\s*(?:(?:and|but|so|ok|okay)\b[\s,]*)?(?:(?P<word>who|what|where|when|why)(?: else|(?= more))|"
    r"any(?:one|body) else|"
    r"anything else)(?:\s+(?:said|was there|is there|did (?:he|she|they) say))?\s*[?.!]*\s*$",
    re.IGNORECASE,
)
_DEFINED = re.compile(
    r"^\s*(?:(?:and|but|so|ok|by the way|btw)\b[\s,]*)?(?:(?:who|what) (?:is|are|was|were)|what's|"
    r"who's|define|"
    r"what does .+ mean|what means?)\s+(?!it\b|its\b|that\b|this\b|the\b|his\b|her\b|their\b)\w",
    re.IGNORECASE,
)
_PLEASANT = frozenset(
    "thank thanks hi hello hey pleas ok okay yes no sure great good got see help sorri apolog yeah "
    "nice cool fine "
    "understand understood know bye need want like".split()
)
_OPEN = frozenset(
    "what who whom whose when where why how which did does do is are was were has have had can could will "
    "would should tell give".split()
)
_MOVED = re.compile(
    r"\b(?:go|went|going|travel\w*|fly|flew|come|came|sen[dt]|return\w*|mov\w+)\W+(?:\w+\W+)?$", re.IGNORECASE
)
_PLACED = re.compile(r"\b(?:from|in|near|over)\s+$")
_SPEAKS_ON = re.compile(
    r"^(?P<who>.{2,60}?) (?:say|says|said|think|thinks|comment|speak|spoke) (?:about|on|of|"
    r"regarding) (?P<topic>.+)$"
)
_LACKING = re.compile(
    r"\b(?:confirm|deny|respond|react|agree|disagree|answer|reply|comment|say|apologi[sz]e|accept|reject|refuse|object|"
    r"know|comply)(?:e?s|e?d)?\s*[?.!]*\s*$",
    re.IGNORECASE,
)
_COMPLETED = re.compile(
    r"[a-z]\s+(?:of|in|between|from|by|for|about|with|on)\s+(?:the\s+|an?\s+)?(?!it\b|that\b|this\b)[a-z]{3}",
    re.IGNORECASE,
)
_LINKS = frozenset("the a an of in for on at from with to and".split())


@dataclass(frozen=True, slots=True)
class Leaning:
    """A question, made to stand alone.

    Attributes:
        text: What is searched and shown; as typed, to the character, where it stands alone.
        on: Those of its words that only the conversation gives and that count for less; may be empty.
        standalone: Whether the question stands alone as typed.
    """

    text: str
    on: str = ""
    standalone: bool = True


@dataclass(frozen=True, slots=True)
class _Talk:
    """What a follow-up may lean on.

    Attributes:
        base: The last question that stood alone, or was made to.
        people: Named people, the likeliest first.
        places: Named places, the last first.
    """

    base: str = ""
    people: tuple[str, ...] = ()
    places: tuple[str, ...] = ()


def stand_alone(question: str, history: Sequence[Turn | str]) -> Leaning:
    """Make a question stand alone.

    Args:
        question: As typed.
        history: The conversation so far, oldest first: turns, or earlier questions alone.

    Returns:
        The question to search for.
    """
    talk = _Talk()
    for turn in list(history)[-_REMEMBERED:]:
        talk = _after(talk, turn if isinstance(turn, Turn) else Turn(turn))
    return _lean(question, talk)


def leans_on(question: str, history: Sequence[str]) -> str:
    """Give only the words that a question borrows from the conversation."""
    return stand_alone(question, history).on


def _after(talk: _Talk, turn: Turn) -> _Talk:
    """Add a turn to what a later question may lean on."""
    if not _has_subject(turn.question) and not turn.standalone:
        return talk
    lean = _lean(turn.question, talk)
    text = lean.text
    if turn.standalone and not turn.standalone.startswith(turn.question.strip()):
        text, lean = turn.standalone, Leaning(turn.standalone)
    people = dict.fromkeys((*_people(text, turn), *talk.people))
    named = names_in(" ".join((text, *turn.quotes[:1])))
    places = dict.fromkeys((*(name.text for name in named if name.kind == "place"), *talk.places))
    return _Talk(talk.base if lean.on else text.strip(), tuple(people), tuple(places))


def _has_subject(question: str) -> bool:
    content = (token.stem for token in tokenize(question) if not token.flags & STOP)
    return any(stem not in _PLEASANT for stem in content) or bool(
        _content(question) == [] and "?" in question
    )


def _people(text: str, turn: Turn) -> Iterator[str]:
    """Give the people of one turn, the likeliest first; in full where an answer gives the full name."""
    query = parse_question(text)
    spoke = [name for name in turn.speakers if gender_of(name) or names_in(name)[:1]]
    named = [name.text for name in names_in(text) if name.kind == "person"]
    asked = [query.person] if query.person and kind_of(query.person) == "person" else []
    first = spoke[:1] if query.kind is QuestionKind.WHO else []
    quoted = [n.text for n in names_in(" ".join(turn.quotes[:2])) if n.kind == "person" and " " in n.text]
    for name in (*first, *asked, *named, *spoke, *quoted):
        yield next((full for full in (*spoke, *quoted) if " " in full and same_speaker(name, full)), name)


def _lean(question: str, talk: _Talk) -> Leaning:
    if not talk.base:
        return Leaning(question)
    swapped = _swap(question, talk)
    if swapped is not None:
        return Leaning(swapped, standalone=False)
    text = _with_people(question, talk)
    text = _with_place(text, talk)
    if _leaves_out(text, talk.base):
        return _bracketed(text, talk.base)
    return Leaning(text, standalone=text == question)


def _bracketed(text: str, base: str) -> Leaning:
    """Put the subject of an earlier question behind a question that leaves it out."""
    subject = _subject(base)
    own = {token.stem for token in tokenize(text)}
    if all(token.stem in own for token in _content(subject)):
        return Leaning(text)
    return Leaning(f"{text.strip()} ({_readable(subject)})", subject, standalone=False)


def _subject(base: str) -> str:
    whole = re.sub(r"\s*\([^()]*\)\s*$", "", base)
    return (_OPENING.sub("", whole) or whole).strip().rstrip(" ?.!")


def _readable(subject: str) -> str:
    spoken = _SPEAKS_ON.match(subject)
    readable = f"{spoken['who']} on {spoken['topic']}" if spoken else subject.replace(" about,", ",")
    return re.sub(r"[()\s]+", " ", readable).strip()


def _content(text: str) -> list[Term]:
    return [token for token in tokenize(text) if not token.flags & STOP]


def _leaves_out(question: str, base: str) -> bool:
    """Tell whether a question leaves out what it is about."""
    content = _content(question)
    if not _has_subject(question):
        return False
    if pointing_at_things(question):
        return len(content) < _LONG
    if _DEFINED.match(question) and content:
        return False
    if _LACKING.search(question) and len(content) < _FEW:
        return True
    named = any(t.flags & CAPITAL and not t.flags & INITIAL for t in content)
    full = _COMPLETED.search(question) or any(t.flags & (DIGIT | MONTH) for t in content)
    return (not named and len(content) < (_FEW if full else FEW)) or _points_by_the(question, content, base)


def _points_by_the(question: str, content: Sequence[Term], base: str) -> bool:
    """Tell whether "the service" takes up, without a name, what the earlier question named in full."""
    if len(content) > _SHORT or any(t.flags & CAPITAL and not t.flags & INITIAL for t in content):
        return False
    before = {token.stem for token in _content(base)}
    return any(
        token.stem in before
        and not token.flags & MONTH
        and token.stem not in CALENDAR
        and re.search(r"\b(?:the|this|that|these|those)\s+$", question[: token.start], re.IGNORECASE)
        for token in content
    )


def _with_people(question: str, talk: _Talk) -> str:
    """Write the person that "he" or "she" points at into the question, once: the rest then points there."""
    pronoun = pointing_at_people(question)
    if pronoun is None:
        return question
    wanted = "m" if pronoun.group().lower() in ("he", "him", "his") else "f"
    person = next((name for name in talk.people if gender_of(name) in ("", wanted)), None)
    if person is None:
        return question
    return _written(question, pronoun, person)


def _written(question: str, pronoun: re.Match[str], person: str) -> str:
    word, after = pronoun.group().lower(), tokenize(question[pronoun.end() :])[:1]
    owns = word in ("his", "hers") or (word == "her" and bool(after) and not after[0].flags & STOP)
    if owns:
        person += "’" if person.endswith("s") else "’s"
    rewritten = question[: pronoun.start()] + person + question[pronoun.end() :]
    opening = _JOINED.match(rewritten)
    if opening and len(rewritten[opening.end() :].split()) > 2:
        rest = rewritten[opening.end() :]
        return rest[:1].upper() + rest[1:]
    return rewritten


def _with_place(question: str, talk: _Talk) -> str:
    """Write the place that "there" points at into the question."""
    from onrecord.question.pronouns import _THERE

    found = _THERE.search(question)
    if found is None or not talk.places:
        return question
    before = question[: found.start()]
    joined = "to " if _MOVED.search(before) else "in "
    if _PLACED.search(before):
        joined = ""
    return before + joined + talk.places[0] + question[found.end() :]


def _swap(question: str, talk: _Talk) -> str | None:
    """Ask the earlier question again with another date, person, place or topic, if that is meant."""
    if _ELSE.match(question):
        return _else(question, talk.base)
    found = _SWAP.match(question)
    given = found["given"] if found else question.strip().rstrip(" ?.!")
    if _ONLY_WHEN.fullmatch(given):
        return _dated(given, talk.base)
    bare = found is None
    if len(given.split()) > _SHORT or any(w.lower() in _OPEN for w in given.split()):
        return None
    if any(token.flags & STOP and token.stem not in _LINKS for token in tokenize(given)):
        return None
    if pointing_at_people(given) or pointing_at_things(given):
        return None
    topic = _TOPIC.match(given)
    if topic:
        return _on_topic(topic["topic"], talk.base)
    within = re.match(r"(?:in|from|at) (?=[A-Z])", given)
    given = given[within.end() :] if within else given
    names = names_in(f"x {given}")
    if len(names) == 1 and len(names[0].text) >= len(given.removeprefix("the ")) - 1:
        return _named(given, names[0], talk.base)
    return None if names or bare else _on_topic(given, talk.base)


def _dated(given: str, base: str) -> str:
    new = _ONLY_WHEN.fullmatch(given)
    old = next(iter(_WHEN.finditer(base)), None)
    if new is None:
        return base
    word = new["before"]
    if old is None:
        mark = re.search(r"[?.!\s]*$", base)
        at = mark.start() if mark else len(base)
        before = (
            "" if new["date"].lower().split()[0] in ("last", "this", "next", "yesterday", "today") else "in"
        )
        phrase = " ".join(part for part in (word or before, new["date"]) if part)
        return f"{base[:at]} {phrase}{base[at:]}"
    phrase = " ".join(part for part in (word or old["before"], new["date"]) if part)
    return base[: old.start()] + phrase + base[old.end() :]


def _named(given: str, name: Name, base: str) -> str | None:
    """Put a name where the earlier question has one of its kind."""
    person = parse_question(base).person
    names = names_in(base)
    alike = [other for other in names if other.kind == name.kind]
    asked = [other for other in alike if person and (other.text in person or person in other.text)]
    chosen = asked or alike
    if len(chosen) != 1 or chosen[0].text == name.text:
        return None
    old = chosen[0]
    topic = _ABOUT.search(base)
    if topic and old.kind == "place" and old.start >= topic.start("topic") and _leads_on(base, old):
        return _on_topic(given, base)  # "the Iran nuclear deal": there is no Russia nuclear deal to ask about
    return base[: old.start] + given + base[old.end :]


def _leads_on(base: str, name: Name) -> bool:
    """Tell whether a name is the first part of a phrase that goes on in small letters."""
    behind = tokenize(base[name.end :])[:1]
    return bool(behind) and not behind[0].flags & (STOP | CAPITAL) and base[name.end : name.end + 1] == " "


def _on_topic(topic: str, base: str) -> str | None:
    found = _ABOUT.search(base)
    return base[: found.start("topic")] + topic + base[found.end("topic") :] if found else None


def _else(question: str, base: str) -> str | None:
    found = re.match(r"\s*(who|what|where|when|why)\b(?! else)", base, re.IGNORECASE)
    asked = _ELSE.match(question)
    word = (
        (asked["word"] or ("who" if "one" in question.lower() or "body" in question.lower() else "what"))
        if asked
        else ""
    )
    if found and found[1].lower() == word.lower():
        return f"{base[: found.end()]} else{base[found.end() :]}"
    topic = _ABOUT.search(base)
    if word.lower() == "who" and topic:
        return f"Who else said something about {topic['topic']}?"
    return None
