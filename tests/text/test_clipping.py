"""Clipping: a slice that leaves out what could turn its sense is told, a whole sentence never is."""

from __future__ import annotations

import random
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onrecord.corpus.folder import read_corpus
from onrecord.text.clipping import clips
from onrecord.text.sentences import split_sentences
from onrecord.types import SentenceKind, Status, Turning
from tests.shared import ROOT
from tests.verification.test_verify import check

NEGATION, CONDITION, CONTRAST = Turning.NEGATION, Turning.CONDITION, Turning.CONTRAST
ELLIPSIS, QUESTION = Turning.ELLIPSIS, Turning.QUESTION
MARKS = "“”„‟«»‹›‘’\"'()[]*_ \t\r\n"


def turnings(text, quoted):
    start = text.index(quoted)
    return [clip.turning for clip in clips(text, start, start + len(quoted))]


@pytest.mark.parametrize(
    ("text", "quoted", "expected"),
    [
        ("We will not sign the deal.", "sign the deal", [NEGATION]),
        ("He denied that the United States will sign.", "the United States will sign", [NEGATION]),
        ("He did not say “we will sign” it.", "we will sign", [NEGATION]),
        ("We sign no deal.", "We sign", [NEGATION]),
        ("“We will sign only if they do,” he said.", "We will sign", [CONDITION]),
        ("We will sign the deal if Iran complies.", "We will sign the deal", [CONDITION]),
        ("If Iran complies, we will sign.", "we will sign", [CONDITION]),
        ("We stay unless the others leave.", "the others leave", [CONDITION]),
        ("“We will sign,” he said, “unless they cheat.”", "We will sign,", [CONDITION]),
        ("We will sign, but not this year.", "We will sign", [CONTRAST]),
        ("“We will sign,” he said, “but not this year.”", "We will sign,", [CONTRAST]),
        ("But we will sign.", "we will sign", [CONTRAST]),
        ("They came to the conclusion…that it is safe.", "that it is safe", [ELLIPSIS]),
        ("It is safe ... for some of us.", "It is safe", [ELLIPSIS]),
        ("Did he sign? No. He left.", "No.", [QUESTION]),
        ("Q    Will he sign?\n\nMS. PSAKI:  Yes, he will.", "Yes, he will.", [QUESTION]),
    ],
)
def test_what_could_turn_the_sense_is_told(text, quoted, expected):
    assert turnings(text, quoted) == expected


@pytest.mark.parametrize(
    ("text", "quoted"),
    [
        ("Nothing happened. We will sign. But they left.", "We will sign."),
        ("“We will sign,” he said. But they did not.", "We will sign,"),
        ("“We will sign,” he said when asked if Iran complies.", "We will sign,"),
        ("It is not only good but also cheap.", "good"),
        ("He spoke of a no-fly zone over the city.", "over the city"),
        ("Will he sign? The minister left at noon.", "The minister left at noon."),
        ("He said the talks began on Monday, and the ministers met.", "the ministers met"),
    ],
)
def test_what_turns_nothing_is_not_told(text, quoted):
    assert turnings(text, quoted) == []


def test_the_words_left_out_are_given_as_they_stand():
    text = "“We will sign only if they do,” he said."
    (clip,) = clips(text, 1, 13)
    assert text[clip.start : clip.end] == clip.text == "only if they do,” he said."


@given(st.text("aN not if but, “”.?\n…-’", max_size=120), st.integers(0, 120), st.integers(0, 120))
def test_clips_are_slices_beside_the_slice(text, one, other):
    start, end = sorted((min(one, len(text)), min(other, len(text))))
    for clip in clips(text, start, end):
        assert text[clip.start : clip.end] == clip.text != ""
        assert clip.end <= start or clip.start >= end or not text[start:end].strip(MARKS)


def test_a_slice_of_words_joined_at_random_takes_no_longer_for_being_long():
    text = "we will, sign — and so on " * 400
    assert clips(text, 0, 20) == ()


# -- drafts


def test_an_exact_slice_is_flagged_where_the_draft_cuts_off_its_condition():
    verdict = check("we will sign", "“we will sign only if they sign first,” he said.")
    assert verdict.status is Status.EXACT
    assert verdict.ok
    assert [clip.turning for clip in verdict.clipped] == [CONDITION]
    assert verdict.to_dict()["clipped"][0]["text"].startswith("only if they sign first")


def test_a_whole_sentence_in_a_draft_is_not_flagged():
    text = "They met. We will sign only if they sign first. Then they left."
    assert check("We will sign only if they sign first.", text).clipped == ()


# -- false alarms, and what machine-made cuts yield

_TURNS = re.compile(
    r"\b(?:no|not|nor|never|none|nothing|without|if|unless|but|although|though|except|yet|provided|only|until"
    r"|whether|cannot|rather|instead|however|as long|unlikely|far from|false|wrong|impossible|hardly|albeit"
    r"|den\w+|refus\w+|reject\w+|doubt\w*|rul\w+ out|assuming|condition)\b|n[’']t|…|\.\.\.",
    re.IGNORECASE,
)


def sentences_of(articles):
    for one in articles:
        for sentence in split_sentences(one.text, title=one.title):
            if sentence.kind is SentenceKind.TEXT:
                yield one.text, sentence.start, sentence.end


def test_no_whole_sentence_of_the_corpus_is_flagged():
    for text, start, end in sentences_of(read_corpus(ROOT / "corpus").articles):
        assert clips(text, start, end) == (), text[start:end]


@pytest.mark.slow
def test_whole_sentences_of_news_are_not_flagged_and_cuts_made_by_machine_are(shared):
    known = read_corpus(shared / "eval" / "news_iran_ukraine" / "corpus.jsonl.gz").articles
    rng = random.Random(7)
    whole = list(sentences_of(rng.sample(list(known), 120)))
    flagged = [clips(*each) for each in whole]
    # What answers a question that stands before it is flagged, and rightly so.
    assert not [clip for found in flagged for clip in found if clip.turning is not QUESTION]
    cut, told, clean, alarms = 0, 0, 0, 0
    for text, start, end in whole:
        sentence = text[start:end]
        for found in re.finditer(r",? (?:but|unless|only if|if) (?=[a-z])", sentence):
            if found.start() > 20 and not _TURNS.search(sentence[: found.start()]):
                cut += 1
                told += bool(clips(text, start, start + found.start()))
        if not _TURNS.search(sentence):
            for part in re.finditer(r"(?<=, )[^,“”\"]{20,}?(?=[,.]\s|[,.]$)", sentence):
                clean += 1
                alarms += bool(clips(text, start + part.start(), start + part.end()))
    print(f"{len(whole)} whole sentences; cuts told {told} of {cut}; false alarms {alarms} of {clean}")
    assert cut > 100
    assert told >= 0.9 * cut
    assert clean > 100
    assert alarms <= 0.01 * clean
