"""Incoming webhooks and digests: what is sent, once, and that the webhook's address stays secret."""

from __future__ import annotations

import logging
from dataclasses import replace
from datetime import date

import pytest

from onrecord import Assistant
from onrecord.errors import QuestionError, SettingsError, SlackError
from onrecord.faces.cli.app import main
from onrecord.faces.cli.slack import _posted
from onrecord.faces.slack.blocks import Message, note
from onrecord.faces.slack.digest import place_of, since_day, unposted
from onrecord.faces.slack.inbox import Inbox
from onrecord.faces.slack.webhook import post_answer, post_message
from tests import corpora
from tests.faces.slack import blockkit
from tests.faces.slack.mockslack import Down, mock_slack
from tests.faces.slack.test_blocks import a_quote, an_answer

ASKED = "Who opened the new harbour?"
TEXTS = [record["text"] for record in corpora.PLAIN]
MESSAGE = Message("hello", (note("hello"),))


@pytest.fixture
def slack():
    with mock_slack() as mock:
        yield mock


@pytest.fixture
def hook(slack):
    return f"{slack.url}/hooks/secret-of-the-webhook"


@pytest.fixture
def paths(plain_index, tmp_path, monkeypatch):
    monkeypatch.setenv("ONRECORD_CONVERSATIONS", str(tmp_path / "conversations.sqlite"))
    return ["--corpus", str(plain_index.corpus), "--index", str(plain_index.index)]


def test_an_answer_is_posted_with_its_quotations(slack, hook, paths, capsys, monkeypatch, caplog):
    caplog.set_level(logging.DEBUG)
    monkeypatch.setenv("SLACK_WEBHOOK_URL", hook)
    monkeypatch.setenv("ONRECORD_PUBLIC_URL", "https://page.example")
    assert main(["slack", "post", ASKED, *paths]) == 0
    [call] = slack.of("hook")
    assert blockkit.quotations(call.fields)
    assert all(any(quoted in text for text in TEXTS) for quoted in blockkit.quotations(call.fields))
    assert "https://page.example/?open=harbour&start=" in str(call.fields["blocks"])
    assert ASKED in "\n".join(blockkit.strings(call.fields["blocks"]))
    seen = capsys.readouterr()
    assert seen.out == "Posted.\n"
    assert "secret-of" not in seen.out + seen.err + caplog.text


def test_from_python(slack, hook, plain_index):
    with Assistant.open(plain_index) as assistant:
        post_answer(assistant.ask(ASKED), hook)
        post_answer(assistant.ask("What did the central bank of Peru say about copper in Lima?"), hook)
    answer, refusal = slack.of("hook")
    assert blockkit.quotations(answer.fields)
    assert "Not in this corpus." in "\n".join(blockkit.strings(refusal.fields["blocks"]))


def test_it_waits_as_long_as_slack_asks(slack, hook):
    waited: list[float] = []
    slack.script["hook"] += [Down(429, "rate_limited", {"Retry-After": "7"}), Down(503, "down")]
    post_message(MESSAGE, hook, sleep=waited.append)
    assert waited == [7.0, 2.0]
    assert [call.status for call in slack.of("hook")] == [429, 503, 200]


@pytest.mark.parametrize(
    ("down", "code"),
    [
        (Down(403, "invalid_token"), "invalid_token"),
        (Down(404, "no_service"), "no_service"),
        (Down(400, "anything else at all"), "http_400"),
        (Down(429, "x", {"Retry-After": "4000"}), "ratelimited"),
    ],
)
def test_what_slack_refuses_is_an_error_without_the_address(slack, hook, down, code):
    slack.script["hook"].append(down)
    with pytest.raises(SlackError, match=code) as failed:
        post_message(MESSAGE, hook, sleep=lambda _: None)
    assert "secret-of" not in f"{failed.value} {failed.value.__cause__} {failed.value.__context__}"
    assert len(slack.of("hook")) == 1


def test_slack_that_is_gone_is_an_error_without_the_address(slack, paths, capsys):
    with mock_slack() as gone:
        pass
    with pytest.raises(SlackError, match="unreachable") as failed:
        post_message(MESSAGE, f"{gone.url}/hooks/secret-of-the-webhook", sleep=lambda _: None)
    assert "secret-of" not in str(failed.value)


@pytest.mark.parametrize(
    "url", ["http://hooks.slack.com/services/x", "slack", "file:///etc/passwd", "https://"]
)
def test_an_address_that_others_can_read_is_refused(url):
    with pytest.raises(SettingsError) as refused:
        post_message(MESSAGE, url)
    assert "services/x" not in str(refused.value)


def test_a_digest_posts_what_is_new_once(slack, hook, paths, capsys):
    command = ["slack", "digest", "--since", "2022-01-01", "--about", "the harbour in Kelmouth", *paths]
    assert main(command) == 0
    assert "harbour" in capsys.readouterr().out
    assert slack.of("hook") == []
    for told in ("Posted ", "Nothing new, so nothing was posted."):
        assert main([*command, "--webhook-url", hook]) == 0
        assert capsys.readouterr().out.startswith(told)
    [call] = slack.of("hook")
    shown = blockkit.quotations(call.fields)
    assert shown
    assert all(any(quoted in text for text in TEXTS) for quoted in shown)
    assert main([*command[:-4], *paths, "--webhook-url", f"{hook}-2"]) == 0
    assert len(slack.of("hook")) == 2


def test_what_a_digest_has_no_room_for_comes_the_next_time(slack, hook, plain_index, tmp_path):
    texts = [f"{n} " + "words " * 450 for n in range(9)]
    long = an_answer(*(a_quote(text, article_id="harbour", start=n) for n, text in enumerate(texts)))
    settings = plain_index.model_copy(update={"conversations": tmp_path / "conversations.sqlite"})
    with Assistant.open(settings) as assistant:
        told = [_posted(assistant, settings, long, about="the harbour", webhook=hook) for _ in range(4)]
    assert told[0].startswith("Posted 4 quotations. 5 more the next time")
    assert told[2:] == ["Posted 1 quotation.", "Nothing new, so nothing was posted."]
    assert [text for call in slack.of("hook") for text in blockkit.quotations(call.fields)] == texts


def test_a_digest_says_what_the_rest_of_it_rests_on(plain_index, tmp_path):
    inbox = Inbox(tmp_path / "slack.sqlite")
    first, last = (a_quote("words", article_id=ident, speaker=ident) for ident in ("harbour", "strike"))
    with Assistant.open(plain_index) as assistant:
        inbox.note_posted("s", [place_of(first)])
        left = unposted(assistant, an_answer(first, replace(last, start=9)), inbox, subject="s")
    inbox.close()
    assert left.searched.coverage.speakers == ("strike",)
    assert left.searched.coverage.articles == 1


def test_a_digest_that_was_not_taken_is_posted_the_next_time(slack, hook, paths, capsys):
    command = ["slack", "digest", "--since", "2022", "--about", "the harbour", *paths, "--webhook-url", hook]
    slack.script["hook"].append(Down(404, "no_service"))
    assert main(command) == 2
    assert "secret-of" not in capsys.readouterr().err
    assert main(command) == 0
    assert capsys.readouterr().out.startswith("Posted ")


def test_a_digest_of_days_without_articles_posts_nothing(slack, hook, paths, capsys):
    command = ["slack", "digest", "--since", "1d", "--about", "the harbour", *paths, "--webhook-url", hook]
    assert main(command) == 0
    assert capsys.readouterr().out == "Nothing new, so nothing was posted.\n"
    assert slack.of("hook") == []


@pytest.mark.parametrize(
    ("since", "day"),
    [
        ("7d", "2026-11-18"),
        ("2w", "2026-11-11"),
        ("1m", "2026-10-26"),
        ("1y", "2025-11-25"),
        ("2023-06", "2023-06-01"),
    ],
)
def test_since_is_days_ago_or_a_date(since, day):
    assert since_day(since, today=date(2026, 11, 25)) == day


@pytest.mark.parametrize("since", ["", "d", "0d", "-1d", "7 days", "99999d"])
def test_since_that_is_neither_is_explained(since):
    with pytest.raises(QuestionError, match="7d, 2w"):
        since_day(since, today=date(2026, 11, 25))
