"""Where a request comes from: the address that connects, or what a proxy that is trusted says of it."""

from __future__ import annotations

from collections.abc import Iterable
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from starlette.datastructures import Headers
from starlette.types import Scope

Network = IPv4Network | IPv6Network
_Address = IPv4Address | IPv6Address
_SITE = 64  # bits that an IPv6 address has in common with all others of one household


def client_address(scope: Scope, proxies: Iterable[Network]) -> str:
    """Give the address of whoever sent a request.

    Args:
        scope: Of the request.
        proxies: Whose word on it is taken.

    Returns:
        The address that is connected. Where that is a proxy's, the right-most one in `X-Forwarded-For` that
        is no proxy's: what stands before it anybody can have written. Empty where there is none.
    """
    peer = (scope.get("client") or ("",))[0]
    trusted = tuple(proxies)
    address = _address_in(peer)
    if address is None or not _among(address, trusted):
        return str(peer)
    told = ",".join(Headers(scope=scope).getlist("x-forwarded-for"))
    for hop in reversed(told.split(",")):
        before = _address_in(hop)
        if before is None:
            break  # nobody knows who that is; so it is the proxy that is asked to wait
        address = before
        if not _among(address, trusted):
            break
    return str(address)


def neighbourhood(address: str) -> str:
    """Give what addresses share that one person can have for the asking: of IPv6, the first half."""
    found = _address_in(address)
    if not isinstance(found, IPv6Address):
        return str(found or address)
    return str(ip_network((int(found), _SITE), strict=False))


def _address_in(told: str) -> _Address | None:
    """Read an address, which may have a port."""
    host = told.strip()
    if host.startswith("["):
        host = host[1:].partition("]")[0]
    elif host.count(":") == 1:
        host = host.partition(":")[0]
    try:
        found = ip_address(host.partition("%")[0])
    except ValueError:
        return None
    return getattr(found, "ipv4_mapped", None) or found


def _among(address: _Address, networks: Iterable[Network]) -> bool:
    return any(address in network for network in networks)
