"""Errors as HTTP responses and as events: kind, message, remedy; never a traceback, never a secret."""

from __future__ import annotations

import logging
import re
import uuid
from collections.abc import Mapping
from typing import Any

from starlette.responses import JSONResponse

from onrecord.errors import (
    BusyError,
    ConversationError,
    IndexError_,
    ModelError,
    OnrecordError,
    ProviderError,
    ProviderTimeoutError,
    QuestionError,
    UnknownArticleError,
)
from onrecord.faces.http.sse import frame
from onrecord.render.json import dumps
from onrecord.text.quotation_marks import OUTER

# The first that fits counts.
_STATUS: tuple[tuple[type[OnrecordError], int], ...] = (
    (UnknownArticleError, 404),
    (QuestionError, 400),
    (ConversationError, 503),
    (BusyError, 503),
    (IndexError_, 503),
    (ModelError, 503),
    (ProviderTimeoutError, 504),
    (ProviderError, 502),
    (OnrecordError, 500),
)
_WORD = re.compile(r"[A-Z][a-z]+")
# All of an absolute path but its last name; no part of an address on the web.
_FOLDERS = re.compile(rf"(?:\bfile:/+|(?<![\w.:/\\])(?:[A-Za-z]:)?[/\\])(?:[^/\\\n{OUTER}<>|:;]+[/\\])+")
_log = logging.getLogger(__name__)


class JsonResponse(JSONResponse):
    """JSON that carries any text exactly, lone surrogates too."""

    def render(self, content: Any) -> bytes:
        """Write the content as UTF-8."""
        return dumps(content).encode()


def refusal(
    status: int, kind: str, message: str, *, remedy: str = "", headers: Mapping[str, str] | None = None
) -> JsonResponse:
    """Make the response of a request that is refused.

    Args:
        status: Of HTTP.
        kind: What went wrong, for programs.
        message: What went wrong, one sentence.
        remedy: What to do next, one sentence; may be empty.
        headers: To send besides.

    Returns:
        The response.
    """
    error = {"kind": kind, "message": message, "remedy": remedy}
    return JsonResponse({"error": error}, status, dict(headers or {}))


def failure(error: Exception) -> JsonResponse:
    """Make the response of a request that failed.

    Args:
        error: Any; one that is not our own is logged under a number, and only that is told.

    Returns:
        The response.
    """
    headers = {"Retry-After": "1"} if isinstance(error, OnrecordError) and error.retryable else {}
    return JsonResponse({"error": failure_fields(error)}, _status(error), headers)


def failure_frame(error: Exception) -> bytes:
    """Make the last event of a stream that failed."""
    return frame("error", failure_fields(error))


def outward(told: str) -> str:
    """Leave out of what is told how the folders of this machine are called."""
    return _FOLDERS.sub("", told)


def kind_of(error: OnrecordError) -> str:
    """Name an error for programs: ``UnknownArticleError`` is ``unknown_article``."""
    return "_".join(word.lower() for word in _WORD.findall(type(error).__name__) if word != "Error")


def _status(error: Exception) -> int:
    return next((status for kind, status in _STATUS if isinstance(error, kind)), 500)


def failure_fields(error: Exception) -> dict[str, str]:
    """Give an error's kind, message and remedy, for whoever calls from elsewhere.

    Args:
        error: Any; one that is not our own is logged under a number.

    Returns:
        Both without the folders of this machine, which the log has.
    """
    if isinstance(error, OnrecordError):
        message, remedy = outward(error.message), outward(error.remedy)
        if (message, remedy) != (error.message, error.remedy):
            _log.warning("%s", error)
        return {"kind": kind_of(error), "message": message, "remedy": remedy}
    number = uuid.uuid4().hex[:12]
    _log.error("fault %s", number, exc_info=error)
    return {
        "kind": "fault",
        "message": "This is a fault in onrecord.",
        "remedy": f"The server's log says more, under {number}.",
        "id": number,
    }
