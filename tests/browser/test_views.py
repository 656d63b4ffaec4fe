"""Filters and addresses, conversations, the other tabs."""

from __future__ import annotations

import re
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import expect

from tests import corpora
from tests.browser.browsing import ask
from tests.browser.questions import BOTH, FIRST, QUESTION, SECOND
from tests.browser.serving import served
from tests.shared import ROOT

pytestmark = pytest.mark.slow

EXACT = "there's no prospect for an agreement again"
ALTERED = (
    "There is an agreement in the offing, even as we continue to be willing to explore diplomatic paths,"
)
DRAFT = f"""Blinken said that "{EXACT}" last year.

In June he told the council: “{ALTERED}” he said.

“The moon is made of the finest green cheese in Wisconsin,” Blinken added."""


def narrowed(page):
    """Open the filters, where they are not open already."""
    if not page.locator("#since input, #since textarea").is_visible():
        page.locator("#filters > button").click()
    page.locator("#since input, #since textarea").wait_for()


def of_address(page):
    return parse_qs(urlsplit(page.url).query)


def test_dates_narrow_an_answer_and_the_address_keeps_them(visit, visitor, site):
    page = visit.open()
    narrowed(page)
    page.locator("#since input, #since textarea").fill("2023")
    turn = ask(page, BOTH)
    quoted = {quote.get_attribute("data-article") for quote in turn.locator(".answer > .quote").all()}
    assert quoted == {SECOND}
    expect(turn.locator("details.steps summary")).to_contain_text("2023")
    page.wait_for_function("() => location.search.includes('since=2023') && location.search.includes('c=')")
    words = turn.locator(".answer > .quote .words").all_text_contents()
    again = visitor(site, storage_state=visit.context.storage_state())
    other = again.open(f"?{urlsplit(page.url).query}")
    expect(other.locator("#since input, #since textarea")).to_be_visible()  # what narrows is not folded away
    kept = other.locator("article.turn")
    expect(kept).to_have_count(1)
    assert kept.locator(".answer > .quote .words").all_text_contents() == words
    expect(other.locator("#since input, #since textarea")).to_have_value("2023")
    assert of_address(other) == of_address(page)
    stranger = visitor(site).open(f"?{urlsplit(page.url).query}")
    expect(stranger.locator("#since input, #since textarea")).to_have_value("2023")
    expect(stranger.locator("article.turn .quote")).to_have_count(0)


def test_a_date_that_cannot_be_read_is_said(visit):
    page = visit.open()
    narrowed(page)
    page.locator("#since input, #since textarea").fill("soon")
    page.locator("#question textarea").fill(QUESTION)
    page.locator("#question textarea").press("Enter")
    expect(page.locator("article.turn .state")).to_contain_text("cannot be read")


def test_articles_are_ticked_on_and_off(visit):
    page = visit.open()
    narrowed(page)
    page.locator("#articles").get_by_label(re.compile("No prospect")).check()
    turn = ask(page, BOTH)
    quoted = {quote.get_attribute("data-article") for quote in turn.locator(".answer > .quote").all()}
    assert quoted == {FIRST}
    assert of_address(page)["article"] == [FIRST]
    page.locator("#articles").get_by_label(re.compile("No prospect")).uncheck()
    page.wait_for_function("() => !location.search.includes('article=')")


def test_a_speaker_is_chosen(visit):
    page = visit.open()
    narrowed(page)
    page.locator("#speaker input").click()
    page.get_by_role("option", name=re.compile("DiMaggio")).click()
    page.keyboard.press("Escape")
    turn = ask(page, "What is the focus of the talks with Iran?")
    speakers = turn.locator(".answer > .quote .who").all_inner_texts()
    assert speakers
    assert all("DiMaggio" in speaker for speaker in speakers)
    assert any("DiMaggio" in name for name in of_address(page)["speaker"])


def test_an_address_shows_all_that_it_narrows_to_and_one_click_clears_it(visit):
    query = f"?since=2022&until=2024&speaker=Antony+Blinken&article={FIRST}"
    page = visit.open(query)
    expect(page.locator("#since input, #since textarea")).to_have_value("2022")
    expect(page.locator("#until input, #until textarea")).to_have_value("2024")
    expect(page.locator("#speaker")).to_contain_text("Antony Blinken")
    expect(page.locator("#articles").get_by_label(re.compile("No prospect"))).to_be_checked()
    turn = ask(page, BOTH)
    assert {quote.get_attribute("data-article") for quote in turn.locator(".answer > .quote").all()} == {
        FIRST
    }
    expect(turn.locator("details.steps summary")).to_contain_text("speaker Antony Blinken")
    page.locator("#clear").click()
    page.wait_for_function("() => !location.search.includes('speaker=')")
    assert set(of_address(page)) == {"c"}
    expect(page.locator("#articles").get_by_label(re.compile("No prospect"))).not_to_be_checked()


def test_a_name_that_the_corpus_does_not_know_narrows_to_nothing_and_that_is_said(visit):
    page = visit.open("?speaker=Nobody+Atall")
    expect(page.locator("#speaker")).to_contain_text("Nobody Atall")
    page.locator("#question textarea").fill(QUESTION)
    page.locator("#question textarea").press("Enter")
    expect(page.locator("article.turn .state")).to_contain_text("quotes nobody called 'Nobody Atall'")


@pytest.fixture(scope="module")
def wide_site(tmp_path_factory):
    """A server over more articles and speakers than a filter or the table shows at a time."""
    folder = tmp_path_factory.mktemp("wide")
    people = [f"{first} {last}" for first in ("Ada", "Bo", "Cleo", "Dora") for last in LAST]
    records = [
        {
            "id": f"a{number:03}",
            "title": f"Report {number:03} from the bay",
            "text": f"“Ferry number {number} sails before dawn,” captain {name} said in Kelmouth.",
            "outlet": f"Paper {number % 70:02}",
            "published": "2024-05-01",
        }
        for number, name in enumerate(people)
    ]
    with served(corpora.indexed(folder, records), folder) as server:
        yield server


LAST = (
    "Aalto Berg Castell Dunmore Eklund Fontaine Gruber Halloran Ibarra Jansen Kowalski Lindqvist Moreau "
    "Novak Ostrow Petrov Quill Rossi Sandoval Tanaka Ulrich Verlaan Weber Xander Yilmaz Zeller"
).split()


def test_articles_beyond_the_first_are_found_and_ticked(visitor, wide_site):
    page = visitor(wide_site).open()
    narrowed(page)
    expect(page.locator("#articles input[type=checkbox]")).to_have_count(60)
    page.locator("#articles").get_by_label("Report 003 from the bay").check()
    page.locator("#sought input, #sought textarea").fill("report 100")
    boxes = page.locator("#articles input[type=checkbox]")
    expect(boxes).to_have_count(2)  # the ticked one stays
    page.locator("#articles").get_by_label("Report 100 from the bay").check()
    page.wait_for_function("() => location.search.includes('article=a100')")
    turn = ask(page, "Which ferry sails before dawn?")
    quoted = {quote.get_attribute("data-article") for quote in turn.locator(".answer > .quote").all()}
    assert quoted == {"a003", "a100"}
    other = visitor(wide_site).open(f"?{urlsplit(page.url).query}")
    for name in ("Report 003 from the bay", "Report 100 from the bay"):
        expect(other.locator("#articles").get_by_label(name)).to_be_checked()


def test_speakers_and_outlets_beyond_the_first_are_found_by_typing(visitor, wide_site):
    page = visitor(wide_site).open()
    narrowed(page)
    for box, typed, name in (
        ("#speaker", "Dora Zel", "Dora Zeller"),
        ("#speaker", "Cleo Tan", "Cleo Tanaka"),
        ("#outlet", "per 68", "Paper 68"),
    ):
        page.locator(f"{box} input").click()
        page.keyboard.type(typed, delay=40)
        page.get_by_role("option", name=name).click()
        page.keyboard.press("Escape")
    page.wait_for_function("() => location.search.includes('outlet=')")
    assert of_address(page) == {"speaker": ["Dora Zeller", "Cleo Tanaka"], "outlet": ["Paper 68"]}


def test_the_table_of_articles_is_turned_leaf_by_leaf(visitor, wide_site):
    page = visitor(wide_site).open()
    page.get_by_role("tab", name="Corpus").click()
    table = page.locator("#corpus-table")
    expect(table.locator("tbody tr")).to_have_count(50)
    table.locator("[data-act=leaf]", has_text="After").click()
    expect(table).to_contain_text("51–100 are listed")
    table.locator("[data-act=leaf]", has_text="After").click()
    expect(table.locator("tbody tr")).to_have_count(4)
    expect(table.locator("[data-act=leaf]", has_text="After")).to_have_count(0)
    table.locator("[data-act=leaf]", has_text="Before").click()
    expect(table).to_contain_text("51–100 are listed")
    page.locator("#corpus-search input, #corpus-search textarea").fill("dora")
    expect(table.locator("tbody tr")).to_have_count(26)


def test_an_address_of_what_is_not_there_opens_the_page_all_the_same(visit):
    page = visit.open("?c=nothing&since=x&until=%00&outlet=The+Moon&speaker=Nobody&article=gone&zzz=1")
    expect(page.locator("#articles").get_by_label("gone (not in this corpus)")).to_be_checked()
    page.locator("#question textarea").fill("What did Miller say?")
    page.locator("#question textarea").press("Enter")
    expect(page.locator("article.turn .state")).to_contain_text("cannot be read")
    page.locator("#clear").click()
    page.wait_for_function("() => !location.search.includes('since=')")
    turn = ask(page, "What did Miller say?")
    expect(turn.locator(".answer > .quote").first).to_be_visible()


def test_a_conversation_is_found_again_renamed_saved_and_deleted(visit):
    page = visit.open()
    turn = ask(page, QUESTION)
    words = turn.locator(".answer > .quote .words").all_text_contents()
    page.wait_for_function("() => location.search.includes('c=')")
    page.locator("#next .suggestion").first.wait_for()  # a reload would break off what is under way
    visit.reload(page)
    kept = page.locator("article.turn")
    expect(kept).to_have_count(1)
    assert kept.locator(".answer > .quote .words").all_text_contents() == words
    entry = page.locator("#conversations .conversation")
    expect(entry).to_have_count(1)
    expect(page.locator("#examples .suggestion")).to_have_count(0)

    entry.locator("summary").click()
    entry.locator("[data-act=rename]").click()
    page.locator("form.renaming input").fill("Iran <b>talks</b>")
    page.locator("form.renaming input").press("Enter")
    expect(entry.locator(".pick")).to_have_text("Iran <b>talks</b>")

    for form in ("md", "html"):
        if not entry.locator(f"[data-act=export-{form}]").is_visible():
            entry.locator("summary").click()
        with page.expect_download() as download:
            entry.locator(f"[data-act=export-{form}]").click()
        saved = download.value.path().read_text(encoding="utf-8")
        assert "Blinken" in saved
        if form == "html":
            outside = visit.context.new_page()
            outside.set_content(saved)
            assert [text for text in words if text not in outside.locator("body").text_content()] == []
            outside.close()

    page.locator("#conversations [data-act=new]").click()
    expect(page.locator("article.turn")).to_have_count(0)
    expect(page.locator("#examples .suggestion").first).to_be_visible()
    entry.locator(".pick").click()
    expect(page.locator("article.turn")).to_have_count(1)

    if not entry.locator("[data-act=delete]").is_visible():
        entry.locator("summary").click()
    entry.locator("[data-act=delete]").click()
    expect(entry).to_have_count(1)
    entry.locator("[data-act=delete]").click()
    expect(page.locator("#conversations .conversation")).to_have_count(0)
    expect(page.locator("article.turn")).to_have_count(0)
    visit.reload(page)
    expect(page.locator("#examples .suggestion").first).to_be_visible()
    expect(page.locator("article.turn")).to_have_count(0)


def test_the_second_question_of_a_conversation_is_kept_with_the_first(visit):
    page = visit.open()
    ask(page, QUESTION)
    ask(page, "And about Russia?")
    expect(page.locator("article.turn")).to_have_count(2)
    page.wait_for_function("() => location.search.includes('c=')")
    page.locator("#next .suggestion").first.wait_for()  # nothing is under way that a reload would break off
    visit.reload(page)
    expect(page.locator("article.turn .asked")).to_have_text([QUESTION, "And about Russia?"])
    expect(page.locator("#conversations .conversation")).to_have_count(1)


def test_a_draft_is_checked(visit):
    page = visit.open()
    page.get_by_role("tab", name="Check a draft").click()
    page.locator("#draft textarea").fill(DRAFT)
    page.locator("#check").click()
    expect(page.locator("#verdicts .verdicts > li")).to_have_count(3)
    expect(page.locator("#verdicts mark.claim")).to_have_count(3)
    kinds = [mark.get_attribute("class") for mark in page.locator("#verdicts mark.claim").all()]
    assert "good" in kinds[0].split()
    assert "good" not in kinds[1] + kinds[2]
    assert page.locator("#verdicts .draft-text").evaluate("node => node.textContent").strip() == DRAFT
    expect(page.locator("#verdicts .diff ins, #verdicts .diff del").first).to_be_visible()
    page.locator("#verdicts [data-act=open]").first.click()
    text = (ROOT / "corpus" / FIRST).read_text(encoding="utf-8")
    marked = page.locator("#reader mark.slice")
    expect(marked).to_be_visible()
    assert marked.evaluate("node => node.textContent") in text


def test_a_draft_without_quotations_and_an_empty_one_are_told_so(visit):
    page = visit.open()
    page.get_by_role("tab", name="Check a draft").click()
    for draft in ("", "Nobody said anything."):
        page.locator("#draft textarea").fill(draft)
        page.locator("#check").click()
        expect(page.locator("#verdicts")).to_contain_text(re.compile(r"\w+ \w+"))
        expect(page.locator("#verdicts mark.claim")).to_have_count(0)


def test_the_corpus_is_listed_searched_and_read(visit):
    page = visit.open()
    page.get_by_role("tab", name="Corpus").click()
    expect(page.locator("#corpus-info")).to_contain_text("2")
    rows = page.locator("#corpus-table tbody tr")
    expect(rows).to_have_count(2)
    page.locator("#corpus-search input, #corpus-search textarea").fill("offing")
    expect(rows).to_have_count(1)
    rows.first.locator("button.act").first.click()
    expect(page.locator("#reader .article-text")).to_contain_text("There is no agreement in the offing")
    page.keyboard.press("Escape")
    page.locator("#corpus-search input, #corpus-search textarea").fill("zebra")
    expect(rows).to_have_count(0)
    expect(page.locator("#corpus-table")).to_contain_text(re.compile(r"\w+ \w+"))


def test_uploads_are_off(visit):
    page = visit.open()
    page.get_by_role("tab", name="Corpus").click()
    page.locator("#corpus-table tbody tr").first.wait_for()
    expect(page.locator("input[type=file]")).to_have_count(0)


def test_a_link_from_elsewhere_opens_an_article_at_a_slice(visit, built_index):
    text = (built_index.corpus / FIRST).read_text(encoding="utf-8")
    page = visit.context.new_page()
    page.goto(f"{visit.url}/?open={FIRST}&start=486&end=804")
    expect(page.locator("#reader")).to_be_visible()
    expect(page.locator("#reader mark.slice").first).to_be_in_viewport()
    assert "".join(page.locator("#reader mark.slice").all_text_contents()) == text[486:804]
    page.keyboard.press("Escape")
    expect(page.locator("#reader")).to_be_hidden()
    assert "open" not in of_address(page)


def test_a_link_on_another_site_leaves_a_visitor_who_they_are(visit):
    visit.open()
    [before] = visit.context.cookies()
    page = visit.context.new_page()
    elsewhere = "http://localhost:1/"  # of another site than 127.0.0.1; nothing is asked there
    link = f'<a href="{visit.url}/?open={FIRST}&start=486&end=804">Open in the article</a>'
    page.route(elsewhere, lambda route: route.fulfill(body=link, content_type="text/html"))
    page.goto(elsewhere)
    page.get_by_role("link").click()
    expect(page.locator("#reader")).to_be_visible()
    [after] = visit.context.cookies()
    assert after["value"] == before["value"]


def test_the_reader_shows_what_was_opened_last_whatever_comes_last(visit, built_index):
    page = visit.context.new_page()
    late = []

    def asked(route):
        late.append(route) if FIRST in route.request.url else route.continue_()

    page.route("**/page/article?*", asked)
    page.goto(f"{visit.url}/?open={FIRST}&start=486&end=804")
    expect(page.locator("#reader")).to_be_visible()
    page.get_by_role("tab", name="Corpus").click()
    row = page.locator("#corpus-table tbody tr").filter(has=page.locator(f'[data-article="{SECOND}"]'))
    row.locator("button.act").first.dispatch_event("click")
    title = page.locator("#reader h2").first
    expect(title).to_be_visible()
    before = page.locator("#reader .leaf").text_content()
    with page.expect_response(lambda response: FIRST in response.url):
        late[0].continue_()
    page.wait_for_timeout(200)
    assert page.locator("#reader .leaf").text_content() == before
