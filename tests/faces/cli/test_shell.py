"""The chat in a terminal: through pipes, on a screen, and in a real pseudo-terminal."""

from __future__ import annotations

import asyncio
import io
import os
import pty
import re
import select
import subprocess
import sys
import time

import pytest

from onrecord import Assistant, Settings
from onrecord.errors import ConversationError, ProviderCutError, QuestionError
from onrecord.faces.cli.shell import run
from onrecord.index.newest import LiveIndex
from onrecord.render.markdown import conversation_markdown
from onrecord.render.pieces import answer_pieces, plain
from tests.shared import ROOT

ASKED = "What did Blinken say about the prospects of reviving the Iran nuclear deal?"
FOLLOWING = "And why now?"
FOREIGN = "What did the central bank of Japan decide about interest rates in Osaka?"
BLINKEN = "000_958ad2b006b0f065.txt"
CLAIM = "Blinken said there was no prospect for an agreement at this moment"
NO_PROSPECT = "no prospect for an agreement"


class Screen(io.StringIO):
    def isatty(self) -> bool:
        return True


class Writing:
    """A chat model that gives one good claim, then does what it was made to do."""

    name = "scripted:one"
    structured = True

    def __init__(self, ending: str) -> None:
        self.ending = ending

    async def stream(self, messages, **options):
        shown = messages[-1][1].split("\n")
        line = next(line for line in shown if NO_PROSPECT in line and line.startswith("["))
        number = line[1 : line.index("]")]
        yield f'{{"answerable": true, "claims": [{{"ids": [{number}], "claim": "{CLAIM}"}}'
        if self.ending == "wait":
            await asyncio.sleep(60)
        if self.ending == "fail":
            raise ProviderCutError("The chat model stopped midway.")
        yield f', {{"ids": [999], "claim": "{CLAIM}"}}]}}'

    async def complete(self, messages, **options):
        return "NONE"


@pytest.fixture
def settings(built_index, tmp_path) -> Settings:
    return built_index.model_copy(update={"conversations": tmp_path / "talk.sqlite", "reader": "none"})


@pytest.fixture
def chat(settings):
    """Type lines into a pipe: standard output, and the lines of standard error."""

    def typed(*lines: str, **options) -> tuple[str, list[str]]:
        out, err = io.StringIO(), io.StringIO()
        with Assistant.open(settings) as assistant:
            text = "".join(f"{line}\n" for line in lines)
            run(assistant, stdin=io.StringIO(text), stdout=out, stderr=err, **options)
        return out.getvalue(), err.getvalue().splitlines()

    return typed


@pytest.fixture
def screened(settings, monkeypatch):
    """Type lines on a screen, before a chat model: what is shown, without styles."""

    def typed(ending: str, *lines: str, term: str = "xterm") -> str:
        out = Screen()
        monkeypatch.setattr(sys, "stdin", Screen("".join(f"{line}\n" for line in lines)))
        monkeypatch.setenv("TERM", term)
        monkeypatch.setenv("COLUMNS", "100")
        with Assistant(settings, LiveIndex(settings), Writing(ending)) as assistant:
            run(assistant, stdin=sys.stdin, stdout=out)
        return re.sub(r"\x1b\[[0-9;]*m", "", out.getvalue())

    return typed


def kept_id(settings: Settings, title: str) -> str:
    with Assistant.open(settings) as assistant:
        headings = assistant.conversation().memory.headings()
    return next(heading.id for heading in headings if heading.title.startswith(title))


# Through a pipe


def test_a_pipe_gets_what_asking_gives(settings, chat):
    out, err = chat(ASKED, FOLLOWING, "", FOREIGN)
    with Assistant.open(settings) as assistant:
        talk = assistant.conversation()
        expected = [plain(answer_pieces(talk.ask(question))) for question in (ASKED, FOLLOWING)]
    assert (out, err) == ("".join(expected), [])
    assert "Searched as: And why now?" in out


def test_the_end_of_input_and_quit_end_it(chat):
    assert chat() == ("", [])
    assert chat("/quit", ASKED) == ("", [])


def test_what_cannot_be_done_is_one_line_and_the_chat_goes_on(chat, tmp_path):
    wrong = [
        "x" * 10_000, "?!", "/nonsense", "/filters since soon", '/filters outlet "Imaginary Times"',
        "/filters since", "/filters colour red", "/filters outlet 'open", "/open none", "/open", "/export",
        "/export nothing-yet.md", "/rename early", f"/export {tmp_path}",
    ]  # fmt: skip
    out, err = chat(*wrong, ASKED, f"/export! {tmp_path}/no/such/folder.md")
    assert len(err) == len(wrong) + 1
    assert all(re.fullmatch(r"[A-Z0-9'/\"].*\.", line) for line in err)
    assert "There is no command /nonsense. /help lists them." in err
    assert out.startswith(f"{ASKED}\n")
    assert [path.name for path in tmp_path.iterdir()] == ["talk.sqlite"]


def test_being_busy_is_one_line(settings):
    only = settings.model_copy(update={"max_concurrent": 1})
    out, err = io.StringIO(), io.StringIO()
    with Assistant.open(only) as assistant:
        other = assistant.stream(ASKED)
        next(other)
        run(assistant, stdin=io.StringIO(f"{ASKED}\n/help\n"), stdout=out, stderr=err)
        other.close()
    assert err.getvalue().count("\n") == 1
    assert "Ask again in a few seconds." in err.getvalue()
    assert "/filters" in out.getvalue()


def test_filters_stay_until_they_are_cleared(chat):
    out, err = chat(
        "/filters", f"/filters article {BLINKEN}", "/filters since 2022", ASKED, "/filters clear", ASKED
    )
    assert err == []
    assert out.startswith("Searching everything.\nSearching within article 000_958ad2b006b0f065.txt.\n")
    assert f"Searching within since 2022-01-01, article {BLINKEN}." in out
    assert out.count("Searched 1 article ") == 1
    assert out.count("Searched 2 articles ") == 1


def test_filters_of_the_command_line_are_checked_first(chat):
    assert "Searched 1 article " in chat(ASKED, filters={"article": [BLINKEN], "since": None})[0]
    with pytest.raises(QuestionError):
        chat(ASKED, filters={"outlet": ["The Imaginary Times"]})


def test_sources_say_where_the_last_answer_stands(settings, chat):
    out, _ = chat("/sources", ASKED, "/sources", FOREIGN, "/sources")
    with Assistant.open(settings) as assistant:
        quotes = assistant.ask(ASKED).quotes
    for number, quote in enumerate(quotes, 1):
        [line] = [line for line in out.splitlines() if line.startswith(f"[{number}] ") and "sha256" in line]
        assert f"{quote.file} {quote.start}–{quote.end}, sha256 {quote.sha256[:12]}" in line
    assert out.startswith("Nothing is quoted yet.\n")
    assert out.endswith("The last answer quotes nothing.\n")


def test_an_export_is_whole_and_overwrites_only_when_told(settings, chat, tmp_path):
    target = tmp_path / "talk one.md"
    target.write_text("old", encoding="utf-8")
    out, err = chat(ASKED, f"/export {target}")
    assert err == [f"{target} is there already. /export! overwrites it."]
    assert target.read_text(encoding="utf-8") == "old"
    out, err = chat(ASKED, FOLLOWING, f"/export! {target}")
    assert (err, out.endswith(f"Written to {target}.\n")) == ([], True)
    with Assistant.open(settings) as assistant:
        talk = assistant.conversation(assistant.conversation().memory.headings()[0].id)
        assert target.read_bytes().decode() == conversation_markdown(talk)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["talk one.md", "talk.sqlite"]


def test_conversations_are_listed_opened_renamed_and_deleted(settings, chat):
    chat(ASKED, "/rename Iran deal")
    name = kept_id(settings, "Iran deal")
    out, err = chat("/list", f"/open {name[:6]}", FOLLOWING, "/new", FOREIGN, "/list")
    assert err == []
    assert re.search(rf"^  {name[:8]}  \d{{4}}-\d\d-\d\d  Iran deal \(1 question\)$", out, re.MULTILINE)
    assert f"Iran deal\nAsked: {ASKED}\nAnd why now?\nSearched as: And why now?" in out
    assert re.search(r"^\* \w{8}  .*What did the central bank", out, re.MULTILINE)
    assert "Iran deal (2 questions)" in out
    out, err = chat("/delete!", "/list", conversation_id=name)
    assert "Deleted. A new conversation.\n" in out
    assert name[:8] not in out
    with pytest.raises(ConversationError):
        chat(conversation_id=name)


def test_nothing_is_kept_of_a_chat_without_an_answer(settings, chat):
    chat("/help", "/list", "/new")
    assert not settings.memory.exists()


# On a screen


def test_a_claim_is_shown_with_its_quotation_before_the_answer_is_whole(screened):
    shown = screened("go on", ASKED, "/sources")
    assert shown.count(CLAIM) == 1
    assert shown.index(f"{CLAIM} [1]") < shown.index("[1]\n  │ ") < shown.index("scripted:one's words")
    assert shown.count("\r\x1b[2K") >= 1
    assert shown.index("Searched 2") < shown.index("\r\x1b[2KRead ") < shown.index(f"\r\x1b[2K\n{CLAIM}")
    assert "Left out: 1 × cites a sentence that does not exist." in shown
    assert "1 claim of the chat model left out" in shown
    assert "Kept as " in shown


def test_an_answer_that_breaks_off_is_not_taken_for_whole(settings, screened):
    shown = screened("fail", ASKED)
    before, broken, after = shown.partition("What stands above was broken off.")
    assert (CLAIM in before, bool(broken), CLAIM in after) == (True, True, False)
    with Assistant.open(settings) as assistant:
        quotes = assistant.ask(ASKED).quotes
        kept = assistant.conversation().memory.turns(kept_id(settings, "What did"))
    assert all(line in after for quote in quotes for line in quote.text.split("\n"))
    assert "The chat model stopped midway." in after
    assert [turn.answer.mode for turn in kept] == ["reference"]


def test_a_dumb_terminal_gets_no_control_codes(screened):
    shown = screened("go on", ASKED, term="dumb")
    assert CLAIM in shown
    assert "\x1b[2K" not in shown


# In a terminal

CHAT = """
import fcntl, sys, termios
from pathlib import Path
from onrecord import Assistant, Settings
from onrecord.index.newest import LiveIndex
from onrecord.faces.cli.shell import run
from tests.faces.cli.test_shell import Writing
fcntl.ioctl(0, termios.TIOCSCTTY, 0)
settings = Settings.load(index=Path(sys.argv[1]), conversations=Path(sys.argv[2]))
with Assistant(settings, LiveIndex(settings), Writing("wait")) as assistant:
    run(assistant, stdin=sys.stdin, stdout=sys.stdout)
print("ended well")
"""


class Terminal:
    """A process in a pseudo-terminal."""

    def __init__(self, *arguments: str) -> None:
        self.end, other = pty.openpty()
        path = os.pathsep.join([str(ROOT / "src"), str(ROOT), os.environ["PYTHONPATH"]])
        environment = os.environ | {"PYTHONPATH": path, "TERM": "xterm", "COLUMNS": "100"}
        command = [sys.executable, "-c", CHAT, *arguments]
        ends = dict.fromkeys(("stdin", "stdout", "stderr"), other)
        self.process = subprocess.Popen(command, **ends, env=environment, cwd=ROOT, start_new_session=True)
        os.close(other)
        self.seen, self.at = "", 0

    def type(self, text: str) -> None:
        os.write(self.end, text.encode())

    def until(self, wanted: str) -> None:
        """Read until something is seen after what was seen last."""
        deadline = time.monotonic() + 40
        while wanted not in self.seen[self.at :]:
            assert time.monotonic() < deadline, f"no {wanted!r} after {self.at} in {self.seen!r}"
            if select.select([self.end], [], [], 0.2)[0]:
                self.seen += os.read(self.end, 65_536).decode(errors="replace")
        self.at = self.seen.index(wanted, self.at) + len(wanted)


def test_an_interrupt_stops_the_answer_and_not_the_chat(settings):
    terminal = Terminal(str(settings.index), str(settings.memory))
    try:
        terminal.until("Question: ")
        time.sleep(0.5)  # Python's input() misses a signal that comes just before it waits for a key
        terminal.type("\x03")
        terminal.until("ends the chat")
        terminal.until("Question: ")
        terminal.type(f"{ASKED}\r")
        terminal.until(CLAIM)
        began = time.monotonic()
        terminal.type("\x03")
        terminal.until("not kept")
        assert time.monotonic() - began < 10
        terminal.until("Question: ")
        terminal.type("/sources\r")
        terminal.until("Nothing is quoted yet.")
        terminal.until("Question: ")
        terminal.type("\x04")
        terminal.until("ended well")
        assert terminal.process.wait(timeout=20) == 0
    finally:
        terminal.process.kill()
        terminal.process.wait()
        os.close(terminal.end)
    assert "Traceback" not in terminal.seen
    assert not settings.memory.exists()
