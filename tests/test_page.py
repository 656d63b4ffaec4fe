"""What the chat page does, without Gradio."""

from __future__ import annotations

import asyncio

import pytest

from onrecord import Assistant
from onrecord.errors import BusyError
from onrecord.page import Page, View
from tests.test_markup import Seen

QUESTION = "What did Blinken say about a new Iran deal?"


@pytest.fixture(scope="module")
def page(built_index, tmp_path_factory):
    kept = tmp_path_factory.mktemp("page") / "conversations.sqlite"
    settings = built_index.model_copy(update={"conversations": kept})
    with Assistant.open(settings) as assistant:
        yield Page(assistant, settings)


def asked(page: Page, question: str, view: View, owner: str = "page:a"):
    async def collect():
        return [shown async for shown in page.ask(question, view, owner)]

    return asyncio.run(collect())


def test_an_answer_is_shown_while_it_is_made_and_kept(page):
    shown = asked(page, QUESTION, View("one"))
    assert 'aria-busy="true"' in shown[0].current
    assert shown[-1].answer is not None
    assert Seen(shown[-1].current).words == [quote.text for quote in shown[-1].answer.quotes]
    past, answer = page.turns("one", "page:a")
    assert Seen(past).words == Seen(shown[-1].current).words
    assert answer is not None
    assert answer.question == QUESTION
    assert 'data-act="up" data-turn="1"' in shown[-1].current


def test_a_follow_up_says_what_was_searched(page):
    asked(page, "What is the US de-escalation effort with Iran about, according to DiMaggio?", View("two"))
    last = asked(page, "And why now?", View("two"))[-1]
    assert "Searched as: " in last.current


def test_each_visitor_has_their_own_conversations(page):
    asked(page, QUESTION, View("mine"), "page:m")
    assert "mine" in page.listed("", "page:m")
    assert "mine" not in page.listed("", "page:other")
    assert page.turns("mine", "page:other") == ("", None)
    assert page.turns("mine", "") == ("", None)


def test_nothing_is_kept_of_a_visitor_without_a_cookie(page):
    last = asked(page, QUESTION, View("nobody"), "")[-1]
    assert last.answer is not None
    assert page.memory.turns("nobody", owner="") == ()


def test_a_conversation_is_renamed_rated_and_deleted(page):
    asked(page, QUESTION, View("r"), "page:r")
    page.rename("r", "Iran <deal>", "page:r")
    page.rate("r", 1, up=False, reason="too long", owner="page:r")
    assert "Iran &lt;deal&gt;" in page.listed("r", "page:r")
    assert 'aria-pressed="true" class="act " data-act="down"' in page.turns("r", "page:r")[0]
    page.rename("gone", "x", "page:r")
    page.delete("r", "page:r")
    assert page.turns("r", "page:r") == ("", None)


@pytest.mark.parametrize(
    ("view", "told"),
    [
        (View("f", since="soon"), "cannot be read"),
        (View("f", outlet=("The Moon",)), "The Moon"),
        (View("bad id!"), "cannot be the id"),
    ],
)
def test_what_cannot_be_asked_is_told(page, view, told):
    last = asked(page, QUESTION, view)[-1]
    assert last.answer is None
    assert told in last.current
    assert 'role="alert"' in last.current
    assert 'data-act="retry"' in last.current


@pytest.mark.parametrize(
    ("error", "told"), [(BusyError("Busy.", remedy="Wait."), "Busy."), (OSError("key=s3cret"), "fault")]
)
def test_a_failure_says_what_to_do_and_no_more(page, monkeypatch, error, told):
    def fail(*_args, **_options):
        raise error

    monkeypatch.setattr(Assistant, "astream", fail)
    last = asked(page, QUESTION, View("e"), "")[-1]
    assert told in last.current
    assert "s3cret" not in last.current


def test_an_address_is_read():
    view = View.of("?c=abc&since=2022&outlet=A&outlet=B%20C&speaker=Antony+Blinken&__theme=dark")
    assert view == View("abc", since="2022", outlet=("A", "B C"), speaker=("Antony Blinken",))
    assert view.filters == {"since": "2022", "outlet": ("A", "B C"), "speaker": ("Antony Blinken",)}
    assert View.of("") == View()
    assert len(View.of("c=" + "x" * 10_000).conversation) == 128


def test_sources_are_what_the_answer_used(page):
    answer = asked(page, QUESTION, View("s"))[-1].answer
    html = page.sources(answer)
    assert html.count('class="source"') == len(answer.quotes)
    assert page.sources(None).startswith('<p class="faint">')


def test_a_draft_is_checked(page):
    draft = (
        "Blinken said “There is no agreement in the offing, even as we continue to be willing to explore.”"
    )
    assert "claim" in page.check(draft)
    assert "Check it in parts" in page.check("x" * 200_001)


def test_the_corpus_is_listed_and_searched(page):
    assert "2" in page.holdings()
    assert "Blinken" in page.articles("diplomacy")
    assert "000_958ad2b006b0f065.txt" not in page.articles("offing")


def test_first_questions_come_from_the_corpus(page):
    assert 'data-act="ask"' in page.welcome()
    assert page.welcome() == page.welcome()
