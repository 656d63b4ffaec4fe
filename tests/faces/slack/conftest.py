"""A Slack of our own and one server for all tests here; no token of the person's own."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from onrecord import Settings
from tests.browser.serving import Server, served
from tests.faces.slack.mockslack import TOKEN, MockSlack, mock_slack
from tests.faces.slack.sending import SECRET, Sender

for _name in [name for name in os.environ if name.startswith("SLACK_")]:
    del os.environ[_name]


@dataclass
class Running:
    """A server, the Slack that it speaks to, and who sends it what Slack would."""

    server: Server
    slack: MockSlack
    sender: Sender

    @property
    def log(self) -> str:
        return self.server.log.read_text(encoding="utf-8")

    @property
    def inbox(self) -> Path:
        return self.server.kept.with_name("conversations.slack.sqlite")


def environment(slack: MockSlack, **others: str) -> dict[str, str]:
    """What turns Slack on."""
    told = {"SLACK_SIGNING_SECRET": SECRET, "SLACK_BOT_TOKEN": TOKEN, "SLACK_API_URL": slack.api}
    return {**told, "ONRECORD_PUBLIC_URL": "https://onrecord.newsroom.example", **others}


@pytest.fixture(scope="package")
def slack() -> Iterator[MockSlack]:
    with mock_slack() as mock:
        yield mock


@pytest.fixture(scope="package")
def site(built_index: Settings, slack: MockSlack, tmp_path_factory) -> Iterator[Running]:
    """A server over the two articles in corpus/, with Slack on."""
    folder = tmp_path_factory.mktemp("slack")
    with served(built_index, folder, **environment(slack)) as server, Sender(server.url) as sender:
        yield Running(server, slack, sender)
