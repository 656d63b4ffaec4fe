"""`python -m tests.security` tries every attack on every set-up; the table goes into docs/security.md."""

from __future__ import annotations

import re
import shutil
import tempfile
from contextlib import ExitStack
from pathlib import Path

from onrecord import Settings, build_index
from tests.security.attempts import ATTEMPTS, SETUPS
from tests.security.staging import scene
from tests.shared import ROOT

PAGE = ROOT / "docs" / "security.md"
_TABLE = re.compile(r"(?<=<!-- attempts -->\n).*?(?=<!-- /attempts -->)", re.DOTALL)


def table(rows: dict[str, list[str]]) -> str:
    """Write what came back as a table in Markdown."""
    head = ["tried", *SETUPS]
    lines = [head, ["---"] * len(head), *([name, *cells] for name, cells in rows.items())]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def read_table(page: str) -> dict[str, dict[str, str]]:
    """Read the table back: what is tried, to the set-up, to what came back."""
    found = _TABLE.search(page)
    lines = [line.strip("| ").split(" | ") for line in (found[0] if found else "").splitlines()]
    return {name: dict(zip(SETUPS, cells, strict=True)) for name, *cells in lines[2:]}


def main() -> None:
    folder = Path(tempfile.mkdtemp())
    shutil.copytree(ROOT / "corpus", folder / "corpus")
    settings = Settings.load(corpus=folder / "corpus", index=folder / "index")
    build_index(settings)
    rows: dict[str, list[str]] = {name: [] for name in ATTEMPTS}
    for number, setup in enumerate(SETUPS.values()):
        (folder / str(number)).mkdir()
        with ExitStack() as stack:
            staged = stack.enter_context(scene(settings, folder / str(number), setup))
            for name, attempt in ATTEMPTS.items():
                rows[name].append(attempt(staged))
    page = PAGE.read_text(encoding="utf-8")
    PAGE.write_text(_TABLE.sub(lambda _: table(rows), page), encoding="utf-8")
    print(table(rows))
    shutil.rmtree(folder)


if __name__ == "__main__":
    main()
