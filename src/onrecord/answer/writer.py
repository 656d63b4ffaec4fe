"""Writing: a chat model is shown numbered sentences, and its claims are read while it writes them."""

from __future__ import annotations

import secrets
from collections.abc import AsyncGenerator, AsyncIterator, Mapping, Sequence
from contextlib import aclosing
from typing import Any, Protocol, cast

from onrecord.answer.state import Ending
from onrecord.chat.claim_stream import ClaimReader, JsonClaims, PlainClaims, WrittenClaim
from onrecord.chat.prompts import ANSWER_SCHEMA, Excerpt, answer_messages
from onrecord.chat.provider_errors import Unstructured
from onrecord.errors import ProviderCutError, ProviderError


class Writer(Protocol):
    """A chat model, as far as answers need one."""

    @property
    def name(self) -> str:
        """As answers give it."""

    @property
    def structured(self) -> bool:
        """Whether it can be held to a JSON schema, as far as is known."""

    def stream(
        self,
        messages: Sequence[tuple[str, str]],
        *,
        schema: Mapping[str, Any] | None,
        config: Any = None,
        deadline: float | None = None,
    ) -> AsyncIterator[str]:
        """Give its output piece by piece; ``deadline`` is a time of ``time.monotonic()``."""

    async def complete(
        self, messages: Sequence[tuple[str, str]], *, config: Any = None, deadline: float | None = None
    ) -> str:
        """Give its output whole; ``deadline`` is a time of ``time.monotonic()``."""


async def write_claims(
    writer: Writer, question: str, excerpts: Sequence[Excerpt], *, deadline: float, config: Any = None
) -> AsyncGenerator[WrittenClaim | Ending, None]:
    """Have a chat model write claims.

    A model that cannot be held to the schema, or did not keep to it, is asked
    once more, for plain lines.
    """
    given = False
    for plain in (False, True) if writer.structured else (True,):
        reader: ClaimReader = PlainClaims() if plain else JsonClaims()
        messages = answer_messages(question, excerpts, fence=secrets.token_hex(8), plain=plain)
        deltas = writer.stream(
            messages,
            schema=None if plain else ANSWER_SCHEMA,
            config=config,
            deadline=deadline,
        )
        try:
            async with aclosing(cast("AsyncGenerator[str, None]", deltas)):
                async for delta in deltas:
                    for claim in reader.feed(delta):
                        given = True
                        yield claim
            for claim in reader.feed("\n"):  # the model ended by itself, so its last line is whole
                given = True
                yield claim
            answerable = reader.finish()
        except Unstructured:
            continue
        except ProviderCutError as error:
            if not given and not plain:
                continue
            yield Ending(failure=error.message)
            return
        except ProviderError as error:
            yield Ending(failure=error.message)
            return
        yield Ending(answerable=answerable)
        return
    yield Ending(failure="The chat model cannot write in a form that can be checked.")
