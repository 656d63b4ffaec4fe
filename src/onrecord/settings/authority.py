"""Names and ports: by which one a server is called, and from which one a page was loaded."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from urllib.parse import urlsplit

_PORTS = {"http": 80, "https": 443}
_HOST = re.compile(r"(?P<name>\[[0-9a-fA-F:.]+\]|[A-Za-z0-9._-]+)(?::(?P<port>[0-9]{0,5}))?")


@dataclass(frozen=True, slots=True)
class Origin:
    """Scheme, name and port: what browsers hold to be one site's own.

    Attributes:
        scheme: ``http`` or ``https``.
        name: In lower case; an IPv6 address without brackets, in its shortest form.
        port: Of TCP.
    """

    scheme: str
    name: str
    port: int

    @classmethod
    def of(cls, told: str) -> Origin | None:
        """Read the header `Origin`; None where it names none, as ``null`` does."""
        scheme, separator, host = told.partition("://")
        return called_by(host, scheme.lower()) if separator else None

    @classmethod
    def of_address(cls, url: str) -> Origin | None:
        """Give the origin of what lies at an address; None where it has none."""
        try:
            parts = urlsplit(url)
            name = name_of(parts.hostname or "")
            port = parts.port or _PORTS.get(parts.scheme, 0)
        except ValueError:
            return None
        return cls(parts.scheme, name, port) if name and port else None


def called_by(host: str, scheme: str) -> Origin | None:
    """Read the header `Host`.

    Args:
        host: The header: a name or an address, and perhaps a port.
        scheme: By which the request came.

    Returns:
        What a page that was loaded by it has as its origin; None where the header is malformed.
    """
    found = _HOST.fullmatch(host)
    if found is None or scheme not in _PORTS:
        return None
    name, port = name_of(found["name"]), int(found["port"] or _PORTS[scheme])
    return Origin(scheme, name, port) if name and 0 < port < 65_536 else None


def name_of(host: str) -> str:
    """Bring the name of a host into the one form in which names are compared.

    Args:
        host: A name or an address; one of IPv6 may be in brackets.

    Returns:
        The name; empty where it can be none.
    """
    if ":" in host or host.startswith("["):
        try:
            return ipaddress.IPv6Address(host[1:-1] if host[0] + host[-1] == "[]" else host).compressed
        except ValueError:
            return ""
    try:
        name = host.encode("idna").decode("ascii").lower().removesuffix(".")
    except UnicodeError:
        return ""
    return name if _HOST.fullmatch(name) and not name.startswith(".") else ""
