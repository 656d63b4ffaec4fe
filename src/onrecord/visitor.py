"""Who looks at the page: a random number in a cookie, by which conversations stay with a browser."""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping
from http.cookies import CookieError, SimpleCookie

from starlette.datastructures import Headers
from starlette.types import Scope

__all__ = ["COOKIE", "cookies_of", "is_over_tls", "new_cookie", "owner_of"]

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


def is_over_tls(scope: Scope) -> bool:
    """Say whether a browser speaks TLS with this server, or with the proxy in front that says so."""
    # A caller who makes the header up only gets a cookie that TLS has to carry.
    told = Headers(scope=scope).get("x-forwarded-proto", "").partition(",")[0]
    return scope.get("scheme") == "https" or told.strip().lower() == "https"


def new_cookie(*, secure: bool) -> str:
    """Make the value of a Set-Cookie header for a new visitor.

    Args:
        secure: Whether the page came over TLS.

    Returns:
        A cookie that no script reads. A link on another site, such as Slack's, brings it along; what a
        page there sends by itself does not.
    """
    told = f"{COOKIE}={secrets.token_hex(16)}; HttpOnly; SameSite=Lax; Path=/; Max-Age={_YEAR}"
    return f"{told}; Secure" if secure else told
