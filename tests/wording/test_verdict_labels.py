"""The words of a verdict: each status has its own, and every place where a draft is checked prints them."""

from __future__ import annotations

import pytest

from onrecord.faces.slack.verdict_blocks import verdict_message
from onrecord.render.html.draft import draft_html
from onrecord.render.pieces import plain, verdict_pieces
from onrecord.types import Clip, Status, Turning, Verdict
from onrecord.wording.verdict_labels import (
    VERDICT_LABELS,
    Weight,
    checked_line,
    verdict_label,
    verdict_weight,
)
from tests.faces.slack.blockkit import strings
from tests.pages import Html

DRAFT = "They wrote “we sail at dawn”."
CLIP = Clip(Turning.NEGATION, 30, 40, "unless it storms")


def verdict(status: Status, **fields) -> Verdict:
    return Verdict("we sail at dawn", 12, 27, status, **fields)


def test_every_status_has_words_of_its_own():
    assert set(VERDICT_LABELS) == set(Status)
    for words in ("label", "counted"):
        told = [getattr(each, words) for each in VERDICT_LABELS.values()]
        assert all(told)
        assert len(set(told)) == len(told)


@pytest.mark.parametrize("status", Status)
def test_good_is_what_is_ok(status):
    assert (verdict_weight(verdict(status)) is Weight.GOOD) is verdict(status).ok


@pytest.mark.parametrize("status", [Status.EXACT, Status.TYPOGRAPHIC])
def test_a_true_quotation_that_is_clipped_is_not_good(status):
    clipped = verdict(status, clipped=(CLIP,))
    assert verdict_weight(clipped) is Weight.WARN
    assert verdict_label(clipped) == f"{VERDICT_LABELS[status].label}, clipped"


@pytest.mark.parametrize("status", Status)
@pytest.mark.parametrize("clipped", [(), (CLIP,)])
def test_terminal_page_and_slack_print_the_same_words(status, clipped):
    one = verdict(status, clipped=clipped, named="b.txt")
    message = verdict_message([one], title=str, link=lambda _: None)
    slack = "".join(strings(list(message.blocks)))
    page = Html(draft_html(DRAFT, [one], {}))
    label, summary = verdict_label(one), checked_line([one])
    assert plain(verdict_pieces(one)).startswith(f"{label}, at 12–27 of the draft\n")
    assert slack.startswith(f"{summary}1. {label}: ")
    assert page.of("summary") == [summary]
    assert page.of("verdict") == [f"{label}. The draft names b.txt."]
    assert "The draft names b.txt." in slack
    assert "The draft names b.txt.\n" in plain(verdict_pieces(one))


def test_verdicts_are_counted_by_kind():
    found = [
        verdict(Status.ALTERED),
        verdict(Status.EXACT, clipped=(CLIP,)),
        verdict(Status.EXACT),
        verdict(Status.TYPOGRAPHIC),
    ]
    assert checked_line(found) == "4 quotations checked: 2 exact, 1 set differently, 1 altered; 1 clipped."
    assert checked_line(found[:1]) == "1 quotation checked: 1 altered."


def test_a_text_without_quotations_is_told_so_everywhere():
    told = checked_line([])
    assert told == "No quotation of three words or more stands in this text."
    assert Html(draft_html("Nobody spoke.", [], {})).of("faint") == [told]
    assert list(strings(list(verdict_message([], title=str, link=lambda _: None).blocks))) == [told]
