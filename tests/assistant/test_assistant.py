"""The assistant: filters, limits, conversations, a new generation under way, many threads."""

from __future__ import annotations

import re
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from onrecord import Assistant, Settings, ask, build_index, verify
from onrecord.errors import (
    IndexCorruptError,
    IndexMissingError,
    IndexStaleError,
    QuestionError,
    UnknownArticleError,
)
from onrecord.index.generation import newest_name
from tests.corpora import PLAIN, copy_of, write_jsonl
from tests.reliability.whole import build, run

HARBOUR = "What did Ostrow say about the harbour?"
FERRY = "What did Verlaan tell reporters about the roster?"
ICE = "What did Mira Sandoval say about the glacier?"
FOREIGN = "What did the central bank of Osaka decide about interest rates?"
BLINKEN = "What did Blinken say about the prospects of reviving the Iran nuclear deal?"
EVERYTHING = "Kelmouth harbour ferry strike glacier ice bread dough"


@pytest.fixture(scope="module")
def assistant(plain_index):
    with Assistant.open(plain_index) as opened:
        yield opened


@pytest.fixture(scope="module")
def diplomacy(built_index):
    with Assistant.open(built_index) as opened:
        yield opened


def found(assistant, **filters) -> set[str]:
    answer = assistant.ask(EVERYTHING, **filters)
    hits = {hit.passage.article_id for hit in assistant.search(EVERYTHING, limit=50, **filters)}
    assert {quote.article_id for quote in answer.ranked} <= hits
    assert answer.searched.articles >= len(hits)
    return hits


def told(answer) -> tuple[object, ...]:
    return answer.id, answer.text, answer.quotes, answer.ranked, answer.confidence


# Filters


@pytest.mark.parametrize(
    ("filters", "within"),
    [
        ({}, {"harbour", "strike", "glacier", "undated"}),
        ({"since": "2022"}, {"harbour", "strike", "glacier"}),
        ({"since": "2022-03-14"}, {"harbour", "strike", "glacier"}),
        ({"since": "2022-03-15"}, {"strike", "glacier"}),
        ({"until": "2022-11-02"}, {"harbour", "strike"}),
        ({"until": "2022-11-01"}, {"harbour"}),
        ({"until": "2022-03"}, {"harbour"}),
        ({"since": "2022-11", "until": "2022-11"}, {"strike"}),
        ({"since": "2024"}, set()),
        ({"since": "2023", "until": "2022"}, set()),
        ({"outlet": "Island Post"}, {"strike", "glacier"}),
        ({"outlet": "ISLAND post"}, {"strike", "glacier"}),
        ({"outlet": ["Island Post", "Kelmouth Courier"]}, {"harbour", "strike", "glacier"}),
        ({"article": "undated"}, {"undated"}),
        ({"article": ("undated", "strike")}, {"undated", "strike"}),
        ({"outlet": "Island Post", "until": "2022"}, {"strike"}),
        ({"article": "harbour", "since": "2023"}, set()),
    ],
)
def test_filters_are_kept(assistant, filters, within):
    assert found(assistant, **filters) == within
    searched = assistant.ask(EVERYTHING, **filters).searched
    assert searched.articles == len(within)
    assert bool(searched.filters) == bool(filters)


def test_an_article_whose_date_is_an_interval_is_within_when_any_of_its_days_may_be(diplomacy):
    assert diplomacy.ask(BLINKEN, since="2022-12", until="2022-12").searched.articles == 1
    assert diplomacy.ask(BLINKEN, since="2023-01", until="2023-05").searched.articles == 0


def test_a_filtered_answer_is_one_of_the_unfiltered_kind(assistant):
    quotes = assistant.ask(HARBOUR, article="harbour").quotes
    assert quotes
    assert {quote.article_id for quote in quotes} == {"harbour"}
    assert quotes[0].text == assistant.ask(HARBOUR).quotes[0].text


def test_within_nothing_the_answer_says_so(assistant):
    answer = assistant.ask(HARBOUR, since="2030")
    assert answer.refused
    assert answer.reason == "No article is within these filters."
    assert "since 2030-01-01" in answer.text
    assert (answer.ranked, answer.nearest, answer.searched.passages) == ((), (), 0)


@pytest.mark.parametrize(
    ("filters", "error", "said"),
    [
        ({"since": "soon"}, QuestionError, "'since'"),
        ({"until": "2023-02-30"}, QuestionError, "'until'"),
        ({"since": ""}, QuestionError, "YYYY-MM-DD"),
        ({"outlet": "The Imaginary Times"}, QuestionError, "Known: Island Post, Kelmouth Courier"),
        ({"article": "none"}, UnknownArticleError, "'none'"),
        ({"article": "\ud800"}, UnknownArticleError, "no article"),
        ({"outlet": ""}, QuestionError, "outlet"),
    ],
)
def test_a_filter_that_cannot_be_used_is_an_error(assistant, filters, error, said):
    for call in (assistant.ask, assistant.search):
        with pytest.raises(error) as caught:
            call(HARBOUR, **filters)
        assert said in str(caught.value)


def test_many_filters_in_turn_do_not_disturb_one_another(assistant):
    days = [f"2022-{month:02}-{day:02}" for month in range(1, 13) for day in range(1, 8)]
    for _ in range(2):
        counts = [assistant.ask("harbour", until=day).searched.articles for day in days]
        assert counts == [int(day >= "2022-03-14") + int(day >= "2022-11-02") for day in days]


# What cannot be asked


@pytest.mark.parametrize("question", ["", " \n\t", "\u200b\ufeff", "?!", "🙂", "x" * 10_000, "why " * 2_500])
def test_what_is_no_question_is_an_error_that_says_what_to_do(assistant, question):
    for call in (assistant.ask, assistant.search):
        with pytest.raises(QuestionError) as caught:
            call(question)
        assert caught.value.remedy
        assert len(str(caught.value)) < 300


def test_a_question_of_ten_thousand_characters_is_a_matter_of_settings(plain_index):
    wide = plain_index.model_copy(update={"max_question_chars": 20_000})
    with Assistant.open(wide) as assistant:
        answer = assistant.ask(HARBOUR + " harbour" * 1_500)
    assert answer.ranked[0].article_id == "harbour"


@pytest.mark.parametrize("odd", ["\ud800", "\udfff\ud800 ", "\x00", "\u202e", "𝒲", "ﬁ"])
def test_odd_characters_are_survived(assistant, odd):
    answer = assistant.ask(f"{odd} {HARBOUR} {odd}")
    assert answer.question == f"{odd} {HARBOUR} {odd}"
    assert answer.ranked[0].article_id == "harbour"


# Refusals


def test_a_refusal_says_what_was_searched_and_which_words_stand_nowhere(assistant):
    answer = assistant.ask(FOREIGN)
    assert answer.refused
    assert {"bank", "Osaka"} <= set(answer.searched.missing)
    assert "Osaka" in answer.reason
    assert (answer.searched.articles, answer.searched.first, answer.searched.last) == (
        4, "2022-03-14", "2023-09-20",
    )  # fmt: skip
    assert re.search(r"Searched 4 articles \(\d+ passages\)", answer.text)
    assert "“" not in answer.text.partition("Nearest, not an answer:")[0]


def test_a_refusal_with_a_filter_names_the_filter(assistant):
    answer = assistant.ask(FOREIGN, outlet="Island Post")
    assert answer.searched.filters == "outlet Island Post"
    assert "outlet Island Post" in answer.text


def test_the_nearest_are_offered_as_no_answer(diplomacy):
    answer = diplomacy.ask("What did Blinken say about the price of olive oil in Osaka?")
    assert answer.refused
    before, _, after = answer.text.partition("Nearest, not an answer:")
    assert answer.nearest
    assert all(quote.text in after and quote.text not in before for quote in answer.nearest)


def test_an_answer_names_speaker_and_place_before_the_words(diplomacy):
    answer = diplomacy.ask(BLINKEN)
    assert not answer.refused
    assert answer.searched.missing == ()
    blocks = answer.text.split("\n\n“")[0]
    assert "Blinken" in blocks
    for number, quote in enumerate(answer.quotes, 1):
        own = any(mark in quote.text for mark in '“”"«»„')
        assert (f"\n{quote.text} [{number}]" if own else f"“{quote.text}” [{number}]") in answer.text
        assert quote.title in answer.text


def test_approximate_search_gives_what_exact_search_gives(plain_index, assistant):
    with Assistant.open(plain_index.model_copy(update={"exact_below": 0})) as approximate:
        for question in (HARBOUR, FERRY, ICE, FOREIGN):
            assert told(approximate.ask(question)) == told(assistant.ask(question))
            assert told(approximate.ask(question, since="2022")) == told(
                assistant.ask(question, since="2022")
            )


# Conversations


def test_a_follow_up_leans_on_the_question_before(assistant):
    alone = assistant.ask("And what did he say?")
    after = assistant.ask("And what did he say?", history=[ICE, FERRY])
    assert "Verlaan" in after.standalone
    assert after.question == "And what did he say?"
    assert after.ranked[0].article_id == "strike"
    assert alone.standalone == "And what did he say?"


def test_a_question_that_stands_alone_takes_nothing_from_history(assistant):
    assert assistant.ask(ICE, history=[FERRY]).ranked == assistant.ask(ICE).ranked


@pytest.mark.parametrize("history", [[""], ["\ud800"], ["?"] * 50, ["x" * 50_000], [FERRY] * 500])
def test_any_history_is_survived(assistant, history):
    assert assistant.ask("And why?", history=history).searched.articles == 4


# Generations


def test_a_new_generation_is_picked_up_without_a_restart(plain_index, tmp_path):
    mine = copy_of(plain_index, tmp_path)
    with Assistant.open(mine) as assistant:
        before = assistant.ask(HARBOUR)
        held = assistant.article("harbour")
        text = held.text.replace("a third", "half")
        write_jsonl(mine.corpus, [{**PLAIN[0], "text": text}, *PLAIN[1:]])
        report = build_index(mine)
        after = assistant.ask(HARBOUR)
        assert assistant.info().generation == report.generation
        assert assistant.article("harbour").text == text
    assert before.id != after.id
    assert any("a third of our grain" in quote.text for quote in before.quotes)
    assert any("half of our grain" in quote.text for quote in after.quotes)


def test_what_serves_goes_on_when_the_folder_is_gone_or_current_is_damaged(plain_index, tmp_path):
    mine = copy_of(plain_index, tmp_path)
    with Assistant.open(mine) as assistant:
        expected = assistant.ask(HARBOUR).quotes
        (mine.index / "current").write_text("nonsense", encoding="ascii")
        assert assistant.ask(HARBOUR).quotes == expected
        (mine.index / "current").unlink()
        assert assistant.ask(HARBOUR).quotes == expected
        with pytest.raises(IndexMissingError):
            Assistant.open(mine)


def test_a_new_generation_that_is_damaged_is_an_error_and_not_an_answer(plain_index, tmp_path):
    mine = copy_of(plain_index, tmp_path)
    with Assistant.open(mine) as assistant:
        assistant.ask(HARBOUR)
        write_jsonl(mine.corpus, PLAIN[1:])
        folder = mine.index / build_index(mine).generation
        content = (folder / "tokens.npy").read_bytes()
        (folder / "tokens.npy").unlink()
        (folder / "tokens.npy").write_bytes(content[:-1] + b"\x00")
        with pytest.raises(IndexCorruptError, match=r"tokens\.npy"):
            assistant.ask(HARBOUR)


# Threads


def test_eight_threads_get_the_answers_of_one(assistant):
    questions = [HARBOUR, FERRY, ICE, FOREIGN, EVERYTHING]
    expected = {question: told(assistant.ask(question)) for question in questions}
    filtered = told(assistant.ask(HARBOUR, until="2022"))
    with ThreadPoolExecutor(8) as pool:
        asked = [questions[number % 5] for number in range(80)]
        answers = list(pool.map(lambda question: told(assistant.ask(question)), asked))
        again = list(pool.map(lambda _: told(assistant.ask(HARBOUR, until="2022")), range(16)))
    assert [expected[question] for question in asked] == answers
    assert again == [filtered] * 16


@pytest.mark.slow
def test_eight_threads_across_switches_get_each_answer_from_one_generation(plain_index, tmp_path):
    """RELIABILITY row 7, on the whole product: both articles carry the number of their generation."""
    mine = copy_of(plain_index, tmp_path).model_copy(update={"reader": "none"})
    mark = "The {0} marker counts {1} in this edition."

    def edition(number: int) -> str:
        texts = {name: mark.format(name, number) for name in ("harbour", "ferry")}
        write_jsonl(mine.corpus, [{"id": name, "title": name, "text": text} for name, text in texts.items()])
        code, report = run(build, mine, tmp_path)
        assert code == 0
        return report["generation"]

    edition(1000)
    stop: list[bool] = []
    with Assistant.open(mine) as assistant, ThreadPoolExecutor(8) as pool:

        def reader() -> list[int]:
            seen = []
            while not stop:
                try:
                    answer = assistant.ask("How much does the harbour marker and the ferry marker count?")
                except IndexStaleError:  # the corpus is a new edition already, and the index not yet
                    continue
                numbers = {int(re.findall(r"\d+", quote.text)[0]) for quote in answer.ranked}
                assert len(numbers) == 1, f"a mixture of {numbers}"
                assert len(answer.ranked) == 2
                seen += numbers
                time.sleep(0.02)
            return seen

        readers = [pool.submit(reader) for _ in range(8)]
        try:
            for number in range(1001, 1005):
                generation = edition(number)
                assert newest_name(mine.index) == assistant.info().generation == generation
        finally:
            stop.append(True)
        for each in readers:
            seen = each.result(timeout=30)
            assert seen == sorted(seen), "a reader went back"


# The conveniences


def test_ask_and_verify_open_the_index_that_settings_name(plain_index, odd_index):
    assert ask(HARBOUR, settings=plain_index).quotes[0].article_id == "harbour"
    assert {quote.article_id for quote in ask("clerk emoji", settings=odd_index).ranked} >= {"wide 🙂"}
    true = PLAIN[2]["text"].split("“")[1].split(",”")[0]
    [verdict] = verify(f"She said: “{true}.”", settings=plain_index)
    assert verdict.ok
    [verdict] = verify(f"She said: “{true}.”", settings=odd_index)
    assert not verdict.ok


def test_ask_takes_the_environment_where_no_settings_are_given(plain_index, monkeypatch):
    monkeypatch.setenv("ONRECORD_INDEX", str(plain_index.index))
    monkeypatch.setenv("ONRECORD_CORPUS", str(plain_index.corpus))
    assert ask(HARBOUR, article="harbour").searched.articles == 1


def test_info_says_what_the_index_holds(assistant, plain_index):
    info = assistant.info()
    assert (info.articles, info.first, info.last) == (4, "2022-03-14", "2023-09-20")
    assert info.outlets == ("Island Post", "Kelmouth Courier")
    assert info.passages >= 4
    assert info.sentences >= 10
    assert info.model == Settings.load().embedding
    files = (plain_index.index / info.generation).rglob("*")
    assert info.bytes == sum(Path(file).stat().st_size for file in files if file.is_file())


def test_no_more_hits_than_asked_for_and_every_article_has_its_turn(diplomacy):
    assert [hit.rank for hit in diplomacy.search("Iran nuclear deal", limit=3)] == [1, 2, 3]
    hits = diplomacy.search("Iran nuclear deal", limit=8)
    assert len({hit.passage.article_id for hit in hits}) == 2


@pytest.mark.parametrize(
    "question",
    [
        "Why did Blinken announce that the JCPOA had been signed on June 28?",
        "Why did Blinken say that Iran apologised?",
    ],
)
def test_a_false_premise_is_answered_but_not_affirmed(diplomacy, question):
    answer = diplomacy.ask(question)
    assert answer.quotes
    assert answer.quotes[0].speaker == "Antony Blinken"
    assert answer.text.startswith("This corpus does not bear out what the question takes for granted.")
    assert answer.reason


def test_a_premise_that_the_words_bear_out_is_not_doubted(diplomacy):
    answer = diplomacy.ask("Why did Blinken say that there is no prospect for a deal?")
    assert "no prospect" in answer.quotes[0].text
    assert not answer.reason
