"""The speaker filter: only the words of those who are named, everywhere."""

from __future__ import annotations

import asyncio
import json
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from onrecord import Assistant
from onrecord.answer.excerpts import show_sentences
from onrecord.answer.quotes import read_quotes
from onrecord.answer.state import Asking
from onrecord.errors import QuestionError
from onrecord.faces.cli.app import main
from onrecord.people.names import speaks
from onrecord.types import Answer, Filters, described, read_filters

QUESTION = "What about the nuclear deal, drones and diplomacy?"
QUESTIONS = (
    QUESTION,
    "What did Blinken say about the Iran nuclear deal?",
    "Who denied sending drones to Russia?",
    "What happened in June 2023?",
)


@pytest.fixture(scope="module")
def assistant(built_index):
    with Assistant.open(built_index) as opened:
        yield opened


def meant(name: str, speaker: str) -> bool:
    return name == speaker or (" and " not in name and speaks(name, speaker))


def slices(answer: Answer):
    return (*answer.quotes, *answer.ranked, *answer.nearest)


@pytest.mark.parametrize("question", QUESTIONS)
@pytest.mark.parametrize("speaker", ["Blinken", "antony blinken", "Secretary Blinken", "Antony Blinken"])
def test_only_this_speaker_is_quoted(assistant, question, speaker):
    answer = assistant.ask(question, speaker=speaker)
    assert slices(answer)
    assert {quote.speaker for quote in slices(answer)} == {"Antony Blinken"}
    assert f"speaker {speaker}" in answer.searched.filters


def test_several_speakers(assistant):
    answer = assistant.ask(QUESTION, speaker=["Zakharova", "Trump"])
    assert {quote.speaker for quote in slices(answer)} == {"Maria Zakharova", "Donald Trump"}


def test_one_of_several_who_speak_together_and_all_of_them(assistant):
    for speaker in ("Russia", "Iran and Russia"):
        quotes = slices(assistant.ask("Who denied the US allegations?", speaker=speaker))
        assert quotes
        assert {quote.speaker for quote in quotes} == {"Iran and Russia"}
    with pytest.raises(QuestionError, match="Blinken and Borrell"):
        assistant.ask(QUESTION, speaker="Blinken and Borrell")


def test_a_speaker_who_is_not_there_is_told_with_those_whose_names_are_near(assistant):
    with pytest.raises(QuestionError) as unknown:
        assistant.ask(QUESTION, speaker="Blinkin")
    assert "'Blinkin'" in str(unknown.value)
    assert "Antony Blinken" in unknown.value.remedy
    with pytest.raises(QuestionError) as far:
        assistant.search(QUESTION, speaker="Xqzw")
    assert all(name in far.value.remedy for name in assistant.speakers()[:3])
    with pytest.raises(QuestionError):
        assistant.ask(QUESTION, speaker="")


def test_counts_and_days_are_those_of_the_speaker(assistant):
    zakharova = assistant.ask(QUESTION, speaker="Zakharova").searched
    assert (zakharova.articles, zakharova.passages) == (1, 1)
    assert (zakharova.first, zakharova.last) == ("2022-10-01", "2022-12-31")
    blinken = assistant.ask(QUESTION, speaker="Blinken").searched
    assert blinken.articles == 2
    assert zakharova.passages < blinken.passages < assistant.ask(QUESTION).searched.passages


def test_with_other_filters(assistant):
    late = assistant.ask(QUESTION, speaker="Blinken", since="2023")
    assert {quote.published for quote in slices(late)} == {"2023-06-28"}
    nothing = assistant.ask(QUESTION, speaker="Zakharova", since="2023")
    assert (nothing.refused, nothing.searched.passages, slices(nothing)) == (True, 0, ())


def test_search_gives_passages_that_hold_the_speaker_words(assistant):
    index = assistant.index
    table, passages = index.store.sentences, index.store.passages
    hits = assistant.search(QUESTION, limit=50, speaker="Miller")
    assert hits
    rows = {ident: row for row, ident in enumerate(index.store.passage_ids())}
    for hit in hits:
        first, last = passages["sentence"][rows[hit.passage.id] : rows[hit.passage.id] + 2]
        held = {int(speaker) for speaker in table["speaker"][first:last]}
        assert index.store.speakers.index("Matthew Miller") in held


def test_a_chat_model_is_shown_nobody_else(assistant):
    steps = assistant._steps
    asking = Asking(QUESTION, filters=Filters(speakers=("DiMaggio",)))
    read = steps.read(steps.retrieve(steps.condense(asking)))
    shown = show_sentences(read, limit=100)
    assert shown
    assert {one.excerpt.speaker for one in shown} == {"Suzanne DiMaggio"}


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=30)
@given(data=st.data())
def test_the_selection_is_what_counting_one_by_one_gives(assistant, data):
    index = assistant.index
    names = data.draw(st.lists(st.sampled_from(sorted(index.speakers)), min_size=1, max_size=3, unique=True))
    selection = index.select(Filters(speakers=tuple(names)))
    spoken = [
        row >= 0 and any(meant(name, index.store.speakers[row]) for name in names)
        for row in index.spoken.tolist()
    ]
    assert selection.sentences is not None
    assert selection.sentences.tolist() == spoken
    edges = index.store.passages["sentence"]
    held = [any(spoken[a:b]) for a, b in pairwise(edges)]
    assert selection.passages is not None
    assert selection.passages.tolist() == held
    assert selection.counts[1] == sum(held)


def test_no_filter_costs_nothing_and_selects_everything(assistant):
    selection = assistant.index.select(Filters())
    assert (selection.articles, selection.passages, selection.sentences) == (None, None, None)
    assert assistant.index.select(Filters(outlets=(), until=None)).sentences is None


def test_others_cannot_be_quoted_whatever_their_score(assistant):
    steps = assistant._steps
    asking = Asking(QUESTION, filters=Filters(speakers=("Blinken",)))
    retrieved = steps.retrieve(steps.condense(asking))
    features, scores = steps.scored(retrieved)
    spoken = retrieved.found.selection.sentences[features.rows]
    assert np.isneginf(scores[~spoken]).all()
    seen = (retrieved.found.cutter, retrieved.found.candidates, features, scores)
    assert {quote.speaker for quote in read_quotes(*seen, limit=50, per_article=50)} == {"Antony Blinken"}


def test_every_way_of_asking_takes_it(assistant):
    async def gathered():
        return await assistant.aask(QUESTION, speaker="Trump"), [
            event async for event in assistant.astream(QUESTION, speaker="Trump")
        ][-1]

    plain = assistant.ask(QUESTION, speaker="Trump")
    answers = [*asyncio.run(gathered()), list(assistant.stream(QUESTION, speaker="Trump"))[-1]]
    chained = assistant.chain().invoke({"question": QUESTION, "speaker": "Trump", "reference": True})
    for answer in (*answers, chained):
        assert answer.ranked == plain.ranked
        assert {quote.speaker for quote in answer.ranked} == {"Donald Trump"}


def test_a_conversation_keeps_it(assistant):
    talk = assistant.conversation(owner="speaker-filter")
    talk.ask(QUESTION, speaker=["Blinken"])
    assert talk.turns[-1].filters == {"speaker": ["Blinken"]}
    talk.delete()


def test_on_the_command_line(built_index, capsys):
    given = ["--index", str(built_index.index), "--speaker", "Blinken", "--json"]
    assert main(["ask", QUESTIONS[1], *given]) == 0
    quotes = json.loads(capsys.readouterr().out)["quotes"]
    assert {quote["speaker"] for quote in quotes} == {"Antony Blinken"}
    assert main(["ask", QUESTIONS[1], "--index", str(built_index.index), "--speaker", "Blinkin"]) == 2
    assert "Antony Blinken" in capsys.readouterr().err


def test_described():
    filters = read_filters(since="2022", speaker="Antony Blinken", article=["a", "b"])
    assert described(filters) == "since 2022-01-01, article a, article b, speaker Antony Blinken"
    assert bool(Filters(speakers=("x",)))


def test_who_speaks_and_the_articles(assistant):
    speakers = assistant.speakers()
    counts = [assistant.index.speakers[name] for name in speakers]
    assert speakers[:2] == ("Antony Blinken", "Suzanne DiMaggio")
    assert counts == sorted(counts, reverse=True)
    assert len(set(speakers)) == len(speakers)
    assert [article.id for article in assistant.articles()] == [
        assistant.index.article(row).id for row in range(assistant.info().articles)
    ]
