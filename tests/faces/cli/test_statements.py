"""`onrecord statements`: files of every kind, JSON, the table, and what is said of bad input."""

from __future__ import annotations

import gzip
import io
import json
import sys

import pytest

from onrecord.faces.cli.app import main
from tests.shared import ROOT

CORPUS = ROOT / "corpus"
KEYS = {
    "start", "end", "mode", "text", "speaker", "speaker_start", "speaker_end", "cue", "cue_start", "cue_end",
    "canonical", "certain", "source", "addressee", "occasion", "said_on", "said_on_basis",
}  # fmt: skip
TEXT = "The minister met “friends”.\n\n“We will not yield,” Kaja Kallas told reporters on Friday.\n"


def run(capfd, *arguments: object) -> tuple[int, str, str]:
    code = main(["statements", *map(str, arguments)])
    return code, *capfd.readouterr()


@pytest.fixture
def stdin(monkeypatch):
    def give(content: bytes) -> None:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(content)))

    return give


def test_a_text_file_gives_one_object(tmp_path, capfd):
    file = tmp_path / "note.txt"
    file.write_text(TEXT, encoding="utf-8")
    code, out, err = run(capfd, file, "--json", "--published", "2023-06-28")
    assert (code, err, out.count("\n")) == (0, "", 1)
    document = json.loads(out)
    assert document["id"] == "note.txt"
    scare, said = document["statements"]
    assert set(said) == KEYS
    assert (scare["mode"], scare["text"], scare["speaker"], scare["canonical"]) == (
        "scare", "“friends”", None, None,
    )  # fmt: skip
    for name in ("speaker", "cue"):
        assert said[name] == TEXT[said[f"{name}_start"] : said[f"{name}_end"]]
    assert said["text"] == TEXT[said["start"] : said["end"]] == "“We will not yield,”"
    assert (said["mode"], said["speaker"], said["canonical"]) == ("direct", "Kaja Kallas", "Kaja Kallas")
    assert (said["addressee"], said["said_on"]) == ("reporters", "2023-06-23")
    assert said["said_on_basis"] == "“on Friday”, from the publication date 28 June 2023"


def test_offsets_count_code_points_after_a_byte_order_mark_and_line_ends_stay(tmp_path, capfd):
    text = "\U0001f600 é\r\n\r\n“We will not yield,” Kaja Kallas said.\r\n"
    file = tmp_path / "note"
    file.write_bytes(b"\xef\xbb\xbf" + text.encode())
    _, out, _ = run(capfd, file, "--json")
    said = json.loads(out)["statements"][0]
    assert text[said["start"] : said["end"]] == "“We will not yield,”"


def line(**fields: object) -> bytes:
    return json.dumps(fields, ensure_ascii=False).encode() + b"\n"


@pytest.mark.parametrize("packed", [False, True])
def test_jsonl_gives_one_object_a_line(tmp_path, capfd, packed):
    lines = [
        line(id="a", text=TEXT, date="2023-06-28", title="On talks", unknown=[1]),
        b"\n",
        line(id=7, text=""),
        line(text="Nothing is said."),
    ]
    file = tmp_path / ("many.jsonl.gz" if packed else "many.jsonl")
    file.write_bytes(gzip.compress(b"".join(lines)) if packed else b"".join(lines))
    code, out, err = run(capfd, file, "--json")
    found = [json.loads(each) for each in out.splitlines()]
    assert (code, err) == (0, "")
    assert [(each["id"], len(each["statements"])) for each in found] == [("a", 2), (7, 0), (4, 0)]
    assert found[0]["statements"][1]["said_on"] == "2023-06-23"


def test_a_bad_line_is_named_and_the_others_are_read(capfd, stdin):
    stdin(b'{"id": 1, "text": "x"}\nnot json\n[]\n{"id": 4}\n\xff\n' + line(id=6, text=TEXT))
    code, out, err = run(capfd, "-", "--json")
    found = [json.loads(each) for each in out.splitlines()]
    assert code == 1
    assert err.splitlines() == [
        "Line 2 is not JSON in UTF-8.", "Line 3 is not a JSON object.", "Line 4 has no text.",
        "Line 5 is not JSON in UTF-8.",
    ]  # fmt: skip
    assert [each.get("error") for each in found] == [None, *err.splitlines(), None]
    assert len(found[-1]["statements"]) == 2


def test_the_table_shows_words_as_printed_and_scare_quotes_as_nobodys(tmp_path, capfd):
    file = tmp_path / "note.txt"
    file.write_text(TEXT + "\nKaja Kallas said that it\x1b[31m would rain all day.\n", encoding="utf-8")
    code, out, _ = run(capfd, file)
    assert code == 0
    assert "“We will not yield,”" in out
    assert "to reporters" in out
    assert "nobody’s speech" in out
    assert "“that it" not in out
    assert "\x1b" not in out
    file.write_text("Rain fell.", encoding="utf-8")
    assert run(capfd, file)[1] == "note.txt: nobody is quoted or reported.\n"


@pytest.mark.parametrize(
    ("content", "arguments", "said"),
    [
        (None, (), "cannot be read: No such file or directory."),
        (b"\xff\xfe", (), "is not UTF-8."),
        (b"text", ("--published", "28/06/23"), "is no date."),
        (b"\x1f\x8b no gzip", (), "is not UTF-8."),
    ],
)
def test_what_cannot_be_used_is_said_in_one_sentence(tmp_path, capfd, content, arguments, said):
    file = tmp_path / "note.txt"
    if content is not None:
        file.write_bytes(content)
    code, out, err = run(capfd, file, *arguments)
    assert (code, out) == (2, "")
    assert said in err


def test_a_damaged_archive_is_an_error(tmp_path, capfd):
    file = tmp_path / "many.jsonl.gz"
    file.write_bytes(gzip.compress(line(id=1, text=TEXT) * 500)[:-20])
    assert run(capfd, file, "--json")[0] == 2


def test_the_articles_of_the_corpus_need_no_index(capfd):
    for path in sorted(CORPUS.glob("*.txt")):
        code, out, err = run(capfd, path, "--json")
        text = path.read_bytes().decode("utf-8-sig")
        assert (code, err) == (0, "")
        assert all(
            text[each["start"] : each["end"]] == each["text"] for each in json.loads(out)["statements"]
        )
