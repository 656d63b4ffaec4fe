"""Coverage: what an answer rests on is said, and so is it where all of it comes from one side."""

from __future__ import annotations

import json

import pytest

from onrecord import Assistant
from onrecord.answer.coverage import cover
from onrecord.assistant.turns import answer_of, answer_record
from onrecord.faces.cli.app import main
from onrecord.people.roles import country, printed_roles, side
from onrecord.render.html.answer import turn_html
from onrecord.render.json import answer_dict
from onrecord.render.markdown import answer_markdown
from onrecord.render.pieces import answer_pieces, plain
from onrecord.wording.answer_text import coverage_line
from tests import corpora

WIRE = """\
The port of Kelmouth will close for a month, the harbour ministry said on Monday. “We close the port of \
Kelmouth because the eastern quay has sunk by a whole metre,” said Norwegian Transport Minister Ada Ostrow. \
Ferries will land at Sundby instead, and buses will wait there. Fishermen were told to move their boats \
before Friday, and the pilots’ house will be emptied. The quay was built in 1931."""
FEATURE = """\
Shops in the old town fear for their summer. The minister had told them why. “We close the port of Kelmouth \
because the eastern quay has sunk by a whole metre,” Ada Ostrow said. Baker Tomas Quill sold his oven. \
Norwegian Transport Minister Ada Ostrow has not been to the town since. Norwegian government spokesman \
Erik Lund said the shops would be paid for losses."""
RECORDS = (
    {"id": "wire", "title": "Port closes", "text": WIRE, "published": "2023-01-02", "outlet": "Island Post"},
    {
        "id": "copy",
        "title": "Port to close",
        "text": WIRE.replace("for a month", "for one month"),
        "published": "2023-01-03",
        "outlet": "Kelmouth Courier",
    },
    {
        "id": "feature",
        "title": "A town without its port",
        "text": FEATURE,
        "published": "2023-01-09",
        "outlet": "Island Post",
    },
    {
        "id": "other",
        "title": "Glacier loses ice",
        "text": "The Hollin glacier lost ice. “We measured twelve metres,” glaciologist Mira Sandoval said.",
        "published": "2023-09-20",
        "outlet": "Island Post",
    },
)


@pytest.fixture(scope="module")
def assistant(tmp_path_factory):
    with Assistant.open(corpora.indexed(tmp_path_factory.mktemp("sides"), RECORDS)) as opened:
        yield opened


def coverage(assistant, question, **filters):
    answer = assistant.ask(question, **filters)
    assert answer.quotes
    return answer.searched.coverage


def test_copies_and_the_same_quotation_elsewhere_are_one_origin(assistant):
    found = coverage(assistant, "Why does the port of Kelmouth close?", article=["wire"])
    assert (found.articles, found.origins) == (3, 1)
    assert "3 articles, but one origin" in found.warnings[0]
    assert coverage_line(found).startswith(
        "Quoted from 3 articles, 1 origin, 2 January 2023 to 9 January 2023"
    )


def test_an_article_by_itself_is_its_own_origin(assistant):
    found = coverage(assistant, "How many metres of ice did the glacier lose?")
    assert (found.articles, found.origins) == (1, 1)
    assert (found.first, found.last, found.outlets) == ("2023-09-20", "2023-09-20", ("Island Post",))
    assert found.speakers == ("Mira Sandoval",)
    assert found.warnings[0] == "All of it stands in one article."


def test_speakers_whose_printed_roles_name_one_country_are_one_side(assistant):
    quotes = assistant.ask("What happens to the port and its shops?", speaker=["Ostrow", "Lund"]).ranked
    (warning,) = [each for each in cover(assistant.index, quotes).warnings if "speaking for" in each]
    assert warning.startswith("All voices quoted are named as speaking for Norway: ")
    assert "Ada Ostrow" in warning
    assert "Erik Lund" in warning
    mixed = (*quotes, *assistant.ask("What did Mira Sandoval say about the glacier?").quotes)
    assert not any("speaking for" in each for each in cover(assistant.index, mixed).warnings)


def test_one_voice_is_said(assistant):
    quotes = assistant.ask("Why does the port close?", speaker="Ostrow").ranked
    assert len(quotes) > 1 or not any("voice" in each for each in cover(assistant.index, quotes).warnings)
    twice = (quotes[0], *quotes)
    assert "Only one voice is quoted: Ada Ostrow." in cover(assistant.index, twice).warnings


@pytest.mark.parametrize(
    ("name", "roles", "expected"),
    [
        ("Matthew Miller", ("State Department spokesperson",), "the United States"),
        ("Josep Borrell", ("EU foreign policy chief",), "the European Union"),
        ("Amir Saeed Iravani", ("Iran’s ambassador to the United Nations",), "Iran"),
        ("senior U.S. official", (), "the United States"),
        ("Iran", (), "Iran"),
        ("Rob Malley", ("special envoy for Iran",), None),
        ("Carl Brandt", ("a fellow with the China Harbour Survey",), None),
        ("Joe Biden", ("President",), None),
        ("Iranian dissidents", (), None),
        ("Iran International", (), None),
        ("Jordan Peterson", (), None),
        ("Israel Katz", (), None),
        ("South Korean official", (), None),
        ("Russian Embassy", (), "Russia"),
    ],
)
def test_who_speaks_for_whom_is_told_by_what_is_printed(name, roles, expected):
    found = side(name, roles)
    assert (country(found) if found else None) == expected


def test_roles_are_slices_of_the_article():
    text = (
        "US Secretary of State Antony Blinken met Suzanne DiMaggio, senior fellow at the Carnegie Endowment, "
        "on Friday. Antony Blinken left with Chinese leader Wen Liang and Russian President Vladimir Putin."
    )
    assert printed_roles(text, "Antony Blinken") == ("US Secretary of State",)
    assert printed_roles(text, "Suzanne DiMaggio") == ("senior fellow at the Carnegie Endowment",)
    assert printed_roles(text, "Vladimir Putin") == ("Russian President",)
    assert printed_roles(text, "Nobody Atall") == ()


def test_one_outlet_and_one_voice_are_warned_of_and_what_was_asked_for_is_not(assistant):
    asked = coverage(assistant, "What did Mira Sandoval say about the glacier?")
    assert not any("voice" in warning for warning in asked.warnings)
    narrowed = coverage(assistant, "Why does the port close?", outlet="Island Post")
    assert not any("outlet" in warning for warning in narrowed.warnings)


def test_every_face_shows_it(assistant, capsys):
    answer = assistant.ask("Why does the port of Kelmouth close?", article=["wire"])
    line = coverage_line(answer.searched.coverage)
    warning = answer.searched.coverage.warnings[0]
    assert line in plain(answer_pieces(answer))
    assert warning in plain(answer_pieces(answer))
    assert warning in answer_markdown(answer).replace("\\", "")
    assert f'<p class="coverage">{line}</p>' in turn_html(answer, number=1)
    assert warning in turn_html(answer, number=1)
    told = json.loads(json.dumps(answer_dict(answer)))["searched"]["coverage"]
    assert (told["articles"], told["origins"]) == (3, 1)
    assert answer_of(json.loads(json.dumps(answer_record(answer)))).searched == answer.searched


def test_a_refusal_has_none(assistant):
    answer = assistant.ask("Who won the 2022 World Cup?")
    assert answer.refused
    assert answer.searched.coverage is None


def test_it_is_the_same_on_the_command_line(assistant, built_index, capsys):
    asked = ["ask", "What did Blinken say about Iran?", "--json"]
    assert main([*asked, "--corpus", str(built_index.corpus), "--index", str(built_index.index)]) == 0
    told = json.loads(capsys.readouterr().out)["searched"]["coverage"]
    assert told["speakers"] == ["Antony Blinken"]
    assert told["warnings"] == []
