"""The commands of `onrecord slack`."""

from __future__ import annotations

import sys
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from onrecord.faces.cli.options import IndexOptions, PlaceOptions, SearchFilters, show
from onrecord.faces.spread import spread

if TYPE_CHECKING:
    from onrecord.assistant.assistant import Assistant
    from onrecord.faces.slack.blocks import Link
    from onrecord.settings import Settings
    from onrecord.types import Answer

_QUOTES = 10  # that a digest holds, at most, where no more are set

slack = typer.Typer(help="Set up Slack, and send answers there.", no_args_is_help=True, rich_markup_mode=None)

WebhookOption = Annotated[
    str,
    typer.Option(
        "--webhook-url",
        metavar="URL",
        envvar="SLACK_WEBHOOK_URL",
        help="Of an incoming webhook. It is a secret: rather set the variable.",
        show_default=False,
    ),
]


@slack.command("manifest")
def _manifest(
    url: Annotated[
        str | None, typer.Option("--url", metavar="URL", help="By which Slack reaches `onrecord serve`.")
    ] = None,
    socket: Annotated[
        bool, typer.Option("--socket", help="For Socket Mode: Slack need not reach this machine.")
    ] = False,
) -> None:
    """Print the app's manifest, to be pasted into Slack.

    On api.slack.com/apps: Create New App, From a manifest. docs/slack.md says what comes next.
    """
    from onrecord.errors import SettingsError
    from onrecord.faces.slack.manifest import manifest

    if socket == (url is not None):
        raise SettingsError("Give either --url or --socket.", remedy="Slack has to know how to reach you.")
    sys.stdout.write(manifest(url))


@slack.command("post")
@spread("filters", "at")
def _post(
    question: Annotated[str, typer.Argument(help="In plain words.", show_default=False)],
    webhook_url: WebhookOption,
    *,
    filters: SearchFilters,
    at: IndexOptions,
) -> None:
    """Answer one question in a channel, by its incoming webhook."""
    from onrecord.assistant.assistant import Assistant
    from onrecord.faces.slack.webhook import post_answer

    settings = at.settings
    with Assistant.open(settings) as assistant:
        answer = assistant.ask(question, **asdict(filters))
        post_answer(answer, webhook_url, link=_links(assistant, settings))
    sys.stdout.write("Posted.\n")


@slack.command("digest")
@spread("at")
def _digest(
    about: Annotated[str, typer.Option("--about", metavar="SUBJECT", help="A subject, or a question.")],
    since: Annotated[
        str, typer.Option("--since", metavar="AGO", help="7d, 2w, 1m, 1y, or a date: published since then.")
    ] = "7d",
    webhook_url: Annotated[
        str | None,
        typer.Option(
            "--webhook-url",
            metavar="URL",
            envvar="SLACK_WEBHOOK_URL",
            help="Post it there; without, it is printed.",
            show_default=False,
        ),
    ] = None,
    *,
    at: PlaceOptions,
) -> None:
    """Tell a channel what was newly said on a subject, for a cron job.

    A quotation is posted once to each webhook for each subject. When there is nothing new, nothing
    is posted.
    """
    from datetime import UTC, datetime

    from onrecord.assistant.assistant import Assistant
    from onrecord.faces.slack.digest import digest, since_day
    from onrecord.render.pieces import answer_pieces

    first = since_day(since, today=datetime.now(UTC).date())
    settings = at.settings
    settings = settings.model_copy(update={"quotes": max(settings.quotes, _QUOTES)})
    with Assistant.open(settings) as assistant:
        answer = digest(assistant, about, since=first)
        if webhook_url is None:
            return show(*answer_pieces(answer))
        posted = _posted(assistant, settings, answer, about=about, webhook=webhook_url)
    sys.stdout.write(f"{posted}\n")
    return None


def _posted(assistant: Assistant, settings: Settings, answer: Answer, *, about: str, webhook: str) -> str:
    """Post what is new in a digest; say what became of it."""
    from onrecord.faces.slack.digest import place_of, subject_of, unposted
    from onrecord.faces.slack.inbox import Inbox
    from onrecord.faces.slack.webhook import post_answer
    from onrecord.wording.dates import count

    inbox, subject = Inbox.of(settings), subject_of(about, webhook)
    try:
        new = unposted(assistant, answer, inbox, subject=subject)
        if new.refused:
            return "Nothing new, so nothing was posted."
        left_out = post_answer(new, webhook, link=_links(assistant, settings))
        shown = new.quotes[: len(new.quotes) - left_out]
        inbox.note_posted(subject, [place_of(quote) for quote in shown])
    finally:
        inbox.close()
    later = f" {left_out:,} more the next time: one message cannot hold all." if left_out else ""
    return f"Posted {count(len(shown), 'quotation')}.{later}"


def _links(assistant: Assistant, settings: Settings) -> Link:
    from onrecord.faces.slack.links import reader_link

    return lambda quote: reader_link(
        assistant.article(quote.article_id), quote.start, quote.end, public_url=settings.public_url
    )
