"""docs/cli.md, made from the command line's own help: `python -m tools.docs_cli --write`."""

from __future__ import annotations

import io
import os
import sys
from contextlib import redirect_stdout
from pathlib import Path
from unittest.mock import patch

from onrecord.faces.cli.app import main

PAGE = Path(__file__).resolve().parents[1] / "docs" / "cli.md"
COMMANDS = (
    "index", "ask", "chat", "serve", "mcp", "batch", "search", "show", "verify", "statements", "speakers",
    "quotes", "eval", "info", "doctor", "slack",
)  # fmt: skip
BELOW = ("slack manifest", "slack post", "slack digest")
_HEAD = """# The command line

<!-- Written by `python -m tools.docs_cli --write` from the help text. -->

Exit codes: 0 when a command did what was asked (a refusal is an answer), 1 when a check failed, 2 when it
could not be done, 70 on a fault in onrecord itself, 130 when interrupted. What went wrong is one sentence on
standard error that says what to do.
"""


def page() -> str:
    parts = [_HEAD, _block("onrecord", [])]
    parts += [_block(f"onrecord {name}", name.split()) for name in (*COMMANDS, *BELOW)]
    return "\n".join(parts)


def _block(title: str, arguments: list[str]) -> str:
    out = io.StringIO()
    with redirect_stdout(out), patch.dict(os.environ, COLUMNS="100"):
        code = main([*arguments, "--help"])
    if code:
        raise SystemExit(f"{title} --help ended with {code}")
    text = "\n".join(line.rstrip() for line in out.getvalue().strip().splitlines())
    return f"## {title}\n\n```text\n{text}\n```\n"


if __name__ == "__main__":
    if sys.argv[1:] != ["--write"]:
        raise SystemExit("usage: python -m tools.docs_cli --write")
    PAGE.write_text(page(), encoding="utf-8")
