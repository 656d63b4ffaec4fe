"""Does what was asked for in Slack: answers, checks quotations, keeps ratings, shows the app's home."""

from __future__ import annotations

import asyncio
import logging
import traceback
import uuid
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import Any
from weakref import WeakValueDictionary

from onrecord.assistant.assistant import Assistant
from onrecord.assistant.memory import Memory
from onrecord.assistant.suggest import examples
from onrecord.errors import BusyError, IndexStaleError, OnrecordError, QuestionError, SlackError
from onrecord.faces.slack.blocks import MESSAGE, Message, answer_messages, note
from onrecord.faces.slack.home import help_message, home_view
from onrecord.faces.slack.inbox import Inbox
from onrecord.faces.slack.jobs import Job, JobKind
from onrecord.faces.slack.links import reader_link
from onrecord.faces.slack.mrkdwn import escape, plain_text
from onrecord.faces.slack.sender import Sender
from onrecord.faces.slack.verdict_blocks import verdict_message
from onrecord.settings import Settings
from onrecord.types import Answer, Quote, Searched
from onrecord.wording.answer_text import searched_line

_LOG = logging.getLogger("onrecord.slack")
_EARLIER = 8
_COMMAND = "command"
_GRACE = 60.0
_PATIENCE = 0.5
_TOO_LONG = frozenset({"msg_too_long", "msg_blocks_too_long", "invalid_blocks", "invalid_blocks_format"})


class SlackWorker:
    """Does jobs, one at a time for each worker that calls it.

    Args:
        assistant: Answers.
        settings: Limits, and the page's address.
        outlet: Sends to Slack.
        inbox: Knows which jobs are done.
        at_once: Answers that are computed at the same time, so that acknowledging stays fast.
    """

    def __init__(
        self, assistant: Assistant, settings: Settings, outlet: Sender, inbox: Inbox, *, at_once: int
    ) -> None:
        self._assistant = assistant
        self._settings = settings
        self._outlet = outlet
        self._inbox = inbox
        self._computing = asyncio.Semaphore(at_once)
        self._threads: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        self._examples: dict[str, tuple[str, ...]] = {}

    async def do(self, job: Job) -> None:
        """Do a job, and note what became of it; whatever fails is told to the person, and logged."""
        state = "done"
        try:
            await self._do(job)
        except SlackError as error:
            state = f"dropped: {error.code}"
            _LOG.warning("dropped %s: %s", job.kind, error)
        except Exception as error:  # noqa: BLE001  (a worker lives on, whatever a job meets)
            state = f"failed: {type(error).__name__}"
            await self._excuse(job, error)
        await self._note(self._inbox.finish, job.key, state)

    async def _note(self, write: Callable[..., None], *values: str) -> None:
        try:
            await asyncio.to_thread(write, *values)
        except SlackError as error:
            _LOG.warning("%s", error)

    async def _do(self, job: Job) -> None:
        does = {
            JobKind.ASK: self._ask,
            JobKind.VERIFY: self._verify,
            JobKind.HELP: self._help,
            JobKind.RATE: self._rate,
            JobKind.HOME: self._home,
            JobKind.PROMPTS: self._prompts,
        }
        await does[job.kind](job)

    async def _excuse(self, job: Job, error: Exception) -> None:
        """Say to the person what went wrong; what only its keepers can mend goes to the log."""
        if isinstance(error, QuestionError | BusyError):
            told = str(error)
        elif isinstance(error, IndexStaleError):
            told = f"{error.message} Whoever keeps this index has to bring it up to date."
        elif isinstance(error, OnrecordError):  # it may name a folder of the server's
            _LOG.warning("%s could not be done: %s", job.kind, error)
            told = "This cannot be answered at the moment. The server's log says why."
        elif isinstance(error, TimeoutError):
            told = "That took too long. Ask again in a moment."
        else:
            number = uuid.uuid4().hex[:12]
            # Where it happened, but not what the error says: that may hold what was sent, or where to.
            where = "".join(traceback.format_tb(error.__traceback__))
            _LOG.error("fault %s: %s\n%s", number, type(error).__name__, where)
            told = f"This is a fault in onrecord. Its log says more, under {number}."
        if job.kind in (JobKind.HOME, JobKind.PROMPTS):
            return  # nobody asked for anything
        try:
            await self.tell(job, told)
        except SlackError as failed:
            _LOG.warning("dropped an excuse: %s", failed)

    async def tell(self, job: Job, text: str) -> None:
        """Say something to the person alone."""
        await self._privately(job, Message(escape(text), (note(text),)))

    async def _privately(self, job: Job, message: Message) -> None:
        if job.response_url:
            await self._outlet.respond(job.response_url, message)
        elif job.direct:
            await self._outlet.post(job.channel, message, thread=job.thread)
        elif job.channel and job.user:
            thread = job.thread if job.thread != job.ts else ""
            await self._outlet.whisper(job.channel, job.user, message, thread=thread)
        elif job.user:
            await self._outlet.post(job.user, message)

    # --- asking

    async def _ask(self, job: Job) -> None:
        if job.ts:
            await self._message(job)
        elif job.posting:  # nothing tells whether that arrived
            _LOG.warning("an answer may have been lost when the process ended; it is not sent twice")
        elif job.response_url:
            await self._command(job)
        else:
            await self._example(job)

    async def _message(self, job: Job) -> None:
        """Answer in the thread, one question after the other: each is read in the light of those before."""
        status = asyncio.create_task(self._outlet.working(job.channel, job.ts, job.thread))
        talk_id = _talk_id(job.channel, job.thread)
        try:
            async with self._threads.setdefault(talk_id, asyncio.Lock()):
                answer, rating = await self._answer(job, talk_id, seeded=True)
                await self._send(job, answer, rating)
        finally:
            if await status:
                await self._outlet.rested(job.channel, job.ts)

    async def _send(self, job: Job, answer: Answer, rating: str) -> None:
        """Send an answer to a thread, shorter where Slack finds it too long."""
        there = await self._there(job)
        await self._note(self._inbox.posting, job.key)
        for limit in (MESSAGE, MESSAGE // 2, MESSAGE // 4):
            messages = await self._drawn(answer, rating=rating, limit=limit)
            try:
                await self._post(job, messages, there)
            except SlackError as error:
                if error.code not in _TOO_LONG or limit == MESSAGE // 4:
                    raise
            else:
                return

    async def _there(self, job: Job) -> set[str]:
        """Give the marks of what an earlier process sent already."""
        return await self._outlet.marks(job.channel, job.thread, since=job.ts) if job.posting else set()

    async def _post(self, job: Job, messages: Sequence[Message], there: set[str]) -> None:
        for part, message in enumerate(messages):
            mark = f"{job.key}/{part}"
            if mark not in there:
                await self._outlet.post(job.channel, message, thread=job.thread, mark=mark)
                there.add(mark)

    async def _command(self, job: Job) -> None:
        """Answer a command: an answer for everybody in the channel, a refusal for who asked."""
        answer, rating = await self._answer(job, _talk_id(_COMMAND, job.key.rpartition(":")[2]))
        [message] = await self._drawn(answer, rating=rating, asked=True, parts=1)
        await self._note(self._inbox.posting, job.key)
        await self._outlet.respond(job.response_url, message, public=not answer.refused)

    async def _example(self, job: Job) -> None:
        """Ask an example question in the direct messages of who clicked it."""
        await self._note(self._inbox.posting, job.key)
        opened = await self._outlet.post(job.user, Message(escape(job.text), (note(job.text, bold=True),)))
        channel, thread = str(opened.get("channel", "")), str(opened.get("ts", ""))
        answer, rating = await self._answer(job, _talk_id(channel, thread))
        for message in await self._drawn(answer, rating=rating):
            await self._outlet.post(channel, message, thread=thread)

    async def _answer(self, job: Job, talk_id: str, *, seeded: bool = False) -> tuple[Answer, str]:
        """Answer within a conversation; give the answer and what its buttons send."""
        owner = _owner(job.team, talk_id)
        talk = await asyncio.to_thread(self._assistant.conversation, talk_id, owner=owner)
        if job.again:
            kept = await asyncio.to_thread(talk.memory.turns, talk_id, owner=owner, last=1)
            if kept and kept[0].question == job.text and kept[0].at.timestamp() >= job.at:
                (turn,) = await asyncio.to_thread(self._assistant.recall, kept)
                return turn.answer, f"{talk_id} {kept[0].number}"
        earlier = (
            await self._earlier(job) if seeded and not await asyncio.to_thread(lambda: talk.title) else ()
        )
        async with self._computing:
            answer = await self._unless_full(partial(talk.aask, job.text, earlier=earlier))
        turns = await asyncio.to_thread(talk.memory.turns, talk_id, owner=owner, last=1)
        kept_now = turns and turns[0].answer.id == answer.id
        return answer, f"{talk_id} {turns[0].number}" if kept_now else ""

    async def _unless_full(self, ask: Callable[[], Awaitable[Answer]]) -> Answer:
        """Ask, again a little later while the page's readers take every place."""
        async with asyncio.timeout(self._settings.deadline + _GRACE):
            while True:
                try:
                    return await ask()
                except BusyError:
                    await asyncio.sleep(_PATIENCE)

    async def _earlier(self, job: Job) -> tuple[str, ...]:
        """Give what people wrote in a thread before they mentioned us; nothing where Slack does not tell."""
        if job.thread == job.ts:
            return ()
        try:
            said = await self._outlet.replies(job.channel, job.thread, until=job.ts, tries=1)
        except SlackError as error:
            _LOG.info("a thread could not be read: %s", error.code)
            return ()
        before = [each for each in said if not each.get("bot_id") and str(each.get("ts", "")) != job.ts]
        texts = [
            plain_text(str(each.get("text", "")))[: self._settings.max_question_chars] for each in before
        ]
        return tuple(text for text in texts if text)[-_EARLIER:]

    async def _drawn(self, answer: Answer, **options: Any) -> tuple[Message, ...]:
        return await asyncio.to_thread(answer_messages, answer, link=self._link, **options)

    def _link(self, quote: Quote) -> str | None:
        return self._link_to(quote.article_id, quote.start, quote.end)

    def _link_to(self, article_id: str, start: int, end: int) -> str | None:
        try:
            article = self._assistant.article(article_id)
        except OnrecordError:
            return None
        return reader_link(article, start, end, public_url=self._settings.public_url)

    # --- checking

    async def _verify(self, job: Job) -> None:
        async with self._computing:
            message = await asyncio.to_thread(self._checked, job.text)
        if job.response_url:
            await self._outlet.respond(job.response_url, message)
            return
        there = await self._there(job)
        await self._note(self._inbox.posting, job.key)
        await self._post(job, (message,), there)

    def _checked(self, text: str) -> Message:
        def title(article_id: str) -> str:
            return self._assistant.article(article_id).title

        verdicts = self._assistant.verify(text)
        return verdict_message(
            verdicts,
            title=title,
            link=lambda verdict: (
                self._link_to(verdict.article_id, verdict.source_start, verdict.source_end or 0)
                if verdict.article_id is not None and verdict.source_start is not None
                else None
            ),
        )

    # --- the rest

    async def _help(self, job: Job) -> None:
        await self._privately(job, help_message())

    async def _rate(self, job: Job) -> None:
        """Keep a rating."""
        talk_id, _, number = job.text.rpartition(" ")
        memory = Memory.of(self._settings)
        turn = int(number[:9]) if number.isdecimal() else 0
        await asyncio.to_thread(memory.rate, talk_id, turn, up=job.up, owner=_owner(job.team, talk_id))
        await self.tell(job, "Thank you. Your rating is kept with the answer.")

    async def _home(self, job: Job) -> None:
        questions, holds = await asyncio.to_thread(self._worth_asking)
        view = home_view(questions, holds=holds)

        async def publish() -> dict[str, Any]:
            await self._outlet.client.views_publish(user_id=job.user, view=view)
            return {}

        await self._outlet.call(publish, harmless=True)

    async def _prompts(self, job: Job) -> None:
        questions, _ = await asyncio.to_thread(self._worth_asking)
        prompts = [{"title": each[:70], "message": each} for each in questions]

        async def suggest() -> dict[str, Any]:
            await self._outlet.client.assistant_threads_setSuggestedPrompts(
                channel_id=job.channel, thread_ts=job.thread, prompts=prompts
            )
            return {}

        if prompts:
            await self._outlet.call(suggest, harmless=True)

    def _worth_asking(self) -> tuple[tuple[str, ...], str]:
        """Give questions made from the corpus, and what it holds."""
        info = self._assistant.info()
        if info.generation not in self._examples:
            self._examples = {info.generation: examples(self._assistant)}
        held = searched_line(Searched(info.articles, info.passages, info.first, info.last))
        return self._examples[info.generation], held.replace("Searched", "Searches", 1)


def _talk_id(*parts: str) -> str:
    """Name a conversation by where it is held."""
    return ".".join(parts)[:128]


def _owner(team: str, talk_id: str) -> str:
    """Say whose a conversation is; commands stand alone, and must not push threads out of the memory."""
    return f"slack:{team}:{_COMMAND}" if talk_id.startswith(f"{_COMMAND}.") else f"slack:{team}"
