"""A model in a GGUF file. What needs a real one is marked `model`: TEST_GGUF names its file."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import pytest

from onrecord import Settings
from onrecord.chat import event_loop
from onrecord.chat.gguf import serve
from onrecord.chat.model import ChatModel
from onrecord.errors import ProviderMissingError

SCHEMA = {
    "title": "answer",
    "description": "Claims and the numbers of the sentences that carry them.",
    "type": "object",
    "properties": {
        "answerable": {"type": "boolean"},
        "claims": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {
                    "claim": {"type": "string"},
                    "ids": {"type": "array", "items": {"type": "integer"}},
                },
                "required": ["claim", "ids"],
                "additionalProperties": False,
            },
        },
    },
    "required": ["answerable", "claims"],
    "additionalProperties": False,
}
# The schema only bars other forms, the model never sees it: without an example a small one leaves the
# claims empty.
ASKED = [
    (
        "system",
        "Answer only from the numbered sentences. Give claims with the numbers that carry them, as in "
        '{"answerable": true, "claims": [{"claim": "The walkway opens in spring.", "ids": [7]}]}; '
        'where they do not answer, {"answerable": false, "claims": []}.',
    ),
    ("human", "1. The bridge opened in May.\n2. It cost nine million euros.\n\nWhat did the bridge cost?"),
]


@pytest.fixture
def gguf() -> Path:
    named = os.environ.get("TEST_GGUF")
    if not named:
        pytest.skip("needs a chat model: TEST_GGUF names no GGUF file")
    return Path(named)


def opened(path: Path, **values) -> ChatModel:
    return ChatModel.open(Settings.load(model=f"gguf:{path}", **values))


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(ProviderMissingError, match=r"nothing\.gguf"):
        opened(tmp_path / "nothing.gguf")


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 a zip"])
def test_a_file_of_another_kind_is_named(tmp_path, content):
    (tmp_path / "odd.gguf").write_bytes(content)
    with pytest.raises(ProviderMissingError, match=r"odd\.gguf is not a GGUF"):
        opened(tmp_path / "odd.gguf")


def test_a_damaged_file_is_named(tmp_path):
    pytest.importorskip("xllamacpp")
    (tmp_path / "torn.gguf").write_bytes(b"GGUF\x03\x00\x00\x00" + bytes(range(256)) * 8)
    with pytest.raises(ProviderMissingError, match=r"torn\.gguf"):
        opened(tmp_path / "torn.gguf")


def test_a_missing_package_is_told_with_its_command(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "xllamacpp", None)
    (tmp_path / "some.gguf").write_bytes(b"GGUF")
    with pytest.raises(ProviderMissingError, match="xllamacpp>="):
        opened(tmp_path / "some.gguf")


@pytest.mark.model
def test_a_real_model_writes_to_a_schema(gguf):
    model = opened(gguf, deadline=300)
    assert model.name == f"gguf:{gguf.name}"
    text = "".join(event_loop.iterate(lambda: model.stream(ASKED, schema=SCHEMA)))
    answer = json.loads(text)
    assert answer["answerable"] is True
    assert [2] in [claim["ids"] for claim in answer["claims"]]


@pytest.mark.model
def test_one_server_per_file(gguf):
    first = serve(gguf, threads=2, max_output_tokens=100)
    assert serve(gguf, threads=2, max_output_tokens=50) is first
    assert first.key not in repr(first)
