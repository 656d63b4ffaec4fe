"""Who is on record, and every statement of theirs: one person across articles, unnamed sources apart."""

from __future__ import annotations

import csv
import io
import json

import pytest

from onrecord import Assistant
from onrecord.errors import QuestionError
from onrecord.faces.cli.app import main
from onrecord.types import Mode
from tests import corpora

RECORDS = (
    {
        "id": "one",
        "title": "Harbour to close",
        "published": "2022-03-14",
        "outlet": "Kelmouth Courier",
        "text": (
            "“The harbour will close in May,” Transport Minister Adele Ostrow said on Monday.\n\n"
            "A senior port official said the quay had sunk. Mrs. Ostrow said wheat would be landed at Sundby."
        ),
    },
    {
        "id": "two",
        "title": "Harbour stays open",
        "published": "2023-03-14",
        "outlet": "Island Post",
        "text": (
            "“The harbour will not close before we have built another one,” Ostrow told reporters.\n\n"
            "“Nobody has seen the plans,” a senior port official said. “We have asked for them twice.”"
        ),
    },
    {
        "id": "three",
        "title": "Brothers",
        "published": "2023-05-01",
        "outlet": "Island Post",
        "text": (
            "“I sell bread,” Robert Miller said. “I sell it too,” Edward Miller said. "
            "“We close at noon,” Robert Miller said."
        ),
    },
)


@pytest.fixture(scope="module")
def settings(tmp_path_factory):
    return corpora.indexed(tmp_path_factory.mktemp("speakers"), RECORDS)


@pytest.fixture(scope="module")
def assistant(settings):
    with Assistant.open(settings) as opened:
        yield opened


@pytest.fixture
def run(settings, capsys):
    def command(*arguments):
        code = main([*arguments, "--corpus", str(settings.corpus), "--index", str(settings.index)])
        return code, capsys.readouterr().out

    return command


def known(assistant, **options):
    return {(one.name, one.article_id): one for one in assistant.speaker_records(**options)}


def test_one_person_is_one_speaker_in_several_articles(assistant):
    found = known(assistant)["Adele Ostrow", None]
    assert (found.direct, found.reported, found.articles) == (2, 1, 2)
    assert (found.first, found.last) == ("2022-03-14", "2023-03-14")
    assert found.roles[0] == "Transport Minister"
    assert "Ostrow" in found.variants


def test_two_people_of_one_surname_stay_two(assistant):
    found = known(assistant)
    assert found["Robert Miller", None].direct == 2
    assert found["Edward Miller", None].direct == 1


def test_an_unnamed_source_is_each_articles_own(assistant):
    found = [one for one in assistant.speaker_records() if one.name == "senior port official"]
    assert {one.article_id for one in found} == {"one", "two"}
    assert {one.label for one in found} == {"senior port official, unnamed"}
    assert all(one.articles == 1 and not one.roles for one in found)


def test_those_with_most_statements_come_first(assistant):
    counts = [one.direct + one.reported for one in assistant.speaker_records()]
    assert counts == sorted(counts, reverse=True)


def test_only_who_speaks_on_a_subject_and_within_the_filters(assistant):
    assert "Adele Ostrow" in {one.name for one in assistant.speaker_records(about="closing the harbour")}
    assert "Edward Miller" not in {one.name for one in assistant.speaker_records(about="closing the harbour")}
    assert {one.name for one in assistant.speaker_records(since="2023-05")} == {
        "Robert Miller",
        "Edward Miller",
    }


def test_every_statement_is_a_slice_and_in_order_of_date(assistant):
    found = assistant.quotes(speaker="Ostrow")
    assert [one.day for one in found] == sorted(one.day for one in found)
    assert [one.quote.mode for one in found].count(Mode.DIRECT) == 2
    for one in found:
        article = assistant.article(one.quote.article_id)
        assert article.text[one.quote.start : one.quote.end] == one.quote.text
        assert one.quote.sha256 == article.sha256
        assert one.speaker == "Adele Ostrow"
        if one.quote.direct:
            assert not set("“”") & set(one.quote.text)
    assert found[0].quote.said_on == "2022-03-14"


def test_filters_hold(assistant):
    assert {one.quote.article_id for one in assistant.quotes(speaker="Ostrow", until="2022")} == {"one"}
    assert {one.quote.outlet for one in assistant.quotes(outlet="Island Post")} == {"Island Post"}
    assert {one.speaker for one in assistant.quotes(speaker="Robert Miller")} == {"Robert Miller"}
    assert {one.speaker for one in assistant.quotes(speaker="Miller")} == {"Robert Miller", "Edward Miller"}
    with pytest.raises(QuestionError, match="Nobody"):
        assistant.quotes(speaker="Nobody Atall")


def test_on_a_subject_the_nearest_comes_first(assistant):
    found = assistant.quotes(speaker="Ostrow", about="another harbour being built")
    assert "built another one" in found[0].quote.text
    scores = [one.quote.score for one in found]
    assert scores == sorted(scores, reverse=True)


def test_unnamed_sources_are_labelled(assistant):
    assert {one.speaker for one in assistant.quotes(speaker="senior port official")} == {
        "senior port official, unnamed"
    }


# -- the command line


def test_speakers_command(run):
    code, out = run("speakers")
    assert code == 0
    assert "senior port official, unnamed" in out
    assert "2 direct, 1 reported, 2 articles, 14 March 2022 to 14 March 2023" in out
    told = json.loads(run("speakers", "--json")[1])
    assert {
        "name",
        "label",
        "unnamed",
        "article_id",
        "roles",
        "variants",
        "direct",
        "reported",
        "articles",
        "first",
        "last",
    } == set(told[0])
    rows = list(csv.DictReader(io.StringIO(run("speakers", "--csv", "--about", "harbour")[1])))
    assert "Adele Ostrow" in {row["name"] for row in rows}


def test_quotes_command_keeps_reports_apart(run):
    direct = json.loads(run("quotes", "--speaker", "Ostrow", "--json")[1])
    assert (direct["direct"], direct["reported"]) == (2, 1)
    assert all(one["direct"] for one in direct["quotes"])
    everything = json.loads(run("quotes", "--speaker", "Ostrow", "--mode", "all", "--json")[1])["quotes"]
    assert [one["direct"] for one in everything] == [True, True, False]
    code, out = run("quotes", "--speaker", "Ostrow", "--mode", "all")
    assert code == 0
    assert out.index("Direct speech") < out.index("The harbour will close in May,") < out.index("Reported")
    assert "2 direct, 1 reported; 3 shown." in out


def test_csv_without_a_row_has_its_header(run):
    for command, column in (("speakers", "label"), ("quotes", "text")):
        code, out = run(command, "--csv", "--since", "1900", "--until", "1901")[:2]
        (header,) = csv.reader(io.StringIO(out))
        assert (code, column in header) == (0, True)


def test_a_subject_without_a_word_is_an_error_that_says_so(assistant):
    with pytest.raises(QuestionError, match="in what it is about"):
        assistant.quotes(about="????")


def test_quotes_as_csv_are_exact(run, settings):
    rows = list(csv.DictReader(io.StringIO(run("quotes", "--csv", "--mode", "all")[1])))
    texts = {record["title"]: record["text"] for record in RECORDS}
    assert rows
    for row in rows:
        assert texts[row["title"]][int(row["start"]) : int(row["end"])] == row["text"][1:-1]


def test_an_unknown_speaker_is_said_with_a_remedy(run, capsys):
    code, _ = run("quotes", "--speaker", "Ostrov")
    assert code == 2


def test_a_misprint_is_the_same_speaker_and_stays_in_the_text(built_index):
    with Assistant.open(built_index) as assistant:
        blinken = next(one for one in assistant.speaker_records() if one.name == "Antony Blinken")
        assert "Blinked" in blinken.variants
        assert blinken.articles == 2
        assert "US Secretary of State" in blinken.roles


def test_a_misprint_is_the_same_person_where_the_role_agrees_and_another_person_where_it_does_not(tmp_path):
    words = "“The harbour will close in May,” Transport Minister Adele Ostrow said.\n\n"
    texts = {
        "often": words + "“We wait,” Ostrow said.\n\n“They pay,” Ostrow said.\n\n" * 3,
        "misprint": "“Nobody has paid,” Transport Minister Adele Ostrov said on Monday.",
        "another": "“I like bread,” tugboat captain Adele Ostraw said on Monday.",
    }
    records = [{"id": key, "title": key, "text": text} for key, text in texts.items()]
    with Assistant.open(corpora.indexed(tmp_path, records)) as opened:
        found = known(opened)
    assert found["Adele Ostrow", None].variants == ("Adele Ostrov", "Ostrow")
    assert ("Adele Ostraw", None) in found
