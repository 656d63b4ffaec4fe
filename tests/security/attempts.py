"""What an attacker tries, and what comes back: one list for the tests and the table in docs/security.md."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, field

import httpx

from tests.security.attacking import Caller

__all__ = ["ATTEMPTS", "SETUPS", "Scene", "Setup"]

TOKEN = "a token of more than sixteen characters"
NAMED = ("/etc/passwd", "/dev/zero", "/proc/self/environ", "/", "file:///etc/passwd", "http://127.0.0.1:1/x")
QUESTION = "What did Blinken say about a new Iran deal?"
NO_TOKEN = "no token"


@dataclass(frozen=True)
class Setup:
    """A way to run the server.

    Attributes:
        env: Its settings.
        headers: What a browser sends, or the proxy in front of it.
        token: What people sign in with, where there is one.
    """

    env: dict[str, str] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)
    token: str = ""


SETUPS = {
    "as it comes": Setup(),
    "uploads on": Setup({"ONRECORD_UPLOADS": "true"}),
    "token set": Setup({"ONRECORD_TOKEN": TOKEN}, token=TOKEN),
    "behind a proxy": Setup(
        {
            "ONRECORD_TOKEN": TOKEN,
            "ONRECORD_PUBLIC_URL": "https://news.example",
            "ONRECORD_PROXIES": "127.0.0.1",
        },
        {"host": "news.example", "x-forwarded-proto": "https", "x-forwarded-for": "198.51.100.7"},
        TOKEN,
    ),
}


@dataclass(frozen=True)
class Scene:
    """A running server, and who comes to it.

    Attributes:
        setup: How it runs.
        url: Its address.
        newcomer: Makes another visitor, who has signed in where that is asked for.
        stranger: Makes one who has not, and has no cookie.
    """

    setup: Setup
    url: str
    newcomer: Callable[[], Caller]
    stranger: Callable[[], Caller]


def _told(statuses: Collection[int]) -> str:
    return ", ".join(str(status) for status in sorted(set(statuses)))


def a_call_names_files_and_addresses(scene: Scene) -> str:
    caller = scene.newcomer()
    found = [
        caller.join(function, [{"path": path, "meta": {"_type": "gradio.FileData"}}])
        for function in caller.functions
        for path in NAMED
    ]
    return _told([each.status_code for each in found])


def a_call_names_what_somebody_else_uploaded(scene: Scene) -> str:
    one, other = scene.newcomer(), scene.newcomer()
    files = [("files", ("a.txt", b"An article.\n", "text/plain"))]
    sent = one.client.post("/gradio_api/upload", files=files)
    return str(other.add(*sent.json()).status_code) if sent.status_code == 200 else f"{sent.status_code}"


def somebody_elses_session_is_read(scene: Scene) -> str:
    one, other = scene.newcomer(), scene.newcomer()
    one.ask(QUESTION, session="known")
    told = other.told("known")
    return "nothing of it" if QUESTION not in told and QUESTION in one.told("known") else told


def somebody_elses_question_is_ended(scene: Scene) -> str:
    one, other = scene.newcomer(), scene.newcomer()
    event = one.ask(QUESTION, session="known")
    body = {"session_hash": "known", "fn_index": one.function("ask", "click"), "event_id": event}
    other.client.post("/gradio_api/cancel", json=body)
    return "it is answered" if "blockquote" in one.told("known") else "it is not answered"


def a_visitors_cookie_is_made_up(scene: Scene) -> str:
    made = scene.newcomer()
    for name in [name for name in made.cookies if "visitor" in name]:
        made.cookies[name] = f"{'0' * 32}.{'0' * 64}"
    return str(made.join(0, ["", None]).status_code)


def nobody_calls(scene: Scene) -> str:
    return str(scene.stranger().join(0, ["", None]).status_code)


def a_page_of_another_port_asks(scene: Scene) -> str:
    return str(_from(scene, "http://127.0.0.1:9999"))


def a_page_of_another_scheme_asks(scene: Scene) -> str:
    other = "http" if "x-forwarded-proto" in scene.setup.headers else "https"
    return str(
        _from(scene, f"{other}://{scene.setup.headers.get('host') or httpx.URL(scene.url).netloc.decode()}")
    )


def a_page_without_an_origin_asks(scene: Scene) -> str:
    return str(_from(scene, "null"))


def its_own_page_asks(scene: Scene) -> str:
    scheme = scene.setup.headers.get("x-forwarded-proto", "http")
    return str(
        _from(scene, f"{scheme}://{scene.setup.headers.get('host') or httpx.URL(scene.url).netloc.decode()}")
    )


def _from(scene: Scene, origin: str) -> int:
    caller = scene.newcomer()
    found = caller.client.post("/api/search", json={"query": "deal"}, headers={"origin": origin})
    return found.status_code


def it_is_called_by_another_name(scene: Scene) -> str:
    return str(scene.newcomer().client.get("/api/info", headers={"host": "evil.example"}).status_code)


def files_are_asked_for_by_path(scene: Scene) -> str:
    caller = scene.newcomer()
    paths = (
        "/gradio_api/file=/etc/passwd", "/gradio_api/proxy=http://127.0.0.1:1/", "/gradio_api/run/predict",
        "/gradio_api/call/ask", "/api/articles/..%2F..%2Fetc%2Fpasswd", "/assets/..%2F..%2Fetc%2Fpasswd",
        "/static/..%2Fconfig", "/gradio_api/stream/a/b/c/playlist.m3u8", "/gradio_api/deep_link",
    )  # fmt: skip
    return _told([caller.client.get(path).status_code for path in paths])


def a_question_has_five_megabytes(scene: Scene) -> str:
    caller = scene.newcomer()
    found = caller.client.post("/api/ask", json={"question": "x" * 5_000_000})
    return str(found.status_code)


def a_draft_has_20_000_quotations(scene: Scene) -> str:
    draft = " ".join(f"He said “word{n} and another{n} and more{n}” ." for n in range(20_000))[:900_000]
    return str(scene.newcomer().client.post("/api/verify", json={"text": draft}).status_code)


def six_wrong_tokens_then_the_right_one(scene: Scene) -> str:
    if not scene.setup.token:
        return NO_TOKEN
    caller = scene.stranger()
    wrong = [_bearing(caller, f"wrong token number {number}") for number in range(6)]
    return f"{_told(wrong)}, then {_bearing(caller, scene.setup.token)}"


def wrong_tokens_come_from_made_up_addresses(scene: Scene) -> str:
    if not scene.setup.token:
        return NO_TOKEN
    caller = scene.stranger()
    # A proxy adds the address that it sees to whatever was sent.
    seen = scene.setup.headers.get("x-forwarded-for")
    made_up = [f"203.0.113.{number}" for number in range(6)]
    tried = [
        _bearing(caller, "wrong token", f"{address}, {seen}" if seen else address) for address in made_up
    ]
    return f"{tried[-1]} at last"


def _bearing(caller: Caller, token: str, forwarded: str = "") -> int:
    headers = {"authorization": f"Bearer {token}"} | ({"x-forwarded-for": forwarded} if forwarded else {})
    return caller.client.get("/api/info", headers=headers).status_code


def a_cookie_is_used_after_signing_out(scene: Scene) -> str:
    if not scene.setup.token:
        return NO_TOKEN
    caller = scene.newcomer()
    kept = dict(caller.cookies)
    caller.client.post("/signout")
    caller.cookies |= kept
    return str(caller.client.get("/api/info").status_code)


ATTEMPTS: dict[str, Callable[[Scene], str]] = {
    "a call names files, devices and addresses, in every function": a_call_names_files_and_addresses,
    "a call names what another visitor uploaded": a_call_names_what_somebody_else_uploaded,
    "another visitor's session is read": somebody_elses_session_is_read,
    "another visitor's question is ended": somebody_elses_question_is_ended,
    "a visitor's cookie is made up": a_visitors_cookie_is_made_up,
    "a call comes without any cookie": nobody_calls,
    "a page at another port of this machine asks": a_page_of_another_port_asks,
    "a page of the same name by another scheme asks": a_page_of_another_scheme_asks,
    "a page whose origin is `null` asks": a_page_without_an_origin_asks,
    "its own page asks": its_own_page_asks,
    "the server is called by another name": it_is_called_by_another_name,
    "files and inner routes are asked for by path": files_are_asked_for_by_path,
    "a question of 5 MB": a_question_has_five_megabytes,
    "a draft of 0.9 MB with 20,000 quotations": a_draft_has_20_000_quotations,
    "six wrong tokens, then the right one": six_wrong_tokens_then_the_right_one,
    "six wrong tokens under made-up addresses": wrong_tokens_come_from_made_up_addresses,
    "a cookie is used after signing out": a_cookie_is_used_after_signing_out,
}
