"""What is to be done about what came from Slack: read from its payload, small enough to be stored."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from enum import StrEnum
from typing import Any

from onrecord.faces.slack.mrkdwn import plain_text, quoted_lines
from onrecord.text.quotation_marks import holds_marks

_ID = re.compile(r"[A-Za-z0-9]{1,64}")
_TS = re.compile(r"[0-9]{1,16}\.[0-9]{1,10}")
_TOKEN = re.compile(r"[A-Za-z0-9._:-]{1,200}")
_VERIFY = re.compile(r"(?:verify|check)\b[:\s]*(?P<text>.*)", re.IGNORECASE | re.DOTALL)
_HUMAN = frozenset({"file_share", "thread_broadcast"})
_RATINGS = {"helpful": True, "unhelpful": False}
_MOST = 40_000  # characters that a message in Slack can have

Json = Mapping[str, Any]


class JobKind(StrEnum):
    """What is to be done."""

    ASK = "ask"
    VERIFY = "verify"
    HELP = "help"
    RATE = "rate"
    HOME = "home"
    PROMPTS = "prompts"


@dataclass(frozen=True, slots=True)
class Job:
    """One thing to do, once.

    Attributes:
        kind: What.
        key: The same for everything that stands for the same message or click.
        team: Workspace.
        channel: Where; empty where it is nowhere in particular.
        user: Who.
        text: The question, the draft, or what was rated.
        ts: Of the message; empty for a command.
        thread: Timestamp of the thread to answer in; empty for a command.
        private: Whether only the person sees the answer to a command.
        response_url: Where a command is answered; empty for a message.
        event: Slack's own id of the event; empty where there is none.
        up: Whether a rating is a good one.
        at: When it was taken in, seconds since 1970.
        again: Whether it was begun before, by a process that ended.
        posting: Whether that process may have sent the answer.
    """

    kind: JobKind
    key: str
    team: str
    channel: str = ""
    user: str = ""
    text: str = ""
    ts: str = ""
    thread: str = ""
    private: bool = False
    response_url: str = ""
    event: str = ""
    up: bool = False
    at: float = 0.0
    again: bool = False
    posting: bool = False

    @property
    def direct(self) -> bool:
        """Whether it came in a conversation of the app with one person."""
        return self.channel.startswith("D")

    def to_json(self) -> str:
        """Write it down."""
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, told: str) -> Job:
        """Read what :meth:`to_json` wrote."""
        fields = json.loads(told)
        return cls(**{**fields, "kind": JobKind(fields["kind"])})


def of_event(body: Json) -> Job | None:
    """Read an event.

    In a channel only a mention is answered: people talk there with each other, and an app that
    wants to see every message of a channel is one that few would add. In a direct message
    everything is meant for the app.

    Gives what to do; None where nothing is: the message of a bot, an edit, a deletion, a message that a
    mention covers, anything else.
    """
    event = _mapping(body, "event")
    team = _id(body.get("team_id")) or _id(event.get("team"))
    mark = _matched(_TOKEN, body.get("event_id"))
    kind = event.get("type")
    if not team:
        return None
    if kind == "app_home_opened" and event.get("tab", "home") == "home":
        user = _id(event.get("user"))
        return Job(JobKind.HOME, f"home:{team}:{mark or user}", team, user=user, event=mark) if user else None
    if kind == "assistant_thread_started":
        return _prompts(team, _mapping(event, "assistant_thread"), mark)
    if kind == "app_mention" or (kind == "message" and event.get("channel_type") == "im"):
        return _message(team, event, mark, bots=_bots(body))
    return None


def _prompts(team: str, thread: Json, mark: str) -> Job | None:
    channel, ts = _id(thread.get("channel_id")), _matched(_TS, thread.get("thread_ts"))
    if not (channel and ts):
        return None
    return Job(JobKind.PROMPTS, f"prompts:{team}:{channel}:{ts}", team, channel, thread=ts, event=mark)


def _bots(body: Json) -> frozenset[str]:
    """Give the ids of our own user, which come with each event."""
    named = body.get("authorizations")
    found = [each for each in named if isinstance(each, dict)] if isinstance(named, list) else []
    return frozenset(_id(each.get("user_id")) for each in found if each.get("is_bot"))


def _message(team: str, event: Json, mark: str, *, bots: frozenset[str]) -> Job | None:
    channel, user, ts = _id(event.get("channel")), _id(event.get("user")), _matched(_TS, event.get("ts"))
    if not (channel and user and ts) or user in bots or _is_not_said(event):
        return None
    thread = _matched(_TS, event.get("thread_ts")) or ts
    told = Job(JobKind.ASK, f"{team}:{channel}:{ts}", team, channel, user, ts=ts, thread=thread, event=mark)
    return _meant(told, _text(event), wanted=False)


def _is_not_said(event: Json) -> bool:
    """Say whether a bot sent it, or it only changes what was said before."""
    if event.get("bot_id") or event.get("bot_profile") or event.get("edited") or event.get("hidden"):
        return True
    subtype = event.get("subtype")
    return not (subtype is None or (isinstance(subtype, str) and subtype in _HUMAN))


def _meant(job: Job, mrkdwn: str, *, wanted: bool) -> Job:
    """Read what a person wants: help, a check of quotations, or an answer."""
    text = plain_text(mrkdwn)
    if text.lower() in ("", "help", "?"):
        return replace(job, kind=JobKind.HELP)
    found = _VERIFY.fullmatch(text)
    if found and (wanted or holds_marks(found["text"])):
        draft = found["text"]
        marked = draft if holds_marks(draft) else f"“{draft}”"
        return replace(job, kind=JobKind.VERIFY, text=marked) if draft else replace(job, kind=JobKind.HELP)
    return replace(job, text=text)


def of_command(form: Json) -> Job | None:
    """Read a slash command; None where a part of it is missing."""
    team, channel, user = (_id(form.get(name)) for name in ("team_id", "channel_id", "user_id"))
    url, mark = _text(form, "response_url"), _matched(_TOKEN, form.get("trigger_id"))
    if not (team and user and url):
        return None
    key = mark or hashlib.sha256(url.encode("utf-8", "replace")).hexdigest()[:32]
    told = Job(JobKind.ASK, f"command:{team}:{key}", team, channel, user, response_url=url)
    return _meant(told, _text(form), wanted=True)


def of_shortcut(payload: Json) -> Job | None:
    """Read the shortcut that checks the quotations of a message; None where a part is missing."""
    said = _mapping(payload, "message")
    team, channel, user = (_id(_mapping(payload, name).get("id")) for name in ("team", "channel", "user"))
    url, mark = _text(payload, "response_url"), _matched(_TOKEN, payload.get("trigger_id"))
    if not (team and user and url and mark):
        return None
    draft = plain_text(quoted_lines(_text(said)))
    key = f"shortcut:{team}:{mark}"
    return Job(JobKind.VERIFY, key, team, channel, user, draft, response_url=url, private=True)


def of_action(payload: Json) -> Job | None:
    """Read a click on a button: a rating, or an example question; None for anything else."""
    actions = payload.get("actions")
    action = actions[0] if isinstance(actions, list) and actions and isinstance(actions[0], dict) else {}
    name, value = _text(action, "action_id"), _text(action, "value")
    team, user = (_id(_mapping(payload, part).get("id")) for part in ("team", "user"))
    mark = _matched(_TOKEN, payload.get("trigger_id")) or _matched(_TOKEN, action.get("action_ts"))
    if not (team and user and value and mark):
        return None
    if name.startswith("example"):
        return Job(JobKind.ASK, f"example:{team}:{mark}", team, user=user, text=value)
    if name not in _RATINGS:
        return None
    url, channel = _text(payload, "response_url"), _id(_mapping(payload, "channel").get("id"))
    told = Job(JobKind.RATE, f"rate:{team}:{user}:{mark}", team, channel, user, value, response_url=url)
    return replace(told, up=_RATINGS[name], private=True)


def of_outgoing(form: Json) -> Job | None:
    """Read what a legacy outgoing webhook sends; None for a bot's message or where a part is missing."""
    team, channel, user = (_id(form.get(name)) for name in ("team_id", "channel_id", "user_id"))
    ts = _matched(_TS, form.get("timestamp"))
    if not (team and channel and user and ts) or form.get("bot_id") or user == "USLACKBOT":
        return None
    thread = _matched(_TS, form.get("thread_ts")) or ts
    told = Job(JobKind.ASK, f"{team}:{channel}:{ts}", team, channel, user, ts=ts, thread=thread)
    return _meant(told, _text(form).removeprefix(_text(form, "trigger_word")), wanted=False)


def _mapping(told: Json, name: str) -> Json:
    value = told.get(name)
    return value if isinstance(value, dict) else {}


def _text(told: Json, name: str = "text") -> str:
    value = told.get(name)
    return value[:_MOST] if isinstance(value, str) else ""


def _matched(pattern: re.Pattern[str], value: Any) -> str:
    return value if isinstance(value, str) and pattern.fullmatch(value) else ""


def _id(value: Any) -> str:
    return _matched(_ID, value)
