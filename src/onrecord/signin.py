"""Signing in on the page with the server's token: a session in a cookie, and a limit on guessing."""

from __future__ import annotations

import hashlib
import hmac
import secrets
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from urllib.parse import parse_qs

from pydantic import SecretStr
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from onrecord.hypertext import escape
from onrecord.visitor import is_over_tls

__all__ = ["SESSION", "Gate", "Guesses"]

SESSION = "onrecord_session"
_DAYS = 30
_TRIES = 5
_WINDOW = 60.0
_ADDRESSES = 10_000
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


class Guesses:
    """Counts wrong tokens, so that nobody tries them one after the other.

    Args:
        clock: Seconds of a clock that never goes back.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._wrong: OrderedDict[str, list[float]] = OrderedDict()

    def wait(self, address: str) -> int:
        """Give the seconds that an address has to wait before it may try again; 0 when it need not."""
        now = self._clock()
        recent = [at for at in self._wrong.get(address, ()) if now - at < _WINDOW]
        if len(recent) < _TRIES:
            return 0
        return max(1, int(_WINDOW - (now - recent[-_TRIES]) + 0.999))

    def failed(self, address: str) -> None:
        """Count a wrong token."""
        now = self._clock()
        recent = [at for at in self._wrong.pop(address, []) if now - at < _WINDOW]
        self._wrong[address] = [*recent, now][-_TRIES:]
        while len(self._wrong) > _ADDRESSES:
            self._wrong.popitem(last=False)


class Gate:
    """Knows the token: checks what is presented, and gives sessions.

    Args:
        token: What people sign in with, and programs present.
        guesses: Of wrong tokens.
        now: Seconds since 1970.
    """

    def __init__(
        self, token: SecretStr, guesses: Guesses | None = None, now: Callable[[], float] = time.time
    ) -> None:
        self._token = token.get_secret_value().strip().encode()
        self._key = hashlib.blake2b(self._token, digest_size=32, person=b"onrecordsession").digest()
        self.guesses = guesses or Guesses()
        self._now = now

    def is_token(self, presented: str) -> bool:
        """Compare in constant time."""
        return hmac.compare_digest(presented.strip().encode("utf-8", "replace"), self._token)

    def session(self) -> str:
        """Make the value of a session's cookie."""
        told = f"{int(self._now()) + _DAYS * 86_400}.{secrets.token_hex(16)}"
        return f"{told}.{self._seal(told)}"

    def is_session(self, cookies: Mapping[str, str]) -> bool:
        """Say whether the cookies hold a session that this token's server gave and that has not run out."""
        told, _, seal = cookies.get(SESSION, "").rpartition(".")
        ends = told.partition(".")[0]
        sound = hmac.compare_digest(seal.encode("utf-8", "replace"), self._seal(told).encode())
        return sound and ends.isdecimal() and int(ends) > self._now()

    def _seal(self, told: str) -> str:
        return hmac.new(self._key, told.encode("utf-8", "replace"), hashlib.sha256).hexdigest()

    async def form(self, request: Request) -> Response:
        """Show the form."""
        del request
        return _form()

    async def enter(self, request: Request) -> Response:
        """Take what the form sent; a right token gets a session, a wrong one counts."""
        address = request.client.host if request.client else ""
        wait = self.guesses.wait(address)
        if wait:
            told = f"Too many wrong tokens. Wait {wait} seconds."
            return _form(told, status=429, headers={"Retry-After": str(wait)})
        sent = parse_qs((await request.body()).decode("utf-8", "replace"), max_num_fields=5)
        if not self.is_token(sent.get("token", [""])[0]):
            self.guesses.failed(address)
            return _form("That is not the token.", status=401)
        # Only ever to the page itself, as the address asked for it: the form's own has the same query.
        query = request.scope["query_string"].decode("latin-1")
        found = RedirectResponse(f"./{query and f'?{query}'}", status_code=303)
        found.set_cookie(
            SESSION,
            self.session(),
            max_age=_DAYS * 86_400,
            httponly=True,
            samesite="lax",
            secure=is_over_tls(request.scope),
        )
        return found

    async def leave(self, request: Request) -> Response:
        """End the session of a browser."""
        del request
        left = RedirectResponse("./signin", status_code=303)
        left.delete_cookie(SESSION, httponly=True, samesite="lax")
        return left


def _form(told: str = "", *, status: int = 200, headers: Mapping[str, str] | None = None) -> HTMLResponse:
    wrong = f'<p class="bad" role="alert">{escape(told)}</p>' if told else ""
    # Without a referrer a browser would not say which site the form is sent from.
    policy = {"Content-Security-Policy": _POLICY, "Referrer-Policy": "same-origin"}
    return HTMLResponse(_PAGE.format(told=wrong), status, {**policy, **(headers or {})})
