"""The MCP server, called by the SDK's own client: in this process, and over stdio in another."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path

import anyio
import pytest
from mcp.client.client import Client
from mcp.client.stdio import StdioServerParameters

from onrecord import Assistant
from onrecord.faces.mcp import create_mcp
from onrecord.render.json import answer_dict
from tests.shared import ROOT

CORPUS = ROOT / "corpus"
BLINKEN = "000_958ad2b006b0f065.txt"
ASKED = "What did Blinken say about the prospects of reviving the Iran nuclear deal?"
TRUE = "at this moment, there's no prospect for an agreement again"
# A library that prints must not break the protocol.
SERVE = """
import os
from onrecord import Settings
from onrecord.faces.mcp import serve_stdio
from onrecord.assistant.assistant import Assistant
given = Assistant.article
def article(self, name):
    print("noise")
    os.write(1, b"more noise")
    return given(self, name)
Assistant.article = article
serve_stdio(Settings.load())
"""


@pytest.fixture(scope="module")
def assistant(built_index):
    with Assistant.open(built_index) as opened:
        yield opened


def ask_server(server, *calls: tuple[str, dict]):
    """Call tools one after another on one connection."""

    async def run():
        async with Client(server) as client:
            return [await client.call_tool(name, arguments) for name, arguments in calls]

    return anyio.run(run)


def text_of(file: str) -> str:
    return (CORPUS / file).read_bytes().decode("utf-8-sig")


def test_the_tools_are_described(assistant):
    async def run():
        async with Client(create_mcp(assistant)) as client:
            return (await client.list_tools()).tools

    tools = {tool.name: tool for tool in anyio.run(run)}
    assert list(tools) == ["ask", "search", "verify", "get_article"]
    for tool in tools.values():
        assert tool.description
        assert tool.annotations.read_only_hint
        assert tool.input_schema["additionalProperties"] is False
        assert tool.output_schema["properties"]
    assert tools["ask"].input_schema["required"] == ["question"]


def test_an_answer_is_the_command_lines_with_exact_slices(assistant):
    [found] = ask_server(create_mcp(assistant), ("ask", {"question": ASKED}))
    answer = found.structured_content
    assert not found.is_error
    assert json.loads(found.content[0].text) == json.loads(json.dumps(answer))
    expected = json.loads(json.dumps(answer_dict(assistant.ask(ASKED))))
    assert {**json.loads(json.dumps(answer)), "timings": {}} == {**expected, "timings": {}}
    for quote in answer["quotes"]:
        assert text_of(quote["file"])[quote["start"] : quote["end"]] == quote["text"] != ""
        assert quote["sha256"] == hashlib.sha256((CORPUS / quote["file"]).read_bytes()).hexdigest()


def test_filters_and_history_are_heard(assistant):
    narrowed, leaning = ask_server(
        create_mcp(assistant),
        ("ask", {"question": ASKED, "article": BLINKEN}),
        ("ask", {"question": "Did Iran confirm it?", "history": [ASKED]}),
    )
    assert {quote["article_id"] for quote in narrowed.structured_content["quotes"]} == {BLINKEN}
    assert leaning.structured_content["standalone"] != "Did Iran confirm it?"


def test_the_other_tools_give_exact_slices_and_verdicts(assistant):
    draft = f"Blinken said: “{TRUE}”, and “{TRUE.replace('no ', 'a ')}”."
    search, article, verify = ask_server(
        create_mcp(assistant),
        ("search", {"query": "Iran nuclear deal", "limit": 3}),
        ("get_article", {"article": BLINKEN, "start": 10, "end": 20}),
        ("verify", {"text": draft}),
    )
    hits = search.structured_content["hits"]
    assert [hit["rank"] for hit in hits] == [1, 2, 3]
    assert all(text_of(hit["file"])[hit["start"] : hit["end"]] == hit["text"] for hit in hits)
    assert article.structured_content["text"] == text_of(BLINKEN)
    assert article.structured_content["slice"] == text_of(BLINKEN)[10:20]
    assert [verdict["ok"] for verdict in verify.structured_content["verdicts"]] == [True, False]


@pytest.mark.parametrize(
    ("tool", "arguments", "told"),
    [
        ("ask", {"question": " "}, "The question is empty. Type a question."),
        ("ask", {"question": ASKED, "since": "soon"}, "given as 'since'"),
        ("ask", {"question": ASKED, "outlets": "x"}, "outlets"),
        ("ask", {}, "question"),
        ("search", {"query": "Iran", "limit": 0}, "limit"),
        ("get_article", {"article": "nope"}, "The index holds no article 'nope'."),
        ("get_article", {"article": BLINKEN, "start": 9, "end": 3}, "There is no slice 9–3"),
    ],
)
def test_what_cannot_be_done_is_an_error_that_the_model_can_read(assistant, tool, arguments, told):
    [found] = ask_server(create_mcp(assistant), (tool, arguments))
    assert found.is_error
    assert told in found.content[0].text
    assert "Traceback" not in found.content[0].text


def environment(index: Path) -> dict[str, str]:
    return {"PYTHONPATH": os.environ["PYTHONPATH"], "ONRECORD_INDEX": str(index), "HF_HUB_OFFLINE": "1"}


def test_over_stdio_the_same_is_answered_and_nothing_else_is_written(built_index, assistant):
    server = StdioServerParameters(
        command=sys.executable, args=["-c", SERVE], env=environment(built_index.index)
    )
    asked, article = ask_server(server, ("ask", {"question": ASKED}), ("get_article", {"article": BLINKEN}))
    expected = [quote.text for quote in assistant.ask(ASKED).quotes]
    assert [quote["text"] for quote in asked.structured_content["quotes"]] == expected
    assert article.structured_content["text"] == text_of(BLINKEN)


def test_bytes_that_are_no_message_do_not_end_the_server(built_index):
    hello = {
        "jsonrpc": "2.0", "id": 1, "method": "initialize",
        "params": {
            "protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "t", "version": "1"},
        },
    }  # fmt: skip
    said = b"\xff\xfe\nnot json\n[]\n" + b"[" * 100_000 + b"\n" + json.dumps(hello).encode() + b"\n"
    done = subprocess.run(
        [sys.executable, "-c", SERVE],
        input=said,
        capture_output=True,
        env=os.environ | environment(built_index.index),
        timeout=60,
    )
    messages = [json.loads(line) for line in done.stdout.splitlines()]
    assert done.returncode == 0
    [hailed] = [each for each in messages if each.get("id") == 1]
    assert hailed["result"]["serverInfo"]["name"] == "onrecord"
    assert {each["jsonrpc"] for each in messages} == {"2.0"}
