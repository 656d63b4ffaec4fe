"""The project as a whole: what an import costs, what is promised in writing, how large things are."""

from __future__ import annotations

import ast
import hashlib
import logging
import os
import re
import shutil
import socket
import statistics
import subprocess
import sys
import tomllib
from importlib import import_module
from pathlib import Path

import pytest
import yaml
from importlinter.cli import lint_imports
from packaging.requirements import Requirement
from packaging.version import Version

import onrecord

ROOT = Path(__file__).resolve().parents[1]
MODULES = sorted((ROOT / "src" / "onrecord").rglob("*.py"))
LATE = {"chromadb", "gradio", "onnxruntime", "pandas", "sentence_transformers", "torch", "transformers"}
HEAVY = LATE | {"langchain", "langchain_core", "numpy", "pydantic", "typer", "yaml"}
ARTICLES = {
    "000_958ad2b006b0f065.txt": "62ea0a2ed5d675fa0ecbd590d09f64e9cf38aafd0fdb9c746c3cfce47663068a",
    "003_4bf6cde60e83d0fa.txt": "a7af33da01ef6fc55d09a1edd531e7913a908e488bc69770ddcae46bb6940b02",
}


def run(*command: str, cwd: Path = ROOT, **env: str) -> subprocess.CompletedProcess[str]:
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "MFLAGS"))}
    return subprocess.run(command, cwd=cwd, env=clean | env, capture_output=True, text=True, timeout=60)


def read(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


# What an import costs


def test_import_loads_nothing_heavy():
    code = "import sys, onrecord; dir(onrecord); onrecord.OnrecordError; print(*sys.modules)"
    loaded = {name.partition(".")[0] for name in run(sys.executable, "-c", code).stdout.split()}
    assert "onrecord" in loaded
    assert loaded.isdisjoint(HEAVY)


def test_exports_are_few_sorted_and_real():
    assert onrecord.__all__ == sorted(onrecord.__all__)
    assert len(onrecord.__all__) <= 10
    assert set(onrecord.__all__) <= set(dir(onrecord))
    for name in onrecord.__all__:
        assert getattr(onrecord, name).__name__ == name
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = onrecord.nothing


def test_every_module_exports_what_it_lists():
    for path in MODULES:
        if path.name == "__main__.py":
            continue
        name = ".".join(path.relative_to(ROOT / "src").with_suffix("").parts).removesuffix(".__init__")
        module = import_module(name)
        assert [entry for entry in getattr(module, "__all__", ()) if not hasattr(module, entry)] == [], name


# The page is Gradio’s: the server imports it when it serves one.
@pytest.mark.parametrize(
    "path",
    [p for p in MODULES if p.parent.name != "page" or p.stem not in ("filters", "layout")],
    ids=lambda path: path.stem,
)
def test_heavy_libraries_are_imported_late(path):
    top = ast.parse(path.read_text(encoding="utf-8")).body
    names = {alias.name for node in top if isinstance(node, ast.Import) for alias in node.names}
    names |= {node.module or "" for node in top if isinstance(node, ast.ImportFrom)}
    assert {name.partition(".")[0] for name in names}.isdisjoint(LATE)


# Size and shape


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.stem)
def test_modules_are_short(path):
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 600


def body_lines(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    body = function.body[1:] if ast.get_docstring(function) is not None else function.body
    return body[-1].end_lineno - body[0].lineno + 1 if body else 0


def test_functions_are_short():
    trees = [ast.parse(path.read_text(encoding="utf-8")) for path in MODULES]
    nodes = [node for tree in trees for node in ast.walk(tree)]
    functions = [node for node in nodes if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    sizes = [body_lines(function) for function in functions]
    assert [f.name for f, size in zip(functions, sizes, strict=True) if size > 50] == []
    assert statistics.median(sizes) <= 7
    assert statistics.quantiles(sizes, n=10)[-1] <= 25


def test_imports_go_down_only(capsys):
    loggers = [
        each for each in logging.Logger.manager.loggerDict.values() if isinstance(each, logging.Logger)
    ]
    silent = [each.disabled for each in loggers]
    failed = lint_imports(config_filename=str(ROOT / "pyproject.toml"), no_cache=True)
    for each, before in zip(loggers, silent, strict=True):  # it silences every logger of the process
        each.disabled = before
    assert not failed, capsys.readouterr().out


# What is promised in writing


def test_readme_names_commands_that_exist():
    targets = set(re.findall(r"^([a-z]+):", read("Makefile"), re.MULTILINE))
    named = set(re.findall(r"(?:^|`)make ([a-z]+)", read("README.md"), re.MULTILINE))
    assert {"ask", "chat"} <= named <= targets


def test_changelog_has_a_place_for_what_is_coming():
    assert read("CHANGELOG.md").count("\n## [Unreleased]\n") == 1


def test_licence_is_the_one_that_is_declared():
    project = tomllib.loads(read("pyproject.toml"))["project"]
    assert project["license"] == "Apache-2.0"
    assert "Apache License\n" in read("LICENSE")


def test_articles_are_as_they_came(request):
    for name, digest in ARTICLES.items():
        assert hashlib.sha256((ROOT / "corpus" / name).read_bytes()).hexdigest() == digest
    shared = request.getfixturevalue("shared")
    for path in (shared / "corpus").iterdir():
        assert (ROOT / "corpus" / path.name).read_bytes() == path.read_bytes()


def test_articles_yaml_knows_each_article():
    assert set(ARTICLES) <= set(yaml.safe_load(read("corpus/articles.yaml")))


# What is installed


def pins(name: str) -> dict[str, str]:
    lines = [line for line in read(name).splitlines() if not line.startswith("#")]
    found = [re.fullmatch(r"([A-Za-z0-9._-]+)==([0-9a-z.]+)", line) for line in lines]
    assert None not in found, [line for line, pin in zip(lines, found, strict=True) if pin is None]
    return {re.sub(r"[-_.]+", "-", pin[1]).lower(): pin[2] for pin in found}


def test_lock_files_pin_what_the_project_asks_for():
    project = tomllib.loads(read("pyproject.toml"))["project"]
    locked = pins("requirements.lock")
    both = locked | pins("requirements-dev.lock")
    assert locked["torch"] == "2.13.0"
    for text, chosen in [
        *((text, locked) for text in project["dependencies"]),
        *((text, both) for text in project["optional-dependencies"]["dev"]),
    ]:
        wanted = Requirement(text)
        version = chosen[re.sub(r"[-_.]+", "-", wanted.name).lower()]
        assert Version(version) in wanted.specifier, text


# make


@pytest.fixture
def installed(tmp_path):
    """Arguments for make under which `onrecord` is a program that prints the arguments it was given."""
    program = tmp_path / "bin" / "onrecord"
    program.parent.mkdir()
    program.write_text('#!/bin/sh\nfor a; do printf "%s\\0" "$a"; done\n')
    program.chmod(0o755)
    for name in (".created", ".installed", ".indexed", "current"):
        (tmp_path / name).touch()
    return ["make", "--no-print-directory", f"VENV={tmp_path}", f"ONRECORD_INDEX={tmp_path}"]


@pytest.mark.parametrize(
    "question",
    [
        "What did Blinken say?",
        """It's "$HOME" & `id`; $(shell id) $(id) ${PATH} $$ $1 #5, 100% <b> | \\n * ~ ! {a,b} 'x'""",
        "--help",
        "¿Qué dijo “Blinken” – 文 🙂?",
    ],
)
def test_make_ask_hands_on_the_question_unchanged(installed, question):
    assert run(*installed, "ask", f"Q={question}").stdout.split("\0") == ["ask", "--", question, ""]
    assert run(*installed, "ask", Q=question).stdout.split("\0") == ["ask", "--", question, ""]


def test_make_ask_without_a_question_says_what_to_do(installed):
    done = run(*installed, "ask", Q="")
    assert done.returncode == 2
    assert 'make ask Q="' in done.stderr
    assert done.stdout == ""


def test_make_ask_builds_the_index_when_there_is_none_or_an_article_is_new(installed, tmp_path):
    corpus = tmp_path / "corpus"
    corpus.mkdir()
    os.utime(corpus, (1, 1))
    asked, built = "ask\0--\0Who?\0", "index\0"
    command = [*installed, f"ONRECORD_CORPUS={corpus}", "ask", "Q=Who?"]
    assert run(*command).stdout == asked
    (corpus / "new article.txt").write_text("New.")
    os.utime(tmp_path / ".indexed", (2, 2))
    assert run(*command).stdout == built + asked
    (tmp_path / "current").unlink()
    assert run(*command).stdout == built + asked


def test_make_refuses_an_old_python(tmp_path):
    python = tmp_path / "python3"
    python.write_text('#!/bin/sh\n[ "$1" = -V ] && echo Python 3.9.2 && exit\nexit 1\n')
    python.chmod(0o755)
    done = run("make", f"PYTHON={python}", f"VENV={tmp_path / 'venv'}", "index")
    assert done.returncode == 2
    assert "needs Python 3.11 or newer" in done.stderr
    assert "Python 3.9.2" in done.stderr


# What a submission has to pass


@pytest.fixture
def bare_machine(tmp_path):
    """Where there are a shell, a `make` and an `apt-get` that say how they were called, and no browser."""
    programs = tmp_path / "programs"
    programs.mkdir()
    for name in ("bash", "cat", "dirname", "env", "mktemp", "touch", "chmod"):
        (programs / name).symlink_to(shutil.which(name))
    called = tmp_path / "called"
    write_program(programs / "id", "echo 0")
    write_program(programs / "make", f'echo "make $* $BROWSER_TESTS" >> {called}')
    write_program(
        programs / "apt-get",
        f'echo "apt-get $* $DEBIAN_FRONTEND" >> {called}; echo noise; echo more noise >&2\n'
        f'[ "$1" = update ] || {{ touch {programs}/chromium; chmod 755 {programs}/chromium; }}',
    )
    return programs, called


def write_program(path: Path, text: str) -> None:
    path.write_text(f"#!/usr/bin/env bash\n{text}\n")
    path.chmod(0o755)


def test_a_submission_is_tested_in_a_browser_that_debian_brings(bare_machine):
    programs, called = bare_machine
    for _ in range(2):
        done = run(str(programs / "bash"), ".ci/run", PATH=str(programs))
        assert (done.returncode, done.stdout) == (0, ""), done.stderr
        assert "noise" not in done.stderr
    told = called.read_text().splitlines()
    assert told[0].split()[:2] == ["apt-get", "update"]
    assert {"install", "-y", "chromium", "noninteractive"} <= set(told[1].split())
    tested = "make lint test ARGS=--durations=50 required"
    assert told[2:] == [tested] * 2  # the second time the browser is there


def test_a_browser_that_cannot_be_had_ends_a_submission_with_the_reason(bare_machine):
    programs, called = bare_machine
    write_program(programs / "apt-get", 'echo "no such package" >&2; exit 100')
    done = run(str(programs / "bash"), ".ci/run", PATH=str(programs))
    assert done.returncode == 1
    assert "no such package" in done.stderr
    assert not called.exists()


def test_who_may_not_install_a_browser_leaves_it_to_make(bare_machine):
    programs, called = bare_machine
    write_program(programs / "id", "echo 1000")
    done = run(str(programs / "bash"), ".ci/run", PATH=str(programs))
    assert (done.returncode, done.stderr) == (0, "")
    assert called.read_text() == "make lint test ARGS=--durations=50 required\n"


# The guard that keeps tests on this machine


@pytest.mark.parametrize(
    ("event", "args"),
    [
        ("socket.connect", (None, ("192.0.2.1", 443))),
        ("socket.connect", (None, ("2001:db8::1", 443, 0, 0))),
        ("socket.sendto", (None, ("192.0.2.1", 53))),
        ("socket.getaddrinfo", ("news.example", 443, 0, 0, 0)),
        ("socket.gethostbyname", ("127.news.example",)),
    ],
)
def test_leaving_this_machine_is_refused_and_counted(outbound_log, event, args):
    # The event alone: nothing is sent even if the guard should be broken.
    with pytest.raises(ConnectionRefusedError, match="stay on this machine"):
        sys.audit(event, *args)
    child = run(sys.executable, "-c", f"import sys; sys.audit({event!r}, *{args!r})")
    assert "stay on this machine" in child.stderr
    assert len(outbound_log.read_text().splitlines()) == 2
    outbound_log.write_text("")


def test_this_machine_is_in_reach(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as server:
        socket.create_connection(("localhost", server.getsockname()[1]), timeout=5).close()
    with socket.socket(socket.AF_UNIX) as server, socket.socket(socket.AF_UNIX) as client:
        server.bind(str(tmp_path / "s"))
        server.listen()
        client.connect(str(tmp_path / "s"))


@pytest.mark.slow
def test_first_answer_needs_no_network(tmp_path):
    """Without the switch that tells the hub's library to stay silent: nothing may call it at all."""
    code = (
        "import sys; from pathlib import Path; from onrecord import Assistant, Settings, build_index\n"
        "settings = Settings.load(corpus=Path(sys.argv[1]), index=Path(sys.argv[2]))\n"
        "build_index(settings)\n"
        "with Assistant.open(settings) as assistant:\n"
        "    print(len(assistant.ask('What did Blinken say about the Iran nuclear deal?').quotes))\n"
    )
    done = run(sys.executable, "-c", code, str(ROOT / "corpus"), str(tmp_path / "index"), HF_HUB_OFFLINE="0")
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) >= 1


def test_make_knows_the_files_whose_change_calls_for_a_new_index():
    kept = re.search(r"^KEPT := (.+)$", read("Makefile"), re.MULTILINE)
    assert kept is not None
    assert {"src/onrecord/index/manifest.py", "src/onrecord/index/prepare.py"} <= set(kept[1].split())
    assert all((ROOT / name).is_file() for name in kept[1].split())
    assert "$(KEPT) -newer $(VENV)/.indexed" in read("Makefile")
