"""`onrecord eval`: what it prints, writes and keeps, on a real index of the two articles."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest
from pydantic import SecretStr

from onrecord import Settings, build_index
from onrecord.errors import EvaluationError
from onrecord.evaluation.answering import Answering
from onrecord.evaluation.cache import Cache
from onrecord.evaluation.fingerprint import (
    code_fingerprint,
    index_fingerprint,
    question_key,
    settings_fingerprint,
)
from onrecord.evaluation.outcome import Outcome, Shown
from onrecord.evaluation.questions import Question
from onrecord.evaluation.run import Run
from onrecord.evaluation.running import Plan
from onrecord.evaluation.sets import SetFiles
from onrecord.faces.cli.app import main
from tests.providerstub import Reply, serving
from tests.scripted import claims
from tests.shared import ROOT

CORPUS = ROOT / "corpus"
OWN = ROOT / "tools" / "eval" / "own_questions.jsonl"


@pytest.fixture
def evaluate(built_index, tmp_path, capfd):
    """Run the command on the index of the two articles: exit code, standard output, standard error."""

    def run(*arguments: object) -> tuple[int, str, str]:
        places = ("--corpus", CORPUS, "--index", built_index.index, "--work", tmp_path / "work")
        code = main(["eval", *map(str, arguments), *map(str, places)])
        return code, *capfd.readouterr()

    return run


@pytest.fixture
def questions(tmp_path):
    def write(*lines: dict | str, name: str = "mine") -> Path:
        path = tmp_path / f"{name}.jsonl"
        path.write_text("\n".join(one if isinstance(one, str) else json.dumps(one) for one in lines))
        return path

    return write


def results(path: Path) -> dict:
    (run,) = json.loads(path.read_text(encoding="utf-8"))["runs"]
    return run


# Measuring


def test_questions_of_ones_own(evaluate, tmp_path):
    json_file, page = tmp_path / "r.json", tmp_path / "page.md"
    code, out, err = evaluate(OWN, "--json", json_file, "--markdown", page, "--misses")
    assert code == 0, err
    assert "own_questions: 17 questions, 11 answerable, 2 articles" in out
    assert "own-05 falsely refused" in out
    run = results(json_file)
    figures = run["figures"]
    assert figures["exact"]["value"] == 1.0
    assert figures["gold@3"]["value"] == 1.0
    assert figures["AUROC"]["low"] <= figures["AUROC"]["value"] <= figures["AUROC"]["high"]
    assert set(run["kinds"]) == {"what", "said", "who", "when", "follow-up", "not answered"}
    assert len(run["questions"]) == 17
    assert run["questions"][3]["shown"][0]["document"] == "003_4bf6cde60e83d0fa.txt"
    assert "| gold@1 | 1.000 |" in page.read_text(encoding="utf-8")


def test_json_on_standard_output_is_all_there_is(evaluate):
    code, out, _ = evaluate(OWN, "--limit", 2, "--json", "-")
    assert code == 0
    assert len(json.loads(out)["runs"][0]["questions"]) == 2


def test_where_only_one_kind_of_question_is_asked(evaluate, questions):
    _, out, _ = evaluate(questions({"question": "What did the Pope say?"}), "--json", "-")
    figures = json.loads(out)["runs"][0]["figures"]
    assert figures["refused"]["value"] == 1.0
    assert figures["AUROC"]["value"] is figures["falsely"]["value"] is None


def test_a_question_that_cannot_be_asked_is_refused_and_told(evaluate, questions):
    _, out, _ = evaluate(questions({"question": "?!"}, {"question": "x" * 3_000}), "--json", "-")
    first, second = json.loads(out)["runs"][0]["questions"]
    assert "no word" in first["error"]
    assert "3,000 characters" in second["error"]
    assert first["refused"]


def test_parts_are_halves(evaluate):
    ids = []
    for part in ("tune", "check"):
        _, out, _ = evaluate(OWN, "--part", part, "--json", "-")
        ids += [record["id"] for record in json.loads(out)["runs"][0]["questions"]]
    assert sorted(ids) == [f"own-{number:02}" for number in range(1, 18)]


@pytest.mark.parametrize(
    ("lines", "complaint"),
    [
        (["{"], "mine.jsonl:1 is not JSON."),
        (['{"question": "When?"}', '{"id": "b"}'], "mine.jsonl:2 has no question."),
        ([""], "holds no question."),
    ],
)
def test_a_set_that_cannot_be_used(evaluate, questions, lines, complaint):
    code, out, err = evaluate(questions(*lines))
    assert (code, out) == (2, "")
    assert complaint in err


def test_what_is_not_there(evaluate):
    assert evaluate("nowhere")[0] == 2
    code, _, err = evaluate()
    assert (code, err) == (2, "There is no question set. Name one, or two files of results with --compare.\n")
    assert evaluate(OWN, "--json", "/nowhere/r.json")[0] == 2


def test_evidence_that_is_no_slice_is_warned_of(evaluate, questions):
    piece = {"doc_id": "003_4bf6cde60e83d0fa.txt", "quote": "no such words"}
    code, _, err = evaluate(questions({"question": "Who is Suzanne DiMaggio?", "evidence": [piece]}))
    assert code == 0
    assert "mine.jsonl:1: 'no such words' is no slice of 003_4bf6cde60e83d0fa.txt" in err


def test_a_quotation_that_is_not_exact_ends_the_run_with_1(evaluate, monkeypatch, tmp_path):
    def spoilt(self, corpus=None):
        found = read(self, corpus)
        documents = {name: replace(each, text=each.text.upper()) for name, each in found.documents.items()}
        return replace(found, documents=documents, questions=found.questions[:1])

    read = SetFiles.read
    monkeypatch.setattr(SetFiles, "read", spoilt)
    code, out, err = evaluate(OWN, "--json", tmp_path / "r.json")
    assert code == 1
    assert "own_questions, own-01: not an exact slice of 000_958ad2b006b0f065.txt" in err
    assert results(tmp_path / "r.json")["figures"]["exact"]["value"] == 0.0
    assert "exact" in out


def test_a_folder_is_indexed_in_the_work_folder_and_no_other_index_is_touched(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    files = SetFiles("a", tmp_path / "q.jsonl", tmp_path / "corpus.jsonl")
    own = replace(files, corpus=None)
    assert Plan().settings(own).index == Path("index")
    assert Plan(index=Path("i")).settings(own).index == Path("i")
    for plan, which in ((Plan(index=Path("i")), files), (Plan(), files), (Plan(corpus=tmp_path), own)):
        assert plan.settings(which).index.is_relative_to(".eval")
    assert Plan(corpus=tmp_path, index=Path("i")).settings(files).index == Path("i")
    assert Plan().settings(files).index != Plan(corpus=tmp_path).settings(files).index


# Comparing


def test_two_runs_compared(evaluate, tmp_path):
    old, new = tmp_path / "old.json", tmp_path / "new.json"
    evaluate(OWN, "--json", old)
    content = json.loads(old.read_text(encoding="utf-8"))
    content["runs"][0]["questions"][0].update(shown_rank=0, gold_rank=0)
    new.write_text(json.dumps(content), encoding="utf-8")
    code, out, _ = evaluate("--compare", old, new, "--markdown", tmp_path / "page.md")
    assert code == 0
    assert "own_questions, onrecord: 17 questions in both runs" in out
    assert "lost: 1\n  own-01: right in quotation 1 → nothing right is shown: What does the State" in out
    assert "gained: 0" in out
    assert "| gold@1 | 1.000 | 0.909 | -0.091 |" in (tmp_path / "page.md").read_text(encoding="utf-8")
    code, out, _ = evaluate("--compare", old, old, "--json", "-")
    (told,) = json.loads(out)["comparisons"]
    assert (told["gained"], told["lost"], told["changed"]) == ([], [], [])
    assert told["differences"]["AUROC"]["difference"] == 0.0


# What is kept


def test_a_second_run_asks_nothing(built_index, tmp_path):
    questions = SetFiles.find(OWN).read(CORPUS)
    asked = []
    with Cache(tmp_path / "kept") as cache:
        for _ in range(2):
            with Answering(built_index, cache=cache) as answering:
                outcomes = list(answering.outcomes(questions))
            asked.append((answering.asked, Run.of(questions, outcomes)))
    assert [count for count, _ in asked] == [17, 0]
    assert asked[0][1] == asked[1][1]
    with Cache(tmp_path / "kept", blind=True) as cache, Answering(built_index, cache=cache) as answering:
        list(answering.outcomes(replace(questions, questions=questions.questions[:2])))
    assert answering.asked == 2


def test_what_was_answered_before_an_interruption_is_kept(built_index, tmp_path):
    questions = SetFiles.find(OWN).read(CORPUS)
    with Cache(tmp_path / "kept") as cache, Answering(built_index, cache=cache) as answering:
        outcomes = answering.outcomes(questions)
        for _ in range(3):
            next(outcomes)
    with Cache(tmp_path / "kept") as cache, Answering(built_index, cache=cache) as answering:
        assert len(list(answering.outcomes(questions))) == 17
    assert answering.asked == 14


@pytest.mark.slow
@pytest.mark.parametrize(
    ("reply", "dropped", "asked"),
    [
        (Reply([claims(([999], "He left."))]), 1, [1, 0]),
        (Reply(status=401, body={"error": {"message": "no"}}), 0, [1, 1]),
    ],
)
def test_what_a_chat_model_wrote_is_kept_and_its_failure_is_not(built_index, tmp_path, reply, dropped, asked):
    questions = SetFiles.find(OWN).read(CORPUS)
    questions = replace(questions, questions=questions.questions[3:4])
    counted = []
    with serving(reply) as stub, Cache(tmp_path / "kept") as cache:
        settings = built_index.model_copy(
            update={"model": "openai:stub", "base_url": stub.url, "api_key": SecretStr("key"), "retries": 0}
        )
        for _ in range(2):
            with Answering(settings, cache=cache) as answering:
                (outcome,) = answering.outcomes(questions)
            assert (outcome.claims, outcome.dropped) == (0, dropped)
            counted.append(answering.asked)
    assert counted == asked
    support = Run.of(questions, [replace(outcome, claims=3)]).figures["claims"].value
    assert support == 3 / (3 + dropped)


@pytest.mark.slow
def test_a_killed_run_goes_on_where_it_was(built_index, tmp_path):
    command = [
        sys.executable, "-m", "onrecord.faces.cli.app", "eval", OWN, "--corpus", CORPUS,
        "--index", built_index.index, "--work", tmp_path / "work",
    ]  # fmt: skip
    environment = os.environ | {"PYTHONPATH": os.pathsep.join([str(ROOT / "src"), os.environ["PYTHONPATH"]])}
    process = subprocess.Popen(list(map(str, command)), env=environment, stdout=subprocess.DEVNULL)
    kept = tmp_path / "work" / "answers.sqlite"
    until = time.monotonic() + 120
    while process.poll() is None and time.monotonic() < until:
        if kept.with_name("answers.sqlite-wal").exists() and rows(kept) >= 2:
            process.send_signal(signal.SIGKILL)
        time.sleep(0.01)
    process.wait()
    before = rows(kept)
    assert before >= 2
    assert main([*map(str, command[3:])]) == 0
    assert rows(kept) == 17


def rows(path: Path) -> int:
    import sqlite3

    try:
        connection = sqlite3.connect(path)
        try:
            return connection.execute("SELECT count(*) FROM outcomes").fetchone()[0]
        finally:
            connection.close()
    except sqlite3.Error:
        return 0


def test_outcomes_are_kept_as_they_are(tmp_path):
    shown = Shown("a", 0, 3, "“é\u2028", 0.1, None)
    outcome = Outcome(("a", "b"), (shown,), 1 / 3, False, (shown,), 1, 2, 3, (shown,), 0.5, "why")
    with Cache(tmp_path / "kept") as cache, Cache(tmp_path / "kept") as other:
        assert cache.get("key") is None
        cache.put("key", outcome)
        assert other.get("key") == outcome
        cache.put("key", replace(outcome, refused=True))
        assert other.get("key").refused


def test_a_damaged_file_of_kept_answers_is_named(tmp_path):
    (tmp_path / "kept").write_bytes(b"no database" * 100)
    with pytest.raises(EvaluationError, match=r"kept in .*kept cannot be used") as told:
        Cache(tmp_path / "kept")
    assert "Remove the file" in told.value.remedy


# What an answer depends on


@pytest.fixture
def package(tmp_path):
    folder = tmp_path / "package"
    for name in (
        "retrieval/ranker.py",
        "models/data/reader.onnx",
        "faces/page/assets/page.css",
        "evaluation/grids.py",
        "evaluation/outcome.py",
    ):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name)
    return folder


@pytest.mark.parametrize(
    ("name", "counts"),
    [
        ("retrieval/ranker.py", True),
        ("models/data/reader.onnx", True),
        ("weights/model.safetensors", True),
        ("evaluation/outcome.py", True),
        ("evaluation/grids.py", False),
        ("evaluation/metrics/hit.py", False),
        ("faces/page/assets/page.css", False),
        ("__pycache__/ranking.cpython-311.pyc", False),
    ],
)
def test_code_and_weights_count_and_what_only_shows_does_not(package, name, counts):
    before = code_fingerprint(package)
    assert code_fingerprint(package) == before
    path = package / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("changed")
    assert (code_fingerprint(package) != before) is counts


def test_the_shipped_package_is_hashed_with_its_weights(tmp_path):
    copied = tmp_path / "onrecord"
    shutil.copytree(ROOT / "src" / "onrecord", copied, ignore=shutil.ignore_patterns("__pycache__"))
    assert code_fingerprint(copied) == code_fingerprint()
    with (copied / "models" / "data" / "reader.onnx").open("ab") as stream:
        stream.write(b"\0")
    assert code_fingerprint(copied) != code_fingerprint()


def test_settings_on_which_no_answer_depends_do_not_count(tmp_path):
    plain = settings_fingerprint(Settings.load())
    assert (
        settings_fingerprint(Settings.load(threads=1, index=tmp_path, token="a secret of many letters"))
        == plain
    )
    assert settings_fingerprint(Settings.load(quotes=3)) != plain
    assert "secret" not in settings_fingerprint(
        Settings.load(token="a secret of many letters", api_key="a secret")
    )


@pytest.mark.parametrize("prefix", ["", "gguf:"])
def test_a_file_that_a_setting_names_counts_by_its_state(tmp_path, prefix):
    path = tmp_path / "model.gguf"
    path.write_text("one")
    field = "model" if prefix else "embedding"
    settings = Settings.load(**{field: f"{prefix}{path}"})
    before = settings_fingerprint(settings)
    path.write_text("another")
    assert settings_fingerprint(settings) != before


def test_text_and_history_of_a_question_count_and_its_gold_does_not():
    question = Question("1", "Who?", answerable=True)
    key = question_key(question, "base")
    assert question_key(replace(question, id="2", answerable=False, answers=("He",)), "base") == key
    assert question_key(replace(question, text="Why?"), "base") != key
    assert question_key(replace(question, history=("Who?",)), "base") != key
    assert question_key(question, "other") != key


@pytest.mark.slow
def test_another_generation_of_the_index_counts(tmp_path):
    (tmp_path / "corpus").mkdir()
    (tmp_path / "corpus" / "a.txt").write_text("Ferry\n\nThe ferry left Harwich at noon.\n")
    settings = Settings.load(corpus=tmp_path / "corpus", index=tmp_path / "index")
    build_index(settings)
    before = index_fingerprint(settings.index)
    build_index(settings)
    assert index_fingerprint(settings.index) == before
    (tmp_path / "corpus" / "a.txt").write_text("Ferry\n\nThe ferry left Harwich at one.\n")
    build_index(settings)
    assert index_fingerprint(settings.index) != before
