"""What Slack gives an app: secrets, tokens and an address, read from ``SLACK_*`` by their usual names."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from onrecord.errors import SettingsError

SLACK_API = "https://slack.com/api/"
_PREFIX = "SLACK_"
_LOCAL = frozenset({"localhost", "127.0.0.1", "::1"})


def is_private_address(url: str) -> bool:
    """Say whether nobody on the way can read what is sent to an address: TLS, or this very machine."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.hostname is not None and (
        parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _LOCAL)
    )


class SlackSettings(BaseSettings):
    """Everything about Slack that can be set; each field is read from ``SLACK_<NAME>``.

    Other ``SLACK_*`` variables are left alone: they may belong to another program.
    """

    model_config = SettingsConfigDict(env_prefix=_PREFIX, extra="ignore", frozen=True)

    signing_secret: SecretStr | None = Field(
        None, description="Of the app; while it is being changed, the old and the new one, with a comma."
    )
    bot_token: SecretStr | None = Field(None, description="Of the app in the workspace (xoxb-…).")
    app_token: SecretStr | None = Field(None, description="For Socket Mode (xapp-…).")
    outgoing_token: SecretStr | None = Field(
        None, description="Of a legacy outgoing webhook; its route is there only when this is set."
    )
    api_url: str = Field(SLACK_API, description="Where Slack is; another address is for tests.")
    queue: int = Field(
        100, ge=1, le=10_000, description="Questions that may wait; more are told to come back."
    )
    workers: int = Field(8, ge=1, le=64, description="Questions that are attended to at once.")

    @field_validator("signing_secret", "bot_token", "app_token", "outgoing_token")
    @classmethod
    def _not_empty(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None and not all(part.strip() for part in value.get_secret_value().split(",")):
            raise ValueError("it is empty")
        return value

    @field_validator("api_url")
    @classmethod
    def _private(cls, value: str) -> str:
        if not is_private_address(value):
            raise ValueError("it has to begin with https://, or with http:// on this machine")
        return value.rstrip("/") + "/"

    @property
    def secrets(self) -> tuple[str, ...]:
        """The signing secrets, any of which makes a signature valid."""
        if self.signing_secret is None:
            return ()
        return tuple(part.strip() for part in self.signing_secret.get_secret_value().split(","))

    @property
    def over_http(self) -> bool:
        """Whether Slack can send its requests to this server."""
        return self.signing_secret is not None and self.bot_token is not None

    @property
    def over_socket(self) -> bool:
        """Whether this server fetches requests from Slack (Socket Mode)."""
        return self.app_token is not None and self.bot_token is not None

    @property
    def on(self) -> bool:
        """Whether anything is asked in Slack at all."""
        return self.over_http or self.over_socket

    @classmethod
    def load(cls, **values: Any) -> SlackSettings:
        """Read the environment, let ``values`` that are not None override it.

        Args:
            **values: Field names and values; None means "not given".

        Returns:
            The settings.

        Raises:
            SettingsError: If a value does not fit; names the key, never the value.
        """
        try:
            return cls(**{key: value for key, value in values.items() if value is not None})
        except ValidationError as error:
            first = error.errors(include_input=False, include_url=False)[0]
            key = _PREFIX + ".".join(str(part) for part in first["loc"]).upper()
            raise SettingsError(
                f"Setting {key!r} cannot be used: {first['msg']}.", remedy=f"Change it, or unset {key}."
            ) from None
