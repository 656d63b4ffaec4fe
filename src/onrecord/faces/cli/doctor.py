"""What `onrecord doctor` looks at: each row is a check, what it found, and what to do where it fails."""

from __future__ import annotations

import os
import platform
import shutil
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from onrecord.errors import OnrecordError
from onrecord.render.pieces import Piece, Style
from onrecord.wording.dates import count

if TYPE_CHECKING:
    from onrecord.settings import Settings
    from onrecord.state import StateFolder

_OTHER_MODEL = "The corpus or the model changed since the index was built."
_MINIMUM_FREE = 200_000_000
_COPIES = 3  # the index in use, the one being built, and the private copy that serves


@dataclass(frozen=True, slots=True)
class Row:
    """One check.

    Attributes:
        check: What was looked at.
        ok: Whether it is as it should be.
        state: What was found.
        remedy: What to do, where it is not.
    """

    check: str
    ok: bool
    state: str
    remedy: str = ""


def examine(settings: Settings) -> Iterator[Row]:
    """Look at everything that a question needs, the cheapest first."""
    checks: tuple[tuple[str, Callable[[Settings], str]], ...] = (
        ("python", _python),
        ("disk space", _disk),
        ("model files", _model),
        ("corpus", _corpus),
        ("index files", _index),
        ("question encoder", _encoder),
        ("reader", _reader),
        ("in step", _in_step),
        ("origin", _origin),
        ("state", _state),
        ("slack", _slack),
    )
    for name, check in checks:
        yield _row(name, check, settings)


def _row(name: str, check: Callable[[Settings], str], settings: Settings) -> Row:
    try:
        return Row(name, ok=True, state=check(settings))
    except OnrecordError as error:
        return Row(name, ok=False, state=error.message, remedy=error.remedy)
    except Exception as error:  # noqa: BLE001  (whatever is broken, the other rows are wanted)
        return Row(
            name, ok=False, state=f"{type(error).__name__}: {error}", remedy="Report this with --debug."
        )


def row_pieces(row: Row) -> Iterator[Piece]:
    """Write a row out."""
    yield Piece("ok    " if row.ok else "FAIL  ", Style.GOOD if row.ok else Style.BAD)
    yield Piece(f"{row.check:<17} {row.state}\n")
    if row.remedy:
        yield Piece(f"{'':<24}{row.remedy}\n", Style.STRONG)


def _python(_: Settings) -> str:
    return _require_python(sys.version_info[:2], platform.python_version())


def _require_python(version: tuple[int, int], name: str) -> str:
    if version < (3, 11):
        raise OnrecordError(f"This is Python {name}.", remedy="Install Python 3.11 or newer.")
    return f"Python {name}"


def _disk(settings: Settings) -> str:
    folder = settings.index.absolute()
    while not folder.exists():
        folder = folder.parent
    free, wanted = shutil.disk_usage(folder).free, max(_MINIMUM_FREE, _COPIES * _bytes(settings.index))
    if free < wanted:
        raise OnrecordError(
            f"{free // 1_000_000:,} MB free in {folder}, {wanted // 1_000_000:,} MB wanted.",
            remedy="Free some space, or put the index elsewhere with --index.",
        )
    return f"{free // 1_000_000:,} MB free in {folder}"


def _bytes(index: Path) -> int:
    from onrecord.index.generation import newest_name

    name = newest_name(index)
    files = (index / name).rglob("*") if name else ()
    return sum(file.stat().st_size for file in files if file.is_file())


def _model(settings: Settings) -> str:
    from onrecord.models.weights import DEFAULT_MODEL, find_weights

    weights = find_weights(settings.embedding)
    against = "as published" if weights.name == DEFAULT_MODEL else "hashed"
    return f"{weights.name}: {count(len(weights.files), 'file')}, {against}"


def _corpus(settings: Settings) -> str:
    from onrecord.corpus.folder import read_corpus

    return read_corpus(settings.corpus, max_bytes=settings.max_file_bytes).summary()


def _index(settings: Settings) -> str:
    from onrecord.index.generation import open_current

    generation = open_current(settings.index, full=True, key=settings.signing)
    return f"{generation.name}: every file as its manifest says"


def _encoder(settings: Settings) -> str:
    from onrecord.index.generation import open_current
    from onrecord.index.manifest import MODEL_FOLDER
    from onrecord.models.question_encoder import QuestionEncoder

    generation = open_current(settings.index, key=settings.signing)
    vector = QuestionEncoder.open(generation.path / MODEL_FOLDER).encode("Who said it?")
    return f"opens, {len(vector)} dimensions"


def _reader(settings: Settings) -> str:
    from onrecord.retrieval.judge import open_judge

    return "none is set" if open_judge(settings.reader).reader is None else f"opens ({settings.reader})"


def _in_step(settings: Settings) -> str:
    from onrecord.corpus.folder import read_corpus
    from onrecord.index.build import difference
    from onrecord.index.generation import open_current
    from onrecord.models.weights import find_weights

    generation = open_current(settings.index, key=settings.signing)
    corpus = read_corpus(settings.corpus, max_bytes=settings.max_file_bytes)
    differs = difference(generation, corpus.articles, model=find_weights(settings.embedding).fingerprint)
    if differs is None:
        return "the index holds this corpus"
    told = f"The index is not of this corpus: {differs} differs." if differs else _OTHER_MODEL
    raise OnrecordError(told, remedy="Run `onrecord index`.")


def _origin(settings: Settings) -> str:
    from onrecord.index.generation import open_current

    return open_current(settings.index, key=settings.signing).origin.told


def _state(settings: Settings) -> str:
    folder = settings.state_folder
    if folder is None:
        return f"what is kept lies in {settings.memory}, and beside it; ONRECORD_CONVERSATIONS says so"
    folder.check()
    _require_one_history(folder)
    later = ", ".join(str(old) for old in folder.left())
    taken = f"; {later} will be taken along when something is next kept" if later else ""
    return f"{folder.path}: {_kept(folder.path)}{taken}{_unwritable(folder.path)}"


def _require_one_history(folder: StateFolder) -> None:
    stays = ", ".join(str(old) for old in folder.passed_over())
    if stays:
        raise OnrecordError(
            f"{folder.path} is in use, and {stays} was not taken along: what it holds is not shown.",
            remedy="Move the old files away. Or stop the server and move away the new ones in their place: "
            "then the old ones are taken along.",
        )


def _unwritable(folder: Path) -> str:
    place = folder if folder.exists() else folder.parent
    return "" if os.access(place, os.W_OK) else f"; {place} cannot be written, so nothing is kept"


def _kept(folder: Path) -> str:
    if not folder.is_dir():
        return "made when something is first kept"
    files = sorted(path for path in folder.iterdir() if not path.name.startswith("."))
    return ", ".join(f"{path.name} ({path.stat().st_size:,} bytes)" for path in files) or "nothing yet"


def _slack(_: Settings) -> str:
    from onrecord.faces.slack.settings import SlackSettings

    slack = SlackSettings.load()
    if not slack.on:
        given = [name for name in ("signing_secret", "bot_token", "app_token") if getattr(slack, name)]
        if given:
            raise OnrecordError(
                f"Half set up: SLACK_{given[0].upper()} alone does nothing.",
                remedy="Set SLACK_SIGNING_SECRET and SLACK_BOT_TOKEN; for Socket Mode SLACK_APP_TOKEN too.",
            )
        return "off; SLACK_SIGNING_SECRET and SLACK_BOT_TOKEN turn it on, see docs/slack.md"
    from onrecord.faces.slack.check import who_we_are

    ways = [way for way, on in (("HTTP", slack.over_http), ("Socket Mode", slack.over_socket)) if on]
    return f"{who_we_are(slack)}, by {' and '.join(ways)}"
