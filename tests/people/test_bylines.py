"""Bylines that run into the text."""

from __future__ import annotations

from onrecord.people.bylines import find_bylines, without_byline
from onrecord.people.names import Roster

LIVE = (
    "President Mira Sandoval arrives Ann Lee The president landed at noon. Sandoval calls it a day Ann Lee "
    "Sandoval said she would leave. Ministers meet Ann Lee Premier Piet Verlaan spoke first."
)


def named(text, run):
    return Roster("", text).resolve(run.split()).name


def test_a_byline_is_known_by_the_sentence_that_begins_behind_it():
    assert find_bylines([["Ann", "Lee", "The"]]) == {("Ann", "Lee")}
    assert find_bylines([["Sarah", "Ann", "Lee", "After"]]) == {("Ann", "Lee")}
    for run in ("Ann Lee Sandoval", "Bank of England", "Bill De Blasio", "Joint Chiefs of", "BBC News The"):
        assert not find_bylines([run.split()]), run


def test_who_speaks_is_told_from_who_wrote_it_down():
    assert named(LIVE, "Ann Lee Sandoval") == "Mira Sandoval"
    assert named(LIVE, "Ann Lee Piet Verlaan") == "Piet Verlaan"
    assert named(LIVE, "Ann Lee") == "Ann Lee"


def test_a_middle_name_is_no_byline():
    text = "Mira Sandoval met Ann Lee Sandoval. Ann Lee Sandoval said so."
    assert named(text, "Ann Lee Sandoval") == "Ann Lee Sandoval"
    # Somebody whom the article does not name otherwise may well be called so.
    assert named("Ann Lee The end. Ann Lee Ostrow said so.", "Ann Lee Ostrow") == "Ann Lee Ostrow"


def test_a_photographers_agency_is_no_given_name():
    text = "President Mira Sandoval spoke. Ken Doe/AP Sandoval leaves. Ken Doe/AP Ostrow waits."
    assert named(text, "AP Sandoval") == "Mira Sandoval"
    assert named(text, "AP Ostrow") == "Ostrow"
    assert named(text, "AP") == "AP"


def test_what_is_behind_a_byline_is_the_name():
    assert without_byline(["A", "B", "C"], frozenset({("A", "B")}), lambda rest: rest == ["C"]) == ["C"]
    assert without_byline(["A", "B", "C"], frozenset({("A", "B")}), lambda rest: rest == ["D"]) == [
        "A",
        "B",
        "C",
    ]
    assert without_byline(["D", "A", "B", "C"], frozenset({("A", "B")}), bool) == ["C"]
    assert without_byline(["A", "B"], frozenset({("A", "B")}), bool) == ["A", "B"]
    assert without_byline([], frozenset(), bool) == []
