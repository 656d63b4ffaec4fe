"""The picture of the packages in docs/architecture.md is the one that the imports give."""

from __future__ import annotations

import re

from tools import architecture


def test_the_picture_in_the_docs_is_todays():
    assert architecture.PAGE.read_text(encoding="utf-8") == architecture.page()


def test_every_package_has_its_line():
    page = architecture.PAGE.read_text(encoding="utf-8")
    rows = "".join(re.findall(r"^\| (`.*?) \|", page, re.MULTILINE))
    named = set(re.findall(r"`([a-z]+)`", rows))
    assert named == {name for floor in architecture.floors() for name in floor}
