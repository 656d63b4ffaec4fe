"""`python -m tools.bench`: time, memory and disk, beside the pipeline that LangChain's tutorial builds."""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console

from onrecord.evaluation.running import make_work
from tests.shared import ROOT
from tools.bench.cold import cold
from tools.bench.indexing import compare
from tools.bench.measure import FailedError
from tools.bench.report import Report
from tools.bench.scale import scale
from tools.bench.statements import statements
from tools.eval.locate import MissingDataError, find_shared

_PARTS = ("cold", "statements", "news", "scale")


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tools.bench", description=__doc__)
    parser.add_argument("--only", default=",".join(_PARTS), help="separated by commas (default: %(default)s)")
    parser.add_argument("--quick", action="store_true", help="100 news articles, and no 100,000 passages")
    parser.add_argument("--articles", type=int, help="news articles (default: all 1,016)")
    parser.add_argument("--passages", type=int, action="append", help="a size for `scale`; may be repeated")
    parser.add_argument("--work", type=Path, default=ROOT / ".eval", help="where indexes are made")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there")
    options = parser.parse_args(arguments)
    options.only = [name for name in options.only.replace(" ", "").split(",") if name]
    if unknown := [name for name in options.only if name not in _PARTS]:
        parser.error(f"no such part: {', '.join(unknown)}")
    return options


def _run(options: argparse.Namespace, report: Report) -> None:
    shared, work = find_shared(), make_work(options.work) / "bench"
    work.mkdir(exist_ok=True)
    if "cold" in options.only:
        cold(report, work)
    if "statements" in options.only:
        statements(report, shared, articles=options.articles or (100 if options.quick else None))
    if "news" in options.only:
        compare(report, shared, work, articles=options.articles or (100 if options.quick else None))
    if "scale" in options.only:
        sizes = tuple(options.passages or ((10_000,) if options.quick else (10_000, 100_000)))
        scale(report, shared, work, sizes=sizes)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run and print; 2 when something that is needed is missing, 1 when what is measured fails."""
    options = _options(arguments)
    terminal = Console()
    report = Report(terminal if terminal.is_terminal else Console(width=150))
    report.say(f"{platform.machine()}, {os.cpu_count()} processors, Python {platform.python_version()}")
    started = time.monotonic()
    try:
        _run(options, report)
    except MissingDataError as error:
        print(error, file=sys.stderr)
        return 2
    except FailedError as error:
        print(error, file=sys.stderr)
        return 1
    report.print_goals()
    report.say(f"{time.monotonic() - started:,.0f} s")
    if options.json:
        options.json.write_text(json.dumps(report.as_dict(), indent=1) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
