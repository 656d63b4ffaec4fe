"""Sessions that were signed out stay so: after a crash, beside another server, on a full disk."""

from __future__ import annotations

import stat
from concurrent.futures import ThreadPoolExecutor

import pytest

from onrecord.errors import SettingsError
from onrecord.faces.http.ended_sessions import EndedSessions

ONE, TWO, THREE = "1" * 32, "2" * 32, "3" * 32
DAY = 86_400


class Clock:
    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def path(tmp_path):
    return tmp_path / "x.ended"


def test_what_was_ended_stays_so_for_its_owner_alone(path):
    clock = Clock()
    ended = EndedSessions(path, clock)
    assert ONE not in ended
    assert not path.exists()
    ended.add(ONE, 2_000)
    assert ONE in ended
    assert TWO not in ended
    assert ONE in EndedSessions(path, clock)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_servers_on_one_file_agree(path):
    clock = Clock()
    one, two = EndedSessions(path, clock), EndedSessions(path, clock)
    one.add(ONE, 2_000)
    assert ONE in two
    two.add(TWO, 2_000)
    assert TWO in one


@pytest.mark.parametrize("many", [1, 100])
def test_what_has_run_out_is_left_out_when_a_server_starts(path, many):
    clock = Clock()
    running = EndedSessions(path, clock)
    for number in range(many):
        running.add(f"{number:032x}", 2_000)
    running.add(ONE, 9_000)
    clock.now = 3_000
    started = EndedSessions(path, clock)
    assert path.read_bytes().split() == [b"9000", ONE.encode()]
    assert ONE in started
    running.add(TWO, 9_000)  # it held the file that was replaced
    assert TWO in started
    assert {ONE, TWO} == {each for each in (ONE, TWO) if each in EndedSessions(path, clock)}
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert list(path.parent.iterdir()) == [path]


def test_a_line_that_a_crash_tore_off_costs_no_other(path):
    clock = Clock()
    EndedSessions(path, clock).add(ONE, 2_000)
    with path.open("ab") as file:
        file.write(b"\n2000 22222")
    EndedSessions(path, clock).add(THREE, 2_000)
    ended = EndedSessions(path, clock)
    assert ONE in ended
    assert THREE in ended


def test_nothing_is_lost_while_many_sign_out_and_servers_start(path):
    clock = Clock()
    for number in range(50):
        EndedSessions(path, clock).add(f"{number + 1_000:032x}", 1_500)
    clock.now = 1_600

    def end(number: int) -> None:
        EndedSessions(path, clock).add(f"{number:032x}", 2_000)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(end, range(60)))
    ended = EndedSessions(path, clock)
    assert all(f"{number:032x}" in ended for number in range(60))


def test_where_it_cannot_be_written_it_holds_as_long_as_the_process(tmp_path, caplog):
    ended = EndedSessions(tmp_path / "not there" / "x.ended", Clock())
    ended.add(ONE, 2_000)
    assert ONE in ended
    assert "forgotten when the server stops" in caplog.text


def test_a_file_that_is_taken_away_makes_nobody_forget(path):
    ended = EndedSessions(path, Clock())
    ended.add(ONE, 2_000)
    path.unlink()
    assert ONE in ended
    path.symlink_to("/dev/zero")
    assert ONE in ended
    assert TWO not in ended


def test_what_is_no_file_of_ours_is_refused(path, tmp_path):
    (tmp_path / "elsewhere").write_text("")
    path.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(SettingsError, match="it is a link"):
        EndedSessions(path)
