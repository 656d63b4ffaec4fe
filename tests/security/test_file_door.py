"""No call of the page opens, copies or fetches what its caller names; only own uploads are taken."""

from __future__ import annotations

import asyncio
import json
import os
import stat
from pathlib import Path

import httpx
import pytest

from onrecord import Assistant
from onrecord.faces.http.server_key import server_key
from onrecord.faces.http.visitor import Visitors
from tests.browser.serving import served
from tests.security.attacking import recorded_address

META = {"_type": "gradio.FileData"}
SECRET = "a secret that nobody was meant to read"
# Gradio looks at its own past with pandas now and then, in a task of its own.
pytestmark = pytest.mark.filterwarnings("ignore::pandas.errors.Pandas4Warning")


def objects(path: str) -> list[object]:
    """What looks like a file to Gradio, and what may to another release of it."""
    file = {"path": path, "meta": META}
    return [
        file,
        [file],
        {"path": path},
        {"url": path, "meta": META},
        {"path": path, "url": path, "orig_name": "a.txt", "size": 1, "mime_type": "text/plain", "meta": META},
        {"path": path, "meta": META, "is_stream": True},
        {"value": [{"deep": {"deeper": [file]}}]},
    ]


@pytest.fixture
def private(tmp_path) -> Path:
    file = tmp_path / "notes.txt"
    file.write_text(f'"{SECRET}," said Anna Berg on Monday.\n', encoding="utf-8")
    return file


def answers(url: str) -> bool:
    return httpx.get(f"{url}/api/health", timeout=5).json() == {"status": "up"}


@pytest.mark.parametrize("where", ["usual", "taking"])
def test_no_function_of_the_page_opens_what_a_call_names(where, private, request, callers):
    attacked = request.getfixturevalue(where)
    caller = callers(attacked.url)
    assert len(caller.functions) > 15
    with recorded_address() as (address, fetched):
        named = (
            "/dev/zero", "/proc/self/environ", "/", str(private), str(private.parent), address,
            private.as_uri(), "http://example.org/a.txt", "../../etc/passwd", "",
        )  # fmt: skip
        for function in caller.functions:
            width = max(1, caller.inputs(function))
            for path in named:
                file = {"path": path, "meta": META}
                assert caller.join(function, [file] * width).status_code in (400, 403), (function, path)
            for told in objects(str(private)):
                found = caller.join(function, [*[""] * (width - 1), told])
                assert found.status_code in (400, 403), (function, told)
            assert caller.join(function, [""] * width, event_data=told).status_code in (400, 403)
        assert fetched == []
    assert SECRET not in json.dumps([each.read_text("utf-8", "replace") for each in attacked.files()])
    assert attacked.files() == []
    assert answers(attacked.url)
    assert SECRET not in caller.client.get("/api/articles/notes.txt").text
    assert "Traceback" not in attacked.log


def test_a_new_function_of_the_page_takes_no_files_unless_it_is_the_uploads(
    plain_index, tmp_path, monkeypatch
):
    monkeypatch.setenv("GRADIO_ANALYTICS_ENABLED", "False")  # as the server does, before it imports Gradio
    from onrecord.faces.page.layout import build_page, page_functions

    settings = plain_index.model_copy(update={"uploads": True, "conversations": tmp_path / "kept.sqlite"})

    async def built(assistant):
        # Where no event loop runs, Gradio makes some and never closes them.
        return build_page(assistant, settings, visitors=Visitors(server_key(settings.key_file)))

    with Assistant.open(settings) as assistant:
        blocks = asyncio.run(built(assistant))
    functions, taking = page_functions(blocks)
    assert len(taking) == 1
    [upload] = taking
    assert [event for _, event in blocks.fns[upload].targets] == ["upload"]
    assert blocks.fns[upload].inputs == [next(b for b in blocks.blocks.values() if b.elem_id == "upload")]
    assert functions[upload] == 1


def test_a_server_that_was_told_to_read_without_end_still_ends(plain_index, tmp_path, callers):
    with served(plain_index, tmp_path) as server:
        caller = callers(server.url)
        for function in caller.functions:
            caller.join(function, [{"path": "/dev/zero", "meta": META}] * max(1, caller.inputs(function)))
        assert answers(server.url)
        server.process.terminate()
        assert server.process.wait(15) == 0


# Uploads


def test_what_was_uploaded_is_added_and_leaves_nothing_behind(taking, callers):
    caller = callers(taking.url)
    [name] = caller.upload("bridge.txt", b'"We will build a bridge," said Anna Berg on Monday.\n', ident="u")
    assert not name.startswith("/")
    assert str(taking.temporary) not in name
    assert caller.add(name, url="http://example.org/x", orig_name="../../evil.txt").status_code == 200
    assert "1 file added" in caller.told()
    assert (taking.corpus / "bridge.txt").is_file()
    assert not (taking.corpus.parent / "evil.txt").exists()
    assert taking.files() == []
    assert caller.add(name).status_code == 410


def test_nobody_uses_what_another_visitor_uploaded(taking, callers):
    owner, other = callers(taking.url), callers(taking.url)
    content = b'"The ferry stays," said Carl Dahl on Tuesday.\n'
    [name] = owner.upload("ferry.txt", content)
    assert other.add(name).status_code == 403
    assert callers(taking.url, page=False).join(0, [""]).status_code == 403
    # Who sends the same file has another upload, and takes nothing away by using it.
    [twin] = other.upload("twin.txt", content)
    assert twin.rpartition("/")[0] != name.rpartition("/")[0]
    assert owner.add(name).status_code == 200
    assert "1 file added" in owner.told()


def test_two_files_that_are_the_same_are_two(taking, callers):
    caller = callers(taking.url)
    files = [("files", ("same.txt", b"An article.\n", "text/plain"))] * 2
    names = caller.client.post("/gradio_api/upload", files=files).json()
    assert len(set(names)) == 2
    assert caller.add(*names).status_code == 200
    assert "Two of the files have one name" in caller.told()


def test_an_upload_holds_files_and_nothing_else(taking, callers):
    caller = callers(taking.url)
    for files, data in (
        ([("files", (None, b"x" * 100_000))], {}),
        ([("files", ("a.txt", b"An article.\n"))], {"note": "x" * 100_000}),
    ):
        found = caller.client.post("/gradio_api/upload?upload_id=u", files=files, data=data)
        assert found.status_code == 400
        assert found.json()["error"]["message"]
    assert caller.client.post("/gradio_api/upload", content=b"x" * 10).status_code == 400
    assert "Traceback" not in taking.log


def test_of_an_upload_that_nobody_sends_nothing_is_told(taking, callers):
    assert callers(taking.url).client.get("/gradio_api/upload_progress?upload_id=none").status_code == 404


@pytest.mark.parametrize("data", [[], [None], [[]], [7], ["x", "y"], [{"a": "b"}], ["x" * 200_001]])
def test_values_that_no_box_of_the_page_sends_are_refused(taking, callers, data):
    caller = callers(taking.url)
    for function in (caller.function("check", "click"), caller.function("upload", "upload")):
        if data in ([None], [[]]) and function == caller.function("check", "click"):
            continue  # an empty box
        assert caller.join(function, data).status_code in (400, 403), function
    assert "Traceback" not in taking.log


@pytest.mark.parametrize(
    "altered",
    [
        lambda name: name[:-1],
        lambda name: f"0{name[1:]}" if name[0] != "0" else f"1{name[1:]}",
        lambda name: name.rpartition("/")[0] + "/..",
        lambda name: f"{name}/../../x.txt",
        lambda name: f"/{name}",
        lambda name: name.partition("/")[2],
        lambda name: name.replace("/", "\\"),
        lambda name: f"{name}\0",
    ],
)
def test_the_name_of_an_upload_is_taken_as_it_was_given(taking, altered, callers):
    caller = callers(taking.url)
    [name] = caller.upload("a.txt", b"An article.\n")
    assert caller.add(altered(name)).status_code == 403


def call(**replaced: object) -> bytes:
    return json.dumps({"data": [], "fn_index": 0, "session_hash": "s", **replaced}).encode()


@pytest.mark.parametrize(
    "body",
    [
        *(b"", b"null", b"[]", b"{}", b"{", b"\xff", b"[" * 100_000, call(data={}), call(data=None)),
        *(call(fn_index=number) for number in ("0", True, 0.0, -1, 9999, None, [])),
        *(call(session_hash=name) for name in ({}, "", 7, None, "x" * 201)),
    ],
)
def test_a_call_that_is_none_is_refused_in_words(usual, body, callers):
    caller = callers(usual.url)
    headers = {"content-type": "application/json"}
    found = caller.client.post("/gradio_api/queue/join", content=body, headers=headers)
    assert found.status_code == 400
    assert found.json()["error"]["message"]
    assert found.json()["detail"]
    assert "Traceback" not in usual.log


def test_the_temporary_folder_is_its_own_and_goes_with_the_server(plain_index, tmp_path, callers):
    temporary = tmp_path / "tmp"
    temporary.mkdir()
    with served(plain_index, tmp_path, TMPDIR=str(temporary), ONRECORD_UPLOADS="true") as server:
        caller = callers(server.url)  # once it answers, all of it is there
        [above] = temporary.glob(f"onrecord-{os.geteuid()}")
        [own] = above.iterdir()
        assert {stat.S_IMODE(each.stat().st_mode) for each in (above, own)} == {0o700}
        caller.upload("left.txt", b"left behind")
        server.process.kill()
        server.process.wait(15)
    assert [each.name for each in own.rglob("*.txt")] == ["left.txt"]
    with served(plain_index, tmp_path, TMPDIR=str(temporary)) as server:
        callers(server.url)
        assert not own.exists()  # swept by the next one
    assert list(above.iterdir()) == []
