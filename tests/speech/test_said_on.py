"""When something was said: by rule, with the rule, or not at all."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onrecord.speech.said_on import Dateline, day_in
from onrecord.speech.statements import statements
from onrecord.text.sentences import split_sentences
from onrecord.types import Article, DateSpan
from onrecord.wording.dates import written_date


def dateline(published: str | None) -> Dateline:
    span = DateSpan.parse(published) if published else None
    return Dateline(span, written_date(published, inferred=False))


def when(text: str, published: str | None) -> str | None:
    found = dateline(published).find(text)
    return found[1].day if found and found[1] else None


# 28 June 2023 was a Wednesday.
DAYS = [
    ("on June 28", "2023-06-28", "2023-06-28"),
    ("on June 27", "2023-06-28", "2023-06-27"),
    ("on Dec. 30", "2023-01-05", "2022-12-30"),
    ("on June 27, 2021", "2023-06-28", "2021-06-27"),
    ("on June 27, 2021", None, "2021-06-27"),
    ("on June 27", "2023", None),
    ("on June 27", "2023-07/2023-09", "2023-06-27"),
    ("on June 27", None, None),
    ("on February 30", "2023-06-28", None),
    ("on Wednesday", "2023-06-28", "2023-06-28"),
    ("on Friday", "2023-06-28", "2023-06-23"),
    ("Thursday", "2023-06-28", "2023-06-22"),
    ("on Friday", "2023-06", None),
    ("on Friday", None, None),
    ("next Friday", "2023-06-28", None),
    ("last Friday", "2023-06-28", None),
    ("today", "2023-06-28", "2023-06-28"),
    ("this morning", "2023-06-28", "2023-06-28"),
    ("yesterday", "2023-06-28", "2023-06-27"),
    ("last night", "2023-06-28", "2023-06-27"),
    ("today", "2023-06", None),
    ("today (June 27)", "2023-06-28", "2023-06-27"),
    ("earlier this week", "2023-06-28", "2023-06-25/2023-06-28"),
    ("last week", "2023-06-28", "2023-06-18/2023-06-25"),
    ("later this week", "2023-06-28", None),
    ("earlier this month", "2023-06-28", "2023-06"),
    ("last month", "2023-01-28", "2022-12"),
    ("last September", "2022-10/2022-12", "2022-09"),
    ("last September", "2022-09-15", "2021-09"),
    ("last September", "2022-08/2022-10", None),
    ("in September", "2022-09-15", "2022-09"),
    ("in September 2016", "2023-06-28", "2016-09"),
    ("last September", None, None),
    ("in 2018", "2023-06-28", "2018"),
    ("in 2031", "2023-06-28", None),
    ("last year", "2023-06-28", "2022"),
    ("last year", "2022-12/2023-01", None),
    ("at the White House", "2023-06-28", None),
]


@pytest.mark.parametrize(("words", "published", "day"), DAYS)
def test_a_time_is_resolved_where_one_reading_is_left(words, published, day):
    assert when(f"said {words} that", published) == day


def test_the_rule_is_kept_with_the_words():
    found = dateline("2023-06-28").find("said on Friday")
    assert found is not None
    assert found[1] is not None
    assert found[1].basis == "“on Friday”, from the publication date 28 June 2023"
    printed = dateline(None).find("on June 27, 2021")
    assert printed is not None
    assert printed[1] is not None
    assert printed[1].basis == "“June 27, 2021”, as printed"


@given(
    st.text(), st.sampled_from([None, "0001-01-01", "0001", "9999-12-31", "2022-10/2022-12", "2023-06-28"])
)
def test_any_time_that_is_found_is_a_date_not_after_publication(text, published):
    found = dateline(published).find(f"{text} last night on Monday {text} last week last September")
    if found and found[1]:
        span = DateSpan.parse(found[1].day)
        assert "as printed" in found[1].basis or span.first <= DateSpan.parse(published or "").last


SAID = [
    ("“We will not yield,” Kaja Kallas said on Friday.", "2023-06-23"),
    ("On Friday, Kaja Kallas said: “We will not yield.”", "2023-06-23"),
    ("Kaja Kallas on Friday said, “We will not yield.”", "2023-06-23"),
    ("Kaja Kallas said Friday that talks had failed.", "2023-06-23"),
    ("Kaja Kallas said in Tallinn on Friday that talks had failed.", "2023-06-23"),
    ("Kaja Kallas told reporters on Friday that talks had failed.", "2023-06-23"),
    ("On Friday, Kaja Kallas said that talks had failed.", "2023-06-23"),
    ("“We will not yield,” Kaja Kallas said at a rally in Tartu on Friday.", "2023-06-23"),
    ("“We will not yield,” Kaja Kallas said of the attack on Friday.", None),
    ("“We will not yield,” Kaja Kallas said, referring to the attack on Friday.", None),
    ("“We will not yield,” Kaja Kallas told reporters after the meeting on Friday.", None),
    ("Kaja Kallas said the attack on Friday was an act of war.", None),
    ("Kaja Kallas said that talks on Friday had failed.", None),
    ("Kaja Kallas, who was in Doha on Friday, said that talks had failed.", None),
    ("The talks failed on Friday. Kaja Kallas said that they would go on.", None),
]


@pytest.mark.parametrize(("text", "day"), SAID)
def test_only_a_time_beside_the_verb_dates_what_is_said(text, day):
    article = Article("a", "a", "", text, "0" * 64, published="2023-06-28")
    assert {one.said_on for one in statements(article, split_sentences(text))} == {day}


@pytest.mark.parametrize(
    ("text", "day"),
    [("Briefing, May 7, 2021", "2021-05-07"), ("Briefing, May 7", None), ("May 32, 2021", None)],
)
def test_the_day_in_a_title(text, day):
    assert day_in(text) == day
