"""What the chat page does: each method is a step between a person and the assistant, and gives HTML.

Nothing is kept here but what the corpus suggests; a conversation belongs to the
visitor whose cookie comes with the request.
"""

from __future__ import annotations

import logging
import secrets
import threading
import time
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import anyio.to_thread

from onrecord import markup
from onrecord.assistant import Assistant
from onrecord.conversation import Conversation
from onrecord.corpus_view import articles_html, info_html
from onrecord.dates import count
from onrecord.draft_view import draft_html
from onrecord.errors import BusyError, ConversationError, OnrecordError, QuestionError
from onrecord.hypertext import escape
from onrecord.memory import Memory
from onrecord.replies import failure_fields
from onrecord.settings import Settings
from onrecord.suggesting import examples, follow_ups
from onrecord.types import Answer, Article, Part, Progress
from onrecord.uploading import add_articles

__all__ = ["Page", "Shown", "View"]

_DRAFT = 200_000
_KINDS = ((BusyError, "busy"), (QuestionError, "misfit"))
_LOG = logging.getLogger("onrecord.page")


@dataclass(frozen=True, slots=True)
class View:
    """What an address shows: a conversation and what the search is narrowed to.

    Attributes:
        conversation: Its id; empty for a new one.
        since: First day, as typed.
        until: Last day, as typed.
        outlet: Outlets to stay within.
        speaker: Speakers to stay with.
        article: Articles to stay within.
    """

    conversation: str = ""
    since: str = ""
    until: str = ""
    outlet: tuple[str, ...] = ()
    speaker: tuple[str, ...] = ()
    article: tuple[str, ...] = ()

    @classmethod
    def of(cls, search: str) -> View:
        """Read the query of an address, ``?c=…&since=…``; what is not known there is left alone."""
        given = parse_qs(search.lstrip("?"), max_num_fields=100, errors="replace")
        return cls(
            given.get("c", [""])[0][:128],
            given.get("since", [""])[0][:40],
            given.get("until", [""])[0][:40],
            *(tuple(given.get(name, ())) for name in ("outlet", "speaker", "article")),
        )

    @property
    def filters(self) -> dict[str, Any]:
        """What is narrowed to, as :meth:`onrecord.assistant.Assistant.ask` takes it."""
        names = ("since", "until", "outlet", "speaker", "article")
        return {name: getattr(self, name) for name in names if getattr(self, name)}


@dataclass(slots=True)
class Shown:
    """What a step of an answer changes on the page.

    Attributes:
        current: The turn that is being answered or was answered last.
        answer: Once it is there; None before, and where there is none.
    """

    current: str
    answer: Answer | None = None


@dataclass(slots=True)
class Page:
    """The page of one assistant.

    Attributes:
        assistant: Answers.
        settings: Limits, and where conversations are kept.
    """

    assistant: Assistant
    settings: Settings
    _examples: dict[str, tuple[str, ...]] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    # --- asking

    async def ask(self, question: str, view: View, owner: str) -> AsyncGenerator[Shown, None]:
        """Answer a question in a conversation.

        Args:
            question: As typed.
            view: The conversation, and what the search is narrowed to.
            owner: Whose conversation it is; empty for a visitor without a cookie, of whom nothing is kept.

        Yields:
            What the page shows from now on; last what stays.
        """
        told: list[str] = []
        parts: list[Part] = []
        yield Shown(markup.asking_html(question))
        try:
            opened = await anyio.to_thread.run_sync(self._events, question, view, owner)
            async with aclosing(opened) as events:
                async for event in events:
                    if isinstance(event, Progress):
                        told.append(event.told)
                    elif isinstance(event, Part):
                        parts.append(event)
                    else:
                        yield Shown(await self._turn(event, view, owner), event)
                        return
                    yield Shown(markup.asking_html(question, told=told, parts=parts))
        except Exception as error:  # noqa: BLE001  (whatever it is, the person is told)
            yield Shown(_failed(question, error))

    def _events(self, question: str, view: View, owner: str) -> AsyncGenerator[Any, None]:
        filters = view.filters
        if not owner:
            return self.assistant.astream(question, **filters)  # type: ignore[return-value]
        return self.talk(view.conversation, owner).astream(question, **filters)

    async def _turn(self, answer: Answer, view: View, owner: str) -> str:
        number = None
        if owner:
            turns = await anyio.to_thread.run_sync(lambda: self._last(view.conversation, owner))
            number = turns[-1].number if turns and turns[-1].answer.id == answer.id else None
        return markup.turn_html(answer, number=number)

    def _last(self, conversation: str, owner: str) -> Sequence[Any]:
        try:
            return self.memory.turns(conversation, owner=owner, last=1)
        except ConversationError:
            return ()

    def stopped(self, question: str) -> str:
        """Say that an answer was given up."""
        return markup.notice_html(question, "Stopped.", "Nothing of this answer was kept.", kind="stopped")

    def follow_ups(self, answer: Answer | None, view: View) -> str:
        """Suggest what to ask next; nothing where nothing good is found."""
        if answer is None:
            return ""
        try:
            found = follow_ups(self.assistant, answer, filters=view.filters)
        except OnrecordError as error:
            _LOG.info("no suggestions: %s", error)
            return ""
        return markup.suggestions_html(found, label="Ask next", kind="followups")

    def sources(self, answer: Answer | None) -> str:
        """List what an answer used."""
        quoted = {quote.article_id for quote in answer.quotes} if answer else set()
        try:
            held = {ident: self.assistant.article(ident) for ident in quoted}
            return markup.sources_html(answer, held)
        except OnrecordError as error:
            return f'<p class="faint">{escape(str(error))}</p>'

    # --- conversations

    @property
    def memory(self) -> Memory:
        """Where conversations are kept."""
        return Memory(self.settings.memory)

    def talk(self, conversation: str, owner: str) -> Conversation:
        """Open a visitor's conversation, or begin it."""
        return self.assistant.conversation(conversation or secrets.token_hex(16), owner=owner)

    def turns(self, conversation: str, owner: str) -> tuple[str, Answer | None]:
        """Give a conversation's turns as HTML, and its last answer."""
        if not (conversation and owner):
            return "", None
        try:
            turns = self.memory.turns(conversation, owner=owner)
        except ConversationError as error:
            return markup.notice_html("", error.message, error.remedy), None
        return markup.turns_html(turns), turns[-1].answer if turns else None

    def listed(self, current: str, owner: str) -> str:
        """List a visitor's conversations."""
        try:
            headings = self.memory.headings(owner=owner, limit=200) if owner else ()
        except ConversationError as error:
            return f'<p class="state failed">{escape(str(error))}</p>'
        return markup.conversations_html(headings, current)

    def rename(self, conversation: str, title: str, owner: str) -> None:
        """Give a conversation another title; one that is gone or a blank title changes nothing."""
        self._change(lambda: self.memory.rename(conversation, title, owner=owner))

    def delete(self, conversation: str, owner: str) -> None:
        """Delete a conversation."""
        self._change(lambda: self.memory.delete(conversation, owner=owner))

    def rate(self, conversation: str, turn: int, *, up: bool, reason: str, owner: str) -> None:
        """Keep what a person thought of an answer."""
        self._change(lambda: self.memory.rate(conversation, turn, up=up, reason=reason, owner=owner))

    def _change(self, change: Any) -> None:
        try:
            change()
        except ConversationError as error:
            _LOG.warning("%s", error)

    # --- the corpus and drafts

    def welcome(self) -> str:
        """Suggest first questions, made from the corpus."""
        try:
            generation = self.assistant.info().generation
            with self._lock:
                if generation not in self._examples:
                    self._examples = {generation: examples(self.assistant)}
                found = self._examples[generation]
        except OnrecordError as error:
            return markup.notice_html("", error.message, error.remedy)
        return markup.suggestions_html(found, label="For example")

    def check(self, draft: str) -> str:
        """Check every quotation of a draft."""
        if len(draft) > _DRAFT:
            return _state(f"The draft has more than {_DRAFT:,} characters.", "Check it in parts.")
        try:
            verdicts = self.assistant.verify(draft)
            ids = {verdict.article_id for verdict in verdicts if verdict.article_id}
            titles = {ident: self.assistant.article(ident).title for ident in ids}
        except OnrecordError as error:
            return _state(error.message, error.remedy)
        return draft_html(draft, verdicts, titles)

    def holdings(self) -> str:
        """Say what the index holds."""
        try:
            return info_html(self.assistant.info())
        except OnrecordError as error:
            return _state(error.message, error.remedy)

    def articles(self, query: str = "") -> str:
        """List the articles that hold all the words of a query."""
        try:
            return articles_html(self.assistant.articles(), query)
        except OnrecordError as error:
            return _state(error.message, error.remedy)

    def add(self, files: Sequence[Path], progress: Callable[[str, int, int], None]) -> str:
        """Add files to the corpus, and say what became of it."""
        try:
            report = add_articles(files, self.settings, progress=progress)
        except OnrecordError as error:
            return _state(error.message, error.remedy)
        self._await(report.generation)
        told = f"{count(len(files), 'file')} added. The index holds {count(report.articles, 'article')} now."
        return f'<p class="good" role="status">{escape(told)}</p>'

    def _await(self, generation: str) -> None:
        """Wait until answers come from a new generation, which is looked for every few seconds."""
        for _ in range(100):
            if self.assistant.info().generation == generation:
                return
            time.sleep(0.1)

    def held(self) -> int:
        """Say how many articles there are; 0 where the index cannot say."""
        try:
            return self.assistant.info().articles
        except OnrecordError:
            return 0

    def choices(self) -> Mapping[str, list[Any]]:
        """Give what the filters offer: outlets, speakers, articles as (title, id)."""
        held: tuple[Article, ...] = self.assistant.articles()
        return {
            "outlet": list(self.assistant.info().outlets),
            "speaker": list(self.assistant.speakers()),
            "article": [(article.title, article.id) for article in held],
        }


def _state(message: str, remedy: str) -> str:
    told = f"<strong>{escape(message)}</strong> {escape(remedy)}"
    return f'<div class="state failed" role="alert"><p>{told}</p></div>'


def _failed(question: str, error: Exception) -> str:
    kind = next((name for of, name in _KINDS if isinstance(error, of)), "failed")
    told = failure_fields(error)
    return markup.notice_html(question, told["message"], told["remedy"], kind=kind)
