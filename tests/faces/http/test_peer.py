"""Where a request comes from, by the address that connects and by proxies that are trusted."""

from __future__ import annotations

import pytest

from onrecord import Settings
from onrecord.faces.http.peer import client_address, neighbourhood

PROXIES = Settings.load(proxies="127.0.0.1, 10.0.0.0/8,2001:db8::/32").proxies


def address(peer, *forwarded: str, proxies=PROXIES) -> str:
    headers = [(b"x-forwarded-for", each.encode("latin-1")) for each in forwarded]
    return client_address({"type": "http", "client": peer, "headers": headers}, proxies)


@pytest.mark.parametrize(
    ("forwarded", "found"),
    [
        (["203.0.113.7"], "203.0.113.7"),
        (["198.51.100.1, 203.0.113.7"], "203.0.113.7"),
        (["198.51.100.1, 203.0.113.7, 10.1.2.3"], "203.0.113.7"),
        (["198.51.100.1", "203.0.113.7", "10.1.2.3"], "203.0.113.7"),
        (["203.0.113.7:51000"], "203.0.113.7"),
        (["[2001:db9::1]:443, [2001:db8::1]"], "2001:db9::1"),
        (["::ffff:203.0.113.7"], "203.0.113.7"),
        (["10.0.0.1, 10.0.0.2"], "10.0.0.1"),
        (["203.0.113.7, unknown"], "127.0.0.1"),
        (["203.0.113.7, nonsense, 10.1.2.3"], "10.1.2.3"),
        (["203.0.113.7,"], "127.0.0.1"),
        ([""], "127.0.0.1"),
        ([], "127.0.0.1"),
        (["ÿ"], "127.0.0.1"),
    ],
)
def test_a_trusted_proxy_is_believed_up_to_what_others_wrote(forwarded, found):
    assert address(("127.0.0.1", 1), *forwarded) == found


def test_nobody_else_is_believed():
    assert address(("203.0.113.9", 1), "198.51.100.1") == "203.0.113.9"
    assert address(("127.0.0.1", 1), "198.51.100.1", proxies=()) == "127.0.0.1"
    assert address(None, "198.51.100.1") == ""
    assert address(("testclient", 1), "198.51.100.1") == "testclient"


def test_of_ipv6_a_household_is_one():
    assert neighbourhood("2001:db8:0:1::1") == neighbourhood("2001:db8:0:1:ffff::2")
    assert neighbourhood("2001:db8:0:1::1") != neighbourhood("2001:db8:0:2::1")
    assert neighbourhood("203.0.113.7") == "203.0.113.7"
    assert neighbourhood("testclient") == "testclient"
