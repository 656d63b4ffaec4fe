"""The command line, on the two articles of the corpus and a real index."""

from __future__ import annotations

import hashlib
import io
import json
import os
import signal
import subprocess
import sys
import unicodedata
from pathlib import Path

import pytest

from onrecord import Answer, Assistant, Settings
from onrecord.errors import QuestionError
from onrecord.faces.cli.app import main
from onrecord.faces.cli.batch import BadLine, BatchLine, answer_lines, read_lines
from tests.shared import ROOT
from tools import docs_cli

CORPUS = ROOT / "corpus"
BLINKEN = "000_958ad2b006b0f065.txt"
ASKED = "What did Blinken say about the prospects of reviving the Iran nuclear deal?"
FOREIGN = "What did the central bank of Japan decide about interest rates in Osaka?"
KEYS = (
    "id question standalone text refused partly reason wants constraints parts mode notice claims changes "
    "dropped quotes searched timings"
).split()


@pytest.fixture(scope="session")
def indexed(built_index) -> Path:
    with Assistant.open(built_index) as assistant:
        assistant.ask(ASKED)
    return built_index.index


@pytest.fixture(scope="session")
def assistant(indexed):
    with Assistant.open(Settings.load(corpus=CORPUS, index=indexed)) as opened:
        yield opened


@pytest.fixture
def onrecord(indexed, capfd):
    """Run a command on the built index: exit code, standard output, standard error."""

    def run(*arguments: str, index: Path = indexed, corpus: Path = CORPUS) -> tuple[int, str, str]:
        command, *rest = arguments
        code = main([command, "--corpus", str(corpus), "--index", str(index), *rest])
        return code, *capfd.readouterr()

    return run


def text_of(file: str) -> str:
    return (CORPUS / file).read_bytes().decode("utf-8-sig")


def tree(*folders: Path) -> dict[str, tuple[int, str]]:
    files = [file for folder in folders for file in folder.rglob("*") if file.is_file()]
    return {str(f): (f.stat().st_mtime_ns, hashlib.sha256(f.read_bytes()).hexdigest()) for f in files}


def records(text: str) -> list[dict]:
    return [json.loads(line) for line in text.splitlines()]


def process(*arguments: str, **options) -> subprocess.Popen:
    environment = os.environ | {"PYTHONPATH": os.pathsep.join([str(ROOT / "src"), os.environ["PYTHONPATH"]])}
    command = [sys.executable, "-m", "onrecord.faces.cli.app", *arguments]
    pipe = subprocess.PIPE
    return subprocess.Popen(command, stdout=pipe, stderr=pipe, env=environment, cwd=ROOT, **options)


# ask


def test_ask_as_json_gives_exact_slices_and_exactly_the_promised_keys(onrecord):
    code, out, err = onrecord("ask", ASKED, "--json")
    [answer] = records(out)
    assert (code, err, list(answer), answer["question"], answer["refused"]) == (0, "", KEYS, ASKED, False)
    assert {quote["file"] for quote in answer["quotes"]} <= {path.name for path in CORPUS.iterdir()}
    for quote in answer["quotes"]:
        content = (CORPUS / quote["file"]).read_bytes()
        assert content.decode("utf-8-sig")[quote["start"] : quote["end"]] == quote["text"] != ""
        assert quote["sha256"] == hashlib.sha256(content).hexdigest()


def test_asking_loads_no_torch(indexed):
    told = (
        "import sys; from onrecord.faces.cli.app import main; main(sys.argv[1:]); "
        "print(*{'torch', 'transformers', 'sentence_transformers'} & sys.modules.keys(), 'loaded')"
    )
    command = [sys.executable, "-c", told, "ask", ASKED, "--corpus", str(CORPUS), "--index", str(indexed)]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT / "src")
    assert "Antony Blinken" in done.stdout
    assert done.stdout.splitlines()[-1] == "loaded"


def test_ask_prints_the_articles_words_with_their_place(onrecord):
    quotes = records(onrecord("ask", ASKED, "--json")[1])[0]["quotes"]
    code, out, _ = onrecord("ask", ASKED)
    assert code == 0
    for number, quote in enumerate(quotes, 1):
        assert f"\n[{number}] " in out
        assert f"\n{quote['text']}\n— " in out
        assert f"{quote['file']} {quote['start']}–{quote['end']}" in out


def test_ask_in_markdown_fences_the_same_quotations(onrecord):
    quotes = records(onrecord("ask", ASKED, "--json")[1])[0]["quotes"]
    _, out, _ = onrecord("ask", ASKED, "--markdown")
    assert all(f"```text\n{quote['text']}\n```" in out for quote in quotes)


def test_a_refusal_is_an_answer(onrecord):
    code, out, _ = onrecord("ask", FOREIGN, "--json")
    [answer] = records(out)
    assert (code, answer["refused"], answer["quotes"]) == (0, True, [])
    assert answer["reason"]
    assert answer["searched"]["articles"] == 2
    assert "Osaka" in answer["searched"]["missing"] or "osaka" in answer["searched"]["missing"]
    assert answer["reason"] in onrecord("ask", FOREIGN)[1]


def test_an_article_filter_is_kept(onrecord):
    _, out, _ = onrecord("ask", ASKED, "--article", BLINKEN, "--json")
    [answer] = records(out)
    assert answer["searched"]["articles"] == 1
    assert {quote["article_id"] for quote in answer["quotes"]} == {BLINKEN}


# batch


LINES = [
    {"id": "q1", "question": ASKED},
    "not json",
    {"id": 7, "question": ""},
    {"id": "long", "question": "why " * 2_500},
    {"id": "none"},
    ["a", "list"],
    {"id": {"a": 1}, "question": FOREIGN},
    {"id": "h", "question": "And why?", "history": 3},
    {"id": "nan", "question": "x", "score": float("nan")},
]


@pytest.fixture
def questions(tmp_path) -> Path:
    path = tmp_path / "questions.jsonl"
    lines = [line if isinstance(line, str) else json.dumps(line) for line in LINES]
    path.write_text("\ufeff" + "\n\n".join(lines) + "\n", encoding="utf-8")
    return path


def test_batch_answers_what_it_can_and_says_what_it_cannot(onrecord, questions):
    code, out, err = onrecord("batch", str(questions))
    answers = records(out)
    assert code == 0
    assert [answer["id"] for answer in answers] == ["q1", 3, 7, "long", "none", 11, {"a": 1}, "h", 17]
    bad = [answer for answer in answers if "error" in answer]
    assert [answer["id"] for answer in bad] == [3, 7, "long", "none", 11, "h", 17]
    assert all(answer["refused"] and answer["error"] and answer["quotes"] == [] for answer in bad)
    assert {tuple(answer) for answer in answers} == {
        (*KEYS, "ranked", "confidence"), (*KEYS, "ranked", "confidence", "error"),
    }  # fmt: skip
    assert "questions" in err


def test_batch_gives_what_ask_gives(onrecord, questions):
    asked = records(onrecord("ask", ASKED, "--json")[1])[0]
    answer = records(onrecord("batch", str(questions))[1])[0]
    assert {key: answer[key] for key in KEYS[1:-1]} == {key: asked[key] for key in KEYS[1:-1]}
    assert 0 < len(answer["ranked"]) <= 10
    assert 0 <= answer["confidence"] <= 1
    for quote in answer["ranked"]:
        assert text_of(quote["file"])[quote["start"] : quote["end"]] == quote["text"]


def test_batch_ranks_quotations_even_where_it_refuses(onrecord, questions):
    refused = records(onrecord("batch", str(questions))[1])[6]
    assert refused["refused"]
    assert refused["ranked"]
    assert "error" not in refused


def test_batch_takes_history_as_questions_or_as_turns(onrecord, tmp_path):
    turns = [{"role": "user", "text": ASKED}, {"role": "assistant", "text": "Japan"}]
    path = tmp_path / "q.jsonl"
    lines = [{"id": n, "question": "And why now?", "history": h} for n, h in enumerate([[ASKED], turns])]
    path.write_text("\n".join(map(json.dumps, lines)), encoding="utf-8")
    first, second = records(onrecord("batch", str(path))[1])
    assert [first["ranked"], first["quotes"]] == [second["ranked"], second["quotes"]]


def test_batch_writes_a_file_whole_and_nothing_else(onrecord, questions, tmp_path):
    target = tmp_path / "answers.jsonl"
    target.write_text("old", encoding="utf-8")
    code, out, _ = onrecord("batch", str(questions), "--out", str(target))
    assert (code, out) == (0, "")
    assert len(records(target.read_text(encoding="utf-8"))) == len(LINES)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["answers.jsonl", "questions.jsonl"]


def test_batch_writes_into_a_pipe_too(indexed, questions):
    with process("batch", str(questions), "--index", str(indexed), "--out", "/dev/stdout") as batch:
        out, _ = batch.communicate(timeout=30)
    assert len(records(out.decode())) == len(LINES)


def test_batch_flushes_each_line(assistant):
    class Recorder(io.StringIO):
        def flush(self):
            seen.append(self.getvalue().count("\n"))

    seen: list[int] = []
    lines = [BatchLine("a", ASKED), BadLine("b", "", "bad"), BatchLine("c", FOREIGN)]
    assert answer_lines(assistant, lines, Recorder(), filters={}) == 0
    assert seen[:3] == [1, 2, 3]


def test_one_fault_does_not_cost_the_other_answers(assistant):
    class Faulty:
        def ask(self, question, **options):
            if question == "fail":
                raise ZeroDivisionError("of all\nthings")
            return assistant.ask(question, **options)

    out = io.StringIO()
    lines = [BatchLine("a", "fail"), BatchLine("b", ASKED)]
    assert answer_lines(Faulty(), lines, out, filters={}) == 1
    first, second = records(out.getvalue())
    assert first["error"] == "This is a fault in onrecord: ZeroDivisionError: of all things."
    assert second["quotes"]


def test_a_line_that_is_not_utf8_or_is_a_bomb_is_a_bad_line():
    bomb, large = b"[" * 100_000, b'{"question": "x", "n": ' + b"9" * 10_000 + b"}"
    lines = read_lines(b"\n".join([b'{"question": "\xff"}', bomb, large, b'{"question": "fine"}']))
    assert [type(line) for line in lines] == [BadLine, BadLine, BadLine, BatchLine]
    assert lines[3] == BatchLine(4, "fine")


# search, show, verify, info, doctor, index, chat


def test_search_gives_exact_slices_best_first(onrecord):
    code, out, _ = onrecord("search", "Iran nuclear deal", "--limit", "3", "--json")
    [found] = records(out)
    hits = found["hits"]
    assert (code, [hit["rank"] for hit in hits]) == (0, [1, 2, 3])
    assert all(text_of(hit["file"])[hit["start"] : hit["end"]] == hit["text"] for hit in hits)
    _, text, _ = onrecord("search", "Iran nuclear deal", "--limit", "3")
    assert all(f"\n{hit['text']}\n— {hit['file']} {hit['start']}–{hit['end']}" in text for hit in hits)


def test_show_prints_the_article_and_nothing_else(onrecord):
    code, out, err = onrecord("show", BLINKEN)
    assert (code, err) == (0, "")
    assert out.removesuffix("\n") == text_of(BLINKEN).removesuffix("\n")
    assert onrecord("show", BLINKEN, "--start", "10", "--end", "20")[1] == out
    [shown] = records(onrecord("show", BLINKEN, "--start", "10", "--end", "20", "--json")[1])
    assert shown["slice"] == text_of(BLINKEN)[10:20]
    assert shown["text"] == text_of(BLINKEN)


TRUE = "at this moment, there's no prospect for an agreement again"


@pytest.mark.parametrize(("said", "code", "status"), [(TRUE, 0, True), (TRUE.replace("no ", "a "), 1, False)])
def test_verify_ends_with_one_when_a_quotation_fails(onrecord, tmp_path, monkeypatch, said, code, status):
    draft = tmp_path / "draft.txt"
    draft.write_text(f"Blinken said: “{said}”, and left.", encoding="utf-8")
    found = onrecord("verify", str(draft))
    assert found[0] == code
    assert said in found[1]
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(draft.read_bytes())))
    again, out, _ = onrecord("verify", "-", "--json")
    assert again == code
    [result] = records(out)
    assert result["ok"] is status
    assert [verdict["ok"] for verdict in result["verdicts"]] == [status]


def test_verify_of_a_text_without_quotations_passes(onrecord, tmp_path):
    draft = tmp_path / "draft.txt"
    draft.write_text("Nothing is quoted here.", encoding="utf-8")
    assert onrecord("verify", str(draft))[:2] == (
        0,
        "No quotation of three words or more stands in this text.\n",
    )


def test_info_says_what_the_index_holds(onrecord):
    code, out, _ = onrecord("info", "--json")
    [info] = records(out)
    assert (code, info["articles"]) == (0, 2)
    code, text, _ = onrecord("info")
    assert code == 0
    assert info["generation"] in text
    assert f"{info['passages']:,}" in text


def test_doctor_finds_nothing_wrong_with_what_was_just_built(onrecord):
    code, out, _ = onrecord("doctor")
    assert (code, "FAIL" in out) == (0, False)
    assert all(row["ok"] for row in records(onrecord("doctor", "--json")[1])[0])


def test_doctor_says_what_to_do(onrecord, tmp_path):
    code, out, _ = onrecord("doctor", "--json", index=tmp_path / "none", corpus=tmp_path)
    rows = {row["check"]: row for row in records(out)[0]}
    assert code == 1
    assert [name for name, row in rows.items() if not row["ok"]] == [
        "corpus", "index files", "question encoder", "in step", "origin",
    ]  # fmt: skip
    assert "onrecord index" in rows["index files"]["remedy"]
    assert onrecord("doctor", index=tmp_path / "none")[0] == 1


def test_doctor_notices_a_corpus_that_moved_on(onrecord, tmp_path):
    for path in CORPUS.iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes())
    (tmp_path / "new.txt").write_text("A new article\n\nIt says something new today.", encoding="utf-8")
    rows = {row["check"]: row for row in records(onrecord("doctor", "--json", corpus=tmp_path)[1])[0]}
    assert [name for name, row in rows.items() if not row["ok"]] == ["in step"]
    assert rows["in step"]["remedy"] == "Run `onrecord index`."


def test_index_says_when_nothing_changed(onrecord, indexed):
    before = tree(indexed)
    code, out, _ = onrecord("index")
    assert (code, "Up to date: 2 articles" in out, out.count("\n")) == (0, True, 2)
    [report] = records(onrecord("index", "--json")[1])
    assert (report["changed"], report["embedded"], report["reused"]) == (False, 0, 2)
    assert tree(indexed) == before


@pytest.mark.slow
def test_index_builds_with_bars_and_a_report(onrecord, tmp_path):
    code, out, err = onrecord("index", index=tmp_path / "index")
    assert code == 0
    assert "Indexed 2 articles" in out
    assert "2 embedded, 0 reused, 0 removed" in out
    assert "2/2" in err
    code, out, _ = onrecord("index", "--rebuild", index=tmp_path / "index")
    assert "2 embedded, 0 reused" in out


def test_chat_answers_until_an_empty_line(onrecord, monkeypatch):
    monkeypatch.setattr(sys, "stdin", io.StringIO(f"{ASKED}\n{'x' * 10_000}\nAnd why?\n\n{FOREIGN}\n"))
    code, out, err = onrecord("chat")
    assert code == 0
    assert f"{ASKED}\n" in out
    assert "\nAnd why?\n" in out
    assert FOREIGN not in out
    assert err.count("\n") == 1


# What cannot be done


def bad_requests() -> dict[str, list[str]]:
    filters = {
        "a date that is none": ["--since", "tomorrowish"],
        "an impossible date": ["--until", "2023-02-31"],
        "an unknown outlet": ["--outlet", "The Imaginary Times"],
        "an unknown article": ["--article", "none.txt"],
    }
    cases = {f"ask: {name}": ["ask", ASKED, *options] for name, options in filters.items()}
    cases |= {f"ask --json: {name}": ["ask", ASKED, "--json", *options] for name, options in filters.items()}
    cases |= {f"search: {name}": ["search", ASKED, *options] for name, options in filters.items()}
    cases |= {f"batch: {name}": ["batch", "{questions}", *options] for name, options in filters.items()}
    return cases | {
        "an empty question": ["ask", ""],
        "a blank question": ["ask", " \n\t"],
        "10,000 characters": ["ask", "why " * 2_500],
        "an unknown article shown": ["show", "none.txt"],
        "a slice that is none": ["show", BLINKEN, "--start", "20", "--end", "10"],
        "a slice past the end": ["show", BLINKEN, "--start", "20", "--end", "1000000"],
        "a draft that is not there": ["verify", "none.txt"],
        "a draft that is not UTF-8": ["verify", "{latin}"],
        "questions that are not there": ["batch", "none.jsonl"],
        "questions that are a folder": ["batch", "{folder}"],
        "an --out in no folder": ["batch", "{questions}", "--out", "{folder}/no/such/answers.jsonl"],
    }


@pytest.mark.parametrize("arguments", bad_requests().values(), ids=bad_requests())
def test_what_cannot_be_done_is_one_sentence_and_changes_nothing(
    onrecord, indexed, questions, tmp_path, arguments
):
    latin = tmp_path / "latin.txt"
    latin.write_bytes(b"\x93caf\xe9\x94")
    names = {"{questions}": questions, "{latin}": latin, "{folder}": tmp_path}
    for name, path in names.items():
        arguments = [argument.replace(name, str(path)) for argument in arguments]
    before = tree(indexed, CORPUS, tmp_path)
    code, out, err = onrecord(*arguments)
    assert (code, out) == (2, "")
    assert err.endswith("\n")
    assert err.count("\n") == 1
    assert "Traceback" not in err
    assert tree(indexed, CORPUS, tmp_path) == before


@pytest.mark.parametrize(
    "command", [["ask", ASKED], ["search", ASKED], ["show", BLINKEN], ["info"], ["chat"]]
)
def test_a_missing_index_is_named_and_not_made(onrecord, tmp_path, command):
    code, out, err = onrecord(*command, index=tmp_path / "none")
    assert (code, out, list(tmp_path.iterdir())) == (2, "", [])
    assert err == f"There is no index in {tmp_path / 'none'}. Run `onrecord index`.\n"


@pytest.mark.parametrize("corpus", ["empty", "missing"])
def test_a_corpus_without_articles_is_not_indexed(onrecord, tmp_path, corpus):
    (tmp_path / "empty").mkdir()
    code, out, err = onrecord("index", corpus=tmp_path / corpus, index=tmp_path / "index")
    assert (code, out) == (2, "")
    assert corpus in err
    assert [path.name for path in tmp_path.iterdir()] == ["empty"]


def test_an_unknown_setting_is_named_without_its_value(onrecord, monkeypatch):
    monkeypatch.setenv("ONRECORD_PASSWORD", "hunter2")
    code, _, err = onrecord("ask", ASKED)
    assert code == 2
    assert "ONRECORD_PASSWORD" in err
    assert "hunter2" not in err


def test_a_fault_is_one_line_and_a_traceback_only_when_asked_for(onrecord, monkeypatch, capfd):
    monkeypatch.setattr(sys, "stdin", io.StringIO("“text without bytes”"))
    code, _, err = onrecord("verify", "-")
    assert code == 70
    assert err.startswith("This is a fault in onrecord: AttributeError: ")
    assert err.count("\n") == 1
    assert main(["--debug", "verify", "-"]) == 70
    assert "Traceback" in capfd.readouterr().err


def test_an_interrupt_ends_with_130(indexed, tmp_path):
    places = ("--index", str(indexed), "--state", str(tmp_path / "state"))
    with process("chat", *places, stdin=subprocess.PIPE) as chat:
        chat.stdin.write(f"{ASKED}\n".encode())
        chat.stdin.flush()
        assert chat.stdout.readline().decode().strip() == ASKED
        chat.send_signal(signal.SIGINT)
        _, err = chat.communicate(timeout=30)
    assert (chat.returncode, err) == (130, b"")


def test_a_reader_that_goes_away_is_no_error(indexed):
    with process("show", BLINKEN, "--index", str(indexed)) as show:
        show.stdout.close()
        assert show.wait(timeout=30) == 141
        assert show.stderr.read() == b""


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "utf-16"])
def test_a_pipe_gets_utf8_whatever_the_locale(indexed, monkeypatch, encoding):
    monkeypatch.setenv("PYTHONIOENCODING", encoding)
    with process("show", BLINKEN, "--index", str(indexed)) as show:
        out, _ = show.communicate(timeout=30)
    assert out.removesuffix(b"\n") == text_of(BLINKEN).encode().removesuffix(b"\n")


# Help


def test_help_loads_nothing_heavy():
    heavy = "{'pydantic', 'numpy', 'chromadb', 'torch', 'onnxruntime', 'langchain_core', 'rich', 'yaml'}"
    code = (
        "import sys, onrecord.faces.cli.app as c; c.main(['--help']); "
        f"print({heavy} & sys.modules.keys() or 'light')"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT / "src")
    assert done.stdout.splitlines()[-1] == "light"


def test_version(capfd):
    assert main(["--version"]) == 0
    assert capfd.readouterr().out.startswith("onrecord 0.")


def test_the_page_about_the_command_line_is_the_help_text(capfd):
    assert docs_cli.PAGE.read_text(encoding="utf-8") == docs_cli.page()


def test_the_page_lists_every_command(capfd):
    main(["--help"])
    listed = capfd.readouterr().out.partition("Commands:\n")[2].splitlines()
    assert tuple(line.split()[0] for line in listed) == docs_cli.COMMANDS


# Row 23: any question gets an answer, a refusal or a QuestionError


def outcome(assistant, question: str) -> str:
    try:
        answer = assistant.ask(question)
    except QuestionError:
        return "error"
    assert isinstance(answer, Answer)
    return "refused" if answer.refused else "answered"


@pytest.mark.parametrize(
    ("step", "reader"), [(10, "onrecord"), pytest.param(1, "none", marks=pytest.mark.slow)]
)
def test_naughty_strings_are_survived(built_index, shared, step, reader):
    lines = (shared / "eval" / "naughty_strings" / "queries.jsonl").read_text(encoding="utf-8").split("\n")
    asked = [json.loads(line)["question"] for line in lines if line][::step]
    with Assistant.open(built_index.model_copy(update={"reader": reader})) as assistant:
        outcomes = [outcome(assistant, question) for question in asked]
    assert len(outcomes) == -(-515 // step)
    assert outcomes[asked.index("")] == "error"


ODD = {
    "empty": ("", {"error"}),
    "invisible": (" \u200b\ufeff", {"error"}),
    "10k": ("x" * 10_000, {"error"}),
    "5 MB": ("é" * 5_000_000, {"error"}),
    "NUL": ("\x00", {"error"}),
    "marks": ("?" * 1_999, {"error"}),
    "quotes": ('"' * 500, {"error"}),
    "surrogate": ("\ud800 who?", {"error", "refused"}),
    "syntax": ("title:Iran AND (deal^2 OR NOT", {"error", "refused", "answered"}),
}


@pytest.mark.parametrize(("question", "expected"), ODD.values(), ids=ODD)
def test_odd_questions_are_survived(assistant, question, expected):
    assert outcome(assistant, question) in expected


def test_composed_and_decomposed_questions_are_one_question(assistant):
    question = "What did Élysée and Blinken say about the Iran nuclear deal?"
    answers = [assistant.ask(unicodedata.normalize(form, question)) for form in ("NFC", "NFD")]
    assert answers[0].quotes == answers[1].quotes
