"""One table of quotation marks: every module that meets one knows every style of it."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onrecord import Assistant
from onrecord.chat.claim_stream import WrittenClaim
from onrecord.chat.prompts import Excerpt
from onrecord.chat.support import Dropped, unsupported
from onrecord.text import quotation_marks as marks
from onrecord.text.folding import fold
from onrecord.text.quotations import quotations
from onrecord.types import Article, Mode
from onrecord.verification.verify import verify_text
from tests import corpora
from tests.shared import ROOT

OUTER = [style for style in marks.STYLES if not style.inner]
NAMES = [
    "Adele Brandt", "Boris Castell", "Clara Dorn", "Dora Engel", "Emil Farrow", "Flora Gant",
    "Georg Hartley", "Hanna Ilves", "Ivo Jansen", "Jana Kolb", "Karel Lund", "Lena Mohr", "Milan Nord",
    "Nora Oster",
]  # fmt: skip
THINGS = [
    "ferry", "bridge", "tunnel", "library", "theatre", "stadium", "market", "hospital", "school", "museum",
    "airport", "mill", "dam", "tramway",
]  # fmt: skip
WORDS = "The {thing} stays closed until the ice has gone. Nobody will be put at risk for a timetable"


def said(style: marks.Style, number: int) -> str:
    return f"{style.opening}{WORDS.format(thing=THINGS[number])},{style.closing}"


@pytest.fixture(scope="module")
def assistant(tmp_path_factory):
    records = [
        {
            "id": f"style-{number}",
            "title": f"Council debates the {THINGS[number]}",
            "text": f"The council of Oldhaven met on Tuesday to talk about the {THINGS[number]}.\n\n"
            f"{said(style, number)} said councillor {NAMES[number]}.\n\nThe meeting ended after an hour.",
            "published": f"2021-05-{number + 1:02}",
        }
        for number, style in enumerate(OUTER)
    ]
    settings = corpora.indexed(tmp_path_factory.mktemp("marks"), records)
    with Assistant.open(settings.model_copy(update={"reader": "none"})) as opened:
        yield opened


@pytest.mark.parametrize("number", range(len(OUTER)), ids=lambda n: f"{OUTER[n].opening}{OUTER[n].closing}")
def test_a_quotation_in_any_style_is_quoted_whole_and_once(assistant, number):
    style = OUTER[number]
    answer = assistant.ask(f"What did {NAMES[number]} say about the {THINGS[number]}?")
    assert not answer.refused, answer.text
    first = answer.quotes[0]
    assert first.article_id == f"style-{number}"
    assert said(style, number) in first.text
    assert f"“{style.opening}" not in answer.text
    whole = first.text if first.text.endswith(".") else f"{first.text}."
    assert f"{whole.removesuffix('.')}" in answer.text
    assert marks.unbalanced(first.text) == 0
    assert not marks.left_open(first.text)


@pytest.mark.parametrize("style", OUTER, ids=lambda style: f"{style.opening}{style.closing}")
def test_a_slice_that_ends_inside_a_quotation_is_known_to_go_on(style):
    begun = f"{style.opening}We shall see about that"
    assert marks.unbalanced(begun) == 1
    assert marks.left_open(begun)
    assert marks.unbalanced(f"{begun},{style.closing} he said.") == 0
    assert not marks.left_open(f"{begun},{style.closing} he said.")


CLOSED = [style for style in OUTER if style.closing not in (*marks.OPENING, marks.DOUBLED[1])]


@pytest.mark.parametrize("style", CLOSED, ids=lambda style: f"{style.opening}{style.closing}")
def test_a_slice_that_begins_inside_a_quotation_is_known_to_have_begun_before(style):
    assert marks.unbalanced(f"We shall see about that,{style.closing} he said.") == -1


@pytest.mark.parametrize("style", OUTER, ids=lambda style: f"{style.opening}{style.closing}")
def test_every_style_is_found_in_an_article_and_in_a_draft(style):
    quoted = f"{style.opening}We shall rebuild every house by autumn,{style.closing}"
    text = f"The mayor spoke at noon. {quoted} she said. Then it rained."
    (span,) = quotations(text)
    assert text[span.start : span.end] == quoted
    (verdict,) = verify_text(text, [Article("a", "a", "t", text, "0")])
    assert verdict.ok
    assert "We shall rebuild every house by autumn" in verdict.claimed
    (false,) = verify_text(text.replace("autumn", "winter"), [Article("a", "a", "t", text, "0")])
    assert not false.ok


@pytest.mark.parametrize("mark", sorted({*marks.OUTER, *marks.DOUBLED} - {"''"}))
def test_a_model_that_quotes_is_found_out(mark):
    cited = [Excerpt(1, "The mayor called it fine.", "a", "t", None, None, None, Mode.ARTICLE, 0, 25)]
    assert not unsupported(WrittenClaim("The mayor called it fine.", (1,)), cited)
    written = WrittenClaim(f"The mayor called it {mark}fine.", (1,))
    assert unsupported(written, cited) == Dropped.QUOTATION_MARKS


@given(st.text(alphabet=st.sampled_from([*marks.MARKS, *"ab. \n"]), max_size=40))
def test_any_mixture_of_marks_has_a_verdict(text):
    assert marks.unbalanced(text) in (-1, 0, 1)
    assert isinstance(marks.left_open(text), bool)
    folded = fold(text).text
    assert not set(folded) & set(marks.folding_to('"')) - {'"'}


def constants(path: Path) -> list[tuple[int, str]]:
    """The strings of a module that are no docstrings."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    statements = [node.value for node in ast.walk(tree) if isinstance(node, ast.Expr)]
    told = {id(value) for value in statements if isinstance(value, ast.Constant)}
    return [
        (node.lineno, node.value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in told
    ]


def test_no_module_lists_marks_of_its_own():
    package = ROOT / "src" / "onrecord"
    exempt = {package / "text" / "quotation_marks.py", package / "text" / "quotations.py"}
    listed = [
        f"{path.relative_to(package)}:{line}"
        for path in package.rglob("*.py")
        if path not in exempt
        for line, text in constants(path)
        if len(set(text) & set(marks.MARKS) - {"'"}) > 2
    ]
    assert listed == []
