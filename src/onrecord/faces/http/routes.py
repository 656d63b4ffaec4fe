"""The routes of the HTTP interface. Limits of an answer are the assistant's; nothing here blocks."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from functools import partial
from typing import Annotated, Any, TypeVar, cast

import anyio
import anyio.to_thread
from fastapi import APIRouter, Depends, Query, Request, Response

from onrecord.assistant.assistant import Assistant
from onrecord.errors import BusyError
from onrecord.faces.http.error_responses import JsonResponse, failure, failure_frame, refusal
from onrecord.faces.http.schemas import (
    AnswerPayload,
    ArticlePayload,
    AskBody,
    ErrorPayload,
    HitsPayload,
    InfoPayload,
    SearchBody,
    StatePayload,
    VerdictsPayload,
    VerifyBody,
)
from onrecord.faces.http.sse import EventResponse, frame, unless_gone
from onrecord.render.json import (
    answer_dict,
    article_dict,
    edges,
    event_dict,
    hit_dict,
    info_dict,
    verdicts_dict,
)
from onrecord.settings import Settings
from onrecord.types import Answer, Part, Progress

_READY_SECONDS = 5.0
_EVENTS = "text/event-stream"
_OWNER = "api"  # conversations of the page and of Slack are out of reach here

T = TypeVar("T")
Event = Progress | Part | Answer


class WorkLimit:
    """The assistant, with what blocks kept off the event loop, and no more of it at once than is set.

    Args:
        assistant: Answers.
        settings: The limits.
    """

    def __init__(self, assistant: Assistant, settings: Settings) -> None:
        self.assistant = assistant
        self._threads = anyio.CapacityLimiter(settings.threads)
        self._most = settings.max_concurrent
        self._inside = 0

    async def run(self, work: Callable[[], T]) -> T:
        """Do blocking work in a thread.

        Args:
            work: What to do.

        Returns:
            What came of it.

        Raises:
            BusyError: If too much waits already.
        """
        if self._inside >= self._most:
            raise BusyError("The server is busy.", remedy="Try again in a moment.")
        self._inside += 1
        try:
            return await anyio.to_thread.run_sync(work, limiter=self._threads)
        finally:
            self._inside -= 1


async def _desk(request: Request) -> WorkLimit:
    desk: WorkLimit = request.app.state.desk
    return desk


AtDesk = Annotated[WorkLimit, Depends(_desk)]


def _errors(*statuses: int) -> dict[int | str, dict[str, Any]]:
    told = {
        400: "The question, a filter or the body cannot be used.",
        401: "The token is missing or wrong.",
        404: "There is no such article.",
        408: "The request did not come whole in time.",
        413: "The body is too large.",
        415: "The body is not `application/json`.",
        422: "The request does not fit the schema.",
        429: "The token is wrong, and many came before it.",
        502: "The chat model failed.",
        503: "Busy, or the index cannot be used.",
        504: "The chat model took too long.",
    }
    return {each: {"model": ErrorPayload, "description": told[each]} for each in statuses}


_POSTED = _errors(400, 401, 404, 408, 413, 415, 422, 429, 503)
_STREAMED: dict[int | str, dict[str, Any]] = {200: {"content": {_EVENTS: {"schema": {"type": "string"}}}}}

router = APIRouter(prefix="/api")


@router.post("/ask", response_model=AnswerPayload, responses=_POSTED | _errors(502, 504) | _STREAMED)
async def ask(body: AskBody, request: Request, desk: AtDesk) -> Response:
    """Answer a question in exact quotations, or say that the corpus does not.

    With `Accept: text/event-stream` the answer comes as events: `progress` and `part` while it is
    made, then `answer`, the same object as without; or `error`.
    """
    if _EVENTS in request.headers.get("accept", ""):
        return EventResponse(_frames(_asked(desk, body), body), failed=failure_frame)
    answer = await unless_gone(request.receive, _last(_asked(desk, body)))
    return JsonResponse(_answer(answer, body))


def _answer(answer: Answer, body: AskBody) -> dict[str, Any]:
    kept = {"conversation": body.conversation} if body.conversation else {}
    return answer_dict(answer) | kept


async def _asked(desk: WorkLimit, body: AskBody) -> AsyncGenerator[Event, None]:
    """Ask, within a conversation where one is named."""
    asked = {**body.filters, "reference": body.reference}
    events: AsyncGenerator[Event, None]
    if body.conversation is None:
        stream = desk.assistant.astream(body.question, history=body.history, **asked)
        events = cast("AsyncGenerator[Event, None]", stream)
    else:
        talk = await desk.run(partial(desk.assistant.conversation, body.conversation, owner=_OWNER))
        events = talk.astream(body.question, **asked)
    async with aclosing(events):
        async for event in events:
            yield event


async def _last(events: AsyncGenerator[Event, None]) -> Answer:
    async with aclosing(events):
        async for event in events:
            if isinstance(event, Answer):
                return event
    raise RuntimeError("a stream ended without an answer")


async def _frames(events: AsyncGenerator[Event, None], body: AskBody) -> AsyncGenerator[bytes, None]:
    async with aclosing(events):
        async for event in events:
            if isinstance(event, Answer):
                yield frame("answer", _answer(event, body))
            else:
                yield frame(type(event).__name__.lower(), event_dict(event))


@router.post("/search", response_model=HitsPayload, responses=_POSTED)
async def search(body: SearchBody, desk: AtDesk) -> Response:
    """Find passages, best first, without answering."""

    def find() -> list[dict[str, Any]]:
        hits = desk.assistant.search(body.query, limit=body.limit, **body.filters)
        return [hit_dict(hit, desk.assistant.article(hit.passage.article_id)) for hit in hits]

    return JsonResponse({"query": body.query, "hits": await desk.run(find)})


@router.post("/verify", response_model=VerdictsPayload, responses=_POSTED)
async def verify(body: VerifyBody, desk: AtDesk) -> Response:
    """Check every quotation in a text against the articles."""
    verdicts = await desk.run(partial(desk.assistant.verify, body.text))
    return JsonResponse(verdicts_dict(verdicts))


@router.get(
    "/articles/{article:path}",
    response_model=ArticlePayload,
    responses=_errors(400, 401, 404, 422, 429, 503),
)
async def article(
    article: str,
    desk: AtDesk,
    start: Annotated[int | None, Query(ge=0, description="First code point of a slice.")] = None,
    end: Annotated[int | None, Query(ge=0, description="Past the last one.")] = None,
) -> Response:
    """Give an article whole, by its id or file, and a slice of it."""
    found = await desk.run(partial(desk.assistant.article, article))
    first, last = edges(len(found.text), start=start, end=end)
    on_disk = await desk.run(partial(desk.assistant.on_disk, found))
    return JsonResponse(article_dict(found, start=first, end=last, on_disk=on_disk))


@router.get("/info", response_model=InfoPayload, responses=_errors(401, 429, 503))
async def info(desk: AtDesk) -> Response:
    """Say what the index holds."""
    return JsonResponse(info_dict(await desk.run(desk.assistant.info)))


@router.get("/health", response_model=StatePayload)
async def health() -> Response:
    """Say that the process is up. Needs no token."""
    return JsonResponse({"status": "up"})


@router.get("/ready", response_model=StatePayload, responses=_errors(401, 429, 503))
async def ready(desk: AtDesk) -> Response:
    """Say whether the index answers: it is searched."""
    try:
        with anyio.fail_after(_READY_SECONDS):
            search = partial(desk.assistant.search, "news", limit=1)
            await anyio.to_thread.run_sync(search, abandon_on_cancel=True)
    except TimeoutError:
        return refusal(503, "slow", f"The index did not answer within {_READY_SECONDS:g} s.")
    except Exception as error:  # noqa: BLE001  (whatever it is, the index does not answer)
        told = failure(error)
        told.status_code = 503
        return told
    return JsonResponse({"status": "ready"})
