"""The server's own key: one for all that start at once, and nobody else's to read."""

from __future__ import annotations

import os
import stat
from concurrent.futures import ThreadPoolExecutor

import pytest

from onrecord import Settings
from onrecord.errors import SettingsError
from onrecord.faces.http.server_key import server_key, subkey


def mode_of(path):
    return stat.S_IMODE(path.stat().st_mode)


def test_the_key_lies_beside_the_conversations():
    assert Settings.load(corpus="/a/news").key_file.as_posix() == "/a/.onrecord/server.key"
    assert Settings.load(conversations="b/talk.sqlite").key_file.as_posix() == "b/talk.key"


def test_the_key_is_made_once_and_for_its_owner_alone(tmp_path):
    path = tmp_path / "x.key"
    before = os.umask(0)
    try:
        key = server_key(path)
    finally:
        os.umask(before)
    assert len(key) == 32
    assert server_key(path) == key
    assert mode_of(path) == 0o600
    assert server_key(tmp_path / "y.key") != key


def test_servers_that_start_at_once_share_one_key(tmp_path):
    for turn in range(20):
        with ThreadPoolExecutor(8) as pool:
            keys = set(pool.map(server_key, [tmp_path / f"{turn}.key"] * 8))
        assert len(keys) == 1


def test_a_crash_before_the_key_was_written_leaves_nothing_in_the_way(tmp_path):
    path = tmp_path / "x.key"
    path.touch()
    assert server_key(path) == path.read_bytes()
    assert mode_of(path) == 0o600


def test_a_key_that_others_could_read_is_shut_and_told(tmp_path, caplog):
    path = tmp_path / "x.key"
    key = server_key(path)
    path.chmod(0o644)
    assert server_key(path) == key
    assert mode_of(path) == 0o600
    assert "Others could open" in caplog.text
    assert key.hex() not in caplog.text


def test_what_is_no_key_of_ours_is_refused(tmp_path):
    link, fifo, folder, short = (tmp_path / name for name in ("link", "fifo", "folder", "short"))
    server_key(tmp_path / "x.key")
    link.symlink_to(tmp_path / "x.key")
    os.mkfifo(fifo, 0o600)
    folder.mkdir()
    short.write_bytes(b"1234")
    for path in (link, fifo, folder, short):
        with pytest.raises(SettingsError, match="cannot be used") as raised:
            server_key(path)
        assert str(path) in raised.value.message
        assert "Remove it" in raised.value.remedy


def test_where_it_cannot_be_kept_the_key_lives_as_long_as_the_process(tmp_path, caplog):
    path = tmp_path / "not there" / "x.key"
    assert server_key(path) != server_key(path)
    assert "when the server stops" in caplog.text
    assert not path.parent.exists()


def test_purposes_have_keys_of_their_own():
    key = bytes(range(32))
    assert len({key, subkey(key, "a"), subkey(key, "b")}) == 3
    assert subkey(key, "a") == subkey(key, "a")
