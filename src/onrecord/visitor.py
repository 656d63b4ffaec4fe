"""Who looks at the page: a random number in a cookie, by which conversations stay with a browser."""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping
from http.cookies import CookieError, SimpleCookie

from starlette.datastructures import Headers

__all__ = ["COOKIE", "cookies_of", "new_cookie", "owner_of"]

COOKIE = "onrecord_visitor"
_ID = re.compile(r"[0-9a-f]{32}")
_YEAR = 365 * 24 * 3600


def cookies_of(headers: Headers) -> dict[str, str]:
    """Read the cookies of a request; what cannot be read is as good as none."""
    jar: SimpleCookie = SimpleCookie()
    try:
        jar.load(headers.get("cookie", ""))
    except CookieError:
        return {}
    return {name: morsel.value for name, morsel in jar.items()}


def owner_of(cookies: Mapping[str, str]) -> str:
    """Give the owner of a visitor's conversations; empty for one without a sound cookie."""
    ident = cookies.get(COOKIE, "")
    return f"page:{ident}" if _ID.fullmatch(ident) else ""


def new_cookie(*, secure: bool) -> str:
    """Make the value of a Set-Cookie header for a new visitor.

    Args:
        secure: Whether the page came over TLS.

    Returns:
        A cookie that no script reads and no other site sends.
    """
    told = f"{COOKIE}={secrets.token_hex(16)}; HttpOnly; SameSite=Strict; Path=/; Max-Age={_YEAR}"
    return f"{told}; Secure" if secure else told
