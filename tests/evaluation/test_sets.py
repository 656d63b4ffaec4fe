"""Reading question sets: the format, and what is said of lines that cannot be used."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

from onrecord.errors import CorpusError, EvaluationError
from onrecord.evaluation.questions import Evidence, part_of
from onrecord.evaluation.rows import read_rows
from onrecord.evaluation.sets import SetFiles

TEXT = "The ferry left Harwich at noon. “We carried forty cars,” Captain Odell said."
ARTICLES = [
    {"id": "ferry", "title": "Ferry", "text": TEXT, "date": "2024-05-01"},
    {"id": "ferry#2", "title": "Ferry", "text": "It came back at nine."},
]


def write_set(folder: Path, *questions: dict | str, corpus: str = "corpus.jsonl") -> SetFiles:
    folder.mkdir(exist_ok=True)
    content = "\n".join(map(json.dumps, ARTICLES)).encode()
    (folder / corpus).write_bytes(gzip.compress(content) if corpus.endswith(".gz") else content)
    lines = (line if isinstance(line, str) else json.dumps(line) for line in questions)
    (folder / "queries.jsonl").write_text("\n".join(lines), encoding="utf-8")
    return SetFiles.find(folder)


@pytest.mark.parametrize("corpus", ["corpus.jsonl", "corpus.jsonl.gz"])
def test_a_folder_is_a_set(tmp_path, corpus):
    files = write_set(
        tmp_path / "ferries",
        {
            "id": 7,
            "question": "When did it leave?",
            "answers": ["noon"],
            "evidence": [{"doc_id": "ferry", "quote": "left Harwich at noon", "speaker": "Odell"}],
            "answerable": True,
            "history": ["Which ferry?", {"role": "user", "text": "Why?"}, {"role": "assistant", "text": "!"}],
            "type": "when",
        },
        "",
        {"question": "Who sank it?", "related_doc": "ferry#2"},
        corpus=corpus,
    )
    questions = files.read()
    first, second = questions.questions
    assert (questions.name, questions.warnings) == ("ferries", ())
    assert questions.documents["ferry"].text == TEXT
    assert questions.documents["ferry"].date == "2024-05-01"
    assert (first.id, first.kind, first.history) == ("7", "when", ("Which ferry?", "Why?"))
    assert first.evidence == (Evidence("ferry", "left Harwich at noon", "Odell"),)
    assert (second.id, second.answerable, second.evidence, second.group) == ("3", False, (), "ferry")


def test_a_file_of_questions_is_asked_of_any_corpus(tmp_path):
    write_set(tmp_path / "set", {"question": "When?", "answers": ["noon"]})
    (tmp_path / "set" / "queries.jsonl").rename(tmp_path / "mine.jsonl")
    files = SetFiles.find(tmp_path / "mine.jsonl")
    assert (files.name, files.corpus) == ("mine", None)
    (question,) = files.read(tmp_path / "set" / "corpus.jsonl").questions
    assert question.answerable
    with pytest.raises(EvaluationError, match="brings no articles"):
        files.read()
    with pytest.raises(CorpusError):
        files.read(tmp_path / "nowhere")


def test_evidence_that_is_no_slice_is_told_and_left_out(tmp_path):
    questions = write_set(
        tmp_path / "set",
        {"question": "When?", "evidence": [{"doc_id": "ferry", "quote": "left Harwich at one"}]},
        {
            "question": "How many?",
            "evidence": [{"doc_id": "plane"}, {"doc_id": "ferry", "quote": "forty cars"}],
        },
    ).read()
    first, second = questions.questions
    assert first.evidence == (Evidence("ferry", None),)
    assert second.evidence == (Evidence("ferry", "forty cars"),)
    assert [warning.partition("queries.jsonl")[2] for warning in questions.warnings] == [
        ":1: 'left Harwich at one' is no slice of ferry; only the article counts.",
        ":2: evidence in plane, which is not in the corpus; left out.",
    ]


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        ("{", "is not JSON"),
        ("[1]", "is not a JSON object"),
        ('{"id": "b"}', "has no question"),
        ('{"question": 5}', "has no question"),
        ('{"question": "?", "answerable": "yes"}', "neither true nor false"),
        ('{"question": "?", "evidence": {}, "answers": "noon"}', "`answers` that is no list"),
        ('{"question": "?", "evidence": ["ferry"]}', "evidence without `doc_id`"),
        ('{"question": "?", "evidence": [{"doc_id": "ferry", "quote": 5}]}', "other than text in `quote`"),
        ('{"question": "?", "answers": [5]}', "other than text in `answers`"),
        ('{"question": "?", "history": [{"role": "user"}]}', "other than text in `history`"),
        ('{"question": "?", "id": "a"}', "has the id of line 1, 'a'"),
    ],
)
def test_a_line_that_cannot_be_used_is_named(tmp_path, line, complaint):
    files = write_set(tmp_path / "set", {"id": "a", "question": "When?"}, line)
    with pytest.raises(EvaluationError) as told:
        files.read()
    assert f"{files.questions}:2 " in str(told.value)
    assert complaint in str(told.value)
    assert told.value.remedy


def test_a_set_that_is_not_there_or_empty(tmp_path):
    with pytest.raises(EvaluationError, match="There is no question set"):
        SetFiles.find(tmp_path / "set")
    (tmp_path / "set").mkdir()
    with pytest.raises(EvaluationError, match=r"holds no queries\.jsonl"):
        SetFiles.find(tmp_path / "set")
    with pytest.raises(EvaluationError, match="holds no question"):
        write_set(tmp_path / "set", "", "").read()


@pytest.mark.parametrize(
    ("name", "content"), [("q.jsonl", b"\xff\xfe"), ("q.jsonl.gz", b"no gzip"), ("q.jsonl.gz", b"\x1f\x8b")]
)
def test_a_file_that_cannot_be_read_is_named(tmp_path, name, content):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(EvaluationError) as told:
        list(read_rows(tmp_path / name))
    assert name in str(told.value)


def test_compressed_lines_and_a_byte_order_mark_are_read(tmp_path):
    (tmp_path / "q.jsonl.gz").write_bytes(gzip.compress(b'\xef\xbb\xbf{"a": 1}\n\n{"a": 2}'))
    assert list(read_rows(tmp_path / "q.jsonl.gz")) == [{"a": 1}, {"a": 2}]


def test_parts_of_one_document_stay_together(tmp_path):
    lines = [{"question": f"{n}?", "evidence": [{"doc_id": f"ferry#{n}"}]} for n in range(30)]
    lines += [{"question": f"{n}?", "group": "g"} for n in range(30)]
    questions = write_set(tmp_path / "set", *lines).read().questions
    # All but one of the documents are not there: what is asked about still says which group it is.
    assert len({part_of(question) for question in questions[:30]}) == 1
    assert len({part_of(question) for question in questions[30:]}) == 1
