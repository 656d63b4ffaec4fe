"""What a person reads: nothing steers a terminal, and what turns the direction of reading is shown."""

from __future__ import annotations

import io
import json
import logging
import os
import re
import subprocess
import sys
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from onrecord import Assistant
from onrecord.assistant.turns import StoredTurn
from onrecord.evaluation.grids import Grid
from onrecord.evaluation.tables import console, markdown, print_grid
from onrecord.faces.cli.app import main
from onrecord.faces.cli.progress import Bars
from onrecord.faces.cli.shell import run as chat
from onrecord.faces.cli.terminal import guarded, screen, write
from onrecord.faces.slack.blocks import answer_messages
from onrecord.faces.slack.verdict_blocks import verdict_message
from onrecord.render.citation import FORMATS, cite
from onrecord.render.escape import action, text_html
from onrecord.render.html.answer import notice_html, turn_html
from onrecord.render.html.article import article_html
from onrecord.render.html.conversation import conversation_page
from onrecord.render.html.draft import draft_html
from onrecord.render.html.timeline import timeline_table_html
from onrecord.render.json import dumps
from onrecord.render.markdown import answer_markdown
from onrecord.render.pieces import (
    answer_pieces,
    article_pieces,
    hit_pieces,
    plain,
    verdict_pieces,
)
from onrecord.text.direction import CONTROLS, code_of, direction_note, marked, visible
from onrecord.types import Article, Clip, Hit, Mode, Passage, Status, Turning, Verdict
from tests import corpora
from tests.faces.slack import blockkit
from tests.pages import Html, answered
from tests.render.test_pieces import Screen, quote_of

STEERING = "\x1b]52;c;Zm9yZ2Vk\x07\x1b[31mred\x1b[0m\x08\x08\rforged\x9b2J\x9d0;t\x9c\x7f"
TURNED = f"pay {CONTROLS[7]}001{CONTROLS[5]} {CONTROLS[-3]}euros"
WORDS = f"We will {TURNED} {STEERING} in May"
RECORDS = (
    {
        "id": "one",
        "title": f"Harbour {TURNED} {STEERING}",
        "published": "2023-03-14",
        "outlet": f"Post {TURNED}",
        "text": f"The harbour closes.\n\n“{WORDS},” Adele Ostrow told reporters about the harbour.\n",
    },
)
_STYLE = re.compile(r"\x1b\[[\d;]*m")
_STEERS = re.compile(rf"[\x00-\x08\x0b-\x1f\x7f-\x9f{CONTROLS}]")


def steers(shown: str) -> list[str]:
    """What of a screen's text is obeyed rather than shown, rich's own styles left aside."""
    return _STEERS.findall(_STYLE.sub("", shown)) + re.findall(r"\x1b\[31mred", shown)


@pytest.fixture(scope="module")
def settings(tmp_path_factory):
    return corpora.indexed(tmp_path_factory.mktemp("terminals"), RECORDS)


def on_screens(action: Callable[[], object]) -> tuple[str, str]:
    """What comes on two terminals while something is done."""
    out, err = Screen(), Screen()
    with redirect_stdout(out), redirect_stderr(err):
        action()
    return out.getvalue(), err.getvalue()


# A terminal shows control characters and obeys none


@pytest.mark.parametrize(
    "arguments",
    [
        ["quotes", "--csv", "--mode", "all"],
        ["quotes", "--mode", "all"],
        ["quotes", "--json"],
        ["speakers", "--csv"],
        ["speakers"],
        ["ask", "What did Ostrow say about the harbour?", "--markdown"],
        ["ask", f"What did Ostrow say about {TURNED}{STEERING} harbours?"],
        ["search", "harbour"],
        ["show", "one"],
        ["info"],
        ["ask", "harbour", "--speaker", f"Nobody {TURNED} {STEERING}"],
        ["ask", "harbour", "--outlet", f"Nobody {TURNED} {STEERING}", "--no-such-option"],
        ["--debug", "show", f"none {TURNED} {STEERING}"],
    ],
    ids=lambda arguments: " ".join(arguments)[:24].encode("ascii", "replace").decode(),
)
def test_no_command_lets_an_article_or_an_argument_steer_a_terminal(settings, arguments):
    places = ("--corpus", str(settings.corpus), "--index", str(settings.index))
    out, err = on_screens(lambda: main([*arguments, *places]))
    assert out or err
    assert steers(out + err) == []


def test_into_a_pipe_every_character_goes_as_it_is(settings, capsys):
    main(["quotes", "--csv", "--corpus", str(settings.corpus), "--index", str(settings.index)])
    assert WORDS in capsys.readouterr().out


def test_statements_show_names_and_texts_on_a_terminal(tmp_path):
    lines = [
        {"id": f"a {TURNED} {STEERING}", "text": "Nobody spoke."},
        {"id": "b", "text": RECORDS[0]["text"]},
        {"id": f"d {STEERING}"},
    ]
    file = tmp_path / "notes.jsonl"
    file.write_text("\n".join(map(json.dumps, lines)), encoding="utf-8")
    out, err = on_screens(lambda: main(["statements", str(file)]))
    assert "nobody is quoted" in out
    assert "⟨U+202E⟩" in out
    assert "Line 3 has no text." in err
    assert steers(out + err) == []
    missing = str(tmp_path / f"no {TURNED} {STEERING}.txt")
    out, err = on_screens(lambda: main(["statements", missing]))
    assert "⟨U+202E⟩" in err
    assert steers(err) == []


@pytest.mark.skipif(sys.platform == "win32", reason="needs a pseudo-terminal")
@pytest.mark.parametrize(
    "arguments", [["ask", "x", "y{}"], ["--{}"], ["{}"], ["search", "x", "--limit", "{}"]]
)
def test_a_usage_error_shows_an_argument_and_does_not_obey_it(arguments):
    leader, follower = os.openpty()
    given = [each.replace("{}", TURNED + STEERING) for each in arguments]
    command = [sys.executable, "-m", "onrecord.faces.cli.app", *given]
    subprocess.run(command, stdout=follower, stderr=follower, stdin=subprocess.DEVNULL, check=False)
    os.close(follower)
    shown = os.read(leader, 60_000).decode().replace("\r\n", "\n")
    os.close(leader)
    assert "Error" in shown
    assert steers(shown) == []


def test_a_log_line_and_a_traceback_show_what_they_hold(monkeypatch):
    def fail(*_: object, **__: object) -> None:
        logging.getLogger("onrecord.test").warning("cannot read %s", TURNED + STEERING)
        raise RuntimeError(TURNED + STEERING)

    logger = logging.getLogger("onrecord.test")
    monkeypatch.setattr(logger, "propagate", False)  # as outside of pytest, no handler is set up
    monkeypatch.setattr("onrecord.corpus.documents.open_documents", fail)
    _, told = on_screens(lambda: main(["--debug", "statements", __file__]))
    assert "cannot read pay ⟨U+202E⟩001" in told
    assert "RuntimeError" in told
    assert steers(told) == []


def test_a_guard_lets_nothing_past_and_is_none_for_a_pipe():
    pipe, terminal = io.StringIO(), Screen()
    assert guarded(pipe) is pipe
    stream = guarded(terminal)
    assert stream.write(STEERING) == len(STEERING)
    stream.writelines([TURNED, "\n"])
    print(STEERING, file=stream)
    assert steers(terminal.getvalue()) == []
    assert screen(stream) is terminal
    assert stream.isatty()


def test_tables_and_progress_bars_show_names():
    terminal = Screen()
    grid = Grid(f"Set {TURNED}{STEERING}", ("name", STEERING), ((TURNED, STEERING),), note=TURNED + STEERING)
    print_grid(console(terminal), grid)
    assert steers(terminal.getvalue()) == []
    assert not set(CONTROLS) & set(markdown([grid]))

    def go_on() -> None:
        with Bars() as bars:
            bars.step(f"Reading {TURNED}", 1, 2)

    _, told = on_screens(go_on)
    assert "⟨U+202E⟩" in told
    assert not set(CONTROLS) & set(told)


def test_a_chat_shows_what_is_typed_and_what_is_quoted(settings):
    out, err = Screen(), Screen()
    typed = f"What did Ostrow say about the harbour?\n/sources\n/open {TURNED}{STEERING}\n/list\n"
    with Assistant.open(settings) as assistant:
        chat(assistant, stdin=io.StringIO(typed), stdout=out, stderr=err)
    assert "⟨U+202E⟩" in out.getvalue()
    # The line that says how far an answer is takes itself away again.
    assert steers(out.getvalue().replace("\r\x1b[2K", "") + err.getvalue()) == []


@pytest.mark.parametrize("char", CONTROLS)
def test_a_terminal_names_what_turns_the_direction(char):
    assert visible(f"a{char}b\r\n\tc") == f"a⟨U+{ord(char):04X}⟩b\n\tc"
    shown = Screen()
    write(answer_pieces(answered((quote_of(f"a{char}b", title=f"t{char}"),))), shown)
    assert char not in shown.getvalue()
    assert json.loads(dumps({"text": char})) == {"text": char}
    assert char not in dumps({"text": char})


# Markdown, plain text, Slack and the page mark it, and the quotation stays exact

NOTE = "It holds characters that turn the direction of reading: U+202E, U+202C, U+2067."
QUOTED = replace(
    quote_of(TURNED), title=f"T {TURNED}", outlet=f"O {TURNED}", file=f"{TURNED}.txt", speaker=f"S {TURNED}",
    mode=Mode.DIRECT, published="2023-03-14", clips=(Clip(Turning.NEGATION, 3, 9, TURNED),),
)  # fmt: skip
ANSWER = replace(
    answered((QUOTED,)), question=f"Who? {TURNED}", standalone=f"Who then? {TURNED}", reason=TURNED
)
ARTICLE = Article("a.txt", f"{TURNED}.txt", f"T {TURNED}", TURNED * 2, "0" * 64, outlet=TURNED)


def outside(told: str) -> set[str]:
    """Which controls stand in a text beside the quotations themselves."""
    return set(CONTROLS) & set(told.replace(TURNED, ""))


def test_a_quotation_is_exact_in_text_and_markdown_and_a_line_after_it_names_them():
    assert direction_note(TURNED) == NOTE
    assert direction_note("plain “words”") == ""
    assert marked(TURNED) == "pay ⟨U+202E⟩001⟨U+202C⟩ ⟨U+2067⟩euros"
    for told in (plain(answer_pieces(ANSWER)), answer_markdown(ANSWER).replace("\\", "")):
        assert told.count(TURNED) == told.count(NOTE) == 2
        assert outside(told) == set()
        assert told.index(TURNED) < told.index(NOTE)


def test_hits_articles_and_verdicts_are_marked_the_same():
    hit = plain(hit_pieces(Hit(Passage("a:0", "a.txt", 0, 9), TURNED, score=1.0, rank=1), ARTICLE))
    assert (hit.count(TURNED), hit.count(NOTE), outside(hit)) == (1, 1, set())
    assert TURNED in plain(article_pieces(ARTICLE, start=0, end=3))
    verdict = Verdict(TURNED, 0, 9, Status.EXACT, source=TURNED, article_id=TURNED, source_start=0)
    told = plain(verdict_pieces(verdict))
    assert told.count(NOTE) == 1
    assert f"— {marked(TURNED)} 0" in told


@pytest.mark.parametrize("form", FORMATS)
def test_a_citation_says_so_where_a_person_reads_it(form):
    told = cite(QUOTED, url=None, form=form)
    if form in ("markdown", "plain", "html"):
        assert NOTE in told
        assert told.count(TURNED) == 1
        assert outside(told) == set()
    if form == "bibtex":
        assert r"{\symbol{8238}}" in told
        assert not set(CONTROLS) & set(told)
    assert NOTE not in cite(quote_of("plain words"), url=None, form=form)


def test_a_page_isolates_and_names_each_and_its_text_stays_exact():
    turn = StoredTurn(1, TURNED, ANSWER, datetime(2023, 1, 1, tzinfo=UTC))
    verdict = Verdict(TURNED, 0, len(TURNED), Status.EXACT, source=TURNED, article_id="a.txt", source_start=0)
    pages = {
        "turn": turn_html(ANSWER, number=1),
        "notice": notice_html(TURNED, TURNED),
        "article": article_html(ARTICLE, start=0, end=len(TURNED)),
        "draft": draft_html(TURNED, [verdict], {"a.txt": TURNED}),
        "export": conversation_page(TURNED, [turn], created=datetime(2023, 1, 1, tzinfo=UTC)),
        "table": timeline_table_html(ANSWER),
    }
    for html in pages.values():
        text = re.sub(r'="[^"]*"', "", html)
        assert not set(CONTROLS) & set(text)
        read = Html(html)
        marks = [(attrs["data-code"], "".join(held)) for tag, attrs, held in read.elements if tag == "bdi"]
        assert marks
        assert all(code == code_of(char) for code, char in marks)
    assert set(Html(pages["turn"]).of("words")) == set(Html(pages["export"]).of("words")) == {TURNED}
    assert "".join(Html(pages["article"]).of("slice")) == TURNED
    assert Html(pages["article"]).of("article-text") == [TURNED * 2]
    assert Html(pages["export"]).of("title") == [marked(TURNED)]
    assert ".bidi::before" in pages["export"]


def test_an_attribute_has_the_text_itself_and_no_element():
    html = Html(action("ask", TURNED, hint=TURNED, question=TURNED))
    (button, *_) = html.elements
    assert button[1]["data-question"] == button[1]["aria-label"] == TURNED
    assert "".join(button[2]) == TURNED
    assert text_html("<b>") == "&lt;b&gt;"


def test_in_slack_the_quotation_is_exact_and_the_rest_is_marked():
    (message,) = answer_messages(ANSWER, asked=True)
    told = json.loads(json.dumps(message.fields))
    assert blockkit.quotations(told) == [TURNED, TURNED]
    assert json.dumps(told, ensure_ascii=False).count(NOTE) == 2
    assert outside(json.dumps(told, ensure_ascii=False)) == set()
    assert not set(CONTROLS) & set(message.text)
    verdict = Verdict(TURNED, 0, 9, Status.EXACT, source=TURNED, article_id=TURNED, source_start=0)
    checked = verdict_message([verdict], title=lambda ident: ident, link=lambda _: None)
    written = json.dumps(checked.fields, ensure_ascii=False)
    assert (written.count(NOTE), written.count(TURNED), outside(written)) == (1, 1, set())
