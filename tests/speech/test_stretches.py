"""The statements of one text: every style of quotation mark, the two articles, and any text at all."""

from __future__ import annotations

import re
import time

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from onrecord.speech.stretches import spoken
from onrecord.text.quotations import quotations
from onrecord.types import Article, Mode, SpeakerKind, Statement
from tests.shared import ROOT

CORPUS = ROOT / "corpus"
DRONES = "000_958ad2b006b0f065.txt"
TALKS = "003_4bf6cde60e83d0fa.txt"
BLINKEN, TRUMP, MILLER = "Antony Blinken", "Donald Trump", "Matthew Miller"
DIMAGGIO, ZAKHAROVA = "Suzanne DiMaggio", "Maria Zakharova"
OFFICIAL, DIPLOMAT = "senior U.S. official, unnamed", "senior EU diplomat, unnamed"


def made(text: str, *, title: str = "", published: str | None = None) -> Article:
    return Article(id="a", file="a", title=title, text=text, sha256="0" * 64, published=published)


def read(name: str, published: str) -> tuple[str, tuple[Statement, ...]]:
    text = (CORPUS / name).read_text(encoding="utf-8")
    return text, spoken(made(text, title=text.split("\n", 1)[0], published=published))


def printed(text: str, one: Statement) -> str | None:
    return None if one.speaker_start is None else text[one.speaker_start : one.speaker_end]


# Every quotation of the two articles, read from them: the first words between its marks, who is meant, and
# the phrase that stands for the speaker. None: the article gives the words to nobody, or borrows them.
QUOTATIONS = [
    (DRONES, "We continue to believe that diplomacy", BLINKEN, "Blinken"),
    (DRONES, "at this moment, there's no prospect", BLINKEN, "Blinken"),
    (DRONES, "stalemate", None, None),
    (DRONES, "a horrible one-sided deal", TRUMP, "Donald Trump"),
    (DRONES, "it didn't bring calm", TRUMP, "Donald Trump"),
    (DRONES, "consider every means", BLINKEN, "The Secretary of State"),
    (DRONES, "Russia shows no signs", BLINKEN, "Blinked"),
    (DRONES, "dangerous weaponry", None, None),
    (DRONES, "a set of groundless speculations", ZAKHAROVA, "Maria Zakharova"),
    (DRONES, "the rumors about [deliveries of]", ZAKHAROVA, "Maria Zakharova"),
    (DRONES, "unfounded and unsubstantiated", "Amir Saeed Iravani", "Amir Saeed Iravani"),
    (TALKS, "There is no agreement in the offing", BLINKEN, "Antony Blinken"),
    (TALKS, "There is no agreement in the offing", BLINKEN, "Blinken"),
    (TALKS, "At the same time, we've been building up", BLINKEN, "Blinken"),
    (TALKS, "And we’ve been working closely", BLINKEN, "Blinken"),
    (TALKS, "I think whether Iran chooses itself", BLINKEN, "Blinken"),
    (TALKS, "unambiguous", None, None),
    (TALKS, "We’ve been very clear in messages", OFFICIAL, "a senior U.S. official"),
    (TALKS, "Separately, we’ve told them", OFFICIAL, "the official"),
    (TALKS, "And we want to see whether", OFFICIAL, "the official"),
    (TALKS, "The question is whether they are willing", OFFICIAL, "he"),
    (TALKS, "That could open up different", OFFICIAL, "he"),
    (TALKS, "appear to have come to the conclusion", DIMAGGIO, "Suzanne DiMaggio"),
    (TALKS, "The Biden administration is placing", DIMAGGIO, "Suzanne DiMaggio"),
    (TALKS, "Why now?", DIMAGGIO, "she"),
    (TALKS, "The talks in Oman reportedly", DIMAGGIO, "she"),
    (TALKS, "The episode in March demonstrated", DIMAGGIO, "she"),
    (TALKS, "It also has been clear for some time", DIMAGGIO, "DiMaggio"),
    (TALKS, "So the focus is on placing a pause", DIMAGGIO, "she"),
    (TALKS, "Essentially, this is what", DIMAGGIO, "she"),
    (TALKS, "I don’t have any updates to share on this", MILLER, "Matthew Miller"),
    (TALKS, "We continue to work to secure", MILLER, "Matthew Miller"),
    (TALKS, "I know that there are a lot", MILLER, "he"),
    (TALKS, "I have no updates at all to share", MILLER, "Miller"),
    (TALKS, "The main objective was JCPOA", DIPLOMAT, "the senior EU diplomat"),
    (TALKS, "To try to go back.", DIPLOMAT, "the senior EU diplomat"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "published"), [(DRONES, "2022-10/2022-12"), (TALKS, "2023-06-28")])
def test_every_quotation_of_the_two_articles_has_its_speaker_or_is_nobodys(name, published):
    text, found = read(name, published)
    body = text.index("\n")
    # ‘timeout’ stands in a heading, which nobody speaks.
    marked = [one for one in quotations(text) if one.start > body and text[one.start + 1 :][:8] != "timeout’"]
    expected = [row[1:] for row in QUOTATIONS if row[0] == name]
    assert len(marked) == len(expected)
    for span, (begins, who, phrase) in zip(marked, expected, strict=True):
        assert text[span.start + 1 : span.end].startswith(begins)
        holding = [
            one for one in found if one.start <= span.start < one.end and one.mode is not Mode.REPORTED
        ]
        assert [one.canonical for one in holding] == [who], begins
        assert [one.mode is Mode.SCARE for one in holding] == [who is None]
        if phrase:
            assert (printed(text, holding[0]) or "").endswith(phrase)


def test_words_quoted_inside_a_clause_are_mixed_and_scare_quotes_have_no_speaker():
    text, found = read(DRONES, "2022-10/2022-12")
    modes = {text[one.start : one.end][:40]: one for one in found}
    horrible = next(one for one in found if "a horrible one-sided deal" in text[one.start : one.end])
    assert (horrible.mode, horrible.canonical) == (Mode.MIXED, TRUMP)
    for word in ('"stalemate"', '"dangerous weaponry"'):
        assert modes[word].mode is Mode.SCARE
        assert (modes[word].speaker, modes[word].canonical, modes[word].cue_start) == ("", None, None)


def test_who_when_to_whom_and_where_of_the_two_articles():
    text, found = read(TALKS, "2023-06-28")
    said = {text[one.start : one.end].strip("“”")[:24]: one for one in found}
    offing = said["There is no agreement in"]
    assert (offing.occasion, offing.said_on) == (
        "at the Council on Foreign Relations in New York",
        "2023-06-28",
    )
    clear = said["We’ve been very clear in"]
    assert (clear.source, clear.occasion, clear.said_on) == (
        SpeakerKind.UNNAMED,
        "in an interview",
        "2023-06-12",
    )
    assert clear.said_on_basis == "“June 12”, from the publication date 28 June 2023"
    why = said["Why now? I think for the"]
    assert (why.addressee, why.said_on) == ("the Quincy Institute panel", None)
    panel = said["The Biden administration"]
    assert (panel.addressee, panel.said_on) == ("a Quincy Institute panel", "2023-06-23")
    updates = said["I don’t have any updates"]
    assert (updates.addressee, updates.said_on) == ("journalists", "2023-06-27")
    doha = next(one for one in found if "the EU still is interested" in text[one.start : one.end])
    assert doha.said_on is None, "the meeting was last week, not the remark"


def test_the_last_september_of_an_article_known_to_a_quarter():
    text, found = read(DRONES, "2022-10/2022-12")
    borrell = next(one for one in found if one.speaker == "Josep Borrell")
    assert borrell.said_on == "2022-09"
    assert (borrell.said_on_basis or "").startswith("“Last September”")
    friday = next(one for one in found if "United States is still" in text[one.start : one.end])
    assert friday.said_on is None, "a Friday of a quarter is no day"


STYLES = [
    ("“", "”"), ('"', '"'), ("'", "'"), ("‘", "’"), ("«", "»"), ("« ", " »"), ("„", "“"), ("„", "”"),
    ("»", "«"), ("「", "」"), ("『", "』"), ("‹", "›"), ("＂", "＂"), ("``", "''"), ("''", "''"),
]  # fmt: skip


@pytest.mark.parametrize(("opening", "closing"), STYLES)
@pytest.mark.parametrize(
    "text",
    [
        "Kaja Kallas spoke on Monday. {o}We will not yield on this,{c} she said.",
        "Kaja Kallas said: {o}We will not yield on this.{c}",
        "{o}We will not yield on this,{c} said Kaja Kallas, the prime minister.",
    ],
)
def test_every_style_of_quotation_mark(opening, closing, text):
    text = text.format(o=opening, c=closing)
    direct = [one for one in spoken(made(text)) if one.mode is Mode.DIRECT]
    assert [one.canonical for one in direct] == ["Kaja Kallas"]
    words = text[direct[0].start : direct[0].end]
    assert words.startswith(f"{opening}We")
    assert words.endswith(closing)


def direct_in(text: str) -> list[tuple[str | None, str]]:
    return [
        (one.canonical, text[one.start : one.end]) for one in spoken(made(text)) if one.mode is Mode.DIRECT
    ]


def test_a_quotation_split_around_its_cue_is_two_stretches_of_one_speaker():
    text = "“We will not,” Kaja Kallas said, “yield on this today.”"
    assert direct_in(text) == [("Kaja Kallas", "“We will not,”"), ("Kaja Kallas", "“yield on this today.”")]


@pytest.mark.parametrize(
    "inner",
    [
        "He told me, ‘Go home now,’ and I went",
        "He told me, 'Go home now,' and I went",
        "A «deal» is a deal",
        "A “deal” is a deal",
        "We have a “deal,” a “good” one",
    ],
)
def test_a_quotation_inside_another_is_part_of_it(inner):
    text = f"“{inner},” Kaja Kallas said."
    assert direct_in(text) == [("Kaja Kallas", f"“{inner},”")]


@pytest.mark.parametrize("mark", ["“", '"', "«"])
def test_a_speech_over_paragraphs_is_one_statement(mark):
    closing = {"“": "”", '"': '"', "«": "»"}[mark]
    speech = f"{mark}We will not yield.\n\n{mark}We never did so.\n\n{mark}And we are many.{closing}"
    text = f"Kaja Kallas said: {speech}\n\nRain fell."
    assert direct_in(text) == [("Kaja Kallas", speech)]


def test_a_quotation_over_several_sentences_is_one_statement():
    text = "“We will not yield. Not now. Never,” Kaja Kallas said."
    assert direct_in(text) == [("Kaja Kallas", "“We will not yield. Not now. Never,”")]


def clauses_in(text: str) -> list[tuple[str, str, str | None]]:
    return [
        (one.mode.value, text[one.start : one.end], one.canonical)
        for one in spoken(made(text))
        if one.mode in (Mode.REPORTED, Mode.MIXED)
    ]


@pytest.mark.parametrize(
    ("text", "clause"),
    [
        ("Kaja Kallas said that the talks had failed again.", "that the talks had failed again"),
        ("Kaja Kallas told reporters on Monday that talks had failed.", "that talks had failed"),
        ("The talks had failed again, Kaja Kallas said.", "The talks had failed again"),
        ("The talks had failed again, said Kaja Kallas, the prime minister.", "The talks had failed again"),
        ("According to Kaja Kallas, the talks had failed again.", "the talks had failed again"),
        ("The talks had failed again, according to Kaja Kallas.", "The talks had failed again"),
        ("Kaja Kallas believes that the talks are over.", "that the talks are over"),
    ],
)
def test_the_clause_of_reported_speech_is_without_speaker_and_cue(text, clause):
    assert clauses_in(text) == [("reported", clause, "Kaja Kallas")]


def test_two_reports_of_one_sentence_are_two_statements():
    text = "Kaja Kallas said that talks had failed, adding that they would go on."
    assert [part for _, part, _ in clauses_in(text)] == ["that talks had failed", "that they would go on"]


def test_what_somebody_is_sure_to_have_said_needs_a_sure_speaker():
    found = spoken(made("“We will not yield,” Kaja Kallas said.\n\n“Not now and not later.”"))
    assert [(one.canonical, one.speaker, one.certain) for one in found] == [
        ("Kaja Kallas", "Kaja Kallas", True),
        (None, "Kaja Kallas", False),
    ]
    assert spoken(made("“We will not yield on this,” they said."))[0].canonical is None
    introduced = spoken(made("Kaja Kallas continued:\n\n“We will not yield on this.”"))
    assert [one.canonical for one in introduced] == ["Kaja Kallas"]


def test_a_surname_that_two_people_of_the_article_bear_is_not_certain():
    shared = (
        "John Smith told reporters he left. His brother, Mark Smith, disagreed. “He said it,” Smith added."
    )
    assert [one.certain for one in spoken(made(shared)) if one.mode is Mode.DIRECT] == [False]
    alone = "John Smith told reporters he left. His brother disagreed. “He said it,” Smith added."
    assert [one.canonical for one in spoken(made(alone)) if one.mode is Mode.DIRECT] == ["John Smith"]


def test_a_pronoun_that_two_people_could_have_is_not_certain():
    sure = "Ms. Kallas spoke. Mr. Orban replied.\n\n“I was not asked,” he said."
    assert [one.canonical for one in spoken(made(sure)) if one.mode is Mode.DIRECT] == ["Orban"]
    unsure = "Mr. Michel met Mr. Orban.\n\nAfter a call with Mr. Michel, “I was not asked,” he said."
    assert [one.certain for one in spoken(made(unsure)) if one.mode is Mode.DIRECT] == [False]


@pytest.mark.parametrize(
    ("text", "source"),
    [
        ("“We will not yield,” Kaja Kallas said.", SpeakerKind.PERSON),
        ("“We will not yield,” the Foreign Ministry said.", SpeakerKind.BODY),
        ("“We will not yield,” the campaign said.", SpeakerKind.BODY),
        ("“We will not yield,” a European official said.", SpeakerKind.UNNAMED),
        ("“We will not yield,” two people familiar with the talks said.", SpeakerKind.UNNAMED),
        ("“We will not yield,” they said.", SpeakerKind.UNKNOWN),
    ],
)
def test_kinds_of_source(text, source):
    assert [one.source for one in spoken(made(text))] == [source]


def test_a_turn_of_a_transcript_is_one_statement_and_questions_are_nobodys():
    text = (
        "MS. MARLOW: Hi, everyone.\n\nWe have news.\n\nQ  Why now?\n\n"
        "MS. MARLOW: “Why now” is a fair question.\n\n(Laughter.)\n\nIt is.\n\n"
        "Q  And?\n\nMS. MARLOW: That is all."
    )
    found = spoken(made(text, title="Press Briefing by Press Secretary Ann Marlow, July 4, 2021"))
    assert [(one.canonical, printed(text, one), text[one.start : one.end], one.said_on) for one in found] == [
        ("Ann Marlow", "MS. MARLOW", "Hi, everyone.\n\nWe have news.", "2021-07-04"),
        ("Ann Marlow", "MS. MARLOW", "“Why now” is a fair question.", "2021-07-04"),
        ("Ann Marlow", "MS. MARLOW", "It is.", "2021-07-04"),
        ("Ann Marlow", "MS. MARLOW", "That is all.", "2021-07-04"),
    ]


PIECES = st.sampled_from(
    [
        *"“”\"‘’«»„「」'.,:;?!—-()[] \n",
        *(
            "\n\n",
            "''",
            "``",
            "Antony Blinken",
            "Blinken",
            "he",
            "said",
            "told reporters",
            "MS. PSAKI:",
            "Q ",
        ),
        *("according to", "adding", "that", "the official", "Mr.", "U.S.", "ß", "İ", "é", "\u0301", "\ue000"),
        *("\u00a0", "\ud800", "😀", "السفير", "and", "of", "who", "on Friday", "June 28", "last September"),
        *("believes", "wants", "to", "in an interview", "But", "# ", "Statement"),
    ]
)
TEXTS = st.one_of(
    st.text(), st.lists(PIECES, max_size=60).map(" ".join), st.lists(PIECES, max_size=60).map("".join)
)
DATES = st.sampled_from([None, "2022", "2022-10/2022-12", "2023-06-28", "0001-01-01", "9999-12-31"])
MARKS = re.compile("[“”\"‘’«»„‟‚‹›＂'`「」『』]")


@settings(max_examples=400, deadline=None)
@example("B tOLD& \ue000", "", None)
@given(TEXTS, st.text(max_size=40), DATES)
def test_statements_of_any_text_are_slices_and_direct_speech_lies_in_quotation_marks(text, title, published):
    found = spoken(made(text, title=title, published=published))
    spans = quotations(text)
    for one in found:
        assert 0 <= one.start < one.end <= len(text)
        for start, end in ((one.speaker_start, one.speaker_end), (one.cue_start, one.cue_end)):
            assert (start is None) == (end is None)
            assert start is None or 0 <= start < (end or 0) <= len(text)
        for words in (one.addressee, one.occasion):
            assert words is None or words in text
        label = one.cue_start == one.speaker_start
        if one.mode is Mode.DIRECT and not label and one.cue_start is not None:
            assert any(span.start <= one.start and one.end <= span.end for span in spans)
            assert MARKS.match(text, one.start)
        if one.mode is Mode.SCARE:
            assert (one.speaker, one.canonical, one.certain) == ("", None, False)
        assert (one.said_on is None) == (one.said_on_basis is None)
        assert one.canonical is None or one.canonical.startswith(one.speaker)


@pytest.mark.parametrize(
    "unit",
    ["“a b c,” he said and ", "Blinken said ", "wants to ", "believes that ", "he said that “a b c” ",
     "on Friday ",
     "“A b.” he said “C d e.” ", "told the ", "according to ", "EU chief ", "“x” wants ", "Q: ", "MS. A: x\n",
     "in an interview with A ", "the aide said he was a b: “A b c.” ", "「a", "saying, "],
)  # fmt: skip
def test_time_is_linear_in_length(unit):
    def seconds(length: int) -> float:
        article = made((unit * (length // len(unit) + 1))[:length], published="2023-06-28")
        best = 9.0
        for _ in range(2):
            start = time.process_time()
            spoken(article)
            best = min(best, time.process_time() - start)
        return best

    # Another try keeps the machine's noise out of the ratio.
    assert any(seconds(20_000) < 3 * seconds(10_000) + 0.02 for _ in range(3))


def test_what_stands_before_an_interview_is_read_too():
    turns = "".join(f"Q: Why {n}?\n\nA: Because of {n}.\n\n" for n in range(4))
    text = f"Kaja Kallas said that talks had failed again.\n\n{turns}"
    found = spoken(made(text, title="An interview with Kaja Kallas"))
    assert [(one.mode, one.canonical) for one in found][:2] == [
        (Mode.REPORTED, "Kaja Kallas"),
        (Mode.DIRECT, "Kaja Kallas"),
    ]
    assert len(found) == 5
