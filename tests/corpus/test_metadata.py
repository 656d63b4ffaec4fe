"""Dates as corpora write them."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onrecord.corpus.metadata import iso_date
from onrecord.types import DateSpan


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2022", "2022"),
        ("2022-10", "2022-10"),
        (" 2022-06-16 ", "2022-06-16"),
        ("2022-10/2022-12", "2022-10/2022-12"),
        ("2022-10 / 2022-12", "2022-10/2022-12"),
        ("2022/2023", "2022/2023"),
        ("2022-06-16T23:30:00Z", "2022-06-16"),
        ("2022-06-16 23:30", "2022-06-16"),
        ("2022/06/16", "2022-06-16"),
        ("2022/6/6", "2022-06-06"),
        ("2022-6-1", "2022-06-01"),
        ("2022/06", "2022-06"),
        ("2022.06.16", "2022-06-16"),
        ("2022/06/16 10:00", "2022-06-16"),
        ("June 28, 2023", "2023-06-28"),
        ("28 June 2023", "2023-06-28"),
        ("28-Jun-2023", "2023-06-28"),
        ("Sept. 3, 2022", "2022-09-03"),
        ("Wed, 28 Jun 2023 10:00:00 GMT", "2023-06-28"),
        ("Wed, 28 Jun 2023 23:00:00 +0000", "2023-06-28"),
        ("June 28, 2023 10:00 EDT", "2023-06-28"),
        ("2022 June 5", "2022-06-05"),
    ],
)
def test_a_date_is_written_as_iso(text: str, expected: str) -> None:
    assert iso_date(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "",
        "someday",
        "June 2023",  # no day
        "June 28",  # no year
        "June 28, 23",
        "05/06/2023",  # May or June
        "28.06.2023",
        "June 31, 2023",
        "2022-13",
        "2022-02-30",
        "2023/2022",  # ends before it begins
        "2022-06-16/",
        "2022-06-001",
        "20220616",
        "２０２２",
        "2022 Tuesday",
        "May 5, 2022 or 2023",
        "June 28 - July 2, 2023",
        "0000-01-01",
        "June 28, 2023" + " " * 9 + "!" * 60,
    ],
)
def test_what_is_no_day_month_year_or_interval_is_no_date(text: str) -> None:
    assert iso_date(text) is None


@given(st.text(st.sampled_from("0123456789 -/.:,TZ+JuneMay"), max_size=30) | st.text())
def test_a_date_is_one_that_dates_are_read_from(text: str) -> None:
    found = iso_date(text)
    assert found is None or DateSpan.parse(found).first <= DateSpan.parse(found).last


@given(st.dates())
def test_a_whole_day_is_read_however_it_is_written(day: date) -> None:
    written = [day.isoformat(), day.isoformat().replace("-", "/")]
    if day.year >= 1000:
        written += [
            f"{day:%B} {day.day}, {day.year}",
            f"{day:%a}, {day.day} {day:%b} {day.year} 08:00:00 GMT",
        ]
    assert {iso_date(text) for text in written} == {day.isoformat()}
