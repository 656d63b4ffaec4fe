"""What goes in and out over HTTP and MCP, as types: the schemas of both are made of them."""

from __future__ import annotations

from typing import Annotated, Any, get_type_hints

from pydantic import BaseModel, ConfigDict, Field, create_model, model_validator

from onrecord.index.info import Info
from onrecord.types import (
    NARROWING,
    Change,
    Claim,
    Clip,
    Constraint,
    DiffWord,
    OnDisk,
    QuestionPart,
    Searched,
    Status,
)

_DATE = "YYYY, YYYY-MM or YYYY-MM-DD"


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


_Names = str | list[str] | None


class Narrowed(_Body):
    """What a search is narrowed to."""

    since: Annotated[str | None, Field(description=f"Only articles of this day or later: {_DATE}.")] = None
    until: Annotated[str | None, Field(description=f"Only articles of this day or earlier: {_DATE}.")] = None
    outlet: Annotated[_Names, Field(description="Only these outlets.")] = None
    article: Annotated[_Names, Field(description="Only these articles, by id or file.")] = None
    speaker: Annotated[_Names, Field(description="Only the words of these people.")] = None

    @property
    def filters(self) -> dict[str, Any]:
        """The same, as :meth:`onrecord.assistant.assistant.Assistant.ask` takes it."""
        return self.model_dump(include=set(NARROWING))


class AskBody(Narrowed):
    """A question."""

    question: str = Field(description="In English.")
    history: list[str] = Field(
        [], max_length=100, description="Earlier questions of the conversation, oldest first."
    )
    conversation: str | None = Field(
        None,
        pattern=r"^[A-Za-z0-9._:~-]{1,128}$",
        description="Continues this conversation, which the server keeps, or begins it: any id of "
        "your own, best a random one. In place of `history`.",
    )
    reference: bool = Field(default=False, description="Answer without a chat model, also where one is set.")

    @model_validator(mode="after")
    def _one_past(self) -> AskBody:
        if self.history and self.conversation is not None:
            raise ValueError("history and conversation do not go together")
        return self


class SearchBody(Narrowed):
    """Words to look for."""

    query: str = Field(description="A question or some words.")
    limit: int = Field(10, ge=1, le=100, description="Passages, at most.")


class VerifyBody(_Body):
    """A text whose quotations are to be checked."""

    text: str = Field(description="A draft: plain text or Markdown.")


class _Slice(BaseModel):
    text: str
    file: str
    article_id: str
    title: str
    outlet: str | None
    published: str | None
    start: int
    end: int
    sha256: str = Field(description="Of the article's file.")
    on_disk: OnDisk = Field(
        OnDisk.UNKNOWN,
        description="Whether the corpus holds it now: `same`, `changed` (the file is another, but has this "
        "slice in its place) or `unknown` (the corpus is not here, or cannot be read).",
    )


class QuotePayload(_Slice):
    """An exact slice of an article: its `text` from `start` to `end`, in Unicode code points."""

    speaker: str | None
    unnamed: bool = Field(default=False, description="Whether the speaker is described and not named.")
    certain: bool = Field(default=True, description="Whether the rules are sure of the speaker.")
    said_on: str | None = Field(None, description="When it was said, where the article tells it.")
    said_on_basis: str | None = Field(None, description="By what words that was worked out.")
    direct: bool = Field(description="Whether these are the speaker's own words.")
    score: float
    clips: list[Clip] = Field([], description="What just outside the slice could turn its sense.")


class AnswerPayload(BaseModel):
    """An answer in exact quotations, or a refusal that says what was searched."""

    id: str
    question: str
    standalone: str = Field("", description="The question that was searched, where it leaned on another.")
    text: str = Field(description="For reading.")
    refused: bool = Field(description="True exactly when there is no quotation.")
    partly: bool = Field(default=False, description="Whether some parts of the question have no answer.")
    reason: str
    wants: str = Field("", description="What kind of answer is asked for: who, when, compare, list, ….")
    constraints: list[Constraint] = Field(
        [],
        description="Speaker, date, outlet, place that the question keeps to, and whether the quotations do.",
    )
    parts: list[QuestionPart] = Field(
        [], description="Of a question of several parts: which are answered, by which quotations."
    )
    mode: str = Field(description="`reference`, or the chat model's name.")
    quotes: list[QuotePayload]
    claims: list[Claim] = Field([], description="A chat model's prose, sentence by sentence.")
    changes: list[Change] = Field(
        [], description="Where the question compares: what may have changed between quotations, by rule."
    )
    dropped: dict[str, int] = Field({}, description="Why claims of a chat model are not shown, counted.")
    notice: str = ""
    searched: Searched
    timings: dict[str, float] = Field(description="Step to milliseconds.")
    conversation: str | None = Field(None, description="The conversation that it was kept in.")


class HitPayload(_Slice):
    """A passage that was found: an exact slice of an article."""

    rank: int
    score: float
    why: dict[str, float]


class HitsPayload(BaseModel):
    """Passages, best first."""

    query: str
    hits: list[HitPayload]


class ArticlePayload(BaseModel):
    """An article whole, and a slice of it."""

    id: str
    file: str
    title: str
    outlet: str | None
    published: str | None
    url: str | None
    language: str | None
    sha256: str
    text: str
    basis: dict[str, str] = Field(description="How values that the text does not state were inferred.")
    start: int
    end: int
    slice: str
    on_disk: OnDisk = Field(
        description="What became of it since it was indexed: `same`, `changed`, `gone` or `unknown`."
    )


class VerdictPayload(BaseModel):
    """What was found for one quotation of a draft."""

    ok: bool
    status: Status
    claimed: str
    start: int
    end: int
    article_id: str | None
    source_start: int | None
    source_end: int | None
    source: str | None
    diff: list[DiffWord]
    named: str | None
    note: str
    clipped: list[Clip] = Field([], description="What beside it in the article could turn its sense.")


class VerdictsPayload(BaseModel):
    """A verdict for each quotation, in order."""

    ok: bool
    verdicts: list[VerdictPayload]


# All of it but the folder, which means nothing to a caller elsewhere.
_HELD: dict[str, Any] = {name: (kind, ...) for name, kind in get_type_hints(Info).items() if name != "index"}
InfoPayload: type[BaseModel] = create_model("InfoPayload", __doc__="What the index holds.", **_HELD)


class StatePayload(BaseModel):
    """How the server does."""

    status: str


class _Error(BaseModel):
    kind: str = Field(description="For programs.")
    message: str = Field(description="What went wrong.")
    remedy: str = Field(description="What to do next; may be empty.")
    id: str | None = Field(None, description="Of a fault, as in the server's log.")


class ErrorPayload(BaseModel):
    """Why a request failed."""

    error: _Error
