"""What the chat page does: each method is a step between a person and the assistant, and gives HTML.

Nothing is kept here but what the corpus suggests; a conversation belongs to the
visitor whose cookie comes with the request.
"""

from __future__ import annotations

import logging
import secrets
import threading
import time
from collections.abc import AsyncGenerator, Iterator, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

from onrecord.assistant.assistant import Assistant
from onrecord.assistant.conversation import Conversation
from onrecord.assistant.memory import Memory
from onrecord.assistant.suggest import examples, follow_ups
from onrecord.errors import (
    BusyError,
    ConversationError,
    IndexError_,
    ModelError,
    OnrecordError,
    QuestionError,
    SettingsError,
)
from onrecord.faces.http.error_responses import failure_fields
from onrecord.faces.page.build_progress import watched
from onrecord.faces.page.quota import Quota
from onrecord.faces.page.upload import add_articles
from onrecord.faces.page.view import View
from onrecord.index.build import BuildReport
from onrecord.index.build_process import Heard, build_apart, build_command
from onrecord.render.escape import text_html
from onrecord.render.html import answer as markup
from onrecord.render.html.corpus import LEAF, articles_html, info_html, no_index_html, welcome_html
from onrecord.render.html.draft import draft_html
from onrecord.settings import Settings
from onrecord.text.direction import marked
from onrecord.types import Answer, Part, Progress
from onrecord.wording.dates import count

OFFERED = 60
"""So many articles are offered at a time; more are found by typing."""
Choice = tuple[str, str]
"""Label and value."""

_DRAFT = 200_000
_MINUTE = 60.0
_NAMES = 2_000  # outlets or speakers; the browser looks through them, and others can be typed whole
_KEPT = (IndexError_, ConversationError, ModelError, SettingsError)
_KINDS = ((BusyError, "busy"), (QuestionError, "misfit"))
_LOG = logging.getLogger("onrecord.page")


@dataclass(slots=True)
class PageState:
    """What a step of an answer changes on the page.

    Attributes:
        current: The turn that is being answered or was answered last.
        answer: Once it is there; None before, and where there is none.
    """

    current: str
    answer: Answer | None = None


@dataclass(slots=True)
class PageActions:
    """The page of one assistant.

    Attributes:
        assistant: Answers.
        settings: Limits, and where conversations are kept.
        local: Whether only people at this machine reach the page; they may build the index there.
    """

    assistant: Assistant
    settings: Settings
    local: bool = False
    _examples: dict[str, tuple[str, ...]] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _questions: Quota = field(init=False)
    _drafts: Quota = field(init=False)

    def __post_init__(self) -> None:
        self._questions = Quota(self.settings.visitor_questions, seconds=_MINUTE)
        self._drafts = Quota(self.settings.visitor_drafts, seconds=_MINUTE)

    def _told(self, error: Exception) -> tuple[str, str]:
        """Say what went wrong and what to do, to who keeps this server or to somebody who only looks on."""
        if self.local and isinstance(error, OnrecordError):
            return error.message, error.remedy
        fields = failure_fields(error)
        kept = isinstance(error, _KEPT)
        return fields["message"], "Whoever keeps this server can mend it." if kept else fields["remedy"]

    def _failed(self, question: str, error: Exception) -> str:
        kind = next((name for of, name in _KINDS if isinstance(error, of)), "failed")
        return markup.notice_html(question, *self._told(error), kind=kind)

    # --- asking

    async def ask(self, question: str, view: View, owner: str) -> AsyncGenerator[PageState, None]:
        """Answer a question in a conversation."""
        told: list[str] = []
        parts: list[Part] = []
        yield PageState(markup.asking_html(question))
        try:
            _require(self._questions.take(owner), "You have asked a great deal within a minute.")
            talk = self.talk(view.conversation, owner) if owner else None
            async with aclosing(self._events(question, view, talk)) as events:
                async for event in events:
                    if isinstance(event, Progress):
                        told.append(event.told)
                    elif isinstance(event, Part):
                        parts.append(event)
                    else:
                        number = talk.kept.get(event.id) if talk else None
                        yield PageState(markup.turn_html(event, number=number), event)
                        return
                    yield PageState(markup.asking_html(question, told=told, parts=parts))
        except Exception as error:  # noqa: BLE001  (whatever it is, the person is told)
            yield PageState(self._failed(question, error))

    def _events(self, question: str, view: View, talk: Conversation | None) -> AsyncGenerator[Any, None]:
        asked: Any = talk or self.assistant
        return asked.astream(question, **view.filters)  # type: ignore[no-any-return]

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
        quoted = {quote.article_id for quote in answer.quotes if quote.stands} if answer else set()
        try:
            held = {ident: self.assistant.article(ident) for ident in quoted}
            return markup.sources_html(answer, held)
        except OnrecordError as error:
            return f'<p class="faint">{text_html(" ".join(self._told(error)))}</p>'

    # --- conversations

    @property
    def memory(self) -> Memory:
        """Where conversations are kept."""
        return Memory.of(self.settings, conversations=self.settings.visitor_conversations)

    def talk(self, conversation: str, owner: str) -> Conversation:
        """Open a visitor's conversation, or begin it."""
        ident = conversation or secrets.token_hex(16)
        return Conversation(self.assistant, self.memory, ident, owner)

    def turns(self, conversation: str, owner: str) -> tuple[str, Answer | None]:
        """Give a conversation's turns as HTML, and its last answer."""
        if not (conversation and owner):
            return "", None
        try:
            turns = self.assistant.recall(self.memory.turns(conversation, owner=owner))
        except ConversationError as error:
            return markup.notice_html("", *self._told(error)), None
        return markup.turns_html(turns), turns[-1].answer if turns else None

    def listed(self, current: str, owner: str) -> str:
        """List a visitor's conversations."""
        try:
            headings = self.memory.headings(owner=owner, limit=200) if owner else ()
        except ConversationError as error:
            return f'<p class="state failed">{text_html(" ".join(self._told(error)))}</p>'
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
            info = self.assistant.info()
            with self._lock:
                if info.generation not in self._examples:
                    self._examples = {info.generation: examples(self.assistant)}
                found = self._examples[info.generation]
        except IndexError_ as error:
            return self._vacant(error)
        except OnrecordError as error:
            return markup.notice_html("", *self._told(error))
        return welcome_html(info) + markup.suggestions_html(found, label="For example")

    def vacant(self) -> str:
        """Say what to do where there is no index to answer from; empty where there is one."""
        try:
            _ = self.assistant.index
        except IndexError_ as error:
            return self._vacant(error)
        return ""

    def _vacant(self, error: IndexError_, told: str = "") -> str:
        if not self.local:
            return no_index_html(error)
        return no_index_html(error, build_command(self.settings), told=told)

    async def build(self) -> AsyncGenerator[str, None]:
        """Build the index where there is none, and tell how far that is."""
        try:
            _ = self.assistant.index
        except IndexError_ as error:
            missing = error
        else:
            return
        if not self.local:
            return
        try:
            async for told in watched(lambda heard: build_apart(self.settings, progress=heard)):
                yield self._vacant(missing, told)
        except Exception as error:  # noqa: BLE001  (whatever it is, the person is told)
            yield self._vacant(missing) + _state(*self._told(error))

    def check(self, draft: str, owner: str) -> str:
        """Check every quotation of a visitor's draft."""
        if len(draft) > _DRAFT:
            return _state(f"The draft has more than {_DRAFT:,} characters.", "Check it in parts.")
        try:
            _require(self._drafts.take(owner), "You have checked a great deal within a minute.")
            verdicts = self.assistant.verify(draft)
            ids = {verdict.article_id for verdict in verdicts if verdict.article_id}
            titles = {ident: self.assistant.article(ident).title for ident in ids}
        except OnrecordError as error:
            return _state(*self._told(error))
        return draft_html(draft, verdicts, titles)

    def holdings(self) -> str:
        """Say what the index holds."""
        try:
            return info_html(self.assistant.info())
        except IndexError_ as error:
            return self._vacant(error)
        except OnrecordError as error:
            return _state(*self._told(error))

    def articles(self, query: str = "", offset: int = 0) -> str:
        """List a leaf of the articles that hold all the words of a query; nothing where there is no index."""
        try:
            found, articles = self.assistant.find_articles(query, limit=LEAF, offset=offset)
            return articles_html(articles, found=found, held=self.held(), offset=offset)
        except IndexError_:
            return ""

    async def add(self, files: Sequence[Path]) -> AsyncGenerator[str, None]:
        """Add files to the corpus, tell how far that is, and what became of it."""
        reports: list[BuildReport] = []

        def work(heard: Heard) -> None:
            reports.append(add_articles(files, self.settings, progress=heard))
            self._await(reports[0].generation)

        try:
            async for told in watched(work):
                yield told
        except Exception as error:  # noqa: BLE001  (whatever it is, the person is told)
            yield _state(*self._told(error))
            return
        held = count(reports[0].articles, "article")
        done = f"{count(len(files), 'file')} added. The index holds {held} now."
        yield f'<p class="good" role="status">{text_html(done)}</p>'

    def _await(self, generation: str) -> None:
        """Wait until answers come from a new generation."""
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

    def offered(self, kind: str, typed: str = "", chosen: Sequence[str] = ()) -> list[Choice]:
        """Give what a filter offers."""
        known = dict(self._named(kind, typed))
        first = [(known.get(value) or self._label(kind, value), value) for value in chosen]
        rest = ((label, value) for value, label in known.items() if value not in chosen)
        return [(marked(label), value) for label, value in (*first, *rest)]

    def _named(self, kind: str, typed: str) -> Iterator[tuple[str, str]]:
        try:
            if kind == "article":
                _, found = self.assistant.find_articles(typed, limit=OFFERED)
                yield from ((article.id, article.title or article.file) for article in found)
                return
            names = self.assistant.speakers() if kind == "speaker" else self.assistant.info().outlets
        except IndexError_:
            return
        part = typed.strip().casefold()
        yield from islice(((name, name) for name in names if part in name.casefold()), _NAMES)

    def _label(self, kind: str, value: str) -> str:
        if kind != "article":
            return value
        try:
            return self.assistant.article(value).title
        except OnrecordError:
            return f"{value} (not in this corpus)"


def _require(wait: int, told: str) -> None:
    """Refuse what is beyond a visitor's quota."""
    if wait:
        raise BusyError(told, remedy=f"Go on in {count(wait, 'second')}.")


def _state(message: str, remedy: str) -> str:
    told = f"<strong>{text_html(message)}</strong> {text_html(remedy)}"
    return f'<div class="state failed" role="alert"><p>{told}</p></div>'
