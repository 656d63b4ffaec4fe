from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onrecord.text.quotations import quotations
from onrecord.text.sentence_boundaries import LONGEST
from onrecord.text.sentences import lay_out, split_sentences
from onrecord.types import SentenceKind
from tests.shared import ROOT

CORPUS = ROOT / "corpus"
VIENNA = "000_958ad2b006b0f065.txt"
TIMEOUT = "003_4bf6cde60e83d0fa.txt"

MARKS = "\"'“”‘’«»„`.!?…,;:—-–()[]#*_|>•"
PIECES = st.sampled_from(
    [
        *MARKS,
        *"aZé1 \n\t\r\u2028\xa0\u200b\ud800\U0001f600中。",
        "\n\n",
        "U.S. ",
        "Mr. ",
        " said. ",
        "Q  ",
        "''",
        "``",
        "Read more: ",
        "A ",
        "? ",
        "---\n",
        "title: x\n",
    ]
)
TEXTS = st.one_of(st.text(max_size=300), st.lists(PIECES, max_size=120).map("".join))


def article(name: str) -> tuple[str, str]:
    text = (CORPUS / name).read_bytes().decode("utf-8-sig")
    return text, text.split("\n", 1)[0]


def split(text: str, title: str = "") -> list[str]:
    return [text[s.start : s.end] for s in split_sentences(text, title=title)]


def of_kind(text: str, kind: SentenceKind, title: str = "") -> list[str]:
    return [text[s.start : s.end] for s in split_sentences(text, title=title) if s.kind is kind]


def quoted(text: str) -> list[str]:
    return [text[span.start : span.end] for span in quotations(text)]


# --- invariants ---


@given(TEXTS)
def test_sentences_are_ordered_trimmed_and_hold_every_visible_code_point(text: str) -> None:
    at = 0
    for sentence in split_sentences(text):
        assert not text[at : sentence.start].strip()
        piece = text[sentence.start : sentence.end]
        assert piece
        assert piece == piece.strip()
        assert len(piece) <= LONGEST
        at = sentence.end
    assert not text[at:].strip()


@given(TEXTS)
def test_quotations_are_ordered_and_lie_within_the_text(text: str) -> None:
    at = 0
    for span in quotations(text):
        assert at <= span.start < span.end <= len(text)
        assert not text[span.start].isspace()
        assert not text[span.end - 1].isspace()
        at = span.end


@given(TEXTS, st.text(max_size=40))
def test_the_layout_agrees_with_its_parts(text: str, title: str) -> None:
    layout = lay_out(text, title=title)
    assert layout.sentences == split_sentences(text, title=title)
    assert layout.quoted == quotations(text)
    assert len(layout.opens) == len(layout.sentences)
    assert all(layout.opens[:1])


@given(TEXTS)
def test_the_title_changes_kinds_but_no_border(text: str) -> None:
    plain = [(s.start, s.end) for s in split_sentences(text)]
    assert plain == [(s.start, s.end) for s in split_sentences(text, title=text[:50])]


# --- boundaries ---


@pytest.mark.parametrize(
    "text",
    [
        "Mr. Blinken met Dr. Haass and Gen. Milley in the U.S. Senate on Jan. 5 at 10 a.m. Eastern time.",
        "Sen. J. D. Vance and John F. Kennedy Jr. Foundation staff went to St. Louis.",
        "Acme Corp. Chairman Smith said Acme Inc. (NYSE: X) grew by 1.5 percent, i.e. Most of it abroad.",
        "He was No. 5 of the list vs. Iran, e.g. Tehran, wasn’t he?",
        "“Why now?” a reporter asked.",
        "“Why now?” Smith asked reporters in Doha.",
        "'We will go…' he said.",
        "“We must talk...” she said.",
        "They came to the conclusion…that it helps.",
        "1. Gun violence is rising.",
        "“There is no agreement in the offing,” Blinken said on June 28.",
        "He said Rep. Adam Smith, D-Wash., voted no.",
    ],
)
def test_one_sentence_stays_whole(text: str) -> None:
    assert split(text) == [text]


@pytest.mark.parametrize(
    "parts",
    [
        ("He left the U.S.", "The talks went on."),
        ("It fell in the U.K.", "“But we are ready,” he said."),
        ("They met at 5 p.m.", "He spoke first."),
        ("It belongs to Acme Corp.", "She runs it."),
        ("“We’ve told them of a path,” the official said.", "“And we want to see it.”"),
        (
            "“Why now?",
            "I think for the U.S. there's been growing concern,” she told the panel.",
            "“The talks ramped up.”",
        ),
        ("He called it a “stalemate”.", "Nobody disagreed."),
        ("(Laughter.)", "I’m just kidding."),
        ("The act was adopted.[4]", "The UK refused.[citation needed]", "It joined later."),
        ("It was released .", "`` Jane Doe '' was his song .", "It won ."),
        ("He waited ...", "Nobody came."),
        ("He waited…", "Nobody came."),
        ("It cost a lot.", "$5 million was spent!", "25 people came?", "Yes."),
        ("“Is it over?”", "She did not answer."),
        ("“That is all.”", "“No,” he said."),
        ("今天天气很好。", "明天会下雨。"),
        ("Plan B.", "It failed."),
    ],
)
def test_sentences_part(parts: tuple[str, ...]) -> None:
    assert split(" ".join(parts)) == list(parts)


def test_curly_quotations_that_touch_part() -> None:
    assert split("“That is all.”“No,” he said.") == ["“That is all.”", "“No,” he said."]


def test_an_endless_sentence_is_cut_at_clauses_then_words_then_anywhere() -> None:
    clauses = split("word " * 150 + "end; " + "next " * 150)
    assert clauses[0].endswith("end;")
    words = split("word " * 1000)
    assert all(piece.endswith("word") for piece in words)
    assert [len(piece) for piece in split("x" * (2 * LONGEST + 5))] == [LONGEST, LONGEST, 5]


# --- lines and paragraphs ---


def test_a_line_is_a_paragraph_unless_it_is_wrapped() -> None:
    assert split("First paragraph has no stop\nSecond paragraph.") == [
        "First paragraph has no stop",
        "Second paragraph.",
    ]
    assert split("The ministers agreed on the text of\nthe treaty. It rained.") == [
        "The ministers agreed on the text of\nthe treaty.",
        "It rained.",
    ]


def test_hard_wrapped_text_is_joined_and_its_indents_part_paragraphs() -> None:
    text = (
        "The finance minister of the republic told reporters here on\n"
        "Monday that the budget of this year will be balanced. Minister\n"
        "Jones did not say how it would be done, nor did the officials\n"
        "who travelled with him to the capital.\n"
        "    A second paragraph begins with an indent and it runs on for\n"
        "more than a line too.\n"
        " Reuter\n"
    )
    sentences = split(text)
    assert len(sentences) == 4
    assert sentences[1].startswith("Minister\nJones")
    assert sentences[2].startswith("A second paragraph")
    assert of_kind(text, SentenceKind.BOILERPLATE) == ["Reuter"]


def test_blank_lines_and_list_items_end_a_sentence() -> None:
    assert split("The ministers agreed on the text of\n\nthe treaty") == [
        "The ministers agreed on the text of",
        "the treaty",
    ]
    assert (
        len(split("What the ministers agreed on at last:\n- peace in the region\n- trade with the others"))
        == 3
    )


# --- kinds ---


def test_markdown_front_matter_and_headings_are_told_apart() -> None:
    text = "---\ntitle: Talks\ndate: 2023-06-28\n---\n# Talks resume\n\nThe talks resumed. They may fail.\n"
    assert [s.kind for s in split_sentences(text)][-3:] == [
        SentenceKind.HEADING,
        SentenceKind.TEXT,
        SentenceKind.TEXT,
    ]
    assert "Talks" in "".join(of_kind(text, SentenceKind.BOILERPLATE))


@pytest.mark.parametrize(
    "line",
    [
        "Read more: NATO rebuffs Zelensky accession request",
        "Read also: Something else",
        "RELATED: More news",
        "Advertisement",
        "Sign up for our newsletter.",
        "Click here to subscribe",
        "Follow us on Twitter",
        "Copyright 2023 The Paper",
        "(Reporting by Jane Doe; editing by John Roe)",
        "Photo: AP",
        "**",
        "* * *",
        "———",
        "(Applause.)",
    ],
)
def test_boilerplate_is_marked(line: str) -> None:
    text = f"The talks resumed on Monday.\n{line}\nThey may fail."
    assert of_kind(text, SentenceKind.BOILERPLATE) == [line]


@pytest.mark.parametrize(
    "line",
    [
        "Copyright law was changed by the parliament.",
        "Reporting by the newspaper showed that the talks had failed.",
        "Related talks were held in Doha.",
        "Follow the money, the prosecutor said.",
        "Read more books, the minister said.",
        "More people came than expected.",
        "Q Acoustics opened a factory in Leeds.",
    ],
)
def test_text_that_begins_like_boilerplate_is_text(line: str) -> None:
    text = f"The talks resumed on Monday.\n{line}\nThey may fail."
    assert line in of_kind(text, SentenceKind.TEXT)


def test_a_heading_heads_something() -> None:
    text = "The talks resumed.\nSeeking a ‘timeout’\nThey may fail.\nA last line without a stop"
    assert of_kind(text, SentenceKind.HEADING) == ["Seeking a ‘timeout’"]


def test_an_article_of_one_line_is_text_even_as_its_own_title() -> None:
    assert [s.kind for s in split_sentences("Talks resume in Vienna", title="Talks resume in Vienna")] == [
        SentenceKind.TEXT
    ]


def test_the_repeated_title_is_a_heading_whatever_it_ends_with() -> None:
    text = "Is it over? Maybe not.\nThe talks resumed."
    assert of_kind(text, SentenceKind.HEADING, "Is it over? Maybe not.") == ["Is it over?", "Maybe not."]


def test_short_lines_in_a_row_are_a_list() -> None:
    text = "Five goods are taxed from now on:\n" + "Steel\nCopper\nWheat\nCotton\nCoffee\n" + "That is all."
    assert of_kind(text, SentenceKind.HEADING) == []


def test_a_question_is_the_article_s_own_only_outside_quotations() -> None:
    text = "What comes next?\n“What comes next?” he asked.\n“And who pays?”\nNobody knows (or do they?)"
    assert of_kind(text, SentenceKind.QUESTION) == ["What comes next?", "Nobody knows (or do they?)"]


def test_a_reporter_s_turn_in_a_transcript_is_a_question_until_the_next_label() -> None:
    text = (
        "MS. DOE: Good morning. Any questions?\n\n"
        "Q  Thank you. Two things.\n\nThe second is about Iran.\n\n"
        "MS. DOE: We are not there yet. Are we? No.\n\n"
        "Q  Why —\n\nMR. ROE: Next."
    )
    assert of_kind(text, SentenceKind.QUESTION) == [
        "Q  Thank you.",
        "Two things.",
        "The second is about Iran.",
        "Q  Why —",
    ]
    assert "Are we?" in of_kind(text, SentenceKind.TEXT)


# --- quotations ---


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("He said “we go” and “we stay.”", ["“we go”", "“we stay.”"]),
        ('He said, "we go," and "we stay."', ['"we go,"', '"we stay."']),
        ('They rejected "unfounded and unsubstantiated” claims.', ['"unfounded and unsubstantiated”']),
        ("Seeking a ‘timeout’ for the workers’ rights", ["‘timeout’"]),
        ("‘We’ll see by the workers’ actions,’ he said.", ["‘We’ll see by the workers’ actions,’"]),
        ("Il dit « oui » et «non».", ["« oui »", "«non»"]),
        ("Er sagte „ja“ und »nein«.", ["„ja“", "»nein«"]),
        ("the `` veedor '' was royal", ["`` veedor ''"]),
        ("They shouted “shame’’ at him.", ["“shame’’"]),
        ("It isn't the '90s, and rock 'n' roll is the boys' own.", []),
        ('The 6\'2" man came from China"s south.', []),
        ("“One ‘two’ three”", ["“One ‘two’ three”"]),
        ("‘One “two” three’", ["‘One “two” three’"]),
        ("He said “we go.\nNext paragraph.", ["“we go."]),
        ('He put " quotes " in spaces.', ['" quotes "']),
        ("", []),
    ],
)
def test_quotations_of_every_style(text: str, expected: list[str]) -> None:
    assert quoted(text) == expected


def test_speech_over_paragraphs_is_one_quotation() -> None:
    speech = "“First part.\n“Second part.\n\n“Third part,”"
    assert quoted(f"He began. {speech} he said.\nThen “more” came.") == [speech, "“more”"]


# --- the two articles ---


def test_first_article_kinds() -> None:
    text, title = article(VIENNA)
    assert of_kind(text, SentenceKind.HEADING, title) == [
        "Blinken: No prospect for Iran deal, Russia not interested in diplomacy",
        "Russia shows no sign to engage in diplomacy: Blinken",
    ]
    assert of_kind(text, SentenceKind.BOILERPLATE, title) == [
        "Read more: NATO rebuffs Zelensky accession request, only to send arms",
        "Read more: EU to make monthly aid cash transfers to Ukraine of 1.5bln euros",
    ]
    assert of_kind(text, SentenceKind.QUESTION, title) == []
    assert '"unfounded and unsubstantiated”' in quoted(text)


def test_second_article_kinds() -> None:
    text, title = article(TIMEOUT)
    assert of_kind(text, SentenceKind.HEADING, title) == [title, "Seeking a ‘timeout’", "U.S. again goes mum"]
    assert of_kind(text, SentenceKind.BOILERPLATE, title) == ["**"]
    assert of_kind(text, SentenceKind.QUESTION, title) == [
        "Where are the talks at the moment?",
        "Any progress since last week, a reporter asked?",
    ]


def test_second_article_speech_over_two_paragraphs() -> None:
    text, _ = article(TIMEOUT)
    speech = next(q for q in quoted(text) if "anytime soon" in q)
    assert speech.startswith("“It also has been clear")
    assert speech.endswith("becoming more acute,”")
    assert speech.count("“") == 2


def test_second_article_tricky_paragraphs() -> None:
    text, title = article(TIMEOUT)
    sentences = split(text, title)
    at = sentences.index("“Why now?")
    assert sentences[at + 1].startswith("I think for the U.S. there's been")
    assert sentences[at + 1].endswith("she told the Quincy Institute panel.")
    assert sentences[at + 2] == "“The talks in Oman reportedly ramped up after these incidents.”"
    at = sentences.index(
        "“So short of that, what can be done in the immediate term to address"
        " Iran's rapidly advancing nuclear program?"
    )
    assert sentences[at + 1 : at + 4] == [
        "Simply put, the proliferation risk is steadily becoming more acute,” DiMaggio said.",
        "And it's too risky to take a let's kick the can down the road approach.",
        "That's precisely how we ended up where we are today with North Korea.",
    ]
    assert "“The main objective was JCPOA,” the senior EU diplomat said." in sentences
    assert "“To try to go back.”" in sentences


# --- time ---

HOSTILE = [
    '"', ".", "“", "A. ", "\n", "(", "'", "‘a ", "” ", "? ", ". (", "U.S. ", "a,", "a\n", "\n“a", '\n"a.',
    "Q  \n", " ", ".[a]", "``", "''", "* ", "More:\n", "x vs 1 ", "“a‘", "1.", "—", "…", ".”", "\u2028",
    "read more ", "T. X",
]  # fmt: skip


@pytest.mark.parametrize("unit", HOSTILE)
def test_time_grows_linearly_on_hostile_text(unit: str) -> None:
    def seconds(size: int) -> float:
        text = "a" + unit * (size // len(unit)) + "b"
        best = float("inf")
        for _ in range(3):
            began = time.process_time()
            lay_out(text, title=text[:80])
            best = min(best, time.process_time() - began)
        return best

    # A floor under the shorter time, and another try, keep the machine's noise out of the ratio.
    assert any(seconds(80_000) < 3 * max(seconds(40_000), 0.01) for _ in range(3))
