from __future__ import annotations

import hashlib
import itertools
import json
from functools import partial

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from onrecord.corpus.folder import read_corpus
from onrecord.text.folding import fold
from onrecord.types import Article, DiffWord, Status
from onrecord.verification.concordance import Concordance, split_words
from onrecord.verification.draft_quotations import find_quotations
from onrecord.verification.verify import DraftVerifier, verify_text
from tests.growth import assert_grows_linearly
from tests.shared import ROOT

CORPUS = read_corpus(ROOT / "corpus").articles
VERIFIER = DraftVerifier.of(CORPUS)
FIRST, SECOND = "000_958ad2b006b0f065.txt", "003_4bf6cde60e83d0fa.txt"


def article(text, *, name="a-1.txt", title="A short title of it"):
    return Article(name, name, title, text, hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest())


def check(quotation, text):
    return DraftVerifier.of([article(text)]).check(quotation)


# -- which words a draft claims


@pytest.mark.parametrize(
    ("draft", "claims"),
    [
        ("He said “there is no deal,” and left.", ["there is no deal,"]),
        ('He said "there is no deal," and left.', ["there is no deal,"]),
        ("He said ‘there is no deal’ and left.", ["there is no deal"]),
        ("'There is no deal', he said.", ["There is no deal"]),
        ("Il a dit « il n’y a rien » hier.", ["il n’y a rien"]),
        (
            "Er sagte „es gibt keinen Deal“ und »gar nichts mehr« dazu.",
            ["es gibt keinen Deal", "gar nichts mehr"],
        ),
        (
            "“There is no deal,” he said, “not this year at all.”",
            ["There is no deal,", "not this year at all."],
        ),
        ("a “scare” and “two words” are none", []),
        ("the parties' own deal and the others' deal", []),
        ("“He said ‘there is none’ to me” yesterday", ["He said ‘there is none’ to me"]),
        ("“They call it “no deal” at all” now", ["They call it “no deal” at all"]),
        ('"mixed marks are closed” here', ["mixed marks are closed"]),
        ("‘the parties’ own last deal’ is", ["the parties’ own last deal"]),
        ("“one two three.\n\n“four five six.” he said", ["one two three.\n\n“four five six."]),
        ("‘He said “not at all” to us’ and left", ["He said “not at all” to us"]),
        ('"one two three,” she said, four five" then', ["one two three,” she said, four five"]),
        ("«one two “three four» then", ["one two “three four"]),
        ("“one two three” and four five six” then", ["one two three", "and four five six"]),
        ("“one two three\n\nno mark here “four five six”", ["one two three", "four five six"]),
        ('A 5\'10" man said "one two three"', ["one two three"]),
        ('<a href="one two three">x</a>', []),
        ("> one two\n> three four\n\nrest", ["one two\nthree four"]),
        ("> “one two three four”\n> — Blinken, in 2023\n", ["one two three four"]),
        ("> one two three\n>\n> four five six", ["one two three\n\nfour five six"]),
        ("> only two", []),
        ("", []),
    ],
)
def test_claims_found(draft, claims):
    assert [claim.text for claim in find_quotations(draft)] == claims


@given(st.text(st.sampled_from("ab “”‘’\"'«»„\n>-.")) | st.text())
def test_claims_are_slices_in_order(draft):
    claims = find_quotations(draft)
    assert all(one.end <= two.start for one, two in itertools.pairwise(claims))
    for claim in claims:
        assert claim.shape == "block" or draft[claim.start : claim.end] == claim.text
        assert all(draft[inner.start : inner.start + 1] == inner.text[0] for inner in claim.inner)


# -- true quotations


def _slices():
    folded = [(source, fold(source.text)) for source in CORPUS]
    words = [(source, text, split_words(text.text)) for source, text in folded]

    @st.composite
    def draw(pick):
        source, text, found = pick(st.sampled_from(words))
        first = pick(st.integers(0, len(found) - 4))
        last = pick(st.integers(first + 2, min(first + 120, len(found) - 1)))
        return source, *text.source(found.starts[first], found.ends[last])

    return draw()


@given(_slices())
def test_any_slice_is_a_true_quotation(drawn):
    source, start, end = drawn
    verdict = VERIFIER.check(source.text[start:end])
    assert verdict.status is Status.EXACT
    assert verdict.source == verdict.claimed == source.text[start:end]


@given(_slices(), st.sampled_from(["“{}”", "«{}»", "> {}"]))
def test_any_slice_verifies_in_a_draft(drawn, frame):
    source, start, end = drawn
    slice_ = source.text[start:end]
    draft = frame.format(slice_.replace("\n", "\n> ") if frame.startswith(">") else slice_)
    verdicts = VERIFIER.verify(draft)
    assert all(verdict.ok for verdict in verdicts), verdicts
    if not set(slice_) & set("“”\"‘'\n"):
        assert [verdict.claimed for verdict in verdicts] == [slice_]


def test_words_that_end_in_a_mark_of_their_own_are_found():
    source = article("They wrote 5 of 9\u0300 on the wall")
    assert DraftVerifier.of([source]).check("5 of 9\u0300").ok
    assert not DraftVerifier.of([source]).check("wrote 5 of 9").ok


@settings(max_examples=60)
@given(st.lists(st.text(min_size=1).filter(lambda text: len(split_words(text)) > 0), min_size=3), st.data())
def test_any_unicode_article_holds_its_own_words(parts, data):
    text = " ".join(parts)
    source = article(text)
    verdict = DraftVerifier.of([source]).check(text)
    assert verdict.ok
    assert source.text[verdict.source_start : verdict.source_end] == verdict.source


def test_whole_articles_quote_themselves():
    for source in CORPUS:
        assert {verdict.status for verdict in VERIFIER.verify(source.text)} == {Status.EXACT}


@pytest.mark.parametrize(
    ("quotation", "note"),
    [
        ("There is no agreement in the offing.", "punctuation at the end differs"),
        ("I have no updates at all to share.", "punctuation at the end differs"),
        ("there is no agreement in the offing", "first letter's case changed"),
        ("[t]here is no agreement in the offing", "first letter's case changed"),
        ("We continue to believe ... that’s not", None),
        ("the conclusion ... that it's in their interest", ""),
        ("Last September … stated that the JCPOA", "words left out: EU foreign policy chief Josep Borrell"),
        ("The Biden administration [...] as well as averting a conflict", "words left out: "),
        ("like the JCPOA isn't within reach anytime soon. So short of that", "marks of"),
        ("consider every means to *advance diplomacy*", "marks of"),
    ],
)
def test_what_editors_do(quotation, note):
    verdict = VERIFIER.check(quotation)
    if note is None:
        assert not verdict.ok
    else:
        assert verdict.status is Status.TYPOGRAPHIC
        assert verdict.note.startswith(note)
        assert bool(verdict.note) == bool(note)


def test_brackets_of_the_source_are_its_own():
    assert VERIFIER.check("the rumors about [deliveries of] Iranian").status is Status.EXACT
    assert VERIFIER.check("the rumors about [shipments of] Iranian").status is Status.ALTERED
    assert VERIFIER.check("the rumors [falsely] about [deliveries of] Iranian").status is Status.ALTERED


def test_a_negation_just_before_is_told():
    verdict = check("a good deal for us", "It was not a good deal for us.")
    assert verdict.status is Status.EXACT
    assert verdict.note == "the words before it are: not …"
    assert check("a good deal for us", "It was not; a good deal for us.").note == ""


def test_a_negation_hidden_by_a_new_capital_is_caught():
    assert check("Agreement is very near", "No agreement is very near.").status is Status.ALTERED


# -- false quotations


@pytest.mark.parametrize(
    ("quotation", "change"),
    [
        ("There is an agreement in the offing", DiffWord("replace", "an", "no")),
        ("Russia shows signs of being willing to engage", DiffWord("delete", "", "no")),
        ("I do have any updates to share on this matter", DiffWord("replace", "do", "don’t")),
        ("in an interview June 13", DiffWord("replace", "13", "12")),
        ("In a press conference on Sunday, US Secretary", DiffWord("replace", "Sunday", "Friday")),
        ("Secretary of State Antony Lavrov said at the Council", DiffWord("replace", "Lavrov", "Blinken")),
        ("reviving the 2016 nuclear deal with Iran", DiffWord("replace", "2016", "2015")),
        ("The main objective was jcpoa", DiffWord("replace", "jcpoa", "JCPOA")),
        ("as it shows a lack of interest!", DiffWord("insert", "!", "")),
        ("Any progress since last week a reporter asked", DiffWord("delete", "", ",")),
    ],
)
def test_altered_with_a_diff(quotation, change):
    verdict = VERIFIER.check(quotation)
    assert verdict.status is Status.ALTERED
    assert change in verdict.diff
    assert not verdict.ok


@pytest.mark.parametrize(
    ("quotation", "text"),
    [
        ("we support the deal", "Today we support the dealer."),
        ("and we can do it", "Yes, and we can do it's own thing."),
        ("then they can", "And then they can't."),
        ("5 million for Biden", "It was 2.5 million for Biden."),
        ("they paid us 1", "Then they paid us 1,000 dollars."),
        ("nuclear talks went on", "The non-nuclear talks went on."),
        ("rose by 5% today", "It rose by 5 points today."),
        ("fell to -5 degrees", "It fell to 5 degrees."),
    ],
)
def test_a_quotation_is_made_of_whole_words(quotation, text):
    assert not check(quotation, text).ok


def test_an_ellipsis_over_a_negation_is_caught():
    text = "I do, as you know, not think that we should sign it. We would, as they say, gladly wait for it."
    assert check("I do … think that we should sign it", text).status is Status.ALTERED
    assert check("We would … gladly wait for it", text).status is Status.TYPOGRAPHIC
    assert check("gladly wait for it … We would", text).status is not Status.TYPOGRAPHIC


def test_an_ellipsis_takes_the_nearest_words():
    text = "We never sign papers. We will sign it, and so we say now, soon."
    verdict = check("We … sign it", text)
    assert verdict.source == "We will sign it"


def test_an_ellipsis_over_too_much_is_caught():
    text = f"We want to sign it {'and so on ' * 25} before the year ends."
    assert check("We want to sign it … before the year ends", text).status is Status.ALTERED


def test_an_ellipsis_between_two_speakers_is_caught():
    text = "“We want to sign it now,” said one.\n“We think so too today,” said the other."
    verdict = check("We want to sign it … We think so too", text)
    assert verdict.status is Status.ALTERED
    assert verdict.note == "the parts belong to different quotations"


def test_pieces_of_two_articles_are_stitched():
    one, two = "We continue to believe that diplomacy is the best way", "I have no updates at all to share"
    verdict = VERIFIER.check(f"{one}. {two}")
    assert verdict.status is Status.STITCHED
    assert FIRST in verdict.note
    assert SECOND in verdict.note


def test_nothing_like_it():
    verdict = VERIFIER.check("peace on earth and good will to all of mankind")
    assert verdict.status is Status.ABSENT
    assert verdict.source is None
    assert VERIFIER.check("?!").status is Status.ABSENT


def test_no_articles_hold_nothing():
    assert [verdict.status for verdict in verify_text("He said “one two three”.", [])] == [Status.ABSENT]
    assert verify_text("", CORPUS) == []


# -- drafts


def test_a_draft_in_order_with_offsets():
    draft = "“I have no updates at all to share.” he said, “and there is peace on earth today.”"
    verdicts = verify_text(draft, CORPUS)
    assert [verdict.status for verdict in verdicts] == [Status.TYPOGRAPHIC, Status.ABSENT]
    assert all(draft[verdict.start : verdict.end] == verdict.claimed for verdict in verdicts)


@pytest.mark.parametrize(
    "draft",
    [
        f"In {FIRST} he says “I have no updates at all to share.”",
        "As 000_958ad2b006b0f065 has it: “I have no updates at all to share.”",
        f"[He said]({FIRST}) “I have no updates at all to share.”",
        f"Under “{CORPUS[0].title}” he says “I have no updates at all to share.”",
        f"{FIRST} tells it. And “I have no updates at all to share,” he said.",
        f"See {FIRST}:\n\n> I have no updates at all to share.\n",
        f"> I have no updates at all to share.\n> — Miller, {FIRST}\n",
    ],
)
def test_misplaced(draft):
    verdict = verify_text(draft, CORPUS)[-1]
    assert verdict.status is Status.MISPLACED
    assert verdict.named == FIRST
    assert verdict.article_id == SECOND
    right = draft.replace(FIRST[:-4], SECOND[:-4]).replace(CORPUS[0].title, CORPUS[1].title)
    assert verify_text(right, CORPUS)[-1].ok


def test_a_name_counts_for_its_own_sentence():
    draft = f"In {FIRST}: “Russia shows no signs.” In {SECOND}: “I have no updates at all to share.”"
    assert all(verdict.ok for verdict in verify_text(draft, CORPUS))


def test_one_of_several_copies_is_enough():
    copies = [
        article("We say the same thing here.", name=f"copy-{n}.txt", title=f"Title {n}") for n in range(3)
    ]
    draft = "copy-2.txt has “the same thing here”."
    verdict = verify_text(draft, copies)[0]
    assert (verdict.status, verdict.article_id) == (Status.EXACT, "copy-2.txt")


def test_a_quoted_title_is_no_quotation_of_the_text():
    source = article("Some other words stand here.", title="What the minister said on Friday")
    verdict = verify_text("See “What the minister said on Friday”.", [source])[0]
    assert verdict.ok
    assert verdict.note == "the title of the article"


def test_a_blockquote_may_frame_a_quotation():
    framed = "> “There is no agreement in the offing,” Blinken said on June 28\n"
    assert [verdict.ok for verdict in verify_text(framed, CORPUS)] == [True]
    invented = (
        "> Everybody agrees that after all these years of talks there is “no agreement in the offing” today\n"
    )
    assert [verdict.ok for verdict in verify_text(invented, CORPUS)] == [False]


def test_multi_paragraph_speech_in_other_marks():
    draft = '"isn\'t within reach anytime soon.\n\n"So short of that, what can be done in the immediate term"'
    assert [verdict.status for verdict in verify_text(draft, CORPUS)] == [Status.TYPOGRAPHIC]


def test_verdicts_are_plain_json():
    verdict = VERIFIER.check("There is an agreement in the offing")
    again = json.loads(json.dumps(verdict.to_dict()))
    assert again["status"] == "altered"
    assert again["ok"] is False
    assert {"op": "replace", "claimed": "an", "source": "no"} in again["diff"]


# -- the concordance


@given(st.lists(st.lists(st.sampled_from("ab c".split()), max_size=12), max_size=4), st.data())
def test_find_agrees_with_a_scan(texts, data):
    concordance = Concordance.of(" ".join(words) for words in texts)
    wanted = data.draw(st.lists(st.sampled_from(["ab", "c"]), min_size=1, max_size=5))
    scan = [
        (number, first)
        for number, words in enumerate(texts)
        for first in range(len(words) - len(wanted) + 1)
        if words[first : first + len(wanted)] == wanted
    ]
    assert [(place.text, place.first) for place in concordance.find(concordance.ids(wanted))] == scan


# -- time


@pytest.mark.parametrize(
    "unit", ['"', "> ", "…", "“", "'", "‘a b'c ", "“a b c\n\n", '> "a b c"\n', "no no no ", "“a… ”", "\n“a"]
)
def test_time_is_linear(unit):
    verifier = DraftVerifier.of([article("no no no a b c " * 200)])
    assert_grows_linearly(lambda size: partial(verifier.verify, "“" + unit * (size // len(unit))), 5_000)
