"""Identity: one person's names in different articles are one speaker, two people's stay two."""

from __future__ import annotations

from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onrecord.people.identities import Identities, name_source
from onrecord.types import SpeakerKind
from tests.growth import assert_grows_linearly


def grouped(*names, **counted):
    counts = dict.fromkeys(names, 1) | counted
    return {frozenset(one.variants) for one in Identities.of(counts).all}


@pytest.mark.parametrize(
    "names",
    [
        ("Antony Blinken", "Blinken"),
        ("Antony Blinken", "Secretary of State Antony Blinken", "Mr. Blinken"),
        ("Antony Blinken", "A. Blinken", "Antony J. Blinken", "Tony Blinken"),
        ("Antony Blinken", "Anthony Blinken"),
        ("Recep Tayyip Erdoğan", "Recep Tayyip Erdogan", "Erdogan"),
        ("Hossein Amir-Abdollahian", "Hossein Amirabdollahian", "Hossein Amir Abdollahian"),
        ("Robert Malley", "Bob Malley"),
    ],
)
def test_one_person(names):
    assert grouped(*names) == {frozenset(names)}


@pytest.mark.parametrize(
    "names",
    [
        ("Hillary Clinton", "Bill Clinton"),
        ("Donald Trump", "Donald Trump Jr."),
        ("Joe Biden", "Jill Biden"),
        ("John Hansen", "John Hanson"),
        ("George W. Bush", "George H. W. Bush"),
        ("George Bush", "George W. Bush", "George H. W. Bush"),
        ("Daniel Roberts", "Daniela Roberts"),
        ("Iran", "Iran and Russia"),
        ("Marco Rubio", "JD Vance and Marco Rubio"),
        ("State Department", "Defense Department"),
        ("senior U.S. official", "U.S. official"),
    ],
)
def test_two_speakers(names):
    assert grouped(*names) == {frozenset((name,)) for name in names}


def test_a_surname_that_two_people_bear_stays_by_itself():
    assert grouped("Hillary Clinton", "Bill Clinton", "Clinton", "J. Clinton") == {
        frozenset((name,)) for name in ("Hillary Clinton", "Bill Clinton", "Clinton", "J. Clinton")
    }


def test_a_rare_misprint_of_a_frequent_name_is_the_same_person_where_more_than_the_name_agrees():
    counts = {"Antony Blinken": 12, "Antony Blinkin": 1}
    asked = []

    def alike(*names):
        asked.append(names)
        return True

    assert [set(one.variants) for one in Identities.of(counts, alike=alike).all] == [set(counts)]
    assert asked == [("Antony Blinkin", "Antony Blinken")]
    assert grouped(**counts) == {frozenset((name,)) for name in counts}


def test_two_people_whose_surnames_differ_by_a_letter_stay_two_however_often_they_speak():
    counts = {"John Hansen": 50, "John Hanson": 2}
    assert grouped(**counts) == {frozenset((name,)) for name in counts}


def test_the_fullest_and_most_frequent_name_stands_first():
    found = Identities.of({"Blinken": 30, "Antony Blinken": 8, "Tony Blinken": 2})
    assert found.all[0].name == "Antony Blinken"
    assert found.of_name("Blinken") is found.all[0]


def test_who_is_meant():
    found = Identities.of(dict.fromkeys(["Hillary Clinton", "Bill Clinton", "Clinton", "Antony Blinken"], 1))
    assert [one.name for one in found.meant("blinken")] == ["Antony Blinken"]
    assert [one.name for one in found.meant("Secretary Blinken")] == ["Antony Blinken"]
    assert [one.name for one in found.meant("Hillary Clinton")] == ["Hillary Clinton"]
    assert {one.name for one in found.meant("Clinton")} == {"Hillary Clinton", "Bill Clinton", "Clinton"}
    assert found.meant("Nobody Atall") == ()


def test_a_name_is_found_however_it_is_divided():
    found = Identities.of({"Kim Jong-un": 3, "Kim Jong-il": 2, "Hossein Amir-Abdollahian": 1})
    assert [one.name for one in found.meant("Kim Jong Un")] == ["Kim Jong-un"]
    assert [one.name for one in found.meant("Hossein Amirabdollahian")] == ["Hossein Amir-Abdollahian"]


def test_somebody_is_no_body_of_that_name():
    found = Identities.of({"SWIFT": 4, "Ostrow": 2, "Ostrow Steel Company": 1})
    assert found.meant("Ada Swift") == ()
    assert [one.name for one in found.meant("Swift")] == ["SWIFT"]
    assert [one.name for one in found.meant("Ada Ostrow")] == ["Ostrow"]


def test_many_bearers_of_one_surname_are_told_apart():
    names = {f"{one}{other}x Smith": 1 for one in "ABCDEFGHIJKLMNOPQRST" for other in "abcdefghijklmno"}
    assert len(Identities.of(names).all) == len(names)


@pytest.mark.parametrize(
    ("name", "source"),
    [
        ("Antony Blinken", SpeakerKind.PERSON),
        ("Zakharova", SpeakerKind.PERSON),
        ("State Department", SpeakerKind.BODY),
        ("Washington", SpeakerKind.BODY),
        ("NATO", SpeakerKind.BODY),
        ("senior U.S. official", SpeakerKind.UNNAMED),
        ("American officials", SpeakerKind.UNNAMED),
        ("", SpeakerKind.UNKNOWN),
    ],
)
def test_kinds_of_speakers(name, source):
    assert name_source(name) is source


@given(st.dictionaries(st.text("ABab. ğ-Jr", min_size=1, max_size=12), st.integers(1, 9), max_size=12))
def test_every_name_belongs_to_one_speaker(counts):
    found = Identities.of(counts)
    assert sorted(name for one in found.all for name in one.variants) == sorted(counts)


def test_many_names_take_no_quadratic_time():
    assert_grows_linearly(
        lambda size: partial(
            Identities.of, {f"{chr(65 + at % 26)}arl{at} Su{at // 3}rname": 1 for at in range(size)}
        ),
        2_000,
    )
