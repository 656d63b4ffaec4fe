"""Print the figures of Slack: `python -m tests.faces.slack.figures`."""

from __future__ import annotations

import sys

import pytest

if __name__ == "__main__":
    sys.exit(pytest.main(["-q", "-s", "tests/faces/slack/test_figures.py", *sys.argv[1:]]))
