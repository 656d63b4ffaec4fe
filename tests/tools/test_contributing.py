"""What is written for who works on the code names what is there, and hooks run what `make lint` runs."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from tests.shared import ROOT

DECISIONS = sorted((ROOT / "docs" / "decisions").glob("[0-9]*.md"))
PAGES = [ROOT / "CONTRIBUTING.md", ROOT / "docs" / "architecture.md", *DECISIONS]
PAGES_WITH_LINKS = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]
_BESIDE = ("tests/", "tools/", "docs/")


def read(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def place(name: str) -> Path:
    """A name is one in the package, unless it begins with another folder of the project."""
    return ROOT / name if name.startswith(_BESIDE) else ROOT / "src" / "onrecord" / name


@pytest.mark.parametrize("page", PAGES, ids=lambda path: path.stem)
def test_files_and_folders_that_a_page_names_are_there(page):
    named = re.findall(r"`((?:[a-z0-9_-]+/)+(?:[a-z0-9_-]+\.\w+)?|[a-z]+/[a-z]+)`", read(page))
    assert [name for name in named if not place(name).exists()] == []


def test_the_pages_name_many_files():
    named = re.findall(r"`(?:[a-z_]+/)+[a-z_]+\.py`", "".join(map(read, PAGES)))
    assert len(set(named)) > 50


@pytest.mark.parametrize("page", PAGES_WITH_LINKS, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_to_other_pages_lead_somewhere(page):
    links = re.findall(r"\]\((?!https?:|#)([^)#\s]+)", read(page))
    assert [link for link in links if not (page.parent / link).exists()] == []


def test_the_list_of_decisions_says_what_their_pages_say():
    page = read(DECISIONS[0].parent / "README.md")
    rows = re.findall(r"^\| (\d+) \| \[(.+)\]\((.+)\) \| (.+) \|$", page, re.MULTILINE)
    told = [(path, re.match(r"# (\d+)\. (.+)\n\nStatus: (.+)\.\n", read(path))) for path in DECISIONS]
    assert rows == [(of[1], of[2], path.name, of[3]) for path, of in told if of]
    assert [int(row[0]) for row in rows] == list(range(1, len(DECISIONS) + 1))


def test_hooks_run_what_make_lint_runs():
    recipe = re.search(r"^lint: .*\n((?:\t.*\n)+)", read(ROOT / "Makefile"), re.MULTILINE)
    assert recipe is not None
    commands = [line.removeprefix("\t@$(BIN)/").removesuffix(" .") for line in recipe[1].splitlines()]
    (repo,) = yaml.safe_load(read(ROOT / ".pre-commit-config.yaml"))["repos"]
    assert repo["repo"] == "local"
    assert [hook["entry"].removeprefix(".venv/bin/") for hook in repo["hooks"]] == commands
    assert {hook["language"] for hook in repo["hooks"]} == {"system"}
