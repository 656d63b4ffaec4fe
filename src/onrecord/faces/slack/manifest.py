"""The app's manifest: what a person pastes into Slack, with the server's address filled in."""

from __future__ import annotations

import re
from pathlib import Path

from onrecord.errors import SettingsError

MANIFEST = Path(__file__).with_name("manifest.yaml")
_PLACEHOLDER = "https://onrecord.example.org"
_URL = re.compile(r"https://[A-Za-z0-9.-]+(:[0-9]{1,5})?(/[A-Za-z0-9._~/-]*)?")


def manifest(url: str | None) -> str:
    """Fill the manifest in.

    Args:
        url: By which Slack reaches this server; None for Socket Mode, where it does not have to.

    Returns:
        YAML.

    Raises:
        SettingsError: If Slack would not call such an address.
    """
    text = MANIFEST.read_text(encoding="utf-8")
    if url is None:
        kept = [line for line in text.splitlines(keepends=True) if _PLACEHOLDER not in line]
        return "".join(kept).replace("socket_mode_enabled: false", "socket_mode_enabled: true")
    if not _URL.fullmatch(url):
        raise SettingsError(
            f"Slack does not call {url[:100]!r}.",
            remedy="Give an address that begins with https:// and is reached from outside, or --socket.",
        )
    return text.replace(_PLACEHOLDER, url.rstrip("/"))
