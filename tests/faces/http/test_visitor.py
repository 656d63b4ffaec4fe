"""A visitor's cookie: what it may look like, and what it is worth without the server's seal."""

from __future__ import annotations

import pytest

from onrecord.errors import ConversationError
from onrecord.faces.http.visitor import COOKIE, Visitors

BEFORE = "5" * 32  # a number of before cookies were sealed


def scope(cookie: str = "", *, secure: bool = False):
    headers = [(b"cookie", cookie.encode("latin-1"))]
    return {"type": "http", "scheme": "https" if secure else "http", "headers": headers}


def test_a_cookie_of_another_server_is_as_good_as_none():
    ours, theirs = Visitors(b"1" * 32), Visitors(b"2" * 32)
    given = ours.new_cookie(scope()).partition(";")[0]
    assert ours.owner(scope(given)).startswith("page:")
    assert theirs.owner(scope(given)) == ""


@pytest.mark.parametrize("bad", ["", "x", ".", "..", "0" * 31, "0" * 33, "é.é", "0" * 32 + ".", "../../x"])
def test_a_misshapen_cookie_gives_no_owner(bad):
    visitors = Visitors(b"1" * 32, lambda _: True)
    assert visitors.owner(scope(f"{COOKIE}={bad}")) == ""
    assert f"={bad}." not in visitors.new_cookie(scope(f"{COOKIE}={bad}"))


def test_a_cookie_that_is_no_number_gives_no_owner_though_it_is_sealed():
    visitors = Visitors(b"1" * 32)
    assert visitors.owner(scope(f"{COOKIE}=Z.{visitors._seal('Z')}")) == ""


def test_a_broken_cookie_of_another_program_does_not_hide_the_visitors():
    visitors = Visitors(b"1" * 32)
    given = visitors.new_cookie(scope()).partition(";")[0]
    assert visitors.owner(scope(f'a[b]="x; {given}; other=é'))


def test_nobody_is_parted_from_conversations_that_cannot_be_read_just_now():
    def unreadable(owner: str) -> bool:
        raise ConversationError(f"no {owner}")

    visitors = Visitors(b"1" * 32, unreadable)
    assert visitors.new_cookie(scope(f"{COOKIE}={BEFORE}")) == ""
    assert visitors.new_cookie(scope())
