"""A session of the page is its visitor's: whoever else knows its name reads, changes and ends nothing."""

from __future__ import annotations

import pytest

QUESTION = "What did Blinken say about a new Iran deal?"


def test_nobody_reads_what_another_visitor_is_told(taking, callers):
    one, other = callers(taking.url), callers(taking.url)
    one.ask(QUESTION, session="known")
    assert other.told("known").count("session_not_found") == 1
    assert QUESTION in one.told("known")  # who asked still has it


def test_a_session_of_the_same_name_is_another_visitors_own(taking, callers):
    one, other = callers(taking.url), callers(taking.url)
    one.ask(QUESTION, session="same")
    other.ask("What did Zakharova say about drones?", session="same")
    told = other.told("same")
    assert "drones" in told
    assert QUESTION not in told
    assert QUESTION in one.told("same")


def test_nobody_ends_what_another_visitor_asked(taking, callers):
    one, other = callers(taking.url), callers(taking.url)
    asked = one.function("ask", "click")
    event = one.ask(QUESTION, session="kept")
    body = {"session_hash": "kept", "fn_index": asked, "event_id": event}
    assert other.client.post("/gradio_api/cancel", json=body).json() == {"success": True}
    assert other.client.post("/gradio_api/reset", json={"event_id": event}).json() == {"success": True}
    with other.client.stream("GET", "/gradio_api/heartbeat/kept") as stream:
        assert next(stream.iter_lines()) == "data: ALIVE"
    told = one.told("kept")
    assert "blockquote" in told
    assert QUESTION in told


def test_an_own_question_can_be_ended(taking, callers):
    one = callers(taking.url)
    event = one.ask(QUESTION, session="ended")
    body = {"session_hash": "ended", "fn_index": one.function("ask", "click"), "event_id": event}
    assert one.client.post("/gradio_api/cancel", json=body).json() == {"success": True}
    assert one.replies("ended")[-1]["msg"] in ("close_stream", "process_completed")


@pytest.mark.parametrize("cookie", ["", "onrecord_visitor=", f"onrecord_visitor={'0' * 32}"])
def test_who_has_no_cookie_of_the_server_has_no_session(taking, callers, cookie):
    before = taking.files()
    nobody = callers(taking.url, page=False, headers={"cookie": cookie} if cookie else {})
    calls = (
        nobody.join(0, ["", None]),
        nobody.client.get("/gradio_api/queue/data", params={"session_hash": "s"}),
        nobody.client.post("/gradio_api/cancel", json={"session_hash": "s", "fn_index": 5, "event_id": "e"}),
        nobody.client.post("/gradio_api/reset", json={"event_id": "e"}),
        nobody.client.get("/gradio_api/heartbeat/s"),
        nobody.client.post("/gradio_api/upload", files=[("files", ("a.txt", b"x", "text/plain"))]),
        nobody.client.get("/gradio_api/upload_progress", params={"upload_id": "u"}),
    )
    assert {each.status_code for each in calls} == {403}
    assert all("cookies" in each.json()["error"]["message"] for each in calls)
    assert taking.files() == before


def test_a_session_that_is_not_there_is_told_so_without_a_trace(taking, callers):
    one = callers(taking.url)
    [told] = one.replies("never-joined")
    assert told["session_not_found"] is True
    assert one.client.get("/gradio_api/queue/data").status_code == 400
    assert "Traceback" not in taking.log


@pytest.mark.parametrize("name", ["queue/data?session_hash=s", "heartbeat/s", "upload_progress?upload_id=u"])
def test_no_other_method_goes_round_the_guard(taking, callers, name):
    assert callers(taking.url).client.head(f"/gradio_api/{name}").status_code in (404, 405)


def test_a_visitor_has_so_many_sessions_and_the_oldest_goes(taking, callers):
    one = callers(taking.url)
    one.ask(QUESTION, session="first")
    for number in range(16):
        assert one.join(0, ["", None], session=f"s{number}").status_code == 200
    assert one.replies("first")[0]["session_not_found"] is True
    assert one.replies("s15")[-1]["msg"] == "close_stream"
