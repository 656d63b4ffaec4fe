"""What the chat page does, without Gradio."""

from __future__ import annotations

import asyncio

import pytest

from onrecord import Assistant, Settings
from onrecord.errors import BusyError
from onrecord.faces.page.actions import PageActions
from onrecord.faces.page.view import View
from tests import corpora
from tests.render.html.test_answer import Seen

SECOND = "003_4bf6cde60e83d0fa.txt"
SECOND_TITLE = (
    "Blinken: ‘We’ll see by their actions’ if Iran willing to lower tensions, ‘no agreement in the offing’"
)
QUESTION = "What did Blinken say about a new Iran deal?"


@pytest.fixture(scope="module")
def page(built_index, tmp_path_factory):
    kept = tmp_path_factory.mktemp("page") / "conversations.sqlite"
    settings = built_index.model_copy(update={"conversations": kept})
    with Assistant.open(settings) as assistant:
        yield PageActions(assistant, settings)


def asked(page: PageActions, question: str, view: View, owner: str = "page:a"):
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
    assert "claim" in page.check(draft, "page:a")
    assert "Check it in parts" in page.check("x" * 200_001, "page:a")


def test_the_corpus_is_listed_and_searched(page):
    assert "2" in page.holdings()
    assert "Blinken" in page.articles("diplomacy")
    assert "000_958ad2b006b0f065.txt" not in page.articles("offing")


def test_first_questions_come_from_the_corpus(page):
    assert 'data-act="ask"' in page.welcome()
    assert page.welcome() == page.welcome()


def test_a_filter_offers_what_is_chosen_first_and_what_holds_the_letters(page):
    names = [value for _, value in page.offered("speaker")]
    assert "Antony Blinken" in names
    assert [value for _, value in page.offered("speaker", "BLINK")] == ["Antony Blinken"]
    assert page.offered("speaker", "dimaggio", ["Nobody"])[0] == ("Nobody", "Nobody")
    assert page.offered("article", "offing") == [(SECOND_TITLE, SECOND)]
    chosen = page.offered("article", "", [SECOND, "gone"])
    assert chosen[:2] == [(SECOND_TITLE, SECOND), ("gone (not in this corpus)", "gone")]
    assert [value for _, value in chosen].count(SECOND) == 1
    assert page.offered("outlet") == []


@pytest.fixture
def bare(tmp_path):
    settings = corpora.write_jsonl(tmp_path / "corpus.jsonl", corpora.PLAIN)
    settings = Settings.load(
        corpus=settings, index=tmp_path / "index", conversations=tmp_path / "conversations.sqlite"
    )
    with Assistant.open(settings, waiting=True) as assistant:
        yield PageActions(assistant, settings, local=True)


def test_without_an_index_every_part_of_the_page_says_so(bare):
    assert "There is no index yet" in bare.welcome()
    assert bare.vacant() == bare.welcome()
    assert "There is no index" in bare.holdings()
    assert bare.articles() == ""
    assert "There is no index" in bare.check("“Words that somebody said.”", "page:a")
    assert bare.held() == 0
    assert bare.offered("speaker") == bare.offered("outlet") == bare.offered("article") == []
    assert "There is no index" in asked(bare, QUESTION, View("n"))[-1].current


def shown_while_building(page: PageActions) -> list[str]:
    async def collect():
        return [html async for html in page.build()]

    return asyncio.run(collect())


@pytest.mark.slow
def test_an_index_is_built_from_the_page_and_answers_then(bare):
    shown = shown_while_building(bare)
    assert shown
    assert all("<progress" in html for html in shown)
    assert bare.vacant() == ""
    assert asked(bare, "What did Ostrow say about the harbour?", View("b"))[-1].answer.quotes
    assert shown_while_building(bare) == []  # there is nothing left to do


@pytest.mark.slow
def test_a_build_that_fails_says_why(bare):
    bare.settings.corpus.write_text("")
    last = shown_while_building(bare)[-1]
    assert 'role="alert"' in last
    assert "<progress" not in last
    assert 'data-act="build"' in last


def test_only_people_at_the_machine_build(bare):
    bare.local = False
    assert shown_while_building(bare) == []
    assert 'data-act="build"' not in bare.welcome()
