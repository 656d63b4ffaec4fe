"""What every test shares: no network, no settings of the person's own, the evaluation data."""

from __future__ import annotations

import atexit
import os
import runpy
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

from onrecord import Settings
from tests import corpora, indexes
from tests.shared import ROOT, SHARED
from tests.sharing import Groups, turn_of

OFFLINE = ROOT / "tests" / "offline"
_OUTBOUND = Path(tempfile.mkdtemp(prefix="onrecord-tests-")) / "outbound.log"
_refused: list[str] = []
_figures: list[str] = []


def _prepare_environment() -> None:
    for name in [name for name in os.environ if name.startswith("ONRECORD_")]:
        del os.environ[name]
    inherited = os.environ.get("PYTHONPATH")
    os.environ["PYTHONPATH"] = os.pathsep.join([str(OFFLINE), *([inherited] if inherited else [])])
    os.environ["TESTS_OUTBOUND_LOG"] = str(_OUTBOUND)
    os.environ["HF_HUB_OFFLINE"] = "1"


_OUTBOUND.touch()
atexit.register(shutil.rmtree, _OUTBOUND.parent, ignore_errors=True)
_prepare_environment()
runpy.run_path(str(OFFLINE / "sitecustomize.py"))

# A machine under load makes a slow example, not a wrong one.
settings.register_profile("dev", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("ci", settings.get_profile("dev"), derandomize=True, print_blob=True)
settings.load_profile("ci" if os.environ.get("CI") else "dev")


@pytest.fixture(scope="session")
def root() -> Path:
    return ROOT


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of evaluation data that lies beside the repository, or where ONRECORD_SHARED says."""
    if not SHARED.is_dir():
        pytest.skip(f"needs the evaluation data: no folder {SHARED} (ONRECORD_SHARED names another)")
    return SHARED


@pytest.fixture(scope="session", autouse=True)
def _indexes_of_this_run(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> None:
    """One folder of built indexes for all processes of a run: the base of each lies in that of the run."""
    base = tmp_path_factory.getbasetemp()
    folder = (base if worker_id == "master" else base.parent) / "indexes"
    folder.mkdir(exist_ok=True)
    indexes.keep_in(folder)


@pytest.fixture(scope="session")
def built_index(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """An index of the two articles in corpus/; nobody may change it."""
    folder = tmp_path_factory.mktemp("built")
    settings = Settings.load(corpus=ROOT / "corpus", index=folder / "index", state=folder / "state")
    indexes.build_once(settings)
    return settings


@pytest.fixture(scope="session")
def plain_index(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """An index of four plain articles; change a `copy_of` it."""
    return corpora.indexed(tmp_path_factory.mktemp("plain"), corpora.PLAIN)


@pytest.fixture(scope="session")
def odd_index(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """An index of a few articles full of odd characters; change a `copy_of` it."""
    return corpora.indexed(tmp_path_factory.mktemp("odd"), corpora.ODD)


@pytest.fixture
def figures() -> list[str]:
    """Lines that a test wants printed at the end of the run."""
    return _figures


@pytest.fixture
def outbound_log() -> Path:
    """Where attempts to leave this machine are written, one a line."""
    return _OUTBOUND


@pytest.fixture(autouse=True)
def _stay_on_this_machine(outbound_log: Path) -> Iterator[None]:
    yield
    attempts = outbound_log.read_text(encoding="utf-8").splitlines()
    outbound_log.write_text("", encoding="utf-8")
    _refused.extend(attempts)
    assert not attempts, f"attempts to leave this machine: {attempts}"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: turn_of(item.nodeid))


@pytest.hookimpl(optionalhook=True, tryfirst=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Groups:
    return Groups(config, log)


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Hand what this worker counted to the process that tells the total."""
    told: dict[str, object] | None = getattr(session.config, "workeroutput", None)
    if told is not None:
        told["refused"], told["figures"] = list(_refused), list(_figures)


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: object, error: object) -> None:
    told = getattr(node, "workeroutput", {})
    _refused.extend(told.get("refused", ()))
    _figures.extend(told.get("figures", ()))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    for line in _figures:
        terminalreporter.write_line(line)
    terminalreporter.write_line(f"outbound attempts: {len(_refused)}")
