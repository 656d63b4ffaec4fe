"""What the benchmarks compute from what they measure."""

from __future__ import annotations

import json
import os
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tools.bench.cold import import_seconds, imported
from tools.bench.measure import FailedError, disk_bytes, percentile, run
from tools.bench.workload import news_questions, questions_about, take, write_reuters

ARTICLES = [
    {
        "id": str(i),
        "title": f"Grain {i}",
        "date": "1987-04-02",
        "text": f"Ship {i} left the port today.\n\nIt was late.",
    }
    for i in range(4)
]


@pytest.fixture
def articles(tmp_path):
    path = tmp_path / "articles.jsonl"
    path.write_text("".join(json.dumps(article) + "\n" for article in ARTICLES), encoding="utf-8")
    return path


def test_percentiles_are_values_that_were_measured():
    values = [5.0, 1.0, 4.0, 2.0, 3.0]
    assert (percentile(values, 0.5), percentile(values, 0.95), percentile([7.0], 0.5)) == (3.0, 5.0, 7.0)


@given(st.lists(st.floats(0, 1e6), min_size=1), st.floats(0.01, 1))
def test_a_percentile_is_not_exceeded_by_its_share(values, share):
    found = percentile(values, share)
    assert found in values
    assert sum(value <= found for value in values) >= share * len(values) - 1e-9
    assert sum(value < found for value in values) < share * len(values) + 1e-9


def test_a_run_tells_time_memory_and_what_was_said():
    ran = run(
        [
            sys.executable,
            "-c",
            "import time; time.sleep(0.2); b = b'x' * 60_000_000; print('hm'); print('[1]')",
        ]
    )
    assert ran.seconds >= 0.2
    assert ran.peak >= 60_000_000
    assert ran.result == [1]


def test_a_failed_run_is_no_measurement():
    with pytest.raises(FailedError, match="ended with 3"):
        run([sys.executable, "-c", "raise SystemExit(3)"])


def test_linked_files_take_their_place_on_disk_once(tmp_path):
    (tmp_path / "a").write_bytes(os.urandom(50_000))
    before = disk_bytes(tmp_path)
    os.link(tmp_path / "a", tmp_path / "b")
    assert before >= 50_000
    assert disk_bytes(tmp_path) == before


def test_import_times_are_read_as_python_prints_them():
    printed = run([sys.executable, "-X", "importtime", "-c", "import json.decoder"]).errors
    assert import_seconds(printed, "json") > 0
    assert "json" in imported(printed)
    assert "torch" not in imported(printed)


def test_questions_are_spread_over_the_titles(articles):
    assert questions_about(["a | CNN", "b", "c", "d"], 2) == [
        "What was said about a?",
        "What was said about c?",
    ]
    assert len(news_questions(articles, 50)) == len(ARTICLES)


def test_the_first_articles_are_taken_as_they_are(articles, tmp_path):
    take(articles, tmp_path / "two.jsonl", 2)
    lines = (tmp_path / "two.jsonl").read_text(encoding="utf-8").splitlines()
    assert [json.loads(line) for line in lines] == ARTICLES[:2]


def test_articles_are_repeated_under_other_ids_until_there_are_enough_passages(articles, tmp_path):
    made = write_reuters(articles, tmp_path / "ten.jsonl", 10)
    rows = [json.loads(line) for line in (tmp_path / "ten.jsonl").read_text(encoding="utf-8").splitlines()]
    assert made == len(rows) == 10
    assert len({row["id"] for row in rows}) == 10
    assert {row["text"] for row in rows} == {article["text"] for article in ARTICLES}
