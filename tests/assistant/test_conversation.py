"""Conversations on a real index: each question in the light of those before, each answer kept."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest

from onrecord import Assistant
from onrecord.assistant.conversation import Conversation
from onrecord.assistant.memory import Memory
from onrecord.errors import ConversationError, QuestionError
from onrecord.render.markdown import conversation_markdown
from onrecord.types import Answer, Part, Progress
from tests.shared import ROOT

CORPUS = ROOT / "corpus"
ASKED = "What did Blinken say about the prospects of reviving the Iran nuclear deal?"
FOLLOWING = "And why now?"
FOREIGN = "What did the central bank of Japan decide about interest rates in Osaka?"
BLINKEN = "000_958ad2b006b0f065.txt"
NOON = datetime(2024, 5, 1, 12, tzinfo=UTC)


@pytest.fixture(scope="module")
def assistant(built_index):
    with Assistant.open(built_index) as opened:
        yield opened


@pytest.fixture
def memory(tmp_path) -> Memory:
    return Memory.open(tmp_path / "talk.sqlite")


@pytest.fixture
def talk(assistant, memory) -> Conversation:
    return Conversation.open(assistant, memory, clock=lambda: NOON)


def same(one: Answer, other: Answer) -> bool:
    return (one.standalone, one.text, one.quotes) == (other.standalone, other.text, other.quotes)


def test_a_follow_up_is_understood_in_the_light_of_what_was_kept(assistant, memory, talk):
    first = talk.ask(ASKED)
    second = Conversation.open(assistant, memory, talk.id).ask(FOLLOWING)
    assert (first.standalone, second.question) == (ASKED, FOLLOWING)
    assert "Iran" in second.standalone
    assert second.quotes
    assert [turn.question for turn in talk.turns] == [ASKED, FOLLOWING]
    assert all(same(turn.answer, given) for turn, given in zip(talk.turns, (first, second), strict=True))
    assert talk.turns[0].at == NOON
    assert talk.title.startswith("What did Blinken say")


def test_a_stream_keeps_the_same_answer_as_asking(assistant, memory, talk):
    *before, answer = talk.stream(ASKED)
    assert {type(event) for event in before} == {Progress, Part}
    assert same(answer, assistant.ask(ASKED))
    assert [turn.answer.quotes for turn in talk.turns] == [answer.quotes]
    assert "Iran" in list(talk.stream(FOLLOWING))[-1].standalone


def test_a_stream_that_is_stopped_keeps_nothing(talk):
    for stop in range(4):
        events = talk.stream(ASKED)
        for _ in range(stop):
            assert not isinstance(next(events), Answer)
        events.close()
    assert (talk.turns, talk.title) == ((), "")


def test_a_stream_whose_answer_was_taken_keeps_it_however_it_ends(talk):
    events = talk.stream(ASKED)
    while not isinstance(next(events), Answer):
        pass
    events.close()
    assert len(talk.turns) == 1


def test_asking_without_waiting_is_asking(talk):
    async def both() -> list[Answer]:
        streamed = [event async for event in talk.astream(FOLLOWING)]
        return [streamed[-1]]

    first = asyncio.run(talk.aask(ASKED))
    [second] = asyncio.run(both())
    assert same(first, talk.turns[0].answer)
    assert same(second, talk.turns[1].answer)
    assert "Iran" in second.standalone


def test_an_async_stream_that_is_stopped_keeps_nothing(talk):
    async def stop() -> None:
        events = talk.astream(ASKED)
        assert isinstance(await anext(events), Progress)
        await events.aclose()

    asyncio.run(stop())
    assert talk.turns == ()


def test_filters_are_used_and_kept(talk):
    answer = talk.ask(ASKED, article=BLINKEN, since="2020", outlet=None)
    assert answer.searched.articles == 1
    assert talk.turns[0].filters == {"article": BLINKEN, "since": "2020"}
    talk.ask(ASKED, reference=True)
    assert talk.turns[1].filters == {}


def test_a_question_that_cannot_be_used_is_not_kept(talk):
    for question, filters in (("", {}), ("x" * 5_000, {}), (ASKED, {"since": "soon"})):
        with pytest.raises(QuestionError):
            talk.ask(question, **filters)
        with pytest.raises(QuestionError):
            list(talk.stream(question, **filters))
    assert talk.turns == ()


def test_only_the_last_eight_turns_are_read_for_a_question(assistant, memory, talk):
    class Recorder:
        def ask(self, question, *, history):
            seen.append([turn.question for turn in history])
            return assistant.ask(question, history=history)

    seen: list[list[str]] = []
    recorded = Conversation.open(Recorder(), memory, talk.id)
    questions = [f"What did Blinken say about Iran in {2000 + number}?" for number in range(11)]
    for question in questions:
        recorded.ask(question)
    assert seen[-1] == questions[2:10]


def test_a_new_conversation_has_an_id_of_its_own_and_any_id_can_be_given(assistant, memory):
    ids = {Conversation.open(assistant, memory).id for _ in range(100)}
    assert len(ids) == 100
    thread = Conversation.open(assistant, memory, "C01:1700000000.123456", owner="T1")
    thread.ask(ASKED)
    again = Conversation.open(assistant, memory, "C01:1700000000.123456", owner="T1")
    assert len(again.turns) == 1
    assert Conversation.open(assistant, memory, "C01:1700000000.123456").turns == ()
    with pytest.raises(ConversationError):
        Conversation.open(assistant, memory, "a b")


def test_a_conversation_is_found_by_the_beginning_of_its_id(assistant, memory):
    for name in ("abc1", "abc2", "abc"):
        Conversation.open(assistant, memory, name).ask(ASKED)
    assert Conversation.find(assistant, memory, "abc").id == "abc"
    assert Conversation.find(assistant, memory, "abc2").id == "abc2"
    for beginning, said in (("ab", "3 conversations"), ("x", "no conversation 'x'"), ("", "3 conv")):
        with pytest.raises(ConversationError, match=said):
            Conversation.find(assistant, memory, beginning)
    with pytest.raises(ConversationError):
        Conversation.find(assistant, memory, "abc", owner="bob")


def test_it_can_be_renamed_and_deleted(talk):
    with pytest.raises(ConversationError):
        talk.rename("too early")
    talk.ask(ASKED)
    talk.rename(" Iran \n deal ")
    assert talk.title == "Iran deal"
    with pytest.raises(ConversationError):
        talk.rename(" ")
    talk.delete()
    assert (talk.turns, talk.title) == ((), "")


def test_an_answer_that_cannot_be_kept_is_given_with_a_notice(talk, caplog):
    talk.memory.path.with_name(f"{talk.memory.path.name}-journal").mkdir()
    answer = talk.ask(ASKED)
    assert answer.quotes
    assert "could not be kept" in answer.notice
    assert str(talk.memory.path) not in answer.notice
    assert str(talk.memory.path) in caplog.text


def test_a_damaged_memory_is_told_before_the_answer(talk):
    talk.memory.path.write_bytes(b"no database" * 1_000)
    with pytest.raises(ConversationError, match="damaged"):
        talk.ask(ASKED)
    with pytest.raises(ConversationError, match="damaged"):
        next(talk.stream(ASKED))


def test_the_markdown_holds_all_of_it_exactly(assistant, memory):
    times = iter(NOON + timedelta(days=day) for day in range(9))
    talk = Conversation.open(assistant, memory, clock=lambda: next(times))
    assert conversation_markdown(talk) == ""
    answers = [talk.ask(question) for question in (ASKED, FOLLOWING, FOREIGN)]
    talk.rename("The *deal* <now>")
    text = conversation_markdown(talk)
    assert text.startswith("# The \\*deal\\* \\<now\\>\n\n1 May 2024, 3 questions. Searched 2 articles")
    for quote in (quote for answer in answers for quote in answer.quotes):
        assert f"```text\n{quote.text}\n```" in text
        assert (CORPUS / quote.file).read_bytes().decode("utf-8-sig")[quote.start : quote.end] == quote.text
    assert text.count("\n---\n") == 3
    assert "Not in this corpus." in text


def test_fifty_conversations_at_once_do_not_cross(built_index, memory):
    def converse(number: int) -> None:
        talk = Conversation.open(assistant, memory, f"c{number}", owner=f"owner{number % 7}")
        for part in range(2):
            talk.ask(f"What did Blinken say about canary{number}x{part} and Iran?", reference=True)

    unread = built_index.model_copy(update={"reader": "none"})
    with Assistant.open(unread) as assistant, ThreadPoolExecutor(8) as pool:
        list(pool.map(converse, range(50)))
    for number in range(50):
        kept = memory.turns(f"c{number}", owner=f"owner{number % 7}")
        assert [turn.question for turn in kept] == [
            f"What did Blinken say about canary{number}x{part} and Iran?" for part in range(2)
        ]
        others = [f"canary{other}x" for other in range(50) if other != number]
        assert not any(canary in turn.answer.standalone for turn in kept for canary in others)
    assert sum(len(memory.headings(owner=f"owner{n}")) for n in range(7)) == 50
