"""Signing in on the page with the server's token, and signing out: a session in a sealed cookie."""

from __future__ import annotations

import hashlib
import hmac
import secrets
import time
from collections.abc import Callable, Collection, Mapping
from urllib.parse import parse_qs

from anyio import to_thread
from pydantic import SecretStr
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.types import Scope

from onrecord.faces.http.ended_sessions import EndedSessions
from onrecord.faces.http.guesses import Guesses
from onrecord.faces.http.peer import Network, client_address
from onrecord.faces.http.server_key import subkey
from onrecord.faces.http.visitor import cookie_name, cookies_of, is_over_tls
from onrecord.render.escape import escape

SESSION = "onrecord_session"
_DAYS = 30
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'"
_PAGE = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Sign in – onrecord</title>
<meta name="viewport" content="width=device-width, initial-scale=1"><style>
:root {{ color-scheme: light dark; --ink: #1d1b18; --paper: #fbf9f4; --accent: #8a3324; --bad: #a3261b; }}
@media (prefers-color-scheme: dark) {{
  :root {{ --ink: #ece8e1; --paper: #161b22; --accent: #e8a98f; --bad: #f0968b; }} }}
body {{ background: var(--paper); color: var(--ink); font: 16px/1.5 system-ui, sans-serif; margin: 18vh auto;
  max-width: 24rem; padding: 0 20px; }}
h1 {{ font: 600 28px/1 Georgia, serif; }} label, input, button {{ display: block; font: inherit; }}
input {{ width: 100%; box-sizing: border-box; padding: 10px; margin: 4px 0 14px;
  border: 1px solid currentColor; background: transparent; color: inherit; }}
button {{ background: var(--accent); color: var(--paper); border: 0; padding: 10px 18px; cursor: pointer; }}
p.bad {{ color: var(--bad); }}
</style></head><body><main><h1>onrecord</h1>{told}<form method="post">
<label for="token">The server’s token</label>
<input id="token" name="token" type="password" autocomplete="current-password" required autofocus>
<button type="submit">Sign in</button></form></main></body></html>
"""


class Gate:
    """Knows the token: checks what is presented, gives sessions and ends them.

    Args:
        token: What people sign in with, and programs present.
        key: The server's.
        ended: Sessions that were signed out.
        proxies: Whose word is taken on whom they speak for.
        guesses: Of wrong tokens.
        now: Seconds since 1970.
    """

    def __init__(
        self,
        token: SecretStr,
        *,
        key: bytes,
        ended: EndedSessions,
        proxies: Collection[Network] = (),
        guesses: Guesses | None = None,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._token = token.get_secret_value().strip().encode()
        # Of both: a cookie tells nobody the token, and another token ends every session.
        self._key = hmac.digest(subkey(key, "session"), self._token, "sha256")
        self._ended = ended
        self._proxies = proxies
        self._guesses = guesses or Guesses()
        self._now = now

    def is_token(self, presented: str) -> bool:
        """Compare in constant time."""
        return hmac.compare_digest(presented.strip().encode("utf-8", "replace"), self._token)

    async def wrong(self, scope: Scope) -> int:
        """Count a wrong token, and keep its sender waiting.

        Args:
            scope: Of the request that it came with.

        Returns:
            Seconds until another is looked at; 0 where this one was not too many.
        """
        return await self._guesses.wrong(client_address(scope, self._proxies))

    def session(self) -> str:
        """Make the value of a session's cookie."""
        told = f"{int(self._now()) + _DAYS * 86_400}.{secrets.token_hex(16)}"
        return f"{told}.{self._seal(told)}"

    def is_session(self, scope: Scope) -> bool:
        """Say whether a request comes with a session that this server gave and that has not ended."""
        return self._session_of(scope) is not None

    def _session_of(self, scope: Scope) -> tuple[str, int] | None:
        """Give a session's number, and when it runs out."""
        told, _, seal = cookies_of(scope).get(cookie_name(SESSION, scope), "").rpartition(".")
        if not hmac.compare_digest(seal.encode("utf-8", "replace"), self._seal(told).encode()):
            return None
        ends, _, ident = told.partition(".")
        return (ident, int(ends)) if int(ends) > self._now() and ident not in self._ended else None

    def _seal(self, told: str) -> str:
        return hmac.new(self._key, told.encode("utf-8", "replace"), hashlib.sha256).hexdigest()

    async def form(self, request: Request) -> Response:
        """Show the form."""
        del request
        return _form()

    async def enter(self, request: Request) -> Response:
        """Take what the form sent; a right token gets a session, a wrong one counts."""
        if not self.is_token(_sent_token(await request.body())):
            wait = await self.wrong(request.scope)
            if not wait:
                return _form("That is not the token.", status=401)
            told = "That is not the token, nor were many before it. The right one is taken at any time."
            return _form(told, status=429, headers={"Retry-After": str(wait)})
        # Only ever to the page itself, as the address asked for it: the form's own has the same query.
        query = request.scope["query_string"].decode("latin-1")
        found = RedirectResponse(f"./{query and f'?{query}'}", status_code=303)
        self._set(found, request.scope, self.session(), _DAYS * 86_400)
        return found

    async def leave(self, request: Request) -> Response:
        """End the session of a browser, here and in every copy of its cookie."""
        session = self._session_of(request.scope)
        if session is not None:
            await to_thread.run_sync(self._ended.add, *session)
        left = RedirectResponse("./signin", status_code=303)
        self._set(left, request.scope, "", 0)
        return left

    def _set(self, response: Response, scope: Scope, value: str, seconds: int) -> None:
        response.set_cookie(
            cookie_name(SESSION, scope),
            value,
            max_age=seconds,
            httponly=True,
            samesite="lax",
            secure=is_over_tls(scope),
        )


def _sent_token(body: bytes) -> str:
    """Give the token in what the form sent; empty where that is no such form."""
    try:
        return parse_qs(body.decode("utf-8", "replace"), max_num_fields=5).get("token", [""])[0]
    except ValueError:
        return ""


def _form(told: str = "", *, status: int = 200, headers: Mapping[str, str] | None = None) -> HTMLResponse:
    wrong = f'<p class="bad" role="alert">{escape(told)}</p>' if told else ""
    # Without a referrer a browser would not say which site the form is sent from.
    policy = {"Content-Security-Policy": _POLICY, "Referrer-Policy": "same-origin"}
    return HTMLResponse(_PAGE.format(told=wrong), status, {**policy, **(headers or {})})
