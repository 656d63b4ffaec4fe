"""Which quotations are somebody's words, by which sign: the forms that news takes beside ``“…,” X said``."""

from __future__ import annotations

import pytest

from onrecord.speech.stretches import spoken
from onrecord.types import Article, Mode


def told(text: str, *modes: Mode) -> list[tuple[str, str | None, str]]:
    article = Article(id="a", file="a", title="", text=text, sha256="0" * 64)
    return [
        (one.mode.value, one.canonical, text[one.start : one.end])
        for one in spoken(article)
        if not modes or one.mode in modes
    ]


@pytest.mark.parametrize(
    ("text", "speaker", "words"),
    [
        ("“We will stay,” an angry Ana Lopez retaliated.", "Ana Lopez", "“We will stay,”"),
        ("Ana Lopez spoke.\n\n“We will stay,” Lopez’s office said in a note.", "Lopez’s office",
         "“We will stay,”"),
        ("A stunned Ana Lopez quipped, “We will stay.”", "Ana Lopez", "“We will stay.”"),
        ("At noon Ana Lopez issued a note, “We will stay in the port for now.”", None,
         "“We will stay in the port for now.”"),
        ("Ana Lopez sent an email saying, “We will stay.”", "Ana Lopez", "“We will stay.”"),
        ("The port was shut, with spokesman Ivo Bauer saying, “We will stay.”", "Ivo Bauer",
         "“We will stay.”"),
        ("The harbour master wrote a report to state, “The port has never been deeper than it is now.”", None,
         "“The port has never been deeper than it is now.”"),
        ("Ana Lopez said the port was shut. Adding, “We will stay.”", "Ana Lopez", "“We will stay.”"),
    ],
)  # fmt: skip
def test_a_whole_utterance_is_direct_speech(text, speaker, words):
    assert told(text, Mode.DIRECT, Mode.SCARE) == [("direct", speaker, words)]


def test_an_utterance_of_its_own_sign_is_no_part_of_the_clause_before_it():
    text = "When Ana Lopez suggested that the port would shut, Ivo Bauer fired back: “We will stay.”"
    assert told(text, Mode.DIRECT, Mode.MIXED) == [("direct", "Ivo Bauer", "“We will stay.”")]
    text = "Asked why Ana Lopez said that the port would shut, Ivo Bauer responded, “We will stay.”"
    assert told(text, Mode.DIRECT, Mode.MIXED) == [("direct", "Ivo Bauer", "“We will stay.”")]


def test_an_ellipsis_between_sentences_parts_no_quotation():
    text = "“She walks in. … We never see her for days. Ask them,” Ana Lopez said."
    assert told(text) == [
        ("direct", "Ana Lopez", "“She walks in. … We never see her for days. Ask them,”")
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("The port, Ana Lopez said, was still “just about alive and kicking.”",
         "was still “just about alive and kicking.”"),
        ("Still, the ports are “just scratching out a living,” Ana Lopez said.",
         "Still, the ports are “just scratching out a living,”"),
    ],
)  # fmt: skip
def test_a_quotation_that_goes_on_with_the_articles_words_is_part_of_a_clause(text, words):
    assert told(text, Mode.DIRECT, Mode.MIXED) == [("mixed", "Ana Lopez", words)]


@pytest.mark.parametrize("sign", ["said", "told reporters", "told the port council"])
def test_words_right_after_the_sign_are_all_that_was_said(sign):
    assert told(f"Ana Lopez {sign} “we are ready to stay.”", Mode.DIRECT, Mode.MIXED) == [
        ("direct", "Ana Lopez", "“we are ready to stay.”")
    ]


@pytest.mark.parametrize(
    "text",
    [
        "In her new book, “Doomed to Fish,” there is a map.",
        "On Monday’s “Good Morning Ports,” Ana Lopez said that the port was shut.",
        "She also starred in the serial, “Harbour,” and a play.",
    ],
)
def test_a_title_is_nobodys_words(text):
    assert [row for row in told(text) if "“" in row[2] and row[0] != "scare"] == []


@pytest.mark.parametrize(
    ("text", "speaker", "clause"),
    [
        ("Ana Lopez and Ivo Bauer said they would “never agree” to it.", "Ana Lopez and Ivo Bauer",
         "they would “never agree” to it"),
        ("Ana Lopez met Ivo Bauer. They said they would “never agree” to it.", None,
         "they would “never agree” to it"),
        ("Ana Lopez said that “nothing” changed.", "Ana Lopez", "that “nothing” changed"),
    ],
)  # fmt: skip
def test_a_word_or_two_quoted_in_what_is_reported_are_the_speakers(text, speaker, clause):
    assert told(text) == [("mixed", speaker, clause)]


def test_words_quoted_far_from_the_sign_or_outside_of_what_is_reported_stay_nobodys():
    far = "Ana Lopez said that the port had for a long time now been a kind of “paradise” for eels."
    assert [mode for mode, _, _ in told(far)] == ["reported", "scare"]
    assert told("The port is a “paradise” for eels.") == [("scare", None, "“paradise”")]


@pytest.mark.parametrize(
    "text",
    [
        "His brother, Mark Smith, disagreed.",
        "Her new lawyer, Ana Lopez, declined.",
        "Mark Smith agreed.",
        "The minister, who disagreed, left the room.",
    ],
)
def test_where_a_sentence_does_not_say_what_was_said_nothing_is_reported(text):
    assert told(text) == []


def test_what_stands_before_an_apposed_speaker_is_reported_where_it_is_a_clause():
    text = "The talks had failed, Ana Lopez, the minister, said."
    assert told(text) == [("reported", "Ana Lopez", "The talks had failed")]


@pytest.mark.parametrize(
    ("text", "content"),
    [
        ("Revenue fell by half, according to the state Division of Port Control.", "Revenue fell by half"),
        ("Votes will be lost, according to a letter from the head of the union.", "Votes will be lost"),
        ("According to Ana Lopez, the minister, votes will be lost.", "votes will be lost"),
        ("Such cuts are sickening, Ana Lopez said Tuesday in Paris.", "Such cuts are sickening"),
        ("Rents rose, port specialists say.", "Rents rose"),
        ("Port specialists say it is deep enough.", "it is deep enough"),
        ("New filings show it has less cash.", "it has less cash"),
    ],
)
def test_what_is_said_is_told_from_who_and_when(text, content):
    assert [words for _, _, words in told(text)] == [content]


def test_what_is_quoted_ends_where_something_else_is_told():
    text = "Ana Lopez called it the “ultimate trap,” and walked away at once."
    assert told(text) == [("mixed", "Ana Lopez", "it the “ultimate trap,”")]


@pytest.mark.parametrize(
    ("text", "content"),
    [
        ("Ana Lopez told members of the port council that the vote is off.", "that the vote is off"),
        ("Several said they would rather pay.", "they would rather pay"),
        ("The poll shows that Lopez leads.", "that Lopez leads"),
    ],
)
def test_who_is_told_and_who_tells_are_no_part_of_what_is_said(text, content):
    assert [words for _, _, words in told(text)] == [content]


@pytest.mark.parametrize(
    "text",
    ["The crowd feared controversial remarks by the mayor.", "The city dreads Bauer’s comments about wages.",
     "She struck a cautious note about wages and rents."],
)  # fmt: skip
def test_a_noun_is_no_sign_of_speech(text):
    assert not [one for one in told(text) if "about" in one[2][:8] or "by the" in one[2][:8]]
