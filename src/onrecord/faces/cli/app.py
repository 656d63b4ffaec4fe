"""The command line: a thin face of the library.

Every command ends with exit code 0 when it did what was asked (a refusal is an answer), 1 when a check
failed, 2 when it could not be done, 70 on a fault in onrecord itself and 130 when interrupted. Libraries are
imported inside the commands, so that ``onrecord --help`` costs next to nothing.
"""

from __future__ import annotations

import sys
import traceback
from collections.abc import Sequence
from contextlib import redirect_stderr, redirect_stdout, suppress
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from onrecord import __version__
from onrecord.errors import OnrecordError
from onrecord.faces.cli.evaluate import eval_command
from onrecord.faces.cli.options import (
    IndexOptions,
    JsonOption,
    PlaceOptions,
    Run,
    SearchFilters,
    announcer,
    drop_output,
    read_bytes,
    show,
    show_json,
)
from onrecord.faces.cli.slack import slack
from onrecord.faces.cli.speakers import quotes_command, speakers_command
from onrecord.faces.cli.statements import statements_command
from onrecord.faces.cli.verify import verify_command
from onrecord.faces.spread import spread
from onrecord.text.direction import one_line

_FAULT = 70
_INTERRUPTED = 130

app = typer.Typer(
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    no_args_is_help=True,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
app.add_typer(slack, name="slack")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command.

    Args:
        arguments: Without the program's name; the process's own when None.

    Returns:
        The exit code.
    """
    from onrecord.faces.cli.terminal import guarded, prepare

    prepare(sys.stdout)
    prepare(sys.stderr)
    with redirect_stdout(guarded(sys.stdout)), redirect_stderr(guarded(sys.stderr)):
        return _run(arguments)


def _run(arguments: Sequence[str] | None) -> int:
    run = Run()
    try:
        app(arguments, prog_name="onrecord", obj=run)
        sys.stdout.flush()
    except SystemExit as ended:
        return _exit_code(ended)
    except OnrecordError as error:
        return _fail(str(error), code=2, run=run)
    except KeyboardInterrupt:
        return _INTERRUPTED
    except BrokenPipeError:
        return drop_output()
    except BaseException as error:  # noqa: BLE001  (one line instead of a traceback; Rust panics are no Exception)
        from onrecord.faces.cli.batch import fault_line

        return _fail(f"{fault_line(error)} (--debug shows where.)", code=_FAULT, run=run)
    return 0


def _exit_code(ended: SystemExit) -> int:
    if isinstance(ended.__context__, BrokenPipeError):
        return drop_output()  # Typer makes an exit of it
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        return drop_output()
    return ended.code if isinstance(ended.code, int) else int(ended.code is not None)


def _fail(sentence: str, *, code: int, run: Run) -> int:
    from onrecord.text.direction import visible

    if run.debug:
        traceback.print_exc()
    with suppress(BrokenPipeError):
        sys.stderr.write(f"{visible(one_line(sentence))}\n")
    return code


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"onrecord {__version__}")
        raise typer.Exit


@app.callback()
def _start(
    context: typer.Context,
    debug: Annotated[bool, typer.Option("--debug", help="Show a traceback when something fails.")] = False,
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Answer questions from a corpus of news articles, in exact quotations."""
    del version  # its callback has answered
    context.ensure_object(Run).debug = debug


@app.command("index")
@spread("at")
def _index(
    rebuild: Annotated[bool, typer.Option("--rebuild", help="Make everything anew.")] = False,
    *,
    at: IndexOptions,
    as_json: JsonOption = False,
) -> None:
    """Bring the index up to date with the corpus.

    Unchanged articles are not embedded again. The old index answers until the new one is whole.
    """
    from onrecord.faces.cli.progress import Bars
    from onrecord.index.build import build_index
    from onrecord.render.pieces import build_pieces

    settings = at.settings
    with Bars() as bars:
        report = build_index(settings, rebuild=rebuild, progress=bars.step)
    if as_json:
        return show_json(asdict(report))
    return show(*build_pieces(report))


@app.command("ask")
@spread("filters", "at")
def _ask(
    question: Annotated[str, typer.Argument(help="In plain words.", show_default=False)],
    *,
    filters: SearchFilters,
    at: IndexOptions,
    markdown: Annotated[bool, typer.Option("--markdown", help="Print Markdown.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Answer one question in exact quotations.

    Says so when the corpus does not answer it. A date is YYYY-MM-DD, YYYY-MM or YYYY.
    """
    from onrecord.render.json import answer_dict
    from onrecord.render.markdown import answer_markdown
    from onrecord.render.pieces import answer_pieces

    with at.open() as assistant:
        answer = assistant.ask(question, **asdict(filters))
    if as_json:
        return show_json(answer_dict(answer))
    if markdown:
        sys.stdout.write(answer_markdown(answer))
        return None
    return show(*answer_pieces(answer))


@app.command("chat")
@spread("filters", "at")
def _chat(
    conversation: Annotated[
        str | None, typer.Option("--conversation", metavar="ID", help="Go on with this one.")
    ] = None,
    web: Annotated[bool, typer.Option("--web", help="Open the page in a browser instead.")] = False,
    *,
    filters: SearchFilters,
    at: PlaceOptions,
) -> None:
    """Put one question after another.

    Each is understood in the light of those before. /help lists what else can be typed.
    """
    if web:
        import webbrowser

        from onrecord.faces.server import serve

        return serve(at.settings, announce=announcer(webbrowser.open))
    from onrecord.faces.cli.shell import run

    narrowed = asdict(filters)
    with at.open() as assistant:
        run(assistant, stdin=sys.stdin, stdout=sys.stdout, conversation_id=conversation, filters=narrowed)
    return None


@app.command("serve")
@spread("at")
def _serve(
    host: Annotated[str, typer.Option("--host", help="Address to bind to.")] = "127.0.0.1",
    port: Annotated[int, typer.Option("--port", min=0, max=65_535, help="0 picks a free one.")] = 7860,
    insecure: Annotated[
        bool, typer.Option("--insecure", help="Let other machines in without a token.")
    ] = False,
    *,
    at: PlaceOptions,
) -> None:
    """Open the chat page, and answer over HTTP.

    /docs on the address that is printed describes the interface. Ctrl-C ends it.
    """
    from onrecord.faces.server import serve

    serve(at.settings, host=host, port=port, insecure=insecure, announce=announcer())


@app.command("mcp")
@spread("at")
def _mcp(*, at: IndexOptions) -> None:
    """Answer an agent that speaks MCP, over standard input and output."""
    from onrecord.faces.mcp import serve_stdio

    serve_stdio(at.settings)


@app.command("batch")
@spread("filters", "at")
def _batch(
    questions: Annotated[
        Path,
        typer.Argument(
            metavar="QUESTIONS.jsonl", help="An object with id and question a line; - is standard input."
        ),
    ],
    out: Annotated[Path | None, typer.Option("--out", help="Write here instead, all or nothing.")] = None,
    *,
    filters: SearchFilters,
    at: IndexOptions,
) -> None:
    """Answer many questions, one JSON object a line.

    Each is that of `onrecord ask --json` with the question's own id, `ranked` (the ten best
    quotations before the refusal threshold) and `confidence` (what the threshold is applied to). A
    line may carry `history`: the earlier questions of its conversation. A line that cannot be used
    gives an object with `error`.
    """
    from onrecord.faces.cli.batch import answer_lines, output, read_lines
    from onrecord.faces.cli.progress import Bars

    lines = read_lines(read_bytes(questions))
    narrowed = asdict(filters)
    with at.open() as assistant:
        if any(narrowed.values()):
            # A filter that no question can pass is the caller's mistake, not each question's.
            assistant.search("news", limit=1, **narrowed)
        with output(out, standard=sys.stdout) as stream, Bars() as bars:
            advance = bars.counter("questions", len(lines))
            faults = answer_lines(assistant, lines, stream, filters=narrowed, advance=advance)
    if faults:
        sys.stderr.write(f"This is a fault in onrecord: it failed on {faults} of {len(lines)} questions.\n")
        raise typer.Exit(_FAULT)


@app.command("search")
@spread("filters", "at")
def _search(
    query: Annotated[str, typer.Argument(help="Words to look for.", show_default=False)],
    limit: Annotated[int, typer.Option("--limit", min=1, max=100, help="Passages, at most.")] = 10,
    *,
    filters: SearchFilters,
    at: IndexOptions,
    as_json: JsonOption = False,
) -> None:
    """Find passages, best first, without answering."""
    from onrecord.render.json import hit_dict
    from onrecord.render.pieces import hit_pieces

    with at.open() as assistant:
        hits = assistant.search(query, limit=limit, **asdict(filters))
        found = [(hit, assistant.article(hit.passage.article_id)) for hit in hits]
    if as_json:
        return show_json({"query": query, "hits": [hit_dict(*each) for each in found]})
    if not found:
        sys.stderr.write("No passage found.\n")
    return show(*(piece for each in found for piece in hit_pieces(*each)))


@app.command("show")
@spread("at")
def _article(
    article: Annotated[str, typer.Argument(metavar="ARTICLE", help="Its id.", show_default=False)],
    start: Annotated[int | None, typer.Option("--start", min=0, help="First code point to mark.")] = None,
    end: Annotated[int | None, typer.Option("--end", min=0, help="Past the last one.")] = None,
    *,
    at: IndexOptions,
    as_json: JsonOption = False,
) -> None:
    """Print an article's exact text.

    On a screen the slice from --start to --end stands out.
    """
    from onrecord.render.json import article_dict, edges
    from onrecord.render.pieces import article_pieces

    with at.open() as assistant:
        found = assistant.article(article)
        on_disk = assistant.on_disk(found)
    first, last = edges(len(found.text), start=start, end=end)
    if as_json:
        return show_json(article_dict(found, start=first, end=last, on_disk=on_disk))
    if on_disk.said:
        sys.stderr.write(f"{found.id}: {on_disk.said}.\n")
    return show(*article_pieces(found, start=first, end=last))


app.command("verify")(verify_command)
app.command("statements")(statements_command)
app.command("speakers")(speakers_command)
app.command("quotes")(quotes_command)
app.command("eval")(eval_command)


@app.command("info")
@spread("at")
def _info(*, at: IndexOptions, as_json: JsonOption = False) -> None:
    """Say what the index holds."""
    from onrecord.render.pieces import info_pieces

    with at.open() as assistant:
        info = assistant.info()
    if as_json:
        return show_json(asdict(info))
    return show(*info_pieces(info))


@app.command("doctor")
@spread("at")
def _doctor(*, at: PlaceOptions, as_json: JsonOption = False) -> None:
    """Check everything that a question needs.

    Each row that fails says what to do; then the exit code is 1.
    """
    from onrecord.faces.cli.doctor import examine, row_pieces

    rows = []
    for row in examine(at.settings):
        rows.append(row)
        if not as_json:
            show(*row_pieces(row))
    if as_json:
        show_json([asdict(row) for row in rows])
    if not all(row.ok for row in rows):
        raise typer.Exit(1)


if __name__ == "__main__":
    sys.exit(main())
