"""Starting: what an import costs, and a first answer from nothing."""

from __future__ import annotations

import json
import re
import shutil
import sys
from pathlib import Path

from tests.shared import ROOT
from tools.bench.measure import module, onrecord, percentile, run
from tools.bench.report import Report

__all__ = ["cold", "import_seconds", "imported"]

_ROUNDS = 5
_QUESTION = "What did Blinken say about the prospects of reviving the Iran nuclear deal?"
_IMPORTTIME = re.compile(r"^import time:\s*(\d+) \|\s*(\d+) \|(\s*)(\S+)$", re.MULTILINE)


def import_seconds(printed: str, name: str) -> float:
    """Give what importing a package took with all it imports, as `-X importtime` prints it."""
    found = [int(total) for _, total, _, module_name in _IMPORTTIME.findall(printed) if module_name == name]
    return sum(found) / 1e6


def imported(printed: str) -> set[str]:
    """Give the top-level packages that `-X importtime` saw."""
    return {name.partition(".")[0] for *_, name in _IMPORTTIME.findall(printed)}


def cold(report: Report, work: Path) -> None:
    """Time the starts, in turns, and see whether torch was imported."""
    index, store, questions = work / "two-index", work / "two-chroma", work / "two-question.json"
    _prepare(report, index, store, questions)
    ask = ("ask", _QUESTION, "--corpus", ROOT / "corpus", "--index", index)
    times: dict[str, list[float]] = {name: [] for name in ("import", "help", "ask", "tutorial")}
    report.say("cold starts, in turns …")
    for _ in range(_ROUNDS):
        traced = run([sys.executable, "-X", "importtime", "-c", "import onrecord"])
        times["import"].append(import_seconds(traced.errors, "onrecord"))
        times["help"].append(run(onrecord("--help")).seconds)
        times["ask"].append(run(onrecord(*ask)).seconds)
        times["tutorial"].append(
            run(module("tutorial", "ask", "--store", store, "--questions", questions)).seconds
        )
    middle = {name: percentile(values, 0.5) for name, values in times.items()}
    torch = "torch" in imported(run(onrecord(*ask, flags=("-X", "importtime"))).errors)
    report.figures["cold"] = {**middle, "torch_imported": torch}
    _judge(report, middle, torch=torch)


def _prepare(report: Report, index: Path, store: Path, questions: Path) -> None:
    report.say("indexing the project's two articles, both ways …")
    for folder in (index, store):
        shutil.rmtree(folder, ignore_errors=True)
    questions.write_text(json.dumps([_QUESTION]), encoding="utf-8")
    run(module("ours", "index", "--corpus", ROOT / "corpus", "--index", index))
    run(module("tutorial", "index", "--corpus", ROOT / "corpus", "--store", store))


def _judge(report: Report, middle: dict[str, float], *, torch: bool) -> None:
    ratio = middle["ask"] / middle["tutorial"]
    report.goal("`import onrecord`", f"{middle['import']:.3f} s", "< 0.3 s", met=middle["import"] < 0.3)
    report.goal("`onrecord --help`", f"{middle['help']:.2f} s", "< 0.6 s", met=middle["help"] < 0.6)
    report.goal(
        "cold `onrecord ask` on the two articles beside the tutorial's pipeline",
        f"{ratio:.2f}× ({middle['ask']:.2f} s, {middle['tutorial']:.2f} s)",
        "≤ 0.33×",
        met=ratio <= 1 / 3,
    )
    report.goal("torch imported by a cold `onrecord ask`", "yes" if torch else "no", "no", met=not torch)
