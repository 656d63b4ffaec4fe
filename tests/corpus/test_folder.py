"""Reading a corpus: what becomes an article, what is skipped and why, offsets that are those of the file."""

from __future__ import annotations

import gzip
import hashlib
import json
import os
import socket
import tempfile
import tracemalloc
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onrecord.corpus.folder import Corpus, Skipped, read_corpus
from onrecord.errors import CorpusError
from onrecord.types import Article
from tests.shared import ROOT

CORPUS = ROOT / "corpus"
GOOD = "A title\nA sentence.\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A corpus of one good article, to put bad ones beside."""
    path = tmp_path / "corpus"
    path.mkdir()
    (path / "good.txt").write_text(GOOD, encoding="utf-8")
    return path


def jsonl(path: Path, *records: object) -> Path:
    path.write_bytes(b"".join(json.dumps(record).encode() + b"\n" for record in records))
    return path


def only(corpus: Corpus) -> Article:
    (article,) = corpus.articles
    return article


def reason(corpus: Corpus) -> str:
    (skipped,) = corpus.skipped
    return skipped.reason


# The two articles that came with the project


def test_the_given_articles_are_read_whole_with_what_is_known_of_them() -> None:
    corpus = read_corpus(CORPUS)
    assert corpus.summary() == f"2 articles from {CORPUS}"
    for article in corpus.articles:
        content = (CORPUS / article.file).read_bytes()
        assert (article.text, article.sha256) == (content.decode(), hashlib.sha256(content).hexdigest())
        assert article.title == article.text.splitlines()[0]
        assert (article.language, article.outlet, article.url) == ("en", None, None)
        assert article.basis["published"]
    assert [(a.id, a.published) for a in corpus.articles] == [
        ("000_958ad2b006b0f065.txt", "2022-10/2022-12"),
        ("003_4bf6cde60e83d0fa.txt", "2023-06-28"),
    ]


@pytest.mark.parametrize(
    "words", ["today (June 28)", "gear up to run for reelection", "stalemated since last August"]
)
def test_what_the_basis_of_003_cites_stands_in_its_text(words: str) -> None:
    article = read_corpus(CORPUS).articles[1]
    assert words in article.text
    assert words in article.basis["published"]


@pytest.mark.parametrize("words", ["in late February", "Last September", "on Friday", "on Thursday"])
def test_what_the_basis_of_000_cites_stands_in_its_text(words: str) -> None:
    article = read_corpus(CORPUS).articles[0]
    assert words in article.text
    assert words in article.basis["published"]


# Which files


def test_files_are_found_below_the_folder_in_the_order_of_their_paths(folder: Path) -> None:
    (folder / "b").mkdir()
    for name in ("b/two.md", "b/ONE.TXT", "a.md"):
        (folder / name).write_text(GOOD, encoding="utf-8")
    jsonl(folder / "m.jsonl", {"id": "x", "text": "X"}, {"id": "w", "text": "W"})
    corpus = read_corpus(folder)
    assert [a.id for a in corpus.articles] == ["a.md", "b/ONE.TXT", "b/two.md", "good.txt", "x", "w"]
    assert [a.file for a in corpus.articles][-2:] == ["m.jsonl", "m.jsonl"]


def test_hidden_files_and_readme_are_no_part_of_a_corpus(folder: Path) -> None:
    (folder / ".git").mkdir()
    for name in (".hidden.txt", ".git/a.txt", "README.md", "articles.yaml"):
        (folder / name).write_text("", encoding="utf-8")
    corpus = read_corpus(folder)
    assert (only(corpus).id, corpus.skipped) == ("good.txt", ())


def test_a_link_inside_the_folder_is_read(folder: Path) -> None:
    (folder / ".store").mkdir()
    (folder / ".store" / "v1").write_text("Linked", encoding="utf-8")
    (folder / "linked.txt").symlink_to(folder / ".store" / "v1")
    assert [a.text for a in read_corpus(folder).articles] == [GOOD, "Linked"]


def test_a_corpus_may_itself_be_a_link(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "current").symlink_to(folder)
    assert only(read_corpus(tmp_path / "current")).id == "good.txt"
    (tmp_path / "blob").write_bytes(b'{"id": "a", "text": "A"}')
    (tmp_path / "data.jsonl").symlink_to(tmp_path / "blob")
    assert only(read_corpus(tmp_path / "data.jsonl")).file == "data.jsonl"


# Text and offsets


@given(
    text=st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1),
    mark=st.booleans(),
)
def test_any_text_comes_back_as_the_decoded_file(text: str, mark: bool) -> None:
    content = b"\xef\xbb\xbf" * mark + text.encode()
    decoded = content.decode("utf-8-sig")
    with tempfile.TemporaryDirectory() as name:
        (Path(name) / "good.txt").write_text(GOOD, encoding="utf-8")
        (Path(name) / "a.txt").write_bytes(content)
        corpus = read_corpus(Path(name))
    controls = sum((c < 0x20 and c not in b"\n\r\t\f") or c == 0x7F for c in content)
    if not decoded.strip() or controls * 10 > len(content):
        assert corpus.skipped[0].file == "a.txt"
        return
    article = corpus.articles[0]
    assert article.text == decoded
    assert article.sha256 == hashlib.sha256(content).hexdigest()
    middle = len(decoded) // 2  # offsets are code points: a slice is the bytes between two boundaries
    assert article.text[middle:].encode() == content[len(content) - len(decoded[middle:].encode()) :]


@given(text=st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1))
def test_any_text_comes_back_from_jsonl_escaped_or_not(text: str) -> None:
    records = [{"id": "escaped", "text": text}, {"id": "plain", "text": text}]
    with tempfile.TemporaryDirectory() as name:
        path = Path(name) / "c.jsonl"
        lines = [
            json.dumps(records[0]),
            json.dumps(records[1], ensure_ascii=False),
            '{"id": "last", "text": "."}',
        ]
        path.write_bytes("\n".join(lines).encode())
        corpus = read_corpus(path)
    if text.isspace():
        assert [s.reason for s in corpus.skipped] == ["line 1: no text", "line 2: no text"]
        return
    assert [a.text for a in corpus.articles] == [text, text, "."]
    assert corpus.articles[0].sha256 == hashlib.sha256(text.encode()).hexdigest()


@pytest.mark.parametrize(
    "text",
    [
        "a\r\nb\rc\n",
        "\u2028x\x85y\x0cz",
        "nul is bad, \x01 is not" * 3,
        "\ufeffsecond mark",
        "e\u0301 \u00e9 🙂",
    ],
)
def test_nothing_but_one_leading_mark_is_changed(folder: Path, text: str) -> None:
    (folder / "good.txt").write_bytes(b"\xef\xbb\xbf" + text.encode())
    assert only(read_corpus(folder)).text == text


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("\n \n  Title \nText", "Title"),
        ("## Title ##\r\nText", "Title ##"),
        ("#\n###\n# Title", "Title"),
        ("---\nurl: x\n---\n\n# Title\nText", "Title"),
        ("# #", "#"),
        ("###", "good.txt"),
    ],
)
def test_the_first_line_is_the_title(folder: Path, text: str, title: str) -> None:
    (folder / "good.txt").write_bytes(text.encode())
    assert only(read_corpus(folder)).title == title


# Row 21 of the reliability table: each kind of bad file is skipped by its rule


def links_out(path: Path) -> None:
    (path.parent.parent / "secret.txt").write_text("secret", encoding="utf-8")
    path.symlink_to(path.parent.parent / "secret.txt")


def sparse(path: Path) -> None:
    with path.open("wb") as file:
        file.truncate(50_000_000)


def listens(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(os.path.relpath(path))


ZOO: dict[str, Callable[[Path], object]] = {
    "empty": lambda path: path.write_bytes(b""),
    "empty: mark": lambda path: path.write_bytes(b"\xef\xbb\xbf"),
    "empty: spaces": lambda path: path.write_bytes(" \n\t\u00a0\u2003".encode()),
    "too large": sparse,
    "too large: text": lambda path: path.write_bytes(b"a" * 20_000_001),
    "binary: png": lambda path: path.write_bytes(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"),
    "binary: one NUL": lambda path: path.write_bytes(b"text " * 1000 + b"\0"),
    "binary: controls": lambda path: path.write_bytes(b"eight___\x01"),
    "not UTF-8: utf-16": lambda path: path.write_bytes("text".encode("utf-16")),
    "not UTF-8: utf-16-be": lambda path: path.write_bytes(b"\xfe\xff" + "text".encode("utf-16-be")),
    "not UTF-8: utf-32": lambda path: path.write_bytes("text".encode("utf-32")),
    "not UTF-8: utf-32-be": lambda path: path.write_bytes(b"\0\0\xfe\xff" + "text".encode("utf-32-be")),
    "not UTF-8: latin-1": lambda path: path.write_bytes("déjà vu".encode("latin-1")),
    "not UTF-8: surrogate": lambda path: path.write_bytes(b"half \xed\xa0\x80 a character"),
    "not UTF-8: cut": lambda path: path.write_bytes("caf\u00e9".encode()[:-1]),
    "link out of the corpus": links_out,
    "link out of the corpus: device": lambda path: path.symlink_to("/dev/zero"),
    "broken link": lambda path: path.symlink_to("nowhere"),
    "unreadable: loop": lambda path: path.symlink_to(path.name),
    "link to a folder": lambda path: path.symlink_to(path.parent),
    "not a regular file: pipe": os.mkfifo,
    "not a regular file: socket": listens,
}


# A JSONL file may be of any size, so NULs are found in its head; and JSON knows no white space but its own.
AS_JSONL = {"too large": "binary", "empty: mark": "not JSON", "empty: spaces": "not JSON"}


@pytest.mark.parametrize("suffix", [".txt", ".md", ".jsonl"])
@pytest.mark.parametrize("kind", ZOO)
def test_a_bad_file_is_skipped_with_its_reason(
    folder: Path, kind: str, suffix: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(folder)  # the path of a socket must be short
    ZOO[kind](folder / f"bad{suffix}")
    corpus = read_corpus(folder)
    assert only(corpus).text == GOOD
    assert [item.file for item in corpus.skipped] == [f"bad{suffix}"]
    expected = AS_JSONL.get(kind, kind) if suffix == ".jsonl" else kind
    expected = expected.partition(":")[0]
    assert corpus.skipped[0].kind == expected
    assert corpus.summary() == f"1 article from {folder}; skipped 1: 1 {expected}"


def test_the_whole_zoo_is_counted_on_one_line(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder)
    for number, make in enumerate(ZOO.values()):
        make(folder / f"{number}.txt")
    corpus = read_corpus(folder)
    assert len(corpus.skipped) == len(ZOO)
    assert corpus.summary() == (
        f"1 article from {folder}; skipped 22: 3 binary, 1 broken link, 3 empty, 2 link out of the corpus,"
        " 1 link to a folder, 2 not a regular file, 7 not UTF-8, 2 too large, 1 unreadable"
    )


def test_nobody_waits_on_a_pipe_or_takes_from_it(folder: Path) -> None:
    os.mkfifo(folder / "pipe.txt")
    end = os.open(folder / "pipe.txt", os.O_RDWR | os.O_NONBLOCK)
    try:
        os.write(end, b"kept")
        assert reason(read_corpus(folder)) == "not a regular file"
        assert os.read(end, 10) == b"kept"
    finally:
        os.close(end)


def test_one_line_of_five_megabytes_is_an_article(folder: Path) -> None:
    (folder / "good.txt").write_bytes(b"word " * 1_000_000)
    article = only(read_corpus(folder))
    assert len(article.text) == 5_000_000
    assert len(article.title) <= 300
    assert article.title.endswith("word…")


@pytest.mark.parametrize("size", [99, 100, 101])
def test_the_size_limit_is_the_largest_size_read(folder: Path, size: int) -> None:
    (folder / "a.txt").write_bytes(b"a" * size)
    assert len(read_corpus(folder, max_bytes=100).articles) == (2 if size <= 100 else 1)


@pytest.mark.parametrize(
    ("name", "printed"),
    [
        (b"latin-\xe9.txt", "latin-\\xe9.txt"),
        (b"new\nline.txt", "new\\x0aline.txt"),
        (b"esc\x1b[2J.txt", "esc\\x1b[2J.txt"),
        (b"half-\xed\xa0\x80.txt", "half-\\xed\\xa0\\x80.txt"),
    ],
)
def test_a_bad_name_is_skipped_and_printed_safely(folder: Path, name: bytes, printed: str) -> None:
    Path(folder, os.fsdecode(name)).write_bytes(b"text")
    assert read_corpus(folder).skipped == (Skipped(printed, "bad name"),)


@pytest.mark.parametrize("name", ["Мир.txt", "a b\u202fc.txt", "🙂.txt", "e\u0301.txt", "'quoted\".txt"])
def test_any_other_name_is_an_id(folder: Path, name: str) -> None:
    (folder / "good.txt").rename(folder / name)
    assert only(read_corpus(folder)).id == name


def test_a_format_without_a_reader_is_counted(folder: Path) -> None:
    (folder / "paper.pdf").write_bytes(b"%PDF-1.7")
    assert read_corpus(folder).skipped == (Skipped("paper.pdf", "other format"),)


@pytest.fixture
def locked() -> Iterator[Path]:
    """A corpus with a file and a folder that its reader has no right to open."""
    with tempfile.TemporaryDirectory() as name:
        Path(name).chmod(0o755)
        for file in ("good.txt", "locked.txt"):
            Path(name, file).write_text(GOOD, encoding="utf-8")
        Path(name, "locked.txt").chmod(0)
        Path(name, "locked").mkdir(mode=0)
        user = os.geteuid()
        if user == 0:  # root reads everything: be nobody for a while
            os.seteuid(65534)
        yield Path(name)
        os.seteuid(user)


def test_what_may_not_be_read_is_unreadable(locked: Path) -> None:
    corpus = read_corpus(locked)
    assert [(s.file, s.kind) for s in corpus.skipped] == [
        ("locked", "unreadable"),
        ("locked.txt", "unreadable"),
    ]
    assert only(corpus).id == "good.txt"


# Markdown


def test_front_matter_is_metadata_and_part_of_the_text(folder: Path) -> None:
    lines = [
        "---",
        'title: "T: t"',
        "source: The Paper",
        "date: 2023-06-28",
        "tags: [a, b]",
        "language: no",
        "---",
    ]
    text = "\r\n".join([*lines, "# H", ""])
    (folder / "good.txt").unlink()
    (folder / "a.md").write_bytes(text.encode())
    article = only(read_corpus(folder))
    assert article.text == text
    assert (article.title, article.outlet, article.published) == ("T: t", "The Paper", "2023-06-28")
    assert article.language == "no"  # Norwegian; YAML 1.1 would read False


def test_front_matter_of_a_text_file_is_not_metadata(folder: Path) -> None:
    (folder / "good.txt").write_text("---\ntitle: T\n---\nFirst line", encoding="utf-8")
    assert only(read_corpus(folder)).title == "First line"


@pytest.mark.parametrize(
    ("front", "expected"),
    [
        ("title: Blinken: no prospect", "bad front matter; mapping values are not allowed here, line 1"),
        ("title: a\ntitle: b", "bad front matter; 'title' comes twice, line 2"),
        ("title: [a, b]", "not text; the value of title"),
        ('title: "\\ud800"', "lone surrogate"),
        ("title: " + "[" * 50_000, "bad front matter; not YAML"),
        ("title: a", "empty"),
    ],
)
def test_bad_front_matter_is_skipped(folder: Path, front: str, expected: str) -> None:
    (folder / "a.md").write_text(f"---\n{front}\n---\n", encoding="utf-8")
    assert reason(read_corpus(folder)) == expected


def test_articles_yaml_counts_before_front_matter_field_by_field(folder: Path) -> None:
    (folder / "a.md").write_text("---\ntitle: Front\noutlet: Front\n---\nText", encoding="utf-8")
    (folder / "articles.yaml").write_text("a.md: {title: Yaml, url: 'https://example.org'}", encoding="utf-8")
    article = read_corpus(folder).articles[0]
    assert (article.title, article.outlet, article.url) == ("Yaml", "Front", "https://example.org")


# JSONL


def test_a_record_becomes_an_article(tmp_path: Path) -> None:
    record = {
        "id": "a/1", "title": " A\ntitle ", "text": "Text", "source": "The Paper", "date": "2022/06/16",
        "url": "https://example.org", "language": "en", "author": ["ignored"], "topics": None,
    }  # fmt: skip
    article = only(read_corpus(jsonl(tmp_path / "c.jsonl", record)))
    assert article == Article(
        id="a/1",
        file="c.jsonl",
        title="A title",
        text="Text",
        sha256=hashlib.sha256(b"Text").hexdigest(),
        outlet="The Paper",
        published="2022-06-16",
        url="https://example.org",
        language="en",
    )


def test_a_field_may_be_missing_empty_or_null(tmp_path: Path) -> None:
    record = {
        "id": "a",
        "title": "",
        "text": "First line\nText",
        "outlet": None,
        "source": "S",
        "date": "someday",
    }
    article = only(read_corpus(jsonl(tmp_path / "c.jsonl", record)))
    assert (article.title, article.outlet, article.published, article.url) == ("First line", "S", None, None)


FINE = {"id": "fine", "text": "Fine."}
BAD_RECORDS: list[tuple[bytes, str]] = [
    (b'{"id": "a"}', "no text"),
    (b'{"id": "a", "text": " \\n"}', "no text"),
    (b'{"id": "a", "text": null}', "no text"),
    (b'{"text": "A"}', "no id"),
    (b'{"id": "", "text": "A"}', "no id"),
    (b'{"id": 7, "text": "A"}', "not text; the value of id"),
    (b'{"id": "a", "text": ["A"]}', "not text; the value of text"),
    (b'{"id": "a", "text": "A", "date": 2022}', "not text; the value of date"),
    (b'{"id": "a", "text": "A", "source": {}}', "not text; the value of source"),
    (b'{"id": "a\\u001b[2J", "text": "A"}', "bad id; control characters, or over 1000 characters"),
    (b'{"id": "' + b"a" * 1001 + b'", "text": "A"}', "bad id; control characters, or over 1000 characters"),
    (b'{"id": "fine", "text": "A"}', "duplicate id; fine"),
    (b'{"id": "a", "text": "half \\ud800 a character"}', "lone surrogate"),
    (b'{"id": "a", "text": "A", "title": "\\udc00"}', "lone surrogate"),
    (b'{"id": "a\\ud800", "text": "A"}', "bad id; control characters, or over 1000 characters"),
    (b'{"id": "a", "text": "NUL \\u0000"}', "binary"),
    (b'{"id": "a", "text": "d\xe9j\xe0"}', "not UTF-8; convert it"),
    (b"[]", "not an object"),
    (b'"text"', "not an object"),
    (b"null", "not an object"),
    (b"{'id': 'a'}", "not JSON"),
    (b'{"id": "a", "text": "A"', "not JSON"),
    (b"[" * 100_000, "not JSON"),
    (b"9" * 5_000, "not JSON"),
    (b"x" * 200_000, "too large; over 150,000 bytes"),
]


@pytest.mark.parametrize(("line", "expected"), BAD_RECORDS)
def test_a_bad_record_is_skipped_alone_and_its_line_named(tmp_path: Path, line: bytes, expected: str) -> None:
    path = tmp_path / "c.jsonl"
    last = b'{"id": "last", "text": "Last."}'
    path.write_bytes(b"\n".join([json.dumps(FINE).encode(), b"", line, last]))
    corpus = read_corpus(path, max_bytes=150_000)
    assert [a.id for a in corpus.articles] == ["fine", "last"]
    assert corpus.skipped == (Skipped("c.jsonl", f"line 3: {expected}"),)
    assert corpus.summary().endswith(f"; skipped 1: 1 {expected.partition(';')[0]}")


def test_a_pair_of_escaped_surrogates_is_one_character(tmp_path: Path) -> None:
    path = tmp_path / "c.jsonl"
    path.write_bytes(b'\xef\xbb\xbf{"id": "a", "text": "\\ud83d\\ude42"}\r\n')
    assert only(read_corpus(path)).text == "🙂"


def test_ids_are_unique_across_files(folder: Path) -> None:
    jsonl(folder / "z.jsonl", {"id": "good.txt", "text": "Another"})
    corpus = read_corpus(folder)
    assert only(corpus).text == GOOD
    assert reason(corpus) == "line 1: duplicate id; good.txt"


def test_gzip_is_read_and_a_damaged_one_skipped_whole(tmp_path: Path, folder: Path) -> None:
    packed = gzip.compress(b'{"id": "a", "text": "A"}\n' + os.urandom(20_000).hex().encode())
    (folder / "c.jsonl.gz").write_bytes(packed)
    corpus = read_corpus(folder / "c.jsonl.gz")
    assert (only(corpus).file, reason(corpus)) == ("c.jsonl.gz", "line 2: not JSON")
    for damaged in (
        packed[: len(packed) // 2],
        packed[:-8] + bytes(8),
        b"no gzip",
        packed[:9000] + b"\xff" * 99,
    ):
        (folder / "c.jsonl.gz").write_bytes(damaged)
        corpus = read_corpus(folder)
        assert (only(corpus).id, reason(corpus)) == ("good.txt", "damaged gzip")


def test_a_gzip_bomb_is_not_kept_in_memory(tmp_path: Path) -> None:
    with gzip.open(tmp_path / "c.jsonl.gz", "wb", compresslevel=1) as bomb:
        bomb.write(b'{"id": "a", "text": "A"}\n')
        for _ in range(30):
            bomb.write(b"x" * 1_000_000)
    tracemalloc.start()
    try:
        corpus = read_corpus(tmp_path / "c.jsonl.gz", max_bytes=1_000)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert (only(corpus).text, reason(corpus)) == ("A", "line 2: too large; over 1,000 bytes")
    assert peak < 3_000_000


@pytest.mark.parametrize("line", [b'{"id": "a", "text": "A"}\n', b"x" * 200_000])
def test_a_slow_file_is_skipped_whole(folder: Path, line: bytes) -> None:
    (folder / "slow.jsonl").write_bytes(line * 2)
    assert reason(read_corpus(folder, seconds=0, max_bytes=1_000)) == "too slow; over 0 seconds"


def test_nineteen_thousand_articles_are_read_whole() -> None:
    shared = Path(os.environ.get("ONRECORD_SHARED", CORPUS.parents[1] / "shared"))
    path = shared / "eval" / "reuters21578" / "corpus.jsonl.gz"
    if not path.exists():
        pytest.skip(f"{path} is not there; name its folder in ONRECORD_SHARED")
    corpus = read_corpus(path)
    assert (len(corpus.articles), corpus.skipped) == (19_043, ())
    assert all(article.span for article in corpus.articles)


# No corpus


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (lambda _: None, "cannot be found"),
        (lambda path: path.mkdir(), "holds no article"),
        (lambda path: path.write_text("A text", encoding="utf-8"), "neither a folder nor a .jsonl file"),
        (os.mkfifo, "neither a folder nor a .jsonl file"),
        (lambda path: path.symlink_to(path), "cannot be found"),
    ],
)
def test_what_is_no_corpus_is_an_error_with_a_remedy(
    tmp_path: Path, make: Callable[[Path], object], says: str
) -> None:
    make(tmp_path / "corpus")
    with pytest.raises(CorpusError, match=says) as caught:
        read_corpus(tmp_path / "corpus")
    assert caught.value.remedy


def test_a_path_with_a_nul_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match="cannot be found"):
        read_corpus(Path("a\0b"))


def test_a_corpus_of_bad_files_says_what_was_skipped(folder: Path) -> None:
    (folder / "good.txt").write_bytes(b"")
    (folder / "latin.txt").write_bytes(b"caf\xe9")
    with pytest.raises(CorpusError) as caught:
        read_corpus(folder)
    assert "skipped 2: 1 empty, 1 not UTF-8 (first: good.txt: empty)." in caught.value.message
    assert "UTF-8" in caught.value.remedy


# articles.yaml


def test_articles_yaml_says_what_is_known(folder: Path) -> None:
    (folder / "articles.yaml").write_text(
        "good.txt:\n  title: 1984\n  outlet: null\n  published: 2022-10\n  language: no\n  basis: inferred\n",
        encoding="utf-8",
    )
    article = only(read_corpus(folder))
    assert (article.title, article.outlet, article.published) == ("1984", None, "2022-10")
    assert (article.language, article.basis) == ("no", {"published": "inferred"})


@pytest.mark.parametrize(
    ("yaml", "says"),
    [
        ("absent.txt: {title: T}", "'absent.txt'"),
        ("../corpus/good.txt: {title: T}", "'../corpus/good.txt'"),
        ("c.jsonl: {title: T}", "'c.jsonl'"),
        ("good.txt: {tilte: T}", "unknown key 'tilte', line 1"),
        ("good.txt: {title: T", "line 1"),
        ("good.txt: {title: [T]}", "not text: the value of title, line 1"),
        ("good.txt:\n  title: T\n  title: U", "'title' comes twice, line 3"),
        ("good.txt: {title: T}\ngood.txt: {title: U}", "'good.txt' comes twice, line 2"),
        ("good.txt: T", "not a mapping, line 1"),
        ("- good.txt", "not a mapping, line 1"),
        ("[a]: b", "a key that is not text"),
        ("good.txt: {published: yesterday}", "'yesterday' is not a date"),
        ("good.txt: {published: 2023/2022}", "'2023/2022' is not a date"),
        ("good.txt: {basis: inferred}", "'published', which is not given"),
        ("good.txt: {title: T, basis: {name: x}}", "'name', which is not given"),
        ("good.txt: {title: T, basis: {title: [x]}}", "not text: the value of basis"),
        ('good.txt: {title: "\\ud800"}', "lone surrogate"),
        ('good.txt: {title: "\\UFFFFFFFF"}', "not YAML"),
        ("good.txt: !!python/object/apply:os.system [id]", "not a mapping"),
        ("[" * 100_000, "not YAML"),
        ("#" * 1_000_001, "too large"),
        ("a: \x01", "cannot be"),
    ],
)
def test_a_bad_articles_yaml_is_an_error_with_a_remedy(folder: Path, yaml: str, says: str) -> None:
    jsonl(folder / "c.jsonl", FINE)
    (folder / "articles.yaml").write_text(yaml, encoding="utf-8")
    with pytest.raises(CorpusError) as caught:
        read_corpus(folder)
    assert says in caught.value.message
    assert "articles.yaml" in caught.value.message
    assert caught.value.remedy


def test_aliases_do_not_multiply(folder: Path) -> None:
    bomb = "a: &a [x, x]\n" + "".join(
        f"{c}: &{c} [*{p}, *{p}, *{p}]\n" for p, c in zip("abcdefgh", "bcdefghi", strict=True)
    )
    (folder / "articles.yaml").write_text(bomb, encoding="utf-8")
    with pytest.raises(CorpusError, match="not a mapping"):
        read_corpus(folder)


@pytest.mark.parametrize("make", [os.mkfifo, links_out, lambda path: path.write_bytes(b"\xff\xfea\0")])
def test_articles_yaml_is_opened_by_the_same_rules(folder: Path, make: Callable[[Path], object]) -> None:
    make(folder / "articles.yaml")
    with pytest.raises(CorpusError, match=r"articles\.yaml cannot be read"):
        read_corpus(folder)
