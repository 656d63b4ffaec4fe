"""What went wrong at a chat model's provider, told in our own words.

Providers echo keys, prompts and addresses in their errors, so nothing of what they
wrote is passed on: an error is recognised by its status, its class and the headers of
the answer, and told by a sentence of ours. Their packages need not be installed.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, Literal

from onrecord.errors import ProviderCutError, ProviderError, ProviderMissingError, ProviderTimeoutError

_PACKAGES: Mapping[str, str] = {
    "anthropic": "langchain-anthropic>=1.4,<2",
    "gguf": "xllamacpp>=2026.1",
    "ollama": "langchain-ollama>=1,<2",
    "openai": "langchain-openai>=1.4,<2",
}
"""Provider to requirement, as in the extras of pyproject.toml."""

_KEYS: Mapping[str, tuple[str, ...]] = {
    "anthropic": ("ANTHROPIC_API_KEY",),
    "cohere": ("COHERE_API_KEY",),
    "deepseek": ("DEEPSEEK_API_KEY",),
    "fireworks": ("FIREWORKS_API_KEY",),
    "google_genai": ("GOOGLE_API_KEY", "GEMINI_API_KEY"),
    "groq": ("GROQ_API_KEY",),
    "mistralai": ("MISTRAL_API_KEY",),
    "openai": ("OPENAI_API_KEY",),
    "openrouter": ("OPENROUTER_API_KEY",),
    "together": ("TOGETHER_API_KEY",),
    "xai": ("XAI_API_KEY",),
}

_UNREACHED = {"APIConnectionError", "ConnectionError", "TransportError", "ClientConnectionError"}
_TIMED_OUT = {"APITimeoutError", "TimeoutException", "TimeoutError"}
_CUT = {"LengthFinishReasonError", "ContentFilterFinishReasonError", "OpenAIRefusalError"}
_GARBAGE = {
    "APIResponseValidationError", "AttributeError", "IndexError", "JSONDecodeError", "KeyError",
    "OutputParserException", "TypeError", "UnicodeDecodeError", "ValidationError", "ValueError", "Warning",
}  # fmt: skip
_STRUCTURE = (
    "response_format", "json_schema", "json schema", "structured output", "output_config", "output_format",
    "tool", "function call", "grammar", "guided", "schema",
)  # fmt: skip


class Unstructured(ProviderError):  # noqa: N818 - it is no fault but a property of the model
    """The model does not write to a JSON schema: ask it for plain text."""


@dataclass(frozen=True, slots=True)
class Failure:
    """One failed call.

    Attributes:
        error: Ours, to be raised.
        retry: Whether the same call may succeed later.
        wait: Seconds that the provider asks to wait, if it does.
        about: What the provider refused, where going without can help.
    """

    error: ProviderError
    retry: bool = False
    wait: float | None = None
    about: Literal["", "structure", "temperature"] = ""

    @classmethod
    def of(cls, error: BaseException, *, name: str, now: datetime | None = None) -> Failure:
        """Tell what an error of a provider's package means."""
        if isinstance(error, ProviderError):
            return cls(error, retry=error.retryable and not isinstance(error, ProviderCutError))
        origin = next((each for each in _chain(error) if _status(each)), error)
        status = _status(origin)
        if status is not None and status >= 400:
            return _of_status(origin, status, name, now or datetime.now(UTC))
        return _of_class(error, name)


def _of_status(error: BaseException, status: int, name: str, now: datetime) -> Failure:
    provider, told = name.partition(":")[0], f"{name} answered with HTTP status {status}"
    key = " or ".join(("ONRECORD_API_KEY", *key_variables(provider)))
    text = str(error).lower()
    if status == 401:
        return Failure(ProviderError(f"{told}: the key was not accepted.", remedy=f"Check {key}."))
    if status == 403:
        remedy = f"Check what the key may use ({key}), or choose another ONRECORD_MODEL."
        return Failure(ProviderError(f"{told}: the key may not use this model.", remedy=remedy))
    if status == 429:
        return _again(f"{told}: too many requests, or the quota is used up.", retry_after(error, now=now))
    if status in {400, 422} and "temperature" in text:
        refused = ProviderError(f"{told}: it takes no temperature.", remedy="Choose another ONRECORD_MODEL.")
        return Failure(refused, about="temperature")
    if status in {400, 404, 422, 500, 501} and any(word in text for word in _STRUCTURE):
        return Failure(
            ProviderError(f"{told}: it refused the form of the request.", remedy="Try another model."),
            about="structure",
            retry=status >= 500,
        )
    if status == 404:
        remedy = "Check the model's name in ONRECORD_MODEL and the address in ONRECORD_BASE_URL."
        return Failure(ProviderError(f"{told}: no such model or address.", remedy=remedy))
    if status in {408, 409, 425} or status >= 500:
        return _again(f"{told}: it is out of order or overloaded.", retry_after(error, now=now))
    remedy = "The passages may be too long for it: lower ONRECORD_CONTEXT_SENTENCES, or choose another model."
    return Failure(ProviderError(f"{told}: it refused the request.", remedy=remedy))


def _of_class(error: BaseException, name: str) -> Failure:
    kinds = {kind.__name__ for each in _chain(error) for kind in type(each).__mro__}
    if kinds & _TIMED_OUT:
        late = ProviderTimeoutError(f"{name} did not answer in time.", remedy="Try again later.")
        return Failure(late, retry=True)
    if kinds & _CUT:
        return Failure(ProviderCutError(f"{name} broke its answer off.", remedy="Ask again, or differently."))
    if kinds & _UNREACHED:
        return _again(f"{name} cannot be reached.", None, remedy="Check the network and ONRECORD_BASE_URL.")
    if "APIError" in kinds:  # an error told in the middle of the stream, which has no status of its own
        return _again(f"{name} reported an error.", None)
    if kinds & _GARBAGE:
        garbled = ProviderCutError(f"{name} answered in no usable form.", remedy="Try again later.")
        return Failure(garbled)
    kind = type(error).__name__
    return Failure(ProviderError(f"{name} failed ({kind}).", remedy="Try again, or choose another model."))


def _again(message: str, wait: float | None, *, remedy: str = "Try again later.") -> Failure:
    error = ProviderError(message, remedy=f"Try again in {wait:.0f} s." if wait else remedy)
    error.retryable = True
    return Failure(error, retry=True, wait=wait)


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    """Give an error and what it came from: packages wrap one another's errors."""
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        yield error
        error = error.__cause__ or error.__context__


def _status(error: BaseException) -> int | None:
    for holder in (error, getattr(error, "response", None)):
        status = getattr(holder, "status_code", None)
        if isinstance(status, int) and status > 0:
            return status
    return None


def retry_after(error: BaseException, *, now: datetime) -> float | None:
    """Read how long a provider asks to wait (RFC 9110, section 10.2.3).

    Gives seconds from now; None where nothing legible is asked.
    """
    headers: Any = getattr(getattr(error, "response", None), "headers", None) or {}
    value = str(headers.get("retry-after", "")).strip()
    try:
        seconds = float(value)
    except ValueError:
        try:
            then = parsedate_to_datetime(value)
        except ValueError:
            return None
        seconds = (then.replace(tzinfo=then.tzinfo or UTC) - now).total_seconds()
    return max(0.0, seconds) if math.isfinite(seconds) else None


def key_variables(provider: str) -> tuple[str, ...]:
    """Give the environment variables in which a provider's package looks for its key."""
    return _KEYS.get(provider, ())


def missing_package(provider: str) -> ProviderMissingError:
    """Say how to install what a provider needs."""
    wanted = _PACKAGES.get(provider, f"langchain-{provider.replace('_', '-')}")
    return ProviderMissingError(
        f"Models of {provider!r} need a package that is not installed.",
        remedy=f'Install it: {sys.executable} -m pip install "{wanted}".',
    )
