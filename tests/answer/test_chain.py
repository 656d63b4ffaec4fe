from __future__ import annotations

import asyncio
import re
import time

import pytest
from langchain_core.callbacks import BaseCallbackHandler
from langchain_core.messages import AIMessageChunk
from langchain_core.outputs import ChatGenerationChunk
from langchain_core.runnables import RunnableLambda

from onrecord import Answer, Assistant
from onrecord.answer.chain import STEPS
from onrecord.answer.state import Opening, grown
from onrecord.errors import BusyError, QuestionError, SettingsError
from onrecord.faces.langchain import build_chain
from onrecord.types import Part, Progress, Turn
from tests.scripted import Scripted, claims, number_of

ASKED = "What did Blinken say about the prospects of reviving the Iran nuclear deal?"
NO_PROSPECT = "no prospect for an agreement"
CLAIM = "Blinken said there was no prospect for an agreement at this moment"


@pytest.fixture(scope="module")
def reference(built_index):
    with Assistant.open(built_index) as assistant:
        yield assistant


def opened(settings, *replies, **fields):
    return Assistant.open(settings, model=Scripted(replies=list(replies), **fields))


def good(messages):
    return claims(([number_of(messages, NO_PROSPECT)], CLAIM))


def exact(assistant, answer):
    return all(assistant.article(q.article_id).text[q.start : q.end] == q.text for q in answer.quotes)


# --- without a chat model


def test_the_chain_gives_what_the_assistant_gives(built_index, reference):
    chain = build_chain(built_index)
    expected = reference.ask(ASKED)
    given = [chain.invoke(ASKED), chain.batch([{"question": ASKED}])[0], asyncio.run(chain.ainvoke(ASKED))]
    assert [answer.quotes for answer in given] == [expected.quotes] * 3
    assert {answer.id for answer in given} == {expected.id}


def test_a_stream_ends_with_the_same_answer(built_index, reference):
    *before, last = build_chain(built_index).stream(ASKED)
    assert isinstance(last, Answer)
    assert last.quotes == reference.ask(ASKED).quotes
    assert tuple(q for part in before if isinstance(part, Part) for _, q in part.quotes) == last.quotes
    assert [event.step for event in before if isinstance(event, Progress)] == ["retrieve", "read"]


def test_every_way_of_asking_gives_the_same(reference):
    async def collected():
        return [event async for event in reference.astream(ASKED)], await reference.aask(ASKED)

    events, answered = asyncio.run(collected())
    expected = reference.ask(ASKED)
    assert expected.text == answered.text == events[-1].text == list(reference.stream(ASKED))[-1].text


def test_filters_and_history_go_with_the_question(reference):
    chain = reference.chain()
    refused = chain.invoke({"question": ASKED, "until": "2001"})
    assert refused.refused
    assert refused.searched.articles == 0
    leaning = chain.invoke(
        {"question": "And why now?", "history": ["What is the de-escalation effort about?"]}
    )
    assert leaning.standalone != "And why now?"


def test_steps_are_named_and_tagged(reference):
    seen = {}

    class Recorder(BaseCallbackHandler):
        def on_chain_start(self, serialized, inputs, *, tags=None, name=None, **kwargs):
            seen[name] = tags

    reference.chain().invoke(ASKED, {"callbacks": [Recorder()], "tags": ["mine"]})
    assert [name for name in seen if name in STEPS] == list(STEPS)
    assert "onrecord:read" in seen["read"]
    assert all("mine" in seen[name] for name in STEPS)


def test_a_step_can_be_replaced(reference):
    def only_first(read):
        return grown(type(read), read, ranked=read.ranked[:1])

    chain = reference.chain(read=RunnableLambda(reference._steps.read) | only_first)
    assert len(chain.invoke(ASKED).quotes) == 1


def test_what_another_step_made_up_is_never_shown(reference):
    def forged(read):
        from dataclasses import replace

        from onrecord.answer.state import AnswerDraft, Ending

        false = replace(read.ranked[0], text=read.ranked[0].text.replace("no ", ""))
        return AnswerDraft((Opening(read, (false,)), Ending()))

    answer = reference.chain(answer=forged).invoke(ASKED)
    assert answer.refused
    assert answer.dropped == {"not an exact slice": 1}


def test_a_step_that_there_is_none_of_is_refused(reference):
    with pytest.raises(SettingsError, match="rerank"):
        reference.chain(rerank=lambda state: state)


def test_questions_over_the_limit_are_told_to_wait(built_index):
    with Assistant.open(built_index.model_copy(update={"max_concurrent": 1})) as assistant:
        first = assistant.stream(ASKED)
        next(first)
        with pytest.raises(BusyError, match="allowed"):
            assistant.ask(ASKED)
        first.close()
        assert assistant.ask(ASKED).quotes


def test_an_unusable_question_is_refused_before_anything_else(reference):
    for question in ("", " ", "?!", "x" * 3_000):
        with pytest.raises(QuestionError):
            next(reference.stream(question))


# --- with a chat model


def test_a_claim_that_is_borne_out_is_shown_with_its_quotation(built_index):
    with opened(built_index, good) as assistant:
        answer = assistant.ask(ASKED)
        assert (answer.mode, answer.notice, answer.dropped) == ("scripted", "", {})
        assert [(claim.text, claim.quotes) for claim in answer.claims] == [(CLAIM, (1,))]
        assert NO_PROSPECT in answer.quotes[0].text
        assert exact(assistant, answer)


def test_parts_come_as_they_are_verified_and_make_up_the_answer(built_index):
    with opened(built_index, good) as assistant:
        events = list(assistant.stream(ASKED))
        parts = [event for event in events if isinstance(event, Part)]
        assert [part.text for part in parts] == [CLAIM]
        assert parts[0].quotes == tuple(enumerate(events[-1].quotes, start=1))
        assert [event.step for event in events if isinstance(event, Progress)] == ["retrieve", "read"]


@pytest.mark.parametrize(
    ("ids", "text", "reason"),
    [
        ([], CLAIM, "cites no sentence"),
        ([9_999], CLAIM, "does not exist"),
        (None, "Blinken said there was a prospect for an agreement at this moment", "turns round"),
        (None, "Macron said there was no prospect for an agreement at this moment", "names what"),
        (None, f"{CLAIM} before 2031", "date that"),
        (None, "Blinken said “no prospect for an agreement at this moment”", "quotation marks"),
    ],
)
def test_a_claim_that_is_not_borne_out_is_left_out_and_counted(built_index, ids, text, reason):
    def reply(messages):
        true = number_of(messages, NO_PROSPECT)
        return claims(([true] if ids is None else ids, text), ([true], CLAIM))

    with opened(built_index, reply) as assistant:
        answer = assistant.ask(ASKED)
        assert [claim.text for claim in answer.claims] == [CLAIM]
        assert sum(answer.dropped.values()) == 1
        assert reason in next(iter(answer.dropped))
        assert "1 claim" in answer.notice


def test_when_nothing_is_left_the_answer_is_the_one_without_a_model(built_index, reference):
    with opened(built_index, claims(([9_999], CLAIM))) as assistant:
        answer = assistant.ask(ASKED)
        assert answer.quotes == reference.ask(ASKED).quotes
        assert (answer.mode, answer.dropped) == ("reference", {"cites a sentence that does not exist": 1})
        assert "borne out" in answer.notice


@pytest.mark.parametrize("reply", ["", "I'd be glad to help!", "{", '{"answerable": tru', "[1] x" * 9, "\0"])
def test_garbage_twice_gives_the_answer_without_a_model(built_index, reference, reply):
    model = Scripted(replies=[reply])
    with Assistant.open(built_index, model=model) as assistant:
        answer = assistant.ask(ASKED)
        assert answer.quotes == reference.ask(ASKED).quotes
        assert answer.mode == "reference"
        assert answer.notice
        assert len(model.asked) == 2


def test_a_model_without_structured_output_is_asked_for_lines(built_index):
    def plain(messages):
        return f"[{number_of(messages, NO_PROSPECT)}] {CLAIM}."

    with opened(built_index, plain, structured=False) as assistant:
        assert [claim.text for claim in assistant.ask(ASKED).claims] == [f"{CLAIM}."]


def test_an_answer_that_stops_midway_is_not_shown_as_whole(built_index, reference):
    def cut(messages):
        return good(messages)[:-2] + ', {"ids": [1], "cla'

    with opened(built_index, cut) as assistant:
        *parts, answer = assistant.stream(ASKED)
        assert any(isinstance(part, Part) and part.text for part in parts)
        assert answer.quotes == reference.ask(ASKED).quotes
        assert (answer.mode, answer.claims) == ("reference", ())
        assert answer.notice


def test_a_model_that_finds_no_answer_makes_a_refusal_unless_the_reader_is_sure(built_index, reference):
    none = claims(answerable=False)
    for question in (ASKED, "What steps would Iran take?", "Who won the World Cup?"):
        with opened(built_index, none) as assistant:
            answer, alone = assistant.ask(question), reference.ask(question)
            sure = not alone.refused and alone.confidence >= 0.9
            assert answer.quotes == (alone.quotes if sure else ())


def test_a_question_about_an_unknown_name_costs_no_call(built_index):
    model = Scripted(replies=[good])
    with Assistant.open(built_index, model=model) as assistant:
        assert assistant.ask("What did Zelensky say about Taiwan?").refused
        assert not model.asked


def test_reference_asks_no_model(built_index):
    model = Scripted(replies=[good])
    with Assistant.open(built_index, model=model) as assistant:
        assert assistant.ask(ASKED, reference=True).mode == "reference"
        assert not model.asked


def test_asyncio_gives_the_same(built_index):
    with opened(built_index, good) as assistant:

        async def both():
            return await assistant.aask(ASKED), [event async for event in assistant.astream(ASKED)]

        answer, events = asyncio.run(both())
        assert answer.claims == events[-1].claims == assistant.ask(ASKED).claims
        # A second event loop: nothing of the first one may be left in use.
        assert asyncio.run(both())[0].claims == answer.claims


def test_the_fixed_part_of_the_prompt_is_stable_and_the_fence_is_not(built_index):
    model = Scripted(replies=[good])
    with Assistant.open(built_index, model=model) as assistant:
        assistant.ask(ASKED)
        assistant.ask(ASKED)
    first, second = model.asked
    assert first[0].content == second[0].content
    fences = [re.search(r"[0-9a-f]{16}", str(asked[-1].content))[0] for asked in (first, second)]
    assert fences[0] != fences[1]


# --- follow-ups


HISTORY = (Turn(ASKED, speakers=("Antony Blinken",)),)


def test_a_model_words_the_follow_up_when_it_brings_in_nothing_new(built_index):
    asked = "What did Blinken say about Russia?"
    model = Scripted(replies=[asked, claims(answerable=False)])
    with Assistant.open(built_index, model=model) as assistant:
        answer = assistant.ask("What did he say about Russia?", history=HISTORY)
        assert answer.standalone == asked
        assert len(model.asked) >= 1


@pytest.mark.parametrize(
    "rewritten", ["What did Macron say about Russia?", "", "Sure! Here it is:\n\nWhat?", ConnectionError("x")]
)
def test_a_rewriting_that_brings_in_something_new_gives_way_to_the_rules(built_index, reference, rewritten):
    model = Scripted(replies=[rewritten, claims(answerable=False)])
    with Assistant.open(built_index.model_copy(update={"retries": 0}), model=model) as assistant:
        answer = assistant.ask("What did he say about Russia?", history=HISTORY)
    expected = reference.ask("What did he say about Russia?", history=HISTORY)
    assert answer.standalone == expected.standalone
    assert "Blinken" in answer.standalone


def test_a_question_that_stands_alone_is_left_untouched(built_index):
    model = Scripted(replies=[good])
    with Assistant.open(built_index, model=model) as assistant:
        assert assistant.ask(ASKED, history=HISTORY).standalone == ASKED
        assert len(model.asked) == 1


# --- stopping early


class Sleeping(Scripted):
    """Gives its reply but for the end, then sleeps until it is cancelled."""

    ended: list[str]

    async def _astream(self, messages, stop=None, run_manager=None, **kwargs):
        try:
            yield ChatGenerationChunk(message=AIMessageChunk(self._reply(messages)[:-2] + ', {"ids"'))
            await asyncio.sleep(60)
        finally:
            self.ended.append("ended")


def _until(done):
    for _ in range(100):
        if done():
            return True
        time.sleep(0.02)
    return False


def test_a_stream_that_is_closed_stops_the_model(built_index):
    model = Sleeping(replies=[good], ended=[])
    with Assistant.open(built_index, model=model) as assistant:
        events = assistant.stream(ASKED)
        assert any(isinstance(event, Part) for event in iter(lambda: next(events), None) if event)
        begun = time.perf_counter()
        events.close()
        assert time.perf_counter() - begun < 5
        assert _until(lambda: model.ended)
        assert assistant.ask(ASKED, reference=True).quotes


def test_a_task_that_is_cancelled_stops_the_model(built_index):
    model = Sleeping(replies=[good], ended=[])
    settings = built_index.model_copy(update={"max_concurrent": 1})
    with Assistant.open(settings, model=model) as assistant:

        async def cancelled():
            task = asyncio.create_task(assistant.aask(ASKED))
            while not model.asked:
                await asyncio.sleep(0.02)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task

        asyncio.run(cancelled())
        assert _until(lambda: model.ended)
        assert assistant.ask(ASKED, reference=True).quotes  # its place is free again


def test_a_silent_model_is_given_up_in_time(built_index, reference):
    model = Sleeping(replies=[good], ended=[])
    settings = built_index.model_copy(update={"idle_timeout": 0.3, "deadline": 5.0})
    with Assistant.open(settings, model=model) as assistant:
        answer = assistant.ask(ASKED)
    assert answer.quotes == reference.ask(ASKED).quotes
    assert answer.mode == "reference"
    assert "silent" in answer.notice
    assert answer.claims == ()
