"""The chat in a terminal: a question a line, commands that begin with a slash.

On a screen an answer is shown while it is made, and Ctrl-C stops the answer
and not the chat. Through a pipe each answer is written whole, as ``onrecord
ask`` writes it.
"""

from __future__ import annotations

import io
import shlex
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, suppress
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

from onrecord.assistant.conversation import Conversation
from onrecord.errors import OnrecordError, QuestionError
from onrecord.faces.cli.batch import output
from onrecord.faces.cli.terminal import screen, write
from onrecord.render.markdown import conversation_markdown
from onrecord.render.pieces import (
    Piece,
    Style,
    answer_pieces,
    caveat_pieces,
    note_pieces,
    table_pieces,
)
from onrecord.text.direction import one_line, visible
from onrecord.types import NARROWING, Answer, Part, Progress, Withdrawn, described, read_filters
from onrecord.wording.answer_text import marks, searched_line
from onrecord.wording.dates import count
from onrecord.wording.source_line import cited_line, source_line

if TYPE_CHECKING:
    from onrecord.assistant.assistant import Assistant

_COMMANDS = {
    "/help": "what can be typed",
    "/filters": "show what the search is narrowed to",
    "/filters since 2022 until 2023 outlet NAME article ID speaker NAME": "narrow it; each may be left out",
    "/filters clear": "search everything again",
    "/sources": "what the last answer quotes, and where it stands",
    "/export FILE.md": "write the conversation to a file; /export! overwrites one",
    "/new": "begin another conversation",
    "/list": "conversations that are kept",
    "/open ID": "go on with one of them; the beginning of its id will do",
    "/rename TITLE": "give this one another title",
    "/delete!": "delete this one",
    "/quit": "end; so do Ctrl-D and an empty line",
}
_SHORT = 8
_LISTED = 20


def run(
    assistant: Assistant,
    *,
    stdin: TextIO,
    stdout: TextIO,
    stderr: TextIO | None = None,
    conversation_id: str | None = None,
    filters: Mapping[str, Any] | None = None,
) -> None:
    """Answer questions until an empty line, the end of the input, or ``/quit``."""
    if isinstance(stdin, io.TextIOWrapper) and not stdin.isatty():
        stdin.reconfigure(encoding="utf-8", errors="replace")
    shell = Shell(assistant, stdin=stdin, stdout=stdout, stderr=stderr or sys.stderr)
    shell.narrow(filters or {})
    if conversation_id is not None:
        shell.open(conversation_id)
    shell.run()


class Shell:
    """One chat in a terminal, or through a pipe.

    Args:
        assistant: To answer.
        stdin: Questions and commands.
        stdout: Answers.
        stderr: What could not be done.
    """

    def __init__(
        self,
        assistant: Assistant,
        *,
        stdin: TextIO,
        stdout: TextIO,
        stderr: TextIO,
    ) -> None:
        self._assistant = assistant
        self._in, self._out, self._err = stdin, stdout, stderr
        self._filters: dict[str, Any] = {}
        self._live = stdin.isatty() and stdout.isatty()
        self._line = _ProgressLine(stdout)
        self._talk = assistant.conversation()
        self._commands: dict[str, Callable[[str], None]] = {
            "/help": self._help,
            "/filters": self._filter,
            "/sources": self._sources,
            "/export": self._export,
            "/export!": self._overwrite,
            "/new": self._new,
            "/list": self._list,
            "/open": self.open,
            "/rename": self._rename,
            "/delete!": self._delete,
        }

    def run(self) -> None:
        """Take line after line."""
        if self._live:
            self._say("Ask in English. /help lists what else can be typed.\n", Style.FAINT)
        while True:
            try:
                line = self._next_line()
                if not line or line == "/quit":
                    break
                self._take(line)
            except KeyboardInterrupt:
                if not self._live:
                    raise
                self._say("\n(Ctrl-D or /quit ends the chat.)\n", Style.FAINT)
            except OnrecordError as error:
                self._line.clear()
                self._err.write(f"{visible(one_line(str(error)))}\n")
                self._err.flush()
        if self._live and self._talk.title:
            told = f"Kept as {self._talk.id[:_SHORT]}: {one_line(self._talk.title)}\n"
            self._say(told, Style.FAINT)

    def _next_line(self) -> str:
        if not self._live:
            return self._in.readline().strip()
        with suppress(ImportError):
            import readline  # noqa: F401  (lets input() edit the line and recall earlier ones)
        try:
            return input("\nQuestion: ").strip()
        except EOFError:
            self._say("\n")
            return ""

    def _take(self, line: str) -> None:
        if not line.startswith("/"):
            return self._answer(line)
        name, _, rest = line.partition(" ")
        command = self._commands.get(name)
        if command is None:
            raise QuestionError(f"There is no command {name[:40]}.", remedy="/help lists them.")
        return command(rest.strip())

    # --- answers

    def _answer(self, question: str) -> None:
        try:
            with closing(self._talk.stream(question, **self._filters)) as events:
                answer, shown = self._follow(events)
        except KeyboardInterrupt:
            self._line.clear()
            if not self._live:
                raise
            return self._say("\nStopped: this answer is not whole and is not kept.\n", Style.BAD)
        return self._write(*self._rest(answer, shown), *_footnote(answer))

    def _follow(self, events: Iterator[Progress | Part | Answer]) -> tuple[Answer, list[Part]]:
        """Show an answer while it is made; through a pipe, only when it is whole."""
        shown: list[Part] = []
        read_as = ""
        for event in events:
            if isinstance(event, Answer):
                self._line.clear()
                return event, shown
            if isinstance(event, Progress):
                read_as = event.told if event.step == "condense" else read_as
                self._line.show(event.told)
            elif event.text and self._live:
                # Without a chat model the parts come with the answer, whose opening words they lack.
                self._line.clear()
                head = [Piece(f"{one_line(read_as)}\n", Style.FAINT)] if read_as and not shown else []
                self._write(*head, *_part_pieces(event))
                shown.append(event)
        raise RuntimeError("a stream ended without an answer")

    def _rest(self, answer: Answer, shown: list[Part]) -> Iterator[Piece]:
        """What the parts have not shown; all of it, where they are not what the answer came to."""
        if shown and _same(answer, shown):
            yield Piece(f"\n— {one_line(answer.mode)}'s words, but for what is quoted\n", Style.FAINT)
            yield from caveat_pieces(answer)
            for line in (answer.notice, searched_line(answer.searched)):
                yield Piece(f"{one_line(line)}\n" if line else "", Style.FAINT)
            return
        if shown:
            yield Piece("\nWhat stands above was broken off. This is the answer:\n", Style.BAD)
        # On a screen the question stands above, where it was typed.
        yield from islice(answer_pieces(answer), int(self._live), None)

    # --- commands

    def _help(self, _: str) -> None:
        self._write(*table_pieces(_COMMANDS))

    def _filter(self, rest: str) -> None:
        if rest == "clear":
            self._filters = {}
        elif rest:
            self.narrow(_narrowing(rest))
        told = described(read_filters(**self._filters))
        self._say(f"Searching {f'within {one_line(told)}' if told else 'everything'}.\n")

    def narrow(self, filters: Mapping[str, Any]) -> None:
        """Narrow the search; what is not given stays as it is."""
        changed = self._filters | {name: value for name, value in filters.items() if value}
        if changed:
            self._assistant.search("news", limit=1, **changed)  # an unknown name is told now, not later
        self._filters = changed

    def _sources(self, _: str) -> None:
        turns = self._talk.memory.turns(self._talk.id, owner=self._talk.owner, last=1)
        quotes = self._assistant.recall(turns)[0].answer.quotes if turns else ()
        for number, quote in enumerate(quotes, 1):
            told = one_line(quote.line) if isinstance(quote, Withdrawn) else cited_line(quote)
            self._say(f"[{number}] {told}\n")
        if not quotes:
            self._say("Nothing is quoted yet.\n" if not turns else "The last answer quotes nothing.\n")

    def _export(self, name: str) -> None:
        path = Path(name).expanduser()
        if name and path.exists() and not (self._live and self._agrees(f"Overwrite {name}?")):
            raise OnrecordError(f"{name} is there already.", remedy="/export! overwrites it.")
        self._overwrite(name)

    def _overwrite(self, name: str) -> None:
        told = conversation_markdown(self._talk)
        if not name or not told:
            why = "Nothing has been answered yet." if name else "The export needs the name of a file."
            raise OnrecordError(why, remedy="Ask, then type /export FILE.md.")
        try:
            with output(Path(name).expanduser(), standard=self._out) as stream:
                # UTF-8 has no lone surrogates, which an article may have.
                stream.write(told.encode("utf-8", "backslashreplace").decode())
        except OnrecordError as error:
            raise OnrecordError(error.message, remedy="Name another file.") from error
        self._say(f"Written to {one_line(name)}.\n")

    def _agrees(self, question: str) -> bool:
        with suppress(EOFError):
            return input(f"{visible(question)} [y/N] ").strip().lower() in ("y", "yes")
        return False

    def _new(self, _: str) -> None:
        self._talk = self._assistant.conversation(owner=self._talk.owner)
        self._say("A new conversation.\n")

    def _list(self, _: str) -> None:
        headings = self._talk.memory.headings(owner=self._talk.owner)
        for heading in headings[:_LISTED]:
            here = "*" if heading.id == self._talk.id else " "
            when, held = heading.updated.date().isoformat(), count(heading.turns, "question")
            self._say(f"{here} {heading.id[:_SHORT]}  {when}  {one_line(heading.title)} ({held})\n")
        more = len(headings) - _LISTED
        if more > 0 or not headings:
            self._say(f"And {more} older.\n" if headings else "No conversation is kept yet.\n", Style.FAINT)

    def open(self, beginning: str) -> None:
        """Go on with a conversation that is kept."""
        memory, owner = self._talk.memory, self._talk.owner
        self._talk = Conversation.find(self._assistant, memory, beginning, owner=owner)
        self._say(f"{one_line(self._talk.title)}\n", Style.STRONG)
        for turn in self._talk.turns[-3:]:
            self._say(f"Asked: {one_line(turn.question)}\n", Style.FAINT)

    def _rename(self, title: str) -> None:
        self._talk.rename(title)
        self._say(f"Now called {one_line(self._talk.title)}.\n")

    def _delete(self, _: str) -> None:
        self._talk.delete()
        self._say("Deleted. ")
        self._new("")

    def _say(self, text: str, style: Style = Style.PLAIN) -> None:
        self._write(Piece(text, style))

    def _write(self, *pieces: Piece) -> None:
        write(pieces, self._out)


class _ProgressLine:
    """The step that was done last: faint, on a line of its own that the next text takes over."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = screen(stream)
        self._on = stream.isatty()
        self._shown = False

    def show(self, told: str) -> None:
        """Put a step in the place of the one before; a pipe gets none."""
        if not self._on or not told:
            return
        from rich.console import Console
        from rich.text import Text

        self.clear()
        console = Console(file=self._stream, markup=False, emoji=False, highlight=False)
        if console.is_dumb_terminal:
            return
        line = Text(visible(one_line(told)), style="dim")
        line.truncate(console.width - 1, overflow="ellipsis")
        console.print(line, end="", no_wrap=True)
        self._stream.flush()
        self._shown = True

    def clear(self) -> None:
        """Take it away."""
        if not self._shown:
            return
        self._stream.write("\r\x1b[2K")
        self._stream.flush()
        self._shown = False


def _narrowing(rest: str) -> dict[str, Any]:
    """Read ``since 2022 outlet "The Times"``; an outlet, article or speaker may be named more than once."""
    usage = (
        "Type /filters since DATE until DATE outlet NAME article ID speaker NAME,"
        " names of several words in quotes."
    )
    try:
        words = shlex.split(rest)
    except ValueError:
        raise QuestionError("A quotation mark is not closed.", remedy=usage) from None
    given: dict[str, Any] = {}
    for name, value in zip(words[::2], words[1::2], strict=False):
        given[name] = [*given.get(name, []), value] if name not in ("since", "until") else value
    if len(words) % 2 or not given.keys() <= set(NARROWING):
        raise QuestionError("These filters cannot be read.", remedy=usage)
    return given


def _part_pieces(part: Part) -> Iterator[Piece]:
    """Write out a sentence of a chat model's prose, and the quotations that come with it."""
    yield Piece(f"\n{one_line(part.text)} {marks(part.numbers)}\n")
    for number, quote in part.quotes:
        yield Piece(f"\n[{number}]\n")
        yield Piece(quote.text, Style.QUOTE)
        yield Piece(f"\n— {source_line(quote)}\n", Style.FAINT)
        yield from note_pieces(quote.text)


def _same(answer: Answer, shown: list[Part]) -> bool:
    """Say whether the parts are all of the answer, and nothing else."""
    quotes = {number: quote for part in shown for number, quote in part.quotes}
    claims = [(part.text, part.numbers) for part in shown]
    return claims == [(claim.text, claim.quotes) for claim in answer.claims] and quotes == dict(
        enumerate(answer.quotes, 1)
    )


def _footnote(answer: Answer) -> Iterator[Piece]:
    """Say why claims of a chat model were left out, and how many."""
    if answer.dropped:
        told = ", ".join(f"{number:,} × {one_line(why)}" for why, number in answer.dropped.items())
        yield Piece(f"Left out: {told}.\n", Style.FAINT)
