"""Who said what: the two articles in full, invariants on any text, transcripts, names."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from onrecord.people.names import Roster, same_speaker, speaker_key, strip_titles
from onrecord.speech.statements import statements
from onrecord.text.sentences import split_sentences
from onrecord.types import Article, Mode, Statement
from tests.growth import assert_grows_linearly
from tests.shared import ROOT

CORPUS = ROOT / "corpus"
DRONES = "000_958ad2b006b0f065.txt"
TALKS = "003_4bf6cde60e83d0fa.txt"
BLINKEN, DIMAGGIO, OFFICIAL = "Antony Blinken", "Suzanne DiMaggio", "senior U.S. official"
TRUMP, ZAKHAROVA, MILLER = "Donald Trump", "Maria Zakharova", "Matthew Miller"

# Every quotation of three words or more in the two articles, read by hand, in order.
DIRECT = [
    (DRONES, "We continue to believe that diplomacy", BLINKEN),
    (DRONES, "at this moment, there's no prospect", BLINKEN),
    (DRONES, "a horrible one-sided deal", TRUMP),
    (DRONES, "it didn't bring calm", TRUMP),
    (DRONES, "consider every means to advance diplomacy", BLINKEN),
    (DRONES, "Of course, we'll always look at it.", BLINKEN),
    (DRONES, "Russia shows no signs of being willing", BLINKEN),
    (DRONES, "a set of groundless speculations", ZAKHAROVA),
    (DRONES, "the rumors about [deliveries of]", ZAKHAROVA),
    (DRONES, "unfounded and unsubstantiated", "Amir Saeed Iravani"),
    (TALKS, "There is no agreement in the offing", BLINKEN),
    (TALKS, "There is no agreement in the offing", BLINKEN),
    (TALKS, "At the same time, we've been building up", BLINKEN),
    (TALKS, "And we’ve been working closely", BLINKEN),
    (TALKS, "I think whether Iran chooses itself", BLINKEN),
    (TALKS, "We’ve been very clear in messages", OFFICIAL),
    (TALKS, "Separately, we’ve told them", OFFICIAL),
    (TALKS, "And we want to see whether they are prepared", OFFICIAL),
    (TALKS, "The question is whether they are willing", OFFICIAL),
    (TALKS, "That could open up different possibilities", OFFICIAL),
    (TALKS, "appear to have come to the conclusion", DIMAGGIO),
    (TALKS, "The Biden administration is placing a priority", DIMAGGIO),
    (TALKS, "Why now?", DIMAGGIO),
    (TALKS, "I think for the U.S. there's been growing concern", DIMAGGIO),
    (TALKS, "The talks in Oman reportedly ramped up", DIMAGGIO),
    (TALKS, "The episode in March demonstrated", DIMAGGIO),
    (TALKS, "It also has been clear for some time", DIMAGGIO),
    (TALKS, "So short of that, what can be done", DIMAGGIO),
    (TALKS, "Simply put, the proliferation risk", DIMAGGIO),
    (TALKS, "So the focus is on placing a pause", DIMAGGIO),
    (TALKS, "Essentially, this is what we could call a timeout.", DIMAGGIO),
    (TALKS, "And then the longer [term] objective", DIMAGGIO),
    (TALKS, "And the way I see it", DIMAGGIO),
    (TALKS, "I don’t have any updates to share on this matter", MILLER),
    (TALKS, "We continue to work to secure the release", MILLER),
    (TALKS, "I know that there are a lot of reports", MILLER),
    (TALKS, "I have no updates at all to share", MILLER),
    (TALKS, "The main objective was JCPOA", "senior EU diplomat"),
    (TALKS, "To try to go back.", "senior EU diplomat"),
]
REPORTED = [
    (DRONES, "expressed that the United States is still interested", BLINKEN),
    (DRONES, "stated that the JCPOA negotiation talks", "Josep Borrell"),
    (DRONES, "after Washington accused Moscow", "Washington"),
    (DRONES, "The US State Department said in a statement", "State Department"),
    (DRONES, "Iran and Russia have denied US allegations", "Iran and Russia"),
    (DRONES, "Tehran requested documents from Kiev", "Hossein Amir-Abdollahian"),
    (DRONES, "said the drones used in Ukraine were Russian-made", "Dmitry Polyanskiy"),
    (DRONES, 'rejected "unfounded and unsubstantiated”', "Amir Saeed Iravani"),
    (TALKS, "today denied that there was any sort of imminent agreement", BLINKEN),
    (TALKS, "seemingly alluded to reportedly indirect talks", BLINKEN),
    (TALKS, "Blinken also suggested that Iran", BLINKEN),
    (TALKS, "American officials said they have held indirect talks", "American officials"),
    (TALKS, "The focus for the U.S. is on three objectives", DIMAGGIO),
    (TALKS, "The timing of the de-escalation effort", DIMAGGIO),
    (TALKS, "As Blinken’s comments today suggest", BLINKEN),
    (TALKS, "a European official indicated this week", "European official"),
    (TALKS, "It was still to be seen, however", "European official"),
    (TALKS, "said the EU still is interested", "senior European diplomat"),
]


def made(text: str, *, title: str = "", published: str | None = None) -> Article:
    return Article(id="a", file="a.txt", title=title, text=text, sha256="0" * 64, published=published)


def said(text: str, *, title: str = "", published: str | None = None) -> list[tuple[str, Mode, str]]:
    article = made(text, title=title, published=published)
    found = statements(article, split_sentences(text, title=title))
    return [(one.speaker, one.mode, text[one.start : one.end]) for one in found]


def read(name: str) -> tuple[str, tuple[Statement, ...]]:
    text = (CORPUS / name).read_text(encoding="utf-8")
    article = made(text, title=text.split("\n", 1)[0], published="2023-06-28")
    return text, statements(article, split_sentences(text, title=article.title))


@pytest.mark.parametrize("name", [DRONES, TALKS])
def test_every_quotation_of_the_two_articles_has_its_speaker(name: str) -> None:
    text, found = read(name)
    direct = [one for one in found if one.mode is Mode.DIRECT]
    expected = [row for row in DIRECT if row[0] == name]
    assert len(direct) == len(expected)
    for one, (_, begins, speaker) in zip(direct, expected, strict=True):
        assert text[one.start : one.end].startswith(begins)
        assert one.speaker == speaker


@pytest.mark.parametrize(("name", "part", "speaker"), REPORTED)
def test_reported_speech_of_the_two_articles_has_its_speaker(name: str, part: str, speaker: str) -> None:
    text, found = read(name)
    holding = [one for one in found if one.mode is Mode.REPORTED and part in text[one.start : one.end]]
    assert [one.speaker for one in holding] == [speaker]


def test_scare_quotes_and_headings_are_nobodys_words() -> None:
    for name in (DRONES, TALKS):
        text, found = read(name)
        direct = {text[one.start : one.end] for one in found if one.mode is Mode.DIRECT}
        assert direct.isdisjoint({"stalemate", "timeout", "unambiguous", "dangerous weaponry"})


def test_the_day_of_an_utterance_comes_from_the_sentence() -> None:
    text, found = read(TALKS)
    days = {text[one.start : one.end][:20]: one.said_on for one in found if one.mode is Mode.DIRECT}
    assert days["There is no agreemen"] == "2023-06-28"
    assert days["appear to have come "] == "2023-06-23"
    assert days["We’ve been very clea"] == "2023-06-12"
    assert days["I don’t have any upd"] == "2023-06-27"


NEWS = [
    ("“We will not yield on this,” said Kaja Kallas, the prime minister.", "Kaja Kallas"),
    ("“We will not yield on this,” the minister’s spokesman said.", "minister’s spokesman"),
    ("Kaja Kallas told reporters in Tallinn: “We will not yield on this.”", "Kaja Kallas"),
    ("According to Kaja Kallas, “we will not yield on this at all.”", "Kaja Kallas"),
    ("Kaja Kallas, who leads Estonia, said: “We will not yield on this.”", "Kaja Kallas"),
    ("Estonia’s leader, Kaja Kallas, said: “We will not yield on this.”", "Kaja Kallas"),
    ("Kaja Kallas met the press.\n\n“We will not yield on this,” she said.", "Kaja Kallas"),
    ("Kaja Kallas continued:\n\n“We will not yield on this.”", "Kaja Kallas"),
    ("Prime Minister Kaja Kallas is firm.\n\n“We will not yield,” the prime minister said.", "Kaja Kallas"),
    ("- [Speaker Mike Johnson](https://x.test/1): “We will not yield on this.”", "Mike Johnson"),
    ("Speaker Mike Johnson: “We will not yield on this.”", "Mike Johnson"),
]


@pytest.mark.parametrize(("text", "speaker"), NEWS)
def test_patterns_of_attribution(text: str, speaker: str) -> None:
    assert [name for name, mode, _ in said(text) if mode is Mode.DIRECT] == [speaker]


def test_pronouns_follow_gender() -> None:
    text = (
        "Mr. Orban spoke first. Ms. Kallas replied.\n\n"
        "“I was not asked about this,” he said.\n\n“I was,” she said."
    )
    assert [name for name, mode, _ in said(text) if mode is Mode.DIRECT] == ["Orban", "Kallas"]


def test_a_quotation_over_paragraphs_keeps_its_speaker() -> None:
    text = (
        "Kaja Kallas said: “We will not yield on this.\n\n“We never did so before.”\n\nRain fell on Tallinn."
    )
    found = said(text)
    assert found == [
        ("Kaja Kallas", Mode.DIRECT, "We will not yield on this."),
        ("Kaja Kallas", Mode.DIRECT, "We never did so before."),
    ]


def test_quotation_alone_after_an_attributed_paragraph() -> None:
    text = "“We will not yield on this,” Kaja Kallas said.\n\n“Not now and not later.”"
    assert [name for name, _, _ in said(text)] == ["Kaja Kallas"] * 2


def test_a_denied_verb_is_no_statement() -> None:
    assert said("Kaja Kallas did not say whether the talks had failed.") == []


def test_narrative_and_titles_are_left_out() -> None:
    assert said("The film “Thirteen Hours in Benghazi” opened to long queues in the rain.") == []


BRIEFING = """James S. Brady Press Briefing Room

1:04 P.M. EDT

MS. PSAKI: Hi, everyone. Janet is with us.

We have three items today.

SECRETARY YELLEN: Thank you, Jen. Jobs grew.

Q  Why did the deal fail? Was it Iran?

MS. PSAKI:  It has not failed. The talks go on.

MR. GRANT: We agree.

THE PRESIDENT: Folks, I am here.

END 1:40 P.M. EDT
"""


@pytest.mark.parametrize("upper", [False, True])
def test_turns_of_a_transcript(upper: bool) -> None:
    title = (
        "Press Briefing by Press Secretary Jen Psaki and Secretary of the Treasury Janet Yellen, May 7, 2021"
    )
    article = made(BRIEFING, title=title.upper() if upper else title)
    found = statements(article, split_sentences(BRIEFING, title=article.title))
    assert {one.mode for one in found} == {Mode.DIRECT}
    assert {one.said_on for one in found} == {"2021-05-07"}
    spoken = [(one.speaker, BRIEFING[one.start : one.end]) for one in found]
    assert spoken == [
        ("Jen Psaki", "Hi, everyone."),
        ("Jen Psaki", "Janet is with us."),
        ("Jen Psaki", "We have three items today."),
        ("Janet Yellen", "Thank you, Jen."),
        ("Janet Yellen", "Jobs grew."),
        ("Jen Psaki", "It has not failed."),
        ("Jen Psaki", "The talks go on."),
        ("Mr. Grant", "We agree."),
        ("The President", "Folks, I am here."),
    ]


def test_a_written_statement_is_its_authors() -> None:
    text = "I welcome the vote. My team will act."
    names = [name for name, _, _ in said(text, title="Statement by President Joe Biden on the Vote")]
    assert names == ["Joe Biden"] * 2
    assert said(text, title="Statement of work") == []


@pytest.mark.parametrize(
    ("printed", "name"),
    [
        ("US Secretary of State Antony Blinken", "Antony Blinken"),
        ("Secretary of the Treasury Janet Yellen", "Janet Yellen"),
        ("then-President Donald Trump", "Donald Trump"),
        ("Russia’s Deputy UN Ambassador Dmitry Polyanskiy", "Dmitry Polyanskiy"),
        ("Iranian Foreign Minister Hossein Amir-Abdollahian", "Hossein Amir-Abdollahian"),
        ("Sen. Bernie Sanders of Vermont", "Bernie Sanders"),
        ("Ursula von der Leyen", "Ursula von der Leyen"),
        ("Secretary of State", ""),
    ],
)
def test_titles_are_stripped(printed: str, name: str) -> None:
    assert " ".join(strip_titles(printed.split())) == name


def test_a_surname_becomes_the_full_name() -> None:
    roster = Roster("", "Hillary Clinton met Bill Clinton. Hillary Clinton left with Mrs. Clinton's aides.")
    names = [roster.resolve(words) for words in (["Clinton"], ["Mr.", "Clinton"], ["Mrs.", "Clinton"])]
    assert [one.name for one in names if one] == ["Hillary Clinton", "Bill Clinton", "Hillary Clinton"]


@pytest.mark.parametrize(
    ("asked", "speaker", "same"),
    [
        ("Blinken", "Antony Blinken", True),
        ("Secretary Blinken", "Antony Blinken", True),
        ("Tony Blinken", "Antony Blinken", True),
        ("J. Biden", "Joe Biden", True),
        ("Bill Clinton", "Hillary Clinton", False),
        ("Jean-Pierre", "Karine Jean-Pierre", True),
        ("Amirabdollahian", "Hossein Amir-Abdollahian", True),
        ("Trump Jr.", "Donald Trump Jr.", True),
        ("the senior EU diplomat", "senior EU diplomat", True),
        ("American diplomat", "senior EU diplomat", False),
        ("President", "Joe Biden", False),
        ("", "", False),
        ("Blinken", "", False),
    ],
)
def test_same_speaker(asked: str, speaker: str, same: bool) -> None:
    assert same_speaker(asked, speaker) is same


@pytest.mark.parametrize(
    ("name", "key"), [("José Ángel Gurría", "gurria"), ("Ms. Psaki", "psaki"), ("…", "")]
)
def test_speaker_key(name: str, key: str) -> None:
    assert speaker_key(name) == key


PIECES = st.sampled_from(
    [*"“”\"‘’«»'.,:;?!—-()[] \n", "\n\n", "Antony Blinken", "Blinken", "he", "said", "told", "MS. PSAKI:",
     "Q ", "according to", "adding", "that", "the official", "Mr.", "U.S.", "ß", "İ", "é", "\u0301", "\ue000",
     "\u00a0", "\ud800", "😀", "السفير", "and", "of", "who", "1", "# "]
)  # fmt: skip
TEXTS = st.one_of(
    st.text(), st.lists(PIECES, max_size=60).map(" ".join), st.lists(PIECES, max_size=60).map("".join)
)


@settings(max_examples=300, deadline=None)
@given(TEXTS, st.text(max_size=40))
def test_statements_are_slices_in_order(text: str, title: str) -> None:
    sentences = split_sentences(text, title=title)
    found = statements(made(text, title=title), sentences)
    assert list(found) == sorted(found, key=lambda one: (one.start, one.end))
    for one in found:
        assert 0 <= one.start < one.end <= len(text)
        assert text[one.start : one.end] == text[one.start : one.end].strip()
        assert any(sentence.start <= one.start and one.end <= sentence.end for sentence in sentences)
        assert one.speaker or one.mode is Mode.DIRECT


@given(st.text(), st.text())
def test_names_of_any_kind_do_no_harm(one: str, other: str) -> None:
    assert speaker_key(one) == speaker_key(one).casefold()
    assert same_speaker(one, one) is bool(speaker_key(one)) or not re.search(r"\w", one)
    assert isinstance(same_speaker(one, other), bool)


@pytest.mark.parametrize(
    "unit",
    ["“a, ", "said ", "Blinken ", "Blinken said ", "Mr. ", "A. ", ", and ", "of the ", "that he said, ",
     "Q: ", "MS. A: x\n", "“So it is,” he said. ", "“a b c”\n\n", "Aa Bb of Cc ", "[a](",
     "who, ", "'", "saying, ",
     "Abcdefghij said x.\n", "Ann Lee The "],
)  # fmt: skip
def test_time_is_linear_in_length(unit: str) -> None:
    def finding(length: int) -> Callable[[], object]:
        text = (unit * (length // len(unit) + 1))[:length]
        return partial(statements, made(text), split_sentences(text))

    assert_grows_linearly(finding, 10_000)
