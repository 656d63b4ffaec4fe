"""Settings: one class, read from ``ONRECORD_*`` variables, unknown keys refused."""

from __future__ import annotations

import os
import secrets
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field, IPvAnyNetwork, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from onrecord.errors import SettingsError
from onrecord.settings.authority import name_of
from onrecord.state import StateFolder

_PREFIX = "ONRECORD_"
_INDEX = "index"
_SECRET_CHARS = 16
_MODEL_HINT = (
    "ONRECORD_MODEL names a chat model, as in openai:gpt-5-mini; the embedding model is ONRECORD_EMBEDDING."
)

_FILES = {
    "conversations.sqlite": ".sqlite",
    "server.key": ".key",
    "ended-sessions": ".ended",
    "slack.sqlite": ".slack.sqlite",
}
"""What the state folder holds, and how the same ends that lies beside a file of conversations."""


def new_token() -> str:
    """Make a token that nobody guesses, to be copied into the settings."""
    return secrets.token_urlsafe(24)


class Settings(BaseSettings):
    """Everything that can be set, with its default.

    Each field is read from the environment variable ``ONRECORD_<NAME>``. Use
    :meth:`load`, which turns bad values and unknown names into one
    :class:`~onrecord.errors.SettingsError`.
    """

    model_config = SettingsConfigDict(env_prefix=_PREFIX, extra="forbid", frozen=True)

    corpus: Path = Field(Path("corpus"), description="Folder of articles, or one JSONL file.")
    index: Path = Field(Path(_INDEX), description="Folder of the built index.")
    state: Path | None = Field(
        None,
        description="Folder of conversations, the server's key and what came from Slack; .onrecord beside "
        "the corpus where it is not set.",
    )
    conversations: Path | None = Field(
        None,
        description="SQLite file of conversations, with the rest beside it; in the state folder where it is "
        "not set.",
    )
    embedding: str = Field("sentence-transformers/all-MiniLM-L6-v2", description="Embedding model.")
    reader: str = Field(
        "onrecord",
        min_length=1,
        description="Cross-encoder that reads the best passages: onrecord (our own), none, a folder or a "
        "name on the hub.",
    )
    threshold: float = Field(
        0.5, ge=0, le=1, description="An answer less sure than this is refused; all are given at 0."
    )
    max_question_chars: int = Field(2_000, ge=1, description="Longer questions are refused.")
    max_file_bytes: int = Field(20_000_000, ge=1, description="Larger corpus files are skipped.")
    quotes: int = Field(5, ge=1, le=20, description="Quotations in an answer, at most.")
    candidates: int = Field(50, ge=10, le=500, description="Passages fetched by each searcher.")
    per_article: int = Field(4, ge=1, description="Passages of one article before others have their turn.")
    exact_below: int = Field(20_000, ge=0, description="Up to this many passages, search is exact.")
    threads: int = Field(os.cpu_count() or 1, ge=1, description="Threads for embedding articles.")
    model: str | None = Field(
        None,
        pattern=r"^[a-z_]+:.+",
        description="Chat model as PROVIDER:NAME (openai:, anthropic:, ollama:, gguf:); none when not set.",
    )
    base_url: str | None = Field(
        None, pattern=r"^https?://", description="Address of an OpenAI-compatible server, for openai: models."
    )
    api_key: SecretStr | None = Field(
        None, description="Key of the chat model; where not set, the provider's own variable is read."
    )
    deadline: float = Field(60, gt=0, le=3600, description="Seconds within which a chat model must be done.")
    idle_timeout: float = Field(
        20, gt=0, le=3600, description="Seconds of silence after which a chat model that began is given up."
    )
    retries: int = Field(2, ge=0, le=5, description="How often a failed call of a chat model is tried again.")
    max_output_tokens: int = Field(1_000, ge=50, description="A chat model may write so many tokens.")
    context_sentences: int = Field(40, ge=5, le=200, description="Sentences that a chat model is shown.")
    max_concurrent: int = Field(16, ge=1, description="More questions than this at once are told to wait.")
    max_draft_quotations: int = Field(
        2_000, ge=1, description="Drafts with more quotations than this are to be checked in parts."
    )
    visitor_questions: int = Field(
        30, ge=1, description="Questions that one visitor of the page may ask in a minute."
    )
    visitor_drafts: int = Field(
        10, ge=1, description="Drafts that one visitor of the page may have checked in a minute."
    )
    visitor_conversations: int = Field(
        1_000, ge=1, description="Conversations kept for one visitor; one more drops the least recently used."
    )
    token: SecretStr | None = Field(
        None, description="What people sign in with, and what callers of the HTTP interface must present."
    )
    hosts: Annotated[tuple[str, ...], NoDecode] = Field(
        (),
        description="Names by which the server may be called, with commas; the local ones always may. Where "
        "none are set, any may on an address that other machines reach.",
    )
    proxies: Annotated[tuple[IPvAnyNetwork, ...], NoDecode] = Field(
        (),
        description="Addresses or networks of proxies, with commas; they are believed for whom they speak.",
    )
    signing_key: SecretStr | None = Field(
        None, description="Key that an index is signed with, and has to be signed with to be opened."
    )
    uploads: bool = Field(default=False, description="Whether articles may be added on the page.")
    public_url: str | None = Field(
        None,
        pattern=r"^https?://[^\s/?#@]+(/[^\s?#]*)?$",
        description="Address by which people reach the page, through a proxy; links in Slack lead there.",
    )

    @field_validator("api_key", "token")
    @classmethod
    def _not_empty(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None and not value.get_secret_value().strip():
            raise ValueError("it is empty")
        return value

    @field_validator("token", "signing_key")
    @classmethod
    def _long(cls, value: SecretStr | None) -> SecretStr | None:
        secret = value.get_secret_value().strip() if value is not None else None
        if secret is not None and len(secret) < _SECRET_CHARS:
            raise ValueError(f"it has fewer than {_SECRET_CHARS} characters")
        if secret is not None and not secret.isprintable():
            raise ValueError("it has characters that nobody can send")
        return value

    @field_validator("hosts", "proxies", mode="before")
    @classmethod
    def _parted(cls, value: object) -> object:
        if not isinstance(value, str):
            return value
        parts = tuple(part.strip() for part in value.split(",") if part.strip())
        if not parts:
            raise ValueError("it is empty")
        return parts

    @field_validator("hosts")
    @classmethod
    def _names(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        names = tuple(map(name_of, value))
        if not all(names):
            raise ValueError("it has to hold names such as news.example, without https:// and without a port")
        return names

    @property
    def signing(self) -> bytes | None:
        """The key that an index is signed with; None where it need not be."""
        return self.signing_key.get_secret_value().strip().encode() if self.signing_key else None

    @property
    def memory(self) -> Path:
        """Where conversations are kept."""
        return self.conversations or self._kept("conversations.sqlite")

    @property
    def key_file(self) -> Path:
        """Where the server's own key is kept."""
        return self._kept("server.key")

    @property
    def ended_sessions(self) -> Path:
        """Where it is kept who signed out."""
        return self._kept("ended-sessions")

    @property
    def slack_inbox(self) -> Path:
        """Where it is kept what came from Slack, and what became of it."""
        return self._kept("slack.sqlite")

    @property
    def state_folder(self) -> StateFolder | None:
        """The folder of all that is kept; None where a file of conversations is named instead."""
        if self.conversations is not None:
            return None
        index = self.index.absolute()
        old = index.with_name(f"{index.name}.conversations.sqlite")
        earlier = {self._kept(name): old.with_name(f"{old.stem}{end}") for name, end in _FILES.items()}
        return StateFolder(self._folder, earlier)

    @property
    def _folder(self) -> Path:
        return (self.state or self.corpus.absolute().parent / ".onrecord").absolute()

    def _kept(self, name: str) -> Path:
        """Give the place of a file.

        A folder is of one corpus, which may have several indexes: they are told apart by their names, as
        they were when all this lay beside them, and not by where they lie, so that an index can be built
        elsewhere and keep its conversations.
        """
        if self.conversations is not None:
            return self.conversations.with_name(f"{self.conversations.stem}{_FILES[name]}")
        index = self.index.absolute().name
        return self._folder / (name if index == _INDEX else f"{index}.{name}")

    @classmethod
    def load(cls, **values: Any) -> Settings:
        """Read the environment, let ``values`` that are not None override it.

        Args:
            **values: Field names and values; None means "not given".

        Returns:
            The settings.

        Raises:
            SettingsError: If a key is unknown or a value does not fit; names the key, never the value.
        """
        known = {_PREFIX + name.upper() for name in cls.model_fields}
        unknown = sorted(key for key in os.environ if key.startswith(_PREFIX) and key not in known)
        if unknown:
            raise SettingsError(
                f"Unknown setting {unknown[0]}.", remedy=f"Known: {', '.join(sorted(known))}."
            )
        try:
            return cls(**{key: value for key, value in values.items() if value is not None})
        except ValidationError as error:
            first = error.errors(include_input=False, include_url=False)[0]
            key = str(first["loc"][0])
            hint = _hint(key)
            raise SettingsError(f"Setting {key!r} cannot be used: {first['msg']}.", remedy=hint) from None


def _hint(key: str) -> str:
    if key == "model":
        return _MODEL_HINT
    if key == "token":
        return f"Set {_PREFIX}TOKEN to another, such as {new_token()}, which was made just now."
    return f"Change it, or unset {_PREFIX}{key.upper()}."
