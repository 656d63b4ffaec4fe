"""The command `onrecord verify`: every quotation of a draft held against the articles."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from onrecord.faces.cli.options import IndexOptions, JsonOption, read_text, show, show_json
from onrecord.faces.spread import spread


@spread("at")
def verify_command(
    draft: Annotated[Path, typer.Argument(metavar="FILE", help="UTF-8 text; - is standard input.")],
    *,
    at: IndexOptions,
    as_json: JsonOption = False,
) -> None:
    """Check every quotation in a draft.

    Each gets a verdict: exact, typographic (set differently), altered, stitched, misplaced (in another
    article than the one named), absent, or outdated (its file was changed or deleted since it was
    indexed). Exit code 1 when one is neither exact nor typographic. A
    true quotation is marked as clipped where it is cut so that its sense could turn, with the
    words that were left out.
    """
    from onrecord.render.json import verdicts_dict
    from onrecord.render.pieces import verdict_pieces
    from onrecord.wording.verdict_labels import checked_line

    text = read_text(draft)
    with at.open() as assistant:
        verdicts = assistant.verify(text)
    if as_json:
        show_json(verdicts_dict(verdicts))
    else:
        show(*(piece for verdict in verdicts for piece in verdict_pieces(verdict)))
        sys.stdout.write(f"{checked_line(verdicts)}\n")
    if not all(verdict.ok for verdict in verdicts):
        raise typer.Exit(1)
