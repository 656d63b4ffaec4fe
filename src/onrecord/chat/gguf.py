"""A chat model in a GGUF file, served inside this process on a loopback port.

xllamacpp carries llama.cpp's server, which speaks the OpenAI interface. One server
is started per file, with a key of its own, so that no other account of this machine
can use it, and keeps the prompt's fixed beginning in its cache.
"""

from __future__ import annotations

import atexit
import importlib
import secrets
import threading
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from onrecord.chat.provider_errors import missing_package
from onrecord.errors import ProviderMissingError

_PROMPT_TOKENS = 5_000
_lock = threading.Lock()
_running: dict[Path, LocalServer] = {}


@dataclass(frozen=True, slots=True)
class LocalServer:
    """A running server.

    Attributes:
        base_url: Where it speaks the OpenAI interface.
        key: What it wants as the API key.
        context: Tokens of prompt and answer together.
    """

    base_url: str
    key: str = field(repr=False)
    context: int
    _server: Any = field(repr=False)


def serve(path: Path, *, threads: int, max_output_tokens: int) -> LocalServer:
    """Start the server of a model file, or give the one that runs."""
    file = _checked(path.expanduser().resolve())
    context = _PROMPT_TOKENS + max_output_tokens
    with _lock:
        running = _running.get(file)
        if running is None or running.context < context:
            _running.pop(file, None)
            running = None  # the smaller one gives its memory back before the larger one starts
            _running[file] = running = _start(file, threads, context)
        return running


def _checked(file: Path) -> Path:
    try:
        with file.open("rb") as stream:
            magic = stream.read(4)
    except OSError as error:
        raise ProviderMissingError(
            f"The model file {file} cannot be read ({type(error).__name__}).",
            remedy="Give ONRECORD_MODEL=gguf:PATH the path of a GGUF file.",
        ) from None
    if magic != b"GGUF":
        raise _no_model(file)
    return file


def _no_model(file: Path) -> ProviderMissingError:
    return ProviderMissingError(
        f"{file} is not a GGUF model, or is damaged.",
        remedy="Give ONRECORD_MODEL=gguf:PATH the path of a GGUF file of a chat model.",
    )


def _start(file: Path, threads: int, context: int) -> LocalServer:
    try:
        xllamacpp = importlib.import_module("xllamacpp")
    except ImportError:
        raise missing_package("gguf") from None
    key = secrets.token_urlsafe(24)
    params = xllamacpp.CommonParams()
    params.model.path = str(file)
    params.hostnames, params.api_keys, params.ui = ["127.0.0.1"], [key], False
    params.n_ctx, params.n_parallel, params.cache_prompt = context, 1, True
    params.cpuparams.n_threads = params.cpuparams_batch.n_threads = threads
    params.warmup, params.verbosity = False, 0
    try:
        server = xllamacpp.Server(params)
    except (RuntimeError, ValueError):
        raise _no_model(file) from None
    return LocalServer(f"{server.listening_address}/v1", key, context, server)


atexit.register(_running.clear)
