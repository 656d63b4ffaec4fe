"""What docs/security.md says that attackers get is what they get."""

from __future__ import annotations

import pytest

from tests.security.attempts import ATTEMPTS, SETUPS
from tests.security.staging import scene
from tools.security import PAGE, read_table

TOLD = read_table(PAGE.read_text(encoding="utf-8"))


@pytest.fixture(scope="module", params=list(SETUPS))
def staged(request, built_index, tmp_path_factory):
    with scene(built_index, tmp_path_factory.mktemp("staged"), SETUPS[request.param]) as opened:
        yield request.param, opened


def test_the_table_has_a_line_for_each_attempt():
    assert list(TOLD) == list(ATTEMPTS)


@pytest.mark.parametrize("tried", list(ATTEMPTS))
def test_an_attempt_ends_as_the_table_says(staged, tried):
    name, opened = staged
    assert ATTEMPTS[tried](opened) == TOLD[tried][name]
