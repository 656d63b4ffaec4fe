"""A corpus that changed after it was indexed: what is quoted stands in its file now, or is not quoted."""

from __future__ import annotations

import errno
import gzip
import html
import io
import json
import os
import re
import shutil
import time
from collections.abc import Iterator
from dataclasses import dataclass, fields, is_dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from onrecord import Assistant, Settings, build_index
from onrecord.errors import IndexStaleError
from onrecord.faces.cli.batch import BatchLine, answer_lines
from onrecord.faces.page.view import View
from onrecord.faces.server import create_app
from onrecord.index.originals import Originals
from onrecord.render.markdown import conversation_markdown
from onrecord.types import Answer, OnDisk, Quote, Status
from onrecord.wording.dates import written_date
from tests.corpora import PLAIN, copy_of, write_jsonl
from tests.faces.http.test_server import served

BLINKEN = "What did Blinken say about the prospects of reviving the Iran nuclear deal?"
HARBOUR = "What did Ostrow say about the harbour?"
FOREIGN = "What did the central bank of Japan decide about interest rates in Osaka?"
MARK = "changed on disk since it was indexed"


@dataclass(frozen=True)
class Case:
    """A quotation, and the file that it was cut from."""

    settings: Settings
    quote: Quote
    path: Path

    def ask(self) -> Answer:
        with Assistant.open(self.settings) as assistant:
            return assistant.ask(BLINKEN)


@pytest.fixture
def case(built_index, tmp_path) -> Case:
    """The first quotation of an answer, from a corpus of text files that may be changed."""
    mine = copy_of(built_index, tmp_path).model_copy(update={"reader": "none"})
    with Assistant.open(mine) as assistant:
        quote = assistant.ask(BLINKEN).quotes[0]
    return Case(mine, quote, mine.corpus / quote.file)


def before(case: Case) -> None:
    case.path.write_text("A line more.\n" + case.path.read_text("utf-8"), "utf-8")


def after(case: Case) -> None:
    case.path.write_text(case.path.read_text("utf-8") + "\nA line more.\n", "utf-8")


def within(case: Case) -> None:
    text, middle = case.path.read_text("utf-8"), (case.quote.start + case.quote.end) // 2
    case.path.write_text(text[:middle] + "#" + text[middle + 1 :], "utf-8")


def within_and_the_times_put_back(case: Case) -> None:
    found = case.path.stat()
    within(case)
    os.utime(case.path, ns=(found.st_atime_ns, found.st_mtime_ns))


def deleted(case: Case) -> None:
    case.path.unlink()


def renamed(case: Case) -> None:
    case.path.rename(case.path.with_name("other.txt"))


def hidden(case: Case) -> None:
    case.path.rename(case.path.with_name(f".{case.path.name}"))


def linked_from_elsewhere(case: Case) -> None:
    outside = case.settings.corpus.parent / "outside.txt"
    shutil.move(case.path, outside)
    case.path.symlink_to(outside)


def a_pipe(case: Case) -> None:
    case.path.unlink()
    os.mkfifo(case.path)


def a_folder(case: Case) -> None:
    case.path.unlink()
    case.path.mkdir()


def binary(case: Case) -> None:
    case.path.write_bytes(case.path.read_bytes() + b"\0")


def latin(case: Case) -> None:
    case.path.write_bytes(case.path.read_bytes() + b"\xe9")


LOST = (before, within, within_and_the_times_put_back, deleted, renamed, hidden, linked_from_elsewhere,
        a_pipe, a_folder, binary, latin)  # fmt: skip


def strings(value) -> list[str]:
    """Give every text that a result holds, however deep."""
    if isinstance(value, str):
        return [value]
    if is_dataclass(value):
        return [text for each in fields(value) for text in strings(getattr(value, each.name))]
    if isinstance(value, dict):
        return [text for each in value.values() for text in strings(each)]
    return [text for each in value for text in strings(each)] if isinstance(value, list | tuple) else []


def says(function, *arguments, **options) -> str:
    """Give all that is said, or the error."""
    try:
        return "\n\n".join(strings(function(*arguments, **options)))
    except IndexStaleError as error:
        return str(error)


@pytest.mark.parametrize("change", LOST, ids=lambda change: change.__name__)
def test_what_no_longer_stands_in_its_file_is_nowhere_quoted(case, change):
    change(case)
    words = case.quote.text
    with Assistant.open(case.settings) as assistant:
        told = says(assistant.ask, BLINKEN)
        assert words not in told
        assert "Not in this corpus" not in told
        assert case.path.name in told
        assert "since it was indexed" in told
        assert words not in says(lambda: list(assistant.stream(BLINKEN)))
        assert words not in says(assistant.quotes)
        assert words not in says(assistant.search, BLINKEN, limit=100)
        assert words not in says(assistant.ask, FOREIGN)
        [verdict] = [one for one in assistant.verify(f"> {case.quote.text}") if one.start < 5][:1]
        assert not verdict.ok
        assert verdict.status in (Status.OUTDATED, Status.ABSENT, Status.ALTERED, Status.STITCHED)
        found = assistant.on_disk(assistant.article(case.quote.article_id))
        assert found is (OnDisk.CHANGED if change.__name__.startswith(("before", "within")) else OnDisk.GONE)


def test_a_slice_that_still_stands_is_quoted_and_marked(case):
    from onrecord.render.html.answer import turn_html
    from onrecord.render.html.article import article_html
    from onrecord.render.markdown import answer_markdown

    after(case)
    answer = case.ask()
    quote = answer.quotes[0]
    assert (quote.text, quote.on_disk) == (case.quote.text, OnDisk.CHANGED)
    assert MARK in answer.text
    assert MARK in answer_markdown(answer)
    assert MARK in turn_html(answer, number=1)
    assert answer.notice == ""
    with Assistant.open(case.settings) as assistant:
        [verdict] = [one for one in assistant.verify(f"> {quote.text}") if one.start < 5][:1]
        assert verdict.ok
        assert f"{case.path.name} was {MARK}" in verdict.note
        article = assistant.article(quote.article_id)
        shown = article_html(article, start=0, end=0, on_disk=assistant.on_disk(article))
        assert "Changed on disk since it was indexed." in shown


def test_what_stands_beside_a_slice_is_that_of_the_file_now(case):
    start = case.quote.start
    text = case.path.read_text("utf-8")
    case.path.write_text(text[: start - 2] + "##"[:start] + text[start:], "utf-8")
    with Assistant.open(case.settings) as assistant:
        for quote in assistant.ask(BLINKEN).quotes:
            now = (case.settings.corpus / quote.file).read_text("utf-8")
            assert all(now[clip.start : clip.end] == clip.text for clip in quote.clips)


def test_an_answer_that_has_others_says_how_many_are_left_out(case):
    with Assistant.open(case.settings) as assistant:
        quotes = assistant.ask(BLINKEN).quotes
        mine = [quote for quote in quotes if quote.file == case.quote.file]
        assert len(mine) < len(quotes), "or nothing would be left"
        deleted(case)
        answer = assistant.ask(BLINKEN)
    assert answer.quotes
    assert all(quote.file != case.quote.file for quote in answer.quotes)
    assert answer.notice.startswith(f"{len(mine)} quotation")
    assert f"{case.path.name} was deleted, or taken out of the corpus, since it was indexed." in answer.notice
    assert "Whoever keeps this index" in answer.notice


def test_a_file_that_was_only_touched_or_rewritten_is_the_same(case):
    content = case.path.read_bytes()
    case.path.unlink()
    case.path.write_bytes(content)
    assert {quote.on_disk for quote in case.ask().quotes} == {OnDisk.SAME}


@pytest.mark.parametrize("missing", ["deleted", "a file", "unreadable"])
def test_where_there_is_no_corpus_the_answer_says_so_once(case, missing):
    corpus = case.settings.corpus
    if missing == "unreadable":
        if os.geteuid() == 0:
            pytest.skip("root may read everything")
        corpus.chmod(0)
    else:
        shutil.rmtree(corpus)
    if missing == "a file":
        corpus.write_text("none")
    try:
        answer = case.ask()
    finally:
        if missing == "unreadable":
            corpus.chmod(0o755)
    assert answer.quotes[0].text == case.quote.text
    assert {quote.on_disk for quote in answer.quotes} == {OnDisk.UNKNOWN}
    assert answer.notice.count("The corpus is not here") == 1


# while a server is running


def test_a_running_server_tells_with_the_very_next_answer(case):
    mine = case.settings.model_copy(update={"reader": "none"})
    with Assistant.open(mine) as assistant:
        quote = assistant.ask(BLINKEN).quotes[0]
        with (
            served(create_app(assistant, settings=mine)) as server,
            httpx.Client(base_url=server.url) as client,
        ):

            def ask() -> httpx.Response:
                return client.post("/api/ask", json={"question": BLINKEN})

            assert ask().json()["quotes"][0]["on_disk"] == "same"
            content = case.path.read_bytes()
            within(Case(mine, quote, case.path))
            told = says(ask().json)
            assert quote.text not in told
            assert MARK in told
            article = client.get(f"/api/articles/{quote.article_id}").json()
            assert article["on_disk"] == "changed"
            verdict = client.post("/api/verify", json={"text": f"> {quote.text}"}).json()
            assert not verdict["ok"]
            case.path.write_bytes(content)
            assert ask().json()["quotes"][0]["text"] == quote.text
            for path in mine.corpus.glob("*.txt"):
                path.unlink()
            answer = ask()
            assert answer.status_code == 503
            assert answer.json()["error"]["kind"] == "index_stale"
            events = client.post(
                "/api/ask", json={"question": BLINKEN}, headers={"accept": "text/event-stream"}
            )
            assert events.status_code == 503
            assert quote.text not in says(events.json)
            assert client.post("/api/search", json={"query": BLINKEN}).status_code == 503


def test_a_batch_goes_on_after_a_question_that_only_a_deleted_file_answers(case):
    with Assistant.open(case.settings) as assistant:
        for path in case.settings.corpus.glob("*.txt"):
            path.unlink()
        out = io.StringIO()
        assert answer_lines(assistant, [BatchLine(1, BLINKEN), BatchLine(2, FOREIGN)], out, filters={}) == 0
    first, second = map(json.loads, out.getvalue().splitlines())
    assert case.path.name in first["error"]
    assert "changed or deleted since they were indexed" in first["error"]
    assert second["ranked"] == []


# records


def edited(records):
    return [{**records[0], "text": records[0]["text"].replace("a third", "a fifth")}, *records[1:]]


def removed(records):
    return list(records[1:])


def duplicated_before(records):
    return [{**records[1], "id": records[0]["id"]}, *records]


@pytest.mark.parametrize("zipped", [False, True])
@pytest.mark.parametrize("change", [edited, removed, duplicated_before])
def test_a_record_that_is_another_now_is_not_quoted(plain_index, tmp_path, change, zipped):
    mine = copy_of(plain_index, tmp_path)
    if zipped:
        mine = _zipped(mine)
    with Assistant.open(mine) as assistant:
        [quote, *_] = assistant.ask(HARBOUR).quotes
        assert quote.on_disk is OnDisk.SAME
        _write(mine.corpus, change(PLAIN))
        told = says(assistant.ask, HARBOUR)
        assert quote.text not in told
        assert f"harbour in {mine.corpus.name}" in told
        _write(mine.corpus, PLAIN)
        assert assistant.ask(HARBOUR).quotes[0] == quote


@pytest.mark.parametrize("zipped", [False, True])
def test_a_line_inserted_before_a_record_changes_nothing_of_it(plain_index, tmp_path, zipped):
    mine = _zipped(copy_of(plain_index, tmp_path)) if zipped else copy_of(plain_index, tmp_path)
    with Assistant.open(mine) as assistant:
        quotes = assistant.ask(HARBOUR).quotes
        more = {"id": "new", "title": "New", "text": "Something else altogether."}
        _write(mine.corpus, [more, *PLAIN])
        assert assistant.ask(HARBOUR).quotes == quotes


def test_an_id_that_is_spelt_with_other_escapes_is_found(odd_index, tmp_path):
    mine = copy_of(odd_index, tmp_path)
    content = mine.corpus.read_bytes()
    mine.corpus.write_bytes(content.replace(b'"astral"', b'"\\u0061stral"'))
    with Assistant.open(mine) as assistant:
        assert {one.on_disk for one in map(assistant._live.newest().originals.of, assistant.articles())} == {
            OnDisk.SAME
        }


def _zipped(mine: Settings) -> Settings:
    """The same index, whose records are said to be in a compressed file."""
    from tests.security.forging import forge_articles

    corpus = mine.corpus.with_name(f"{mine.corpus.name}.gz")
    _write(corpus, PLAIN)
    forge_articles(
        mine.index, lambda database: database.execute("UPDATE article SET file = ?", (corpus.name,))
    )
    return mine.model_copy(update={"corpus": corpus})


def _write(path: Path, records) -> None:
    if path.suffix != ".gz":
        write_jsonl(path, records)
        return
    with gzip.open(path, "wt", encoding="utf-8") as stream:
        stream.writelines(json.dumps(dict(record)) + "\n" for record in records)


# whatever is done


ACTIONS = st.one_of(
    st.tuples(st.just("put"), st.integers(0, 7_000), st.sampled_from(["#", "x y", "“", "\n\n", ""])),
    st.tuples(st.just("cut"), st.integers(0, 7_000), st.integers(1, 400)),
    st.tuples(st.sampled_from(["delete", "restore", "no corpus"]), st.just(0), st.just("")),
)


@pytest.fixture(scope="module")
def changing(built_index, tmp_path_factory) -> Iterator[tuple[Assistant, Path]]:
    """An open assistant, and the folder of its two articles, which may be changed at will."""
    mine = copy_of(built_index, tmp_path_factory.mktemp("changing")).model_copy(update={"reader": "none"})
    with Assistant.open(mine) as assistant:
        yield assistant, mine.corpus


@pytest.mark.slow
@settings(max_examples=40)
@given(steps=st.lists(st.tuples(st.integers(0, 1), ACTIONS), min_size=1, max_size=4))
def test_every_quotation_is_a_slice_of_its_file_as_it_is_now(built_index, changing, steps):
    assistant, corpus = changing
    files = sorted(built_index.corpus.glob("*.txt"))
    for original in files:
        _do(corpus, original, ("restore", 0, ""))
    for number, action in steps:
        _do(corpus, files[number], action)
        _hold(assistant, corpus)


def _do(corpus: Path, original: Path, action) -> None:
    kind, at, what = action
    path = corpus / original.name
    if kind == "no corpus":
        shutil.rmtree(corpus, ignore_errors=True)
        return
    corpus.mkdir(exist_ok=True)
    if kind == "delete":
        path.unlink(missing_ok=True)
    elif kind == "restore" or not path.exists():
        shutil.copyfile(original, path)
    else:
        text = path.read_text("utf-8")
        rest = text[at:] if kind == "put" else text[at + what :]
        path.write_text(text[:at] + (what if kind == "put" else "") + rest, "utf-8")


def _hold(assistant: Assistant, corpus: Path) -> None:
    try:
        answer = assistant.ask(BLINKEN)
    except IndexStaleError:
        return
    shown = (*answer.quotes, *answer.ranked, *answer.nearest)
    if not corpus.exists():
        assert "unconfirmed" in answer.notice
        return
    assert shown
    for quote in shown:
        path = corpus / quote.file
        assert path.read_text("utf-8")[quote.start : quote.end] == quote.text
        assert quote.on_disk in (OnDisk.SAME, OnDisk.CHANGED)


# what was answered before


@pytest.fixture
def kept(case, tmp_path) -> Case:
    """The first quotation of an answer that was kept, in a conversation called ``talk``."""
    mine = case.settings.model_copy(update={"reader": "none", "conversations": tmp_path / "talks.sqlite"})
    with Assistant.open(mine) as assistant:
        quote = assistant.conversation("talk", owner="me").ask(BLINKEN).quotes[0]
    return Case(mine, quote, mine.corpus / quote.file)


def shown_again(case: Case) -> dict[str, str]:
    """Open the conversation anew in every place that shows one."""
    from onrecord.faces.cli.shell import Shell
    from onrecord.faces.page.actions import PageActions
    from onrecord.render.html.conversation import conversation_page
    from onrecord.render.html.timeline import timeline_points

    with Assistant.open(case.settings) as assistant:
        page = PageActions(assistant, case.settings)
        turns, answer = page.turns("talk", "me")
        talk = assistant.conversation("talk", owner="me")
        out = io.StringIO()
        shell = Shell(assistant, stdin=io.StringIO("/sources\n"), stdout=out, stderr=out)
        shell._talk = talk
        shell.run()
        assert answer is not None
        page.follow_ups(answer, View())
        return {
            "page": turns,
            "sources": page.sources(answer),
            "markdown": conversation_markdown(talk),
            "html": conversation_page("Talk", talk.recalled, created=talk.turns[0].at),
            "answer": "\n".join(strings(answer)),
            "timeline": "\n".join(point.words for point in timeline_points(answer)),
            "shell": out.getvalue(),
        }


def counted(shown: dict[str, str]) -> int:
    """Read how many quotations the sources say there are."""
    found = re.search(r"(\d+) quotations? from", shown["sources"])
    assert found
    return int(found[1])


def stored(case: Case) -> list[str]:
    with Assistant.open(case.settings) as assistant:
        return [turn.answer.quotes[0].text for turn in assistant.conversation("talk", owner="me").turns]


@pytest.mark.parametrize("change", LOST, ids=lambda change: change.__name__)
def test_a_kept_quotation_that_stands_no_more_is_shown_nowhere_as_one(kept, change):
    text = html.escape(kept.quote.text)
    given = shown_again(kept)
    assert any(text in told or kept.quote.text in told for told in given.values())
    assert "Quoted from" in given["page"]
    assert counted(given) > 0
    change(kept)
    day = written_date(datetime.now(UTC).date().isoformat(), inferred=False)
    again = shown_again(kept)
    assert counted(again) < counted(given), "what stands no more is not counted among the sources"
    for place, told in again.items():
        assert kept.quote.text not in told, place
        assert html.escape(kept.quote.text) not in told, place
        assert "Quoted from" not in told, place
    line = f"The quotation given here on {day} stood in {kept.quote.file}, which was "
    for place in ("page", "sources", "html", "shell"):
        assert line in again[place], place
    assert line in again["markdown"].replace("\\", "")
    assert stored(kept) == [kept.quote.text], "what is kept is not altered"


def test_a_kept_quotation_that_still_stands_is_marked_and_has_no_green_badge(kept):
    after(kept)
    again = shown_again(kept)
    for place in ("page", "sources", "markdown", "html", "shell"):
        assert MARK in again[place], place
    assert "Exact slice, but the article has changed" in again["sources"]
    assert "given here" not in again["page"]


def test_kept_quotations_without_a_corpus_are_said_to_be_unconfirmed_once(kept):
    shutil.rmtree(kept.settings.corpus)
    again = shown_again(kept)
    for place in ("page", "markdown", "html"):
        assert again[place].replace("\\", "").count("The corpus is not here") >= 1, place
    assert again["html"].count("The corpus is not here") == 1
    assert 'class="good"' not in again["sources"].replace('<dd class="good"', "")
    assert "not compared with its file" in again["sources"]


def test_a_chat_model_s_claims_go_with_the_quotation_that_carried_them(kept):
    from onrecord.assistant.recall import recalled
    from onrecord.types import Claim

    deleted(kept)
    with Assistant.open(kept.settings) as assistant:
        [turn] = assistant.conversation("talk", owner="me").turns
        others = [n for n, quote in enumerate(turn.answer.quotes, 1) if quote.file != kept.quote.file]
        claims = (Claim("It rests on it.", (1, *others)), *(Claim("Not so.", (n,)) for n in others))
        given = replace(turn.answer, claims=claims)
        answer = recalled(given, assistant._live.originals, at=turn.at)
    assert others
    assert answer.claims == claims[1:]
    assert answer.refused is False


def test_in_slack_a_withdrawn_quotation_is_one_line(kept):
    from onrecord.faces.slack.blocks import answer_messages

    deleted(kept)
    with Assistant.open(kept.settings) as assistant:
        [turn] = assistant.conversation("talk", owner="me").recalled
    told = json.dumps([message.blocks for message in answer_messages(turn.answer, link=lambda _: None)])
    assert "The quotation given here on" in told
    assert json.dumps(kept.quote.text)[1:-1] not in told


# what verify says of what stands beside a slice


def test_verify_tells_of_words_that_were_put_beside_a_slice_and_not_of_those_that_went(plain_index, tmp_path):
    mine = copy_of(plain_index, tmp_path)
    claim = "Nobody sails before the roster is fair"
    put = {**PLAIN[1], "text": PLAIN[1]["text"].replace("is fair.”", "is fair unless we agree.”")}
    with Assistant.open(mine) as assistant:
        [verdict] = assistant.verify(f"“{claim}”")
        assert (verdict.ok, verdict.clipped) == (True, ())
        write_jsonl(mine.corpus, [PLAIN[0], put, *PLAIN[2:]])
        [verdict] = assistant.verify(f"“{claim}”")
        assert verdict.ok
        assert any("unless" in clip.text for clip in verdict.clipped)
        assert all(put["text"][clip.start : clip.end] == clip.text for clip in verdict.clipped)
    build_index(mine)
    write_jsonl(mine.corpus, PLAIN)
    with Assistant.open(mine) as assistant:
        [verdict] = assistant.verify(f"“{claim}”")
        assert (verdict.ok, verdict.clipped) == (True, ())


def test_verify_warns_of_a_negation_before_a_slice_only_where_it_is_there_now(plain_index, tmp_path):
    mine, claim = copy_of(plain_index, tmp_path), "expect a fair roster before the winter"
    records = [
        {**PLAIN[1], "id": "other", "text": f"Captains said they {how} {claim} of next year."}
        for how in ("do not", "do now")
    ]
    write_jsonl(mine.corpus, records[:1])
    build_index(mine)
    for now, warned in ((0, True), (1, False)):
        write_jsonl(mine.corpus, [records[now]])
        with Assistant.open(mine) as assistant:
            [verdict] = assistant.verify(f"“{claim}”")
        assert ("the words before it are" in verdict.note) is warned
    build_index(mine)
    write_jsonl(mine.corpus, records[:1])
    with Assistant.open(mine) as assistant:
        [verdict] = assistant.verify(f"“{claim}”")
    assert "the words before it are: not" in verdict.note


# a disk or a system that fails


FAILURES = [errno.EMFILE, errno.ENFILE, errno.EIO, errno.ESTALE, errno.ENOMEM, errno.EACCES]


@pytest.mark.parametrize("code", FAILURES, ids=errno.errorcode.get)
@pytest.mark.parametrize("where", ["open", "stat"])
@pytest.mark.parametrize("zipped", [None, False, True])
def test_what_cannot_be_read_is_unconfirmed_and_looked_at_again(
    case, plain_index, tmp_path, monkeypatch, code, where, zipped
):
    mine = case.settings
    if zipped is not None:
        (tmp_path / "records").mkdir()
        mine = copy_of(plain_index, tmp_path / "records")
        mine = _zipped(mine) if zipped else mine
    now = time.time_ns() + 5_000_000_000
    originals = Originals(mine.corpus, max_bytes=1_000_000, now=lambda: now)
    with Assistant.open(mine) as assistant:
        article = assistant.articles()[0]
    real = getattr(os, where)

    def failing(path, *arguments, **options):
        if str(path).endswith(article.file):
            raise OSError(code, os.strerror(code))
        return real(path, *arguments, **options)

    for _ in range(2):
        with monkeypatch.context() as patch:
            patch.setattr(os, where, failing)
            assert originals.of(article).on_disk is OnDisk.UNKNOWN
        assert originals.of(article).on_disk is OnDisk.SAME
        originals = Originals(mine.corpus, max_bytes=1_000_000, now=lambda: now)


def test_a_changed_file_whose_text_cannot_be_read_again_is_unconfirmed(case, monkeypatch):
    """Its text is read a second time where another question asked for its hash alone."""
    with Assistant.open(case.settings) as assistant:
        article, *_ = sorted(assistant.articles(), key=lambda article: article.id != case.quote.article_id)
    after(case)
    now = time.time_ns() + 5_000_000_000
    originals = Originals(case.settings.corpus, max_bytes=1_000_000, now=lambda: now)
    assert originals.of(article).on_disk is OnDisk.CHANGED
    originals._texts.clear()

    def failing(*_arguments, **_options):
        raise OSError(errno.EMFILE, "too many")

    with monkeypatch.context() as patch:
        patch.setattr(os, "open", failing)
        assert originals.of(article).on_disk is OnDisk.UNKNOWN
    assert originals.of(article).on_disk is OnDisk.CHANGED


# what looking costs


def test_nothing_is_read_twice_that_did_not_change(case, monkeypatch):
    opened: list[str] = []
    real = os.open

    def watched(path, *arguments, **options):
        opened.append(str(path))
        return real(path, *arguments, **options)

    now = case.path.stat().st_ctime_ns + 5_000_000_000
    originals = Originals(case.settings.corpus, max_bytes=1_000_000, now=lambda: now)
    with Assistant.open(case.settings) as assistant:
        article = assistant.article(case.quote.article_id)
    monkeypatch.setattr(os, "open", watched)
    for _ in range(3):
        assert originals.of(article).on_disk is OnDisk.SAME
    assert [path for path in opened if path.endswith(article.file)] == [str(case.path)]


def test_a_file_written_a_moment_ago_is_read_again(case):
    """Its times may not tell of a second change that follows at once."""
    with Assistant.open(case.settings) as assistant:
        article = assistant.article(case.quote.article_id)
    case.path.write_bytes(case.path.read_bytes())
    at = case.path.stat()
    originals = Originals(case.settings.corpus, max_bytes=1_000_000, now=lambda: at.st_ctime_ns + 1)
    assert originals.of(article).on_disk is OnDisk.SAME
    within(case)
    assert originals.of(article).on_disk is OnDisk.CHANGED


def test_a_build_brings_a_stale_index_up_to_date(plain_index, tmp_path):
    mine = copy_of(plain_index, tmp_path)
    write_jsonl(mine.corpus, edited(PLAIN))
    build_index(mine)
    with Assistant.open(mine) as assistant:
        [quote, *_] = assistant.ask(HARBOUR).quotes
    assert "a fifth of our grain" in quote.text
    assert quote.on_disk is OnDisk.SAME
