"""The days that a question keeps to: what is read, what is left, and from where days are counted back."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onrecord.question.periods import periods_in

NEWEST = date(2023, 9, 20)
YEARS = range(2022, 2024)


def read(text: str):
    return periods_in(text, years=YEARS, newest=NEWEST)


@pytest.mark.parametrize(
    ("text", "first", "last", "phrase"),
    [
        ("What did Ostrow say in 2022?", "2022-01-01", "2022-12-31", "of 2022"),
        ("What did Ostrow say in June 2021?", "2021-06-01", "2021-06-30", "of June 2021"),
        ("What did Ostrow say on 14 March 2022?", "2022-03-14", "2022-03-14", "of 14 March 2022"),
        ("What did Ostrow say on March 14, 2022?", "2022-03-14", "2022-03-14", "of March 14, 2022"),
        ("What did the paper print (2022-03-14)?", "2022-03-14", "2022-03-14", "of 2022-03-14"),
        ("What has Ostrow said since May 2022?", "2022-05-01", "9999-12-31", "since May 2022"),
        ("What did Ostrow say after 2022?", "2023-01-01", "9999-12-31", "after 2022"),
        ("What did Ostrow say before March 2022?", "0001-01-01", "2022-02-28", "before March 2022"),
        ("What did Ostrow say until 2022?", "0001-01-01", "2022-12-31", "until 2022"),
        (
            "What did Ostrow say between 2020 and May 2022?",
            "2020-01-01",
            "2022-05-31",
            "between 2020 and May 2022",
        ),
        ("What did Ostrow say from May to 2022?", None, None, ""),
        ("What did Ostrow say last year?", "2022-01-01", "2022-12-31", "of last year"),
        ("What did Ostrow say last month?", "2023-08-01", "2023-08-31", "of last month"),
        ("What did Ostrow say last week?", "2023-09-11", "2023-09-17", "of last week"),
        ("What did Ostrow say yesterday?", "2023-09-19", "2023-09-19", "of yesterday"),
        ("What do the articles from 2022 say?", "2022-01-01", "2022-12-31", "of 2022"),
        ("What did Ostrow say about the 2022 harbour?", None, None, ""),
        ("Who won the 2022 race?", None, None, ""),
        ("What will Ostrow open by 2030?", None, None, ""),
        ("What did Ostrow say before the election?", None, None, ""),
        ("Which ferry sank this week?", None, None, ""),
        ("What happened in the last year of the strike?", None, None, ""),
        ("What did Ostrow say about the harbour of 1931?", None, None, ""),
        ('Who said "we opened it in 1999"?', None, None, ""),
        ("What did Ostrow say in February 30, 2022?", None, None, ""),
    ],
)
def test_periods(text, first, last, phrase):
    found = read(text)
    if first is None:
        assert found == ()
        return
    assert [period.phrase for period in found] == [phrase]
    assert [(str(span.first), str(span.last)) for span in found[0].spans] == [(first, last)]


def test_a_day_without_a_year_is_that_of_any_year_of_the_articles():
    (period,) = read("What did Ostrow say on March 14?")
    assert [str(span.first) for span in period.spans] == ["2022-03-14", "2023-03-14"]


def test_several_days_are_several_periods():
    assert [period.words for period in read("What did Ostrow say in 2022 and in 2023?")] == ["2022", "2023"]


def test_nothing_is_counted_back_from_articles_without_a_date():
    assert periods_in("What did Ostrow say last year?", years=range(0), newest=None) == ()


@given(st.dates(date(1900, 1, 1), date(2099, 12, 31)), st.booleans())
def test_every_day_is_read_as_it_is_written(day, first):
    months = "January February March April May June July August September October November December".split()
    month = months[day.month - 1]
    written = f"{month} {day.day}, {day.year}" if first else f"{day.day} {month} {day.year}"
    (period,) = read(f"What did Ostrow say on {written}?")
    assert [(span.first, span.last) for span in period.spans] == [(day, day)]
    assert period.holds(day, day)


@given(st.text(alphabet='in since between and last year 2022 March 14,-()“”"', max_size=80))
def test_any_text_is_read(text):
    for period in read(text):
        assert all(span.first <= span.last for span in period.spans)


@given(
    st.dates(date(2, 2, 1), date(9999, 12, 31)),
    st.sampled_from(("last year", "last month", "last week", "yesterday")),
)
def test_what_is_counted_back_ends_before_the_newest_article(newest, told):
    periods = periods_in(f"What did Ostrow say {told}?", years=range(0), newest=newest)
    assert all(span.last < newest for period in periods for span in period.spans)


def test_an_article_of_the_first_year_has_no_year_before_it():
    assert periods_in("What did Ostrow say last year?", years=range(0), newest=date(1, 3, 1))
