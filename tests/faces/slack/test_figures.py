"""RELIABILITY rows 25 to 27, measured on `onrecord serve`: `python -m tests.faces.slack.figures`."""

from __future__ import annotations

import json
import os
import signal
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import httpx
import pytest

from onrecord import Settings
from tests import corpora
from tests.browser.serving import Server, served
from tests.faces.slack import blockkit
from tests.faces.slack.conftest import Running, environment
from tests.faces.slack.hostile import Hostile, hostile
from tests.faces.slack.inprocess import here
from tests.faces.slack.mockslack import Down, MockSlack, mock_slack
from tests.faces.slack.sending import Sender, event_body, headers_for, message

pytestmark = pytest.mark.slow

ASKED = "What did Blinken say about the prospects of reviving the Iran nuclear deal?"
ROUNDS = 10
AT_ONCE = 20
FIGURES: dict[str, str] = {}

NASTY = (
    "<!channel> <!here> <!everyone> <@U0123456> <#C012345|general> <!subteam^S1> "
    "<https://evil.example|click here> &lt;!channel&gt; *bold* _it_ ~no~ `code` > quoted :smile: @channel"
)
ISLANDS = "Arran Bute Cumbrae Danna Eigg Fara Gigha Harris Islay Jura Kerrera Lewis Mull Noss Oronsay".split()
HOSTILE_CORPUS = [
    {
        "id": f"<!channel> {number}",
        "title": f"{NASTY} harbour {number}",
        "outlet": NASTY,
        "published": "2023-01-02",
        "text": f"“The harbour {NASTY} will open,” minister Ada Ostrow said on day {number}. "
        + "It rained. " * 9,
    }
    for number in range(6)
]

LONG_CORPUS = [
    {
        "id": f"ferry-{number}",
        "title": f"Ferry crews, day {number}",
        "published": f"2022-11-{number + 1:02}",
        "text": f"“The ferries of island {ISLANDS[number]} will stay, "
        + ", ".join(f"{ISLANDS[number]} crew {each} of pier {each * 7 + number}" for each in range(60))
        + f",” union leader Piet Verlaan said of {ISLANDS[number]}.",
    }
    for number in range(len(ISLANDS))
]


@pytest.fixture(scope="module", autouse=True)
def printed() -> Iterator[None]:
    """Print what was measured."""
    yield
    width = max((len(name) for name in FIGURES), default=0)
    print("\n\n" + "\n".join(f"{name:<{width}}  {value}" for name, value in FIGURES.items()))


def sent(client: httpx.Client, each: Hostile) -> tuple[int, float]:
    started = time.perf_counter()
    answered = client.post(
        each.path, content=each.body, headers={n: v.encode("latin-1") for n, v in each.headers.items()}
    )
    return answered.status_code, time.perf_counter() - started


def test_hostile_requests_are_refused_at_once(site: Running):
    requests = list(hostile())
    slowest, statuses = 0.0, Counter()
    with httpx.Client(base_url=site.server.url, timeout=20, trust_env=False) as client:
        for each in requests:
            seconds = []
            for _ in range(3):  # the quickest counts: the machine has other things to do
                status, took = sent(client, each)
                assert status in each.statuses, (each.name, status)
                statuses[status] += 1
                site.sender.statuses.append(status)
                seconds.append(took)
            assert min(seconds) < 0.05, (each.name, seconds)
            slowest = max(slowest, min(seconds))
    assert "canary-hostile" not in site.log
    told = ", ".join(f"{count} of {status}" for status, count in sorted(statuses.items()))
    FIGURES["hostile requests"] = f"{len(requests)} kinds, three times each: {told}"
    FIGURES["slowest refusal (goal < 50 ms)"] = f"{1000 * slowest:.1f} ms"


def test_acknowledgements_are_quick_while_answers_are_computed(site: Running):
    taken: list[float] = []
    statuses: Counter[int] = Counter()
    with httpx.Client(
        base_url=site.server.url, timeout=20, trust_env=False, limits=httpx.Limits(max_connections=AT_ONCE)
    ) as client:

        def mention(number: int) -> dict:
            event = message(f"<@UBOT> {ASKED}", channel=f"C9{number}")
            body = json.dumps(event_body(event)).encode()
            headers = headers_for(body)
            started = time.perf_counter()
            answered = client.post("/slack/events", content=body, headers=headers)
            taken.append(time.perf_counter() - started)
            statuses[answered.status_code] += 1
            site.sender.statuses.append(answered.status_code)
            return event

        keys: set[str] = set()
        with ThreadPoolExecutor(AT_ONCE) as pool:
            for lot in range(ROUNDS):
                events = list(pool.map(mention, range(AT_ONCE * lot, AT_ONCE * (lot + 1))))
                keys |= {f"T1:{event['channel']}:{event['ts']}" for event in events}
                site.slack.wait(partial(_answered, site.slack, frozenset(keys)), 60)
    per_message = Counter(_key(each) for each in site.slack.messages() if _key(each) in keys)
    assert set(per_message.values()) == {1}
    taken.sort()
    p50, p99 = taken[len(taken) // 2], taken[int(0.99 * len(taken))]
    FIGURES[f"acknowledged, {AT_ONCE} mentions at once, {ROUNDS} times"] = (
        f"p50 {1000 * p50:.0f} ms, p99 {1000 * p99:.0f} ms (goal < 500 ms), all 200; each answered once"
    )
    assert statuses == {200: ROUNDS * AT_ONCE}
    assert p99 < 0.5


def _answered(slack: MockSlack, keys: frozenset[str]) -> bool:
    return keys <= {_key(each) for each in slack.messages()}


def _key(posted: dict) -> str:
    return posted.get("metadata", {}).get("event_payload", {}).get("key", "").partition("/")[0]


def start(settings: Settings, folder: Path, slack: MockSlack, **others: str):
    return served(settings, folder, **environment(slack, **others))


def killed(server: Server) -> None:
    """End it as a power cut would."""
    os.kill(server.process.pid, signal.SIGKILL)
    server.process.wait(10)


def test_every_message_is_answered_once_over_retries_and_a_restart(built_index, tmp_path):
    events = [message(f"<@UBOT> {ASKED}", channel=f"C{number}") for number in range(12)]
    posted_before: set[str] = set()
    with mock_slack() as slack:
        # The first is heard, the second is not, and neither call is answered before the process is killed.
        slack.script["chat.postMessage"] += [Down(200, heard=True, pause=60), Down(503, pause=60)]
        with (
            start(built_index, tmp_path, slack, SLACK_WORKERS="2", ONRECORD_READER="none") as server,
            Sender(server.url) as sender,
        ):
            for number, event in enumerate(events):
                for attempt in range(1 + number % 3):
                    retry = {"X-Slack-Retry-Num": str(attempt), "X-Slack-Retry-Reason": "http_timeout"}
                    assert (
                        sender.event(event, retry if attempt else None, event_id=f"Ev{number}").status_code
                        == 200
                    )
            slack.wait(lambda: len(slack.of("chat.postMessage")) == 2)
            posted_before = {_key(each) for each in slack.messages()}
            killed(server)
        with (
            start(built_index, tmp_path, slack, ONRECORD_READER="none") as server,
            Sender(server.url) as sender,
        ):
            for number, event in enumerate(events):  # Slack's last retry comes after the restart
                assert (
                    sender.event(event, {"X-Slack-Retry-Num": "3"}, event_id=f"Ev{number}").status_code == 200
                )
            keys = {f"T1:{event['channel']}:{event['ts']}" for event in events}
            slack.wait(lambda: keys <= {_key(each) for each in slack.messages()}, 60)
            last = message(f"<@UBOT> {ASKED}", channel="C99")
            sender.event(last)
            slack.wait(lambda: slack.messages("C99"))
        answers = Counter(_key(each) for each in slack.messages())
    answered = sum(count for key, count in answers.items() if key in keys)
    assert len(posted_before) == 1
    FIGURES["answers per message, retried and killed midway"] = (
        f"{answered / len(events):.2f} ({answered} of {len(events)})"
    )
    assert {answers[key] for key in keys} == {1}


@pytest.fixture(scope="module")
def hostile_site(tmp_path_factory) -> Iterator[Running]:
    """A server over articles that are full of Slack's markup, and of long sentences."""
    settings = corpora.indexed(tmp_path_factory.mktemp("hostile"), [*HOSTILE_CORPUS, *LONG_CORPUS])
    run = tmp_path_factory.mktemp("run")
    with (
        mock_slack() as slack,
        start(settings, run, slack, ONRECORD_QUOTES="20") as server,
        Sender(server.url) as sender,
    ):
        yield Running(server, slack, sender)


def test_article_text_makes_no_mention_and_no_link(hostile_site: Running):
    slack = hostile_site.slack
    for question in ("What did Ostrow say about the harbour?", "Who said the harbour will open?", NASTY):
        hostile_site.sender.mention(question, channel=f"C{len(question)}")
    slack.wait(lambda: {each["channel"] for each in slack.messages()} >= {"C38", "C31", f"C{len(NASTY)}"})
    texts = [record["text"] for record in (*HOSTILE_CORPUS, *LONG_CORPUS)]
    made = [found for each in slack.messages() for found in blockkit.markup_of(each)]
    shown = [quoted for each in slack.messages() for quoted in blockkit.quotations(each)]
    links = {url for each in slack.messages() for url in _links(each["blocks"])}
    assert made == []
    holding = [quoted for quoted in shown if "<!channel>" in quoted]
    assert holding
    altered = [quoted for quoted in shown if not any(quoted in text for text in texts)]
    assert altered == []
    assert all(url.startswith("https://onrecord.newsroom.example/?open=") for url in links)
    FIGURES["mentions made by article text"] = f"{len(made)}, by {len(holding)} quotations that hold some"
    FIGURES["quotations altered"] = f"{len(altered)} of {len(shown)}"


def _links(value) -> Iterator[str]:
    if isinstance(value, dict):
        if value.get("type") == "link":
            yield value["url"]
        for each in value.values():
            yield from _links(each)
    elif isinstance(value, list):
        for each in value:
            yield from _links(each)


def test_the_largest_message_is_within_the_limit(hostile_site: Running):
    slack = hostile_site.slack
    hostile_site.sender.mention("What did Piet Verlaan say about the ferries?", channel="C5000")
    slack.wait(lambda: len(slack.messages("C5000")) >= 2)
    time.sleep(1.5)
    posted = slack.messages("C5000")
    sizes = [blockkit.size(each) for each in slack.messages()]
    whole = [quoted for each in posted for quoted in blockkit.quotations(each)]
    assert max(sizes) <= 13_200
    assert all(any(quoted in record["text"] for record in LONG_CORPUS) for quoted in whole)
    FIGURES["largest message sent (limit 13,200)"] = (
        f"{max(sizes):,} characters; one answer of {len(whole)} quotations took {len(posted)} messages"
    )


def test_the_queue_is_bounded_and_what_slack_refuses_is_dropped(plain_index, tmp_path, caplog):
    errors = ("channel_not_found", "token_revoked", "msg_too_long", "is_archived")
    with mock_slack() as slack, here(plain_index, slack, tmp_path, queue=10, workers=2) as running:
        for error in errors:
            slack.always["chat.postMessage"] = Down(200, error)
            running.sender.mention("Who opened the new harbour?", channel=f"C{error}"[:20].replace("_", ""))
            slack.wait(partial(lambda told: told in caplog.text, f"did not take it: {error}"))
        slack.always["chat.postMessage"] = Down(200, heard=True, pause=0.5)
        for number in range(40):
            running.sender.mention("Who opened the new harbour?", channel=f"C{number}")
        intake = running.face._intake
        slack.wait(lambda: len(slack.messages()) + intake.refused == 40, 60)
        told = len(slack.wait_for("chat.postEphemeral", min(intake.refused, 15)))
    dropped = caplog.text.count("dropped ask")
    assert dropped == len(errors)
    assert intake.most <= 10
    assert intake.refused > 0
    FIGURES["most that waited (queue of 10, 40 at once)"] = (
        f"{intake.most}; answered {len(slack.messages())}, told busy {told} of {intake.refused}"
    )
    FIGURES["dropped with a line in the log"] = f"{dropped} of {len(errors)} that Slack refused for good"


def test_nothing_was_a_fault(site: Running):
    site.sender.mention(ASKED, channel="C1")
    site.slack.wait(lambda: site.slack.messages("C1"))
    assert "fault" not in site.log
    assert "Traceback" not in site.log
    faults = sum(status >= 500 for status in site.sender.statuses)
    FIGURES["5xx"] = f"{faults} of {len(site.sender.statuses)} requests to the first server"
    assert faults == 0
