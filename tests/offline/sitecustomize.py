"""Refuses every connection that leaves this machine, and writes each attempt down.

Python imports a module of this name by itself when it starts, so the processes that a test
starts are guarded too, as long as they inherit PYTHONPATH (tests/conftest.py sets it).
"""

from __future__ import annotations

import os
import sys
from ipaddress import ip_address
from pathlib import Path

LOG = "TESTS_OUTBOUND_LOG"
# Audit event -> which of its arguments says where to.
_TARGET = {
    "socket.connect": 1,
    "socket.sendto": 1,
    "socket.sendmsg": 1,
    "socket.getaddrinfo": 0,
    "socket.gethostbyname": 0,
    "socket.gethostbyaddr": 0,
}


def is_local(target: object) -> bool:
    """Say whether a socket address or a host name stays on this machine."""
    if isinstance(target, tuple):
        target = target[0]
    elif not isinstance(target, str | bytes):
        return True  # no address, or one of a family that has no hosts
    elif b"/" in os.fsencode(target) or b"\0" in os.fsencode(target):
        return True  # the path or the abstract name of a Unix socket
    name = target.decode("ascii", "replace") if isinstance(target, bytes) else target
    if not isinstance(name, str) or name in {"", "localhost"}:
        return True
    try:
        address = ip_address(name)
    except ValueError:
        return False
    return address.is_loopback or address.is_unspecified


def _guard(event: str, args: tuple[object, ...]) -> None:
    if event not in _TARGET or is_local(args[_TARGET[event]]):
        return
    line = f"{event} {args[_TARGET[event]]}"
    with Path(os.environ[LOG]).open("a", encoding="utf-8") as log:
        log.write(line + "\n")
    raise ConnectionRefusedError(f"tests stay on this machine: {line}")


if LOG in os.environ:
    sys.addaudithook(_guard)
