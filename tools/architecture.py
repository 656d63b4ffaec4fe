"""The picture in docs/architecture.md, made from the imports: `python -m tools.architecture --write`."""

from __future__ import annotations

import re
import sys
import tomllib

import grimp

from tests.shared import ROOT

PAGE = ROOT / "docs" / "architecture.md"
_PLACE = re.compile(r"(?<=<!-- packages -->\n).*?(?=<!-- /packages -->)", re.DOTALL)
_FLOOR = re.compile(r"[|:]")


def floors() -> list[list[str]]:
    """Read the floors from the contract, the highest first."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    contract = next(one for one in settings["tool"]["importlinter"]["contracts"] if one["id"] == "floors")
    return [[name.strip() for name in _FLOOR.split(layer)] for layer in contract["layers"]]


def imports() -> dict[str, set[str]]:
    """Give each package to those that it imports, itself left out."""
    graph = grimp.build_graph("onrecord")
    found: dict[str, set[str]] = {}
    for module in graph.modules - {"onrecord"}:
        package = module.split(".")[1]
        others = {one.split(".")[1] for one in graph.find_modules_directly_imported_by(module) if "." in one}
        found.setdefault(package, set()).update(others - {package})
    return found


def picture() -> str:
    """Draw the packages in Mermaid, with those arrows only that no other way implies."""
    known = imports()
    lines = ["```mermaid", "flowchart TD"]
    for number, floor in enumerate(floors()):
        inside = "; ".join(name for name in floor if name in known)
        lines.append(f"    subgraph floor{number}[ ]\n        direction LR\n        {inside}\n    end")
    lines += [f"    {one} --> {other}" for one in sorted(known) for other in sorted(_direct(one, known))]
    return "\n".join([*lines, "```", ""])


def _direct(package: str, known: dict[str, set[str]]) -> set[str]:
    """Leave out what is reached through another import anyway."""
    below: set[str] = set()
    for other in known[package]:
        below |= _reached(other, known)
    return known[package] - below


def _reached(package: str, known: dict[str, set[str]]) -> set[str]:
    reached: set[str] = set()
    waiting = [*known.get(package, ())]
    while waiting:
        one = waiting.pop()
        if one not in reached:
            reached.add(one)
            waiting += known.get(one, ())
    return reached


def page() -> str:
    """Give the page with the picture as it is today."""
    return _PLACE.sub(lambda _: picture(), PAGE.read_text(encoding="utf-8"))


def main() -> None:
    if sys.argv[1:] != ["--write"]:
        raise SystemExit("usage: python -m tools.architecture --write")
    PAGE.write_text(page(), encoding="utf-8")


if __name__ == "__main__":
    main()
