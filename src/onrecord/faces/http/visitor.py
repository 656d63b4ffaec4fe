"""Who looks at the page: a random number in a sealed cookie, by which conversations stay with a browser."""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from collections.abc import Callable

from starlette.datastructures import Headers
from starlette.requests import HTTPConnection
from starlette.types import Scope

from onrecord.errors import OnrecordError
from onrecord.faces.http.server_key import subkey

COOKIE = "onrecord_visitor"
_ID = re.compile(r"[0-9a-f]{32}")
_YEAR = 365 * 24 * 3600


def cookies_of(scope: Scope) -> dict[str, str]:
    """Read the cookies of a request; what cannot be read is as good as none."""
    return HTTPConnection(scope).cookies


def is_over_tls(scope: Scope) -> bool:
    """Say whether a browser speaks TLS with this server, or with the proxy in front that says so."""
    # A caller who makes the header up only gets a cookie that TLS has to carry.
    told = Headers(scope=scope).get("x-forwarded-proto", "").partition(",")[0]
    return scope.get("scheme") == "https" or told.strip().lower() == "https"


def cookie_name(name: str, scope: Scope) -> str:
    """Give the one name under which a cookie counts for a request."""
    return f"__Host-{name}" if is_over_tls(scope) else name


class Visitors:
    """Knows visitors again, by cookies that it sealed.

    Args:
        key: The server's.
        known: Whether an owner has conversations; those of before cookies were sealed keep theirs by it.
    """

    def __init__(self, key: bytes, known: Callable[[str], bool] = lambda _: False) -> None:
        self._key = subkey(key, "visitor")
        self._known = known

    def owner(self, scope: Scope) -> str:
        """Give the owner of the conversations of whoever sent a request; empty without a sound cookie."""
        ident, _, seal = cookies_of(scope).get(cookie_name(COOKIE, scope), "").partition(".")
        sound = hmac.compare_digest(seal.encode("utf-8", "replace"), self._seal(ident).encode())
        return _owner(ident) if sound else ""

    def new_cookie(self, scope: Scope) -> str:
        """Make a cookie for a visitor who came without a sound one.

        Args:
            scope: Of the request.

        Returns:
            The value of a Set-Cookie header, of a cookie that no script reads: a link on another site, such
            as Slack's, brings it along; what a page there sends by itself does not. Empty where it cannot be
            told just now whether the visitor has conversations, which a new cookie would part from them.
        """
        try:
            ident = self._former(scope) or secrets.token_hex(16)
        except OnrecordError:
            return ""
        told = f"{cookie_name(COOKIE, scope)}={ident}.{self._seal(ident)}"
        told = f"{told}; HttpOnly; SameSite=Lax; Path=/; Max-Age={_YEAR}"
        return f"{told}; Secure" if is_over_tls(scope) else told

    def _former(self, scope: Scope) -> str:
        """Give the number in an unsealed cookie, as they were once made, if conversations hang on it."""
        ident = cookies_of(scope).get(COOKIE, "")
        return ident if _owner(ident) and self._known(_owner(ident)) else ""

    def _seal(self, ident: str) -> str:
        return hmac.new(self._key, ident.encode("utf-8", "replace"), hashlib.sha256).hexdigest()


def _owner(ident: str) -> str:
    return f"page:{ident}" if _ID.fullmatch(ident) else ""
